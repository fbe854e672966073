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

use std::cmp::Ordering;

use crate::sphere::UnitVector;

/// Bits of the key for each side of the square: a cell is about 5 millimetres wide.
const BITS: u32 = 32;

/// The indices of points in the order of the curve; those in one cell in the order of `compare`,
/// which is given two indices, and then of their indices.
///
/// One number for each point is sorted: the high bits of its key, of the first 40, and its index in
/// the low bits. That is twice as fast as sorting pairs of a key and an index, in half the memory.
/// The few points whose high bits are equal are sorted once more, by all.
pub fn curve_order(points: &[UnitVector], compare: impl Fn(usize, usize) -> Ordering) -> Vec<u64> {
    let index_bits = usize::BITS - points.len().saturating_sub(1).leading_zeros();
    let index_mask = (1_u64 << index_bits) - 1;
    let keys = points.iter().map(|&point| key_of_steps::<FIRST_STEPS>(point));
    let mut places: Vec<u64> = keys.zip(0..).map(|(key, i)| key & !index_mask | i).collect();
    places.sort_unstable();
    let are_near = |a: &u64, b: &u64| (a ^ b) & !index_mask == 0;
    for near in places.chunk_by_mut(are_near).filter(|near| near.len() > 1) {
        let keyed = near.iter().map(|place| (place & index_mask) as usize);
        let mut keyed: Vec<_> = keyed.map(|index| (curve_key(points[index]), index)).collect();
        // This sort is stable, and the indices are in order.
        keyed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(a.1, b.1)));
        for (place, (_, index)) in near.iter_mut().zip(keyed) {
            *place = index as u64;
        }
    }
    for place in &mut places {
        *place &= index_mask;
    }
    places
}

/// Place of a point along the curve.
pub fn curve_key(point: UnitVector) -> u64 {
    key_of_steps::<ALL_STEPS>(point)
}

/// All entries of [`FOUR_STEPS`] that a key is made of.
const ALL_STEPS: usize = BITS as usize / 4;

/// The entries that give the first 40 bits of a key, which tell nearly all points apart.
const FIRST_STEPS: usize = 5;

/// Place of a point along the curve, of which so many bytes are computed and the others zero.
fn key_of_steps<const STEPS: usize>(point: UnitVector) -> u64 {
    let (u, v) = unfold(point);
    hilbert_index::<STEPS>(cell(u), cell(v))
}

/// The octahedral map of the sphere onto [−1, 1]²: the northern half is the inner diamond, the
/// southern half is folded out over its four edges.
fn unfold([x, y, z]: UnitVector) -> (f64, f64) {
    let taxicab_norm = x.abs() + y.abs() + z.abs();
    let (u, v) = (x / taxicab_norm, y / taxicab_norm);
    let folded = ((1.0 - v.abs()).copysign(u), (1.0 - u.abs()).copysign(v));
    // Chosen by a mask: no processor can foretell the half of the next point.
    let is_north = u64::from(z >= 0.0).wrapping_neg();
    let choose = |north: f64, south: f64| {
        f64::from_bits(north.to_bits() & is_north | south.to_bits() & !is_north)
    };
    (choose(u, folded.0), choose(v, folded.1))
}

/// The cell, of 2³², that holds a value of [−1, 1].
fn cell(value: f64) -> u32 {
    // A cast from f64 saturates, so that 1.0 falls into the last cell.
    ((value + 1.0) * (1_u64 << (BITS - 1)) as f64) as u32
}

/// How the square is turned where the curve enters it: the coordinates exchanged, complemented,
/// both or neither.
#[derive(Clone, Copy)]
struct Turn {
    is_exchanged: bool,
    is_complemented: bool,
}

/// One step along Hilbert's curve: the highest bits of x and y choose a quadrant, which gives two
/// bits of the index, and the quadrant is turned so that the curve enters it at its origin.
const fn step(turn: Turn, x_bit: u8, y_bit: u8) -> (u8, Turn) {
    let flip = turn.is_complemented as u8;
    let (p, q) = if turn.is_exchanged { (y_bit, x_bit) } else { (x_bit, y_bit) };
    let (p, q) = (p ^ flip, q ^ flip);
    let next = Turn {
        is_exchanged: turn.is_exchanged ^ (q == 0),
        is_complemented: turn.is_complemented ^ (q == 0 && p == 1),
    };
    ((3 * p) ^ q, next)
}

/// Four steps at a time, computed beforehand: by turn, four bits of x and four of y, the eight bits
/// of the index and, above them, the next turn. One step at a time took four times as long.
static FOUR_STEPS: [u16; 1024] = {
    let mut table = [0; 1024];
    let mut entry = 0;
    while entry < table.len() {
        let mut turn = Turn { is_exchanged: entry & 512 != 0, is_complemented: entry & 256 != 0 };
        let mut index = 0;
        let mut bit = 4;
        while bit > 0 {
            bit -= 1;
            let (x_bit, y_bit) = ((entry >> (4 + bit)) & 1, (entry >> bit) & 1);
            let (digit, next) = step(turn, x_bit as u8, y_bit as u8);
            index = index << 2 | digit as u16;
            turn = next;
        }
        table[entry] = (turn.is_exchanged as u16) << 9 | (turn.is_complemented as u16) << 8 | index;
        entry += 1;
    }
    table
};

/// Distance along Hilbert's curve of order 32 to the cell (x, y), by its highest bytes.
fn hilbert_index<const STEPS: usize>(x: u32, y: u32) -> u64 {
    let mut index = 0;
    let mut turn = 0;
    for step in 0..STEPS as u32 {
        let shift = BITS - 4 - 4 * step;
        let (x_bits, y_bits) = ((x >> shift) & 15, (y >> shift) & 15);
        let entry = FOUR_STEPS[(turn | x_bits << 4 | y_bits) as usize];
        index = index << 8 | u64::from(entry & 255);
        turn = u32::from(entry & 0x300);
    }
    index << (8 * (ALL_STEPS - STEPS))
}
