//! How a delimited text is laid out: dialect, header, columns, and how many fields a row has.
//!
//! Architecture Invariant: a layout is decided once, from the beginning of the text; every row is held
//! against it, and none changes it.

use std::borrow::Cow;

use super::dialect::{BLANK, Dialect};
use super::draft::field_of;
use crate::angle;
use crate::columns::Columns;
use crate::formats::reading::{ColumnFact, ColumnFacts};

/// What is known of a text before its rows are read.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The form's name, as reports have it.
    pub form: &'static str,
    pub dialect: Dialect,
    /// The names of the columns, if there is a header.
    pub header: Option<Vec<String>>,
    pub columns: Columns,
    /// How many fields a row has.
    pub width: Width,
    /// The line that the width was taken from, counted from 1, and what it is.
    pub width_of: (u64, &'static str),
    /// The column, counted from 0, from which all the rest of a line is the name.
    pub tail: Option<usize>,
    /// Where the first row begins.
    pub first: usize,
}

/// How many fields a row may have.
///
/// Empty ones at its end are not counted, as far as the header has a name for them: a row that is longer
/// than the header may be one in which a field before the coordinates is too many, and its empty end
/// hides that. Only where every row is longer by one empty field does a delimiter end each row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Width {
    /// At least so many, empty ones counted.
    pub least: usize,
    /// At most so many, empty ones at the end not counted.
    pub most: usize,
    /// At most so many, empty ones counted.
    pub in_all: usize,
}

impl Width {
    /// The width of a header, of which empty names at the end are not counted either: below them a row
    /// holds nothing.
    pub fn of_header<T: AsRef<[u8]>>(names: &[T]) -> Width {
        let named = without_empty(names);
        Width { least: named, most: named, in_all: names.len() }
    }

    /// The width of the first row where there is no header.
    pub fn of_row<T: AsRef<[u8]>>(fields: &[T]) -> Width {
        Width { least: without_empty(fields), most: fields.len(), in_all: fields.len() }
    }

    /// The same with a delimiter at the end of each row, if all of these rows have it, or if some have it
    /// and all are full.
    pub fn with_ends<'b, T: AsRef<[u8]> + 'b>(
        self,
        rows: impl Iterator<Item = &'b Vec<T>> + Clone,
    ) -> Width {
        let longer = self.in_all + 1;
        let is_longer = |row: &&Vec<T>| row.len() == longer && without_empty(row) < longer;
        let count = rows.clone().count();
        let ended = rows.clone().filter(is_longer).count();
        let are_full = || rows.clone().all(|row| without_empty(row) == self.most);
        match ended {
            0 => self,
            ended if ended == count => Width { least: longer, in_all: longer, ..self },
            _ if are_full() => Width { in_all: longer, ..self },
            _ => self,
        }
    }

    /// Whether a row of these fields is as wide.
    pub fn fits<T: AsRef<[u8]>>(self, fields: &[T]) -> bool {
        (self.least..=self.in_all).contains(&fields.len()) && without_empty(fields) <= self.most
    }
}

/// How many fields there are without the empty ones at the end.
fn without_empty<T: AsRef<[u8]>>(fields: &[T]) -> usize {
    let is_full = |field: &T| !field.as_ref().trim_ascii().is_empty();
    fields.iter().rposition(is_full).map_or(0, |last| last + 1)
}

impl Layout {
    /// What was taken for what.
    pub fn facts(&self) -> ColumnFacts {
        let fact = |column: usize| {
            let name = self.header.as_ref().and_then(|header| header.get(column)).cloned();
            Some(ColumnFact { name, number: Some(column + 1), parts: Vec::new() })
        };
        ColumnFacts {
            form: self.form,
            delimiter: Some(delimiter_name(self.dialect.delimiter)),
            ..ColumnFacts::of(&self.columns, fact)
        }
    }
}

/// The name of a delimiter, as reports and messages have it.
pub(super) fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b'\t' => "tab",
        b',' => "comma",
        b';' => "semicolon",
        b'|' => "bar",
        BLANK => "white space",
        _ => "as given",
    }
}

/// The name of a column as it stands in a header.
pub(super) fn column_name(field: &[u8]) -> String {
    let field = field.trim_ascii();
    let field = field.strip_prefix("\u{feff}".as_bytes()).unwrap_or(field);
    let inside = field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\""));
    String::from_utf8_lossy(inside.unwrap_or(field).trim_ascii()).into_owned()
}

/// What a row directly below the header is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Below {
    /// Units of degrees, or a rule.
    Units,
    /// A row.
    Row,
    /// Neither: other units, say.
    Strange(String),
}

/// What a row directly below the header is, as its fields for latitude and longitude tell.
pub(super) fn below_header(fields: &[Cow<'_, [u8]>], columns: &Columns) -> Below {
    let [lat, lon] = columns.lat_lon().map(|column| field_of(fields, column).trim_ascii());
    let is_rule =
        |field: &[u8]| field.len() > 1 && field.iter().all(|byte| b"-=:_+".contains(byte));
    // USGS writes the widths of its columns: 5s, 15s, 16n.
    let is_width = |field: &[u8]| {
        let digits = field.iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && matches!(field[digits..], [b's' | b'n' | b'd'])
    };
    let full = || fields.iter().map(|field| field.trim_ascii()).filter(|field| !field.is_empty());
    let is_line = |field: &[u8]| field.iter().all(|byte| b"-=:_+".contains(byte));
    let is_rule_row = (full().all(is_width) && full().count() > 1)
        || (full().all(is_line) && is_rule(lat) && is_rule(lon));
    if is_rule_row || (is_unit_of_degrees(lat) && is_unit_of_degrees(lon)) {
        return Below::Units;
    }
    let is_word = |field: &[u8]| {
        field.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"(/[".contains(byte))
            && !angle::is_missing(field)
            && angle::notation(field).is_none()
            && angle::Axis::BOTH.iter().all(|&axis| angle::degrees(field, axis).is_err())
    };
    match columns.plain() {
        Some(_) if is_word(lat) && is_word(lon) => Below::Strange(format!(
            "expected coordinates in the first row, or units of degrees, found {} and {}; if these are units, write \
             degrees into the file; else correct or delete the row",
            angle::shown(lat),
            angle::shown(lon)
        )),
        _ => Below::Row,
    }
}

fn is_unit_of_degrees(field: &[u8]) -> bool {
    const UNITS: &str = "deg|degs|degree|degrees|degn|dege|deg n|deg e|dd|decimal degree|decimal degrees\
        |degree_north|degree_east|degrees_north|degrees_east|degree north|degree east|degrees north\
        |degrees east|°|º|° n|° e|°n|°e|float|double|numeric|real|string";
    let text = String::from_utf8_lossy(field).to_lowercase();
    let text = text.trim_matches(['(', ')', '[', ']', '"']);
    UNITS.split('|').any(|unit| unit == text)
        && angle::degrees(field, angle::Axis::Latitude).is_err()
}
