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
use crate::map::Pages;
use crate::numbers::Index;
use crate::regions::{DEEPEST, MOST_CITIES, Place, Region, Square};

/// The spots of all cities.
#[derive(Debug)]
pub struct SpotList {
    /// The face of each ([`crate::curve::Spots`]).
    pub faces: Pages<u8>,
    /// The cell of each along a and b.
    pub cells: Pages<[u32; 2]>,
}

/// Cities by regions.
#[derive(Debug)]
pub struct Dealt<I> {
    /// The table of regions.
    pub regions: Vec<Region>,
    /// The index of the city at each position.
    pub order: Pages<I>,
    /// The place of the city at each position.
    pub places: Pages<Place>,
}

/// Deals cities to regions.
pub fn deal<I: Index>(spots: &SpotList) -> Dealt<I> {
    let cities = spots.faces.len();
    let faces = [0, 1, 2].map(|axis| Square { axis, level: 0, corner: [0, 0] });
    let first_side = spots.faces.iter().filter(|&&face| face < 3).count();
    let mut dealt =
        Dealt { regions: Vec::new(), order: Pages::zeroed(cities), places: Pages::zeroed(cities) };
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
        let finder = grid.finder();
        for city in members.clone() {
            let (cell, side) = finder.find(spots.faces[city], spots.cells[city]);
            counts[cell][side] += 1;
        }
        let parts = grid.cut(&counts);
        // Where the next city of each side of a part goes.
        let mut next = Vec::with_capacity(parts.len());
        let mut targets = vec![Target::default(); grid.cells()];
        for (at, part) in parts.iter().enumerate() {
            next.push(starts);
            for &cell in &grid.in_order[part.cells.clone()] {
                targets[cell as usize] = Target { part: at as u32, level: part.square.level };
                starts = [0, 1].map(|side| starts[side] + counts[cell as usize][side]);
            }
        }
        let begun = next.clone();
        let (order, places) = (&mut self.order[..], &mut self.places[..]);
        for city in members {
            let (cell, side) = finder.find(spots.faces[city], spots.cells[city]);
            let Target { part, level } = targets[cell];
            let next = &mut next[part as usize][side];
            order[*next] = I::of(city);
            places[*next] = Place::of(spots.cells[city], level);
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

/// Where the cities of a cell of a grid go.
#[derive(Clone, Copy, Default)]
struct Target {
    part: u32,
    level: u32,
}

/// A part of a grid that becomes a region.
struct Part {
    square: Square,
    /// Its cells, by their places along the curve.
    cells: Range<usize>,
}

/// A grid over squares of one level: of each square 4^`depth` cells, by their square, row and column.
struct Grid<'a> {
    squares: &'a [Square],
    depth: u32,
    /// The cells along the curve, square by square.
    in_order: Vec<u32>,
}

/// Cities for each cell of a grid, about. Fewer cost memory for counts, more a second deal.
const CITIES_PER_CELL: usize = 256;

/// The deepest grid: its counts fit the second-level cache.
const GRID_DEPTH: u32 = 7;

/// Finds the cell of a grid that holds a cell of the curve, which lies in one of the squares: if there are
/// three of them, in that of its axis.
#[derive(Clone, Copy)]
struct Finder {
    /// The first cell of the square for each axis.
    first_cells: [usize; 3],
    depth: u32,
    shift: u32,
    mask: usize,
}

impl Finder {
    /// The cell of a city in the grid, and its side.
    #[inline(always)]
    fn find(&self, face: u8, cell: [u32; 2]) -> (usize, usize) {
        let side = usize::from(face >= 3);
        let [column, row] = cell.map(|cell| (u64::from(cell) >> self.shift) as usize & self.mask);
        let first = self.first_cells[usize::from(face) - 3 * side];
        (first + (row << self.depth | column), side)
    }
}

impl<'a> Grid<'a> {
    /// The grid for so many cities.
    fn new(squares: &'a [Square], cities: usize) -> Grid<'a> {
        let wanted = (cities / CITIES_PER_CELL / squares.len()).max(1).ilog2().div_ceil(2);
        // A second deal has to go deeper than the first.
        let least = u32::from(squares[0].level > 0);
        let depth = wanted.clamp(least, GRID_DEPTH).min(DEEPEST - squares[0].level);
        let mut grid = Grid { squares, depth, in_order: Vec::new() };
        let mut in_order = vec![0; grid.cells()];
        for cell in 0..grid.cells() {
            in_order[grid.along(cell)] = cell as u32;
        }
        grid.in_order = in_order;
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

    /// The place along the curve of a cell of the grid.
    fn along(&self, cell: usize) -> usize {
        let within = (1 << (2 * self.depth)) - 1;
        let key = curve_key(self.corner_of(cell));
        let along = key.checked_shr(2 * self.shift()).unwrap_or(0) as usize & within;
        cell & !within | along
    }

    /// Who finds the cell of a city.
    fn finder(&self) -> Finder {
        let has_axes = self.squares.len() == 3;
        let first_cells = [0, 1, 2].map(|axis| if has_axes { axis << (2 * self.depth) } else { 0 });
        let mask = (1 << self.depth) - 1;
        Finder { first_cells, depth: self.depth, shift: self.shift(), mask }
    }

    /// The parts, in order, that hold any city: of a square as much as has no more than
    /// [`MOST_CITIES`], or a cell.
    fn cut(&self, counts: &[[usize; 2]]) -> Vec<Part> {
        let mut before = Vec::with_capacity(counts.len() + 1);
        before.push(0);
        for &cell in &self.in_order {
            let [first, second] = counts[cell as usize];
            before.push(before[before.len() - 1] + first + second);
        }
        let mut parts = Vec::new();
        for (at, &square) in self.squares.iter().enumerate() {
            let cells = at << (2 * self.depth)..(at + 1) << (2 * self.depth);
            self.cut_square(square, cells, &before, &mut parts);
        }
        parts
    }

    /// The quarters of a square are quarters of its length of the curve.
    fn cut_square(
        &self,
        square: Square,
        cells: Range<usize>,
        before: &[usize],
        parts: &mut Vec<Part>,
    ) {
        let cities = before[cells.end] - before[cells.start];
        if cities == 0 {
            return;
        }
        if cities as u64 <= MOST_CITIES || cells.len() == 1 {
            parts.push(Part { square, cells });
            return;
        }
        let length = cells.len() / 4;
        for start in cells.step_by(length) {
            let first = self.corner_of(self.in_order[start] as usize);
            let quarter = square.quarter_with(first);
            self.cut_square(quarter, start..start + length, before, parts);
        }
    }

    /// The least cell of the curve in a cell of the grid.
    fn corner_of(&self, cell: usize) -> [u32; 2] {
        let mask = (1 << self.depth) - 1;
        let square = self.squares[cell >> (2 * self.depth)];
        let [column, row] = [cell & mask, cell >> self.depth & mask];
        let step = |cells: usize| ((cells as u64) << self.shift()) as u32;
        [square.corner[0] + step(column), square.corner[1] + step(row)]
    }
}
