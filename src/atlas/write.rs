//! From a list of cities to an atlas: order along the curve, tiles, bounds, sections.
//!
//! The bytes are written front to back, each section once, with nothing in memory but the list,
//! its unit vectors, the order and the bounds; the header comes last, because it carries the
//! checksums. Vectors and order are 32 bytes a city beside the list.
//!
//! Architecture Invariant: the same list gives the same bytes, wherever they are written.

use std::io::{self, Seek, SeekFrom, Write};
use std::mem::size_of;

use bytemuck::Pod;
use xxhash_rust::xxh3::Xxh3Default;

use super::layout::{self, Section, TableEntry};
use crate::cities::CityList;
use crate::curve::curve_order;
use crate::points::tiles_along;
use crate::sphere::{UnitVector, unit_vector};
use crate::tiles::{TILE_CITIES, group_bounds};

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
    let vectors = unit_vectors(list);
    let order = list_order(list, &vectors);
    let cities = || order.iter().map(|&index| index as usize);

    let mut sections = SectionWriter::new(&mut *out, &mut table);
    let mut lon_deg = Vec::with_capacity(list.len());
    let lat_deg = cities().map(|city| {
        let coordinates = list.coordinates(city);
        lon_deg.push(coordinates.lon_deg());
        coordinates.lat_deg()
    });
    sections.write_values(Section::Lat, lat_deg)?;
    sections.write(Section::Lon, bytemuck::cast_slice(&lon_deg))?;
    drop(lon_deg);
    sections.write_values(Section::Rows, cities().map(|city| list.row(city)))?;
    let mut tile_bounds = Vec::with_capacity(list.len().div_ceil(TILE_CITIES));
    let tiles = tiles_along(&order, &vectors, |city| list.row(city), &mut tile_bounds);
    sections.write_values(Section::Tiles, tiles)?;
    drop(vectors);
    sections.write(Section::Bounds, bytemuck::cast_slice(&group_bounds(tile_bounds)))?;
    let (name_ends, names) = names_along(list, &order);
    sections.write(Section::NameEnds, bytemuck::cast_slice(&name_ends))?;
    sections.write(Section::Names, &names)?;

    header.checksum = header.expected_checksum(&table);
    out.seek(SeekFrom::Start(0))?;
    out.write_all(bytemuck::bytes_of(&header))?;
    out.write_all(bytemuck::cast_slice(&table))
}

/// Where each name ends, and the names one behind the other, in the order given.
fn names_along(list: &CityList, order: &[u64]) -> (Vec<u64>, Vec<u8>) {
    let mut ends = Vec::with_capacity(list.len());
    let mut names = Vec::with_capacity(list.name_bytes());
    let mut few = Vec::new();
    // They lie far apart in the list. First it is looked up where some of them are, then they are
    // fetched, so that the cache misses overlap.
    for cities in order.chunks(256) {
        few.clear();
        few.extend(cities.iter().map(|&city| list.name(city as usize)));
        for name in &few {
            names.extend_from_slice(name);
            ends.push(names.len() as u64);
        }
    }
    (ends, names)
}

/// The unit vector of each city of a list.
pub(super) fn unit_vectors(list: &CityList) -> Vec<UnitVector> {
    let coordinates = (0..list.len()).map(|city| list.coordinates(city));
    coordinates.map(|place| unit_vector(place.lat_deg(), place.lon_deg())).collect()
}

/// The order of an atlas: along the curve, then by coordinates, so that equal ones are neighbours,
/// then by row.
pub(super) fn list_order(list: &CityList, vectors: &[UnitVector]) -> Vec<u64> {
    curve_order(vectors, |a, b| {
        let (p, q) = (list.coordinates(a), list.coordinates(b));
        let by_lat = p.lat_deg().partial_cmp(&q.lat_deg());
        let by_lon = p.lon_deg().partial_cmp(&q.lon_deg());
        let never_nan = "coordinates are finite";
        by_lat.expect(never_nan).then(by_lon.expect(never_nan))
    })
}

fn plan(list: &CityList) -> (layout::Header, [TableEntry; Section::ALL.len()]) {
    layout::plan(list.len() as u64, list.source_rows(), list.name_bytes() as u64)
        .expect("a list that fits in memory has an atlas below 2^64 bytes")
}

/// Writes sections one behind the other, each at its planned offset, and keeps their checksums.
struct SectionWriter<'a, W: Write> {
    out: W,
    table: &'a mut [TableEntry],
    position: u64,
    hasher: Xxh3Default,
}

impl<'a, W: Write> SectionWriter<'a, W> {
    /// Bytes that are gathered before they are hashed and written: fewer than the second-level
    /// cache holds, and more than a buffered writer takes a copy of.
    const CHUNK_BYTES: usize = 1 << 18;

    /// Header and table stay zero until the end; the first section begins behind them.
    fn new(out: W, table: &'a mut [TableEntry]) -> SectionWriter<'a, W> {
        SectionWriter { out, table, position: 0, hasher: Xxh3Default::new() }
    }

    fn write(&mut self, section: Section, bytes: &[u8]) -> io::Result<()> {
        self.begin(section)?;
        self.put(bytes)?;
        self.end(section);
        Ok(())
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
