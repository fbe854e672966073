//! Proves that all instruction sets mark exactly the same pairs, that these are the pairs that a
//! plain loop finds, and that the 16-bit filter never loses a pair that its limit lets in: random
//! pairs, pairs made to break the margin, and a climb towards the worst pair.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{Random, kernels};
use farthest::bound::{Shortfall, dot_limit};
use farthest::curve::Spots;
use farthest::driver::search;
use farthest::kernel::cells::{CellBits, CellGrid, PLACES};
use farthest::kernel::coarse::{
    CLASSES, CoarseColumns, CoarseLimit, CoarseRow, CoarseTable, MAX_VALUE, MIN_VALUE,
};
use farthest::kernel::stream::{LINE_BYTES, Stream};
use farthest::kernel::{Isa, Kernel, MaskedTile, Measure, ROW_GROUP};
use farthest::pairs::{PairSpace, Share};
use farthest::points::PointBuffer;
use farthest::regions::Place;
use farthest::search::{Field, Method, Wanted, block_edge};
use farthest::sphere::{UnitVector, distance_km, unit_vector};
use farthest::tiles::{BOXES, Boxes, TILE_CITIES, Tile};

// ---- What a kernel marks ----

#[test]
fn the_fastest_kernel_is_chosen_unless_one_is_forced() {
    let fastest = Kernel::choose(None).expect("the scalar kernels run everywhere");
    assert_eq!(fastest.isa(), kernels()[0].isa());
    assert_eq!(kernels().last().expect("the scalar one").isa(), Isa::Scalar);
    #[cfg(target_arch = "x86_64")]
    {
        let has_avx2 = is_x86_feature_detected!("avx2");
        assert_eq!(Kernel::choose(Some(Isa::Avx2)).is_some(), has_avx2);
        let has_avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vnni");
        assert_eq!(Kernel::choose(Some(Isa::Avx512)).is_some(), has_avx512);
    }
}

/// What no unit vector has, but a damaged file may.
const STRANGE: [f64; 14] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    1e-310,
    f64::MIN_POSITIVE,
    1e154,
    -1e154,
    f64::MAX,
    f64::MIN,
    1.0,
];

/// A vector on the sphere, or now and then one with a strange coordinate.
fn strange_vector(random: &mut Random, how_often: f64) -> UnitVector {
    let mut vector = random.vector();
    for coordinate in &mut vector {
        if random.unit() < how_often {
            *coordinate = random.one_of(&STRANGE);
        }
    }
    vector
}

/// Tiles of one city to sixty-four, sound ones and strange ones, wide ones and narrow ones.
fn any_tile(random: &mut Random) -> Tile {
    let cities = random.one_of(&[1, 2, 7, 8, 63, 64]);
    let how_often = random.one_of(&[0.0, 0.0, 0.02, 0.5]);
    let width = random.one_of(&[1.0, 1e-3, 1e-9, 0.0]);
    let centre = random.vector();
    let narrow = |random: &mut Random| {
        let other = strange_vector(random, how_often);
        if width == 1.0 { other } else { [0, 1, 2].map(|axis| centre[axis] + width * other[axis]) }
    };
    let vectors: Vec<UnitVector> = (0..cities).map(|_| narrow(random)).collect();
    Tile::new(&vectors)
}

/// 1, or what the third square may count on an ellipsoid; a kernel that multiplies by it beyond a quarter turn errs.
fn any_measure(random: &mut Random, sign: f64) -> Measure {
    let is_weighed = sign < 0.0 && random.unit() < 0.7;
    Measure { sign, z_weight: if is_weighed { random.between(0.96, 1.0) } else { 1.0 } }
}

/// ±|p ± q|² of a pair, in the order of operations that the kernels promise.
fn plain_shortfall(p: UnitVector, q: UnitVector, Measure { sign, z_weight }: Measure) -> f64 {
    let [x, y, z] =
        [0, 1, 2].map(|axis| if sign > 0.0 { p[axis] + q[axis] } else { p[axis] - q[axis] });
    let squared = (x * x + y * y) + z_weight * (z * z);
    if sign > 0.0 { squared } else { -squared }
}

/// Limits around all values that matter, and those that hold for all and for none.
fn limits(random: &mut Random, some_value: f64) -> [f64; 12] {
    [
        some_value,
        some_value.next_up(),
        some_value.next_down(),
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        0.0,
        -0.0,
        5e-324,
        -f64::MAX,
        random.between(-4.0, 4.0),
        random.tiny(-30.0),
    ]
}

fn plain_mask(is_marked: impl Fn(usize) -> bool) -> u64 {
    (0..TILE_CITIES).map(|lane| u64::from(is_marked(lane)) << lane).sum()
}

#[test]
fn every_kernel_marks_near_what_a_plain_loop_marks() {
    let kernels = kernels();
    let mut random = Random::new(1);
    for round in 0..20_000 {
        let columns = any_tile(&mut random);
        let p = match round % 3 {
            0 => strange_vector(&mut random, 0.1),
            1 => columns.vector(random.below(TILE_CITIES)),
            _ => columns.vector(random.below(TILE_CITIES)).map(|coordinate| -coordinate),
        };
        for sign in [1.0, -1.0] {
            let measure = any_measure(&mut random, sign);
            let some = plain_shortfall(p, columns.vector(random.below(TILE_CITIES)), measure);
            for limit in limits(&mut random, some) {
                let shortfall = |lane: usize| plain_shortfall(p, columns.vector(lane), measure);
                let expected = plain_mask(|lane| shortfall(lane) <= limit);
                for kernel in &kernels {
                    let marked = kernel.mark_far(p, &columns, measure, limit);
                    assert_eq!(marked, expected, "{:?} {p:?} {sign} {limit}", kernel.isa());
                }
            }
        }
    }
}

/// The corners of a box around some of a tile's vectors, or any two points.
fn any_corners(random: &mut Random) -> [UnitVector; 2] {
    let tile = any_tile(random);
    if random.unit() < 0.1 {
        return [0, 1].map(|_| strange_vector(random, 0.2));
    }
    let members = 1 + random.below(TILE_CITIES);
    let cities = (0..members).map(|lane| [tile.vector(lane); 2]);
    let union = |[min, max]: [UnitVector; 2], [low, high]: [UnitVector; 2]| {
        [
            [0, 1, 2].map(|axis| f64::min(min[axis], low[axis])),
            [0, 1, 2].map(|axis| f64::max(max[axis], high[axis])),
        ]
    };
    cities.reduce(union).expect("a city")
}

/// Eight boxes of a tile, or boxes with corners anywhere, or fewer.
fn any_boxes(random: &mut Random) -> Boxes {
    if random.unit() < 0.5 {
        return Boxes::of_tile(&any_tile(random));
    }
    let mut boxes = Boxes::EMPTY;
    for at in 0..random.below(BOXES + 1) {
        let [min, max] = any_corners(random);
        for axis in 0..3 {
            boxes.min[axis][at] = min[axis];
            boxes.max[axis][at] = max[axis];
        }
    }
    boxes
}

