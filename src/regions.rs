//! Regions: squares of a face of the cube with so many cities that a core's cache holds them.
//!
//! A region is a square of the quadtree over one axis of the cube ([`crate::curve`]); its cities lie in
//! that square on either side of the Earth: those of side 0, and those of side 1, which are near the
//! antipodes of the first. Squares are split until they hold at most [`MOST_CITIES`], but for places so
//! full that [`DEEPEST`] ends it. Within its region a city is two 16-bit numbers, its [`Place`].
//!
//! Regions stand in the order of their axis, then along the curve; empty squares have none. Cities stand
//! in the order of their side, then of their regions: so a region is a range of positions on either side.
//!
//! The table of a packed file is looked at before it is used ([`Regions::find_fault`]): where it is not
//! one, pairs would be settled twice or not at all. Whether squares were split where they had to be is for
//! those who look at everything ([`Regions::find_odd_level`]).
//!
//! Architecture Invariant: regions know cells and numbers of cities, no vector and no distance.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::curve::{CELL_BITS, CELLS_PER_UNIT, curve_key};

/// Cities of a region, both sides together. Their places take 128 KB, and a bit for each of their cells
/// 32. From 16,000 to 64,000 the search was equally fast; with 4000, lists with dense clusters took longer.
pub const MOST_CITIES: u64 = 32_000;

/// The deepest level of a region: there the unit of a place is a cell.
pub const DEEPEST: u32 = 16;

/// Where a city stands in its region: 16 bits along a, 16 along b.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub struct Place(u32);

impl Place {
    /// The place of a cell in a region of some level that holds it.
    #[inline(always)]
    pub fn of(cell: [u32; 2], level: u32) -> Place {
        let [a, b] = cell.map(|cell| cell >> (DEEPEST - level) & 0xffff);
        Place(a | b << 16)
    }

    /// a and b.
    #[inline(always)]
    pub fn numbers(self) -> [u32; 2] {
        [self.0 & 0xffff, self.0 >> 16]
    }
}

/// A square of the quadtree over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Square {
    /// The axis, 0 to 2.
    pub axis: u32,
    /// How often the face is halved along a and b: 0 is the face.
    pub level: u32,
    /// Its least cell along a and b.
    pub corner: [u32; 2],
}

impl Square {
    /// Cells along a side, less one.
    fn last_cell(&self) -> u32 {
        u32::MAX.checked_shr(self.level).unwrap_or(0)
    }

    /// Whether a cell of its axis is one of its own.
    #[inline]
    pub fn holds(&self, cell: [u32; 2]) -> bool {
        (0..2).all(|i| cell[i] & !self.last_cell() == self.corner[i])
    }

    /// The square of which it is a quarter; `None` of a whole face.
    fn parent(&self) -> Option<Square> {
        let level = self.level.checked_sub(1)?;
        let mask = !u32::MAX.checked_shr(level).unwrap_or(0);
        Some(Square { level, corner: self.corner.map(|first| first & mask), ..*self })
    }

    /// Its place along the curve: that of the first of its cells.
    pub(crate) fn first_key(&self) -> u64 {
        curve_key(self.corner) & !u64::MAX.checked_shr(2 * self.level).unwrap_or(0)
    }

    /// The one of the four squares that it is made of that holds a cell.
    pub(crate) fn quarter_with(&self, cell: [u32; 2]) -> Square {
        let level = self.level + 1;
        let corner = cell.map(|cell| cell >> (CELL_BITS - level) << (CELL_BITS - level));
        Square { level, corner, ..*self }
    }

    /// The place along the curve of the last of its cells.
    pub(crate) fn last_key(&self) -> u64 {
        self.first_key() | u64::MAX.checked_shr(2 * self.level).unwrap_or(0)
    }

    /// The four squares that it is made of.
    pub(crate) fn quarters(&self) -> [Square; 4] {
        let level = self.level + 1;
        let half = 1 << (CELL_BITS - level);
        [[0, 0], [0, half], [half, 0], [half, half]].map(|[a, b]| Square {
            level,
            corner: [self.corner[0] + a, self.corner[1] + b],
            ..*self
        })
    }

    /// a and b, in size, of its corner that is farthest from the middle of the face, or a little more.
    pub fn farthest(&self) -> [f64; 2] {
        self.ends().map(|[first, last]| first.abs().max(last.abs()) + 1.0 / CELLS_PER_UNIT)
    }

