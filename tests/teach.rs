//! What is there for teaching: `--dist scatter`, the notebook's list of pairs, finds what
//! `--method naive` finds; `--explain` tells truly which rank did what.

#![cfg(feature = "mpi")]

mod common;

use common::lists::{List, random, touchy};
use common::{Folder, Job, assert_error, pack};
use farthest::error::Error;
use farthest::scatter::require_room;
use serde_json::Value;

const USAGE: i32 = 2;
const BAD_DATA: i32 = 65;

/// The ways to search that `--explain` explains.
const WAYS: [&[&str]; 4] =
    [&["--method", "naive"], &["--method", "exhaustive"], &["--method", "pruned"], SCATTER];

const SCATTER: &[&str] = &["--dist", "scatter"];

fn assert_scatter_is_naive(list: &List, rank_counts: &[u64]) {
    let folder = Folder::new();
    let file = folder.write("list.txt", list.text());
    let arguments = ["pair", &file, "--format", "json"];
    let naive = Job::alone().run(&[&arguments[..], &["--method", "naive"]].concat());
    for &ranks in rank_counts {
        let scattered = Job::on_ranks(ranks).run(&[&arguments[..], SCATTER].concat());
        let report = scattered.expect_json();
        assert_eq!(scattered.answer(), naive.answer(), "{} on {ranks} ranks", list.name);
        assert_eq!([&report["method"], &report["dist"]], ["naive", "scatter"]);
        assert_eq!(report["ranks"], ranks);
        let counts = ["pairs", "pairs_covered", "pairs_evaluated"].map(|count| &report[count]);
        assert_eq!(counts, [list.pairs(); 3], "{} on {ranks} ranks", list.name);
    }
}

/// Where there is no terminal, nobody is left alone with a search of every pair: stopped here before it has begun to last.
#[test]
fn a_long_naive_search_says_beforehand_how_long_it_takes() {
    let cities = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cities15000.tsv");
    let words = ["pair", cities, "--method", "naive", "--max-seconds", "0.001"];
    let said = |more: &[&str]| Job::alone().run(&[&words[..], more].concat()).stderr;
    let text = said(&[]);
    assert!(text.contains("measures all 578187015 pairs") && text.contains("--progress"), "{text}");
    for more in [&["--quiet"][..], &["--format", "json"], &["--progress", "1000"]] {
        assert_eq!(said(more), "", "{more:?}");
    }
    assert_eq!(Job::alone().run(&[&words[..2], &["--max-seconds", "100"]].concat()).stderr, "");
}

#[test]
fn a_scattered_list_has_the_answer_of_naive_byte_for_byte() {
    for list in touchy() {
        assert_scatter_is_naive(&list, &[1, 2, 3, 5]);
    }
}

/// 4,498,500 pairs: more than the 4,194,304 that go out at a time.
#[test]
fn a_list_that_goes_out_in_rounds_has_it_too() {
    assert_scatter_is_naive(&random(3000), &[1, 2, 3]);
}

#[test]
fn scatter_may_be_said_together_with_naive_and_with_no_other_method() {
    let folder = Folder::new();
    let file = folder.write("list.txt", random(65).text());
    let arguments = ["pair", &file, "--dist", "scatter", "--method"];
    Job::on_ranks(2).run(&[&arguments[..], &["naive"]].concat()).expect_ok();
    for method in ["exhaustive", "pruned"] {
        let parts = ["--method naive with --dist scatter", &format!("found --method {method}")];
        assert_error(&[&arguments[..], &[method]].concat(), USAGE, &parts);
    }
}

/// One rank finds the mistake in one round, and goes on with the others to the end.
#[test]
fn a_coordinate_that_is_none_ends_a_list_that_goes_out_in_rounds() {
    let folder = Folder::new();
    let list = random(3000);
    let packed = pack(&folder.write("list.txt", list.text()));
    let mut bytes = std::fs::read(&packed).expect("the list was just packed");
    let latitude = list.cities[0].lat.to_le_bytes();
    let at = bytes.windows(8).position(|window| window == latitude).expect("its latitude");
    bytes[at..at + 8].copy_from_slice(&f64::NAN.to_le_bytes());
    let damaged = folder.write("damaged.cities", bytes);
    let arguments = ["pair", &damaged, "--dist", "scatter"];
    assert_error(&arguments, BAD_DATA, &["damaged.cities: expected a distance", "found NaN"]);
}

/// A million cities have 16 TB of pairs.
#[test]
fn a_list_that_memory_cannot_hold_is_refused_with_what_it_needs() {
    let folder = Folder::new();
    let file = folder.file("million.cities");
    Job::alone().run(&["generate", "1000000", &file]).expect_ok();
    let needed = "expected 16000118217728 bytes";
    let parts = [needed, "499999500000 pairs", "available", "leave --dist scatter out"];
    assert_error(&["pair", &file, "--dist", "scatter"], USAGE, &parts);
}

/// A pair takes 32 bytes, once in the list and once where it is received; an eighth stays free.
#[test]
fn a_list_is_refused_from_the_first_byte_that_is_missing() {
    let (pairs, needed_bytes) = (700, 2 * 700 * 32);
    let enough = needed_bytes / 7 * 8;
    require_room(pairs, Some(enough)).expect("there is room");
    require_room(pairs, None).expect("where nothing is known, nothing is refused");
    let refused = require_room(pairs, Some(enough - 2)).expect_err("a byte is missing");
    assert!(matches!(refused, Error::Usage { .. }), "{refused}");
    require_room(u128::from(u64::MAX), Some(u64::MAX)).expect_err("more bytes than a word counts");
}

