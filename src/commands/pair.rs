//! `farthest pair`: city file in, farthest pair out.
//!
//! Architecture Invariant: every rank takes every collective step in the same order; whatever
//! can fail on one rank is agreed on before the next of them.

use std::time::Instant;

use super::explain::explain;
use super::files::{city, file_facts, require_two};
use crate::atlas::Atlas;
use crate::cities::Coordinates;
use crate::cli::{Dist, Format, PairOptions};
use crate::error::{Error, Result};
use crate::formats::ReadOptions;
use crate::incumbent::FarPair;
use crate::memory;
use crate::notes;
use crate::pairs::PairSpace;
use crate::reduction::{Counts, farthest_of_all};
use crate::report::{self, PairReport, PhaseTimes, RankShare, Spread};
use crate::scatter;
use crate::search::{Found, search};
use crate::source::{self, Cities, CityFile, Fingerprint};
use crate::sphere::RADIUS_KM;
use crate::world::World;

pub(super) fn pair(world: &World, options: &PairOptions) -> Result<String> {
    let begun = Instant::now();
    let file = world.agree(CityFile::open(&options.file))?;
    require_same_file(world, &file)?;
    // All ranks have the same file, and so ask for their neighbours together or not at all.
    let room_bytes = match file.is_compressed() {
        true => {
            let ranks = world.ranks_on_node();
            memory::available_bytes().map(|bytes| bytes / ranks)
        }
        false => None,
    };
    let cities = world.agree(file.load(&ReadOptions { room_bytes, ..options.read.clone() }))?;
    if options.verify {
        world.agree(cities.verify(file.path()))?;
    }
    let atlas = cities.atlas();
    world.agree(require_two(&file, atlas.cities(), &cities.skipped))?;
    let read_s = begun.elapsed().as_secs_f64();
    let pairs = PairSpace::new(atlas.cities() as u64, 1).pairs();
    if options.dist == Dist::Scatter {
        world.at_root(|| scatter::require_room(pairs, memory::available_bytes()))?;
    }

    world.barrier();
    let begun = Instant::now();
    let found = match options.dist {
        Dist::Mapped => search(&atlas, options.method, options.kernel, world.rank(), world.ranks()),
        Dist::Scatter => scatter::search(world, &atlas),
    };
    let search_s = begun.elapsed().as_secs_f64();
    let found = world.agree(found.map_err(|problem| damaged(&file, problem)))?;
    let farthest = farthest_of_all(found.farthest, |key| world.max(key));
    let execution_s = begun.elapsed().as_secs_f64();

    let times = Times { read_s, search_s, reduce_s: execution_s - search_s, execution_s };
    let explained = options.explain.then(|| explain(world, &found, search_s));
    let ranks = Ranks { explained, ..gather(world, times, &found) };
    world.at_root(|| {
        ranks.counts.require_covered(pairs)?;
        let no_pair = || "expected a distance for some pair, found none; check it with --verify";
        let farthest = farthest.ok_or_else(|| damaged(&file, no_pair().into()))?;
        require_sound(&file, &atlas, &farthest)?;
        let report = report(options, &file, &cities, farthest, &ranks);
        Ok(match (options.format, options.quiet) {
            (Format::Json, _) => report::json(&report),
            (Format::Text, true) => report.quiet_text(),
            (Format::Text, false) => report.text(),
        })
    })
}

/// Refuses ranks that opened different files under the same path.
fn require_same_file(world: &World, file: &CityFile) -> Result<()> {
    let fingerprints = world.gather_at_root(&file.fingerprint().to_words());
    let hosts = world.hosts_at_root();
    world.at_root(|| {
        let fingerprints = fingerprints.chunks_exact(2).map(Fingerprint::from_words);
        source::require_same(file.path(), fingerprints.zip(hosts))
    })
}

