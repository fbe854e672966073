//! Cities → how many there are in each bin of a lattice of places, or how far it is from them to the farthest.
//!
//! A picture has some hundred thousand cells, and a list may have a thousand times as many cities. So each rank looks
//! at its cities once, with an addition and a few comparisons for each: sines and cosines are for the middles of bins,
//! when it is known what all ranks have. What is kept can be joined in any order with the same result: whole numbers,
//! and the greatest and least of others. So a picture does not depend on the number of ranks.
//!
//! Places of a packed file are taken at their word, and a bin is found for any number.
//!
//! Architecture Invariant: it does not know what a lattice is drawn on, nor how ranks are joined.

use std::ops::Range;

use super::lattice::{Edges, Lattice};
use crate::atlas::Atlas;
use crate::features::on_map;
use crate::search::each::Far;

/// What a bin holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// How many cities.
    Cities,
    /// The greatest of their distances, as [`What::of_km`] has it.
    Farthest,
}

/// Least and greatest of: latitude, longitude in [−180, 180], longitude in [0, 360].
type Ends = [[f64; 2]; 3];

/// What a rank has seen, or all.
#[derive(Clone, Debug, PartialEq)]
pub struct Census {
    /// Where the bins are.
    pub lattice: Lattice,
    /// What they hold.
    pub what: What,
    /// That, row by row from the south; nothing at all before a city has been seen.
    pub values: Vec<u64>,
    ends: Ends,
}

impl Census {
    /// Of no city.
    pub fn new(lattice: Lattice, what: What) -> Census {
        let ends = [[f64::INFINITY, f64::NEG_INFINITY]; 3];
        Census { lattice, what, values: Vec::new(), ends }
    }

    /// Takes the cities of an atlas at some positions into account; of distances their answers, which all have.
    pub fn see_all(&mut self, atlas: &Atlas<'_>, positions: Range<usize>, answers: Option<&[Far]>) {
        match answers {
            None => positions.for_each(|at| self.see(atlas.degrees(at), 1)),
            Some(answers) => positions.for_each(|at| {
                self.see(atlas.degrees(at), What::of_km(answers[at].distance_km));
            }),
        }
    }

    /// Takes a city into account.
    #[inline]
    pub fn see(&mut self, [lat_deg, lon_deg]: [f64; 2], value: u64) {
        if self.values.is_empty() {
            self.values.resize(self.lattice.bins(), 0);
        }
        // In a packed file, which is taken at its word, anything may stand.
        let lat_deg = lat_deg.clamp(-90.0, 90.0);
        let lon = on_map(lon_deg).clamp(-180.0, 180.0);
        let turned = if lon < 0.0 { lon + 360.0 } else { lon };
        for (ends, number) in self.ends.iter_mut().zip([lat_deg, lon, turned]) {
            *ends = [ends[0].min(number), ends[1].max(number)];
        }
        let place = &mut self.values[self.lattice.bin([lat_deg, lon])];
        *place = self.what.joined(*place, value);
    }

    /// As a message, in which nothing stands for no city.
    pub fn to_words(&self) -> Vec<u64> {
        if self.values.is_empty() {
            return Vec::new();
        }
        let ends = self.ends.iter().flatten().map(|end| end.to_bits());
        ends.chain(self.values.iter().copied()).collect()
    }

    /// From a message.
    pub fn from_words(lattice: Lattice, what: What, words: &[u64]) -> Census {
        let mut census = Census::new(lattice, what);
        if words.len() == ENDS + lattice.bins() {
            let number = |at: usize| f64::from_bits(words[at]);
            census.ends = [0, 1, 2].map(|at| [number(2 * at), number(2 * at + 1)]);
            census.values = words[ENDS..].to_vec();
        }
        census
    }

    /// One message of two, in either order the same.
    pub fn join(what: What, mut one: Vec<u64>, other: Vec<u64>) -> Vec<u64> {
        if one.is_empty() || other.is_empty() {
            return if one.is_empty() { other } else { one };
        }
        for (at, (mine, theirs)) in one.iter_mut().zip(other).enumerate() {
            let ends = [*mine, theirs].map(f64::from_bits);
            *mine = match at {
                at if at >= ENDS => what.joined(*mine, theirs),
                at if at % 2 == 0 => ends[0].min(ends[1]).to_bits(),
                _ => ends[0].max(ends[1]).to_bits(),
            };
        }
        one
    }

    /// Whether it is of no city.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The rows and columns of the bins that are not empty.
    pub fn taken(&self) -> impl Iterator<Item = ([usize; 2], u64)> + '_ {
        let [_, columns] = self.lattice.many();
        let bins = self.values.iter().enumerate().filter(|(_, value)| **value != 0);
        bins.map(move |(bin, &value)| ([bin / columns, bin % columns], value))
    }

    /// Where the cities are, of the two ways round the narrower.
    pub fn edges(&self) -> Edges {
        let [[south, north], plain, turned] = self.ends;
        let span = |[least, greatest]: [f64; 2]| greatest - least;
        let [west, east] = if span(turned) < span(plain) { turned } else { plain };
        Edges { south, north, west, east }
    }
}

/// Numbers that stand before the values in a message.
const ENDS: usize = 6;

impl What {
    /// Kilometres as a value: one more than the bits of the number, which have the order of numbers. So 0 is no city.
    pub fn of_km(km: f64) -> u64 {
        km.to_bits().saturating_add(1)
    }

    /// What a value that is not 0 stands for: cities, or kilometres.
    pub fn number(self, value: u64) -> f64 {
        match self {
            What::Cities => value as f64,
            What::Farthest => f64::from_bits(value - 1),
        }
    }

    pub(super) fn joined(self, one: u64, other: u64) -> u64 {
        match self {
            What::Cities => one.saturating_add(other),
            What::Farthest => one.max(other),
        }
    }
}
