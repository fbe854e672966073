//! The kernels: the loops over many cities at once, on every instruction set alike.
//!
//! Three kinds of them. Tiles of vectors and a limit go in, marks for the pairs that could win come out; 64
//! places go in, marks for those in some cells come out ([`cells`]); degrees go in, vectors and their spots
//! come out. The first two are filters. A filter computes something cheap for every pair and marks those that a
//! [`crate::bound`] lets through; whether a marked pair really is farther is decided by
//! [`crate::sphere::distance_km`] alone. So a kernel may mark too many pairs, never too few, and
//! which instruction set ran cannot be seen in the answer. In fact all mark exactly the same.
//!
//! `scalar` is the specification, `vector` the same over vectors of any width, `avx2` and `avx512`
//! the operations on those. Another instruction set is one more such file and a line in [`Isa`].
//! The instruction set is chosen once, before the search ([`Kernel::choose`]). What every processor of a kind has
//! stands apart ([`stream`]).
//!
//! Architecture Invariant: a kernel sees vectors and limits. It knows no rows, no incumbent and
//! no diagonal: what it marks on or below the diagonal, or in the filling of a last tile, the
//! search leaves out.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod cells;
pub mod coarse;
mod scalar;
pub mod stream;
#[cfg(target_arch = "x86_64")]
mod vector;

use cells::{CellBits, CellGrid, PLACES};
use coarse::CoarseColumns;

use crate::curve::Spots;
use crate::regions::Place;
use crate::sphere::UnitVector;
use crate::tiles::{BOXES, Boxes, TILE_CITIES, Tile};

/// `find_rows` takes rows by this number.
pub const ROW_GROUP: usize = 8;

/// Cities in a box of a tile, and the lanes of those in its first box.
pub(crate) const EIGHT: usize = TILE_CITIES / BOXES;
const EIGHT_LANES: u64 = (1 << EIGHT) - 1;

/// The lanes of the cities in some boxes of a tile.
pub(crate) fn lanes_in_boxes(boxes: u64) -> u64 {
    lanes(boxes).fold(0, |in_boxes, at| in_boxes | EIGHT_LANES << (at * EIGHT))
}

/// Some cities of a tile: those whose bit is set.
#[derive(Clone, Copy, Debug)]
pub struct MaskedTile<'a> {
    /// The tile.
    pub tile: &'a Tile,
    /// The boxes of each eight of its cities.
    pub boxes: &'a Boxes,
    /// Bit i stands for lane i.
    pub lanes: u64,
}

/// What a shortfall is: sign·(x² + y² + z_weight·z²) of p + sign·q ([`crate::bound::Shortfall`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// 1 for pairs beyond a quarter turn, −1 for nearer ones.
    pub sign: f64,
    /// What the third square counts where the sign is −1; where it is 1 that is 1, and no kernel multiplies.
    pub z_weight: f64,
}

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// Whatever the compiler makes of the specification.
    Scalar,
    /// AVX2.
    Avx2,
    /// AVX-512 with VNNI.
    Avx512,
}

impl Isa {
    /// All of them, the fastest first.
    pub const ALL: [Isa; 3] = [Isa::Avx512, Isa::Avx2, Isa::Scalar];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Scalar => "scalar",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }
}

/// See [`Kernel::find_least`].
type FindLeast = unsafe fn(
    MaskedTile<'_>,
    MaskedTile<'_>,
    Measure,
    f64,
    &mut [f64; TILE_CITIES],
    &mut Vec<[u8; 2]>,
);

