//! A runs file → runs: one JSON object for each line, read and held against itself.
//!
//! A line that claims more than it shows is refused like one that cannot be read: a run counts as
//! fine only if its report covers all pairs on as many ranks as were asked for.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::limits;
use crate::error::{Error, Result};

/// One run of a study.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it is written.
    pub place: Place,
    /// What was asked for, and how it ended.
    pub line: Line,
    /// What it measured; of a failed or invalid run nothing.
    pub report: Option<Report>,
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
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The same cities on more and more ranks.
    Strong,
    /// More cities on more ranks.
    Weak,
}

/// What a weak study holds constant for each rank.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Pairs, that is work: n grows with the root of the ranks.
    Pairs,
    /// Cities, that is memory: n grows with the ranks.
    Memory,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// With a valid report.
    Ok,
    /// With another exit code than 0, or without a report.
    Failed,
    /// With a report that is not valid.
    Invalid,
}

/// What `scripts/study` writes of every run, whether it went well or not.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    /// Which study.
    pub kind: Kind,
    /// What is constant, of a weak study.
    pub scale: Option<Scale>,
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
    /// How the cities of a weak study are spread, if the study says so.
    pub distribution: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The machine and the launcher.
#[derive(Clone, Debug, Deserialize)]
pub struct Host {
    /// Its name.
    pub hostname: String,
    /// Model of its processor.
    pub processor: String,
    /// Number of its cores.
    pub cores: u64,
    /// How ranks are bound to cores.
    pub binding: String,
    /// What started the ranks.
    pub launcher: String,
}

/// What scaling needs of the report of `farthest pair`.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    /// Number of cities.
    pub cities: u64,
    /// Number of pairs.
    pub pairs: u128,
    /// Pairs whose part in the answer is settled.
    pub pairs_covered: u128,
    /// Name of the method.
    pub method: String,
    /// Instruction set.
    pub isa: String,
    /// Number of ranks that worked.
    pub ranks: u64,
    /// Number of hosts.
    pub nodes: u64,
    /// MPI library and version.
    pub mpi: String,
    /// Version of farthest.
    pub version: String,
    /// Seconds, maximum over ranks: the time of a run.
    pub execution_time: f64,
    /// Seconds of each phase.
    pub times_s: Phases,
    /// Mean over maximum of the search times.
    pub load_balance: f64,
    /// What was read.
    pub file: CityFile,
}

/// Seconds of the phases of a run. Reports of before reading had parts tell it as a whole.
#[derive(Clone, Debug, Deserialize)]
pub struct Phases {
    /// Mapping the file, and agreeing that all ranks have the same.
    pub open: Option<Slowest>,
    /// Reading the rows of a list.
    pub parse: Option<Slowest>,
    /// Bringing the cities into the order of the search.
    pub order: Option<Slowest>,
    /// Waiting for what the other ranks made of the list.
    pub share: Option<Slowest>,
    /// All of that: until the search could begin.
    pub read: Slowest,
    /// Searching the own share.
    pub search: Slowest,
    /// Finding the farthest of all ranks.
    pub reduce: Slowest,
}

impl Report {
    /// Seconds that a user waits for, from the start of MPI on: reading, search and reduction. All ranks
    /// wait for each other between reading and search, so the slowest of both add up.
    pub fn total_s(&self) -> f64 {
        self.times_s.read.max + self.execution_time
    }
}

/// The time of a phase on the rank that took longest.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Slowest {
    /// In seconds.
    pub max: f64,
}

/// The city file of a run.
#[derive(Clone, Debug, Deserialize)]
pub struct CityFile {
    /// Its checksum.
    pub checksum: String,
}

/// The part of a line that only a run that went well has.
#[derive(Deserialize)]
struct Measured {
    report: Report,
}

impl Run {
    /// Whether the run is the one before the others, which is never counted.
    pub fn is_warm_up(&self) -> bool {
        self.line.repeat == 0
    }

    /// What the run measured, if it counts.
    pub fn counted(&self) -> Option<&Report> {
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
    let line: Line = object(text, &place)?;
    let report = match line.status {
        Status::Ok => Some(object::<Measured>(text, &place)?.report),
        Status::Failed | Status::Invalid => None,
    };
    match contradiction(&line, report.as_ref()) {
        None => Ok(Run { place, line, report }),
        Some(found) => Err(place.error(format!("{found}; mend or remove the line"))),
    }
}

fn object<T: for<'a> Deserialize<'a>>(text: &[u8], place: &Place) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| {
        // The reader saw one line, which it calls the first.
        let found = excerpt(&error.to_string().replace(" at line 1 column ", " at column "));
        place.error(format!(
            "expected a run as scripts/study writes it, one JSON object on one line, found: \
             {found}; mend or remove the line"
        ))
    })
}

/// What a line says that cannot be, as "expected …, found …".
fn contradiction(line: &Line, report: Option<&Report>) -> Option<String> {
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
    let report = report?;
    if report.pairs_covered != report.pairs {
        let Report { pairs, pairs_covered, .. } = report;
        return Some(format!(
            "expected status invalid, found ok although {pairs_covered} of {pairs} pairs are covered"
        ));
    }
    if report.ranks != line.ranks {
        let (asked, found) = (line.ranks, report.ranks);
        return Some(format!(
            "expected status invalid, found ok although {found} of {asked} ranks worked"
        ));
    }
    if let Some(found) = limits::time_beyond(report) {
        return Some(found);
    }
    if !(report.load_balance > 0.0 && report.load_balance <= 1.0) {
        let found = report.load_balance;
        return Some(format!("expected a load_balance above 0 and at most 1, found {found}"));
    }
    if report.cities < 2 || report.pairs == 0 {
        return Some(format!("expected 2 cities or more, found {}", report.cities));
    }
    None
}
