//! Where a city stands: on a face of a cube, in a cell of that face, along a curve through the cells.
//!
//! The sphere is projected from its centre onto the cube around it. A face has an axis k, the one
//! whose coordinate is the largest in size, and a side, the sign of that coordinate. Within a face a
//! place is the two other coordinates divided by that one: for k = x, (a, b) = (y/x, z/x), each in
//! [−1, 1]. This is the gnomonic projection, and it has a gift for us: **p and −p have the same a and b
//! bit for bit**, on the same axis and on opposite sides. So two cities that are nearly antipodal are
//! neighbours in one plane, one on either side; [`crate::search`] joins them there.
//!
//! A face is cut into 2³² × 2³² cells, and these are walked along Hilbert's curve. Neighbours on the
//! curve are neighbours on Earth, so that consecutive cities fill a small patch. Hilbert's curve makes
//! no long jumps as Morton's does. The octahedron unfolds the sphere into one square, with less
//! distortion (√2 against √6), but its antipodes lie across folds and seams of four kinds; here a
//! look at each of three axes takes the place of all of them.
//!
//! Architecture Invariant: a spot is a function of the unit vector alone, the same on every machine.

use crate::sphere::{NO_FRACTION, UnitVector};
use crate::tiles::{TILE_CITIES, Tile};

/// Bits of a cell's number for each side of a face: a cell is about 3 millimetres wide.
pub const CELL_BITS: u32 = 32;

/// Cells in a unit of a or b: 2³¹ less one, so that the cell of 1 fits 32 bits.
pub const CELLS_PER_UNIT: f64 = ((1_u64 << (CELL_BITS - 1)) - 1) as f64;

/// The two axes beside one, in the order of a and b.
pub const OTHERS: [[usize; 2]; 3] = [[1, 2], [0, 2], [0, 1]];

/// Faces and cells of the 64 cities of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spots {
    /// Axis of the largest coordinate (of two equal ones the first), and 3 more where it is negative.
    pub faces: [u8; TILE_CITIES],
    /// The cell along a, then along b.
    pub cells: [[u32; TILE_CITIES]; 2],
}

impl Spots {
    /// The spots of a tile. Numbers that are no unit vectors, as in a damaged file, have some spot.
    #[inline(always)]
    pub fn of_tile(tile: &Tile) -> Spots {
        let mut spots = Spots { faces: [0; TILE_CITIES], cells: [[0; TILE_CITIES]; 2] };
        for i in 0..TILE_CITIES {
            let (x, y, z) = (tile.x[i], tile.y[i], tile.z[i]);
            let is_x = x.abs() >= y.abs() && x.abs() >= z.abs();
            let is_z = !is_x && y.abs() < z.abs();
            let (largest, axis) = if is_x {
                (x, 0)
            } else if is_z {
                (z, 2)
            } else {
                (y, 1)
            };
            let first = if is_x { y } else { x };
            let second = if is_z { y } else { z };
            spots.faces[i] = axis + 3 * u8::from(largest < 0.0);
            spots.cells[0][i] = cell(first / largest);
            spots.cells[1][i] = cell(second / largest);
        }
        spots
    }
}

/// The cell of a value of [−1, 1]: the nearest of 2³² − 1.
#[inline(always)]
fn cell(value: f64) -> u32 {
    (((value + 1.0) * CELLS_PER_UNIT) + NO_FRACTION).to_bits() as u32
}

/// a and b of a vector on the face of an axis, whichever face it lies on: beyond ±1 where it is another.
#[inline]
pub fn chart(vector: UnitVector, axis: usize) -> [f64; 2] {
    OTHERS[axis].map(|other| vector[other] / vector[axis])
}

/// How far from the third axis a unit vector can be on the face of an axis, where its a and b are in size no less than
/// the least and no more than the greatest.
///
/// On the face of the third axis the vector is (a, b, 1)/h, with h = √(1 + a² + b²), and √(a² + b²)/h from it; on the
/// others b is the third coordinate, and it is √(1 + a²)/h. Both grow with a; the first grows with b, and the second
/// falls.
pub fn farthest_from_axis(axis: u32, [_, least_b]: [f64; 2], [a, b]: [f64; 2]) -> f64 {
    let (across, along) = match axis {
        2 => (a * a + b * b, 1.0),
        _ => (1.0 + a * a, least_b * least_b),
    };
    (across / (across + along)).sqrt()
}

/// Place of a cell along the curve.
#[inline]
pub fn curve_key(cell: [u32; 2]) -> u64 {
    hilbert_index::<ALL_STEPS>(cell[0], cell[1])
}

/// The same of which the first 48 bits are computed and the others zero: they tell nearly all cities apart.
#[inline]
pub fn first_48_bits_of_key(cell: [u32; 2]) -> u64 {
    hilbert_index::<6>(cell[0], cell[1])
}

/// The same with the first 32 bits, for cities of a large region.
#[inline]
pub fn first_32_bits_of_key(cell: [u32; 2]) -> u64 {
    hilbert_index::<4>(cell[0], cell[1])
}

/// All entries of [`FOUR_STEPS`] that a key is made of.
const ALL_STEPS: usize = CELL_BITS as usize / 4;

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
        let shift = CELL_BITS - 4 - 4 * step;
        let (x_bits, y_bits) = ((x >> shift) & 15, (y >> shift) & 15);
        let entry = FOUR_STEPS[(turn | x_bits << 4 | y_bits) as usize];
        index = index << 8 | u64::from(entry & 255);
        turn = u32::from(entry & 0x300);
    }
    index << (8 * (ALL_STEPS - STEPS))
}
