//! Proves that a packed file is what `src/atlas/FORMAT.md` says, that it gives back every city, and
//! that no damage to it goes unnoticed or does harm.
//!
//! [`Stranger`] is a reader written from that document alone: it decodes numbers byte by byte,
//! shares no struct, no layout, no region and no curve with the crate, and derives everything again. The
//! document leaves the last bits of the unit vectors to the writer; it says whose this program's are.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::ops::Range;
use std::path::Path;

use farthest::atlas::{self, Atlas, AtlasBuffer, Fault, Limits, Shape, TableEntry, find_row_twice};
use farthest::checksum;
use farthest::cities::{CityList, Coordinates};
use farthest::driver::search;
use farthest::error::Error;
use farthest::formats::{self, ReadOptions, Reading};
use farthest::kernel::{Isa, Kernel};
use farthest::points::{PointBuffer, Points};
use farthest::quick::{QUICK_ERROR, quick_vectors};
use farthest::search::{Damage, Field, Method, ShareResult, Wanted};
use farthest::source::{CityFile, Fingerprint, LoadOptions};
use farthest::sphere::{UnitVector, unit_vector};
use farthest::survey::survey;
use farthest::team::Alone;
use farthest::tiles::{Bounds, Node, group_bounds, level_lengths};
use proptest::prelude::*;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use xxhash_rust::xxh3::xxh3_64;

const HEADER_BYTES: usize = 128;
const TABLE_BYTES: usize = 7 * 32;
const ORIGIN_AT: usize = 88;
const CHECKSUM_AT: usize = 120;
const TAGS: [&[u8; 8]; 7] = [
    b"PLACES\0\0",
    b"DEGREES\0",
    b"ROWS\0\0\0\0",
    b"BOUNDS\0\0",
    b"NAMEAT\0\0",
    b"NAMES\0\0\0",
    b"REGIONS\0",
];

const PLACES: usize = 0;
const DEGREES: usize = 1;
const ROWS: usize = 2;
const BOUNDS: usize = 3;
const NAME_STARTS: usize = 4;
const NAMES: usize = 5;
const REGIONS: usize = 6;

/// Sizes around the edges of tiles and groups of tiles.
const SIZES: [usize; 10] = [1, 2, 3, 63, 64, 65, 255, 256, 257, 1025];

const METHODS: [Method; 3] = [Method::Naive, Method::Exhaustive, Method::Pruned];

/// Searches with the fastest kernel on one rank.
fn search_all(atlas: &Atlas<'_>, method: Method) -> Result<ShareResult, Damage> {
    search(
        Field::within(&atlas.points()),
        Wanted::default(),
        method,
        Kernel::choose(None).expect("there is always one"),
        0,
        1,
    )
}

/// A reader of packed files that knows `FORMAT.md` and nothing else.
struct Stranger<'a> {
    bytes: &'a [u8],
    cities: usize,
    source_rows: u64,
    sections: Vec<&'a [u8]>,
    /// Of each city, in the order of the file.
    degrees: Vec<[f64; 2]>,
    spots: Vec<Spot>,
    vectors: Vec<UnitVector>,
    names: Vec<&'a [u8]>,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().expect("two bytes"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// Three f32 from a place on.
fn three_at(bytes: &[u8], at: usize) -> [f32; 3] {
    [0, 4, 8].map(|more| f32::from_bits(u32_at(bytes, at + more)))
}

/// Where a section lies, as the section table says.
fn section_range(bytes: &[u8], section: usize) -> Range<usize> {
    let entry = HEADER_BYTES + section * 32;
    let offset = u64_at(bytes, entry + 8) as usize;
    offset..offset + u64_at(bytes, entry + 16) as usize
}

/// The checksum of a section, of blocks of 2²⁰ bytes.
fn block_checksum(bytes: &[u8]) -> u64 {
    let blocks = bytes.chunks(1 << 20).map(xxh3_64);
    xxh3_64(&blocks.flat_map(u64::to_le_bytes).collect::<Vec<u8>>())
}

/// What decides where a city stands: axis, side, cells along a and b, and the key of these.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spot {
    axis: u32,
    side: usize,
    cell: [u32; 2],
    key: u64,
}

impl Spot {
    fn of(vector: UnitVector) -> Spot {
        let largest = vector.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let axis = vector.iter().position(|value| value.abs() == largest).expect("three");
        let c = vector[axis];
        let [x, y, z] = vector;
        let (a, b) = [(y / c, z / c), (x / c, z / c), (x / c, y / c)][axis];
        let cell = [a, b].map(|v| ((v + 1.0) * (2_f64.powi(31) - 1.0)).round_ties_even() as u32);
        let key = hilbert(32, u64::from(cell[0]), u64::from(cell[1]));
        Spot { axis: axis as u32, side: usize::from(c < 0.0), cell, key }
    }
}

/// An entry of the table of regions.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Region {
    starts: [u64; 2],
    key: u64,
    first_cell: [u32; 2],
    axis: u32,
    level: u32,
}

/// A name behind its length, which is written in as few bytes as can be; and the end of it.
fn name_at(names: &[u8], start: usize) -> (&[u8], usize) {
    let (mut length, mut at) = (0_u64, start);
    loop {
        length |= u64::from(names[at] & 0x7f) << (7 * (at - start));
        at += 1;
        if names[at - 1] < 0x80 {
            break;
        }
    }
    assert!(at == start + 1 || names[at - 1] != 0, "a length that could be shorter");
    let end = at + length as usize;
    (&names[at..end], end)
}

impl<'a> Stranger<'a> {
    /// Reads header and table, and checks them, the padding and every checksum.
    fn open(bytes: &'a [u8]) -> Stranger<'a> {
        assert_eq!(&bytes[..8], b"\x89CITIES\n");
        assert_eq!([u32_at(bytes, 8), u32_at(bytes, 12)], [3, 7]);
        assert_eq!([72, 76, 80].map(|at| u32_at(bytes, at)), [64, 4, 0]);
        assert_eq!(u64_at(bytes, 64), bytes.len() as u64);
        assert_eq!(bytes[84..88], [0; 4]);
        assert_eq!(bytes[112..120], [0; 8]);
        let mut summed = bytes[..CHECKSUM_AT].to_vec();
        summed.extend_from_slice(&bytes[HEADER_BYTES..HEADER_BYTES + TABLE_BYTES]);
        assert_eq!(u64_at(bytes, CHECKSUM_AT), xxh3_64(&summed));

        let mut sections = Vec::new();
        let mut end = HEADER_BYTES + TABLE_BYTES;
        for (index, tag) in TAGS.iter().enumerate() {
            let entry = HEADER_BYTES + index * 32;
            assert_eq!(&bytes[entry..entry + 8], &tag[..]);
            let range = section_range(bytes, index);
            assert_eq!(range.start, end.div_ceil(64) * 64);
            assert!(bytes[end..range.start].iter().all(|&byte| byte == 0));
            assert_eq!(u64_at(bytes, entry + 24), block_checksum(&bytes[range.clone()]));
            end = range.end;
            sections.push(&bytes[range]);
        }
        assert_eq!(end, bytes.len());
        Stranger {
            bytes,
            cities: u64_at(bytes, 16) as usize,
            source_rows: u64_at(bytes, 24),
            sections,
            degrees: Vec::new(),
            spots: Vec::new(),
            vectors: Vec::new(),
            names: Vec::new(),
        }
        .with_cities()
    }

    fn with_cities(mut self) -> Stranger<'a> {
        self.check_lengths();
        self.degrees = (0..self.cities).map(|city| self.read_degrees(city)).collect();
        self.vectors = self.degrees.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect();
        self.spots = self.degrees.iter().map(|&degrees| Spot::of(quick(degrees))).collect();
        self.names = self.read_names();
        self
    }

    fn tiles(&self) -> usize {
        self.cities.div_ceil(64)
    }

    fn degree_bytes(&self) -> usize {
        u32_at(self.bytes, 56) as usize
    }

    fn row_bytes(&self) -> usize {
        u32_at(self.bytes, 60) as usize
    }

    /// Nodes of each level, the tiles first.
    fn levels(&self) -> Vec<usize> {
        let mut levels = Vec::new();
        let mut nodes = self.tiles();
        while nodes > 0 {
            levels.push(nodes);
            nodes = if nodes == 1 { 0 } else { nodes.div_ceil(4) };
        }
        levels
    }

    fn check_lengths(&self) {
        let n = self.cities;
        let nodes: usize = self.levels().iter().sum();
        let [regions, name_bytes] = [32, 40].map(|at| u64_at(self.bytes, at) as usize);
        let starts = if name_bytes == 0 { 0 } else { 8 * self.tiles() };
        let (degrees, rows) = (self.degree_bytes() * n, self.row_bytes() * n);
        let lengths = [4 * n, degrees, rows, 32 * nodes, starts, name_bytes, 40 * regions];
        assert!(self.sections.iter().map(|section| section.len()).eq(lengths));
    }

    fn read_degrees(&self, city: usize) -> [f64; 2] {
        let section = self.sections[DEGREES];
        match self.degree_bytes() {
            8 => {
                let whole = |at: usize| i64::from(u32_at(section, 8 * city + at) as i32);
                let base = u64_at(self.bytes, 48) as i64;
                [whole(0), base + whole(4)].map(|e7| e7 as f64 / 1e7)
            }
            16 => [0, 8].map(|at| f64::from_bits(u64_at(section, 16 * city + at))),
            other => panic!("{other} bytes of degrees"),
        }
    }

    fn row(&self, city: usize) -> u64 {
        match self.row_bytes() {
            4 => u64::from(u32_at(self.sections[ROWS], 4 * city)),
            8 => u64_at(self.sections[ROWS], 8 * city),
            other => panic!("{other} bytes of a row"),
        }
    }

