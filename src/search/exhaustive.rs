//! Every pair, through tile and kernel: what scaling studies run, and the proof of all that is
//! cleverer.
//!
//! A block is walked tile by tile; the kernel marks the pairs that could be as far as the
//! incumbent, the one distance function decides each of them, and the limit falls as the incumbent
//! grows. Marked pairs are few: on world-wide data a handful in a million.
//!
//! Architecture Invariant: it does not know how the kernel marks, only that it marks no pair too
//! few.

use super::offer;
use crate::atlas::Atlas;
use crate::bound::{NO_LIMIT, dot_limit};
use crate::incumbent::Incumbent;
use crate::kernel::{PairMask, mark_far_pairs};
use crate::pairs::Block;
use crate::sphere::distance_km;
use crate::tiles::TILE_CITIES;

pub(super) fn search_block(
    atlas: &Atlas<'_>,
    block: &Block,
    incumbent: &mut Incumbent,
) -> Result<(), String> {
    let mut limit = incumbent.best().map_or(NO_LIMIT, |best| dot_limit(best.distance_km));
    let mut mask: PairMask = [0; TILE_CITIES];
    for row_tile in tiles(&block.rows) {
        for column_tile in tiles(&block.columns) {
            if column_tile < row_tile {
                continue;
            }
            let (rows, columns) = (&atlas.tiles()[row_tile], &atlas.tiles()[column_tile]);
            if mark_far_pairs(rows, columns, limit, &mut mask)
                && settle(atlas, [row_tile, column_tile], &mask, incumbent)?
            {
                limit = incumbent.best().map_or(NO_LIMIT, |best| dot_limit(best.distance_km));
            }
        }
    }
    Ok(())
}

/// Decides each marked pair i < j; tells whether the incumbent's distance grew.
fn settle(
    atlas: &Atlas<'_>,
    [row_tile, column_tile]: [usize; 2],
    mask: &PairMask,
    incumbent: &mut Incumbent,
) -> Result<bool, String> {
    let mut grew = false;
    for (lane, &word) in mask.iter().enumerate() {
        let i = row_tile * TILE_CITIES + lane;
        let mut marked = word;
        while marked != 0 {
            let j = column_tile * TILE_CITIES + marked.trailing_zeros() as usize;
            marked &= marked - 1;
            // The filling of the last tile, and the lower half of a tile against itself.
            if i < j && j < atlas.cities() {
                let distance_km = distance_km(atlas.vector(i), atlas.vector(j));
                grew |= offer(atlas, incumbent, [i as u64, j as u64], distance_km)?;
            }
        }
    }
    Ok(grew)
}

/// Indices of the tiles that a block's positions, which begin at a tile's, lie in.
fn tiles(positions: &std::ops::Range<u64>) -> std::ops::Range<usize> {
    let tile = TILE_CITIES as u64;
    (positions.start / tile) as usize..positions.end.div_ceil(tile) as usize
}
