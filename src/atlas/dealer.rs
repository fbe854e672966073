//! Cities dealt to the squares of a split: batches in, blocks of the cities of each square out.
//!
//! Architecture Invariant: blocks are bytes behind each other; where they go is not known here.

use super::block::Columns;
use super::decimals::DegreeRange;
use super::names;
use super::share::Share;
use super::split::Split;
use crate::kernel::Kernel;
use crate::regions::Square;
use crate::tiles::TILE_CITIES;

/// Bytes of names from which on a block is closed, however few its cities are.
const MOST_NAME_BYTES: usize = 1 << 20;

/// A square with the cities of one rank.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) square: Square,
    pub(super) share: Share,
    /// Offset and length in bytes of each block.
    pub(super) blocks: Vec<[u64; 2]>,
}

/// Deals cities to the squares of a split.
pub(super) struct Dealer {
    split: Split,
    buckets: Vec<Bucket>,
    block_cities: usize,
    /// Buckets with a whole block.
    full: Vec<usize>,
    /// What is known of the degrees in closed blocks.
    pub(super) degrees: DegreeRange,
}

/// A square with its open block.
pub(super) struct Bucket {
    leaf: Leaf,
    open: Columns,
}

impl Dealer {
    pub(super) fn new(split: &Split, block_cities: usize) -> Dealer {
        let bucket = |&square: &Square| Bucket {
            leaf: Leaf { square, share: Share::NONE, blocks: Vec::new() },
            open: Columns::default(),
        };
        let buckets = split.squares.iter().map(bucket).collect();
        Dealer {
            split: split.clone(),
            buckets,
            block_cities,
            full: Vec::new(),
            degrees: DegreeRange::NONE,
        }
    }

    /// Finds the square of each city, and calls `push` with it, the side, and the number of the city.
    pub(super) fn deal(
        &mut self,
        kernel: Kernel,
        degrees: &[[f64; 2]],
        mut push: impl FnMut(&mut Bucket, usize, usize),
    ) {
        for (tile, cities) in degrees.chunks(TILE_CITIES).enumerate() {
            let spots = kernel.spots_of(cities);
            for lane in 0..cities.len() {
                let cell = [spots.cells[0][lane], spots.cells[1][lane]];
                let (number, side) = self.split.find(spots.faces[lane], cell);
                let bucket = &mut self.buckets[number];
                bucket.leaf.share.see(cell);
                push(bucket, side, tile * TILE_CITIES + lane);
                if bucket.open.len() == self.block_cities
                    || bucket.open.names.len() >= MOST_NAME_BYTES
                {
                    self.full.push(number);
                }
            }
        }
    }

    /// Closes the blocks that are full; they will lie behind `written` bytes.
    pub(super) fn close_full(&mut self, pending: &mut Vec<u8>, written: u64) {
        for number in self.full.drain(..) {
            let degrees = self.buckets[number].close(pending, written);
            self.degrees = self.degrees.union(degrees);
        }
    }

    pub(super) fn close_all(&mut self, pending: &mut Vec<u8>, written: u64) {
        self.full.clear();
        for bucket in &mut self.buckets {
            self.degrees = self.degrees.union(bucket.close(pending, written));
        }
    }

    /// The squares with all that was dealt to them and closed.
    pub(super) fn take_leaves(&mut self) -> Vec<Leaf> {
        std::mem::take(&mut self.buckets).into_iter().map(|bucket| bucket.leaf).collect()
    }
}

impl Bucket {
    #[inline(always)]
    pub(super) fn push(&mut self, side: usize, degrees: [f64; 2], row: u64, name: &[u8]) {
        self.open.degrees.push(degrees);
        self.open.rows.push(row);
        let before = self.open.names.len();
        names::push(&mut self.open.names, name);
        self.leaf.share.cities[side] += 1;
        self.leaf.share.name_bytes[side] += (self.open.names.len() - before) as u64;
    }

    /// Closes the open block. Returns what is known of its degrees.
    fn close(&mut self, pending: &mut Vec<u8>, written: u64) -> DegreeRange {
        if self.open.len() == 0 {
            return DegreeRange::NONE;
        }
        let before = pending.len();
        let degrees = self.open.encode(pending);
        self.leaf.blocks.push([written + before as u64, (pending.len() - before) as u64]);
        self.open.clear();
        degrees
    }
}
