//! Packed files, changed in many ways, with all checksums made right again: only a forger does that, or another
//! program that writes them wrongly.
//!
//! With `--verify` none is accepted that is no list of cities, or has another farthest pair than a plain loop over
//! its degrees finds. Without it there is no panic and no hang, all pairs are covered, and an answer that is given
//! has the distance of its two cities. The judge reads the file by itself, as `FORMAT.md` says.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use farthest::atlas::{Atlas, Shape, plan, write};
use farthest::checksum;
use farthest::cities::{CityList, Coordinates};
use farthest::commands::sound::find_unsound;
use farthest::kernel::Kernel;
use farthest::search::{Found, Method, haversine_km, search};
use farthest::sphere::{UnitVector, distance_km, unit_vector};
use xxhash_rust::xxh3::xxh3_64;

use super::common::Random;
use super::harness::{Target, attack, require};

const HEADER_BYTES: usize = 128;
const TABLE_BYTES: usize = 7 * 32;

const PLACES: usize = 0;
const DEGREES: usize = 1;
const ROWS: usize = 2;
const BOUNDS: usize = 3;
const NAME_STARTS: usize = 4;
const NAMES: usize = 5;
const REGIONS: usize = 6;

// ---- A file, and how it is changed ----

/// Bytes that begin at a multiple of 64 in memory, as a map does.
struct File {
    room: Vec<u64>,
    start: usize,
    length: usize,
}

impl File {
    fn new(bytes: &[u8]) -> File {
        let mut file = File { room: vec![0; bytes.len() / 8 + 16], start: 0, length: bytes.len() };
        file.start = bytemuck::cast_slice::<u64, u8>(&file.room).as_ptr().align_offset(64);
        file.bytes_mut().copy_from_slice(bytes);
        file
    }

    fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.room)[self.start..][..self.length]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.room)[self.start..][..self.length]
    }

    fn number(&self, at: usize, width: usize) -> u64 {
        let mut word = [0; 8];
        let Some(bytes) = self.bytes().get(at..at + width) else { return 0 };
        word[..width].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    }

    fn set(&mut self, at: usize, width: usize, value: u64) {
        if let Some(bytes) = self.bytes_mut().get_mut(at..at + width) {
            bytes.copy_from_slice(&value.to_le_bytes()[..width]);
        }
    }

    /// The number of cities, as far as the file has degrees of them.
    fn cities(&self) -> usize {
        (self.number(16, 8) as usize).min(self.section(DEGREES).len() / self.width(DEGREES))
    }

    fn degree_bytes(&self) -> usize {
        self.number(56, 4) as usize
    }

    fn row_bytes(&self) -> usize {
        self.number(60, 4) as usize
    }

    /// Where a section lies, as far as the file reaches.
    fn section(&self, section: usize) -> Range<usize> {
        let entry = HEADER_BYTES + 32 * section;
        let start = (self.number(entry + 8, 8) as usize).min(self.length);
        start..start.saturating_add(self.number(entry + 16, 8) as usize).min(self.length)
    }

    /// The bytes of an element of a section.
    fn width(&self, section: usize) -> usize {
        match section {
            DEGREES => self.degree_bytes().clamp(1, 16),
            ROWS => self.row_bytes().clamp(1, 8),
            PLACES => 4,
            BOUNDS => 32,
            NAME_STARTS => 8,
            NAMES => 1,
            _ => 40,
        }
    }

    /// Makes all checksums right.
    fn repair(&mut self) {
        for section in 0..7 {
            let checksum = checksum::of(&self.bytes()[self.section(section)]);
            self.set(HEADER_BYTES + 32 * section + 24, 8, checksum);
        }
        let bytes = self.bytes();
        if let Some(table) = bytes.get(HEADER_BYTES..HEADER_BYTES + TABLE_BYTES) {
            let checksum = xxh3_64(&[&bytes[..HEADER_BYTES - 8], table].concat());
            self.set(HEADER_BYTES - 8, 8, checksum);
        }
    }

    /// The same content in a file of another shape: sections are cut off or filled up with zeros.
    fn reshaped(&self, shape: Shape) -> Option<File> {
        let (mut header, table) = plan(shape)?;
        if header.file_bytes > 4 * self.length as u64 + 4096 {
            return None;
        }
        header.origin = [88, 96, 104].map(|at| f64::from_bits(self.number(at, 8)));
        let mut bytes = vec![0; header.file_bytes as usize];
        bytes[..HEADER_BYTES].copy_from_slice(bytemuck::bytes_of(&header));
        bytes[HEADER_BYTES..][..TABLE_BYTES].copy_from_slice(bytemuck::cast_slice(&table));
        for (section, entry) in table.iter().enumerate() {
            let old = &self.bytes()[self.section(section)];
            let length = old.len().min(entry.bytes as usize);
            bytes[entry.offset as usize..][..length].copy_from_slice(&old[..length]);
        }
        Some(File::new(&bytes))
    }

    fn shape(&self) -> Shape {
        bytemuck::pod_read_unaligned(&self.bytes()[16..64])
    }
}

