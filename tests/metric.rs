//! Proves the metric of ellipsoids: that distances are right, against forty digits (`golden/geodesic.py`), against
//! Karney's test set and against an implementation of others; and that no limit ever loses a pair.
//!
//! `golden/geodtest.tsv` has a hundred lines of C. F. F. Karney's "Test set for geodesics" (2010,
//! doi:10.5281/zenodo.32156), those that the repository of geographiclib-rs (MIT) has in
//! `test_fixtures/GeodTest-100.dat`; of their columns the first seven. They are for WGS84, half of them made hard.

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{Random, cities_of, is_long, left_out};
use farthest::bound::Shortfall;
use farthest::formats::{ReadOptions, read};
use farthest::metric::{Ellipsoid, Metric};
use farthest::quick::quick_vectors;
use farthest::sphere::{self, UnitVector};
use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic};

/// What the head of `src/metric/ellipsoid.rs` claims of vectors and geodesic together, on an Earth.
const CLAIMED_ERROR_KM: f64 = 1.5e-11;

/// What `src/metric/limits.rs` takes all limits less, in units of the equatorial radius.
const SLACK: f64 = 1.6e-14;

type Place = [f64; 2];

/// Four ellipsoids: the Earth, Mars (1/169.9), the flattest that is taken, of a radius that makes steps of the
/// resolution as large beside it as they can be, and a sphere.
fn ellipsoids() -> [Ellipsoid; 4] {
    let new = |a, inverse| Ellipsoid::new(a, inverse).expect("a sound ellipsoid");
    let sphere = Ellipsoid::sphere(6371.0).expect("a sound radius");
    [Ellipsoid::wgs84(), new(3396.19, 169.8944472236118), new(4096.0, 50.0), sphere]
}

/// The rows of a golden file, without its header.
fn golden(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect())
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("not a number in a golden file: {text:?}"))
}

fn vectors(of: &Ellipsoid, places: [Place; 2]) -> [UnitVector; 2] {
    places.map(|[lat, lon]| of.vector(lat, lon))
}

/// The geodesic between two places, and that it is the same from either end.
fn geodesic_km(of: &Ellipsoid, places: [Place; 2]) -> f64 {
    let [p, q] = vectors(of, places);
    let [there, back] = [of.geodesic_km(p, q), of.geodesic_km(q, p)];
    assert_eq!(there.to_bits(), back.to_bits(), "{places:?}");
    there
}

fn opposite(v: UnitVector) -> UnitVector {
    v.map(|x| 0.0 - x)
}

/// A longitude brought back to where places may be.
fn wrapped(lon: f64) -> f64 {
    if lon > 360.0 {
        lon - 360.0
    } else if lon < -180.0 {
        lon + 360.0
    } else {
        lon
    }
}

const KINDS: usize = 10;

/// Two places that are hard for one reason or another.
fn hard_places(random: &mut Random, of: &Ellipsoid, kind: usize) -> [Place; 2] {
    let [mut lat, lon] = random.place();
    let [north, east] = [random.tiny(-15.0) * 3.0, random.tiny(-15.0) * 3.0];
    let cut = 180.0 / of.inverse_flattening();
    let there = match kind % KINDS {
        0 => random.place(),
        1 => [-lat + north, lon + 180.0 + east],
        // Mirrored latitude, along the cut locus and a little beyond its end.
        2 => [-lat, lon + 180.0 + cut * random.between(-1.1, 1.1)],
        3 => [-lat + north * 1e-3, lon + 180.0 + cut * random.one_of(&[-1.0, 1.0]) + east * 1e-3],
        4 => [lat + north, lon + east],
        // About a quarter turn away, where limits change.
        5 => [if lat > 0.0 { lat - 90.0 } else { lat + 90.0 } + north * 0.1, lon + east * 0.1],
        6 => {
            lat = random.one_of(&[0.0, north * 1e-6]);
            [random.one_of(&[0.0, -lat, lat, 1e-6 * east]), lon + random.between(-180.0, 180.0)]
        }
        7 => {
            lat = 90.0 - north.abs();
            [random.one_of(&[-90.0, -90.0 + east.abs(), -lat]), random.between(-180.0, 180.0)]
        }
        8 => [-lat, lon + 180.0],
        _ => [lat + random.between(-20.0, 20.0), lon + random.between(-20.0, 20.0)],
    };
    [[lat, lon], [there[0].clamp(-90.0, 90.0), wrapped(there[1])]]
}

// ---- Distances ----

#[test]
fn geodesics_agree_with_forty_digits() {
    let mut worst = BTreeMap::new();
    let (mut count, mut near_antipodes) = (0, 0);
    for row in golden(include_str!("golden/geodesic.tsv")) {
        let [case, a_km, inverse, lat_1, lon_1, lat_2, lon_2, km, tail] = row[..] else {
            panic!("nine fields");
        };
        let of = Ellipsoid::new(number(a_km), number(inverse)).expect("a sound ellipsoid");
        let places = [[lat_1, lon_1], [lat_2, lon_2]].map(|place| place.map(number));
        let found = geodesic_km(&of, places);
        // The first difference is of neighbours and exact.
        let error_km = ((found - number(km)) - number(tail)).abs();
        assert!(error_km <= CLAIMED_ERROR_KM, "{row:?}: {found}, off by {error_km:e}");
        let [p, q] = vectors(&of, places);
        let rounded_km = (of.distance_km(p, q) - number(km)).abs();
        assert!(rounded_km <= CLAIMED_ERROR_KM + 0.51 * of.resolution_km(), "{row:?}");
        let of_case = worst.entry(case.to_string()).or_insert(0.0_f64);
        *of_case = of_case.max(error_km);
        count += 1;
        near_antipodes += usize::from(case.contains("antipode") || case.contains("cut"));
    }
    assert!(count >= 500 && 2 * near_antipodes >= count, "{count} {near_antipodes}");
    println!(
        "worst, in nanometres, by case: {:.1?}",
        worst.values().map(|km| km * 1e12).collect::<Vec<_>>()
    );
}

