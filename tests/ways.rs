//! The shortest ways that maps are drawn with: they begin and end at the two places, are as long as the distance, stay on
//! the map, and are cut where a map ends.

mod common;

use common::Random;
use farthest::metric::{Ellipsoid, Metric};
use farthest::ways::{Line, line};

/// Latitude and longitude.
type Place = [f64; 2];

fn metrics() -> [Metric; 3] {
    let flattest = Ellipsoid::new(6378.137, 50.0).expect("a sound ellipsoid");
    [Metric::Sphere, Metric::wgs84(), Metric::Ellipsoid(flattest)]
}

fn distance_km(metric: &Metric, [from, to]: [Place; 2]) -> f64 {
    let [p, q] = [from, to].map(|[lat, lon]| metric.vector(lat, lon));
    metric.distance_km(p, q)
}

/// A position of a map as a place.
fn place([lon, lat]: [f64; 2]) -> Place {
    [lat, lon]
}

/// How long the pieces are, measured position by position.
fn length_km(metric: &Metric, line: &Line) -> f64 {
    let of_piece = |piece: &Vec<[f64; 2]>| -> f64 {
        piece.windows(2).map(|two| distance_km(metric, [place(two[0]), place(two[1])])).sum()
    };
    line.pieces.iter().map(of_piece).sum()
}

/// What holds of every line.
fn check(metric: &Metric, places: [Place; 2]) -> Line {
    let line = line(metric, places);
    let of = format!("{metric}, {places:?}: {line:?}");
    if line.pieces.is_empty() {
        assert_eq!((distance_km(metric, places), line.choice), (0.0, "none, at one place"), "{of}");
        return line;
    }
    let (first, last) = (&line.pieces[0], &line.pieces[line.pieces.len() - 1]);
    let ends = [place(first[0]), place(last[last.len() - 1])];
    for (end, place) in ends.into_iter().zip(places) {
        assert_eq!(end[0], place[0], "{of}");
        assert!(distance_km(metric, [end, place]) < 1e-9, "{of}");
    }
    let (length_km, distance_km) = (length_km(metric, &line), distance_km(metric, places));
    assert!((length_km - distance_km).abs() < 1e-6, "{length_km}, not {distance_km} km: {of}");
    for piece in &line.pieces {
        assert!(piece.len() >= 2, "{of}");
        for &[lon, lat] in piece {
            assert!((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat), "{of}");
        }
        assert!(piece.windows(2).all(|two| (two[0][0] - two[1][0]).abs() < 180.1), "{of}");
    }
    for two in line.pieces.windows(2) {
        let (before, after) = (two[0][two[0].len() - 1], two[1][0]);
        let is_edge = before[0].abs() == 180.0 && after[0] == -before[0];
        let is_pole = before[1].abs() == 90.0;
        assert!((is_edge || is_pole) && before[1] == after[1], "{of}");
    }
    line
}

#[test]
fn a_line_is_the_shortest_way_wherever_the_places_are() {
    let mut random = Random::new(71);
    for metric in metrics() {
        for kind in 0..6_000 {
            let lat = [0.0, 90.0, -90.0, random.between(-90.0, 90.0)][kind % 4];
            let lon = [180.0, -180.0, 360.0, random.between(-180.0, 360.0)][kind / 4 % 4];
            let anywhere = [random.between(-90.0, 90.0), random.between(-180.0, 360.0)];
            let opposite = if lon > 0.0 { lon - 180.0 } else { lon + 180.0 };
            let near = [1e-9, 1e-4, 0.3][kind / 96 % 3];
            let beside = |lat: f64, lon: f64, near: f64| {
                [lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 360.0) + near.copysign(10.0 - lon)]
            };
            let other = match kind / 16 % 6 {
                0 => anywhere,
                1 => beside(-lat + near, opposite, 0.0),
                2 => beside(-lat, opposite, near),
                3 => beside(lat + near, lon, near),
                4 => [0.0, anywhere[1]],
                _ => [lat, lon],
            };
            check(&metric, [[lat, lon], other]);
            check(&metric, [other, [lat, lon]]);
        }
    }
}

#[test]
fn lines_are_cut_at_the_antimeridian_and_nowhere_else() {
    for metric in metrics() {
        let pieces = |places: [Place; 2]| check(&metric, places).pieces.len();
        assert_eq!(pieces([[10.0, 170.0], [20.0, -170.0]]), 2);
        assert_eq!(pieces([[10.0, 170.0], [20.0, 190.0]]), 2);
        assert_eq!(pieces([[10.0, -170.0], [20.0, 170.0]]), 2);
        // To the antimeridian and from it, whichever sign it has, and along it.
        for edge in [180.0, -180.0] {
            assert_eq!(pieces([[10.0, edge], [20.0, -170.0]]), 1);
            assert_eq!(pieces([[10.0, edge], [20.0, 170.0]]), 1);
            assert_eq!(pieces([[10.0, -170.0], [20.0, edge]]), 1);
            assert_eq!(pieces([[10.0, 170.0], [20.0, edge]]), 1);
            assert_eq!(pieces([[10.0, 180.0], [20.0, edge]]), 1);
            assert_eq!(pieces([[10.0, 180.0], [10.0, edge]]), 0);
            assert_eq!(pieces([[90.0, 10.0], [90.0, edge]]), 0);
        }
        assert_eq!(pieces([[10.0, -10.0], [20.0, 10.0]]), 1);
        // Over a pole, the nearer one.
        let over = check(&metric, [[-60.0, 20.0], [-50.0, 200.0]]);
        assert_eq!(over.pieces.len(), 2);
        assert_eq!(over.pieces[1][0], [-160.0, -90.0]);
    }
}

#[test]
fn between_exact_antipodes_it_is_said_that_there_are_other_ways() {
    let [sphere, wgs84, _] = metrics();
    let choice = |metric: &Metric, places: [Place; 2]| check(metric, places).choice;
    let (antipodes, poles) = ([[30.0, 40.0], [-30.0, -140.0]], [[90.0, 0.0], [-90.0, 0.0]]);
    assert_eq!(choice(&sphere, antipodes), "over the north pole; every direction is as short");
    assert_eq!(choice(&sphere, poles), "over the north pole; every direction is as short");
    assert_eq!(choice(&wgs84, antipodes), "over the north pole; over the south pole is as short");
    assert_eq!(choice(&wgs84, poles), "along one meridian; every other is as short");
    assert_eq!(choice(&wgs84, [[30.0, 40.0], [-30.0, -139.9]]), "the shortest way");
}