/// The kernels of one instruction set that this processor has.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    isa: Isa,
    embed: unsafe fn(&[f64; TILE_CITIES], &[f64; TILE_CITIES]) -> Tile,
    spots: unsafe fn(&Tile) -> Spots,
    mark_far: unsafe fn(UnitVector, &Tile, Measure, f64) -> u64,
    mark_boxes: unsafe fn(&Boxes, [UnitVector; 2], Measure, f64) -> u64,
    find_far: unsafe fn(MaskedTile<'_>, MaskedTile<'_>, Measure, f64, &mut Vec<[u8; 2]>) -> u64,
    find_least: FindLeast,
    take_cells: unsafe fn(&[Place; PLACES], CellGrid, &mut CellBits),
    mark_cells: unsafe fn(&[Place; PLACES], CellGrid, &CellBits) -> [u64; 2],
    mark_around: unsafe fn(&[Place; PLACES], CellGrid, &CellBits) -> u64,
    mark_within: unsafe fn(&[Place; PLACES], [[u32; 2]; 2]) -> u64,
    find_rows: unsafe fn(&[i32], &[i32], CoarseColumns<'_>, &mut Vec<u32>),
    find_columns: unsafe fn(i32, i32, CoarseColumns<'_>, &mut Vec<u32>),
}

impl Kernel {
    /// The kernels of the instruction set, or of the fastest; `None` if this processor lacks it.
    pub fn choose(isa: Option<Isa>) -> Option<Kernel> {
        match isa {
            Some(isa) => Kernel::of(isa),
            None => Isa::ALL.into_iter().find_map(Kernel::of),
        }
    }

    /// The kernels of the fastest instruction set that this processor has.
    pub fn best() -> Kernel {
        Kernel::choose(None).expect("the scalar kernel runs everywhere")
    }

    fn of(isa: Isa) -> Option<Kernel> {
        match isa {
            Isa::Scalar => Some(Kernel {
                isa,
                embed: Tile::quick,
                spots: Spots::of_tile,
                mark_far: scalar::mark_far,
                mark_boxes: scalar::mark_boxes,
                find_far: scalar::find_far,
                find_least: scalar::find_least,
                take_cells: cells::take_cells,
                mark_cells: cells::mark_cells,
                mark_around: cells::mark_around,
                mark_within: cells::mark_within,
                find_rows: scalar::find_rows,
                find_columns: scalar::find_columns,
            }),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => is_x86_feature_detected!("avx2").then(|| avx2::kernel(isa)),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => (is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vnni"))
            .then(|| avx512::kernel(isa)),
            #[cfg(not(target_arch = "x86_64"))]
            Isa::Avx2 | Isa::Avx512 => None,
        }
    }

    /// The instruction set.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The quick unit vectors of a tile's latitudes and longitudes in degrees.
    #[inline]
    pub fn embed(&self, lat_deg: &[f64; TILE_CITIES], lon_deg: &[f64; TILE_CITIES]) -> Tile {
        // SAFETY: a table is made only where the processor has the instruction set.
        unsafe { (self.embed)(lat_deg, lon_deg) }
    }

    /// The faces and cells of the cities of a tile.
    #[inline]
    pub fn spots(&self, tile: &Tile) -> Spots {
        // SAFETY: as above.
        unsafe { (self.spots)(tile) }
    }

    /// The spots of at most 64 cities by their latitudes and longitudes in degrees; behind the last one they mean
    /// nothing.
    #[inline]
    pub fn spots_of(&self, degrees: &[[f64; 2]]) -> Spots {
        let (mut lat, mut lon) = ([0.0; TILE_CITIES], [0.0; TILE_CITIES]);
        for (lane, &[lat_deg, lon_deg]) in degrees.iter().enumerate() {
            [lat[lane], lon[lane]] = [lat_deg, lon_deg];
        }
        self.spots(&self.embed(&lat, &lon))
    }

    /// Marks, in bit j, the lanes of `columns` whose shortfall from `p` in f64 is at most `limit` (see
    /// [`Measure`]).
    #[inline]
    pub fn mark_far(&self, p: UnitVector, columns: &Tile, measure: Measure, limit: f64) -> u64 {
        // SAFETY: a table is made only where the processor has the instruction set.
        unsafe { (self.mark_far)(p, columns, measure, limit) }
    }

    /// Marks the boxes whose least shortfall from the box with the least and greatest coordinates
    /// `corners` is at most `limit`.
    #[inline]
    pub fn mark_boxes(
        &self,
        boxes: &Boxes,
        corners: [UnitVector; 2],
        measure: Measure,
        limit: f64,
    ) -> u64 {
        // SAFETY: as above.
        unsafe { (self.mark_boxes)(boxes, corners, measure, limit) }
    }

    /// Finds the pairs of a row and a column whose shortfall is at most `limit`, by their lanes.
    /// Only the pairs of boxes that are near enough are looked into; returns how many pairs of
    /// cities that makes.
    #[inline]
    pub fn find_far(
        &self,
        rows: MaskedTile<'_>,
        columns: MaskedTile<'_>,
        measure: Measure,
        limit: f64,
        found: &mut Vec<[u8; 2]>,
    ) -> u64 {
        // SAFETY: as above.
        unsafe { (self.find_far)(rows, columns, measure, limit, found) }
    }

    /// Finds for each row the columns whose shortfall is at most the row's limit and no more than `margin` above
    /// the least of them, by their lanes; and lowers the limits to that. What becomes of the limits of rows that are
    /// not asked for is not said.
    #[inline]
    pub fn find_least(
        &self,
        rows: MaskedTile<'_>,
        columns: MaskedTile<'_>,
        measure: Measure,
        margin: f64,
        limits: &mut [f64; TILE_CITIES],
        found: &mut Vec<[u8; 2]>,
    ) {
        // SAFETY: as above.
        unsafe { (self.find_least)(rows, columns, measure, margin, limits, found) }
    }

    /// Sets the bit of the cell of each place.
    ///
    /// # Panics
    /// If there are not as many bits as the grid has cells.
    #[inline]
    pub fn take_cells(&self, places: &[Place; PLACES], grid: CellGrid, bits: &mut CellBits) {
        assert!(bits.are_of(grid), "a bit for each cell");
        // SAFETY: as above.
        unsafe { (self.take_cells)(places, grid, bits) }
    }

    /// Marks the places whose cell has its bit set; and those that lie within the width of an edge of their
    /// cell, which have to ask other cells too.
    ///
    /// # Panics
    /// If there are not as many bits as the grid has cells.
    #[inline]
    pub fn mark_cells(
        &self,
        places: &[Place; PLACES],
        grid: CellGrid,
        bits: &CellBits,
    ) -> [u64; 2] {
        assert!(bits.are_of(grid), "a bit for each cell");
        // SAFETY: as above.
        unsafe { (self.mark_cells)(places, grid, bits) }
    }

    /// Marks the places of which one of the [`CellGrid::corners`] has its bit set. Of places that are at the border of
    /// the region it may mark others too: beyond one border it asks behind the opposite one.
    ///
    /// # Panics
    /// If there are not as many bits as the grid has cells, or the grid is one cell.
    #[inline]
    pub fn mark_around(&self, places: &[Place; PLACES], grid: CellGrid, bits: &CellBits) -> u64 {
        assert!(bits.are_of(grid) && grid.shift < cells::PLACE_BITS, "a bit for each cell of some");
        // SAFETY: as above.
        unsafe { (self.mark_around)(places, grid, bits) }
    }

    /// Marks the places from the first to the last number along a, and along b.
    #[inline]
    pub fn mark_within(&self, places: &[Place; PLACES], ends: [[u32; 2]; 2]) -> u64 {
        // SAFETY: as above.
        unsafe { (self.mark_within)(places, ends) }
    }

    /// Finds the rows with a column whose V ([`coarse`]) is at most the row's limit, by their
    /// index. Every V must lie within [`coarse::MIN_VALUE`] and [`coarse::MAX_VALUE`], as those of
    /// [`coarse::CoarseRow`] and [`coarse::CoarseTable`] do; else it is not said which rows are found.
    ///
    /// # Panics
    /// If the rows are not as many as the limits and a multiple of [`ROW_GROUP`], or the columns
    /// not whole tiles.
    #[inline]
    pub fn find_rows(
        &self,
        rows: &[i32],
        limits: &[i32],
        columns: CoarseColumns<'_>,
        found: &mut Vec<u32>,
    ) {
        assert!(rows.len().is_multiple_of(ROW_GROUP) && rows.len() == limits.len());
        if columns.are_whole_tiles() {
            // SAFETY: as above.
            unsafe { (self.find_rows)(rows, limits, columns, found) }
        }
    }

    /// Finds the columns whose V is at most `limit`, by their index.
    ///
    /// # Panics
    /// If the columns are not whole tiles.
    #[inline]
    pub fn find_columns(
        &self,
        row: i32,
        limit: i32,
        columns: CoarseColumns<'_>,
        found: &mut Vec<u32>,
    ) {
        if columns.are_whole_tiles() {
            // SAFETY: as above.
            unsafe { (self.find_columns)(row, limit, columns, found) }
        }
    }
}

/// The lanes whose bits are set, in ascending order.
#[inline(always)]
pub(crate) fn lanes(mut bits: u64) -> impl Iterator<Item = usize> + Clone {
    std::iter::from_fn(move || {
        let lane = bits.trailing_zeros() as usize;
        (bits != 0).then(|| {
            bits &= bits - 1;
            lane
        })
    })
}

/// The operations of an instruction set, a line each.
#[cfg(target_arch = "x86_64")]
macro_rules! operations {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty = $body:expr;)*) => {$(
        #[inline(always)]
        unsafe fn $name($($argument: $type),*) -> $result {
            // SAFETY: the caller has the target features, as `Lanes` asks.
            unsafe { $body }
        }
    )*};
}
#[cfg(target_arch = "x86_64")]
use operations;

