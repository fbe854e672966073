//! What the binary prints when all is well: the report in its three forms, rows left out on
//! request, and answers that are known from an independent source.

#![cfg(feature = "mpi")]

mod common;

use std::f64::consts::PI;

use common::lists::{antipodal, random};
use common::{Folder, Job, REPOSITORY, SOME_RANKS, left_out, pack};
use serde_json::Value;

/// Every field that the documentation of the JSON report promises.
const FIELDS: [&str; 33] = [
    "/status",
    "/version",
    "/distance_km",
    "/pair/0/row",
    "/pair/1/name",
    "/pair/1/lat",
    "/pair/1/lon",
    "/cities",
    "/pairs",
    "/pairs_covered",
    "/pairs_evaluated",
    "/groups_opened",
    "/method",
    "/dist",
    "/isa",
    "/metric",
    "/radius_km",
    "/ranks",
    "/nproc",
    "/nodes",
    "/hosts/0",
    "/mpi",
    "/execution_time",
    "/load_balance",
    "/file/path",
    "/file/bytes",
    "/file/checksum",
    "/columns/latitude/number",
    "/columns/longitude/number",
    "/columns/form",
    "/columns/encoding",
    "/skipped/count",
    "/notes",
];

/// The phases whose times it tells; the first four are the parts of the fifth.
const PHASES: [&str; 7] = ["open", "parse", "order", "share", "read", "search", "reduce"];

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

#[test]
fn the_json_report_has_every_promised_field_and_times_of_each_phase() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", random(65).text());
    for job in Job::alone_and_on_ranks() {
        let report = job.run(&["pair", &file, "--format", "json"]).expect_json();
        for field in FIELDS {
            assert!(report.pointer(field).is_some_and(|value| !value.is_null()), "{field}");
        }
        assert_eq!(report["metric"], "sphere");
        assert_eq!(report["radius_km"], 6371.0);
        assert_eq!(report["file"]["path"], file.as_str());
        let evaluated = report["pairs_evaluated"].as_u64().expect("a number of pairs");
        assert!((1..=65 * 64 / 2).contains(&evaluated), "{evaluated}");
        let phases = report["times_s"].as_object().expect("times of phases");
        let names: Vec<&str> = phases.keys().map(String::as_str).collect();
        assert_eq!(sorted(&names), sorted(&PHASES));
        // The sum of the means is the mean of the sums; each is rounded.
        let mean = |phase: &str| number(&phases[phase]["mean"]);
        let parts: f64 = PHASES[..4].iter().map(|part| mean(part)).sum();
        assert_near(mean("read"), parts, 1e-12 * parts);
        for (phase, spread) in phases {
            let [min, mean, max] = ["min", "mean", "max"].map(|which| number(&spread[which]));
            // The mean of equal times may be off by a rounding.
            let rounding = 1e-12 * max;
            assert!(0.0 <= min && min <= mean + rounding && mean <= max + rounding, "{phase}");
        }
    }
}

#[test]
fn the_text_report_ends_with_the_notebooks_two_lines() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", antipodal(20).text());
    for job in Job::alone_and_on_ranks() {
        let outcome = job.run(&["pair", &file]);
        let lines: Vec<&str> = outcome.expect_ok().lines().collect();
        assert_last_lines(&lines[lines.len() - 2..], "Maximum distance: 20015 km");
        for start in [
            "read ",
            "reduce ",
            "reading: ",
            "first:",
            "second:",
            "distance:",
            "search",
            "load balance:",
        ] {
            assert!(lines.iter().any(|line| line.starts_with(start)), "{start}: {lines:?}");
        }
        assert!(lines[..lines.len() - 2].iter().any(|line| {
            line.strip_prefix("Result:").is_some_and(|result| result.trim() == "VALID")
        }));
    }
}

#[test]
fn quiet_prints_the_answer_and_the_notebooks_two_lines_and_nothing_else() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", antipodal(20).text());
    for job in Job::alone_and_on_ranks() {
        let outcome = job.run(&["pair", &file, "--quiet"]);
        let lines: Vec<&str> = outcome.expect_ok().lines().collect();
        let [first, second, distance, last @ ..] = &lines[..] else { panic!("{lines:?}") };
        assert!(first.starts_with("first:") && second.starts_with("second:"), "{lines:?}");
        assert!(distance.starts_with("distance:        20015.0867960"), "{lines:?}");
        assert_last_lines(last, "Maximum distance: 20015 km");
    }
}