/// Numbers that are wrong in most places, beside one that is right.
fn odd_number(was: u64, random: &mut Random) -> u64 {
    let near = [1, 1, 2, 64, 256][random.below(5)];
    match random.below(9) {
        0 => 0,
        1 => u64::MAX,
        2 => was.wrapping_add(near),
        3 | 4 => was.wrapping_sub(near),
        5 => was ^ (1 << random.below(64)),
        6 => was ^ (1 << random.below(16)),
        7 => random.bits(),
        _ => random.bits() >> random.below(64),
    }
}

const ODD_DEGREES: [f64; 18] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1e300,
    -1e300,
    90.000_000_000_000_01,
    -90.000_000_1,
    180.0,
    360.0,
    -180.0,
    360.000_000_1,
    -180.000_000_1,
    -0.0,
    0.0,
    90.0,
    -90.0,
    5e-324,
    214.748_364_8,
];

/// What may be done to a file. Each does one thing, and says what.
type Mutation = fn(&mut File, &mut Random) -> String;

const MUTATIONS: [(usize, Mutation); 21] = [
    (2, change_header),
    (1, change_table),
    (4, change_bytes),
    (4, change_element),
    (2, fill_section),
    (4, swap_elements),
    (3, copy_elements),
    (4, reverse_elements),
    (12, change_degrees),
    (6, make_antipodal),
    (6, change_row),
    (8, change_place),
    (12, change_bounds),
    (3, change_all_bounds),
    (3, move_origin),
    (6, change_name),
    (6, change_region),
    (3, split_or_join_regions),
    (5, swap_cities),
    (4, reshape),
    (1, fill_gap),
];

fn mutate(file: &mut File, random: &mut Random) -> String {
    let all: usize = MUTATIONS.iter().map(|(weight, _)| weight).sum();
    let mut at = random.below(all);
    for (weight, mutation) in MUTATIONS {
        if at < weight {
            return mutation(file, random);
        }
        at -= weight;
    }
    unreachable!("the weights add up")
}

fn change_header(file: &mut File, random: &mut Random) -> String {
    let fields = [(8, 4), (12, 4), (16, 8), (24, 8), (32, 8), (40, 8), (48, 8), (56, 4), (60, 4)];
    let others =
        [(64, 8), (72, 4), (76, 4), (80, 4), (84, 4), (88, 8), (96, 8), (104, 8), (112, 8)];
    let (at, width) = random.one_of(&[&fields[..], &others].concat());
    let value = odd_number(file.number(at, width), random);
    file.set(at, width, value);
    format!("header byte {at}: {value:#x}")
}

fn change_table(file: &mut File, random: &mut Random) -> String {
    let at = HEADER_BYTES + 8 * random.below(TABLE_BYTES / 8);
    let value = odd_number(file.number(at, 8), random);
    file.set(at, 8, value);
    format!("table byte {at}: {value:#x}")
}

/// A place in a section, in elements, and how many bytes these have; `None` in an empty section.
fn element(file: &File, section: usize, random: &mut Random) -> Option<(usize, usize)> {
    let (range, width) = (file.section(section), file.width(section));
    let elements = range.len() / width;
    (elements > 0).then(|| (range.start + width * random.below(elements), width))
}

fn change_bytes(file: &mut File, random: &mut Random) -> String {
    let section = random.below(7);
    let range = file.section(section);
    if range.is_empty() {
        return "nothing".into();
    }
    let at = range.start + random.below(range.len());
    let value = odd_number(u64::from(file.bytes()[at]), random);
    file.set(at, 1, value & 0xff);
    format!("section {section}, byte {at}: {value:#x}")
}

fn change_element(file: &mut File, random: &mut Random) -> String {
    let section = random.below(7);
    let Some((at, width)) = element(file, section, random) else { return "nothing".into() };
    let width = [4, 8][random.below(2)].min(width);
    let value = odd_number(file.number(at, width), random);
    file.set(at, width, value);
    format!("section {section}, element at {at}: {value:#x}")
}

