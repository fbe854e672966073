//! Every pair, through tile and kernel: what scaling studies run, and the proof of all that is
//! cleverer.
//!
//! A block is a stripe of rows against a stripe of columns. Both are brought into the 16-bit form
//! of the coarse filter, which looks at every pair ([`crate::kernel::coarse`]); the few pairs that
//! it lets through are measured by their separation, and the few that pass this too by the one
//! distance function. Rows are taken by the class of their largest coordinate, because a class has
//! its own columns.
//!
//! Where cities are so near each other that 16 bits cannot tell the farthest pair from the rest
//! ([`COARSE_KM`]), every pair is measured by its separation instead.
//!
//! Architecture Invariant: every pair goes through a kernel; no bound of a tile or group is used.

use super::finalists::Finalists;
use super::join::Join;
use super::{Found, pruned, start};
use crate::bound::dot_limit;
use crate::kernel::coarse::{CLASSES, CoarseRow, CoarseTable};
use crate::kernel::{Kernel, ROW_GROUP, lanes};
use crate::pairs::{Block, PairSpace, Taken};
use crate::points::Points;
use crate::tiles::{TILE_CITIES, Tile};

/// Tiles of columns that stay in the first-level cache while all rows of a class pass: 16 KiB.
const TILES: usize = 32;

/// Incumbents nearer than this are out of reach of the coarse filter: there its margin, at most
/// 5.2e-5 in the cosine, is an eighth of what separates the incumbent from distance 0.
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
        let own = std::iter::empty();
        pruned::begin(points, own, &mut Join::new(points, kernel, false), &mut finalists)?;
        if finalists.best().is_none() {
            start::hop(&mut finalists, kernel)?;
        }
    }
    let mut covered = 0;
    let mut taken = Taken::default();
    let mut columns = Columns::default();
    for block in space.share(rank, ranks) {
        taken.note(|| block.clone());
        covered += block.pairs();
        if finalists.distance_km() < COARSE_KM {
            search_finely(points, kernel, &block, &mut finalists)?;
        } else {
            columns.become_stripe(points, kernel, &block);
            search_coarsely(points, kernel, &block, &columns, &mut finalists)?;
        }
    }
    Ok(Found { farthest: finalists.best(), covered, evaluated: covered, taken, ..Found::default() })
}

/// The columns of a block in coarse form, kept for the next block, which mostly has the same.
#[derive(Default)]
struct Columns {
    stripe: Option<std::ops::Range<u64>>,
    table: CoarseTable,
}

impl Columns {
    fn become_stripe(&mut self, points: &Points<'_>, kernel: Kernel, block: &Block) {
        if self.stripe.as_ref() != Some(&block.columns) {
            self.table = CoarseTable::new(&stripe(points, kernel, &block.columns));
            self.stripe = Some(block.columns.clone());
        }
    }
}

/// The tiles of a stripe of positions.
fn stripe(points: &Points<'_>, kernel: Kernel, positions: &std::ops::Range<u64>) -> Vec<Tile> {
    let last = positions.end as usize - 1;
    let tile = |first: u64| {
        let position = |lane: usize| (first as usize + lane).min(last);
        points.sites().tile(kernel, position)
    };
    positions.clone().step_by(TILE_CITIES).map(tile).collect()
}

/// The rows of one class: V's row factor, V's greatest value, and the city's position.
#[derive(Default)]
struct ClassRows {
    pairs: Vec<i32>,
    limits: Vec<i32>,
    positions: Vec<usize>,
}

fn rows_by_class(points: &Points<'_>, block: &Block, dot_limit: f64) -> [ClassRows; CLASSES] {
    let mut classes: [ClassRows; CLASSES] = Default::default();
    for position in block.rows.start as usize..block.rows.end as usize {
        let row = CoarseRow::new(points.sites().quick_vector(position));
        let class = &mut classes[row.class];
        class.pairs.push(row.pair);
        class.limits.push(row.limit(dot_limit));
        class.positions.push(position);
    }
    for class in &mut classes {
        // Rows that nothing is far enough from fill up the last group.
        let filled = class.pairs.len().next_multiple_of(ROW_GROUP);
        class.pairs.resize(filled, 0);
        class.limits.resize(filled, i32::MIN);
    }
    classes
}

fn search_coarsely(
    points: &Points<'_>,
    kernel: Kernel,
    block: &Block,
    columns: &Columns,
    finalists: &mut Finalists<'_>,
) -> Result<(), String> {
    let classes = rows_by_class(points, block, dot_limit(finalists.distance_km()));
    let (mut rows_found, mut columns_found) = (Vec::new(), Vec::new());
    for (class, rows) in classes.iter().enumerate() {
        for tile in (0..columns.table.tiles()).step_by(TILES) {
            let end = (tile + TILES).min(columns.table.tiles());
            let part = columns.table.columns(class, tile..end);
            let first = block.columns.start as usize + tile * TILE_CITIES;
            // On the diagonal, rows behind these columns are no pairs i < j with them.
            let behind = block.columns.start as usize + end * TILE_CITIES;
            let before = rows.positions.partition_point(|&position| position < behind);
            let rows_end = before.next_multiple_of(ROW_GROUP);
            rows_found.clear();
            let (pairs, limits) = (&rows.pairs[..rows_end], &rows.limits[..rows_end]);
            kernel.find_rows(pairs, limits, part, &mut rows_found);
            // What fills up the last group has no position, and only a damaged file finds it.
            let rows_found = rows_found.iter().map(|&row| row as usize);
            for row in rows_found.filter(|&row| row < rows.positions.len()) {
                columns_found.clear();
                kernel.find_columns(rows.pairs[row], rows.limits[row], part, &mut columns_found);
                for &column in &columns_found {
                    let (i, j) = (rows.positions[row], first + column as usize);
                    if i < j {
                        finalists.consider(i, j)?;
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
    let tiles = stripe(points, kernel, &block.columns);
    let first = block.columns.start as usize;
    for i in block.rows.start as usize..block.rows.end as usize {
        let p = points.sites().quick_vector(i);
        for (tile, columns) in tiles.iter().enumerate() {
            let separation = finalists.quick();
            let (sign, limit) = (separation.sign, separation.limit);
            for lane in lanes(kernel.mark_near(p, columns, sign, limit)) {
                let j = first + tile * TILE_CITIES + lane;
                if i < j {
                    finalists.consider(i, j)?;
                }
            }
        }
    }
    Ok(())
}