    fn read_names(&self) -> Vec<&'a [u8]> {
        let section = self.sections[NAMES];
        if section.is_empty() {
            return vec![b""; self.cities];
        }
        let mut end = 0;
        let mut names = Vec::new();
        for city in 0..self.cities {
            if city % 64 == 0 {
                assert_eq!(u64_at(self.sections[NAME_STARTS], city / 8) as usize, end);
            }
            let (name, behind) = name_at(section, end);
            names.push(name);
            end = behind;
        }
        assert_eq!(end, section.len());
        assert!(names.iter().any(|name| !name.is_empty()), "nobody has a name");
        names
    }

    fn regions(&self) -> Vec<Region> {
        let section = self.sections[REGIONS];
        let entries = (0..section.len()).step_by(40);
        entries
            .map(|at| Region {
                starts: [0, 8].map(|more| u64_at(section, at + more)),
                key: u64_at(section, at + 16),
                first_cell: [24, 28].map(|more| u32_at(section, at + more)),
                axis: u32_at(section, at + 32),
                level: u32_at(section, at + 36),
            })
            .collect()
    }

    fn check_everything(&self) {
        self.check_rows();
        self.check_degrees();
        self.check_vectors();
        let regions = self.regions();
        assert_eq!(regions, self.expected_regions());
        self.check_order(&regions);
        self.check_bounds();
    }

    fn check_rows(&self) {
        let mut rows: Vec<u64> = (0..self.cities).map(|city| self.row(city)).collect();
        rows.sort_unstable();
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "a row stands twice");
        assert!(rows.last().is_none_or(|&last| last < self.source_rows));
        assert_eq!(self.row_bytes(), if self.source_rows < 1 << 32 { 4 } else { 8 });
    }

    /// Whether whole numbers would give every coordinate back, and that they are used just then.
    fn check_degrees(&self) {
        let longitudes = self.degrees.iter().map(|&[_, lon]| lon);
        let reaches_far = longitudes.clone().any(|lon| lon > 214.7483647);
        let base = if reaches_far { 1_800_000_000 } else { 0 };
        let is_whole = |degrees: f64, base: i64| {
            let near = (degrees * 1e7) as i64;
            (near - 1..=near + 1).any(|e7| {
                let is_same = (e7 as f64 / 1e7).to_bits() == degrees.to_bits();
                is_same && i32::try_from(e7 - base).is_ok()
            })
        };
        let are_whole =
            self.degrees.iter().all(|&[lat, lon]| is_whole(lat, 0) && is_whole(lon, base));
        let expected = if are_whole { (8, base) } else { (16, 0) };
        assert_eq!((self.degree_bytes(), u64_at(self.bytes, 48) as i64), expected);
    }

    /// That the vectors used here are those of the formula.
    fn check_vectors(&self) {
        // The system's sine is good to an ulp or so; tests/sphere.rs asks for 3e-16.
        const TOLERANCE: f64 = 1e-15;
        for (&[lat, lon], &found) in self.degrees.iter().zip(&self.vectors) {
            assert!((-90.0..=90.0).contains(&lat) && (-180.0..=360.0).contains(&lon));
            let (phi, lambda) = (lat.to_radians(), lon.to_radians());
            let expected = [phi.cos() * lambda.cos(), phi.cos() * lambda.sin(), phi.sin()];
            let quick = quick([lat, lon]);
            for axis in 0..3 {
                assert!((found[axis] - expected[axis]).abs() < TOLERANCE, "{lat} {lon}");
                assert!((found[axis] - quick[axis]).abs() <= QUICK_ERROR, "{lat} {lon}");
                assert!(found[axis] != 0.0 || found[axis].is_sign_positive());
            }
        }
    }

    /// The table of regions, from where the cities are.
    fn expected_regions(&self) -> Vec<Region> {
        let mut regions = Vec::new();
        let ahead = self.spots.iter().filter(|spot| spot.side == 0).count() as u64;
        let mut starts = [0, ahead];
        for axis in 0..3 {
            let mut spots: Vec<Spot> =
                self.spots.iter().copied().filter(|spot| spot.axis == axis).collect();
            spots.sort_by_key(|spot| spot.key);
            split(&spots, 0, &mut starts, &mut regions);
        }
        regions
    }

    /// The region of each city, by the ranges that the table says.
    fn region_of(&self, regions: &[Region]) -> Vec<usize> {
        let mut region_of = Vec::new();
        for side in 0..2 {
            let end_of_side = if side == 0 {
                regions.first().map_or(0, |first| first.starts[1])
            } else {
                self.cities as u64
            };
            for (at, region) in regions.iter().enumerate() {
                let end = regions.get(at + 1).map_or(end_of_side, |next| next.starts[side]);
                assert_eq!(region.starts[side], region_of.len() as u64);
                region_of.resize(end as usize, at);
            }
        }
        assert_eq!(region_of.len(), self.cities);
        region_of
    }

    fn check_order(&self, regions: &[Region]) {
        let region_of = self.region_of(regions);
        for (city, &at) in region_of.iter().enumerate() {
            let (spot, region) = (self.spots[city], regions[at]);
            let cells = 1_u64 << (32 - region.level);
            for axis in 0..2 {
                let first = u64::from(region.first_cell[axis]);
                let cell = u64::from(spot.cell[axis]);
                assert!(first % cells == 0 && (first..first + cells).contains(&cell));
                let place = u16_at(self.sections[PLACES], 4 * city + 2 * axis);
                assert_eq!(u64::from(place), (cell >> (16 - region.level)) % (1 << 16));
            }
            assert_eq!(region.axis, spot.axis);
        }
        for (before, city) in (1..self.cities).map(|city| (city - 1, city)) {
            let place =
                |city: usize| (self.spots[city].side, region_of[city], self.spots[city].key);
            let by_degrees = |axis: usize| {
                let [a, b] = [before, city].map(|city| self.degrees[city][axis]);
                a.partial_cmp(&b).expect("no NaN")
            };
            let order = place(before)
                .cmp(&place(city))
                .then_with(|| by_degrees(0))
                .then_with(|| by_degrees(1))
                .then(self.row(before).cmp(&self.row(city)));
            assert_eq!(order, Ordering::Less, "cities {before} and {city}");
        }
    }

    /// Where the bounds have their origin: amid all cities.
    fn origin(&self) -> UnitVector {
        let origin = [88, 96, 104].map(|at| f64::from_bits(u64_at(self.bytes, at)));
        for (axis, origin) in origin.iter().enumerate() {
            let quick = || self.degrees.iter().map(|&degrees| quick(degrees)[axis]);
            let (least, greatest) =
                (quick().fold(f64::MAX, f64::min), quick().fold(f64::MIN, f64::max));
            let middle = if self.cities > 0 { (least + greatest) / 2.0 } else { 0.0 };
            assert_eq!(*origin, middle);
        }
        origin
    }

    /// Every node of every level, against the cities that it covers.
    fn check_bounds(&self) {
        let (mut node, mut cities_in_node) = (0, 64);
        let origin = self.origin();
        for nodes in self.levels() {
            for k in 0..nodes {
                let members = k * cities_in_node..self.cities.min((k + 1) * cities_in_node);
                self.check_node(node, members, origin);
                node += 1;
            }
            cities_in_node *= 4;
        }
        assert_eq!(32 * node, self.sections[BOUNDS].len(), "the last node is the root");
    }

    fn check_node(&self, node: usize, members: Range<usize>, origin: UnitVector) {
        const MARK: u64 = 1 << 63;
        let (section, at) = (self.sections[BOUNDS], 32 * node);
        let offsets = [at, at + 12].map(|at| three_at(section, at).map(f64::from));
        let [least, greatest] = offsets.map(|offsets| [0, 1, 2].map(|i| origin[i] + offsets[i]));
        let vectors = &self.vectors[members.clone()];
        for axis in 0..3 {
            let of_axis = || vectors.iter().map(|vector| vector[axis]);
            let room = [
                of_axis().fold(f64::MAX, f64::min) - least[axis],
                greatest[axis] - of_axis().fold(f64::MIN, f64::max),
            ];
            for (room, offsets) in room.iter().zip(&offsets) {
                let most = 6e-15 + 1.2e-7 * offsets[axis].abs();
                assert!((2e-15..=most).contains(room), "{node}: {room}, at most {most}");
            }
        }
        let row_and_mark = u64_at(section, at + 24);
        let lowest_row = members.clone().map(|city| self.row(city)).min().expect("a city");
        assert_eq!(row_and_mark & !MARK, lowest_row, "node {node}");
        let is_one_place = vectors.iter().all(|vector| *vector == vectors[0]);
        let is_surely = members
            .clone()
            .all(|city| quick(self.degrees[city]) == quick(self.degrees[members.start]));
        assert_eq!(row_and_mark & MARK != 0, is_one_place && is_surely, "node {node}");
    }
}

/// The unit vector on which the numbers of a file depend.
fn quick([lat, lon]: [f64; 2]) -> UnitVector {
    quick_vectors(&[lat], &[lon]).map(|[coordinate]| coordinate)
}

/// Splits a square of a level, whose cities stand along the curve, and enters what is not split.
fn split(spots: &[Spot], level: u32, starts: &mut [u64; 2], regions: &mut Vec<Region>) {
    let Some(&Spot { cell, axis, key, .. }) = spots.first() else { return };
    // The keys of a square of level k have the same 2 k highest bits.
    let within = |level: u32| if level == 0 { u64::MAX } else { (1 << (64 - 2 * level)) - 1 };
    if spots.len() > 32_000 && level < 16 {
        let quarter = |spot: &Spot| spot.key & !within(level + 1);
        return spots
            .chunk_by(|a, b| quarter(a) == quarter(b))
            .for_each(|spots| split(spots, level + 1, starts, regions));
    }
    let first_cell = cell.map(|cell| (u64::from(cell) >> (32 - level) << (32 - level)) as u32);
    regions.push(Region { starts: *starts, key: key & !within(level), first_cell, axis, level });
    for spot in spots {
        starts[spot.side] += 1;
    }
}

