//! One answer, byte for byte: every method, on any number of ranks, from text and from packed
//! form, gives what a plain loop over all pairs gives.
//!
//! The loops below are the oracle. They know neither tiles nor ranks, and take the first pair of
//! the greatest distance in the order of rows, which is the lowest by definition. For `naive` the
//! formula is written out again from the notebook; for all other methods it is the one distance
//! of [`farthest::sphere`], which `tests/sphere.rs` holds against 50-digit arithmetic.
//!
//! A method is one entry of [`VARIANTS`]; instruction sets are all that the machine has.

#![cfg(feature = "mpi")]

mod common;

use std::f64::consts::PI;
use std::path::Path;

use common::lists::{self, City, List};
use common::{Folder, Job, Verdict, assert_error, kernels, pack, search_in_shares};
use farthest::kernel::{Isa, Kernel};
use farthest::search::Method;
use farthest::source::{CityFile, LoadOptions};
use farthest::sphere::{distance_km, unit_vector};
use farthest::team::Alone;
use serde::Serialize;

/// A way to search, and the loop that it must agree with.
struct Variant {
    method: Method,
    oracle: fn(&[City]) -> Answer<'_>,
}

const VARIANTS: [Variant; 5] = [
    Variant { method: Method::Naive, oracle: by_haversine },
    Variant { method: Method::Exhaustive, oracle: by_distance },
    Variant { method: Method::Pruned, oracle: by_distance },
    Variant { method: Method::Join, oracle: by_distance },
    Variant { method: Method::Tree, oracle: by_distance },
];

impl Variant {
    /// The instruction sets to force: every one that this machine has; the first is the fastest.
    /// `naive` has no use for any.
    fn isas(&self) -> Vec<Isa> {
        let mut isas: Vec<Isa> = kernels().iter().map(Kernel::isa).collect();
        if self.method == Method::Naive {
            isas.truncate(1);
        }
        isas
    }
}

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

/// Runs every variant on both forms of a list and compares the answers with the plain loops. The
/// instruction set is forced, and the report must say that it ran, where the method has kernels; or, if `isa` is none,
/// it is the fastest.
fn assert_plain_answers(list: &List, isa: Option<Isa>, rank_counts: &[u64]) {
    let folder = Folder::new();
    let files = both_forms(&folder, list);
    let fastest = Kernel::choose(None).expect("the scalar kernels run everywhere").isa();
    for variant in VARIANTS {
        let expected = (variant.oracle)(&list.cities).json();
        for &ranks in rank_counts {
            for (file, form) in &files {
                let mut arguments =
                    vec!["pair", file, "--format", "json", "--method", variant.method.name()];
                arguments.extend(isa.iter().flat_map(|isa| ["--isa", isa.name()]));
                let outcome = Job::on_ranks(ranks).run(&arguments);
                let report = outcome.expect_json();
                assert_eq!(outcome.answer(), expected, "{}: {outcome:#?}", list.name);
                assert_eq!(report["status"], "ok");
                assert_eq!(report["file"]["format"], *form);
                assert_eq!(report["cities"], list.cities.len());
                assert_eq!([&report["pairs"], &report["pairs_covered"]], [list.pairs(); 2]);
                assert_eq!([&report["ranks"], &report["nproc"]], [ranks; 2]);
                assert_eq!(report["method"], variant.method.name());
                assert_eq!(report["dist"], "mapped");
                let isa = match variant.method {
                    Method::Naive => "none",
                    _ => isa.unwrap_or(fastest).name(),
                };
                assert_eq!(report["isa"], isa);
            }
        }
    }
}

#[test]
fn on_any_number_of_ranks_the_answer_is_the_plain_loops() {
    for list in lists::touchy() {
        assert_plain_answers(&list, None, &RANK_COUNTS);
    }
}

#[test]
fn on_three_ranks_every_list_has_the_plain_loops_answer() {
    for list in lists::others() {
        assert_plain_answers(&list, None, &[3]);
    }
}

/// A forced instruction set runs, or the program refuses it; it never takes another in its place.
#[test]
fn a_forced_instruction_set_runs_or_is_refused() {
    let list = lists::random(129);
    for isa in Isa::ALL {
        if Kernel::choose(Some(isa)).is_some() {
            assert_plain_answers(&list, Some(isa), &[1, 3]);
            continue;
        }
        println!("this machine has no {}: it must be refused", isa.name());
        let folder = Folder::new();
        let file = folder.write("list.txt", list.text());
        assert_error(&["pair", &file, "--isa", isa.name()], 2, &["--isa", isa.name()]);
    }
}

/// Nobody has this one, and what is no name is refused in the same way.
#[test]
fn an_unheard_of_instruction_set_is_refused() {
    let folder = Folder::new();
    let file = folder.write("list.txt", lists::random(2).text());
    assert_error(&["pair", &file, "--isa", "avx1024"], 2, &["--isa", "avx1024", "scalar"]);
}

/// Without arguments the pruned search runs, with the fastest instruction set.
#[test]
fn pruned_is_the_default() {
    let folder = Folder::new();
    let list = lists::random(1000);
    let file = folder.write("list.txt", list.text());
    let outcome = Job::alone().run(&["pair", &file, "--format", "json"]);
    let report = outcome.expect_json();
    assert_eq!(outcome.answer(), by_distance(&list.cities).json());
    assert_eq!([&report["method"], &report["isa"]], ["pruned", kernels()[0].isa().name()]);
    let evaluated = report["pairs_evaluated"].as_u64().expect("a number of pairs");
    assert!(evaluated < list.pairs() / 2, "{evaluated} of {} pairs", list.pairs());
    assert_eq!(report["search"], "join");
    let by_tree = Job::alone().run(&["pair", &file, "--format", "json", "--method", "tree"]);
    assert_eq!(by_tree.answer(), outcome.answer());
    assert_eq!(by_tree.expect_json()["search"], "tree");
    let opened = by_tree.expect_json()["groups_opened"].as_u64().expect("a number of groups");
    assert!(opened > 0);
    let by_all = Job::alone().run(&["pair", &file, "--format", "json", "--method", "exhaustive"]);
    assert_eq!(by_all.expect_json().get("search"), None);
}

/// All lists, methods, instruction sets and forms again for every number of ranks up to 7, without
/// a launcher: each rank's share is searched in turn, and the farthest of what they found is the
/// answer.
#[test]
fn the_shares_of_any_number_of_ranks_make_the_plain_loops_answer() {
    let folder = Folder::new();
    for list in lists::touchy().into_iter().chain(lists::others()) {
        for (file, form) in both_forms(&folder, &list) {
            let file = CityFile::open(Path::new(&file)).expect("the file was just written");
            let cities = file.load(&Alone, &LoadOptions::default()).expect("the cities are sound");
            let atlas = cities.atlas();
            for variant in VARIANTS {
                let Answer { distance_km, pair } = (variant.oracle)(&list.cities);
                let pairs = u128::from(list.pairs());
                let expected = Verdict::new(distance_km, pair.map(|city| city.row), pairs);
                for isa in variant.isas() {
                    let kernel = Kernel::choose(Some(isa)).expect("the machine has it");
                    for ranks in 1..=7 {
                        let (found, _) = search_in_shares(&atlas, variant.method, kernel, ranks);
                        let (name, method) = (&list.name, variant.method);
                        assert_eq!(found, expected, "{name}, {form}, {method:?}, {isa:?}, {ranks}");
                    }
                }
            }
        }
    }
}
