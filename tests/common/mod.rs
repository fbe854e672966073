//! Starting the real binary, alone and under the real launcher, and looking at how it ended.
//!
//! A job is the words `timeout LIMIT [around the job] [launcher] [around each rank] farthest …`.
//! `timeout` makes itself a process group and ends all of it when the time is over, so that a
//! job that hangs fails its test and nothing else. Jobs on several ranks run one at a time: MPI
//! ranks wait by spinning, and two jobs on two cores would mostly wait for each other.

#![allow(dead_code, unused_imports, reason = "every test crate uses its own part of this module")]

pub mod batch;
pub mod cluster;
mod folder;
mod left_out;
pub mod lists;
mod mpi;
mod outcome;
mod pauses;
mod random;
mod reading;
mod script;
mod shares;
mod threads;

use std::ffi::{OsStr, OsString};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

pub use folder::{Folder, pack};
pub use left_out::{KINDS, left_out};
pub use mpi::{Mpi, is_installed};
pub use outcome::Outcome;
pub use pauses::change_at;
pub use random::Random;
pub use reading::cities_of;
pub use script::{command_in, own_mounts};
pub use shares::{
    Verdict, atlas_of, kernels, plain_answer, plain_top, search_in_shares, top_in_shares,
};
pub use threads::on_threads;

/// The binary that `cargo test` built, with whichever MPI. Without the feature `mpi` there is none, and tests that
/// start it are left out (`#![cfg(feature = "mpi")]`).
pub const BINARY: &str = match option_env!("CARGO_BIN_EXE_farthest") {
    Some(binary) => binary,
    None => "farthest-without-the-feature-mpi",
};

/// The repository, which holds the city list.
pub const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// No job here works longer than a few seconds on a machine that has nothing else to do; one that reaches this limit
/// hangs.
const LIMIT_S: &str = "600";

/// The ranks of a job that shows how several ranks fail together: the least number for which
/// there is a rank that is neither the first nor the last.
pub const SOME_RANKS: u64 = 3;

/// Whether `scripts/test --long` runs the tests, which then take their time.
pub fn is_long() -> bool {
    std::env::var_os("FARTHEST_LONG").is_some()
}

/// How the binary is to be started.
#[derive(Clone, Debug, Default)]
pub struct Job {
    launcher: Vec<OsString>,
    around_job: Vec<OsString>,
    around_rank: Vec<OsString>,
    environment: Vec<(&'static str, String)>,
    instead: Option<OsString>,
}

impl Job {
    /// Without a launcher: a world of one rank.
    pub fn alone() -> Job {
        Job::default()
    }

    /// Under the launcher of the binary's own MPI.
    pub fn on_ranks(ranks: u64) -> Job {
        Job::under(Mpi::of_binary(), ranks)
    }

    /// Under the launcher of any MPI.
    pub fn under(mpi: Mpi, ranks: u64) -> Job {
        Job { launcher: mpi.launcher_words(ranks), ..Job::default() }
    }

    /// Under `scripts/launch`, which starts the launcher of the binary's own MPI.
    pub fn by_script(ranks: u64) -> Job {
        let launcher =
            vec![format!("{REPOSITORY}/scripts/launch").into(), ranks.to_string().into()];
        let job = Job { launcher, ..Job::default() };
        let job = job.with("OMPI_MCA_odls_base_sigkill_timeout", "0");
        let mpi = Mpi::of_binary();
        if mpi.own_launcher().is_some() { job.with("MPICC", mpi.compiler()) } else { job }
    }

    /// Both ways in which every error must look the same: alone, and on several ranks.
    pub fn alone_and_on_ranks() -> [Job; 2] {
        [Job::alone(), Job::on_ranks(SOME_RANKS)]
    }

    /// With an environment variable set for all ranks.
    pub fn with(mut self, variable: &'static str, value: &str) -> Job {
        self.environment.push((variable, value.to_string()));
        self
    }

    /// With another program than the binary on each rank.
    pub fn running(mut self, program: impl Into<OsString>) -> Job {
        self.instead = Some(program.into());
        self
    }

    /// With words that start the whole job, launcher included, as their last arguments.
    pub fn inside(mut self, words: &[&str]) -> Job {
        self.around_job = words.iter().map(OsString::from).collect();
        self
    }

    /// With a shell script that starts each rank, which it finds as `"$@"`.
    pub fn each_rank_by(mut self, script: &str) -> Job {
        self.around_rank = ["sh", "-c", script, "sh"].iter().map(OsString::from).collect();
        self
    }

    /// Runs the job to its end; once more where mpirun has crashed.
    pub fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Outcome {
        once_more_if_mpirun_crashed(|| self.run_once(arguments))
    }

    /// Runs the job to its end, which may be a crash of mpirun.
    pub fn run_once(&self, arguments: &[impl AsRef<OsStr>]) -> Outcome {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let is_launched = !self.launcher.is_empty();
        let turn =
            is_launched.then(|| ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner));
        // Open MPI keeps its session in a folder that all jobs of a user share, and a job that ends
        // takes it away while another begins; so each job has temporary files of its own.
        let scratch = Folder::new();
        let mut command = self.command(arguments);
        command.env("TMPDIR", scratch.path());
        let output = command.output().expect("timeout(1) of coreutils is installed");
        drop(turn);
        Outcome::of(format!("{command:?}"), output).expect_end()
    }

    /// Starts the job, whose output is kept for the end, with a folder for its temporary files.
    pub fn start(&self, arguments: &[impl AsRef<OsStr>]) -> (Child, Folder) {
        let scratch = Folder::new();
        let mut command = self.command(arguments);
        command.env("TMPDIR", scratch.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        (command.spawn().expect("timeout(1) of coreutils is installed"), scratch)
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", LIMIT_S]);
        command.args(&self.around_job).args(&self.launcher).args(&self.around_rank);
        command.arg(self.instead.as_deref().unwrap_or(BINARY.as_ref())).args(arguments);
        command.stdin(Stdio::null());
        // The tests may themselves run in a job of some scheduler, which is not ours.
        for variable in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"] {
            command.env_remove(variable);
        }
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        command.envs(self.environment.iter().map(|(variable, value)| (variable, value)));
        command
    }
}

/// Open MPI 4's mpirun may crash where it passes on a pipe (open-mpi/ompi, issue 7483): it reads the end of it once more
/// when it has closed the other side. Its ranks may have done their work by then, so that an attempt that makes files
/// needs a folder of its own.
pub fn once_more_if_mpirun_crashed(mut attempt: impl FnMut() -> Outcome) -> Outcome {
    let outcome = attempt();
    let has_crashed = outcome.stderr.contains("orte_iof_hnp_read_local_handler");
    if has_crashed { attempt() } else { outcome }
}

/// Provokes an error of `pair` or `info`, which report as text and as JSON, in all four ways.
pub fn assert_error(arguments: &[&str], code: i32, parts: &[&str]) {
    for job in Job::alone_and_on_ranks() {
        job.run(arguments).expect_error(code, parts);
        job.run(&[arguments, &["--format", "json"]].concat()).expect_json_error(code, parts);
    }
}
