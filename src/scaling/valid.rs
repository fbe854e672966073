//! Whether a run counts: asked when it has ended, of its report, and again when it is read.

use std::fmt::{self, Display};

use super::limits::time_beyond;
use crate::report::RunReport;

/// What keeps a run with a report from counting.
#[derive(Clone, Debug, PartialEq)]
pub enum Flaw {
    /// Not all pairs were covered, or other ranks worked than were asked for: pairs and ranks.
    Partial {
        /// All pairs, and the ranks that were asked for.
        expected: (u128, u64),
        /// Those that were covered, and those that worked.
        found: (u128, u64),
    },
    /// A number that no run has, as "expected …, found …".
    Impossible(String),
}

impl Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Partial { expected: (pairs, ranks), found: (covered, worked) } => write!(
                f,
                "expected {pairs} pairs covered on {ranks} ranks, found {covered} on {worked}"
            ),
            Flaw::Impossible(problem) => f.write_str(problem),
        }
    }
}

/// What keeps a run on so many ranks from counting, if anything does.
pub fn flaw(report: &RunReport, ranks: u64) -> Option<Flaw> {
    let counts = &report.counts;
    let expected = (counts.pairs, ranks);
    let found = (counts.pairs_covered, report.ranks.ranks);
    if found != expected {
        return Some(Flaw::Partial { expected, found });
    }
    impossible(report).map(Flaw::Impossible)
}

fn impossible(report: &RunReport) -> Option<String> {
    if let Some(problem) = time_beyond(&report.times) {
        return Some(problem);
    }
    let found = report.times.load_balance;
    if !(found > 0.0 && found <= 1.0) {
        return Some(format!("expected a load_balance above 0 and at most 1, found {found}"));
    }
    if report.counts.cities < 2 || report.counts.pairs == 0 {
        return Some(format!("expected 2 cities or more, found {}", report.counts.cities));
    }
    None
}
