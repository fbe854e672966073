//! Holds the content of a packed file against what it means, and not only against its checksums.
//!
//! Checksums tell that a file is what somebody wrote. Whether it is the file of its cities shows when everything that
//! follows from their degrees is computed anew: the region, the place and the order of each, the bounds of each tile
//! and group, and their origin, bit for bit as this program writes them. What does not follow from the degrees is
//! held against itself: degrees are on the Earth, rows are below their number and each there once, and names stand
//! one behind the other to the last byte. A file that passes gives the farthest pair of its degrees, by any method.
//!
//! The ranks of a team share the work: each has a part of every section. They tell each other the checksums of blocks,
//! and the hull of their cities, which the origin is the middle of.
//!
//! Rejected: bounds that merely hold their cities. They would do for an answer, but the range of what is accepted
//! would have to be proven, where one comparison proves that there is nothing to prove.
//!
//! Architecture Invariant: it takes bytes, names them in its faults, and knows no file; what is made anew is made by
//! what made it first.

use std::mem::{size_of, size_of_val};
use std::ops::Range;

use bytemuck::allocation::pod_collect_to_vec;

use super::layout::{Header, NAMES_PER_OFFSET, Section};
use super::names;
use super::row_once::{Limits, find_row_twice};
use super::view::{Atlas, Fault, bytes_of};
use crate::checksum;
use crate::cities::Coordinates;
use crate::curve::curve_key;
use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::order::{TileFacts, compare_places, hull, middle};
use crate::regions::{Place, Region, Square};
use crate::sphere::UnitVector;
use crate::team::{Team, part_of};
use crate::tiles::{
    Bounds, GROUP_FANOUT, TILE_CITIES, bounds_of_group, level_lengths, span_of_level,
};

const MADE_WRONGLY: &str =
    "the file is damaged, or was not made by 'farthest pack': pack its source again with that";

type Found<T> = std::result::Result<T, Fault>;

/// The ranks that share the work, and how they tell each other what they have. `E` is what a fault of any of them
/// becomes.
struct Ranks<'a, E> {
    rank: usize,
    ranks: usize,
    share: &'a dyn Fn(Found<Vec<u8>>) -> std::result::Result<Vec<Vec<u8>>, E>,
}

impl<E> Ranks<'_, E> {
    fn part(&self, things: usize) -> Range<usize> {
        part_of(things, self.rank, self.ranks)
    }
}