    /// a and b, in size, of its place that is nearest to the middle of the face, or a little less.
    pub fn nearest(&self) -> [f64; 2] {
        self.ends().map(|[first, last]| {
            let is_across = first <= 0.0 && last >= 0.0;
            let least = if is_across { 0.0 } else { first.abs().min(last.abs()) };
            (least - 1.0 / CELLS_PER_UNIT).max(0.0)
        })
    }

    /// Its least and its greatest a, then b.
    fn ends(&self) -> [[f64; 2]; 2] {
        self.corner.map(|first| {
            let first = f64::from(first) / CELLS_PER_UNIT - 1.0;
            [first, first + f64::from(self.last_cell()) / CELLS_PER_UNIT]
        })
    }

    /// The square and a border of so many units of a place around it; `None` if that is not all on its face.
    pub fn with_border(&self, width: u32) -> Option<Window> {
        let width = width.checked_mul(1 << (DEEPEST - self.level))?;
        let [a, b] = self.corner;
        let first = [a.checked_sub(width)?, b.checked_sub(width)?];
        let last = [a, b].map(|first| (first + self.last_cell()).checked_add(width));
        Some(Window { axis: self.axis, first, last: [last[0]?, last[1]?] })
    }

    /// All of it.
    pub fn window(&self) -> Window {
        let last = self.corner.map(|first| first + self.last_cell());
        Window { axis: self.axis, first: self.corner, last }
    }

    /// Whether another square is it or a part of it.
    pub fn has(&self, other: &Square) -> bool {
        self.axis == other.axis && self.level <= other.level && self.holds(other.corner)
    }

    /// Whether it has a cell in the window.
    pub fn meets(&self, window: &Window) -> bool {
        self.axis == window.axis
            && (0..2).all(|i| {
                let first = self.corner[i];
                first <= window.last[i] && window.first[i] <= first.saturating_add(self.last_cell())
            })
    }

    /// The window in the numbers of a place: of each axis the first and the last that lie in it, as far as
    /// they lie in this square, which it meets.
    pub fn places_in(&self, window: &Window) -> [[u32; 2]; 2] {
        std::array::from_fn(|i| {
            let number = |cell: u32| {
                let within = cell.saturating_sub(self.corner[i]).min(self.last_cell());
                within >> (DEEPEST - self.level)
            };
            [number(window.first[i]), number(window.last[i])]
        })
    }
}

/// A rectangle of cells on an axis, its ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The axis, 0 to 2.
    pub axis: u32,
    /// The least cell along a and b.
    pub first: [u32; 2],
    /// The greatest.
    pub last: [u32; 2],
}

/// An entry of the table of regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Region {
    /// Position of its first city of side 0, then of side 1; where it has none, of the next behind.
    pub starts: [u64; 2],
    /// Place along the curve of the first cell of its square.
    pub key: u64,
    /// The square: its least cell.
    pub corner: [u32; 2],
    /// The square: its axis.
    pub axis: u32,
    /// The square: its level.
    pub level: u32,
}

impl Region {
    /// The region of a square whose cities begin at two positions.
    pub fn new(square: Square, starts: [u64; 2]) -> Region {
        let Square { axis, level, corner } = square;
        Region { starts, key: square.first_key(), corner, axis, level }
    }

    /// Its square.
    #[inline]
    pub fn square(&self) -> Square {
        Square { axis: self.axis, level: self.level, corner: self.corner }
    }

    /// Whether it is a square of the quadtree, with its key.
    fn is_sound(&self) -> bool {
        let square = self.square();
        self.axis < 3
            && self.level <= DEEPEST
            && self.corner.iter().all(|first| first & square.last_cell() == 0)
            && self.key == square.first_key()
    }
}

/// All regions of some cities, in order.
#[derive(Clone, Copy, Debug)]
pub struct Regions<'a> {
    table: &'a [Region],
    cities: usize,
}

impl<'a> Regions<'a> {
    /// The regions of a table over `cities` cities.
    pub fn new(table: &'a [Region], cities: usize) -> Regions<'a> {
        Regions { table, cities }
    }

    /// Number of regions.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The table.
    pub fn table(&self) -> &'a [Region] {
        self.table
    }

    /// The square of a region.
    #[inline]
    pub fn square(&self, region: usize) -> Square {
        self.table[region].square()
    }

    /// Positions of the cities of a region on a side, which is 0 or 1.
    #[inline]
    pub fn positions(&self, region: usize, side: usize) -> Range<usize> {
        self.table[region].starts[side] as usize..self.end(region, side) as usize
    }

    /// Position behind the last city of a region on a side.
    #[inline]
    fn end(&self, region: usize, side: usize) -> u64 {
        match self.table.get(region + 1) {
            Some(next) => next.starts[side],
            // Behind the last of side 0 begins side 1.
            None if side == 0 => self.table[0].starts[1],
            None => self.cities as u64,
        }
    }

