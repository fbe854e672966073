//! The kernels over vectors, written once for every instruction set.
//!
//! [`Lanes`] is all that an instruction set has to bring: some dozen operations. Everything here is
//! inlined into the entry points of an instruction set, which alone carry its target features.
//!
//! `find_rows` keeps four or eight rows in registers, each with its running minimum, and walks over
//! the columns, which stay in the first-level cache, two vectors a turn: four loads for the pairs of
//! two vectors with all rows, and for each vector of pairs a multiply-add and a minimum. Only the
//! minimum is loop-carried; the other rows hide its latency (4 cycles on Intel).
//!
//! `find_far` avoids branches that the processor cannot predict, each of which costs as much as
//! eight vectors: first all pairs of boxes, then all pairs of cities of two near boxes, and one
//! question at the end.

use std::array::from_fn;

use super::cells::{CellBits, CellGrid, PLACES};
use super::coarse::{CoarseColumns, MAX_VALUE};
use super::{EIGHT, EIGHT_LANES, MaskedTile, Measure, ROW_GROUP, lanes};
use crate::regions::Place;
use crate::sphere::UnitVector;
use crate::tiles::{BOXES, Boxes, TILE_CITIES, Tile, greater};

/// The operations of an instruction set on vectors of f64 and of i32.
///
/// # Safety
/// An implementation may use instructions that the processor lacks. Whoever calls one of these
/// functions, or one of the functions below with that type, must be compiled with, and run on a
/// processor with, the target features that its file names.
pub(super) unsafe trait Lanes: Copy {
    /// A vector of f64.
    type F64: Copy;
    /// A vector of i32.
    type I32: Copy;
    /// Numbers in an `F64`.
    const F64_LANES: usize;
    /// Numbers in an `I32`.
    const I32_LANES: usize;
    /// Rows that `find_rows` keeps in registers, in fours.
    const FOURS: usize;

    unsafe fn splat(value: f64) -> Self::F64;
    unsafe fn load(values: *const f64) -> Self::F64;
    unsafe fn add(a: Self::F64, b: Self::F64) -> Self::F64;
    unsafe fn sub(a: Self::F64, b: Self::F64) -> Self::F64;
    unsafe fn mul(a: Self::F64, b: Self::F64) -> Self::F64;
    /// Where a > b, a; else b, also where one is NaN.
    unsafe fn max(a: Self::F64, b: Self::F64) -> Self::F64;
    /// Where a < b, a; else b, also where one is NaN.
    unsafe fn min(a: Self::F64, b: Self::F64) -> Self::F64;
    /// A bit for each lane where a ≤ b.
    unsafe fn at_most(a: Self::F64, b: Self::F64) -> u64;
    /// Where a < b, x; else y, also where one is NaN.
    unsafe fn where_less(a: Self::F64, b: Self::F64, x: Self::F64, y: Self::F64) -> Self::F64;

    unsafe fn splat_i32(value: i32) -> Self::I32;
    unsafe fn load_i32(values: *const i32) -> Self::I32;
    unsafe fn store_i32(values: *mut i32, a: Self::I32) -> ();
    /// sum + the products of both 16-bit halves of a and b, wrapping.
    unsafe fn dot16(sum: Self::I32, a: Self::I32, b: Self::I32) -> Self::I32;
    /// For each of four rows the least of what is the least so far and of its `dot16` with two vectors
    /// of columns, each added to its sum. They are compared as f32, so all must be the bits of positive
    /// numbers.
    unsafe fn least_of_two(
        least: [Self::I32; 4],
        rows: [Self::I32; 4],
        columns: [Self::I32; 2],
        sums: [Self::I32; 2],
    ) -> [Self::I32; 4];
    /// A bit for each lane where a ≤ b.
    unsafe fn at_most_i32(a: Self::I32, b: Self::I32) -> u64;
    unsafe fn and_i32(a: Self::I32, b: Self::I32) -> Self::I32;
    unsafe fn or_i32(a: Self::I32, b: Self::I32) -> Self::I32;
    /// a shifted to the left by as many bits as each lane of b says; 0 from 32 on.
    unsafe fn shift_left(a: Self::I32, b: Self::I32) -> Self::I32;
    /// The same to the right, filled up with zeros.
    unsafe fn shift_right(a: Self::I32, b: Self::I32) -> Self::I32;
    /// The numbers at the given indices.
    unsafe fn gather(numbers: *const i32, indices: Self::I32) -> Self::I32;
}

