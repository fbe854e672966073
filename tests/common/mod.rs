//! Starting the real binary, alone and under the real launcher, and looking at how it ended.
//!
//! A job is the words `timeout LIMIT [around the job] [launcher] [around each rank] farthest …`.
//! `timeout` makes itself a process group and ends all of it when the time is over, so that a
//! job that hangs fails its test and nothing else. Jobs on several ranks run one at a time: MPI
//! ranks wait by spinning, and two jobs on two cores would mostly wait for each other.

#![allow(dead_code, reason = "every test crate uses its own part of this module")]

pub mod lists;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;
use tempfile::TempDir;

/// The binary that `cargo test` built, with whichever MPI.
const BINARY: &str = env!("CARGO_BIN_EXE_farthest");

/// The repository, which holds the city list.
pub const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// No job here works longer than a few seconds; one that reaches this limit hangs.
const LIMIT_S: &str = "60";

/// Codes with which `timeout` ends where the limit was reached: by a signal, by a second one.
const HUNG_CODES: [i32; 2] = [124, 137];

/// The ranks of a job that shows how several ranks fail together: the least number for which
/// there is a rank that is neither the first nor the last.
pub const SOME_RANKS: u64 = 3;

/// The two families of MPI libraries, each with a launcher of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mpi {
    OpenMpi,
    /// MPICH and all that are made of it.
    Mpich,
}

impl Mpi {
    /// The family that the binary was built with, which it tells when it runs alone.
    pub fn of_binary() -> Mpi {
        static MPI: OnceLock<Mpi> = OnceLock::new();
        *MPI.get_or_init(|| {
            let folder = Folder::new();
            let file = folder.write("tiny.txt", "0 0 here\n0 1 there\n");
            let report = Job::alone().run(&["pair", &file, "--format", "json"]).expect_json();
            let name = report["mpi"].as_str().expect("the report names the MPI library");
            if name.starts_with("Open MPI") { Mpi::OpenMpi } else { Mpi::Mpich }
        })
    }

    pub fn other(self) -> Mpi {
        match self {
            Mpi::OpenMpi => Mpi::Mpich,
            Mpi::Mpich => Mpi::OpenMpi,
        }
    }

    /// The launcher by the name that belongs to this family alone, if it is installed.
    pub fn own_launcher(self) -> Option<&'static str> {
        let name = match self {
            Mpi::OpenMpi => "mpirun.openmpi",
            Mpi::Mpich => "mpiexec.mpich",
        };
        is_installed(name).then_some(name)
    }

    /// The words that start `ranks` ranks of what follows them.
    fn launcher_words(self, ranks: u64) -> Vec<OsString> {
        let (common_name, options): (&str, &[&str]) = match self {
            // More ranks than cores, on whichever core is free, through shared memory alone.
            Mpi::OpenMpi => (
                "mpirun",
                &["--map-by", "slot:OVERSUBSCRIBE", "--bind-to", "none", "--mca", "pml", "ob1"],
            ),
            Mpi::Mpich => ("mpiexec", &[]),
        };
        let launcher = self.own_launcher().unwrap_or(common_name);
        let ranks = ranks.to_string();
        [launcher].iter().chain(options).chain(&["-n", &ranks]).map(OsString::from).collect()
    }
}

