//! What is done to packed files: fields, elements, whole sections, cities, shapes.

use super::super::common::Random;
use super::file::*;
use super::judge;

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

/// Does one thing to a file, and says what.
pub fn mutate(file: &mut File, random: &mut Random) -> String {
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
        let value =
            [was ^ 1 << 63, was.wrapping_add(1), 0, u64::MAX >> 1, random.bits()][random.below(5)];
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
        NAMES => {
            random.one_of(&[0x80, 0xff, 0, was.wrapping_add(1), was.wrapping_sub(1), was | 0x80])
                & 0xff
        }
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
            0 => (level.wrapping_add(1), u32::MAX),
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
        _ => shape.source_rows = shape.source_rows.wrapping_add(1),
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
