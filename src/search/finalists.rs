//! The finalists: pairs that a kernel marked, decided by the one distance function.
//!
//! A marked pair is first measured by its separation, which costs a tenth of the distance and is
//! nearly as sharp: of pairs that tie with the incumbent only those with lower rows go further.
//! A million exact ties are then a million comparisons, not a million arc sines.
//!
//! Architecture Invariant: whatever a kernel marked is offered to the incumbent through here.

use crate::bound::{Reach, Separation};
use crate::incumbent::{FarPair, Incumbent};
use crate::points::Points;
use crate::sphere::distance_km;
use crate::tiles::Bounds;

/// The incumbent of one rank, with its limits at hand.
pub(super) struct Finalists<'a> {
    points: &'a Points<'a>,
    incumbent: Incumbent,
    separation: Separation,
}

impl<'a> Finalists<'a> {
    /// No finalist yet.
    pub(super) fn new(points: &'a Points<'a>) -> Finalists<'a> {
        Finalists { points, incumbent: Incumbent::default(), separation: Separation::of(0.0) }
    }

    /// The farthest pair so far.
    pub(super) fn best(&self) -> Option<FarPair> {
        self.incumbent.best()
    }

    /// Its distance in kilometres, 0 where there is none.
    pub(super) fn distance_km(&self) -> f64 {
        self.best().map_or(0.0, |best| best.distance_km)
    }

    /// Its distance as limits of the separation.
    pub(super) fn separation(&self) -> Separation {
        self.separation
    }

    /// The greatest separation at which a pair whose rows are no lower than these two could win.
    pub(super) fn limit(&self, rows: [u64; 2]) -> f64 {
        let Separation { limit, limit_beyond, .. } = self.separation;
        if self.are_lower(rows) { limit } else { limit_beyond }
    }

    /// Whether two rows, in whichever order, are lower than the incumbent's.
    fn are_lower(&self, rows: [u64; 2]) -> bool {
        let rows = [rows[0].min(rows[1]), rows[0].max(rows[1])];
        self.best().is_none_or(|best| rows < best.rows)
    }

    /// Whether pairs of at least that separation, with rows no lower than these two, could win.
    pub(super) fn can_win(&self, separation: f64, rows: [u64; 2]) -> bool {
        match self.separation.reach(separation) {
            Reach::Short => false,
            Reach::Beyond => true,
            Reach::Equal => self.are_lower(rows),
        }
    }

    /// Whether a pair of a city in one box and a city in another could win. Boxes that are points,
    /// full of copies of a city, are two cities: their distance is known, and a tie is seen as one
    /// wherever it lies.
    pub(super) fn boxes_can_win(&self, a: &Bounds, b: &Bounds) -> bool {
        let lowest_rows = [a.lowest_row, b.lowest_row];
        let can_win = self.can_win(self.separation.of_boxes(a, b), lowest_rows);
        if !(can_win && a.is_point() && b.is_point()) {
            return can_win;
        }
        let distance_km = distance_km(a.min, b.min);
        distance_km > self.distance_km()
            || distance_km == self.distance_km() && self.are_lower(lowest_rows)
    }

    /// Decides the pair of two positions; those that are no pair i < j of cities are passed over.
    pub(super) fn consider(&mut self, i: usize, j: usize) -> Result<(), String> {
        if i >= j || j >= self.points.len() {
            return Ok(());
        }
        let (p, q) = (self.points.vector(i), self.points.vector(j));
        let rows = [self.points.row(i), self.points.row(j)];
        if !self.can_win(self.separation.of_cities(p, q), rows) {
            return Ok(());
        }
        if super::offer(self.points, &mut self.incumbent, [i as u64, j as u64], distance_km(p, q))?
        {
            self.separation = Separation::of(self.distance_km());
        }
        Ok(())
    }
}
