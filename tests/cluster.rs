//! The binary on several nodes, under a real Slurm: the virtual cluster of `scripts/cluster`.
//!
//! One cluster serves all tests, one after the other, because each of them wants all its nodes; so
//! there is one test function, whose steps carry the names. Its end takes the cluster down, also
//! when a step fails. Where no cluster is possible, as without root, the steps are left out.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::cluster::{Cluster, outcome};
use common::{Folder, Job, Mpi, Outcome, REPOSITORY};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_farthest");

const LAUNCHER_MISMATCH: i32 = 78;

/// What all jobs ask for.
const NODES: [&str; 4] = ["n1", "n2", "n3", "n4"];
const SIZE: &str = "-Q -N 4 -n 8";
const RANKS: u64 = 8;

/// The ways to start ranks on all nodes: by the MPI's own launcher in an allocation, and by srun with
/// the MPI's plugin (-K: a rank that fails ends them all).
fn launchers(mpi: Mpi) -> [String; 2] {
    let (common_name, plugin) = match mpi {
        Mpi::OpenMpi => ("mpirun", "pmix"),
        Mpi::Mpich => ("mpiexec", "pmi2"),
    };
    let own = mpi.own_launcher().unwrap_or(common_name);
    [format!("salloc {SIZE} {own}"), format!("srun {SIZE} -K --mpi={plugin}")]
}

const CITIES: &str = "data/cities15000.tsv";

fn answers_are_those_of_one_node_and_hosts_are_told(cluster: &Cluster, mpi: Mpi) {
    let file = format!("{REPOSITORY}/{CITIES}");
    for method in ["pruned", "exhaustive"] {
        let command = ["pair", &file, "--format", "json", "--method", method];
        let alone = Job::alone().run(&command).expect_json();
        for launcher in launchers(mpi) {
            let report = cluster.run(&launcher, &[&[BINARY], &command[..]].concat()).expect_json();
            for field in ["distance_km", "pair", "cities", "pairs_covered", "file"] {
                assert_eq!(report[field].to_string(), alone[field].to_string(), "{launcher}");
            }
            let place = [&report["ranks"], &report["nodes"], &report["hosts"]];
            assert_eq!(place, [&json!(RANKS), &json!(NODES.len()), &json!(NODES)], "{launcher}");
        }
    }
}

fn an_error_is_told_once_and_with_its_code_from_all_nodes(cluster: &Cluster, mpi: Mpi) {
    const NO_INPUT: i32 = 66;
    for launcher in launchers(mpi) {
        let outcome = cluster.run(&launcher, &[BINARY, "pair", "no-such-file"]);
        outcome.expect_error(NO_INPUT, &["no-such-file: no such file"]);
    }
}

/// srun's default is no plugin at all.
fn srun_without_the_plugin_is_refused(cluster: &Cluster) {
    let parts = ["expected 8 ranks", "found each of them alone", "--mpi="];
    let outcome = cluster.run(&format!("srun {SIZE}"), &[BINARY, "pair", CITIES]);
    outcome.expect_error(LAUNCHER_MISMATCH, &parts);
}

/// MPICH does not notice the plugin of another MPI, so that the launcher check must. Open MPI does,
/// and ends the job by itself before anybody else can speak.
fn srun_with_the_plugin_of_another_mpi_is_refused(cluster: &Cluster, mpi: Mpi) {
    let plugin = if mpi == Mpi::OpenMpi { "pmi2" } else { "pmix" };
    let launcher = format!("srun {SIZE} --mpi={plugin}");
    let outcome = cluster.run(&launcher, &[BINARY, "pair", CITIES]);
    match mpi {
        Mpi::Mpich => outcome.expect_error(LAUNCHER_MISMATCH, &["expected 8 ranks", "--mpi="]),
        Mpi::OpenMpi => {
            assert!(outcome.stderr.contains("launched using \"srun\""), "{outcome:#?}");
            assert_eq!((outcome.code == 0, outcome.stdout.as_str()), (false, ""), "{outcome:#?}");
        }
    }
}

/// A job on all nodes that would work for half an hour.
struct LongJob {
    child: Child,
    folder: Folder,
}

/// Starts the binary once the process has written its number, on its node, into a file that has the
/// name of the node: the process stays the same.
const TELL_PROCESS: &str =
    r#"echo $$ > "$0/$(hostname).new"; mv "$0/$(hostname).new" "$0/$(hostname)"; exec "$@""#;