fn fill_section(file: &mut File, random: &mut Random) -> String {
    let section = random.below(7);
    let range = file.section(section);
    let value = random.one_of(&[0x00, 0x01, 0x7f, 0x80, 0xff, b'z']);
    let (start, end) = match random.below(2) {
        0 => (range.start, range.end),
        _ => (range.start + range.len() / 2, range.end),
    };
    file.bytes_mut()[start..end].fill(value);
    format!("section {section} filled with {value:#x}")
}

/// Two elements of one section in each other's place, most often neighbours.
fn swap_elements(file: &mut File, random: &mut Random) -> String {
    let section = random.below(7);
    let Some((a, width)) = element(file, section, random) else { return "nothing".into() };
    let b = match random.below(3) {
        0 => element(file, section, random).map_or(a, |(at, _)| at),
        _ => a + width,
    };
    if b + width <= file.section(section).end {
        swap(file.bytes_mut(), a, b, width);
    }
    format!("section {section}, elements at {a} and {b} swapped")
}

fn swap(bytes: &mut [u8], a: usize, b: usize, width: usize) {
    (0..width).for_each(|at| bytes.swap(a + at, b + at));
}

fn copy_elements(file: &mut File, random: &mut Random) -> String {
    let section = random.below(7);
    let Some((a, width)) = element(file, section, random) else { return "nothing".into() };
    let (b, _) = element(file, section, random).expect("it has one");
    file.bytes_mut().copy_within(a..a + width, b);
    format!("section {section}, element at {a} copied to {b}")
}

fn reverse_elements(file: &mut File, random: &mut Random) -> String {
    let section = random.below(7);
    let Some((a, width)) = element(file, section, random) else { return "nothing".into() };
    let left = (file.section(section).end - a) / width;
    let count = (2 + random.below(70)).min(left);
    for at in 0..count / 2 {
        swap(file.bytes_mut(), a + width * at, a + width * (count - 1 - at), width);
    }
    format!("section {section}, {count} elements from {a} on reversed")
}

/// Another latitude or longitude: no number, out of range, at a border, or nearly the same.
fn change_degrees(file: &mut File, random: &mut Random) -> String {
    let Some((city, width)) = element(file, DEGREES, random) else { return "nothing".into() };
    let at = city + random.below(2) * width / 2;
    let was = file.number(at, width / 2);
    if random.below(6) == 0 {
        swap(file.bytes_mut(), city, city + width / 2, width / 2);
        return format!("degrees at {city}: exchanged");
    }
    let value = match (width, random.below(3)) {
        (8, 0) => odd_number(was, random),
        (8, 1) => random.one_of(&[i32::MAX, i32::MIN, 900_000_001, -900_000_001]) as u32 as u64,
        (8, _) => was.wrapping_add(random.below(7) as u64).wrapping_sub(3),
        (_, 0) => (f64::from_bits(was) + random.tiny(-16.0)).to_bits(),
        (_, 1) => random.one_of(&ODD_DEGREES).to_bits(),
        _ => random.between(-90.0, 90.0).to_bits(),
    };
    file.set(at, width / 2, value);
    format!("degrees at {at}: {value:#x}")
}

/// A city at the antipode of another, where its place and all bounds say otherwise.
fn make_antipodal(file: &mut File, random: &mut Random) -> String {
    let Some((a, width)) = element(file, DEGREES, random) else { return "nothing".into() };
    let (b, _) = element(file, DEGREES, random).expect("it has one");
    let half = width / 2;
    let [lat, lon] = [a, a + half].map(|at| file.number(at, half));
    let [lat, lon] = match width {
        8 => {
            let turn = |lon: i32| {
                lon.checked_add(1_800_000_000).unwrap_or(lon.wrapping_sub(1_800_000_000))
            };
            [(lat as i32).wrapping_neg() as u32 as u64, turn(lon as i32) as u32 as u64]
        }
        _ => {
            let lon = f64::from_bits(lon);
            let turned = if lon > 180.0 { lon - 180.0 } else { lon + 180.0 };
            [(-f64::from_bits(lat)).to_bits(), turned.to_bits()]
        }
    };
    file.set(b, half, lat);
    file.set(b + half, half, lon);
    format!("degrees at {b}: the antipode of {a}")
}

