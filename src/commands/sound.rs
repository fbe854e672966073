//! The last look at an answer before it is reported: what it says of its two cities is what the list says of them.
//!
//! The sections of a packed file are taken at their word, and a file may change while it is searched. This is
//! cheap, and finds what two rows and two places can tell. That no other pair is farther it cannot tell: that is for
//! `--verify`.
//!
//! Architecture Invariant: nothing here is collective.

use super::lists::Lists;
use crate::atlas::Atlas;
use crate::cities::Coordinates;
use crate::error::Result;
use crate::metric::Metric;
use crate::pairs::Pairing;
use crate::ranking::FarPair;
use crate::search::{Method, haversine_km};

/// Refuses pairs that a method found and that the lists have not.
///
/// # Errors
/// [`crate::error::Error::Data`] of the first of them.
pub(super) fn require_sound<'p>(
    lists: &Lists<'_>,
    pairing: Pairing,
    (method, metric): (Method, &Metric),
    pairs: impl IntoIterator<Item = &'p FarPair>,
) -> Result<()> {
    let atlases = lists.atlases();
    let unsound =
        pairs.into_iter().find_map(|pair| find_unsound(&atlases, pairing, method, metric, pair));
    match unsound {
        Some((of, problem)) => {
            Err(lists.damaged_in(of, format!("{problem}; check it with --verify")))
        }
        None => Ok(()),
    }
}

/// Why a pair that a method found is not one that a list of cities has, as "expected …, found …", and of which atlas
/// (0 or 1): a row twice, beyond the last or of another city, a place off the Earth, or another distance than that of
/// the two places.
pub fn find_unsound(
    atlases: &[Atlas<'_>; 2],
    pairing: Pairing,
    method: Method,
    metric: &Metric,
    farthest: &FarPair,
) -> Option<(usize, String)> {
    let FarPair { distance_km: found_km, rows: [low, high], positions } = *farthest;
    let positions = positions.map(|position| position as usize);
    for (of, (atlas, position)) in atlases.iter().zip(positions).enumerate() {
        if position >= atlas.cities() {
            let cities = atlas.cities();
            return Some((of, format!("expected two of {cities} cities, found {positions:?}")));
        }
    }
    let is_twice = pairing == Pairing::Within && low == high;
    for (of, row) in [low, high].into_iter().enumerate() {
        let rows = atlases[of].source_rows();
        if is_twice || row >= rows || atlases[of].row(positions[of]) != row {
            let problem =
                format!("expected two rows of {rows}, counted from 0, found {low} and {high}");
            return Some((of, problem));
        }
    }
    let places = [0, 1].map(|of| atlases[of].degrees(positions[of]));
    for (of, [lat_deg, lon_deg]) in places.into_iter().enumerate() {
        if let Err(error) = Coordinates::new(lat_deg, lon_deg) {
            return Some((of, error.problem().to_string()));
        }
    }
    let [p, q] = places;
    let expected_km = match method {
        Method::Naive => haversine_km((p[0], p[1]), (q[0], q[1])),
        _ => metric.distance_km(metric.vector(p[0], p[1]), metric.vector(q[0], q[1])),
    };
    // Both formulas are symmetric to the last bit, so that it does not matter which city a search took first.
    (expected_km.to_bits() != found_km.to_bits()).then(|| {
        let rows = format!("the rows {low} and {high}");
        (0, format!("expected {expected_km} km between {rows}, found {found_km} km"))
    })
}