/// The kernels of `vector` compiled for an instruction set, and the table of them.
#[cfg(target_arch = "x86_64")]
macro_rules! entry_points {
    ($lanes:ty, $features:literal) => {
        use super::cells::{CellBits, CellGrid, PLACES};
        use super::coarse::CoarseColumns;
        use super::{Isa, Kernel, MaskedTile, Measure, vector};
        use crate::curve::Spots;
        use crate::regions::Place;
        use crate::sphere::UnitVector;
        use crate::tiles::{Boxes, TILE_CITIES, Tile};

        /// The table; to be made only where the processor has the features.
        pub(super) fn kernel(isa: Isa) -> Kernel {
            Kernel {
                isa,
                embed,
                spots,
                mark_far,
                mark_boxes,
                find_far,
                find_least,
                take_cells,
                mark_cells,
                mark_around,
                mark_within,
                find_rows,
                find_columns,
            }
        }

        #[target_feature(enable = $features)]
        unsafe fn embed(lat_deg: &[f64; TILE_CITIES], lon_deg: &[f64; TILE_CITIES]) -> Tile {
            Tile::quick(lat_deg, lon_deg)
        }

        #[target_feature(enable = $features)]
        unsafe fn spots(tile: &Tile) -> Spots {
            Spots::of_tile(tile)
        }

        #[target_feature(enable = $features)]
        unsafe fn mark_far(p: UnitVector, columns: &Tile, measure: Measure, limit: f64) -> u64 {
            // SAFETY: this function has the features, and so has whoever may call it.
            unsafe { vector::mark_far::<$lanes>(p, columns, measure, limit) }
        }

        #[target_feature(enable = $features)]
        unsafe fn mark_boxes(
            boxes: &Boxes,
            corners: [UnitVector; 2],
            measure: Measure,
            limit: f64,
        ) -> u64 {
            // SAFETY: as above.
            unsafe { vector::mark_boxes::<$lanes>(boxes, corners, measure, limit) }
        }

        #[target_feature(enable = $features)]
        unsafe fn find_far(
            rows: MaskedTile<'_>,
            columns: MaskedTile<'_>,
            measure: Measure,
            limit: f64,
            found: &mut Vec<[u8; 2]>,
        ) -> u64 {
            // SAFETY: as above.
            unsafe { vector::find_far::<$lanes>(rows, columns, measure, limit, found) }
        }

        #[target_feature(enable = $features)]
        unsafe fn find_least(
            rows: MaskedTile<'_>,
            columns: MaskedTile<'_>,
            measure: Measure,
            margin: f64,
            limits: &mut [f64; TILE_CITIES],
            found: &mut Vec<[u8; 2]>,
        ) {
            // SAFETY: as above.
            unsafe { vector::find_least::<$lanes>(rows, columns, measure, margin, limits, found) }
        }

        #[target_feature(enable = $features)]
        unsafe fn take_cells(places: &[Place; PLACES], grid: CellGrid, bits: &mut CellBits) {
            // SAFETY: as above.
            unsafe { vector::take_cells::<$lanes>(places, grid, bits) }
        }

        #[target_feature(enable = $features)]
        unsafe fn mark_cells(
            places: &[Place; PLACES],
            grid: CellGrid,
            bits: &CellBits,
        ) -> [u64; 2] {
            // SAFETY: as above.
            unsafe { vector::mark_cells::<$lanes>(places, grid, bits) }
        }

        #[target_feature(enable = $features)]
        unsafe fn mark_around(places: &[Place; PLACES], grid: CellGrid, bits: &CellBits) -> u64 {
            // SAFETY: as above.
            unsafe { vector::mark_around::<$lanes>(places, grid, bits) }
        }

        #[target_feature(enable = $features)]
        unsafe fn mark_within(places: &[Place; PLACES], ends: [[u32; 2]; 2]) -> u64 {
            // SAFETY: as above.
            unsafe { vector::mark_within::<$lanes>(places, ends) }
        }

        #[target_feature(enable = $features)]
        unsafe fn find_rows(
            rows: &[i32],
            limits: &[i32],
            columns: CoarseColumns<'_>,
            found: &mut Vec<u32>,
        ) {
            const FOURS: usize = <$lanes as vector::Lanes>::FOURS;
            // SAFETY: as above.
            unsafe { vector::find_rows::<$lanes, FOURS>(rows, limits, columns, found) }
        }

        #[target_feature(enable = $features)]
        unsafe fn find_columns(
            row: i32,
            limit: i32,
            columns: CoarseColumns<'_>,
            found: &mut Vec<u32>,
        ) {
            // SAFETY: as above.
            unsafe { vector::find_columns::<$lanes>(row, limit, columns, found) }
        }
    };
}
#[cfg(target_arch = "x86_64")]
use entry_points;
