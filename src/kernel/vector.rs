//! The kernels over vectors, written once for every instruction set.
//!
//! [`Lanes`] is all that an instruction set has to bring: some dozen operations. Everything here is
//! inlined into the entry points of an instruction set, which alone carry its target features.
//!
//! `find_rows` keeps [`Lanes::ROWS`] rows in registers, each with its running minimum, and walks
//! over the columns, which stay in the first-level cache: two loads for ROWS vectors of pairs, and
//! for each of these a multiply-add and a minimum. Nothing waits: only the minimum depends on the
//! turn before, and it takes one cycle.

use super::coarse::CoarseColumns;
use super::{Part, ROW_GROUP, lanes};
use crate::sphere::UnitVector;
use crate::tiles::{Bounds, TILE_CITIES, Tile};

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
    /// Rows that `find_rows` keeps in registers.
    const ROWS: usize;

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

    unsafe fn splat_i32(value: i32) -> Self::I32;
    unsafe fn load_i32(values: *const i32) -> Self::I32;
    /// sum + the products of both 16-bit halves of a and b, wrapping.
    unsafe fn dot16(sum: Self::I32, a: Self::I32, b: Self::I32) -> Self::I32;
    unsafe fn min_i32(a: Self::I32, b: Self::I32) -> Self::I32;
    /// A bit for each lane where a ≤ b.
    unsafe fn at_most_i32(a: Self::I32, b: Self::I32) -> u64;
}

/// See [`super::Kernel::mark_near`].
#[inline(always)]
pub(super) unsafe fn mark_near<L: Lanes>(
    p: UnitVector,
    columns: &Tile,
    sign: f64,
    limit: f64,
) -> u64 {
    // SAFETY: the caller has the target features of L; each load stays within a tile's 64 numbers.
    unsafe {
        let from = Seen::<L>::from(p, sign, limit);
        let [x, y, z] = [&columns.x, &columns.y, &columns.z].map(|values| values.as_ptr());
        let mut marked = 0;
        for lane in (0..TILE_CITIES).step_by(L::F64_LANES) {
            marked |= from.near(x.add(lane), y.add(lane), z.add(lane)) << lane;
        }
        marked
    }
}

/// See [`super::Kernel::find_near`]. The columns are packed together, so that a row meets no
/// others; what fills up the last vector is NaN, which nothing is near. A row then takes the least
/// of its separations, and looks which they are only if that is low enough, which it rarely is.
#[inline(always)]
pub(super) unsafe fn find_near<L: Lanes>(
    rows: Part<'_>,
    columns: Part<'_>,
    sign: f64,
    limit: f64,
    found: &mut Vec<[u8; 2]>,
) {
    let mut packed = [[f64::NAN; TILE_CITIES]; 3];
    let mut columns_at = [0; TILE_CITIES];
    let mut count = 0;
    for lane in lanes(columns.lanes) {
        packed[0][count] = columns.tile.x[lane];
        packed[1][count] = columns.tile.y[lane];
        packed[2][count] = columns.tile.z[lane];
        columns_at[count] = lane as u8;
        count += 1;
    }
    let [x, y, z] = packed.each_ref().map(|values| values.as_ptr());
    for row in lanes(rows.lanes) {
        // SAFETY: as above; whole vectors of lanes divide the 64 of `packed`.
        unsafe {
            let from = Seen::<L>::from(rows.tile.vector(row), sign, limit);
            let mut least = L::splat(f64::INFINITY);
            for first in (0..count).step_by(L::F64_LANES) {
                least = L::min(from.separation(x.add(first), y.add(first), z.add(first)), least);
            }
            if L::at_most(least, from.limit) == 0 {
                continue;
            }
            for first in (0..count).step_by(L::F64_LANES) {
                for column in lanes(from.near(x.add(first), y.add(first), z.add(first))) {
                    found.push([row as u8, columns_at[first + column]]);
                }
            }
        }
    }
}

/// A city, sign and limit in every lane.
struct Seen<L: Lanes> {
    /// |p + sign·q| = |sign·p + q|, to the last bit, and so the sign is applied once.
    signed: [L::F64; 3],
    sign: L::F64,
    limit: L::F64,
}

