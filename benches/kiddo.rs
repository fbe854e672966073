//! The farthest pair of cities in memory: ours, or kiddo's k-d tree asked for every antipode.
//!
//! Usage: `kiddo ours METHOD FILE` or `kiddo theirs FILE`. It prints one line of JSON: seconds to
//! build, seconds to search, and the distance found, which must be the same on both sides.
//! Reading the file is not timed. Exit code 2 means that this build does not have the method.
//!
//! Theirs is [`kiddo::ImmutableKdTree`] over f64 unit vectors, which is built in one go and is the
//! fastest of kiddo's trees, asked with `nearest_one`, its fastest query. The city nearest to −p
//! is the one farthest from p, so that the least of all answers is the least |p + q|². The unit
//! vectors are there before its clock starts. Leaves of 8, 16 or 64, items of 32 bits and a build for
//! the native processor moved its time by about 10 %, less than the noise when they were tried.
//!
//! Ours begins with degrees instead: [`AtlasBuffer::new`] computes the unit vectors, the order,
//! the tiles, the bounds and the table of names within its time. That is more than what theirs has to
//! do, and is what a caller of the library pays.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use farthest::atlas::{Atlas, AtlasBuffer};
use farthest::cities::CityList;
use farthest::kernel::Kernel;
use farthest::search::{Method, search};
use farthest::source::CityFile;
use farthest::sphere::{HALF_CIRCUMFERENCE_KM, RADIUS_KM, UnitVector, unit_vector};
use farthest::text::TextOptions;
use kiddo::{ImmutableKdTree, SquaredEuclidean};

/// The methods that `ours` knows.
const METHODS: [Method; 3] = [Method::Naive, Method::Exhaustive, Method::Pruned];

fn main() -> ExitCode {
    // `cargo bench` passes --bench on.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let timed = match arguments[..] {
        ["ours", method, file] => match METHODS.into_iter().find(|m| m.name() == method) {
            Some(method) => ours(&cities(file), method),
            None => return refuse(&format!("there is no method '{method}' in this build")),
        },
        ["theirs", file] => theirs(&cities(file)),
        _ => return refuse("expected: ours METHOD FILE, or theirs FILE"),
    };
    println!("{}", timed.json());
    ExitCode::SUCCESS
}

fn refuse(problem: &str) -> ExitCode {
    eprintln!("kiddo: {problem}");
    ExitCode::from(2)
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

fn cities(file: &str) -> CityList {
    let file = CityFile::open(Path::new(file)).unwrap_or_else(|error| panic!("{error}"));
    let (list, _) = file.list(&TextOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    assert!(list.len() >= 2, "a pair needs two cities");
    list
}

fn ours(list: &CityList, method: Method) -> Timed {
    let kernel = Kernel::choose(None).expect("every processor has the scalar kernel");
    let begun = Instant::now();
    let buffer = AtlasBuffer::new(list);
    let build_s = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let atlas = Atlas::open(buffer.bytes()).expect("just laid out");
    let found = search(&atlas, method, kernel, 0, 1).expect("sound cities");
    let search_s = begun.elapsed().as_secs_f64();
    let distance_km = found.farthest.expect("two cities or more").distance_km;
    Timed { side: "ours", cities: list.len(), build_s, search_s, distance_km }
}

fn theirs(list: &CityList) -> Timed {
    let vectors: Vec<UnitVector> = (0..list.len())
        .map(|index| list.coordinates(index))
        .map(|place| unit_vector(place.lat_deg(), place.lon_deg()))
        .collect();

    let begun = Instant::now();
    let tree: ImmutableKdTree<f64, 3> = ImmutableKdTree::new_from_slice(&vectors);
    let build_s = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let least_squared = vectors
        .iter()
        .map(|[x, y, z]| tree.nearest_one::<SquaredEuclidean>(&[-x, -y, -z]).distance)
        .fold(f64::INFINITY, f64::min);
    let search_s = begun.elapsed().as_secs_f64();
    let distance_km = HALF_CIRCUMFERENCE_KM - 2.0 * RADIUS_KM * (least_squared.sqrt() / 2.0).asin();
    Timed { side: "theirs", cities: list.len(), build_s, search_s, distance_km }
}
