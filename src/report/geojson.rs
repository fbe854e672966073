//! The farthest pairs as GeoJSON: of each its two cities and the way between them.

use std::io::{self, Write};

use serde::Serialize;

use super::{City, Length, RankedPair};
use crate::features::{self, BEGIN, BETWEEN, END, Geometry};
use crate::ways::Line;

#[derive(Serialize)]
struct OfCity<'a> {
    place: u64,
    city: usize,
    #[serde(flatten)]
    own: &'a City,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(flatten)]
    distance: Length,
}

#[derive(Serialize)]
struct OfLine<'a> {
    place: u64,
    #[serde(flatten)]
    distance: Length,
    row_1: u64,
    name_1: &'a str,
    row_2: u64,
    name_2: &'a str,
    metric: &'a str,
    way: &'static str,
}

/// Writes pairs, the farthest first, with the ways between their cities on an Earth of this name.
///
/// # Errors
/// Those of the writer.
pub fn geojson<'p>(
    out: &mut impl Write,
    pairs: impl Iterator<Item = (&'p RankedPair, Line)>,
    metric: &str,
) -> io::Result<()> {
    out.write_all(BEGIN.as_bytes())?;
    for (place, (RankedPair { distance, pair, origin }, line)) in (1..).zip(pairs) {
        for (city, own) in (1..).zip(pair) {
            if (place, city) != (1, 1) {
                out.write_all(BETWEEN.as_bytes())?;
            }
            let line = origin.lines.map(|lines| lines[city - 1]);
            let id = origin.ids.as_ref().map(|ids| ids[city - 1].as_str());
            let of_city = OfCity { place, city, own, line, id, distance: *distance };
            features::write(&mut *out, Geometry::point([own.lat, own.lon]), of_city)?;
        }
        let [one, two] = pair;
        let of_line = OfLine {
            place,
            distance: *distance,
            row_1: one.row,
            name_1: &one.name,
            row_2: two.row,
            name_2: &two.name,
            metric,
            way: line.choice,
        };
        out.write_all(BETWEEN.as_bytes())?;
        features::write(&mut *out, Geometry::line(&line.pieces), of_line)?;
    }
    out.write_all(END.as_bytes())
}
