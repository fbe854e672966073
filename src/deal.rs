//! Cities are dealt to regions: spots in, the table of regions and an order of the cities out.
//!
//! Two passes, as a counting sort makes them, and no comparison. The first finds the spots and counts the
//! cities of each cell of a grid over the three axes. Along the curve the counts are cut into regions: a
//! square is split while it holds too many. The second pass puts each city behind the last of its region
//! and side. Where a cell of the grid holds too many by itself, its cities are dealt once more over a
//! finer grid within. Inside a region cities stand in no order but that of their rows.
//!
//! The second pass writes to hundreds of places in turn. Cities for one of them are gathered until they fill a
//! cache line, which is written past the caches: software write combining, as in Wassenberg and Sanders,
//! "Engineering a multi-core radix sort" (Euro-Par 2011).
//!
//! A city goes to its region by its own spot and nothing else, so that several hands could deal: each
//! would count, and after a sum of the counts each would know where to write.
//!
//! Architecture Invariant: dealing knows spots; vectors, names and files are far away.

use std::array::from_fn;
use std::ops::Range;

use crate::curve::{CELL_BITS, Spots, curve_key};
use crate::kernel::stream::{LINE_BYTES, Stream};
use crate::map::Pages;
use crate::numbers::Index;
use crate::regions::{DEEPEST, MOST_CITIES, Place, Region, Square};
use crate::tiles::TILE_CITIES;

/// The cells of all cities, and how many lie where.
#[derive(Debug)]
pub struct SpotList {
    /// The squares that hold them: the faces, or one.
    squares: Vec<Square>,
    /// The cell of each along a and b ([`crate::curve::Spots`]).
    cells: Pages<[u32; 2]>,
    /// The bin of each in the first grid.
    bins: Pages<Bin>,
    /// The cities in each bin.
    counts: Vec<usize>,
}

impl SpotList {
    /// Counts so many cities; `spots_of` is asked for the spots of 64 of them or, in the end, fewer.
    pub fn new(cities: usize, spots_of: impl Fn(Range<usize>) -> Spots) -> SpotList {
        SpotList::over(&FACES, cities, spots_of)
    }

    /// The same of cities that all lie in one square.
    pub fn within(
        square: Square,
        cities: usize,
        spots_of: impl Fn(Range<usize>) -> Spots,
    ) -> SpotList {
        SpotList::over(&[square], cities, spots_of)
    }

    /// The cells of the cities.
    pub fn cells(&self) -> &[[u32; 2]] {
        &self.cells
    }

    /// How many cities lie on side 0.
    pub fn first_side(&self) -> usize {
        self.counts.iter().step_by(2).sum()
    }

    fn over(
        squares: &[Square],
        cities: usize,
        spots_of: impl Fn(Range<usize>) -> Spots,
    ) -> SpotList {
        let grid = Grid::new(squares, cities);
        let finder = grid.finder();
        let mut counts = vec![0; grid.bins()];
        let (mut cells, mut bins) = (Pages::zeroed(cities), Pages::zeroed(cities));
        let tiles = cells.chunks_mut(TILE_CITIES).zip(bins.chunks_mut(TILE_CITIES));
        for (at, (cells, bins)) in tiles.enumerate() {
            let first = at * TILE_CITIES;
            let spots = spots_of(first..first + cells.len());
            let cell = |lane: usize| [spots.cells[0][lane], spots.cells[1][lane]];
            let found: [Bin; TILE_CITIES] =
                from_fn(|lane| finder.find(spots.faces[lane], cell(lane)));
            cells.copy_from_slice(&from_fn::<_, TILE_CITIES, _>(cell)[..cells.len()]);
            bins.copy_from_slice(&found[..bins.len()]);
            bins.iter().for_each(|&bin| counts[usize::from(bin)] += 1);
        }
        SpotList { squares: squares.to_vec(), cells, bins, counts }
    }
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
    let cities = spots.cells.len();
    let first_side = spots.first_side();
    let mut dealt =
        Dealt { regions: Vec::new(), order: Pages::zeroed(cities), places: Pages::zeroed(cities) };
    let members = spots.bins.iter().zip(&spots.cells[..]).enumerate();
    let members = members.map(|(city, (&bin, &cell))| (city, bin, cell));
    let grid = Grid::new(&spots.squares, cities);
    dealt.deal(spots, &grid, &spots.counts, members, [0, first_side]);
    dealt
}

impl<I: Index> Dealt<I> {
    /// Deals cities that were counted, each given with its bin and its cell: those of each side go to the
    /// positions from `starts` on.
    fn deal(
        &mut self,
        spots: &SpotList,
        grid: &Grid<'_>,
        counts: &[usize],
        members: impl Iterator<Item = (usize, Bin, [u32; 2])>,
        mut starts: [usize; 2],
    ) {
        let parts = grid.cut(counts);
        let mut stacks = Vec::with_capacity(2 * parts.len());
        let mut targets = vec![0; grid.bins()];
        for part in &parts {
            let target = stacks.len();
            stacks.extend(starts.map(|start| Stack::new(start, part.square.level)));
            for &cell in &grid.in_order[part.cells.clone()] {
                for (side, start) in starts.iter_mut().enumerate() {
                    let bin = 2 * cell as usize + side;
                    targets[bin] = (target + side) as Bin;
                    *start += counts[bin];
                }
            }
        }
        let mut order = Stream::new(&mut self.order);
        let mut places = Stream::new(&mut self.places);
        for (city, bin, cell) in members {
            let stack = &mut stacks[usize::from(targets[usize::from(bin)])];
            if stack.push(I::of(city), cell) {
                stack.put(stack.next - LINE, &mut order, &mut places);
            }
        }
        for stack in &stacks {
            stack.put(stack.next / LINE * LINE, &mut order, &mut places);
        }
        drop((order, places));
        for (part, stacks) in parts.iter().zip(stacks.as_chunks::<2>().0) {
            let positions = [0, 1].map(|side| stacks[side].begun..stacks[side].next);
            self.finish(spots, part.square, positions);
        }
    }

