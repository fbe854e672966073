//! From a list of cities to an atlas: order along the curve, tiles, bounds, sections.
//!
//! The bytes are written front to back, each section once, with nothing in memory but the list,
//! the order and the bounds; the header comes last, because it carries the checksums. Sorting
//! an index instead of the cities keeps the memory at 16 bytes a city.
//!
//! Architecture Invariant: the same list gives the same bytes, wherever they are written.

use std::cmp::Ordering;
use std::io::{self, BufWriter, Cursor, Seek, SeekFrom, Write};

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
    drop(sections);

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
    let within_cell = |a: u64, b: u64| -> Ordering {
        let (p, q) = (list.coordinates(a as usize), list.coordinates(b as usize));
        let by_lat = p.lat_deg().partial_cmp(&q.lat_deg());
        let by_lon = p.lon_deg().partial_cmp(&q.lon_deg());
        let never_nan = "coordinates are finite";
        by_lat.expect(never_nan).then(by_lon.expect(never_nan)).then(a.cmp(&b))
    };
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| within_cell(a.1, b.1)));
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
    out: BufWriter<Hashing<W>>,
    table: &'a mut [TableEntry],
    position: u64,
}

impl<'a, W: Write> SectionWriter<'a, W> {
    /// Header and table stay zero until the end; the first section begins behind them.
    fn new(out: W, table: &'a mut [TableEntry]) -> SectionWriter<'a, W> {
        let hashing = Hashing { out, hasher: Xxh3Default::new() };
        SectionWriter { out: BufWriter::with_capacity(1 << 20, hashing), table, position: 0 }
    }

    fn write_values<T: Pod>(
        &mut self,
        section: Section,
        values: impl Iterator<Item = T>,
    ) -> io::Result<()> {
        self.begin(section)?;
        for value in values {
            self.put(bytemuck::bytes_of(&value))?;
        }
        self.end(section)
    }

    fn write_slices<'s>(
        &mut self,
        section: Section,
        slices: impl Iterator<Item = &'s [u8]>,
    ) -> io::Result<()> {
        self.begin(section)?;
        for slice in slices {
            self.put(slice)?;
        }
        self.end(section)
    }

    /// Fills up with zero bytes to where the section begins.
    fn begin(&mut self, section: Section) -> io::Result<()> {
        while self.position < self.table[section as usize].offset {
            self.put(&[0])?;
        }
        self.out.flush()?;
        self.out.get_mut().hasher.reset();
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.position += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn end(&mut self, section: Section) -> io::Result<()> {
        self.out.flush()?;
        let entry = &mut self.table[section as usize];
        assert_eq!(self.position, entry.offset + entry.bytes, "{section:?} is as long as planned");
        entry.checksum = self.out.get_ref().hasher.digest();
        Ok(())
    }
}

/// Passes bytes on and hashes them; behind a buffer, so that it sees them by the megabyte.
struct Hashing<W> {
    out: W,
    hasher: Xxh3Default,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
