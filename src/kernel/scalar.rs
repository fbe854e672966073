//! The scalar kernel: the specification of every kernel.
//!
//! Plain loops over lanes. The others do the same operations in the same order on many lanes at
//! once, none of them fused, so that they give the same bits and mark the same pairs; the tests
//! demand that. Comparisons are false for NaN, so that a damaged file marks nothing instead of
//! everything.

use super::coarse::CoarseColumns;
use super::{Part, lanes};
use crate::sphere::UnitVector;
use crate::tiles::{Bounds, TILE_CITIES, Tile};

/// See [`super::Kernel::mark_near`].
pub(super) fn mark_near(p: UnitVector, columns: &Tile, sign: f64, limit: f64) -> u64 {
    let is_near = |lane: &usize| separation(p, columns.vector(*lane), sign) <= limit;
    (0..TILE_CITIES).filter(is_near).fold(0, |marked, lane| marked | 1 << lane)
}

/// See [`super::Kernel::find_near`].
pub(super) fn find_near(
    rows: Part<'_>,
    columns: Part<'_>,
    sign: f64,
    limit: f64,
    found: &mut Vec<[u8; 2]>,
) {
    for row in lanes(rows.lanes) {
        let p = rows.tile.vector(row);
        for column in lanes(columns.lanes) {
            if separation(p, columns.tile.vector(column), sign) <= limit {
                found.push([row as u8, column as u8]);
            }
        }
    }
}

/// sign·|p + sign·q|².
fn separation(p: UnitVector, q: UnitVector, sign: f64) -> f64 {
    let [x, y, z] = [p[0] + sign * q[0], p[1] + sign * q[1], p[2] + sign * q[2]];
    sign * (x * x + y * y + z * z)
}

/// See [`super::Kernel::mark_reaching`].
pub(super) fn mark_reaching(rows: &Tile, bounds: &Bounds, sign: f64, limit: f64) -> u64 {
    let greater = |a: f64, b: f64| if a > b { a } else { b };
    let mut marked = 0;
    for lane in 0..TILE_CITIES {
        let mut sum = 0.0;
        for (axis, p) in rows.vector(lane).into_iter().enumerate() {
            let (min, max) = (bounds.min[axis], bounds.max[axis]);
            let reach = if sign > 0.0 {
                greater(-p - max, greater(p + min, 0.0))
            } else {
                greater(p - min, max - p)
            };
            sum += reach * reach;
        }
        marked |= u64::from(sign * sum <= limit) << lane;
    }
    marked
}

/// See [`super::Kernel::find_rows`].
pub(super) fn find_rows(
    rows: &[i32],
    limits: &[i32],
    columns: CoarseColumns<'_>,
    found: &mut Vec<u32>,
) {
    for (index, (&row, &limit)) in rows.iter().zip(limits).enumerate() {
        let values = columns.pairs.iter().zip(columns.thirds);
        let least = values.map(|(&pair, &third)| coarse_value(row, pair, third)).min();
        if least.is_some_and(|least| least <= limit) {
            found.push(index as u32);
        }
    }
}

/// See [`super::Kernel::find_columns`].
pub(super) fn find_columns(row: i32, limit: i32, columns: CoarseColumns<'_>, found: &mut Vec<u32>) {
    let values = columns.pairs.iter().zip(columns.thirds);
    for (index, (&pair, &third)) in values.enumerate() {
        if coarse_value(row, pair, third) <= limit {
            found.push(index as u32);
        }
    }
}

/// V of a row and a column: A·X + B·Y + Z.
fn coarse_value(row: i32, pair: i32, third: i32) -> i32 {
    let low = |value: i32| i32::from(value as i16);
    let high = |value: i32| value >> 16;
    let products = (low(row) * low(pair)).wrapping_add(high(row) * high(pair));
    products.wrapping_add(third)
}
