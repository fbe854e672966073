//! Proves that a report says what was taken from a list, what was left out, and what to doubt; and that
//! a list may come through standard input.

#![cfg(feature = "mpi")]

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use common::{BINARY, Folder, Job, Mpi, REPOSITORY};
use serde_json::Value;

/// The lines of a report that begin with a key.
fn lines<'a>(report: &'a str, key: &str) -> Vec<&'a str> {
    let start = format!("{key}:");
    report.lines().filter_map(|line| line.strip_prefix(&start)).map(str::trim).collect()
}

fn notes(report: &Value) -> Vec<&str> {
    let notes = report["notes"].as_array().expect("an array");
    notes.iter().map(|note| note.as_str().expect("a sentence")).collect()
}

#[test]
fn every_report_says_what_was_taken_and_left_out() {
    let folder = Folder::new();
    let text =
        "id;stop_name;stop_lat;stop_lon\n1;a;1,5;2,5\n2;b;;\n3;c;-1,5;-177\n4;d;NA;NA\n5;e;x;1\n";
    let file = folder.write("stops.csv", text);
    let columns = "latitude \"stop_lat\" (3), longitude \"stop_lon\" (4), name \"stop_name\" (2); \
                   delimited text, semicolon, UTF-8";
    let left_out = "2 rows without coordinates, 1 row that is no city";
    let packed = folder.file("stops.cities");
    for arguments in [
        &["pair", &file, "--skip-invalid"][..],
        &["info", &file, "--skip-invalid"],
        &["pack", &file, &packed, "--skip-invalid"],
    ] {
        let outcome = Job::alone().run(arguments);
        let report = outcome.expect_ok();
        assert_eq!(lines(report, "columns"), [columns], "{report}");
        assert_eq!(lines(report, "left out"), [left_out], "{report}");
        assert!(report.contains("line 6: expected a latitude"), "{report}");
    }
    for job in Job::alone_and_on_ranks() {
        let arguments = ["pair", &file, "--skip-invalid", "--format", "json"];
        let report = job.run(&arguments).expect_json();
        assert_eq!(report["skipped"]["count"], 3);
        assert_eq!(report["skipped"]["without_coordinates"], 2);
        assert_eq!(report["skipped"]["first"].as_array().expect("an array").len(), 1);
        assert_eq!(
            report["columns"]["latitude"],
            serde_json::json!({"name": "stop_lat", "number": 3})
        );
        assert_eq!(report["columns"]["delimiter"], "semicolon");
        assert_eq!(report["columns"]["compression"], Value::Null);
    }
    // A packed file has none.
    let report = Job::alone().run(&["pair", &packed, "--format", "json"]).expect_json();
    assert_eq!(report["columns"]["form"], "packed");
    assert_eq!(report["columns"]["latitude"], Value::Null);
    assert_eq!(lines(Job::alone().run(&["pair", &packed]).expect_ok(), "columns"), [""; 0]);
}

#[test]
fn columns_with_parts_of_an_angle_are_told_too() {
    let folder = Folder::new();
    let text = "name,lat_deg,lat_min,NS,lon_deg,lon_min,EW\na,1,30,N,2,0,E\nb,1,30,S,178,0,W\n";
    let file = folder.write("parts.csv", text);
    let outcome = Job::alone().run(&["pair", &file]);
    let told = "latitude \"lat_deg\" (2) with \"lat_min\" (3) and \"NS\" (4), longitude \"lon_deg\" (5) with \
                \"lon_min\" (6) and \"EW\" (7), name \"name\" (1); delimited text, comma, UTF-8";
    assert_eq!(lines(outcome.expect_ok(), "columns"), [told]);
    let report = Job::alone().run(&["pair", &file, "--format", "json"]).expect_json();
    let parts = &report["columns"]["latitude"]["parts"];
    assert_eq!(parts[1], serde_json::json!({"name": "NS", "number": 4}));
}

#[test]
fn info_is_the_dry_run_and_shows_the_columns_first() {
    let folder = Folder::new();
    let file = folder.write("cities.csv", "Ort;Breite;Länge\nA;1;2\nB;3;4\n");
    let outcome = Job::alone().run(&["info", &file]);
    let report = outcome.expect_ok();
    let mut first = report.lines();
    assert!(first.next().expect("a line").starts_with("columns:"), "{report}");
    assert_eq!(first.next(), Some("There are 2 cities."));
    assert_eq!(first.next(), Some("First city is: (\"A\", 1.0, 2.0)"));
}

#[test]
fn zeros_are_noted_and_whether_they_are_in_the_answer() {
    let folder = Folder::new();
    let at = |name: &str, text: &str| {
        let file = folder.write(name, text);
        let report = Job::alone().run(&["pair", &file, "--format", "json"]).expect_json();
        notes(&report).join("; ")
    };
    let in_answer = at("in.csv", "lat,lon\n0,0\n0,179\n5,5\n");
    assert!(in_answer.contains("1 city lies at exactly 0, 0"), "{in_answer}");
    assert!(in_answer.contains("in the answer"), "{in_answer}");
    let outside = at("out.csv", "lat,lon\n0,0\n0,0.0\n50,10\n-50,-170\n");
    assert!(outside.contains("2 cities lie at exactly 0, 0"), "{outside}");
    assert!(!outside.contains("in the answer"), "{outside}");
    assert_eq!(at("none.csv", "lat,lon\n0,1\n1,0\n"), "");
}

