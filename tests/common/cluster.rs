//! The virtual cluster of `scripts/cluster`, with a real Slurm: for one test, or for all tests of a crate in turn.

use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::{Folder, Outcome, REPOSITORY, left_out};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/cluster");

/// The code with which `scripts/cluster` says that no cluster is possible on this machine.
const NOT_POSSIBLE: i32 = 69;

/// A command on the cluster that lasts longer hangs. Slurm gives up a silent node after some 15 s and ends
/// its job some 10 s later, and the slowest batch job here takes a minute; the rest is for a machine that is busy.
const LIMIT_S: &str = "900";

/// The nodes that it has.
pub const NODES: [&str; 4] = ["n1", "n2", "n3", "n4"];

/// A cluster, which goes down with this value.
pub struct Cluster {
    folder: Folder,
}

impl Cluster {
    /// Brings a cluster up, where one is possible.
    pub fn up() -> Option<Cluster> {
        Cluster::try_up().unwrap_or_else(|outcome| panic!("{outcome:#?}"))
    }

    /// The same, with what went wrong.
    pub fn try_up() -> Result<Option<Cluster>, Outcome> {
        let cluster = Cluster { folder: Folder::new() };
        let outcome = cluster.script("up", &[]);
        match outcome.code {
            0 => Ok(Some(cluster)),
            NOT_POSSIBLE => {
                left_out("cluster", &outcome.stderr);
                Ok(None)
            }
            _ => Err(outcome),
        }
    }

    /// The folder that holds all that is left of the cluster; it goes with it.
    pub fn state(&self) -> String {
        self.folder.file("state")
    }

    /// The words of a command of the script on this cluster.
    pub fn command(&self, action: &str, words: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", LIMIT_S, SCRIPT, action]);
        // `cut` and `mend` take the node first.
        let is_on_node = ["cut", "mend"].contains(&action);
        let (first, rest) = words.split_at(usize::from(is_on_node));
        command.args(first).args(["--state", &self.state()]).args(rest);
        command.current_dir(REPOSITORY).stdin(Stdio::null());
        command
    }

    pub fn script(&self, action: &str, words: &[&str]) -> Outcome {
        let mut command = self.command(action, words);
        let output = command.output().expect("timeout(1) is installed");
        Outcome::of(format!("{command:?}"), output).expect_end()
    }

    /// Runs a line of words on the first node: the launcher's, then the binary's.
    pub fn run(&self, launcher: &str, arguments: &[&str]) -> Outcome {
        self.script("run", &words(launcher, arguments))
    }

    /// Starts the same, in the background.
    pub fn start(&self, launcher: &str, arguments: &[&str]) -> Child {
        let mut command = self.command("run", &words(launcher, arguments));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("timeout(1) is installed")
    }
}

/// The one cluster that all tests of a crate share, which is up from the first of them to the end of the process.
struct Shared {
    cluster: Cluster,
    /// Nothing is dropped at the end of a process, however it ends; but its pipes are closed.
    _watch: Child,
}

/// Waits until its standard input is closed, and takes the cluster down, whose folder is the argument. Signals
/// of the terminal, which end the tests, do not end it.
const WATCH: &str = r#"trap '' HUP INT TERM; read -r _; "$0" down --state "$1/state"; rmdir "$1""#;

impl Shared {
    fn up() -> Result<Option<Shared>, Outcome> {
        let Some(cluster) = Cluster::try_up()? else { return Ok(None) };
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, SCRIPT]).arg(cluster.folder.path());
        watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let watch = watch.spawn().expect("sh is there");
        Ok(Some(Shared { cluster, _watch: watch }))
    }
}

/// The shared cluster, for one test at a time.
pub struct Turn {
    cluster: &'static Cluster,
    _turn: MutexGuard<'static, ()>,
}

impl Turn {
    /// Waits for the turn. `None` where no cluster is possible.
    pub fn new() -> Option<Turn> {
        static SHARED: LazyLock<Result<Option<Shared>, Outcome>> = LazyLock::new(Shared::up);
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let turn = ONE_AT_A_TIME.lock();
        let has_failed = turn.is_err();
        let _turn = turn.unwrap_or_else(PoisonError::into_inner);
        ONE_AT_A_TIME.clear_poison();
        match &*SHARED {
            Err(outcome) => panic!("{outcome:#?}"),
            Ok(None) => {
                left_out("cluster", "no cluster is possible here");
                None
            }
            Ok(Some(Shared { cluster, .. })) => {
                // What a test left that failed must not fail the next.
                if has_failed {
                    cluster.script("run", &["scancel", "--user=root"]);
                    cluster.script("mend", &[NODES[3]]);
                }
                Some(Turn { cluster, _turn })
            }
        }
    }
}

impl Deref for Turn {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        self.cluster
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let outcome = self.script("down", &[]);
        let is_gone = !Path::new(&self.state()).exists();
        // A panic while a failed step unwinds would hide that step.
        if !std::thread::panicking() {
            assert_eq!((outcome.code, is_gone), (0, true), "{outcome:#?}");
        }
    }
}

fn words<'a>(launcher: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    launcher.split_whitespace().chain(arguments.iter().copied()).collect()
}