/// Distance along Hilbert's curve of an order, from (0, 0) to (2ᵏ − 1, 0), by its definition: four
/// curves of the order below, the first and the last of them reflected.
fn hilbert(order: u32, a: u64, b: u64) -> u64 {
    if order == 0 {
        return 0;
    }
    let half = 1 << (order - 1);
    let (quarter, a, b) = match (a < half, b < half) {
        (true, true) => (0, b, a),
        (true, false) => (1, a, b - half),
        (false, false) => (2, a - half, b - half),
        (false, true) => (3, half - 1 - b, 2 * half - 1 - a),
    };
    quarter * half * half + hilbert(order - 1, a, b)
}

/// The key bit by bit, as `FORMAT.md` has it.
fn key_by_bits(mut a: u32, mut b: u32) -> u64 {
    let mut key = 0;
    for bit in (0..32).rev() {
        let [p, q] = [a, b].map(|cell| u64::from(cell >> bit & 1));
        key = key << 2 | ((3 * p) ^ q);
        if q == 0 {
            if p == 1 {
                (a, b) = (!a, !b);
            }
            (a, b) = (b, a);
        }
    }
    key
}

#[test]
fn the_strangers_curve_is_hilberts() {
    let side = 16;
    let mut cells = vec![None; side * side];
    for a in 0..side {
        for b in 0..side {
            let place = hilbert(4, a as u64, b as u64) as usize;
            assert_eq!(cells[place].replace((a, b)), None);
        }
    }
    let path: Vec<(usize, usize)> =
        cells.into_iter().map(|cell| cell.expect("all cells")).collect();
    assert_eq!((path[0], path[side * side - 1]), ((0, 0), (side - 1, 0)));
    for pair in path.windows(2) {
        assert_eq!(pair[0].0.abs_diff(pair[1].0) + pair[0].1.abs_diff(pair[1].1), 1);
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for _ in 0..10_000 {
        let bits = random.next_u64();
        let [a, b] = [bits as u32, (bits >> 32) as u32];
        assert_eq!(key_by_bits(a, b), hilbert(32, u64::from(a), u64::from(b)));
    }
    assert_eq!([key_by_bits(0, 0), key_by_bits(u32::MAX, 0)], [0, u64::MAX]);
}

/// The packed file of a list.
fn packed(list: &CityList) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    atlas::write(list, &mut file).expect("memory takes it");
    file.into_inner()
}

/// Bytes that begin at a multiple of 64 in memory, as a map does.
struct Aligned {
    room: Vec<u8>,
    start: usize,
    length: usize,
}

impl Aligned {
    fn new(bytes: &[u8]) -> Aligned {
        let mut room = vec![0; bytes.len() + 64];
        let start = room.as_ptr().align_offset(64);
        room[start..start + bytes.len()].copy_from_slice(bytes);
        Aligned { room, start, length: bytes.len() }
    }

    fn bytes(&self) -> &[u8] {
        &self.room[self.start..][..self.length]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.room[self.start..][..self.length]
    }

    fn flip(&mut self, bit: usize) {
        self.bytes_mut()[bit / 8] ^= 1 << (bit % 8);
    }

    /// Makes the checksum of header and table right again after a forgery.
    fn seal(&mut self) {
        let bytes = self.bytes_mut();
        let table = bytes.len().min(HEADER_BYTES + u32_at(bytes, 12) as usize * 32);
        let summed = [&bytes[..CHECKSUM_AT], &bytes[HEADER_BYTES..table]].concat();
        bytes[CHECKSUM_AT..HEADER_BYTES].copy_from_slice(&xxh3_64(&summed).to_le_bytes());
    }