#[test]
fn values_that_may_be_radians_or_minutes_are_noted() {
    let folder = Folder::new();
    let note = |name: &str, rows: &[String]| {
        let file = folder.write(name, format!("lat,lon\n{}\n", rows.join("\n")));
        let report = Job::alone().run(&["info", &file, "--format", "json"]).expect_json();
        notes(&report).join("; ")
    };
    let rows = |rows: u32, row: &dyn Fn(u32) -> String| (0..rows).map(row).collect::<Vec<_>>();
    let radians = rows(5, &|row| format!("{}.25,-{}.125", row % 2, row % 3));
    assert!(note("rad.csv", &radians).contains("radians"), "{radians:?}");
    // Four are too few, and a value beyond pi/2 is none.
    assert_eq!(note("few.csv", &radians[..4]), "");
    assert_eq!(note("deg.csv", &[&radians[..], &["1.6,0".into()]].concat()), "");
    let minutes = rows(10, &|row| format!("{row}.{:02},1{row}.{:02}", row * 6, 59 - row));
    assert!(note("min.csv", &minutes).contains("minutes"), "{minutes:?}");
    assert_eq!(note("less.csv", &minutes[..9]), "");
    assert_eq!(note("more.csv", &[&minutes[..], &["5.60,7.10".into()]].concat()), "");
    assert_eq!(note("finer.csv", &[&minutes[..], &["5.301,7.10".into()]].concat()), "");
    // Whole degrees are whole degrees.
    assert_eq!(note("grid.csv", &rows(20, &|row| format!("{row},{}", 2 * row + 1))), "");
}

#[test]
fn copies_of_the_answer_are_noted() {
    let folder = Folder::new();
    let file = folder.write("cities.csv", "lat,lon\n1,2\n1,2\n-1,-178\n1,2.0\n40,50\n");
    for file in [&file, &common::pack(&file)] {
        let report = Job::alone().run(&["pair", file, "--format", "json"]).expect_json();
        let notes = notes(&report).join("; ");
        assert!(notes.contains("2 other rows hold the very place of the first city"), "{notes}");
        assert!(!notes.contains("second city"), "{notes}");
        assert_eq!(report["pair"][0]["row"], 0);
    }
}

#[test]
fn a_guessed_encoding_is_noted() {
    let folder = Folder::new();
    let file = folder.write("ansi.csv", b"name,lat,lon\nZ\xfcrich,47,8\nx,1,2\n");
    let outcome = Job::alone().run(&["info", &file]);
    let report = outcome.expect_ok();
    assert!(lines(report, "note").join("").contains("Windows-1252 assumed"), "{report}");
    assert!(report.contains("First city is: (\"Zürich\", 47.0, 8.0)"), "{report}");
    let outcome = Job::alone().run(&["info", &file, "--encoding", "windows-1252"]);
    assert_eq!(lines(outcome.expect_ok(), "note"), [""; 0]);
}

/// Runs a command of ours with bytes on its standard input, and returns what it has packed.
fn packed_through(words: &[&str], bytes: &[u8]) -> Vec<u8> {
    let folder = Folder::new();
    let packed = folder.file("out.cities");
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args([BINARY, "pack", "-", &packed]);
    command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    command.env("TMPDIR", folder.path());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("all is read");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    std::fs::read(&packed).expect("it is packed")
}

/// What `pack` makes of a file with these bytes.
fn packed_from(name: &str, bytes: &[u8]) -> Vec<u8> {
    let folder = Folder::new();
    let file = folder.write(name, bytes);
    std::fs::read(common::pack(&file)).expect("it is packed")
}

#[test]
fn standard_input_is_packed_as_a_file_is() {
    let launch = format!("{REPOSITORY}/scripts/launch");
    let cities = std::fs::read(format!("{REPOSITORY}/data/cities15000.tsv")).expect("committed");
    let expected = packed_from("cities.tsv", &cities);
    assert!(packed_through(&["env"], &cities) == expected);
    // MPICH's mpiexec gives up on a program that does not read a full pipe at once ("process
    // reading stdin too slowly"), so that it gets what a pipe holds.
    let lines: usize = if Mpi::of_binary() == Mpi::Mpich { 500 } else { usize::MAX };
    let cities = cities.split_inclusive(|&byte| byte == b'\n').take(lines).collect::<Vec<_>>();
    let cities = cities.concat();
    let expected_of_launched = packed_from("cities.tsv", &cities);
    for ranks in ["1", "3"] {
        assert!(packed_through(&[&launch, ranks], &cities) == expected_of_launched, "{ranks}");
    }
    // A packed file too, and what is compressed.
    assert!(packed_through(&["env"], &expected) == expected);
    let gzip =
        std::fs::read(format!("{REPOSITORY}/tests/forms/gzip/cities.csv.gz")).expect("there");
    assert!(packed_through(&["env"], &gzip) == packed_from("cities.csv.gz", &gzip));
}
