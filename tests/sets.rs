//! Random lists of cities, up to 3000 in each, of every distribution: `pruned` and `exhaustive`,
//! with every instruction set and on any number of ranks, give what a plain loop gives. Eight
//! hundred lists by default, ten thousand in the long mode of `scripts/test --long`.
//!
//! The name of a failing case holds its seed; `answers_agree` with that seed alone runs it again.

mod common;

use common::{
    Random, atlas_of, is_long, kernels, plain_answer, plain_top, search_in_shares, top_in_shares,
};
use farthest::search::{Field, Method, Wanted};
use farthest::sphere::UnitVector;

type Places = Vec<[f64; 2]>;
type Make = fn(&mut Random, usize) -> Places;

const MOST_CITIES: f64 = 3000.0;

/// Two to three thousand, small ones as often as large ones, or any number alike.
fn any_number(random: &mut Random) -> usize {
    let number = if random.unit() < 0.8 {
        2.0 * (MOST_CITIES / 2.0).powf(random.unit())
    } else {
        random.between(2.0, MOST_CITIES)
    };
    number.round() as usize
}

/// Runs one distribution through its share of all lists.
fn try_lists(distribution: u64, make: fn(&mut Random, usize) -> Places) {
    let lists = if is_long() { 2000 } else { 160 };
    let kernels = kernels();
    for list in 0..lists {
        let seed = distribution << 32 | list;
        let mut random = Random::new(seed);
        let cities = any_number(&mut random);
        let places = make(&mut random, cities);
        let expected = plain_answer(&places);
        let buffer = atlas_of(&places);
        let atlas = buffer.atlas();
        for &kernel in &kernels {
            for method in [Method::Exhaustive, Method::Pruned] {
                let ranks = 1 + random.bits() % 7;
                let (answer, _) = search_in_shares(&atlas, method, kernel, ranks);
                let case = format!("{method:?}, {:?}, {ranks} ranks", kernel.isa());
                assert_eq!(answer, expected, "seed {seed}, {cities} cities, {case}");
            }
        }
    }
}

/// The same of the farthest pairs of small lists, and of two of them.
fn try_tops(distribution: u64, make: fn(&mut Random, usize) -> Places, others: Option<Make>) {
    let lists = if is_long() { 500 } else { 20 };
    let kernels = kernels();
    for list in 0..lists {
        let seed = distribution << 32 | list;
        let mut random = Random::new(seed);
        let mut some = |make: Make, least: usize| {
            let cities = any_number(&mut random).min(400).max(least);
            let cities = if random.unit() < 0.1 { least } else { cities };
            make(&mut random, cities)
        };
        let places = some(make, if others.is_some() { 1 } else { 2 });
        let mut other_places = others.map(|others| some(others, 1));
        // One list inside the other.
        if random.unit() < 0.2
            && let Some(others) = &mut other_places
        {
            others.extend(&places);
        }
        let pairs = random.one_of(&[1, 1, 2, 3, 10, 100, 1000, 1_000_000]);
        let wanted = Wanted { pairs, is_distinct: random.unit() < 0.4, ..Wanted::default() };
        let expected = plain_top(wanted, &places, other_places.as_deref());
        let buffer = atlas_of(&places);
        let other_buffer = other_places.as_ref().map(|places| atlas_of(places));
        let points = buffer.atlas().points();
        let other_points = other_buffer.as_ref().map(|buffer| buffer.atlas().points());
        let field = match &other_points {
            Some(others) => Field::between(&points, others),
            None => Field::within(&points),
        };
        for &kernel in &kernels {
            for method in [Method::Exhaustive, Method::Pruned, Method::Join, Method::Tree] {
                let ranks = 1 + random.bits() % 7;
                let (answer, covered) = top_in_shares(field, wanted, method, kernel, ranks);
                let case = format!("{wanted:?}, {method:?}, {:?}, {ranks} ranks", kernel.isa());
                let sizes = field.points().map(|points| points.len());
                let case = format!("seed {seed}, {sizes:?} cities, {case}");
                assert_eq!(covered, field.space(1).pairs(), "{case}");
                assert_eq!(answer.len(), expected.len(), "{case}");
                let differing = answer.iter().zip(&expected).find(|(one, other)| one != other);
                assert_eq!(differing, None, "{case}");
            }
        }
    }
}

/// The place of a vector of any length.
fn place_of([x, y, z]: UnitVector) -> [f64; 2] {
    let lat = libm::atan2(z, libm::sqrt(x * x + y * y)).to_degrees();
    [lat.clamp(-90.0, 90.0), libm::atan2(y, x).to_degrees().clamp(-180.0, 180.0)]
}

/// A place about `radius_rad` or less from another.
fn place_near(random: &mut Random, centre: UnitVector, radius_rad: f64) -> [f64; 2] {
    let step = random.vector();
    let size = radius_rad * random.unit();
    place_of([0, 1, 2].map(|axis| centre[axis] + size * step[axis]))
}

fn rounded(places: &mut Places, decimals: i32) {
    let units = 10_f64.powi(decimals);
    for coordinate in places.iter_mut().flatten() {
        *coordinate = (*coordinate * units).round() / units;
    }
}

