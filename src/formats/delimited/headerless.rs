//! Texts without a header: what proves itself, and what is refused.
//!
//! Three forms prove themselves: GeoNames dumps by their shape; two columns of numbers of which one
//! leaves ±90; and lines `lat lon name` in white space, whose third word is no number. A running number
//! or a height makes a third number of three columns, and which of them are coordinates nobody can tell.
//!
//! Architecture Invariant: it looks at fields, never at names of columns.

use super::advice::{best_of, numbered_row, refusal};
use super::dialect::{BLANK, Dialect};
use super::draft::{Draft, Fields, is_coordinate, number};
use super::layout::{Layout, Width};
use super::name_counts::is_no_name;
use crate::angle::{Axis, Order, shown};
use crate::columns::{Columns, Complaint, OrderProof};
use crate::error::Result;

/// The name of the form of the notebook.
pub(super) const SPACED: &str = "lines 'lat lon name'";

/// The name of a form that only all of a text proves.
pub(super) const TWO_COLUMNS: &str = "two columns of numbers";

/// How many comments are looked at for the order of coordinates.
const MOST_COMMENTS: usize = 1000;

/// The layout of a text that has no header and proves its columns itself.
pub(super) fn by_shape(draft: &Draft<'_>, complaints: &[(usize, Complaint)]) -> Result<Layout> {
    if draft.options.columns.name_any() {
        return Err(draft.refuse(best_of(complaints)));
    }
    match proven(draft)? {
        Some(layout) => Ok(layout),
        None => Err(refusal(draft, complaints)),
    }
}

/// The layout of a text that proves its columns itself, if it does.
pub(super) fn proven(draft: &Draft<'_>) -> Result<Option<Layout>> {
    if draft.options.columns.name_any() {
        return Ok(None);
    }
    let candidates = [draft.delimiters(), draft.blank()].concat();
    let shapes = [geonames, two_columns, spaced];
    for shape in shapes {
        for &delimiter in &candidates {
            if let Some(layout) = shape(draft, draft.dialect(delimiter))? {
                return Ok(Some(layout));
            }
        }
    }
    Ok(None)
}

/// A dump of GeoNames: 19 fields under tabs, a class letter in field 7, a date in field 19.
fn geonames(draft: &Draft<'_>, dialect: Dialect) -> Result<Option<Layout>> {
    const FIELDS: usize = 19;
    let rows = draft.rows(&dialect, draft.first, FIELDS + 64);
    let is_class = |field: &[u8]| matches!(field, [] | [b'A'..=b'Z']);
    let is_date = |field: &[u8]| {
        field.len() == 10
            && field[4] == b'-'
            && field[7] == b'-'
            && field[..4].iter().all(u8::is_ascii_digit)
    };
    let is_row = |row: &Fields<'_>| {
        row.len() == FIELDS
            && row[0].iter().all(u8::is_ascii_digit)
            && is_class(&row[6])
            && is_date(row[18].trim_ascii())
            && is_coordinate(&row[4], Axis::Latitude)
            && is_coordinate(&row[5], Axis::Longitude)
    };
    let is_dump =
        dialect.delimiter == b'\t' && !rows.is_empty() && rows.iter().all(|(_, row)| is_row(row));
    Ok(is_dump.then(|| Layout {
        form: "GeoNames dump",
        dialect,
        header: None,
        columns: Columns::numbered(4, 5, Some(1)),
        width: Width { least: FIELDS, most: FIELDS, in_all: FIELDS },
        width_of: (draft.text.line_at(draft.first), "a GeoNames dump from its first row"),
        tail: None,
        first: draft.first,
    }))
}

