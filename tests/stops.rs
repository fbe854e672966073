//! Searches that are stopped: by their time limit, by a signal, by a kill; and that go on, with another number of
//! ranks, to the answer of a run that nobody disturbed.

#![cfg(feature = "mpi")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::lists::random;
use common::{Folder, Job, Mpi, Outcome, Random, SOME_RANKS, assert_error, change_at};
use serde_json::Value;

const STOPPED: i32 = 75;
const METHODS: [&str; 3] = ["naive", "exhaustive", "pruned"];

/// A list as a packed file, whose pairs take `naive` some seconds on a rank.
fn list_of(cities: usize) -> (Folder, String) {
    let folder = Folder::new();
    let text = folder.write("list.txt", random(cities).text());
    let packed = folder.file("list.cities");
    Job::alone().run(&["pack", &text, &packed]).expect_ok();
    (folder, packed)
}

/// The words of a search whose report is JSON.
fn pair_words<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["pair"], words, &["--format", "json"]].concat()
}

fn pair(job: &Job, words: &[&str]) -> Outcome {
    job.run(&pair_words(words))
}

/// The parts of a report that are the answer.
fn answer(report: &Value) -> Value {
    serde_json::json!([
        report["status"],
        report["distance_km"],
        report["pair"],
        report["pairs"],
        report["pairs_covered"]
    ])
}

fn number(report: &Value, key: &str) -> f64 {
    report[key].as_f64().unwrap_or_else(|| panic!("{key} is a number in {report:#}"))
}

/// Checks what a search that was stopped has to say, given the whole answer.
fn expect_stopped(outcome: &Outcome, whole: &Value) -> Value {
    assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("a report");
    assert_eq!(report["status"], "stopped");
    assert_eq!(report["pairs"], whole["pairs"]);
    let distance_km = number(whole, "distance_km");
    assert!(number(&report, "distance_km") <= distance_km, "{report:#}");
    assert!(distance_km <= number(&report, "upper_bound_km"), "{report:#}");
    assert!(number(&report, "pairs_covered") < number(whole, "pairs"), "{report:#}");
    report
}

#[test]
fn a_search_stops_in_time_and_goes_on_with_other_ranks() {
    let (folder, file) = list_of(9000);
    let of_sphere = METHODS.map(|method| (method, "sphere"));
    for (method, metric) in
        of_sphere.into_iter().chain([("exhaustive", "wgs84"), ("pruned", "wgs84")])
    {
        let question = [&file, "--method", method, "--metric", metric];
        let whole = pair(&Job::alone(), &question).expect_json();
        assert_eq!(whole["pairs"], whole["pairs_covered"]);
        assert!(
            whole.get("upper_bound_km").is_none() && whole.get("pairs_covered_earlier").is_none()
        );
        let checkpoint = folder.file(method);
        let words = [&question[..], &["--checkpoint", &checkpoint]].concat();
        let limited = pair_words(&[&words[..], &["--max-seconds", "0.001"]].concat());
        // The time is over before the search begins, and each rank settles one block nevertheless.
        let stops = [1, 2, 3, 2].map(|ranks| {
            let job = if ranks == 1 { Job::alone() } else { Job::on_ranks(ranks) };
            let wait = |_: &[u32]| sleep(Duration::from_millis(2));
            let outcome = change_at("Loaded", job, ranks, &limited, wait);
            if outcome.code == 0 {
                return None;
            }
            assert!(outcome.stderr.lines().all(|line| !line.contains("farthest:")), "{outcome:#?}");
            Some(number(&expect_stopped(&outcome, &whole), "pairs_covered"))
        });
        let covered: Vec<f64> = stops.into_iter().flatten().collect();
        assert!(covered.is_sorted() && !covered.is_empty(), "{method}: {covered:?}");
        assert!(fs::exists(&checkpoint).expect("the folder is there") || method == "pruned");
        let done = pair(&Job::on_ranks(3), &words).expect_json();
        assert_eq!(answer(&done), answer(&whole), "{method}");
        if method != "pruned" {
            let earlier = number(&done, "pairs_covered_earlier");
            assert_eq!(earlier, covered[covered.len() - 1], "{method}");
        }
        assert!(!fs::exists(&checkpoint).expect("the folder is there"), "{method}: it is done");
    }
}

