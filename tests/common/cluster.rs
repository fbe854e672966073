//! The virtual cluster of `scripts/cluster`, with a real Slurm, for one test.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Folder, Outcome, REPOSITORY};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/cluster");

/// The code with which `scripts/cluster` says that no cluster is possible on this machine.
const NOT_POSSIBLE: i32 = 69;

/// No command on the cluster may last longer: Slurm gives up a silent node after some 15 s and ends
/// its job some 10 s later, and the slowest batch job here takes a minute on a machine that is busy.
const LIMIT_S: &str = "180";

/// The nodes that it has.
pub const NODES: [&str; 4] = ["n1", "n2", "n3", "n4"];

/// The cluster, which goes down with this value.
pub struct Cluster {
    folder: Folder,
}

impl Cluster {
    /// Brings the cluster up, where one is possible.
    pub fn up() -> Option<Cluster> {
        let cluster = Cluster { folder: Folder::new() };
        let outcome = cluster.script("up", &[]);
        if outcome.code == NOT_POSSIBLE {
            println!("left out: {}", outcome.stderr.trim());
            return None;
        }
        assert_eq!(outcome.code, 0, "{outcome:#?}");
        Some(cluster)
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
