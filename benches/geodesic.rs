//! Nanoseconds per geodesic: ours on two vectors, and geographiclib-rs on four angles in degrees.
//!
//! Usage: `cargo bench --bench geodesic` prints a line for each kind of pair: nanoseconds of ours, of theirs, their
//! ratio, and of the bound for one pair, which is asked before a geodesic is computed. Each is the median of `ROUNDS`
//! rounds, taken in turn. Vectors are made beforehand: a search has them. With `--json` it prints an array of objects.

use std::hint::black_box;
use std::time::Instant;

use farthest::metric::Ellipsoid;
use farthest::sphere::UnitVector;
use geographiclib_rs::{Geodesic, InverseGeodesic};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;

/// Pairs of a round.
const PAIRS: usize = 20_000;

/// Rounds, of which the median counts.
const ROUNDS: usize = 31;

/// Latitude and longitude of two places, in degrees.
type Places = [[f64; 2]; 2];

/// What a pair is, and how far, in degrees, the second place is from the antipode of the first; anywhere if infinite.
const KINDS: [(&str, f64); 4] = [
    ("anywhere", f64::INFINITY),
    ("within 330 km of the antipode", 3.0),
    ("within 11 km of the antipode", 0.1),
    ("within 110 m of the antipode", 0.001),
];

fn main() {
    let ellipsoid = Ellipsoid::wgs84();
    let theirs = Geodesic::wgs84();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let is_json = std::env::args().any(|word| word == "--json");
    let mut kinds = Vec::new();
    if !is_json {
        println!(
            "{:32}{:>8}{:>20}{:>8}{:>8}",
            "ns a pair", "ours", "geographiclib-rs", "ratio", "bound"
        );
    }
    for (name, off_deg) in KINDS {
        let places: Vec<Places> = (0..PAIRS).map(|_| pair(&mut random, off_deg)).collect();
        let vector = |[lat, lon]: [f64; 2]| ellipsoid.vector(lat, lon);
        let vectors: Vec<[UnitVector; 2]> = places.iter().map(|pair| pair.map(vector)).collect();
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            times[0].push(nanoseconds(&vectors, |&[p, q]| ellipsoid.geodesic_km(p, q)));
            times[1].push(nanoseconds(&places, |&[[lat_1, lon_1], [lat_2, lon_2]]| {
                theirs.inverse(lat_1, lon_1, lat_2, lon_2)
            }));
            times[2].push(nanoseconds(&vectors, |&[p, q]| ellipsoid.most_km(p, q, 0.0)));
        }
        let [ours, others, bound] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        });
        if is_json {
            kinds.push(
                json!({"kind": name, "ours_ns": ours, "theirs_ns": others, "bound_ns": bound}),
            );
        } else {
            println!("{name:32}{ours:>8.0}{others:>20.0}{:>8.2}{bound:>8.0}", ours / others);
        }
    }
    if is_json {
        println!("{}", json!({ "kinds": kinds }));
    }
}

/// Two places: one anywhere, the other near its antipode, or anywhere too.
fn pair(random: &mut Xoshiro256PlusPlus, off_deg: f64) -> Places {
    let mut between = |low: f64, high: f64| {
        low + (high - low) * ((random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64)
    };
    let mut place = || [libm::asin(between(-1.0, 1.0)).to_degrees(), between(-180.0, 180.0)];
    let [lat, lon] = place();
    if off_deg.is_infinite() {
        return [[lat, lon], place()];
    }
    let there = lon + if lon > 0.0 { -180.0 } else { 180.0 };
    let [north, east] = [0, 1].map(|_| between(-off_deg, off_deg));
    [[lat, lon], [(north - lat).clamp(-90.0, 90.0), there + east]]
}

/// How long each takes of some.
fn nanoseconds<T>(items: &[T], compute: impl Fn(&T) -> f64) -> f64 {
    let start = Instant::now();
    for item in items {
        black_box(compute(black_box(item)));
    }
    start.elapsed().as_secs_f64() * 1e9 / items.len() as f64
}
