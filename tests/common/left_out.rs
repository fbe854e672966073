//! Tests that are left out because something is missing: they are told and counted, and fail where it must be there.
//!
//! A test that passes says nothing, so what it left out would be seen by nobody. It is written into the file that
//! FARTHEST_LEFT_OUT names, from which `scripts/left-out` makes the last lines of `scripts/test`.

use std::fs::OpenOptions;
use std::io::Write;

/// What can be missing, by the names that FARTHEST_REQUIRE takes; `scripts/left-out` has the same list.
pub const KINDS: [&str; 12] = [
    "cluster",
    "mpich",
    "open-mpi",
    "consumers",
    "notebook",
    "conversions",
    "mounts",
    "cgroups",
    "instructions",
    "shellcheck",
    "cities",
    "other",
];

/// Tells that a test, or a part of it, is left out, and why.
///
/// # Panics
/// If FARTHEST_REQUIRE, names with commas between them, has this kind.
pub fn left_out(kind: &str, reason: &str) {
    assert!(KINDS.contains(&kind), "{kind} is missing in KINDS");
    let test = std::thread::current();
    let test = format!("{}::{}", env!("CARGO_CRATE_NAME"), test.name().unwrap_or("?"));
    let reason = reason.trim().replace(['\t', '\n'], " ");
    println!("left out: {reason}");
    if let Some(file) = std::env::var_os("FARTHEST_LEFT_OUT") {
        let file = OpenOptions::new().append(true).create(true).open(file);
        let line = format!("{kind}\t{test}\t{reason}\n");
        // One write, because other tests write at the same time.
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the file takes a line");
    }
    let required = std::env::var("FARTHEST_REQUIRE").unwrap_or_default();
    let is_required = required.split(',').any(|one| one.trim() == kind);
    assert!(!is_required, "FARTHEST_REQUIRE has {kind}, but {test} was left out: {reason}");
}
