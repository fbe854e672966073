//! The lists on which a search that prunes could lose its way: copies, exact ties by the thousand,
//! circles, and sets so small that nothing on Earth is near their antipodes. `pruned` gives what
//! `exhaustive` gives, with every instruction set and on any number of ranks, and evaluates few of
//! the pairs. Thousands of cities by default; in the long mode of `scripts/test --long` a hundred
//! times as many as can be compared with an answer that is known on paper.

mod common;

use std::time::Instant;

use common::{Random, Verdict, atlas_of, is_long, kernels, left_out, search_in_shares};
use farthest::generate::{Distribution, Places as Generated, Recipe};
use farthest::kernel::Kernel;
use farthest::search::Method;
use farthest::sphere::{HALF_CIRCUMFERENCE_KM, RESOLUTION_KM, distance_km, unit_vector};

type Places = Vec<[f64; 2]>;

const CITIES: usize = 20_000;

const RANK_COUNTS: [u64; 4] = [1, 2, 3, 7];

/// Searches a list in every way and compares; of all pairs at most `most_evaluated`, as a share, may
/// be looked at one by one. Returns the answer.
fn assert_pruned(name: &str, places: &Places, most_evaluated: f64) -> Verdict {
    let buffer = atlas_of(places);
    let atlas = buffer.atlas();
    let kernels = kernels();
    let pairs = places.len() as u128 * (places.len() as u128 - 1) / 2;
    let begun = Instant::now();
    let (expected, _) = search_in_shares(&atlas, Method::Exhaustive, kernels[0], 1);
    let exhaustive_s = begun.elapsed().as_secs_f64();
    assert_eq!(expected.covered, pairs, "{name}");
    let mut greatest_share = 0.0_f64;
    for &kernel in &kernels {
        let case = format!("{name}, {:?}", kernel.isa());
        let (exhaustive, _) = search_in_shares(&atlas, Method::Exhaustive, kernel, 3);
        assert_eq!(exhaustive, expected, "{case}");
        for ranks in RANK_COUNTS {
            let begun = Instant::now();
            let (pruned, evaluated) = search_in_shares(&atlas, Method::Pruned, kernel, ranks);
            let pruned_s = begun.elapsed().as_secs_f64();
            assert_eq!(pruned, expected, "{case}, {ranks} ranks");
            let share = evaluated as f64 / pairs as f64;
            if (kernel.isa(), ranks) == (kernels[0].isa(), 1) {
                let times = format!("{pruned_s:.4} s, exhaustive {exhaustive_s:.4} s");
                println!("{name}: {:.4} % of {pairs} pairs evaluated; {times}", 100.0 * share);
            }
            greatest_share = greatest_share.max(share);
        }
    }
    assert!(greatest_share <= most_evaluated, "{name}: {greatest_share} of all pairs evaluated");
    expected
}

/// The greatest distance there is.
fn half_circumference_km() -> f64 {
    (HALF_CIRCUMFERENCE_KM / RESOLUTION_KM).round() * RESOLUTION_KM
}

fn all_pairs(cities: usize) -> u128 {
    let cities = cities as u128;
    cities * (cities - 1) / 2
}

/// Searches with the fastest kernel and `pruned` alone; the pairs evaluated come with the answer.
fn pruned_alone(name: &str, places: &Places, ranks: u64) -> (Verdict, u128) {
    let buffer = atlas_of(places);
    let atlas = buffer.atlas();
    let kernel = Kernel::choose(None).expect("the scalar kernels run everywhere");
    let (found, evaluated) = search_in_shares(&atlas, Method::Pruned, kernel, ranks);
    let cities = places.len();
    println!("{name}, {cities} cities: {evaluated} of {} pairs evaluated", found.covered);
    (found, evaluated)
}

// ---- Copies ----

fn copies(cities: usize) -> Places {
    vec![[47.654321, 8.123456]; cities]
}

/// Two places exactly opposite, each many times, in any order; and the rows of the first pair.
fn opposite_clusters(cities: usize) -> (Places, [u64; 2]) {
    let mut places: Places = (0..cities)
        .map(|row| if row % 2 == 0 { [12.5, -70.25] } else { [-12.5, 109.75] })
        .collect();
    Random::new(1).shuffle(&mut places);
    let other = places.iter().position(|place| *place != places[0]).expect("there are two places");
    (places, [0, other as u64])
}

#[test]
fn copies_of_one_point() {
    let answer = assert_pruned("copies", &copies(CITIES), 0.001);
    assert_eq!(answer, Verdict::new(0.0, [0, 1], all_pairs(CITIES)));
}

#[test]
fn clusters_at_opposite_places() {
    let (places, rows) = opposite_clusters(CITIES);
    let answer = assert_pruned("opposite clusters", &places, 0.001);
    assert_eq!(answer, Verdict::new(half_circumference_km(), rows, all_pairs(CITIES)));
}

