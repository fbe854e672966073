//! The exact answer without looking at most pairs: region by region, by the join or by the tree.
//!
//! A region settles the pairs whose first city, the one with the lower position, is in it. Rank r of P
//! takes the regions r, r + P, …: strided blocks of an implicit space. The join settles a region
//! whose cities have near antipodes; where it gives up, the tree settles the region's rows. Ranks need no
//! message and no common start: each begins with what it finds in a region, if it can one of its own.
//!
//! Architecture Invariant: every pair of a region is counted as covered once, by whichever settled it.

use super::Found;
use super::finalists::Finalists;
use super::join::Join;
use super::start;
use super::tree::Descent;
use crate::kernel::Kernel;
use crate::pairs::Block;
use crate::points::Points;

/// Who settles regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Settler {
    /// The join, and the tree where it gives up.
    #[default]
    Either,
    /// The join as long as it can, for tests.
    Join,
    /// The tree, for tests.
    Tree,
}

/// Searches the share of rank `rank` of `ranks` of some points.
///
/// # Errors
/// As [`super::search`].
pub fn search(points: &Points<'_>, kernel: Kernel, rank: u64, ranks: u64) -> Result<Found, String> {
    search_by(Settler::Either, points, kernel, rank, ranks)
}

/// The same by the join or by the tree.
///
/// # Errors
/// As [`super::search`].
pub fn search_by(
    settler: Settler,
    points: &Points<'_>,
    kernel: Kernel,
    rank: u64,
    ranks: u64,
) -> Result<Found, String> {
    let regions = points.regions();
    let own = || (rank..regions.len() as u64).step_by(ranks as usize).map(|r| r as usize);
    if points.len() < 2 || own().next().is_none() {
        return Ok(Found::default());
    }
    let mut finalists = Finalists::new(points);
    let mut join = Join::new(points, kernel, settler == Settler::Join);
    let mut tree = None;
    let mut found = Found::default();
    if settler != Settler::Tree {
        begin(points, own(), &mut join, &mut finalists)?;
    }
    for region in own() {
        let rows = [0, 1].map(|side| regions.positions(region, side));
        for rows in rows.iter().filter(|rows| !rows.is_empty()) {
            found.taken.note(|| block(rows.start, rows.end, points.len()));
        }
        if goes_to_join(settler, &finalists) && join.settle(region, &mut finalists)? {
            found.covered += rows.iter().map(|rows| pairs(rows, points.len())).sum::<u128>();
            continue;
        }
        let tree = match &mut tree {
            Some(tree) => tree,
            none => {
                let tree = none.insert(Descent::new(points, kernel)?);
                if !finalists.are_near_antipodes() {
                    start::hop(&mut finalists, kernel)?;
                }
                tree
            }
        };
        found.regions_by_tree += 1;
        for rows in rows.iter().filter(|rows| !rows.is_empty()) {
            tree.settle(rows, &mut finalists)?;
        }
    }
    found.evaluated = join.evaluated;
    if let Some(tree) = tree {
        let [covered, evaluated, opened] = tree.counts;
        found.covered += covered;
        found.evaluated += evaluated;
        found.groups_opened += opened;
    }
    Ok(Found { farthest: finalists.best(), ..found })
}

/// Whether the join is to try a region. Where nothing can be farther than the incumbent and lower rows alone
/// could win, a tree that is there rules out more with one look at the lowest rows of a group, if few cities
/// have lower rows.
fn goes_to_join(settler: Settler, finalists: &Finalists<'_>) -> bool {
    match settler {
        Settler::Either => {
            let is_tie = finalists.exact().limit_beyond == f64::NEG_INFINITY;
            let few = finalists.points().len() as u64 / CITIES_FOR_A_ROW;
            let are_rows_low = finalists.best().is_some_and(|best| best.rows[0] <= few);
            !(is_tie && are_rows_low && finalists.points().has_tree())
        }
        Settler::Join => true,
        Settler::Tree => false,
    }
}

/// Cities for each row below the incumbent's at which the tree is as fast as the join, or faster: with an
/// antipodal pair in the rows 100, 300 and 1000 of a million it took 3, 5 and 9 ms, the join 4.
const CITIES_FOR_A_ROW: u64 = 4096;

/// Cities that a region should have on its emptier side to begin with it.
const ENOUGH_TO_BEGIN: usize = 256;

/// Finds an incumbent: in the own region that has the most cities on its emptier side, or if that has few,
/// in the one of all.
pub(super) fn begin(
    points: &Points<'_>,
    own: impl Iterator<Item = usize>,
    join: &mut Join<'_>,
    finalists: &mut Finalists<'_>,
) -> Result<(), String> {
    let regions = points.regions();
    let fewer = |&region: &usize| {
        let [first, second] = [0, 1].map(|side| regions.positions(region, side).len());
        first.min(second)
    };
    let best_of_own = own.max_by_key(fewer).filter(|region| fewer(region) >= ENOUGH_TO_BEGIN);
    match best_of_own.or_else(|| (0..regions.len()).max_by_key(fewer)) {
        Some(region) => join.start(region, finalists),
        None => Ok(()),
    }
}

/// Number of pairs of a row with a city behind it.
fn pairs(rows: &std::ops::Range<usize>, cities: usize) -> u128 {
    let (count, end) = (rows.len() as u128, rows.end as u128);
    // The last row has those from its end on, the one before one more, and so on.
    count * (cities as u128 - end) + count * count.saturating_sub(1) / 2
}

/// Some rows with all behind the first of them.
fn block(start: usize, end: usize, cities: usize) -> Block {
    let [start, end, cities] = [start, end, cities].map(|position| position as u64);
    Block { rows: start..end, columns: start..cities }
}
