//! A geometry → its one point, none, or why it has not one.

use std::borrow::Cow;

use super::crs;
use crate::angle::shown;
use crate::cities::{Coordinates, RowError};
use crate::error::Result;
use crate::formats::convert::{self, Source};
use crate::formats::json::{Cursor, Kind, Value};

type Place = std::result::Result<Option<Coordinates>, RowError>;

/// Whether this is the name of a geometry's type.
pub fn is_type(kind: &[u8]) -> bool {
    let types: [&[u8]; 7] = [
        b"Point",
        b"MultiPoint",
        b"LineString",
        b"MultiLineString",
        b"Polygon",
        b"MultiPolygon",
        b"GeometryCollection",
    ];
    types.contains(&kind)
}

/// The members of a geometry.
#[derive(Default)]
pub struct Geometry<'a> {
    pub kind: Option<Cow<'a, [u8]>>,
    coordinates: Option<(Cursor<'a>, Value<'a>)>,
    pub has_null_crs: bool,
    /// A member that is there twice.
    pub twice: Option<&'static str>,
}

impl<'a> Geometry<'a> {
    /// Takes the value at the cursor, which is that of the member `key`.
    pub fn take_member(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Result<()> {
        if crs::is_crs(key) {
            self.has_null_crs |= crs::require_degrees(key, cursor)?;
            return Ok(());
        }
        let value = cursor.value()?;
        match key {
            b"type" => {
                let kind = value.string().unwrap_or(Cow::Borrowed(value.raw));
                if self.kind.replace(kind).is_some() {
                    self.twice = Some("type");
                }
            }
            b"coordinates" if self.coordinates.replace((*cursor, value)).is_some() => {
                self.twice = Some("coordinates");
            }
            _ => {}
        }
        Ok(())
    }

    /// The one point of the geometry. `source` is for the messages.
    pub fn place(self, source: Source<'_>) -> Place {
        if let Some(key) = self.twice {
            return Err(RowError::Row(format!("expected one member \"{key}\", found two")));
        }
        let Some(kind) = self.kind else {
            return Err(RowError::Row("expected a geometry, found no \"type\" in it".into()));
        };
        match &*kind {
            b"Point" | b"MultiPoint" => {}
            kind if is_type(kind) => return Err(several(kind, source)),
            kind => {
                let problem = format!("expected a geometry of type Point, found {}", shown(kind));
                return Err(RowError::Row(problem));
            }
        }
        let Some((cursor, coordinates)) = self.coordinates else {
            return Err(RowError::Row(
                "expected \"coordinates\" in the geometry, found none".into(),
            ));
        };
        match &*kind {
            b"Point" => point(cursor, coordinates),
            _ => multi_point(cursor, coordinates),
        }
    }
}

/// Why a geometry that is no point is no city.
fn several(kind: &[u8], source: Source<'_>) -> RowError {
    let (from_each, line, more) = match kind {
        b"GeometryCollection" => ("a feature of each geometry in it", convert::EXPLODED, ""),
        _ => ("a point of its centre", convert::CENTRES, convert::LAYER),
    };
    let kind = String::from_utf8_lossy(kind);
    let (line, more) = (source.packed(line), source.fill(more));
    RowError::Row(format!(
        "expected a Point, found a {kind}, which has no one place; make {from_each}: {line}{more}"
    ))
}

fn multi_point(cursor: Cursor<'_>, coordinates: Value<'_>) -> Place {
    let mut points = items(cursor, coordinates)?;
    let Some(first) = points.next() else { return Ok(None) };
    match points.count() {
        0 => point(cursor, first),
        others => Err(RowError::Row(format!(
            "expected a Point, found a MultiPoint of {} points, which would share a row and a name; \
             split it: {}",
            others + 1,
            cursor.source().packed(convert::EXPLODED)
        ))),
    }
}

/// Longitude, latitude, and whatever else there is of numbers. Nothing, or null for both, is no place.
fn point(cursor: Cursor<'_>, coordinates: Value<'_>) -> Place {
    let mut numbers = items(cursor, coordinates)?;
    let (Some(lon), lat) = (numbers.next(), numbers.next()) else { return Ok(None) };
    let Some(lat) = lat else { return Err(expected_numbers("one item alone")) };
    if (lon.kind(), lat.kind()) == (Kind::Null, Kind::Null) {
        return Ok(None);
    }
    let [lon_deg, lat_deg] = [degrees(lon)?, degrees(lat)?];
    let is_height = |kind| matches!(kind, Kind::Number | Kind::Null);
    if let Some(strange) = numbers.find(|item| !is_height(item.kind())) {
        return Err(expected_numbers(strange.kind().name()));
    }
    Coordinates::new(lat_deg, lon_deg).map(Some)
}

/// The items of an array; null has none.
fn items<'a>(
    cursor: Cursor<'a>,
    coordinates: Value<'a>,
) -> std::result::Result<impl Iterator<Item = Value<'a>>, RowError> {
    match coordinates.kind() {
        Kind::Null | Kind::Array => Ok(cursor.items_of(coordinates)),
        kind => Err(expected_numbers(kind.name())),
    }
}

fn degrees(number: Value<'_>) -> std::result::Result<f64, RowError> {
    if number.kind() != Kind::Number {
        return Err(expected_numbers(number.kind().name()));
    }
    match fast_float2::parse::<f64, _>(number.raw) {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(expected_numbers(&shown(number.raw))),
    }
}

fn expected_numbers(found: &str) -> RowError {
    RowError::Row(format!(
        "expected the coordinates [longitude, latitude] as numbers, found {found}"
    ))
}
