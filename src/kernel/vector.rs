//! The kernels over vectors, written once for every instruction set.
//!
//! [`Lanes`] is all that an instruction set has to bring: some ten operations. Everything here is
//! inlined into the entry points of an instruction set, which alone carry its target features.
//!
//! `find_rows` keeps [`Lanes::ROWS`] rows in registers, each with its running minimum, and walks
//! over the columns, which stay in the first-level cache: two loads for ROWS vectors of pairs, and
//! for each of these a multiply-add and a minimum. Nothing waits: the minima of different rows are
//! independent, and there are as many as the multiply-add takes cycles.

use super::coarse::CoarseColumns;
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
    /// Where a > b, a; else b.
    unsafe fn max(a: Self::F64, b: Self::F64) -> Self::F64;
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
        // |p + sign·q| = |sign·p + q|, to the last bit, and so the sign is applied once.
        let [px, py, pz] = p.map(|coordinate| L::splat(sign * coordinate));
        let (sign, limit) = (L::splat(sign), L::splat(limit));
        let mut marked = 0;
        for lane in (0..TILE_CITIES).step_by(L::F64_LANES) {
            let x = L::add(px, L::load(&columns.x[lane]));
            let y = L::add(py, L::load(&columns.y[lane]));
            let z = L::add(pz, L::load(&columns.z[lane]));
            let sum = L::add(L::add(L::mul(x, x), L::mul(y, y)), L::mul(z, z));
            marked |= L::at_most(L::mul(sign, sum), limit) << lane;
        }
        marked
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
        let zero = L::splat(0.0);
        let min = bounds.min.map(|face| L::splat(face));
        let max = bounds.max.map(|face| L::splat(face));
        let (signs, limit) = (L::splat(sign), L::splat(limit));
        let mut marked = 0;
        for lane in (0..TILE_CITIES).step_by(L::F64_LANES) {
            let p = [L::load(&rows.x[lane]), L::load(&rows.y[lane]), L::load(&rows.z[lane])];
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
    assert!(rows.len().is_multiple_of(ROWS) && rows.len() == limits.len());
    assert!(pairs.len().is_multiple_of(L::I32_LANES) && pairs.len() == thirds.len());
    // SAFETY: the caller has the target features of L; each load begins a whole vector before the
    // end of `pairs` and `thirds`, which are equally long.
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
    assert!(pairs.len().is_multiple_of(L::I32_LANES) && pairs.len() == thirds.len());
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
