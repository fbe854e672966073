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
//! Two products are left, and the third term is the column's own. Write a, b for the two quotients
//! and x, y for q₂, q₃. With S = 24,700 all four factors are rounded to 16-bit integers, and the
//! third term to one of 32 bits:
//!
//! ```text
//! V = A·X + B·Y + Z,   A = [S·a],  B = [S·b],  X = [S·x],  Y = [S·y],  Z = [2³⁰ + S²·s·q₁ + C].
//! ```
//!
//! C is a correction for the roundings of the column, which are known; it comes below.
//! `vpdpwssd` computes V for 16 columns at once. It is integer arithmetic without a rounding, so
//! all instruction sets give the same V, and the only errors are those of the five roundings [·].
//!
//! # Integers as floats
//!
//! S and 2³⁰ are chosen so that every V lies between [`MIN_VALUE`] = 2²³ and [`MAX_VALUE`] =
//! 0x7f7fffff. As bits of an f32 that is a positive normal number, and such numbers are ordered as
//! their bits are. So the minimum of f32 serves for integers. On processors where it runs on other
//! pipes than the multiplication (Zen 4) it is free. Limits are compared as integers.
//!
//! A column is taken only if |q₁| + |x| + |y| ≤ `REACH` = 1.74, which all unit vectors are, for
//! √3 = 1.7321. |A| and |B| are at most S, because |a| and |b| are at most 1. Hence, with |C| ≤ 1.3·S
//! (shown below),
//!
//! ```text
//! |V − 2³⁰| ≤ S·(S|x| + ½) + S·(S|y| + ½) + S²·|q₁| + |C| + 1 ≤ 1.74·S² + 2.3·S + 1 < 1.0617e9,
//! ```
//!
//! and both MAX_VALUE − 2³⁰ and 2³⁰ − MIN_VALUE are more than 1.0653e9.
//!
//! What overflows on the way wraps round, and wraps back. An X that 16 bits do not hold, above 1.32·S
//! in size and so of no unit vector, becomes one of lesser size. What is no unit vector comes from a
//! damaged file: as a row it is left out, and as a column beyond `REACH` it gets X = Y = 0 and Z =
//! MAX_VALUE, which nothing short of no limit matches. So the range holds for every row and column of
//! any file.
//!
//! # Why no pair is lost
//!
//! The vectors that the filter sees are each within 1e-15 of the exact ones p° and q°, of which
//! p°·q° ≤ L is asked, and whose lengths are within 5e-16 of 1. So p·q ≤ L + 2.1e-15, |p| and |q|
//! are within 1.5e-15 of 1, and e = p + q, the way from the antipode of p to q, has
//!
//! ```text
//! |e|² = |p|² + |q|² + 2 p·q ≤ 2(1 + L) + 1.1e-14 ≤ δ²,   δ² = 2(1 + L) + 2e-14.
//! ```
//!
//! The rest of δ² is for the rounding of δ. Write A = S·a + α, X = S·x + ξ and so on, with |α|, |β|,
//! |ξ|, |η| ≤ ½ (and 1e-11 more, for the f64 arithmetic before the rounding), and ζ likewise for Z.
//! Then, multiplied out,
//!
//! ```text
//! V − 2³⁰ − S²·f = S(aξ + bη) + C  +  S(xα + yβ)  +  (αξ + βη + ζ).
//! ```
//!
//! *The last bracket* is at most ¼ + ¼ + ½ = 1.
//!
//! *The row's roundings.* (x, y) is part of a unit vector and |(α, β)| ≤ √½, so S(xα + yβ) ≤ S·√½.
//! Near the antipode more is known: x = e₂ − a|p₁| and y = e₃ − b|p₁|, and so
//!
//! ```text
//! S(xα + yβ) = −S·|p₁|·(aα + bβ) + S(e₂α + e₃β) ≤ lean + S·√½·δ,
//! ```
//!
//! where `lean` is the row's own and known. The lesser of the two holds.
//!
//! *The column's roundings, near the antipode.* Let δ ≤ `NEAR` = 0.077. As |p₁| ≥ 0.5773, s·q₁ =
//! s·e₁ − |p₁| ≤ 0.077 − 0.5773 < −½: the column's q₁ is opposite to the class and at least ½ in size.
//! For such columns
//!
//! ```text
//! C = S(xξ + yη)/|q₁|,   else 0.
//! ```
//!
//! With a = (e₂ − x)/|p₁|, b = (e₃ − y)/|p₁| and |p₁| = |q₁| + s·e₁,
//!
//! ```text
//! S(aξ + bη) = −S(xξ + yη)/|p₁| + S(e₂ξ + e₃η)/|p₁|,
//! C          =  S(xξ + yη)/|p₁| + S(xξ + yη)·s·e₁/(|p₁||q₁|),
//! S(aξ + bη) + C = (S/|p₁|)·(e₁·s(xξ + yη)/|q₁| + e₂ξ + e₃η) = (S/|p₁|)·(e·w),
//! |w|² = (xξ + yη)²/q₁² + ξ² + η² ≤ (ξ² + η²)·(x² + y² + q₁²)/q₁² ≤ ½·|q|²/q₁²,
//! ```
//!
//! so that the sum is at most S·δ·√½/(|p₁||q₁|). With |p₁| ≥ 0.5773 and |q₁| ≥ 0.5003 that is
//! less than √6·S·δ.
//!
//! *The column's roundings elsewhere.* S(aξ + bη) ≤ S(|a| + |b|)/2 ≤ (|A| + |B| + 1)/2, and
//!
//! ```text
//! |C| ≤ S·√½·√(x² + y²)/|q₁| ≤ S·√½·√3 = 1.2248·S,
//! ```
//!
//! because x² + y² ≤ ¾ where |q₁| ≥ ½. (Of what is no unit vector, but within `REACH`, less is known:
//! |xξ + yη| ≤ (|x| + |y|)/2 ≤ (1.74 − ½)/2, so |C| ≤ 1.24·S.) The pairs with a C need no mention where
//! L ≥ ½: they have p·q ≤ −½|p₁| + √¾·√(1 − p₁²) ≤ 0.419, which is greatest at |p₁| = 1/√3, and so
//! S²·f is below S²·L/|p₁| by 0.081·S² = 2000·S, far more than all the terms here together.
//!
//! *In sum* a pair that may be far enough has
//!
//! ```text
//! V ≤ 2³⁰ + S²·L/|p₁| + by_column + min(S·√½, lean + S·√½·δ) + 3,
//! by_column = √6·S·δ                                   for δ ≤ 0.077,
//!             (|A| + |B| + 1)/2 + (L < ½ ? S·√(3/2) : 0)   else,
//! ```
//!
//! with 3 in place of 1 for what is small: S²·2.1e-15/|p₁| = 2e-6 for the vectors' errors, 1e-6 for
//! the f64 arithmetic of Z, C, `lean` and the limit, 1e-11·S for each of the six products with a
//! rounding, and 2e-15 of every term for lengths that are not quite 1. [`CoarseRow::limit`] is that
//! sum.
//!
//! For incumbents at the antipode the margin is 3, and what is let through lies within 2 km of the
//! antipode: there S²·δ²/2 is more than the margin and the error of V itself, |p₁|·(3 + 1 +
//! S·δ·(√6 + √½)).
//!
//! # What was rejected
//!
//! 32-bit floating point with two fused multiplications and a minimum needs three instructions of
//! the ports that take 512 bits, and this two (measured: 3.2e10 against 5.2e10 pairs/s on a core
//! of Sapphire Rapids); its proof has to follow every rounding. 8-bit numbers would need no
//! division, but let pairs through within 900 km. S = 32,767 without the offset needs the minimum of
//! integers, which takes pipes from the multiplication on Zen 4; without C the margin is of order S
//! everywhere, and pairs within 40 km of the antipode need a second look.
//!
//! Architecture Invariant: nothing here depends on the instruction set.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::sphere::{NO_FRACTION, UnitVector};
use crate::tiles::{TILE_CITIES, Tile};

