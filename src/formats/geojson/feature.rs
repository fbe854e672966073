//! A feature, or a bare geometry where a feature could stand → a city, or why it is none.

use std::borrow::Cow;

use super::geometry::Geometry;
use super::names::Names;
use crate::angle::shown;
use crate::cities::{Coordinates, RowError};
use crate::error::Result;
use crate::formats::convert::Source;
use crate::formats::json::{Cursor, Kind};

/// A place, none, or why it is no city.
type Row = std::result::Result<Option<Coordinates>, RowError>;

/// What comes of a feature.
pub struct Feature<'a> {
    /// Its place, none because it says that it has none, or why it is no city.
    pub row: Row,
    /// Its name; empty if it has none.
    pub name: Cow<'a, [u8]>,
    /// Whether it says that nothing is known of its reference system.
    pub has_null_crs: bool,
}

/// The members of a feature.
#[derive(Default)]
struct Members<'a> {
    /// What the feature is itself, if it is a geometry.
    own: Geometry<'a>,
    /// Its member of that name.
    geometry: Option<GeometryMember<'a>>,
    /// Whether JSON-FG has put its place into `place`.
    has_place: bool,
    name: Cow<'a, [u8]>,
    /// A member that is there twice.
    twice: Option<&'static str>,
}

enum GeometryMember<'a> {
    Object(Geometry<'a>),
    Null,
    Strange(Kind),
}

impl<'a> Feature<'a> {
    /// Takes the item at the cursor.
    pub fn read(cursor: &mut Cursor<'a>, names: &mut Names) -> Result<Feature<'a>> {
        if cursor.peek() != Some(b'{') {
            let found = cursor.value()?.kind().name();
            let row = Err(RowError::Row(format!("expected a Feature, found {found}")));
            return Ok(Feature { row, name: Cow::default(), has_null_crs: false });
        }
        let start = cursor.offset();
        let members = Members::read(cursor, names)?;
        if members.own.kind.as_deref() == Some(b"FeatureCollection") {
            let line = "jq -c '.. | objects | select(.type == \"Feature\")' {file}";
            let problem = format!(
                "expected a Feature, found a whole FeatureCollection among others; make one of them all: {}",
                cursor.source().packed(line)
            );
            return Err(cursor.error_at(start, problem));
        }
        let has_null_crs = members.has_null_crs();
        let (row, name) = members.finish(cursor.source());
        Ok(Feature { row, name, has_null_crs })
    }
}

impl<'a> Members<'a> {
    fn read(cursor: &mut Cursor<'a>, names: &mut Names) -> Result<Members<'a>> {
        cursor.enter(b'{');
        let (mut members, mut is_first) = (Members::default(), true);
        let mut has_properties = false;
        while let Some(key) = cursor.member(&mut is_first)? {
            match &*key {
                b"geometry" => {
                    let geometry = GeometryMember::read(cursor)?;
                    if members.geometry.replace(geometry).is_some() {
                        members.twice = Some("geometry");
                    }
                }
                b"properties" if !has_properties => {
                    has_properties = true;
                    members.name = names.read(cursor)?;
                }
                b"place" => {
                    members.has_place |= cursor.peek() == Some(b'{');
                    cursor.value()?;
                }
                _ => members.own.take_member(&key, cursor)?,
            }
        }
        Ok(members)
    }

    fn has_null_crs(&self) -> bool {
        let of_geometry = match &self.geometry {
            Some(GeometryMember::Object(geometry)) => geometry.has_null_crs,
            _ => false,
        };
        self.own.has_null_crs || of_geometry
    }

    /// The row and the name.
    fn finish(self, source: Source<'_>) -> (Row, Cow<'a, [u8]>) {
        let row = match row(self.own, self.geometry, self.twice, source) {
            Ok(None) if self.has_place => Err(RowError::Row(
                "expected a geometry, found none but a \"place\" (JSON-FG), which can be in any reference system; \
                 write it as a geometry in WGS 84"
                    .into(),
            )),
            row => row,
        };
        (row, self.name)
    }
}

fn row(
    own: Geometry<'_>,
    geometry: Option<GeometryMember<'_>>,
    twice: Option<&str>,
    source: Source<'_>,
) -> Row {
    if let Some(key) = twice.or(own.twice) {
        return Err(RowError::Row(format!("expected one member \"{key}\", found two")));
    }
    match own.kind.as_deref() {
        Some(b"Feature") => {}
        Some(kind) if super::geometry::is_type(kind) => return own.place(source),
        Some(kind) => {
            return Err(RowError::Row(format!(
                "expected a Feature, found the type {}",
                shown(kind)
            )));
        }
        None => return Err(RowError::Row("expected a Feature, found no \"type\"".into())),
    }
    match geometry {
        Some(GeometryMember::Object(geometry)) => geometry.place(source),
        Some(GeometryMember::Null) | None => Ok(None),
        Some(GeometryMember::Strange(kind)) => {
            Err(RowError::Row(format!("expected a geometry or null, found {}", kind.name())))
        }
    }
}

impl<'a> GeometryMember<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<GeometryMember<'a>> {
        if !cursor.enter(b'{') {
            return Ok(match cursor.value()?.kind() {
                Kind::Null => GeometryMember::Null,
                kind => GeometryMember::Strange(kind),
            });
        }
        let (mut geometry, mut is_first) = (Geometry::default(), true);
        while let Some(key) = cursor.member(&mut is_first)? {
            geometry.take_member(&key, cursor)?;
        }
        Ok(GeometryMember::Object(geometry))
    }
}
