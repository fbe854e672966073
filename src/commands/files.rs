//! `farthest pack`, `info` and `generate`: one file in or out, the work of one rank.
//!
//! Architecture Invariant: nothing here is collective.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::atlas::{Atlas, Packing};
use crate::cli::{FileForm, Format, GenerateOptions, InfoOptions, PackOptions};
use crate::error::{Error, Result};
use crate::formats::{ReadOptions, Reading, Skipped};
use crate::generate::{self, Places, Planted};
use crate::memory;
use crate::notes;
use crate::output::write_file;
use crate::pairs::PairSpace;
use crate::report::{self, City, FileFacts, InfoReport};
use crate::source::{CityFile, STANDARD_INPUT};
use crate::sphere::{distance_km, unit_vector};
use crate::survey::survey;

pub(super) fn pack(options: &PackOptions) -> Result<String> {
    let room_bytes = memory::available_bytes();
    let file = open(&options.input, room_bytes)?;
    let reading = file.list(&ReadOptions { room_bytes, ..options.read.clone() })?;
    let Reading { list, skipped, columns, mut notes } = reading;
    require_two(&file, list.len(), &skipped)?;
    notes.extend(notes::of_zero(Some(notes::at_zero(&list)), 0));
    let packing = Packing::new(&list);
    write_file(&options.output, options.force, |out| packing.write(out))?;
    let facts = report::key_values(&[
        ("packed", report::printable(&options.output.to_string_lossy())),
        ("cities", list.len().to_string()),
        ("bytes", packing.bytes().to_string()),
    ]);
    Ok(facts + &report::reading_text(&columns, &skipped, &notes))
}

pub(super) fn info(options: &InfoOptions) -> Result<String> {
    let begun = Instant::now();
    let room_bytes = memory::available_bytes();
    let file = open(&options.file, room_bytes)?;
    let cities = file.load(&ReadOptions { room_bytes, ..options.read.clone() })?;
    let atlas = cities.atlas();
    require_two(&file, atlas.cities(), &cities.skipped)?;
    let open_time_s = begun.elapsed().as_secs_f64();
    if options.verify {
        cities.verify(file.path())?;
    }
    let facts = survey(&atlas);
    let report = InfoReport {
        status: "ok",
        version: report::VERSION,
        cities: atlas.cities() as u64,
        pairs: PairSpace::new(atlas.cities() as u64, 1).pairs(),
        lat_bounds: facts.lat_bounds_deg,
        lon_bounds: facts.lon_bounds_deg,
        duplicates: facts.duplicates,
        first_cities: facts.first.iter().map(|&position| city(&atlas, position)).collect(),
        open_time_s,
        file: file_facts(&file),
        columns: cities.columns.clone(),
        skipped: cities.skipped.clone(),
        notes: cities.notes.iter().cloned().chain(notes::of_zero(cities.at_zero, 0)).collect(),
    };
    Ok(match options.format {
        Format::Json => report::json(&report),
        Format::Text => report.text(),
    })
}

/// Opens a file, or reads standard input, which only this rank can.
fn open(path: &Path, room_bytes: Option<u64>) -> Result<CityFile> {
    match path.as_os_str() == STANDARD_INPUT {
        true => CityFile::read(std::io::stdin().lock(), room_bytes),
        false => CityFile::open(path),
    }
}

pub(super) fn generate(options: &GenerateOptions) -> Result<String> {
    let places = Places::new(options.recipe);
    let planted = places.planted();
    let (output, force) = (&options.output, options.force);
    match options.form {
        FileForm::Packed => {
            let list = generate::list(places).ok_or_else(|| too_many(options))?;
            let packing = Packing::new(&list);
            write_file(output, force, |out| packing.write(out))?;
        }
        FileForm::Notebook => {
            write_file(output, force, |out| generate::write_text(places, ' ', out))?;
        }
        FileForm::Delimited(delimiter) => write_file(output, force, |out| {
            writeln!(out, "lat{delimiter}lon{delimiter}name")?;
            generate::write_text(places, delimiter, out)
        })?,
    }
    let facts = [
        ("generated", report::printable(&options.output.to_string_lossy())),
        ("cities", options.recipe.cities.to_string()),
    ];
    Ok(report::key_values(&facts) + &planted.map(planted_text).unwrap_or_default())
}

fn too_many(options: &GenerateOptions) -> Error {
    Error::Io {
        file: options.output.clone(),
        action: "cannot hold so many cities in memory (text needs none)",
        source: std::io::ErrorKind::OutOfMemory.into(),
    }
}

fn planted_text(Planted { places, rows }: Planted) -> String {
    let [p, q] = places.map(|place| place.coordinates());
    let vector = |c: crate::cities::Coordinates| unit_vector(c.lat_deg(), c.lon_deg());
    let distance_km = distance_km(vector(p), vector(q));
    let line = |row: u64, c: crate::cities::Coordinates| {
        format!("row {row}, {} ({}, {})", generate::name(row), c.lat_deg(), c.lon_deg())
    };
    report::key_values(&[
        ("planted first", line(rows[0], p)),
        ("planted second", line(rows[1], q)),
        ("distance", format!("{distance_km:.9} km")),
    ])
}

/// Refuses a list without a pair.
pub(super) fn require_two(file: &CityFile, cities: usize, skipped: &Skipped) -> Result<()> {
    if cities >= 2 {
        return Ok(());
    }
    let skipped = match skipped.count {
        0 => String::new(),
        count => format!(" ({count} rows were left out)"),
    };
    let problem = format!("expected at least 2 cities, found {cities}{skipped}; a pair needs two");
    Err(Error::Data { file: file.path().to_path_buf(), problem })
}

pub(super) fn city(atlas: &Atlas<'_>, position: usize) -> City {
    let [lat, lon] = atlas.degrees(position);
    City { row: atlas.row(position), name: atlas.name(position).into_owned(), lat, lon }
}

pub(super) fn file_facts(file: &CityFile) -> FileFacts {
    let fingerprint = file.fingerprint();
    FileFacts {
        path: file.path().to_string_lossy().into_owned(),
        bytes: fingerprint.bytes,
        checksum: fingerprint.checksum_text(),
        format: file.format(),
    }
}
