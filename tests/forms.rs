//! The corpus of point lists in `tests/forms`, one small file for each form in which they come: the
//! binary reads each file right, or refuses it with the words that help.
//!
//! `index.json` says what has to come of each file; it was made with the files, from independent
//! formulas, and never from our own output. The verdicts are those of `score.py` beside it, which
//! prints them for any binary: `tests/forms/score.py BINARY tests/forms --verbose`. One thing is
//! stricter here: a note is looked for in the report without blanks between its parts, so that two
//! numbers of a list are no note.

#![cfg(feature = "mpi")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;

use common::{Job, Outcome, REPOSITORY, SOME_RANKS};
use regex::RegexBuilder;
use serde::Deserialize;
use serde_json::{Value, json};

/// A file of the corpus and what has to come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    args: Vec<String>,
    expect: Expected,
    #[serde(default)]
    also_fine: Vec<Expected>,
    #[serde(rename = "why")]
    _why: String,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Expected {
    Refusal(Refusal),
    Reading(Reading),
}

/// The exit code, and regular expressions that all match the message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    refuse: i32,
    message_must_mention: Vec<String>,
}

/// What the report says: the cities, the rows left out, the two rows of the pair and its distance on
/// the sphere; where it matters, the names of the two, and notes as regular expressions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    cities: u64,
    skipped: u64,
    pair_rows: [u64; 2],
    distance_km: f64,
    names: Option<[String; 2]>,
    #[serde(default)]
    note_must_mention: Vec<String>,
}

/// How a file went. The first three are sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Read, and all is that of the file.
    Right,
    /// Refused with the right code and words.
    Refused,
    /// Not the first choice, but another outcome that the index lists.
    AlsoFine,
    /// The pair is right, but the report lacks a note.
    Note,
    /// The pair is right, but not its names.
    Names,
    /// The pair is right, but not the count of the rows left out.
    Skipped,
    /// Refused as it should be, but without the words.
    Terse,
    /// Refused, though it can be read.
    Unread,
    /// Ended in another way.
    Crash,
    /// An answer that is not in the file.
    Wrong,
}

use Verdict::{AlsoFine, Crash, Names, Note, Refused, Right, Skipped, Terse, Unread, Wrong};

/// How a run of `farthest pair --format json` ended.
struct Run {
    code: i32,
    /// The report; of an output that is none, an object with all that was said as its message.
    report: Value,
    path: String,
}

impl Run {
    fn of(job: &Job, entry: &Entry) -> Run {
        let path = format!("{REPOSITORY}/tests/forms/{}", entry.file);
        let mut words = vec!["pair", "--format", "json"];
        words.extend(entry.args.iter().map(String::as_str));
        words.push(&path);
        let Outcome { code, stdout, stderr, .. } = job.run(&words);
        let report = serde_json::from_str(&stdout)
            .unwrap_or_else(|_| json!({ "message": format!("{stdout}{stderr}") }));
        Run { code, report, path }
    }

    /// The message without the path, which holds the name of the form.
    fn message(&self) -> String {
        self.report["message"].as_str().unwrap_or("").replace(&self.path, "")
    }

    fn pair(&self, field: &str) -> Vec<Value> {
        let pair = self.report["pair"].as_array();
        pair.into_iter().flatten().map(|city| city[field].clone()).collect()
    }

    /// The report without pair, times and path, in which a number or a name may look like a note.
    fn notes(&self) -> String {
        let mut report = self.report.clone();
        if let Some(fields) = report.as_object_mut() {
            fields.retain(|name, _| !["pair", "times_s", "file"].contains(&name.as_str()));
        }
        report.to_string()
    }
}

fn mentions(patterns: &[String], text: &str) -> bool {
    patterns.iter().all(|pattern| {
        let expression = RegexBuilder::new(pattern).case_insensitive(true).build();
        expression.expect("the index has regular expressions").is_match(text)
    })
}

impl Refusal {
    fn judge(&self, run: &Run) -> Verdict {
        match run.code {
            0 => Wrong,
            code if code != self.refuse && ![2, 65].contains(&code) => Crash,
            code if code != self.refuse => Terse,
            _ if mentions(&self.message_must_mention, &run.message()) => Refused,
            _ => Terse,
        }
    }
}

