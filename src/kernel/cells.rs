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

    /// The four cells in which the corners of the square lie that is within the width of a place: of all
    /// cells that the square touches there is no other. They may be less than four.
    #[inline(always)]
    pub fn corners(&self, place: Place) -> [u32; 4] {
        let [a, b] = place.numbers().map(|number| {
            let first = number.saturating_sub(self.width) >> self.shift;
            let last = (number + self.width).min((1 << PLACE_BITS) - 1) >> self.shift;
            [first, last]
        });
        let cell = |a: u32, b: u32| b << self.bits() | a;
        [cell(a[0], b[0]), cell(a[1], b[0]), cell(a[0], b[1]), cell(a[1], b[1])]
    }

    /// The same, each once.
    #[inline(always)]
    pub fn around(&self, place: Place) -> impl Iterator<Item = u32> + use<> {
        let corners = self.corners(place);
        let is_new = move |at: usize| match at {
            0 => true,
            1 | 2 => corners[at] != corners[0],
            _ => corners[3] != corners[1] && corners[3] != corners[2],
        };
        (0..4).filter(move |&at| is_new(at)).map(move |at| corners[at])
    }

    /// The first and the last number, along a and along b, of places that are not within the width of the border of
    /// their region.
    #[inline(always)]
    pub fn within_border(&self) -> [[u32; 2]; 2] {
        [[self.width, ((1 << PLACE_BITS) - 1_u32).saturating_sub(self.width)]; 2]
    }

    /// Whether so many places are near an edge of their cell that it is quicker to ask for four cells of each
    /// ([`super::Kernel::mark_around`]): an eighth of a cell on either side, which is what every second place is in.
    #[inline(always)]
    pub fn is_mostly_edge(&self) -> bool {
        self.shift < PLACE_BITS && self.width >= 1 << (self.shift - 3)
    }

    /// The least and the greatest number within a cell that is not within the width of its edge.
    #[inline(always)]
    pub(super) fn inner(&self) -> [i32; 2] {
        [self.width as i32, (1 << self.shift) - 1 - self.width as i32]
    }
}

/// A bit for each cell of a grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    /// The same to set bits.
    pub(super) fn words_mut(&mut self) -> &mut [u32] {
        &mut self.0
    }

    /// Whether there is a bit for every cell of a grid.
    pub(super) fn are_of(&self, grid: CellGrid) -> bool {
        grid.shift <= PLACE_BITS && self.0.len() == (1_usize << (2 * grid.bits())).div_ceil(32)
    }
}

/// Places 64 at a time: where they begin, themselves, and the lanes that have one. The last of them come in
/// `padded`.
pub fn by_64<'p>(
    places: &'p [Place],
    padded: &'p mut [Place; PLACES],
) -> impl Iterator<Item = (usize, &'p [Place; PLACES], u64)> {
    let (whole, rest) = places.as_chunks::<PLACES>();
    padded[..rest.len()].copy_from_slice(rest);
    let padded: &[Place; PLACES] = padded;
    let last = (!rest.is_empty()).then(|| (padded, !0 >> (PLACES - rest.len())));
    let chunks = whole.iter().map(|chunk| (chunk, !0)).chain(last);
    chunks.enumerate().map(|(at, (chunk, lanes))| (at * PLACES, chunk, lanes))
}

/// See [`super::Kernel::take_cells`].
pub(super) fn take_cells(places: &[Place; PLACES], grid: CellGrid, bits: &mut CellBits) {
    for &place in places {
        bits.set(grid.cell(place));
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

/// See [`super::Kernel::mark_around`].
pub(super) fn mark_around(places: &[Place; PLACES], grid: CellGrid, bits: &CellBits) -> u64 {
    let is_marked = |place: Place| {
        let [a, b] = place.numbers().map(|number| {
            let within = |number: u32| (number & 0xffff) >> grid.shift;
            [within(number.wrapping_sub(grid.width)), within(number + grid.width)]
        });
        let cell = |a: u32, b: u32| b << grid.bits() | a;
        let corners = [cell(a[0], b[0]), cell(a[1], b[0]), cell(a[0], b[1]), cell(a[1], b[1])];
        corners.into_iter().any(|cell| bits.has(cell))
    };
    (0..PLACES).map(|lane| u64::from(is_marked(places[lane])) << lane).sum()
}

/// See [`super::Kernel::mark_within`].
pub(super) fn mark_within(places: &[Place; PLACES], [a, b]: [[u32; 2]; 2]) -> u64 {
    let is_within = |place: Place| {
        let [x, y] = place.numbers();
        (a[0]..=a[1]).contains(&x) && (b[0]..=b[1]).contains(&y)
    };
    (0..PLACES).map(|lane| u64::from(is_within(places[lane])) << lane).sum()
}