#[test]
fn the_report_for_people_says_that_it_was_stopped_and_what_is_not_known() {
    let (_folder, file) = list_of(9000);
    let words = ["pair", &file, "--method", "naive", "--max-seconds", "0.001"];
    let outcome = Job::on_ranks(2).run(&words);
    assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
    for part in [
        "km, the farthest so far\nat most:",
        "\nResult:          STOPPED\n",
        "Maximum distance: not known",
    ] {
        assert!(outcome.stdout.contains(part), "{part} is missing: {outcome:#?}");
    }
    assert!(!outcome.stdout.contains("VALID"));
    let quiet = Job::alone().run(&[&words[..], &["--quiet"]].concat());
    assert!(quiet.code == STOPPED && quiet.stdout.lines().count() == 6, "{quiet:#?}");
    assert!(quiet.stdout.contains("\nMaximum distance: not known, the search was stopped; from "));
}

/// A job that is at work, as a process of its own.
struct Running {
    child: Child,
    /// Its folder for temporary files.
    scratch: Folder,
    /// Processes of the program, of this job alone.
    ranks: u64,
    file: String,
}

impl Running {
    fn start(ranks: u64, words: &[&str], file: &str) -> Running {
        let job = if ranks > 1 { Job::on_ranks(ranks) } else { Job::alone() };
        Running::start_by(job, ranks, words, file)
    }

    fn start_by(job: Job, ranks: u64, words: &[&str], file: &str) -> Running {
        let (child, scratch) = job.start(&[&["pair", file], words].concat());
        Running { child, scratch, ranks, file: file.into() }
    }

    /// Whether it is at work still.
    fn goes_on(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }

    /// The processes of this job whose program has a name that begins so.
    fn running(&self, program: &str) -> Vec<u32> {
        processes_with(&self.file, program)
    }

    /// The process of its launcher.
    fn launcher(&self) -> u32 {
        let launchers = self.running("mpi");
        assert_eq!(launchers.len(), 1, "{launchers:?}");
        launchers[0]
    }

    /// The processes of the ranks, once all are there; fewer if the job has ended.
    fn processes(&mut self) -> Vec<u32> {
        loop {
            let goes_on = self.goes_on();
            let ranks = self.running("farthest");
            if ranks.len() as u64 == self.ranks || !goes_on {
                return ranks;
            }
            sleep(Duration::from_millis(5));
        }
    }

    fn end(self) -> Outcome {
        Outcome::of("a job that was signalled", self.child.wait_with_output().expect("it ends"))
    }
}

/// The processes that have this word, and whose program has a name that begins so.
fn processes_with(word: &str, program: &str) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("processes can be listed");
    let is_it = |id: &u32| {
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = words.split(|&byte| byte == 0).collect();
        let name = words[0].rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        name.starts_with(program.as_bytes()) && words.contains(&word.as_bytes())
    };
    let id = |entry: std::io::Result<fs::DirEntry>| {
        entry.ok()?.file_name().to_str()?.parse().ok().filter(is_it)
    };
    all.filter_map(id).collect()
}

/// Waits until no rank of a job is there whose launcher was killed.
fn await_end_of_ranks(file: &str) {
    let begun = Instant::now();
    while !processes_with(file, "farthest").is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "ranks go on without a launcher");
        sleep(Duration::from_millis(20));
    }
}

/// The files in `/dev/shm` that some processes share memory by.
fn shared_memory_of(processes: &[u32]) -> BTreeSet<String> {
    let maps = |id| fs::read_to_string(format!("/proc/{id}/maps")).unwrap_or_default();
    let maps: String = processes.iter().map(maps).collect();
    let file = |line: &str| Some(line[line.find("/dev/shm/")?..].to_string());
    maps.lines().filter_map(file).filter(|file| !file.ends_with(" (deleted)")).collect()
}

fn signal(process: u32, name: &str) {
    let id = process.to_string();
    let sent = Command::new("kill").args([name, &id]).status().expect("kill is there");
    assert!(sent.success(), "{name} for {id}");
}