#[test]
fn copies_of_a_few_places() {
    let mut random = Random::new(2);
    let few: Places = (0..100).map(|_| random.place()).collect();
    let places: Places = (0..CITIES).map(|_| random.one_of(&few)).collect();
    assert_pruned("copies of a hundred places", &places, 0.01);
}

#[test]
fn three_corners_of_the_equator_many_times() {
    let mut random = Random::new(3);
    let places: Places =
        (0..CITIES).map(|_| [0.0, random.one_of(&[0.0, 120.0, 240.0, -120.0])]).collect();
    assert_pruned("three corners", &places, 0.01);
}

/// Every pole city is as far from every equator city: a hundred million ties at a quarter turn.
#[test]
fn poles_against_an_arc_of_the_equator_with_copies() {
    let mut random = Random::new(4);
    let arc = |random: &mut Random| [0.0, (random.unit() * 300.0).round() / 10.0];
    let place = |random: &mut Random| {
        let lon = (random.unit() * 360.0).round();
        if random.unit() < 0.5 { [90.0, lon] } else { arc(random) }
    };
    let places: Places = (0..CITIES).map(|_| place(&mut random)).collect();
    // Every pole is as far from every equator city, to the last bit or nearly, and near a quarter turn
    // the proven bound of a tile with several places cannot tell a tie from a farther pair. So all
    // pairs of the two kinds are looked at, as `exhaustive` does, and none of the others.
    assert_pruned("pole against arc, all ties", &places, 0.51);
}

// ---- Circles ----
//
// A tile on a circle is an arc, and its box is as wide as the arc is long. So the bound of two tiles
// is off by a share of that length, about 1/n, and does not rule out partners within the root of it:
// what is evaluated grows as n^1.5. At 20,000 cities that is up to a twelfth of all pairs.
const MOST_OF_CIRCLE: f64 = 0.12;

fn shuffled(mut places: Places, seed: u64) -> Places {
    Random::new(seed).shuffle(&mut places);
    places
}

fn evenly_on_parallel(lat: f64, cities: usize) -> Places {
    (0..cities).map(|index| [lat, 360.0 * index as f64 / cities as f64 - 180.0]).collect()
}

/// The farthest of the pairs of an even number of cities on a parallel, by the rows that a shuffle
/// gave them: each city's farthest is the one at the opposite longitude.
fn on_parallel(places: &Places) -> Verdict {
    let mut by_lon: Vec<(f64, u64)> = places.iter().map(|place| place[1]).zip(0..).collect();
    by_lon.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = by_lon.len() / 2;
    let pair = |index: usize| {
        let rows = [by_lon[index].1, by_lon[index + half].1];
        let [p, q] = rows.map(|row| unit_vector(places[row as usize][0], places[row as usize][1]));
        (distance_km(p, q), [rows[0].min(rows[1]), rows[0].max(rows[1])])
    };
    let pairs = (0..half).map(pair);
    let farthest = pairs.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let (distance_km, rows) = farthest.expect("there are cities");
    Verdict::new(distance_km, rows, all_pairs(by_lon.len()))
}

#[test]
fn evenly_on_the_equator() {
    let places = shuffled(evenly_on_parallel(0.0, CITIES), 5);
    let answer = assert_pruned("equator, even", &places, 0.02);
    assert_eq!(answer, on_parallel(&places));
}

#[test]
fn evenly_on_a_parallel() {
    let places = shuffled(evenly_on_parallel(40.0, CITIES), 6);
    let answer = assert_pruned("parallel, even", &places, 0.02);
    assert_eq!(answer, on_parallel(&places));
}

#[test]
fn anywhere_on_a_parallel() {
    let mut random = Random::new(7);
    let places: Places = (0..CITIES).map(|_| [-66.5, random.between(-180.0, 180.0)]).collect();
    assert_pruned("parallel, random", &places, MOST_OF_CIRCLE);
}

#[test]
fn anywhere_on_a_meridian_and_its_other_half() {
    let mut random = Random::new(8);
    let lat = |random: &mut Random| random.between(-90.0, 90.0);
    let half: Places = (0..CITIES).map(|_| [lat(&mut random), 11.25]).collect();
    assert_pruned("half a meridian", &half, 0.01);
    let whole: Places =
        (0..CITIES).map(|_| [lat(&mut random), random.one_of(&[11.25, 191.25])]).collect();
    assert_pruned("a whole meridian", &whole, 0.02);
}

