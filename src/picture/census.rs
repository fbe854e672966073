//! Cities → how many there are in each bin of a lattice of latitudes and longitudes, or how far from the farthest one.
//!
//! A picture has some hundred thousand pixels, and a list may have a thousand times as many cities. So each rank looks at
//! its cities once, with an addition and a comparison for each: sines and cosines are for the middles of bins, when it is
//! known what all ranks have. What is kept can be joined in any order with the same result: whole numbers, and the
//! greatest and least of others. So a picture does not depend on the number of ranks.
//!
//! Places of a packed file are taken at their word, and a bin is found for any number.
//!
//! Architecture Invariant: it does not know what a lattice is drawn on, nor how ranks are joined.

use std::ops::Range;

use crate::atlas::Atlas;
use crate::features::on_map;
use crate::search::each::Far;

/// Bins of equal steps of latitude and longitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lattice {
    /// Latitude and longitude of the corner from which bins are counted, in degrees.
    from: [f64; 2],
    /// Degrees of a bin.
    step: [f64; 2],
    /// Bins from south to north, and from west to east.
    many: [usize; 2],
}

/// Bins of a quarter degree: 0.8 pixels of a map of the world, of which cells have two.
const OF_WORLD: [usize; 2] = [720, 1440];

/// Bins of a region, of which a map is about as many pixels wide and high.
const OF_REGION: [usize; 2] = [960, 1440];

/// A bin is no narrower, in degrees: the unit of decimals in a list, a centimetre.
const LEAST_STEP_DEG: f64 = 1e-7;

impl Lattice {
    /// Over all the world.
    pub fn of_world() -> Lattice {
        let [rows, columns] = OF_WORLD;
        let step = [180.0 / rows as f64, 360.0 / columns as f64];
        Lattice { from: [-90.0, -180.0], step, many: OF_WORLD }
    }

    /// Over a region.
    pub fn over(edges: &Edges) -> Lattice {
        let span = [edges.north - edges.south, edges.east - edges.west];
        let step = [0, 1].map(|axis| (span[axis] / OF_REGION[axis] as f64).max(LEAST_STEP_DEG));
        // Half of the room that a region of no size has is on each side.
        let from = [0, 1].map(|axis| {
            let room = step[axis] * OF_REGION[axis] as f64 - span[axis];
            [edges.south, edges.west][axis] - 0.5 * room
        });
        Lattice { from, step, many: OF_REGION }
    }

    /// As a message.
    pub fn to_words(self) -> [u64; 6] {
        let [[a, b], [c, d]] = [self.from, self.step].map(|two| two.map(f64::to_bits));
        [a, b, c, d, self.many[0] as u64, self.many[1] as u64]
    }

    /// From a message.
    pub fn from_words([a, b, c, d, rows, columns]: [u64; 6]) -> Lattice {
        let [a, b, c, d] = [a, b, c, d].map(f64::from_bits);
        Lattice { from: [a, b], step: [c, d], many: [rows as usize, columns as usize] }
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.many[0] * self.many[1]
    }

    /// Rows and columns.
    pub fn many(&self) -> [usize; 2] {
        self.many
    }

    /// The bin of a place.
    #[inline]
    fn bin(&self, [lat_deg, lon_deg]: [f64; 2]) -> usize {
        let mut east = lon_deg - self.from[1];
        if east < 0.0 {
            east += 360.0;
        } else if east >= 360.0 {
            east -= 360.0;
        }
        // What is no number is 0, and what lies beyond is in the last.
        let row = ((lat_deg - self.from[0]) / self.step[0]) as usize;
        let column = (east / self.step[1]) as usize;
        row.min(self.many[0] - 1) * self.many[1] + column.min(self.many[1] - 1)
    }

    /// Latitude and longitude of the middle of a bin, in degrees; the longitude may be beyond 180.
    pub fn middle(&self, [row, column]: [usize; 2]) -> [f64; 2] {
        [
            self.from[0] + (row as f64 + 0.5) * self.step[0],
            self.from[1] + (column as f64 + 0.5) * self.step[1],
        ]
    }

    /// How large a bin of a row is, of a sphere of radius 1.
    pub fn area(&self, row: usize) -> f64 {
        let radians = std::f64::consts::PI / 180.0;
        let south = self.from[0] + row as f64 * self.step[0];
        // sin a − sin b, which keeps its digits where the two are near.
        let middle = libm::cos((south + 0.5 * self.step[0]) * radians);
        2.0 * middle * libm::sin(0.5 * self.step[0] * radians) * self.step[1] * radians
    }
}

/// What a bin holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// How many cities.
    Cities,
    /// The greatest of their distances, as [`What::of_km`] has it.
    Farthest,
}

/// Latitudes and longitudes that cities have, in degrees. The east is not west of the west, but may be beyond 180.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edges {
    /// The least latitude.
    pub south: f64,
    /// The greatest.
    pub north: f64,
    /// Where the longitudes begin.
    pub west: f64,
    /// Where they end.
    pub east: f64,
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
        let columns = self.lattice.many[1];
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
    /// Kilometres as a value: one more than the bits of the number, which have the order of numbers, so that 0 is no city.
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

impl Edges {
    /// Those of both.
    pub fn with(self, other: Edges) -> Edges {
        // The way round on which the two are nearer to each other.
        let apart = 0.5 * (other.west + other.east) - 0.5 * (self.west + self.east);
        let turn = 360.0 * (apart / 360.0).round();
        Edges {
            south: self.south.min(other.south),
            north: self.north.max(other.north),
            west: self.west.min(other.west - turn),
            east: self.east.max(other.east - turn),
        }
    }
}
