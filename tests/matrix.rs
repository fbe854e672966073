//! One answer, byte for byte: every method, on any number of ranks, from text and from packed
//! form, gives what a plain loop over all pairs gives.
//!
//! The loops below are the oracle. They know neither tiles nor ranks, and take the first pair of
//! the greatest distance in the order of rows, which is the lowest by definition. For `naive` the
//! formula is written out again from the notebook; for all other methods it is the one distance
//! of [`farthest::sphere`], which `tests/sphere.rs` holds against 50-digit arithmetic.
//!
//! A method or an instruction set is one entry of [`VARIANTS`].

mod common;

use std::f64::consts::PI;
use std::path::Path;

use common::lists::{self, City, List};
use common::{Folder, Job, pack};
use farthest::incumbent::FarPair;
use farthest::search::{Method, search};
use farthest::source::CityFile;
use farthest::sphere::{distance_km, unit_vector};
use farthest::text::TextOptions;
use serde::Serialize;

/// A way to search, and the loop that it must agree with.
struct Variant {
    arguments: &'static [&'static str],
    method: Method,
    oracle: fn(&[City]) -> Answer<'_>,
}

const VARIANTS: &[Variant] = &[
    Variant { arguments: &["--method", "naive"], method: Method::Naive, oracle: by_haversine },
    Variant {
        arguments: &["--method", "exhaustive"],
        method: Method::Exhaustive,
        oracle: by_distance,
    },
];

/// Rank counts of the launched jobs: one, even and odd ones, and more than there are cores.
const RANK_COUNTS: [u64; 5] = [1, 2, 3, 4, 7];

/// The part of a report that must not depend on anything but the cities.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    distance_km: f64,
    pair: [&'a City; 2],
}

impl Answer<'_> {
    /// As the report has it, between other fields and indented like them.
    fn json(&self) -> String {
        let object = serde_json::to_string_pretty(self).expect("an answer has string keys");
        let inside = object.strip_prefix("{\n").and_then(|rest| rest.strip_suffix("\n}"));
        inside.expect("an object stands in braces").to_string()
    }
}

/// The bytes of the answer in a report.
fn answer_in(report: &str) -> &str {
    let begin = report.find("  \"distance_km\"").expect("a report has a distance");
    let length = report[begin..].find(",\n  \"cities\"").expect("then the pair, then the cities");
    &report[begin..begin + length]
}

/// The first pair of the greatest distance, in the order of rows.
fn farthest_by(cities: &[City], distance_km: impl Fn(usize, usize) -> f64) -> Answer<'_> {
    let mut farthest = (distance_km(0, 1), [0, 1]);
    for i in 0..cities.len() {
        for j in i + 1..cities.len() {
            let distance_km = distance_km(i, j);
            if distance_km > farthest.0 {
                farthest = (distance_km, [i, j]);
            }
        }
    }
    let (distance_km, rows) = farthest;
    Answer { distance_km, pair: rows.map(|row| &cities[row]) }
}

fn by_distance(cities: &[City]) -> Answer<'_> {
    let vectors: Vec<_> = cities.iter().map(|city| unit_vector(city.lat, city.lon)).collect();
    farthest_by(cities, |i, j| distance_km(vectors[i], vectors[j]))
}

fn by_haversine(cities: &[City]) -> Answer<'_> {
    farthest_by(cities, |i, j| haversine_km(&cities[i], &cities[j]))
}

/// `calc_dist` of the notebook, line by line, but for the clamp of 1 − a.
fn haversine_km(first: &City, second: &City) -> f64 {
    let p1 = first.lat / 180.0 * PI;
    let p2 = second.lat / 180.0 * PI;
    let cp1 = libm::cos(p1);
    let cp2 = libm::cos(p2);
    let dp = p2 - p1;
    let dl = (first.lon - second.lon) / 180.0 * PI;
    let a = square(libm::sin(dp / 2.0)) + cp1 * cp2 * square(libm::sin(dl / 2.0));
    let c = 2.0 * libm::atan2(libm::sqrt(a), libm::sqrt(f64::max(1.0 - a, 0.0)));
    6371.0 * c
}