#[test]
fn geodesics_agree_with_the_test_set() {
    let of = Ellipsoid::wgs84();
    let mut worst = 0.0_f64;
    let rows: Vec<_> = golden(include_str!("golden/geodtest.tsv")).collect();
    assert_eq!(rows.len(), 100);
    for row in rows {
        let [lat_1, lon_1, _, lat_2, lon_2, _, metres] =
            [0, 1, 2, 3, 4, 5, 6].map(|i| number(row[i]));
        let error_km = (geodesic_km(&of, [[lat_1, lon_1], [lat_2, lon_2]]) - metres / 1000.0).abs();
        assert!(error_km <= CLAIMED_ERROR_KM, "{row:?}: off by {error_km:e}");
        worst = worst.max(error_km);
    }
    println!("worst: {worst:e} km");
}

/// Two implementations that share nothing but the paper, both within the claimed error.
#[test]
fn geodesics_agree_with_another_implementation() {
    let mut random = Random::new(40);
    let rounds = if is_long() { 3_000_000 } else { 300_000 };
    let mut worst = [0.0_f64; KINDS];
    for of in ellipsoids() {
        let theirs = Geodesic::new(of.equatorial_km() * 1000.0, 1.0 / of.inverse_flattening());
        for kind in 0..rounds / 4 {
            let places = hard_places(&mut random, &of, kind);
            let [[lat_1, lon_1], [lat_2, lon_2]] = places;
            let metres: f64 = theirs.inverse(lat_1, lon_1, lat_2, lon_2);
            let off_km = (geodesic_km(&of, places) - metres / 1000.0).abs();
            assert!(off_km <= 2.0 * CLAIMED_ERROR_KM, "{of:?} {places:?}: {off_km:e} km");
            worst[kind % KINDS] = worst[kind % KINDS].max(off_km);
        }
    }
    println!("greatest difference, in nanometres, by kind: {:.1?}", worst.map(|km| km * 1e12));
}

#[test]
fn a_sphere_is_an_ellipsoid_without_flattening() {
    let mut random = Random::new(41);
    let of = Ellipsoid::sphere(sphere::RADIUS_KM).expect("a sound radius");
    assert!((of.half_meridian_km() - sphere::HALF_CIRCUMFERENCE_KM).abs() < 8e-12);
    assert_eq!(of.cut_km(), 0.0);
    for kind in 0..100_000 {
        let places = hard_places(&mut random, &of, kind);
        let [p, q] = places.map(|[lat, lon]| sphere::unit_vector(lat, lon));
        let off_km = (geodesic_km(&of, places) - sphere::distance_km(p, q)).abs();
        assert!(off_km <= CLAIMED_ERROR_KM + 4e-11, "{places:?}: {off_km:e} km");
    }
}

#[test]
fn constants_are_those_of_the_literature() {
    let of = Ellipsoid::wgs84();
    // By elliptic integrals with fifty digits; the last digit of a double is worth 3.6e-12.
    assert!((of.half_meridian_km() - 20003.931458625445).abs() < 8e-12);
    assert!((of.cut_km() - 67.238425754).abs() < 1e-9);
    for of in ellipsoids().into_iter().chain([Ellipsoid::grs80()]) {
        let steps = of.greatest_km() / of.resolution_km();
        assert_eq!(steps.fract(), 0.0);
        assert!((of.greatest_km() - of.half_meridian_km()).abs() <= 8e-16 * of.greatest_km());
        assert!((1e14..1e15).contains(&steps), "{steps}");
    }
    let of_earth_km = Ellipsoid::wgs84().resolution_km();
    assert!((of_earth_km / sphere::RESOLUTION_KM - 1.0).abs() < 1e-14);
}

#[test]
fn exact_antipodes_are_all_equally_far_and_copies_are_at_one_place() {
    let mut random = Random::new(42);
    for of in ellipsoids() {
        for round in 0..130_000 {
            // As lists have them: so many decimals.
            let digits = round % 8;
            let decimal = |x: f64| number(&format!("{x:.digits$}"));
            let [lat, lon] = match round {
                0 => [90.0, 0.0],
                1 => [0.0, 0.0],
                _ => random.place().map(decimal),
            };
            let there = decimal(if lon > 0.0 { lon - 180.0 } else { lon + 180.0 });
            let [p, q] = vectors(&of, [[lat, lon], [-lat, there]]);
            assert_eq!(of.distance_km(p, q), of.greatest_km(), "{lat} {lon}");
            let exact_km = of.geodesic_km(p, opposite(p));
            assert_eq!(exact_km, of.geodesic_km([0.0, 0.0, 1.0], [0.0, 0.0, -1.0]), "{lat} {lon}");
            assert_eq!(of.distance_km(p, p), 0.0);
            assert_eq!(of.azimuths_deg(p, opposite(p)), [None; 2]);
        }
        // A damaged file may hold anything.
        let [p, damaged] = [random.vector(), [f64::NAN, 0.0, 0.0]];
        assert!(of.distance_km(p, damaged).is_nan() && of.distance_km(damaged, p).is_nan());
        assert_eq!(of.most_km(p, damaged, 0.0), of.greatest_km());
    }
}

