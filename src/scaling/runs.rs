//! A runs file ↔ runs: one JSON object for each line, written by a study, read and held against itself here.
//!
//! A line that claims more than it shows is refused like one that cannot be read: a run counts as
//! fine only if its report has no flaw (`valid.rs`).

use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::limits;
use super::valid::{Flaw, flaw};
use crate::error::{Error, Result};
use crate::report::RunReport;

/// One run of a study.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it is written.
    pub place: Place,
    /// What was asked for, and how it ended.
    pub line: Line,
    /// What it measured; of a failed or invalid run nothing.
    pub report: Option<RunReport>,
}

/// A line of a runs file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: u64,
}

/// Which study a run belongs to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The same cities on more and more ranks.
    Strong,
    /// More cities on more ranks.
    Weak,
}

/// What a weak study holds constant for each rank.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Pairs, that is work: n grows with the root of the ranks.
    Pairs,
    /// Cities, that is memory: n grows with the ranks.
    Memory,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// With a valid report.
    Ok,
    /// With another exit code than 0, or without a report.
    Failed,
    /// With a report that is not valid.
    Invalid,
}

/// What a study writes of every run, whether it went well or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Which study.
    pub kind: Kind,
    /// What is constant, of a weak study.
    pub scale: Option<Scale>,
    /// How the cities of a generated set are spread, if the study says so.
    pub distribution: Option<String>,
    /// Number of ranks asked for.
    pub ranks: u64,
    /// 0 is the warm-up, which is never counted.
    pub repeat: u64,
    /// How it ended.
    pub status: Status,
    /// The exit code; nothing if the run was killed.
    pub exit_code: Option<i64>,
    /// What was started, word by word.
    pub command: Vec<String>,
    /// When, as RFC 3339 has it.
    pub date: String,
    /// Where.
    pub host: Host,
    /// What the run said of itself, as it stands; of a failed run nothing.
    pub report: Option<Box<RawValue>>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The machine and the launcher.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub hostname: String,
    /// Model of its processor.
    pub processor: String,
    /// Number of its cores.
    pub cores: u64,
    /// Number of cores that all nodes have together, where they are of one machine, as those of scripts/cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_cores: Option<u64>,
    /// Its memory.
    pub memory_bytes: Option<u64>,
    /// Name and release of its kernel.
    pub kernel: Option<String>,
    /// How ranks are bound to cores.
    pub binding: String,
    /// What started the ranks.
    pub launcher: String,
    /// The Slurm job, in one.
    pub slurm_job_id: Option<String>,
}

impl Host {
    /// Cores of so many nodes like this one.
    pub fn cores_of(&self, nodes: u64) -> u64 {
        self.shared_cores.unwrap_or(self.cores.saturating_mul(nodes))
    }
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// What serde says of a text that is no run.
    pub fn read(text: &[u8]) -> serde_json::Result<Line> {
        serde_json::from_slice(text)
    }
}

impl Run {
    /// Whether the run is the one before the others, which is never counted.
    pub fn is_warm_up(&self) -> bool {
        self.line.repeat == 0
    }

    /// What the run measured, if it counts.
    pub fn counted(&self) -> Option<&RunReport> {
        self.report.as_ref().filter(|_| !self.is_warm_up())
    }
}

impl Place {
    /// The error that this line is not what it must be.
    pub fn error(&self, problem: String) -> Error {
        Error::Line { file: self.file.clone(), line: self.line, problem }
    }
}

/// Reads runs files, one after the other.
///
/// # Errors
/// [`Error::Line`] for the first line that is no run, contradicts itself, or repeats another;
/// [`Error::NoInput`] and [`Error::Io`] for a file that cannot be read.
pub fn read(files: &[PathBuf]) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    let mut seen: std::collections::HashMap<Vec<u8>, Place> = std::collections::HashMap::new();
    for file in files {
        let bytes = limits::bytes_of(file)?;
        for (line, number) in bytes.split(|&byte| byte == b'\n').zip(1..) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let place = Place { file: file.clone(), line: number };
            let run = parse(line, place.clone())?;
            // Times are in nanoseconds: two runs that went well do not look the same to the byte.
            // Failed ones may, and do not count anyway.
            let is_known = run.report.is_some().then(|| seen.insert(line.to_vec(), place.clone()));
            if let Some(first) = is_known.flatten() {
                return Err(place.error(format!(
                    "expected each run once, found the run of {} again; name each file once and \
                     remove copied lines",
                    shown(&first)
                )));
            }
            runs.push(run);
        }
    }
    Ok(runs)
}

/// A place as an error shows it.
pub(super) fn shown(place: &Place) -> String {
    format!("{}:{}", Path::display(&place.file), place.line)
}

/// The begin of a text of a runs file, as long as a message bears it.
pub(super) fn excerpt(text: &str) -> String {
    const MOST_CHARS: usize = 200;
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

fn parse(text: &[u8], place: Place) -> Result<Run> {
    let mut line = Line::read(text).map_err(|error| no_run(&error, &place))?;
    // What is read of the report is all that is needed later.
    let report = match (line.status, line.report.take()) {
        (Status::Ok, Some(json)) => Some(RunReport::read(json.get())),
        (Status::Ok, None) => Some(Err(serde_json::Error::missing_field("report"))),
        (Status::Failed | Status::Invalid, _) => None,
    };
    let report = report.transpose().map_err(|error| no_run(&error, &place))?;
    match contradiction(&line, report.as_ref()) {
        None => Ok(Run { place, line, report }),
        Some(found) => Err(place.error(format!("{found}; mend or remove the line"))),
    }
}

fn no_run(error: &serde_json::Error, place: &Place) -> Error {
    // The reader saw one line, which it calls the first.
    let found = excerpt(&error.to_string().replace(" at line 1 column ", " at column "));
    place.error(format!(
        "expected a run as scripts/study writes it, one JSON object on one line, found: {found}; mend or \
         remove the line"
    ))
}

/// What a line says that cannot be, as "expected …, found …".
fn contradiction(line: &Line, report: Option<&RunReport>) -> Option<String> {
    if line.ranks == 0 {
        return Some("expected at least 1 rank, found 0".into());
    }
    match (line.kind, line.scale) {
        (Kind::Strong, Some(_)) => return Some("expected scale null of kind strong".into()),
        (Kind::Weak, None) => {
            return Some("expected scale pairs or memory of kind weak, found null".into());
        }
        _ => {}
    }
    let although = "expected status invalid, found ok although";
    Some(match flaw(report?, line.ranks)? {
        Flaw::Partial { expected: (pairs, _), found: (covered, _) } if covered != pairs => {
            format!("{although} {covered} of {pairs} pairs are covered")
        }
        Flaw::Partial { expected: (_, ranks), found: (_, worked) } => {
            format!("{although} {worked} of {ranks} ranks worked")
        }
        Flaw::Impossible(problem) => problem,
    })
}