    /// Writes into a section, and leaves its checksum as it was.
    fn forge(&mut self, section: usize, at: usize, bytes: &[u8]) {
        let start = section_range(self.bytes(), section).start + at;
        self.bytes_mut()[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// Makes the checksum of a section right again.
    fn seal_section(&mut self, section: usize) {
        let checksum = block_checksum(&self.bytes()[section_range(self.bytes(), section)]);
        let at = HEADER_BYTES + section * 32 + 24;
        self.bytes_mut()[at..at + 8].copy_from_slice(&checksum.to_le_bytes());
        self.seal();
    }
}

fn opens(bytes: &[u8]) -> Result<(), Fault> {
    Atlas::open(bytes).map(|_| ())
}

fn verifies(bytes: &[u8]) -> Result<(), Fault> {
    Atlas::open(bytes)?.verify()
}

/// Cities with duplicates, poles, the antimeridian, both zeros, odd names and skipped rows.
fn random_list(cities: usize, seed: u64) -> CityList {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut unit = move || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let corners = [(90.0, 10.0), (-90.0, 300.0), (0.0, 180.0), (-0.0, -180.0), (45.0, -0.0)];
    let mut list = CityList::default();
    let mut before = Coordinates::new(1.0, 2.0).expect("on the sphere");
    while list.len() < cities {
        let here = match (unit() * 10.0) as u32 {
            0 => before,
            1 => {
                let (lat, lon) = corners[(unit() * 5.0) as usize];
                Coordinates::new(lat, lon).expect("on the sphere")
            }
            _ => Coordinates::new(unit() * 180.0 - 90.0, unit() * 540.0 - 180.0).expect("valid"),
        };
        if unit() < 0.1 {
            list.skip_to(list.source_rows() + 1 + (unit() * 3.0) as u64);
        }
        let length = (unit() * 12.0) as usize;
        let name: Vec<u8> = (0..length).map(|_| (unit() * 256.0) as u8).collect();
        list.push(here, &name);
        before = here;
    }
    list.skip_to(list.source_rows() + seed % 3);
    list
}

/// A list of places without names.
fn list_of(places: &[[f64; 2]]) -> CityList {
    let mut list = CityList::default();
    for &[lat, lon] in places {
        list.push(Coordinates::new(lat, lon).expect("valid"), b"");
    }
    list
}

/// The same cities with coordinates that are whole multiples of 1e-7 degrees; −0 becomes 0.
fn rounded(list: &CityList) -> CityList {
    let round = |degrees: f64| (degrees * 1e7).round() as i64 as f64 / 1e7;
    let mut result = CityList::default();
    for city in 0..list.len() {
        result.skip_to(list.row(city));
        let [lat, lon] = list.degrees(city).map(round);
        result.push(Coordinates::new(lat, lon).expect("valid"), list.name(city));
    }
    result.skip_to(list.source_rows());
    result
}

fn assert_gives_back(list: &CityList, bytes: &[u8]) {
    let stranger = Stranger::open(bytes);
    stranger.check_everything();
    let atlas = Atlas::open(stranger.bytes).expect("an atlas");
    atlas.verify().expect("undamaged");
    assert_eq!((stranger.cities, stranger.source_rows), (list.len(), list.source_rows()));
    assert_eq!((atlas.cities(), atlas.source_rows()), (list.len(), list.source_rows()));
    assert_eq!(atlas.checksum(), u64_at(bytes, CHECKSUM_AT));
    let regions = stranger.regions();
    assert_eq!(atlas.points().regions().len(), regions.len());
    let mut positions: Vec<usize> = (0..list.len()).collect();
    positions.sort_by_key(|&position| stranger.row(position));
    for (city, position) in positions.into_iter().enumerate() {
        let c = list.coordinates(city);
        let given = [c.lat_deg(), c.lon_deg()].map(f64::to_bits);
        assert_eq!(stranger.degrees[position].map(f64::to_bits), given);
        assert_eq!(atlas.degrees(position).map(f64::to_bits), given);
        assert_eq!([stranger.row(position), atlas.row(position)], [list.row(city); 2]);
        assert_eq!([stranger.names[position], atlas.name_bytes(position)], [list.name(city); 2]);
        assert_eq!(atlas.name(position), String::from_utf8_lossy(list.name(city)));
        assert_eq!(atlas.points().vector(position), stranger.vectors[position]);
        let place = [0, 2].map(|at| u16_at(stranger.sections[PLACES], 4 * position + at));
        assert_eq!(atlas.points().places()[position].numbers(), place.map(u32::from));
    }
}

/// The list of the repository's own data.
fn data() -> Reading {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/cities15000.tsv");
    let bytes = fs::read(&path).expect("data is there");
    formats::read(&path, &bytes, &ReadOptions::default()).expect("data is sound")
}

#[test]
fn a_stranger_reads_what_was_written() {
    for cities in SIZES {
        for seed in 0..5 {
            let list = random_list(cities, seed);
            assert_gives_back(&list, Aligned::new(&packed(&list)).bytes());
            let list = rounded(&list);
            assert_gives_back(&list, Aligned::new(&packed(&list)).bytes());
        }
    }
}

/// Bytes of degrees for a city, and the base of the longitudes.
type DegreeForm = (u32, i64);

/// How the degrees of some places are written.
fn degree_form(places: &[[f64; 2]]) -> DegreeForm {
    let list = list_of(places);
    let file = Aligned::new(&packed(&list));
    assert_gives_back(&list, file.bytes());
    (u32_at(file.bytes(), 56), u64_at(file.bytes(), 48) as i64)
}

/// Every f64 comes back to the last bit; where whole numbers give it, it takes half the bytes.
#[test]
fn degrees_are_whole_numbers_where_these_give_them_back() {
    const WHOLE: DegreeForm = (8, 0);
    const WHOLE_FROM_BASE: DegreeForm = (8, 1_800_000_000);
    const EXACT: DegreeForm = (16, 0);
    let cases: [(&[[f64; 2]], DegreeForm); 20] = [
        (&[], WHOLE),
        (&[[0.0, 0.0]], WHOLE),
        (&[[90.0, 180.0], [-90.0, -180.0]], WHOLE),
        (&[[48.1371079, 11.5753822], [-0.0000001, 0.0000001]], WHOLE),
        // One decimal more than there are.
        (&[[48.13710791, 11.5753822]], EXACT),
        (&[[48.1371079, 11.57538221]], EXACT),
        // A neighbour of a whole multiple is none.
        (&[[48.1371079_f64.next_up(), 11.5]], EXACT),
        (&[[48.1371079, 11.5_f64.next_down()]], EXACT),
        (&[[5e-324, 0.0]], EXACT),
        // −0 is not +0.
        (&[[-0.0, 1.0]], EXACT),
        (&[[1.0, -0.0]], EXACT),
        // The greatest longitude that an i32 holds without a base, and the next.
        (&[[0.0, 214.7483647]], WHOLE),
        (&[[0.0, 214.7483648]], WHOLE_FROM_BASE),
        (&[[1.0, 360.0], [2.0, 0.0]], WHOLE_FROM_BASE),
        (&[[90.0, 360.0], [-90.0, 0.0000001], [0.1, 180.0]], WHOLE_FROM_BASE),
        // The least longitude that one holds with the base, and the next.
        (&[[0.0, 360.0], [0.0, -34.7483648]], WHOLE_FROM_BASE),
        (&[[0.0, 360.0], [0.0, -34.7483649]], EXACT),
        (&[[0.0, 360.0], [0.0, -180.0]], EXACT),
        // Exact ones beside whole ones, of [0, 360] and not.
        (&[[0.5, 359.9], [0.1, 1.0 / 3.0]], EXACT),
        (&[[0.5, 59.9], [1.0 / 3.0, 0.1]], EXACT),
    ];
    for (places, expected) in cases {
        assert_eq!(degree_form(places), expected, "{places:?}");
    }
}

/// Each of them, whichever way it is written, is the f64 that a parser makes of seven decimals.
#[test]
fn every_whole_number_of_degrees_is_the_one_that_text_gives() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut below = |limit: i64| (random.next_u64() % limit as u64) as i64;
    for lon_least in [-1_800_000_000, 0] {
        let mut places = Vec::new();
        for _ in 0..20_000 {
            let [lat, lon] = [below(1_800_000_001) - 900_000_000, below(3_600_000_001) + lon_least];
            let parsed = [lat, lon].map(|e7| {
                let (sign, size) = (if e7 < 0 { "-" } else { "" }, e7.unsigned_abs());
                let text = format!("{sign}{}.{:07}", size / 10_000_000, size % 10_000_000);
                text.parse::<f64>().expect("a number")
            });
            places.push(parsed);
        }
        let (bytes, base) = degree_form(&places);
        assert_eq!((bytes, base), (8, if lon_least == 0 { 1_800_000_000 } else { 0 }));
    }
}

/// Rows have four bytes below 2³² of them. A list that skips as many shows it without holding them.
#[test]
fn rows_are_long_where_the_source_is() {
    const SHORT: u64 = 1 << 32;
    let cases = [
        (SHORT - 2, SHORT - 1, 4),
        (5, SHORT - 1, 4),
        (5, SHORT, 8),
        (SHORT - 1, SHORT, 8),
        (SHORT, SHORT + 1, 8),
        (1 << 62, (1 << 63) - 1, 8),
        ((1 << 63) - 1, 1 << 63, 8),
    ];
    for (row, source_rows, bytes) in cases {
        let mut list = list_of(&[[1.0, 2.0], [50.0, 60.0], [3.0, 4.0], [-20.0, 100.0]]);
        list.skip_to(row);
        list.push(Coordinates::new(-3.0, -176.0).expect("valid"), b"antipode");
        list.skip_to(source_rows);
        let file = Aligned::new(&packed(&list));
        assert_eq!(u32_at(file.bytes(), 60), bytes, "row {row} of {source_rows}");
        assert_gives_back(&list, file.bytes());
        let atlas = Atlas::open(file.bytes()).expect("an atlas");
        for method in METHODS {
            let farthest = search_all(&atlas, method).expect("sound").farthest().expect("a pair");
            assert!(method == Method::Naive || farthest.rows[1] == row, "{farthest:?}");
        }
    }
}

#[test]
fn names_of_any_length_come_back() {
    let lengths = [0, 1, 127, 128, 300, 20_000, 16_383, 16_384, 2];
    let name =
        |length: usize| -> Vec<u8> { (0..length).map(|at| (at * 7 + length) as u8).collect() };
    for cities in [1, 2, 9, 64, 65, 200] {
        let mut list = CityList::default();
        for city in 0..cities {
            let place = Coordinates::new(city as f64 / 4.0, -(city as f64) / 2.0).expect("valid");
            // Not UTF-8 from one byte on, but for a few.
            list.push(place, &name(lengths[(city + cities) % lengths.len()]));
        }
        assert_gives_back(&list, Aligned::new(&packed(&list)).bytes());
    }
    // None at all, and one alone, first, in the midst and last.
    for named in [None, Some(0), Some(100), Some(199)] {
        let mut list = CityList::default();
        for city in 0..200 {
            let place = Coordinates::new(city as f64 / 4.0, -(city as f64) / 2.0).expect("valid");
            list.push(place, if named == Some(city) { "Île".as_bytes() } else { b"" });
        }
        let file = Aligned::new(&packed(&list));
        assert_gives_back(&list, file.bytes());
        let expected = if named.is_none() { [0, 0] } else { [8 * 4, 200 + 4] };
        let found = [NAME_STARTS, NAMES].map(|section| section_range(file.bytes(), section).len());
        assert_eq!(found, expected);
    }
}

/// Levels of the regions of some places.
fn levels_of(places: &[[f64; 2]]) -> BTreeSet<u32> {
    let list = list_of(places);
    let file = Aligned::new(&packed(&list));
    assert_gives_back(&list, file.bytes());
    let regions = Stranger::open(file.bytes()).regions();
    regions.iter().map(|region| region.level).collect()
}

/// A square is split where it holds one city more than 32,000, of both sides together.
#[test]
fn regions_are_split_where_they_hold_too_many() {
    let copies = |place: [f64; 2], count: usize| vec![place; count];
    let [here, there] = [[48.1, 11.5], [-48.1, -168.5]];
    assert_eq!(levels_of(&copies(here, 32_000)), [0].into());
    assert_eq!(levels_of(&copies(here, 32_001)), [16].into());
    let both = |count: usize| [copies(here, 20_000), copies(there, count)].concat();
    assert_eq!(levels_of(&both(12_000)), [0].into());
    assert_eq!(levels_of(&both(12_001)), [16].into());
    // Apart, they are apart at the first level.
    let apart = [copies(here, 32_000), copies([-10.0, 30.0], 1)].concat();
    assert!(levels_of(&apart).iter().all(|&level| level < 16));
}

/// More cities within a kilometre than a cell of the first grid may hold, so that they are dealt once
/// more, on both sides of the Earth and on the edges of faces; beside them cities everywhere.
#[test]
fn crowds_have_deep_regions() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut unit = move || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    // In the midst of a face, on an edge, at a corner, at a pole, on the antimeridian.
    for [lat, lon] in
        [[0.1, 0.2], [20.0, 45.0], [35.2643897, 135.0], [89.999, 0.0], [-2.0, 179.999]]
    {
        let mut places = Vec::new();
        while places.len() < 100_000 {
            places.push([lat, lon].map(|middle| middle + (unit() - 0.5) * 0.009));
        }
        while places.len() < 104_000 {
            places.push([-lat + (unit() - 0.5) * 0.009, lon - 180.0 + (unit() - 0.5) * 0.001]);
        }
        while places.len() < 107_000 {
            places.push([unit() * 180.0 - 90.0, unit() * 360.0 - 180.0]);
        }
        places.iter_mut().for_each(|[lat, lon]| {
            (*lat, *lon) = (lat.clamp(-90.0, 90.0), lon.max(-180.0));
        });
        let levels = levels_of(&places);
        assert!(levels.iter().any(|&level| level > 7) && levels.len() > 3, "{levels:?}");
        // Copies beside the crowd.
        places.extend(vec![[lat, lon]; 33_000]);
        let levels = levels_of(&places);
        assert!(levels.contains(&16) && levels.len() > 4, "{levels:?}");
    }
}

#[test]
fn a_stranger_reads_the_list_of_the_repository() {
    let Reading { list, skipped, .. } = data();
    assert_eq!((list.len(), skipped.count), (34_006, 0));
    assert_gives_back(&list, Aligned::new(&packed(&list)).bytes());
}

#[test]
fn no_city_is_an_atlas_too() {
    let buffer = Aligned::new(&packed(&CityList::default()));
    assert_gives_back(&CityList::default(), buffer.bytes());
    let atlas = Atlas::open(buffer.bytes()).expect("an atlas");
    assert!(atlas.points().is_empty() && atlas.points().regions().is_empty());
    assert_eq!(buffer.length, (HEADER_BYTES + TABLE_BYTES).next_multiple_of(64));
    for method in METHODS {
        let found = search_all(&atlas, method).expect("nothing to do");
        assert!(found.farthest().is_none() && found.covered == 0);
    }
}

