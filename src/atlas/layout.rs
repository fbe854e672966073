//! Where each byte of a packed file stands: header, section table, sections.
//!
//! `FORMAT.md` beside this file is the specification; the structs here are its header and its
//! table entry, cast from bytes and never parsed.
//!
//! Architecture Invariant: the layout knows sizes and offsets, not what a section means to a
//! search, and not that files exist.

use std::mem::size_of;

use bytemuck::{Pod, Zeroable};
use xxhash_rust::xxh3::Xxh3Default;

use crate::regions::{Place, Region};
use crate::sphere::UnitVector;
use crate::tiles::{Bounds, GROUP_FANOUT, TILE_CITIES, level_lengths};

#[cfg(not(all(target_endian = "little", target_pointer_width = "64")))]
compile_error!(
    "packed files are little-endian and mapped whole: a 64-bit little-endian target is needed"
);

/// The first eight bytes of every packed file. The first is no ASCII and the last a line feed,
/// so that no text begins like this and a transfer in text mode shows (as in PNG's signature).
pub const MAGIC: [u8; 8] = *b"\x89CITIES\n";

/// The version of the format that this crate writes and reads.
pub const VERSION: u32 = 3;

/// Sections begin at multiples of this: a cache line, and the widest vector register.
pub const ALIGNMENT: u64 = 64;

/// Names for each of which there is no offset but one for all of them.
pub const NAMES_PER_OFFSET: usize = 64;

/// [`Header::metric`] of unit vectors of the latitudes as they are, of which the places and bounds are. A search on an
/// ellipsoid converts what it looks at.
pub const METRIC_SPHERE: u32 = 0;

/// The first 128 bytes of a packed file.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// [`VERSION`].
    pub version: u32,
    /// Number of entries in the section table.
    pub section_count: u32,
    /// What everything else depends on.
    pub shape: Shape,
    /// Length of the whole file.
    pub file_bytes: u64,
    /// [`TILE_CITIES`].
    pub tile_cities: u32,
    /// [`GROUP_FANOUT`].
    pub group_fanout: u32,
    /// What the places and bounds are of: [`METRIC_SPHERE`].
    pub metric: u32,
    /// Zero.
    pub reserved: u32,
    /// The origin of the bounds.
    pub origin: UnitVector,
    /// Zero.
    pub reserved_too: u64,
    /// XXH3-64 of the 120 bytes before this field, followed by the section table.
    pub checksum: u64,
}

const _: () = assert!(size_of::<Header>() == 128 && size_of::<TableEntry>() == 32);

/// What decides where everything in a file stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Shape {
    /// Number of cities.
    pub cities: u64,
    /// Number of data rows in the source, those left out as invalid included.
    pub source_rows: u64,
    /// Number of regions.
    pub regions: u64,
    /// Bytes of the section of names: the names, and before each its length.
    pub name_bytes: u64,
    /// What is added to each longitude, in 1e-7 degrees; 0 where degrees are f64.
    pub lon_base_e7: i64,
    /// Bytes of the latitude and the longitude of a city: 8, or 16 where they are f64.
    pub degree_bytes: u32,
    /// Bytes of the row of a city: 4, or 8 where there are 2³² rows or more.
    pub row_bytes: u32,
}

impl Header {
    /// The checksum that belongs into this header before `table`.
    pub fn expected_checksum(&self, table: &[TableEntry]) -> u64 {
        let mut hasher = Xxh3Default::new();
        hasher.update(&bytemuck::bytes_of(self)[..size_of::<Header>() - size_of::<u64>()]);
        hasher.update(bytemuck::cast_slice(table));
        hasher.digest()
    }
}

/// One entry of the section table, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct TableEntry {
    /// Name of the section in ASCII, filled up with zero bytes.
    pub tag: [u8; 8],
    /// Where it begins, in bytes from the start of the file.
    pub offset: u64,
    /// Its length in bytes, without the padding behind it.
    pub bytes: u64,
    /// The [`checksum`](crate::checksum) of its bytes; zero in an atlas that is made in memory and never verified.
    pub checksum: u64,
}

