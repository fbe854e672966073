//! KML: the placemarks of Google Earth and its kin.
//!
//! Each `Placemark` is a row, and its place is its `Point`. A placemark without a geometry has no
//! place; one with a line, an area or several points has no one place, and we do not make one up.
//! Longitude comes first in `coordinates`, and there the white space parts one place from the next.
//!
//! What lies elsewhere (`NetworkLink`) is never fetched, and changes (`Update`) are not applied; a
//! note says so. A `Point` that stands in nothing we know is refused, for it would be a city that
//! vanishes; this meets the old `Schema`, which gives placemarks names of its own.

mod placemark;

use std::path::Path;

use super::convert::{self, Source};
use super::reading::{ColumnFact, ColumnFacts, Reading};
use super::rows::{Rows, Sink};
use super::text::Text;
use super::xml::{Gathered, Piece, Tag, Walker, root_name, tag_shown};
use super::{Form, ReadOptions};
use crate::error::{Error, Result};
use placemark::Placemark;

pub(super) const FORM: Form = Form { name: "KML", obeys: &[], sniff, read };

/// Elements in which anything may stand that is no place of a placemark.
const FOREIGN: [&str; 4] = ["ExtendedData", "Metadata", "PhotoOverlay", "Update"];

/// What was found so far.
struct Placemarks<'a> {
    rows: Rows<'a>,
    placemark: Option<Placemark<'a>>,
    name: Gathered,
    coordinates: Gathered,
    has_names: bool,
    network_links: u64,
    updates: u64,
}

fn sniff(text: &Text<'_>) -> bool {
    root_name(text.start()).as_deref() == Some("kml")
}

fn read(text: &Text<'_>, options: &ReadOptions, sink: Sink<'_>) -> Result<Reading> {
    let mut placemarks = Placemarks {
        rows: Rows::new(text, options.skip_invalid, sink),
        placemark: None,
        name: Gathered::default(),
        coordinates: Gathered::default(),
        has_names: false,
        network_links: 0,
        updates: 0,
    };
    let mut walker = Walker::new(text);
    loop {
        match walker.next()? {
            Piece::Open(tag) if FOREIGN.contains(&tag.local()) => {
                placemarks.updates += u64::from(tag.local() == "Update");
                walker.skip(tag.depth)?;
            }
            Piece::Open(tag) => placemarks.open(&tag, &walker)?,
            Piece::Text(piece) => {
                placemarks.name.add(&piece);
                placemarks.coordinates.add(&piece);
            }
            Piece::Close(depth) => placemarks.close(depth)?,
            Piece::End => return placemarks.finish(walker),
        }
    }
}

impl<'a> Placemarks<'a> {
    fn open(&mut self, tag: &Tag<'_>, walker: &Walker<'a>) -> Result<()> {
        let Some(placemark) = &mut self.placemark else {
            return self.open_outside(tag, walker);
        };
        let local = tag.local();
        if self.coordinates.is_open() {
            placemark.blame(format!("a <{}> inside its coordinates", tag_shown(local)));
        } else if local == "name" && tag.depth == placemark.depth + 1 {
            self.name.open(tag.depth);
        } else if local == "coordinates" && tag.depth == placemark.point_depth + 1 {
            self.coordinates.open(tag.depth);
        } else if tag.depth == placemark.collection_depth + 1 && local != "Placemark" {
            placemark.open_geometry(local, tag.depth);
        } else if local == "Point" || local == "Placemark" {
            return Err(stray(tag, walker));
        }
        Ok(())
    }

    fn open_outside(&mut self, tag: &Tag<'_>, walker: &Walker<'a>) -> Result<()> {
        match tag.local() {
            "Placemark" => {
                self.name.clear();
                self.coordinates.clear();
                self.placemark = Some(Placemark::new(tag, walker.source()));
            }
            "NetworkLink" => self.network_links += 1,
            "Point" => return Err(stray(tag, walker)),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, depth: usize) -> Result<()> {
        self.name.close(depth);
        self.coordinates.close(depth);
        let Some(placemark) = &mut self.placemark else {
            return Ok(());
        };
        if depth > placemark.depth {
            placemark.close_geometry(depth);
            return Ok(());
        }
        let number = self.rows.list.source_rows() + 1;
        let place = placemark
            .place(&self.name, &self.coordinates)
            .map_err(|error| error.prefixed(&format!("placemark {number}")));
        let offset = placemark.offset;
        self.placemark = None;
        self.has_names |= self.name.found() > 0;
        self.rows.take(place, self.name.text().as_bytes(), offset)
    }

    fn finish(self, walker: Walker<'_>) -> Result<Reading> {
        let counted = |count: u64, noun: &str| (count > 0).then(|| format!("{count} <{noun}>"));
        let elsewhere =
            [counted(self.network_links, "NetworkLink"), counted(self.updates, "Update")];
        let elsewhere = elsewhere.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let (list, skipped) = self.rows.finish()?;
        if list.source_rows() == 0 && !elsewhere.is_empty() {
            let problem = format!(
                "expected placemarks, found {elsewhere} alone: the places are in other files, which are \
                 never fetched; fetch those files and read them, or convert the KMZ file that this was in: {}",
                Source::new(Path::new("FILE.kmz")).packed(convert::GDAL)
            );
            return Err(walker.error_at(0, problem));
        }
        let mut notes: Vec<_> = walker.note.into_iter().collect();
        if !elsewhere.is_empty() {
            notes.push(format!(
                "{elsewhere} in the file: other files may hold or change places; they are not fetched, \
                 and the placemarks are taken as they stand"
            ));
        }
        let fact = |name: &str| Some(ColumnFact::named(name));
        let columns = ColumnFacts {
            latitude: fact("Point/coordinates"),
            longitude: fact("Point/coordinates"),
            name: fact("Placemark/name").filter(|_| self.has_names),
            ..ColumnFacts::default()
        };
        Ok(Reading { list, skipped, columns, notes })
    }
}

/// The error for an element of which we cannot tell whose place it is. GDAL drops such a place, but
/// knows the old `Schema` that gives placemarks another name.
fn stray(tag: &Tag<'_>, walker: &Walker<'_>) -> Error {
    let remedy = match walker.contains(b"parent=\"Placemark\"") {
        true => format!("convert it: {}", walker.source().packed(convert::GDAL)),
        false => "give each Point a Placemark of its own".to_string(),
    };
    let problem = format!(
        "expected each Point directly in a Placemark or its MultiGeometry, and no Placemark in another, \
         found a {} elsewhere; {remedy}",
        tag.local()
    );
    walker.error_at(tag.offset, problem)
}