/// The least shortfall of two boxes, one axis after the other. A reach that is no number counts
/// as none.
fn plain_reach(
    [a_min, a_max]: [UnitVector; 2],
    [b_min, b_max]: [UnitVector; 2],
    measure: Measure,
) -> f64 {
    let greater = |a: f64, b: f64| if a > b { a } else { b };
    let mut sum = 0.0;
    for axis in 0..3 {
        let reach = if measure.sign > 0.0 {
            let inner = greater(a_min[axis] + b_min[axis], 0.0);
            greater(-(a_max[axis] + b_max[axis]), inner)
        } else {
            greater(a_max[axis] - b_min[axis], b_max[axis] - a_min[axis])
        };
        let square = reach * reach;
        sum += if axis == 2 { measure.z_weight * square } else { square };
    }
    measure.sign * sum
}

#[test]
fn every_kernel_marks_the_boxes_that_a_plain_loop_marks() {
    let kernels = kernels();
    let mut random = Random::new(2);
    for _ in 0..40_000 {
        let boxes = any_boxes(&mut random);
        let corners = any_corners(&mut random);
        for sign in [1.0, -1.0] {
            let measure = any_measure(&mut random, sign);
            let some = plain_reach(boxes.corners(random.below(BOXES)), corners, measure);
            for limit in limits(&mut random, some) {
                let is_near =
                    |at: &usize| plain_reach(boxes.corners(*at), corners, measure) <= limit;
                let expected: u64 = (0..BOXES).filter(is_near).map(|at| 1 << at).sum();
                for kernel in &kernels {
                    let marked = kernel.mark_boxes(&boxes, corners, measure, limit);
                    assert_eq!(marked, expected, "{:?} {corners:?} {sign} {limit}", kernel.isa());
                }
            }
        }
    }
}

/// Two tiles that face each other, are one another or have nothing to do with each other.
fn any_tiles(random: &mut Random) -> [Tile; 2] {
    let rows = any_tile(random);
    let turn = |random: &mut Random, sign: f64| {
        let size = random.tiny(-12.0);
        let vectors: Vec<UnitVector> = (0..TILE_CITIES)
            .map(|lane| rows.vector(lane).map(|x| sign * x + size * random.between(-1.0, 1.0)))
            .collect();
        Tile::new(&vectors)
    };
    let columns = match random.below(4) {
        0 => any_tile(random),
        1 => rows,
        2 => turn(random, 1.0),
        _ => turn(random, -1.0),
    };
    [rows, columns]
}

#[test]
fn every_kernel_finds_the_near_pairs_that_a_plain_loop_finds() {
    let kernels = kernels();
    let mut random = Random::new(11);
    let (mut all_found, mut all_looked_at) = (0, 0);
    for _ in 0..4000 {
        let tiles = any_tiles(&mut random);
        let lanes = [0, 1].map(|_| if random.unit() < 0.5 { !0 } else { random.bits() });
        let boxes = tiles.each_ref().map(Boxes::of_tile);
        let part = |at: usize| MaskedTile { tile: &tiles[at], boxes: &boxes[at], lanes: lanes[at] };
        // Where a coordinate is no number a box may rule out what a plain loop lets through.
        let is_finite =
            |tile: &Tile| [tile.x, tile.y, tile.z].as_flattened().iter().all(|x| x.is_finite());
        let is_sound = tiles.iter().all(is_finite);
        for sign in [1.0, -1.0] {
            let measure = any_measure(&mut random, sign);
            let [p, q] = tiles.each_ref().map(|tile| tile.vector(random.below(TILE_CITIES)));
            for limit in limits(&mut random, plain_shortfall(p, q, measure)) {
                let mut expected = Vec::new();
                for row in (0..TILE_CITIES).filter(|row| lanes[0] >> row & 1 == 1) {
                    for column in (0..TILE_CITIES).filter(|column| lanes[1] >> column & 1 == 1) {
                        let [p, q] = [tiles[0].vector(row), tiles[1].vector(column)];
                        if plain_shortfall(p, q, measure) <= limit {
                            expected.push([row as u8, column as u8]);
                        }
                    }
                }
                let mut answers = kernels.iter().map(|kernel| {
                    let mut found = vec![[77, 77]];
                    let looked_at = kernel.find_far(part(0), part(1), measure, limit, &mut found);
                    assert_eq!(found.remove(0), [77, 77], "what stands there stays there");
                    assert!(found.len() as u64 <= looked_at && looked_at <= 4096);
                    found.sort_unstable();
                    (looked_at, found)
                });
                let first = answers.next().expect("the scalar kernel");
                assert!(answers.all(|answer| answer == first), "not all kernels found the same");
                if is_sound {
                    assert_eq!(first.1, expected, "{sign} {limit}");
                } else {
                    assert!(first.1.iter().all(|pair| expected.contains(pair)));
                }
                all_found += expected.len() as u64;
                all_looked_at += first.0;
            }
        }
    }
    println!("{all_found} found, {all_looked_at} looked at");
    assert!(all_found > 1_000_000 && all_looked_at > all_found);
}

#[test]
fn every_kernel_finds_the_least_of_each_row_that_a_plain_loop_finds() {
    let kernels = kernels();
    let mut random = Random::new(12);
    let mut all_found = 0;
    for _ in 0..4000 {
        let tiles = any_tiles(&mut random);
        let many = 1 + random.below(TILE_CITIES);
        // The last lanes of columns are copies, as those of a last tile are.
        let columns: Vec<UnitVector> = (0..many).map(|lane| tiles[1].vector(lane)).collect();
        let tiles = [tiles[0], Tile::new(&columns)];
        let lanes =
            [if random.unit() < 0.5 { !0 } else { random.bits() }, !0 >> (TILE_CITIES - many)];
        let boxes = tiles.each_ref().map(Boxes::of_tile);
        let part = |at: usize| MaskedTile { tile: &tiles[at], boxes: &boxes[at], lanes: lanes[at] };
        // What is no number may spoil a box, and then what is ruled out is not said.
        let is_finite =
            |tile: &Tile| [tile.x, tile.y, tile.z].as_flattened().iter().all(|x| x.is_finite());
        let is_sound = tiles.iter().all(is_finite);
        for sign in [1.0, -1.0] {
            let measure = any_measure(&mut random, sign);
            // Without end where all within the limits are asked for.
            let margin = if random.unit() < 0.2 { f64::INFINITY } else { random.tiny(-16.0).abs() };
            let shortfall = |row, column| {
                plain_shortfall(tiles[0].vector(row), tiles[1].vector(column), measure)
            };
            let limits: [f64; TILE_CITIES] = std::array::from_fn(|row| match random.below(4) {
                0 => f64::INFINITY,
                1 => f64::NEG_INFINITY,
                2 => shortfall(row, random.below(TILE_CITIES)),
                _ => random.between(-4.0, 4.0),
            });
            let limits = limits.map(|limit| if limit.is_nan() { 1.0 } else { limit });
            let (mut expected, mut expected_limits) = (Vec::new(), [0.0; TILE_CITIES]);
            for row in (0..TILE_CITIES).filter(|row| lanes[0] >> row & 1 == 1) {
                expected_limits[row] = limits[row];
                let least =
                    (0..many).map(|column| shortfall(row, column)).fold(f64::INFINITY, f64::min);
                if least <= limits[row] {
                    expected_limits[row] = limits[row].min(least + margin);
                    let near =
                        (0..many).filter(|&column| shortfall(row, column) <= expected_limits[row]);
                    expected.extend(near.map(|column| [row as u8, column as u8]));
                }
            }
            let expected_found = expected.len();
            let mut answers = kernels.iter().map(|kernel| {
                let (mut found, mut limits) = (vec![[77, 77]], limits);
                kernel.find_least(part(0), part(1), measure, margin, &mut limits, &mut found);
                assert_eq!(found.remove(0), [77, 77], "what stands there stays there");
                let is_asked = |row: usize| lanes[0] >> row & 1 == 1;
                (found, std::array::from_fn(|row| if is_asked(row) { limits[row] } else { 0.0 }))
            });
            if is_sound {
                let expected = (expected, expected_limits);
                assert!(answers.all(|answer| answer == expected), "{sign} {margin}");
            }
            all_found += expected_found;
        }
    }
    println!("{all_found} found");
    assert!(all_found > 100_000);
}

