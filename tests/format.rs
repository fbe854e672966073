//! Proves that a packed file is what `src/atlas/FORMAT.md` says, that it gives back every city, and
//! that no damage to it goes unnoticed or does harm.
//!
//! [`Stranger`] is a reader written from that document alone: it decodes numbers byte by byte,
//! shares no struct, no layout and no curve with the crate, and derives everything again.

use std::cmp::Ordering;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use farthest::atlas::{self, Atlas, AtlasBuffer, Fault};
use farthest::cities::{CityList, Coordinates};
use farthest::error::Error;
use farthest::formats::{self, ReadOptions, Reading};
use farthest::kernel::{Isa, Kernel};
use farthest::points::PointBuffer;
use farthest::search::{Found, Method, search};
use farthest::source::CityFile;
use farthest::sphere::{UnitVector, unit_vector};
use farthest::survey::survey;
use farthest::tiles::{Bounds, group_bounds, level_lengths};
use proptest::prelude::*;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use xxhash_rust::xxh3::xxh3_64;

const HEADER_BYTES: usize = 64;
const TABLE_BYTES: usize = 7 * 32;
const TAGS: [&[u8; 8]; 7] = [
    b"LAT\0\0\0\0\0",
    b"LON\0\0\0\0\0",
    b"ROWS\0\0\0\0",
    b"TILES\0\0\0",
    b"BOUNDS\0\0",
    b"NAMEENDS",
    b"NAMES\0\0\0",
];

/// Sizes around the edges of tiles and groups of tiles.
const SIZES: [usize; 10] = [1, 2, 3, 63, 64, 65, 255, 256, 257, 1025];

const METHODS: [Method; 3] = [Method::Naive, Method::Exhaustive, Method::Pruned];

/// Searches with the fastest kernel on one rank.
fn search_all(atlas: &Atlas<'_>, method: Method) -> Result<Found, String> {
    search(atlas, method, Kernel::choose(None).expect("there is always one"), 0, 1)
}

/// A reader of packed files that knows `FORMAT.md` and nothing else.
struct Stranger<'a> {
    bytes: &'a [u8],
    cities: usize,
    source_rows: u64,
    sections: Vec<&'a [u8]>,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