/// Pairs that are equal on paper: mirrored ones have the same bits, turned ones nearly always the same distance.
#[test]
fn pairs_that_are_equal_on_paper_are_seldom_parted() {
    let mut random = Random::new(54);
    let of = Ellipsoid::wgs84();
    let decimal = |x: f64| number(&format!("{x:.4}"));
    let mut parted = 0;
    const GROUPS: usize = 20_000;
    for _ in 0..GROUPS {
        let mut place = || [random.place()[0], random.between(-180.0, 180.0)].map(decimal);
        let [a, b] = [place(), place()];
        let km = |a: Place, b: Place| {
            let [p, q] = vectors(&of, [a, b]);
            of.distance_km(p, q)
        };
        let own = km(a, b);
        assert_eq!(own, km([-a[0], a[1]], [-b[0], b[1]]), "at the equator");
        assert_eq!(own, km([a[0], -a[1]], [b[0], -b[1]]), "at the meridian of Greenwich");
        let turned = [11.25, 30.0, 60.0, 77.7777, 100.0, 123.456, 170.0];
        let turn = |[lat, lon]: Place, by: f64| [lat, decimal(wrapped(lon + by))];
        parted += usize::from(turned.iter().any(|&by| km(turn(a, by), turn(b, by)) != own));
    }
    let share = parted as f64 / GROUPS as f64;
    println!("groups of eight that are parted: {:.1} %", 100.0 * share);
    // The head of `src/metric/ellipsoid.rs` tells the share.
    assert!((0.06..0.08).contains(&share), "{share}");
}

/// The bits of some results: the same on every machine, or this fails on one.
#[test]
fn distances_and_vectors_have_the_same_bits_everywhere() {
    let mut random = Random::new(43);
    let mut bits = Vec::new();
    for of in ellipsoids() {
        for kind in 0..5000 {
            let [p, q] = vectors(&of, hard_places(&mut random, &of, kind));
            let shortfall = of.shortfall(of.distance_km(p, q));
            let Shortfall { z_weight, limit, limit_beyond, .. } = shortfall;
            bits.extend(p.map(f64::to_bits));
            let numbers = [of.geodesic_km(p, q), of.distance_km(p, q), of.most_km(p, q, 0.0)];
            bits.extend(numbers.map(f64::to_bits));
            bits.extend([z_weight, limit, limit_beyond].map(f64::to_bits));
            let azimuths = of.azimuths_deg(p, q).map(|azimuth| azimuth.unwrap_or(-1.0));
            bits.extend(azimuths.map(f64::to_bits));
        }
    }
    let bytes: Vec<u8> = bits.into_iter().flat_map(u64::to_le_bytes).collect();
    assert_eq!(xxhash_rust::xxh3::xxh3_64(&bytes), GOLDEN_BITS);
    let of = Ellipsoid::wgs84();
    let [p, q] = vectors(&of, [[-30.60106, -71.19901], [30.59722, 108.8114]]);
    assert_eq!(of.geodesic_km(p, q).to_bits(), 4671227733020626806);
}

/// A digest of them, as they came out on x86-64 when the geodesics were found to be right.
const GOLDEN_BITS: u64 = 2165719937982835199;

// ---- Azimuths ----

/// Whoever walks so far in that direction arrives, by an implementation of others.
#[test]
fn azimuths_lead_to_the_other_place() {
    let mut random = Random::new(44);
    let mut worst = [0.0_f64; KINDS];
    for of in ellipsoids() {
        let theirs = Geodesic::new(of.equatorial_km() * 1000.0, 1.0 / of.inverse_flattening());
        for kind in 0..20_000 {
            let places = hard_places(&mut random, &of, kind);
            let [p, q] = vectors(&of, places);
            let [there, back] = of.azimuths_deg(p, q);
            assert_eq!([back, there], of.azimuths_deg(q, p));
            let metres = of.geodesic_km(p, q) * 1000.0;
            let ways = [(places[0], there, q), (places[1], back, p)];
            for ([lat, lon], azimuth, goal) in ways {
                let Some(azimuth) = azimuth else { continue };
                assert!((0.0..360.0).contains(&azimuth), "{places:?} {azimuth}");
                let (lat, lon) = theirs.direct(lat, lon, azimuth, metres);
                let off_km = of.geodesic_km(of.vector(lat, lon), goal);
                assert!(off_km < 1e-10, "{of:?} {places:?} {azimuth}: {off_km:e} km off");
                worst[kind % KINDS] = worst[kind % KINDS].max(off_km);
            }
        }
    }
    println!("farthest off, in nanometres, by kind: {:.1?}", worst.map(|km| km * 1e12));
}

#[test]
fn azimuths_are_known_where_they_are_defined() {
    let of = Ellipsoid::wgs84();
    let check = |a: Place, b: Place, expected: [Option<f64>; 2]| {
        let [p, q] = vectors(&of, [a, b]);
        let found = of.azimuths_deg(p, q);
        for (found, expected) in found.into_iter().zip(expected) {
            let off = found.zip(expected).map(|(found, expected)| (found - expected).abs());
            assert!(found.is_some() == expected.is_some(), "{a:?} {b:?}: {found:?}");
            assert!(off.is_none_or(|off| off < 1e-12), "{a:?} {b:?}: {found:?}");
        }
    };
    check([0.0, 0.0], [0.0, 10.0], [Some(90.0), Some(270.0)]);
    check([0.0, 10.0], [0.0, 0.0], [Some(270.0), Some(90.0)]);
    check([10.0, 0.0], [20.0, 0.0], [Some(0.0), Some(180.0)]);
    check([10.0, 90.0], [-5.0, 90.0], [Some(180.0), Some(0.0)]);
    check([90.0, 5.0], [20.0, 0.0], [None, Some(0.0)]);
    check([20.0, 7.0], [-90.0, 0.0], [Some(180.0), None]);
    check([90.0, 0.0], [-90.0, 0.0], [None; 2]);
    check([20.0, 7.0], [20.0, 7.0], [None; 2]);
    // Over the nearer pole, though the equator is flatter.
    check([20.0, 0.0], [-10.0, 180.0], [Some(0.0), Some(0.0)]);
}