impl<L: Lanes> Seen<L> {
    #[inline(always)]
    unsafe fn from(p: UnitVector, sign: f64, limit: f64) -> Seen<L> {
        // SAFETY: the caller has the target features of L.
        unsafe {
            let signed = p.map(|coordinate| L::splat(sign * coordinate));
            Seen { signed, sign: L::splat(sign), limit: L::splat(limit) }
        }
    }

    /// Marks the lanes of a vector of cities whose separation is at most the limit. There are
    /// [`Lanes::F64_LANES`] numbers to read at each of x, y and z.
    #[inline(always)]
    unsafe fn near(&self, x: *const f64, y: *const f64, z: *const f64) -> u64 {
        // SAFETY: as for `separation`.
        unsafe { L::at_most(self.separation(x, y, z), self.limit) }
    }

    /// The separations of a vector of cities.
    #[inline(always)]
    unsafe fn separation(&self, x: *const f64, y: *const f64, z: *const f64) -> L::F64 {
        // SAFETY: the caller has the target features of L, and says what may be read.
        unsafe {
            let x = L::add(self.signed[0], L::load(x));
            let y = L::add(self.signed[1], L::load(y));
            let z = L::add(self.signed[2], L::load(z));
            let sum = L::add(L::add(L::mul(x, x), L::mul(y, y)), L::mul(z, z));
            L::mul(self.sign, sum)
        }
    }
}

/// See [`super::Kernel::mark_reaching`].
#[inline(always)]
pub(super) unsafe fn mark_reaching<L: Lanes>(
    rows: &Tile,
    bounds: &Bounds,
    sign: f64,
    limit: f64,
) -> u64 {
    // SAFETY: as above.
    unsafe {
        let coordinates = [&rows.x, &rows.y, &rows.z].map(|values| values.as_ptr());
        let zero = L::splat(0.0);
        let min = bounds.min.map(|face| L::splat(face));
        let max = bounds.max.map(|face| L::splat(face));
        let (signs, limit) = (L::splat(sign), L::splat(limit));
        let mut marked = 0;
        for lane in (0..TILE_CITIES).step_by(L::F64_LANES) {
            let p = coordinates.map(|values| L::load(values.add(lane)));
            let mut sum = zero;
            for axis in 0..3 {
                let reach = if sign > 0.0 {
                    let inner = L::max(L::add(p[axis], min[axis]), zero);
                    L::max(L::sub(L::sub(zero, p[axis]), max[axis]), inner)
                } else {
                    L::max(L::sub(p[axis], min[axis]), L::sub(max[axis], p[axis]))
                };
                sum = L::add(sum, L::mul(reach, reach));
            }
            marked |= L::at_most(L::mul(signs, sum), limit) << lane;
        }
        marked
    }
}

/// See [`super::Kernel::find_rows`]. `ROWS` is [`Lanes::ROWS`].
#[inline(always)]
pub(super) unsafe fn find_rows<L: Lanes, const ROWS: usize>(
    rows: &[i32],
    limits: &[i32],
    columns: CoarseColumns<'_>,
    found: &mut Vec<u32>,
) {
    let CoarseColumns { pairs, thirds } = columns;
    const { assert!(ROW_GROUP.is_multiple_of(ROWS)) };
    // SAFETY: the caller has the target features of L. `Kernel::find_rows` has checked that the
    // rows are whole groups, and `pairs` and `thirds` equally many whole tiles, which whole vectors
    // divide; so each load begins a whole vector before their end.
    unsafe {
        for first in (0..rows.len()).step_by(ROWS) {
            let row: [L::I32; ROWS] = std::array::from_fn(|r| L::splat_i32(rows[first + r]));
            let mut least = [L::splat_i32(i32::MAX); ROWS];
            for column in (0..pairs.len()).step_by(L::I32_LANES) {
                let pair = L::load_i32(pairs.as_ptr().add(column));
                let third = L::load_i32(thirds.as_ptr().add(column));
                for r in 0..ROWS {
                    least[r] = L::min_i32(least[r], L::dot16(third, pair, row[r]));
                }
            }
            for r in 0..ROWS {
                if L::at_most_i32(least[r], L::splat_i32(limits[first + r])) != 0 {
                    found.push((first + r) as u32);
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
