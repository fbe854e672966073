//! Texts without a header: what proves itself, what the user numbers, and what is refused with its
//! columns numbered.
//!
//! Three forms prove themselves: GeoNames dumps by their shape; two columns of numbers of which one
//! leaves ±90; and lines `lat lon name` in white space, whose third word is no number. A running number
//! or a height makes a third number of three columns, and which of them are coordinates nobody can tell.
//!
//! Architecture Invariant: it looks at fields, never at names of columns.

use std::borrow::Cow;

use super::decide::{Draft, Fields, is_coordinate};
use super::dialect::{BLANK, Dialect};
use super::layout::{Layout, Width, column_name, delimiter_name};
use super::name_counts::is_no_name;
use crate::angle::{self, Axis, Order, shown};
use crate::columns::{self, Columns, Complaint, OrderProof};
use crate::error::Result;

/// The name of the form of the notebook.
pub(super) const SPACED: &str = "lines 'lat lon name'";

/// Lines below the first in which a header is sought, if the first is none.
const PREAMBLE_LINES: usize = 40;

/// The layout where the user names coordinates by the numbers of their columns. Row 1 is data if the
/// fields there are coordinates, and a header if those of row 2 are.
pub(super) fn by_number(draft: &Draft<'_>, numbers: &[usize]) -> Result<Layout> {
    let mut found = Vec::new();
    let mut complaint = None;
    for delimiters in [draft.delimiters(), draft.blank()] {
        for delimiter in delimiters {
            match numbered(draft, draft.dialect(delimiter), numbers)? {
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

/// The layout under a dialect, if the columns of these numbers hold coordinates in row 1 or row 2; else,
/// perhaps, what is wrong.
fn numbered(
    draft: &Draft<'_>,
    mut dialect: Dialect,
    numbers: &[usize],
) -> Result<std::result::Result<Layout, Option<String>>> {
    let wishes = &draft.options.columns;
    let mut rows = draft.rows(&dialect, draft.first, usize::MAX)?;
    let holds = |row: &Fields<'_>| {
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
    };
    let Some((record, row)) = rows.first() else { return Ok(Err(None)) };
    let width = Width::of_row(row);
    let line = draft.text.line_at(record.start);
    let is_data = holds(row);
    if !is_data && !rows.get(1).is_some_and(|(_, row)| holds(row)) {
        return Ok(Err(None));
    }
    if is_data && counts_columns(row) {
        return Ok(Err(Some(
            "expected a header or a city, found a row that numbers the columns, which could be either; delete \
             the line"
                .into(),
        )));
    }
    let header: Option<Vec<String>> =
        (!is_data).then(|| row.iter().map(|field| column_name(field)).collect());
    let first = if is_data { record.start } else { record.next };
    let width_of = (line, if is_data { "the first row" } else { "the header" });
    if header.is_some() {
        dialect.quoting |= row.iter().all(|field| field.starts_with(b"\""));
        rows.remove(0);
    }
    let sample: Vec<Vec<&[u8]>> =
        rows.iter().map(|(_, row)| row.iter().map(|field| &field[..]).collect()).collect();
    let nameless = vec![String::new(); width.most];
    let columns = match columns::find(header.as_ref().unwrap_or(&nameless), &sample, wishes) {
        Ok(columns) => columns,
        Err(complaint) => return Ok(Err(Some(complaint.problem().to_string()))),
    };
    let is_last = |name: &usize| columns.lat_lon().iter().all(|column| column < name);
    let may_hold_blanks =
        dialect.delimiter == BLANK && header.is_none() && columns.plain().is_some();
    let tail = columns.name().filter(is_last).filter(|_| may_hold_blanks);
    let form = if header.is_some() { super::FORM.name } else { "delimited text without a header" };
    Ok(Ok(Layout { form, dialect, header, columns, width, width_of, tail, first }))
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

/// The layout of a text that has no header and proves its columns itself.
pub(super) fn by_shape(draft: &Draft<'_>, complaints: &[(usize, Complaint)]) -> Result<Layout> {
    if draft.options.columns.name_a_place() || draft.options.columns.name.is_some() {
        return Err(draft.refuse(best_of(complaints)));
    }
    let candidates = [draft.delimiters(), draft.blank()].concat();
    let shapes = [geonames, two_columns, spaced];
    for shape in shapes {
        for &delimiter in &candidates {
            if let Some(layout) = shape(draft, draft.dialect(delimiter))? {
                return Ok(layout);
            }
        }
    }
    Err(refusal(draft, complaints))
}

/// A dump of GeoNames: 19 fields under tabs, a class letter in field 7, a date in field 19.
fn geonames(draft: &Draft<'_>, dialect: Dialect) -> Result<Option<Layout>> {
    const FIELDS: usize = 19;
    let rows = draft.rows(&dialect, draft.first, FIELDS + 64)?;
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
        width: Width { least: FIELDS, most: FIELDS },
        width_of: (draft.text.line_at(draft.first), "a GeoNames dump from its first row"),
        tail: None,
        first: draft.first,
    }))
}

/// Two columns of numbers, of which one leaves ±90 somewhere and the other nowhere.
fn two_columns(draft: &Draft<'_>, dialect: Dialect) -> Result<Option<Layout>> {
    let is_pair =
        |row: &Fields<'_>| row.len() == 2 && row.iter().all(|field| number(field).is_some());
    let rows = draft.rows(&dialect, draft.first, 2)?;
    if rows.is_empty() || !rows.iter().all(|(_, row)| is_pair(row)) {
        return Ok(None);
    }
    let mut proof = OrderProof::default();
    let mut has_fraction = [false; 2];
    let mut fields = Vec::new();
    let mut at = draft.first;
    while at < draft.text.body.len() {
        let Ok(record) = dialect.record(draft.text.body, at) else { break };
        dialect.split(draft.text.body, record, 2, &mut fields);
        if let [a, b] = &fields[..]
            && let (Some(a), Some(b)) = (number(a), number(b))
        {
            proof.see([a, b]);
            has_fraction =
                [has_fraction[0] || a.fract() != 0.0, has_fraction[1] || b.fract() != 0.0];
        }
        at = record.next;
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
        form: "two columns of numbers",
        dialect,
        header: None,
        columns,
        width: Width { least: 2, most: 2 },
        width_of: (draft.text.line_at(draft.first), "the first row"),
        tail: None,
        first: draft.first,
    }))
}