impl LongJob {
    fn start(cluster: &Cluster, launcher: &str) -> LongJob {
        let folder = Folder::new();
        let file = folder.file("cities.cities");
        Job::alone().run(&["generate", "400000", &file]).expect_ok();
        fs::create_dir(folder.file("processes")).expect("a folder");
        let processes = folder.file("processes");
        let command = ["sh", "-c", TELL_PROCESS, &processes, BINARY, "pair", &file];
        let child = cluster.start(launcher, &[&command[..], &["--method", "naive"]].concat());
        LongJob { child, folder }
    }

    /// Waits until a rank on `node` looks at pairs, as it does once it has used the processor for
    /// longer than starting takes. Returns its process.
    fn process_on(&mut self, cluster: &Cluster, node: &str) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Ok(process) = fs::read_to_string(self.folder.file(&format!("processes/{node}")))
            {
                let process = process.trim().to_string();
                let used_s = Self::cpu_time_s(cluster, node, &process);
                if used_s.is_some_and(|used_s| used_s >= 2) {
                    return process;
                }
            }
            let early = self.child.try_wait().expect("the job is our child");
            assert!(early.is_none() && Instant::now() < end, "the job does not work: {early:?}");
            sleep(Duration::from_millis(100));
        }
    }

    /// The processor time of a process on a node, in seconds.
    fn cpu_time_s(cluster: &Cluster, node: &str, process: &str) -> Option<u64> {
        let words = ["--node", node, "ps", "-o", "cputimes=", "-p", process];
        cluster.script("run", &words).stdout.trim().parse().ok()
    }

    /// Asserts that the job ends, without an answer and with a code and a message that say so.
    fn expect_failure(self, what: &str) {
        let output = self.child.wait_with_output().expect("the job is our child");
        let outcome = outcome(what.into(), output);
        assert!(outcome.code != 0 && !outcome.stdout.contains("Maximum"), "{outcome:#?}");
        assert!(!outcome.stderr.is_empty(), "{outcome:#?}");
    }
}

/// Kills a rank on the third node.
fn kill_a_rank(cluster: &Cluster, job: &mut LongJob) {
    let process = job.process_on(cluster, "n3");
    let kill = cluster.script("run", &["--node", "n3", "kill", "-KILL", &process]);
    assert_eq!(kill.code, 0, "{kill:#?}");
}

fn a_killed_rank_ends_the_job(cluster: &Cluster, mpi: Mpi) {
    for launcher in launchers(mpi) {
        let mut job = LongJob::start(cluster, &launcher);
        kill_a_rank(cluster, &mut job);
        job.expect_failure(&launcher);
    }
}

fn a_node_that_is_cut_off_ends_the_job(cluster: &Cluster, mpi: Mpi) {
    for launcher in launchers(mpi) {
        let mut job = LongJob::start(cluster, &launcher);
        job.process_on(cluster, "n4");
        cluster.script("cut", &["n4"]).expect_ok();
        job.expect_failure(&launcher);
        cluster.script("mend", &["n4"]).expect_ok();
    }
}

/// The folders of the batch jobs of a test.
struct Batch<'a> {
    cluster: &'a Cluster,
    folder: Folder,
}

impl Batch<'_> {
    fn new(cluster: &Cluster) -> Batch<'_> {
        Batch { cluster, folder: Folder::new() }
    }

    /// A command on the first node, in which the files of `slurm/` find program and folder.
    fn command(&self, words: &str) -> Command {
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut command = self.cluster.command("run", &words);
        command.env("FARTHEST", BINARY).env("STUDIES", self.folder.path());
        command
    }

    fn run(&self, words: &str) -> Outcome {
        let mut command = self.command(words);
        outcome(words.into(), command.output().expect("timeout(1) is installed"))
    }

    /// Submits a job, waits for its end, and returns what is left of it.
    fn submit(&self, words: &str) -> Left {
        let outcome = self.run(&format!("sbatch --parsable --wait {words}"));
        let left = self.left_by(&outcome.stdout);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{}", left.log());
        left
    }

    /// What is left of a job whose number sbatch has said.
    fn left_by(&self, said: &str) -> Left {
        let id = said.trim().to_string();
        let is_of_job = |name: &String| name.ends_with(&format!("-{id}"));
        let folder = self.folder.names().into_iter().find(is_of_job);
        Left { folder: self.folder.file(&folder.unwrap_or_default()), id }
    }
}

/// What a batch job has left in its folder.
struct Left {
    folder: String,
    id: String,
}

impl Left {
    fn read(&self, name: &str) -> String {
        let path = Path::new(&self.folder).join(name);
        let text = fs::read_to_string(&path);
        text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn log(&self) -> String {
        let name = format!("slurm-{}.log", self.id);
        fs::read_to_string(Path::new(&self.folder).join(name)).unwrap_or_default()
    }

    fn runs(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).expect("a line is a JSON object");
        self.read("runs.jsonl").lines().map(parse).collect()
    }

