//! One placemark: which of its elements say its place, and what that place is.

use super::super::convert::{self, Source};
use super::super::xml::{Gathered, Tag};
use crate::angle::{self, Axis, shown};
use crate::cities::{Coordinates, RowError};

/// Geometries that have no one place.
const NO_POINTS: [&str; 6] =
    ["LineString", "LinearRing", "Polygon", "Model", "Track", "MultiTrack"];

/// A placemark whose element is open.
pub struct Placemark<'a> {
    source: Source<'a>,
    pub depth: usize,
    pub offset: usize,
    /// Depth of the innermost element whose children may be geometries: the placemark itself, or a
    /// collection in it.
    pub collection_depth: usize,
    /// Depth of the `Point` that is open, 0 if none is.
    pub point_depth: usize,
    points: u64,
    /// The first thing that is wrong with it.
    problem: Option<String>,
}

impl<'a> Placemark<'a> {
    /// A placemark that begins with `tag`. `source` is for the messages.
    pub fn new(tag: &Tag<'_>, source: Source<'a>) -> Placemark<'a> {
        Placemark {
            source,
            depth: tag.depth,
            offset: tag.offset,
            collection_depth: tag.depth,
            point_depth: 0,
            points: 0,
            problem: None,
        }
    }

    /// Something is wrong with it; what is found first is told.
    pub fn blame(&mut self, found: String) {
        self.problem.get_or_insert(found);
    }

    pub fn open_geometry(&mut self, local: &str, depth: usize) {
        match local {
            "Point" => {
                self.point_depth = depth;
                self.points += 1;
            }
            // The second is its name in KML 2.0.
            "MultiGeometry" | "GeometryCollection" => self.collection_depth = depth,
            _ if NO_POINTS.contains(&local) => {
                let centres = self.source.packed(convert::CENTRES);
                let layer = self.source.fill(convert::LAYER);
                self.blame(format!(
                    "a {local}, which is no one place; make a point of its centre: {centres}{layer}"
                ));
            }
            _ => {}
        }
    }

    /// Something inside it ends, a collection perhaps.
    pub fn close_geometry(&mut self, depth: usize) {
        if depth == self.point_depth {
            self.point_depth = 0;
        } else if depth == self.collection_depth {
            // A collection is a child of the placemark or of another collection.
            self.collection_depth -= 1;
        }
    }

    /// Its one place, if it has a geometry.
    pub fn place(
        &mut self,
        name: &Gathered,
        coordinates: &Gathered,
    ) -> Result<Option<Coordinates>, RowError> {
        if self.points > 1 {
            self.blame(format!(
                "{} Points, which are no one place; make a feature of each: {}",
                self.points,
                self.source.packed(convert::EXPLODED)
            ));
        }
        if coordinates.found() > 1 {
            self.blame(format!("{} <coordinates> in it", coordinates.found()));
        }
        if name.found() > 1 {
            self.blame(format!("{} names directly below it", name.found()));
        }
        match self.problem.take() {
            Some(found) => {
                Err(RowError::Row(format!("expected one Point and one name, found {found}")))
            }
            None => tuple(coordinates.text()),
        }
    }
}

/// The place in the `coordinates` of a point: longitude, latitude and perhaps an altitude, with commas
/// between them. White space beside a comma parts nothing; elsewhere it begins the next place.
fn tuple(text: &str) -> Result<Option<Coordinates>, RowError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        let found = shown(text.as_bytes());
        RowError::Row(format!(
            "expected one longitude,latitude or longitude,latitude,altitude with decimal points, found \
             {found}"
        ))
    };
    let mut fields = text.split(',').map(str::trim);
    let (Some(lon), Some(lat)) = (fields.next(), fields.next()) else {
        return Err(wrong());
    };
    let altitude = fields.next().unwrap_or_default();
    let is_altitude = altitude.is_empty() || altitude.parse::<f64>().is_ok();
    let has_blanks = [lon, lat].iter().any(|field| field.contains(char::is_whitespace));
    if fields.next().is_some() || !is_altitude || has_blanks {
        return Err(wrong());
    }
    let (lat, lon) = (lat.as_bytes(), lon.as_bytes());
    if angle::is_no_place(lat, lon) {
        return Ok(None);
    }
    let lat_deg = angle::degrees(lat, Axis::Latitude)?;
    let lon_deg = angle::degrees(lon, Axis::Longitude)?;
    Coordinates::new(lat_deg, lon_deg).map(Some)
}