/// What the loops below need of an instruction set, checked while compiling.
const fn check<L: Lanes>() {
    assert!(EIGHT.is_multiple_of(L::F64_LANES) && BOXES.is_multiple_of(L::F64_LANES));
    assert!(TILE_CITIES.is_multiple_of(2 * L::I32_LANES));
    assert!(ROW_GROUP.is_multiple_of(4 * L::FOURS));
}

/// See [`super::Kernel::mark_far`].
#[inline(always)]
pub(super) unsafe fn mark_far<L: Lanes>(
    p: UnitVector,
    columns: &Tile,
    measure: Measure,
    limit: f64,
) -> u64 {
    // SAFETY: the caller has the target features of L.
    unsafe {
        if measure.sign > 0.0 {
            Broadcast::<L, true>::from(p, measure, limit).mark_tile(columns)
        } else {
            Broadcast::<L, false>::from(p, measure, limit).mark_tile(columns)
        }
    }
}

/// See [`super::Kernel::find_far`].
#[inline(always)]
pub(super) unsafe fn find_far<L: Lanes>(
    rows: MaskedTile<'_>,
    columns: MaskedTile<'_>,
    measure: Measure,
    limit: f64,
    found: &mut Vec<[u8; 2]>,
) -> u64 {
    // SAFETY: as above.
    unsafe {
        if measure.sign > 0.0 {
            find_far_as::<L, true>(rows, columns, measure, limit, found)
        } else {
            find_far_as::<L, false>(rows, columns, measure, limit, found)
        }
    }
}

#[inline(always)]
unsafe fn find_far_as<L: Lanes, const FAR: bool>(
    rows: MaskedTile<'_>,
    columns: MaskedTile<'_>,
    measure: Measure,
    limit: f64,
    found: &mut Vec<[u8; 2]>,
) -> u64 {
    let mut looked_at = 0;
    // SAFETY: as above; the eight cities of a box begin at a multiple of 8 below 64.
    unsafe {
        let column_axes = axes(columns.tile);
        let mut near_boxes = 0;
        for eight_rows in 0..BOXES {
            let corners = Corners::<L, FAR>::from(rows.boxes.corners(eight_rows), measure, limit);
            near_boxes |= corners.mark_boxes(columns.boxes) << (eight_rows * BOXES);
        }
        for pair in lanes(near_boxes) {
            let (eight_rows, eight_columns) = (pair / BOXES, pair % BOXES);
            let (first_row, first_column) = (eight_rows * EIGHT, eight_columns * EIGHT);
            let row_lanes = rows.lanes >> first_row & EIGHT_LANES;
            let column_lanes = columns.lanes >> first_column & EIGHT_LANES;
            looked_at += u64::from(row_lanes.count_ones() * column_lanes.count_ones());
            // What is near is rare: first it is looked whether there is any at all.
            let columns_at = column_axes.map(|values| values.add(first_column));
            let broadcast =
                |row| Broadcast::<L, FAR>::from(rows.tile.vector(first_row + row), measure, limit);
            let mut least = L::splat(f64::INFINITY);
            for row in 0..EIGHT {
                for lane in (0..EIGHT).step_by(L::F64_LANES) {
                    least = L::min(broadcast(row).shortfall(columns_at, lane), least);
                }
            }
            if L::at_most(least, L::splat(limit)) == 0 {
                continue;
            }
            for row in lanes(row_lanes) {
                for column in lanes(broadcast(row).mark_eight(columns_at) & column_lanes) {
                    found.push([(first_row + row) as u8, (first_column + column) as u8]);
                }
            }
        }
    }
    looked_at
}