/// Waits until the checkpoint of a job is another than it was, or the job has ended.
fn wait_for_change(job: &mut Running, checkpoint: &str, before: &[u8]) {
    while job.goes_on() && fs::read(checkpoint).unwrap_or_default() == before {
        sleep(Duration::from_millis(2));
    }
}

/// One rank is asked to stop, whichever it is, and all do.
#[test]
fn a_signal_to_any_rank_stops_all_with_a_report() {
    let (folder, file) = list_of(30_000);
    for (ranks, at, name) in
        [(1, 0, "-TERM"), (1, 0, "-USR1"), (3, 0, "-TERM"), (3, 2, "-USR1"), (3, 1, "-TERM")]
    {
        let checkpoint = folder.file("signalled");
        let words = [
            "--method",
            "naive",
            "--format",
            "json",
            "--checkpoint",
            &checkpoint,
            "--every",
            "0.05",
        ];
        let mut job = Running::start(ranks, &words, &file);
        let processes = job.processes();
        // The first one is written before the loop begins, the second one in it.
        wait_for_change(&mut job, &checkpoint, b"");
        let first = fs::read(&checkpoint).expect("it is there");
        wait_for_change(&mut job, &checkpoint, &first);
        signal(processes[at], name);
        let begun = Instant::now();
        let outcome = job.end();
        println!("{ranks} ranks, {name} to the {at}-th: ended after {:?}", begun.elapsed());
        assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
        let report: Value = serde_json::from_str(&outcome.stdout).expect("a report");
        assert_eq!(report["status"], "stopped");
        assert!(number(&report, "pairs_covered") > 0.0);
        fs::remove_file(&checkpoint).expect("it stays for the next run");
    }
}

/// Twenty times a job is killed at a random moment, each time with another number of ranks. Its last run ends with
/// the answer of a run that nobody disturbed.
#[test]
fn a_job_that_is_killed_twenty_times_ends_with_the_undisturbed_answer() {
    let (folder, file) = list_of(12_000);
    let whole = pair(&Job::alone(), &[&file, "--method", "naive"]).expect_json();
    let checkpoint = folder.file("killed");
    let words = ["--method", "naive", "--checkpoint", &checkpoint, "--every", "0.05"];
    let mut random = Random::new(20);
    let mut kills = 0;
    for round in 0..20 {
        let ranks = 1 + round % 4;
        let before = fs::read(&checkpoint).unwrap_or_default();
        let mut job = Running::start(ranks, &words, &file);
        let processes = job.processes();
        // Some are killed before they begin, the others after they have saved something.
        if round % 5 > 0 {
            wait_for_change(&mut job, &checkpoint, &before);
            sleep(Duration::from_millis(random.below(100) as u64));
        }
        if !processes.is_empty() {
            let victim = processes[random.below(processes.len())].to_string();
            let _ = Command::new("kill").args(["-KILL", &victim]).output();
        }
        let outcome = job.end();
        assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        if outcome.code == 0 {
            // It was done before the kill; the next one begins anew.
            println!("{ranks} ranks were done before they were killed");
            assert!(!fs::exists(&checkpoint).expect("a folder"));
        } else {
            kills += 1;
        }
        assert!(
            folder.names().iter().all(|name| !name.starts_with(".farthest")),
            "{:?}",
            folder.names()
        );
    }
    assert!(kills >= 10, "only {kills} of 20 were killed in time");
    let words = [&file, "--method", "naive", "--checkpoint", &checkpoint];
    let done = pair(&Job::on_ranks(3), &words).expect_json();
    assert_eq!(answer(&done), answer(&whole));
    assert!(!fs::exists(&checkpoint).expect("a folder"));
}

