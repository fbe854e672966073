//! `farthest pair`: city file in, farthest pair out.
//!
//! Architecture Invariant: every rank takes every collective step in the same order; whatever
//! can fail on one rank is agreed on before the next of them.

use std::time::Instant;

use super::Printed;
use super::drawings::{Drawings, censuses_of_lists};
use super::explain::Records;
use super::files::city;
use super::lists::{Files, Lists, field_of};
use super::origins::{origins, require_ids};
use super::search::{Task, search_together};
use super::sound::require_sound;
use crate::atlas::Atlas;
use crate::checksum;
use crate::cli::{Dist, Format, PairOptions};
use crate::console;
use crate::driver::checkpoint::Question;
use crate::error::{Result, STOPPED};
use crate::memory;
use crate::metric::{Azimuths, Metric};
use crate::notes;
use crate::plain::printable;
use crate::ranking::FarPair;
use crate::reduction::Counts;
use crate::report::{
    self, City, CountFacts, EarthFacts, Length, Origin, PairReport, PhaseTimes, RankFacts,
    RankShare, RankTimes, RankedPair, TimeFacts, Unit, WayFacts,
};
use crate::scatter;
use crate::search::{Method, upper_bound_km};
use crate::source::{Cities, CityFile};
use crate::sphere::{RADIUS_KM, UnitVector};
use crate::world::World;

pub(super) fn pair(world: &World, options: &PairOptions) -> Result<Printed> {
    let watch = Stopwatch::start();
    let files = Files::open(world, &options.files)?;
    let drawings = world.at_root(|| Drawings::begin(options))?;
    world.at_root(|| require_ids(&files, options))?;
    let report = pair_of(world, &files, options, (watch, &drawings));
    // All ranks agreed on what came of the search. It may come of a file that was changed meanwhile.
    world.agree(files.require_unchanged())?;
    let report = report?;
    // Of a search that was stopped there is no answer to draw.
    world.at_root(|| if report.exit_code == 0 { drawings.finish() } else { Ok(()) })?;
    Ok(report)
}

fn pair_of(
    world: &World,
    files: &Files,
    options: &PairOptions,
    (mut watch, drawings): (Stopwatch, &Drawings),
) -> Result<Printed> {
    let begun = watch.begun();
    let mut times = RankTimes::default();
    let how = (&options.load, options.verify);
    let lists = files.load(world, how, &mut watch, &mut times)?;
    let points = lists.points();
    let field = field_of(&points);
    let pairs = field.space(1).pairs();
    if options.dist == Dist::Scatter {
        world.at_root(|| scatter::require_room(pairs, memory::available_bytes()))?;
    }

    let damaged = |problem| lists.damaged(problem);
    let question = question(options, files, &lists);
    let task = Task { options, files, field, question, begun, damaged: &damaged };
    let searched = search_together(world, &task)?;
    (times.search_s, times.reduce_s) = (searched.search_s, searched.reduce_s);

    let records = Records::gather(world, times, lists.read(), &searched.outcome);
    let ranks = Ranks::of(world, &records, options);
    let is_drawn = options.map.is_some() && !searched.is_stopped;
    let censuses = if is_drawn { censuses_of_lists(world, &lists) } else { Vec::new() };
    let text = world.at_root(|| {
        if !searched.is_stopped {
            ranks.counts.require_covered(pairs)?;
        }
        let no_pair = || match options.wanted.is_distinct {
            true => "expected cities at two places at least, found all of those that were looked at at one",
            false => "expected a distance for some pair, found none; check it with --verify",
        };
        let found: Vec<FarPair> = searched.ranking.pairs().collect();
        let farthest = *found.first().ok_or_else(|| damaged(no_pair().into()))?;
        let atlases = lists.atlases();
        let metric = &options.wanted.metric;
        require_sound(&lists, field.pairing(), (options.method, metric), &found)?;
        let ranked: Vec<RankedPair> = (found.iter().zip(origins(files, options, &found)?))
            .map(|(pair, origin)| RankedPair {
                origin,
                ..ranked(&atlases, pair, (options.radius_km, options.unit))
            })
            .collect();
        if !searched.is_stopped {
            drawings.fill(options, (&lists, censuses), &ranked)?;
        }
        let mut report = report(options, &lists, pairs, farthest, &ranks);
        report.origin = ranked[0].origin.clone();
        report.lines = report.origin.lines;
        if searched.is_stopped {
            let bound_km = upper_bound_km(options.method, &field, metric);
            report.stop(bound_km.max(farthest.distance_km) * scale(options.radius_km));
        }
        report.notes.extend(searched.notes.iter().cloned());
        if options.format == Format::Csv {
            // The table has no place for it.
            report.so_far().iter().for_each(|text| console::print_error(text));
            return Ok(report::csv(&ranked));
        }
        report.top = options.lists_pairs.then_some(ranked);
        Ok(match (options.format, options.quiet) {
            (Format::Json, _) => report::json(&report),
            (_, true) => report.quiet_text(),
            (_, false) => report.text(),
        })
    })?;
    let exit_code = if searched.is_stopped { STOPPED } else { 0 };
    Ok(Printed { text, exit_code, leftover: searched.leftover })
}

