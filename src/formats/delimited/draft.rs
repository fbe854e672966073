//! A text whose layout is being decided: its first records under any delimiter.
//!
//! Architecture Invariant: it decides nothing.

use std::borrow::Cow;

use super::dialect::{BLANK, Dialect, Record};
use super::head::Head;
use crate::angle::{self, Axis};
use crate::error::Error;
use crate::formats::ReadOptions;
use crate::formats::text::Text;

/// Delimiters that stand for themselves, in the order in which they are tried.
const DELIMITERS: [u8; 4] = [b'\t', b',', b';', b'|'];

/// A header, or a row where there is none, is no longer than this.
pub(super) const MOST_HEADER_BYTES: usize = 1 << 20;

/// Rows that the columns are looked for in, and bytes of them.
const SAMPLE_ROWS: usize = 100;
const SAMPLE_BYTES: usize = 1 << 20;

/// Columns beyond which a header is not split.
pub(super) const MOST_COLUMNS: usize = 1 << 16;

/// The fields of a record.
pub(super) type Fields<'b> = Vec<Cow<'b, [u8]>>;

/// A text whose layout is being decided.
pub(super) struct Draft<'a> {
    pub text: &'a Text<'a>,
    pub options: &'a ReadOptions,
    pub head: Head<'a>,
    /// Where the first record begins.
    pub first: usize,
}

impl Draft<'_> {
    /// The delimiters that may be, white space aside.
    pub fn delimiters(&self) -> Vec<u8> {
        match self.options.delimiter.or(self.head.delimiter) {
            Some(BLANK) => Vec::new(),
            Some(delimiter) => vec![delimiter],
            None => DELIMITERS.to_vec(),
        }
    }

    /// White space, where it may be the delimiter.
    pub fn blank(&self) -> Vec<u8> {
        match self.options.delimiter.or(self.head.delimiter) {
            Some(BLANK) | None => vec![BLANK],
            Some(_) => Vec::new(),
        }
    }

    /// The dialect of a delimiter. Under tabs quotation marks are letters.
    pub fn dialect(&self, delimiter: u8) -> Dialect {
        Dialect { delimiter, quoting: delimiter != b'\t', line_end: self.head.line_end }
    }

    pub fn fields(&self, dialect: &Dialect, record: Record) -> Fields<'_> {
        let mut fields = Vec::new();
        dialect.split(self.text.body, record, MOST_COLUMNS, &mut fields);
        fields
    }

    /// The first few rows from `at` on, blank lines left out. Where a quotation mark stays open, they end.
    pub fn rows(
        &self,
        dialect: &Dialect,
        mut at: usize,
        most_fields: usize,
    ) -> Vec<(Record, Fields<'_>)> {
        let body = self.text.body;
        let end = body.len().min(at + SAMPLE_BYTES);
        let mut rows = Vec::new();
        while at < end && rows.len() < SAMPLE_ROWS {
            let Ok(record) = dialect.record(body, at) else { break };
            if record.end - record.start > MOST_HEADER_BYTES {
                break;
            }
            if !super::is_blank_line(&body[record.start..record.end]) {
                let mut fields = Vec::new();
                dialect.split(body, record, most_fields, &mut fields);
                rows.push((record, fields));
            }
            at = record.next;
        }
        rows
    }

    /// An error at the first record.
    pub fn refuse(&self, problem: impl Into<String>) -> Error {
        self.text.error_at(self.first, problem)
    }
}

/// The field of a column, counted from 0; nothing where the row has none.
#[inline]
pub(super) fn field_of<'f>(fields: &'f [Cow<'_, [u8]>], column: usize) -> &'f [u8] {
    fields.get(column).map_or(b"", |field| field)
}

/// Rows as the columns are looked for in them.
pub(super) fn sample_of<'r>(rows: &'r [(Record, Fields<'_>)]) -> Vec<Vec<&'r [u8]>> {
    rows.iter().map(|(_, row)| row.iter().map(|field| &field[..]).collect()).collect()
}

/// Whether a field is a coordinate by itself.
pub(super) fn is_coordinate(field: &[u8], axis: angle::Axis) -> bool {
    angle::degrees(field, axis).is_ok()
}

/// A field that is a number of degrees.
pub(super) fn number(field: &[u8]) -> Option<f64> {
    angle::degrees(field, Axis::Longitude).ok()
}
