//! How long the runs that are left will take, by those that this process has seen.

use super::Run;
use crate::scaling::statistics::Sorted;

/// The seconds of each run so far, with its ranks.
#[derive(Default)]
pub(super) struct Clock {
    seen: Vec<(u64, f64)>,
}

impl Clock {
    pub(super) fn saw(&mut self, run: Run, elapsed_s: f64) {
        self.seen.push((run.ranks, elapsed_s));
    }

    /// Each run is taken to last as long as the median of those on as many ranks, or of all if there are none.
    pub(super) fn left_s(&self, runs: &[Run]) -> f64 {
        // A sum of nothing is −0.
        runs.iter().map(|run| self.expected_s(run.ranks)).fold(0.0, |sum, time_s| sum + time_s)
    }

    fn expected_s(&self, ranks: u64) -> f64 {
        let alike = |of: &dyn Fn(u64) -> bool| -> Vec<f64> {
            self.seen.iter().filter(|(ranks, _)| of(*ranks)).map(|(_, time_s)| *time_s).collect()
        };
        let times_s = Some(alike(&|other| other == ranks)).filter(|times_s| !times_s.is_empty());
        Sorted::new(times_s.unwrap_or_else(|| alike(&|_| true))).median()
    }
}

/// Seconds, as people say them.
pub(super) fn duration(time_s: f64) -> String {
    match time_s {
        ..60.0 => format!("{time_s:.0} s"),
        ..3600.0 => format!("{:.0} min", time_s / 60.0),
        _ => format!("{:.1} h", time_s / 3600.0),
    }
}
