//! `farthest info`, the work of one rank, and what other commands say of files and cities.
//!
//! Architecture Invariant: nothing here is collective.

use std::path::Path;
use std::time::Instant;

use crate::atlas::Atlas;
use crate::cli::{Format, InfoOptions};
use crate::error::{Error, Result};
use crate::formats::Skipped;
use crate::notes;
use crate::pairs::PairSpace;
use crate::report::{self, City, FileFacts, InfoReport};
use crate::source::{CityFile, Fingerprint, STANDARD_INPUT, read_pipe};
use crate::survey::survey;
use crate::team::{Alone, Team};

pub(super) fn info(options: &InfoOptions) -> Result<String> {
    let begun = Instant::now();
    let file = open(&Alone, &options.file)?;
    let report = info_of(&file, options, begun);
    file.require_unchanged().and(report)
}

fn info_of(file: &CityFile, options: &InfoOptions, begun: Instant) -> Result<String> {
    let cities = file.load(&Alone, &options.load)?;
    let atlas = cities.atlas();
    require_cities(file, 2, atlas.cities(), &cities.skipped)?;
    let open_time_s = begun.elapsed().as_secs_f64();
    if options.verify {
        cities.verify(file, &Alone)?;
    }
    let facts = survey(&atlas);
    let report = InfoReport {
        status: "ok",
        version: report::VERSION,
        cities: atlas.cities() as u64,
        pairs: PairSpace::within(atlas.cities() as u64, 1).pairs(),
        lat_bounds: facts.lat_bounds_deg,
        lon_bounds: facts.lon_bounds_deg,
        duplicates: facts.duplicates,
        first_cities: facts.first.iter().map(|&position| city(&atlas, position)).collect(),
        open_time_s,
        file: file_facts(file, cities.fingerprint),
        columns: cities.columns.clone(),
        skipped: cities.skipped.clone(),
        notes: cities.notes.iter().cloned().chain(notes::of_zero(cities.at_zero, 0)).collect(),
    };
    Ok(match options.format {
        Format::Json => report::json(&report),
        Format::Text | Format::Csv => report.text(),
    })
}

/// Opens a file on every rank of a team, or reads standard input, which only the first can.
pub(super) fn open(team: &dyn Team, path: &Path) -> Result<CityFile> {
    if path.as_os_str() != STANDARD_INPUT {
        return team.agree(CityFile::open(path));
    }
    let bytes = match team.rank() {
        0 => read_pipe(std::io::stdin().lock()),
        _ => Ok(Vec::new()),
    };
    CityFile::of_pipe(team, team.agree(bytes)?)
}

/// Refuses a list with fewer cities than pairs are made of: two of one list, or one of each of two.
pub(super) fn require_cities(
    file: &CityFile,
    least: usize,
    cities: usize,
    skipped: &Skipped,
) -> Result<()> {
    if cities >= least {
        return Ok(());
    }
    let skipped = match skipped.count {
        0 => String::new(),
        count => format!(" ({count} rows were left out)"),
    };
    let expected = match least {
        1 => "expected a city, found none",
        _ => "expected at least 2 cities, found {}",
    };
    let problem =
        format!("{}{skipped}; a pair needs two", expected.replace("{}", &cities.to_string()));
    Err(Error::Data { file: file.path().to_path_buf(), problem })
}

pub(super) fn city(atlas: &Atlas<'_>, position: usize) -> City {
    let [lat, lon] = atlas.degrees(position);
    City { row: atlas.row(position), name: atlas.name(position).into_owned(), lat, lon }
}

pub(super) fn file_facts(file: &CityFile, fingerprint: Fingerprint) -> FileFacts {
    FileFacts {
        path: file.path().to_string_lossy().into_owned(),
        bytes: fingerprint.bytes,
        checksum: fingerprint.checksum_text(),
        format: file.format().into(),
    }
}