/// V of a row and a column as the head of `src/kernel/coarse.rs` has it, without a limit of size.
fn plain_v(row: i32, pair: i32, third: i32) -> i64 {
    let halves = |word: i32| [i64::from(word as i16), i64::from(word >> 16)];
    let ([a, b], [x, y]) = (halves(row), halves(pair));
    a * x + b * y + i64::from(third)
}

/// Any 32 bits, but often such as are at an end of what 16 or 32 bits hold.
fn any_word(random: &mut Random) -> i32 {
    const ENDS: [i32; 10] =
        [i32::MIN, i32::MAX, 0, -1, 0x7fff_7fff, -0x7fff_8000, 0x7fff, 0x8000, 0x7fff_8000, 1];
    if random.unit() < 0.3 { random.one_of(&ENDS) } else { random.bits() as i32 }
}

fn any_words(random: &mut Random, count: usize) -> Vec<i32> {
    (0..count).map(|_| any_word(random)).collect()
}

fn pair_of([low, high]: [i32; 2]) -> i32 {
    high << 16 | low & 0xffff
}

/// A row factor as a row of cities has it: two numbers of at most S in size, often just S.
fn any_row(random: &mut Random) -> i32 {
    let scale = SCALE as i32;
    let ends = [scale, -scale, 0, 1, -1];
    pair_of([0, 1].map(|_| match random.below(2) {
        0 => random.one_of(&ends),
        _ => random.below(2 * scale as usize + 1) as i32 - scale,
    }))
}

/// X and Y, and Z, of a column whose V is within its range for every such row, often at an end.
fn any_column(random: &mut Random) -> [i32; 2] {
    let scale = SCALE as i32;
    let most = (MAX_VALUE - MIN_VALUE) / 2 / scale;
    let x = random.below(scale as usize + 1) as i32;
    let y = random.below((most - x).min(scale) as usize + 1) as i32;
    let room = scale * (x + y);
    let (least, greatest) = (MIN_VALUE + room, MAX_VALUE - room);
    let between = least + random.below((greatest - least) as usize + 1) as i32;
    let signs = [0, 1].map(|_| random.one_of(&[1, -1]));
    [pair_of([signs[0] * x, signs[1] * y]), random.one_of(&[least, greatest, between])]
}

/// The columns that are at most a limit, by a plain loop.
fn plain_columns(row: i32, limit: i32, columns: CoarseColumns<'_>) -> Vec<u32> {
    let values = columns.pairs.iter().zip(columns.thirds);
    let values = values.map(|(&pair, &third)| plain_v(row, pair, third) as i32);
    values.zip(0..).filter(|&(v, _)| v <= limit).map(|(_, index)| index).collect()
}

/// A limit at the least value of a row, beside it, or anywhere.
fn any_limit(random: &mut Random, row: i32, columns: CoarseColumns<'_>) -> i32 {
    let values = columns.pairs.iter().zip(columns.thirds);
    let least = values.map(|(&pair, &third)| plain_v(row, pair, third) as i32).min();
    let least = least.expect("there are columns");
    let near = [least, least.wrapping_sub(1), least.wrapping_add(1), i32::MIN, 0, i32::MAX];
    if random.unit() < 0.9 { random.one_of(&near) } else { any_word(random) }
}

#[test]
fn every_kernel_finds_the_rows_and_columns_that_a_plain_loop_finds() {
    let kernels = kernels();
    let mut random = Random::new(3);
    let mut ends = [i32::MAX, i32::MIN];
    for round in 0..3000 {
        let rows: Vec<i32> = (0..ROW_GROUP * (round % 9)).map(|_| any_row(&mut random)).collect();
        let columns = TILE_CITIES * random.one_of(&[1, 1, 2, 3, 5, 16]);
        let (pairs, thirds): (Vec<i32>, Vec<i32>) = (0..columns)
            .map(|_| any_column(&mut random))
            .map(|[pair, third]| (pair, third))
            .unzip();
        let columns = CoarseColumns { pairs: &pairs, thirds: &thirds };
        for (&row, (&pair, &third)) in
            rows.iter().flat_map(|row| pairs.iter().zip(&thirds).map(move |column| (row, column)))
        {
            let v = i32::try_from(plain_v(row, pair, third)).expect("32 bits");
            ends = [ends[0].min(v), ends[1].max(v)];
        }
        let limits: Vec<i32> =
            rows.iter().map(|&row| any_limit(&mut random, row, columns)).collect();
        let expected: Vec<Vec<u32>> = rows
            .iter()
            .zip(&limits)
            .map(|(&row, &limit)| plain_columns(row, limit, columns))
            .collect();
        let is_found = |&index: &u32| !expected[index as usize].is_empty();
        let expected_rows: Vec<u32> = (0..rows.len() as u32).filter(is_found).collect();
        for kernel in &kernels {
            // What stands there already stays there.
            let mut found = vec![77];
            kernel.find_rows(&rows, &limits, columns, &mut found);
            assert_eq!((found[0], &found[1..]), (77, &expected_rows[..]), "{:?}", kernel.isa());
            for ((&row, &limit), expected) in rows.iter().zip(&limits).zip(&expected) {
                let mut found = vec![77];
                kernel.find_columns(row, limit, columns, &mut found);
                assert_eq!((found[0], &found[1..]), (77, &expected[..]), "{:?}", kernel.isa());
            }
        }
    }
    assert_eq!(ends, [MIN_VALUE, MAX_VALUE], "the ends of the range were tried");
}

/// Outside of the range of V, columns are found as before; of rows nothing is promised but that those
/// that are found are rows.
#[test]
fn arbitrary_words_are_found_or_do_no_harm() {
    let kernels = kernels();
    let mut random = Random::new(12);
    for round in 0..3000 {
        let rows = any_words(&mut random, ROW_GROUP * (round % 9));
        let columns = TILE_CITIES * random.one_of(&[1, 1, 2, 3, 5, 16]);
        let (pairs, thirds) = (any_words(&mut random, columns), any_words(&mut random, columns));
        let columns = CoarseColumns { pairs: &pairs, thirds: &thirds };
        let limits: Vec<i32> =
            rows.iter().map(|&row| any_limit(&mut random, row, columns)).collect();
        for kernel in &kernels {
            let mut found = vec![77];
            kernel.find_rows(&rows, &limits, columns, &mut found);
            assert_eq!(found[0], 77);
            assert!(found[1..].is_sorted_by(|a, b| a < b), "{:?}", kernel.isa());
            assert!(found[1..].iter().all(|&row| (row as usize) < rows.len()));
            for (&row, &limit) in rows.iter().zip(&limits) {
                let mut found = vec![77];
                kernel.find_columns(row, limit, columns, &mut found);
                let expected = plain_columns(row, limit, columns);
                assert_eq!((found[0], &found[1..]), (77, &expected[..]), "{:?}", kernel.isa());
            }
        }
    }
}

