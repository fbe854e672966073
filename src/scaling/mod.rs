//! A scaling study: runs in, what they say out.
//!
//! ```text
//! runs file      limits       file → bytes, no more than any study has
//!                runs         lines ↔ runs, each held against itself
//!                valid        whether a run counts
//!                same         runs that cannot be compared are refused
//! rows           statistics   medians and their intervals, by order statistics
//!                rows         runs → one row for each number of ranks
//! meaning        fit          Amdahl's and Gustafson's laws
//!                verdict      what limits, in words
//! forms          table        text and Markdown
//!                export       CSV and Extra-P
//!                axis, plot, phases   SVG
//! ```
//!
//! Warm-ups, failed runs and invalid runs are counted and shown, and never averaged in.
//!
//! Architecture Invariant: it does not know how runs are started, what a city is, or where its
//! forms go; it needs no MPI.

mod axis;
pub mod export;
pub mod fit;
mod limits;
mod phases;
pub mod plot;
pub mod rows;
pub mod runs;
pub mod same;
pub mod statistics;
pub mod table;
pub mod valid;
pub mod verdict;

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::report::RunReport;

use fit::{Fit, amdahl, gustafson};
use rows::{Row, rows};
use runs::{Kind, Run, Scale};

/// A study, analysed.
#[derive(Clone, Debug)]
pub struct Study {
    /// Strong or weak.
    pub kind: Kind,
    /// What is constant, of a weak study.
    pub scale: Option<Scale>,
    /// All runs, in the order of the files.
    pub runs: Vec<Run>,
    /// One row for each number of ranks, the fewest first; at least one.
    pub rows: Vec<Row>,
    /// Amdahl's law for strong studies, Gustafson's for weak ones, where there are ranks enough.
    pub fit: Option<Fit>,
    /// The same law, fitted to the total.
    pub total_fit: Option<Fit>,
}

impl Study {
    /// Reads and analyses runs files; `mix` allows runs that differ in more than their ranks.
    ///
    /// # Errors
    /// Those of [`runs::read`] and [`same::require_one_study`], and [`Error::Data`] if no run counts.
    pub fn open(files: &[PathBuf], mix: bool) -> Result<Study> {
        Study::of(runs::read(files)?, mix).and_then(|study| {
            study.ok_or_else(|| {
                let file = files.first().cloned().unwrap_or_default();
                let problem = "expected at least one valid run after the warm-up, found none; look \
                               at what failed, and run scripts/study again";
                Error::Data { file, problem: problem.into() }
            })
        })
    }

    /// Analyses runs; nothing if none of them counts.
    ///
    /// # Errors
    /// Those of [`same::require_one_study`].
    pub fn of(runs: Vec<Run>, mix: bool) -> Result<Option<Study>> {
        same::require_one_study(&runs, mix)?;
        let rows = rows(&runs);
        if rows.is_empty() {
            return Ok(None);
        }
        let (kind, scale) = (runs[0].line.kind, runs[0].line.scale);
        let by_ranks = |of: fn(&Row) -> f64| -> Vec<(u64, f64)> {
            rows.iter().map(|row| (row.ranks, of(row))).collect()
        };
        let [fit, total_fit] = match kind {
            Kind::Strong => {
                [amdahl(&by_ranks(Row::median_s)), amdahl(&by_ranks(|row| row.total.median_s))]
            }
            Kind::Weak => [
                gustafson(&by_ranks(|row| row.efficiency)),
                gustafson(&by_ranks(|row| row.total.efficiency)),
            ],
        };
        Ok(Some(Study { kind, scale, runs, rows, fit, total_fit }))
    }

    /// The runs that count.
    pub fn counted(&self) -> impl Iterator<Item = (&Run, &RunReport)> {
        self.runs.iter().filter_map(|run| Some((run, run.counted()?)))
    }

    /// The smallest number of ranks, which all others are compared with.
    pub fn base(&self) -> &Row {
        &self.rows[0]
    }
}