impl Atlas<'_> {
    /// Reads every byte of a packed file and holds it against what it means.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn verify(&self) -> Found<()> {
        self.verify_in(&Ranks { rank: 0, ranks: 1, share: &|mine| Ok(vec![mine?]) })
    }

    /// The same by the ranks of a team, which all have these bytes; `refuse` makes an error of a fault.
    ///
    /// # Errors
    /// That of the first fault of the lowest rank that has one, on all.
    pub fn verify_by(&self, team: &dyn Team, refuse: &dyn Fn(Fault) -> Error) -> Result<()> {
        let share = |mine: Found<Vec<u8>>| team.share(mine.map_err(refuse));
        self.verify_in(&Ranks { rank: team.rank(), ranks: team.ranks(), share: &share })
    }

    /// Three steps, each of which begins with what the ranks found in the one before.
    fn verify_in<E>(&self, ranks: &Ranks<'_, E>) -> std::result::Result<(), E> {
        let blocks = self.checksums_of_blocks(ranks.rank, ranks.ranks);
        let blocks = (ranks.share)(Ok(bytemuck::cast_slice(&blocks).to_vec()))?;

        let tiles = ranks.part(self.cities().div_ceil(TILE_CITIES));
        let hull = self.check_checksums(&blocks).and_then(|()| self.check_tiles(tiles));
        let hulls = (ranks.share)(hull.map(|hull| bytemuck::bytes_of(&hull).to_vec()))?;

        let checked = self
            .check_origin(&hulls)
            .and_then(|()| self.check_groups(ranks))
            .and_then(|()| self.check_levels())
            .and_then(|()| self.check_rows(ranks));
        (ranks.share)(checked.map(|()| Vec::new())).map(|_| ())
    }

    fn section(&self, section: Section) -> &[u8] {
        bytes_of(self.bytes, &self.table, section)
    }

    /// A fault of an element of a section, all of which have so many bytes.
    fn fault(
        &self,
        section: Section,
        at: usize,
        bytes: usize,
        expected: String,
        found: String,
    ) -> Fault {
        let byte = self.table[section as usize].offset + (at * bytes) as u64;
        Fault { byte, expected, found, remedy: MADE_WRONGLY }
    }

    // ---- Checksums ----

    /// The checksums of one rank's part of the blocks of every section.
    fn checksums_of_blocks(&self, rank: usize, ranks: usize) -> Vec<u64> {
        let of_section = |section| {
            let bytes = self.section(section);
            checksum::blocks_of(bytes, part_of(checksum::blocks(bytes.len()), rank, ranks))
        };
        Section::ALL.into_iter().flat_map(of_section).collect()
    }

    /// Checks the checksum of every section, and that what is between them is zero.
    fn check_checksums(&self, of_ranks: &[Vec<u8>]) -> Found<()> {
        let mut of_ranks: Vec<_> =
            of_ranks.iter().map(|bytes| pod_collect_to_vec::<u8, u64>(bytes).into_iter()).collect();
        let ranks = of_ranks.len();
        let mut end = size_of::<Header>() + size_of_val(&self.table);
        for (section, entry) in Section::ALL.into_iter().zip(self.table) {
            let (start, bytes) = (entry.offset as usize, self.section(section));
            if let Some(padding) = self.bytes[end..start].iter().position(|&byte| byte != 0) {
                let (byte, found) = (end + padding, format!("{:#04x}", self.bytes[end + padding]));
                return Err(Fault::damaged(byte, "zero between sections".into(), found));
            }
            let blocks = checksum::blocks(bytes.len());
            let of_blocks: Vec<u64> = (0..ranks)
                .flat_map(|rank| {
                    let count = part_of(blocks, rank, ranks).len();
                    of_ranks[rank].by_ref().take(count).collect::<Vec<u64>>()
                })
                .collect();
            let checksum = checksum::of_blocks(&of_blocks);
            if checksum != entry.checksum {
                let tag = String::from_utf8_lossy(&entry.tag);
                let tag = tag.trim_end_matches('\0');
                let expected = format!("section {tag} with checksum {:016x}", entry.checksum);
                return Err(Fault::damaged(start, expected, format!("{checksum:016x}")));
            }
            end = start + bytes.len();
        }
        Ok(())
    }

    // ---- Cities, tile by tile ----

    /// Checks the cities of some tiles and the bounds of these. Returns the hull of all.
    fn check_tiles(&self, tiles: Range<usize>) -> Found<[UnitVector; 2]> {
        let kernel = Kernel::best();
        let mut walk = Walk::before(self, kernel, tiles.start * TILE_CITIES);
        let mut all = hull(&[]);
        for tile in tiles {
            let members = tile * TILE_CITIES..self.cities().min((tile + 1) * TILE_CITIES);
            walk.check(members.clone())?;
            let facts = TileFacts::of(self.points.sites(), members, |at| at);
            self.check_bounds(tile, facts.bounds(self.header.origin))?;
            self.check_names(tile)?;
            all = hull(&[all, facts.corners]);
        }
        Ok(all)
    }

    /// Checks the bounds of a node, counted from the first tile.
    fn check_bounds(&self, node: usize, expected: Bounds) -> Found<()> {
        let all: &[Bounds] = bytemuck::cast_slice(self.section(Section::Bounds));
        let found = &all[node];
        // By their bits: there is a NaN that is equal to nothing, and a zero that is equal to another.
        if bytemuck::bytes_of(found) == bytemuck::bytes_of(&expected) {
            return Ok(());
        }
        let expected = format!("{expected:?} of the cities in node {node}");
        let found = format!("{found:?}");
        Err(self.fault(Section::Bounds, node, size_of::<Bounds>(), expected, found))
    }

    /// Checks the names of the cities of a tile, which are those behind one offset.
    fn check_names(&self, tile: usize) -> Found<()> {
        const _: () = assert!(NAMES_PER_OFFSET == TILE_CITIES);
        let Some(&start) = self.name_starts.get(tile) else { return Ok(()) };
        let is_first_sound = tile > 0 || start == 0;
        let end = self.name_starts.get(tile + 1).copied().unwrap_or(self.names.len() as u64);
        let cities = (self.cities() - tile * TILE_CITIES).min(TILE_CITIES);
        let rest = usize::try_from(start).ok().and_then(|start| self.names.get(start..));
        let rest = (0..cities).fold(rest, |rest, _| Some(names::take_shortest(rest?)?.1));
        let found = rest.map(|rest| (self.names.len() - rest.len()) as u64);
        if found != Some(end) || !is_first_sound {
            let expected =
                format!("{cities} names, which begin with the section and end at its byte {end}");
            let found = match found {
                Some(found) => format!("the names from its byte {start} to {found}"),
                None => format!("something else from its byte {start} on"),
            };
            return Err(self.fault(Section::NameStarts, tile, size_of::<u64>(), expected, found));
        }
        if self.names.len() == self.cities() {
            let (expected, found) = ("no section where no city has a name", "names without a byte");
            return Err(self.fault(Section::Names, 0, 1, expected.into(), found.into()));
        }
        Ok(())
    }

    // ---- What is of all cities ----

    /// Checks that the origin of the bounds is the middle of all cities.
    fn check_origin(&self, hulls: &[Vec<u8>]) -> Found<()> {
        let hulls: Vec<[UnitVector; 2]> =
            hulls.iter().map(|bytes| bytemuck::pod_read_unaligned(bytes)).collect();
        let (expected, found) = (middle(&hulls), self.header.origin);
        if expected.map(f64::to_bits) == found.map(f64::to_bits) {
            return Ok(());
        }
        let byte = std::mem::offset_of!(Header, origin) as u64;
        let expected = format!("the origin {expected:?}, amid all cities");
        Err(Fault { byte, expected, found: format!("{found:?}"), remedy: MADE_WRONGLY })
    }

    /// Checks this rank's part of the bounds of groups, each against the nodes that it is made of.
    fn check_groups<E>(&self, ranks: &Ranks<'_, E>) -> Found<()> {
        let all: &[Bounds] = bytemuck::cast_slice(self.section(Section::Bounds));
        let lengths = level_lengths(self.cities());
        let mut below = 0;
        for (level, two) in lengths.windows(2).enumerate() {
            let [members, groups] = [two[0], two[1]];
            let span = span_of_level(level);
            for group in ranks.part(groups) {
                let first = group * GROUP_FANOUT;
                let nodes = &all[below..][first..members.min(first + GROUP_FANOUT)];
                let [start, sites] = [first * span, span];
                let is_at_first = |at| self.points.sites().are_one_place(start, start + at * sites);
                let expected = bounds_of_group(nodes, is_at_first);
                self.check_bounds(below + members + group, expected)?;
            }
            below += members;
        }
        Ok(())
    }

    /// Checks that squares are regions where they hold too many cities to be one, and only there.
    fn check_levels(&self) -> Found<()> {
        let regions = self.points.regions();
        let Some((at, expected)) = regions.find_odd_level() else { return Ok(()) };
        let found = format!("{:?} with {} cities", regions.table()[at], regions.cities(at));
        let expected = format!("{expected}, as region {at}");
        Err(self.fault(Section::Regions, at, size_of::<Region>(), expected, found))
    }

    /// Checks that no row is there twice; that each is below the number of rows was seen before.
    fn check_rows<E>(&self, ranks: &Ranks<'_, E>) -> Found<()> {
        let rows = |position: usize| self.row(position);
        let part = (ranks.rank, ranks.ranks);
        let twice = find_row_twice(self.cities(), &rows, self.source_rows(), part, Limits::USUAL);
        let Some(position) = twice else { return Ok(()) };
        let row = self.row(position);
        let bytes = self.header.shape.row_bytes as usize;
        let expected = format!("each row once, found in city {position}");
        Err(self.fault(Section::Rows, position, bytes, expected, format!("row {row} again")))
    }
}