#[test]
fn no_column_is_no_find_whatever_the_limit() {
    let columns = CoarseColumns { pairs: &[], thirds: &[] };
    for kernel in kernels() {
        let mut found = Vec::new();
        kernel.find_rows(&[0; ROW_GROUP], &[i32::MAX; ROW_GROUP], columns, &mut found);
        kernel.find_columns(0, i32::MAX, columns, &mut found);
        assert_eq!(found, [0_u32; 0], "{:?}", kernel.isa());
    }
}

#[test]
fn rows_and_columns_of_the_wrong_number_are_refused() {
    let words = [0; 2 * TILE_CITIES];
    let refuses = |work: &dyn Fn()| catch_unwind(AssertUnwindSafe(work)).is_err();
    for kernel in kernels() {
        let isa = kernel.isa();
        let rows_of = |rows: usize, limits: usize, pairs: usize, thirds: usize| {
            let columns = CoarseColumns { pairs: &words[..pairs], thirds: &words[..thirds] };
            kernel.find_rows(&words[..rows], &words[..limits], columns, &mut Vec::new());
        };
        let columns_of = |pairs: usize, thirds: usize| {
            let columns = CoarseColumns { pairs: &words[..pairs], thirds: &words[..thirds] };
            kernel.find_columns(0, 0, columns, &mut Vec::new());
        };
        rows_of(16, 16, 64, 64);
        columns_of(128, 128);
        for [rows, limits, pairs, thirds] in
            [[16, 8, 64, 64], [8, 16, 64, 64], [12, 12, 64, 64], [8, 8, 64, 128], [8, 8, 72, 72]]
        {
            let is_refused = refuses(&|| rows_of(rows, limits, pairs, thirds));
            assert!(is_refused, "{isa:?}: {rows}, {limits}, {pairs}, {thirds}");
        }
        for [pairs, thirds] in [[64, 128], [128, 64], [72, 72], [1, 1]] {
            assert!(refuses(&|| columns_of(pairs, thirds)), "{isa:?}: {pairs}, {thirds}");
        }
    }
}

// ---- The margin of the coarse filter ----

/// S of the head of `src/kernel/coarse.rs`, and what is added to V.
const SCALE: f64 = 24_700.0;
const OFFSET: i64 = 1 << 30;

/// The dot product as a sum of two f64, the second small: products by fused operations are exact,
/// and the sums keep their remainders (Knuth). It is off by 1e-31 at most.
fn exact_dot(p: UnitVector, q: UnitVector) -> [f64; 2] {
    let (mut sum, mut rest) = (0.0_f64, 0.0_f64);
    for axis in 0..3 {
        let product = p[axis] * q[axis];
        let before = sum;
        sum += product;
        let taken = sum - before;
        rest += (before - (sum - taken)) + (product - taken);
        rest += p[axis].mul_add(q[axis], -product);
    }
    [sum, rest]
}

/// What one row shows against the 64 columns of a tile.
struct Shown {
    /// The greatest share of the proven error that V used: 1 would be all of it.
    share: f64,
    /// The lane that used it.
    share_lane: usize,
    /// The least distance of V from its limit.
    spare: i64,
    /// The lane that has it.
    spare_lane: usize,
}

/// Checks a row against a tile: V is within its range, and no pair is above the limit for its own
/// dot product. Every class of columns is checked for its range, the row's own for its limit.
fn check_margin(p: UnitVector, tile: &Tile) -> Shown {
    let row = CoarseRow::new(p).expect("a unit vector");
    let axis = row.class() / 2;
    let size = p[axis].abs();
    assert_eq!(row.class() % 2 == 1, p[axis] < 0.0, "{p:?}");
    assert!(p.iter().all(|coordinate| coordinate.abs() <= size), "{p:?}");
    let others: Vec<usize> = (0..3).filter(|&other| other != axis).collect();
    let scaled = [0, 1].map(|i| SCALE * p[others[i]] / size);
    let rounded = [row.pair() as i16 as i32, row.pair() >> 16].map(f64::from);
    let errors = [0, 1].map(|i| rounded[i] - scaled[i]);
    assert!(errors.iter().all(|error| error.abs() <= 0.5001), "{p:?}");
    let lean = -size * (scaled[0] * errors[0] + scaled[1] * errors[1]);
    let by_column = (scaled[0].abs() + scaled[1].abs()) / 2.0;
    // The share of what is not known that an excess used, where the proof gives as much for a
    // dot product.
    let share = |excess: f64, dot: f64| {
        let from_antipode = (2.0 + 2.0 * dot + 2e-14).max(0.0).sqrt();
        let unknown = 0.5_f64.sqrt() * SCALE;
        let by_column = if from_antipode <= 0.077 {
            6_f64.sqrt() * SCALE * from_antipode
        } else {
            by_column + if dot < 0.5 { 1.5_f64.sqrt() * SCALE } else { 0.0 }
        };
        if unknown < lean + unknown * from_antipode {
            excess / (by_column + unknown + 1.0)
        } else {
            (excess - lean) / (by_column + unknown * from_antipode + 1.0)
        }
    };
    for class in 0..CLASSES {
        let table = CoarseTable::new(std::slice::from_ref(tile), class);
        let columns = table.columns(0..1);
        for (&pair, &third) in columns.pairs.iter().zip(columns.thirds) {
            let v = plain_v(row.pair(), pair, third);
            assert!(is_in_range(v), "V out of range: {p:?}, class {class}: {v}");
        }
    }
    let table = CoarseTable::new(std::slice::from_ref(tile), row.class());
    assert_eq!(table.tiles(), 1);
    let columns = table.columns(0..1);
    let mut shown =
        Shown { share: f64::NEG_INFINITY, share_lane: 0, spare: i64::MAX, spare_lane: 0 };
    for lane in 0..TILE_CITIES {
        let q = tile.vector(lane);
        let v = plain_v(row.pair(), columns.pairs[lane], columns.thirds[lane]);
        let limit = row.limit(&CoarseLimit::new(least_limit(p, q)));
        assert!(v <= i64::from(limit), "lost: {p:?} {q:?}: V {v}, limit {limit}");
        let dot = exact_dot(p, q)[0];
        let excess = (v - OFFSET) as f64 - SCALE * SCALE * dot / size;
        let share = share(excess, dot);
        if share > shown.share {
            (shown.share, shown.share_lane) = (share, lane);
        }
        let spare = i64::from(limit) - v;
        if spare < shown.spare {
            (shown.spare, shown.spare_lane) = (spare, lane);
        }
    }
    shown
}