fn change_row(file: &mut File, random: &mut Random) -> String {
    let Some((at, width)) = element(file, ROWS, random) else { return "nothing".into() };
    let other = element(file, ROWS, random).map_or(0, |(at, _)| file.number(at, width));
    let rows = file.number(24, 8);
    let value = random.one_of(&[other, other, rows, rows.wrapping_sub(1), u64::MAX, 0, 1]);
    file.set(at, width, value);
    format!("row at {at}: {value}")
}

fn change_place(file: &mut File, random: &mut Random) -> String {
    let Some((at, _)) = element(file, PLACES, random) else { return "nothing".into() };
    let at = at + 2 * random.below(2);
    let was = file.number(at, 2);
    let value =
        [was.wrapping_add(1), was.wrapping_sub(1), random.bits(), 0, 0x8000][random.below(5)];
    file.set(at, 2, value & 0xffff);
    format!("place at {at}: {value:#x}")
}

/// A node whose box is smaller by a little or empty, or whose row and mark are others.
fn change_bounds(file: &mut File, random: &mut Random) -> String {
    let Some((node, _)) = element(file, BOUNDS, random) else { return "nothing".into() };
    if random.below(4) == 0 {
        let was = file.number(node + 24, 8);
        let value = [was ^ 1 << 63, was + 1, 0, u64::MAX >> 1, random.bits()][random.below(5)];
        file.set(node + 24, 8, value);
        return format!("row of the node at {node}: {value:#x}");
    }
    let face = node + 4 * random.below(6);
    let was = f32::from_bits(file.number(face, 4) as u32);
    let odd = [was.next_up(), was.next_down(), f32::NAN, 0.0, 4.0, -4.0, was * 0.5, -was];
    let value = random.one_of(&odd);
    file.set(face, 4, u64::from(value.to_bits()));
    format!("face at {face}: {value:e}")
}

/// Boxes that are all their middles, or all the same, and so are within each other.
fn change_all_bounds(file: &mut File, random: &mut Random) -> String {
    let range = file.section(BOUNDS);
    let kind = random.below(4);
    let root = range.end.saturating_sub(32);
    for node in range.step_by(32) {
        for axis in [0, 4, 8] {
            let faces = [node + axis, node + axis + 12];
            let [min, max] = faces.map(|at| f32::from_bits(file.number(at, 4) as u32));
            let [min, max] = match kind {
                0 => [(min + max) / 2.0; 2],
                1 => [min + (max - min) / 64.0, max - (max - min) / 64.0],
                2 => [-4.0, 4.0],
                _ => [root + axis, root + axis + 12]
                    .map(|at| f32::from_bits(file.number(at, 4) as u32)),
            };
            file.set(faces[0], 4, u64::from(min.to_bits()));
            file.set(faces[1], 4, u64::from(max.to_bits()));
        }
        if random.below(2) == 0 {
            let row = file.number(node + 24, 8);
            file.set(node + 24, 8, if kind == 0 { row | 1 << 63 } else { row });
        }
    }
    format!("all bounds, by way {kind}")
}

/// An origin that moves all boxes; now and then with the boxes moved back.
fn move_origin(file: &mut File, random: &mut Random) -> String {
    let axis = random.below(3);
    let at = 88 + 8 * axis;
    let was = f64::from_bits(file.number(at, 8));
    let by = random.one_of(&[1e-15, 1e-7, 0.25, -0.5]);
    file.set(at, 8, (was + by).to_bits());
    let is_moved_back = random.below(2) == 0;
    if is_moved_back {
        for face in file.section(BOUNDS).step_by(32).flat_map(|node| [node, node + 12]) {
            let face = face + 4 * axis;
            let was = f32::from_bits(file.number(face, 4) as u32);
            file.set(face, 4, u64::from((was - by as f32).to_bits()));
        }
    }
    format!("origin of axis {axis} moved by {by:e}, boxes back: {is_moved_back}")
}

fn change_name(file: &mut File, random: &mut Random) -> String {
    let section = random.one_of(&[NAME_STARTS, NAMES]);
    let Some((at, width)) = element(file, section, random) else { return "nothing".into() };
    let was = file.number(at, width);
    let value = match section {
        NAMES => random.one_of(&[0x80, 0xff, 0, was + 1, was.wrapping_sub(1), was | 0x80]) & 0xff,
        _ => odd_number(was, random),
    };
    file.set(at, width, value);
    format!("section {section}, byte {at}: {value:#x}")
}