    /// Enters a square into the table, or deals its cities once more if they are too many.
    fn finish(&mut self, spots: &SpotList, square: Square, positions: [Range<usize>; 2]) {
        let cities = positions.iter().map(Range::len).sum::<usize>();
        let begun = [0, 1].map(|side| positions[side].start);
        if cities as u64 <= MOST_CITIES || square.level == DEEPEST {
            self.regions.push(Region::new(square, begun.map(|start| start as u64)));
            return;
        }
        let squares = [square];
        let grid = Grid::new(&squares, cities);
        let finder = grid.finder();
        let mut counts = vec![0; grid.bins()];
        let mut members = Vec::with_capacity(cities);
        for (face, positions) in [0, 3].into_iter().zip(positions) {
            for city in self.order[positions].iter().map(|city| city.get()) {
                let cell = spots.cells[city];
                let bin = finder.find(face, cell);
                counts[usize::from(bin)] += 1;
                members.push((city, bin, cell));
            }
        }
        self.deal(spots, &grid, &counts, members.into_iter(), begun);
    }
}

/// Cities on their way to a side of a part.
#[repr(align(64))]
struct Stack<I> {
    /// Those of the line that is being filled, each where it lies in its line.
    cities: [I; LINE],
    places: [Place; LINE],
    /// The position of the first city of all, and of the next.
    begun: usize,
    next: usize,
    /// The level of the part.
    level: u32,
}

/// Places in a line of the cache.
const LINE: usize = LINE_BYTES / size_of::<Place>();

impl<I: Index> Stack<I> {
    fn new(start: usize, level: u32) -> Stack<I> {
        let (cities, places) = ([I::of(0); LINE], [Place::default(); LINE]);
        Stack { cities, places, begun: start, next: start, level }
    }

    /// Adds a city. Returns whether its line is full.
    #[inline(always)]
    fn push(&mut self, city: I, cell: [u32; 2]) -> bool {
        let lane = self.next % LINE;
        self.cities[lane] = city;
        self.places[lane] = Place::of(cell, self.level);
        self.next += 1;
        lane == LINE - 1
    }

    /// Writes the line that begins at a position, as far as it is there.
    #[inline(always)]
    fn put(&self, line: usize, order: &mut Stream<'_, I>, places: &mut Stream<'_, Place>) {
        let first = line.max(self.begun);
        if first + LINE == self.next {
            order.put(first, &self.cities);
            places.put(first, &self.places);
        } else {
            let lanes = first - line..self.next - line;
            order.put(first, &self.cities[lanes.clone()]);
            places.put(first, &self.places[lanes]);
        }
    }
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

/// The deepest grid: its bins are told by 16 bits, and its counts fit the second-level cache.
const GRID_DEPTH: u32 = 6;

/// Twice the number of a cell of a grid, and one more for the cities of side 1.
type Bin = u16;

/// The squares of the first grid.
static FACES: [Square; 3] = {
    const fn face(axis: u32) -> Square {
        Square { axis, level: 0, corner: [0, 0] }
    }
    [face(0), face(1), face(2)]
};

/// Finds the bin of a city, whose cell lies in one of the squares: if there are three of them, in that of its
/// axis.
#[derive(Clone, Copy)]
struct Finder {
    has_axes: bool,
    depth: u32,
    shift: u32,
    mask: u32,
}

impl Finder {
    #[inline(always)]
    fn find(&self, face: u8, cell: [u32; 2]) -> Bin {
        let side = u32::from(face >= 3);
        let axis = if self.has_axes { u32::from(face) - 3 * side } else { 0 };
        let [column, row] = cell.map(|cell| cell.unbounded_shr(self.shift) & self.mask);
        (((axis << self.depth | row) << self.depth | column) << 1 | side) as Bin
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

    /// Number of bins: two for each cell.
    fn bins(&self) -> usize {
        2 * self.cells()
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

    /// Who finds the bin of a city.
    fn finder(&self) -> Finder {
        let mask = (1 << self.depth) - 1;
        Finder { has_axes: self.squares.len() == 3, depth: self.depth, shift: self.shift(), mask }
    }

    /// The parts, in order, that hold any city: of a square as much as has no more than
    /// [`MOST_CITIES`], or a cell.
    fn cut(&self, counts: &[usize]) -> Vec<Part> {
        let mut before = Vec::with_capacity(self.cells() + 1);
        before.push(0);
        for &cell in &self.in_order {
            let bin = 2 * cell as usize;
            before.push(before[before.len() - 1] + counts[bin] + counts[bin + 1]);
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