#[test]
fn the_same_list_gives_the_same_bytes_and_as_many_as_told() {
    for cities in SIZES {
        let list = random_list(cities, 9);
        let file = packed(&list);
        assert!(file == packed(&list.clone()));
        let written = atlas::write(&list, &mut Cursor::new(Vec::new())).expect("memory takes it");
        assert_eq!(written, file.len() as u64);
    }
}

/// Position, row, degrees and name of each city, in the order of the tree.
fn along_the_tree<'a>(atlas: &Atlas<'a>) -> Vec<(usize, u64, [f64; 2], Vec<u8>)> {
    let tree = atlas.points().tree();
    let positions = (0..atlas.cities()).map(|place| tree.position(place));
    let city = |position| {
        let name = atlas.name_bytes(position).to_vec();
        (position, atlas.row(position), atlas.degrees(position), name)
    };
    positions.map(city).collect()
}

/// The bounds of every node of the tree.
fn all_bounds(points: &Points<'_>) -> Vec<Bounds> {
    let tree = points.tree();
    let levels = 0..=tree.root().level;
    let nodes =
        levels.flat_map(|level| (0..tree.nodes(level)).map(move |index| Node { level, index }));
    nodes.map(|node| *tree.bounds(node)).collect()
}

/// Whoever holds an atlas cannot tell whether it was packed: the bytes of one that is made in memory are those of
/// the file, but for the checksums, which nobody asks for, and for the bounds and their origin, which are made when
/// somebody asks for them. The tree over the one is that over the other.
#[test]
fn a_list_and_its_packed_file_are_the_same_atlas() {
    for cities in SIZES {
        let list = random_list(cities, 10);
        let mut file = packed(&list);
        let buffer = AtlasBuffer::new(list);
        let aligned = Aligned::new(&file);
        let in_file = Atlas::open(aligned.bytes()).expect("a packed file").points();
        assert!(all_bounds(&in_file) == all_bounds(&buffer.atlas().points()), "{cities} cities");
        let mut made = buffer.bytes().to_vec();
        let bounds = section_range(&file, BOUNDS);
        for bytes in [&mut file, &mut made] {
            bytes[bounds.clone()].fill(0);
            bytes[ORIGIN_AT..ORIGIN_AT + 24].fill(0);
            bytes[CHECKSUM_AT..HEADER_BYTES].fill(0);
            for entry in bytes[HEADER_BYTES..HEADER_BYTES + TABLE_BYTES].chunks_exact_mut(32) {
                entry[24..].fill(0);
            }
        }
        assert!(made == file, "{cities} cities");
    }
}

/// From vectors alone come points in regions, each with its vector, and the index as the row.
#[test]
fn points_are_made_of_vectors_alone() {
    for cities in SIZES {
        let list = random_list(cities, 11);
        let places = (0..cities).map(|city| list.coordinates(city));
        let vectors: Vec<UnitVector> =
            places.map(|place| unit_vector(place.lat_deg(), place.lon_deg())).collect();
        let buffer = PointBuffer::new(&vectors);
        let points = buffer.points();
        let atlas_buffer = AtlasBuffer::new(list);
        assert_eq!(points.regions().table(), atlas_buffer.atlas().points().regions().table());
        assert_eq!(all_bounds(&points).len(), level_lengths(cities).iter().sum::<usize>());
        let mut rows: Vec<u64> = (0..cities).map(|position| points.row(position)).collect();
        for (position, &row) in rows.iter().enumerate() {
            assert_eq!(points.vector(position), vectors[row as usize]);
            let (region, side) = points.regions().holding(position);
            assert!(points.regions().positions(region, side).contains(&position));
            let (spot, square) = (Spot::of(vectors[row as usize]), points.regions().square(region));
            assert_eq!((spot.axis, spot.side), (square.axis, side));
            let place = spot.cell.map(|cell| cell >> (16 - square.level) & 0xffff);
            assert_eq!(points.places()[position].numbers(), place);
        }
        check_tree(&points, &vectors);
        rows.sort_unstable();
        assert!(rows.into_iter().eq(0..cities as u64));
    }
}

/// That every box of the tree holds what is in it, and every city is in one tile.
fn check_tree(points: &Points<'_>, vectors: &[UnitVector]) {
    let tree = points.tree();
    for level in 0..=tree.root().level {
        let mut rows = BTreeSet::new();
        for index in 0..tree.nodes(level) {
            let bounds = tree.bounds(Node { level, index });
            let [least, greatest] = tree.corners(Node { level, index });
            for place in tree.places(Node { level, index }) {
                let row = points.row(tree.position(place));
                let vector = vectors[row as usize];
                assert!((0..3).all(|i| least[i] < vector[i] && vector[i] < greatest[i]));
                assert!(row >= bounds.lowest_row() && rows.insert(row));
            }
            assert!(rows.contains(&bounds.lowest_row()));
        }
        assert_eq!(rows.len(), points.len());
    }
}

/// Rows keep their numbers wherever others are left out, in front, between and behind.
#[test]
fn rows_and_indices_lead_to_each_other() {
    for cities in SIZES {
        let list = random_list(cities, 12);
        assert!(list.source_rows() >= cities as u64);
        for index in 0..cities {
            assert_eq!(list.index(list.row(index)), index);
        }
        let rows: Vec<u64> = (0..cities).map(|index| list.row(index)).collect();
        assert!(rows.is_sorted_by(|a, b| a < b) && rows[cities - 1] < list.source_rows());
    }
    let mut list = CityList::default();
    for row in [2, 3, 7] {
        list.skip_to(row);
        list.push(Coordinates::new(1.0, 2.0).expect("a place"), b"");
    }
    list.skip_to(9);
    assert_eq!(([0, 1, 2].map(|index| list.row(index)), list.source_rows()), ([2, 3, 7], 9));
}

#[test]
fn levels_and_groups_lead_up_to_one_root() {
    let cases: [(usize, &[usize]); 9] = [
        (0, &[]),
        (1, &[1]),
        (64, &[1]),
        (65, &[2, 1]),
        (256, &[4, 1]),
        (257, &[5, 2, 1]),
        (1024, &[16, 4, 1]),
        (1025, &[17, 5, 2, 1]),
        (usize::MAX, &[1 << 58]),
    ];
    for (cities, expected) in cases {
        let found = level_lengths(cities);
        assert!(found.starts_with(expected), "{cities}: {found:?}");
        assert!(cities == usize::MAX || found.len() == expected.len());
        assert_eq!(found.last(), if cities == 0 { None } else { Some(&1) });
    }
    assert_eq!(group_bounds(Vec::new(), |_, _| true), []);
    let leaf = |row: u64| of_place([row as f64, -(row as f64), 0.5], 100 - row);
    let all = group_bounds((0..17).map(leaf).collect(), |_, _| false);
    assert_eq!(all.len(), 17 + 5 + 2 + 1);
    let covers = |first: u64, last: u64| leaf(first).union(leaf(last), false);
    assert_eq!(all[17..21], [covers(0, 3), covers(4, 7), covers(8, 11), covers(12, 15)]);
    // A group of one node is that node, and one place if it is one.
    assert_eq!(all[21..], [leaf(16), covers(0, 15), leaf(16), covers(0, 16)]);
    assert_eq!(leaf(3).union(Bounds::EMPTY, true), leaf(3));
}

fn of_place(vector: UnitVector, row: u64) -> Bounds {
    Bounds::new([vector, vector], [0.0; 3], row, true)
}

/// A group is one place if its nodes are each one and their first cities are at the same.
#[test]
fn groups_are_one_place_where_all_their_cities_are() {
    let at = |place: usize| if place < 9 * 64 { 1.0 } else { 2.0 };
    let tile = |tile: usize| match tile {
        // One that is not at one place.
        2 => of_place([1.0; 3], 0).union(of_place([2.0; 3], 0), false),
        _ => of_place([at(64 * tile); 3], 0),
    };
    let all = group_bounds((0..16).map(tile).collect(), |i, j| at(i) == at(j));
    let marks: Vec<bool> = all.iter().map(Bounds::is_one_place).collect();
    assert!((0..16).all(|tile| marks[tile] == (tile != 2)));
    // Tiles 0 to 3 have the one that is not, 8 is at another place than 9 to 11.
    assert_eq!(marks[16..], [false, true, false, true, false]);
}

#[test]
fn a_file_cut_short_or_too_long_is_refused() {
    let list = random_list(5, 1);
    let whole = packed(&list);
    let large = packed(&random_list(1025, 1));
    for length in 0..whole.len() {
        let fault = opens(Aligned::new(&whole[..length]).bytes()).expect_err("cut short");
        assert!(fault.byte <= length as u64, "cut to {length}: {fault:?}");
    }
    for length in (0..large.len()).step_by(997) {
        opens(Aligned::new(&large[..length]).bytes()).expect_err("cut short");
    }
    for more in [1, 63, 64, 4096] {
        let fault = opens(Aligned::new(&[&whole[..], &vec![0; more]].concat()).bytes());
        assert_eq!(fault.expect_err("too long").byte, whole.len() as u64);
    }
}