// ---- Limits ----

/// How much of the slack a pair needs: at 0 its bounds are exact, above 1 one of them would lose it. That of the
/// limits for kernels and boxes, and that of the bound for one pair.
fn needed(of: &Ellipsoid, [p, q]: [UnitVector; 2]) -> [f64; 2] {
    let slack_km = SLACK * of.equatorial_km();
    let (own_km, most_km) = (of.distance_km(p, q), of.most_km(p, q, 0.0));
    let own = of.shortfall(own_km);
    let shown = own.of_cities(p, q);
    assert!(shown <= own.limit, "{of:?} {p:?} {q:?} at {own_km} km: {shown:e} > {:e}", own.limit);
    assert!(own_km <= most_km, "{of:?} {p:?} {q:?}: {own_km} km is more than {most_km} km");
    // Limits that have no slack, of the same weight and sign.
    let bare = of.shortfall(own_km + slack_km);
    let is_alike = bare.sign == own.sign && bare.limit.is_finite() && own.limit.is_finite();
    // Chords near each other, squares near the antipode, are what distances change with evenly.
    let even = |square: f64| if own.sign < 0.0 { -(-square).sqrt() } else { square };
    let of_limits = if is_alike && own_km > slack_km {
        1.0 - (even(own.limit) - even(shown)) / (even(own.limit) - even(bare.limit))
    } else {
        f64::NEG_INFINITY
    };
    let of_pair = if most_km < of.greatest_km() {
        1.0 - (most_km - own_km) / slack_km
    } else {
        f64::NEG_INFINITY
    };
    [of_limits, of_pair]
}

/// Against incumbents that are nearer, whatever the distance.
fn check_against_nearer(of: &Ellipsoid, [p, q]: [UnitVector; 2], steps: u64) {
    let nearer_km = of.distance_km(p, q) - steps as f64 * of.resolution_km();
    if nearer_km >= 0.0 {
        let nearer = of.shortfall(nearer_km);
        let shown = nearer.of_cities(p, q);
        let limit = if steps == 0 { nearer.limit } else { nearer.limit_beyond };
        assert!(shown <= limit, "{of:?} {p:?} {q:?} against {nearer_km} km");
    }
}

/// What is needed of the slack by any pair that was ever tried, and what the proofs leave.
const SEEN_OF_SLACK: f64 = 0.4;

#[test]
fn no_pair_is_farther_than_its_bounds() {
    let mut random = Random::new(45);
    let rounds = if is_long() { 10_000_000 } else { 1_000_000 };
    let mut worst = [[f64::NEG_INFINITY; 2]; KINDS];
    for of in ellipsoids() {
        for kind in 0..rounds / 4 {
            let pair = vectors(&of, hard_places(&mut random, &of, kind));
            let needed = needed(&of, pair);
            let steps = random.bits() >> (12 + random.below(52));
            check_against_nearer(&of, pair, steps);
            let worst = &mut worst[kind % KINDS];
            *worst = [0, 1].map(|i| worst[i].max(needed[i]));
        }
    }
    println!("share of the slack, limits and pair bound, by kind: {worst:.3?}");
    assert!(worst.iter().flatten().all(|&share| share <= SEEN_OF_SLACK), "{worst:?}");
}

/// From a random pair to others that need more and more of the slack.
fn climb(random: &mut Random, of: &Ellipsoid, kind: usize, which: usize) -> f64 {
    let mut pair = vectors(of, hard_places(random, of, kind));
    let mut best = needed(of, pair)[which];
    for _ in 0..1000 {
        let size = random.tiny(-16.0).abs();
        let moved = pair.map(|v| {
            let moved = v.map(|coordinate| coordinate + size * random.between(-1.0, 1.0));
            let norm = moved.iter().map(|x| x * x).sum::<f64>().sqrt();
            moved.map(|coordinate| coordinate / norm)
        });
        let share = needed(of, moved)[which];
        if share > best {
            (pair, best) = (moved, share);
        }
    }
    best
}

#[test]
fn no_climb_breaks_a_bound() {
    let mut random = Random::new(46);
    let climbs = if is_long() { 5000 } else { 500 };
    let mut worst = [f64::NEG_INFINITY; 2];
    for of in ellipsoids() {
        for number in 0..climbs / 4 {
            for (which, worst) in worst.iter_mut().enumerate() {
                *worst = worst.max(climb(&mut random, &of, number, which));
            }
        }
    }
    println!("share of the slack, limits and pair bound: {worst:.3?}");
    assert!(worst.iter().all(|&share| share <= SEEN_OF_SLACK), "{worst:?}");
}

/// Least and greatest coordinates.
fn corners_of(points: &[UnitVector]) -> [UnitVector; 2] {
    let of_axes = |of_two: fn(f64, f64) -> f64| {
        [0, 1, 2].map(|axis| points.iter().map(|p| p[axis]).reduce(of_two).expect("a point"))
    };
    [of_axes(f64::min), of_axes(f64::max)]
}

#[test]
fn no_box_is_farther_from_another_than_the_places_within() {
    let mut random = Random::new(47);
    let rounds = if is_long() { 1_000_000 } else { 100_000 };
    for of in ellipsoids() {
        for kind in 0..rounds / 4 {
            let places = hard_places(&mut random, &of, kind);
            let size = random.tiny(-12.0).abs() * 30.0;
            let [a, b] = places.map(|[lat, lon]| {
                let near = |random: &mut Random| {
                    let [north, east] = [0, 1].map(|_| size * random.between(-1.0, 1.0));
                    of.vector((lat + north).clamp(-90.0, 90.0), wrapped(lon + east))
                };
                (0..1 + random.below(6)).map(|_| near(&mut random)).collect::<Vec<_>>()
            });
            let some_km = of.distance_km(random.one_of(&a), random.one_of(&b));
            for incumbent_km in [some_km, 0.0, random.between(0.0, of.greatest_km())] {
                check_boxes(&of, incumbent_km, [&a, &b]);
            }
        }
    }
}

