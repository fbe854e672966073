//! Every pair, through tile and kernel: what scaling studies run, and the reference for pruned
//! searches.
//!
//! A block is a stripe of rows against a stripe of columns. Both are brought into the 16-bit form
//! of the coarse filter, which looks at every pair ([`crate::kernel::coarse`]); the few pairs that
//! it lets through are measured by their separation, and the few that pass this too by the one
//! distance function. Rows are taken by the class of their largest coordinate, because a class has
//! its own columns ([`super::stripes`]).
//!
//! Where cities are so near each other that 16 bits cannot tell the farthest pair from the rest
//! ([`COARSE_KM`]), every pair is measured by its separation instead.
//!
//! Architecture Invariant: every pair goes through a kernel; no bound of a tile or group is used.

use super::finalists::Finalists;
use super::join::Join;
use super::stripes::{ClassRows, ColumnStripe, RowStripes, tiles_of, vectors};
use super::{Found, pruned, start};
use crate::bound::{Separation, dot_limit};
use crate::kernel::coarse::{CLASSES, CoarseLimit};
use crate::kernel::{Kernel, lanes};
use crate::pairs::{Block, PairSpace, Taken};
use crate::points::Points;
use crate::tiles::TILE_CITIES;

/// Tiles of columns that stay in the first-level cache while all rows of a class pass: 16 KiB.
const TILES: usize = 32;

/// Incumbents nearer than this are out of reach of the coarse filter: there its margin, at most
/// 1/S = 4.1e-5 in the cosine, is a tenth of what separates the incumbent from distance 0.
const COARSE_KM: f64 = 180.0;

/// Searches the share of rank `rank` of `ranks` of some points.
///
/// # Errors
/// As [`super::search`].
pub fn search(points: &Points<'_>, kernel: Kernel, rank: u64, ranks: u64) -> Result<Found, String> {
    let cities = points.len() as u64;
    let space = PairSpace::new(cities, super::block_edge(cities, ranks));
    let mut finalists = Finalists::new(points);
    if points.len() >= 2 {
        let mut join = Join::new(points, kernel, false);
        pruned::begin(points, std::iter::empty(), &mut join, &mut finalists)?;
        if finalists.best().is_none() {
            start::hop(&mut finalists, kernel)?;
        }
    }
    let mut covered = 0;
    let mut taken = Taken::default();
    let (mut rows, mut columns) = (RowStripes::default(), ColumnStripe::default());
    for block in space.share(rank, ranks) {
        taken.note(|| block.clone());
        covered += block.pairs();
        if finalists.distance_km() < COARSE_KM {
            search_finely(points, kernel, &block, &mut finalists)?;
        } else {
            let limit = CoarseLimit::new(dot_limit(finalists.distance_km()));
            let rows = rows.stripe(points, kernel, &block.rows, &limit);
            columns.become_stripe(points, kernel, &block.columns);
            search_coarsely(kernel, &block, rows, &mut columns, &mut finalists)?;
        }
    }
    Ok(Found { farthest: finalists.best(), covered, evaluated: covered, taken, ..Found::default() })
}

fn search_coarsely(
    kernel: Kernel,
    block: &Block,
    rows: &[ClassRows; CLASSES],
    columns: &mut ColumnStripe,
    finalists: &mut Finalists<'_>,
) -> Result<(), String> {
    let (mut rows_found, mut columns_found) = (Vec::new(), Vec::new());
    for (class, rows) in rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
        let table = columns.class(class);
        for tile in (0..table.tiles()).step_by(TILES) {
            let end = (tile + TILES).min(table.tiles());
            let part = table.columns(tile..end);
            let [first, behind] =
                [tile, end].map(|tile| block.columns.start + (tile * TILE_CITIES) as u64);
            // On the diagonal, rows behind these columns are no pairs i < j with them.
            let [pairs, limits] = rows.before(behind - block.rows.start);
            rows_found.clear();
            kernel.find_rows(pairs, limits, part, &mut rows_found);
            for &row in &rows_found {
                // What makes a group whole has no place.
                let Some(place) = rows.place(row) else { continue };
                columns_found.clear();
                let row = row as usize;
                kernel.find_columns(pairs[row], limits[row], part, &mut columns_found);
                for &column in &columns_found {
                    let (i, j) = (block.rows.start + place, first + u64::from(column));
                    if i < j {
                        finalists.consider(i as usize, j as usize)?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn search_finely(
    points: &Points<'_>,
    kernel: Kernel,
    block: &Block,
    finalists: &mut Finalists<'_>,
) -> Result<(), String> {
    let rows = tiles_of(points, kernel, &block.rows);
    let columns = tiles_of(points, kernel, &block.columns);
    for (i, p) in vectors(&rows, &block.rows) {
        let firsts = (block.columns.start as usize..).step_by(TILE_CITIES);
        for (tile, first) in columns.iter().zip(firsts) {
            let Separation { sign, limit, .. } = finalists.quick();
            for lane in lanes(kernel.mark_near(p, tile, sign, limit)) {
                if (i as usize) < first + lane {
                    finalists.consider(i as usize, first + lane)?;
                }
            }
        }
    }
    Ok(())
}
