//! The farthest pairs on an ellipsoid: every method, with every instruction set and on some numbers of ranks, finds
//! what a plain loop over all pairs finds that measures each of them, rows and bits; of many cities, what the search
//! finds that looks at every pair. So does the search for the farthest of each.

mod common;

use common::{Random, Verdict, atlas_of, is_long, kernels, top_in_shares};
use farthest::kernel::Kernel;
use farthest::metric::{Ellipsoid, Metric};
use farthest::points::Points;
use farthest::search::each::Each;
use farthest::search::{Field, Method, Wanted};
use farthest::sphere::unit_vector;
use geographiclib_rs::{Geodesic, InverseGeodesic};

type Places = Vec<[f64; 2]>;

const METHODS: [Method; 4] = [Method::Exhaustive, Method::Pruned, Method::Join, Method::Tree];

/// An Earth, the flattest that is taken, a sphere, and a small one.
fn any_metric(random: &mut Random) -> Metric {
    let of = |a, inverse| Metric::Ellipsoid(Ellipsoid::new(a, inverse).expect("an ellipsoid"));
    match random.below(5) {
        0 => of(6378.137, 50.0),
        1 => of(6371.0, f64::INFINITY),
        2 => of(1.5, 169.89),
        _ => Metric::Ellipsoid(Ellipsoid::wgs84()),
    }
}

