//! GeoJSON: a FeatureCollection, an array or a sequence of Features, and bare Points, alone or in such
//! a sequence.
//!
//! What enters is a text, what leaves are its features that are points, in their order. A feature
//! without a geometry has no place and is counted. A feature that is a line, an area or several points
//! is no city; GDAL makes points of such a layer in one line, which the message gives. TopoJSON and
//! Esri's JSON look alike and are not: they are refused by name.
//!
//! The coordinates are degrees of longitude and latitude, in this order, as RFC 7946 says. A member
//! `crs` of the older specification, or `coordRefSys` of JSON-FG, that says anything else is obeyed by refusing the file, wherever
//! it stands: at the collection, at a feature or at a geometry.

mod crs;
mod feature;
mod geometry;
mod kind;
mod names;
mod part;

use super::convert;
use super::json::{self, Cursor, Items};
use super::reading::{ColumnFact, ColumnFacts, Reading};
use super::rows::{Rows, Sink};
use super::text::Text;
use super::{Flag, Form, ReadOptions};
use crate::angle::shown;
use crate::error::{Error, Result};
use feature::Feature;
use kind::Kind;
use names::Names;
use part::Part;

pub(super) const FORM: Form = Form { name: "GeoJSON", obeys: &[Flag::Name], sniff, read };

fn sniff(text: &Text<'_>) -> bool {
    json::is_json(text) && kind::of(Cursor::new(text, "feature")).is_some()
}

fn read(text: &Text<'_>, options: &ReadOptions, sink: Sink<'_>) -> Result<Reading> {
    json::require_utf8(text)?;
    let mut cursor = Cursor::new(text, "feature");
    let mut reader = Reader {
        rows: Rows::new(text, options.skip_invalid, sink),
        names: Names::new(options.columns.name.as_deref()),
        has_null_crs: false,
        part: Part::default(),
    };
    match kind::of(cursor) {
        Some(Kind::Collection) => reader.read_collection(&mut cursor)?,
        Some(Kind::Topology) => return Err(refuse_topology(&mut cursor)),
        Some(Kind::Esri) => return Err(refuse_esri(&mut cursor)),
        Some(Kind::Items) | None => {
            let mut items = Items::open(&mut cursor);
            reader.read_items(&mut cursor, &mut items)?;
        }
    }
    cursor.require_end()?;
    reader.finish(cursor)
}

/// Collects the features of a text.
struct Reader<'a> {
    rows: Rows<'a>,
    names: Names,
    has_null_crs: bool,
    part: Part,
}

impl<'a> Reader<'a> {
    fn read_collection(&mut self, cursor: &mut Cursor<'a>) -> Result<()> {
        cursor.skip_separators();
        let start = cursor.offset();
        let begin = *cursor;
        cursor.enter(b'{');
        let (mut is_first, mut has_features) = (true, false);
        while let Some(key) = cursor.member(&mut is_first)? {
            let at = cursor.offset();
            match &*key {
                b"features" if has_features => {
                    let problem = "expected one member \"features\", found a second; join the two";
                    return Err(cursor.error_at(at, problem));
                }
                b"features" if cursor.enter(b'[') => {
                    has_features = true;
                    // A system that is told behind the features explains why they are not degrees.
                    let read = self.read_items(cursor, &mut Items::of_array());
                    read.map_err(|error| crs::refusal_in(begin).unwrap_or(error))?;
                }
                key if crs::is_crs(key) => {
                    self.has_null_crs |= crs::require_degrees(key, cursor)?;
                }
                b"type" => require_type(cursor)?,
                key => {
                    self.part.see(key, *cursor);
                    cursor.value()?;
                }
            }
        }
        if has_features {
            return Ok(());
        }
        let problem = "expected an array \"features\" in the FeatureCollection, found none; write the \
                       file again with a program that writes GeoJSON";
        Err(cursor.error_at(start, problem))
    }

    fn read_items(&mut self, cursor: &mut Cursor<'a>, items: &mut Items) -> Result<()> {
        while items.next(cursor)? {
            let at = cursor.offset();
            let feature = Feature::read(cursor, &mut self.names)?;
            self.has_null_crs |= feature.has_null_crs;
            let row = feature.row.map_err(|error| error.prefixed(&cursor.item()));
            self.rows.take(row, &feature.name, at)?;
        }
        Ok(())
    }

    fn finish(self, cursor: Cursor<'_>) -> Result<Reading> {
        self.names.require_seen(&cursor)?;
        let column = |name: &str| Some(ColumnFact::named(name));
        let columns = ColumnFacts {
            latitude: column("geometry.coordinates[1]"),
            longitude: column("geometry.coordinates[0]"),
            name: self.names.key().and_then(|key| column(&format!("properties.{key}"))),
            ..ColumnFacts::default()
        };
        let note = "the member \"crs\" is null: the coordinates are taken as degrees of longitude and \
                    latitude (WGS 84), as RFC 7946 has them";
        let null_crs = self.has_null_crs.then(|| note.to_string());
        let part = self.part.note(self.rows.list.source_rows());
        let notes = null_crs.into_iter().chain(part).collect();
        let (list, skipped) = self.rows.finish()?;
        Ok(Reading { list, skipped, columns, notes })
    }
}

/// Refuses a collection of features that calls itself something else.
fn require_type(cursor: &mut Cursor<'_>) -> Result<()> {
    let value = cursor.value()?;
    if value.string().as_deref() == Some(b"FeatureCollection") {
        return Ok(());
    }
    let found = shown(&value.field());
    let problem = format!(
        "expected the type \"FeatureCollection\" above \"features\", found {found}; if these are \
         features of GeoJSON, correct the type"
    );
    Err(cursor.error_at(value.at, problem))
}

fn refuse_topology(cursor: &mut Cursor<'_>) -> Error {
    let problem = format!(
        "expected GeoJSON, found TopoJSON, whose places are quantised and shared; convert it: {}",
        cursor.source().packed(convert::GDAL_AS_IT_IS)
    );
    let at = cursor.offset();
    cursor.error_at(at, problem)
}

fn refuse_esri(cursor: &mut Cursor<'_>) -> Error {
    let problem = format!(
        "expected GeoJSON, found Esri's JSON (features with attributes), which can be in any reference \
         system; convert it: {}, or ask the server for f=geojson",
        cursor.source().packed(convert::GDAL)
    );
    let at = cursor.offset();
    cursor.error_at(at, problem)
}