#[test]
fn a_flipped_bit_in_header_or_table_is_refused_at_once() {
    for cities in [0, 1, 3, 200] {
        let mut file = Aligned::new(&packed(&random_list(cities, 2)));
        for bit in 0..(HEADER_BYTES + TABLE_BYTES) * 8 {
            file.flip(bit);
            assert!(opens(file.bytes()).is_err(), "{cities} cities, bit {bit}");
            file.flip(bit);
        }
        verifies(file.bytes()).expect("all flipped back");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found_by_verify() {
    let mut file = Aligned::new(&packed(&random_list(3, 4)));
    for bit in 0..file.length * 8 {
        file.flip(bit);
        let fault = verifies(file.bytes()).expect_err("a flipped bit");
        assert!(fault.byte <= file.length as u64 && !fault.found.is_empty());
        file.flip(bit);
    }
    let mut file = Aligned::new(&packed(&random_list(1025, 4)));
    for bit in (0..file.length * 8).step_by(4999) {
        file.flip(bit);
        verifies(file.bytes()).expect_err("a flipped bit");
        file.flip(bit);
    }
    verifies(file.bytes()).expect("all flipped back");
}

/// Uses a damaged atlas in every way; whatever it answers, it must come back. An answer is one of all pairs.
/// A table of regions may be seen to be none when the file is opened.
fn use_damaged(bytes: &[u8]) {
    let atlas = match Atlas::open(bytes) {
        Ok(atlas) => atlas,
        Err(fault) => {
            let regions = section_range(bytes, REGIONS);
            let is_there = (regions.start..regions.end).contains(&(fault.byte as usize));
            assert!(is_there && fault.expected.contains("region"), "{fault:?}");
            return;
        }
    };
    atlas.verify().expect_err("damaged");
    let n = atlas.cities() as u128;
    for method in METHODS {
        for kernel in Isa::ALL.into_iter().filter_map(|isa| Kernel::choose(Some(isa))) {
            for ranks in [1, 2] {
                let shares: Result<Vec<ShareResult>, Damage> = (0..ranks)
                    .map(|rank| {
                        search(
                            Field::within(&atlas.points()),
                            Wanted::default(),
                            method,
                            kernel,
                            rank,
                            ranks,
                        )
                    })
                    .collect();
                let Ok(shares) = shares else { continue };
                let covered: u128 = shares.iter().map(|share| share.covered).sum();
                assert_eq!(covered, n * n.saturating_sub(1) / 2, "{method:?}");
                let mut pairs = shares.iter().filter_map(|share| share.farthest());
                assert!(pairs.all(|pair| pair.distance_km.is_finite()));
            }
        }
    }
    let _ = survey(&atlas);
    for position in 0..atlas.cities() {
        let _ = (atlas.name(position), atlas.row(position), atlas.points().vector(position));
    }
}

#[test]
fn damage_in_any_section_does_no_harm() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let list = random_list(150, 6);
    for file in [&list, &rounded(&list)].map(|list| Aligned::new(&packed(list))) {
        for index in 0..TAGS.len() {
            let range = section_range(file.bytes(), index);
            let (offset, length) = (range.start as u64, range.len() as u64);
            let mut bit = || (offset * 8 + random.next_u64() % (length * 8)) as usize;
            for flips in [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 10, 100, 1000] {
                let mut damaged = Aligned::new(file.bytes());
                (0..flips).for_each(|_| damaged.flip(bit()));
                // An even number of flips of one bit would be none.
                if damaged.bytes() != file.bytes() {
                    use_damaged(damaged.bytes());
                }
            }
            for byte in [0x00, 0x7f, 0x80, 0xff] {
                let mut damaged = Aligned::new(file.bytes());
                damaged.bytes_mut()[range.clone()].fill(byte);
                use_damaged(damaged.bytes());
            }
            for _ in 0..10 {
                let mut damaged = Aligned::new(file.bytes());
                damaged.bytes_mut()[range.clone()].fill_with(|| random.next_u64() as u8);
                use_damaged(damaged.bytes());
            }
        }
    }
}

/// Cities near each other's antipodes on both sides of many regions: what the join works on.
fn opposite_crowds(cities: usize) -> CityList {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(13);
    let mut unit = move || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut places = Vec::new();
    for _ in 0..cities / 2 {
        let [lat, lon] = [unit() * 0.5 + 20.0, unit() * 0.5 + 44.8];
        places.extend([[lat, lon], [unit() * 1e-3 - lat, lon - 180.0]]);
    }
    list_of(&places)
}

/// Every number of the table of regions, made another: it is refused, or all pairs are covered and no
/// position is read that is not there.
#[test]
fn a_table_of_regions_that_is_none_is_refused() {
    let list = opposite_crowds(120_000);
    let file = Aligned::new(&packed(&list));
    let regions = Stranger::open(file.bytes()).regions();
    assert!(regions.len() > 4, "{regions:?}");
    let kernel = Kernel::choose(None).expect("there is always one");
    let n = list.len() as u64;
    let mut open = 0;
    for region in 0..regions.len() {
        for (at, width) in [(0, 8), (8, 8), (16, 8), (24, 4), (28, 4), (32, 4), (36, 4)] {
            let start = section_range(file.bytes(), REGIONS).start + 40 * region + at;
            let was = match width {
                8 => u64_at(file.bytes(), start),
                _ => u64::from(u32_at(file.bytes(), start)),
            };
            let near = [was.wrapping_sub(1), was + 1, was ^ 1 << 31, was ^ 1 << 10, was ^ 1 << 2];
            let values = [0, 1, 2, 3, 7, 16, 17, n, n + 1, 4_000_000_000, 1 << 63, u64::MAX];
            for value in near.into_iter().chain(values) {
                let mut damaged = Aligned::new(file.bytes());
                damaged.forge(REGIONS, 40 * region + at, &value.to_le_bytes()[..width]);
                let Ok(atlas) = Atlas::open(damaged.bytes()) else { continue };
                open += 1;
                let share = |rank| {
                    search(
                        Field::within(&atlas.points()),
                        Wanted::default(),
                        Method::Pruned,
                        kernel,
                        rank,
                        2,
                    )
                    .expect("no NaN")
                };
                let covered: u128 = (0..2).map(|rank| share(rank).covered).sum();
                assert_eq!(covered, u128::from(n) * u128::from(n - 1) / 2);
            }
        }
    }
    // Where a region begins is any place between those of its neighbours.
    assert!(open >= regions.len(), "{open}");
}

#[test]
fn a_region_twice_or_none_is_refused() {
    let file = Aligned::new(&packed(&opposite_crowds(120_000)));
    let table = file.bytes()[section_range(file.bytes(), REGIONS)].to_vec();
    for region in 1..table.len() / 40 {
        let mut damaged = Aligned::new(file.bytes());
        damaged.forge(REGIONS, 40 * region, &table[40 * (region - 1)..40 * region]);
        damaged.seal_section(REGIONS);
        let fault = opens(damaged.bytes()).expect_err("twice");
        assert!(fault.expected.contains("region") && fault.remedy.contains("pack"), "{fault:?}");
        // Exchanged with the one before.
        damaged.forge(REGIONS, 40 * (region - 1), &table[40 * region..40 * (region + 1)]);
        damaged.seal_section(REGIONS);
        opens(damaged.bytes()).expect_err("out of order");
    }
}

/// Places, rows and bounds may say anything: to the join, to the tree and of ties. Degrees too, but of fewer
/// cities: if they are all the same and the bounds say otherwise, every pair is looked at.
#[test]
fn sections_of_garbage_do_no_harm() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(14);
    let all = [PLACES, ROWS, BOUNDS, DEGREES];
    let cap: Vec<[f64; 2]> = (0..3000_i32)
        .map(|i| [f64::from(i % 53), f64::from(i % 59) - 1.0 / f64::from(i + 1)])
        .collect();
    let lists = [
        (opposite_crowds(120_000), &all[..3]),
        (opposite_crowds(6000), &all),
        (list_of(&cap), &all),
    ];
    for (list, sections) in lists {
        let file = Aligned::new(&packed(&list));
        for &section in sections {
            let range = section_range(file.bytes(), section);
            for round in 0..6 {
                let mut damaged = Aligned::new(file.bytes());
                let bytes = &mut damaged.bytes_mut()[range.clone()];
                match round {
                    0 => bytes.fill(0xff),
                    1 => bytes.fill(0),
                    // f32 that are no numbers, and the mark of one place.
                    2 => bytes
                        .chunks_mut(4)
                        .for_each(|four| four.copy_from_slice(&[0, 0, 0xc0, 0xff])),
                    3 => bytes.reverse(),
                    _ => bytes.fill_with(|| random.next_u64() as u8),
                }
                check_pruned(damaged.bytes());
            }
        }
    }
}

/// Searches a file with a damaged section: an error, or an answer of all pairs.
fn check_pruned(bytes: &[u8]) {
    let atlas = Atlas::open(bytes).expect("header, table and regions are sound");
    atlas.verify().expect_err("damaged");
    if let Ok(found) = search_all(&atlas, Method::Pruned) {
        let n = atlas.cities() as u128;
        assert_eq!(found.covered, n * (n - 1) / 2);
        assert!(found.farthest().is_none_or(|pair| pair.distance_km.is_finite()));
    }
}

#[test]
fn damaged_degrees_are_an_error_or_an_answer_but_never_nan() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200, -1e200, 2.0, 0.0, 5e-324] {
        for axis in 0..2 {
            let mut file = Aligned::new(&packed(&random_list(70, 7)));
            assert_eq!(u32_at(file.bytes(), 56), 16);
            for city in [0, 5, 63] {
                file.forge(DEGREES, 16 * city + 8 * axis, &value.to_le_bytes());
            }
            use_damaged(file.bytes());
        }
        let mut file = Aligned::new(&packed(&random_list(70, 7)));
        let all = value.to_le_bytes().repeat(140);
        file.forge(DEGREES, 0, &all);
        use_damaged(file.bytes());
        let atlas = Atlas::open(file.bytes()).expect("header and table are sound");
        for method in METHODS.into_iter().filter(|_| value.is_nan()) {
            search_all(&atlas, method).expect_err("no distance");
        }
    }
}

