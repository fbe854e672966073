//! The coarse filter: 16-bit numbers, exact arithmetic, one multiplication instruction for a pair.
//!
//! # The idea
//!
//! Let p be a row city and q a column city, and p·q ≤ L what a pair must show ([`crate::bound`]).
//! Divide by the coordinate of p that is largest in size, say |p₁|, at least 1/√3; with s its sign
//!
//! ```text
//! f = (p₂/|p₁|)·q₂ + (p₃/|p₁|)·q₃ + s·q₁   ≤   L/|p₁|.
//! ```
//!
//! Two products are left, and the third term is the column's own. With S = 32767 all four factors
//! are rounded to 16-bit integers, and s·q₁·S² to a 32-bit one:
//!
//! ```text
//! V = A·X + B·Y + Z,   A = [S·p₂/|p₁|],  B = [S·p₃/|p₁|],  X = [S·q₂],  Y = [S·q₃],  Z = [s·S²·q₁].
//! ```
//!
//! `vpdpwssd` computes V for 16 columns at once. It is integer arithmetic without a rounding, so
//! all instruction sets give the same V, and the only errors are those of the five roundings [·].
//!
//! # Why no pair is lost
//!
//! Write A = S·a + α and so on, |α|, |β|, |ξ|, |η|, |ζ| ≤ ½ (and 1e-11 more, for the f64 arithmetic
//! before the rounding). Then
//!
//! ```text
//! |V − S²·f| ≤ S·(|a||ξ| + |x||α| + |b||η| + |y||β|) + |αξ| + |βη| + |ζ|
//!            ≤ S·(|a| + |b| + |x| + |y|)/2 + 1
//!            ≤ S·(|a| + |b| + √2)/2 + 1,
//! ```
//!
//! because (x, y) is part of a unit vector. A pair with p·q ≤ L therefore has V ≤ S²·L/|p₁| +
//! S·(|a| + |b| + √2)/2 + 1, and [`CoarseRow::limit`] is that with 3 in place of 1: for vectors
//! whose length is off by 5e-16, and for its own rounding. That is a margin of 2.2e-5 to 5.2e-5 in
//! f; near the antipode it lets pairs through that are within 70 km of it.
//!
//! V fits 32 bits: |S²·f| ≤ S²·√3 = 1.86e9 because |f| = |p·q|/|p₁|, and the error is below 5.7e4;
//! 2³¹ is 2.15e9. What overflows on the way wraps round, and wraps back.
//!
//! # What was rejected
//!
//! 32-bit floating point with two fused multiplications and a minimum needs three instructions of
//! the ports that take 512 bits, and this two (measured: 3.2e10 against 5.2e10 pairs/s on a core
//! of Sapphire Rapids); its proof has to follow every rounding. 8-bit numbers would need no
//! division, but let pairs through within 900 km.
//!
//! Architecture Invariant: nothing here depends on the instruction set.

use crate::sphere::UnitVector;
use crate::tiles::{TILE_CITIES, Tile};

/// S, the scale of the 16-bit numbers.
const SCALE: f64 = 32767.0;

/// Ways to choose the largest coordinate and its sign.
pub const CLASSES: usize = 6;

/// Columns for one class: for each city X and Y in the halves of one number, and Z.
#[derive(Clone, Copy, Debug)]
pub struct CoarseColumns<'a> {
    /// X in the lower half, Y in the upper.
    pub pairs: &'a [i32],
    /// Z.
    pub thirds: &'a [i32],
}

impl CoarseColumns<'_> {
    /// Whether there are any columns.
    ///
    /// # Panics
    /// If they are not whole tiles, with an X, Y and Z each.
    pub(super) fn are_whole_tiles(&self) -> bool {
        assert!(self.pairs.len().is_multiple_of(TILE_CITIES), "columns are whole tiles");
        assert_eq!(self.pairs.len(), self.thirds.len(), "each column has its three numbers");
        !self.pairs.is_empty()
    }
}

/// Cities as columns for every class.
#[derive(Clone, Debug, Default)]
pub struct CoarseTable {
    pairs: [Vec<i32>; 3],
    thirds: [Vec<i32>; CLASSES],
}

impl CoarseTable {
    /// The columns of whole tiles.
    pub fn new(tiles: &[Tile]) -> CoarseTable {
        let mut table = CoarseTable::default();
        for tile in tiles {
            let coordinates = [&tile.x, &tile.y, &tile.z];
            let short = coordinates.map(|values| values.map(|value| nearest(value * SCALE)));
            for (axis, values) in coordinates.iter().enumerate() {
                let [low, high] = others(axis).map(|axis| &short[axis]);
                table.pairs[axis].extend((0..TILE_CITIES).map(|i| halves(low[i], high[i])));
                let third = values.map(|value| nearest(value * (SCALE * SCALE)));
                table.thirds[2 * axis].extend_from_slice(&third);
                table.thirds[2 * axis + 1].extend(third.map(i32::wrapping_neg));
            }
        }
        table
    }

    /// The columns from `first` up to `end`, both counted in cities, for a class.
    pub fn columns(&self, class: usize, first: usize, end: usize) -> CoarseColumns<'_> {
        CoarseColumns {
            pairs: &self.pairs[class / 2][first..end],
            thirds: &self.thirds[class][first..end],
        }
    }

    /// Number of columns, those that fill up the last tile included.
    pub fn len(&self) -> usize {
        self.pairs[0].len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A city as a row.
#[derive(Clone, Copy, Debug)]
pub struct CoarseRow {
    /// Axis of its largest coordinate, twice, and 1 more if that is negative.
    pub class: usize,
    /// A in the lower half, B in the upper.
    pub pair: i32,
    /// 1/|p₁|.
    inverse: f64,
    /// What V may exceed S²·f by.
    margin: f64,
}

impl CoarseRow {
    /// The row of a city.
    pub fn new(p: UnitVector) -> CoarseRow {
        let axis = if p[0].abs() >= p[1].abs() && p[0].abs() >= p[2].abs() {
            0
        } else if p[1].abs() >= p[2].abs() {
            1
        } else {
            2
        };
        let inverse = 1.0 / p[axis].abs();
        let [a, b] = others(axis).map(|axis| p[axis] * inverse);
        let pair = halves(nearest(a * SCALE), nearest(b * SCALE));
        CoarseRow {
            class: 2 * axis + usize::from(p[axis] < 0.0),
            pair,
            inverse,
            margin: SCALE * (a.abs() + b.abs() + std::f64::consts::SQRT_2) / 2.0 + 3.0,
        }
    }

    /// The greatest V of a pair whose dot product is at most `dot_limit`.
    pub fn limit(&self, dot_limit: f64) -> i32 {
        // The cast saturates, as it should: no limit stays none.
        (SCALE * SCALE * dot_limit * self.inverse + self.margin) as i32
    }
}

/// The two axes beside one.
fn others(axis: usize) -> [usize; 2] {
    [[1, 2], [0, 2], [0, 1]][axis]
}

/// Two 16-bit integers in the halves of one of 32 bits.
fn halves(low: i32, high: i32) -> i32 {
    high << 16 | low & 0xffff
}

/// The nearest integer, of two equally near the even one, of a number below 2³¹ in size. A sum
/// with 1.5 · 2⁵² has no room for a fraction, and its lowest bits are the integer; unlike a call
/// of `round` that takes one instruction, for many numbers at once.
fn nearest(value: f64) -> i32 {
    const NO_FRACTION: f64 = 1.5 * (1_u64 << 52) as f64;
    (value + NO_FRACTION).to_bits() as i32
}