/// The farthest pairs by plain loops and a sort.
fn plain_top(wanted: &Wanted, places: &[[f64; 2]], others: Option<&[[f64; 2]]>) -> Vec<Verdict> {
    let metric = &wanted.metric;
    let firsts = |places: &[[f64; 2]]| {
        let vectors: Vec<_> = places.iter().map(|&[lat, lon]| metric.vector(lat, lon)).collect();
        let geodetic: Vec<_> = places.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect();
        let is_first = |row: usize| !geodetic[..row].contains(&geodetic[row]);
        let rows = (0..places.len()).filter(|&row| !wanted.is_distinct || is_first(row));
        rows.map(|row| (row as u64, vectors[row])).collect::<Vec<_>>()
    };
    let (rows, columns) = (firsts(places), others.map(firsts));
    let mut pairs = Vec::new();
    for (at, &(i, p)) in rows.iter().enumerate() {
        let partners = columns.as_deref().unwrap_or(&rows[at + 1..]);
        pairs.extend(partners.iter().map(|&(j, q)| (metric.distance_km(p, q), [i, j])));
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let first = pairs.into_iter().take(wanted.pairs);
    first.map(|(km, rows)| Verdict::new(km, rows, 0)).collect()
}

/// A place within some degrees of another.
fn near([lat, lon]: [f64; 2], degrees: f64, random: &mut Random) -> [f64; 2] {
    let lat = (lat + random.between(-degrees, degrees)).clamp(-90.0, 90.0);
    let lon = lon + random.between(-degrees, degrees);
    [
        lat,
        if lon > 180.0 {
            lon - 360.0
        } else if lon < -180.0 {
            lon + 360.0
        } else {
            lon
        },
    ]
}

fn anywhere(random: &mut Random) -> [f64; 2] {
    [libm::asin(random.between(-1.0, 1.0)).to_degrees(), random.between(-180.0, 180.0)]
}

/// Places of one of many kinds.
fn any_places(random: &mut Random, cities: usize) -> Places {
    let centre = anywhere(random);
    let antipode =
        [-centre[0], if centre[1] < 0.0 { centre[1] + 180.0 } else { centre[1] - 180.0 }];
    let size = random.one_of(&[1e-7, 1e-3, 1.0, 15.0, 40.0]);
    let kind = random.below(8);
    let one = |random: &mut Random| match kind {
        0 => anywhere(random),
        1 => near(centre, size, random),
        2 => {
            let other = random.one_of(&[centre, antipode]);
            near(other, size, random)
        }
        // The equator, where ways lie along the cut locus.
        3 => [random.between(-0.3, 0.3), random.between(-180.0, 180.0)],
        4 => [anywhere(random)[0].abs(), random.between(-180.0, 180.0)],
        // Grids, with exact antipodes, mirrored pairs, poles and copies.
        5 => [10.0 * random.below(19) as f64 - 90.0, 15.0 * random.below(24) as f64 - 180.0],
        6 => {
            let [lat, lon] = near(random.one_of(&[centre, antipode]), size, random);
            [(lat * 10.0).round() / 10.0, (lon * 10.0).round() / 10.0]
        }
        _ => {
            let other = near(centre, 1e-9, random);
            random.one_of(&[centre, antipode, other])
        }
    };
    (0..cities).map(|_| one(random)).collect()
}

fn any_number(random: &mut Random, least: usize) -> usize {
    least.max((1500_f64.powf(random.unit())).round() as usize)
}

/// A list, or two.
fn any_lists(random: &mut Random) -> (Places, Option<Places>) {
    let has_two = random.unit() < 0.3;
    let cities = any_number(random, 2);
    let places = any_places(random, cities);
    let others = has_two.then(|| {
        let cities = any_number(random, 1);
        any_places(random, cities)
    });
    (places, others)
}

fn field_of<'a>(points: &'a Points<'a>, others: Option<&'a Points<'a>>) -> Field<'a> {
    others.map_or(Field::within(points), |others| Field::between(points, others))
}

/// The greatest distances by another implementation of the geodesic, every pair.
fn top_of_others(wanted: &Wanted, places: &[[f64; 2]], others: Option<&[[f64; 2]]>) -> Vec<f64> {
    let Metric::Ellipsoid(of) = &wanted.metric else { panic!("an ellipsoid was expected") };
    let flattening =
        if of.inverse_flattening().is_finite() { 1.0 / of.inverse_flattening() } else { 0.0 };
    let geodesic = Geodesic::new(of.equatorial_km() * 1000.0, flattening);
    let mut all_km = Vec::new();
    for (at, &[lat, lon]) in places.iter().enumerate() {
        for &[other_lat, other_lon] in others.unwrap_or(&places[at + 1..]) {
            let meters: f64 = geodesic.inverse(lat, lon, other_lat, other_lon);
            all_km.push(meters / 1000.0);
        }
    }
    all_km.sort_by(|a, b| b.total_cmp(a));
    all_km.truncate(wanted.pairs);
    all_km
}

/// By how much two implementations may differ: 15 nm each on an Earth, and half a step of the resolution.
const DIFFERING: f64 = 5e-11 / 6378.0;

fn judge(
    wanted: &Wanted,
    expected: &[Verdict],
    places: &[[f64; 2]],
    others: Option<&[[f64; 2]]>,
    case: &str,
) {
    // Which of several copies is meant is no question of distances.
    if wanted.is_distinct {
        return;
    }
    let judged = top_of_others(wanted, places, others);
    assert_eq!(judged.len(), expected.len(), "{case}");
    for (km, ours) in judged.iter().zip(expected) {
        let most = DIFFERING * wanted.metric.radius_km();
        assert!((km - ours.distance_km()).abs() <= most, "{case}: {km} and {ours:?}");
    }
}

#[test]
fn every_method_finds_what_plain_loops_find_of_even_seeds() {
    check_methods(0);
}

#[test]
fn every_method_finds_what_plain_loops_find_of_odd_seeds() {
    check_methods(1);
}

fn check_methods(first: u64) {
    let kernels = kernels();
    for seed in (first..if is_long() { 10_000 } else { 1000 }).step_by(2) {
        let mut random = Random::new(seed);
        let (places, others) = any_lists(&mut random);
        let wanted = Wanted {
            pairs: random.one_of(&[1, 1, 1, 2, 10, 1000]),
            is_distinct: random.unit() < 0.3,
            metric: any_metric(&mut random),
        };
        let expected = plain_top(&wanted, &places, others.as_deref());
        judge(&wanted, &expected, &places, others.as_deref(), &format!("seed {seed}"));
        let buffer = atlas_of(&places);
        let other_buffer = others.as_ref().map(|places| atlas_of(places));
        let points = buffer.atlas().points();
        let other_points = other_buffer.as_ref().map(|buffer| buffer.atlas().points());
        let field = field_of(&points, other_points.as_ref());
        for &kernel in &kernels {
            for method in METHODS {
                for ranks in [1, 2, 3, 7] {
                    let (answer, covered) = top_in_shares(field, wanted, method, kernel, ranks);
                    let sizes = field.points().map(|points| points.len());
                    let case = format!(
                        "seed {seed}, {sizes:?} cities, {} pairs, distinct {}, {method:?}, {:?}, {ranks} ranks",
                        wanted.pairs,
                        wanted.is_distinct,
                        kernel.isa()
                    );
                    assert_eq!(covered, field.space(1).pairs(), "{case}");
                    let differing = answer.iter().zip(&expected).find(|(one, other)| one != other);
                    assert_eq!(differing, None, "{case}");
                    assert_eq!(answer.len(), expected.len(), "{case}");
                }
            }
        }
    }
}

/// Cities all over a cap.
fn cap(random: &mut Random, [lat, lon]: [f64; 2], radius_deg: f64, cities: usize) -> Places {
    let (latitude, least) = (lat.to_radians(), radius_deg.to_radians().cos());
    let one = |random: &mut Random| {
        let (cos, turn) = (random.between(least, 1.0), random.between(0.0, std::f64::consts::TAU));
        let sin = (1.0 - cos * cos).sqrt();
        let z = latitude.sin() * cos + latitude.cos() * sin * turn.cos();
        let east = sin * turn.sin();
        let north = latitude.cos() * cos - latitude.sin() * sin * turn.cos();
        let lon = lon + east.atan2(north).to_degrees();
        [z.clamp(-1.0, 1.0).asin().to_degrees(), (lon + 540.0).rem_euclid(360.0) - 180.0]
    };
    (0..cities).map(|_| one(random)).collect()
}

/// Cities all around two belts, as far from the equator, of so many degrees each.
fn belts(random: &mut Random, lat: f64, width_deg: f64, cities: usize) -> Places {
    let one = |at: usize| {
        let lat = (lat + random.between(0.0, width_deg)).clamp(0.0, 90.0);
        [if at.is_multiple_of(2) { lat } else { -lat }, random.between(-180.0, 180.0)]
    };
    (0..cities).map(one).collect()
}

/// A grid whose northern half is a quarter of a step off the antipodes of the southern one.
fn quarter_grid(side: usize) -> Places {
    let mut places = Places::new();
    for row in 0..side {
        let lat = 180.0 * (row as f64 + 0.5) / side as f64 - 90.0;
        let off = if lat > 0.0 { 0.25 } else { 0.0 };
        let lon = |column: usize| 360.0 * (column as f64 + off) / side as f64 - 180.0;
        places.extend((0..side).map(|column| [lat, lon(column)]));
    }
    places
}

/// What is far enough is told by the latitude here.
#[test]
fn around_poles_and_in_belts_every_method_finds_what_a_look_at_all_pairs_finds() {
    let mut random = Random::new(3);
    let mut lists = vec![quarter_grid(110)];
    for (lat, width_deg) in [(0.0, 1.0), (30.0, 20.0), (60.0, 1.0), (88.0, 2.0)] {
        lists.push(belts(&mut random, lat, width_deg, 12_000));
    }
    for places in lists {
        check_against(Method::Exhaustive, &[Method::Pruned, Method::Join, Method::Tree], &places);
    }
}

/// Here regions are small, and what is far enough is told by theirs.
#[test]
fn of_a_million_cities_in_belts_the_join_finds_what_the_tree_finds() {
    let mut random = Random::new(4);
    let mut lists = vec![quarter_grid(800)];
    for (lat, width_deg) in [(10.0, 15.0), (36.0, 2.0), (55.0, 10.0), (80.0, 10.0)] {
        lists.push(belts(&mut random, lat, width_deg, 700_000));
    }
    for places in lists {
        check_against(Method::Tree, &[Method::Join, Method::Pruned], &places);
    }
}

fn check_against(reference: Method, methods: &[Method], places: &Places) {
    let kernel = Kernel::best();
    let buffer = atlas_of(places);
    let points = buffer.atlas().points();
    for inverse_flattening in [50.0, 298.257223563] {
        let of = Ellipsoid::new(6378.137, inverse_flattening).expect("an ellipsoid");
        let metric = Metric::Ellipsoid(of);
        for pairs in [1, 300] {
            let wanted = Wanted { pairs, is_distinct: false, metric };
            let top = |method| top_in_shares(Field::within(&points), wanted, method, kernel, 2).0;
            let expected = top(reference);
            for &method in methods {
                assert_eq!(top(method), expected, "{:?} {metric} {pairs} {method:?}", places[0]);
            }
        }
    }
}

/// Boxes are small beside the list here, so that a bound which says too little loses the answer.
#[test]
fn of_many_cities_every_method_finds_what_a_look_at_all_pairs_finds() {
    let kernel = Kernel::best();
    let flat = Metric::Ellipsoid(Ellipsoid::new(6378.137, 50.0).expect("an ellipsoid"));
    let earth = Metric::Ellipsoid(Ellipsoid::wgs84());
    let mut random = Random::new(1);
    for (lat, metric) in
        [0.0, 35.0, -60.0, 80.0, 90.0].into_iter().zip([flat, earth, flat, flat, earth])
    {
        for radius_deg in [0.5, 8.0, 30.0, 75.0, 170.0] {
            let places = cap(&mut random, [lat, 179.0], radius_deg, 12_000);
            let buffer = atlas_of(&places);
            let points = buffer.atlas().points();
            let wanted = Wanted { pairs: 20, is_distinct: false, metric };
            let top = |method| top_in_shares(Field::within(&points), wanted, method, kernel, 2).0;
            let expected = top(Method::Exhaustive);
            for method in [Method::Pruned, Method::Join, Method::Tree] {
                assert_eq!(top(method), expected, "{lat} {radius_deg} {metric} {method:?}");
            }
        }
    }
}

/// By row: the bits of the distance, and the row of the farthest city.
type Answers = Vec<(u64, u64)>;

/// What a plain loop finds for some rows.
fn plain_each(
    metric: &Metric,
    places: &[[f64; 2]],
    others: Option<&[[f64; 2]]>,
    rows: impl Iterator<Item = usize>,
) -> Answers {
    let vectors = |places: &[[f64; 2]]| -> Vec<_> {
        places.iter().map(|&[lat, lon]| metric.vector(lat, lon)).collect()
    };
    let (own, all) = (vectors(places), vectors(others.unwrap_or(places)));
    let answer = |row: usize| {
        let mut best = (-1.0, 0);
        for (far_row, &q) in all.iter().enumerate() {
            let km = metric.distance_km(own[row], q);
            if (others.is_some() || far_row != row) && km > best.0 {
                best = (km, far_row as u64);
            }
        }
        (best.0.to_bits(), best.1)
    };
    rows.map(answer).collect()
}

/// What the search finds, by row.
fn each(field: Field<'_>, metric: Metric, kernel: Kernel) -> Answers {
    let [own, others] = field.points();
    let mut answers = vec![(0, u64::MAX); own.len()];
    let mut search = Each::new(field, metric, kernel).expect("sound bounds");
    let mut place = 0;
    for block in 0..search.blocks() {
        for far in search.settle(block).expect("sound cities").to_vec() {
            let row = own.row(search.position(place)) as usize;
            answers[row] = (far.distance_km.to_bits(), others.row(far.position as usize));
            place += 1;
        }
    }
    answers
}

#[test]
fn each_finds_what_plain_loops_find() {
    let kernels = kernels();
    for seed in 0..if is_long() { 10_000 } else { 240 } {
        let mut random = Random::new(seed);
        let (places, others) = any_lists(&mut random);
        let metric = any_metric(&mut random);
        let cities = places.len();
        let expected = plain_each(&metric, &places, others.as_deref(), 0..cities);
        let buffer = atlas_of(&places);
        let other_buffer = others.as_ref().map(|places| atlas_of(places));
        let points = buffer.atlas().points();
        let other_points = other_buffer.as_ref().map(|buffer| buffer.atlas().points());
        for &kernel in &kernels {
            let found = each(field_of(&points, other_points.as_ref()), metric, kernel);
            let differing = (0..cities).find(|&row| found[row] != expected[row]);
            let of = |answers: &Answers| {
                differing.map(|row| (f64::from_bits(answers[row].0), answers[row].1))
            };
            assert_eq!(
                of(&found),
                of(&expected),
                "seed {seed}, {metric}, {:?}, row {differing:?}",
                kernel.isa()
            );
        }
    }
}

#[test]
fn of_many_cities_each_finds_what_plain_loops_find() {
    let flat = Metric::Ellipsoid(Ellipsoid::new(6378.137, 50.0).expect("an ellipsoid"));
    let earth = Metric::Ellipsoid(Ellipsoid::wgs84());
    let mut random = Random::new(2);
    for (lat, metric) in [0.0, 35.0, -80.0].into_iter().zip([flat, earth, flat]) {
        for radius_deg in [0.5, 30.0, 75.0, 100.0, 180.0] {
            let places = cap(&mut random, [lat, 179.0], radius_deg, 12_000);
            let rows = || (0..places.len()).step_by(199);
            let expected = plain_each(&metric, &places, None, rows());
            let buffer = atlas_of(&places);
            let points = buffer.atlas().points();
            let found = each(Field::within(&points), metric, Kernel::best());
            let found: Answers = rows().map(|row| found[row]).collect();
            assert_eq!(found, expected, "{lat} {radius_deg} {metric}");
        }
    }
}
