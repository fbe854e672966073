//! Cities are dealt to regions: spots in, the table of regions and an order of the cities out.
//!
//! Two passes over the spots, as a counting sort makes them, and no comparison. The first counts the
//! cities of each cell of a grid over the three axes. Along the curve the counts are cut into regions: a
//! square is split while it holds too many. The second pass puts each city behind the last of its region
//! and side. Where a cell of the grid holds too many by itself, its cities are dealt once more over a
//! finer grid within. Inside a region cities stand in no order but that of their rows.
//!
//! A city goes to its region by its own spot and nothing else, so that several hands could deal: each
//! would count, and after a sum of the counts each would know where to write.
//!
//! Architecture Invariant: dealing knows spots; vectors, names and files are far away.

use std::ops::Range;

use crate::curve::{CELL_BITS, curve_key};
use crate::numbers::Index;
use crate::regions::{DEEPEST, MOST_CITIES, Place, Region, Square};

/// The spots of all cities.
#[derive(Clone, Debug, Default)]
pub struct SpotList {
    /// The face of each ([`crate::curve::Spots`]).
    pub faces: Vec<u8>,
    /// The cell of each along a and b.
    pub cells: Vec<[u32; 2]>,
}

/// Cities by regions.
#[derive(Clone, Debug)]
pub struct Dealt<I> {
    /// The table of regions.
    pub regions: Vec<Region>,
    /// The index of the city at each position.
    pub order: Vec<I>,
    /// The place of the city at each position.
    pub places: Vec<Place>,
}

/// Deals cities to regions.
pub fn deal<I: Index>(spots: &SpotList) -> Dealt<I> {
    let cities = spots.faces.len();
    let faces = [0, 1, 2].map(|axis| Square { axis, level: 0, corner: [0, 0] });
    let first_side = spots.faces.iter().filter(|&&face| face < 3).count();
    let mut dealt = Dealt {
        regions: Vec::new(),
        order: vec![I::of(0); cities],
        places: vec![Place::default(); cities],
    };
    dealt.deal(spots, &faces, 0..cities, [0, first_side]);
    dealt
}

impl<I: Index> Dealt<I> {
    /// Deals some cities, which lie in squares of one level: those of each side go to the positions from
    /// `starts` on.
    fn deal(
        &mut self,
        spots: &SpotList,
        squares: &[Square],
        members: impl ExactSizeIterator<Item = usize> + Clone,
        mut starts: [usize; 2],
    ) {
        let grid = Grid::new(squares, members.len());
        let mut counts = vec![[0_usize; 2]; grid.cells()];
        for city in members.clone() {
            let face = spots.faces[city];
            counts[grid.cell(face, spots.cells[city])][usize::from(face / 3)] += 1;
        }
        let parts = grid.cut(&counts);
        // Where the next city of each side of a part goes.
        let mut next = Vec::with_capacity(parts.len());
        let mut part_of = vec![0_u32; grid.cells()];
        for (at, part) in parts.iter().enumerate() {
            part_of[part.cells.clone()].fill(at as u32);
            next.push(starts);
            let counts = &counts[part.cells.clone()];
            starts =
                [0, 1].map(|side| starts[side] + counts.iter().map(|c| c[side]).sum::<usize>());
        }
        let begun = next.clone();
        for city in members {
            let (face, cell) = (spots.faces[city], spots.cells[city]);
            let part = part_of[grid.cell(face, cell)] as usize;
            let next = &mut next[part][usize::from(face / 3)];
            self.order[*next] = I::of(city);
            self.places[*next] = Place::of(cell, parts[part].square.level);
            *next += 1;
        }
        for (part, (begun, ended)) in parts.iter().zip(begun.into_iter().zip(next)) {
            self.finish(spots, part.square, begun, ended);
        }
    }

    /// Enters a square into the table, or deals its cities once more if they are too many.
    fn finish(&mut self, spots: &SpotList, square: Square, begun: [usize; 2], ended: [usize; 2]) {
        let cities = ended[0] - begun[0] + ended[1] - begun[1];
        if cities as u64 <= MOST_CITIES || square.level == DEEPEST {
            self.regions.push(Region::new(square, begun.map(|start| start as u64)));
            return;
        }
        let sides = [0, 1].map(|side| &self.order[begun[side]..ended[side]]);
        let members: Vec<usize> = sides.concat().into_iter().map(I::get).collect();
        self.deal(spots, &[square], members.iter().copied(), begun);
    }
}

