//! Proves that `scripts/compare` measures what it says: every way of its table finds the answer of
//! every other, and a way that does not fit is stopped and said to be. With the Python of the system
//! alone; the ways that need packages run where the script itself is run.

#![cfg(feature = "mpi")]

mod common;

use std::fs;
use std::process::Command;

use common::lists::random;
use common::{Folder, Outcome, REPOSITORY, left_out};

const USAGE: i32 = 2;
const WAYS: [&str; 5] = ["serial", "multiprocessing", "naive", "exhaustive", "pruned"];

/// Runs the script with the binary of these tests; it leaves table and samples in the folder.
fn compare(folder: &Folder, arguments: &[&str]) -> Outcome {
    let ours = ["--plain", "--program", env!("CARGO_BIN_EXE_farthest"), "--repeat", "1"];
    let mut command = script("1800");
    command.args(ours).args(["--out", &folder.file("out")]).args(arguments);
    command.env("TMPDIR", folder.path());
    outcome(command)
}

fn script(limit_s: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", limit_s]).arg(format!("{REPOSITORY}/scripts/compare"));
    command
}

fn outcome(mut command: Command) -> Outcome {
    let output = command.output().expect("timeout(1) of coreutils is installed");
    Outcome::of(format!("{command:?}"), output).expect_end()
}

/// The cells of the table's rows, without its head.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().filter(|line| line.starts_with("| "));
    let cells = |line: &'_ str| line.trim_matches('|').split('|').count();
    assert!(lines.clone().all(|line| cells(line) == 10), "{table}");
    lines.skip(2).map(|line| line[1..].split('|').map(str::trim).collect()).collect()
}

/// The row of a way on so many workers.
fn row<'a>(rows: &'a [Vec<&'a str>], way: &str, workers: &str) -> &'a [&'a str] {
    rows.iter()
        .find(|row| row[0] == way && row[1].starts_with(workers))
        .unwrap_or_else(|| panic!("no row of {way} on {workers}: {rows:#?}"))
}

/// Asserts that a command line is refused in words that have all the `parts`.
fn assert_refused(outcome: &Outcome, parts: &[&str]) {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (USAGE, ""), "{outcome:#?}");
    for part in parts {
        assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
    }
}

/// Asserts that each way has its rows, on all cities and with the same pair as the others.
fn assert_all_agree(outcome: &Outcome, cities: &str) {
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let rows = rows(&outcome.stdout);
    for way in WAYS {
        for workers in ["1 ", "2 "] {
            if (way, workers) == ("serial", "2 ") {
                continue;
            }
            let row = row(&rows, way, workers);
            assert_eq!(row[2], cities, "{row:?}");
            assert_eq!(row[8..10], ["same pair", ""], "{row:?}");
        }
    }
    assert_eq!(rows.len(), 2 * WAYS.len() - 1, "the serial loop has one row: {rows:#?}");
}

#[test]
fn every_way_is_in_the_table_with_the_same_answer() {
    let folder = Folder::new();
    let outcome = compare(&folder, &[&folder.write("cities.txt", random(300).text())]);
    assert_all_agree(&outcome, "300");
    let table = fs::read_to_string(folder.file("out/table.md")).expect("the table is written");
    assert_eq!(table, outcome.stdout);
    assert_eq!(folder.names(), ["cities.txt", "out"], "temporary files are gone");
    for part in
        ["9 rows of 2 runs each; a run ends after 120 s at most", "9 of 9: farthest, pruned"]
    {
        assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
    }
}

/// The notebook's list may not be committed; FARTHEST_NOTEBOOK_CITIES says where it is.
#[test]
fn on_the_notebooks_list_every_way_finds_the_notebooks_number() {
    let Some(file) = std::env::var_os("FARTHEST_NOTEBOOK_CITIES") else {
        left_out("cities", "FARTHEST_NOTEBOOK_CITIES does not name the notebook's city list");
        return;
    };
    let folder = Folder::new();
    let outcome = compare(&folder, &[file.to_str().expect("the path is UTF-8")]);
    assert_all_agree(&outcome, "1,101");
    assert!(outcome.stdout.contains(", 19983.405422312 km."), "{outcome:#?}");
}