    /// Asserts a study that went through: so many runs on each number of ranks, all fine, on the
    /// nodes that they need at two ranks a node, with table, plot and exports.
    fn expect_study(&self, kind: &str, runs: usize, ranks_and_nodes: &[(u64, u64)]) {
        let found = self.runs();
        assert_eq!(found.len(), runs * ranks_and_nodes.len(), "{}", self.log());
        for run in &found {
            assert_eq!([&run["kind"], &run["status"]], [kind, "ok"], "{run}");
            let report = &run["report"];
            let place = |name: &str| report[name].as_u64().expect("a number");
            assert!(ranks_and_nodes.contains(&(place("ranks"), place("nodes"))), "{run}");
            let hosts: Vec<&str> = NODES.into_iter().take(place("nodes") as usize).collect();
            let first = report["hosts"][0].as_str().expect("a host");
            assert_eq!(report["hosts"].as_array().map(Vec::len), Some(hosts.len()), "{run}");
            assert!(NODES.contains(&first), "{run}");
        }
        let table = self.read("table.txt");
        assert!(table.contains("Verdict: ") && table.contains("efficiency"), "{table}");
        assert_eq!(self.read("scaling.csv").lines().count(), 1 + ranks_and_nodes.len());
        assert!(self.read("scaling.svg").contains("</svg>"));
        assert_eq!(self.read("extrap.jsonl").lines().count() % ranks_and_nodes.len(), 0);
    }

    /// Asserts the log of a job that ended: the facts of the job, and the table.
    fn expect_log(&self, nodes: &str) {
        let log = self.log();
        for part in [nodes, "MPI:", "commit:", "Verdict: ", "scaling.svg"] {
            assert!(log.contains(part), "expected {part:?} in {log}");
        }
        let stray = Path::new(REPOSITORY).join(format!("slurm-{}.out", self.id));
        assert!(!stray.exists(), "the log moves into the folder of the job");
    }
}

fn batch_files_run_to_their_end_with_table_and_plot(cluster: &Cluster) {
    let batch = Batch::new(cluster);
    let small = "--cities 3000 --repeat 1 --ranks 1,2,8";
    let left = batch.submit(&format!("--nodes 4 slurm/strong.sbatch {small}"));
    left.expect_study("strong", 2, &[(1, 1), (2, 1), (8, 4)]);
    left.expect_log("nodes:       4 (n[1-4])");
    let left = batch.submit("slurm/weak.sbatch --cities 3000 --repeat 1");
    left.expect_study("weak", 2, &[(1, 1), (2, 1), (4, 2)]);
    left.expect_log("nodes:       2 (n[");
}

/// Two elements have two nodes each, and work at the same time.
fn a_job_array_makes_one_repetition_an_element_and_puts_them_together(cluster: &Cluster) {
    let batch = Batch::new(cluster);
    let left = batch.submit("--array 1-2 slurm/array.sbatch strong --cities 3000 --ranks 1,4");
    left.expect_study("strong", 4, &[(1, 1), (4, 2)]);
    let mut repeats: Vec<u64> =
        left.runs().iter().map(|run| run["repeat"].as_u64().expect("a number")).collect();
    repeats.sort_unstable();
    assert_eq!(repeats, [0, 0, 0, 0, 1, 1, 2, 2]);
    for element in ["1", "2"] {
        let log = left.read(&format!("repetition-{element}/slurm-{}-{element}.log", left.id));
        assert!(log.contains("nodes:       2 (n["), "{log}");
    }
}

/// In an allocation on the MPI's own launcher, and from a session that `slurm/interactive.sh` opens.
fn studies_run_across_nodes_in_an_allocation(cluster: &Cluster, mpi: Mpi) {
    let batch = Batch::new(cluster);
    let folder = batch.folder.file("own-launcher");
    let own = mpi.own_launcher().unwrap_or("mpiexec");
    let launcher = format!("{own} -n {{ranks}}");
    let mut command = batch.command(&format!("salloc {SIZE} scripts/study strong --ranks 1,8"));
    command.args(["--cities", "3000", "--repeat", "1", "--launcher", &launcher]);
    command.args(["--farthest", BINARY, "--out", &folder]);
    let ended = outcome("scripts/study".into(), command.output().expect("timeout(1)"));
    assert_eq!(ended.code, 0, "{ended:#?}");
    Left { folder, id: String::new() }.expect_study("strong", 2, &[(1, 1), (8, 4)]);

    let folder = batch.folder.file("session");
    let mut command = batch.command("slurm/interactive.sh -Q --nodes 2");
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("timeout(1)");
    let typed = format!(
        "scripts/study weak --cities 2000 --repeat 1 --ranks 1,4 --farthest {BINARY} --out {folder}"
    );
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), typed.as_bytes())
        .expect("the session reads");
    let ended = outcome(typed, child.wait_with_output().expect("the session is our child"));
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(ended.stdout.contains("nodes:       2 (n["), "{ended:#?}");
    Left { folder, id: String::new() }.expect_study("weak", 2, &[(1, 1), (4, 2)]);
}