/// See [`super::Kernel::find_least`].
#[inline(always)]
pub(super) unsafe fn find_least<L: Lanes>(
    rows: MaskedTile<'_>,
    columns: MaskedTile<'_>,
    measure: Measure,
    margin: f64,
    limits: &mut [f64; TILE_CITIES],
    found: &mut Vec<[u8; 2]>,
) {
    // SAFETY: as above.
    unsafe {
        if measure.sign > 0.0 {
            find_least_as::<L, true>(rows, columns, measure, margin, limits, found)
        } else {
            find_least_as::<L, false>(rows, columns, measure, margin, limits, found)
        }
    }
}

/// A vector of rows at a time meets the boxes of eight columns that come near any of them, one column after the other.
/// Each lane keeps its least, the column of that, and the second least: only where that is no farther than the margin
/// the columns are looked at once more. Neighbours have their least near each other, so that a column that was found
/// for others lowers the limits first.
#[inline(always)]
unsafe fn find_least_as<L: Lanes, const FAR: bool>(
    rows: MaskedTile<'_>,
    columns: MaskedTile<'_>,
    measure: Measure,
    margin: f64,
    limits: &mut [f64; TILE_CITIES],
    found: &mut Vec<[u8; 2]>,
) {
    let begun = found.len();
    for first_row in (0..TILE_CITIES).step_by(L::F64_LANES) {
        let row_lanes = rows.lanes >> first_row & ((1 << L::F64_LANES) - 1);
        if row_lanes == 0 {
            continue;
        }
        // SAFETY: the caller has the target features of L; a vector of rows begins at a multiple of its lanes.
        unsafe {
            let p = axes(rows.tile).map(|values| L::load(values.add(first_row)));
            let z_weight = L::splat(measure.z_weight);
            let mut limit = L::load(limits.as_ptr().add(first_row));
            if let Some(&[_, column]) = found[begun..].last() {
                let to = to_city::<L, FAR>(p, columns.tile.vector(usize::from(column)), z_weight);
                limit = L::min(L::add(to, L::splat(margin)), limit);
            }
            let weakest = greatest(numbers_of::<L>(limit));
            let corners =
                Corners::<L, FAR>::from(rows.boxes.corners(first_row / EIGHT), measure, weakest);
            let near_boxes = corners.mark_boxes(columns.boxes);
            if near_boxes == 0 {
                continue;
            }
            // One for even columns, one for odd: neither waits for the other.
            let mut both = [Least::<L>::new(), Least::<L>::new()];
            for at in lanes(near_boxes) {
                let there = columns.lanes >> (at * EIGHT) & EIGHT_LANES;
                if there == EIGHT_LANES {
                    for column in at * EIGHT..(at + 1) * EIGHT {
                        let to = to_city::<L, FAR>(p, columns.tile.vector(column), z_weight);
                        both[column % 2].see(to, column);
                    }
                } else {
                    for column in lanes(there).map(|lane| at * EIGHT + lane) {
                        let to = to_city::<L, FAR>(p, columns.tile.vector(column), z_weight);
                        both[0].see(to, column);
                    }
                }
            }
            let least = both[0].with(&both[1]);
            let lowered = L::at_most(least.first, limit) & row_lanes;
            limit = L::min(L::add(least.first, L::splat(margin)), limit);
            limits.as_mut_ptr().add(first_row).cast::<L::F64>().write_unaligned(limit);
            let is_not_alone = L::at_most(least.second, limit);
            let column = numbers_of::<L>(least.column);
            for lane in lanes(lowered) {
                let row = first_row + lane;
                if is_not_alone >> lane & 1 == 0 {
                    found.push([row as u8, column[lane] as u8]);
                    continue;
                }
                let p = Broadcast::<L, FAR>::from(rows.tile.vector(row), measure, limits[row]);
                let marked = p.mark_tile(columns.tile) & columns.lanes;
                found.extend(lanes(marked).map(|column| [row as u8, column as u8]));
            }
        }
    }
}

/// The least of what each lane has seen, the column of that, and the second least.
struct Least<L: Lanes> {
    first: L::F64,
    second: L::F64,
    column: L::F64,
}

/// The numbers of columns.
const COLUMNS: [f64; TILE_CITIES] = {
    let mut numbers = [0.0; TILE_CITIES];
    let mut column = 0;
    while column < TILE_CITIES {
        numbers[column] = column as f64;
        column += 1;
    }
    numbers
};

