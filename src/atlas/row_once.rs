//! Whether a row stands twice among so many, in bounded memory.
//!
//! Rows are numbers below the number of all rows of the source, in no order. A bit for each of a window of these
//! tells whether it was met before; the rows are gone through once for each window. Ranks share the windows.
//! Where the source has so many more rows than cities that this would be many windows, the least rows are sorted
//! instead, then the least of the others, and so on: then it is the number of cities that counts, not that of
//! rows, which a file may say is anything up to 2⁶³.
//!
//! Architecture Invariant: it knows rows and no city.

use std::ops::Range;

use crate::team::part_of;

/// How much is held at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of a window, a bit each.
    pub window_rows: u64,
    /// Rows that are sorted at a time, 2 or more; at most twice as many are held.
    pub sorted_rows: usize,
}

impl Limits {
    /// 16 MiB of bits, which stay in a large cache, or 32 MiB of rows.
    pub const USUAL: Limits = Limits { window_rows: 1 << 27, sorted_rows: 1 << 21 };
}

/// The position of a row that stands at another position too. `row` tells the row at each of so many positions, and
/// is below `source_rows`. One of several ranks, given as its number and theirs, looks at its part.
pub fn find_row_twice(
    cities: usize,
    row: &dyn Fn(usize) -> u64,
    source_rows: u64,
    (rank, ranks): (usize, usize),
    limits: Limits,
) -> Option<usize> {
    let windows = source_rows.div_ceil(limits.window_rows);
    if windows <= cities.div_ceil(limits.sorted_rows) as u64 {
        let part = part_of(source_rows as usize, rank, ranks);
        let window = |start: usize| start..part.end.min(start + limits.window_rows as usize);
        let mut starts = part.clone().step_by(limits.window_rows as usize);
        return starts.find_map(|start| find_in_window(cities, row, window(start)));
    }
    // Which rows are the least is known only by going through all of them.
    if rank == 0 { find_by_sorting(cities, row, limits.sorted_rows) } else { None }
}

fn find_in_window(
    cities: usize,
    row: &dyn Fn(usize) -> u64,
    window: Range<usize>,
) -> Option<usize> {
    let mut met = vec![0_u64; window.len().div_ceil(64)];
    (0..cities).find(|&position| {
        let at = row(position).wrapping_sub(window.start as u64);
        if at >= window.len() as u64 {
            return false;
        }
        let (word, bit) = (&mut met[at as usize / 64], 1 << (at % 64));
        let is_again = *word & bit != 0;
        *word |= bit;
        is_again
    })
}

/// The same by sorting so many of the least rows at a time, or up to twice as many.
fn find_by_sorting(cities: usize, row: &dyn Fn(usize) -> u64, most: usize) -> Option<usize> {
    let mut least = 0;
    let mut rows: Vec<u64> = Vec::new();
    loop {
        // Rows that are no lower than this are for later: all of those below it are kept.
        let mut limit = u64::MAX;
        rows.clear();
        for row in (0..cities).map(row).filter(|&row| row >= least) {
            if row < limit {
                rows.push(row);
            }
            if rows.len() == 2 * most {
                limit = *rows.select_nth_unstable(most).1;
                rows.truncate(most);
            }
        }
        rows.sort_unstable();
        if let Some(twice) = rows.windows(2).find(|two| two[0] == two[1]) {
            return (0..cities).filter(|&position| row(position) == twice[0]).nth(1);
        }
        if limit == u64::MAX {
            return None;
        }
        least = limit;
    }
}
