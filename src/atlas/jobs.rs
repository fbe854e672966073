//! Which squares are put in order by whom, and where their cities go.
//!
//! A job is a square of the quadtree with all its cities: a whole region, or one square of a spool that is made
//! of several. What they hold is known to all ranks, and so is where it goes: jobs stand in the order of
//! regions, the cities of one side before those of the other. Each rank has the jobs next to each other that hold
//! about as many cities as those of any other.
//!
//! Architecture Invariant: jobs know how many cities there are, and none of them.

use std::ops::Range;

use super::share::Share;
use crate::regions::{MOST_CITIES, Square};

/// A square whose cities are put in order by one rank.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) square: Square,
    /// The squares of the spools that it is made of.
    pub(super) leaves: Range<usize>,
    /// Where its cities of each side begin.
    pub(super) starts: [u64; 2],
    /// Where their names begin.
    pub(super) name_starts: [u64; 2],
    share: Share,
}

/// The jobs that some squares make, and for each rank those that are its own.
pub(super) fn jobs(
    squares: &[Square],
    sums: &[Share],
    ranks: usize,
) -> (Vec<Job>, Vec<Range<usize>>) {
    let mut jobs = Vec::new();
    for axis in 0..3 {
        let begin = squares.partition_point(|square| square.axis < axis);
        let end = squares.partition_point(|square| square.axis <= axis);
        let face = Square { axis, level: 0, corner: [0, 0] };
        gather(face, begin..end, squares, sums, &mut jobs);
    }
    let mut next = [0, jobs.iter().map(|job| job.share.cities[0]).sum()];
    let mut next_name = [0, jobs.iter().map(|job| job.share.name_bytes[0]).sum()];
    for job in &mut jobs {
        (job.starts, job.name_starts) = (next, next_name);
        for side in 0..2 {
            next[side] += job.share.cities[side];
            next_name[side] += job.share.name_bytes[side];
        }
    }
    let parts = deal_out(&jobs, ranks);
    (jobs, parts)
}

/// Enters the jobs of a square, along the curve.
fn gather(
    square: Square,
    leaves: Range<usize>,
    squares: &[Square],
    sums: &[Share],
    jobs: &mut Vec<Job>,
) {
    let share = sums[leaves.clone()].iter().fold(Share::NONE, |sum, share| sum.with(share));
    if share.cities() == 0 {
        return;
    }
    if share.cities() <= MOST_CITIES || leaves.len() == 1 {
        jobs.push(Job { square, leaves, starts: [0; 2], name_starts: [0; 2], share });
        return;
    }
    let mut quarters = square.quarters();
    quarters.sort_by_key(Square::first_key);
    let mut begin = leaves.start;
    for quarter in quarters {
        let last = quarter.last_key();
        let rest = &squares[begin..leaves.end];
        let end = begin + rest.partition_point(|leaf| leaf.first_key() <= last);
        gather(quarter, begin..end, squares, sums, jobs);
        begin = end;
    }
}

/// The jobs of each rank: a job goes to the rank in whose part of all cities its middle lies.
fn deal_out(jobs: &[Job], ranks: usize) -> Vec<Range<usize>> {
    let all: u64 = jobs.iter().map(|job| job.share.cities()).sum();
    let mut before = 0;
    let mut ends = vec![0; ranks];
    for (at, job) in jobs.iter().enumerate() {
        let middle = before + job.share.cities() / 2;
        let rank = (u128::from(middle) * ranks as u128 / u128::from(all)) as usize;
        ends[rank] = at + 1;
        before += job.share.cities();
    }
    let mut begin = 0;
    let part = |end: usize| {
        let end = end.max(begin);
        std::mem::replace(&mut begin, end)..end
    };
    ends.into_iter().map(part).collect()
}
