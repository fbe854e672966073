//! The pair space: all i < j over n cities, or every city of one list with every city of another; cut into blocks,
//! never a list.
//!
//! Positions 0..n are cut into stripes of `edge` consecutive ones; a block is a stripe of rows
//! against a stripe of columns at or behind it. Of s stripes there are s(s + 1)/2 blocks, numbered
//! along the columns of the upper triangle:
//!
//! ```text
//!             column stripe
//!             0   1   2   3
//!        0    0   1   3   6        block k has column c with c(c + 1)/2 ≤ k < (c + 1)(c + 2)/2,
//!   row  1        2   4   7        so c = ⌊(√(8k + 1) − 1)/2⌋ and row k − c(c + 1)/2.
//! stripe 2            5   8
//!        3                9
//! ```
//!
//! Between two lists every stripe of rows meets every stripe of columns, numbered along the columns too.
//!
//! Rank r of P takes blocks r, r + P, r + 2P, … ([`Share`]). The root is an integer one: an f64 root
//! puts k into the wrong column from 2⁵³ on, and 1.3e8 cities have more pairs than that. Block
//! numbers and pair counts are u128, so n may exceed 2³².
//!
//! Architecture Invariant: nothing here knows a city, only how many there are.

mod share;

pub use share::{Settled, Share};

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

/// Which (i, j) are pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pairing {
    /// i < j, two positions of one list.
    #[default]
    Within,
    /// All: i is a position of one list, j one of another.
    Between,
}

impl Pairing {
    /// Whether (i, j) is a pair.
    #[inline(always)]
    pub fn has(self, i: u64, j: u64) -> bool {
        self == Pairing::Between || i < j
    }
}

/// All pairs, in blocks of `edge` × `edge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairSpace {
    /// Number of row positions and of column positions.
    cities: [u64; 2],
    pairing: Pairing,
    edge: u64,
}

/// A block of the pair space: all pairs of a row position i and a column position j.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Positions i.
    pub rows: Range<u64>,
    /// Positions j, of which within one list each row has those behind it.
    pub columns: Range<u64>,
    /// Which of them are pairs.
    pub pairing: Pairing,
}

/// The blocks that a rank took: how many, and the first few of them, which is what `--explain` shows. A message as it
/// stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ShareBlocks {
    /// Number of blocks.
    pub blocks: u64,
    /// [`Block::ends`] of the first of them, then zeros.
    first: [[[u64; 2]; 2]; ShareBlocks::SHOWN],
}

impl PairSpace {
    /// The pairs of so many cities of one list in blocks of `edge` × `edge`.
    ///
    /// # Panics
    /// If `edge` is 0.
    pub fn within(cities: u64, edge: u64) -> PairSpace {
        PairSpace::new([cities, cities], Pairing::Within, edge)
    }

    /// The pairs of a city of one list and a city of another, with so many cities each.
    ///
    /// # Panics
    /// If `edge` is 0.
    pub fn between(rows: u64, columns: u64, edge: u64) -> PairSpace {
        PairSpace::new([rows, columns], Pairing::Between, edge)
    }

    fn new(cities: [u64; 2], pairing: Pairing, edge: u64) -> PairSpace {
        assert!(edge > 0, "a block has an edge");
        PairSpace { cities, pairing, edge }
    }

    /// Number of pairs: n(n − 1)/2 within a list, n · m between two.
    pub fn pairs(&self) -> u128 {
        self.count(|cities| u128::from(cities).saturating_sub(1), u128::from)
    }

    /// Number of blocks.
    pub fn blocks(&self) -> u128 {
        let stripes = |cities: u64| u128::from(cities.div_ceil(self.edge));
        self.count(stripes, stripes)
    }

    fn count(&self, within: impl Fn(u64) -> u128, between: impl Fn(u64) -> u128) -> u128 {
        let [rows, columns] = self.cities;
        match self.pairing {
            Pairing::Within => triangle(within(rows)),
            Pairing::Between => between(rows) * between(columns),
        }
    }

    /// The block of a number below [`PairSpace::blocks`].
    pub fn block(&self, number: u128) -> Block {
        let [row, column] = match self.pairing {
            Pairing::Within => in_triangle(number),
            Pairing::Between => {
                let stripes = u128::from(self.cities[0].div_ceil(self.edge));
                [number % stripes, number / stripes]
            }
        };
        let [rows, columns] = self.cities;
        let (rows, columns) = (self.stripe(row, rows), self.stripe(column, columns));
        Block { rows, columns, pairing: self.pairing }
    }

