//! Delimited text: rows of fields, with a header or without.
//!
//! How the text is laid out is decided from its beginning (`decide.rs`), and the whole is held against
//! it: a row with more or fewer fields than the header is an error, because the fields before the
//! coordinates may be what is too many. One second attempt is made: under tabs quotation marks are
//! letters, as in GeoNames and GBIF, unless only quoting gives every row the fields of the header.
//!
//! A text without quotation marks is cut at line ends and delimiters and nothing more; most large
//! files are of that kind.
//!
//! Architecture Invariant: it knows no angle and no name of a column.

mod advice;
mod decide;
mod dialect;
mod draft;
mod head;
mod header;
mod headerless;
mod layout;
mod name_counts;
mod numbered;

use std::borrow::Cow;

use self::dialect::{BLANK, OpenQuote, Record, end_of_line};
use self::draft::field_of;
use self::layout::Layout;
use self::name_counts::NameCounts;
use super::reading::Reading;
use super::rows::Rows;
use super::text::Text;
use super::{Flag, Form, ReadOptions};
use crate::cities::RowError;
use crate::columns::{self, OrderProof};
use crate::error::{Error, Result};

pub(super) const FORM: Form = Form {
    name: "delimited text",
    obeys: &[Flag::Place, Flag::Name, Flag::Delimiter],
    sniff: |_| true,
    read,
};

fn read(text: &Text<'_>, options: &ReadOptions) -> Result<Reading> {
    let Some(mut layout) = decide::decide(text, options)? else {
        return Ok(Reading::default());
    };
    settle_order(text, &mut layout)?;
    let may_quote =
        layout.dialect.delimiter == b'\t' && !layout.dialect.quoting && layout.tail.is_none();
    let as_letters = read_rows(text, options, &layout);
    if !may_quote || memchr::memchr(b'"', text.body).is_none() {
        return as_letters;
    }
    let mut quoting = layout.clone();
    quoting.dialect.quoting = true;
    // Marks that quote make other rows only where a quoted field spans lines.
    if as_letters.as_ref().is_ok_and(|reading| faults(reading) == 0) && !quoting.spans_lines(text) {
        return as_letters;
    }
    better_of(text, as_letters, read_rows(text, options, &quoting))
}

/// Rows that are no city.
fn faults(reading: &Reading) -> u64 {
    reading.skipped.count - reading.skipped.without_coordinates
}

/// Of two readings of a text under tabs, quotation marks as letters and as such, the one without a
/// fault. Two without a fault but with other rows are refused.
fn better_of(
    text: &Text<'_>,
    letters: Result<Reading>,
    quoting: Result<Reading>,
) -> Result<Reading> {
    match (letters, quoting) {
        (Ok(letters), Ok(quoting)) => match (faults(&letters), faults(&quoting)) {
            (0, 0) if letters.list.source_rows() != quoting.list.source_rows() => {
                Err(text.error(
                    1,
                    format!(
                        "expected one reading of the quotation marks, found two: {} rows if they are letters, \
                         {} if they quote fields that span lines; take the line ends out of the fields, or \
                         convert the file to CSV",
                        letters.list.source_rows(),
                        quoting.list.source_rows()
                    ),
                ))
            }
            (few, more) if few <= more => Ok(letters),
            _ => Ok(quoting),
        },
        (Ok(reading), Err(_)) | (Err(_), Ok(reading)) => Ok(reading),
        (Err(letters), Err(quoting)) => {
            // The attempt that got farther has the better message.
            let line = |error: &Error| match error {
                Error::Line { line, .. } => *line,
                _ => 0,
            };
            Err(if line(&quoting) > line(&letters) { quoting } else { letters })
        }
    }
}