fn change_region(file: &mut File, random: &mut Random) -> String {
    let Some((region, _)) = element(file, REGIONS, random) else { return "nothing".into() };
    let (at, width) = random.one_of(&[
        (0, 8),
        (0, 8),
        (8, 8),
        (8, 8),
        (16, 8),
        (24, 4),
        (28, 4),
        (32, 4),
        (36, 4),
    ]);
    let at = region + at;
    let was = file.number(at, width);
    let value = match random.below(2) {
        0 => odd_number(was, random),
        _ => was.wrapping_add(random.below(400) as u64).wrapping_sub(200),
    };
    file.set(at, width, value);
    format!("region byte {at}: {value:#x}")
}

/// A region of a level more or less, in which everything is where it was, or which has taken the next one in.
fn split_or_join_regions(file: &mut File, random: &mut Random) -> String {
    let Some((region, _)) = element(file, REGIONS, random) else { return "nothing".into() };
    if random.below(2) == 0 {
        let level = file.number(region + 36, 4) as u32;
        let (level, corner) = match random.below(2) {
            0 => (level + 1, u32::MAX),
            _ => (
                level.saturating_sub(1),
                !u32::MAX.checked_shr(level.saturating_sub(1)).unwrap_or(0),
            ),
        };
        file.set(region + 36, 4, u64::from(level));
        for at in [24, 28] {
            file.set(region + at, 4, file.number(region + at, 4) & u64::from(corner));
        }
        return format!("region at {region}: level {level}");
    }
    let mut shape = file.shape();
    shape.regions = shape.regions.saturating_sub(1);
    let range = file.section(REGIONS);
    file.bytes_mut().copy_within((region + 40).min(range.end)..range.end, region);
    if let Some(reshaped) = file.reshaped(shape) {
        *file = reshaped;
    }
    format!("region at {region}: left out")
}

/// Two whole cities in each other's place: the list is the same, and the order is none.
fn swap_cities(file: &mut File, random: &mut Random) -> String {
    if file.cities() < 2 {
        return "nothing".into();
    }
    let [a, b] = [0, 1].map(|_| random.below(file.cities()));
    let b = if random.below(2) == 0 { b } else { (a + 1).min(file.cities() - 1) };
    for section in [PLACES, DEGREES, ROWS] {
        let (range, width) = (file.section(section), file.width(section));
        if range.len() >= width * (a.max(b) + 1) && a != b {
            swap(file.bytes_mut(), range.start + width * a, range.start + width * b, width);
        }
    }
    format!("cities {a} and {b} swapped")
}

/// Another shape with the same content, as far as it fits: a city less, degrees as f64, no names.
fn reshape(file: &mut File, random: &mut Random) -> String {
    let mut shape = file.shape();
    let kind = random.below(6);
    match kind {
        0 => shape.cities = shape.cities.saturating_sub(1),
        1 => shape.cities = shape.cities.saturating_sub(random.below(70) as u64),
        2 => shape.name_bytes = 0,
        3 => shape.name_bytes = shape.name_bytes.saturating_add(1),
        4 => shape.source_rows = odd_number(shape.source_rows, random),
        _ if shape.degree_bytes == 8 => (shape.degree_bytes, shape.lon_base_e7) = (16, 0),
        _ => shape.source_rows += 1,
    }
    let degrees = judge::degrees_of(file);
    let (was, now) = (file.degree_bytes(), shape.degree_bytes);
    if let Some(reshaped) = file.reshaped(shape) {
        *file = reshaped;
        if was == 8 && now == 16 {
            let start = file.section(DEGREES).start;
            for (at, value) in degrees.into_iter().flatten().enumerate() {
                file.set(start + 8 * at, 8, value.to_bits());
            }
        }
    }
    format!("shape by way {kind}: {shape:?}")
}

fn fill_gap(file: &mut File, random: &mut Random) -> String {
    let at = file.section(random.below(6)).end;
    file.set(at, 1, 1);
    format!("byte {at} behind a section: 1")
}

// ---- The judge ----

mod judge {
    use super::*;

    /// What a file says of degrees, read byte by byte.
    pub fn degrees_of(file: &File) -> Vec<[f64; 2]> {
        let (range, width) = (file.section(DEGREES), file.width(DEGREES));
        let base = file.number(48, 8) as i64;
        let degrees = |at: usize| match width {
            8 => {
                let [lat, lon] = [at, at + 4].map(|at| i64::from(file.number(at, 4) as i32));
                [lat as f64 / 1e7, (i128::from(lon) + i128::from(base)) as f64 / 1e7]
            }
            _ => [at, at + 8].map(|at| f64::from_bits(file.number(at, 8))),
        };
        range.step_by(width).map(degrees).collect()
    }

