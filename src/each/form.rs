//! The lines of the file, in each of its forms.
//!
//! Numbers have as many digits as tell them apart from all others (the shortest that are read back as the same f64).
//! Fields of CSV and TSV are quoted where they must be, as RFC 4180 has it, and lines end as on Unix. GeoJSON has
//! a feature a line. Identifiers stand behind all else, so that a program finds the other fields where they are
//! without them.
//!
//! Architecture Invariant: a line depends on its own city alone.

use std::fmt::Write as _;

use serde::Serialize;

use crate::features::{self, BEGIN, BETWEEN, END, Geometry};

/// A form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Commas.
    Csv,
    /// Tabs.
    Tsv,
    /// A FeatureCollection.
    GeoJson,
}

/// A city of a line.
pub(super) struct Named<'a> {
    pub(super) row: u64,
    pub(super) name: &'a str,
    /// What stands in the column of identifiers, if one was named.
    pub(super) id: Option<&'a str>,
    pub(super) degrees: [f64; 2],
}

const HEADER: [&str; 9] =
    ["row", "name", "lat", "lon", "far_row", "far_name", "far_lat", "far_lon", "distance_km"];

/// Behind the header, where a column of identifiers was named.
const HEADER_OF_IDS: [&str; 2] = ["id", "far_id"];

#[derive(Serialize)]
struct Properties<'a> {
    row: u64,
    name: &'a str,
    lat: f64,
    lon: f64,
    far_row: u64,
    far_name: &'a str,
    far_lat: f64,
    far_lon: f64,
    distance_km: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    far_id: Option<&'a str>,
}

/// Lines that are made one behind the other.
pub(super) struct Lines {
    form: Form,
    text: Text,
    number: String,
}

enum Text {
    Delimited(Box<csv::Writer<Vec<u8>>>),
    Json(Vec<u8>),
}

impl Lines {
    pub(super) fn new(form: Form) -> Lines {
        let delimited = |delimiter| {
            let mut builder = csv::WriterBuilder::new();
            Text::Delimited(Box::new(builder.delimiter(delimiter).from_writer(Vec::new())))
        };
        let text = match form {
            Form::Csv => delimited(b','),
            Form::Tsv => delimited(b'\t'),
            Form::GeoJson => Text::Json(Vec::new()),
        };
        Lines { form, text, number: String::new() }
    }

    /// What stands above all lines.
    pub(super) fn begin(&mut self, has_ids: bool) {
        match &mut self.text {
            Text::Delimited(writer) => {
                let ids = if has_ids { &HEADER_OF_IDS[..] } else { &[] };
                let names = HEADER.iter().chain(ids);
                writer.write_record(names).expect("memory takes it");
            }
            Text::Json(text) => {
                text.extend_from_slice(BEGIN.as_bytes());
            }
        }
    }

    /// What stands below all lines.
    pub(super) fn end(&mut self) {
        if let Text::Json(text) = &mut self.text {
            text.extend_from_slice(END.as_bytes());
        }
    }

    /// The line of a city and its farthest one.
    pub(super) fn push(&mut self, city: &Named<'_>, far: &Named<'_>, km: f64, is_first: bool) {
        let number = &mut self.number;
        match &mut self.text {
            Text::Delimited(writer) => {
                let mut field = |text: &[u8]| writer.write_field(text).expect("memory takes it");
                for Named { row, name, degrees: [lat, lon], .. } in [city, far] {
                    field(written(number, row));
                    field(name.as_bytes());
                    field(written(number, lat));
                    field(written(number, lon));
                }
                field(written(number, &km));
                for id in [city.id, far.id].into_iter().flatten() {
                    field(id.as_bytes());
                }
                writer.write_record(None::<&[u8]>).expect("memory takes it");
            }
            Text::Json(text) => {
                if !is_first {
                    text.extend_from_slice(BETWEEN.as_bytes());
                }
                let (geometry, properties) =
                    (Geometry::point(city.degrees), properties(city, far, km));
                features::write(text, geometry, properties).expect("memory takes it");
            }
        }
    }

    /// The text, and lines of the same form to go on with.
    pub(super) fn take(&mut self) -> Vec<u8> {
        match std::mem::replace(self, Lines::new(self.form)).text {
            Text::Delimited(writer) => writer.into_inner().expect("memory takes it"),
            Text::Json(text) => text,
        }
    }
}

/// A number as text, in a buffer.
fn written<'a>(buffer: &'a mut String, number: &impl std::fmt::Display) -> &'a [u8] {
    buffer.clear();
    let _ = write!(buffer, "{number}");
    buffer.as_bytes()
}

fn properties<'a>(city: &Named<'a>, far: &Named<'a>, distance_km: f64) -> Properties<'a> {
    let ([lat, lon], [far_lat, far_lon]) = (city.degrees, far.degrees);
    Properties {
        row: city.row,
        name: city.name,
        lat,
        lon,
        far_row: far.row,
        far_name: far.name,
        far_lat,
        far_lon,
        distance_km,
        id: city.id,
        far_id: far.id,
    }
}