impl<L: Lanes> Least<L> {
    #[inline(always)]
    unsafe fn new() -> Least<L> {
        // SAFETY: the caller has the target features of L.
        unsafe {
            let most = L::splat(f64::INFINITY);
            Least { first: most, second: most, column: L::splat(0.0) }
        }
    }

    /// That of both.
    #[inline(always)]
    unsafe fn with(&self, other: &Least<L>) -> Least<L> {
        // SAFETY: the caller has the target features of L.
        unsafe {
            let (a, b) = (self.first, other.first);
            let second = L::min(self.second, other.second);
            Least {
                first: L::min(a, b),
                second: L::min(L::max(a, b), second),
                column: L::where_less(b, a, other.column, self.column),
            }
        }
    }

    /// Takes a column into account, whose shortfall from each lane is given. What is no number is the least of none.
    #[inline(always)]
    unsafe fn see(&mut self, to: L::F64, column: usize) {
        // SAFETY: the caller has the target features of L.
        unsafe {
            self.column = L::where_less(to, self.first, L::splat(COLUMNS[column]), self.column);
            self.second = L::min(L::max(to, self.first), self.second);
            self.first = L::min(to, self.first);
        }
    }
}

/// The shortfalls of a vector of cities from one.
#[inline(always)]
unsafe fn to_city<L: Lanes, const FAR: bool>(
    p: [L::F64; 3],
    q: UnitVector,
    z_weight: L::F64,
) -> L::F64 {
    // SAFETY: the caller has the target features of L.
    unsafe {
        let mut squares = p;
        for axis in 0..3 {
            let q = L::splat(q[axis]);
            let reach = if FAR { L::add(p[axis], q) } else { L::sub(p[axis], q) };
            squares[axis] = L::mul(reach, reach);
        }
        sum::<L, FAR>(squares, z_weight)
    }
}

/// The greatest of eight numbers: of two, of four, of eight, so that few have to wait.
#[inline(always)]
fn greatest(n: [f64; EIGHT]) -> f64 {
    let fours: [f64; 4] = from_fn(|at| greater(n[at], n[at + 4]));
    greater(greater(fours[0], fours[2]), greater(fours[1], fours[3]))
}

/// The numbers of a vector; behind them the least of all.
#[inline(always)]
unsafe fn numbers_of<L: Lanes>(vector: L::F64) -> [f64; EIGHT] {
    let mut numbers = [f64::NEG_INFINITY; EIGHT];
    // SAFETY: a vector has at most eight numbers.
    unsafe { numbers.as_mut_ptr().cast::<L::F64>().write_unaligned(vector) };
    numbers
}

/// Where x, y and z of a tile begin.
#[inline(always)]
fn axes(tile: &Tile) -> [*const f64; 3] {
    [&tile.x, &tile.y, &tile.z].map(|values| values.as_ptr())
}

/// A city and the limit in every lane. `FAR` is whether the sign is 1.
struct Broadcast<L: Lanes, const FAR: bool> {
    p: [L::F64; 3],
    z_weight: L::F64,
    limit: L::F64,
}

impl<L: Lanes, const FAR: bool> Broadcast<L, FAR> {
    #[inline(always)]
    unsafe fn from(p: UnitVector, measure: Measure, limit: f64) -> Broadcast<L, FAR> {
        // SAFETY: the caller has the target features of L.
        unsafe {
            Broadcast {
                p: p.map(|coordinate| L::splat(coordinate)),
                z_weight: L::splat(measure.z_weight),
                limit: L::splat(limit),
            }
        }
    }

    /// Marks those of the cities of a tile.
    #[inline(always)]
    unsafe fn mark_tile(&self, tile: &Tile) -> u64 {
        let axes = axes(tile);
        let mut marked = 0;
        for lane in (0..TILE_CITIES).step_by(EIGHT) {
            // SAFETY: the caller has the target features of L; there are 64 numbers at each.
            marked |= unsafe { self.mark_eight(axes.map(|values| values.add(lane))) } << lane;
        }
        marked
    }

