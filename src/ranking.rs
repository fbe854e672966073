//! "Farther", defined once, and the ranking: the farthest pairs seen so far.
//!
//! One pair is farther than another if its distance is greater or, at equal distance, if its rows
//! are lower: first the lower row of the pair, then the higher (of two lists the row in the first, then that in the
//! second). That is a total order on pairs, so
//! a maximum under it does not depend on who compared what first, on how many ranks there were
//! or on which instruction set they used. Search, reduction and report share it.
//!
//! Architecture Invariant: the order knows numbers only, not which metric they came from.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Two cities and the distance between them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FarPair {
    /// The distance in kilometres: finite and not negative.
    pub distance_km: f64,
    /// Rows of the two in the source: of one list the lower first, of two that in the first list.
    pub rows: [u64; 2],
    /// Positions of the two in the atlas, in the order of `rows`.
    pub positions: [u64; 2],
}

impl FarPair {
    /// The pair of two cities in the order in which they stand in it. `None` if the distance is NaN, infinite or
    /// negative, which only a damaged file can bring about.
    pub fn new(distance_km: f64, rows: [u64; 2], positions: [u64; 2]) -> Option<FarPair> {
        let is_distance = distance_km >= 0.0 && distance_km.is_finite();
        is_distance.then_some(FarPair { distance_km, rows, positions })
    }

    /// The pair as unsigned numbers that compare, from the first to the last, as the pairs do:
    /// what a reduction with MAX can carry. The bits of floating-point numbers that are not
    /// negative are in the order of the numbers (IEEE 754); rows are complemented, so that the
    /// lower is the greater. The positions decide nothing and are taken along.
    pub fn to_keys(self) -> [u64; 5] {
        let [row_low, row_high] = self.rows;
        let [position_low, position_high] = self.positions;
        // −0 would be above every other; adding zero makes it +0.
        [(self.distance_km + 0.0).to_bits(), !row_low, !row_high, position_low, position_high]
    }

    /// The pair that [`FarPair::to_keys`] made these of.
    pub fn from_keys(keys: [u64; 5]) -> FarPair {
        let [distance, row_low, row_high, position_low, position_high] = keys;
        FarPair {
            distance_km: f64::from_bits(distance),
            rows: [!row_low, !row_high],
            positions: [position_low, position_high],
        }
    }

    /// Less if the other is farther, by distance, then by lower rows.
    pub fn compare(&self, other: &FarPair) -> Ordering {
        self.to_keys()[..3].cmp(&other.to_keys()[..3])
    }
}

/// The farthest of the pairs that were offered, at most so many, each once however often it was offered; and the
/// threshold, which is all that a search asks.
#[derive(Clone, Debug)]
pub struct Ranking {
    most: usize,
    /// [`FarPair::to_keys`] of the pairs: their order is that of the pairs, and a set has each once.
    keys: BTreeSet<[u64; 5]>,
    /// The nearest of them, once there are as many as asked for.
    threshold: Option<FarPair>,
}

impl Default for Ranking {
    /// For the one farthest pair.
    fn default() -> Ranking {
        Ranking::new(1)
    }
}

impl Ranking {
    /// For the `most` farthest pairs.
    ///
    /// # Panics
    /// If that is 0.
    pub fn new(most: usize) -> Ranking {
        assert!(most > 0, "a ranking has a place");
        Ranking { most, keys: BTreeSet::new(), threshold: None }
    }

    /// Takes a pair if it belongs to the farthest, and tells whether the distance of the threshold is greater than
    /// before.
    #[inline]
    pub fn offer(&mut self, pair: FarPair) -> bool {
        let before = self.threshold;
        if before.is_some_and(|threshold| pair.compare(&threshold) != Ordering::Greater) {
            return false;
        }
        self.keys.insert(pair.to_keys());
        if self.keys.len() > self.most {
            self.keys.pop_first();
        }
        if self.keys.len() == self.most {
            self.threshold = self.keys.first().copied().map(FarPair::from_keys);
        }
        let km = |pair: Option<FarPair>| pair.map_or(-1.0, |pair| pair.distance_km);
        km(self.threshold) > km(before)
    }

    /// The pair that another one must be farther than to be taken; `None` as long as any is.
    #[inline]
    pub fn threshold(&self) -> Option<FarPair> {
        self.threshold
    }

    /// The farthest pair of all.
    pub fn best(&self) -> Option<FarPair> {
        self.keys.last().copied().map(FarPair::from_keys)
    }

    /// How many pairs it has room for.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Whether it has as many pairs as it has room for.
    pub fn is_full(&self) -> bool {
        self.threshold.is_some()
    }

    /// The pairs, the farthest first.
    pub fn pairs(&self) -> impl Iterator<Item = FarPair> {
        self.keys.iter().rev().copied().map(FarPair::from_keys)
    }
}
