//! Delimited files with a header: tab, comma or semicolon, quoted fields, columns by name.
//!
//! The delimiter is the one under which the header shows both coordinates; the `csv` crate
//! does the splitting. Two things it leaves to us: it takes a quotation mark that is never
//! closed for a field that runs to the end of the file, which would swallow cities in silence,
//! so a field that spans lines must be well quoted; and it counts lines from the end of the
//! previous record, so the line of an error is counted afresh from the record's first byte.
//!
//! Architecture Invariant: only the header decides which column is which; no row may change it.

use csv::{ByteRecord, ReaderBuilder};

use super::field::{self, shown};
use super::{Rows, Text, TextOptions, is_skippable};
use crate::cities::Coordinates;
use crate::error::{Error, Result};

/// The usual names of each column, the likeliest first; case does not matter.
const LAT_NAMES: &[&str] = &["lat", "latitude", "lat_deg", "latitude_deg", "y"];
const LON_NAMES: &[&str] = &["lon", "lng", "long", "longitude", "lon_deg", "longitude_deg", "x"];
const NAME_NAMES: &[&str] =
    &["name", "city", "city_name", "cityname", "place", "place_name", "town", "label", "title"];

pub(super) fn read(text: &Text<'_>, options: &TextOptions, rows: &mut Rows<'_>) -> Result<()> {
    let (delimiter, columns) = find_columns(text, options)?;
    let mut reader = reader(text, delimiter);
    let mut record = ByteRecord::new();
    let mut header_seen = false;
    loop {
        // The position before the read is the end of the previous record.
        let start = reader.position().byte() as usize;
        // Reading a slice as bytes, with any number of fields a record, cannot fail.
        let more = reader.read_byte_record(&mut record).expect("a slice is readable");
        if !more {
            return Ok(());
        }
        let is_blank = record.len() == 1 && is_skippable(record[0].trim_ascii());
        if is_blank {
            continue;
        }
        if !std::mem::replace(&mut header_seen, true) {
            continue;
        }
        let end = reader.position().byte() as usize;
        let first_byte = || record_start(text.body, start);
        let line = || text.line_at(first_byte());
        let spans_lines = record.iter().any(|field| field.contains(&b'\n'));
        if spans_lines && !is_well_quoted(&text.body[first_byte()..end], delimiter) {
            let problem = "expected a closing quotation mark (\") at the end of the field, found \
                           the next line; close it, or double it if it is part of the name"
                .to_string();
            return Err(Error::Line { file: text.path.to_path_buf(), line: line(), problem });
        }
        rows.take(columns.row(&record), line)?;
    }
}

fn reader<'a>(text: &Text<'a>, delimiter: u8) -> csv::Reader<&'a [u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(text.body)
}

/// Where the columns stand, counted from 0.
struct Columns {
    lat: usize,
    lon: usize,
    name: Option<usize>,
}

impl Columns {
    fn row<'r>(
        &self,
        record: &'r ByteRecord,
    ) -> std::result::Result<(Coordinates, &'r [u8]), String> {
        let field = |column: usize, what: &str| {
            record.get(column).ok_or_else(|| {
                let (wanted, found) = (column + 1, record.len());
                format!("expected a {what} in column {wanted}, found {found} column(s)")
            })
        };
        let (lat, lon) = (field(self.lat, "latitude")?, field(self.lon, "longitude")?);
        let name = self.name.and_then(|column| record.get(column)).unwrap_or_default();
        Ok((field::coordinates(lat, lon)?, name.trim_ascii()))
    }
}

/// The delimiter under which the header shows both coordinates, and where the columns stand.
fn find_columns(text: &Text<'_>, options: &TextOptions) -> Result<(u8, Columns)> {
    let mut complaint = None;
    for delimiter in [b'\t', b',', b';'] {
        let header = header(text, delimiter);
        match columns(&header, options) {
            Ok(columns) => return Ok((delimiter, columns)),
            // The delimiter that splits the header is the one whose complaint makes sense.
            Err(problem) if header.len() > 1 || complaint.is_none() => complaint = Some(problem),
            Err(_) => {}
        }
    }
    let offset = text.first_line().map_or(0, |line| offset_in(text.body, line));
    Err(Error::Line {
        file: text.path.to_path_buf(),
        line: text.line_at(offset),
        problem: complaint.expect("three delimiters were tried"),
    })
}

/// The trimmed fields of the first record that is not blank.
fn header(text: &Text<'_>, delimiter: u8) -> Vec<String> {
    for record in reader(text, delimiter).byte_records() {
        let record = record.expect("a slice is readable");
        if record.len() > 1 || !is_skippable(record[0].trim_ascii()) {
            let clean = |field: &[u8]| String::from_utf8_lossy(field.trim_ascii()).into_owned();
            return record.iter().map(clean).collect();
        }
    }
    Vec::new()
}

fn columns(header: &[String], options: &TextOptions) -> std::result::Result<Columns, String> {
    let lat = required(header, &options.lat_column, LAT_NAMES, "latitude", "--lat")?;
    let lon = required(header, &options.lon_column, LON_NAMES, "longitude", "--lon")?;
    let name = match &options.name_column {
        Some(_) => Some(required(header, &options.name_column, &[], "name", "--name")?),
        None => usual(header, NAME_NAMES),
    };
    Ok(Columns { lat, lon, name })
}

/// The column that the user named, or the one with a usual name.
fn required(
    header: &[String],
    named: &Option<String>,
    usual_names: &[&str],
    what: &str,
    flag: &str,
) -> std::result::Result<usize, String> {
    let found = match named {
        Some(name) => usual(header, &[name]),
        None => usual(header, usual_names),
    };
    found.ok_or_else(|| {
        let expected = match named {
            Some(name) => format!("a column named {name:?} (from {flag})"),
            None => format!(
                "either a line 'lat lon name' or a header with a {what} column ({})",
                usual_names.join(", ")
            ),
        };
        let header = shown(header.join(" | ").as_bytes());
        format!("expected {expected}, found {header}; name the column with {flag}, or add a header")
    })
}

fn usual(header: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| header.iter().position(|field| field.eq_ignore_ascii_case(name)))
}

/// Whether every quotation mark of a raw record opens a field, closes one, or is doubled inside
/// one, as RFC 4180 asks. The `csv` crate is more lenient; a field over several lines is too
/// likely a forgotten mark to be lenient with.
fn is_well_quoted(raw: &[u8], delimiter: u8) -> bool {
    let is_border = |byte: Option<&u8>| {
        byte.is_none_or(|&byte| byte == delimiter || byte == b'\n' || byte == b'\r')
    };
    let mut quoted = false;
    let mut at = 0;
    while at < raw.len() {
        if raw[at] == b'"' {
            if quoted && raw.get(at + 1) == Some(&b'"') {
                at += 1;
            } else {
                let border = if quoted { raw.get(at + 1) } else { raw[..at].last() };
                if !is_border(border) {
                    return false;
                }
                quoted = !quoted;
            }
        }
        at += 1;
    }
    !quoted
}

/// Where the record's own first line begins, after the blank and comment lines before it.
fn record_start(body: &[u8], mut start: usize) -> usize {
    while let Some(length) = body[start..].iter().position(|&byte| byte == b'\n') {
        if !is_skippable(body[start..start + length].trim_ascii()) {
            break;
        }
        start += length + 1;
    }
    start
}

/// Where `part`, a subslice of `whole`, begins.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}
