//! From a list of cities to a packed file: regions, order along the curve, bounds, sections.
//!
//! The bytes are written front to back, each section once, with nothing in memory but the list, its
//! arrangement, the order and the bounds; the header comes last, because it carries the checksums.
//!
//! Architecture Invariant: the same list gives the same bytes, wherever they are written.

use std::io::{self, Seek, SeekFrom, Write};
use std::mem::size_of;

use bytemuck::Pod;
use xxhash_rust::xxh3::Xxh3Default;

use super::layout::{self, Header, NAMES_PER_OFFSET, Section, Shape, TableEntry};
use super::names;
use crate::cities::CityList;
use crate::numbers::Numbers;
use crate::order::{bounds_along, curve_order};
use crate::points::Arrangement;
use crate::sites::DECIMALS_PER_DEGREE;
use crate::sphere::NO_FRACTION;

/// A list that is ready to be written.
pub struct Packing<'a> {
    list: &'a CityList,
    arrangement: Arrangement,
    degrees: DegreeForm,
    /// Header and section table, checksums and origin still zero.
    plan: (Header, [TableEntry; Section::ALL.len()]),
}

/// How the degrees of a list are written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum DegreeForm {
    /// As f64.
    Exact,
    /// As whole multiples of 1e-7 degrees, longitudes less a base.
    Decimal { lon_base_e7: i64 },
}