    /// Marks those of eight cities whose shortfall is at most the limit. There are eight numbers
    /// to read at each of x, y and z.
    #[inline(always)]
    unsafe fn mark_eight(&self, axes: [*const f64; 3]) -> u64 {
        let mut marked = 0;
        // SAFETY: the caller has the target features of L, and says what may be read.
        unsafe {
            for lane in (0..EIGHT).step_by(L::F64_LANES) {
                marked |= L::at_most(self.shortfall(axes, lane), self.limit) << lane;
            }
        }
        marked
    }

    /// The shortfalls of a vector of cities from `lane` on.
    #[inline(always)]
    unsafe fn shortfall(&self, axes: [*const f64; 3], lane: usize) -> L::F64 {
        // SAFETY: the caller has the target features of L, and says what may be read.
        unsafe {
            let mut squares = [L::splat(0.0); 3];
            for axis in 0..3 {
                let q = L::load(axes[axis].add(lane));
                let reach = if FAR { L::add(self.p[axis], q) } else { L::sub(self.p[axis], q) };
                squares[axis] = L::mul(reach, reach);
            }
            sum::<L, FAR>(squares, self.z_weight)
        }
    }
}

/// The sum of three squares, or in the near regime minus the sum with the third weighed.
#[inline(always)]
unsafe fn sum<L: Lanes, const FAR: bool>([x, y, z]: [L::F64; 3], z_weight: L::F64) -> L::F64 {
    // SAFETY: the caller has the target features of L.
    unsafe {
        if FAR {
            L::add(L::add(x, y), z)
        } else {
            let sum = L::add(L::add(x, y), L::mul(z_weight, z));
            L::sub(L::splat(0.0), sum)
        }
    }
}

/// See [`super::Kernel::mark_boxes`].
#[inline(always)]
pub(super) unsafe fn mark_boxes<L: Lanes>(
    boxes: &Boxes,
    corners: [UnitVector; 2],
    measure: Measure,
    limit: f64,
) -> u64 {
    // SAFETY: as above.
    unsafe {
        if measure.sign > 0.0 {
            Corners::<L, true>::from(corners, measure, limit).mark_boxes(boxes)
        } else {
            Corners::<L, false>::from(corners, measure, limit).mark_boxes(boxes)
        }
    }
}

/// A box and the limit in every lane. `FAR` is whether the sign is 1.
struct Corners<L: Lanes, const FAR: bool> {
    min: [L::F64; 3],
    /// Of the far regime, negative.
    max: [L::F64; 3],
    z_weight: L::F64,
    limit: L::F64,
}

impl<L: Lanes, const FAR: bool> Corners<L, FAR> {
    #[inline(always)]
    unsafe fn from([min, max]: [UnitVector; 2], measure: Measure, limit: f64) -> Corners<L, FAR> {
        // SAFETY: the caller has the target features of L.
        unsafe {
            Corners {
                min: min.map(|corner| L::splat(corner)),
                max: max.map(|corner| L::splat(if FAR { -corner } else { corner })),
                z_weight: L::splat(measure.z_weight),
                limit: L::splat(limit),
            }
        }
    }

    /// Marks the boxes whose least shortfall from this one is at most the limit.
    #[inline(always)]
    unsafe fn mark_boxes(&self, boxes: &Boxes) -> u64 {
        let [min, max] = [&boxes.min, &boxes.max].map(|axes| axes.each_ref().map(|f| f.as_ptr()));
        let mut marked = 0;
        // SAFETY: the caller has the target features of L; there are eight numbers at each.
        unsafe {
            for lane in (0..BOXES).step_by(L::F64_LANES) {
                let mut squares = [L::splat(0.0); 3];
                for axis in 0..3 {
                    let low = L::load(min[axis].add(lane));
                    let high = L::load(max[axis].add(lane));
                    let reach = if FAR {
                        let inner = L::max(L::add(low, self.min[axis]), L::splat(0.0));
                        L::max(L::sub(self.max[axis], high), inner)
                    } else {
                        L::max(L::sub(high, self.min[axis]), L::sub(self.max[axis], low))
                    };
                    squares[axis] = L::mul(reach, reach);
                }
                marked |= L::at_most(sum::<L, FAR>(squares, self.z_weight), self.limit) << lane;
            }
        }
        marked
    }
}