/// Near its time limit a job stops, queues itself again and goes on where it was.
fn a_job_that_its_time_limit_stopped_queues_itself_again_and_goes_on(cluster: &Cluster) {
    let batch = Batch::new(cluster);
    let mut submit = batch.command("sbatch --parsable --nodes 1 slurm/strong.sbatch");
    submit.args(["--cities", "3000", "--repeat", "9", "--ranks", "1,2"]).env("REQUEUE", "yes");
    let submitted = outcome("sbatch".into(), submit.output().expect("timeout(1)"));
    let job = submitted.expect_ok().trim().to_string();
    let end = Instant::now() + Duration::from_secs(60);
    let begun = loop {
        let left = batch.left_by(&job);
        if Path::new(&left.folder).join("runs.jsonl").exists() {
            break left;
        }
        assert!(Instant::now() < end, "the job does not begin");
        sleep(Duration::from_millis(50));
    };
    cluster.run("scancel --batch --signal=USR1", &[&job]).expect_ok();
    let end = Instant::now() + Duration::from_secs(180);
    while !Path::new(&begun.folder).join("scaling.svg").exists() {
        assert!(Instant::now() < end, "the job does not go on: {}", begun.log());
        sleep(Duration::from_millis(200));
    }
    let first = begun.log();
    assert!(first.contains("stopped by SIGUSR1") && first.contains("queued again"), "{first}");
    let second = begun.read(&format!("slurm-{job}-restart-1.log"));
    assert!(second.contains("restarts: 1") && second.contains("runs are there"), "{second}");
    begun.expect_study("strong", 10, &[(1, 1), (2, 1)]);
}

/// Where the nodes are kept by the kernel, and what of it is left: processes in them, mounts.
fn namespaces(cluster: &Cluster) -> Vec<String> {
    let of_node = |node| {
        let links = "readlink /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/mnt";
        let words = ["--node", node, "sh", "-c", links];
        cluster.script("run", &words).expect_ok().lines().map(String::from).collect::<Vec<_>>()
    };
    NODES.into_iter().flat_map(of_node).collect()
}

fn nothing_is_left_of_a_cluster_that_went_down(cluster: &Cluster) {
    let namespaces = namespaces(cluster);
    assert_eq!(namespaces.len(), 3 * NODES.len());
    cluster.script("down", &[]).expect_ok();
    cluster.script("down", &[]).expect_ok();
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("a file of the kernel");
    assert!(!mounts.contains(&cluster.state()), "{mounts}");
    for process in fs::read_dir("/proc").expect("a folder of the kernel").flatten() {
        for kind in ["net", "pid", "mnt"] {
            let link = fs::read_link(process.path().join("ns").join(kind)).unwrap_or_default();
            let is_of_node = namespaces.iter().any(|namespace| link == Path::new(namespace));
            assert!(!is_of_node, "a process is left: {}", process.path().display());
        }
    }
}

#[test]
fn the_binary_works_and_fails_on_a_cluster_as_it_should() {
    let Some(cluster) = Cluster::up() else { return };
    let mpi = Mpi::of_binary();
    // Called again, it finds the cluster up and leaves it so.
    assert!(cluster.script("up", &[]).expect_ok().contains("as they were"));
    answers_are_those_of_one_node_and_hosts_are_told(&cluster, mpi);
    an_error_is_told_once_and_with_its_code_from_all_nodes(&cluster, mpi);
    srun_without_the_plugin_is_refused(&cluster);
    srun_with_the_plugin_of_another_mpi_is_refused(&cluster, mpi);
    batch_files_run_to_their_end_with_table_and_plot(&cluster);
    a_job_array_makes_one_repetition_an_element_and_puts_them_together(&cluster);
    studies_run_across_nodes_in_an_allocation(&cluster, mpi);
    a_job_that_its_time_limit_stopped_queues_itself_again_and_goes_on(&cluster);
    a_killed_rank_ends_the_job(&cluster, mpi);
    a_node_that_is_cut_off_ends_the_job(&cluster, mpi);
    nothing_is_left_of_a_cluster_that_went_down(&cluster);
}
