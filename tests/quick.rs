//! Proves that the quick unit vectors are as near to the exact ones as they promise, that equal
//! places have equal vectors and antipodal ones opposite vectors, and that every instruction set
//! and every number of lanes gives the same bits.

mod common;

use common::Random;
use farthest::quick::{QUICK_ERROR, quick_vectors};
use farthest::sphere::{UnitVector, unit_vector};

/// Latitude and longitude in degrees.
type Place = [f64; 2];

/// What the head of `src/quick.rs` claims of the distance from the truth.
const CLAIMED_TRUE_ERROR: f64 = 4.8e-16;

const LANES: usize = 64;

type Quick = fn(&[f64; LANES], &[f64; LANES]) -> [[f64; LANES]; 3];

fn baseline(lat_deg: &[f64; LANES], lon_deg: &[f64; LANES]) -> [[f64; LANES]; 3] {
    quick_vectors(lat_deg, lon_deg)
}

#[cfg(target_arch = "x86_64")]
fn avx2(lat_deg: &[f64; LANES], lon_deg: &[f64; LANES]) -> [[f64; LANES]; 3] {
    #[target_feature(enable = "avx2")]
    fn compiled(lat_deg: &[f64; LANES], lon_deg: &[f64; LANES]) -> [[f64; LANES]; 3] {
        quick_vectors(lat_deg, lon_deg)
    }
    assert!(is_x86_feature_detected!("avx2"));
    // SAFETY: the line above has found the feature.
    unsafe { compiled(lat_deg, lon_deg) }
}

#[cfg(target_arch = "x86_64")]
fn avx512(lat_deg: &[f64; LANES], lon_deg: &[f64; LANES]) -> [[f64; LANES]; 3] {
    #[target_feature(enable = "avx512f")]
    fn compiled(lat_deg: &[f64; LANES], lon_deg: &[f64; LANES]) -> [[f64; LANES]; 3] {
        quick_vectors(lat_deg, lon_deg)
    }
    assert!(is_x86_feature_detected!("avx512f"));
    // SAFETY: the line above has found the feature.
    unsafe { compiled(lat_deg, lon_deg) }
}

/// Lanes by fewer at a time.
fn in_parts<const N: usize>(lat_deg: &[f64; LANES], lon_deg: &[f64; LANES]) -> [[f64; LANES]; 3] {
    let mut whole = [[0.0; LANES]; 3];
    for first in (0..LANES).step_by(N) {
        let part = |angles: &[f64; LANES]| angles[first..first + N].try_into().expect("N lanes");
        let vectors = quick_vectors::<N>(&part(lat_deg), &part(lon_deg));
        for axis in 0..3 {
            whole[axis][first..first + N].copy_from_slice(&vectors[axis]);
        }
    }
    whole
}

/// Every way to the same bits that this machine can run.
fn ways() -> Vec<(&'static str, Quick)> {
    let mut ways: Vec<(&str, Quick)> = vec![
        ("baseline", baseline),
        ("one by one", in_parts::<1>),
        ("four at a time", in_parts::<4>),
        ("eight at a time", in_parts::<8>),
    ];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            ways.push(("avx2", avx2));
        }
        if is_x86_feature_detected!("avx512f") {
            ways.push(("avx512f", avx512));
        }
    }
    ways
}

/// The vectors of places, by one of the ways. The last lanes repeat the first place.
fn vectors_by(quick: Quick, places: &[Place]) -> Vec<UnitVector> {
    let mut vectors = Vec::with_capacity(places.len());
    for some in places.chunks(LANES) {
        let of = |part: usize| std::array::from_fn(|lane| some.get(lane).unwrap_or(&some[0])[part]);
        let [x, y, z] = quick(&of(0), &of(1));
        vectors.extend((0..some.len()).map(|lane| [x[lane], y[lane], z[lane]]));
    }
    vectors
}

fn vectors(places: &[Place]) -> Vec<UnitVector> {
    vectors_by(baseline, places)
}

fn bits(v: UnitVector) -> [u64; 3] {
    v.map(f64::to_bits)
}

fn opposite(v: UnitVector) -> UnitVector {
    // Zero minus the number, so that zero stays +0, as vectors have it.
    v.map(|x| 0.0 - x)
}