/// A rank that is halted for a while, as a debugger or a batch system does it, and one that is on a crowded core.
#[test]
fn a_rank_that_is_halted_for_five_seconds_changes_nothing() {
    let (folder, file) = list_of(12_000);
    let whole = pair(&Job::alone(), &[&file, "--method", "naive"]).expect_json();
    let checkpoint = folder.file("halted");
    let words =
        ["--method", "naive", "--format", "json", "--checkpoint", &checkpoint, "--every", "0.05"];
    for (ranks, at) in [(1, 0), (3, 0), (8, 5)] {
        let mut job = Running::start(ranks, &words, &file);
        let processes = job.processes();
        wait_for_change(&mut job, &checkpoint, b"");
        signal(processes[at], "-STOP");
        sleep(Duration::from_secs(5));
        signal(processes[at], "-CONT");
        assert_eq!(answer(&job.end().expect_json()), answer(&whole), "{ranks} ranks");
        assert!(!fs::exists(&checkpoint).expect("a folder"));
    }
}

/// Where the launcher dies, its ranks end too, and what they had done is there for the next run.
#[test]
fn the_ranks_of_a_launcher_that_is_killed_end_and_the_next_run_goes_on() {
    let (folder, file) = list_of(30_000);
    let checkpoint = folder.file("orphaned");
    let words =
        ["--method", "naive", "--format", "json", "--checkpoint", &checkpoint, "--every", "0.05"];
    let mut job = Running::start(3, &words, &file);
    job.processes();
    wait_for_change(&mut job, &checkpoint, b"");
    let first = fs::read(&checkpoint).expect("it is there");
    wait_for_change(&mut job, &checkpoint, &first);
    let shared_memory = shared_memory_of(&job.running("farthest"));
    signal(job.launcher(), "-KILL");
    await_end_of_ranks(&job.file);
    // Open MPI's launcher takes it away, but not where it is killed.
    for file in shared_memory {
        let _ = fs::remove_file(file);
    }
    let words = [&file, "--method", "naive", "--checkpoint", &checkpoint, "--max-seconds", "0.01"];
    let next = pair(&Job::on_ranks(2), &words);
    let report: Value = serde_json::from_str(&next.stdout).expect("a report");
    assert!(next.code == STOPPED && number(&report, "pairs_covered_earlier") > 0.0, "{next:#?}");
}

/// Under `scripts/launch` one line says what happened, and no process, shared memory or temporary file is left.
#[test]
fn under_the_launch_script_nothing_is_left_of_a_search_whose_rank_or_launcher_is_killed() {
    let (folder, file) = list_of(30_000);
    let mpi = Mpi::of_binary();
    let checkpoint = folder.file("killed");
    let words = ["--method", "naive", "--checkpoint", &checkpoint, "--every", "0.05"];
    for (victim, who) in [("rank", "a rank was ended by"), ("launcher", " itself was ended by")] {
        let mut job = Running::start_by(Job::by_script(SOME_RANKS), SOME_RANKS, &words, &file);
        let ranks = job.processes();
        wait_for_change(&mut job, &checkpoint, b"");
        let first = fs::read(&checkpoint).expect("it is there");
        wait_for_change(&mut job, &checkpoint, &first);
        let shared_memory = shared_memory_of(&ranks);
        assert!(mpi == Mpi::Mpich || shared_memory.len() as u64 == SOME_RANKS, "{shared_memory:?}");
        signal(if victim == "rank" { ranks[1] } else { job.launcher() }, "-KILL");
        let Running { child, scratch, .. } = job;
        let outcome = Outcome::of(victim, child.wait_with_output().expect("it ends"));
        let expected = if mpi == Mpi::Mpich && victim == "rank" { 9 } else { 137 };
        assert_eq!(outcome.code, expected, "{outcome:#?}");
        let is_ours = |line: &&str| line.contains("scripts/launch") || line.contains("farthest:");
        let said: Vec<&str> = outcome.stderr.lines().filter(is_ours).collect();
        assert!(said.len() == 1 && said[0].contains("SIGKILL"), "{outcome:#?}");
        assert!(said[0].contains(who), "{outcome:#?}");
        // The other launcher's helpers end the ranks when they notice.
        if mpi == Mpi::Mpich {
            await_end_of_ranks(&file);
        }
        let processes = processes_with(&file, "");
        assert!(processes.is_empty(), "{victim}: {processes:?}");
        let left: Vec<_> = shared_memory.iter().filter(|file| Path::new(file).exists()).collect();
        assert!(left.is_empty() && scratch.names().is_empty(), "{left:?}, {:?}", scratch.names());
        fs::remove_file(&checkpoint).expect("it stays for the next run");
        assert_eq!(folder.names(), ["list.cities", "list.txt"]);
    }
}

