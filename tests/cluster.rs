//! The binary on several nodes, under a real Slurm: the virtual cluster of `scripts/cluster`.
//!
//! One cluster serves all tests, one after the other, because each of them wants all its nodes ([`Turn`]). It goes
//! down when the process ends. Where no cluster is possible, as without root, the tests are left out.

#![cfg(feature = "mpi")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::batch::{Batch, Left};
use common::cluster::{Cluster, NODES, Turn};
use common::lists::random;
use common::{Folder, Job, Mpi, Outcome, REPOSITORY};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_farthest");

const STOPPED: i32 = 75;
const LAUNCHER_MISMATCH: i32 = 78;

/// What takes longer never comes: far more than it takes, for a machine that is busy with other work.
const LONGEST: Duration = Duration::from_secs(900);

/// What all jobs ask for.
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

#[test]
fn a_cluster_that_is_up_is_left_as_it_is() {
    let Some(cluster) = Turn::new() else { return };
    assert!(cluster.script("up", &[]).expect_ok().contains("as they were"));
}

#[test]
fn answers_are_those_of_one_node_and_hosts_are_told() {
    let Some(cluster) = Turn::new() else { return };
    let mpi = Mpi::of_binary();
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

/// srun passes its standard input to all ranks, and stops until all have read what a pipe does not hold, so that
/// the list is longer than that. MPICH's own launcher gives up on a program that does not read a full pipe at once.
#[test]
fn a_list_through_a_pipe_comes_to_all_nodes() {
    let Some(cluster) = Turn::new() else { return };
    let mpi = Mpi::of_binary();
    let folder = Folder::new();
    let [file, packed] = ["cities.tsv", "cities.cities"].map(|name| folder.file(name));
    Job::alone().run(&["generate", "100000", &file]).expect_ok();
    let alone = Job::alone().run(&["pair", &file, "--format", "json"]).expect_json();
    let through_pipe = |launcher: &str, command: &str| {
        let line = format!("gzip -c {file} | gzip -dc | {launcher} {BINARY} {command}");
        cluster.script("run", &["sh", "-c", &line])
    };
    let [own, srun] = launchers(mpi);
    let launchers = if mpi == Mpi::OpenMpi { vec![own, srun.clone()] } else { vec![srun.clone()] };
    for launcher in launchers {
        let report = through_pipe(&launcher, "pair - --format json").expect_json();
        for field in ["distance_km", "pair", "cities", "pairs_covered", "columns"] {
            assert_eq!(report[field].to_string(), alone[field].to_string(), "{launcher}");
        }
        assert_eq!(report["nodes"], NODES.len(), "{launcher}");
    }
    through_pipe(&srun, &format!("pack - {packed}")).expect_ok();
    let expected = folder.file("expected.cities");
    Job::alone().run(&["pack", &file, &expected]).expect_ok();
    assert!(fs::read(packed).expect("it was packed") == fs::read(expected).expect("it too"));
}

/// Nodes share no memory, and those behind the first bring what they found to it.
#[test]
fn the_farthest_of_each_city_is_the_same_from_all_nodes() {
    let Some(cluster) = Turn::new() else { return };
    let folder = Folder::new();
    let file = format!("{REPOSITORY}/{CITIES}");
    let [alone, of_all] = ["alone.csv", "of_all.csv"].map(|name| folder.file(name));
    for metric in ["sphere", "wgs84"] {
        let words = ["each", &file, "--metric", metric, "--format", "json", "--force", "--out"];
        let expected = Job::alone().run(&[&words[..], &[&alone]].concat()).expect_json();
        for launcher in launchers(Mpi::of_binary()) {
            let command = [&[BINARY], &words[..], &[&of_all]].concat();
            let report = cluster.run(&launcher, &command).expect_json();
            for field in ["greatest", "centre", "histogram"] {
                assert_eq!(report[field], expected[field], "{launcher}");
            }
            assert_eq!(report["nodes"], NODES.len(), "{launcher}");
            let [expected, found] = [&alone, &of_all].map(|file| fs::read(file).expect("a file"));
            assert!(found == expected, "{launcher} {metric}");
        }
    }
}

#[test]
fn an_error_is_told_once_and_with_its_code_from_all_nodes() {
    let Some(cluster) = Turn::new() else { return };
    let mpi = Mpi::of_binary();
    const NO_INPUT: i32 = 66;
    for launcher in launchers(mpi) {
        let outcome = cluster.run(&launcher, &[BINARY, "pair", "no-such-file"]);
        outcome.expect_error(NO_INPUT, &["no-such-file: no such file"]);
    }
}

/// srun's default is no plugin at all.
#[test]
fn srun_without_the_plugin_is_refused() {
    let Some(cluster) = Turn::new() else { return };
    let parts = ["expected 8 ranks", "found each of them alone", "--mpi="];
    let outcome = cluster.run(&format!("srun {SIZE}"), &[BINARY, "pair", CITIES]);
    outcome.expect_error(LAUNCHER_MISMATCH, &parts);
}

/// MPICH does not notice the plugin of another MPI, so that the launcher check must. Open MPI does,
/// and ends the job by itself before anybody else can speak.
#[test]
fn srun_with_the_plugin_of_another_mpi_is_refused() {
    let Some(cluster) = Turn::new() else { return };
    let mpi = Mpi::of_binary();
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

    /// Waits until a rank on `node` most likely looks at pairs: it has used the processor for longer
    /// than starting takes. Returns its process.
    fn process_on(&mut self, cluster: &Cluster, node: &str) -> String {
        let end = Instant::now() + LONGEST;
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

    /// The processor time of a process on a node, in seconds. Linux counts it in hundredths, for
    /// user and system apart: fields 14 and 15, of which the second in parentheses may hold spaces.
    fn cpu_time_s(cluster: &Cluster, node: &str, process: &str) -> Option<u64> {
        let stat =
            cluster.script("run", &["--node", node, "cat", &format!("/proc/{process}/stat")]);
        let fields: Vec<&str> = stat.stdout.rsplit_once(')')?.1.split_whitespace().collect();
        let hundredths = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some((hundredths(14)? + hundredths(15)?) / 100)
    }

    /// Asserts that the job ends, without an answer, with one of these codes (none: any but 0) and with a message that
    /// has this part.
    fn expect_failure(self, what: &str, codes: &[i32], part: &str) {
        let output = self.child.wait_with_output().expect("the job is our child");
        let outcome = Outcome::of(what, output).expect_end();
        assert!(outcome.code != 0 && !outcome.stdout.contains("Maximum"), "{outcome:#?}");
        assert!(!outcome.stderr.is_empty(), "{outcome:#?}");
        assert!(codes.is_empty() || codes.contains(&outcome.code), "{codes:?}: {outcome:#?}");
        // MPICH's launcher says it on standard output.
        let said = outcome.stderr.clone() + &outcome.stdout;
        assert!(said.contains(part), "expected {part:?} in {outcome:#?}");
    }
}

/// Kills a rank on the third node.
fn kill_a_rank(cluster: &Cluster, job: &mut LongJob) {
    let process = job.process_on(cluster, "n3");
    let kill = cluster.script("run", &["--node", "n3", "kill", "-KILL", &process]);
    assert_eq!(kill.code, 0, "{kill:#?}");
}

#[test]
fn a_killed_rank_ends_the_job() {
    let Some(cluster) = Turn::new() else { return };
    let mpi = Mpi::of_binary();
    // Of other tests, whose jobs were killed with their launchers.
    let before = NODES.map(|node| rests_on(&cluster, node));
    for launcher in launchers(mpi) {
        let mut job = LongJob::start(&cluster, &launcher);
        kill_a_rank(&cluster, &mut job);
        // Of srun's ranks, which are asked to end by SIGTERM, one may tell first that the others do not answer.
        let (codes, part) = match mpi {
            _ if launcher.starts_with("srun") => (&[STOPPED, 137][..], "srun: error: n3: task"),
            Mpi::OpenMpi => (&[137][..], "on node n3 exited on signal 9 (Killed)"),
            // It joins the codes of all ranks, and those beside the killed one end in ways of their own.
            Mpi::Mpich => (&[][..], "BAD TERMINATION"),
        };
        job.expect_failure(&launcher, codes, part);
        for (node, before) in NODES.iter().zip(&before) {
            await_that("nothing more is left on a node", || {
                rests_on(&cluster, node).lines().all(|rest| before.lines().any(|old| old == rest))
            });
        }
    }
}

/// What is left of jobs on a node: memory that ranks shared by Open MPI, folders of its launchers, files of ours.
fn rests_on(cluster: &Cluster, node: &str) -> String {
    let find =
        "find /dev/shm $TMPDIR -name 'vader_segment*' -o -name 'pid.*' -o -name '.farthest-*'";
    cluster.script("run", &["--node", node, "sh", "-c", find]).expect_ok().to_string()
}

#[test]
fn a_node_that_is_cut_off_ends_the_job() {
    let Some(cluster) = Turn::new() else { return };
    let mpi = Mpi::of_binary();
    for launcher in launchers(mpi) {
        let mut job = LongJob::start(&cluster, &launcher);
        job.process_on(&cluster, "n4");
        cluster.script("cut", &["n4"]).expect_ok();
        let part = match mpi {
            _ if launcher.starts_with("srun") => "Node failure on n4",
            Mpi::OpenMpi => "ORTE has lost communication with a remote daemon",
            Mpi::Mpich => "",
        };
        job.expect_failure(&launcher, &[], part);
        cluster.script("mend", &["n4"]).expect_ok();
    }
}

#[test]
fn batch_files_run_to_their_end_with_table_and_plot() {
    let Some(cluster) = Turn::new() else { return };
    let batch = Batch::new(&cluster);
    let small = "--cities 3000 --repeat 1 --ranks 1,2,8";
    let left = batch.submit(&format!("--nodes 4 slurm/strong.sbatch {small}"));
    left.expect_study("strong", 2, &[(1, 1), (2, 1), (8, 4)]);
    left.expect_log("nodes:       4 (n[1-4])");
    let left = batch.submit("slurm/weak.sbatch --cities 3000 --repeat 1");
    left.expect_study("weak", 2, &[(1, 1), (2, 1), (4, 2)]);
    left.expect_log("nodes:       2 (n[");
}

/// Two elements have two nodes each, and work at the same time.
#[test]
fn a_job_array_makes_one_repetition_an_element_and_puts_them_together() {
    let Some(cluster) = Turn::new() else { return };
    let batch = Batch::new(&cluster);
    let left = batch.submit("--array 1-2 slurm/array.sbatch strong --cities 3000 --ranks 1,4");
    left.expect_study("strong", 4, &[(1, 1), (4, 2)]);
    let mut repeats: Vec<u64> =
        left.runs().iter().map(|run| run["repeat"].as_u64().expect("a number")).collect();
    repeats.sort_unstable();
    assert_eq!(repeats, [0, 0, 0, 0, 1, 1, 2, 2]);
    for element in ["1", "2"] {
        let log = left.read(&format!("repetition-{element}/slurm-{}-{element}.log", left.job));
        assert!(log.contains("nodes:       2 (n["), "{log}");
    }
}

/// In an allocation on the MPI's own launcher, and from a session that `slurm/interactive.sh` opens.
#[test]
fn studies_run_across_nodes_in_an_allocation() {
    let Some(cluster) = Turn::new() else { return };
    let mpi = Mpi::of_binary();
    let batch = Batch::new(&cluster);
    let files = |folder: &str| {
        format!("--repeat 1 --farthest {BINARY} --out {}", batch.folder.file(folder))
    };
    let own = mpi.own_launcher().unwrap_or("mpiexec");
    let mut command = batch.command(&format!("salloc {SIZE} scripts/study strong --ranks 1,8"));
    command.args(["--cities", "3000", "--launcher", &format!("{own} -n {{ranks}}")]);
    command.args(files("own-launcher").split_whitespace());
    let output = command.output().expect("timeout(1) is installed");
    let outcome = Outcome::of("a study in an allocation", output).expect_end();
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    Left::in_folder(batch.folder.file("own-launcher")).expect_study("strong", 2, &[(1, 1), (8, 4)]);

    let typed = format!("scripts/study weak --cities 2000 --ranks 1,4 {}", files("session"));
    let outcome = batch.run_with_input(&typed, "slurm/interactive.sh -Q --nodes 2");
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    assert!(outcome.stdout.contains("nodes:       2 (n["), "{outcome:#?}");
    Left::in_folder(batch.folder.file("session")).expect_study("weak", 2, &[(1, 1), (4, 2)]);
}

/// Near its time limit a job stops, queues itself again and goes on. Slurm lets a job that was queued
/// again wait for two minutes, which the test cuts short.
#[test]
fn a_job_that_its_time_limit_stopped_queues_itself_again_and_goes_on() {
    let Some(cluster) = Turn::new() else { return };
    let batch = Batch::new(&cluster);
    let study = "slurm/strong.sbatch --cities 3000 --repeat 9 --ranks 1,2";
    let job = batch.run_with("REQUEUE", "yes", &format!("sbatch --parsable --nodes 1 {study}"));
    let job = job.expect_ok().trim().to_string();
    await_that("the job begins", || batch.left_by(&job).has("runs.jsonl"));
    cluster.run("scancel --batch --signal=USR1", &[&job]).expect_ok();
    await_that("the job is queued again", || state_of(&cluster, &job) == "PENDING");
    let left = batch.left_by(&job);
    let log = left.log();
    assert!(log.contains("stopped by SIGUSR1") && log.contains("queued again"), "{log}");
    // A start that comes while the first end is not complete fails, and Slurm starts the job once more, or
    // holds it until it is released.
    let restarted = || {
        let mut logs = (1..10).map(|count| format!("slurm-{job}-restart-{count}.log"));
        logs.rfind(|log| left.has(log))
    };
    await_that("the job ends", || {
        start_anew(&cluster, &job);
        restarted().is_some() && state_of(&cluster, &job) == "COMPLETED"
    });
    let log = left.read(&restarted().expect("the job was started again"));
    assert!(log.contains("restarts: ") && log.contains("runs are there"), "{log}");
    left.expect_study("strong", 10, &[(1, 1), (2, 1)]);
}

/// A search that is stopped near its time limit goes on from its checkpoint when the job is started again, here on
/// as many ranks, and has the answer of a run that nobody stopped.
#[test]
fn a_search_that_its_time_limit_stopped_goes_on_from_its_checkpoint() {
    let Some(cluster) = Turn::new() else { return };
    let batch = Batch::new(&cluster);
    let list = batch.folder.write("list.txt", random(20_000).text());
    let words = ["pair", &list, "--method", "naive", "--format", "json"];
    let whole = Job::on_ranks(2).run(&words).expect_json();
    let words = format!("--nodes 2 slurm/pair.sbatch {list} --method naive --every 0.2");
    let job = batch.run_with("REQUEUE", "yes", &format!("sbatch --parsable {words}"));
    let job = job.expect_ok().trim().to_string();
    let checkpoint = || {
        let left = batch.left_by(&job);
        if left.has("checkpoint") { left.read("checkpoint") } else { String::new() }
    };
    await_that("the search begins", || !checkpoint().is_empty());
    let first = checkpoint();
    await_that("the search has settled something", || checkpoint() != first);
    cluster.run("scancel --batch --signal=USR1", &[&job]).expect_ok();
    await_that("the job is queued again", || state_of(&cluster, &job) == "PENDING");
    let left = batch.left_by(&job);
    let stopped: Value = serde_json::from_str(&left.read("report-stopped.json")).expect("JSON");
    assert_eq!(stopped["status"], "stopped", "{}", left.log());
    assert!(stopped["pairs_covered"].as_u64() < whole["pairs"].as_u64(), "{stopped:#}");
    await_that("the job ends", || {
        start_anew(&cluster, &job);
        left.has("report.json") && state_of(&cluster, &job) == "COMPLETED"
    });
    let report: Value = serde_json::from_str(&left.read("report.json")).expect("JSON");
    for key in ["status", "distance_km", "pair", "pairs", "pairs_covered"] {
        assert_eq!(report[key], whole[key], "{key}: {}", left.log());
    }
    assert_eq!(report["nodes"], 2);
    assert!(report["pairs_covered_earlier"].as_u64() >= stopped["pairs_covered"].as_u64());
    assert!(!left.has("checkpoint") && !left.has("report-stopped.json"));
}

/// The state of a job, as Slurm calls it.
fn state_of(cluster: &Cluster, job: &str) -> String {
    let said = cluster.run("squeue --noheader --states=all --format=%T --jobs", &[job]).stdout;
    said.trim().to_string()
}

/// Lets a job that was queued again begin soon. Slurm sets the time of the start anew when the job's first end is
/// complete, and holds a job whose start came too early, or calls it failed: the nodes take no start of a job in
/// the second in which it was ended.
fn start_anew(cluster: &Cluster, job: &str) {
    match state_of(cluster, job).as_str() {
        "PENDING" => {
            sleep(Duration::from_secs(3));
            cluster.run("scontrol update StartTime=now", &[&format!("JobId={job}")]);
            cluster.run("scontrol release", &[job]);
        }
        "FAILED" => {
            cluster.run("scontrol requeue", &[job]);
        }
        _ => {}
    }
}

fn await_that(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + LONGEST;
    while !is_so() {
        assert!(Instant::now() < end, "expected that {what}");
        sleep(Duration::from_millis(100));
    }
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

#[test]
fn nothing_is_left_of_a_cluster_that_went_down() {
    // A cluster of its own, as others may still need theirs.
    let Some(_turn) = Turn::new() else { return };
    let Some(cluster) = Cluster::up() else { return };
    let namespaces = namespaces(&cluster);
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
