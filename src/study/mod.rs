//! A scaling study: its runs, started one after the other and recorded as they end.
//!
//! ```text
//! asked        what was asked for, and what of it decides the runs
//! sizes        how many cities on how many ranks
//! place        what this machine or allocation has
//! program      where a program is, and how it is called from here
//! launcher     the words that start the ranks
//! folder       the folder of a study, and the lines of its runs
//! processes    a command, from its start until nothing of it is left; signals
//! runner       one run after the other
//! outcome      what came of a run
//! clock        how long the others will take
//! ```
//!
//! The rounds take turns: a warm-up for each number of ranks, then the first run on each, then the second, so that
//! what disturbs the machine for a while meets all numbers of ranks alike. Every run is one line of the runs file,
//! which is on the disk before the next run begins. So a study goes on where it was, whatever stopped it.
//!
//! What the runs mean is told by [`crate::scaling`].
//!
//! Architecture Invariant: it knows no MPI, no city and no time but that of whole commands: it starts programs and
//! keeps what they say.

mod asked;
mod clock;
mod folder;
mod launcher;
mod outcome;
mod place;
mod processes;
mod program;
mod runner;
mod sizes;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::console;
use crate::error::{Error, Result};

pub use self::asked::{Options, Set};
use self::folder::Folder;
use self::processes::Processes;
use self::runner::Runner;

/// A run of a study: on so many ranks, the so many-th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Number of ranks.
    pub ranks: u64,
    /// Which repetition; 0 is the warm-up.
    pub repeat: u64,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repeat {
            0 => write!(f, "{} warm-up", ranks_text(self.ranks)),
            repeat => write!(f, "{} repetition {repeat}", ranks_text(self.ranks)),
        }
    }
}

fn ranks_text(ranks: u64) -> String {
    format!("{ranks} rank{}", if ranks > 1 { "s" } else { "" })
}

/// How a study ended.
#[derive(Debug)]
pub struct Ended {
    /// Its folder.
    pub folder: PathBuf,
    /// How many runs it has.
    pub planned: usize,
    /// Those that are not there, failed, or are not valid.
    pub missing: Vec<Run>,
    /// The name of the signal that stopped it, if one did.
    pub stopped_by: Option<&'static str>,
}

/// Why a study does not go on.
enum Halt {
    /// A signal asks to stop.
    Stopped,
    /// Something is not as it must be.
    Failed(Error),
}

type OrHalt<T> = std::result::Result<T, Halt>;

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Failed(error)
    }
}

/// Makes the runs of a study that are missing in its folder. `None` if a signal stopped it before it had one.
///
/// # Errors
/// [`Error::Usage`] for what cannot be done, [`Error::Io`] where the system fails.
pub fn make(options: &Options) -> Result<Option<Ended>> {
    let processes = Processes::new()?;
    let mut runner = match Runner::new(options, &processes) {
        Err(Halt::Stopped) => return Ok(None),
        Err(Halt::Failed(error)) => return Err(error),
        Ok(runner) => runner,
    };
    let folder = Folder::open(&options.folder(), &runner.asked())?;
    if let Some(sizes) = runner.sizes()? {
        console::print(&sizes)?;
    }
    let planned = runner.planned();
    let missing = folder.missing(&planned)?;
    if missing.len() < planned.len() {
        let (there, all) = (planned.len() - missing.len(), planned.len());
        console::print_error(&format!("farthest: {there} of {all} runs are there"));
    }
    let stopped_by = match runner.make_all(&folder, planned.len(), &missing) {
        Ok(()) => None,
        Err(Halt::Stopped) => processes.stopped_by(),
        Err(Halt::Failed(error)) => return Err(error),
    };
    let missing = folder.missing(&planned)?;
    Ok(Some(Ended { folder: folder.path().into(), planned: planned.len(), missing, stopped_by }))
}

/// The name of the file in a study's folder that has its runs.
pub const RUNS_FILE: &str = "runs.jsonl";

/// Refuses what is no folder of a study.
///
/// # Errors
/// [`Error::Usage`].
pub fn require_folder(folder: &Path) -> Result<()> {
    if folder.join(RUNS_FILE).is_file() {
        return Ok(());
    }
    let found = folder.display();
    Err(refused(format!("expected a study's folder, with {RUNS_FILE} in it, found {found}")))
}

fn refused(message: String) -> Error {
    Error::Usage { message }
}