fn check_boxes(of: &Ellipsoid, incumbent_km: f64, [a, b]: [&[UnitVector]; 2]) {
    let limits = of.shortfall(incumbent_km);
    let [box_a, box_b] = [a, b].map(corners_of);
    let of_boxes = limits.of_boxes(box_a, box_b);
    assert_eq!(of_boxes, limits.of_boxes(box_b, box_a));
    let most_km = of.most_km_of_boxes(box_a, box_b);
    assert_eq!(most_km, of.most_km_of_boxes(box_b, box_a));
    for &p in a {
        let of_city = limits.of_city(p, box_b);
        assert!(of_boxes <= of_city);
        for &q in b {
            let of_cities = limits.of_cities(p, q);
            assert!(of_city <= of_cities);
            let distance_km = of.distance_km(p, q);
            assert!(distance_km <= most_km, "{of:?} {p:?} {q:?}");
            let is_beyond = distance_km > incumbent_km;
            assert!(!is_beyond || of_boxes <= limits.limit_beyond, "{of:?} {p:?} {q:?}");
            let is_as_far = distance_km >= incumbent_km;
            assert!(!is_as_far || of_boxes <= limits.limit, "{of:?} {p:?} {q:?}");
        }
    }
}

/// From one step below the greatest distance this one is still beyond, however the step rounds.
fn check_one_step_below_the_greatest(of: &Ellipsoid) {
    let (p, q) = ([0.6, 0.0, 0.8], [-0.6, 0.0, -0.8]);
    assert_eq!(of.distance_km(p, q), of.greatest_km());
    for step in 1..1000 {
        let below = of.shortfall(of.greatest_km() - f64::from(step) * of.resolution_km());
        assert!(below.of_cities(p, q) <= below.limit_beyond, "{of:?} {step}");
    }
}

#[test]
fn steps_of_any_ellipsoid_lead_to_the_greatest_distance() {
    let mut random = Random::new(53);
    for _ in 0..10_000 {
        let a_km = random.between(1.0, 10_000.0);
        let of = Ellipsoid::new(a_km, random.between(50.0, 1000.0)).expect("a sound ellipsoid");
        check_one_step_below_the_greatest(&of);
    }
    // Here the mean and the series for M round to either side.
    for (a_km, inverse) in [(6373.0, 296.0), (8191.0, 296.0), (6375.495, 292.48), (6378.3, 296.0)] {
        let of = Ellipsoid::new(a_km, inverse).expect("a sound ellipsoid");
        check_one_step_below_the_greatest(&of);
        for _ in 0..10_000 {
            let [lat, lon] = random.place();
            let [p, q] = vectors(&of, [[lat, lon], [-lat, wrapped(lon + 180.0)]]);
            assert!(opposite(p) != q || of.distance_km(p, q) == of.greatest_km(), "{lat} {lon}");
        }
    }
}

/// A measure is a number wherever nothing is to be measured.
#[test]
fn weights_are_numbers_and_no_more_than_one() {
    for of in ellipsoids() {
        for most_km in [0.0, of.resolution_km(), 1.0, of.greatest_km()] {
            for sign in [1.0, -1.0] {
                let weight = of.measure(sign, most_km).z_weight;
                assert!((0.9..=1.0).contains(&weight), "{of:?} {most_km} {sign}: {weight}");
            }
        }
    }
}

/// Nothing is beyond the greatest distance, nothing equal is beyond 0, and limits only fall as distances grow.
#[test]
fn limits_are_sharp_at_both_ends_and_monotonic() {
    let mut random = Random::new(48);
    for of in ellipsoids() {
        let greatest = of.shortfall(of.greatest_km());
        assert_eq!((greatest.sign, greatest.limit_beyond), (1.0, f64::NEG_INFINITY));
        let metres = greatest.limit.sqrt() * of.equatorial_km() * 1000.0;
        assert!(metres < 0.3, "{of:?}: {metres} m around exact antipodes");
        check_one_step_below_the_greatest(&of);
        let none = of.shortfall(0.0);
        assert_eq!((none.sign, none.limit), (-1.0, f64::INFINITY));
        assert!(none.limit_beyond < 0.0);
        let p = random.vector();
        assert!(none.of_cities(p, p) > none.limit_beyond);
        assert!(none.of_cities(p, [p[0], p[1], p[2].next_up()]) <= none.limit_beyond);
        for _ in 0..100_000 {
            let one = random.between(0.0, of.greatest_km());
            let two = (one + random.tiny(-12.0).abs() * 100.0).min(of.greatest_km());
            let [one, two] = [one, two].map(|km| of.shortfall(km));
            assert!(two.limit_beyond <= two.limit);
            assert!(one.sign != two.sign || two.limit <= one.limit, "{one:?} {two:?}");
            assert!(one.sign > 0.0 || one.z_weight <= two.z_weight, "{one:?} {two:?}");
        }
    }
}

