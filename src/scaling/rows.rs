//! Runs → one row for each number of ranks: times, speedup, efficiency, serial fraction.
//!
//! All is relative to the base, the smallest number of ranks p₀ of the study with median time T₀,
//! at p ranks with median time T (p₀ is 1 unless the study left that out):
//!
//! | | speedup S | efficiency E | its ideal |
//! | --- | --- | --- | --- |
//! | strong | T₀ / T | S · p₀ / p | S = p / p₀ |
//! | weak, constant pairs per rank | E · p / p₀ (scaled) | T₀ / T | S = p / p₀ |
//! | weak, constant cities per rank | E · p / p₀ (scaled) | rate a rank / rate a rank at p₀ | S = p / p₀ |
//!
//! The time is that of search and reduction; the same is told of the total, with reading, too.
//!
//! With constant cities per rank the pairs per rank grow with p, and so does the time of perfect
//! scaling; there the rate of pairs per second and rank tells what T₀ / T cannot.

use super::runs::{Kind, Run, Scale};
use super::statistics::{Interval, Sorted};
use crate::report::{RunReport, Spread};

/// The least and the greatest of what is one number unless runs are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range<T> {
    /// The least.
    pub min: T,
    /// The greatest.
    pub max: T,
}

/// The seconds of a phase on its slowest rank, of a run that tells it.
pub type PhaseTime = fn(&RunReport) -> Option<f64>;

/// The phases of a run, as they follow each other. The first four are the parts of `read`, which only
/// newer reports tell.
pub const PHASES: [(&str, PhaseTime); 7] = [
    ("open", |report| report.times.times_s.open.map(slowest)),
    ("parse", |report| report.times.times_s.parse.map(slowest)),
    ("order", |report| report.times.times_s.order.map(slowest)),
    ("share", |report| report.times.times_s.share.map(slowest)),
    ("read", |report| Some(slowest(report.times.times_s.read))),
    ("search", |report| Some(slowest(report.times.times_s.search))),
    ("reduce", |report| Some(slowest(report.times.times_s.reduce))),
];

fn slowest(times: Spread) -> f64 {
    times.max
}

/// How many of them are parts of `read`, which follows them.
pub const PARTS_OF_READ: usize = 4;

/// What a user waits for: reading, search and reduction.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    /// Median of the runs, in seconds.
    pub median_s: f64,
    /// Relative to the base, as that of the search.
    pub speedup: f64,
    /// Relative to the base, as that of the search.
    pub efficiency: f64,
}

/// All runs on one number of ranks.
#[derive(Clone, Debug)]
pub struct Row {
    /// Number of ranks p.
    pub ranks: u64,
    /// Number of hosts.
    pub nodes: Range<u64>,
    /// Number of cores that the ranks had, of the run that had the fewest.
    pub cores: u64,
    /// Number of cities.
    pub cities: Range<u64>,
    /// Number of pairs.
    pub pairs: Range<u128>,
    /// Times of the counted runs in seconds.
    pub times_s: Sorted,
    /// Interval of their median.
    pub interval_s: Interval,
    /// Relative to the base.
    pub speedup: f64,
    /// Relative to the base.
    pub efficiency: f64,
    /// Karp and Flatt's experimentally determined serial fraction: (1/S − 1/p) / (1 − 1/p). Of
    /// strong studies with a base of one rank, at more than one rank.
    pub karp_flatt: Option<f64>,
    /// Median of the load balances.
    pub load_balance: f64,
    /// Median of the rates of the runs, in pairs per second.
    pub pairs_per_s: f64,
    /// Medians of [`PHASES`], each on its slowest rank, in seconds; nothing where a run does not tell.
    pub phases_s: [Option<f64>; PHASES.len()],
    /// With reading.
    pub total: Total,
}

impl Row {
    /// Pairs a second that one rank gets through.
    pub fn pairs_per_s_per_rank(&self) -> f64 {
        self.pairs_per_s / self.ranks as f64
    }

    /// Whether ranks had to share cores: then they wait for each other, which no machine of more cores would show.
    pub fn is_crowded(&self) -> bool {
        self.ranks > self.cores
    }

    /// The parts of the total, by name: those of reading if they are known, else reading as a whole.
    pub fn parts_s(&self) -> Vec<(&'static str, f64)> {
        let is_known = self.phases_s[..PARTS_OF_READ].iter().all(Option::is_some);
        let is_part = |&(at, _): &(usize, _)| if is_known { at != PARTS_OF_READ } else { true };
        let phases = PHASES.iter().zip(self.phases_s).enumerate().filter(is_part);
        phases.filter_map(|(_, (&(name, _), time_s))| Some((name, time_s?))).collect()
    }