    pub fn rows_of(file: &File) -> Vec<u64> {
        let (range, width) = (file.section(ROWS), file.width(ROWS));
        range.step_by(width).map(|at| file.number(at, width)).collect()
    }

    /// Why a file is no list of cities.
    pub fn invalid(file: &File) -> Option<String> {
        let (degrees, rows) = (degrees_of(file), rows_of(file));
        let source_rows = file.number(24, 8);
        let is_place =
            |[lat, lon]: &[f64; 2]| (-90.0..=90.0).contains(lat) && (-180.0..=360.0).contains(lon);
        if let Some(city) = degrees.iter().position(|place| !is_place(place)) {
            return Some(format!("no place; {:?}", degrees[city]));
        }
        let mut seen = HashSet::new();
        if let Some(row) = rows.iter().find(|&&row| row >= source_rows || !seen.insert(row)) {
            return Some(format!("a row again, or beyond the last; {row}"));
        }
        names(file).err().map(String::from)
    }

    /// All names are there, one behind the other, and begin where they are said to.
    fn names(file: &File) -> Result<(), &'static str> {
        let [starts, names] = [NAME_STARTS, NAMES].map(|section| file.section(section));
        if names.is_empty() {
            return Ok(());
        }
        let mut at = names.start;
        for city in 0..file.cities() {
            let start = file.number(starts.start + city / 64 * 8, 8);
            if city % 64 == 0 && start != (at - names.start) as u64 {
                return Err("names that begin elsewhere");
            }
            let (mut length, mut shift) = (0_u128, 0);
            loop {
                let byte = *file.bytes()[..names.end].get(at).ok_or("no more names")?;
                at += 1;
                length |= u128::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
                if shift > 63 {
                    return Err("a length without an end");
                }
            }
            at = usize::try_from(length)
                .ok()
                .and_then(|length| at.checked_add(length))
                .ok_or("a name too long")?;
        }
        if at == names.end { Ok(()) } else { Err("names behind the last city") }
    }

    /// The farthest pair of all, by a plain loop: its distance and rows.
    pub fn farthest(degrees: &[[f64; 2]], rows: &[u64]) -> (f64, [u64; 2]) {
        let vectors: Vec<UnitVector> =
            degrees.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect();
        let squared = |p: UnitVector, q: UnitVector, sign: f64| -> f64 {
            let [x, y, z] = [0, 1, 2].map(|axis| p[axis] + sign * q[axis]);
            x * x + y * y + z * z
        };
        // Roots of the least |p + q|² and of the greatest |p − q|². Only pairs that come within 1e-13 of one of
        // them can be the farthest: the distance resolves 5e-15 rad, and this is twenty times that.
        let (mut least_sum, mut greatest_difference) = (f64::INFINITY, 0.0_f64);
        for (i, &p) in vectors.iter().enumerate() {
            for &q in &vectors[i + 1..] {
                least_sum = least_sum.min(squared(p, q, 1.0));
                greatest_difference = greatest_difference.max(squared(p, q, -1.0));
            }
        }
        let sum_limit = (least_sum.sqrt() + 1e-13).powi(2);
        let difference_limit = (greatest_difference.sqrt() - 1e-13).max(0.0).powi(2);
        let mut best = (f64::NEG_INFINITY, [0; 2]);
        for (i, &p) in vectors.iter().enumerate() {
            for (j, &q) in vectors.iter().enumerate().skip(i + 1) {
                if squared(p, q, 1.0) > sum_limit && squared(p, q, -1.0) < difference_limit {
                    continue;
                }
                let pair = [rows[i].min(rows[j]), rows[i].max(rows[j])];
                let distance_km = distance_km(p, q);
                if distance_km > best.0 || distance_km == best.0 && pair < best.1 {
                    best = (distance_km, pair);
                }
            }
        }
        best
    }
}

// ---- What is kept ----

/// Packed files under attack.
struct Packed {
    seeds: Vec<Vec<u8>>,
    /// The answers of the seeds, as far as they were asked for.
    answers: Vec<OnceLock<(f64, [u64; 2])>>,
    kernel: Kernel,
    opened: AtomicU64,
    verified: AtomicU64,
}

/// A file and the numbers of what is done to it.
#[derive(Clone, Debug)]
struct Case {
    seed: usize,
    mutations: Vec<u64>,
    method: Method,
}