/// 1,500 cities have 1,124,250 pairs, whose list takes 86 MiB at the least; the subset's 3.4 MiB.
#[test]
fn a_way_whose_list_does_not_fit_is_stopped_and_shown_on_a_subset() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", random(1500).text());
    let ways = ["--ways", "serial,pruned", "--workers", "1", "--subset", "300", "--memory", "64"];
    let outcome = compare(&folder, &[&[&file[..]], &ways[..]].concat());
    assert_eq!(outcome.code, 0, "to be stopped is no failure: {outcome:#?}");
    let rows = rows(&outcome.stdout);
    let serial = row(&rows, "serial", "1 ");
    assert_eq!((serial[2], serial[8]), ("300", "same pair"), "{serial:?}");
    for part in ["all 1,500 cities", "list of 1,124,250 pairs", "85.8 MiB", "64 MiB", "estimated"] {
        assert!(serial[9].contains(part), "expected {part:?} in {serial:?}");
    }
    assert!(serial[7].starts_with('≈'), "an estimate says so: {serial:?}");
    let pruned = row(&rows, "pruned", "1 ");
    assert_eq!((pruned[2], pruned[8], pruned[9]), ("1,500", "same pair", ""), "{pruned:?}");
}

/// The list of 179,700 pairs takes 13.7 MiB at the least, which fits; the interpreter and the
/// distances do not, which is seen as it runs.
#[test]
fn a_way_that_grows_past_the_limit_is_ended() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", random(600).text());
    let arguments = [&file, "--ways", "serial,pruned", "--workers", "1", "--memory", "16"];
    let outcome = compare(&folder, &arguments);
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let rows = rows(&outcome.stdout);
    let serial = row(&rows, "serial", "1 ");
    assert_eq!((serial[2], serial[3]), ("-", "-"), "{serial:?}");
    assert!(serial[9].contains("ended when it held more than the limit of 16 MiB"), "{serial:?}");
    assert_eq!(row(&rows, "pruned", "1 ")[8], "same pair");
}

/// A farthest that reports other cities than the farthest two, in the words of the real one.
const LIAR: &str = r#"#!/bin/sh
"$REAL" "$@" | case "$*" in
    *pruned*) sed 's/"row": 4,/"row": 5,/; t; s/"row": 5,/"row": 6,/' ;;
    *) cat ;;
esac
"#;

#[test]
fn a_way_with_a_wrong_answer_fails() {
    let folder = Folder::new();
    let liar = folder.write_program("liar", LIAR.replace("$REAL", env!("CARGO_BIN_EXE_farthest")));
    let capitals = format!("{REPOSITORY}/data/capitals.txt");
    let arguments =
        [&capitals, "--ways", "naive,pruned", "--workers", "1", "--program", liar.as_str()];
    let outcome = compare(&folder, &arguments);
    assert_eq!(outcome.code, 1, "{outcome:#?}");
    let rows = rows(&outcome.stdout);
    assert_eq!(row(&rows, "naive", "1 ")[8], "same pair");
    let wrong = row(&rows, "pruned", "1 ")[9];
    assert!(
        wrong.starts_with("failed: found rows [5, 6], which are nearer than [4, 5]"),
        "{wrong}"
    );
}

#[test]
fn a_way_that_is_not_there_and_a_file_that_is_not_there_are_refused() {
    let folder = Folder::new();
    let outcome = compare(&folder, &["--ways", "pruned,magic"]);
    assert_refused(&outcome, &["expected ways", "found magic"]);
    let missing = folder.file("missing.txt");
    assert_refused(&compare(&folder, &[&missing]), &["expected a city file", &missing]);
}

/// In less time than it takes to build or to install anything, on a machine that is busy.
#[test]
fn a_command_line_that_is_wrong_is_refused_before_anything_is_built() {
    let folder = Folder::new();
    let [missing, file] = [folder.file("missing"), folder.write("file", "")];
    let beside = format!("{file}/out");
    for (arguments, found) in [
        (["--bogus", "--record"], "found '--bogus'"),
        (["--limit", "abc"], "expected a number above 0, found 'abc'"),
        (["--memory", "nan"], "expected a number above 0, found 'nan'"),
        (["--workers", "1,0"], "expected 1 or more, found '0'"),
        (["--plain", &missing], &format!("expected a city file, found none at {missing}")),
        (["--program", &missing], "expected a program after --program, found none"),
        (["--program", &folder.file("")], "expected a program after --program, found none"),
        (["--program", &file], "expected a program after --program, found none"),
        (["--out", &beside], &format!("expected a folder after --out, found a file at {file}")),
    ] {
        let mut command = script("600");
        command.args(arguments);
        assert_refused(&outcome(command), &[found]);
    }
}
