//! What was asked for, and what of it decides the runs.

use std::path::PathBuf;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::program::repository;
use crate::scaling::runs::{Kind, Scale};

/// A study that was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Strong or weak.
    pub kind: Kind,
    /// What is constant, of a weak study.
    pub scale: Option<Scale>,
    /// The cities.
    pub set: Set,
    /// Numbers of ranks, the least first; `None` for powers of two up to all that there are.
    pub ranks: Option<Vec<u64>>,
    /// The repetitions to make, the warm-up first.
    pub repeats: Vec<u64>,
    /// The method, by its name on the command line.
    pub method: String,
    /// `mpirun`, `srun`, or a line with `{ranks}` in it.
    pub launcher: Option<String>,
    /// Plugin of `srun --mpi=`.
    pub mpi: Option<String>,
    /// Seconds after which a run is ended.
    pub limit_s: Option<f64>,
    /// The program to measure; `None` for this one.
    pub farthest: Option<PathBuf>,
    /// The folder of the study; `None` for a new one.
    pub out: Option<PathBuf>,
    /// More words for `farthest pair`.
    pub pair_options: Vec<String>,
}

/// The cities of a study.
#[derive(Clone, Debug)]
pub enum Set {
    /// Those of a file.
    File(PathBuf),
    /// Invented ones.
    Generated {
        /// How many; for weak studies on one rank.
        cities: u64,
        /// How they are spread, by its name on the command line.
        distribution: String,
        /// Where the random numbers begin.
        seed: u64,
    },
}

impl Options {
    /// The folder: a new one below `target/studies`, of the repository if this program lies in one, unless one was
    /// named.
    pub(super) fn folder(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| {
            let kind = serde_json::to_value(self.kind).unwrap_or_default();
            let date = jiff::ZonedDateTime::now().strftime("%Y-%m-%d-%H%M%S");
            let name = format!("{}-{date}", kind.as_str().unwrap_or("study"));
            repository().unwrap_or_default().join("target/studies").join(name)
        })
    }
}

/// All that decides what the runs are, by name: what a study that goes on must have in common with its beginning.
pub(super) struct Asked(pub(super) Vec<(&'static str, Value)>);

impl Serialize for Asked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
