//! Jobs of the files in `slurm/` on the virtual cluster, and what they leave.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::cluster::{Cluster, NODES};
use super::{BINARY, Folder, Outcome, REPOSITORY};

/// Commands on the first node in which the files of `slurm/` find program and folder.
pub struct Batch<'a> {
    cluster: &'a Cluster,
    pub folder: Folder,
}

impl Batch<'_> {
    pub fn new(cluster: &Cluster) -> Batch<'_> {
        Batch { cluster, folder: Folder::new() }
    }

    pub fn command(&self, words: &str) -> Command {
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut command = self.cluster.command("run", &words);
        command.env("FARTHEST", BINARY).env("STUDIES", self.folder.path());
        command
    }

    /// Runs a command with an environment variable set.
    pub fn run_with(&self, variable: &str, value: &str, words: &str) -> Outcome {
        let output = self.command(words).env(variable, value).output();
        Outcome::of(words, output.expect("timeout(1) is installed")).expect_end()
    }

    /// Runs a command that reads a line from its standard input.
    pub fn run_with_input(&self, line: &str, words: &str) -> Outcome {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("timeout(1) is installed");
        let mut input = child.stdin.take().expect("a pipe");
        writeln!(input, "{line}").expect("the command reads");
        drop(input);
        Outcome::of(words, child.wait_with_output().expect("our child")).expect_end()
    }

    /// Submits a job, waits for its end, and returns what is left of it.
    pub fn submit(&self, words: &str) -> Left {
        let output = self.command(&format!("sbatch --parsable --wait {words}")).output();
        let outcome = Outcome::of(words, output.expect("timeout(1) is installed")).expect_end();
        let left = self.left_by(outcome.stdout.trim());
        assert_eq!((outcome.code, &outcome.stderr[..]), (0, ""), "{outcome:#?}, {}", self.logs());
        left
    }

    /// All logs of all jobs by now, and the runs, which tell why they failed.
    fn logs(&self) -> String {
        let mut find = Command::new("find");
        find.arg(self.folder.path()).args([
            "(",
            "-name",
            "*.log",
            "-o",
            "-name",
            "runs.jsonl",
            ")",
        ]);
        let found = find.args(["-exec", "tail", "-v", "-n", "+1", "{}", "+"]).output();
        String::from_utf8_lossy(&found.expect("find(1) is installed").stdout).into_owned()
    }

    /// What is left of a job by now.
    pub fn left_by(&self, job: &str) -> Left {
        let is_of_job = |name: &String| name.ends_with(&format!("-{job}"));
        let name = self.folder.names().into_iter().find(is_of_job);
        Left { folder: self.folder.path().join(name.unwrap_or("none".into())), job: job.into() }
    }
}

/// What a batch job, or a study, has left in its folder.
pub struct Left {
    folder: PathBuf,
    pub job: String,
}

impl Left {
    /// By a study outside of a batch job.
    pub fn in_folder(folder: String) -> Left {
        Left { folder: folder.into(), job: "none".into() }
    }

    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    pub fn read(&self, name: &str) -> String {
        let path = self.folder.join(name);
        let text = fs::read_to_string(&path);
        text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The log of the job's first start; nothing if there is none.
    pub fn log(&self) -> String {
        let name = format!("slurm-{}.log", self.job);
        fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    pub fn runs(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).expect("a line is a JSON object");
        self.read("runs.jsonl").lines().map(parse).collect()
    }

    /// Asserts a study that went through: so many runs on each number of ranks, all fine, on as many
    /// nodes as these need, with table, plot and exports.
    pub fn expect_study(&self, kind: &str, runs: usize, ranks_and_nodes: &[(u64, u64)]) {
        let found = self.runs();
        assert_eq!(found.len(), runs * ranks_and_nodes.len(), "{}", self.log());
        for run in &found {
            assert_eq!([&run["kind"], &run["status"]], [kind, "ok"], "{run}");
            let report = &run["report"];
            let number = |name: &str| report[name].as_u64().expect("a number");
            assert!(ranks_and_nodes.contains(&(number("ranks"), number("nodes"))), "{run}");
            let hosts = report["hosts"].as_array().expect("a list of hosts");
            assert_eq!(hosts.len() as u64, number("nodes"), "{run}");
            assert!(hosts.iter().all(|host| NODES.iter().any(|node| host == node)), "{run}");
        }
        let table = self.read("table.txt");
        assert!(table.contains("Verdict: ") && table.contains("efficiency"), "{table}");
        assert_eq!(self.read("scaling.csv").lines().count(), 1 + ranks_and_nodes.len());
        assert!(self.read("scaling.svg").contains("</svg>"));
        let counted = found.iter().filter(|run| run["repeat"] != 0).count();
        let callpaths = 4;
        assert_eq!(self.read("extrap.jsonl").lines().count(), callpaths * counted);
    }

    /// Asserts the log of a job that ended: the facts of the job, and the table.
    pub fn expect_log(&self, nodes: &str) {
        let log = self.log();
        for part in [nodes, "MPI:", "commit:", "Verdict: ", "scaling.svg"] {
            assert!(log.contains(part), "expected {part:?} in {log}");
        }
        let stray = Path::new(REPOSITORY).join(format!("slurm-{}.out", self.job));
        assert!(!stray.exists(), "the log moves into the folder of the job");
    }
}
