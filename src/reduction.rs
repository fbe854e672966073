//! From the farthest pairs of each rank to the farthest of all: one with nothing but MAX, many rank by rank.
//!
//! Distance, rows and positions are unsigned numbers whose order is the order of the pairs
//! ([`FarPair::to_keys`]). Their maximum is found number by number: in each round the ranks that
//! still hold the maximum bid their number, the others bid 0. MPI_MAXLOC was rejected: it
//! carries one 32-bit index and says nothing about the second city; an operation of our own was
//! rejected because the built-in ones run in the network's hardware.
//!
//! Only integers are reduced, so no NaN can reach a reduction.
//!
//! Architecture Invariant: it does not know how a maximum over ranks is taken.

use std::iter::Sum;

use bytemuck::{Pod, Zeroable};

use crate::error::{Error, Result};
use crate::ranking::{FarPair, Ranking};
use crate::search::ShareResult;

/// The farthest of the pairs of all ranks, known to all; `None` if no rank has one. `max` gives
/// the maximum over all ranks of what each passes in, and every rank calls it equally often.
pub fn farthest_of_all(mine: Option<FarPair>, mut max: impl FnMut(u64) -> u64) -> Option<FarPair> {
    let keys = mine.map_or([0; 5], FarPair::to_keys);
    let mut is_holder = mine.is_some();
    let best = keys.map(|key| {
        let highest = max(if is_holder { key } else { 0 });
        is_holder &= key == highest;
        highest
    });
    // A row is below 2⁶⁴ − 1, so its complement is 0 only where no rank bid a pair.
    let is_pair = best[2] != 0;
    is_pair.then(|| FarPair::from_keys(best))
}

/// The farthest of the pairs of all ranks, known to the root, as many as each rank's ranking has room for. One pair
/// comes by [`farthest_of_all`]; many are folded rank by rank with `fold`, which is given what a rank brings and how
/// two of these become one.
pub fn ranking_of_all(
    mine: &Ranking,
    max: impl FnMut(u64) -> u64,
    fold: impl FnOnce(
        Vec<[u64; 5]>,
        &dyn Fn(Vec<[u64; 5]>, Vec<[u64; 5]>) -> Vec<[u64; 5]>,
    ) -> Vec<[u64; 5]>,
) -> Ranking {
    let ranking = |pairs: &mut dyn Iterator<Item = FarPair>| {
        let mut ranking = Ranking::new(mine.most());
        pairs.for_each(|pair| {
            ranking.offer(pair);
        });
        ranking
    };
    if mine.most() == 1 {
        return ranking(&mut farthest_of_all(mine.best(), max).into_iter());
    }
    let keys = |ranking: &Ranking| ranking.pairs().map(FarPair::to_keys).collect::<Vec<_>>();
    let of_keys = |all: Vec<[u64; 5]>| ranking(&mut all.into_iter().map(FarPair::from_keys));
    of_keys(fold(keys(mine), &|one, other| keys(&of_keys([one, other].concat()))))
}

/// Pairs covered and evaluated: by one rank, or by all. A message as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Counts {
    /// Pairs whose part in the answer is settled.
    pub covered: u128,
    /// Those of them that earlier runs settled.
    pub covered_earlier: u128,
    /// Pairs that were looked at one by one.
    pub evaluated: u128,
    /// Pairs of groups that no bound ruled out.
    pub groups_opened: u128,
    /// Regions that the tree settled.
    pub regions_by_tree: u128,
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(ranks: I) -> Counts {
        ranks.fold(Counts::default(), |sum, counts| Counts {
            covered: sum.covered + counts.covered,
            covered_earlier: sum.covered_earlier + counts.covered_earlier,
            evaluated: sum.evaluated + counts.evaluated,
            groups_opened: sum.groups_opened + counts.groups_opened,
            regions_by_tree: sum.regions_by_tree + counts.regions_by_tree,
        })
    }
}

impl Counts {
    /// Of one rank.
    pub fn of(found: &ShareResult) -> Counts {
        let ShareResult {
            covered, covered_earlier, evaluated, groups_opened, regions_by_tree, ..
        } = *found;
        Counts { covered, covered_earlier, evaluated, groups_opened, regions_by_tree }
    }

    /// Refuses a result whose ranks together did not cover each of `pairs` pairs.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn require_covered(&self, pairs: u128) -> Result<()> {
        if self.covered == pairs {
            return Ok(());
        }
        let problem = format!("{} pairs were covered, there are {pairs}", self.covered);
        Err(Error::Internal { problem })
    }
}