/// Two columns of numbers, of which one leaves ±90 somewhere and the other nowhere.
fn two_columns(draft: &Draft<'_>, dialect: Dialect) -> Result<Option<Layout>> {
    let is_pair =
        |row: &Fields<'_>| row.len() == 2 && row.iter().all(|field| number(field).is_some());
    let rows = draft.rows(&dialect, draft.first, 2);
    if rows.is_empty() || !rows.iter().all(|(_, row)| is_pair(row)) {
        return Ok(None);
    }
    let mut proof = OrderProof::default();
    let mut has_fraction = [false; 2];
    let mut fields = Vec::new();
    for record in dialect.records(draft.text.body, draft.first).map_while(|record| record.ok()) {
        dialect.split(draft.text.body, record, 2, &mut fields);
        if let [a, b] = &fields[..]
            && let (Some(a), Some(b)) = (number(a), number(b))
        {
            proof.see([a, b]);
            has_fraction =
                [has_fraction[0] || a.fract() != 0.0, has_fraction[1] || b.fract() != 0.0];
        }
    }
    let columns = match proof.order() {
        Some(Order::LatLon) if has_fraction == [true; 2] => Columns::numbered(0, 1, None),
        Some(Order::LonLat) if has_fraction == [true; 2] => Columns::numbered(1, 0, None),
        _ => {
            return Err(draft.refuse(format!(
                "expected a header, or two columns of degrees of which one leaves ±90 and so is the longitude, \
                 found {}, of which either could be the latitude; say which comes first by number: --lat 1 \
                 --lon 2 or --lat 2 --lon 1",
                numbered_row(&rows[0].1)
            )));
        }
    };
    Ok(Some(Layout {
        form: TWO_COLUMNS,
        dialect,
        header: None,
        columns,
        width: Width { least: 2, most: 2, in_all: 2 },
        width_of: (draft.text.line_at(draft.first), "the first row"),
        tail: None,
        first: draft.first,
    }))
}

/// Lines `lat lon name` in white space.
fn spaced(draft: &Draft<'_>, dialect: Dialect) -> Result<Option<Layout>> {
    let rows = draft.rows(&Dialect { quoting: false, ..dialect }, draft.first, 4);
    let begins = |row: &Fields<'_>| {
        row.len() > 1
            && is_coordinate(&row[0], Axis::Latitude)
            && is_coordinate(&row[1], Axis::Longitude)
    };
    if dialect.delimiter != BLANK || !rows.first().is_some_and(|(_, row)| begins(row)) {
        return Ok(None);
    }
    let thirds = rows.iter().filter_map(|(_, row)| row.get(2)).filter(|word| is_no_name(word));
    if 2 * thirds.count() > rows.iter().filter(|(_, row)| row.len() > 2).count() {
        return Ok(None);
    }
    let comments = draft.head.comments().map(|(_, comment)| comment);
    let comments: Vec<&[u8]> = comments.take(MOST_COMMENTS).collect();
    if says_lon_lat(&comments.join(&b' ')) {
        return Err(draft.refuse(format!(
            "expected lines 'lat lon name', found comments above that name the longitude first: {}; say which it is: \
             --lat 1 --lon 2 --name 3 or --lat 2 --lon 1 --name 3",
            shown(comments.last().copied().unwrap_or_default())
        )));
    }
    Ok(Some(Layout {
        form: SPACED,
        dialect: Dialect { quoting: false, ..dialect },
        header: None,
        columns: Columns::numbered(0, 1, Some(2)),
        width: Width { least: 2, most: 3, in_all: 3 },
        width_of: (draft.text.line_at(draft.first), "the first row"),
        tail: Some(2),
        first: draft.first,
    }))
}

/// Whether comments name the longitude before the latitude.
fn says_lon_lat(comments: &[u8]) -> bool {
    let comments = String::from_utf8_lossy(comments).to_lowercase();
    let words: Vec<&str> = comments.split(|c: char| !c.is_alphanumeric()).collect();
    let at = |names: &[&str]| words.iter().position(|word| names.contains(word));
    let lat = at(&["lat", "latitude", "latitudes", "y", "north", "northing", "n"]);
    let lon = at(&["lon", "lng", "long", "longitude", "longitudes", "x", "east", "easting", "e"]);
    let both = ["lonlat", "lnglat", "longlat", "xy"];
    words.iter().any(|word| both.contains(word))
        || matches!((lat, lon), (Some(lat), Some(lon)) if lon < lat)
}