/// What a checkpoint of this run is bound to.
fn question(options: &PairOptions, files: &Files, lists: &Lists<'_>) -> Question {
    let of_each = |what: &dyn Fn(&Cities<'_>) -> String| {
        lists.iter().map(|(_, cities)| what(cities)).collect::<Vec<_>>().join("; ")
    };
    let reading = |cities: &Cities<'_>| {
        let columns = serde_json::to_string(&cities.columns).expect("columns have names");
        format!("{columns}, {} rows left out", cities.skipped.count)
    };
    let places =
        |cities: &Cities<'_>| checksum::text_of(cities.atlas().points().sites().checksum());
    let sum = |of: &dyn Fn(&Cities<'_>) -> u64| lists.iter().map(|(_, cities)| of(cities)).sum();
    Question {
        version: report::VERSION.into(),
        checksum: of_each(&|cities| cities.fingerprint.checksum_text()),
        bytes: sum(&|cities| cities.fingerprint.bytes),
        // What --verify has compared with the checksums is what they say, whenever it was written.
        modified: files.last_modified().filter(|_| !options.verify),
        cities: lists.iter().map(|(_, cities)| cities.atlas().cities() as u64).collect(),
        is_distinct: options.wanted.is_distinct,
        reading: of_each(&reading),
        places: options.checkpoint.as_ref().map_or(String::new(), |_| of_each(&places)),
        method: options.method.name().into(),
        metric: options.wanted.metric.to_string(),
    }
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
    lists: &Lists<'_>,
    pairs: u128,
    farthest: FarPair,
    ranks: &Ranks,
) -> PairReport {
    let counts = &ranks.counts;
    let times_s = PhaseTimes::of(&ranks.times);
    let execution_time = ranks.times.iter().map(RankTimes::execution_s).fold(0.0, f64::max);
    PairReport {
        status: "ok",
        version: report::VERSION,
        distance: Length::new(farthest.distance_km * scale(options.radius_km), options.unit),
        upper_bound_km: None,
        azimuths_deg: azimuths_of(&lists.atlases(), &farthest, &options.wanted.metric),
        pair: cities_of(&lists.atlases(), &farthest),
        origin: Origin::default(),
        lines: None,
        top: None,
        counts: CountFacts {
            cities: lists.iter().map(|(_, cities)| cities.atlas().cities() as u64).sum(),
            pairs,
            pairs_covered: counts.covered,
            pairs_covered_earlier: (counts.covered_earlier > 0).then_some(counts.covered_earlier),
            pairs_evaluated: counts.evaluated,
            groups_opened: counts.groups_opened,
        },
        pairs_per_s: (counts.covered - counts.covered_earlier) as f64 / execution_time,
        pairs_evaluated_per_s: counts.evaluated as f64 / execution_time,
        way: WayFacts {
            method: options.method.name().into(),
            search: options.method.search_name(counts.regions_by_tree).map(Into::into),
            dist: options.dist.name().into(),
            // The notebook's formula is plain code.
            isa: match options.method {
                Method::Naive => report::NO_ISA,
                _ => options.kernel.isa().name(),
            }
            .into(),
            metric: options.wanted.metric.to_string().into(),
            earth: EarthFacts::of(&options.wanted.metric, options.radius_km),
        },
        ranks: RankFacts {
            ranks: ranks.times.len() as u64,
            nproc: ranks.times.len() as u64,
            nodes: ranks.hosts.len() as u64,
            hosts: ranks.hosts.clone(),
            mpi: ranks.library.clone(),
        },
        times: TimeFacts { execution_time, times_s, load_balance: times_s.search.load_balance() },
        lists: report::Lists::new(lists.facts()),
        notes: notes_of(lists, &farthest),
        elsewhere: elsewhere(&lists.atlases(), &farthest, options),
        explain: ranks.explained.clone(),
    }
}

