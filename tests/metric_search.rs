//! The farthest pairs on an ellipsoid: every method, with every instruction set and on some numbers of ranks, finds
//! what a plain loop over all pairs finds that measures each of them, rows and bits; and those of real lists are the
//! known ones.

mod common;

use common::{Random, Verdict, atlas_of, is_long, kernels, top_in_shares};
use farthest::metric::{Ellipsoid, Metric};
use farthest::search::{Field, Method, Wanted};
use farthest::sphere::unit_vector;

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
    least.max((700_f64.powf(random.unit())).round() as usize)
}

#[test]
fn every_method_finds_what_plain_loops_find() {
    let kernels = kernels();
    for seed in 0..if is_long() { 10_000 } else { 240 } {
        let mut random = Random::new(seed);
        let has_two = random.unit() < 0.3;
        let cities = any_number(&mut random, 2);
        let places = any_places(&mut random, cities);
        let others = has_two.then(|| {
            let cities = any_number(&mut random, 1);
            any_places(&mut random, cities)
        });
        let wanted = Wanted {
            pairs: random.one_of(&[1, 1, 1, 2, 10, 1000]),
            is_distinct: random.unit() < 0.3,
            metric: any_metric(&mut random),
        };
        let expected = plain_top(&wanted, &places, others.as_deref());
        let buffer = atlas_of(&places);
        let other_buffer = others.as_ref().map(|places| atlas_of(places));
        let points = buffer.atlas().points();
        let other_points = other_buffer.as_ref().map(|buffer| buffer.atlas().points());
        let field = match &other_points {
            Some(others) => Field::between(&points, others),
            None => Field::within(&points),
        };
        for &kernel in &kernels {
            for method in METHODS {
                for ranks in [1, 2, 3] {
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