fn square(x: f64) -> f64 {
    x * x
}

/// Writes a list as text, packs it, and returns both paths, each with the form it must report.
fn both_forms(folder: &Folder, list: &List) -> [(String, &'static str); 2] {
    let text = folder.write(&format!("{}.txt", list.name), list.text());
    let packed = pack(&text);
    [(text, "text"), (packed, "packed")]
}

/// Runs every variant on both forms of a list and compares the answers with the plain loops.
fn assert_plain_answers(list: &List, rank_counts: &[u64]) {
    let folder = Folder::new();
    let files = both_forms(&folder, list);
    for variant in VARIANTS {
        let expected = (variant.oracle)(&list.cities).json();
        for &ranks in rank_counts {
            for (file, form) in &files {
                let arguments = [&["pair", file, "--format", "json"], variant.arguments].concat();
                let outcome = Job::on_ranks(ranks).run(&arguments);
                let report = outcome.expect_json();
                assert_eq!(answer_in(&outcome.stdout), expected, "{}: {outcome:#?}", list.name);
                assert_eq!(report["status"], "ok");
                assert_eq!(report["file"]["format"], *form);
                assert_eq!(report["cities"], list.cities.len());
                assert_eq!([&report["pairs"], &report["pairs_covered"]], [list.pairs(); 2]);
                assert_eq!([&report["ranks"], &report["nproc"]], [ranks; 2]);
                assert_eq!(report["method"], variant.method.name());
            }
        }
    }
}

#[test]
fn on_any_number_of_ranks_the_answer_is_the_plain_loops() {
    for list in lists::touchy() {
        assert_plain_answers(&list, &RANK_COUNTS);
    }
}

#[test]
fn on_three_ranks_every_list_has_the_plain_loops_answer() {
    for list in lists::others() {
        assert_plain_answers(&list, &[3]);
    }
}

/// All lists, methods and forms again for every number of ranks up to 7, without a launcher:
/// each rank's share is searched in turn, and the farthest of what they found is the answer.
#[test]
fn the_shares_of_any_number_of_ranks_make_the_plain_loops_answer() {
    let folder = Folder::new();
    for list in lists::touchy().into_iter().chain(lists::others()) {
        let files = both_forms(&folder, &list);
        for variant in VARIANTS {
            let expected = (variant.oracle)(&list.cities);
            let expected_rows = expected.pair.map(|city| city.row);
            for (file, form) in &files {
                for ranks in 1..=7 {
                    let (farthest, covered) = search_in_shares(file, variant.method, ranks);
                    let case = format!("{}, {form}, {:?}, {ranks}", list.name, variant.method);
                    assert_eq!(covered, u128::from(list.pairs()), "{case}");
                    assert_eq!(farthest.rows, expected_rows, "{case}");
                    let [found, wanted] = [farthest.distance_km, expected.distance_km];
                    assert_eq!(found.to_bits(), wanted.to_bits(), "{case}: {found} {wanted}");
                }
            }
        }
    }
}

/// The farthest pair of all shares, and the number of pairs that they cover together.
fn search_in_shares(file: &str, method: Method, ranks: u64) -> (FarPair, u128) {
    let file = CityFile::open(Path::new(file)).expect("the file was just written");
    let cities = file.load(&TextOptions::default()).expect("the cities are sound");
    let atlas = cities.atlas();
    let shares = (0..ranks)
        .map(|rank| search(&atlas, method, rank, ranks).expect("every distance is a number"));
    let shares: Vec<_> = shares.collect();
    let farthest = shares.iter().filter_map(|share| share.farthest).max_by(FarPair::compare);
    (farthest.expect("there is a pair"), shares.iter().map(|share| share.covered).sum())
}
