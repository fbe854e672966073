//! What the join asks of 64 places at once: in which cells they lie, and which of these are taken.
//!
//! A region's square is cut into cells, with a bit for each ([`CellGrid`], [`CellBits`]). Most of the
//! join's time is one look at the bit of every city's cell; a vector of cities gathers its bits
//! together. The scalar functions are the specification.
//!
//! Architecture Invariant: numbers of 16 bits in, marks out; what they mean is the join's.

use crate::regions::Place;

/// Places that are looked at together.
pub const PLACES: usize = 64;

/// Bits of a place along a, and along b.
pub const PLACE_BITS: u32 = 16;

/// How a region is cut into cells, and what is near in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellGrid {
    /// Bits of a place within a cell, at most [`PLACE_BITS`].
    pub shift: u32,
    /// Pairs are near whose places differ by no more than this, along a and along b: at most a quarter of a
    /// cell, or there is one cell alone.
    pub width: u32,
}

impl CellGrid {
    /// Bits of the number of a cell along one axis.
    #[inline(always)]
    pub fn bits(&self) -> u32 {
        PLACE_BITS - self.shift
    }

    /// The cell of a place.
    #[inline(always)]
    pub fn cell(&self, place: Place) -> u32 {
        let [a, b] = place.numbers();
        b >> self.shift << self.bits() | a >> self.shift
    }

    /// The cells in which a city within the width of a place can be: one, two or four.
    #[inline(always)]
    pub fn around(&self, place: Place) -> impl Iterator<Item = u32> + use<> {
        let [a, b] = place.numbers().map(|number| {
            let first = number.saturating_sub(self.width) >> self.shift;
            let last = (number + self.width).min((1 << PLACE_BITS) - 1) >> self.shift;
            first..=last
        });
        let bits = self.bits();
        b.flat_map(move |b| a.clone().map(move |a| b << bits | a))
    }

    /// The least and the greatest number within a cell that is not within the width of its edge.
    #[inline(always)]
    pub(super) fn inner(&self) -> [i32; 2] {
        [self.width as i32, (1 << self.shift) - 1 - self.width as i32]
    }
}

/// A bit for each cell of a grid.
#[derive(Clone, Debug, Default)]
pub struct CellBits(Vec<u32>);

impl CellBits {
    /// No bit is set.
    pub fn clear(&mut self, grid: CellGrid) {
        self.0.clear();
        self.0.resize((1_usize << (2 * grid.bits())).div_ceil(32), 0);
    }

    /// Sets the bit of a cell.
    #[inline(always)]
    pub fn set(&mut self, cell: u32) {
        self.0[cell as usize / 32] |= 1 << (cell % 32);
    }

    /// Whether the bit of a cell is set.
    #[inline(always)]
    pub fn has(&self, cell: u32) -> bool {
        self.0[cell as usize / 32] >> (cell % 32) & 1 == 1
    }

    /// The words, each with the bits of 32 cells.
    pub(super) fn words(&self) -> &[u32] {
        &self.0
    }
}

/// See [`super::Kernel::mark_cells`].
pub(super) fn mark_cells(places: &[Place; PLACES], grid: CellGrid, bits: &CellBits) -> [u64; 2] {
    let [least, greatest] = grid.inner();
    let mask = (1 << grid.shift) - 1;
    let is_inner = |place: Place| {
        place.numbers().iter().all(|number| (least..=greatest).contains(&((number & mask) as i32)))
    };
    let mark = |is_marked: &dyn Fn(Place) -> bool| {
        (0..PLACES).map(|lane| u64::from(is_marked(places[lane])) << lane).sum()
    };
    [mark(&|place| bits.has(grid.cell(place))), mark(&|place| !is_inner(place))]
}

/// See [`super::Kernel::mark_within`].
pub(super) fn mark_within(places: &[Place; PLACES], [a, b]: [[u32; 2]; 2]) -> u64 {
    let is_within = |place: Place| {
        let [x, y] = place.numbers();
        (a[0]..=a[1]).contains(&x) && (b[0]..=b[1]).contains(&y)
    };
    (0..PLACES).map(|lane| u64::from(is_within(places[lane])) << lane).sum()
}