/// S, the scale of the 16-bit numbers.
const SCALE: f64 = 24_700.0;

/// What is added to V.
const OFFSET: f64 = (1_u32 << 30) as f64;

/// No V is less: the least normal number above 0, as the bits of an f32.
pub const MIN_VALUE: i32 = 1 << 23;

/// No V is greater: the greatest finite number, as the bits of an f32.
pub const MAX_VALUE: i32 = 0x7f7f_ffff;

/// Sum of the sizes of a vector's coordinates that is not exceeded: √3 and a little.
const REACH: f64 = 1.74;

/// Columns whose q₁ is opposite to the class and at least this in size have a correction.
const CORRECTED: f64 = 0.5;

/// Distances from the antipode, as |p + q|, at which every column has one.
const NEAR: f64 = 0.077;

/// S·√½: what two roundings of at most ½ may add in a direction of length 1.
const UNKNOWN: f64 = SCALE * std::f64::consts::FRAC_1_SQRT_2;

const SQRT_3: f64 = 1.732_050_807_568_877_2;
const SQRT_6: f64 = 2.449_489_742_783_178;

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

/// Cities as columns for one class.
#[derive(Clone, Debug)]
pub struct CoarseTable {
    pairs: Vec<TileNumbers>,
    thirds: Vec<TileNumbers>,
}