fn is_in_range(v: i64) -> bool {
    (i64::from(MIN_VALUE)..=i64::from(MAX_VALUE)).contains(&v)
}

/// The least f64 that is no less than the dot product.
fn least_limit(p: UnitVector, q: UnitVector) -> f64 {
    let [dot, rest] = exact_dot(p, q);
    if rest > 0.0 { dot.next_up() } else { dot }
}

/// A vector as the filter may see it: 1e-15 from the exact one, or less.
fn seen(random: &mut Random, v: UnitVector) -> UnitVector {
    // The sums round, each by 1.2e-16 at most.
    let size = random.one_of(&[0.0, 4e-16, 8e-16, 8e-16]);
    let way = stretched([0, 1, 2].map(|_| random.between(-1.0, 1.0)), 0.0);
    [0, 1, 2].map(|axis| v[axis] + size * way[axis])
}

/// The length brought to 1 as nearly as f64 allows, or off by up to 5e-16.
fn stretched(v: UnitVector, error: f64) -> UnitVector {
    let norm = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    v.map(|coordinate| coordinate / norm * (1.0 + error))
}

/// Vectors on which a filter by the largest coordinate may stumble.
fn row_vector(random: &mut Random, kind: usize) -> UnitVector {
    let sign = |random: &mut Random| random.one_of(&[1.0, -1.0]);
    match kind {
        0 => random.vector(),
        // An axis, and beside one, down to subnormal numbers.
        1 => {
            let mut v =
                [0, 1, 2].map(|_| random.one_of(&[0.0, -0.0, 5e-324, -1e-310, 1e-17, -1e-9]));
            v[random.below(3)] = sign(random);
            v
        }
        // All three of one size, or two of them, and beside that.
        2 => {
            let near = [0, 1, 2].map(|_| sign(random) * (1.0 + random.tiny(-17.0) * 1e-3));
            stretched(near, 0.0)
        }
        3 => {
            let mut v = [0, 1, 2].map(|_| sign(random) * std::f64::consts::FRAC_1_SQRT_2);
            v[random.below(3)] = random.one_of(&[0.0, 1e-17, -5e-324, 1e-8]);
            v
        }
        4 => unit_vector(random.one_of(&[90.0, -90.0, 0.0, 45.0, 89.999_999_999]), random.unit()),
        5 => [0, 1, 2].map(|_| sign(random) * (1.0 / 3_f64.sqrt())),
        // Quotients that lie halfway between two of the 16-bit numbers.
        _ => {
            let half = |random: &mut Random| {
                sign(random)
                    * ((random.below(32767) as f64 + 0.5) / SCALE + random.tiny(-12.0) * 1e-6)
            };
            let mut v = [half(random), half(random), half(random)];
            v[random.below(3)] = sign(random);
            stretched(v, 0.0)
        }
    }
}

/// A column that is hard on a row.
fn column_vector(random: &mut Random, p: UnitVector) -> UnitVector {
    let step = [0, 1, 2].map(|_| random.tiny(-17.0));
    match random.below(8) {
        0 => random.vector(),
        1 => p.map(|coordinate| -coordinate),
        2 => p,
        3 => stretched([0, 1, 2].map(|axis| step[axis] - p[axis]), 0.0),
        4 => stretched([0, 1, 2].map(|axis| step[axis] + p[axis]), 0.0),
        5 => [0, 1, 2].map(|axis| p[axis] + random.one_of(&[0.0, 5e-324, -5e-324])),
        _ => {
            let kind = random.below(7);
            row_vector(random, kind)
        }
    }
}

#[test]
fn no_pair_breaks_the_margin_of_the_coarse_filter() {
    let mut random = Random::new(4);
    let mut worst = [0.0_f64; 7];
    let mut least_spare = i64::MAX;
    for round in 0..70_000 {
        let kind = round % 7;
        let p = row_vector(&mut random, kind);
        let off = |random: &mut Random, v| {
            let error = random.one_of(&[0.0, 5e-16, -5e-16]);
            if random.unit() < 0.5 { v } else { stretched(v, error) }
        };
        let p = off(&mut random, p);
        let columns: Vec<UnitVector> = (0..TILE_CITIES)
            .map(|_| {
                let q = column_vector(&mut random, p);
                off(&mut random, q)
            })
            .collect();
        let shown = check_margin(p, &Tile::new(&columns));
        worst[kind] = worst[kind].max(shown.share);
        least_spare = least_spare.min(shown.spare);
        check_seen(&mut random, p, &columns);
    }
    println!("share of the proven error used, by kind of row: {worst:.3?}; spare: {least_spare}");
    let greatest = worst.into_iter().fold(0.0, f64::max);
    assert!(greatest <= 1.0 + 1e-9, "{greatest}: the proof does not hold");
    assert!(greatest > 0.5, "{greatest}: the test tries nothing");
}

/// Checks that no pair is lost where the filter sees both cities beside their exact places. Returns
/// the least distance of V from the limit of the exact pair.
fn check_seen(random: &mut Random, p: UnitVector, columns: &[UnitVector]) -> i64 {
    let row = CoarseRow::new(seen(random, p)).expect("a unit vector");
    let seen: Vec<UnitVector> = columns.iter().map(|&q| seen(random, q)).collect();
    let table = CoarseTable::new(&[Tile::new(&seen)], row.class());
    let coarse = table.columns(0..1);
    let spares = columns.iter().enumerate().map(|(lane, &q)| {
        let v = plain_v(row.pair(), coarse.pairs[lane], coarse.thirds[lane]);
        let limit = row.limit(&CoarseLimit::new(least_limit(p, q)));
        assert!(v <= i64::from(limit), "lost: {p:?} {q:?} as {seen:?}: V {v}, limit {limit}");
        i64::from(limit) - v
    });
    spares.min().expect("a column")
}

/// Where a climb begins, and so which of the margins it goes for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    /// Anywhere but on the row's side: the column may have a correction or not.
    Anywhere,
    /// On the row's side: there is no correction that counts.
    Beside,
    /// Within 500 km of the antipode, where every column has a correction.
    Around,
    /// At the antipode, where small steps are the ones that count.
    Antipode,
}

/// Climbs from a random pair to one that uses more and more of the margin: 64 neighbours of the
/// column are tried at once, then the row is moved. Far from the antipode the share of the proven
/// error counts, near it how little V stays below its limit.
fn climb(random: &mut Random, steps: usize, start: Start) -> Climb {
    let kind = random.one_of(&[0, 2, 2, 5, 6]);
    let mut p = row_vector(random, kind);
    let opposite = p.map(|coordinate| -coordinate);
    let (mut q, reach) = match start {
        Start::Anywhere => (random.vector(), 1.0),
        Start::Beside => (p, 1.0),
        Start::Around => (opposite, 0.05),
        Start::Antipode => (opposite, 1e-4),
    };
    let mut climb = Climb { share: f64::NEG_INFINITY, spare: i64::MAX, pair: [p, q] };
    for _ in 0..steps {
        let size = random.tiny(-10.0) * reach;
        let moved = |random: &mut Random, v: UnitVector| {
            stretched(v.map(|coordinate| coordinate + size * random.between(-1.0, 1.0)), 0.0)
        };
        let row = if random.unit() < 0.5 { moved(random, p) } else { p };
        let mut columns: Vec<UnitVector> = (0..TILE_CITIES).map(|_| moved(random, q)).collect();
        columns[0] = q;
        let is_beside = |&q: &UnitVector| exact_dot(row, q)[0] >= 0.5;
        if match start {
            Start::Beside => !columns.iter().all(is_beside),
            _ => columns.iter().any(is_beside),
        } {
            continue;
        }
        let tile = Tile::new(&columns);
        let shown = check_margin(row, &tile);
        let (is_better, lane) = match start {
            Start::Anywhere | Start::Beside => (shown.share > climb.share, shown.share_lane),
            Start::Around | Start::Antipode => (shown.spare < climb.spare, shown.spare_lane),
        };
        if is_better {
            (p, q) = (row, tile.vector(lane));
            climb = Climb { share: shown.share, spare: shown.spare, pair: [p, q] };
            climb.spare = climb.spare.min(check_seen(random, p, &columns));
        }
    }
    climb
}

