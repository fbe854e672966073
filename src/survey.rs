//! What can be said of a city list without looking at pairs.
//!
//! One pass over the cities, region by region. Cities with equal coordinates are in one region and on one
//! side (see [`crate::regions`]), so duplicates are counted without a table of all.
//!
//! Architecture Invariant: a survey keeps nothing per city but for one region.

use crate::atlas::Atlas;

/// Facts about a city list.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// Least and greatest latitude in degrees.
    pub lat_bounds_deg: [f64; 2],
    /// Least and greatest longitude in degrees, as given.
    pub lon_bounds_deg: [f64; 2],
    /// Cities that repeat the coordinates of another of a lower row.
    pub duplicates: u64,
    /// Positions of the cities with the lowest and the second lowest row.
    pub first: Vec<usize>,
}

/// Looks at every city once.
pub fn survey(atlas: &Atlas<'_>) -> Survey {
    let nothing = [f64::INFINITY, f64::NEG_INFINITY];
    let mut facts = Survey {
        lat_bounds_deg: nothing,
        lon_bounds_deg: nothing,
        duplicates: 0,
        first: Vec::with_capacity(3),
    };
    for position in 0..atlas.cities() {
        let here = atlas.degrees(position);
        widen(&mut facts.lat_bounds_deg, here[0]);
        widen(&mut facts.lon_bounds_deg, here[1]);
        let is_early =
            |&last: &usize| facts.first.len() < 2 || atlas.row(position) < atlas.row(last);
        if facts.first.last().is_none_or(is_early) {
            facts.first.push(position);
            facts.first.sort_by_key(|&position| atlas.row(position));
            facts.first.truncate(2);
        }
    }
    let regions = atlas.points().regions();
    let parts = (0..regions.len()).flat_map(|region| [0, 1].map(|side| (region, side)));
    let mut places = Vec::new();
    for (region, side) in parts {
        places.clear();
        // Adding zero turns −0 into +0: these two are equal coordinates.
        places.extend(
            regions
                .positions(region, side)
                .map(|position| atlas.degrees(position).map(|degrees| (degrees + 0.0).to_bits())),
        );
        if !atlas.points().are_along_curve() {
            places.sort_unstable();
        }
        facts.duplicates += places.windows(2).filter(|two| two[0] == two[1]).count() as u64;
    }
    facts
}

fn widen([low, high]: &mut [f64; 2], value: f64) {
    *low = low.min(value);
    *high = high.max(value);
}