/// Looks through the column of two numbers for a value that tells which of them is the latitude.
fn settle_order(text: &Text<'_>, layout: &mut Layout) -> Result<()> {
    let Some(column) = layout.columns.open() else { return Ok(()) };
    let mut proof = OrderProof::default();
    let mut fields = Vec::new();
    for record in layout.dialect.records(text.body, layout.first) {
        let record = record.map_err(|open| open_quote(text, open))?;
        layout.dialect.split(text.body, record, layout.most_fields(), &mut fields);
        // What is no pair of numbers is refused when the rows are read.
        if let Some(Ok(Some(numbers))) =
            fields.get(column).map(|field| crate::angle::two_numbers(field))
        {
            proof.see(numbers);
        }
    }
    let Some(order) = proof.order() else {
        let name = layout.header.as_ref().map_or("", |header| &header[column]);
        let problem = columns::unordered(name, column);
        return Err(text.error_at(layout.first, problem));
    };
    layout.columns.settle(order);
    Ok(())
}

const OPEN_QUOTE: &str = "expected a closing quotation mark (\") at the end of the field, found the next line \
    or the end of the file; close it, or double it if it is part of the name";

fn open_quote(text: &Text<'_>, OpenQuote(offset): OpenQuote) -> Error {
    text.error_at(offset, OPEN_QUOTE)
}

fn read_rows(text: &Text<'_>, options: &ReadOptions, layout: &Layout) -> Result<Reading> {
    let mut rows = Rows::new(text, options.skip_invalid);
    match (layout.columns.plain(), layout.tail) {
        (Some(lat_lon), Some(tail)) => {
            let names = read_lines(text, layout, lat_lon, tail, &mut rows)?;
            // A header line, or who numbers the columns, says what they are.
            let is_told = layout.header.is_some() && layout.width_of.1 != header::COMMENT;
            if layout.form == headerless::SPACED && !is_told {
                names.require_names(text, layout, &rows.list)?;
            }
        }
        (Some(lat_lon), None) if layout.is_plain(text.body) => {
            read_plain(text, layout, lat_lon, &mut rows)?;
        }
        _ => read_records(text, layout, &mut rows)?,
    }
    let Rows { list, skipped, .. } = rows;
    Ok(Reading { list, skipped, columns: layout.facts(), notes: Vec::new() })
}

/// Reads a text in which a line is a record, and a field is what stands between two delimiters.
fn read_plain(
    text: &Text<'_>,
    layout: &Layout,
    [lat, lon]: [usize; 2],
    rows: &mut Rows<'_>,
) -> Result<()> {
    let (body, delimiter, width) = (text.body, layout.dialect.delimiter, layout.width);
    let name = layout.columns.name().unwrap_or(usize::MAX);
    let mut at = layout.first;
    while at < body.len() {
        let end = end_of_line(body, at, b'\n');
        let line = &body[at..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let [mut lat_field, mut lon_field, mut name_field] = [&b""[..]; 3];
        let (mut fields, mut start) = (0, 0);
        for stop in memchr::memchr_iter(delimiter, line).chain([line.len()]) {
            let field = &line[start..stop];
            if fields == lat {
                lat_field = field;
            } else if fields == lon {
                lon_field = field;
            } else if fields == name {
                name_field = field;
            }
            fields += 1;
            start = stop + 1;
        }
        if fields == width.most && width.least <= fields && !is_blank_line(line) {
            let place =
                layout.columns.place(|column| if column == lat { lat_field } else { lon_field });
            rows.take(place, name_field.trim_ascii(), at)?;
        } else if !is_blank_line(line) {
            let record =
                Record { start: at, end: at + line.len(), next: end + 1, has_marks: false };
            read_record(text, layout, record, &mut Vec::new(), rows)?;
        }
        at = end + 1;
    }
    Ok(())
}

/// Reads lines of words in white space, in which all that follows some words is the name. Returns what
/// the names are.
fn read_lines(
    text: &Text<'_>,
    layout: &Layout,
    [lat, lon]: [usize; 2],
    tail: usize,
    rows: &mut Rows<'_>,
) -> Result<NameCounts> {
    let (body, line_end) = (text.body, layout.dialect.line_end);
    let has_cr = line_end == b'\n' && memchr::memchr(b'\r', body).is_some();
    let mut names = NameCounts::default();
    let mut at = layout.first;
    while at < body.len() {
        let end = end_of_line(body, at, line_end);
        let line = body[at..end].trim_ascii();
        if !line.is_empty() {
            if has_cr {
                require_no_lone_cr(text, at, line, line_end)?;
            }
            let [mut lat_field, mut lon_field] = [&b""[..]; 2];
            let mut name = line;
            for word in 0..tail {
                let field;
                (field, name) = split_word(name);
                if word == lat {
                    lat_field = field;
                } else if word == lon {
                    lon_field = field;
                }
            }
            let field = |column| if column == lat { lat_field } else { lon_field };
            let place = match names.see(name) || layout.header.is_some() {
                true => layout.columns.place(field),
                false => Err(RowError::Source(
                    "expected 'lat lon name', found degrees and minutes over several words; write each angle into \
                     one field"
                        .into(),
                )),
            };
            rows.take(place, name, at)?;
        }
        at = end + 1;
    }
    Ok(names)
}

/// The first word of a line, and what follows it, both trimmed.
#[inline]
fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim_ascii_start())
}