/// Where a climb ended.
struct Climb {
    share: f64,
    spare: i64,
    pair: [UnitVector; 2],
}

#[test]
fn no_climb_breaks_the_margin_of_the_coarse_filter() {
    let mut random = Random::new(5);
    let (climbs, steps) = if common::is_long() { (400, 4000) } else { (60, 800) };
    for start in [Start::Anywhere, Start::Beside, Start::Around, Start::Antipode] {
        let climbs: Vec<Climb> = (0..climbs).map(|_| climb(&mut random, steps, start)).collect();
        let share = climbs.iter().max_by(|a, b| a.share.total_cmp(&b.share)).expect("a climb");
        let spare = climbs.iter().min_by_key(|climb| climb.spare).expect("a climb");
        println!("{start:?}: {:.5} of the proven error used by {:?}", share.share, share.pair);
        println!("{start:?}: V {} below its limit for {:?}", spare.spare, spare.pair);
        assert!(share.share <= 1.0 + 1e-9, "{}: the proof does not hold", share.share);
        match start {
            Start::Anywhere | Start::Beside => assert!(share.share > 0.9, "it went nowhere"),
            // The limit is 2 above what is proven.
            Start::Around | Start::Antipode => assert!(spare.spare <= 3, "it went nowhere"),
        }
    }
}

/// Where the climbs above ended. On the row's side three coordinates of nearly one size make both
/// quotients as large as they get, the column lies where |x| + |y| is greatest, and all five roundings
/// err to the same side. Elsewhere the column is opposite by just a half, where its correction is
/// greatest. At the antipode no more than a rounding or two is unknown.
#[test]
fn the_worst_pairs_found_are_within_the_margin() {
    let worst = [
        (
            [-0.5650923695404355, -0.5979813396903126, -0.5684091231405025],
            [-0.6747570852266127, 0.08279987941293317, -0.7333805668994027],
            (0.99, 200),
        ),
        (
            [0.4913103642523029, -0.7187281698688267, 0.4919796172762406],
            [0.5301821862422305, 0.5003470799340483, 0.6845141700453541],
            (0.99, 700),
        ),
        (
            [0.5773462896991461, -0.5773467004442014, 0.5773578173514438],
            [-0.5773466751704147, 0.5773468119539068, -0.5773573203799601],
            (0.0, 10),
        ),
        (
            [0.6015882558867438, 0.2087657382726002, -0.7710437321596239],
            [-0.6015882558867438, -0.2087657382726002, 0.7710437321596239],
            (0.0, 3),
        ),
    ];
    for (p, q, (least_share, most_spare)) in worst {
        let shown = check_margin(p, &Tile::new(&[q]));
        assert!((least_share..1.0).contains(&shown.share), "{}", shown.share);
        assert!((0..most_spare).contains(&shown.spare), "{}", shown.spare);
    }
}

/// The range of V: the worst rows are those with three coordinates of one size, the worst columns
/// their own direction.
#[test]
fn v_never_leaves_its_range() {
    let mut random = Random::new(6);
    let mut greatest = 0;
    for _ in 0..20_000 {
        let kind = random.one_of(&[2, 5]);
        let p = stretched(row_vector(&mut random, kind), 5e-16);
        let row = CoarseRow::new(p).expect("a unit vector");
        let columns: Vec<UnitVector> =
            (0..TILE_CITIES).map(|_| stretched(column_vector(&mut random, p), 5e-16)).collect();
        let table = CoarseTable::new(&[Tile::new(&columns)], row.class());
        let columns = table.columns(0..1);
        for lane in 0..TILE_CITIES {
            let v = plain_v(row.pair(), columns.pairs[lane], columns.thirds[lane]);
            assert!(is_in_range(v), "{v}");
            greatest = greatest.max((v - OFFSET).abs());
        }
    }
    let room = f64::from(MAX_VALUE - (1 << 30));
    println!("greatest |V - 2^30|: {greatest}, {:.4} of the room", greatest as f64 / room);
    assert!(greatest as f64 > 0.99 * SCALE * SCALE * 3_f64.sqrt(), "{greatest}: not the worst");
}

#[test]
fn limits_that_hold_for_all_or_none_saturate() {
    let mut random = Random::new(7);
    for kind in 0..7 {
        for _ in 0..1000 {
            let row = CoarseRow::new(row_vector(&mut random, kind)).expect("a unit vector");
            assert_eq!(row.limit(&CoarseLimit::new(f64::INFINITY)), i32::MAX);
            assert_eq!(row.limit(&CoarseLimit::new(f64::NEG_INFINITY)), i32::MIN);
            let dots = [-1.0, -0.999_999, -0.5, 0.0, 0.5, 1.0]
                .map(|dot| row.limit(&CoarseLimit::new(dot)));
            assert!(dots.is_sorted() && dots[0] >= MIN_VALUE && dots[5] < i32::MAX);
        }
    }
}

/// Every class has its own columns: X and Y of the two other axes, and Z of its own with its sign,
/// and with the roundings of X and Y where it is opposite and at least a half.
#[test]
fn columns_are_those_of_their_class() {
    let mut random = Random::new(8);
    let tiles: Vec<Tile> = (0..3)
        .map(|_| Tile::new(&(0..TILE_CITIES).map(|_| random.vector()).collect::<Vec<_>>()))
        .collect();
    let mut corrected = 0;
    for class in 0..CLASSES {
        let table = CoarseTable::new(&tiles, class);
        assert_eq!((table.tiles(), CoarseTable::new(&[], class).tiles()), (3, 0));
        let axis = class / 2;
        let others: Vec<usize> = (0..3).filter(|&other| other != axis).collect();
        let sign = if class % 2 == 0 { 1.0 } else { -1.0 };
        let columns = table.columns(1..3);
        for lane in 0..2 * TILE_CITIES {
            let q = tiles[1 + lane / TILE_CITIES].vector(lane % TILE_CITIES);
            let near = |found: i32, value: f64| assert!((f64::from(found) - value).abs() <= 0.5001);
            let short = [columns.pairs[lane] as i16 as i32, columns.pairs[lane] >> 16];
            let scaled = [0, 1].map(|i| SCALE * q[others[i]]);
            near(short[0], scaled[0]);
            near(short[1], scaled[1]);
            let along = sign * q[axis];
            let errors = [0, 1].map(|i| f64::from(short[i]) - scaled[i]);
            let known = (scaled[0] * errors[0] + scaled[1] * errors[1]) / -along;
            let correction = if along <= -0.5 { known } else { 0.0 };
            corrected += usize::from(correction.abs() > 1.0);
            near(columns.thirds[lane], OFFSET as f64 + SCALE * SCALE * along + correction);
        }
    }
    assert!(corrected > CLASSES * TILE_CITIES / 4, "{corrected}");
}

