//! From a list of cities to an atlas: order along the curve, tiles, bounds, sections.
//!
//! The bytes are written front to back, each section once, with nothing in memory but the list,
//! the order and the bounds; the header comes last, because it carries the checksums. Sorting
//! an index instead of the cities adds no more than 16 bytes a city to the list.
//!
//! Architecture Invariant: the same list gives the same bytes, wherever they are written.

use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::mem::size_of;

use bytemuck::{Pod, Zeroable};
use xxhash_rust::xxh3::Xxh3Default;

use super::layout::{self, ALIGNMENT, Section, TableEntry};
use crate::cities::CityList;
use crate::curve::curve_key;
use crate::sphere::{UnitVector, unit_vector};
use crate::tiles::{Bounds, TILE_CITIES, Tile, group_bounds};

/// Length in bytes of the atlas of a list.
///
/// # Panics
/// If it were 2⁶⁴ or more, which no list that fits in memory reaches.
pub fn packed_bytes(list: &CityList) -> u64 {
    plan(list).0.file_bytes
}

/// Writes the atlas of a list from the current position of `out`, which must be the start.
///
/// # Errors
/// Whatever `out` returns.
pub fn write(list: &CityList, out: &mut (impl Write + Seek)) -> io::Result<()> {
    let (mut header, mut table) = plan(list);
    let order = curve_order(list);
    let cities = || order.iter().map(|&(_, index)| index as usize);

    let mut sections = SectionWriter::new(&mut *out, &mut table);
    sections.write_values(Section::Lat, cities().map(|city| list.coordinates(city).lat_deg()))?;
    sections.write_values(Section::Lon, cities().map(|city| list.coordinates(city).lon_deg()))?;
    sections.write_values(Section::Rows, cities().map(|city| list.row(city)))?;
    let mut tile_bounds = Vec::with_capacity(list.len().div_ceil(TILE_CITIES));
    let tiles = order.chunks(TILE_CITIES).map(|members| {
        let (tile, bounds) = tile_of(list, members);
        tile_bounds.push(bounds);
        tile
    });
    sections.write_values(Section::Tiles, tiles)?;
    sections.write_values(Section::Bounds, group_bounds(tile_bounds).into_iter())?;
    let name_ends = cities().scan(0_u64, |end, city| {
        *end += list.name(city).len() as u64;
        Some(*end)
    });
    sections.write_values(Section::NameEnds, name_ends)?;
    sections.write_slices(Section::Names, cities().map(|city| list.name(city)))?;

    header.checksum = header.expected_checksum(&table);
    out.seek(SeekFrom::Start(0))?;
    out.write_all(bytemuck::bytes_of(&header))?;
    out.write_all(bytemuck::cast_slice(&table))
}

/// An atlas in memory, aligned as a mapped file is.
pub struct AtlasBuffer {
    lines: Vec<CacheLine>,
    bytes: usize,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct CacheLine([u8; ALIGNMENT as usize]);

impl AtlasBuffer {
    /// The atlas of a list, laid out in memory.
    pub fn new(list: &CityList) -> AtlasBuffer {
        let bytes = packed_bytes(list) as usize;
        let mut lines = vec![CacheLine::zeroed(); bytes.div_ceil(ALIGNMENT as usize)];
        write(list, &mut Cursor::new(bytemuck::cast_slice_mut(&mut lines)))
            .expect("the buffer is as long as the plan says");
        AtlasBuffer { lines, bytes }
    }

    /// The bytes, beginning at a multiple of 64.
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.lines)[..self.bytes]
    }
}

fn plan(list: &CityList) -> (layout::Header, [TableEntry; Section::ALL.len()]) {
    layout::plan(list.len() as u64, list.source_rows(), list.name_bytes() as u64)
        .expect("a list that fits in memory has an atlas below 2^64 bytes")
}

