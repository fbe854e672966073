//! The rows of a text under its layout, stretch by stretch.
//!
//! Where no mark quotes and CR stands only before LF, a record is a line, and a field what stands between
//! two delimiters. A stretch of that kind is read so, and any other record by record; both make the same
//! rows of it.
//!
//! Architecture Invariant: it does not know where its range of the text comes from.

use std::borrow::Cow;

use super::dialect::{BLANK, Record, end_of_line};
use super::layout::Layout;
use super::name_counts::NameCounts;
use super::record::{read_record, require_no_lone_cr};
use super::stops::Stops;
use super::stretch::Stretch;
use super::{is_blank_line, open_quote, split_word};
use crate::cities::RowError;
use crate::error::Result;
use crate::formats::rows::Rows;
use crate::formats::text::Text;

/// Goes through the records of a text.
pub(super) struct Scan<'t, 'b> {
    text: &'t Text<'b>,
    layout: &'t Layout,
    fields: Vec<Cow<'b, [u8]>>,
    /// What the names of lines are in which all that follows some words is the name.
    pub names: NameCounts,
    /// Where the next record begins.
    pub at: usize,
}

impl<'t, 'b> Scan<'t, 'b> {
    /// The records from `at` on, where one begins.
    pub fn new(text: &'t Text<'b>, layout: &'t Layout, at: usize) -> Scan<'t, 'b> {
        Scan { text, layout, fields: Vec::new(), names: NameCounts::default(), at }
    }

    /// The next stretch, if a record begins before `end`.
    pub fn stretch(&self, end: usize) -> Option<Stretch> {
        let line_end = self.layout.dialect.line_end;
        (self.at < end).then(|| Stretch::of(self.text.body, self.at, end, line_end))
    }

    /// Reads the records that begin in a stretch. The last may end behind it.
    pub fn read(&mut self, stretch: &Stretch, rows: &mut Rows<'_>) -> Result<()> {
        match (self.layout.columns.plain(), self.layout.tail) {
            (Some(lat_lon), Some(tail)) => self.read_lines(stretch, lat_lon, tail, rows),
            (Some(lat_lon), None) if self.layout.is_plain(stretch) => {
                self.read_plain(stretch.end, lat_lon, rows)
            }
            _ => self.read_records(stretch.end, rows),
        }
    }

    /// Reads a stretch in which a line is a record, and a field is what stands between two delimiters.
    fn read_plain(
        &mut self,
        stop: usize,
        [lat, lon]: [usize; 2],
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let (body, layout) = (&self.text.body[..stop], self.layout);
        let (delimiter, width) = (layout.dialect.delimiter, layout.width);
        let name = layout.columns.name().unwrap_or(usize::MAX);
        let mut stops = Stops::new(body, self.at, delimiter);
        let mut at = self.at;
        while at < stop {
            let [mut lat_field, mut lon_field, mut name_field] = [&b""[..]; 3];
            let (mut fields, mut start) = (0, at);
            let end = loop {
                // The last line of a text may have no end.
                let end = stops.next().unwrap_or(stop);
                let is_last = body.get(end).is_none_or(|byte| *byte == b'\n');
                let mut field = &body[start..end];
                if is_last {
                    field = field.strip_suffix(b"\r").unwrap_or(field);
                }
                if fields == lat {
                    lat_field = field;
                } else if fields == lon {
                    lon_field = field;
                } else if fields == name {
                    name_field = field;
                }
                fields += 1;
                if is_last {
                    break end;
                }
                start = end + 1;
            };
            let line = &body[at..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if fields == width.most && width.least <= fields && !is_blank_line(line) {
                let field = |column| if column == lat { lat_field } else { lon_field };
                rows.take(layout.columns.place(field), name_field.trim_ascii(), at)?;
            } else if !is_blank_line(line) {
                let record =
                    Record { start: at, end: at + line.len(), next: end + 1, has_marks: false };
                read_record(self.text, layout, record, &mut self.fields, rows)?;
            }
            at = end + 1;
        }
        self.at = at.min(stop);
        Ok(())
    }

    /// Reads lines of words in white space, in which all that follows some words is the name.
    fn read_lines(
        &mut self,
        stretch: &Stretch,
        [lat, lon]: [usize; 2],
        tail: usize,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let (body, layout) = (&self.text.body[..stretch.end], self.layout);
        let line_end = layout.dialect.line_end;
        let mut at = self.at;
        while at < stretch.end {
            let end = end_of_line(body, at, line_end);
            let line = body[at..end].trim_ascii();
            if !line.is_empty() {
                if stretch.has_cr {
                    require_no_lone_cr(self.text, at, line, line_end)?;
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
                let place = match self.names.see(name) || layout.header.is_some() {
                    true => layout.columns.place(field),
                    false => Err(angle_over_words()),
                };
                if let Ok(Some(place)) = place {
                    self.names.see_place(place);
                }
                rows.take(place, name, at)?;
            }
            at = end + 1;
        }
        self.at = at.min(stretch.end);
        Ok(())
    }

    /// Reads any text record by record.
    fn read_records(&mut self, stop: usize, rows: &mut Rows<'_>) -> Result<()> {
        let body = self.text.body;
        while self.at < stop {
            let record = self.layout.dialect.record(body, self.at);
            let record = record.map_err(|open| open_quote(self.text, open))?;
            if !is_blank_line(&body[record.start..record.end]) {
                read_record(self.text, self.layout, record, &mut self.fields, rows)?;
            }
            self.at = record.next;
        }
        Ok(())
    }
}

#[cold]
fn angle_over_words() -> RowError {
    RowError::Source(
        "expected 'lat lon name', found degrees and minutes over several words; write each angle into one field"
            .into(),
    )
}

impl Layout {
    /// Whether a record of a stretch is a line, and a field what stands between two delimiters.
    fn is_plain(&self, stretch: &Stretch) -> bool {
        let has_marks = stretch.has_marks && self.dialect.quoting;
        let is_apart = !matches!(self.dialect.delimiter, BLANK | b'\r' | b'\n');
        let is_of_lines = self.dialect.line_end == b'\n';
        is_apart && is_of_lines && !has_marks && !stretch.has_lone_cr
    }
}
