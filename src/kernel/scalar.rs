//! The scalar kernel: the specification of every kernel.
//!
//! Plain loops over lanes. The others do the same operations in the same order on many lanes at
//! once, none of them fused, so that they give the same bits and mark the same pairs; the tests
//! demand that. Comparisons are false for NaN, so that a damaged file marks nothing instead of
//! everything.

use super::coarse::CoarseColumns;
use super::{EIGHT, EIGHT_LANES, MaskedTile, Measure, lanes, lanes_in_boxes};
use crate::sphere::UnitVector;
use crate::tiles::{BOXES, Boxes, TILE_CITIES, Tile, greater, less};

/// See [`super::Kernel::mark_far`].
pub(super) fn mark_far(p: UnitVector, columns: &Tile, measure: Measure, limit: f64) -> u64 {
    let is_near = |lane: &usize| shortfall(p, columns.vector(*lane), measure) <= limit;
    (0..TILE_CITIES).filter(is_near).fold(0, |marked, lane| marked | 1 << lane)
}

/// See [`super::Kernel::find_far`].
pub(super) fn find_far(
    rows: MaskedTile<'_>,
    columns: MaskedTile<'_>,
    measure: Measure,
    limit: f64,
    found: &mut Vec<[u8; 2]>,
) -> u64 {
    let mut looked_at = 0;
    for eight_rows in 0..BOXES {
        let corners = rows.boxes.corners(eight_rows);
        let row_lanes = lanes(rows.lanes & eight(eight_rows));
        for eight_columns in lanes(mark_boxes(columns.boxes, corners, measure, limit)) {
            let column_lanes = lanes(columns.lanes & eight(eight_columns));
            for row in row_lanes.clone() {
                let p = rows.tile.vector(row);
                for column in column_lanes.clone() {
                    looked_at += 1;
                    if shortfall(p, columns.tile.vector(column), measure) <= limit {
                        found.push([row as u8, column as u8]);
                    }
                }
            }
        }
    }
    looked_at
}

/// See [`super::Kernel::find_least`]. Filling is a copy of a city, so that it may be the least.
pub(super) fn find_least(
    rows: MaskedTile<'_>,
    columns: MaskedTile<'_>,
    measure: Measure,
    margin: f64,
    limits: &mut [f64; TILE_CITIES],
    found: &mut Vec<[u8; 2]>,
) {
    for row in lanes(rows.lanes) {
        let (p, limit) = (rows.tile.vector(row), &mut limits[row]);
        let near_boxes = mark_boxes(columns.boxes, [p, p], measure, *limit);
        let near = lanes_in_boxes(near_boxes);
        let to = |column: usize| shortfall(p, columns.tile.vector(column), measure);
        let least = lanes(near).map(to).fold(f64::INFINITY, |a, b| less(b, a));
        if least > *limit {
            continue;
        }
        *limit = less(least + margin, *limit);
        let found_of_row = lanes(near & columns.lanes).filter(|&column| to(column) <= *limit);
        found.extend(found_of_row.map(|column| [row as u8, column as u8]));
    }
}

/// The lanes of the cities in one of the boxes of a tile.
fn eight(box_at: usize) -> u64 {
    EIGHT_LANES << (box_at * EIGHT)
}

/// See [`Measure`].
fn shortfall(p: UnitVector, q: UnitVector, measure: Measure) -> f64 {
    let Measure { sign, z_weight } = measure;
    let [x, y, z] = [p[0] + sign * q[0], p[1] + sign * q[1], p[2] + sign * q[2]];
    sign * (x * x + y * y + z_weight * (z * z))
}

/// See [`super::Kernel::mark_boxes`].
pub(super) fn mark_boxes(
    boxes: &Boxes,
    corners: [UnitVector; 2],
    measure: Measure,
    limit: f64,
) -> u64 {
    let is_near = |at: &usize| least_shortfall(boxes.corners(*at), corners, measure) <= limit;
    (0..BOXES).filter(is_near).fold(0, |marked, at| marked | 1 << at)
}

/// The least shortfall of two boxes, each given by its least and greatest coordinates: what
/// [`crate::bound::Shortfall::of_boxes`] computes, with NaN counted as no reach.
fn least_shortfall(a: [UnitVector; 2], b: [UnitVector; 2], measure: Measure) -> f64 {
    let ([a_min, a_max], [b_min, b_max]) = (a, b);
    let mut sum = 0.0;
    for axis in 0..3 {
        let reach = if measure.sign > 0.0 {
            greater(-a_max[axis] - b_max[axis], greater(a_min[axis] + b_min[axis], 0.0))
        } else {
            greater(a_max[axis] - b_min[axis], b_max[axis] - a_min[axis])
        };
        let square = reach * reach;
        sum += if axis == 2 { measure.z_weight * square } else { square };
    }
    measure.sign * sum
}

/// See [`super::Kernel::find_rows`]. Within the range of V the minimum of integers is that of f32,
/// which the others use.
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
