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
mod cut;
mod decide;
mod dialect;
mod draft;
mod head;
mod header;
mod headerless;
mod layout;
mod name_counts;
mod numbered;
mod record;
mod scan;
mod stops;
mod stretch;

pub use self::cut::{Cut, Piece, PieceFacts, Verdict};

use self::dialect::{OpenQuote, end_of_line};
use self::layout::Layout;
use self::name_counts::NameCounts;
use self::scan::Scan;
use super::reading::Reading;
use super::rows::{Rows, Sink};
use super::text::Text;
use super::{Flag, Form, ReadOptions};
use crate::angle;
use crate::columns::{self, OrderProof};
use crate::error::{Error, Result};

pub(super) const FORM: Form = Form {
    name: "delimited text",
    obeys: &[Flag::Place, Flag::Name, Flag::Delimiter],
    sniff: |_| true,
    read,
};

fn read(text: &Text<'_>, options: &ReadOptions, sink: Sink<'_>) -> Result<Reading> {
    let Some(mut layout) = decide::decide(text, options)? else {
        return Ok(Reading::default());
    };
    settle_order(text, &mut layout)?;
    if !layout.may_quote() || memchr::memchr(b'"', text.body).is_none() {
        return read_rows(text, options, &layout, sink);
    }
    if let Sink::Keep | Sink::Count = sink {
        return Ok(choose(text, options, &layout, || Sink::Keep)?.0);
    }
    // Cities of an attempt that does not hold must not have been given away.
    let (_, is_quoting) = choose(text, options, &layout, || Sink::Count)?;
    layout.dialect.quoting = is_quoting;
    read_rows(text, options, &layout, sink)
}

/// The reading of a text under tabs with quotation marks in it, and whether the marks quote.
fn choose<'s>(
    text: &Text<'_>,
    options: &ReadOptions,
    layout: &Layout,
    sink: impl Fn() -> Sink<'s>,
) -> Result<(Reading, bool)> {
    let as_letters = read_rows(text, options, layout, sink());
    let quoting = layout.quoting();
    // Marks that quote make other rows only where a quoted field spans lines.
    if as_letters.as_ref().is_ok_and(|reading| faults(reading) == 0) && !quoting.spans_lines(text) {
        return as_letters.map(|reading| (reading, false));
    }
    better_of(text, as_letters, read_rows(text, options, &quoting, sink()))
}

/// Rows that are no city.
fn faults(reading: &Reading) -> u64 {
    reading.skipped.count - reading.skipped.without_coordinates
}

/// Of two readings of a text under tabs, quotation marks as letters and as such, the one without a
/// fault, and whether it is the second. Two without a fault but with other rows are refused.
fn better_of(
    text: &Text<'_>,
    letters: Result<Reading>,
    quoting: Result<Reading>,
) -> Result<(Reading, bool)> {
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
            (few, more) if few <= more => Ok((letters, false)),
            _ => Ok((quoting, true)),
        },
        (Ok(letters), Err(_)) => Ok((letters, false)),
        (Err(_), Ok(quoting)) => Ok((quoting, true)),
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

fn read_rows(
    text: &Text<'_>,
    options: &ReadOptions,
    layout: &Layout,
    sink: Sink<'_>,
) -> Result<Reading> {
    let mut rows = Rows::new(text, options.skip_invalid, sink);
    let mut scan = Scan::new(text, layout, layout.first);
    while let Some(stretch) = scan.stretch(text.body.len()) {
        scan.read(&stretch, &mut rows)?;
    }
    layout.require_names(text, scan.names)?;
    let (list, skipped) = rows.finish()?;
    Ok(Reading { list, skipped, columns: layout.facts(), notes: layout.notes() })
}

/// A line of white space is no row, under tabs neither.
#[inline]
fn is_blank_line(line: &[u8]) -> bool {
    line.first().is_none_or(u8::is_ascii_whitespace) && line.trim_ascii().is_empty()
}

/// The first word of a line, and what follows it, both trimmed.
#[inline]
fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim_ascii_start())
}

impl Layout {
    /// What to say of columns that could be wanted and were not taken.
    fn notes(&self) -> Vec<String> {
        const SHOWN: usize = 8;
        let header = self.header.as_deref().unwrap_or_default();
        // Those of the place alone leave nothing to choose from.
        let of_place = [&self.columns.lat_lon()[..], &self.columns.parts().concat()].concat();
        let other: Vec<String> = (header.iter().enumerate())
            .filter(|(at, name)| !of_place.contains(at) && !name.is_empty())
            .map(|(_, name)| angle::shown(name.as_bytes()))
            .collect();
        if self.columns.name().is_some() || self.tail.is_some() || other.is_empty() {
            return Vec::new();
        }
        let more = if other.len() > SHOWN { ", …" } else { "" };
        let shown = other[..other.len().min(SHOWN)].join(", ");
        vec![format!(
            "no column of names was found, so that cities are told by their rows; --name COLUMN takes one of: {shown}{more}"
        )]
    }

    /// Whether quotation marks are letters unless only quoting gives every row its fields.
    fn may_quote(&self) -> bool {
        self.dialect.delimiter == b'\t' && !self.dialect.quoting && self.tail.is_none()
    }

    /// The same layout with marks that quote.
    fn quoting(&self) -> Layout {
        let mut quoting = self.clone();
        quoting.dialect.quoting = true;
        quoting
    }

    /// Whether some record is longer than a line, and all quotation marks close.
    fn spans_lines(&self, text: &Text<'_>) -> bool {
        let mut spans = false;
        for record in self.dialect.records(text.body, self.first) {
            let Ok(record) = record else { return false };
            spans |= self.dialect.spans_lines(text.body, record);
        }
        spans
    }

    /// Refuses lines whose third word is a name only if it is one, and is none.
    fn require_names(&self, text: &Text<'_>, names: NameCounts) -> Result<()> {
        // A header line, or who numbers the columns, says what they are.
        let is_told = self.header.is_some() && self.width_of.1 != header::COMMENT;
        match self.tail.is_some() && self.form == headerless::SPACED && !is_told {
            true => names.require_names(text, self),
            false => Ok(()),
        }
    }
}
