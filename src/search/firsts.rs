//! Which cities are the first of their place: of cities at one place that with the lowest row, which stands for all
//! where copies count as one.
//!
//! Cities at one place have the same place in their region, and along the curve nothing but cities with the same place
//! in the region stands between them. So a run of such cities is looked at together, when one of them is asked for.
//!
//! Architecture Invariant: it knows one list, and no pair.

use crate::map::Pages;
use crate::points::Points;

/// The firsts of some points, found when they are asked for.
#[derive(Debug)]
pub(crate) struct Firsts<'a> {
    points: &'a Points<'a>,
    /// For each position whether it is not known yet (0), the first of its place, or another.
    known: Pages<u8>,
}

const FIRST: u8 = 1;
const OTHER: u8 = 2;

impl<'a> Firsts<'a> {
    /// # Panics
    /// When a city is asked for, if the points do not stand along the curve ([`Points::are_along_curve`]).
    pub(crate) fn new(points: &'a Points<'a>) -> Firsts<'a> {
        Firsts { points, known: Pages::zeroed(points.len()) }
    }

    /// Whether no city with a lower row is at the place of the one at `position`.
    pub(crate) fn has(&mut self, position: usize) -> bool {
        if self.known[position] == 0 {
            self.look_around(position);
        }
        self.known[position] == FIRST
    }

    /// Looks at all cities whose places in the region are the same as that of one.
    fn look_around(&mut self, position: usize) {
        let points = self.points;
        assert!(points.are_along_curve(), "points along the curve");
        let place = points.places()[position];
        let is_same = |&other: &usize| points.places()[other] == place;
        let before = (0..position).rev().take_while(is_same).count();
        let behind = (position + 1..points.len()).take_while(is_same).count();
        let run = position - before..position + 1 + behind;
        let mut cities: Vec<([u64; 3], u64, usize)> = run
            .map(|at| (points.vector(at).map(|x| (x + 0.0).to_bits()), points.row(at), at))
            .collect();
        cities.sort_unstable();
        for copies in cities.chunk_by(|a, b| a.0 == b.0) {
            for (at, &(_, _, city)) in copies.iter().enumerate() {
                self.known[city] = if at == 0 { FIRST } else { OTHER };
            }
        }
    }
}
