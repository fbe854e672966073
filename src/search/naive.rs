//! The notebook's algorithm, as it stands there: the baseline that all else is measured against.
//!
//! Haversine of every pair in f64, sines and cosines computed anew for each, no tricks (what does not change
//! along a row of pairs the compiler takes out of the loop). Near the
//! antipode the formula loses half its digits and 1 − a can fall below 0 by a rounding; there it
//! is taken as 0, where the original would stop with an error. So this method reports the
//! maximum of *its own* formula, which may differ from the answer of the others.
//!
//! Architecture Invariant: nothing here is shared with the other methods but the blocks, the pairs
//! and the order of the answer; a mistake in them cannot hide in it.

use super::{Counted, Damage, Field, Leave, Search, ShareResult, Wanted, offer};
use crate::pairs::{Block, PairSpace, Pairing};
use crate::ranking::Ranking;
use crate::sphere::RADIUS_KM;
use std::f64::consts::PI;
use std::ops::Range;

/// The method at work on some cities.
pub(super) struct Naive<'a> {
    field: Field<'a>,
    space: PairSpace,
    ranking: Ranking,
    counted: Counted<'a>,
    covered: u128,
}

impl<'a> Naive<'a> {
    /// With blocks of `edge` × `edge` cities.
    pub(super) fn new(field: Field<'a>, edge: u64, wanted: Wanted) -> Naive<'a> {
        let space = field.space(edge);
        let counted = Counted::new(field, wanted);
        Naive { field, space, ranking: Ranking::new(wanted.pairs), counted, covered: 0 }
    }

    /// Latitude and longitude in degrees of a city that stands first in pairs (0), or second (1).
    // Inlined, all of the loop, so that the compiler takes a row's own cosine out of it: 2.6 s instead of 4.2.
    #[inline(always)]
    fn degrees(&self, of: usize, position: u64) -> (f64, f64) {
        let [lat_deg, lon_deg] = self.field.points()[of].sites().degrees(position as usize);
        (lat_deg, lon_deg)
    }

    /// Measures the pairs of a city, whose degrees are known, with others.
    fn measure(&mut self, i: u64, columns: Range<u64>) -> Result<(), Damage> {
        if !self.counted.has(0, i as usize) {
            return Ok(());
        }
        let p = self.degrees(0, i);
        for j in columns {
            if self.counted.has(1, j as usize) {
                let distance_km = haversine_km(p, self.degrees(1, j));
                let positions = [i, j].map(|position| position as usize);
                offer(&self.field, &mut self.ranking, positions, distance_km)?;
            }
        }
        Ok(())
    }
}

impl Search for Naive<'_> {
    fn blocks(&self) -> u64 {
        super::block_count(&self.space)
    }

    fn parts(&self, block: u64) -> Vec<Block> {
        vec![self.space.block(block.into())]
    }

    /// Takes a pair that counts, so that there is one to tell whenever the search is stopped.
    fn begin(&mut self, _: &mut dyn Iterator<Item = u64>) -> Result<(), Damage> {
        let [rows, columns] = self.field.points().map(|points| points.len());
        let Some(i) = (0..rows).find(|&i| self.counted.has(0, i)) else { return Ok(()) };
        let behind = if self.field.pairing() == Pairing::Within { i + 1 } else { 0 };
        match (behind..columns).find(|&j| self.counted.has(1, j)) {
            Some(j) => self.measure(i as u64, j as u64..j as u64 + 1),
            None => Ok(()),
        }
    }

    // A block takes a tenth of a second, and is never left.
    fn settle(&mut self, block: u64, _: &mut Leave<'_>) -> Result<bool, Damage> {
        let block = self.space.block(block.into());
        block.rows.clone().try_for_each(|i| self.measure(i, block.columns_of(i)))?;
        self.covered += block.pairs();
        Ok(true)
    }

    fn consider(&mut self, positions: [usize; 2]) -> Result<(), Damage> {
        let pair = self.field.pair_of(positions).map(|pair| pair.map(|position| position as u64));
        pair.map_or(Ok(()), |[i, j]| self.measure(i, j..j + 1))
    }

    fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    fn found(&self) -> ShareResult {
        let (ranking, covered) = (self.ranking.clone(), self.covered);
        ShareResult { ranking, covered, evaluated: covered, ..ShareResult::default() }
    }
}

/// Great-circle distance in kilometres between two points, each (latitude, longitude) in degrees,
/// by the haversine formula of the notebook: off by up to 0.2 m near the antipode.
pub fn haversine_km((lat_1, lon_1): (f64, f64), (lat_2, lon_2): (f64, f64)) -> f64 {
    let p1 = lat_1 / 180.0 * PI;
    let p2 = lat_2 / 180.0 * PI;
    let cp1 = libm::cos(p1);
    let cp2 = libm::cos(p2);
    let dp = p2 - p1;
    let dl = (lon_1 - lon_2) / 180.0 * PI;
    let (sin_dp, sin_dl) = (libm::sin(dp / 2.0), libm::sin(dl / 2.0));
    let a = sin_dp * sin_dp + cp1 * cp2 * (sin_dl * sin_dl);
    let c = 2.0 * libm::atan2(a.sqrt(), (1.0 - a).max(0.0).sqrt());
    RADIUS_KM * c
}