fn number(field: &[u8]) -> Option<f64> {
    angle::degrees(field, Axis::Longitude).ok()
}

/// Lines `lat lon name` in white space.
fn spaced(draft: &Draft<'_>, dialect: Dialect) -> Result<Option<Layout>> {
    let rows = draft.rows(&Dialect { quoting: false, ..dialect }, draft.first, 4)?;
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
    let comments: Vec<&[u8]> = draft.head.comments.iter().map(|(_, comment)| *comment).collect();
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
        width: Width { least: 2, most: 3 },
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

/// The first record under the delimiter that makes most of it.
fn widest<'d>(draft: &'d Draft<'_>) -> (u8, Fields<'d>) {
    let mut best = (b',', Vec::new());
    for delimiter in [draft.delimiters(), draft.blank()].concat() {
        let rows = draft.rows(&draft.dialect(delimiter), draft.first, usize::MAX);
        let first = rows.ok().and_then(|rows| rows.into_iter().next());
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
fn numbered_row(row: &Fields<'_>) -> String {
    columns::listed(row.iter().map(|field| field.trim_ascii()))
}

/// Why a text without a header is not read, with the words that help.
fn refusal(draft: &Draft<'_>, complaints: &[(usize, Complaint)]) -> crate::error::Error {
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
fn best_of(complaints: &[(usize, Complaint)]) -> &str {
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
    let rows = draft.rows(&draft.dialect(delimiter), draft.first, usize::MAX).ok()?;
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
        for delimiter in draft.delimiters() {
            let dialect = Dialect { quoting: true, ..draft.dialect(delimiter) };
            let header = dialect.record(body, at).map(|record| draft.fields(&dialect, record));
            let header = header.unwrap_or_default();
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
