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

use crate::tiles::{Bounds, GROUP_FANOUT, TILE_CITIES, Tile, level_lengths};

#[cfg(not(all(target_endian = "little", target_pointer_width = "64")))]
compile_error!(
    "packed files are little-endian and mapped whole: a 64-bit little-endian target is needed"
);

/// The first eight bytes of every packed file. The first is no ASCII and the last a line feed,
/// so that no text begins like this and a transfer in text mode shows (as in PNG's signature).
pub const MAGIC: [u8; 8] = *b"\x89CITIES\n";

/// The version of the format that this crate writes and reads.
pub const VERSION: u32 = 1;

/// Sections begin at multiples of this: a cache line, and the widest vector register.
pub const ALIGNMENT: u64 = 64;

/// The first 64 bytes of a packed file.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// [`VERSION`].
    pub version: u32,
    /// Number of entries in the section table.
    pub section_count: u32,
    /// Number of cities.
    pub cities: u64,
    /// Number of data rows in the source, those left out as invalid included.
    pub source_rows: u64,
    /// Length of the whole file.
    pub file_bytes: u64,
    /// [`TILE_CITIES`].
    pub tile_cities: u32,
    /// [`GROUP_FANOUT`].
    pub group_fanout: u32,
    /// Zero.
    pub reserved: u64,
    /// XXH3-64 of the 56 bytes before this field, followed by the section table.
    pub checksum: u64,
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
    /// XXH3-64 of its bytes.
    pub checksum: u64,
}

/// The sections, in the order in which they stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Latitude of each city in degrees, f64.
    Lat,
    /// Longitude of each city in degrees, f64.
    Lon,
    /// Row of each city in the source, u64.
    Rows,
    /// Unit vectors, a [`Tile`] for every 64 cities.
    Tiles,
    /// [`Bounds`] of the tiles, then of each level of groups up to the root.
    Bounds,
    /// Where each city's name ends in the section of names, u64.
    NameEnds,
    /// The names, one behind the other.
    Names,
}

impl Section {
    /// All sections in the order of the file.
    pub const ALL: [Section; 7] = [
        Section::Lat,
        Section::Lon,
        Section::Rows,
        Section::Tiles,
        Section::Bounds,
        Section::NameEnds,
        Section::Names,
    ];

    /// The tag in the section table.
    pub fn tag(self) -> [u8; 8] {
        *match self {
            Section::Lat => b"LAT\0\0\0\0\0",
            Section::Lon => b"LON\0\0\0\0\0",
            Section::Rows => b"ROWS\0\0\0\0",
            Section::Tiles => b"TILES\0\0\0",
            Section::Bounds => b"BOUNDS\0\0",
            Section::NameEnds => b"NAMEENDS",
            Section::Names => b"NAMES\0\0\0",
        }
    }

    /// Length in bytes for `cities` cities whose names have `name_bytes` bytes in all; `None`
    /// where no file could be so long.
    fn bytes(self, cities: u64, name_bytes: u64) -> Option<u64> {
        match self {
            Section::Lat | Section::Lon | Section::Rows | Section::NameEnds => {
                cities.checked_mul(size_of::<u64>() as u64)
            }
            Section::Tiles => {
                cities.div_ceil(TILE_CITIES as u64).checked_mul(size_of::<Tile>() as u64)
            }
            Section::Bounds => {
                let nodes: usize = level_lengths(usize::try_from(cities).ok()?).iter().sum();
                (nodes as u64).checked_mul(size_of::<Bounds>() as u64)
            }
            Section::Names => Some(name_bytes),
        }
    }
}

/// Header and table of a file, checksums still zero: `cities` and `name_bytes` alone decide
/// where everything stands. `None` where the file would be longer than 2⁶⁴ bytes.
pub fn plan(
    cities: u64,
    source_rows: u64,
    name_bytes: u64,
) -> Option<(Header, [TableEntry; Section::ALL.len()])> {
    let mut table = [TableEntry::zeroed(); Section::ALL.len()];
    let mut end = (size_of::<Header>() + size_of_val(&table)) as u64;
    for (entry, section) in table.iter_mut().zip(Section::ALL) {
        let offset = end.checked_next_multiple_of(ALIGNMENT)?;
        let bytes = section.bytes(cities, name_bytes)?;
        *entry = TableEntry { tag: section.tag(), offset, bytes, checksum: 0 };
        end = offset.checked_add(bytes)?;
    }
    let header = Header {
        magic: MAGIC,
        version: VERSION,
        section_count: table.len() as u32,
        cities,
        source_rows,
        file_bytes: end,
        tile_cities: TILE_CITIES as u32,
        group_fanout: GROUP_FANOUT as u32,
        reserved: 0,
        checksum: 0,
    };
    Some((header, table))
}
