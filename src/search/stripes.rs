//! Stripes of cities in the coarse form, as the rows and as the columns of blocks, converted when a
//! block asks for them and kept for the next ones.
//!
//! Rows are sorted by class, because each class has columns of its own. The rows of a stripe lie
//! together on the sphere, so they are of one or two classes, and only columns of these are made.
//!
//! The blocks of a rank run along the columns of the pair space. A stripe of columns serves until the
//! next begins; a stripe of rows comes back in each of them, and is kept while there is room.
//!
//! Architecture Invariant: nothing here looks at a pair.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use crate::kernel::coarse::{CLASSES, CoarseLimit, CoarseRow, CoarseTable};
use crate::kernel::{Kernel, ROW_GROUP};
use crate::metric::Metric;
use crate::points::Points;
use crate::sphere::UnitVector;
use crate::tiles::{TILE_CITIES, Tile};

/// Rows that are kept at most: 20 MB. A stripe that finds no room is converted for each block anew,
/// which costs a block of 512 tiles 1 % of its time.
const MOST_ROWS_KEPT: usize = 1 << 19;

/// What stripes are made from.
pub(super) struct Source<'a> {
    pub(super) points: &'a Points<'a>,
    pub(super) kernel: Kernel,
    pub(super) metric: &'a Metric,
}

impl Source<'_> {
    /// The quick vectors of the metric of a stripe of positions, in tiles: here alone, for rows as for columns, the
    /// search takes vectors from.
    pub(super) fn tiles_of(&self, stripe: &Range<u64>) -> Vec<Tile> {
        let (sites, last) = (self.points.sites(), stripe.end as usize - 1);
        let tile = |first: u64| {
            let tile = sites.tile(self.kernel, |lane| (first as usize + lane).min(last));
            super::tile_of_metric(self.metric, tile)
        };
        stripe.clone().step_by(TILE_CITIES).map(tile).collect()
    }
}

/// The positions of a stripe, each with its vector.
pub(super) fn vectors(
    tiles: &[Tile],
    positions: &Range<u64>,
) -> impl Iterator<Item = (u64, UnitVector)> {
    let vectors = tiles.iter().flat_map(|tile| (0..TILE_CITIES).map(|lane| tile.vector(lane)));
    positions.clone().zip(vectors)
}

/// The stripe of columns of the last block.
#[derive(Default)]
pub(super) struct ColumnStripe {
    positions: Range<u64>,
    tiles: Vec<Tile>,
    classes: [Option<CoarseTable>; CLASSES],
}

impl ColumnStripe {
    /// Becomes another stripe, if it is not that already.
    pub(super) fn become_stripe(&mut self, source: &Source<'_>, positions: &Range<u64>) {
        if self.positions != *positions {
            let tiles = source.tiles_of(positions);
            *self = ColumnStripe {
                positions: positions.clone(),
                tiles,
                classes: [const { None }; CLASSES],
            };
        }
    }

    /// The columns for a class.
    pub(super) fn class(&mut self, class: usize) -> &CoarseTable {
        self.classes[class].get_or_insert_with(|| CoarseTable::new(&self.tiles, class))
    }
}

/// The rows of one class in a stripe, and rows that no column matches to make whole groups.
#[derive(Default)]
pub(super) struct ClassRows {
    rows: Vec<CoarseRow>,
    /// Place in the stripe of each row, ascending.
    places: Vec<u32>,
    pairs: Vec<i32>,
    limits: Vec<i32>,
}

impl ClassRows {
    /// Whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// V's row factors and greatest values of the rows that may stand before a place of the stripe,
    /// in whole groups.
    pub(super) fn before(&self, place: u64) -> [&[i32]; 2] {
        let rows = self.places.partition_point(|&each| u64::from(each) < place);
        let rows = rows.next_multiple_of(ROW_GROUP);
        [&self.pairs[..rows], &self.limits[..rows]]
    }

    /// Place in the stripe of a row; none of what only makes a group whole.
    pub(super) fn place(&self, row: u32) -> Option<u64> {
        self.places.get(row as usize).map(|&place| u64::from(place))
    }

    fn set_limits(&mut self, limit: &CoarseLimit) {
        self.limits.clear();
        self.limits.extend(self.rows.iter().map(|row| row.limit(limit)));
        self.limits.resize(self.pairs.len(), NO_LIMIT);
    }
}

/// Less than any V.
const NO_LIMIT: i32 = 0;

/// A stripe of rows by class, and what their limits are for.
#[derive(Default)]
struct RowStripe {
    limit: Option<CoarseLimit>,
    classes: [ClassRows; CLASSES],
}

impl RowStripe {
    fn new(source: &Source<'_>, positions: &Range<u64>) -> RowStripe {
        let mut classes: [ClassRows; CLASSES] = Default::default();
        vectors(&source.tiles_of(positions), positions).for_each(|(position, vector)| {
            // What is no unit vector stands in a damaged file, and has no row.
            let Some(row) = CoarseRow::new(vector) else { return };
            let class = &mut classes[row.class()];
            class.rows.push(row);
            class.places.push((position - positions.start) as u32);
            class.pairs.push(row.pair());
        });
        for class in &mut classes {
            class.pairs.resize(class.pairs.len().next_multiple_of(ROW_GROUP), 0);
        }
        RowStripe { limit: None, classes }
    }

    fn set_limits(&mut self, limit: &CoarseLimit) {
        if self.limit.as_ref() != Some(limit) {
            self.classes.iter_mut().for_each(|class| class.set_limits(limit));
            self.limit = Some(*limit);
        }
    }
}

/// Stripes of rows: those that are kept, and one that is not.
#[derive(Default)]
pub(super) struct RowStripes {
    kept: HashMap<u64, RowStripe>,
    rows_kept: usize,
    other: RowStripe,
}

impl RowStripes {
    /// A stripe's rows by class, with their limits. All calls must be for stripes of the same points
    /// and of one edge.
    pub(super) fn stripe(
        &mut self,
        source: &Source<'_>,
        positions: &Range<u64>,
        limit: &CoarseLimit,
    ) -> &[ClassRows; CLASSES] {
        let rows = (positions.end - positions.start) as usize;
        let has_room = self.rows_kept + rows <= MOST_ROWS_KEPT;
        let stripe = match self.kept.entry(positions.start) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(place) if has_room => {
                self.rows_kept += rows;
                place.insert(RowStripe::new(source, positions))
            }
            Entry::Vacant(_) => {
                self.other = RowStripe::new(source, positions);
                &mut self.other
            }
        };
        stripe.set_limits(limit);
        &stripe.classes
    }
}
