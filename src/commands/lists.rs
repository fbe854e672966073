//! The one list or the two lists that pairs are made of.
//!
//! Architecture Invariant: every rank takes every collective step in the same order; lists are opened and read one
//! after the other.

use std::path::{Path, PathBuf};

use super::files::{file_facts, require_cities};
use super::pair::Stopwatch;
use crate::atlas::Atlas;
use crate::error::{Error, Result};
use crate::plain::printable;
use crate::points::Points;
use crate::ranking::FarPair;
use crate::report::{ListFacts, RankTimes, ReadShare};
use crate::search::Field;
use crate::source::{self, Cities, CityFile, Fingerprint, LoadOptions, STANDARD_INPUT};
use crate::world::World;

/// The files of a command, opened.
pub(super) struct Files(Vec<CityFile>);

impl Files {
    /// Opens them on every rank, or passes what rank 0 reads from standard input to all nodes.
    pub(super) fn open(world: &World, paths: &[PathBuf]) -> Result<Files> {
        paths.iter().map(|path| open(world, path)).collect::<Result<Vec<_>>>().map(Files)
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &CityFile> {
        self.0.iter()
    }

    /// Refuses files that were changed since they were opened.
    pub(super) fn require_unchanged(&self) -> Result<()> {
        self.0.iter().try_for_each(CityFile::require_unchanged)
    }

    /// When they were last written to.
    pub(super) fn last_modified(&self) -> Option<String> {
        let times: Vec<String> = self.0.iter().filter_map(CityFile::last_modified).collect();
        (!times.is_empty()).then(|| times.join(", "))
    }

    /// Reads them, and all of the packed ones if they are to be verified.
    pub(super) fn load(
        &self,
        world: &World,
        (options, verify): (&LoadOptions, bool),
        watch: &mut Stopwatch,
        times: &mut RankTimes,
    ) -> Result<Lists<'_>> {
        let mut lists = Vec::with_capacity(self.0.len());
        for file in &self.0 {
            let (beginning, of_beginning) = file.sight();
            require_same_file(world, file, (beginning, of_beginning))?;
            times.open_s += watch.lap_s();
            let cities = world.agree(file.load(world.node(), options))?;
            // Files of one length, as these are now known to be, have all more to compare or none.
            if !of_beginning.is_empty() {
                require_same_file(world, file, (cities.fingerprint, ""))?;
            }
            watch.lap_s();
            times.open_s += cities.times.open_s;
            times.parse_s += cities.times.parse_s;
            times.order_s += cities.times.order_s;
            times.share_s += cities.times.share_s;
            if verify {
                world.agree(cities.verify(file, world.node()))?;
            }
            let least = if self.0.len() == 1 { 2 } else { 1 };
            world.agree(require_cities(file, least, cities.atlas().cities(), &cities.skipped))?;
            lists.push((file, cities));
        }
        Ok(Lists(lists))
    }
}

/// The lists of a command, read, each with its file.
pub(super) struct Lists<'a>(Vec<(&'a CityFile, Cities<'a>)>);

impl Lists<'_> {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&CityFile, &Cities<'_>)> {
        self.0.iter().map(|(file, cities)| (*file, cities))
    }

    /// The points of each.
    pub(super) fn points(&self) -> Vec<Points<'_>> {
        self.iter().map(|(_, cities)| cities.atlas().points()).collect()
    }

    /// The atlas of the cities that stand first in pairs, and of those that stand second.
    pub(super) fn atlases(&self) -> [Atlas<'_>; 2] {
        let last = self.0.len() - 1;
        [0, last].map(|at| self.0[at].1.atlas())
    }

    /// What the report says of the files.
    pub(super) fn facts(&self) -> Vec<ListFacts> {
        let of_one = |(file, cities): (&CityFile, &Cities<'_>)| ListFacts {
            file: file_facts(file, cities.fingerprint),
            cities: cities.atlas().cities() as u64,
            columns: cities.columns.clone(),
            skipped: cities.skipped.clone(),
        };
        self.iter().map(of_one).collect()
    }

    /// What this rank read.
    pub(super) fn read(&self) -> ReadShare {
        let zero = ReadShare { bytes_read: 0, rows_read: 0, cities_read: 0 };
        self.iter().fold(zero, |sum, (_, cities)| ReadShare {
            bytes_read: sum.bytes_read + cities.read.bytes,
            rows_read: sum.rows_read + cities.read.rows,
            cities_read: sum.cities_read + cities.read.cities,
        })
    }

    /// The error for a mistake inside a file, of two lists in one of them.
    pub(super) fn damaged(&self, problem: String) -> Error {
        let [first, second] = [0, self.0.len() - 1];
        match first == second {
            true => self.damaged_in(0, problem),
            false => {
                let other = self.0[second].0.path().display().to_string();
                let problem = format!("in this list or in {}: {problem}", printable(&other));
                self.damaged_in(0, problem)
            }
        }
    }

    /// The same of the list of the cities that stand first in pairs (0), or second (1).
    pub(super) fn damaged_in(&self, of: usize, problem: String) -> Error {
        let (file, _) = &self.0[of.min(self.0.len() - 1)];
        Error::Data { file: file.path().to_path_buf(), problem }
    }

    /// The positions of the two cities of a pair.
    pub(super) fn positions(pair: &FarPair) -> [usize; 2] {
        pair.positions.map(|position| position as usize)
    }
}

/// The field of the points of one list or two.
pub(super) fn field_of<'a>(points: &'a [Points<'a>]) -> Field<'a> {
    match points {
        [points] => Field::within(points),
        [rows, columns] => Field::between(rows, columns),
        _ => unreachable!("a command has one list or two"),
    }
}

/// Opens a file on every rank, or passes what rank 0 reads from standard input to all nodes.
fn open(world: &World, path: &Path) -> Result<CityFile> {
    if path.as_os_str() != STANDARD_INPUT {
        return world.agree(CityFile::open(path));
    }
    let bytes = world.to_nodes(|| source::read_pipe(std::io::stdin().lock()))?;
    world.agree(CityFile::of_pipe(world.node(), bytes))
}

/// Refuses ranks that opened different files under the same path, as far as these checksums tell.
fn require_same_file(
    world: &World,
    file: &CityFile,
    (fingerprint, of): (Fingerprint, &str),
) -> Result<()> {
    let fingerprints = world.gather_at_root(&[fingerprint]);
    let hosts = world.hosts_at_root();
    world.at_root(|| {
        source::require_same(file.path(), of, fingerprints.into_iter().zip(hosts.iter().cloned()))
    })
}
