//! The notebook's algorithm, as it stands there: the baseline that all else is measured against.
//!
//! Haversine of every pair in f64, sines and cosines computed anew each time, no tricks. Near the
//! antipode the formula loses half its digits and 1 − a can fall below 0 by a rounding; there it
//! is taken as 0, where the original would stop with an error. So this method reports the
//! maximum of *its own* formula, which may differ from the answer of the others.
//!
//! Architecture Invariant: nothing here is shared with the other methods but the blocks, the pairs
//! and the order of the answer; a mistake in them cannot hide in it.

use super::{Counted, Field, Found, Search, Wanted, offer};
use crate::pairs::{Block, PairSpace};
use crate::ranking::Ranking;
use crate::sphere::RADIUS_KM;
use std::f64::consts::PI;

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

    fn measure(&mut self, positions: [u64; 2]) -> Result<(), String> {
        let (field, positions) = (&self.field, positions.map(|position| position as usize));
        if !self.counted.has_both(positions) {
            return Ok(());
        }
        let [p, q] = [0, 1].map(|of| {
            let [lat_deg, lon_deg] = field.points()[of].sites().degrees(positions[of]);
            (lat_deg, lon_deg)
        });
        offer(field, &mut self.ranking, positions, haversine_km(p, q))?;
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

    fn settle(&mut self, block: u64) -> Result<(), String> {
        let block = self.space.block(block.into());
        block.positions().try_for_each(|positions| self.measure(positions))?;
        self.covered += block.pairs();
        Ok(())
    }

    fn consider(&mut self, positions: [usize; 2]) -> Result<(), String> {
        let pair = self.field.pair_of(positions);
        pair.map_or(Ok(()), |pair| self.measure(pair.map(|position| position as u64)))
    }

    fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    fn found(&self) -> Found {
        let (ranking, covered) = (self.ranking.clone(), self.covered);
        Found { ranking, covered, evaluated: covered, ..Found::default() }
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
