//! One record → a city, none, or what is wrong with it.
//!
//! Architecture Invariant: it sees one record at a time, and of the rest of the text only what a quoted
//! field may have swallowed.

use std::borrow::Cow;

use super::dialect::{BLANK, Record, end_of_line};
use super::draft::field_of;
use super::layout::Layout;
use crate::cities::RowError;
use crate::error::Result;
use crate::formats::rows::Rows;
use crate::formats::text::Text;

/// Takes a record that is no blank line.
pub(super) fn read_record<'b>(
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
pub(super) fn require_no_lone_cr(
    text: &Text<'_>,
    start: usize,
    record: &[u8],
    line_end: u8,
) -> Result<()> {
    let is_lone = |at: usize| record.get(at + 1) != Some(&b'\n');
    if line_end != b'\n' || !memchr::memchr_iter(b'\r', record).any(is_lone) {
        return Ok(());
    }
    let problem = "expected lines that end in LF or CRLF, found a CR within a line; write all line ends alike";
    Err(text.error_at(start, problem))
}

impl Layout {
    /// Fields of a row beyond which it is not split.
    pub(super) fn most_fields(&self) -> usize {
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