/// Place on the curve and index of each city, in the order of the atlas: along the curve, then
/// by coordinates, so that equal ones are neighbours, then by row.
fn curve_order(list: &CityList) -> Vec<(u64, u64)> {
    let key = |city: usize| curve_key(vector(list, city));
    let mut order: Vec<(u64, u64)> = (0..list.len()).map(|city| (key(city), city as u64)).collect();
    // The index is in the order of the rows.
    order.sort_unstable();
    for same_place in order.chunk_by_mut(|a, b| a.0 == b.0).filter(|places| places.len() > 1) {
        same_place.sort_by(|a, b| {
            let (p, q) = (list.coordinates(a.1 as usize), list.coordinates(b.1 as usize));
            let by_lat = p.lat_deg().partial_cmp(&q.lat_deg());
            let by_lon = p.lon_deg().partial_cmp(&q.lon_deg());
            let never_nan = "coordinates are finite";
            by_lat.expect(never_nan).then(by_lon.expect(never_nan))
        });
    }
    order
}

fn vector(list: &CityList, city: usize) -> UnitVector {
    let coordinates = list.coordinates(city);
    unit_vector(coordinates.lat_deg(), coordinates.lon_deg())
}

fn tile_of(list: &CityList, members: &[(u64, u64)]) -> (Tile, Bounds) {
    // The cities lie far apart in the list. Fetched in a loop that does nothing else, their cache
    // misses overlap; fetched between sines and cosines, each would be waited for.
    let mut cities = [(0.0, 0.0, 0); TILE_CITIES];
    for (city, &(_, index)) in cities.iter_mut().zip(members) {
        let index = index as usize;
        let coordinates = list.coordinates(index);
        *city = (coordinates.lat_deg(), coordinates.lon_deg(), list.row(index));
    }
    let mut vectors = [[0.0; 3]; TILE_CITIES];
    let mut bounds = Bounds::EMPTY;
    for (vector, &(lat_deg, lon_deg, row)) in vectors.iter_mut().zip(&cities[..members.len()]) {
        *vector = unit_vector(lat_deg, lon_deg);
        bounds = bounds.union(Bounds::of_city(*vector, row));
    }
    (Tile::new(&vectors[..members.len()]), bounds)
}

/// Writes sections one behind the other, each at its planned offset, and keeps their checksums.
struct SectionWriter<'a, W: Write> {
    out: W,
    table: &'a mut [TableEntry],
    position: u64,
    hasher: Xxh3Default,
}

impl<'a, W: Write> SectionWriter<'a, W> {
    /// Bytes that are gathered before they are hashed and written.
    const CHUNK_BYTES: usize = 1 << 16;

    /// Header and table stay zero until the end; the first section begins behind them.
    fn new(out: W, table: &'a mut [TableEntry]) -> SectionWriter<'a, W> {
        SectionWriter { out, table, position: 0, hasher: Xxh3Default::new() }
    }

    fn write_values<T: Pod>(
        &mut self,
        section: Section,
        mut values: impl Iterator<Item = T>,
    ) -> io::Result<()> {
        self.begin(section)?;
        let length = (Self::CHUNK_BYTES / size_of::<T>()).max(1);
        let mut chunk: Vec<T> = Vec::with_capacity(length);
        loop {
            chunk.clear();
            chunk.extend(values.by_ref().take(length));
            if chunk.is_empty() {
                break;
            }
            self.put(bytemuck::cast_slice(&chunk))?;
        }
        self.end(section);
        Ok(())
    }

    fn write_slices<'s>(
        &mut self,
        section: Section,
        slices: impl Iterator<Item = &'s [u8]>,
    ) -> io::Result<()> {
        self.begin(section)?;
        let mut chunk = Vec::with_capacity(Self::CHUNK_BYTES);
        for slice in slices {
            chunk.extend_from_slice(slice);
            if chunk.len() >= Self::CHUNK_BYTES {
                self.put(&chunk)?;
                chunk.clear();
            }
        }
        self.put(&chunk)?;
        self.end(section);
        Ok(())
    }

    /// Fills up with zero bytes to where the section begins.
    fn begin(&mut self, section: Section) -> io::Result<()> {
        let padding = self.table[section as usize].offset - self.position;
        self.put(&vec![0; padding as usize])?;
        self.hasher.reset();
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.position += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn end(&mut self, section: Section) {
        let entry = &mut self.table[section as usize];
        assert_eq!(self.position, entry.offset + entry.bytes, "{section:?} is as long as planned");
        entry.checksum = self.hasher.digest();
    }
}