impl<'a> Packing<'a> {
    /// Deals the cities of a list to regions, and looks how its degrees can be written.
    pub fn new(list: &'a CityList) -> Packing<'a> {
        let (arrangement, degrees) = (Arrangement::of_list(list), DegreeForm::of(list));
        let plan = plan(list, arrangement.regions().len(), degrees);
        Packing { list, arrangement, degrees, plan }
    }

    /// Length of the file in bytes.
    pub fn bytes(&self) -> u64 {
        self.plan.0.file_bytes
    }

    /// Writes the file from the current position of `out`, which must be the start.
    ///
    /// # Errors
    /// Whatever `out` returns.
    pub fn write(&self, out: &mut (impl Write + Seek)) -> io::Result<()> {
        let (mut header, mut table) = self.plan;
        let points = self.arrangement.points_of(self.list);
        let order = curve_order(&points.regions(), points.sites());
        let (order, indices) = (order.numbers(), self.arrangement.order());
        let positions = || (0..order.len()).map(|at| order.get(at) as usize);
        let cities = || positions().map(|position| indices.get(position) as usize);

        let mut sections = SectionWriter::new(&mut *out, &mut table);
        sections.write(Section::Regions, bytemuck::cast_slice(points.regions().table()))?;
        let places = points.places();
        sections.write_values(Section::Places, positions().map(|position| places[position]))?;
        let degrees = cities().map(|city| self.list.degrees(city));
        match self.degrees {
            DegreeForm::Exact => sections.write_values(Section::Degrees, degrees)?,
            DegreeForm::Decimal { lon_base_e7 } => sections.write_values(
                Section::Degrees,
                degrees.map(|degrees| decimals(degrees, lon_base_e7).map(|decimal| decimal as i32)),
            )?,
        }
        let rows = cities().map(|city| self.list.row(city));
        match header.shape.row_bytes {
            4 => sections.write_values(Section::Rows, rows.map(|row| row as u32))?,
            _ => sections.write_values(Section::Rows, rows)?,
        }
        let (bounds, origin) = bounds_along(points.sites(), order);
        header.origin = origin;
        sections.write(Section::Bounds, bytemuck::cast_slice(&bounds))?;
        drop(bounds);
        let (starts, names) = names_along(self.list, order, indices);
        sections.write(Section::NameStarts, bytemuck::cast_slice(&starts))?;
        sections.write(Section::Names, &names)?;

        header.checksum = header.expected_checksum(&table);
        out.seek(SeekFrom::Start(0))?;
        out.write_all(bytemuck::bytes_of(&header))?;
        out.write_all(bytemuck::cast_slice(&table))
    }
}

/// Header and section table of a list in so many regions.
fn plan(
    list: &CityList,
    regions: usize,
    degrees: DegreeForm,
) -> (Header, [TableEntry; Section::ALL.len()]) {
    let name_bytes = match list.name_bytes() {
        0 => 0,
        _ => (0..list.len()).map(|city| names::written_bytes(list.name(city))).sum(),
    };
    let (degree_bytes, lon_base_e7) = match degrees {
        DegreeForm::Exact => (16, 0),
        DegreeForm::Decimal { lon_base_e7 } => (8, lon_base_e7),
    };
    layout::plan(Shape {
        cities: list.len() as u64,
        source_rows: list.source_rows(),
        regions: regions as u64,
        name_bytes,
        lon_base_e7,
        degree_bytes,
        row_bytes: if list.source_rows() > u64::from(u32::MAX) { 8 } else { 4 },
    })
    .expect("a list that fits in memory has an atlas below 2^64 bytes")
}

/// Writes a list as a packed file from the current position of `out`, which must be the start; returns its
/// length in bytes.
///
/// # Errors
/// Whatever `out` returns.
pub fn write(list: &CityList, out: &mut (impl Write + Seek)) -> io::Result<u64> {
    let packing = Packing::new(list);
    packing.write(out)?;
    Ok(packing.bytes())
}

impl DegreeForm {
    /// Decimals, if they give each coordinate back to the last bit. Longitudes up to 214° need no base; for
    /// those of [0, 360] it is 180°.
    fn of(list: &CityList) -> DegreeForm {
        let longitudes = (0..list.len()).map(|city| list.degrees(city)[1]);
        let reaches_far =
            longitudes.fold(0.0, f64::max) > f64::from(i32::MAX) / DECIMALS_PER_DEGREE;
        let lon_base_e7 = if reaches_far { 1_800_000_000 } else { 0 };
        let is_decimal = |city| {
            let degrees = list.degrees(city);
            let decimals = decimals(degrees, lon_base_e7);
            let back = [decimals[0], decimals[1] + lon_base_e7 as f64];
            let back = back.map(|decimal| (decimal / DECIMALS_PER_DEGREE).to_bits());
            back == degrees.map(f64::to_bits) && decimals.iter().all(|&decimal| fits(decimal))
        };
        match (0..list.len()).all(is_decimal) {
            true => DegreeForm::Decimal { lon_base_e7 },
            false => DegreeForm::Exact,
        }
    }
}

/// The whole multiples of 1e-7 degrees nearest to a latitude and a longitude, this one less a base.
fn decimals([lat, lon]: [f64; 2], lon_base_e7: i64) -> [f64; 2] {
    let nearest = |degrees: f64| (degrees * DECIMALS_PER_DEGREE + NO_FRACTION) - NO_FRACTION;
    [nearest(lat), nearest(lon) - lon_base_e7 as f64]
}

/// Whether a whole number has 32 bits.
fn fits(whole: f64) -> bool {
    (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&whole)
}

/// Where the names of each 64 cities begin, and all names, in the order given; nothing if no city has one.
fn names_along(list: &CityList, order: Numbers<'_>, indices: Numbers<'_>) -> (Vec<u64>, Vec<u8>) {
    let (mut starts, mut all) = (Vec::new(), Vec::new());
    if list.name_bytes() == 0 {
        return (starts, all);
    }
    all.reserve(list.name_bytes() + list.len());
    let mut few: Vec<&[u8]> = Vec::with_capacity(NAMES_PER_OFFSET);
    // They lie far apart in the list. First it is looked up where some of them are, then they are
    // fetched, so that the cache misses overlap.
    for first in (0..order.len()).step_by(NAMES_PER_OFFSET) {
        let cities = first..order.len().min(first + NAMES_PER_OFFSET);
        few.clear();
        few.extend(cities.map(|at| {
            let position = order.get(at) as usize;
            list.name(indices.get(position) as usize)
        }));
        starts.push(all.len() as u64);
        for name in &few {
            names::push(&mut all, name);
        }
    }
    (starts, all)
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