fn assert_last_lines(lines: &[&str], distance: &str) {
    let [first, second] = lines else { panic!("expected two lines, found {lines:?}") };
    assert_eq!(*first, distance);
    let time = second.strip_prefix("Computing time: ").and_then(|rest| rest.strip_suffix(" sec"));
    let time_s: f64 = time.expect("a time").parse().expect("a number of seconds");
    assert!(time_s >= 0.0, "{second}");
}

#[test]
fn help_and_version_are_printed_once_whatever_the_number_of_ranks() {
    for job in Job::alone_and_on_ranks() {
        let version = job.run(&["--version"]);
        assert_eq!(version.expect_ok(), concat!("farthest ", env!("CARGO_PKG_VERSION"), "\n"));
        let help = job.run(&["--help"]);
        assert_eq!(help.expect_ok().matches("Usage:").count(), 1, "{help:#?}");
        let help = job.run(&["pair", "--help"]);
        assert_eq!(help.expect_ok().matches("--method <").count(), 1, "{help:#?}");
    }
}

/// Options stand under what they are about, each of them once, and examples before all.
#[test]
fn help_begins_with_examples_and_groups_its_options() {
    for command in ["pair", "each"] {
        let help = Job::alone().run(&[command, "--help"]);
        let help = help.expect_ok();
        assert!(help.starts_with(&format!("Examples:\n  farthest {command} ")), "{help}");
        let mut at = 0;
        for (heading, option) in [
            ("Input", "--lat <COLUMN>"),
            ("Question", "--metric"),
            ("Search", "--isa"),
            ("Report", "--format"),
            ("Job", "--allow-singletons"),
        ] {
            let (above, below) = help.split_once(&format!("\n{heading}:\n")).expect(heading);
            assert!(above.len() > at, "{heading} stands where it is looked for: {help}");
            at = above.len();
            // The next heading begins a line, and options do not.
            let lines = below.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
            assert!(lines.collect::<String>().contains(option), "{option} under {heading}: {help}");
        }
    }
    assert!(Job::alone().run(&["--help"]).expect_ok().starts_with("Examples:\n"));
}

#[test]
fn the_city_list_gives_the_answer_of_the_independent_source() {
    let folder = Folder::new();
    let committed = format!("{REPOSITORY}/data/cities15000.tsv");
    let text = std::fs::read(committed).expect("the city list is in the repository");
    let text = folder.write("cities15000.tsv", text);
    for file in [&text, &pack(&text)] {
        let report = Job::on_ranks(2).run(&["pair", file, "--format", "json"]).expect_json();
        assert_eq!(rows(&report), [542, 6375]);
        assert_eq!(names(&report), ["Las Varillas, AR", "Hefei, CN"]);
        assert_near(number(&report["distance_km"]), 20014.361316640, 1e-9);
        assert_eq!(report["cities"], 34_006);
        assert_eq!(report["pairs_covered"], 578_187_015);
    }
}

#[test]
fn of_exactly_antipodal_pairs_the_lowest_rows_win() {
    let folder = Folder::new();
    let list = antipodal(500);
    let first = &list.cities[0];
    let is_antipode =
        |lat: f64, lon: f64| lat == -first.lat && (lon - first.lon - 180.0).abs() < 1e-9;
    let partner = list.cities.iter().position(|city| is_antipode(city.lat, city.lon));
    let partner = partner.expect("the first city has an antipode") as u64;
    let text = folder.write("antipodal.txt", list.text());
    for file in [&text, &pack(&text)] {
        let report =
            Job::on_ranks(SOME_RANKS).run(&["pair", file, "--format", "json"]).expect_json();
        assert_near(number(&report["distance_km"]), PI * 6371.0, 1e-9);
        assert_eq!(rows(&report), [0, partner]);
    }
}

/// The notebook's list may not be committed; FARTHEST_NOTEBOOK_CITIES says where it is.
#[test]
fn the_notebooks_list_gives_the_notebooks_number() {
    let Some(file) = std::env::var_os("FARTHEST_NOTEBOOK_CITIES") else {
        left_out("cities", "FARTHEST_NOTEBOOK_CITIES does not name the notebook's city list");
        return;
    };
    let file = file.to_str().expect("the path is UTF-8");
    let arguments = ["pair", file, "--format", "json", "--method"];
    for job in Job::alone_and_on_ranks() {
        let naive = job.run(&[&arguments[..], &["naive"]].concat());
        naive.expect_json();
        let number_as_text = "\"distance_km\": 19983.405422311647,";
        assert!(naive.stdout.contains(number_as_text), "{naive:#?}");
        let exhaustive = job.run(&[&arguments[..], &["exhaustive"]].concat()).expect_json();
        assert_near(number(&exhaustive["distance_km"]), 19983.405422311647, 1e-6);
        let mut cities = names(&exhaustive);
        cities.sort();
        assert_eq!(cities, ["Pekanbaru", "Quito"]);
    }
}