/// A damaged file may hold any number; what is made of it must not end the program, stays within the
/// range of V, and is found or not found by all instruction sets alike.
#[test]
fn strange_numbers_do_no_harm() {
    let kernels = kernels();
    let mut random = Random::new(9);
    let just_overflowing = [1.0, -1.0].map(|sign| sign * 2_f64.powi(31) / (SCALE * SCALE));
    let strange: Vec<f64> = STRANGE
        .into_iter()
        .chain(just_overflowing)
        .chain([2.0, -2.0, 3e9, 1e300, 0.57, -0.58, 0.5, 0.6, 1.34, -1.7])
        .collect();
    let mut rows_taken = 0;
    for round in 0..20_000 {
        let vectors: Vec<UnitVector> = (0..TILE_CITIES)
            .map(|_| {
                let mut vector = random.vector();
                for coordinate in &mut vector {
                    if random.unit() < random.one_of(&[0.1, 0.9]) {
                        *coordinate = random.one_of(&strange);
                    }
                }
                vector
            })
            .collect();
        let class = round % CLASSES;
        let table = CoarseTable::new(&[Tile::new(&vectors)], class);
        let columns = table.columns(0..1);
        let dots = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.0, 1.0, -1.0];
        let limit = random.one_of(&dots);
        let (mut rows, mut limits) = (vec![0; ROW_GROUP], vec![0; ROW_GROUP]);
        let taken = vectors.iter().filter_map(|&vector| CoarseRow::new(vector));
        for (at, row) in taken.take(ROW_GROUP).enumerate() {
            (rows[at], limits[at]) = (row.pair(), row.limit(&CoarseLimit::new(limit)));
            rows_taken += 1;
        }
        for &row in &rows {
            for (&pair, &third) in columns.pairs.iter().zip(columns.thirds) {
                let v = plain_v(row, pair, third);
                assert!(is_in_range(v), "{v}: {vectors:?}");
            }
        }
        let mut answers = kernels.iter().map(|kernel| {
            let (mut rows_found, mut columns_found) = (Vec::new(), Vec::new());
            kernel.find_rows(&rows, &limits, columns, &mut rows_found);
            kernel.find_columns(rows[0], limits[0], columns, &mut columns_found);
            (rows_found, columns_found)
        });
        let first = answers.next().expect("a kernel");
        assert!(answers.all(|answer| answer == first), "not all kernels found the same");
    }
    assert!(rows_taken > 10_000, "{rows_taken}");
}

/// What is no unit vector has no row, and as a column is beyond what any pair of cities shows.
#[test]
fn what_is_no_unit_vector_matches_nothing() {
    let strange = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2.0, -3e9, f64::MAX];
    let mut random = Random::new(13);
    for value in strange {
        for axis in 0..3 {
            let mut vector = random.vector();
            vector[axis] = value;
            assert!(CoarseRow::new(vector).is_none(), "{vector:?}");
            for class in 0..CLASSES {
                let table = CoarseTable::new(&[Tile::new(&[vector])], class);
                let columns = table.columns(0..1);
                assert!(columns.pairs.iter().all(|&pair| pair == 0), "{vector:?}");
                assert!(columns.thirds.iter().all(|&third| third == MAX_VALUE), "{vector:?}");
            }
        }
    }
    assert!(CoarseRow::new([0.0, 5e-324, 0.0]).is_none());
}

// ---- The filter as the search uses it ----

/// With the incumbent's own distance for a limit, both filters let every pair through that is as far.
#[test]
fn no_pair_as_far_as_the_incumbent_is_lost() {
    let kernels = kernels();
    let mut random = Random::new(10);
    for round in 0..5000 {
        let p = row_vector(&mut random, round % 7);
        let columns: Vec<UnitVector> =
            (0..TILE_CITIES).map(|_| column_vector(&mut random, p)).collect();
        let tile = Tile::new(&columns);
        let row = CoarseRow::new(seen(&mut random, p)).expect("a unit vector");
        let seen: Vec<UnitVector> = columns.iter().map(|&q| seen(&mut random, q)).collect();
        let table = CoarseTable::new(&[Tile::new(&seen)], row.class());
        let coarse = table.columns(0..1);
        let distances = columns.iter().map(|&q| distance_km(p, q)).collect::<Vec<_>>();
        let incumbent_km = distances[random.below(TILE_CITIES)];
        let is_far = |&lane: &usize| distances[lane] >= incumbent_km;
        let far: Vec<usize> = (0..TILE_CITIES).filter(is_far).collect();
        let limits = Shortfall::of(incumbent_km);
        let (measure, limit) = (limits.measure(), limits.limit);
        for kernel in &kernels {
            let near = kernel.mark_far(p, &tile, measure, limit);
            let (mut found, mut rows_found) = (Vec::new(), Vec::new());
            let coarse_limit = row.limit(&CoarseLimit::new(dot_limit(incumbent_km)));
            kernel.find_columns(row.pair(), coarse_limit, coarse, &mut found);
            let rows = [row.pair(); ROW_GROUP];
            kernel.find_rows(&rows, &[coarse_limit; ROW_GROUP], coarse, &mut rows_found);
            assert_eq!(rows_found.len(), ROW_GROUP, "{:?}: {p:?}", kernel.isa());
            for &lane in &far {
                let q = columns[lane];
                assert!(near >> lane & 1 == 1, "{:?}: {p:?} {q:?}", kernel.isa());
                assert!(found.contains(&(lane as u32)), "{:?}: {p:?} {q:?}", kernel.isa());
            }
        }
    }
}

/// Vectors anywhere on the sphere.
fn any_vectors(random: &mut Random, count: usize) -> Vec<UnitVector> {
    (0..count).map(|_| random.vector()).collect()
}

/// Some 32 blocks a rank: more would convert more cities for each pair, fewer would not balance.
#[test]
fn a_rank_has_some_32_blocks_however_many_ranks_there_are() {
    for (ranks, rank) in [(7, 3), (64, 0), (64, 63), (1024, 500), (4096, 4095), (16_384, 1)] {
        let space = PairSpace::within(100_000, block_edge(Method::Exhaustive, 100_000, ranks));
        let all = u64::try_from(space.blocks()).expect("some thousand");
        let blocks = Share::new(rank, ranks, all).count();
        assert!((32..=80).contains(&blocks), "{blocks} blocks on rank {rank} of {ranks}");
    }
}

