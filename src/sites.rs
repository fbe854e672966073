//! Where each city is exactly, and its row: by its position.
//!
//! The unit vectors of cities are not kept: they are 24 bytes each, and a search looks at few. Exact ones
//! are computed one by one when a pair is decided, quick ones a tile at a time where a filter wants them.
//! What they are computed from lies in an atlas by position; a program that brings unit vectors has them
//! as they are.
//!
//! Architecture Invariant: sites do not know who asks, nor which cities lie together.

use bytemuck::cast_slice;
use xxhash_rust::xxh3::Xxh3Default;

use crate::kernel::Kernel;
use crate::numbers::Numbers;
use crate::quick::quick_vectors;
use crate::sphere::{UnitVector, unit_vector};
use crate::tiles::{TILE_CITIES, Tile};

/// 1e-7 degrees: the unit of decimals.
pub const DECIMALS_PER_DEGREE: f64 = 1e7;

/// Latitudes and longitudes in degrees, by position.
#[derive(Clone, Copy, Debug)]
pub enum Degrees<'a> {
    /// As f64.
    Exact(&'a [[f64; 2]]),
    /// As whole multiples of 1e-7 degrees, the longitudes less a base, which is one too. The quotient of
    /// two whole numbers below 2⁵³ is rounded once, as whoever reads the decimal number rounds it: both
    /// give the same f64.
    Decimal(&'a [[i32; 2]], i64),
}

impl Degrees<'_> {
    /// Number of cities.
    pub fn len(&self) -> usize {
        match self {
            Degrees::Exact(degrees) => degrees.len(),
            Degrees::Decimal(decimals, _) => decimals.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Latitude and longitude of the city at a position.
    #[inline(always)]
    pub fn get(&self, position: usize) -> [f64; 2] {
        match self {
            Degrees::Exact(degrees) => degrees[position],
            Degrees::Decimal(decimals, base) => degrees_of(decimals[position], *base),
        }
    }
}

/// A latitude and a longitude in degrees, of whole multiples of 1e-7 degrees, the longitude less a base.
#[inline(always)]
pub fn degrees_of([lat, lon]: [i32; 2], lon_base_e7: i64) -> [f64; 2] {
    // Both are far below 2⁵³, so their sum is exact.
    let lon = f64::from(lon) + lon_base_e7 as f64;
    [f64::from(lat) / DECIMALS_PER_DEGREE, lon / DECIMALS_PER_DEGREE]
}

/// Where cities are, and their rows.
#[derive(Clone, Copy, Debug)]
pub enum Sites<'a> {
    /// Degrees and rows, by position.
    Packed(Degrees<'a>, Numbers<'a>),
    /// The index in some unit vectors of the city at each position, which is its row too.
    Vectors(Numbers<'a>, &'a [UnitVector]),
}

impl<'a> Sites<'a> {
    /// XXH3-64 of where the cities are and of their rows: what two readings of one file may differ in.
    pub fn checksum(&self) -> u64 {
        let mut state = Xxh3Default::new();
        let numbers = match self {
            Sites::Packed(Degrees::Exact(degrees), numbers) => {
                state.update(cast_slice(degrees));
                numbers
            }
            Sites::Packed(Degrees::Decimal(decimals, base), numbers) => {
                state.update(&base.to_le_bytes());
                state.update(cast_slice(decimals));
                numbers
            }
            Sites::Vectors(numbers, vectors) => {
                state.update(cast_slice(vectors));
                numbers
            }
        };
        match numbers {
            Numbers::Short(numbers) => state.update(cast_slice(numbers)),
            Numbers::Long(numbers) => state.update(cast_slice(numbers)),
        }
        state.digest()
    }

    /// Number of cities.
    pub fn len(&self) -> usize {
        match self {
            Sites::Packed(_, numbers) | Sites::Vectors(numbers, _) => numbers.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether exact vectors are there and need not be computed.
    #[inline]
    pub fn are_vectors(&self) -> bool {
        matches!(self, Sites::Vectors(..))
    }

    /// Row in the source, counted from 0, of the city at a position.
    #[inline]
    pub fn row(&self, position: usize) -> u64 {
        match self {
            Sites::Packed(_, rows) => rows.get(position),
            Sites::Vectors(order, _) => order.get(position),
        }
    }

    /// The exact unit vector of the city at a position, as [`unit_vector`] has it.
    #[inline]
    pub fn vector(&self, position: usize) -> UnitVector {
        match self {
            Sites::Vectors(order, vectors) => vectors[order.get(position) as usize],
            _ => {
                let [lat_deg, lon_deg] = self.degrees(position);
                unit_vector(lat_deg, lon_deg)
            }
        }
    }

    /// The quick unit vector of the city at a position, or where there are vectors the exact one.
    #[inline]
    pub fn quick_vector(&self, position: usize) -> UnitVector {
        match self {
            Sites::Vectors(..) => self.vector(position),
            _ => {
                let [lat_deg, lon_deg] = self.degrees(position);
                let [[x], [y], [z]] = quick_vectors(&[lat_deg], &[lon_deg]);
                [x, y, z]
            }
        }
    }

    /// The same of 64 cities; `position` is given the lane.
    #[inline(always)]
    pub fn tile(&self, kernel: Kernel, position: impl Fn(usize) -> usize) -> Tile {
        match self {
            Sites::Vectors(..) => Tile::of(TILE_CITIES, |lane| self.vector(position(lane))),
            _ => {
                let (mut lat, mut lon) = ([0.0; TILE_CITIES], [0.0; TILE_CITIES]);
                for lane in 0..TILE_CITIES {
                    [lat[lane], lon[lane]] = self.degrees(position(lane));
                }
                kernel.embed(&lat, &lon)
            }
        }
    }

    /// Whether the cities at two positions have the same exact vector. Equal places have equal quick ones.
    #[inline]
    pub fn are_one_place(&self, i: usize, j: usize) -> bool {
        self.quick_vector(i) == self.quick_vector(j) && self.vector(i) == self.vector(j)
    }

    /// Latitude and longitude of the city at a position; of vectors, whose degrees nobody knows, x and y.
    #[inline(always)]
    pub fn degrees(&self, position: usize) -> [f64; 2] {
        match self {
            Sites::Packed(degrees, _) => degrees.get(position),
            Sites::Vectors(order, vectors) => {
                let [x, y, _] = vectors[order.get(position) as usize];
                [x, y]
            }
        }
    }
}