pub fn is_installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// How the binary is to be started.
#[derive(Clone, Debug, Default)]
pub struct Job {
    launcher: Vec<OsString>,
    around_job: Vec<OsString>,
    around_rank: Vec<OsString>,
    environment: Vec<(&'static str, String)>,
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

    /// Both ways in which every error must look the same: alone, and on several ranks.
    pub fn alone_and_on_ranks() -> [Job; 2] {
        [Job::alone(), Job::on_ranks(SOME_RANKS)]
    }

    /// With an environment variable set for all ranks.
    pub fn with(mut self, variable: &'static str, value: &str) -> Job {
        self.environment.push((variable, value.to_string()));
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

    /// Runs the job to its end.
    pub fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Outcome {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let is_launched = !self.launcher.is_empty();
        let turn =
            is_launched.then(|| ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner));
        let mut command = self.command(arguments);
        let output = command.output().expect("timeout(1) of coreutils is installed");
        drop(turn);
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Outcome {
            command: format!("{command:?}"),
            code: output.status.code().expect("timeout ends by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
        .expect_no_hang()
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", LIMIT_S]);
        command.args(&self.around_job).args(&self.launcher).args(&self.around_rank);
        command.arg(BINARY).args(arguments).stdin(Stdio::null());
        // The tests may themselves run in a job of some scheduler, which is not ours.
        for variable in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"] {
            command.env_remove(variable);
        }
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        command.envs(self.environment.iter().map(|(variable, value)| (variable, value)));
        command
    }
}

/// How a job ended, and what it said.
#[derive(Debug)]
pub struct Outcome {
    command: String,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    fn expect_no_hang(self) -> Outcome {
        assert!(!HUNG_CODES.contains(&self.code), "it hung: {self:#?}");
        self
    }

    /// Asserts that all is well and nothing was said about it; returns the standard output.
    pub fn expect_ok(&self) -> &str {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:#?}");
        &self.stdout
    }

    /// Asserts that all is well and that the output is exactly one JSON object, and parses it.
    pub fn expect_json(&self) -> Value {
        let stdout = self.expect_ok();
        self.object(stdout)
    }

    /// Asserts an error in text: the code, exactly one message, which has all the `parts`, and
    /// nothing on standard output.
    pub fn expect_error(&self, code: i32, parts: &[&str]) {
        self.expect_message(code, parts);
        assert_eq!(self.stdout, "", "an error has no result: {self:#?}");
    }

    /// The same, whatever stands on standard output.
    pub fn expect_message(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.messages(), 1, "one message, said once: {self:#?}");
        self.assert_parts(&self.stderr, parts);
    }

    /// Asserts an error in JSON: the code, one object with the message, nothing as text.
    pub fn expect_json_error(&self, code: i32, parts: &[&str]) {
        assert_eq!((self.code, self.messages()), (code, 0), "{self:#?}");
        let report = self.object(&self.stdout);
        assert_eq!(report["status"], "error", "{self:#?}");
        assert_eq!(report["code"], code, "{self:#?}");
        let message = report["message"].as_str().unwrap_or_else(|| panic!("no message: {self:#?}"));
        self.assert_parts(message, parts);
    }

    fn messages(&self) -> usize {
        self.stderr.lines().filter(|line| line.starts_with("farthest:")).count()
    }

    fn object(&self, text: &str) -> Value {
        let value: Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        assert!(value.is_object(), "{self:#?}");
        value
    }

    fn assert_parts(&self, message: &str, parts: &[&str]) {
        for part in parts {
            assert!(message.contains(part), "expected {part:?} in the message of {self:#?}");
        }
    }
}

/// Provokes an error of `pair` or `info`, which report as text and as JSON, in all four ways.
pub fn assert_error(arguments: &[&str], code: i32, parts: &[&str]) {
    for job in Job::alone_and_on_ranks() {
        job.run(arguments).expect_error(code, parts);
        job.run(&[arguments, &["--format", "json"]].concat()).expect_json_error(code, parts);
    }
}

/// A temporary folder that goes away with this value.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(TempDir::with_prefix("farthest-test-").expect("there is room for a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of a file in the folder, whether it is there or not.
    pub fn file(&self, name: &str) -> String {
        self.path().join(name).into_os_string().into_string().expect("the path is UTF-8")
    }

    /// Writes a file, makes the folders above it, and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = PathBuf::from(self.file(name));
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(&path, content).expect("there is room for a file");
        self.file(name)
    }

    /// The names of all that is in the folder, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).expect("the folder is there");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// Packs a city file with the binary, beside it and under its name with another extension.
pub fn pack(file: &str) -> String {
    let packed = Path::new(file).with_extension("cities");
    let packed = packed.into_os_string().into_string().expect("the path is UTF-8");
    Job::alone().run(&["pack", file, &packed]).expect_ok();
    packed
}
