//! What to say where a text without a header is not read: its first row with the columns numbered, and the
//! words that help.
//!
//! Advice that is copied must not be wrong: a column that leaves ±90 is never offered as the latitude, and
//! where the order is unknown both are printed.
//!
//! Architecture Invariant: it reads nothing and refuses always.

use std::borrow::Cow;

use super::dialect::{BLANK, Dialect};
use super::draft::{Draft, Fields, number};
use super::layout::column_name;
use crate::angle;
use crate::columns::{self, Complaint};
use crate::error::Error;

/// Lines below the first in which a header is sought, if the first is none.
const PREAMBLE_LINES: usize = 40;

/// A longer line is not looked at for it, nor more columns.
const MOST_BYTES_BELOW: usize = 1 << 14;
const MOST_COLUMNS_BELOW: usize = 1000;

/// The first record under the delimiter that makes most of it.
pub(super) fn widest<'d>(draft: &'d Draft<'_>) -> (u8, Fields<'d>) {
    let mut best = (b',', Vec::new());
    for delimiter in [draft.delimiters(), draft.blank()].concat() {
        let rows = draft.rows(&draft.dialect(delimiter), draft.first, usize::MAX);
        let first = rows.into_iter().next();
        if let Some((_, row)) = first
            && row.len() > best.1.len().max(usize::from(delimiter == BLANK))
        {
            // White space stands in names: it counts only where nothing else splits.
            if delimiter != BLANK || best.1.len() < 2 {
                best = (delimiter, row);
            }
        }
    }
    best
}

/// The fields of a row with their numbers, as far as a line holds them.
pub(super) fn numbered_row(row: &Fields<'_>) -> String {
    columns::listed(row.iter().map(|field| field.trim_ascii()))
}

/// Why a text without a header is not read, with the words that help.
pub(super) fn refusal(draft: &Draft<'_>, complaints: &[(usize, Complaint)]) -> Error {
    let (delimiter, row) = widest(draft);
    let is_number = |field: &Cow<'_, [u8]>| number(field).is_some();
    let is_data = row.iter().filter(|field| is_number(field)).count() > 1;
    if is_data {
        return draft.refuse(format!(
            "expected a header, or lines 'lat lon name', found neither: {}; {}",
            numbered_row(&row),
            by_number_advice(draft, delimiter, &row)
        ));
    }
    let both = row.iter().position(|field| angle::notation(field).is_some());
    if let Some(column) = both.filter(|_| header_below(draft).is_none()) {
        return draft.refuse(format!(
            "expected a header, found none: {}; column {1} may hold both coordinates: say so, and in which \
             order, with --lat-lon {1} or --lon-lat {1}",
            numbered_row(&row),
            column + 1
        ));
    }
    if let Some(line) = header_below(draft) {
        return draft.refuse(format!(
            "expected a header in the first line, found {}; line {line} looks like one: delete the lines above \
             it, or put a # before each",
            numbered_row(&row)
        ));
    }
    draft.refuse(best_of(complaints))
}

/// The complaint under the delimiter that makes most of the first record.
pub(super) fn best_of(complaints: &[(usize, Complaint)]) -> &str {
    // Of equals the first: white space comes last.
    let best = complaints.iter().rev().max_by_key(|(fields, _)| *fields);
    best.map_or("expected a header, found none", |(_, complaint)| complaint.problem())
}

/// How to say by number which columns hold what, as far as the values show which can.
fn by_number_advice(draft: &Draft<'_>, delimiter: u8, row: &Fields<'_>) -> String {
    let is_hemisphere = |field: &Cow<'_, [u8]>| {
        matches!(field.trim_ascii(), b"N" | b"S" | b"E" | b"W" | b"n" | b"s" | b"e" | b"w")
    };
    let likely = likely_pair(draft, delimiter);
    if likely.is_none() && row.iter().any(is_hemisphere) {
        return "these look like degrees and minutes over several columns: write each angle into one field, as \
                48°51.4'N, or name the columns in a header (lat_deg, lat_min, lat_dir, lon_deg, …)"
            .into();
    }
    let text = row
        .iter()
        .position(|field| number(field).is_none() && !angle::is_missing(field) && field.len() > 1);
    let name = text.map_or(String::new(), |column| format!(" --name {}", column + 1));
    const START: &str = "say which columns are latitude, longitude and name by number";
    match likely {
        Some(Likely { columns: [a, b], may_be_lat: [true, true] }) => {
            let [a, b] = [a + 1, b + 1];
            format!(
                "{START}: --lat {a} --lon {b}{name}, or, if the longitude comes first, --lat {b} --lon {a}{name}"
            )
        }
        Some(Likely { columns: [a, b], may_be_lat: [true, false] }) => {
            format!("{START}: --lat {} --lon {}{name}", a + 1, b + 1)
        }
        Some(Likely { columns: [a, b], may_be_lat: [false, true] }) => {
            format!("{START}: --lat {} --lon {}{name}", b + 1, a + 1)
        }
        _ => format!("{START}: --lat COLUMN --lon COLUMN --name COLUMN"),
    }
}

/// Two neighbours that are most likely latitude and longitude, in either order.
struct Likely {
    columns: [usize; 2],
    /// Whether each stays within ±90.
    may_be_lat: [bool; 2],
}

/// The first two neighbours that hold numbers with a fraction, within the range of longitudes, in all of
/// the first rows.
fn likely_pair(draft: &Draft<'_>, delimiter: u8) -> Option<Likely> {
    let rows = draft.rows(&draft.dialect(delimiter), draft.first, usize::MAX);
    let greatest = |column: usize| {
        let mut has_fraction = false;
        let mut values =
            rows.iter().map(|(_, row)| row.get(column).and_then(|field| number(field)));
        let greatest = values.try_fold(0.0_f64, |greatest, value| {
            has_fraction |= value?.fract() != 0.0;
            Some(greatest.max(value?.abs()))
        });
        greatest.filter(|greatest| has_fraction && *greatest <= 360.0)
    };
    let columns = rows.first()?.1.len();
    (1..columns).find_map(|second| {
        let columns = [second - 1, second];
        let [a, b] = columns.map(greatest);
        let may_be_lat = [a? <= 90.0, b? <= 90.0];
        may_be_lat.contains(&true).then_some(Likely { columns, may_be_lat })
    })
}

/// The number of a line below the first that is a header with a pair of columns.
fn header_below(draft: &Draft<'_>) -> Option<u64> {
    let body = draft.text.body;
    let mut at = super::end_of_line(body, draft.first, draft.head.line_end) + 1;
    for _ in 0..PREAMBLE_LINES {
        if at >= body.len() {
            return None;
        }
        let end = super::end_of_line(body, at, draft.head.line_end);
        let delimiters = if end - at > MOST_BYTES_BELOW { Vec::new() } else { draft.delimiters() };
        for delimiter in delimiters {
            let dialect = Dialect { quoting: true, ..draft.dialect(delimiter) };
            let line = &body[..end];
            let mut header = Vec::new();
            if let Ok(record) = dialect.record(line, at) {
                dialect.split(line, record, MOST_COLUMNS_BELOW, &mut header);
            }
            let names: Vec<String> =
                header.iter().take(1000).map(|field| column_name(field)).collect();
            if names.len() > 1 && columns::find(&names, &[], &draft.options.columns).is_ok() {
                return Some(draft.text.line_at(at));
            }
        }
        at = end + 1;
    }
    None
}
