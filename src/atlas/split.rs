//! Squares of one level of the quadtree, and which of them a cell lies in.
//!
//! Architecture Invariant: a split knows cells and no city.

use crate::curve::CELL_BITS;
use crate::regions::{MOST_CITIES, Square};

/// The most levels above the squares that are dealt to first: 3072 squares, of which a billion cities fill each
/// with some 300,000.
const MOST_LEVELS: u32 = 5;

/// Squares of one level that cities are dealt to.
#[derive(Clone, Debug)]
pub(super) struct Split {
    /// In the order of their axis, then along the curve.
    pub(super) squares: Vec<Square>,
    /// Levels between the squares that hold them all and these.
    levels: u32,
    /// Level of these.
    level: u32,
    has_axes: bool,
    /// Number of the square at each row and column of each axis.
    numbers: Vec<u16>,
}

impl Split {
    /// So many levels below the three faces.
    pub(super) fn of_faces(levels: u32) -> Split {
        let faces = [0, 1, 2].map(|axis| Square { axis, level: 0, corner: [0, 0] });
        Split::new(&faces, levels)
    }

    /// So many levels below squares of one level.
    pub(super) fn new(above: &[Square], levels: u32) -> Split {
        let mut squares = above.to_vec();
        for _ in 0..levels {
            squares = squares.iter().flat_map(Square::quarters).collect();
        }
        squares.sort_by_key(|square| (square.axis, square.first_key()));
        let level = above[0].level + levels;
        let mut split =
            Split { squares, levels, level, has_axes: above.len() > 1, numbers: Vec::new() };
        split.numbers = vec![0; split.squares.len()];
        for number in 0..split.squares.len() {
            let Square { axis, corner, .. } = split.squares[number];
            let place = split.place(axis as u8, corner);
            split.numbers[place] = number as u16;
        }
        split
    }

    /// The row and column of a cell, as one number, on the axis of a face.
    #[inline(always)]
    fn place(&self, axis: u8, cell: [u32; 2]) -> usize {
        let mask = (1 << self.levels) - 1;
        let shift = CELL_BITS - self.level;
        let [column, row] = cell.map(|cell| (u64::from(cell) >> shift) as usize & mask);
        let axis = if self.has_axes { usize::from(axis) } else { 0 };
        (axis << self.levels | row) << self.levels | column
    }

    /// The number of the square of a city, and its side.
    #[inline(always)]
    pub(super) fn find(&self, face: u8, cell: [u32; 2]) -> (usize, usize) {
        let side = usize::from(face >= 3);
        (usize::from(self.numbers[self.place(face - 3 * side as u8, cell)]), side)
    }
}

/// Levels of the quadtree above the squares that are dealt to first, by the cities and the ranks that are to
/// share the work behind: squares of a region each, or some for each rank, but none for a handful of cities.
pub(super) fn levels(expected: u64, ranks: usize) -> u32 {
    const LEAST_CITIES: u64 = 500;
    const SQUARES_PER_RANK: u64 = 8;
    let wanted = (expected / MOST_CITIES).max(SQUARES_PER_RANK * ranks as u64);
    let squares = wanted.min(expected / LEAST_CITIES);
    (0..MOST_LEVELS).find(|&levels| 3 << (2 * levels) >= squares).unwrap_or(MOST_LEVELS)
}
