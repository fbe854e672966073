//! From bytes to an atlas: a view that is checked where it must be and copies nothing.
//!
//! Opening looks at magic, version, length, checksum of header and section table, that every
//! section stands where its size and the number of cities put it, and that the regions are all
//! cities, each once: a few bytes for a thousand cities, so that it takes next to no time. What the
//! other sections hold is taken at its word; what is wrong there may cost a right answer, which
//! [`Atlas::verify`] finds out at the price of reading the whole file ([`super::verify`]). It can never cost memory
//! safety: the sections are plain numbers, and names are looked up with checked bounds.
//!
//! What is looked at when a file is opened is looked at in a copy ([`Head`]), because all else relies on it: in a
//! map another program may change it between the look and its use.
//!
//! Architecture Invariant: the view takes `&[u8]`; it knows no file, and its faults name bytes.

use std::borrow::Cow;
use std::mem::size_of;
use std::sync::OnceLock;

use super::arrange::BOUNDS_LEFT_OUT;
use super::layout::{self, ALIGNMENT, Header, MAGIC, Section, Shape, TableEntry, VERSION};
use super::names;
use crate::cities::MOST_ROWS;
use crate::numbers::Numbers;
use crate::points::{BoundsBuffer, Points};
use crate::regions::{Region, Regions};
use crate::sites::{Degrees, Sites};

/// What is wrong with the bytes of an atlas.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Where, counted from 0.
    pub byte: u64,
    /// What was expected there.
    pub expected: String,
    /// What was found there.
    pub found: String,
    /// What to do.
    pub remedy: &'static str,
}

const PACK_AGAIN: &str =
    "the file is damaged or cut short: copy it again, or pack it again with 'farthest pack'";

/// The section table.
pub(super) type Table = [TableEntry; Section::ALL.len()];

/// What is looked at when a packed file is opened, copied from its bytes and found sound: header, section table
/// and the table of regions, 40 bytes for some thousand cities.
#[derive(Clone, Debug)]
pub struct Head {
    header: Header,
    table: Table,
    regions: Vec<Region>,
}

impl Fault {
    /// The fault of a file that is not as it was written.
    pub(super) fn damaged(byte: usize, expected: String, found: String) -> Fault {
        Fault { byte: byte as u64, expected, found, remedy: PACK_AGAIN }
    }
}

/// Cities in the order of the curve, with their points: a view of the bytes of a packed file, of its header and
/// section table, and of the sections beside the points.
#[derive(Clone, Copy, Debug)]
pub struct Atlas<'a> {
    pub(super) points: Points<'a>,
    pub(super) bytes: &'a [u8],
    pub(super) header: Header,
    pub(super) table: Table,
    pub(super) name_starts: &'a [u64],
    pub(super) names: &'a [u8],
}

/// Whether the bytes claim to be an atlas.
pub fn looks_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

impl Head {
    /// Copies it from the bytes of a packed file, which begin at a multiple of 64 in memory, and looks at the copy.
    ///
    /// # Errors
    /// The first [`Fault`] of header, section table or regions.
    ///
    /// # Panics
    /// If `bytes` are not aligned although they begin like an atlas; a map is.
    pub fn read(bytes: &[u8]) -> Result<Head, Fault> {
        let (header, table) = read_tables(bytes)?;
        // In its place first: what is no table is not copied, however long it says it is.
        check_regions(regions_in(bytes, &table), &header, &table)?;
        let regions = regions_in(bytes, &table).to_vec();
        check_regions(&regions, &header, &table)?;
        Ok(Head { header, table, regions })
    }

    /// The atlas of the bytes that it was read from, whatever stands in its place there by now.
    ///
    /// # Panics
    /// If there are not as many bytes.
    pub fn atlas<'a>(&'a self, bytes: &'a [u8]) -> Atlas<'a> {
        assert_eq!(bytes.len() as u64, self.header.file_bytes, "the bytes of this head");
        view(bytes, self.header, self.table, &self.regions, None)
    }

    /// The checksum in the header; see [`Atlas::checksum`].
    pub fn checksum(&self) -> u64 {
        self.header.checksum
    }
}

/// The atlas of some bytes with its header and tables, and the cell of its bounds if they were left out.
fn view<'a>(
    bytes: &'a [u8],
    header: Header,
    table: Table,
    regions: &'a [Region],
    left_out: Option<&'a OnceLock<BoundsBuffer>>,
) -> Atlas<'a> {
    let section = |section: Section| bytes_of(bytes, &table, section);
    let places = bytemuck::cast_slice(section(Section::Places));
    let sites = sites_in(bytes, &header, &table);
    let points = match left_out {
        Some(bounds) => Points::without_bounds(regions, places, sites, bounds),
        None => {
            let bounds = bytemuck::cast_slice(section(Section::Bounds));
            Points::new(regions, places, sites, (bounds, header.origin))
        }
    };
    let name_starts = bytemuck::cast_slice(section(Section::NameStarts));
    Atlas { points, bytes, header, table, name_starts, names: section(Section::Names) }
}