fn f64_at(bytes: &[u8], at: usize) -> f64 {
    f64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// Three f64 from a place on, `stride` bytes apart.
fn three_at(bytes: &[u8], at: usize, stride: usize) -> [f64; 3] {
    [0, 1, 2].map(|axis| f64_at(bytes, at + axis * stride))
}

impl<'a> Stranger<'a> {
    /// Reads header and table, and checks them, the padding and every checksum.
    fn open(bytes: &'a [u8]) -> Stranger<'a> {
        assert_eq!(&bytes[..8], b"\x89CITIES\n");
        assert_eq!([u32_at(bytes, 8), u32_at(bytes, 12)], [1, 7]);
        assert_eq!([u32_at(bytes, 40), u32_at(bytes, 44)], [64, 4]);
        assert_eq!([u64_at(bytes, 32), u64_at(bytes, 48)], [bytes.len() as u64, 0]);
        let mut summed = bytes[..56].to_vec();
        summed.extend_from_slice(&bytes[HEADER_BYTES..HEADER_BYTES + TABLE_BYTES]);
        assert_eq!(u64_at(bytes, 56), xxh3_64(&summed));

        let cities = u64_at(bytes, 16) as usize;
        let mut sections = Vec::new();
        let mut end = HEADER_BYTES + TABLE_BYTES;
        for (index, tag) in TAGS.iter().enumerate() {
            let entry = HEADER_BYTES + index * 32;
            assert_eq!(&bytes[entry..entry + 8], &tag[..]);
            let offset = u64_at(bytes, entry + 8) as usize;
            let length = u64_at(bytes, entry + 16) as usize;
            assert_eq!(offset, end.div_ceil(64) * 64);
            assert!(bytes[end..offset].iter().all(|&byte| byte == 0));
            let section = &bytes[offset..offset + length];
            assert_eq!(u64_at(bytes, entry + 24), xxh3_64(section));
            sections.push(section);
            end = offset + length;
        }
        assert_eq!(end, bytes.len());
        let stranger = Stranger { bytes, cities, source_rows: u64_at(bytes, 24), sections };
        stranger.check_lengths();
        stranger
    }

    fn tiles(&self) -> usize {
        self.cities.div_ceil(64)
    }

    fn check_lengths(&self) {
        let mut nodes = 0;
        let mut level = self.tiles();
        while level > 0 {
            nodes += level;
            level = if level == 1 { 0 } else { level.div_ceil(4) };
        }
        let n = self.cities;
        let lengths = [8 * n, 8 * n, 8 * n, 1536 * self.tiles(), 56 * nodes, 8 * n];
        for (section, length) in self.sections.iter().zip(lengths) {
            assert_eq!(section.len(), length);
        }
    }

    fn lat(&self, city: usize) -> f64 {
        f64_at(self.sections[0], 8 * city)
    }

    fn lon(&self, city: usize) -> f64 {
        f64_at(self.sections[1], 8 * city)
    }

    fn row(&self, city: usize) -> u64 {
        u64_at(self.sections[2], 8 * city)
    }

    /// The vector in a lane of all tiles, those filled up included.
    fn lane(&self, lane: usize) -> [f64; 3] {
        three_at(self.sections[3], lane / 64 * 1536 + lane % 64 * 8, 512)
    }

    fn name(&self, city: usize) -> &'a [u8] {
        let start = if city == 0 { 0 } else { u64_at(self.sections[5], 8 * (city - 1)) };
        &self.sections[6][start as usize..u64_at(self.sections[5], 8 * city) as usize]
    }

    fn check_everything(&self) {
        self.check_rows();
        self.check_vectors();
        self.check_order();
        self.check_bounds();
        let names = self.sections[6].len() as u64;
        let last = self.cities.checked_sub(1).map_or(0, |last| u64_at(self.sections[5], 8 * last));
        assert_eq!(last, names);
        assert!((0..self.cities).all(|city| self.name(city).len() as u64 <= names));
    }

    fn check_rows(&self) {
        let mut rows: Vec<u64> = (0..self.cities).map(|city| self.row(city)).collect();
        rows.sort_unstable();
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "a row stands twice");
        assert!(rows.last().is_none_or(|&last| last < self.source_rows));
    }

    fn check_vectors(&self) {
        // The system's sine is good to an ulp or so; tests/sphere.rs asks for 3e-16.
        const TOLERANCE: f64 = 1e-15;
        for lane in 0..self.tiles() * 64 {
            let city = lane.min(self.cities - 1);
            let (lat, lon) = (self.lat(city), self.lon(city));
            assert!((-90.0..=90.0).contains(&lat) && (-180.0..=360.0).contains(&lon));
            let (phi, lambda) = (lat.to_radians(), lon.to_radians());
            let expected = [phi.cos() * lambda.cos(), phi.cos() * lambda.sin(), phi.sin()];
            let found = self.lane(lane);
            for axis in 0..3 {
                assert!((found[axis] - expected[axis]).abs() < TOLERANCE, "lane {lane}");
                assert!(found[axis] != 0.0 || found[axis].is_sign_positive());
            }
            assert_eq!(found.map(f64::to_bits), self.lane(city).map(f64::to_bits));
        }
    }

    fn check_order(&self) {
        let place = |city: usize| curve_place(self.lane(city));
        for (before, city) in (1..self.cities).map(|city| (city - 1, city)) {
            let by_degrees = |degrees: fn(&Self, usize) -> f64| {
                degrees(self, before).partial_cmp(&degrees(self, city)).expect("no NaN")
            };
            let order = place(before)
                .cmp(&place(city))
                .then_with(|| by_degrees(Self::lat))
                .then_with(|| by_degrees(Self::lon))
                .then(self.row(before).cmp(&self.row(city)));
            assert_eq!(order, Ordering::Less, "cities {before} and {city}");
        }
    }

    /// Least and greatest vector and lowest row of a node.
    fn node(&self, node: usize) -> ([f64; 3], [f64; 3], u64) {
        let at = 56 * node;
        let section = self.sections[4];
        (three_at(section, at, 8), three_at(section, at + 24, 8), u64_at(section, at + 48))
    }

    /// Every node of every level, against the cities that it covers.
    fn check_bounds(&self) {
        let (mut node, mut nodes, mut cities_in_node) = (0, self.tiles(), 64);
        while nodes > 0 {
            for k in 0..nodes {
                let members = k * cities_in_node..self.cities.min((k + 1) * cities_in_node);
                let (mut min, mut max, mut row) = ([f64::MAX; 3], [f64::MIN; 3], u64::MAX);
                for city in members {
                    let v = self.lane(city);
                    for axis in 0..3 {
                        min[axis] = min[axis].min(v[axis]);
                        max[axis] = max[axis].max(v[axis]);
                    }
                    row = row.min(self.row(city));
                }
                assert_eq!(self.node(node), (min, max, row), "node {node}");
                node += 1;
            }
            cities_in_node *= 4;
            nodes = if nodes == 1 { 0 } else { nodes.div_ceil(4) };
        }
        assert_eq!(56 * node, self.sections[4].len(), "the last node is the root");
    }
}

