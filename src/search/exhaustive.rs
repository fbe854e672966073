//! Every pair, through tile and kernel: what scaling studies run, and the reference for pruned
//! searches.
//!
//! A block is a stripe of rows against a stripe of columns. Both are brought into the 16-bit form
//! of the coarse filter, which looks at every pair ([`crate::kernel::coarse`]); the few pairs that
//! it lets through are measured by their shortfall, and the few that pass this too by the one
//! distance function. Rows are taken by the class of their largest coordinate, because a class has
//! its own columns ([`super::stripes`]).
//!
//! Where cities are so near each other that 16 bits cannot tell the farthest pair from the rest
//! ([`COARSE_KM`]), every pair is measured by its shortfall instead.
//!
//! Architecture Invariant: every pair goes through a kernel; no bound of a tile or group is used.

use super::finalists::Finalists;
use super::join::Join;
use super::stripes::{ClassRows, ColumnStripe, RowStripes, Source, vectors};
use super::{Damage, Field, Leave, Search, ShareResult, Wanted, pruned, start};
use crate::kernel::coarse::{CLASSES, CoarseLimit};
use crate::kernel::{Kernel, lanes};
use crate::pairs::{Block, PairSpace, Pairing};
use crate::ranking::Ranking;
use crate::sphere::RADIUS_KM;
use crate::tiles::TILE_CITIES;

/// Tiles of columns that stay in the first-level cache while all rows of a class pass: 16 KiB.
const TILES: usize = 32;

/// Incumbents nearer than this, on an Earth, are out of reach of the coarse filter: there its margin, at most
/// 1/S = 4.1e-5 in the cosine, is a tenth of what separates the incumbent from distance 0.
const COARSE_KM: f64 = 180.0;

/// The method at work on some points.
pub(super) struct Exhaustive<'a> {
    field: Field<'a>,
    kernel: Kernel,
    space: PairSpace,
    finalists: Finalists<'a>,
    rows: RowStripes,
    columns: ColumnStripe,
    covered: u128,
}

impl<'a> Exhaustive<'a> {
    /// With blocks of `edge` × `edge` cities.
    pub(super) fn new(
        field: Field<'a>,
        kernel: Kernel,
        edge: u64,
        wanted: Wanted,
    ) -> Exhaustive<'a> {
        Exhaustive {
            field,
            kernel,
            space: field.space(edge),
            finalists: Finalists::new(field, wanted),
            rows: RowStripes::default(),
            columns: ColumnStripe::default(),
            covered: 0,
        }
    }
}

impl Search for Exhaustive<'_> {
    fn blocks(&self) -> u64 {
        super::block_count(&self.space)
    }

    fn parts(&self, block: u64) -> Vec<Block> {
        vec![self.space.block(block.into())]
    }

    fn begin(&mut self, _: &mut dyn Iterator<Item = u64>) -> Result<(), Damage> {
        if self.field.has_pairs() {
            let mut join = Join::new(self.field, self.kernel, false);
            pruned::begin(self.field, std::iter::empty(), &mut join, &mut self.finalists)?;
            if !self.finalists.ranking().is_full() {
                start::hop(&mut self.finalists, self.kernel)?;
            }
        }
        Ok(())
    }

    fn settle(&mut self, block: u64, leave: &mut Leave<'_>) -> Result<bool, Damage> {
        let block = self.space.block(block.into());
        let ([rows_of, columns_of], kernel) = (self.field.points(), self.kernel);
        let finalists = &mut self.finalists;
        let metric = *finalists.metric();
        let is_settled = if finalists.distance_km() < COARSE_KM / RADIUS_KM * metric.radius_km() {
            search_finely(&self.field, kernel, &block, (finalists, leave))?
        } else {
            let limit = CoarseLimit::new(metric.dot_limit(finalists.distance_km()));
            let [of_rows, of_columns] =
                [rows_of, columns_of].map(|points| Source { points, kernel, metric: &metric });
            let rows = self.rows.stripe(&of_rows, &block.rows, &limit);
            self.columns.become_stripe(&of_columns, &block.columns);
            search_coarsely(kernel, &block, (rows, &mut self.columns), (finalists, leave))?
        };
        if is_settled {
            self.covered += block.pairs();
        }
        Ok(is_settled)
    }

    fn consider(&mut self, [i, j]: [usize; 2]) -> Result<(), Damage> {
        self.finalists.consider(i, j)
    }

    fn ranking(&self) -> &Ranking {
        self.finalists.ranking()
    }

    fn found(&self) -> ShareResult {
        let (ranking, covered) = (self.ranking().clone(), self.covered);
        ShareResult { ranking, covered, evaluated: covered, ..ShareResult::default() }
    }
}

fn search_coarsely(
    kernel: Kernel,
    block: &Block,
    (rows, columns): (&[ClassRows; CLASSES], &mut ColumnStripe),
    (finalists, leave): (&mut Finalists<'_>, &mut Leave<'_>),
) -> Result<bool, Damage> {
    let (mut rows_found, mut columns_found) = (Vec::new(), Vec::new());
    for (class, rows) in rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
        let table = columns.class(class);
        for tile in (0..table.tiles()).step_by(TILES) {
            let end = (tile + TILES).min(table.tiles());
            let part = table.columns(tile..end);
            let [first, behind] =
                [tile, end].map(|tile| block.columns.start + (tile * TILE_CITIES) as u64);
            // Within a list, on the diagonal, rows behind these columns are no pairs i < j with them.
            let rows_before = match block.pairing {
                Pairing::Within => behind - block.rows.start,
                Pairing::Between => u64::MAX,
            };
            let [pairs, limits] = rows.before(rows_before);
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
                    if block.pairing.has(i, j) {
                        finalists.consider(i as usize, j as usize)?;
                    }
                }
                if leave.after(columns_found.len() as u64, finalists.ranking()) {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

fn search_finely(
    field: &Field<'_>,
    kernel: Kernel,
    block: &Block,
    (finalists, leave): (&mut Finalists<'_>, &mut Leave<'_>),
) -> Result<bool, Damage> {
    let [rows_of, columns_of] = field.points();
    // Vectors of the metric, which all limits hold for, near or far.
    let metric = *finalists.metric();
    let [rows, columns] = [(rows_of, &block.rows), (columns_of, &block.columns)]
        .map(|(points, stripe)| Source { points, kernel, metric: &metric }.tiles_of(stripe));
    for (i, p) in vectors(&rows, &block.rows) {
        let firsts = (block.columns.start as usize..).step_by(TILE_CITIES);
        for (tile, first) in columns.iter().zip(firsts) {
            let quick = finalists.quick();
            for lane in lanes(kernel.mark_far(p, tile, quick.measure(), quick.limit)) {
                if block.pairing.has(i, (first + lane) as u64) {
                    finalists.consider(i as usize, first + lane)?;
                }
            }
        }
        if leave.after(block.columns.end - block.columns.start, finalists.ranking()) {
            return Ok(false);
        }
    }
    Ok(true)
}