/// See [`super::Kernel::find_rows`]. `FOURS` is [`Lanes::FOURS`].
#[inline(always)]
pub(super) unsafe fn find_rows<L: Lanes, const FOURS: usize>(
    rows: &[i32],
    limits: &[i32],
    columns: CoarseColumns<'_>,
    found: &mut Vec<u32>,
) {
    let CoarseColumns { pairs, thirds } = columns;
    const { check::<L>() };
    // SAFETY: the caller has the target features of L. `Kernel::find_rows` has checked that the
    // rows are whole groups, and `pairs` and `thirds` equally many whole tiles, which two vectors
    // divide; so each load begins a whole vector before their end.
    unsafe {
        for first in (0..rows.len()).step_by(4 * FOURS) {
            let row: [[L::I32; 4]; FOURS] =
                from_fn(|four| from_fn(|r| L::splat_i32(rows[first + 4 * four + r])));
            let mut least = [[L::splat_i32(MAX_VALUE); 4]; FOURS];
            for column in (0..pairs.len()).step_by(2 * L::I32_LANES) {
                let at = [column, column + L::I32_LANES];
                let pairs = at.map(|at| L::load_i32(pairs.as_ptr().add(at)));
                let thirds = at.map(|at| L::load_i32(thirds.as_ptr().add(at)));
                for four in 0..FOURS {
                    least[four] = L::least_of_two(least[four], row[four], pairs, thirds);
                }
            }
            for (index, &least) in (first..).zip(least.as_flattened()) {
                if L::at_most_i32(least, L::splat_i32(limits[index])) != 0 {
                    found.push(index as u32);
                }
            }
        }
    }
}

/// See [`super::Kernel::find_columns`].
#[inline(always)]
pub(super) unsafe fn find_columns<L: Lanes>(
    row: i32,
    limit: i32,
    columns: CoarseColumns<'_>,
    found: &mut Vec<u32>,
) {
    let CoarseColumns { pairs, thirds } = columns;
    // SAFETY: as above.
    unsafe {
        let (row, limit) = (L::splat_i32(row), L::splat_i32(limit));
        for column in (0..pairs.len()).step_by(L::I32_LANES) {
            let pair = L::load_i32(pairs.as_ptr().add(column));
            let third = L::load_i32(thirds.as_ptr().add(column));
            let mut marked = L::at_most_i32(L::dot16(third, pair, row), limit);
            while marked != 0 {
                found.push((column + marked.trailing_zeros() as usize) as u32);
                marked &= marked - 1;
            }
        }
    }
}

/// See [`super::Kernel::take_cells`].
#[inline(always)]
pub(super) unsafe fn take_cells<L: Lanes>(
    places: &[Place; PLACES],
    grid: CellGrid,
    bits: &mut CellBits,
) {
    let words = bits.words_mut();
    let (mut at, mut masks) = ([0_u32; PLACES], [0_u32; PLACES]);
    // SAFETY: the caller has the target features of L; whole vectors begin at multiples of their lanes.
    // `Kernel::take_cells` has checked that there is a bit for each cell, and a place has no number beyond
    // 16 bits, so that its cell is one of them.
    unsafe {
        for lane in (0..PLACES).step_by(L::I32_LANES) {
            let [a, b] = numbers::<L>(places, lane);
            let cell = cell::<L>(a, b, grid);
            let word = L::shift_right(cell, L::splat_i32(5));
            let bit = L::and_i32(cell, L::splat_i32(31));
            L::store_i32(at.as_mut_ptr().add(lane).cast(), word);
            let mask = L::shift_left(L::splat_i32(1), bit);
            L::store_i32(masks.as_mut_ptr().add(lane).cast(), mask);
        }
        for lane in 0..PLACES {
            *words.get_unchecked_mut(at[lane] as usize) |= masks[lane];
        }
    }
}

