//! The order in which cities stand: along a space-filling curve over the sphere.
//!
//! Neighbours on the curve are neighbours on Earth, so that 64 consecutive cities fill a small
//! patch whose bounds say much. The sphere is unfolded onto a square by the octahedron (Cigolle
//! et al., "A Survey of Efficient Representations for Independent Unit Vectors", 2014), the
//! square is walked along Hilbert's curve. The octahedron needs no six faces as a cube does,
//! and Hilbert's curve makes no long jumps as Morton's does.
//!
//! The place on the curve decides how fast a search can be, never what it finds.
//!
//! Architecture Invariant: the key is a function of the unit vector alone, the same on every
//! machine.

use crate::sphere::UnitVector;

/// Bits of the key for each side of the square: a cell is about 3 millimetres wide.
const BITS: u32 = 32;

/// Place of a point along the curve.
pub fn curve_key(point: UnitVector) -> u64 {
    let (u, v) = unfold(point);
    hilbert_index(cell(u), cell(v))
}

/// The octahedral map of the sphere onto [−1, 1]²: the northern half is the inner diamond, the
/// southern half is folded out over its four edges.
fn unfold([x, y, z]: UnitVector) -> (f64, f64) {
    let taxicab_norm = x.abs() + y.abs() + z.abs();
    let (u, v) = (x / taxicab_norm, y / taxicab_norm);
    if z >= 0.0 { (u, v) } else { ((1.0 - v.abs()).copysign(u), (1.0 - u.abs()).copysign(v)) }
}

/// The cell, of 2³², that holds a value of [−1, 1].
fn cell(value: f64) -> u32 {
    // A cast from f64 saturates, so that 1.0 falls into the last cell.
    ((value + 1.0) * (1_u64 << (BITS - 1)) as f64) as u32
}

/// Distance along Hilbert's curve of order 32 to the cell (x, y).
///
/// One bit of x and y at a time, from the highest: the quadrant gives two bits of the index,
/// and the rest of the square is turned so that the curve enters it at its origin.
fn hilbert_index(mut x: u32, mut y: u32) -> u64 {
    let mut index = 0_u64;
    for bit in (0..BITS).rev() {
        let (right, upper) = ((x >> bit) & 1, (y >> bit) & 1);
        index = index << 2 | u64::from((3 * right) ^ upper);
        if upper == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    index
}