impl Case {
    fn build(&self, seeds: &[Vec<u8>]) -> (File, Vec<String>) {
        let mut file = File::new(&seeds[self.seed]);
        let mutations = self.mutations.iter();
        let told = mutations.map(|&number| mutate(&mut file, &mut Random::new(number))).collect();
        file.repair();
        (file, told)
    }
}

impl Packed {
    fn new(seeds: Vec<Vec<u8>>) -> Packed {
        Packed {
            answers: seeds.iter().map(|_| OnceLock::new()).collect(),
            seeds,
            kernel: Kernel::choose(None).expect("there is always one"),
            opened: AtomicU64::new(0),
            verified: AtomicU64::new(0),
        }
    }

    /// The farthest pair of a file that was made of a seed. Where it has the same cities in the same order it is the
    /// same.
    fn farthest(&self, seed: usize, file: &File) -> (f64, [u64; 2]) {
        let sound = File::new(&self.seeds[seed]);
        let of = |file: &File| judge::farthest(&judge::degrees_of(file), &judge::rows_of(file));
        let columns = |file: &File| {
            let bits = |place: [f64; 2]| place.map(f64::to_bits);
            let degrees: Vec<_> = judge::degrees_of(file).into_iter().map(bits).collect();
            (degrees, judge::rows_of(file))
        };
        match columns(file) == columns(&sound) {
            true => *self.answers[seed].get_or_init(|| of(&sound)),
            false => of(file),
        }
    }
}

impl Target for Packed {
    type Case = Case;

    fn case(&self, number: u64) -> Case {
        let mut random = Random::new(number);
        // The last one is large.
        let seeds = if random.below(500) == 0 { self.seeds.len() } else { self.seeds.len() - 1 };
        let seed = if seeds == self.seeds.len() { seeds - 1 } else { random.below(seeds) };
        let count = 1 + random.below(3) / 2 + random.below(12) / 11 * 3;
        let mutations = (0..count).map(|_| random.bits()).collect();
        let methods = [Method::Naive, Method::Exhaustive, Method::Join, Method::Tree];
        Case { seed, mutations, method: random.one_of(&methods) }
    }

    fn check(&self, case: &Case) -> Result<(), String> {
        let (file, _) = case.build(&self.seeds);
        let Ok(atlas) = Atlas::open(file.bytes()) else { return Ok(()) };
        self.opened.fetch_add(1, Ordering::Relaxed);
        // The others may look at every pair, which takes too long where there are many cities.
        let methods = [Method::Pruned, case.method];
        let is_large = case.seed == self.seeds.len() - 1;
        let methods = if is_large { &methods[..1] } else { &methods[..] };
        let answers: Vec<_> = methods
            .iter()
            .map(|&method| (method, search(&atlas, method, self.kernel, 0, 1)))
            .collect();
        for (method, found) in &answers {
            check_answer(&file, &atlas, *method, found)?;
        }
        if atlas.verify().is_err() {
            return Ok(());
        }
        self.verified.fetch_add(1, Ordering::Relaxed);
        if let Some(why) = judge::invalid(&file) {
            return Err(format!("verified, and an invalid list: {why}"));
        }
        if atlas.cities() < 2 {
            return Ok(());
        }
        let expected = self.farthest(case.seed, &file);
        for (method, found) in answers.iter().filter(|(method, _)| *method != Method::Naive) {
            let found =
                found.as_ref().map_err(|error| format!("verified, and refused; {error}"))?;
            let pair = found.farthest.map(|pair| (pair.distance_km, pair.rows));
            require(pair == Some(expected), || {
                format!("verified, and a wrong pair by {method:?}; {pair:?}, not {expected:?}")
            })?;
        }
        Ok(())
    }

    fn shown(&self, mut case: Case, fails: &dyn Fn(&Case) -> bool) -> String {
        let mut at = 0;
        while at < case.mutations.len() && case.mutations.len() > 1 {
            let mut fewer = case.clone();
            fewer.mutations.remove(at);
            if fails(&fewer) {
                case = fewer;
            } else {
                at += 1;
            }
        }
        format!("{case:?}: {:?}", case.build(&self.seeds).1)
    }
}