/// See [`super::Kernel::mark_cells`].
#[inline(always)]
pub(super) unsafe fn mark_cells<L: Lanes>(
    places: &[Place; PLACES],
    grid: CellGrid,
    bits: &CellBits,
) -> [u64; 2] {
    let words = bits.words().as_ptr().cast();
    let (mut taken, mut inner) = (0, 0);
    // SAFETY: as above.
    unsafe {
        let one = L::splat_i32(1);
        let within = L::splat_i32((1 << grid.shift) - 1);
        let [least, greatest] = grid.inner().map(|number| L::splat_i32(number));
        for lane in (0..PLACES).step_by(L::I32_LANES) {
            let [a, b] = numbers::<L>(places, lane);
            let cell = cell::<L>(a, b, grid);
            let word = L::gather(words, L::shift_right(cell, L::splat_i32(5)));
            let bit = L::shift_right(word, L::and_i32(cell, L::splat_i32(31)));
            taken |= L::at_most_i32(one, L::and_i32(bit, one)) << lane;
            let [a, b] = [L::and_i32(a, within), L::and_i32(b, within)];
            let is_inner = L::at_most_i32(least, a)
                & L::at_most_i32(a, greatest)
                & L::at_most_i32(least, b)
                & L::at_most_i32(b, greatest);
            inner |= is_inner << lane;
        }
    }
    [taken, !inner]
}

/// See [`super::Kernel::mark_around`].
#[inline(always)]
pub(super) unsafe fn mark_around<L: Lanes>(
    places: &[Place; PLACES],
    grid: CellGrid,
    bits: &CellBits,
) -> u64 {
    let words = bits.words().as_ptr().cast();
    let mut around = 0;
    // SAFETY: as above; numbers stay within 16 bits, so that each cell has its bit.
    unsafe {
        let (one, all) = (L::splat_i32(1), L::splat_i32(0xffff));
        // A width fits half of a lane, and so does its negative: times one it is added.
        let by = [-(grid.width as i32), grid.width as i32].map(|by| L::splat_i32(by & 0xffff));
        for lane in (0..PLACES).step_by(L::I32_LANES) {
            let [a, b] = numbers::<L>(places, lane)
                .map(|number| by.map(|by| L::and_i32(L::dot16(number, by, one), all)));
            let mut any = L::splat_i32(0);
            for (a, b) in [(a[0], b[0]), (a[1], b[0]), (a[0], b[1]), (a[1], b[1])] {
                let cell = cell::<L>(a, b, grid);
                let word = L::gather(words, L::shift_right(cell, L::splat_i32(5)));
                let bit = L::shift_right(word, L::and_i32(cell, L::splat_i32(31)));
                any = L::or_i32(any, L::and_i32(bit, one));
            }
            around |= L::at_most_i32(one, any) << lane;
        }
    }
    around
}

/// The cells of places by their numbers.
#[inline(always)]
unsafe fn cell<L: Lanes>(a: L::I32, b: L::I32, grid: CellGrid) -> L::I32 {
    // SAFETY: the caller has the target features of L.
    unsafe {
        let shift = L::splat_i32(grid.shift as i32);
        let row = L::shift_left(L::shift_right(b, shift), L::splat_i32(grid.bits() as i32));
        L::or_i32(row, L::shift_right(a, shift))
    }
}

/// See [`super::Kernel::mark_within`].
#[inline(always)]
pub(super) unsafe fn mark_within<L: Lanes>(places: &[Place; PLACES], ends: [[u32; 2]; 2]) -> u64 {
    let mut within = 0;
    // SAFETY: the caller has the target features of L.
    unsafe {
        let [[a_first, a_last], [b_first, b_last]] =
            ends.map(|ends| ends.map(|end| L::splat_i32(end as i32)));
        for lane in (0..PLACES).step_by(L::I32_LANES) {
            let [a, b] = numbers::<L>(places, lane);
            let is_within = L::at_most_i32(a_first, a)
                & L::at_most_i32(a, a_last)
                & L::at_most_i32(b_first, b)
                & L::at_most_i32(b, b_last);
            within |= is_within << lane;
        }
    }
    within
}

/// The numbers along a and along b of a vector of places from `lane` on.
#[inline(always)]
unsafe fn numbers<L: Lanes>(places: &[Place; PLACES], lane: usize) -> [L::I32; 2] {
    // SAFETY: the caller has the target features of L; a whole vector begins at a multiple of its lanes.
    unsafe {
        let both = L::load_i32(places.as_ptr().add(lane).cast());
        let sixteen = L::splat_i32(16);
        [L::and_i32(both, L::splat_i32(0xffff)), L::shift_right(both, sixteen)]
    }
}