    /// The median time in seconds.
    pub fn median_s(&self) -> f64 {
        self.times_s.median()
    }
}

/// The rows of counted runs, by ranks; none if no run counts.
pub fn rows(runs: &[Run]) -> Vec<Row> {
    let mut ranks: Vec<u64> =
        runs.iter().filter_map(|run| Some(run.counted()?.ranks.ranks)).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let mut rows: Vec<Row> = ranks.iter().map(|&ranks| measured(runs, ranks)).collect();
    if let (Some(base), Some(run)) = (rows.first().cloned(), runs.first()) {
        for row in &mut rows {
            compare(row, &base, run.line.kind, run.line.scale);
        }
    }
    rows
}

/// A row that is not yet compared with its base.
fn measured(runs: &[Run], ranks: u64) -> Row {
    let counted = |run: &'_ Run| run.counted().is_some_and(|report| report.ranks.ranks == ranks);
    let of_row = || runs.iter().filter(|run| counted(run));
    let reports: Vec<&RunReport> = of_row().filter_map(Run::counted).collect();
    let cores =
        of_row().zip(&reports).map(|(run, report)| run.line.host.cores_of(report.ranks.nodes));
    let median = |of: fn(&RunReport) -> f64| Sorted::new(reports.iter().map(|r| of(r))).median();
    let phase = |(_, of): (_, PhaseTime)| {
        let times: Option<Vec<f64>> = reports.iter().map(|report| of(report)).collect();
        Some(Sorted::new(times?).median())
    };
    let times_s = Sorted::new(reports.iter().map(|report| report.times.execution_time));
    Row {
        ranks,
        nodes: range(reports.iter().map(|report| report.ranks.nodes)),
        cores: cores.min().expect("a row has runs"),
        cities: range(reports.iter().map(|report| report.counts.cities)),
        pairs: range(reports.iter().map(|report| report.counts.pairs)),
        interval_s: times_s.interval_of_median(),
        times_s,
        speedup: 1.0,
        efficiency: 1.0,
        karp_flatt: None,
        load_balance: median(|report| report.times.load_balance),
        pairs_per_s: median(|report| report.counts.pairs as f64 / report.times.execution_time),
        phases_s: PHASES.map(phase),
        total: Total {
            median_s: median(|report| report.times.total_s()),
            speedup: 1.0,
            efficiency: 1.0,
        },
    }
}

fn range<T: Ord + Copy>(values: impl Iterator<Item = T> + Clone) -> Range<T> {
    let min = values.clone().min().expect("a row has runs");
    Range { min, max: values.max().expect("a row has runs") }
}

fn compare(row: &mut Row, base: &Row, kind: Kind, scale: Option<Scale>) {
    let more_ranks = row.ranks as f64 / base.ranks as f64;
    // Speedup and efficiency by the ratio of times, and by that of rates a rank.
    let relative = |times: f64, rates: f64| match (kind, scale) {
        (Kind::Strong, _) => (times, times / more_ranks),
        (Kind::Weak, Some(Scale::Memory)) => (rates * more_ranks, rates),
        (Kind::Weak, _) => (times * more_ranks, times),
    };
    (row.speedup, row.efficiency) = relative(
        base.median_s() / row.median_s(),
        row.pairs_per_s_per_rank() / base.pairs_per_s_per_rank(),
    );
    let total = |row: &Row| row.total.median_s;
    let more_pairs = row.pairs.min as f64 / base.pairs.min as f64;
    let times = total(base) / total(row);
    (row.total.speedup, row.total.efficiency) = relative(times, times * more_pairs / more_ranks);
    if kind == Kind::Strong && base.ranks == 1 && row.ranks > 1 {
        row.karp_flatt = Some(karp_flatt(row.speedup, row.ranks));
    }
}

/// Karp and Flatt, Measuring parallel processor performance, CACM 33 (1990), 539–543.
pub(super) fn karp_flatt(speedup: f64, ranks: u64) -> f64 {
    let share = 1.0 / ranks as f64;
    (1.0 / speedup - share) / (1.0 - share)
}

/// How far what a weak study holds constant, pairs or cities a rank, strays from the base, as a
/// share of the base; the greatest over the rows.
pub fn drift(rows: &[Row], scale: Scale) -> f64 {
    let load = |row: &Row| {
        let whole = match scale {
            Scale::Pairs => [row.pairs.min as f64, row.pairs.max as f64],
            Scale::Memory => [row.cities.min as f64, row.cities.max as f64],
        };
        whole.map(|whole| whole / row.ranks as f64)
    };
    let Some(base) = rows.first().map(|row| load(row)[0]) else { return 0.0 };
    rows.iter().flat_map(load).map(|load| (load / base - 1.0).abs()).fold(0.0, f64::max)
}