/// Bounds whose corners are no numbers, or exchanged, or marked as one place though they are not.
#[test]
fn damaged_bounds_are_survived() {
    let list = random_list(300, 15);
    let file = Aligned::new(&packed(&list));
    let nodes = section_range(file.bytes(), BOUNDS).len() / 32;
    for node in 0..nodes {
        for corner in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -2.0] {
            let mut damaged = Aligned::new(file.bytes());
            damaged.forge(BOUNDS, 32 * node + 4 * (node % 6), &corner.to_le_bytes());
            use_damaged(damaged.bytes());
        }
        let mut damaged = Aligned::new(file.bytes());
        let row = u64_at(file.bytes(), section_range(file.bytes(), BOUNDS).start + 32 * node + 24);
        damaged.forge(BOUNDS, 32 * node + 24, &(row ^ 1 << 63).to_le_bytes());
        use_damaged(damaged.bytes());
        damaged.forge(BOUNDS, 32 * node + 24, &u64::MAX.to_le_bytes());
        use_damaged(damaged.bytes());
    }
}

#[test]
fn names_that_lead_nowhere_show_as_unreadable() {
    let list = random_list(130, 8);
    for start in [u64::MAX, 1 << 63, 1 << 40, 1 << 32] {
        let mut file = Aligned::new(&packed(&list));
        file.forge(NAME_STARTS, 8, &start.to_le_bytes());
        let atlas = Atlas::open(file.bytes()).expect("header and table are sound");
        for position in 0..130 {
            let is_lost = (64..128).contains(&position);
            let whole = String::from_utf8_lossy(list.name(list.index(atlas.row(position))));
            assert_eq!(atlas.name(position), if is_lost { "\u{fffd}".into() } else { whole });
        }
    }
    // Just at the end, behind it, and somewhere in between, each of which may begin a name.
    let length = section_range(packed(&list).as_slice(), NAMES).len() as u64;
    for start in (0..=length).chain([length + 1]) {
        let mut file = Aligned::new(&packed(&list));
        file.forge(NAME_STARTS, 0, &start.to_le_bytes());
        let atlas = Atlas::open(file.bytes()).expect("header and table are sound");
        let names: Vec<_> = (0..64).map(|position| atlas.name(position)).collect();
        assert!(start < length || names.iter().all(|name| name == "\u{fffd}"), "{start}");
    }
}

/// Lengths of 2⁶³ and more, of eleven bytes, and without an end.
#[test]
fn names_of_impossible_length_show_as_unreadable() {
    let place = Coordinates::new(1.0, 2.0).expect("valid");
    let mut list = CityList::default();
    list.push(place, b"a name that has room for more");
    list.push(place, b"another");
    let lengths: [&[u8]; 6] = [
        &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        &[0xff; 30],
        &[0x7f],
    ];
    for length in lengths {
        let mut file = Aligned::new(&packed(&list));
        file.forge(NAMES, 0, length);
        let atlas = Atlas::open(file.bytes()).expect("header and table are sound");
        assert_eq!([0, 1].map(|position| atlas.name(position)), ["\u{fffd}"; 2], "{length:x?}");
        use_damaged(file.bytes());
    }
}

#[test]
fn other_versions_are_refused_with_the_way_out() {
    let mut file = Aligned::new(&packed(&random_list(3, 1)));
    let versions =
        [(0_u32, "older"), (1, "older"), (2, "older"), (4, "newer"), (u32::MAX, "newer")];
    for (version, word) in versions {
        file.bytes_mut()[8..12].copy_from_slice(&version.to_le_bytes());
        file.seal();
        let fault = opens(file.bytes()).expect_err("another version");
        assert_eq!((fault.byte, fault.expected.as_str()), (8, "version 3"));
        assert_eq!(fault.found, format!("version {version}"));
        let way_out = "source again";
        assert!(fault.remedy.contains(word) && fault.remedy.contains(way_out), "{fault:?}");
    }
}

/// Around the edges of blocks, by the crate as by the page.
#[test]
fn checksums_are_those_of_blocks() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(16);
    let mut bytes = vec![0; 3 * checksum::BLOCK_BYTES + 1];
    random.fill_bytes(&mut bytes);
    let block = checksum::BLOCK_BYTES;
    for length in [0, 1, 63, block - 1, block, block + 1, 2 * block, 3 * block, 3 * block + 1] {
        let bytes = &bytes[..length];
        assert_eq!(checksum::of(bytes), block_checksum(bytes), "{length} bytes");
        // Three ranks, each with its part.
        let blocks = checksum::blocks(length);
        let parts = (0..3).map(|rank| blocks * rank / 3..blocks * (rank + 1) / 3);
        let parts = parts.flat_map(|part| checksum::blocks_of(bytes, part)).collect::<Vec<_>>();
        assert_eq!(checksum::of_blocks(&parts), checksum::of(bytes), "{length} bytes");
    }
}

/// The file has two blocks; the number was computed in Python, by the line in `FORMAT.md`.
#[test]
fn the_fingerprint_of_a_text_file_is_its_checksum() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/cities15000.tsv");
    let fingerprint = CityFile::open(&path).expect("data is there").fingerprint(&Alone);
    let expected = Fingerprint { bytes: 1_099_918, checksum: 0xa994_03d4_db71_dbf5 };
    assert_eq!(fingerprint.expect("nobody else fails"), expected);
}

/// One section of several blocks, of which the writer gets one name at a time, and a bit in each.
#[test]
fn a_section_of_several_blocks_is_verified() {
    let mut list = CityList::default();
    for city in 0..4 {
        list.push(Coordinates::new(f64::from(city), 2.0).expect("valid"), &[b'x'; 700_000]);
    }
    let mut file = Aligned::new(&packed(&list));
    assert_gives_back(&list, file.bytes());
    let names = section_range(file.bytes(), NAMES);
    assert!(names.len() > 2 << 20);
    for byte in [names.start, names.start + (1 << 20), names.end - 1] {
        file.flip(byte * 8);
        let fault = verifies(file.bytes()).expect_err("damaged");
        assert_eq!(fault.byte, names.start as u64);
        file.flip(byte * 8);
    }
}

/// An atlas that is made in memory has no checksums of its sections: it opens, and says that it does not hold
/// together only if it is asked to.
#[test]
fn an_atlas_without_checksums_of_sections_opens() {
    let list = random_list(300, 17);
    let mut file = Aligned::new(&packed(&list));
    for section in 0..TAGS.len() {
        let at = HEADER_BYTES + 32 * section + 24;
        file.bytes_mut()[at..at + 8].fill(0);
    }
    file.seal();
    let atlas = Atlas::open(file.bytes()).expect("header, table and regions are sound");
    let whole = Aligned::new(&packed(&list));
    let sound = Atlas::open(whole.bytes()).expect("an atlas");
    for method in METHODS {
        let found = |atlas: &Atlas<'_>| search_all(atlas, method).expect("numbers").farthest();
        assert_eq!(found(&atlas), found(&sound));
    }
    atlas.verify().expect_err("no checksums");
}

/// Ranks write all sections but the regions before anyone knows how many regions there are.
#[test]
fn where_a_section_begins_does_not_depend_on_the_number_of_regions() {
    let shapes =
        [(0, 0), (1, 0), (65, 300), (1 << 40, 1 << 43)].map(|(cities, name_bytes)| Shape {
            cities,
            source_rows: cities,
            name_bytes,
            degree_bytes: 8,
            row_bytes: 4,
            ..Shape::default()
        });
    for shape in shapes {
        let (header, table) = atlas::plan(shape).expect("below 2^64 bytes");
        assert_eq!(table[REGIONS].tag, *TAGS[REGIONS]);
        for regions in [1, 2, 1 << 20] {
            let (more, longer) = atlas::plan(Shape { regions, ..shape }).expect("below 2^64 bytes");
            let with_them = TableEntry { bytes: 40 * regions, ..table[REGIONS] };
            assert_eq!(longer[..REGIONS], table[..REGIONS]);
            assert_eq!(longer[REGIONS], with_them);
            assert_eq!(more.file_bytes, header.file_bytes + 40 * regions);
        }
    }
}

#[test]
fn foreign_bytes_are_refused() {
    for foreign in
        [&b""[..], b"lat lon name\n", b"\x89CITIES\r\n more", b"\x89PNG\r\n\x1a\n", &[0; 500]]
    {
        let fault = opens(Aligned::new(foreign).bytes()).expect_err("no atlas");
        assert_eq!(fault.byte, 0);
        assert!(fault.expected.contains("CITIES"), "{fault:?}");
    }
    let fault = opens(Aligned::new(b"\x89CITIES\n").bytes()).expect_err("no header");
    assert_eq!(fault.byte, 8);
}