impl<'a> Atlas<'a> {
    /// Looks at `bytes`, which begin at a multiple of 64 in memory, as an atlas. Nobody may change them; of a file
    /// that has a name a [`Head`] is read first.
    ///
    /// # Errors
    /// The first [`Fault`] of header, section table or regions.
    ///
    /// # Panics
    /// As [`Head::read`].
    pub fn open(bytes: &'a [u8]) -> Result<Atlas<'a>, Fault> {
        let (header, table) = read_tables(bytes)?;
        let atlas = view(bytes, header, table, regions_in(bytes, &table), None);
        check_regions(atlas.points.regions().table(), &atlas.header, &atlas.table)?;
        Ok(atlas)
    }

    /// The same of bytes that were made here, whose regions are known to be sound. Bounds that were left out are kept
    /// in the cell, once they are made.
    ///
    /// # Errors
    /// The first [`Fault`] of header or section table.
    ///
    /// # Panics
    /// As [`Head::read`].
    pub(crate) fn reopen(
        bytes: &'a [u8],
        bounds: &'a OnceLock<BoundsBuffer>,
    ) -> Result<Atlas<'a>, Fault> {
        let (header, table) = read_tables(bytes)?;
        let are_left_out = table[Section::Bounds as usize].checksum == BOUNDS_LEFT_OUT;
        let bounds = are_left_out.then_some(bounds);
        Ok(view(bytes, header, table, regions_in(bytes, &table), bounds))
    }

    /// What a search looks at.
    pub fn points(&self) -> Points<'a> {
        self.points
    }

    /// Number of cities.
    pub fn cities(&self) -> usize {
        self.points.len()
    }

    /// Number of data rows in the source, those left out as invalid included.
    pub fn source_rows(&self) -> u64 {
        self.header.shape.source_rows
    }

    /// The checksum in the header of a packed file: it covers the checksums of all sections, and so
    /// the content.
    pub fn checksum(&self) -> u64 {
        self.header.checksum
    }

    /// Row in the source, counted from 0, of the city at `position`, which is below
    /// [`Atlas::cities`].
    pub fn row(&self, position: usize) -> u64 {
        self.points.row(position)
    }

    /// Latitude and longitude in degrees of the city at `position`.
    pub fn degrees(&self, position: usize) -> [f64; 2] {
        self.points.sites().degrees(position)
    }

    /// Name of the city at `position`; what is not UTF-8 shows as U+FFFD.
    pub fn name(&self, position: usize) -> Cow<'a, str> {
        String::from_utf8_lossy(self.name_bytes(position))
    }

    /// Name of the city at `position`, as given.
    pub fn name_bytes(&self, position: usize) -> &'a [u8] {
        names::find(self.name_starts, self.names, position)
    }
}

/// The bytes of a section.
pub(super) fn bytes_of<'a>(bytes: &'a [u8], table: &[TableEntry], section: Section) -> &'a [u8] {
    let entry = &table[section as usize];
    &bytes[entry.offset as usize..][..entry.bytes as usize]
}

/// Where the cities of a packed file are, and their rows.
pub(super) fn sites_in<'a>(bytes: &'a [u8], header: &Header, table: &[TableEntry]) -> Sites<'a> {
    let [degrees, rows] =
        [Section::Degrees, Section::Rows].map(|section| bytes_of(bytes, table, section));
    let degrees = match header.shape.degree_bytes {
        8 => Degrees::Decimal(bytemuck::cast_slice(degrees), header.shape.lon_base_e7),
        _ => Degrees::Exact(bytemuck::cast_slice(degrees)),
    };
    let rows = match header.shape.row_bytes {
        4 => Numbers::Short(bytemuck::cast_slice(rows)),
        _ => Numbers::Long(bytemuck::cast_slice(rows)),
    };
    Sites::Packed(degrees, rows)
}

/// The table of regions.
fn regions_in<'a>(bytes: &'a [u8], table: &Table) -> &'a [Region] {
    bytemuck::cast_slice(bytes_of(bytes, table, Section::Regions))
}

fn check_regions(regions: &[Region], header: &Header, table: &Table) -> Result<(), Fault> {
    let cities = header.shape.cities as usize;
    let Some((region, expected)) = Regions::new(regions, cities).find_fault() else {
        return Ok(());
    };
    let byte = table[Section::Regions as usize].offset as usize + region * size_of::<Region>();
    let found = format!("{:?}", regions[region]);
    Err(Fault::damaged(byte, format!("{expected}, as region {region}"), found))
}

/// Header and section table, each copied once and sound.
fn read_tables(bytes: &[u8]) -> Result<(Header, Table), Fault> {
    let header = read_header(bytes)?;
    let table = read_table(bytes, &header)?;
    Ok((header, table))
}