    fn stripe(&self, index: u128, cities: u64) -> Range<u64> {
        let start = index as u64 * self.edge;
        start..start.saturating_add(self.edge).min(cities)
    }
}

/// Row and column of the block of a number in the upper triangle.
fn in_triangle(number: u128) -> [u128; 2] {
    // A root of 64 bits is found several times as fast, and nearly every number has one.
    let square = 8 * number + 1;
    let root = match u64::try_from(square) {
        Ok(square) => u128::from(square.isqrt()),
        Err(_) => square.isqrt(),
    };
    let column = (root - 1) / 2;
    [number - triangle(column), column]
}

impl Block {
    /// Number of its pairs.
    pub fn pairs(&self) -> u128 {
        let Block { rows, columns, pairing } = self;
        if *pairing == Pairing::Between {
            return length(rows) * length(columns);
        }
        // Rows before the columns have all of these, each of the others those behind it: the last of them has what
        // is behind the rows, the one before it one more, and so on.
        let begin = columns.start.clamp(rows.start, rows.end);
        let end = rows.end.min(columns.end).max(begin);
        let within = length(&(begin..end));
        let behind = u128::from(columns.end.saturating_sub(end));
        length(&(rows.start..begin)) * length(columns)
            + within * behind
            + triangle(within.saturating_sub(1))
    }

    /// Where its rows and its columns begin and end.
    pub fn ends(&self) -> [[u64; 2]; 2] {
        [[self.rows.start, self.rows.end], [self.columns.start, self.columns.end]]
    }

    /// Its pairs, as positions; i ascends, and for each i, j.
    pub fn positions(&self) -> impl Iterator<Item = [u64; 2]> {
        let block = self.clone();
        self.rows.clone().flat_map(move |i| block.columns_of(i).map(move |j| [i, j]))
    }

    /// The columns that are pairs with a row of the block.
    pub fn columns_of(&self, row: u64) -> Range<u64> {
        let first = if self.pairing == Pairing::Within { row + 1 } else { 0 };
        self.columns.start.max(first)..self.columns.end
    }

    /// Whether rows and columns are the same positions, so that only half the block is pairs.
    pub fn is_diagonal(&self) -> bool {
        self.pairing == Pairing::Within && self.rows == self.columns
    }
}

/// A part of the list of all pairs of a space, in which i ascends and, for each i, j: the pairs from place
/// `places.start` to before `places.end`, row by row, each a block of one row.
pub fn listed(space: PairSpace, places: Range<u64>) -> impl Iterator<Item = Block> {
    let PairSpace { cities: [rows, columns], pairing, .. } = space;
    let mut end_of_row = 0;
    (0..rows).filter_map(move |i| {
        let first_column = if pairing == Pairing::Within { i + 1 } else { 0 };
        let row = end_of_row..end_of_row + (columns - first_column);
        end_of_row = row.end;
        let (first, end) = (places.start.max(row.start), places.end.min(row.end));
        let column = |place: u64| first_column + (place - row.start);
        (first < end).then(|| Block {
            rows: i..i + 1,
            columns: column(first)..column(end),
            pairing,
        })
    })
}

impl ShareBlocks {
    /// How many of the first blocks are kept.
    const SHOWN: usize = 3;

    /// Counts a block, and keeps its ends if it is one of the first; else it is not asked for.
    #[inline]
    pub fn note(&mut self, block: impl FnOnce() -> Block) {
        if let Some(ends) = self.first.get_mut(self.blocks as usize) {
            *ends = block().ends();
        }
        self.blocks += 1;
    }

    /// Where the rows and the columns of the first blocks begin and end, of three at most.
    pub fn first(&self) -> &[[[u64; 2]; 2]] {
        &self.first[..self.blocks.min(Self::SHOWN as u64) as usize]
    }
}

fn length(range: &Range<u64>) -> u128 {
    u128::from(range.end - range.start)
}

/// 0 + 1 + … + n.
fn triangle(n: u128) -> u128 {
    n * (n + 1) / 2
}