/// Goes from city to city in the order of the file.
struct Walk<'a> {
    atlas: &'a Atlas<'a>,
    kernel: Kernel,
    /// The part of the order, of one region on one side, that the last city was in.
    part: Range<usize>,
    square: Square,
    side: usize,
    last: Option<Standing>,
}

/// What decides where in its part a city stands.
#[derive(Clone, Copy)]
struct Standing {
    key: u64,
    degrees: [f64; 2],
    row: u64,
}

impl<'a> Walk<'a> {
    /// At the city before a position.
    fn before(atlas: &'a Atlas<'a>, kernel: Kernel, position: usize) -> Walk<'a> {
        let square = Square { axis: 0, level: 0, corner: [0; 2] };
        let mut walk = Walk { atlas, kernel, part: 0..0, square, side: 0, last: None };
        if let Some(before) = position.checked_sub(1).filter(|_| position < atlas.cities()) {
            walk.enter(before);
            let degrees = atlas.degrees(before);
            let spots = kernel.spots_of(&[degrees]);
            let key = curve_key([spots.cells[0][0], spots.cells[1][0]]);
            walk.last = Some(Standing { key, degrees, row: atlas.row(before) });
        }
        walk
    }

    /// Enters the part that holds a position.
    fn enter(&mut self, position: usize) {
        let regions = self.atlas.points.regions();
        let (region, side) = regions.holding(position);
        self.part = regions.positions(region, side);
        (self.square, self.side, self.last) = (regions.square(region), side, None);
    }

    /// Checks the next cities, at most 64.
    fn check(&mut self, members: Range<usize>) -> Found<()> {
        let mut degrees = [[0.0; 2]; TILE_CITIES];
        for (degrees, position) in degrees.iter_mut().zip(members.clone()) {
            *degrees = self.atlas.degrees(position);
            self.check_degrees(position, *degrees)?;
        }
        let spots = self.kernel.spots_of(&degrees);
        for (lane, position) in members.enumerate() {
            if !self.part.contains(&position) {
                self.enter(position);
            }
            let cell = [spots.cells[0][lane], spots.cells[1][lane]];
            self.check_place(position, spots.faces[lane], cell)?;
            let row = self.atlas.row(position);
            self.check_row(position, row)?;
            self.check_order(
                position,
                Standing { key: curve_key(cell), degrees: degrees[lane], row },
            )?;
        }
        Ok(())
    }

    fn check_degrees(&self, position: usize, [lat_deg, lon_deg]: [f64; 2]) -> Found<()> {
        if Coordinates::new(lat_deg, lon_deg).is_ok() {
            return Ok(());
        }
        let bytes = self.atlas.header.shape.degree_bytes as usize;
        let expected =
            format!("a latitude in [-90, 90] and a longitude in [-180, 360] of city {position}");
        let found = format!("{lat_deg} and {lon_deg}");
        Err(self.atlas.fault(Section::Degrees, position, bytes, expected, found))
    }

    /// Checks that a city is where its region and its place in it say.
    fn check_place(&self, position: usize, face: u8, cell: [u32; 2]) -> Found<()> {
        let (axis, side) = (u32::from(face % 3), usize::from(face / 3));
        let is_in_region = axis == self.square.axis && side == self.side && self.square.holds(cell);
        let place = self.atlas.points.places()[position];
        let expected = Place::of(cell, self.square.level);
        if is_in_region && place == expected {
            return Ok(());
        }
        let (expected, found) = match is_in_region {
            true => (format!("{:?}", expected.numbers()), format!("{:?}", place.numbers())),
            false => (
                format!("a region with the cells {cell:?} of side {side} on axis {axis}"),
                format!("side {} of {:?}", self.side, self.square),
            ),
        };
        let expected = format!("{expected} as the place of city {position} by its degrees");
        Err(self.atlas.fault(Section::Places, position, size_of::<Place>(), expected, found))
    }

    fn check_row(&self, position: usize, row: u64) -> Found<()> {
        let rows = self.atlas.source_rows();
        if row < rows {
            return Ok(());
        }
        let bytes = self.atlas.header.shape.row_bytes as usize;
        let expected = format!("a row below {rows} of city {position}");
        Err(self.atlas.fault(Section::Rows, position, bytes, expected, row.to_string()))
    }

    /// Checks that a city stands behind the last, if that is of the same part: by key, place and row.
    fn check_order(&mut self, position: usize, here: Standing) -> Found<()> {
        let is_behind = |last: Standing| {
            let by_key = last.key.cmp(&here.key);
            let by_place = by_key.then_with(|| compare_places(last.degrees, here.degrees));
            by_place.then(last.row.cmp(&here.row)).is_lt()
        };
        if self.last.is_none_or(is_behind) {
            self.last = Some(here);
            return Ok(());
        }
        let bytes = self.atlas.header.shape.degree_bytes as usize;
        let expected = format!(
            "city {position} behind the one before, by its place along the curve, latitude, longitude and row"
        );
        let found = format!("{:?} in row {}", here.degrees, here.row);
        Err(self.atlas.fault(Section::Degrees, position, bytes, expected, found))
    }
}
