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
//! S·(|a| + |b|)/2 + S·√½ + 1.
//!
//! Near the antipode more is known. The vector e = q + p has |e|² = 2 + 2 p·q ≤ δ² = 2(1 + L), and
//! x = e₂ − a|p₁|, y = e₃ − b|p₁|. The part that comes from the rounding of the row is then no
//! unknown, but
//!
//! ```text
//! S·(x·α + y·β) ≤ −S·|p₁|·(a·α + b·β) + S·δ·√(α² + β²) ≤ lean + S·δ·√½,
//! ```
//!
//! and stands in place of S·√½. [`CoarseRow::limit`] takes the lesser of the two, with 3 in place of
//! 1: for vectors whose length is off by 5e-16 (which moves δ by 5e-8 at most), and for its own
//! rounding. For antipodes that is a margin of at most 3.1e-5 in f and 1.8e-5 in p·q: it lets pairs
//! through that are within 40 km of the antipode.
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

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::sphere::{NO_FRACTION, UnitVector};
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

/// A number for each city of a tile, at the beginning of a cache line: a vector that lies across two
/// lines takes two loads, which cost the loop over the columns a tenth of its speed.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C, align(64))]
struct TileNumbers([i32; TILE_CITIES]);

/// Cities as columns for every class.
#[derive(Clone, Debug, Default)]
pub struct CoarseTable {
    pairs: [Vec<TileNumbers>; 3],
    thirds: [Vec<TileNumbers>; CLASSES],
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
                let pairs = std::array::from_fn(|i| halves(low[i], high[i]));
                let thirds = values.map(|value| nearest(value * (SCALE * SCALE)));
                table.pairs[axis].push(TileNumbers(pairs));
                table.thirds[2 * axis].push(TileNumbers(thirds));
                table.thirds[2 * axis + 1].push(TileNumbers(thirds.map(i32::wrapping_neg)));
            }
        }
        table
    }

    /// The columns of some tiles for a class.
    pub fn columns(&self, class: usize, tiles: Range<usize>) -> CoarseColumns<'_> {
        CoarseColumns {
            pairs: bytemuck::cast_slice(&self.pairs[class / 2][tiles.clone()]),
            thirds: bytemuck::cast_slice(&self.thirds[class][tiles]),
        }
    }

    /// Number of tiles.
    pub fn tiles(&self) -> usize {
        self.pairs[0].len()
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
    /// What V may exceed S²·f by because of the column's rounding, and 3.
    margin: f64,
    /// What the row's own rounding adds to V at the antipode.
    lean: f64,
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
        let size = p[axis].abs();
        let inverse = 1.0 / size;
        let scaled = others(axis).map(|axis| p[axis] * inverse * SCALE);
        let rounded = scaled.map(nearest);
        let errors = [0, 1].map(|i| f64::from(rounded[i]) - scaled[i]);
        CoarseRow {
            class: 2 * axis + usize::from(p[axis] < 0.0),
            pair: halves(rounded[0], rounded[1]),
            inverse,
            margin: (scaled[0].abs() + scaled[1].abs()) / 2.0 + 3.0,
            lean: -size * (scaled[0] * errors[0] + scaled[1] * errors[1]),
        }
    }

    /// The greatest V of a pair whose dot product is at most `dot_limit`.
    pub fn limit(&self, dot_limit: f64) -> i32 {
        const UNKNOWN: f64 = SCALE * std::f64::consts::FRAC_1_SQRT_2;
        let from_antipode = (2.0 * (1.0 + dot_limit)).max(0.0).sqrt();
        let by_row = UNKNOWN.min(self.lean + UNKNOWN * from_antipode);
        // The cast saturates, as it should: no limit stays none.
        (SCALE * SCALE * dot_limit * self.inverse + self.margin + by_row) as i32
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

/// The nearest integer to a number below 2³¹ in size.
fn nearest(value: f64) -> i32 {
    (value + NO_FRACTION).to_bits() as i32
}