/// A part of a grid that becomes a region.
struct Part {
    square: Square,
    /// Its cells, along the curve.
    cells: Range<usize>,
}

/// A grid over squares of one level: of each square 4^`depth` cells, numbered along the curve.
struct Grid<'a> {
    squares: &'a [Square],
    depth: u32,
    /// For each cell, by its square, its row and its column, its number along the curve.
    along: Vec<u32>,
}

/// Cities for each cell of a grid, about. Fewer cost memory for counts, more a second deal.
const CITIES_PER_CELL: usize = 256;

/// The deepest grid: its counts fit the second-level cache.
const GRID_DEPTH: u32 = 7;

impl<'a> Grid<'a> {
    /// The grid for so many cities.
    fn new(squares: &'a [Square], cities: usize) -> Grid<'a> {
        let wanted = (cities / CITIES_PER_CELL / squares.len()).max(1).ilog2().div_ceil(2);
        // A second deal has to go deeper than the first.
        let least = u32::from(squares[0].level > 0);
        let depth = wanted.clamp(least, GRID_DEPTH).min(DEEPEST - squares[0].level);
        let mut grid = Grid { squares, depth, along: Vec::new() };
        grid.along = (0..grid.cells()).map(|at| grid.number_along(at) as u32).collect();
        grid
    }

    /// Number of cells of all squares.
    fn cells(&self) -> usize {
        self.squares.len() << (2 * self.depth)
    }

    /// Bits of a cell of the curve below those that tell the cell of the grid.
    fn shift(&self) -> u32 {
        CELL_BITS - self.squares[0].level - self.depth
    }

    /// The number along the curve of the cell at `at` by square, row and column.
    fn number_along(&self, at: usize) -> usize {
        let (square, within) = (at >> (2 * self.depth), at & self.square_mask());
        let [row, column] = [within >> self.depth, within & ((1 << self.depth) - 1)];
        let corner = self.squares[square].corner;
        let step = |cell: usize| (cell as u64) << self.shift();
        let key = curve_key([corner[0] + step(column) as u32, corner[1] + step(row) as u32]);
        let along = key.checked_shr(2 * self.shift()).unwrap_or(0) as usize & self.square_mask();
        square << (2 * self.depth) | along
    }

    /// The bits of a number that tell cells of one square apart.
    fn square_mask(&self) -> usize {
        (1 << (2 * self.depth)) - 1
    }

    /// The number of the cell that holds a cell of the curve, which lies in one of the squares: if there
    /// are three of them, in that of its axis.
    #[inline(always)]
    fn cell(&self, face: u8, cell: [u32; 2]) -> usize {
        let square = if self.squares.len() == 1 { 0 } else { usize::from(face % 3) };
        let [column, row] =
            cell.map(|cell| (u64::from(cell) >> self.shift()) as usize & ((1 << self.depth) - 1));
        self.along[square << (2 * self.depth) | row << self.depth | column] as usize
    }

    /// The parts, in order, that hold any city: of a square as much as has no more than
    /// [`MOST_CITIES`], or a cell.
    fn cut(&self, counts: &[[usize; 2]]) -> Vec<Part> {
        let mut before = Vec::with_capacity(counts.len() + 1);
        before.push(0);
        for [first, second] in counts {
            before.push(before[before.len() - 1] + first + second);
        }
        let mut parts = Vec::new();
        for square in self.squares {
            self.cut_square(*square, &before, &mut parts);
        }
        parts
    }

    fn cut_square(&self, square: Square, before: &[usize], parts: &mut Vec<Part>) {
        let depth_below = self.depth + self.squares[0].level - square.level;
        let cells = self.cells_of(square, depth_below);
        let cities = before[cells.end] - before[cells.start];
        if cities == 0 {
            return;
        }
        if cities as u64 <= MOST_CITIES || depth_below == 0 {
            parts.push(Part { square, cells });
            return;
        }
        let mut quarters = square.quarters();
        quarters.sort_by_key(|&quarter| self.cells_of(quarter, depth_below - 1).start);
        for quarter in quarters {
            self.cut_square(quarter, before, parts);
        }
    }

    /// The cells of a square within: those of a length of the curve.
    fn cells_of(&self, square: Square, depth_below: u32) -> Range<usize> {
        let length = 1 << (2 * depth_below);
        let first = self.cell(square.axis as u8, square.corner) & !(length - 1);
        first..first + length
    }
}
