//! Runs files of `farthest scaling`, damaged in many ways: they are read or refused in one harmless line, and what is
//! made of a study that is read is text, CSV, JSON and XML.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use farthest::error::Error;
use farthest::scaling::{Study, export, plot, runs, table};
use serde_json::{Value, json};

use super::common::{Folder, Random};
use super::harness::{Target, attack, require};
use super::lists::{check_plain, check_text, mutate};

/// Numbers at the borders of what a field holds, and beyond them.
const NUMBERS: [&str; 22] = [
    "0",
    "-0.0",
    "-1",
    "1",
    "2",
    "0.5",
    "1e-320",
    "1e-30",
    "1e9",
    "1e15",
    "1e300",
    "1e308",
    "1e400",
    "-1e300",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "3e38",
    "null",
    "\"1\"",
    "NaN",
    "[]",
];

/// Runs files under attack.
struct Runs {
    seeds: Vec<Vec<u8>>,
    folder: Folder,
    files: AtomicU64,
}

impl Target for Runs {
    type Case = Vec<u8>;

    fn case(&self, number: u64) -> Vec<u8> {
        damaged(&self.seeds, &mut Random::new(number))
    }

    fn check(&self, bytes: &Vec<u8>) -> Result<(), String> {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let file = PathBuf::from(self.folder.write(&format!("runs-{number}.jsonl"), bytes));
        let read = [0, 1].map(|_| runs::read(std::slice::from_ref(&file)));
        fs::remove_file(&file).expect("it was written");
        let [read, again] = read;
        match (read, again) {
            (Ok(read), Ok(again)) => {
                require(read.len() == again.len(), || "another reading the second time".into())?;
                // Of runs that differ too much only what is made with `--mix` can be looked at.
                for mix in [false, true] {
                    match Study::of(read.clone(), mix) {
                        Ok(study) => study.as_ref().map_or(Ok(()), check_study)?,
                        Err(error) => check_error(&error)?,
                    }
                }
                Ok(())
            }
            (Err(error), Err(again)) => {
                let is_same = error.to_string() == again.to_string();
                require(is_same, || "another message the second time".into())?;
                check_error(&error)
            }
            _ => Err("read once and refused once".into()),
        }
    }

    fn shown(&self, bytes: Vec<u8>, fails: &dyn Fn(&Vec<u8>) -> bool) -> String {
        let mut lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
        let mut at = 0;
        while at < lines.len() {
            let mut fewer = lines.clone();
            fewer.remove(at);
            if fails(&fewer.join(&b'\n')) {
                lines = fewer;
            } else {
                at += 1;
            }
        }
        lines.join(&b'\n').escape_ascii().to_string()
    }
}

/// One of some texts of JSON, damaged in one to three places.
pub fn damaged(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(3) {
        match random.below(3) {
            0 => mutate(&mut bytes, seeds, random),
            _ => replace_value(&mut bytes, random),
        }
    }
    bytes
}

/// Another number, text or nothing in the place of a value of JSON.
fn replace_value(bytes: &mut Vec<u8>, random: &mut Random) {
    let is_part = |byte: u8| byte.is_ascii_digit() || b".-+e".contains(&byte);
    let begins = |&at: &usize| bytes[at - 1] == b':' && is_part(bytes[at]);
    let starts: Vec<usize> = (1..bytes.len()).filter(begins).collect();
    if !starts.is_empty() {
        let start = random.one_of(&starts);
        let length = bytes[start..].iter().take_while(|&&byte| is_part(byte)).count();
        bytes.splice(start..start + length, random.one_of(&NUMBERS).bytes());
    }
}

fn check_error(error: &Error) -> Result<(), String> {
    let message = error.to_string();
    let is_of_data = matches!(error, Error::Line { .. } | Error::Data { .. } | Error::Usage { .. });
    require(is_of_data, || format!("an error of another kind; {message}"))?;
    require(message.contains("expected "), || format!("words; {message}"))?;
    check_text(&message)
}

/// What is made of a study can be read by whoever reads its form.
fn check_study(study: &Study) -> Result<(), String> {
    for text in [table::text(study), table::markdown(study)] {
        text.lines().try_for_each(check_plain)?;
    }
    let written = |write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut bytes = Vec::new();
        write(&mut bytes).expect("a vector takes all");
        bytes
    };
    let csv = written(&|out| export::csv(study, out));
    let rows = csv::Reader::from_reader(&csv[..]).into_records().map(|row| row.map(|_| ()));
    rows.collect::<Result<(), _>>().map_err(|error| format!("no CSV; {error}"))?;
    for line in written(&|out| export::extrap(study, out)).split(|&byte| byte == b'\n') {
        let is_json = line.is_empty() || serde_json::from_slice::<Value>(line).is_ok();
        require(is_json, || format!("no JSON; {}", line.escape_ascii()))?;
    }
    let picture = plot::svg(study).map_err(|error| format!("no picture; {error}"))?;
    let parsed = roxmltree::Document::parse(&picture);
    parsed.map(|_| ()).map_err(|error| format!("no XML; {error}"))
}

/// A run that went well.
fn run(kind: &str, cities: u64, ranks: u64, repeat: u64, time_s: f64) -> Value {
    let pairs = cities * (cities - 1) / 2;
    let phase = |share: f64| json!({ "max": share * time_s });
    json!({
        "kind": kind, "scale": if kind == "weak" { json!("pairs") } else { Value::Null },
        "ranks": ranks, "repeat": repeat, "status": "ok", "exit_code": 0,
        "command": ["mpirun", "-n", ranks.to_string(), "farthest"], "date": "2026-11-22T15:00:00Z",
        "host": {
            "hostname": "node1", "processor": "Some <Processor>", "cores": 8, "binding": "core",
            "launcher": "mpirun",
        },
        "report": {
            "version": "0.1.0", "cities": cities, "pairs": pairs, "pairs_covered": pairs,
            "method": "exhaustive", "isa": "avx2", "ranks": ranks, "nodes": 1, "mpi": "Some MPI 1.0",
            "execution_time": time_s, "load_balance": 0.97,
            "times_s": {
                "open": phase(0.01), "parse": phase(0.06), "order": phase(0.03), "share": phase(0.02),
                "read": phase(0.12), "search": phase(0.75), "reduce": phase(0.25),
            },
            "file": { "checksum": format!("xxh3:{cities:016x}") },
        },
        "error": null,
    })
}

/// A strong study, a weak one, and one in which a run failed.
fn seeds() -> Vec<Vec<u8>> {
    let text = |lines: Vec<Value>| {
        lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
    };
    let strong = |ranks: u64, repeat: u64| {
        run("strong", 10_001, ranks, repeat, 8.0 / ranks as f64 + 0.01 * repeat as f64)
    };
    let weak = |ranks: u64| run("weak", 1000 * ranks, ranks, 1, 1.0 + 0.1 * ranks as f64);
    let mut failed = strong(4, 2);
    failed["status"] = "failed".into();
    failed["error"] = "farthest: it broke\nand said more".into();
    let all = [1, 2, 4].into_iter().flat_map(|ranks| [0, 1, 2].map(|repeat| strong(ranks, repeat)));
    vec![
        text(all.collect()),
        text([1, 2, 4, 8].map(weak).to_vec()),
        text(vec![strong(1, 1), strong(2, 1), failed]),
        text(vec![strong(1, 1)]),
    ]
}

#[test]
fn no_damage_to_a_runs_file_does_harm() {
    attack(&Runs { seeds: seeds(), folder: Folder::new(), files: AtomicU64::new(0) }, 5_000);
}
