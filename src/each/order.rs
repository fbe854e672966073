//! Cities in the order of their rows: where the city of each row stands.
//!
//! Rows are cut into bins of equal width. One pass over the rows of all positions counts the cities of each bin, and
//! further ones collect those of the bins that are asked for, which are then sorted. So no array is as long as the
//! source has rows, of which most may be no cities, and memory is taken for a part of the cities at a time.
//!
//! Architecture Invariant: it knows positions and rows, and nothing of cities.

use std::ops::Range;

use crate::points::Points;
use crate::team::part_of;

/// How many cities have their rows where.
pub struct RowOrder<'a> {
    points: Points<'a>,
    /// Bits of a row below those that tell its bin.
    shift: u32,
    /// Cities in the bins before each bin, and before the end.
    before: Vec<u64>,
    lowest_row: u64,
}

/// A city by its row and its position.
pub(super) type Standing = [u64; 2];

/// Bins at most: a bin of a hundred million cities has 1500.
const BIN_BITS: u32 = 16;

impl<'a> RowOrder<'a> {
    /// Of points whose source has so many rows.
    ///
    /// # Errors
    /// A sentence, if the source has not so many: the file is damaged.
    pub fn new(points: Points<'a>, source_rows: u64) -> Result<RowOrder<'a>, String> {
        let row_bits = u64::BITS - source_rows.saturating_sub(1).leading_zeros();
        let shift = row_bits.saturating_sub(BIN_BITS);
        let mut counts = vec![0_u64; 1 << BIN_BITS.min(row_bits)];
        let mut lowest_row = u64::MAX;
        for position in 0..points.len() {
            let row = points.row(position);
            if row >= source_rows {
                return Err(format!(
                    "expected rows below {source_rows}, found row {row} of the city at position {position}; \
                     check it with --verify"
                ));
            }
            counts[(row >> shift) as usize] += 1;
            lowest_row = lowest_row.min(row);
        }
        let mut before = vec![0];
        before.extend(counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }));
        Ok(RowOrder { points, shift, before, lowest_row })
    }

    /// The lowest row of all.
    pub fn lowest_row(&self) -> u64 {
        self.lowest_row
    }

    /// Ranges of bins, one behind the other, with so many cities each: more only where it is one bin.
    pub fn windows(&self, cities: u64) -> Vec<Range<usize>> {
        let (mut windows, mut begin) = (Vec::new(), 0);
        while begin + 1 < self.before.len() {
            let most = self.before[begin] + cities;
            let end = self.before.partition_point(|&before| before <= most) - 1;
            windows.push(begin..end.max(begin + 1));
            begin = windows.last().map_or(begin, |window| window.end);
        }
        windows
    }

    /// The part of a rank of so many of a range of bins: about as many cities as those of the others.
    pub fn part(&self, window: &Range<usize>, rank: usize, ranks: usize) -> Range<usize> {
        let first = self.before[window.start];
        let cities = (self.before[window.end] - first) as usize;
        let part = part_of(cities, rank, ranks);
        // A bin belongs to the part in which it begins; those without a city at the end go to nobody.
        let bin = |begin: usize| {
            let bins = &self.before[window.start..window.end];
            window.start + bins.partition_point(|&before| before - first < begin as u64)
        };
        bin(part.start)..bin(part.end)
    }

    /// The cities of each of some ranges of bins, one behind the other, in the order of rows.
    pub(super) fn collect(&self, ranges: &[Range<usize>]) -> Vec<Vec<Standing>> {
        const NOBODY: u32 = u32::MAX;
        let mut owners = vec![NOBODY; self.before.len() - 1];
        let mut collected = Vec::with_capacity(ranges.len());
        for (owner, range) in (0..).zip(ranges) {
            owners[range.clone()].fill(owner);
            let cities = self.before[range.end] - self.before[range.start];
            collected.push(Vec::with_capacity(cities as usize));
        }
        for position in 0..self.points.len() {
            let row = self.points.row(position);
            let owner = owners.get((row >> self.shift) as usize).copied().unwrap_or(NOBODY);
            if owner != NOBODY {
                collected[owner as usize].push([row, position as u64]);
            }
        }
        collected.iter_mut().for_each(|standings: &mut Vec<Standing>| standings.sort_unstable());
        collected
    }
}