/// What is kept without `--verify`: an error, or an answer of all pairs whose distance is that of its two cities.
fn check_answer(
    file: &File,
    atlas: &Atlas<'_>,
    method: Method,
    found: &Result<Found, String>,
) -> Result<(), String> {
    let Ok(found) = found else { return Ok(()) };
    let n = atlas.cities() as u128;
    require(found.covered == n * n.saturating_sub(1) / 2, || {
        format!("another number of pairs covered; {} of {n} cities", found.covered)
    })?;
    let Some(pair) = found.farthest else { return Ok(()) };
    if find_unsound(atlas, method, &pair).is_some() {
        return Ok(());
    }
    let degrees = judge::degrees_of(file);
    let [p, q] = pair.positions.map(|position| degrees[position as usize]);
    let expected = match method {
        Method::Naive => haversine_km((p[0], p[1]), (q[0], q[1])),
        _ => distance_km(unit_vector(p[0], p[1]), unit_vector(q[0], q[1])),
    };
    require(expected.to_bits() == pair.distance_km.to_bits(), || {
        format!("a wrong distance by {method:?}; {} km, not {expected}", pair.distance_km)
    })
}

// ---- Sound files ----

fn packed(list: &CityList) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(list, &mut bytes).expect("memory takes it");
    bytes
}

fn list_of(places: impl IntoIterator<Item = [f64; 2]>, name: impl Fn(usize) -> String) -> CityList {
    let mut list = CityList::default();
    for (number, [lat, lon]) in places.into_iter().enumerate() {
        let place = Coordinates::new(lat, lon).expect("on the sphere");
        list.push(place, name(number).as_bytes());
    }
    list
}

fn decimal(place: [f64; 2]) -> [f64; 2] {
    place.map(|degrees| (degrees * 1e7).round() / 1e7)
}

fn west(lon: f64) -> f64 {
    if lon > 180.0 { lon - 360.0 } else { lon }
}

/// Files of every shape: of both kinds of degrees and of rows, with and without names, small and of several levels,
/// spread and crowded, with copies, poles and antipodes; the last with several regions on a face.
fn seeds() -> Vec<Vec<u8>> {
    let mut random = Random::new(77);
    let name = |number: usize| "x".repeat(number % 7) + &number.to_string();
    let none = |_| String::new();
    let spread = |count: usize, random: &mut Random| -> Vec<[f64; 2]> {
        (0..count).map(|_| random.place()).collect()
    };
    let of_west =
        |places: Vec<[f64; 2]>| places.into_iter().map(|[lat, lon]| decimal([lat, west(lon)]));
    let mut lists = vec![
        list_of(of_west(spread(300, &mut random)), name),
        list_of(of_west(spread(700, &mut random)), none),
        list_of(spread(400, &mut random), name),
        list_of(spread(70, &mut random).into_iter().map(decimal), none),
        list_of(of_west(spread(2, &mut random)), name),
        list_of(of_west(spread(65, &mut random)), none),
    ];
    let village = (0..300).map(|_| decimal([random.between(47.0, 47.1), random.between(8.0, 8.1)]));
    lists.push(list_of(village, none));
    let opposite = (0..400).map(|number| {
        let [lat, lon] = [random.between(20.0, 20.5), random.between(44.8, 45.3)];
        decimal(if number % 2 == 0 { [lat, lon] } else { [-lat, lon - 180.0] })
    });
    lists.push(list_of(opposite, none));
    let corners =
        [[90.0, 10.0], [-90.0, 300.0], [0.0, 180.0], [-0.0, -180.0], [0.0, 0.0], [45.0, -135.0]];
    let copies = (0..200).map(|_| random.one_of(&corners));
    lists.push(list_of(copies, name));
    let mut gaps = CityList::default();
    for _ in 0..200 {
        gaps.skip_to(gaps.source_rows() + (1 << random.below(30)));
        let [lat, lon] = random.place();
        gaps.push(Coordinates::new(lat, lon).expect("on the sphere"), b"n");
    }
    gaps.skip_to(1 << 40);
    lists.push(gaps);
    let crowd = (0..33_000).map(|number| {
        let [lat, lon] = [random.between(20.0, 40.0), random.between(5.0, 40.0)];
        decimal(if number % 2 == 0 { [lat, lon] } else { [-lat, lon - 180.0] })
    });
    lists.push(list_of(crowd, none));
    lists.iter().map(packed).collect()
}

#[test]
fn no_change_of_a_packed_file_does_harm() {
    let target = Packed::new(seeds());
    let tried = attack(&target, 20_000);
    let [opened, verified] =
        [&target.opened, &target.verified].map(|count| count.load(Ordering::Relaxed));
    println!("{opened} could be opened, {verified} of them verified");
    // A test of files that cannot be opened would prove nothing.
    let is_of_use = 2 * opened > tried && 50 * verified > tried;
    assert!(is_of_use || tried == 1, "{tried} tried, {opened} opened, {verified} verified");
}
