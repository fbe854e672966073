//! `farthest pair`: city file in, farthest pair out.
//!
//! Architecture Invariant: every rank takes every collective step in the same order; whatever
//! can fail on one rank is agreed on before the next of them.

use std::path::Path;
use std::time::Instant;

use super::Printed;
use super::explain::Records;
use super::files::{city, file_facts, require_two};
use super::search::{Task, leftover, search_together};
use super::sound::find_unsound;
use crate::atlas::Atlas;
use crate::cli::{Dist, Format, PairOptions};
use crate::driver::checkpoint::Question;
use crate::error::{Error, Result, STOPPED};
use crate::memory;
use crate::notes;
use crate::pairs::PairSpace;
use crate::ranking::FarPair;
use crate::reduction::Counts;
use crate::report::{
    self, FileFacts, Length, PairReport, PhaseTimes, RankShare, RankTimes, RankedPair, ReadShare,
};
use crate::scatter;
use crate::search::{Method, upper_bound_km};
use crate::source::{self, Cities, CityFile, Fingerprint, ReadFacts, STANDARD_INPUT};
use crate::sphere::RADIUS_KM;
use crate::world::World;

/// What distances are measured on.
const METRIC: &str = "sphere";

pub(super) fn pair(world: &World, options: &PairOptions) -> Result<Printed> {
    let watch = Stopwatch::start();
    let file = open(world, &options.file)?;
    let report = pair_of(world, &file, options, watch);
    // All ranks agreed on what came of the search. It may come of a file that was changed meanwhile.
    world.agree(file.require_unchanged())?;
    report
}

fn pair_of(
    world: &World,
    file: &CityFile,
    options: &PairOptions,
    mut watch: Stopwatch,
) -> Result<Printed> {
    let begun = watch.begun();
    let (beginning, of_beginning) = file.sight();
    require_same_file(world, file, (beginning, of_beginning))?;
    let mut times = RankTimes { open_s: watch.lap_s(), ..RankTimes::default() };
    let cities = world.agree(file.load(world.node(), &options.load))?;
    // Files of one length, as these are now known to be, have all more to compare or none.
    if !of_beginning.is_empty() {
        require_same_file(world, file, (cities.fingerprint, ""))?;
    }
    times.open_s += cities.times.open_s;
    (times.parse_s, times.order_s, times.share_s) =
        (cities.times.parse_s, cities.times.order_s, cities.times.share_s);
    if options.verify {
        world.agree(cities.verify(file, world.node()))?;
    }
    let atlas = cities.atlas();
    world.agree(require_two(file, atlas.cities(), &cities.skipped))?;
    let pairs = PairSpace::within(atlas.cities() as u64, 1).pairs();
    if options.dist == Dist::Scatter {
        world.at_root(|| scatter::require_room(pairs, memory::available_bytes()))?;
    }

    let damaged = |problem| damaged(file, problem);
    let question = question(options, file, &cities);
    let task = Task { options, file, atlas: &atlas, question, begun, damaged: &damaged };
    let searched = search_together(world, &task)?;
    (times.search_s, times.reduce_s) = (searched.search_s, searched.reduce_s);

    let ReadFacts { bytes: bytes_read, rows: rows_read, cities: cities_read } = cities.read;
    let read = ReadShare { bytes_read, rows_read, cities_read };
    let records = Records::gather(world, times, read, &searched.outcome);
    let ranks = Ranks::of(world, &records, options);
    let text = world.at_root(|| {
        if !searched.is_stopped {
            ranks.counts.require_covered(pairs)?;
        }
        let no_pair = || "expected a distance for some pair, found none; check it with --verify";
        let pairs: Vec<FarPair> = searched.ranking.pairs().collect();
        let farthest = *pairs.first().ok_or_else(|| damaged(no_pair().into()))?;
        pairs.iter().try_for_each(|pair| require_sound(file, &atlas, options.method, pair))?;
        let facts = file_facts(file, cities.fingerprint);
        let mut report = report(options, facts, &cities, farthest, &ranks);
        if searched.is_stopped {
            let most_km = upper_bound_km(options.method, &atlas.points());
            report.stop(most_km.max(farthest.distance_km) * scale(options));
        }
        report.notes.extend(searched.notes.iter().cloned());
        let ranked = || pairs.iter().map(|pair| ranked(&atlas, pair, options)).collect();
        report.top = options.lists_pairs.then(ranked);
        Ok(match (options.format, options.quiet) {
            (Format::Json, _) => report::json(&report),
            (Format::Csv, _) => report::csv(&ranked()),
            (Format::Text, true) => report.quiet_text(),
            (Format::Text, false) => report.text(),
        })
    })?;
    let exit_code = if searched.is_stopped { STOPPED } else { 0 };
    Ok(Printed { text, exit_code, leftover: leftover(options, searched.is_stopped) })
}