/// The report of a job, and what it explains of each rank.
fn explained(list: &List, way: &[&str], ranks: u64) -> (Value, Vec<Value>) {
    let folder = Folder::new();
    let file = folder.write("list.txt", list.text());
    let arguments = [&["pair", &file, "--format", "json", "--explain"], way].concat();
    let report = Job::on_ranks(ranks).run(&arguments).expect_json();
    let shares = report["explain"].as_array().expect("a list of ranks").clone();
    (report, shares)
}

fn integer(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("expected an integer, found {value}"))
}

#[test]
fn the_shares_explained_add_up_to_the_report() {
    let list = random(1000);
    for way in WAYS {
        for ranks in [1, 3] {
            let (report, shares) = explained(&list, way, ranks);
            let numbers: Vec<u64> = shares.iter().map(|share| integer(&share["rank"])).collect();
            assert_eq!(numbers, (0..ranks).collect::<Vec<_>>());
            let sum = |field: &str| shares.iter().map(|share| integer(&share[field])).sum::<u64>();
            assert_eq!(sum("pairs_covered"), list.pairs(), "{way:?} on {ranks} ranks");
            assert_eq!(sum("pairs_evaluated"), integer(&report["pairs_evaluated"]));
            let longest_s = shares.iter().filter_map(|share| share["search_s"].as_f64());
            let longest_s = longest_s.fold(0.0, f64::max);
            assert_eq!(report["times_s"]["search"]["max"], longest_s);
            for share in &shares {
                assert_eq!(share["host"], report["hosts"][0]);
                let shown = share["first_blocks"].as_array().expect("a list of blocks").len();
                assert_eq!(shown as u64, integer(&share["blocks"]).min(3));
            }
        }
    }
}

/// Counts how often the blocks of all ranks hold each pair of so few cities that no rank has more
/// blocks than are shown.
fn assert_blocks_hold_every_pair_once(cities: usize, way: &[&str], ranks: u64) {
    let (_, shares) = explained(&random(cities), way, ranks);
    let mut times = vec![0; cities * cities];
    for share in &shares {
        let blocks = share["first_blocks"].as_array().expect("a list of blocks");
        assert_eq!(blocks.len() as u64, integer(&share["blocks"]), "{way:?}: all are shown");
        let mut pairs = 0;
        for block in blocks {
            let [rows, columns] = [0, 1].map(|which| {
                let [start, end] = [0, 1].map(|end| integer(&block[which][end]) as usize);
                start..end
            });
            for i in rows {
                for j in columns.clone().filter(|&j| j > i) {
                    times[i * cities + j] += 1;
                    pairs += 1;
                }
            }
        }
        assert_eq!(pairs, integer(&share["pairs_covered"]), "{way:?}, {share}");
    }
    for i in 0..cities {
        for j in 0..cities {
            let expected = i32::from(i < j);
            assert_eq!(times[i * cities + j], expected, "{way:?} on {ranks} ranks: ({i}, {j})");
        }
    }
}

#[test]
fn the_blocks_explained_hold_every_pair_once() {
    for ranks in [2, 5] {
        // Three tiles, and so six blocks of them; a list of six pairs in three rows.
        for way in WAYS[..3].iter().filter(|way| !way.contains(&"pruned")) {
            assert_blocks_hold_every_pair_once(129, way, ranks);
        }
        assert_blocks_hold_every_pair_once(4, SCATTER, ranks);
    }
    // Three regions, and so six blocks: one for each side.
    for ranks in [3, 5] {
        assert_blocks_hold_every_pair_once(129, &["--method", "pruned"], ranks);
    }
}

#[test]
fn the_text_has_a_row_for_each_rank_behind_the_report() {
    let folder = Folder::new();
    let file = folder.write("list.txt", random(1000).text());
    for way in WAYS {
        let outcome = Job::on_ranks(3).run(&[&["pair", &file, "--explain"], way].concat());
        // The first of the two tables tells what they read.
        let (report, tables) = outcome.expect_ok().split_once("\n\nrank ").expect("a table");
        let (reading, table) = tables.split_once("\n\nrank ").expect("a second table");
        assert_eq!(reading.lines().count(), 1 + 3, "{outcome:#?}");
        assert!(report.lines().any(|line| line.starts_with("Computing time: ")), "{report}");
        let rows: Vec<Vec<&str>> =
            table.lines().skip(1).map(|row| row.split('|').map(str::trim).collect()).collect();
        let ranks: Vec<&str> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(ranks, ["0", "1", "2"], "{outcome:#?}");
        let covered: u64 = rows.iter().map(|row| row[2].parse::<u64>().expect("pairs")).sum();
        assert_eq!(covered, random(1000).pairs());
        assert!(rows.iter().any(|row| row[5] == "100.0 %"), "one rank is the longest: {table}");
        assert!(rows.iter().all(|row| row[7].contains(" x ")), "blocks: {table}");
    }
}

#[test]
fn nothing_is_explained_unless_it_is_asked_for() {
    let folder = Folder::new();
    let file = folder.write("list.txt", random(65).text());
    for job in Job::alone_and_on_ranks() {
        let report = job.run(&["pair", &file, "--format", "json"]).expect_json();
        assert!(report.get("explain").is_none(), "{report}");
        assert!(!job.run(&["pair", &file]).expect_ok().contains("\nrank "));
    }
    assert_error(&["pair", &file, "--explain", "--quiet"], USAGE, &["--explain", "--quiet"]);
}