impl Reading {
    fn judge(&self, run: &Run) -> Verdict {
        if run.code != 0 {
            return if [2, 65, 66].contains(&run.code) { Unread } else { Crash };
        }
        let report = &run.report;
        let distance_km = report["distance_km"].as_f64().unwrap_or(f64::NAN);
        let is_as_far = (distance_km - self.distance_km).abs() <= 1e-6;
        if report["cities"] != self.cities || run.pair("row") != self.pair_rows || !is_as_far {
            return Wrong;
        }
        if report["skipped"]["count"].as_u64().unwrap_or(0) != self.skipped {
            return Skipped;
        }
        if self.names.as_ref().is_some_and(|names| run.pair("name") != *names) {
            return Names;
        }
        if mentions(&self.note_must_mention, &run.notes()) { Right } else { Note }
    }
}

impl Expected {
    fn judge(&self, run: &Run) -> Verdict {
        match self {
            Expected::Refusal(refusal) => refusal.judge(run),
            Expected::Reading(reading) => reading.judge(run),
        }
    }
}

impl Entry {
    fn judge(&self, run: &Run) -> Verdict {
        let first = self.expect.judge(run);
        let others: Vec<Verdict> = self.also_fine.iter().map(|other| other.judge(run)).collect();
        let is_sound = |verdict: &Verdict| [Right, Refused].contains(verdict);
        if is_sound(&first) {
            first
        } else if others.iter().any(is_sound) {
            AlsoFine
        } else {
            let soft = |verdict: &Verdict| [Note, Names, Skipped].contains(verdict);
            [first].into_iter().chain(others).find(soft).unwrap_or(first)
        }
    }
}

fn entries() -> Vec<Entry> {
    let index = fs::read_to_string(format!("{REPOSITORY}/tests/forms/index.json"));
    serde_json::from_str(&index.expect("the corpus has an index")).expect("it is a list of entries")
}

/// Runs the binary on the entries and asserts that every verdict is sound; else shows them all.
fn assert_sound(job: &Job, entries: &[Entry]) {
    let mut verdicts: Vec<(Verdict, String)> = thread::scope(|scope| {
        let verdict = |entry: &Entry| {
            let run = Run::of(job, entry);
            let verdict = entry.judge(&run);
            let said = if run.code == 0 { run.report["pair"].to_string() } else { run.message() };
            let said = said.replace('\n', " ").chars().take(200).collect::<String>();
            (verdict, format!("{:8} {:40} {} {said}", format!("{verdict:?}"), entry.file, run.code))
        };
        // Most of a run is the start of MPI.
        let share = entries.len().div_ceil(thread::available_parallelism().map_or(1, usize::from));
        let judges: Vec<_> = entries
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(verdict).collect::<Vec<_>>()))
            .collect();
        judges.into_iter().flat_map(|judge| judge.join().expect("a judge ends")).collect()
    });
    verdicts.sort();
    let count = |wanted| verdicts.iter().filter(|(verdict, _)| *verdict == wanted).count();
    let unsound = verdicts.iter().filter(|(verdict, _)| *verdict > AlsoFine).count();
    let sound = [Right, Refused, AlsoFine].map(|verdict| (verdict, count(verdict)));
    let lines: Vec<&str> = verdicts.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(unsound, 0, "sound are {sound:?}, the others not:\n{}", lines.join("\n"));
}

#[test]
fn every_form_is_read_right_or_refused_with_the_words_that_help() {
    let entries = entries();
    assert_eq!(entries.len(), 130, "the whole corpus is there");
    assert_sound(&Job::alone(), &entries);
}

/// Files that several ranks read too: some that are read, some that are refused.
const ON_RANKS: [&str; 6] =
    ["no_coordinates", "geojson", "utf16", "gzip", "two_candidates", "spreadsheet"];

