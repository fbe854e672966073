//! Proves that a test which is left out is told, counted, and refused where what it wants must be there.

mod common;

use std::fs;
use std::process::Command;

use common::{Folder, KINDS, Outcome, REPOSITORY, left_out};

const USAGE: i32 = 2;

/// What `scripts/left-out` says of these lines, of one MPI each.
fn summary(files: &[(&str, &str)], required: &str) -> Outcome {
    let folder = Folder::new();
    for (name, lines) in files {
        folder.write(name, lines);
    }
    let mut command = Command::new(format!("{REPOSITORY}/scripts/left-out"));
    command.arg(folder.path()).env("FARTHEST_REQUIRE", required);
    Outcome::of("scripts/left-out", command.output().expect("the script is there"))
}

#[test]
fn tests_are_counted_once_for_each_mpi_and_told_with_kind_and_reason() {
    let lines =
        "mounts\trooms::a\tno mount\nmounts\trooms::a\tno mount\ncluster\tcluster::b\tno root\n";
    let outcome = summary(&[("mpicc.openmpi", lines), ("mpicc.mpich", lines)], "");
    let said = outcome.expect_ok();
    assert!(said.starts_with("scripts/test: 4 tests were left out"), "{said}");
    for part in ["1 for want of mounts: no mount; mpicc.mpich: rooms::a", "cluster: no root"] {
        assert!(said.contains(part), "expected {part:?} in {said}");
    }
    assert_eq!(summary(&[], "").expect_ok(), "scripts/test: no test was left out\n");
}

#[test]
fn what_is_required_and_missing_is_a_failure() {
    let lines = "cluster\tcluster::b\tno root\n";
    for (required, code) in [("", 0), ("mpich,notebook", 0), ("mpich,cluster", 1), ("all", USAGE)] {
        let outcome = summary(&[("mpicc", lines)], required);
        assert_eq!(outcome.code, code, "{required}: {outcome:#?}");
    }
    // The script knows all kinds that tests name, and all that are required where everything must be there.
    summary(&[], &KINDS.join(",")).expect_ok();
    let run = fs::read_to_string(format!("{REPOSITORY}/.ci/run")).expect("it is there");
    assert!(run.contains("FARTHEST_REQUIRE-cluster,mpich,consumers,notebook}"), "{run}");
}

#[test]
#[ignore = "it fails where that is asked; the next test starts it"]
fn something_is_missing() {
    left_out("other", "of a\ttest");
}

#[test]
fn a_test_writes_what_it_leaves_out_and_fails_if_it_must_not() {
    let folder = Folder::new();
    let file = folder.file("left-out");
    let start = |required: &str| {
        let mut test = Command::new(std::env::current_exe().expect("this test"));
        test.args(["--exact", "something_is_missing", "--ignored", "--test-threads=2"]);
        test.env("FARTHEST_LEFT_OUT", &file).env("FARTHEST_REQUIRE", required);
        test.output().expect("it starts").status.success()
    };
    assert!(start("cluster") && !start("cluster,other"));
    let line = "other\tleft_out::something_is_missing\tof a test\n";
    assert_eq!(fs::read_to_string(file).expect("it was written"), line.repeat(2));
}