/// A line of white space is no row, under tabs neither.
#[inline]
fn is_blank_line(line: &[u8]) -> bool {
    line.first().is_none_or(u8::is_ascii_whitespace) && line.trim_ascii().is_empty()
}

/// Reads any text record by record.
fn read_records(text: &Text<'_>, layout: &Layout, rows: &mut Rows<'_>) -> Result<()> {
    let mut fields = Vec::new();
    for record in layout.dialect.records(text.body, layout.first) {
        let record = record.map_err(|open| open_quote(text, open))?;
        if !is_blank_line(&text.body[record.start..record.end]) {
            read_record(text, layout, record, &mut fields, rows)?;
        }
    }
    Ok(())
}

fn read_record<'b>(
    text: &Text<'b>,
    layout: &Layout,
    record: Record,
    fields: &mut Vec<Cow<'b, [u8]>>,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let bytes = &text.body[record.start..record.end];
    require_no_lone_cr(text, record.start, bytes, layout.dialect.line_end)?;
    layout.dialect.split(text.body, record, layout.most_fields(), fields);
    if record.has_marks && memchr::memchr(layout.dialect.line_end, bytes).is_some() {
        layout.require_no_swallowed_row(text, record)?;
    }
    let row = match layout.width.fits(fields) {
        true => layout.columns.place(|column| field_of(fields, column)),
        // A record of empty fields alone is a row without a place, whatever its length.
        false if fields.iter().all(|field| field.trim_ascii().is_empty()) => Ok(None),
        false => Err(layout.wrong_width(fields, bytes)),
    };
    let name = layout.columns.name().map_or(&b""[..], |column| field_of(fields, column));
    rows.take(row, name.trim_ascii(), record.start)
}

/// Refuses a record with a CR that no LF follows, behind which another row may stand.
fn require_no_lone_cr(text: &Text<'_>, start: usize, record: &[u8], line_end: u8) -> Result<()> {
    let is_lone = |at: usize| record.get(at + 1) != Some(&b'\n');
    if line_end != b'\n' || !memchr::memchr_iter(b'\r', record).any(is_lone) {
        return Ok(());
    }
    let problem = "expected lines that end in LF or CRLF, found a CR within a line; write all line ends alike";
    Err(text.error_at(start, problem))
}