#[test]
fn several_ranks_read_and_refuse_as_one_does() {
    let folder = |entry: &Entry| Path::new(&entry.file).parent().map(Path::to_path_buf);
    let is_chosen = |entry: &Entry| {
        folder(entry).is_some_and(|folder| ON_RANKS.iter().any(|name| folder == Path::new(name)))
    };
    let entries: Vec<Entry> = entries().into_iter().filter(is_chosen).collect();
    assert_eq!(entries.len(), ON_RANKS.len());
    assert_sound(&Job::on_ranks(SOME_RANKS), &entries);
}

#[test]
fn no_file_of_the_corpus_is_missing_in_its_index() {
    let told: BTreeSet<String> = entries().into_iter().map(|entry| entry.file).collect();
    let corpus = Path::new(REPOSITORY).join("tests/forms");
    let folders = fs::read_dir(&corpus).expect("the corpus is there").flatten();
    let mut there = BTreeSet::new();
    for folder in folders.filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).expect("it is a folder").flatten() {
            let [folder, name] = [folder.file_name(), file.file_name()]
                .map(|name| name.into_string().expect("the names are UTF-8"));
            // A shapefile is several files, of which the index names one.
            if ![".shx", ".dbf", ".cpg"].iter().any(|extension| name.ends_with(extension)) {
                there.insert(format!("{folder}/{name}"));
            }
        }
    }
    assert_eq!(there, told);
}

#[test]
fn the_judge_tells_the_verdicts_apart() {
    let reading = json!({ "cities": 3, "skipped": 1, "pair_rows": [0, 2], "distance_km": 12.5,
        "names": ["a", "b"], "note_must_mention": ["0, 0|zero"] });
    let refusal = json!({ "refuse": 65, "message_must_mention": [":3", "utf-16"] });
    let verdict = |expect: &Value, also_fine: &[&Value], code, report: &Value| {
        let entry = json!({ "file": "utf16/f", "args": [], "expect": expect, "why": "", "source": "",
            "also_fine": also_fine });
        let entry: Entry = serde_json::from_value(entry).expect("an entry");
        entry.judge(&Run { code, report: report.clone(), path: "utf-16/f".into() })
    };
    let good = json!({ "cities": 3, "skipped": { "count": 1 }, "distance_km": 12.500_000_9,
        "pair": [{ "row": 0, "name": "a" }, { "row": 2, "name": "b" }], "notes": ["Zero it is"] });
    let edited = |field: &str, value: Value| {
        let mut report = good.clone();
        report[field] = value;
        report
    };
    assert_eq!(verdict(&reading, &[], 0, &good), Right);
    for (field, value, expected) in [
        ("distance_km", json!(12.500_002), Wrong),
        ("distance_km", Value::Null, Wrong),
        ("cities", json!(4), Wrong),
        ("pair", json!([{ "row": 0, "name": "a" }, { "row": 1, "name": "b" }]), Wrong),
        ("pair", json!([{ "row": 0, "name": "b" }, { "row": 2, "name": "a" }]), Names),
        ("skipped", json!({ "count": 0 }), Skipped),
        ("notes", json!([[0, 0]]), Note),
    ] {
        assert_eq!(verdict(&reading, &[], 0, &edited(field, value.clone())), expected, "{value}");
    }
    let says = |message: &str| json!({ "message": message });
    assert_eq!(verdict(&refusal, &[], 65, &says("utf-16/f:3: it is UTF-16")), Refused);
    assert_eq!(verdict(&refusal, &[], 65, &says("utf-16/f:3: it is odd")), Terse);
    assert_eq!(verdict(&refusal, &[], 2, &says("utf-16/f:3: it is UTF-16")), Terse);
    assert_eq!(verdict(&refusal, &[], 101, &says("utf-16/f:3: it is UTF-16")), Crash);
    assert_eq!(verdict(&refusal, &[], 0, &good), Wrong);
    assert_eq!(verdict(&reading, &[], 65, &says("")), Unread);
    assert_eq!(verdict(&reading, &[], 101, &says("")), Crash);
    assert_eq!(verdict(&refusal, &[&reading], 0, &good), AlsoFine);
    assert_eq!(verdict(&refusal, &[&reading], 0, &edited("notes", json!([]))), Note);
    assert_eq!(verdict(&reading, &[&refusal], 65, &says(":3 UTF-16")), AlsoFine);
}
