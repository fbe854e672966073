//! The notebook's algorithm, as it stands there: the baseline that all else is measured against.
//!
//! Haversine of every pair in f64, sines and cosines computed anew each time, no tricks. Near the
//! antipode the formula loses half its digits and 1 − a can fall below 0 by a rounding; there it
//! is taken as 0, where the original would stop with an error. So this method reports the
//! maximum of *its own* formula, which may differ from the answer of the others.
//!
//! Architecture Invariant: nothing here is shared with the other methods but the blocks, the pairs
//! and the order of the answer; a mistake in them cannot hide in it.

use super::{Found, block_edge, offer};
use crate::atlas::Atlas;
use crate::incumbent::Incumbent;
use crate::pairs::{PairSpace, Taken};
use crate::sphere::RADIUS_KM;
use std::f64::consts::PI;

pub(super) fn search(atlas: &Atlas<'_>, rank: u64, ranks: u64) -> Result<Found, String> {
    let coordinates = |position: u64| {
        let [lat_deg, lon_deg] = atlas.degrees(position as usize);
        (lat_deg, lon_deg)
    };
    let cities = atlas.cities() as u64;
    let mut incumbent = Incumbent::default();
    let mut covered = 0;
    let mut taken = Taken::default();
    for block in PairSpace::new(cities, block_edge(cities, ranks)).share(rank, ranks) {
        taken.note(|| block.clone());
        covered += block.pairs();
        for [i, j] in block.positions() {
            let distance_km = haversine_km(coordinates(i), coordinates(j));
            offer(&atlas.points(), &mut incumbent, [i, j], distance_km)?;
        }
    }
    Ok(Found { farthest: incumbent.best(), covered, evaluated: covered, taken, ..Found::default() })
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
