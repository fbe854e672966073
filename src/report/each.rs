//! The report of `farthest each`: what the lines of its file have in common.

use std::fmt::Write as _;

use serde::Serialize;

use super::reading::{notes_text, reading_text};
use super::times::{PhaseTimes, Spread, seconds};
use super::{EarthFacts, Lists, RankedPair, key_values, printable};

/// How many cities have their farthest one how far away.
#[derive(Clone, Debug, Serialize)]
pub struct HistogramFacts {
    /// Unit of the two numbers below.
    pub unit: &'static str,
    /// Where the first bin begins.
    pub from: f64,
    /// How wide each is.
    pub width: f64,
    /// Cities in each; a distance where two bins meet is in the second.
    pub counts: Vec<u64>,
}

/// Times of the phases of `each`, over ranks.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct EachTimes {
    /// Those of `pair`. The reduction brings what ranks of other nodes found to the first.
    #[serde(flatten)]
    pub phases: PhaseTimes,
    /// Making the lines and writing them, on the first node.
    pub write: Spread,
}

/// The answer of `farthest each`.
#[derive(Clone, Debug, Serialize)]
pub struct EachReport {
    /// "ok".
    pub status: &'static str,
    /// Version of farthest.
    pub version: &'static str,
    /// The file that was written.
    pub out: String,
    /// Number of its lines: cities that have a farthest one.
    pub cities: u64,
    /// The greatest distance, which is that of the farthest pair.
    pub greatest: RankedPair,
    /// The city whose farthest one is nearest, and that.
    pub centre: RankedPair,
    /// All distances.
    pub histogram: HistogramFacts,
    /// Instruction set of the kernel.
    pub isa: &'static str,
    /// "sphere", "wgs84", "grs80", or an equatorial radius and an inverse flattening.
    pub metric: String,
    /// How large the Earth is.
    #[serde(flatten)]
    pub earth: EarthFacts,
    /// Number of MPI ranks.
    pub ranks: u64,
    /// The same as `ranks`.
    pub nproc: u64,
    /// Number of hosts.
    pub nodes: usize,
    /// Names of the hosts, in the order of their first rank.
    pub hosts: Vec<String>,
    /// MPI library and version.
    pub mpi: String,
    /// Seconds of search, reduction and writing from a barrier, maximum over ranks.
    pub execution_time: f64,
    /// Seconds of each phase, over ranks.
    pub times_s: EachTimes,
    /// Mean over maximum of the search times.
    pub load_balance: f64,
    /// The list, or the two.
    #[serde(flatten)]
    pub lists: Lists,
    /// What a reader should doubt, a sentence each.
    pub notes: Vec<String>,
}

/// Characters of the longest bar.
const BAR: u64 = 40;

impl EachReport {
    /// The report for people.
    pub fn text(&self) -> String {
        let hosts = self.hosts.join(", ");
        let lists = self.lists.each();
        let numbers: Vec<String> = lists.iter().map(|(_, cities, ..)| cities.to_string()).collect();
        let mut text = key_values(&[("farthest", self.version.to_string())]);
        for (file, ..) in &lists {
            text.push_str(&key_values(&[("file", file.text())]));
        }
        text.push_str(&key_values(&[
            ("cities", numbers.join(" and ")),
            ("ranks", self.ranks.to_string()),
            ("nodes", format!("{} ({hosts})", self.nodes)),
            ("MPI", self.mpi.clone()),
            ("isa", self.isa.to_string()),
            ("metric", format!("{}{}", self.metric, self.earth.text())),
        ]));
        for (_, _, columns, skipped) in lists {
            text.push_str(&reading_text(columns, skipped, &[]));
        }
        text.push_str(&notes_text(&self.notes));
        text.push('\n');
        text.push_str(&pair_text("greatest", &self.greatest));
        text.push_str(&pair_text("centre", &self.centre));
        text.push('\n');
        text.push_str(&self.histogram.text());
        text.push('\n');
        text.push_str(&self.times_s.phases.table(&[("write", self.times_s.write)]));
        text + &key_values(&[
            ("load balance", format!("{:.3}", self.load_balance)),
            ("written", printable(&self.out)),
            ("Result", "VALID".to_string()),
            ("Computing time", format!("{} sec", seconds(self.execution_time))),
        ])
    }
}

/// Two cities and how far apart they are, in two lines.
fn pair_text(which: &str, RankedPair { distance, pair, origin }: &RankedPair) -> String {
    let [city, far] = [0, 1].map(|of| pair[of].text() + &origin.id_text(of));
    let key = format!("{which}:");
    format!("{key:<16} {}\n{:<16} {city} - {far}\n", distance.text(9), "")
}

impl HistogramFacts {
    /// A line for each bin, with a bar as long as its share of the fullest.
    fn text(&self) -> String {
        let HistogramFacts { unit, from, width, counts } = self;
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let decimals = (-width.log10().floor()).max(0.0) as usize;
        let mut text = format!("{:>14} | {:>12} |\n", format!("from {unit}"), "cities");
        for (bin, &count) in counts.iter().enumerate() {
            let begin = from + bin as f64 * width;
            // Whoever is there is seen.
            let length = (u128::from(count) * u128::from(BAR)).div_ceil(u128::from(most)) as usize;
            let line = format!("{begin:>14.decimals$} | {count:>12} | {}", "#".repeat(length));
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}