/// The place on the curve, by the three steps of `FORMAT.md`.
fn curve_place([x, y, z]: [f64; 3]) -> u64 {
    let s = x.abs() + y.abs() + z.abs();
    let (mut u, mut v) = (x / s, y / s);
    if z < 0.0 {
        let sign = |value: f64| if value.is_sign_negative() { -1.0 } else { 1.0 };
        (u, v) = (sign(u) * (1.0 - v.abs()), sign(v) * (1.0 - u.abs()));
    }
    let cell = |value: f64| (((value + 1.0) * 2_f64.powi(31)).floor() as u64).min((1 << 32) - 1);
    hilbert(32, cell(u), cell(v))
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
        let summed = [&bytes[..56], &bytes[HEADER_BYTES..table]].concat();
        bytes[56..64].copy_from_slice(&xxh3_64(&summed).to_le_bytes());
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

fn assert_gives_back(list: &CityList, bytes: &[u8]) {
    let stranger = Stranger::open(bytes);
    stranger.check_everything();
    let atlas = Atlas::open(stranger.bytes).expect("an atlas");
    atlas.verify().expect("undamaged");
    assert_eq!((stranger.cities, stranger.source_rows), (list.len(), list.source_rows()));
    assert_eq!((atlas.cities(), atlas.source_rows()), (list.len(), list.source_rows()));
    assert_eq!(atlas.checksum(), Some(u64_at(bytes, 56)));
    let mut positions: Vec<usize> = (0..list.len()).collect();
    positions.sort_by_key(|&position| stranger.row(position));
    for (city, position) in positions.into_iter().enumerate() {
        let c = list.coordinates(city);
        let given = [c.lat_deg(), c.lon_deg()].map(f64::to_bits);
        assert_eq!([stranger.lat(position), stranger.lon(position)].map(f64::to_bits), given);
        assert_eq!(atlas.degrees(position).map(f64::to_bits), given);
        assert_eq!([stranger.row(position), atlas.row(position)], [list.row(city); 2]);
        assert_eq!([stranger.name(position), atlas.name_bytes(position)], [list.name(city); 2]);
        assert_eq!(atlas.name(position), String::from_utf8_lossy(list.name(city)));
        assert_eq!(atlas.points().vector(position), stranger.lane(position));
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
        }
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
    assert!(atlas.points().tiles().is_empty() && atlas.points().bounds().is_empty());
    for method in METHODS {
        let found = search_all(&atlas, method).expect("nothing to do");
        assert!(found.farthest.is_none() && found.covered == 0);
    }
}

#[test]
fn the_same_list_gives_the_same_bytes_and_as_many_as_planned() {
    for cities in SIZES {
        let list = random_list(cities, 9);
        let file = packed(&list);
        assert!(file == packed(&list.clone()));
        assert_eq!(atlas::packed_bytes(&list), file.len() as u64);
    }
}

/// Whoever holds an atlas cannot tell whether it was packed.
#[test]
fn a_list_and_its_packed_file_are_the_same_atlas() {
    for cities in SIZES {
        let list = random_list(cities, 10);
        let file = Aligned::new(&packed(&list));
        let buffer = AtlasBuffer::new(list);
        let (made, opened) = (buffer.atlas(), Atlas::open(file.bytes()).expect("just packed"));
        assert_eq!(made.cities(), opened.cities());
        assert_eq!(made.source_rows(), opened.source_rows());
        assert!(made.points().tiles() == opened.points().tiles());
        assert!(made.points().bounds() == opened.points().bounds());
        for position in 0..cities {
            assert_eq!(made.row(position), opened.row(position));
            assert_eq!(made.degrees(position), opened.degrees(position));
            assert_eq!(made.name_bytes(position), opened.name_bytes(position));
        }
        assert_eq!((made.verify(), made.checksum()), (Ok(()), None));
    }
}

/// From vectors alone come the same tiles, but for the order of copies, and the index as the row.
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
        assert!(points.tiles() == atlas_buffer.atlas().points().tiles());
        let mut rows: Vec<u64> = (0..cities).map(|position| points.row(position)).collect();
        for (position, &row) in rows.iter().enumerate() {
            assert_eq!(points.vector(position), vectors[row as usize]);
        }
        rows.sort_unstable();
        assert!(rows.into_iter().eq(0..cities as u64));
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
    assert_eq!(group_bounds(Vec::new()), []);
    let leaf = |row: u64| Bounds::of_city([row as f64, -(row as f64), 0.5], 100 - row);
    let all = group_bounds((0..17).map(leaf).collect());
    assert_eq!(all.len(), 17 + 5 + 2 + 1);
    let covers = |first: u64, last: u64| leaf(first).union(leaf(last));
    assert_eq!(all[17..21], [covers(0, 3), covers(4, 7), covers(8, 11), covers(12, 15)]);
    assert_eq!(all[21..], [leaf(16), covers(0, 15), leaf(16), covers(0, 16)]);
    assert_eq!(leaf(3).union(Bounds::EMPTY), leaf(3));
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

/// Uses a damaged atlas in every way; whatever it answers, it must come back.
fn use_damaged(bytes: &[u8]) {
    let atlas = Atlas::open(bytes).expect("header and table are sound");
    atlas.verify().expect_err("damaged");
    for method in METHODS {
        for kernel in Isa::ALL.into_iter().filter_map(|isa| Kernel::choose(Some(isa))) {
            for rank in 0..2 {
                let _ = search(&atlas, method, kernel, rank, 2);
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
    let file = Aligned::new(&packed(&random_list(150, 6)));
    for index in 0..TAGS.len() {
        let entry = HEADER_BYTES + index * 32;
        let (offset, length) = (u64_at(file.bytes(), entry + 8), u64_at(file.bytes(), entry + 16));
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
            damaged.bytes_mut()[offset as usize..(offset + length) as usize].fill(byte);
            use_damaged(damaged.bytes());
        }
    }
}

#[test]
fn damaged_vectors_are_an_error_or_an_answer_but_never_nan() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200, -1e200, 2.0, 0.0, 5e-324] {
        let mut file = Aligned::new(&packed(&random_list(70, 7)));
        let tiles = u64_at(file.bytes(), HEADER_BYTES + 3 * 32 + 8) as usize;
        for lane in [0, 5, 63] {
            let at = tiles + lane * 8;
            file.bytes_mut()[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let atlas = Atlas::open(file.bytes()).expect("header and table are sound");
        for method in METHODS {
            if let Ok(found) = search_all(&atlas, method) {
                assert!(found.farthest.is_none_or(|pair| pair.distance_km.is_finite()), "{value}");
            }
        }
    }
}

#[test]
fn names_that_lead_nowhere_show_as_unreadable() {
    let list = random_list(3, 8);
    for ends in [[u64::MAX; 3], [5, 4, 3], [0, 1 << 40, 2]] {
        let mut file = Aligned::new(&packed(&list));
        let at = u64_at(file.bytes(), HEADER_BYTES + 5 * 32 + 8) as usize;
        for (index, end) in ends.iter().enumerate() {
            file.bytes_mut()[at + 8 * index..][..8].copy_from_slice(&end.to_le_bytes());
        }
        let atlas = Atlas::open(file.bytes()).expect("header and table are sound");
        let names: Vec<_> = (0..3).map(|position| atlas.name(position)).collect();
        assert!(names.iter().any(|name| name == "\u{fffd}"), "{ends:?}: {names:?}");
    }
}

#[test]
fn other_versions_are_refused_with_the_way_out() {
    let mut file = Aligned::new(&packed(&random_list(3, 1)));
    for (version, word) in [(0_u32, "older"), (2, "newer"), (u32::MAX, "newer")] {
        file.bytes_mut()[8..12].copy_from_slice(&version.to_le_bytes());
        file.seal();
        let fault = opens(file.bytes()).expect_err("another version");
        assert_eq!((fault.byte, fault.expected.as_str()), (8, "version 1"));
        assert_eq!(fault.found, format!("version {version}"));
        assert!(fault.remedy.contains(word) && fault.remedy.contains("pack"), "{fault:?}");
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
    // Every field but magic, version, source rows (any number) and the checksum itself.
    let header_fields = [(12, 4), (16, 8), (40, 4), (44, 4), (48, 8)];
    let table_fields =
        (0..7).flat_map(|k| [0, 8, 16].map(|field| (HEADER_BYTES + 32 * k + field, 8)));
    for (at, width) in header_fields.into_iter().chain(table_fields) {
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
        file.bytes_mut()[32..40].copy_from_slice(&288_u64.to_le_bytes());
        file.seal();
        opens(file.bytes()).expect_err("no sections");
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

    let loaded = from_text.load(&options).expect("text");
    let mapped = from_packed.load(&ReadOptions::default()).expect("packed");
    for position in 0..4 {
        let city = |atlas: Atlas<'_>| (atlas.row(position), atlas.degrees(position));
        assert_eq!(city(loaded.atlas()), city(mapped.atlas()));
        assert_eq!(loaded.atlas().name(position), mapped.atlas().name(position));
    }
    mapped.verify(&path).expect("sound");
}

#[test]
fn a_damaged_file_is_not_packed_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.cities");
    let mut file = Aligned::new(&packed(&random_list(10, 1)));
    let rows = u64_at(file.bytes(), HEADER_BYTES + 2 * 32 + 8) as usize;
    file.flip(rows * 8);
    fs::write(&path, file.bytes()).expect("room on the disk");
    let opened = CityFile::open(&path).expect("header and table are sound");
    let error = opened.list(&ReadOptions::default()).expect_err("damaged");
    assert!(matches!(error, Error::Format { byte, .. } if byte == rows as u64), "{error}");
    assert_eq!(error.exit_code(), 65);

    // Checksums made right over rows that stand twice: only a forger does that.
    let again = u64_at(file.bytes(), rows);
    file.bytes_mut()[rows + 8..rows + 16].copy_from_slice(&again.to_le_bytes());
    let checksum = xxh3_64(&file.bytes()[rows..rows + 80]);
    file.bytes_mut()[HEADER_BYTES + 2 * 32 + 24..][..8].copy_from_slice(&checksum.to_le_bytes());
    file.seal();
    fs::write(&path, file.bytes()).expect("room on the disk");
    let opened = CityFile::open(&path).expect("header and table are sound");
    let error = opened.list(&ReadOptions::default()).expect_err("forged");
    assert!(matches!(error, Error::Data { .. }), "{error}");
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
    let degrees = prop_oneof![
        3 => (-90.0..=90.0, -180.0..=360.0),
        1 => (-2..=2_i32, -4..=8_i32).prop_map(|(a, b)| (f64::from(a) * 45.0, f64::from(b) * 45.0)),
        1 => (-1e-9..1e-9, -1e-9..1e-9),
    ];
    let name = prop::collection::vec(any::<u8>(), 0..10);
    let row = prop_oneof![8 => Just(0_u64), 1 => 1..1_u64 << 40];
    let rows = prop::collection::vec((degrees, name, row), 0..150);
    (rows, 0..3_u64).prop_map(|(rows, skipped_at_end)| {
        let mut list = CityList::default();
        for ((lat, lon), name, skipped) in rows {
            list.skip_to(list.source_rows() + skipped);
            list.push(Coordinates::new(lat, lon).expect("valid"), &name);
        }
        list.skip_to(list.source_rows() + skipped_at_end);
        list
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
        prop_assert_eq!(opens(file.bytes()).is_err(), is_in_head, "bit {}", bit);
        if !is_in_head {
            use_damaged(file.bytes());
        }
    }
}