#[test]
fn forged_headers_with_right_checksums_are_refused() {
    let list = random_list(70, 3);
    let whole = packed(&list);
    let values = [0, 1, 69, 71, 1 << 31, 1 << 58, 1 << 61, u64::MAX / 56, u64::MAX - 1, u64::MAX];
    // Every field but magic, version, source rows and base of longitudes (below) and the checksum itself.
    let wide = [16, 32, 40, 64].map(|at| (at, 8));
    let narrow = [12, 56, 60, 72, 76, 80, 84, 112, 116].map(|at| (at, 4));
    let header_fields = wide.into_iter().chain(narrow);
    let table_fields =
        (0..7).flat_map(|k| [0, 8, 16].map(|field| (HEADER_BYTES + 32 * k + field, 8)));
    for (at, width) in header_fields.chain(table_fields) {
        for value in values {
            let mut file = Aligned::new(&whole);
            file.bytes_mut()[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            file.seal();
            let is_same = file.bytes() == whole;
            assert!(is_same || opens(file.bytes()).is_err(), "byte {at} as {value}");
        }
    }
    // A length that is right for the bytes, and nothing behind the table.
    for cities in values {
        let mut file = Aligned::new(&whole[..HEADER_BYTES + TABLE_BYTES]);
        file.bytes_mut()[16..24].copy_from_slice(&cities.to_le_bytes());
        file.bytes_mut()[64..72].copy_from_slice(&352_u64.to_le_bytes());
        file.seal();
        opens(file.bytes()).expect_err("no sections");
    }
    // Fewer rows than cities, or more than there can be; any other number is one.
    let rows = [(0, false), (69, false), (70, true), (1 << 63, true), ((1 << 63) + 1, false)];
    for (source_rows, is_one) in rows.into_iter().chain([(u64::MAX, false)]) {
        let mut file = Aligned::new(&whole);
        file.bytes_mut()[24..32].copy_from_slice(&source_rows.to_le_bytes());
        file.seal();
        assert_eq!(opens(file.bytes()).is_ok(), is_one, "{source_rows} rows");
    }
    // Longitudes from any base are numbers.
    for base in [1, -1, i64::MIN, i64::MAX] {
        let mut file = Aligned::new(&packed(&rounded(&list)));
        file.bytes_mut()[48..56].copy_from_slice(&base.to_le_bytes());
        file.seal();
        let atlas = Atlas::open(file.bytes()).expect("an atlas");
        for method in METHODS {
            let found = search_all(&atlas, method).expect("numbers");
            assert!(found.farthest().is_some_and(|pair| pair.distance_km.is_finite()));
        }
    }
}

#[test]
fn packed_again_it_is_the_same_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("first.cities");
    for (cities, seed) in [(1, 0), (2, 1), (65, 2), (1025, 3)] {
        let list = random_list(cities, seed);
        fs::write(&path, packed(&list)).expect("room on the disk");
        let file = CityFile::open(&path).expect("packed");
        assert_eq!(file.format(), "packed");
        let Reading { list: again, skipped, .. } =
            file.list(&ReadOptions::default()).expect("sound");
        assert_eq!(again, list);
        assert_eq!(skipped, formats::Skipped::default());
        assert!(packed(&again) == packed(&list));
    }
}

#[test]
fn text_and_its_packed_form_are_the_same_cities() {
    let folder = tempfile::tempdir().expect("a folder");
    let (text_path, path) = (folder.path().join("a.csv"), folder.path().join("a.cities"));
    let text =
        "lat,lon,name\n95,400,x\n10,20,a\n-0.0,-180,\"b, c\"\n1,nan,d\n10,20,e\n1,1,\n7,x,y\n";
    fs::write(&text_path, text).expect("room on the disk");
    let options = ReadOptions { skip_invalid: true, ..ReadOptions::default() };
    let from_text = CityFile::open(&text_path).expect("text");
    let Reading { list, skipped, .. } = from_text.list(&options).expect("skipped");
    assert_eq!((list.len(), list.source_rows(), skipped.count), (4, 7, 3));
    assert_eq!([0, 1, 2, 3].map(|city| list.row(city)), [1, 2, 4, 5]);

    fs::write(&path, packed(&list)).expect("room on the disk");
    let from_packed = CityFile::open(&path).expect("packed");
    let again = from_packed.list(&ReadOptions::default()).expect("sound").list;
    assert_eq!(again, list);

    let loaded = from_text.load(&Alone, &options.into()).expect("text");
    let mapped = from_packed.load(&Alone, &LoadOptions::default()).expect("packed");
    let cities = |atlas: Atlas<'_>| -> Vec<_> {
        let cities = along_the_tree(&atlas).into_iter();
        cities.map(|(_, row, degrees, name)| (row, degrees.map(f64::to_bits), name)).collect()
    };
    let mapped_cities = cities(mapped.atlas());
    assert_eq!((mapped_cities.len(), cities(loaded.atlas())), (4, mapped_cities));
    mapped.verify(&from_packed, &Alone).expect("sound");
}

#[test]
fn a_damaged_file_is_not_packed_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.cities");
    let mut file = Aligned::new(&packed(&random_list(10, 1)));
    let rows = section_range(file.bytes(), ROWS).start;
    file.flip(rows * 8);
    fs::write(&path, file.bytes()).expect("room on the disk");
    let opened = CityFile::open(&path).expect("header and table are sound");
    let error = opened.list(&ReadOptions::default()).expect_err("damaged");
    assert!(matches!(error, Error::Format { byte, .. } if byte == rows as u64), "{error}");
    assert_eq!(error.exit_code(), 65);

    // Checksums made right over rows that stand twice: only a forger does that.
    let again = u32_at(file.bytes(), rows);
    file.forge(ROWS, 4, &again.to_le_bytes());
    file.seal_section(ROWS);
    fs::write(&path, file.bytes()).expect("room on the disk");
    let opened = CityFile::open(&path).expect("header and table are sound");
    let error = opened.list(&ReadOptions::default()).expect_err("forged");
    assert!(matches!(error, Error::Format { .. }), "{error}");
}

/// Rows with and without copies, looked at by windows and by sorting, by any number of ranks.
#[test]
fn a_row_that_stands_twice_is_found_in_little_memory() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(18);
    let (mut twice, mut once) = (0, 0);
    for round in 0..3000 {
        let mut below = |limit: u64| random.next_u64() % limit;
        let cities = 1 + below(120);
        let source_rows = cities + below([1, 5, 1000, 1 << 62][round % 4]);
        let mut rows: Vec<u64> = match source_rows < 2000 {
            true => (0..source_rows).collect(),
            false => (0..cities).map(|city| city * (source_rows / cities)).collect(),
        };
        (1..rows.len()).for_each(|at| rows.swap(at, below(at as u64 + 1) as usize));
        rows.truncate(cities as usize);
        for _ in 0..below(3) * below(2) {
            let [from, to] = [0, 1].map(|_| below(cities) as usize);
            rows[to] = rows[from];
        }
        let count = |row: u64| rows.iter().filter(|&&other| other == row).count();
        let is_twice = rows.iter().any(|&row| count(row) > 1);
        let limits = Limits { window_rows: 1 + below(300), sorted_rows: 2 + below(40) as usize };
        let ranks = 1 + below(4) as usize;
        let row = |position: usize| rows[position];
        let found = (0..ranks)
            .find_map(|rank| find_row_twice(rows.len(), &row, source_rows, (rank, ranks), limits));
        assert_eq!(found.is_some(), is_twice, "{rows:?} of {source_rows}, {limits:?}");
        assert!(found.is_none_or(|position| count(rows[position]) > 1));
        *(if is_twice { &mut twice } else { &mut once }) += 1;
    }
    assert!(twice > 500 && once > 500, "{twice} {once}");
}

#[test]
fn a_file_named_packed_that_is_neither_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.cities");
    for foreign in [&b""[..], b"\x00\x01\x02", b"\x89CIT"] {
        fs::write(&path, foreign).expect("room on the disk");
        let error = CityFile::open(&path).map(|_| ()).expect_err("no city file");
        assert!(matches!(error, Error::Format { byte: 0, .. }), "{error}");
    }
    fs::write(&path, "1 2 text under a packed name\n").expect("room on the disk");
    assert_eq!(CityFile::open(&path).expect("text").format(), "text");
}

/// Any list of up to 150 cities, with equal ones, neighbours, and rows left out.
fn any_list() -> impl Strategy<Value = CityList> {
    let whole = |lat: i64, lon: i64| (lat as f64 / 1e7, lon as f64 / 1e7);
    let whole = (-900_000_000..=900_000_000_i64, -1_800_000_000..=3_600_000_000_i64)
        .prop_map(move |(lat, lon)| whole(lat, lon));
    let degrees = prop_oneof![
        3 => (-90.0..=90.0, -180.0..=360.0),
        2 => whole,
        1 => (-2..=2_i32, -4..=8_i32).prop_map(|(a, b)| (f64::from(a) * 45.0, f64::from(b) * 45.0)),
        1 => (-1e-9..1e-9, -1e-9..1e-9),
    ];
    let name = prop_oneof![
        9 => prop::collection::vec(any::<u8>(), 0..10),
        1 => prop::collection::vec(any::<u8>(), 120..140),
    ];
    let row = prop_oneof![8 => Just(0_u64), 1 => 1..1_u64 << 40];
    let rows = prop::collection::vec((degrees, name, row), 0..150);
    (rows, 0..3_u64, any::<bool>()).prop_map(|(rows, skipped_at_end, is_whole)| {
        let mut list = CityList::default();
        for ((lat, lon), name, skipped) in rows {
            list.skip_to(list.source_rows() + skipped);
            list.push(Coordinates::new(lat, lon).expect("valid"), &name);
        }
        list.skip_to(list.source_rows() + skipped_at_end);
        if is_whole { rounded(&list) } else { list }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_list_comes_back(list in any_list()) {
        let buffer = Aligned::new(&packed(&list));
        assert_gives_back(&list, buffer.bytes());
        prop_assert!(packed(&list) == buffer.bytes());
    }

    #[test]
    fn any_flipped_bit_is_found(list in any_list(), share in 0.0..1.0_f64) {
        let mut file = Aligned::new(&packed(&list));
        let bit = (share * (file.length * 8) as f64) as usize;
        file.flip(bit);
        prop_assert!(verifies(file.bytes()).is_err(), "bit {}", bit);
        let is_in_head = bit < (HEADER_BYTES + TABLE_BYTES) * 8;
        let is_in_regions = section_range(file.bytes(), REGIONS).contains(&(bit / 8));
        if is_in_head || !is_in_regions {
            prop_assert_eq!(opens(file.bytes()).is_err(), is_in_head, "bit {}", bit);
        }
        if !is_in_head {
            use_damaged(file.bytes());
        }
    }
}