/// Copies of some cities in place of others, and antipodes of some, all in any order.
fn with_copies(random: &mut Random, mut places: Places) -> Places {
    let share = random.one_of(&[0.01, 0.3, 0.9]);
    for index in 0..places.len() {
        if random.unit() < share {
            let [lat, lon] = places[random.below(places.len())];
            let turned = if lon < 0.0 { lon + 180.0 } else { lon - 180.0 };
            places[index] = random.one_of(&[[lat, lon], [lat, lon], [-lat, turned]]);
        }
    }
    random.shuffle(&mut places);
    places
}

fn uniform(random: &mut Random, cities: usize) -> Places {
    let mut places: Places = (0..cities).map(|_| random.place()).collect();
    if random.unit() < 0.5 {
        rounded(&mut places, random.one_of(&[0, 1, 4]));
    }
    if random.unit() < 0.3 { with_copies(random, places) } else { places }
}

fn clustered(random: &mut Random, cities: usize) -> Places {
    let mut centres: Vec<UnitVector> = (0..1 + random.below(8)).map(|_| random.vector()).collect();
    if random.unit() < 0.5 {
        let first = centres[0];
        centres.push(first.map(|coordinate| -coordinate));
    }
    let sizes: Vec<f64> = centres.iter().map(|_| random.tiny(-13.0).abs()).collect();
    let mut city = || {
        let which = random.below(centres.len());
        place_near(random, centres[which], sizes[which])
    };
    let places: Places = (0..cities).map(|_| city()).collect();
    if random.unit() < 0.3 { with_copies(random, places) } else { places }
}

/// Caps from a micrometre to the whole sphere, about anywhere, a pole or the date line.
fn cap(random: &mut Random, cities: usize) -> Places {
    let anywhere = random.vector();
    let centre = random.one_of(&[anywhere, anywhere, [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]]);
    let radius_rad = 3.0 * random.tiny(-13.0).abs();
    let mut places: Places = (0..cities).map(|_| place_near(random, centre, radius_rad)).collect();
    if random.unit() < 0.2 {
        rounded(&mut places, 7);
    }
    if random.unit() < 0.2 { with_copies(random, places) } else { places }
}

/// Grids on which every distance occurs many times, of the whole sphere or of a region.
fn grid(random: &mut Random, cities: usize) -> Places {
    let step = random.one_of(&[30.0, 15.0, 5.0, 1.0, 0.1, 1e-5]);
    let side = |full: f64| (full / step).min(60.0) as usize;
    let (rows, columns) = (1 + random.below(side(180.0)), 1 + random.below(side(360.0)));
    let south = (random.between(-90.0, 90.0 - (rows - 1) as f64 * step) / step).round() * step;
    let mut city = || {
        let (row, column) = (random.below(rows) as f64, random.below(columns) as f64);
        [(south + row * step).clamp(-90.0, 90.0), column * step - 180.0]
    };
    (0..cities).map(|_| city()).collect()
}

/// Circles, parallels, meridians and arcs of them, evenly or at random: many ties and near ties.
fn circle(random: &mut Random, cities: usize) -> Places {
    let anywhere = random.vector();
    let axis = random.one_of(&[anywhere, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]);
    let aside = random.one_of(&[[1.0, 0.0, 0.0], [0.3, 0.5, -0.8]]);
    let dot: f64 = (0..3).map(|k| axis[k] * aside[k]).sum();
    let across = [0, 1, 2].map(|k| aside[k] - dot * axis[k]);
    let norm = across.iter().map(|x| x * x).sum::<f64>().sqrt();
    let u = across.map(|x| x / norm);
    let v = [1, 2, 0].map(|k| axis[k] * u[(k + 1) % 3] - axis[(k + 1) % 3] * u[k]);
    let height = random.one_of(&[0.0, 0.0, 0.5, -0.9, 0.999_999]);
    let arc = random.one_of(&[1.0, 1.0, 0.5, 0.25, 1e-6]) * std::f64::consts::TAU;
    let is_even = random.unit() < 0.5;
    let mut city = |index: usize| {
        let share = if is_even { index as f64 / cities as f64 } else { random.unit() };
        let (sin, cos) = libm::sincos(arc * share);
        let width = libm::sqrt(1.0 - height * height);
        place_of([0, 1, 2].map(|k| width * (cos * u[k] + sin * v[k]) + height * axis[k]))
    };
    let mut places: Places = (0..cities).map(&mut city).collect();
    random.shuffle(&mut places);
    places
}

#[test]
fn uniform_lists_have_the_plain_loops_answer() {
    try_lists(1, uniform);
}

#[test]
fn clustered_lists_have_the_plain_loops_answer() {
    try_lists(2, clustered);
}

#[test]
fn caps_have_the_plain_loops_answer() {
    try_lists(3, cap);
}

#[test]
fn grids_have_the_plain_loops_answer() {
    try_lists(4, grid);
}

#[test]
fn circles_have_the_plain_loops_answer() {
    try_lists(5, circle);
}

const DISTRIBUTIONS: [Make; 5] = [uniform, clustered, cap, grid, circle];

#[test]
fn the_farthest_pairs_are_those_of_a_plain_loop() {
    for (distribution, make) in (11..).zip(DISTRIBUTIONS) {
        try_tops(distribution, make, None);
    }
}

#[test]
fn the_farthest_pairs_of_two_lists_are_those_of_a_plain_loop() {
    for (at, make) in DISTRIBUTIONS.into_iter().enumerate() {
        for (other, others) in DISTRIBUTIONS.into_iter().enumerate() {
            try_tops(100 + (5 * at + other) as u64, make, Some(others));
        }
    }
}