/// What a kilometre of the sphere that distances are measured on is on the one that is reported.
pub(super) fn scale(radius_km: f64) -> f64 {
    radius_km / RADIUS_KM
}

/// What the other Earth of the two that most ask for says of a pair, where the distance is of one of them.
fn elsewhere(atlases: &[Atlas<'_>; 2], pair: &FarPair, options: &PairOptions) -> Option<String> {
    let (name, other) = match options.wanted.metric {
        Metric::Sphere if options.radius_km == RADIUS_KM => ("WGS84", Metric::wgs84()),
        metric if metric == Metric::wgs84() => ("the sphere", Metric::Sphere),
        _ => return None,
    };
    let [p, q] = vectors_of(atlases, pair, &other);
    let distance = Length::new(other.distance_km(p, q), options.unit).text(9);
    Some(format!(
        "on {name} this pair is {distance} apart; --metric {other} finds the farthest there"
    ))
}

/// The vectors of the two cities of a pair.
fn vectors_of(atlases: &[Atlas<'_>; 2], pair: &FarPair, metric: &Metric) -> [UnitVector; 2] {
    let positions = Lists::positions(pair);
    [0, 1].map(|of| {
        let [lat_deg, lon_deg] = atlases[of].degrees(positions[of]);
        metric.vector(lat_deg, lon_deg)
    })
}

/// The directions of the shortest way between the two cities of a pair, at each of them; none on the sphere.
fn azimuths_of(atlases: &[Atlas<'_>; 2], pair: &FarPair, metric: &Metric) -> Option<Azimuths> {
    let [p, q] = vectors_of(atlases, pair, metric);
    metric.azimuths_deg(p, q)
}

/// The two cities of a pair, one of each atlas.
fn cities_of(atlases: &[Atlas<'_>; 2], pair: &FarPair) -> [City; 2] {
    let positions = Lists::positions(pair);
    [0, 1].map(|of| city(&atlases[of], positions[of]))
}

/// A pair as it is reported, on a sphere of a radius in kilometres and in a unit.
pub(super) fn ranked(
    atlases: &[Atlas<'_>; 2],
    pair: &FarPair,
    (radius_km, unit): (f64, Unit),
) -> RankedPair {
    let distance = Length::new(pair.distance_km * scale(radius_km), unit);
    RankedPair { distance, pair: cities_of(atlases, pair), origin: Origin::default() }
}

/// What to doubt in the lists, and in the answer.
pub(super) fn notes_of(lists: &Lists<'_>, answer: &FarPair) -> Vec<String> {
    let positions = Lists::positions(answer);
    let of_one = |(at, (file, cities)): (usize, (&CityFile, &Cities<'_>))| {
        let atlas = cities.atlas();
        // Of one list both cities are from it, and there is no need to say so.
        let (own, of_which) = match lists.iter().count() {
            1 => (&positions[..], String::new()),
            _ => (&positions[at..=at], format!("{}: ", printable(&file.path().to_string_lossy()))),
        };
        let zero = notes::of_zero(cities.at_zero, notes::zeros_in(&atlas, own));
        let notes = cities.notes.iter().cloned().chain(zero);
        notes.map(|note| format!("{of_which}{note}")).collect::<Vec<_>>()
    };
    let of_lists = lists.iter().enumerate().flat_map(of_one);
    of_lists.chain(notes::of_copies(&lists.atlases(), positions)).collect()
}