    /// The first region that has no place in this table, and what was expected of it. If there is none,
    /// each position lies in one region on one side, and no two squares share a cell.
    pub fn find_fault(&self) -> Option<(usize, &'static str)> {
        (0..self.len()).find_map(|at| {
            let region = &self.table[at];
            let ends = [0, 1].map(|side| self.end(at, side));
            let is_behind = |before: &Region| {
                (before.axis, before.square().last_key()) < (region.axis, region.key)
            };
            if !region.is_sound() {
                Some((at, "a square of level 0 to 16 on axis 0 to 2, and its least key"))
            } else if at > 0 && !is_behind(&self.table[at - 1]) {
                Some((at, "a square behind the one before"))
            } else if at == 0 && region.starts[0] != 0 {
                Some((at, "the first city in the first region"))
            } else if (0..2).any(|side| region.starts[side] > ends[side])
                || region.starts == ends
                || ends[1] > self.cities as u64
            {
                Some((at, "a region with cities, which end where the next begins"))
            } else {
                None
            }
        })
    }

    /// The first region of another level than dealing gives it, and what was expected of it. The table has a place
    /// for everything without that, but is not the one of these cities.
    pub fn find_odd_level(&self) -> Option<(usize, &'static str)> {
        (0..self.len()).find_map(|at| {
            let square = self.square(at);
            let is_whole = |parent: Square| self.cities_in(&parent) <= MOST_CITIES;
            if square.level < DEEPEST && self.cities(at) as u64 > MOST_CITIES {
                Some((at, "a region of at most 32000 cities, or of level 16"))
            } else if square.parent().is_some_and(is_whole) {
                Some((at, "a region whose square was split because it held more than 32000 cities"))
            } else {
                None
            }
        })
    }

    /// Number of cities of the regions that a square is made of, both sides together.
    fn cities_in(&self, square: &Square) -> u64 {
        let place = |region: &Region| (region.axis, region.key);
        let begin = self.table.partition_point(|r| place(r) < (square.axis, square.first_key()));
        let end = self.table.partition_point(|r| place(r) <= (square.axis, square.last_key()));
        let on_side = |side| self.end(end - 1, side) - self.table[begin].starts[side];
        if begin < end { on_side(0) + on_side(1) } else { 0 }
    }

    /// Number of cities of a region, both sides together.
    pub fn cities(&self, region: usize) -> usize {
        (0..2).map(|side| self.positions(region, side).len()).sum()
    }

    /// The region that holds a position, and its side.
    pub fn holding(&self, position: usize) -> (usize, usize) {
        let side = usize::from(position as u64 >= self.table[0].starts[1]);
        let before = self.table.partition_point(|region| region.starts[side] <= position as u64);
        (before.saturating_sub(1), side)
    }

    /// Calls `visit` with every region whose square meets a window.
    pub fn meeting(&self, window: &Window, visit: &mut impl FnMut(usize)) {
        // The least square that holds the window.
        let differing = [0, 1].map(|i| window.first[i] ^ window.last[i]);
        let level = differing[0].leading_zeros().min(differing[1].leading_zeros()).min(DEEPEST);
        let mask = !u32::MAX.checked_shr(level).unwrap_or(0);
        let corner = window.first.map(|cell| cell & mask);
        self.descend(Square { axis: window.axis, level, corner }, window, visit);
    }

    fn descend(&self, square: Square, window: &Window, visit: &mut impl FnMut(usize)) {
        let first_key = square.first_key();
        let last_key = first_key | u64::MAX >> (2 * square.level);
        let up_to = |key| self.table.partition_point(|r| (r.axis, r.key) <= (square.axis, key));
        // The last region that begins no later than the square: it holds the square, or none does.
        let begun = up_to(first_key);
        let last = begun.checked_sub(1).map(|last| (last, self.table[last]));
        let last = last.filter(|(_, region)| region.axis == square.axis);
        if let Some((last, region)) = last
            && region.square().level <= square.level
            && region.key >= first_key & !(u64::MAX >> (2 * region.square().level))
        {
            if region.square().meets(window) {
                visit(last);
            }
            return;
        }
        let begins_here = last.is_some_and(|(_, region)| region.key == first_key);
        if (begins_here || up_to(last_key) > begun) && square.level < DEEPEST {
            for quarter in square.quarters().iter().filter(|quarter| quarter.meets(window)) {
                self.descend(*quarter, window, visit);
            }
        }
    }
}