/// Lines 1 and 3 are comment and header; of data rows 0 to 9 seven are no cities.
const LIST_WITH_FLAWS: &str = "# as found\n\nlat,lon,name\n\
    1,2,here\n\
    x,1,\n\
    1,361,\n\
    95,400,\n\
    NaN,1,\n\
    0,0,middle\n\
    1\n\
    ,1,\n\
    0,inf,\n\
    -1,-178,there\n";

#[test]
fn rows_left_out_are_counted_and_shown_and_the_others_keep_their_rows() {
    let folder = Folder::new();
    let file = folder.write("flaws.csv", LIST_WITH_FLAWS);
    for job in Job::alone_and_on_ranks() {
        let report = job.run(&["pair", &file, "--skip-invalid", "--format", "json"]).expect_json();
        assert_eq!(report["cities"], 3);
        assert_eq!(rows(&report), [0, 9]);
        assert_eq!(report["skipped"]["count"], 7);
        let shown: Vec<&str> =
            report["skipped"]["first"].as_array().expect("a list").iter().map(text).collect();
        let lines = ["line 5: ", "line 6: ", "line 7: ", "line 8: ", "line 10: "];
        assert_eq!(shown.len(), lines.len(), "{shown:?}");
        for (problem, line) in shown.iter().zip(lines) {
            assert!(problem.starts_with(line) && problem.contains("found"), "{problem}");
        }

        let outcome = job.run(&["pair", &file, "--skip-invalid"]);
        let report = outcome.expect_ok();
        let has = |wanted: &str| report.lines().any(|line| line.trim() == wanted);
        assert!(shown.iter().all(|problem| has(problem)), "{report}");
        assert!(has("and 2 more"), "{report}");
        assert!(!report.contains("line 11:"), "{report}");
    }
}

#[test]
fn what_each_rank_read_is_explained_and_of_a_packed_file_it_is_nothing() {
    let folder = Folder::new();
    let file = folder.write("flaws.csv", LIST_WITH_FLAWS);
    let packed = folder.file("flaws.cities");
    Job::alone().run(&["pack", &file, &packed, "--skip-invalid"]).expect_ok();
    let below = LIST_WITH_FLAWS[LIST_WITH_FLAWS.find("1,2").expect("the first row")..].len() as u64;
    for (arguments, all) in [
        (&["pair", &file, "--explain", "--skip-invalid"][..], [below, 10, 3]),
        (&["pair", &packed, "--explain"], [0; 3]),
    ] {
        let job = Job::on_ranks(SOME_RANKS);
        let report = job.run(&[arguments, &["--format", "json"]].concat()).expect_json();
        let shares = report["explain"].as_array().expect("a share of each rank");
        let of_all = ["bytes_read", "rows_read", "cities_read"].map(|name| {
            shares.iter().map(|share| share[name].as_u64().expect("a number")).sum::<u64>()
        });
        assert_eq!(of_all, all, "each row is read by one rank");
        for share in shares {
            assert!(number(&share["read_s"]) <= number(&report["times_s"]["read"]["max"]));
        }
        let outcome = job.run(arguments);
        let table = "rank     | host";
        let expected = if all == [0; 3] { 1 } else { 2 };
        assert_eq!(outcome.expect_ok().matches(table).count(), expected, "{outcome:#?}");
        assert_eq!(outcome.stdout.contains("cities read"), expected == 2, "{outcome:#?}");
    }
}

#[test]
fn a_packed_file_keeps_the_rows_of_a_source_with_flaws() {
    let folder = Folder::new();
    let file = folder.write("flaws.csv", LIST_WITH_FLAWS);
    let packed = folder.file("flaws.cities");
    let outcome = Job::alone().run(&["pack", &file, &packed, "--skip-invalid"]);
    assert!(outcome.expect_ok().contains("line 5: "), "{outcome:#?}");
    let report = Job::on_ranks(2).run(&["pair", &packed, "--format", "json"]).expect_json();
    assert_eq!(rows(&report), [0, 9]);
    assert_eq!(names(&report), ["here", "there"]);
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("expected a number, found {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("expected a string, found {value}"))
}

fn rows(report: &Value) -> [u64; 2] {
    [0, 1].map(|which| report["pair"][which]["row"].as_u64().expect("a row"))
}

fn names(report: &Value) -> [&str; 2] {
    [0, 1].map(|which| text(&report["pair"][which]["name"]))
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    let difference = (found - expected).abs();
    assert!(difference <= tolerance, "expected {expected} within {tolerance}, found {found}");
}