/// What a checkpoint of this run is bound to.
fn question(options: &PairOptions, file: &CityFile, cities: &Cities<'_>) -> Question {
    let fingerprint = cities.fingerprint;
    let columns = serde_json::to_string(&cities.columns).expect("columns have names");
    Question {
        version: report::VERSION.into(),
        checksum: fingerprint.checksum_text(),
        bytes: fingerprint.bytes,
        // What --verify has compared with the checksums is what they say, whenever it was written.
        modified: file.last_modified().filter(|_| !options.verify),
        cities: cities.atlas().cities() as u64,
        reading: format!("{columns}, {} rows left out", cities.skipped.count),
        method: options.method.name().into(),
        metric: METRIC.into(),
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
    let fingerprints = world.gather_at_root(&fingerprint.to_words());
    let hosts = world.hosts_at_root();
    world.at_root(|| {
        let fingerprints = fingerprints.chunks_exact(2).map(Fingerprint::from_words);
        source::require_same(file.path(), of, fingerprints.zip(hosts.iter().cloned()))
    })
}

/// Refuses an answer that no list of cities has ([`find_unsound`]).
fn require_sound(
    file: &CityFile,
    atlas: &Atlas<'_>,
    method: Method,
    farthest: &FarPair,
) -> Result<()> {
    match find_unsound(atlas, method, farthest) {
        Some(problem) => Err(damaged(file, format!("{problem}; check it with --verify"))),
        None => Ok(()),
    }
}

fn damaged(file: &CityFile, problem: String) -> Error {
    Error::Data { file: file.path().to_path_buf(), problem }
}

/// Tells how long one step after the other took.
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    pub(super) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// When it was started, or asked last.
    fn begun(&self) -> Instant {
        self.0
    }

    /// Seconds since the start, or since this was asked last.
    pub(super) fn lap_s(&mut self) -> f64 {
        let now = Instant::now();
        let lap_s = (now - self.0).as_secs_f64();
        self.0 = now;
        lap_s
    }
}

/// What rank 0 knows of all ranks.
struct Ranks {
    hosts: Vec<String>,
    library: String,
    times: Vec<RankTimes>,
    counts: Counts,
    explained: Option<Vec<RankShare>>,
}

impl Ranks {
    fn of(world: &World, records: &Records, options: &PairOptions) -> Ranks {
        let hosts = world.hosts_at_root();
        Ranks {
            hosts: report::distinct(hosts),
            library: world.library(),
            times: records.times(),
            counts: records.counts(),
            explained: options.explain.then(|| records.explain(hosts)),
        }
    }
}

fn report(
    options: &PairOptions,
    file: FileFacts,
    cities: &Cities<'_>,
    farthest: FarPair,
    ranks: &Ranks,
) -> PairReport {
    let counts = &ranks.counts;
    let atlas = cities.atlas();
    let answer = farthest.positions.map(|position| position as usize);
    let times_s = PhaseTimes::of(&ranks.times);
    let execution_time = ranks.times.iter().map(RankTimes::execution_s).fold(0.0, f64::max);
    PairReport {
        status: "ok",
        version: report::VERSION,
        distance: Length::new(farthest.distance_km * scale(options), options.unit),
        upper_bound_km: None,
        pair: answer.map(|position| city(&atlas, position)),
        top: None,
        cities: atlas.cities() as u64,
        pairs: PairSpace::within(atlas.cities() as u64, 1).pairs(),
        pairs_covered: counts.covered,
        pairs_covered_earlier: (counts.covered_earlier > 0).then_some(counts.covered_earlier),
        pairs_evaluated: counts.evaluated,
        groups_opened: counts.groups_opened,
        pairs_per_s: (counts.covered - counts.covered_earlier) as f64 / execution_time,
        method: options.method.name(),
        search: options.method.search_name(counts.regions_by_tree),
        dist: options.dist.name(),
        isa: options.kernel.isa().name(),
        metric: METRIC,
        radius_km: options.radius_km,
        ranks: ranks.times.len() as u64,
        nproc: ranks.times.len() as u64,
        nodes: ranks.hosts.len(),
        hosts: ranks.hosts.clone(),
        mpi: ranks.library.clone(),
        execution_time,
        times_s,
        load_balance: times_s.search.load_balance(),
        file,
        columns: cities.columns.clone(),
        skipped: cities.skipped.clone(),
        notes: notes_of(cities, answer),
        explain: ranks.explained.clone(),
    }
}

/// What a kilometre of the sphere that distances are measured on is on the one that is reported.
pub(super) fn scale(options: &PairOptions) -> f64 {
    options.radius_km / RADIUS_KM
}

fn ranked(atlas: &Atlas<'_>, pair: &FarPair, options: &PairOptions) -> RankedPair {
    let FarPair { distance_km, positions, .. } = *pair;
    let distance = Length::new(distance_km * scale(options), options.unit);
    RankedPair { distance, pair: positions.map(|position| city(atlas, position as usize)) }
}

/// What to doubt in the list, and in the answer at these positions.
fn notes_of(cities: &Cities<'_>, answer: [usize; 2]) -> Vec<String> {
    let atlas = cities.atlas();
    let zero = notes::of_zero(cities.at_zero, notes::zeros_in(&atlas, answer));
    let copies = notes::of_copies(&atlas, answer);
    cities.notes.iter().cloned().chain(zero).chain(copies).collect()
}