/// How loose the bounds are at most, in metres, where a search depends on it.
#[test]
fn bounds_are_as_sharp_as_a_search_needs_them() {
    let mut random = Random::new(49);
    let of = Ellipsoid::wgs84();
    // Kilometres from the antipode, or apart where negative; metres above the geodesic.
    let cases: [(f64, f64); 6] =
        [(0.001, 2e-3), (0.1, 0.15), (1.0, 1.0), (10.0, 9.0), (-1.0, 2e-7), (-100.0, 2e-5)];
    for (km, most_m) in cases {
        let mut worst = 0.0_f64;
        for _ in 0..20_000 {
            let p = random.vector();
            let step = random.vector().map(|x| x * km.abs() / of.equatorial_km());
            let q = [0, 1, 2].map(|axis| if km > 0.0 { -p[axis] } else { p[axis] } + step[axis]);
            let norm = q.iter().map(|x| x * x).sum::<f64>().sqrt();
            let q = q.map(|x| x / norm);
            worst = worst.max((of.most_km(p, q, 0.0) - of.geodesic_km(p, q)) * 1000.0);
        }
        println!("{km} km: {worst:e} m");
        assert!(worst <= most_m, "{km} km: {worst} m");
    }
}

// ---- Geodetic vectors ----

#[test]
fn geodetic_vectors_are_as_far_from_antipodes_as_is_said() {
    let mut random = Random::new(51);
    let mut worst = [f64::NEG_INFINITY; 2];
    for of in ellipsoids() {
        for kind in 0..200_000 {
            let places = hard_places(&mut random, &of, kind);
            let geodetic = places.map(|[lat, lon]| sphere::unit_vector(lat, lon));
            let parametric = vectors(&of, places);
            assert_eq!(geodetic.map(|g| of.of_geodetic(g)), parametric);
            let sum = |[p, q]: [UnitVector; 2]| {
                [0, 1, 2].map(|axis| p[axis] + q[axis]).iter().map(|x| x * x).sum::<f64>().sqrt()
            };
            let [of_geodetic, most] = [sum(geodetic), sum(parametric) * of.geodetic_stretch()];
            assert!(of_geodetic <= most + 2e-15, "{of:?} {places:?}");
            worst = [worst[0].max(of_geodetic - most), worst[1].max(of_geodetic / most)];
        }
    }
    // It comes near to equality, so it is not for nothing.
    assert!(worst[0] > 0.0 && worst[1] > 0.999, "{worst:?}");
    println!("above the bound, of 2e-15: {:e}", worst[0]);
}

/// Where one place of a pair is near the axis, the other is nearer to its antipode than the limit for all pairs says.
#[test]
fn the_reach_of_a_place_holds_all_that_is_as_far_from_it() {
    let mut random = Random::new(52);
    let mut sharpest = 0.0_f64;
    for of in ellipsoids() {
        for kind in 0..200_000 {
            let [[lat, lon], other] = hard_places(&mut random, &of, kind);
            // Half of them are moved toward a pole, as the join's cells there are the smallest.
            let nearer =
                |lat: f64| if kind % 2 == 0 { lat } else { (90.0 - lat / 20.0).copysign(lat) };
            let places = [[nearer(lat), lon], [nearer(other[0]), other[1]]];
            let [p, q] = vectors(&of, places);
            let km = of.distance_km(p, q);
            if km < std::f64::consts::FRAC_PI_2 * of.equatorial_km() {
                continue;
            }
            let sum =
                (0..3).map(|axis| (p[axis] + q[axis]) * (p[axis] + q[axis])).sum::<f64>().sqrt();
            for [lat, _] in places {
                let [x, y, _] = sphere::unit_vector(lat, 0.0);
                let reach = of.reach(km, (x * x + y * y).sqrt());
                assert!(sum <= reach + 4e-16, "{of:?} {places:?}: {sum:e} > {reach:e}");
                if lat.abs() > 80.0 && sum > 1e-9 {
                    sharpest = sharpest.max(sum / reach);
                }
            }
        }
    }
    println!("near the poles, of the reach: {sharpest}");
    assert!(sharpest > 0.9, "{sharpest}");
}

/// What a filter sees of two places: quick vectors, geodetic or made parametric.
fn quick_pair(of: &Ellipsoid, places: [Place; 2], is_far: bool) -> [UnitVector; 2] {
    let [lat, lon] = [0, 1].map(|at| places.map(|place| place[at]));
    let [x, y, z] = quick_vectors(&lat, &lon);
    let quick = [0, 1].map(|of| [x[of], y[of], z[of]]);
    if is_far { quick } else { quick.map(|g| of.of_geodetic(g)) }
}

#[test]
fn no_filter_loses_a_pair_by_its_quick_vectors() {
    let mut random = Random::new(53);
    for of in ellipsoids() {
        for kind in 0..250_000 {
            let places = hard_places(&mut random, &of, kind);
            let [p, q] = vectors(&of, places);
            let km = of.distance_km(p, q);
            let quick = of.quick(&of.shortfall(km));
            let seen = quick_pair(&of, places, quick.sign > 0.0);
            assert!(quick.of_cities(seen[0], seen[1]) <= quick.limit, "{of:?} {places:?}");
            let [p, q] = quick_pair(&of, places, false);
            let dot = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
            assert!(dot <= of.dot_limit(km), "{of:?} {places:?}");
            // One sign for all distances, and the weight of a greater one.
            for sign in [1.0, -1.0] {
                let most_km = (km * random.between(1.0, 1.5)).min(of.greatest_km());
                let measure = of.measure(sign, most_km);
                let shortfall = Shortfall { z_weight: measure.z_weight, sign, ..quick };
                let [p, q] = quick_pair(&of, places, sign > 0.0);
                let (shown, limit) = (shortfall.of_cities(p, q), of.quick_limit(sign, km));
                assert!(shown <= limit, "{of:?} {places:?} {sign}: {shown:e} > {limit:e}");
            }
        }
    }
}

