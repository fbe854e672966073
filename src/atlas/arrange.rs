//! From the spools of all ranks to an atlas in a file: each rank puts some squares in order and writes them.
//!
//! How many cities each square has is known, and so where in each section its cities go; ranks write side by side
//! into one file. How many regions there are is known only when all are in order, so their table stands last. The
//! bounds are made in the end of what was written, as a tile may have cities of two ranks. Then the checksums, of
//! blocks that ranks share, and the header, without which the file is none.
//!
//! Architecture Invariant: the same cities give the same bytes, on any number of ranks.

use std::ops::Range;

use super::block::Columns;
use super::bounds::write_bounds;
use super::jobs::{Job, jobs};
use super::layout::{self, Header, NAMES_PER_OFFSET, Section, Shape, TableEntry};
use super::names;
use super::ordered::Ordered;
use super::share::Share;
use super::spools::Spools;
use crate::checksum;
use crate::error::Result;
use crate::regions::{Region, Regions};
use crate::team::Team;
use crate::unnamed::Unnamed;

/// Header and section table.
pub(super) type Plan = (Header, [TableEntry; Section::ALL.len()]);

/// What becomes of the checksums of sections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Checksums {
    /// They are computed: the file will be read by others.
    Made,
    /// They stay zero: the file is never read again. So do bounds that no search may ask for (`BOUNDS_LEFT_OUT`).
    LeftOut,
}

/// Stands for the checksum of the bounds where there are none: the cities are spread so evenly that the join likely
/// does without. Who asks for them nevertheless makes them, alone ([`super::AtlasBuffer`]).
pub(super) const BOUNDS_LEFT_OUT: u64 = 1;

/// Puts the cities of all spools in order and writes them. Returns the length of the file in bytes.
///
/// # Errors
/// The first of any rank.
pub fn arrange(
    team: &dyn Team,
    spools: &Spools,
    out: &Unnamed,
    checksums: Checksums,
) -> Result<u64> {
    let sums = spools.sums();
    let mut shape = shape_of(spools, &sums);
    let plan = plan(shape);
    let (jobs, parts) = jobs(&spools.squares, &sums, team.ranks());
    let writer = Writer { spools, first_rows: firsts(&spools.source_rows), plan: &plan, out };
    let regions = out.extend_to(plan.0.file_bytes);
    let regions = regions.and_then(|()| writer.write_jobs(&jobs[parts[team.rank()].clone()]));
    let (_, regions) = team.tell(regions, Vec::clone)?;
    let regions = regions.concat();

    shape.regions = regions.len() as u64;
    let (mut header, mut table) = self::plan(shape);
    match checksums == Checksums::LeftOut && are_spread_evenly(&regions, shape.cities) {
        true => table[Section::Bounds as usize].checksum = BOUNDS_LEFT_OUT,
        false => header.origin = write_bounds(team, &plan, out)?,
    }
    let table_at = table[Section::Regions as usize].offset;
    let is_first = team.rank() == 0;
    let written = at_first(is_first, || out.write_at(bytemuck::cast_slice(&regions), table_at));
    team.agree(written)?;
    if checksums == Checksums::Made {
        fill_in_checksums(team, &mut table, out)?;
    }
    header.checksum = header.expected_checksum(&table);
    let head = [bytemuck::bytes_of(&header), bytemuck::cast_slice(&table)].concat();
    team.agree(at_first(is_first, || out.write_at(&head, 0)))?;
    Ok(header.file_bytes)
}

/// Whether some region has cities on both sides, and no region's square is more than twice as long as another's:
/// in clusters the join gives regions up, and then whoever settles them wants bounds at once.
fn are_spread_evenly(regions: &[Region], cities: u64) -> bool {
    let levels = || regions.iter().map(|region| region.level);
    let is_even = levels().max() <= levels().min().map(|level| level + 1);
    let regions = Regions::new(regions, cities as usize);
    let has_both = |region| (0..2).all(|side| !regions.positions(region, side).is_empty());
    is_even && (0..regions.len()).any(has_both)
}

/// What the first rank does alone.
pub(super) fn at_first(is_first: bool, work: impl FnOnce() -> Result<()>) -> Result<()> {
    if is_first { work() } else { Ok(()) }
}

/// What decides where everything stands, but for the number of regions.
fn shape_of(spools: &Spools, sums: &[Share]) -> Shape {
    let cities: u64 = sums.iter().map(Share::cities).sum();
    let name_bytes: u64 = sums.iter().flat_map(|share| share.name_bytes).sum();
    let source_rows: u64 = spools.source_rows.iter().sum();
    let (degree_bytes, lon_base_e7) = spools.degrees.form().shape();
    Shape {
        cities,
        source_rows,
        regions: 0,
        // A city without a name has a byte of length alone.
        name_bytes: if name_bytes == cities { 0 } else { name_bytes },
        lon_base_e7,
        degree_bytes,
        row_bytes: if source_rows > u64::from(u32::MAX) { 8 } else { 4 },
    }
}

