//! How far a long search is, on standard error.
//!
//! Rank 0 tells of its own share. Ranks take blocks in turn, so their shares are alike, and it stands for all: its
//! share of blocks done, times all pairs, is about the pairs covered. On a terminal one line is rewritten;
//! elsewhere there is a line for each interval.
//!
//! Architecture Invariant: nothing is shown before the first interval has passed, and nothing at all unless it was
//! asked for or a person is looking.

use std::time::{Duration, Instant};

use super::Standing;
use crate::console::StatusLine;
use crate::ranking::FarPair;

/// What each line has, so that who starts a search can tell these lines from others.
pub const OF_SHARE: &str = "% of rank 0's share";
/// Time between two lines where none was asked for.
const INTERVAL: Duration = Duration::from_secs(10);
/// Time between two looks at a line that is rewritten.
const INTERVAL_ON_TERMINAL: Duration = Duration::from_secs(1);
/// A search that is shorter is not shown unasked.
const PATIENCE: Duration = Duration::from_secs(10);

/// When to show progress.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Asked {
    /// On a terminal, after a while.
    #[default]
    No,
    /// Always, at the usual interval.
    Yes,
    /// Always, at this interval.
    Every(Duration),
}

/// What there is to do.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Pairs of all ranks.
    pub pairs: u128,
    /// Blocks of this rank's share, and those of them that earlier runs settled.
    pub blocks: u64,
    /// See above.
    pub settled_earlier: u64,
    /// What a kilometre of the sphere that distances are measured on is shown as.
    pub scale: f64,
}

/// The progress of a search that has begun.
pub struct Progress {
    work: Work,
    begun: Instant,
    next: Instant,
    interval: Duration,
    line: StatusLine,
}

impl Progress {
    /// Begins to look at a search; `None` if it is not to be shown.
    pub fn new(asked: Asked, work: Work) -> Option<Progress> {
        let line = StatusLine::new();
        let is_terminal = line.is_rewritten();
        let usual = if is_terminal { INTERVAL_ON_TERMINAL } else { INTERVAL };
        let (first, interval) = match asked {
            Asked::No if is_terminal => (PATIENCE, usual),
            Asked::No => return None,
            Asked::Yes => (usual, usual),
            Asked::Every(interval) => (interval, interval),
        };
        let begun = Instant::now();
        Some(Progress { work, begun, next: begun + first, interval, line })
    }

    /// Shows where the search is, if it is time.
    pub fn look(&mut self, now: Instant, standing: &mut dyn FnMut() -> Standing) {
        if now < self.next {
            return;
        }
        // Where a block took longer than an interval, no line is made up for.
        self.next = now + self.interval;
        let sentence = sentence(&self.work, &standing(), now - self.begun);
        self.line.say(&format!("farthest: {sentence}"));
    }
}

/// The line: what is done of the share, the pairs of all ranks, their rate, the time left, the farthest so far.
fn sentence(work: &Work, standing: &Standing, elapsed: Duration) -> String {
    let done = work.settled_earlier + standing.settled;
    let part = done as f64 / work.blocks.max(1) as f64;
    let pairs = part * work.pairs as f64;
    let new_part = standing.settled as f64 / work.blocks.max(1) as f64;
    let elapsed_s = elapsed.as_secs_f64();
    let rate = new_part * work.pairs as f64 / elapsed_s;
    let left_s = elapsed_s * (1.0 - part).max(0.0) / new_part;
    let km = |pair: FarPair| format!("{:.6} km", pair.distance_km * work.scale);
    let farthest = standing.farthest.map_or("none yet".into(), km);
    format!(
        "{:.1} {OF_SHARE}, which stands for all; about {pairs:.3e} pairs covered, {rate:.3e} pairs \
         per second, {} left; farthest so far: {farthest}",
        100.0 * part,
        clock(left_s),
    )
}

/// Seconds as h:mm:ss.
fn clock(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown time".into();
    }
    let seconds = seconds.round() as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
