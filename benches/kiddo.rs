//! The farthest pair of cities in memory: ours, or kiddo's k-d tree asked for every antipode.
//!
//! Usage: `kiddo ours FILE` or `kiddo theirs FILE [OTHER]`. It prints one line of JSON: seconds to
//! build, seconds to search, and the distance found, which must be the same on both sides.
//! Reading the file is not timed. With OTHER the tree is that of FILE, and is asked for the antipodes of OTHER.
//!
//! Theirs is [`kiddo::ImmutableKdTree`] over f64 unit vectors, which is built in one go and is the
//! fastest of kiddo's trees, asked with `nearest_one`, its fastest query. The city nearest to −p
//! is the one farthest from p, so that the least of all answers is the least |p + q|². The unit
//! vectors are there before its clock starts. Leaves of 8, 16 or 64, items of 32 bits and a build for
//! the native processor moved its time by about 10 %, less than the noise when they were tried.
//!
//! Ours begins where theirs does: order, tiles and bounds of the same vectors, and the pruned search.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use farthest::driver::search;
use farthest::formats::ReadOptions;
use farthest::kernel::Kernel;
use farthest::points::PointBuffer;
use farthest::search::{Field, Method, Wanted};
use farthest::source::CityFile;
use farthest::sphere::{HALF_CIRCUMFERENCE_KM, RADIUS_KM, UnitVector, unit_vector};
use kiddo::{ImmutableKdTree, SquaredEuclidean};

fn main() -> ExitCode {
    // `cargo bench` passes --bench on.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let timed = match arguments[..] {
        ["ours", file] => ours(&vectors(file)),
        ["theirs", file] => {
            let vectors = vectors(file);
            theirs(&vectors, &vectors)
        }
        ["theirs", file, other] => theirs(&vectors(file), &vectors(other)),
        _ => {
            eprintln!("kiddo: expected: ours FILE, or theirs FILE [OTHER]");
            return ExitCode::from(2);
        }
    };
    println!("{}", timed.json());
    ExitCode::SUCCESS
}

/// What one side took, and what it found.
struct Timed {
    side: &'static str,
    cities: usize,
    build_s: f64,
    search_s: f64,
    distance_km: f64,
}

impl Timed {
    fn json(&self) -> String {
        serde_json::json!({
            "side": self.side,
            "cities": self.cities,
            "build_s": self.build_s,
            "search_s": self.search_s,
            "total_s": self.build_s + self.search_s,
            "distance_km": self.distance_km,
        })
        .to_string()
    }
}

/// The unit vectors of the cities of a file, in the order of their rows.
fn vectors(file: &str) -> Vec<UnitVector> {
    let file = CityFile::open(Path::new(file)).unwrap_or_else(|error| panic!("{error}"));
    let reading = file.list(&ReadOptions::default());
    let list = reading.unwrap_or_else(|error| panic!("{error}")).list;
    assert!(list.len() >= 2, "a pair needs two cities");
    let places = (0..list.len()).map(|index| list.coordinates(index));
    places.map(|place| unit_vector(place.lat_deg(), place.lon_deg())).collect()
}

fn ours(vectors: &[UnitVector]) -> Timed {
    let kernel = Kernel::choose(None).expect("every processor has the scalar kernel");
    let begun = Instant::now();
    let buffer = PointBuffer::new(vectors);
    let build_s = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let found =
        search(Field::within(&buffer.points()), Wanted::default(), Method::Pruned, kernel, 0, 1)
            .expect("sound vectors");
    let search_s = begun.elapsed().as_secs_f64();
    let distance_km = found.farthest().expect("two cities or more").distance_km;
    Timed { side: "ours", cities: vectors.len(), build_s, search_s, distance_km }
}

/// What the farthest of each is found with too: each query has its answer, of which the least is kept here.
fn theirs(vectors: &[UnitVector], asking: &[UnitVector]) -> Timed {
    let begun = Instant::now();
    let tree: ImmutableKdTree<f64, 3> = ImmutableKdTree::new_from_slice(vectors);
    let build_s = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let least_squared = asking
        .iter()
        .map(|[x, y, z]| tree.nearest_one::<SquaredEuclidean>(&[-x, -y, -z]).distance)
        .fold(f64::INFINITY, f64::min);
    let search_s = begun.elapsed().as_secs_f64();
    let distance_km = HALF_CIRCUMFERENCE_KM - 2.0 * RADIUS_KM * (least_squared.sqrt() / 2.0).asin();
    Timed { side: "theirs", cities: vectors.len(), build_s, search_s, distance_km }
}