impl CoarseTable {
    /// The columns of whole tiles for a class, below [`CLASSES`].
    pub fn new(tiles: &[Tile], class: usize) -> CoarseTable {
        let [pairs, thirds] = [(); 2].map(|()| Vec::with_capacity(tiles.len()));
        let mut table = CoarseTable { pairs, thirds };
        for tile in tiles {
            let coordinates = [&tile.x, &tile.y, &tile.z];
            let [x, y] = others(class / 2).map(|axis| coordinates[axis]);
            let along = coordinates[class / 2];
            let sign = if class.is_multiple_of(2) { 1.0 } else { -1.0 };
            let mut pairs = [0; TILE_CITIES];
            let mut thirds = [0; TILE_CITIES];
            for lane in 0..TILE_CITIES {
                [pairs[lane], thirds[lane]] = column(x[lane], y[lane], sign * along[lane]);
            }
            table.pairs.push(TileNumbers(pairs));
            table.thirds.push(TileNumbers(thirds));
        }
        table
    }

    /// The columns of some of the tiles.
    pub fn columns(&self, tiles: Range<usize>) -> CoarseColumns<'_> {
        CoarseColumns {
            pairs: bytemuck::cast_slice(&self.pairs[tiles.clone()]),
            thirds: bytemuck::cast_slice(&self.thirds[tiles]),
        }
    }

    /// Number of tiles.
    pub fn tiles(&self) -> usize {
        self.pairs.len()
    }
}

/// X and Y, and Z, of a column with the coordinates x, y and s·q₁. No branch: many at once.
#[inline(always)]
fn column(x: f64, y: f64, along: f64) -> [i32; 2] {
    // Comparisons with NaN are false.
    let is_taken = x.abs() + y.abs() + along.abs() <= REACH;
    let (scaled_x, scaled_y, size) = (x * SCALE, y * SCALE, -along);
    let ((short_x, error_x), (short_y, error_y)) = (rounded(scaled_x), rounded(scaled_y));
    let known = (scaled_x * error_x + scaled_y * error_y) / size;
    let correction = if size >= CORRECTED { known } else { 0.0 };
    let (third, _) = rounded(OFFSET + SCALE * SCALE * along + correction);
    if is_taken { [halves(short_x, short_y), third] } else { [0, MAX_VALUE] }
}