/// The sections, in the order in which they stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The [`Place`] of each city in its region.
    Places,
    /// Latitude and longitude of each city: as whole multiples of 1e-7 degrees, i32, or in degrees, f64.
    Degrees,
    /// Row of each city in the source, u32 or u64.
    Rows,
    /// [`Bounds`] of the tiles, then of each level of groups up to the root.
    Bounds,
    /// Where the names of each [`NAMES_PER_OFFSET`] cities begin, u64.
    NameStarts,
    /// The names, one behind the other, each behind its length.
    Names,
    /// The table of [`Region`]s. It is the last, because nobody knows how many there are until all cities are
    /// dealt, while the places of all other sections are known before.
    Regions,
}

impl Section {
    /// All sections in the order of the file.
    pub const ALL: [Section; 7] = [
        Section::Places,
        Section::Degrees,
        Section::Rows,
        Section::Bounds,
        Section::NameStarts,
        Section::Names,
        Section::Regions,
    ];

    /// The tag in the section table.
    pub fn tag(self) -> [u8; 8] {
        *match self {
            Section::Places => b"PLACES\0\0",
            Section::Degrees => b"DEGREES\0",
            Section::Rows => b"ROWS\0\0\0\0",
            Section::Bounds => b"BOUNDS\0\0",
            Section::NameStarts => b"NAMEAT\0\0",
            Section::Names => b"NAMES\0\0\0",
            Section::Regions => b"REGIONS\0",
        }
    }

    /// Length in bytes in a file of a shape; `None` where no file could be so long.
    fn bytes(self, shape: &Shape) -> Option<u64> {
        let each = |size: usize| shape.cities.checked_mul(size as u64);
        match self {
            Section::Places => each(size_of::<Place>()),
            Section::Degrees => each(shape.degree_bytes as usize),
            Section::Rows => each(shape.row_bytes as usize),
            Section::Bounds => {
                let nodes: usize = level_lengths(usize::try_from(shape.cities).ok()?).iter().sum();
                (nodes as u64).checked_mul(size_of::<Bounds>() as u64)
            }
            // Where no city has a name there is nothing to find.
            Section::NameStarts if shape.name_bytes == 0 => Some(0),
            Section::NameStarts => {
                shape.cities.div_ceil(NAMES_PER_OFFSET as u64).checked_mul(size_of::<u64>() as u64)
            }
            Section::Names => Some(shape.name_bytes),
            Section::Regions => shape.regions.checked_mul(size_of::<Region>() as u64),
        }
    }
}

/// Header and table of a file, checksums and origin still zero: its shape alone decides where everything stands.
/// `None` where the file would be longer than 2⁶⁴ bytes. Only the length of the section of regions and that of the
/// file depend on the number of regions, so that a shape without it gives the offsets of all sections.
pub fn plan(shape: Shape) -> Option<(Header, [TableEntry; Section::ALL.len()])> {
    let mut table = [TableEntry::zeroed(); Section::ALL.len()];
    let mut end = (size_of::<Header>() + size_of_val(&table)) as u64;
    for (entry, section) in table.iter_mut().zip(Section::ALL) {
        let offset = end.checked_next_multiple_of(ALIGNMENT)?;
        let bytes = section.bytes(&shape)?;
        *entry = TableEntry { tag: section.tag(), offset, bytes, checksum: 0 };
        end = offset.checked_add(bytes)?;
    }
    let header = Header {
        magic: MAGIC,
        version: VERSION,
        section_count: table.len() as u32,
        shape,
        file_bytes: end,
        tile_cities: TILE_CITIES as u32,
        group_fanout: GROUP_FANOUT as u32,
        metric: METRIC_SPHERE,
        reserved: 0,
        origin: [0.0; 3],
        reserved_too: 0,
        checksum: 0,
    };
    Some((header, table))
}
