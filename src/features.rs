//! GeoJSON as it is written: a FeatureCollection of points and lines (RFC 7946), a feature a line of text.
//!
//! Longitudes of a map end at 180. A list may have greater ones; what was given is for the properties of a feature.
//!
//! Architecture Invariant: it does not know what the features mean.

use std::io::{self, Write};

use serde::Serialize;

/// What stands above all features.
pub const BEGIN: &str = "{\"type\":\"FeatureCollection\",\"features\":[\n";

/// What stands between two features.
pub const BETWEEN: &str = ",\n";

/// What stands below all features.
pub const END: &str = "\n]}\n";

#[derive(Serialize)]
struct Feature<'a, P> {
    r#type: &'static str,
    geometry: Option<Geometry<'a>>,
    properties: P,
}

/// Where a feature is. Positions are longitude and latitude in degrees, in this order.
#[derive(Serialize)]
#[serde(tag = "type", content = "coordinates")]
pub enum Geometry<'a> {
    /// At one place.
    Point([f64; 2]),
    /// Along places.
    LineString(&'a [[f64; 2]]),
    /// Along the places of each piece.
    MultiLineString(&'a [Vec<[f64; 2]>]),
}

impl Geometry<'_> {
    /// The point of a place as a list has it.
    pub fn point([lat_deg, lon_deg]: [f64; 2]) -> Option<Geometry<'static>> {
        Some(Geometry::Point([on_map(lon_deg), lat_deg]))
    }

    /// The line of so many pieces; a feature without one has no place (RFC 7946, 3.2).
    pub fn line(pieces: &[Vec<[f64; 2]>]) -> Option<Geometry<'_>> {
        match pieces {
            [] => None,
            [piece] => Some(Geometry::LineString(piece)),
            _ => Some(Geometry::MultiLineString(pieces)),
        }
    }
}

/// A longitude of a list, [−180, 360], as a map has it, [−180, 180].
pub fn on_map(lon_deg: f64) -> f64 {
    if lon_deg > 180.0 { lon_deg - 360.0 } else { lon_deg }
}

/// Writes a feature with its properties, an object.
///
/// # Errors
/// Those of the writer.
pub fn write(
    out: impl Write,
    geometry: Option<Geometry<'_>>,
    properties: impl Serialize,
) -> io::Result<()> {
    let feature = Feature { r#type: "Feature", geometry, properties };
    serde_json::to_writer(out, &feature).map_err(io::Error::from)
}
