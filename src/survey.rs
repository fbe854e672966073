//! What can be said of a city list without looking at pairs.
//!
//! One pass over the columns of an atlas. Cities with equal coordinates stand side by side there
//! (see [`crate::atlas`]), so duplicates are counted without a table.
//!
//! Architecture Invariant: a survey keeps nothing per city.

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
    let mut before = None;
    for position in 0..atlas.cities() {
        let here = atlas.degrees(position);
        widen(&mut facts.lat_bounds_deg, here[0]);
        widen(&mut facts.lon_bounds_deg, here[1]);
        facts.duplicates += u64::from(before == Some(here));
        before = Some(here);
        let is_early =
            |&last: &usize| facts.first.len() < 2 || atlas.row(position) < atlas.row(last);
        if facts.first.last().is_none_or(is_early) {
            facts.first.push(position);
            facts.first.sort_by_key(|&position| atlas.row(position));
            facts.first.truncate(2);
        }
    }
    facts
}

fn widen([low, high]: &mut [f64; 2], value: f64) {
    *low = low.min(value);
    *high = high.max(value);
}