fn read_header(bytes: &[u8]) -> Result<Header, Fault> {
    let mut first = [0; size_of::<Header>()];
    let first = &mut first[..bytes.len().min(size_of::<Header>())];
    first.copy_from_slice(&bytes[..first.len()]);
    if !looks_packed(first) {
        let found = first[..first.len().min(MAGIC.len())].escape_ascii();
        let expected = format!("\"{}\"", MAGIC.escape_ascii());
        return Err(Fault::damaged(0, expected, format!("\"{found}\"")));
    }
    if first.len() < size_of::<Header>() {
        let expected = format!("a header of {} bytes", size_of::<Header>());
        return Err(Fault::damaged(bytes.len(), expected, "the end of the file".into()));
    }
    assert!((bytes.as_ptr() as usize).is_multiple_of(ALIGNMENT as usize), "aligned bytes");
    let header: Header = bytemuck::pod_read_unaligned(first);
    if header.version != VERSION {
        let remedy = if header.version > VERSION {
            "a newer farthest wrote this file: use that one, or pack the source again with this one"
        } else {
            "an older farthest wrote this file: pack its source again, with farthest pack --force SOURCE \
             FILE"
        };
        let (expected, found) =
            (format!("version {VERSION}"), format!("version {}", header.version));
        return Err(Fault { byte: 8, expected, found, remedy });
    }
    if header.file_bytes != bytes.len() as u64 {
        let expected = format!("a file of {} bytes, as byte 64 says", header.file_bytes);
        let at = header.file_bytes.min(bytes.len() as u64) as usize;
        return Err(Fault::damaged(at, expected, format!("{} bytes", bytes.len())));
    }
    Ok(header)
}

fn read_table(bytes: &[u8], header: &Header) -> Result<Table, Fault> {
    let sections = Section::ALL.len();
    // Before anything is as large as the file says.
    if header.section_count as usize != sections {
        let found = header.section_count.to_string();
        return Err(Fault::damaged(12, format!("{sections} sections"), found));
    }
    let start = size_of::<Header>();
    let Some(table) = bytes[start..].get(..size_of::<Table>()) else {
        let expected = format!("a table of {sections} sections");
        return Err(Fault::damaged(bytes.len(), expected, "the end of the file".into()));
    };
    let table: Table = bytemuck::pod_read_unaligned(table);
    let checksum = header.expected_checksum(&table);
    if checksum != header.checksum {
        let expected = format!("checksum {checksum:016x} of header and section table");
        return Err(Fault::damaged(120, expected, format!("{:016x}", header.checksum)));
    }
    check_shape(header, &table)?;
    Ok(table)
}

/// Refuses a header and a section table that do not belong to each other.
fn check_shape(header: &Header, table: &Table) -> Result<(), Fault> {
    // The checksum holds, so a stranger wrote what follows on purpose, or another program did.
    let Shape { cities, source_rows, regions, degree_bytes, row_bytes, .. } = header.shape;
    let Some((planned_header, planned_table)) = layout::plan(header.shape) else {
        let found = format!("{cities} cities");
        return Err(Fault::damaged(16, "a number of cities that a file can hold".into(), found));
    };
    if source_rows < cities {
        let expected = format!("at least {cities} rows in the source, one a city");
        return Err(Fault::damaged(24, expected, source_rows.to_string()));
    }
    if !header.origin.iter().all(|coordinate| coordinate.abs() <= 1.0 + 1e-12) {
        let expected = "an origin within the unit sphere's box".to_string();
        return Err(Fault::damaged(88, expected, format!("{:?}", header.origin)));
    }
    if source_rows > MOST_ROWS {
        let expected = format!("at most {MOST_ROWS} rows in the source");
        return Err(Fault::damaged(24, expected, source_rows.to_string()));
    }
    if (regions == 0) != (cities == 0) || regions > cities {
        let expected = format!("regions for {cities} cities, at most one for each");
        return Err(Fault::damaged(32, expected, regions.to_string()));
    }
    if ![8, 16].contains(&degree_bytes) {
        return Err(Fault::damaged(
            56,
            "8 or 16 bytes of degrees a city".into(),
            degree_bytes.to_string(),
        ));
    }
    if ![4, 8].contains(&row_bytes) {
        return Err(Fault::damaged(60, "4 or 8 bytes of row a city".into(), row_bytes.to_string()));
    }
    let found_header = Header { checksum: 0, origin: [0.0; 3], ..*header };
    if found_header != planned_header {
        let found = format!("{found_header:?}");
        return Err(Fault::damaged(12, format!("the header {planned_header:?}"), found));
    }
    for (index, (found, planned)) in table.iter().zip(&planned_table).enumerate() {
        if (TableEntry { checksum: 0, ..*found }) != *planned {
            let byte = size_of::<Header>() + index * size_of::<TableEntry>();
            return Err(Fault::damaged(
                byte,
                format!("the section {planned:?}"),
                format!("{found:?}"),
            ));
        }
    }
    Ok(())
}