fn length(v: UnitVector) -> f64 {
    (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt()
}

/// An angle between two, which are multiples of 45°: anywhere, beside a multiple of 45° by a few
/// units in the last place or by a tiny angle, with seven decimals, tiny, or an end of the range.
fn hard_angle(random: &mut Random, low_deg: f64, high_deg: f64) -> f64 {
    let eighths = ((high_deg - low_deg) / 45.0) as usize;
    let multiple_deg = low_deg + 45.0 * random.below(eighths + 1) as f64;
    let angle_deg = match random.below(7) {
        0 => random.between(low_deg, high_deg),
        1 => {
            let mut beside = multiple_deg;
            for _ in 0..random.below(4) {
                beside = if random.bits() & 1 == 0 { beside.next_up() } else { beside.next_down() };
            }
            beside
        }
        2 => multiple_deg + random.tiny(-17.0),
        3 => (random.between(low_deg, high_deg) * 1e7).round() / 1e7,
        4 => random.tiny(-320.0),
        5 => multiple_deg + random.below(100) as f64 * 1e-7,
        _ => random.one_of(&[low_deg, high_deg, 0.0, -0.0, 5e-324, -5e-324]),
    };
    angle_deg.clamp(low_deg, high_deg)
}

fn hard_place(random: &mut Random) -> Place {
    [hard_angle(random, -90.0, 90.0), hard_angle(random, -180.0, 360.0)]
}

/// Places of both kinds.
fn many_places(random: &mut Random, count: usize) -> Vec<Place> {
    let place = |at| if at % 3 == 0 { random.place() } else { hard_place(random) };
    (0..count).map(place).collect()
}

/// The place whose quick vector is farthest from the exact one, and by how much.
fn worst_error(places: &[Place]) -> (f64, Place) {
    let error_at = |(quick, &[lat, lon]): (UnitVector, &Place)| {
        let exact = unit_vector(lat, lon);
        (length([0, 1, 2].map(|axis| quick[axis] - exact[axis])), [lat, lon])
    };
    let errors = vectors(places).into_iter().zip(places).map(error_at);
    errors.max_by(|a, b| a.0.total_cmp(&b.0)).expect("some places")
}

#[test]
fn quick_vectors_are_within_their_error_of_the_exact_ones() {
    let mut random = Random::new(1);
    let rounds = if common::is_long() { 1000 } else { 40 };
    let mut worst = (0.0, [0.0; 2]);
    for _ in 0..rounds {
        let found = worst_error(&many_places(&mut random, 50_000));
        assert!(found.0 <= QUICK_ERROR, "{found:?}");
        if found.0 > worst.0 {
            worst = found;
        }
    }
    println!("worst of {} places: {:e} at {:?}", rounds * 50_000, worst.0, worst.1);
    assert!(worst.0 > 2e-16, "{worst:?}: the test tries nothing");
}

/// Longitudes of every 1024th of a degree, and latitudes that go up and start again from below.
#[test]
fn a_fine_grid_is_within_the_error() {
    let place = |step: u32| {
        let [lat, lon] = [step * 77 % (180 * 1024 + 1), step].map(|step| f64::from(step) / 1024.0);
        [lat - 90.0, lon - 180.0]
    };
    let worst = worst_error(&(0..=540 * 1024).map(place).collect::<Vec<_>>());
    println!("worst of the grid: {worst:?}");
    assert!(worst.0 <= QUICK_ERROR, "{worst:?}");
}

/// The golden values of an independent source, with tails of what an f64 cannot hold.
#[test]
fn quick_vectors_agree_with_fifty_digits() {
    let mut count = 0;
    let mut worst: f64 = 0.0;
    for line in include_str!("golden/vectors.tsv").lines().skip(1) {
        let numbers: Vec<f64> = line
            .split('\t')
            .skip(1)
            .map(|field| field.parse().expect("a number in a golden file"))
            .collect();
        let quick = vectors(&[[numbers[0], numbers[1]]])[0];
        let error =
            length([0, 1, 2].map(|axis| (quick[axis] - numbers[2 + axis]) - numbers[5 + axis]));
        assert!(error <= CLAIMED_TRUE_ERROR, "{line}: off by {error:e}");
        worst = worst.max(error);
        count += 1;
    }
    assert!(count > 600, "only {count} golden vectors");
    println!("worst of {count}: {worst:e} from the truth");
}

#[test]
fn every_instruction_set_and_number_of_lanes_gives_the_same_bits() {
    let mut random = Random::new(2);
    let places = many_places(&mut random, 300_000);
    let expected = vectors(&places);
    for (name, quick) in ways() {
        let found = vectors_by(quick, &places);
        for at in 0..places.len() {
            assert_eq!(bits(found[at]), bits(expected[at]), "{name}: {:?}", places[at]);
        }
    }
}

/// The longitude that is so many degrees away, if that is exact in f64 and in the range.
fn turned(lon_deg: f64, by_deg: f64) -> Option<f64> {
    let turned_deg = lon_deg + by_deg;
    let is_exact = turned_deg - by_deg == lon_deg && turned_deg - lon_deg == by_deg;
    (is_exact && (-180.0..=360.0).contains(&turned_deg)).then_some(turned_deg)
}

#[test]
fn exactly_antipodal_places_have_opposite_vectors() {
    let mut random = Random::new(3);
    let mut pairs = Vec::new();
    while pairs.len() < 300_000 {
        let [lat, lon] = hard_place(&mut random);
        // As it is, or on a grid; on most grids half a turn is exact.
        let scale = random.one_of(&[1.0, 1e2, 2_f64.powi(20), 2_f64.powi(43), 2_f64.powi(44)]);
        let coarse = (lon * scale).round() / scale;
        let lon = if random.unit() < 0.8 { coarse } else { lon };
        for by_deg in [180.0, -180.0, 540.0, -540.0] {
            pairs.extend(turned(lon, by_deg).map(|other| [[lat, lon], [-lat, other]]));
        }
    }
    let [ones, others] = [0, 1].map(|side| pairs.iter().map(|pair| pair[side]).collect::<Vec<_>>());
    for (at, (p, q)) in vectors(&ones).into_iter().zip(vectors(&others)).enumerate() {
        assert_eq!(bits(p), bits(opposite(q)), "{:?}", pairs[at]);
    }
}

#[test]
fn equal_places_have_equal_vectors() {
    let mut random = Random::new(5);
    for _ in 0..100_000 {
        let [lat, lon] = hard_place(&mut random);
        let lon = (lon * 2_f64.powi(40)).round() / 2_f64.powi(40);
        let same = |a: Place, b: Place| {
            let found = vectors(&[a, b]);
            assert_eq!(bits(found[0]), bits(found[1]), "{a:?} {b:?}");
        };
        for by_deg in [360.0, -360.0] {
            if let Some(other) = turned(lon, by_deg) {
                same([lat, lon], [lat, other]);
            }
        }
        same([lat, -180.0], [lat, 180.0]);
        same([lat, 0.0], [lat, 360.0]);
        same([lat, -0.0], [lat, 0.0]);
        same([-0.0, lon], [0.0, lon]);
    }
}

#[test]
fn a_pole_is_one_point_and_axes_are_exact() {
    let mut random = Random::new(6);
    for _ in 0..100_000 {
        let lon = hard_angle(&mut random, -180.0, 360.0);
        let found = vectors(&[[90.0, lon], [-90.0, lon]]);
        assert_eq!(bits(found[0]), bits([0.0, 0.0, 1.0]), "longitude {lon}");
        assert_eq!(bits(found[1]), bits([0.0, 0.0, -1.0]), "longitude {lon}");
    }
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]];
    for quarter in -2..=4_i32 {
        let found = vectors(&[[0.0, 90.0 * f64::from(quarter)]])[0];
        assert_eq!(bits(found), bits(axes[quarter.rem_euclid(4) as usize]), "{quarter}");
    }
}

#[test]
fn zero_is_never_negative() {
    let mut random = Random::new(7);
    let places = many_places(&mut random, 100_000);
    for (v, place) in vectors(&places).into_iter().zip(&places) {
        assert!(v.iter().all(|&x| x != 0.0 || x.is_sign_positive()), "{place:?}: {v:?}");
        assert!(v.iter().all(|&x| x.abs() <= 1.0), "{place:?}: {v:?}");
    }
}

/// A damaged file may hold any number; what is made of it must not end the program.
#[test]
fn strange_numbers_do_no_harm() {
    let strange = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 1e16, -91.0];
    let mut random = Random::new(8);
    for (_, quick) in ways() {
        for &value in &strange {
            let sound = random.place();
            let found = vectors_by(quick, &[[value, sound[1]], sound, [sound[0], value]]);
            assert_eq!(bits(found[1]), bits(vectors(&[sound])[0]), "a neighbour of {value}");
        }
        for _ in 0..1000 {
            let any = [0, 1].map(|_| f64::from_bits(random.bits()));
            assert_eq!(vectors_by(quick, &[any]).len(), 1);
        }
    }
}