/// A circle of radius 30 degrees about a place that is no pole: opposite cities nearly tie.
#[test]
fn on_a_small_circle() {
    let centre = unit_vector(35.0, 20.0);
    let (east, north) = (unit_vector(0.0, 110.0), unit_vector(55.0, -160.0));
    let on_circle = |turn: f64| {
        let (sin, cos) = libm::sincos(turn * std::f64::consts::TAU);
        let (height, width) = (libm::sqrt(0.75), 0.5);
        let [x, y, z] =
            [0, 1, 2].map(|k| height * centre[k] + width * (cos * east[k] + sin * north[k]));
        [libm::asin(z).to_degrees(), libm::atan2(y, x).to_degrees()]
    };
    let even: Places = (0..CITIES).map(|index| on_circle(index as f64 / CITIES as f64)).collect();
    assert_pruned("small circle, even", &shuffled(even, 9), MOST_OF_CIRCLE);
    let mut random = Random::new(10);
    let anywhere: Places = (0..CITIES).map(|_| on_circle(random.unit())).collect();
    assert_pruned("small circle, random", &anywhere, MOST_OF_CIRCLE);
}

#[test]
fn four_times_as_many_on_a_parallel_are_not_sixteen_times_the_work() {
    let evaluated = [CITIES, 4 * CITIES].map(|cities| {
        let mut random = Random::new(16);
        let places: Places = (0..cities).map(|_| [-66.5, random.between(-180.0, 180.0)]).collect();
        pruned_alone("parallel, random", &places, 1).1
    });
    assert!(evaluated[1] < 11 * evaluated[0], "{evaluated:?}");
}

/// A pole cluster of a few kilometres against the whole equator, whose own opposite cities win, and
/// against a part of it, where every pole city is nearly a quarter turn from every other city.
#[test]
fn a_pole_cluster_against_an_equator_ring() {
    let mut random = Random::new(11);
    let pole = |random: &mut Random| [90.0 - 0.05 * random.unit(), random.between(0.0, 360.0)];
    let mut list = |arc: f64| -> Places {
        let mut place = |index: usize| {
            if index.is_multiple_of(2) { pole(&mut random) } else { [0.0, arc * random.unit()] }
        };
        (0..CITIES).map(&mut place).collect()
    };
    assert_pruned("pole against ring", &list(360.0), 0.02);
    assert_pruned("pole against arc", &list(60.0), 0.05);
}

// ---- Grids and small sets ----

#[test]
fn a_grid_of_the_world() {
    let lat = |row: usize| row as f64 * 1.8 - 89.1;
    let places: Places =
        (0..CITIES).map(|index| [lat(index / 200), (index % 200) as f64 * 1.8 - 180.0]).collect();
    assert_pruned("grid", &shuffled(places, 12), 0.02);
}

/// Within a metre, on a grid of a centimetre, so that thousands tie, and on none.
#[test]
fn within_a_metre() {
    let mut random = Random::new(13);
    let at = |random: &mut Random, degrees: f64| degrees + random.between(0.0, 9e-6);
    let free: Places =
        (0..CITIES).map(|_| [at(&mut random, 48.0), at(&mut random, 11.0)]).collect();
    let rounded: Places =
        free.iter().map(|place| place.map(|degrees| (degrees * 1e7).round() / 1e7)).collect();
    assert_pruned("a metre", &free, 0.02);
    assert_pruned("a metre in centimetres", &rounded, 0.02);
}

#[test]
fn within_caps() {
    for radius_km in [1.0, 30.0, 200.0, 3000.0] {
        let distribution = Distribution::Cap { radius_km };
        let recipe = Recipe { cities: CITIES as u64, distribution, seed: 14, plant: false };
        let place = |place: farthest::generate::Place| {
            let coordinates = place.coordinates();
            [coordinates.lat_deg(), coordinates.lon_deg()]
        };
        let places: Places = Generated::new(recipe).map(place).collect();
        assert_pruned(&format!("cap of {radius_km} km"), &places, 0.02);
    }
}

// ---- A hundred times as many ----

/// Lists whose answer is known on paper, with `pruned` alone.
#[test]
fn a_million_with_a_known_answer() {
    if !is_long() {
        left_out("other", "FARTHEST_LONG is not set");
        return;
    }
    let million = 1_000_000;
    for ranks in [1, 3] {
        let (found, _) = pruned_alone("copies", &copies(million), ranks);
        assert_eq!(found, Verdict::new(0.0, [0, 1], all_pairs(million)));
        let (places, rows) = opposite_clusters(million);
        let (found, _) = pruned_alone("opposite clusters", &places, ranks);
        assert_eq!(found, Verdict::new(half_circumference_km(), rows, all_pairs(million)));
        for lat in [0.0, 40.0] {
            let places = shuffled(evenly_on_parallel(lat, million), 15);
            let (found, _) = pruned_alone("parallel, even", &places, ranks);
            assert_eq!(found, on_parallel(&places));
        }
        let mut meridian: Places =
            (0..million).map(|index| [index as f64 * 1.8e-4 - 90.0, 77.0]).collect();
        meridian.push([90.0, 77.0]);
        let last = million as u64;
        let (found, _) = pruned_alone("half a meridian", &meridian, ranks);
        assert_eq!(found, Verdict::new(half_circumference_km(), [0, last], all_pairs(million + 1)));
    }
}