/// More rows than are kept between blocks, in the long mode: stripes of both kinds find what the
/// pruned search finds.
#[test]
fn stripes_that_are_not_kept_find_the_same() {
    let kernel = kernels()[0];
    let count = if common::is_long() { 600_000 } else { 40_000 };
    let vectors = any_vectors(&mut Random::new(15), count);
    let buffer = PointBuffer::new(&vectors);
    let points = buffer.points();
    let find = |method| {
        let (field, wanted) = (Field::within(&points), Wanted::default());
        search(field, wanted, method, kernel, 0, 1).expect("a sound set")
    };
    let (by_all, by_bounds) = (find(Method::Exhaustive), find(Method::Pruned));
    assert_eq!(by_all.farthest(), by_bounds.farthest());
}

// ---- Places, vectors and spots, sixty-four at a time ----

/// Places anywhere, at the ends of the numbers and at edges of cells.
fn any_places(random: &mut Random, grid: CellGrid) -> [Place; PLACES] {
    let number = |random: &mut Random| {
        let edge = (random.below(1 << (16 - grid.shift)) as u32) << grid.shift;
        let beside = [0, 1, grid.width, grid.width + 1][random.below(4)];
        let number = match random.below(4) {
            0 => random.below(1 << 16) as u32,
            1 => edge + beside,
            2 => edge.wrapping_sub(beside),
            _ => [0, 0xffff][random.below(2)],
        };
        number.min(0xffff)
    };
    // At the deepest level the number of a place is the lower half of its cell's.
    std::array::from_fn(|_| Place::of([number(random), number(random)], 16))
}

/// Bits of cells and windows of places, against plain words of what they are.
#[test]
fn places_are_marked_alike_by_every_kernel() {
    let mut random = Random::new(21);
    for round in 0..2000 {
        let shift = 7 + random.below(10) as u32;
        let greatest_width = if shift == 16 { 1 << 16 } else { 1 << (shift - 2) };
        let grid = CellGrid { shift, width: random.below(greatest_width + 1) as u32 };
        let (taking, places) = (any_places(&mut random, grid), any_places(&mut random, grid));
        let mut expected = CellBits::default();
        expected.clear(grid);
        taking.iter().for_each(|&place| expected.set(grid.cell(place)));
        let [a, b] = [(); 2].map(|()| {
            let ends = [random.below(1 << 16) as u32, random.below(1 << 16) as u32];
            [ends[0].min(ends[1]), ends[0].max(ends[1])]
        });
        let is_at_edge = |place: Place| {
            // A cell that is near but not its own, also beyond the border of the region.
            place.numbers().into_iter().any(|number| {
                let within = number & ((1 << shift) - 1);
                within < grid.width || within + grid.width >= 1 << shift
            })
        };
        let is_within = |place: Place| {
            let [x, y] = place.numbers();
            (a[0]..=a[1]).contains(&x) && (b[0]..=b[1]).contains(&y)
        };
        for kernel in kernels() {
            let case = format!("round {round}, {:?}, {grid:?}", kernel.isa());
            let mut bits = CellBits::default();
            bits.clear(grid);
            kernel.take_cells(&taking, grid, &mut bits);
            assert!(bits == expected, "{case}");
            let [taken, at_edge] = kernel.mark_cells(&places, grid, &bits);
            let within = kernel.mark_within(&places, [a, b]);
            let inner = kernel.mark_within(&places, grid.within_border());
            let around_marks = (shift < 16).then(|| kernel.mark_around(&places, grid, &bits));
            let scalar = Kernel::choose(Some(Isa::Scalar)).expect("it is everywhere");
            let expected_marks = (shift < 16).then(|| scalar.mark_around(&places, grid, &bits));
            assert_eq!(around_marks, expected_marks, "{case}");
            for (lane, &place) in places.iter().enumerate() {
                let marked = [taken, at_edge, within].map(|marks| marks >> lane & 1 == 1);
                let is_taken = taking.iter().any(|&other| grid.cell(other) == grid.cell(place));
                assert_eq!(marked, [is_taken, is_at_edge(place), is_within(place)], "{case}");
                let is_within_border = place
                    .numbers()
                    .into_iter()
                    .all(|number| number >= grid.width && number + grid.width < 1 << 16);
                assert_eq!(inner >> lane & 1 == 1, is_within_border, "{case}");
                if let Some(marks) = around_marks {
                    let is_around = marks >> lane & 1 == 1;
                    let has_any = grid.corners(place).into_iter().any(|cell| expected.has(cell));
                    assert!(is_around || !has_any, "{case}");
                    assert!(is_around == has_any || !is_within_border, "{case}");
                }
                // Every cell that a place within the width can be in is one of those around it.
                let around: Vec<u32> = grid.around(place).collect();
                let near = places.iter().chain(&taking).filter(|other| {
                    let (p, q) = (place.numbers(), other.numbers());
                    p[0].abs_diff(q[0]).max(p[1].abs_diff(q[1])) <= grid.width
                });
                near.for_each(|&other| assert!(around.contains(&grid.cell(other)), "{case}"));
                assert!(
                    around.iter().all(|cell| around.iter().filter(|c| *c == cell).count() == 1)
                );
            }
        }
    }
}

/// Vectors and spots have the same bits from every kernel, those of damaged degrees too.
#[test]
fn vectors_and_spots_are_the_same_from_every_kernel() {
    let mut random = Random::new(22);
    for round in 0..5000 {
        let strange = [f64::NAN, f64::INFINITY, -1e300, 1e-320, 0.0];
        let mut degrees = |most: f64| -> [f64; TILE_CITIES] {
            std::array::from_fn(|_| match (round % 5, random.below(8)) {
                (0, 0) => random.one_of(&strange),
                (_, 1) => (random.below(9) as f64 - 4.0) * most / 4.0,
                _ => random.between(-most, most),
            })
        };
        let (lat, lon) = (degrees(90.0), degrees(180.0));
        let bits = |tile: &Tile| [tile.x, tile.y, tile.z].map(|axis| axis.map(f64::to_bits));
        let expected = Tile::quick(&lat, &lon);
        for kernel in kernels() {
            let tile = kernel.embed(&lat, &lon);
            let is_number = |i: &usize| expected.x[*i].is_finite() && expected.z[*i].is_finite();
            for i in (0..TILE_CITIES).filter(is_number) {
                assert_eq!(bits(&tile).map(|a| a[i]), bits(&expected).map(|a| a[i]), "{round}");
            }
            assert_eq!(kernel.spots(&expected), Spots::of_tile(&expected), "{:?}", kernel.isa());
        }
    }
}

// ---- Lines past the caches ----

#[test]
fn a_stream_writes_what_a_copy_does() {
    let line = LINE_BYTES / size_of::<u32>();
    let numbers: Vec<u32> = (1..=3 * line as u32).collect();
    // Two lines more than numbers, so that each place in a line is one where they begin.
    for first in 0..2 * line {
        for count in 0..=numbers.len() {
            let mut streamed = vec![0; 5 * line];
            let mut copied = streamed.clone();
            Stream::new(&mut streamed).put(first, &numbers[..count]);
            copied[first..first + count].copy_from_slice(&numbers[..count]);
            assert_eq!(streamed, copied, "{count} from {first} on");
        }
    }
    let beyond = catch_unwind(|| Stream::new(&mut [0_u32; 16]).put(1, &[1; 16]));
    assert!(beyond.is_err(), "the end is kept");
}
