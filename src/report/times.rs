//! Where the time of `farthest pair` goes: the seconds of each phase, of one rank and over ranks.

use std::fmt::Write as _;

use bytemuck::{Pod, Zeroable};
use serde::{Deserialize, Serialize};

use super::key_values;

/// Minimum, mean and maximum over ranks, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The least.
    #[serde(default)]
    pub min: f64,
    /// The arithmetic mean.
    #[serde(default)]
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

/// Times of the phases of `pair`, over ranks. Reports of before reading had parts tell it as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseTimes {
    /// Mapping the file, and agreeing that all ranks have the same.
    pub open: Option<Spread>,
    /// Reading the rows of a list.
    pub parse: Option<Spread>,
    /// Bringing the cities into the order of the search.
    pub order: Option<Spread>,
    /// Waiting for what the other ranks made of the list, and bounds over it.
    pub share: Option<Spread>,
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
            open: Some(spread(|times| times.open_s)),
            parse: Some(spread(|times| times.parse_s)),
            order: Some(spread(|times| times.order_s)),
            share: Some(spread(|times| times.share_s)),
            read: spread(RankTimes::read_s),
            search: spread(|times| times.search_s),
            reduce: spread(|times| times.reduce_s),
        }
    }

    /// A row for each of reading, search, reduction and what follows, and a line of what reading consists of.
    pub(super) fn table(&self, behind: &[(&str, Spread)]) -> String {
        let mut text = format!("{:<8} | {:>12} | {:>12} | {:>12}\n", "phase", "min", "mean", "max");
        let rows = [("read", self.read), ("search", self.search), ("reduce", self.reduce)];
        for (phase, Spread { min, mean, max }) in rows.iter().chain(behind) {
            let [min, mean, max] = [min, mean, max].map(|&time_s| seconds(time_s));
            let _ = writeln!(text, "{phase:<8} | {min:>10} s | {mean:>10} s | {max:>10} s");
        }
        let parts = [
            ("open", self.open),
            ("parse", self.parse),
            ("order", self.order),
            ("share", self.share),
        ];
        let parts = parts.into_iter().filter_map(|(phase, times)| Some((phase, times?.max)));
        let parts = parts.map(|(phase, most_s)| format!("{} s to {phase}", seconds(most_s)));
        let parts = parts.collect::<Vec<_>>().join(", ");
        text + &key_values(&[("reading", format!("at most {parts}"))])
    }
}

/// Seconds with three significant digits, and never with an exponent: clocks tell nanoseconds at best.
pub(super) fn seconds(time_s: f64) -> String {
    const DIGITS: i32 = 3;
    const MOST_DECIMALS: i32 = 9;
    if time_s <= 0.0 {
        return "0".into();
    }
    let decimals = DIGITS - 1 - time_s.log10().floor() as i32;
    format!("{time_s:.0$}", decimals.clamp(0, MOST_DECIMALS) as usize)
}