/// A city as a row.
#[derive(Clone, Copy, Debug)]
pub struct CoarseRow {
    class: u8,
    /// A in the lower half, B in the upper.
    pair: i32,
    /// 1/|p₁|.
    inverse: f64,
    /// What the row's own rounding adds to V at the antipode.
    lean: f64,
}

impl CoarseRow {
    /// The row of a city; none if that is no unit vector, which no column would match.
    #[inline]
    pub fn new([x, y, z]: UnitVector) -> Option<CoarseRow> {
        let [x_size, y_size, z_size] = [x, y, z].map(f64::abs);
        let (axis, along, beside) = if x_size >= y_size && x_size >= z_size {
            (0, x, [y, z])
        } else if y_size >= z_size {
            (1, y, [x, z])
        } else {
            (2, z, [x, y])
        };
        let size = along.abs();
        // Comparisons with NaN are false. What passes has no quotient above 1.
        let is_taken = x_size + y_size + z_size <= REACH && size >= 0.5;
        let inverse = 1.0 / size;
        let [a, b] = beside.map(|coordinate| coordinate * inverse * SCALE);
        let ((short_a, error_a), (short_b, error_b)) = (rounded(a), rounded(b));
        is_taken.then_some(CoarseRow {
            class: 2 * axis + u8::from(along < 0.0),
            pair: halves(short_a, short_b),
            inverse,
            lean: -size * (a * error_a + b * error_b),
        })
    }

    /// Axis of its largest coordinate, twice, and 1 more if that is negative.
    #[inline]
    pub fn class(&self) -> usize {
        usize::from(self.class)
    }

    /// A in the lower half, B in the upper.
    #[inline]
    pub fn pair(&self) -> i32 {
        self.pair
    }

    /// The greatest V of a pair whose dot product is within the limit.
    #[inline]
    pub fn limit(&self, limit: &CoarseLimit) -> i32 {
        let by_column = if limit.is_near {
            0.0
        } else {
            let [low, high] = [self.pair as i16 as i32, self.pair >> 16].map(i32::abs);
            f64::from(low + high + 1) / 2.0
        };
        let leaning = self.lean + limit.by_row;
        let by_row = if leaning < UNKNOWN { leaning } else { UNKNOWN };
        // The cast saturates, as it should: no limit stays none.
        (limit.value * self.inverse + limit.margin + by_column + by_row) as i32
    }
}

/// A limit of the dot product, and all that it gives to the limits of V but for the row's part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoarseLimit {
    /// S²·L.
    value: f64,
    /// Whether δ is at most `NEAR`.
    is_near: bool,
    /// 2³⁰, 3, and what the column's roundings add, but for the half of A and B.
    margin: f64,
    /// S·√½·δ.
    by_row: f64,
}

impl CoarseLimit {
    /// The limit of pairs whose dot product is at most `dot_limit`.
    pub fn new(dot_limit: f64) -> CoarseLimit {
        let from_antipode = (2.0 * (1.0 + dot_limit) + 2e-14).max(0.0).sqrt();
        let is_near = from_antipode <= NEAR;
        let by_column = if is_near {
            SQRT_6 * SCALE * from_antipode
        } else if dot_limit < 0.5 {
            SQRT_3 * UNKNOWN
        } else {
            0.0
        };
        CoarseLimit {
            value: SCALE * SCALE * dot_limit,
            is_near,
            margin: OFFSET + by_column + 3.0,
            by_row: UNKNOWN * from_antipode,
        }
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

/// The nearest integer to a number below 2³¹ in size, and how much greater it is.
#[inline(always)]
fn rounded(value: f64) -> (i32, f64) {
    let shifted = value + NO_FRACTION;
    (shifted.to_bits() as i32, (shifted - NO_FRACTION) - value)
}