/// The bounds above have room of their own, so that a step which is left out is not missed by any pair. Here each
/// step is held to what it is for.
#[test]
fn limits_of_geodetic_vectors_are_those_of_parametric_ones_stretched() {
    let mut random = Random::new(54);
    for of in ellipsoids() {
        for _ in 0..20_000 {
            // On the equator a step north makes most of it.
            let lon = random.between(-180.0, 180.0);
            let places = [[random.tiny(-9.0), lon], [random.tiny(-9.0), wrapped(lon + 180.0)]];
            let [p, q] = vectors(&of, places);
            let sum: f64 = (0..3).map(|axis| (p[axis] + q[axis]) * (p[axis] + q[axis])).sum();
            let exact = Shortfall { sign: 1.0, z_weight: 1.0, limit: sum, limit_beyond: sum };
            let [p, q] = quick_pair(&of, places, true);
            let quick = of.quick(&exact);
            assert!(quick.of_cities(p, q) <= quick.limit, "{of:?} {places:?}");
        }
    }
}

#[test]
fn boxes_of_geodetic_vectors_hold_the_parametric_ones() {
    let mut random = Random::new(52);
    for of in ellipsoids() {
        for round in 0..30_000 {
            let [mid_lat, mid_lon] = match round % 3 {
                0 => [45.0, 90.0].map(|step| step * (random.below(5) as f64 - 2.0)),
                _ => random.place(),
            };
            let size = random.tiny(-14.0).abs() * if round % 5 == 0 { 0.0 } else { 60.0 };
            let places: Vec<Place> = (0..1 + random.below(8))
                .map(|_| [mid_lat, mid_lon].map(|mid| mid + size * random.between(-1.0, 1.0)))
                .map(|[lat, lon]| [lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 360.0)])
                .collect();
            let geodetic: Vec<_> =
                places.iter().map(|&[lat, lon]| sphere::unit_vector(lat, lon)).collect();
            let [min, max] = of.box_of_geodetic(corners_of(&geodetic));
            let parametric: Vec<_> = places.iter().map(|&[lat, lon]| of.vector(lat, lon)).collect();
            let [least, greatest] = corners_of(&parametric);
            for axis in 0..3 {
                assert!(min[axis] <= least[axis] && greatest[axis] <= max[axis], "{places:?}");
                // Wider than need be by less than a tenth of the box.
                let wider = (max[axis] - min[axis]) - (greatest[axis] - least[axis]);
                let widths = [0, 1, 2].map(|axis| greatest[axis] - least[axis]);
                let widest = widths.into_iter().fold(0.0, f64::max);
                assert!(wider <= 0.1 * widest + 4e-15, "{of:?} {places:?}: {wider:e}");
            }
        }
    }
}

// ---- Known answers ----

/// The ten farthest pairs of a list, found by looking at every pair that the limits leave.
fn check_farthest(file: &str, expected: &[([u64; 2], f64)]) {
    let text = fs::read(file).expect("the list is there");
    let reading = read(file.as_ref(), &text, &ReadOptions::default()).expect("a sound list");
    let of = Metric::Ellipsoid(Ellipsoid::wgs84());
    let places: Vec<UnitVector> =
        cities_of(&reading.list).iter().map(|&(lat, lon, _)| of.vector(lat, lon)).collect();
    let least_km = expected.last().expect("some pairs").1 - 1e-9;
    let limits = of.shortfall(least_km);
    let mut found = Vec::new();
    for (i, &p) in places.iter().enumerate() {
        for (j, &q) in places.iter().enumerate().skip(i + 1) {
            if limits.of_cities(p, q) <= limits.limit
                && of.most_km(p, q, 0.0).is_none_or(|most_km| most_km >= least_km)
            {
                let km = of.distance_km(p, q);
                found.push((km, [i, j].map(|index| reading.list.row(index))));
            }
        }
    }
    let looked_at = found.len();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    for ((km, rows), (expected_rows, expected_km)) in found.iter().zip(expected) {
        assert_eq!(rows, expected_rows, "{file}");
        assert!((km - expected_km).abs() < 1e-9, "{file}: {km} km, not {expected_km} km");
    }
    println!("{file}: {looked_at} geodesics for {} pairs", expected.len());
    assert!(found.len() >= expected.len());
}

/// Found by others: a k-d tree with aθ as the only filter, PROJ on what it left, the best again by quadrature.
#[test]
fn the_farthest_pairs_of_real_lists_are_known() {
    let cities = [
        ([5194, 6645], 20003.4958281065),
        ([9713, 13703], 20003.4818531417),
        ([495, 6539], 20003.2204530489),
        ([542, 6375], 20003.2095769577),
        ([5141, 7148], 20003.1812272147),
        ([2957, 24073], 20003.1540635484),
        ([563, 5739], 20003.0978277599),
        ([7715, 13718], 20003.0005590817),
        ([9728, 13734], 20002.8239696975),
        ([2732, 24243], 20002.7872545923),
    ];
    check_farthest(concat!(env!("CARGO_MANIFEST_DIR"), "/data/cities15000.tsv"), &cities);
    let Some(file) = std::env::var_os("FARTHEST_NOTEBOOK_CITIES") else {
        left_out("cities", "FARTHEST_NOTEBOOK_CITIES does not name the notebook's city list");
        return;
    };
    let notebook = [
        ([879, 887], 19972.5703728336),
        ([735, 966], 19963.9320707045),
        ([573, 1048], 19963.6634160491),
        ([809, 937], 19959.5857433952),
        ([701, 990], 19952.8462466662),
        ([366, 1079], 19950.8243999238),
        ([466, 1066], 19947.2875437709),
        ([656, 1018], 19945.5954759811),
        ([416, 1072], 19945.1796932694),
        ([577, 1044], 19944.7279971956),
    ];
    check_farthest(file.to_str().expect("the path is UTF-8"), &notebook);
}

