//! "Farther", defined once, and the incumbent: the farthest pair seen so far.
//!
//! One pair is farther than another if its distance is greater or, at equal distance, if its rows
//! are lower: first the lower row of the pair, then the higher. That is a total order on pairs, so
//! a maximum under it does not depend on who compared what first, on how many ranks there were
//! or on which instruction set they used. Search, reduction and report share it.
//!
//! Architecture Invariant: the order knows numbers only, not which metric they came from.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Two cities and the distance between them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FarPair {
    /// The distance in kilometres: finite and not negative.
    pub distance_km: f64,
    /// Rows of the two in the source, the lower first.
    pub rows: [u64; 2],
    /// Positions of the two in the atlas, in the order of `rows`.
    pub positions: [u64; 2],
}

impl FarPair {
    /// The pair of two cities, each given as (row, position), in whichever order. `None` if the
    /// distance is NaN, infinite or negative, which only a damaged file can bring about.
    pub fn new(distance_km: f64, a: (u64, u64), b: (u64, u64)) -> Option<FarPair> {
        let is_distance = distance_km >= 0.0 && distance_km.is_finite();
        let (low, high) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        is_distance.then_some(FarPair {
            distance_km,
            rows: [low.0, high.0],
            positions: [low.1, high.1],
        })
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

/// The farthest pair seen so far, if any was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Incumbent {
    best: Option<FarPair>,
}

impl Incumbent {
    /// Takes the pair if it is farther than all before, and tells whether its distance is greater.
    pub fn offer(&mut self, pair: FarPair) -> bool {
        match self.best {
            Some(best) if pair.compare(&best) != Ordering::Greater => false,
            best => {
                self.best = Some(pair);
                best.is_none_or(|best| pair.distance_km > best.distance_km)
            }
        }
    }

    /// The farthest pair offered.
    pub fn best(&self) -> Option<FarPair> {
        self.best
    }
}