#[test]
fn a_checkpoint_of_something_else_is_refused_by_all_ranks_and_left_alone() {
    let (folder, file) = list_of(9000);
    let (_other_folder, other) = list_of(8999);
    let checkpoint = folder.file("c");
    let words = [&file, "--method", "naive", "--checkpoint", &checkpoint];
    let stopped = pair(&Job::alone(), &[&words[..], &["--max-seconds", "0.001"]].concat());
    assert_eq!(stopped.code, STOPPED, "{stopped:#?}");
    let bytes = fs::read(&checkpoint).expect("it was written");
    for job in Job::alone_and_on_ranks() {
        let of =
            |words: &[&str]| job.run(&[&["pair", "--checkpoint", &checkpoint], words].concat());
        of(&[&file, "--method", "exhaustive"]).expect_error(
            65,
            &[
                "c: expected a checkpoint of this run",
                "method naive, here exhaustive",
                "name another file",
            ],
        );
        of(&[&other, "--method", "naive"])
            .expect_error(65, &["9000 cities, here 8999", "checksum of the cities"]);
        assert_eq!(fs::read(&checkpoint).expect("it is there"), bytes);
    }
    fs::write(&checkpoint, &bytes[..bytes.len() / 2]).expect("it can be written");
    let words = ["pair", &file, "--method", "naive", "--checkpoint", &checkpoint];
    assert_error(
        &words,
        65,
        &["c: expected a checkpoint that --checkpoint wrote", "name another file"],
    );
    for strange in [&file, folder.path().to_str().expect("a name"), "/dev/null"] {
        let before = fs::read(strange).unwrap_or_default();
        let words = ["pair", &file, "--checkpoint", strange];
        assert_error(&words, 65, &["expected a checkpoint that --checkpoint wrote, found"]);
        assert_eq!(fs::read(strange).unwrap_or_default(), before);
    }
    let nowhere = folder.file("no-such-folder/c");
    assert_error(
        &["pair", &file, "--checkpoint", &nowhere],
        74,
        &["no-such-folder/c: cannot create"],
    );
}

#[test]
fn a_list_that_is_scattered_cannot_be_stopped_or_saved() {
    let (_folder, file) = list_of(100);
    for words in [&["--max-seconds", "1"][..], &["--checkpoint", "c"], &["--progress"]] {
        let words = [&["pair", &file, "--dist", "scatter"], words].concat();
        assert_error(&words, 2, &["without --dist scatter", words[4]]);
    }
    assert_error(&["pair", &file, "--every", "5"], 2, &["--checkpoint"]);
    for wrong in ["0", "-1", "soon", "nan", "inf"] {
        let words = ["pair", &file, &format!("--max-seconds={wrong}")];
        assert_error(&words, 2, &["expected a number of seconds"]);
    }
}

#[test]
fn progress_is_told_line_by_line_where_nobody_sees_it_rewritten() {
    let (_folder, file) = list_of(12_000);
    for job in Job::alone_and_on_ranks() {
        let outcome = pair(&job, &[&file, "--method", "naive", "--progress", "0.2"]);
        assert!(outcome.code == 0 && outcome.stdout.contains("\"ok\""), "{outcome:#?}");
        let is_progress =
            |line: &&str| line.starts_with("farthest: ") && line.contains("% of rank 0's share");
        let lines: Vec<&str> = outcome.stderr.lines().filter(is_progress).collect();
        assert!(lines.len() > 1, "{outcome:#?}");
        for part in ["pairs covered", "pairs per second", " left; farthest so far: ", " km"] {
            assert!(lines.iter().all(|line| line.contains(part)), "{lines:?}");
        }
        let silent = pair(&job, &[&file, "--method", "naive"]);
        assert!(silent.code == 0 && silent.stderr.is_empty(), "{silent:#?}");
    }
}
