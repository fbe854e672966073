//! Columns by their numbers: whether there is a header is then seen. Row 1 is data if the fields there are
//! coordinates, and a header if those of a row below it are.
//!
//! Architecture Invariant: it looks at the fields of these numbers; names are for others.

use super::advice::{numbered_row, widest};
use super::dialect::BLANK;
use super::draft::{Draft, Fields, is_coordinate, sample_of};
use super::layout::{Layout, Width, delimiter_name};
use crate::angle::{self, Axis};
use crate::columns;
use crate::error::Result;

/// Rows below the first that are looked at: units and rows without a place may stand before the others.
const ROWS_BELOW: usize = 5;

/// The layout where the user names coordinates by the numbers of their columns.
pub(super) fn by_number(draft: &Draft<'_>, numbers: &[usize]) -> Result<Layout> {
    let mut found = Vec::new();
    let mut complaint = None;
    for delimiters in [draft.delimiters(), draft.blank()] {
        for delimiter in delimiters {
            match numbered(draft, delimiter, numbers)? {
                Ok(layout) => found.push(layout),
                Err(problem) => complaint = complaint.or(problem),
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    if found.len() > 1 {
        let names = found.iter().map(|layout| delimiter_name(layout.dialect.delimiter));
        return Err(draft.refuse(format!(
            "expected one delimiter under which these columns hold coordinates, found several: {}; say which \
             with --delimiter",
            names.collect::<Vec<_>>().join(" and ")
        )));
    }
    found.pop().ok_or_else(|| {
        let typed: Vec<String> = numbers.iter().map(|number| (number + 1).to_string()).collect();
        draft.refuse(complaint.unwrap_or_else(|| {
            let (_, row) = widest(draft);
            format!(
                "expected coordinates in column {}, found {}; give the numbers of other columns, or say \
                 --delimiter",
                typed.join(" and "),
                numbered_row(&row)
            )
        }))
    })
}

/// The layout under a delimiter, if the columns of these numbers hold coordinates; else, perhaps, what is
/// wrong.
fn numbered(
    draft: &Draft<'_>,
    delimiter: u8,
    numbers: &[usize],
) -> Result<std::result::Result<Layout, Option<String>>> {
    let dialect = draft.dialect(delimiter);
    let rows = draft.rows(&dialect, draft.first, usize::MAX);
    let Some(((record, row), below)) = rows.split_first() else { return Ok(Err(None)) };
    let holds_below = || below.iter().take(ROWS_BELOW).any(|(_, row)| holds(draft, numbers, row));
    if !holds(draft, numbers, row) {
        if !holds_below() {
            return Ok(Err(None));
        }
        if are_names(numbers, row) {
            return Ok(match draft.headed(delimiter, false)? {
                Some(Ok(layout)) => Ok(layout),
                Some(Err((_, complaint))) => Err(Some(complaint.problem().to_string())),
                None => Err(None),
            });
        }
        // Otherwise the first row is a city with a fault, which is told when it is read.
    }
    if counts_columns(row) {
        let problem = "expected a header or a city, found a row that numbers the columns, which could be \
                       either; delete the line";
        return Ok(Err(Some(problem.into())));
    }
    let width = Width::of_row(row);
    let nameless = vec![String::new(); width.most];
    let columns = match columns::find(&nameless, &sample_of(&rows), &draft.options.columns) {
        Ok(columns) => columns,
        Err(complaint) => return Ok(Err(Some(complaint.problem().to_string()))),
    };
    // In white space a name that stands last may hold blanks.
    let is_last = |name: &usize| columns.lat_lon().iter().all(|column| column < name);
    let may_hold_blanks = delimiter == BLANK && columns.plain().is_some();
    let tail = columns.name().filter(is_last).filter(|_| may_hold_blanks);
    let width_of = (draft.text.line_at(record.start), "the first row");
    let form = "delimited text without a header";
    let first = record.start;
    Ok(Ok(Layout { form, dialect, header: None, columns, width, width_of, tail, first }))
}

/// Whether the fields of these numbers are names of columns: words without a digit.
fn are_names(numbers: &[usize], row: &Fields<'_>) -> bool {
    let is_name = |number: &usize| {
        row.get(*number).is_some_and(|field| {
            let text = String::from_utf8_lossy(field);
            // One of these letters alone is a hemisphere.
            text.chars().any(char::is_alphabetic)
                && !text.chars().any(|c| c.is_ascii_digit())
                && !matches!(text.trim(), "N" | "S" | "E" | "W" | "O")
        })
    };
    numbers.iter().all(is_name)
}

/// Whether the fields of these numbers are coordinates, or say that there are none.
fn holds(draft: &Draft<'_>, numbers: &[usize], row: &Fields<'_>) -> bool {
    let wishes = &draft.options.columns;
    let fields: Option<Vec<&[u8]>> =
        numbers.iter().map(|&number| row.get(number).map(|field| &field[..])).collect();
    match fields.as_deref() {
        Some([one]) if wishes.lat_lon.is_some() || wishes.lon_lat.is_some() => {
            angle::notation(one).is_some()
        }
        Some([lat, lon]) => {
            angle::is_no_place(lat, lon)
                || (is_coordinate(lat, Axis::Latitude) && is_coordinate(lon, Axis::Longitude))
        }
        _ => false,
    }
}

/// Whether a row holds the numbers of its own columns, from 0 or from 1, as a table without names is
/// sometimes written.
fn counts_columns(row: &Fields<'_>) -> bool {
    let counts_from = |first: usize| {
        (first..)
            .zip(row)
            .all(|(number, field)| field.trim_ascii() == number.to_string().as_bytes())
    };
    row.len() > 2 && (counts_from(0) || counts_from(1))
}
