//! Where the time of `farthest pair` goes: the seconds of each phase, of one rank and over ranks.

use std::fmt::Write as _;

use bytemuck::{Pod, Zeroable};
use serde::Serialize;

use super::key_values;

/// Minimum, mean and maximum over ranks, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// Of at least one value.
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Spread {
        let count = values.clone().count() as f64;
        Spread {
            min: values.clone().fold(f64::INFINITY, f64::min),
            mean: values.clone().sum::<f64>() / count,
            max: values.fold(0.0, f64::max),
        }
    }

    /// Mean over maximum: 1 if all ranks worked equally long (POP's load balance).
    pub fn load_balance(&self) -> f64 {
        if self.max > 0.0 { self.mean / self.max } else { 1.0 }
    }
}

/// Seconds that one rank spent in each phase, as it gathers them: a message as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct RankTimes {
    /// Mapping the file, and agreeing that all ranks have the same.
    pub open_s: f64,
    /// Reading the rows of a list.
    pub parse_s: f64,
    /// Bringing the cities into the order of the search.
    pub order_s: f64,
    /// Waiting for what the other ranks made of the list, and bounds over it.
    pub share_s: f64,
    /// Searching the own share of the pair space.
    pub search_s: f64,
    /// Finding the farthest of all ranks.
    pub reduce_s: f64,
}

impl RankTimes {
    /// Until the search could begin.
    pub fn read_s(&self) -> f64 {
        self.open_s + self.parse_s + self.order_s + self.share_s
    }

    /// From the barrier before the search on.
    pub fn execution_s(&self) -> f64 {
        self.search_s + self.reduce_s
    }
}

/// Times of the phases of `pair`, over ranks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PhaseTimes {
    /// Mapping the file, and agreeing that all ranks have the same.
    pub open: Spread,
    /// Reading the rows of a list.
    pub parse: Spread,
    /// Bringing the cities into the order of the search.
    pub order: Spread,
    /// Waiting for what the other ranks made of the list, and bounds over it.
    pub share: Spread,
    /// The sum of the four before, of each rank: until the search could begin.
    pub read: Spread,
    /// Searching the own share of the pair space.
    pub search: Spread,
    /// Finding the farthest of all ranks, waiting for the slowest included.
    pub reduce: Spread,
}

impl PhaseTimes {
    /// Of at least one rank.
    pub fn of(ranks: &[RankTimes]) -> PhaseTimes {
        let spread = |time: fn(&RankTimes) -> f64| Spread::of(ranks.iter().map(time));
        PhaseTimes {
            open: spread(|times| times.open_s),
            parse: spread(|times| times.parse_s),
            order: spread(|times| times.order_s),
            share: spread(|times| times.share_s),
            read: spread(RankTimes::read_s),
            search: spread(|times| times.search_s),
            reduce: spread(|times| times.reduce_s),
        }
    }

    /// A row for each of reading, search, reduction and what follows, and a line of what reading consists of.
    pub(super) fn table(&self, behind: &[(&str, Spread)]) -> String {
        let mut text = format!("{:<8} | {:>10} | {:>10} | {:>10}\n", "phase", "min", "mean", "max");
        let rows = [("read", self.read), ("search", self.search), ("reduce", self.reduce)];
        for (phase, Spread { min, mean, max }) in rows.iter().chain(behind) {
            let _ = writeln!(text, "{phase:<8} | {min:>8.4} s | {mean:>8.4} s | {max:>8.4} s");
        }
        let parts = [
            ("open", self.open),
            ("parse", self.parse),
            ("order", self.order),
            ("share", self.share),
        ];
        let parts = parts.map(|(phase, times)| format!("{:.4} s to {phase}", times.max));
        text + &key_values(&[("reading", format!("at most {}", parts.join(", ")))])
    }
}