// ---- How a metric is written ----

#[test]
fn metrics_are_read() {
    let is =
        |text: &str, of: Ellipsoid| assert_eq!(text.parse(), Ok(Metric::Ellipsoid(of)), "{text}");
    assert_eq!("sphere".parse(), Ok(Metric::Sphere));
    is("wgs84", Ellipsoid::wgs84());
    is("WGS84", Ellipsoid::wgs84());
    is("grs80", Ellipsoid::grs80());
    is("6378.137,1/298.257223563", Ellipsoid::wgs84());
    is("6378.137, 298.257223563", Ellipsoid::wgs84());
    is("1737.4,0", Ellipsoid::sphere(1737.4).expect("the Moon"));
    is("4096,1/50", ellipsoids()[2]);
}

#[test]
fn what_is_no_metric_is_refused_with_the_reason() {
    let cases = [
        ("", "wgs84"),
        ("mercury", "wgs84"),
        ("6378.137", "wgs84"),
        ("6378.137,1/", "wgs84"),
        ("6378.137,1/x", "wgs84"),
        ("6378.137,inf", "wgs84"),
        ("6378.137,1/298.257,3", "wgs84"),
        ("NaN,1/298", "wgs84"),
        ("6378137,1/298.257223563", "6378.137 km"),
        ("-6378.137,1/298", "radius"),
        ("0,1/298", "radius"),
        ("6378.137,-298", "prolate"),
        ("6378.137,1/-298", "prolate"),
        ("6378.137,1/49.9", "flatter"),
        ("6378.137,0.0033528", "flattening itself"),
    ];
    for (text, expected) in cases {
        let error = text.parse::<Metric>().expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert!(Ellipsoid::new(6378.137, f64::NAN).is_err());
}

/// The sphere of the exercise is as it was.
/// The README says so.
#[test]
fn distances_on_the_sphere_are_off_by_half_a_percent_at_most() {
    let mut random = Random::new(61);
    let of = Ellipsoid::wgs84();
    let mut range = [0.0_f64; 2];
    for kind in 0..200_000 {
        let places = hard_places(&mut random, &of, kind);
        let [p, q] = places.map(|[lat, lon]| sphere::unit_vector(lat, lon));
        let [on_sphere, geodesic] = [sphere::distance_km(p, q), geodesic_km(&of, places)];
        if geodesic < 1e-3 {
            continue;
        }
        let off = on_sphere / geodesic - 1.0;
        range = [range[0].min(off), range[1].max(off)];
    }
    println!("{range:?}");
    assert!(
        (-0.0046..-0.004).contains(&range[0]) && (0.0054..0.0057).contains(&range[1]),
        "{range:?}"
    );
}

#[test]
fn the_sphere_is_a_metric_as_it_stands() {
    let mut random = Random::new(50);
    assert_eq!(Metric::Sphere.resolution_km(), sphere::RESOLUTION_KM);
    for _ in 0..10_000 {
        let [[lat, lon], there] = [0, 1].map(|_| random.place());
        let [p, q] = [Metric::Sphere.vector(lat, lon), Metric::Sphere.vector(there[0], there[1])];
        assert_eq!(p, sphere::unit_vector(lat, lon));
        let km = Metric::Sphere.distance_km(p, q);
        assert_eq!(km, sphere::distance_km(p, q));
        assert!(km <= Metric::Sphere.greatest_km());
        assert_eq!(Metric::Sphere.shortfall(km), Shortfall::of(km));
        assert_eq!(Metric::Sphere.shortfall(km).z_weight, 1.0);
    }
}

// ---- The same bits on every machine ----

/// Functions of f64 that the standard library takes from the system, or that need not round alike everywhere.
const OF_THE_SYSTEM: [&str; 26] = [
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sin_cos", "sinh", "cosh", "tanh",
    "asinh", "acosh", "atanh", "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10",
    "powf", "powi", "cbrt", "hypot",
];

/// Calls of such functions in code, by method or by path, but for those of the `libm` crate.
fn calls_of_the_system(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut calls = Vec::new();
    for line in code {
        for name in OF_THE_SYSTEM.into_iter().chain(["mul_add"]) {
            let method = line.contains(&format!(".{name}("));
            let path = line.contains(&format!("f64::{name}"));
            // Of two zeros it may give either.
            let is_of_zeros = name == "mul_add" && line.contains(".max(0.0)");
            if method || path || is_of_zeros {
                calls.push(format!("{name}: {}", line.trim()));
            }
        }
    }
    calls
}

#[test]
fn nothing_that_reaches_an_answer_calls_the_systems_functions() {
    let source = |path: &str| {
        let path = format!("{}/src/{path}", env!("CARGO_MANIFEST_DIR"));
        fs::read_to_string(path).expect("a source file")
    };
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metric"))
        .expect("the folder of the metric")
        .map(|entry| format!("metric/{}", entry.expect("a file").file_name().display()));
    let mut count = 0;
    for path in files.chain(["sphere.rs", "bound.rs"].map(String::from)) {
        assert_eq!(calls_of_the_system(&source(&path)), [""; 0], "{path}");
        count += 1;
    }
    assert!(count >= 8, "{count} files");
    // The rule is not idle.
    let bad = [
        "x.max(0.0)",
        "x.sin()",
        "y.atan2(x)",
        "xs.map(f64::sin)",
        "x.mul_add(y, z)",
        "f64::hypot(x, y)",
    ];
    assert!(bad.iter().all(|code| calls_of_the_system(code).len() == 1));
    let good = ["libm::sin(x)", "x.sqrt()", "self.sin * other.cos", "// x.sin()"];
    assert!(good.iter().all(|code| calls_of_the_system(code).is_empty()));
}
