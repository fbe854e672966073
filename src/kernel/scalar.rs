//! The scalar kernel: the specification of every kernel.
//!
//! A pair is marked if and only if its dot product, computed in f64 as (x·x' + y·y') + z·z'
//! without fused operations, is at most the limit. The comparison is false for NaN, so that a
//! damaged file marks nothing instead of everything.
//!
//! A row is compared in two passes: the least dot product of its 64 pairs, which the compiler
//! turns into vectors of whatever the target has, and only if that is low enough, the bits.
//! Setting bits in the first pass was rejected: it makes every pair pay for a rare event.

use super::PairMask;
use crate::tiles::{TILE_CITIES, Tile};

/// Marks the pairs of a row tile and a column tile whose dot product is at most `dot_limit`, and
/// tells whether there are any.
pub fn mark_far_pairs(rows: &Tile, columns: &Tile, dot_limit: f64, mask: &mut PairMask) -> bool {
    let mut any = false;
    for (lane, word) in mask.iter_mut().enumerate() {
        let dots = dot_products(rows.vector(lane), columns);
        *word = if least(&dots) <= dot_limit { bits_at_most(&dots, dot_limit) } else { 0 };
        any |= *word != 0;
    }
    any
}

fn dot_products(p: [f64; 3], columns: &Tile) -> [f64; TILE_CITIES] {
    std::array::from_fn(|lane| {
        p[0] * columns.x[lane] + p[1] * columns.y[lane] + p[2] * columns.z[lane]
    })
}

/// The least of 64 numbers, NaN passed over, by eight independent chains of comparisons.
fn least(values: &[f64; TILE_CITIES]) -> f64 {
    let mut chains = [f64::INFINITY; 8];
    for group in values.chunks_exact(chains.len()) {
        for (least, &value) in chains.iter_mut().zip(group) {
            *least = if value < *least { value } else { *least };
        }
    }
    chains.into_iter().fold(f64::INFINITY, f64::min)
}

fn bits_at_most(values: &[f64; TILE_CITIES], limit: f64) -> u64 {
    values
        .iter()
        .enumerate()
        .fold(0, |bits, (lane, &value)| bits | u64::from(value <= limit) << lane)
}
