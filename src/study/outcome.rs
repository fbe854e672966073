//! What came of a run, by its exit code and its report: the same verdict as when it is read again.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::processes::Ended;
use crate::driver::progress::OF_SHARE;
use crate::report::{RunReport, on_one_line};
use crate::scaling::runs::Status;
use crate::scaling::valid::flaw;

/// What came of a run.
pub(super) struct Outcome {
    pub(super) status: Status,
    /// Its report as it stands, on one line.
    pub(super) json: Option<Box<RawValue>>,
    /// Why it is not fine.
    pub(super) error: Option<String>,
    report: Option<RunReport>,
}

impl Outcome {
    /// Of a run on so many ranks that has ended, or reached the limit.
    pub(super) fn of(ended: &Ended, ranks: u64, limit_s: Option<f64>) -> Outcome {
        if let (true, Some(limit_s)) = (ended.is_over_limit, limit_s) {
            return Outcome::failed(format!(
                "ended by farthest study: it took more than {limit_s} s (--limit)"
            ));
        }
        let object: Option<Map<String, Value>> = serde_json::from_str(&ended.stdout).ok();
        match object {
            Some(_) if ended.exit_code == 0 => Outcome::reported(&ended.stdout, ranks),
            object => {
                let message = object.as_ref().and_then(|report| report.get("message")?.as_str());
                Outcome::failed(message.map_or_else(|| last_lines(&ended.stderr), String::from))
            }
        }
    }

    fn failed(error: String) -> Outcome {
        Outcome { status: Status::Failed, json: None, error: Some(error), report: None }
    }

    fn reported(json: &str, ranks: u64) -> Outcome {
        let report = RunReport::read(json);
        let error = match &report {
            Ok(report) => flaw(report, ranks).map(|flaw| flaw.to_string()),
            Err(error) => Some(format!("expected a report of farthest pair, found: {error}")),
        };
        let status = if error.is_none() { Status::Ok } else { Status::Invalid };
        let json = RawValue::from_string(on_one_line(json)).ok();
        Outcome { status, json, error, report: report.ok() }
    }

    /// In a few words.
    pub(super) fn text(&self, exit_code: i64) -> String {
        let error = self.error.as_deref().unwrap_or_default();
        match (self.status, &self.report) {
            (Status::Ok, Some(RunReport { times, .. })) => {
                let (search_s, total_s) = (times.execution_time, times.total_s());
                format!("{search_s:.4} s, with reading {total_s:.4} s")
            }
            (Status::Invalid, _) => format!("INVALID, exit code {exit_code}: {error}"),
            _ => format!("FAILED, exit code {exit_code}: {error}"),
        }
    }
}

/// The last lines of what a run said, but those of its progress.
fn last_lines(stderr: &str) -> String {
    const MOST: usize = 5;
    let lines: Vec<&str> = stderr.trim().lines().filter(|line| !line.contains(OF_SHARE)).collect();
    let last = lines[lines.len().saturating_sub(MOST)..].join(" / ");
    if last.is_empty() { "no report and no message".into() } else { last }
}
