//! Delimited files with a header: tab, comma or semicolon, quoted fields.
//!
//! The delimiter is the one under which the header shows both coordinates. A file without a
//! quotation mark is split at line ends and delimiters, and nothing more; that takes a third of the
//! time of what follows, and most large files are of that kind. With quotation marks the `csv` crate
//! does the splitting. Two things it leaves to us: it takes a quotation mark that is never
//! closed for a field that runs to the end of the file, which would swallow cities in silence,
//! so a field that spans lines must be well quoted; and it counts lines from the end of the
//! previous record, so the line of an error is counted afresh from the record's first byte.
//!
//! Architecture Invariant: it does not know which column is which.

use csv::{ByteRecord, ReaderBuilder};

use super::columns::{self, Columns};
use super::{Rows, Text, TextOptions, is_skippable, lines};
use crate::error::{Error, Result};

pub(super) fn read(text: &Text<'_>, options: &TextOptions, rows: &mut Rows<'_>) -> Result<()> {
    let (delimiter, columns) = find_columns(text, options)?;
    if is_plain(text.body) {
        return read_plain(text, delimiter, &columns, rows);
    }
    let mut records = Records::new(text, delimiter);
    let mut is_header = true;
    while let Some((raw, record)) = records.next() {
        raw.check_quotes(record, delimiter)?;
        if raw.is_no_record(record) {
            continue;
        }
        if !std::mem::replace(&mut is_header, false) {
            rows.take(columns.row(record.len(), |at| record.get(at)), || raw.line())?;
        }
    }
    Ok(())
}

/// Whether there is no quotation mark, and no CR but at the end of a line: a record is then a line,
/// and a field is what stands between two delimiters.
fn is_plain(body: &[u8]) -> bool {
    let is_line_end = |at: usize| body.get(at + 1) == Some(&b'\n');
    memchr::memchr2_iter(b'"', b'\r', body).all(|at| body[at] == b'\r' && is_line_end(at))
}

fn read_plain(
    text: &Text<'_>,
    delimiter: u8,
    columns: &Columns,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let lines = (1..).zip(lines(text.body)).filter(|(_, line)| !is_skippable(line.trim_ascii()));
    let mut fields = Vec::new();
    // The first is the header.
    for (number, line) in lines.skip(1) {
        let ends = memchr::memchr_iter(delimiter, line).chain([line.len()]);
        fields.clear();
        fields.extend(ends.scan(0, |start, end| {
            let field = &line[*start..end];
            *start = end + 1;
            Some(field)
        }));
        rows.take(columns.row(fields.len(), |at| fields.get(at).copied()), || number)?;
    }
    Ok(())
}

/// The records of a file under one delimiter, one at a time, each with its place in the file.
struct Records<'a> {
    text: &'a Text<'a>,
    reader: csv::Reader<&'a [u8]>,
    record: ByteRecord,
}

impl<'a> Records<'a> {
    fn new(text: &'a Text<'a>, delimiter: u8) -> Records<'a> {
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .from_reader(text.body);
        Records { text, reader, record: ByteRecord::new() }
    }

    fn next(&mut self) -> Option<(RawRecord<'a>, &ByteRecord)> {
        // The position before the read is the end of the previous record.
        let before = self.reader.position().byte() as usize;
        // Reading a slice as bytes, with any number of fields a record, cannot fail.
        let more = self.reader.read_byte_record(&mut self.record).expect("a slice is readable");
        let end = self.reader.position().byte() as usize;
        more.then_some((RawRecord { text: self.text, before, end }, &self.record))
    }
}

/// A record as it stands in the file, with whatever the `csv` crate passed over before it.
struct RawRecord<'a> {
    text: &'a Text<'a>,
    before: usize,
    end: usize,
}

impl RawRecord<'_> {
    /// Where the record begins, after the blank lines and comments that the `csv` crate passes
    /// over.
    fn start(&self) -> usize {
        let mut start = self.before;
        let line_length = |start: usize| {
            let rest = &self.text.body[start..self.end];
            rest.iter().position(|&byte| byte == b'\n').map(|length| (length, &rest[..length]))
        };
        while let Some((length, b"" | b"\r" | [b'#', ..])) = line_length(start) {
            start += length + 1;
        }
        start
    }

    fn bytes(&self) -> &[u8] {
        &self.text.body[self.start()..self.end]
    }

    /// Number, counted from 1, of the line on which the record begins.
    fn line(&self) -> u64 {
        self.text.line_at(self.start())
    }

    /// Whether it is a line of white space, or a comment that does not begin with its line: these
    /// the `csv` crate takes for records.
    fn is_no_record(&self, record: &ByteRecord) -> bool {
        // Asked of the first field first, which is cheap and nearly always settles it.
        is_skippable(record[0].trim_ascii()) && is_skippable(self.bytes().trim_ascii())
    }

    /// Refuses a field over several lines that is not well quoted, and a quotation mark that is
    /// open at the end of the file.
    fn check_quotes(&self, record: &ByteRecord, delimiter: u8) -> Result<()> {
        let spans_lines = record.iter().any(|field| field.contains(&b'\n'));
        let is_last = self.end == self.text.body.len();
        if !spans_lines && !is_last {
            return Ok(());
        }
        let quotes = Quotes::of(self.bytes(), delimiter);
        let is_swallowing = spans_lines && (!quotes.are_clean || self.is_no_record(record));
        if !is_swallowing && !quotes.are_open {
            return Ok(());
        }
        let problem = "expected a closing quotation mark (\") at the end of the field, found the \
                       next line or the end of the file; close it, or double it if it is part of \
                       the name"
            .to_string();
        Err(Error::Line { file: self.text.path.to_path_buf(), line: self.line(), problem })
    }
}

/// How the quotation marks of a record stand.
struct Quotes {
    /// Each opens a field, closes one, or is doubled inside one, as RFC 4180 asks. The `csv` crate
    /// is more lenient; a field over several lines is too likely a forgotten mark to be lenient
    /// with.
    are_clean: bool,
    /// The record ends within quotation marks.
    are_open: bool,
}

impl Quotes {
    fn of(raw: &[u8], delimiter: u8) -> Quotes {
        let is_border = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
        let mut quotes = Quotes { are_clean: true, are_open: false };
        let mut is_field_start = true;
        let mut bytes = raw.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' if quotes.are_open && bytes.next_if_eq(&b'"').is_some() => {}
                b'"' if quotes.are_open => {
                    quotes.are_open = false;
                    quotes.are_clean &= bytes.peek().is_none_or(|&next| is_border(next));
                }
                b'"' if is_field_start => quotes.are_open = true,
                b'"' => quotes.are_clean = false,
                _ => {}
            }
            is_field_start = !quotes.are_open && is_border(byte);
        }
        quotes
    }
}

/// The delimiter under which the header shows both coordinates, and where the columns stand.
fn find_columns(text: &Text<'_>, options: &TextOptions) -> Result<(u8, Columns)> {
    let mut complaint = None;
    for delimiter in [b'\t', b',', b';'] {
        let header = header(text, delimiter);
        match columns::find(&header, options) {
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

/// The trimmed fields of the first record.
fn header(text: &Text<'_>, delimiter: u8) -> Vec<String> {
    let mut records = Records::new(text, delimiter);
    while let Some((raw, record)) = records.next() {
        if !raw.is_no_record(record) {
            let clean = |field: &[u8]| String::from_utf8_lossy(field.trim_ascii()).into_owned();
            return record.iter().map(clean).collect();
        }
    }
    Vec::new()
}

/// Where `part`, a subslice of `whole`, begins.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}