/// Refuses an answer that no list of cities has: a row twice or beyond the last, or a place off the Earth. The
/// sections of a packed file are taken at their word, and this is the last look at what they gave.
fn require_sound(file: &CityFile, atlas: &Atlas<'_>, farthest: &FarPair) -> Result<()> {
    let ([low, high], rows) = (farthest.rows, atlas.source_rows());
    if low == high || high >= rows {
        let problem = format!(
            "expected two rows of {rows}, counted from 0, found {low} and {high}; check it with --verify"
        );
        return Err(damaged(file, problem));
    }
    for position in farthest.positions {
        let [lat_deg, lon_deg] = atlas.degrees(position as usize);
        Coordinates::new(lat_deg, lon_deg).map_err(|error| {
            damaged(file, format!("{}; check it with --verify", error.problem()))
        })?;
    }
    Ok(())
}

fn damaged(file: &CityFile, problem: String) -> Error {
    Error::Data { file: file.path().to_path_buf(), problem }
}

/// Where the time of one rank went, in seconds.
struct Times {
    read_s: f64,
    search_s: f64,
    reduce_s: f64,
    execution_s: f64,
}

/// What rank 0 knows of all ranks.
struct Ranks {
    hosts: Vec<String>,
    library: String,
    times: Vec<Times>,
    counts: Counts,
    explained: Option<Vec<RankShare>>,
}

fn gather(world: &World, mine: Times, found: &Found) -> Ranks {
    let Times { read_s, search_s, reduce_s, execution_s } = mine;
    let times = world.gather_at_root(&[read_s, search_s, reduce_s, execution_s]);
    let times = times.chunks_exact(4).map(|times| Times {
        read_s: times[0],
        search_s: times[1],
        reduce_s: times[2],
        execution_s: times[3],
    });
    Ranks {
        hosts: world.hosts_at_root(),
        library: world.library(),
        times: times.collect(),
        counts: Counts::sum(&world.gather_at_root(&Counts::of(found).to_words())),
        explained: None,
    }
}

fn report(
    options: &PairOptions,
    file: &CityFile,
    cities: &Cities<'_>,
    farthest: FarPair,
    ranks: &Ranks,
) -> PairReport {
    let atlas = cities.atlas();
    let answer = farthest.positions.map(|position| position as usize);
    let spread = |time: fn(&Times) -> f64| Spread::of(ranks.times.iter().map(time));
    let times_s = PhaseTimes {
        read: spread(|times| times.read_s),
        search: spread(|times| times.search_s),
        reduce: spread(|times| times.reduce_s),
    };
    let execution_time = spread(|times| times.execution_s).max;
    let hosts = report::distinct(&ranks.hosts);
    PairReport {
        status: "ok",
        version: report::VERSION,
        distance_km: farthest.distance_km,
        pair: answer.map(|position| city(&atlas, position)),
        cities: atlas.cities() as u64,
        pairs: ranks.counts.covered,
        pairs_covered: ranks.counts.covered,
        pairs_evaluated: ranks.counts.evaluated,
        groups_opened: ranks.counts.groups_opened,
        pairs_per_s: ranks.counts.covered as f64 / execution_time,
        method: options.method.name(),
        search: options.method.search_name(ranks.counts.regions_by_tree),
        dist: options.dist.name(),
        isa: options.kernel.isa().name(),
        metric: "sphere",
        radius_km: RADIUS_KM,
        ranks: ranks.times.len() as u64,
        nproc: ranks.times.len() as u64,
        nodes: hosts.len(),
        hosts,
        mpi: ranks.library.clone(),
        execution_time,
        times_s,
        load_balance: times_s.search.load_balance(),
        file: file_facts(file),
        columns: cities.columns.clone(),
        skipped: cities.skipped.clone(),
        notes: notes_of(cities, answer),
        explain: ranks.explained.clone(),
    }
}

/// What to doubt in the list, and in the answer at these positions.
fn notes_of(cities: &Cities<'_>, answer: [usize; 2]) -> Vec<String> {
    let atlas = cities.atlas();
    let zero = notes::of_zero(cities.at_zero, notes::zeros_in(&atlas, answer));
    let copies = notes::of_copies(&atlas, answer);
    cities.notes.iter().cloned().chain(zero).chain(copies).collect()
}