fn plan(shape: Shape) -> Plan {
    layout::plan(shape).expect("a file of cities that were read is not too long")
}

/// The first row of each rank.
fn firsts(source_rows: &[u64]) -> Vec<u64> {
    let mut next = 0;
    let first = |&rows: &u64| {
        next += rows;
        next - rows
    };
    source_rows.iter().map(first).collect()
}

/// Writes the cities of jobs to their places.
struct Writer<'a> {
    spools: &'a Spools,
    first_rows: Vec<u64>,
    plan: &'a Plan,
    out: &'a Unnamed,
}

impl Writer<'_> {
    /// Writes some jobs. Returns their regions.
    fn write_jobs(&self, jobs: &[Job]) -> Result<Vec<Region>> {
        let spools = self.spools.map()?;
        let mut regions = Vec::new();
        let (mut columns, mut ordered) = (Columns::default(), Ordered::default());
        for job in jobs {
            columns.clear();
            for leaf in job.leaves.clone() {
                self.spools.load(&spools, &self.first_rows, leaf, &mut columns);
            }
            ordered.order(job, &columns);
            let sides = [0..ordered.first_side, ordered.first_side..columns.len()];
            for (side, of_side) in sides.into_iter().enumerate() {
                self.write_side(job, side, &ordered, &columns, of_side)?;
            }
            regions.extend(ordered.regions(job));
            self.spools.release(&spools);
        }
        Ok(regions)
    }

    /// Writes the cities of one side, whose places in the order are given.
    fn write_side(
        &self,
        job: &Job,
        side: usize,
        ordered: &Ordered,
        columns: &Columns,
        places: Range<usize>,
    ) -> Result<()> {
        let (header, _) = self.plan;
        let start = job.starts[side];
        let cities = &ordered.cities[places.clone()];
        let mut bytes = Vec::with_capacity(cities.len() * 16);
        self.write(Section::Places, start, 4, bytemuck::cast_slice(&ordered.places[places]))?;
        let degrees = cities.iter().map(|&city| columns.degrees[city as usize]);
        self.spools.degrees.form().write(degrees, &mut bytes);
        self.write(Section::Degrees, start, header.shape.degree_bytes, &bytes)?;
        bytes.clear();
        let rows = cities.iter().map(|&city| columns.rows[city as usize]);
        match header.shape.row_bytes {
            4 => rows.for_each(|row| bytes.extend_from_slice(&(row as u32).to_le_bytes())),
            _ => rows.for_each(|row| bytes.extend_from_slice(&row.to_le_bytes())),
        }
        self.write(Section::Rows, start, header.shape.row_bytes, &bytes)?;
        if header.shape.name_bytes == 0 {
            return Ok(());
        }
        bytes.clear();
        let mut starts = Vec::with_capacity(cities.len() / NAMES_PER_OFFSET + 1);
        let name_start = job.name_starts[side];
        for (position, &city) in (start..).zip(cities) {
            if position.is_multiple_of(NAMES_PER_OFFSET as u64) {
                starts.push(name_start + bytes.len() as u64);
            }
            let begin = if city == 0 { 0 } else { ordered.name_ends[city as usize - 1] };
            names::copy(
                &columns.names[begin..],
                ordered.name_ends[city as usize] - begin,
                &mut bytes,
            );
        }
        self.write(Section::Names, name_start, 1, &bytes)?;
        let first = start.div_ceil(NAMES_PER_OFFSET as u64);
        self.write(Section::NameStarts, first, 8, bytemuck::cast_slice(&starts))
    }

    /// Writes bytes behind so many entries of a section, each of so many bytes.
    fn write(&self, section: Section, entry: u64, entry_bytes: u32, bytes: &[u8]) -> Result<()> {
        let (_, table) = self.plan;
        self.out.write_at(bytes, table[section as usize].offset + entry * u64::from(entry_bytes))
    }
}

/// The checksums of all sections, of blocks that the ranks share.
fn fill_in_checksums(team: &dyn Team, table: &mut [TableEntry], out: &Unnamed) -> Result<()> {
    for entry in table {
        let blocks = team.part(entry.bytes.div_ceil(checksum::BLOCK_BYTES as u64) as usize);
        let mut buffer = vec![0; checksum::BLOCK_BYTES];
        let of_block = |block: usize| {
            let begin = (block * checksum::BLOCK_BYTES) as u64;
            let length = (entry.bytes - begin).min(checksum::BLOCK_BYTES as u64) as usize;
            out.read_at(&mut buffer[..length], entry.offset + begin)?;
            Ok(checksum::of_block(&buffer[..length]))
        };
        let mine: Result<Vec<u64>> = blocks.map(of_block).collect();
        let (_, all) = team.tell(mine, Vec::clone)?;
        entry.checksum = checksum::of_blocks(&all.concat());
    }
    Ok(())
}