impl Layout {
    /// Whether a record is a line, and a field what stands between two delimiters: no mark quotes, and CR
    /// stands only before LF.
    fn is_plain(&self, body: &[u8]) -> bool {
        let is_sound = |at: usize| body[at] == b'\r' && body.get(at + 1) == Some(&b'\n');
        let has_no_marks = || match self.dialect.quoting {
            true => memchr::memchr2_iter(b'"', b'\r', body).all(is_sound),
            false => memchr::memchr_iter(b'\r', body).all(is_sound),
        };
        self.dialect.delimiter != BLANK && self.dialect.line_end == b'\n' && has_no_marks()
    }

    /// Whether some record is longer than a line, and all quotation marks close.
    fn spans_lines(&self, text: &Text<'_>) -> bool {
        let mut spans = false;
        for record in self.dialect.records(text.body, self.first) {
            let Ok(record) = record else { return false };
            let line_end = end_of_line(text.body, record.start, self.dialect.line_end);
            spans |= record.has_marks && record.next > line_end + 1;
        }
        spans
    }

    /// Fields of a row beyond which it is not split.
    fn most_fields(&self) -> usize {
        self.width.most + 64
    }

    fn wrong_width(&self, fields: &[Cow<'_, [u8]>], line: &[u8]) -> RowError {
        let expected = self.width.least;
        let (line_number, what) = self.width_of;
        let found = match fields.len() > self.most_fields() {
            true => format!("more than {}", self.most_fields()),
            false => fields.len().to_string(),
        };
        let hint = match (line.trim_ascii_start().first(), self.dialect.delimiter) {
            (Some(b'#'), _) => " (a line that begins with # is a comment above the data only)",
            (_, BLANK) => {
                " (where the name stands last and may hold blanks, say its number with --name)"
            }
            (_, b',') if fields.len() > expected => {
                " (decimal commas, thousands separators and names with a comma have to be quoted)"
            }
            _ => "",
        };
        RowError::Row(format!(
            "expected {expected} fields, as in {what} on line {line_number}, found {found}{hint}"
        ))
    }

    /// Refuses a quoted field over several lines of which one is a row by itself: somebody may have
    /// forgotten a mark, and the next one closed it.
    fn require_no_swallowed_row(&self, text: &Text<'_>, record: Record) -> Result<()> {
        let end_of = |at| end_of_line(text.body, at, self.dialect.line_end).min(record.end);
        let mut fields = Vec::new();
        let mut opens_with_a_row = false;
        let mut at = record.start;
        while at < record.end {
            let end = end_of(at);
            let is_row = self.is_row_by_itself(text, at, end, &mut fields);
            opens_with_a_row |= is_row && at == record.start;
            // Lines that lie wholly in the field; the one that opens it before the coordinates; and the one
            // that closes it, if the one that opens it is a row too.
            let is_swallowed = match memchr::memrchr(b'"', &text.body[at..end]) {
                None => true,
                Some(mark) if at == record.start => {
                    let before = &text.body[at..at + mark];
                    let column = memchr::memchr_iter(self.dialect.delimiter, before).count();
                    self.columns.lat_lon().iter().all(|place| column < *place)
                }
                Some(_) => end == record.end && opens_with_a_row,
            };
            if is_row && is_swallowed {
                let problem = format!(
                    "expected a quoted field to end before the next row, found a row by itself on line {}, \
                     within the quotation marks that are opened here; close the field, or take the line \
                     end out of it",
                    text.line_at(at)
                );
                return Err(text.error_at(record.start, problem));
            }
            at = end + 1;
        }
        Ok(())
    }

    /// Whether a line is a city, if quotation marks are letters.
    fn is_row_by_itself<'b>(
        &self,
        text: &Text<'b>,
        start: usize,
        end: usize,
        fields: &mut Vec<Cow<'b, [u8]>>,
    ) -> bool {
        let line = Record { start, end, next: end, has_marks: false };
        self.dialect.split(text.body, line, self.most_fields(), fields);
        let place = || self.columns.place(|column| field_of(fields, column));
        self.width.fits(fields) && matches!(place(), Ok(Some(_)))
    }
}
