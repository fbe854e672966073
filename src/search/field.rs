//! The field of a search: the cities that stand first in pairs, those that stand second, and which are pairs.
//!
//! Within one list both are the same points and i < j; between two lists each city of one meets each of the other.
//!
//! Architecture Invariant: it alone knows how many lists there are.

use crate::pairs::{PairSpace, Pairing};
use crate::points::Points;
use crate::ranking::FarPair;

/// Points of one list, or of two.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    points: [&'a Points<'a>; 2],
    pairing: Pairing,
}

impl<'a> Field<'a> {
    /// The pairs of one list.
    pub fn within(points: &'a Points<'a>) -> Field<'a> {
        Field { points: [points, points], pairing: Pairing::Within }
    }

    /// The pairs of a city of one list and a city of another.
    pub fn between(rows: &'a Points<'a>, columns: &'a Points<'a>) -> Field<'a> {
        Field { points: [rows, columns], pairing: Pairing::Between }
    }

    /// The points that stand first in pairs, and those that stand second.
    #[inline]
    pub fn points(&self) -> [&'a Points<'a>; 2] {
        self.points
    }

    /// Which of them are pairs.
    #[inline]
    pub fn pairing(&self) -> Pairing {
        self.pairing
    }

    /// The pair space, in blocks of `edge` × `edge`.
    pub fn space(&self, edge: u64) -> PairSpace {
        let [rows, columns] = self.points.map(|points| points.len() as u64);
        match self.pairing {
            Pairing::Within => PairSpace::within(rows, edge),
            Pairing::Between => PairSpace::between(rows, columns, edge),
        }
    }

    /// Cities of a list that has about as many pairs: its own number within a list, √(2nm) between two.
    pub fn cities(&self) -> u64 {
        let [rows, columns] = self.points.map(|points| points.len() as u128);
        match self.pairing {
            Pairing::Within => rows as u64,
            Pairing::Between => (2 * rows * columns).isqrt() as u64,
        }
    }

    /// Whether there is any pair.
    pub fn has_pairs(&self) -> bool {
        self.space(1).pairs() > 0
    }

    /// The two positions of a pair, the one that stands first before the other; `None` if they are none of cities, or
    /// the same city of one list.
    #[inline]
    pub fn pair_of(&self, [i, j]: [usize; 2]) -> Option<[usize; 2]> {
        let are_cities = i < self.points[0].len() && j < self.points[1].len();
        let is_pair = are_cities && (self.pairing == Pairing::Between || i != j);
        is_pair.then_some([i, j])
    }

    /// The rows of two positions.
    #[inline]
    pub fn rows(&self, [i, j]: [usize; 2]) -> [u64; 2] {
        [self.points[0].row(i), self.points[1].row(j)]
    }

    /// Two rows as they stand in a pair: within one list the lower first.
    #[inline]
    pub fn in_order(&self, rows: [u64; 2]) -> [u64; 2] {
        match self.pairing {
            Pairing::Within => [rows[0].min(rows[1]), rows[0].max(rows[1])],
            Pairing::Between => rows,
        }
    }

    /// The pair of two positions at a distance; `None` if that is none.
    pub fn far_pair(&self, positions: [usize; 2], distance_km: f64) -> Option<FarPair> {
        let rows = self.rows(positions);
        let is_in_order = self.in_order(rows) == rows;
        let [first, second] = if is_in_order { [0, 1] } else { [1, 0] };
        let [rows, positions] = [rows, positions.map(|position| position as u64)]
            .map(|both| [both[first], both[second]]);
        FarPair::new(distance_km, rows, positions)
    }
}
