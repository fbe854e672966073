//! Searches that are stopped: by their time limit, by a signal, by a kill; and that go on, with another number of
//! ranks, to the answer of a run that nobody disturbed.

#![cfg(feature = "mpi")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use common::lists::random;
use common::{Folder, Job, Mpi, Outcome, Random, SOME_RANKS, assert_error, change_at};
use farthest::driver::progress::OF_SHARE;
use farthest::pairs::PairSpace;
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
        let undisturbed = pair(&Job::alone(), &question);
        let whole = undisturbed.expect_json();
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
        let resumed = pair(&Job::on_ranks(3), &words);
        assert_eq!(resumed.answer(), undisturbed.answer(), "{method}");
        let done = resumed.expect_json();
        assert_eq!(answer(&done), answer(&whole), "{method}");
        if method != "pruned" {
            let earlier = number(&done, "pairs_covered_earlier");
            assert_eq!(earlier, covered[covered.len() - 1], "{method}");
        }
        assert!(!fs::exists(&checkpoint).expect("the folder is there"), "{method}: it is done");
    }
}

/// The table and the drawings, which have no times in them, are the same whole files.
#[test]
fn the_files_of_a_resumed_search_are_byte_for_byte_those_of_an_undisturbed_one() {
    let (folder, file) = list_of(9000);
    let read = |name: &str| fs::read(folder.file(name)).expect("it was drawn");
    for method in ["naive", "exhaustive"] {
        let [whole_map, map, checkpoint] =
            ["whole.geojson", "map.geojson", "c"].map(|name| folder.file(name));
        let question = ["pair", &file, "--method", method, "--format", "csv", "--force"];
        let whole = Job::alone().run(&[&question[..], &["--geojson", &whole_map]].concat());
        let words = [&question[..], &["--geojson", &map, "--checkpoint", &checkpoint]].concat();
        let stopped = Job::on_ranks(2).run(&[&words[..], &["--max-seconds", "0.001"]].concat());
        assert_eq!(stopped.code, STOPPED, "{stopped:#?}");
        assert!(
            !fs::exists(&map).expect("a folder"),
            "{method}: nothing is drawn of half an answer"
        );
        let resumed = Job::on_ranks(3).run(&words);
        assert_eq!(resumed.expect_ok(), whole.expect_ok(), "{method}");
        assert_eq!(read("map.geojson"), read("whole.geojson"), "{method}");
        fs::remove_file(&map).expect("the next method draws it anew");
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
    // A table has no place for it.
    let table = Job::alone().run(&[&words[..], &["--format", "csv"]].concat());
    assert!(table.code == STOPPED && table.stdout.lines().count() == 2, "{table:#?}");
    let told =
        "farthest: the search was stopped; these are the farthest so far, and the answer is from ";
    assert!(table.stderr.starts_with(told) && table.stderr.lines().count() == 1, "{table:#?}");
}

/// A job that is at work, as a process of its own.
struct Running {
    child: Child,
    /// Its folder for temporary files.
    scratch: Folder,
    /// Processes of the program, of this job alone.
    ranks: u64,
    file: String,
    /// What it has said on standard error by now, and who listens.
    said: Arc<Mutex<String>>,
    listener: JoinHandle<()>,
}

impl Running {
    fn start(ranks: u64, words: &[&str], file: &str) -> Running {
        let job = if ranks > 1 { Job::on_ranks(ranks) } else { Job::alone() };
        Running::start_by(job, ranks, words, file)
    }

    fn start_by(job: Job, ranks: u64, words: &[&str], file: &str) -> Running {
        let (mut child, scratch) = job.start(&[&["pair", file], words].concat());
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        let listener = spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).expect("standard error is UTF-8") > 0 {
                heard.lock().expect("no panic").push_str(&line);
                line.clear();
            }
        });
        Running { child, scratch, ranks, file: file.into(), said, listener }
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
        self.end_and_keep_scratch().0
    }

    /// The same of a job that lost a rank, perhaps as it began. Open MPI 4's mpirun may wait for ever then, which
    /// `scripts/launch` ends and a bare one does not.
    fn end_after_kill(mut self) -> Outcome {
        let mut seen = Instant::now();
        while self.goes_on() {
            if !self.running("farthest").is_empty() {
                seen = Instant::now();
            } else if seen.elapsed() > Duration::from_secs(20) {
                signal(self.launcher(), "-KILL");
                break;
            }
            sleep(Duration::from_millis(10));
        }
        self.end()
    }

    fn end_and_keep_scratch(self) -> (Outcome, Folder) {
        let output = self.child.wait_with_output().expect("it ends");
        self.listener.join().expect("no panic");
        let stderr = std::mem::take(&mut *self.said.lock().expect("no panic"));
        let outcome = Outcome { stderr, ..Outcome::of("a job that was signalled", output) };
        (outcome, self.scratch)
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

/// A checkpoint that is due after every block tells how far a process is. It is halted, asked to stop and let go on.
/// A block that was settled when it was halted may not have been saved yet, and one more is settled at most.
/// Blocks of `naive` last longer than the time between two looks at the clock, so that each is saved.
#[test]
fn a_process_that_is_asked_to_stop_settles_no_more_than_one_further_block() {
    let (folder, file) = list_of(20_000);
    let checkpoint = folder.file("asked");
    let words = ["--method", "naive", "--checkpoint", &checkpoint, "--every", "0.001"];
    for name in ["-TERM", "-USR1"] {
        let mut job = Running::start(1, &words, &file);
        let process = job.processes()[0];
        wait_for_change(&mut job, &checkpoint, b"");
        let first = fs::read(&checkpoint).expect("it is there");
        wait_for_change(&mut job, &checkpoint, &first);
        signal(process, "-STOP");
        let is_halted = || {
            let status = fs::read_to_string(format!("/proc/{process}/status"));
            status.expect("it goes on").contains("State:\tT")
        };
        while !is_halted() {
            sleep(Duration::from_millis(2));
        }
        let before = Saved::read(&checkpoint).of_rank_0(20_000, 1).1;
        signal(process, name);
        signal(process, "-CONT");
        let outcome = job.end();
        assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
        let after = Saved::read(&checkpoint).of_rank_0(20_000, 1).1;
        println!("{name}: {before} blocks, then {after}");
        assert!((before..=before + 2).contains(&after), "{before} blocks, then {after}");
        fs::remove_file(&checkpoint).expect("it stays for the next run");
    }
}

/// What a checkpoint says of the work: its blocks, and which of them are settled.
#[derive(Default)]
struct Saved {
    edge: u64,
    layers: Vec<Vec<u64>>,
}

impl Saved {
    /// Of no file nothing is settled.
    fn read(file: &str) -> Saved {
        let Ok(bytes) = fs::read(file) else { return Saved::default() };
        let saved: Value = serde_json::from_slice(&bytes).expect("a checkpoint is JSON");
        let saved = &saved["checkpoint"];
        let layers = serde_json::from_value(saved["layers"].clone()).expect("lists of cursors");
        Saved { edge: saved["block_edge"].as_u64().expect("a number"), layers }
    }

    /// The blocks of a job; without a checkpoint it has none yet.
    fn space(&self, cities: u64) -> PairSpace {
        match self.edge {
            0 => PairSpace::within(0, 1),
            edge => PairSpace::within(cities, edge),
        }
    }

    fn has(&self, block: u64) -> bool {
        self.layers.iter().any(|cursors| block < cursors[block as usize % cursors.len()])
    }

    /// The pairs of its settled blocks.
    fn pairs(&self, cities: u64) -> u128 {
        let space = self.space(cities);
        let settled = (0..space.blocks()).filter(|&block| self.has(block as u64));
        settled.map(|block| space.block(block).pairs()).sum()
    }

    /// How many blocks rank 0 of so many ranks has in its share, and how many of these are settled.
    fn of_rank_0(&self, cities: u64, ranks: u64) -> (usize, usize) {
        let share = || (0..self.space(cities).blocks() as u64).step_by(ranks as usize);
        (share().count(), share().filter(|&block| self.has(block)).count())
    }

    /// How many ranks other than 0 have settled something in the last run, which had so many ranks.
    fn moved_beside_rank_0(&self, ranks: u64) -> usize {
        let last = self.layers.last().filter(|cursors| cursors.len() as u64 == ranks);
        let cursors = (0..).zip(last.into_iter().flatten());
        cursors.filter(|&(rank, &cursor)| rank > 0 && cursor > rank).count()
    }
}

/// How many blocks of rank 0's share were settled at each line of progress. The lines round to a thousandth of the
/// share, which is less than half a block of a thousand at most.
fn settled_by_lines(stderr: &str, blocks: usize) -> Vec<usize> {
    assert!(blocks < 1000, "{blocks} blocks cannot be told apart");
    // A line that the kill has cut is left out.
    let lines = stderr.lines().filter(|line| line.contains("; farthest so far: "));
    let percent = |line: &str| {
        let percent = line.strip_prefix("farthest: ")?.split_once(OF_SHARE)?.0;
        percent.trim().parse::<f64>().ok()
    };
    let settled = |percent: f64| (percent / 100.0 * blocks as f64).round() as usize;
    lines.filter_map(percent).map(settled).collect()
}

/// Waits until a job has told its progress so many times, or its checkpoint has so many of all pairs, or it has ended.
fn wait_for_work(job: &mut Running, checkpoint: &str, lines: usize, most_pairs: u128) {
    let is_enough = |said: &str| said.matches(OF_SHARE).count() >= lines;
    while job.goes_on()
        && !is_enough(&job.said.lock().expect("no panic"))
        && Saved::read(checkpoint).pairs(OF_CHAIN) < most_pairs
    {
        sleep(Duration::from_millis(5));
    }
}

/// The cities of the job that is killed twenty times: it takes one rank a quarter of a minute, and most of its work
/// is for the runs that are killed.
const OF_CHAIN: u64 = 20_000;

/// What a kill loses is the work since the last checkpoint: of a rank at most some 1.1 intervals and a block, and up to
/// two intervals if the root did not wait for its report.
///
/// Of rank 0 this is seen without a clock of the test. It writes an interval after the time before, or a tenth of an
/// interval later where it has not heard all others. So where it tells its progress every 1.2 intervals, it writes
/// between two lines, and no block is lost that was settled at the last line but one. Both go by the clock of one
/// process, so this is true on a busy machine, too. The next run takes over all that is saved.
#[test]
fn a_job_that_is_killed_twenty_times_repeats_little_and_ends_with_the_undisturbed_answer() {
    let begun = Instant::now();
    let (folder, file) = list_of(OF_CHAIN as usize);
    let whole = pair(&Job::on_ranks(2), &[&file, "--method", "naive"]);
    let checkpoint = folder.file("killed");
    let words = ["--method", "naive", "--checkpoint", &checkpoint];
    let often = [&words[..], &["--every", "0.05", "--progress", "0.06"]].concat();
    let all_pairs = PairSpace::within(OF_CHAIN, 1).pairs();
    let mut random = Random::new(20);
    let (mut pairs, mut longer, mut by_others) = (0, 0, 0);
    for round in 0..20 {
        let ranks = 1 + round % 4;
        let earlier = Saved::read(&checkpoint);
        let mut job = Running::start(ranks, &often, &file);
        let processes = job.processes();
        // Some are killed before they begin, the others at work, but so that most of it is left.
        if round % 5 > 0 {
            let most_pairs = all_pairs * (30 + 2 * u128::from(round)) / 100;
            wait_for_work(&mut job, &checkpoint, 1 + random.below(4), most_pairs);
            sleep(Duration::from_millis(random.below(100) as u64));
        }
        assert!(!processes.is_empty(), "the job ended before it began");
        let victim = processes[random.below(processes.len())].to_string();
        let _ = Command::new("kill").args(["-KILL", &victim]).output();
        let outcome = job.end_after_kill();
        assert!(outcome.code != 0 && outcome.code != STOPPED, "ended before: {outcome:#?}");
        assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        assert!(folder.names().iter().all(|name| !name.starts_with(".farthest")));

        let saved = Saved::read(&checkpoint);
        let ((blocks, settled), (_, settled_earlier)) =
            (saved.of_rank_0(OF_CHAIN, ranks), earlier.of_rank_0(OF_CHAIN, ranks));
        let lines = settled_by_lines(&outcome.stderr, blocks);
        println!(
            "{ranks} ranks: {settled_earlier}, by lines {lines:?}, saved {settled} of {blocks}"
        );
        let is_taken_over = lines.iter().all(|&line| line > settled_earlier);
        assert!(is_taken_over, "{settled_earlier} blocks are not taken over: {outcome:#?}");
        if let [.., last_but_one, _] = lines[..] {
            assert!(settled >= last_but_one, "{settled} blocks are saved: {outcome:#?}");
            longer += 1;
        }
        by_others += saved.moved_beside_rank_0(ranks);
        let pairs_before = std::mem::replace(&mut pairs, saved.pairs(OF_CHAIN));
        assert!(pairs_before <= pairs, "{pairs_before} pairs were saved, now {pairs}");
    }
    assert!(longer > 0, "no job told its progress twice");
    assert!(by_others > 0, "nothing that another rank than 0 did was ever saved");
    let done = pair(&Job::on_ranks(3), &[&[&file[..]], &words[..]].concat());
    assert_eq!(done.answer(), whole.answer());
    let (done, whole) = (done.expect_json(), whole.expect_json());
    assert_eq!(answer(&done), answer(&whole));
    assert_eq!(done["pairs_covered_earlier"], pairs as u64);
    assert!(!fs::exists(&checkpoint).expect("a folder"));
    println!("{:?}", begun.elapsed());
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
        let (outcome, scratch) = job.end_and_keep_scratch();
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
    let (input, other) = (fs::read(&file).expect("it is there"), folder.write("other", "text"));
    let is_one = ["expected a file of its own for each output", "are one; name another"];
    assert_error(&["pair", &file, "--checkpoint", &file], 2, &is_one);
    assert_eq!(fs::read(&file).expect("it is there"), input);
    for strange in [&other, folder.path().to_str().expect("a name"), "/dev/null"] {
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
        let is_progress = |line: &&str| line.starts_with("farthest: ") && line.contains(OF_SHARE);
        let lines: Vec<&str> = outcome.stderr.lines().filter(is_progress).collect();
        assert!(lines.len() > 1, "{outcome:#?}");
        for part in ["pairs covered", "pairs per second", " left; farthest so far: ", " km"] {
            assert!(lines.iter().all(|line| line.contains(part)), "{lines:?}");
        }
        let silent = pair(&job, &[&file, "--method", "naive"]);
        assert!(silent.code == 0 && silent.stderr.is_empty(), "{silent:#?}");
    }
}

#[test]
fn a_checkpoint_knows_which_number_of_a_column_was_the_latitude() {
    let folder = Folder::new();
    // Both orders are places.
    let mut random = Random::new(8);
    let rows: String = (0..9000)
        .map(|row| {
            let [a, b] = [(); 2].map(|()| random.between(-80.0, 80.0));
            format!("c{row},{a:.4} {b:.4}\n")
        })
        .collect();
    let file = folder.write("list.csv", format!("name,position\n{rows}"));
    let checkpoint = folder.file("c");
    let words = |order: &'static str| {
        ["pair", &file, order, "position", "--method", "naive", "--checkpoint", &checkpoint]
    };
    let stopped =
        Job::alone().run(&[&words("--lat-lon")[..], &["--max-seconds", "0.001"]].concat());
    assert_eq!(stopped.code, STOPPED, "{stopped:#?}");
    let refused = Job::on_ranks(2).run(&words("--lon-lat"));
    refused.expect_error(65, &["c: ", "found one of another", "places xxh3:"]);
    Job::on_ranks(2).run(&words("--lat-lon")).expect_ok();
}

#[test]
fn a_checkpoint_that_another_has_written_meanwhile_is_neither_replaced_nor_deleted() {
    let (folder, file) = list_of(9000);
    let checkpoint = folder.file("c");
    let question = ["pair", &file, "--method", "naive", "--format", "json"];
    let expected = Job::alone().run(&question);
    let change = |_: &[u32]| fs::write(&checkpoint, "precious").expect("it can be written");
    let words = [&question[..], &["--checkpoint", &checkpoint]].concat();
    let outcome = change_at("Settled", Job::alone(), 1, &words, change);
    assert_eq!(outcome.answer(), expected.answer());
    assert!(outcome.stdout.contains("is not as this run left it"), "{outcome:#?}");
    assert_eq!(fs::read(&checkpoint).expect("it is there"), b"precious");
}

#[test]
fn a_stop_without_a_pair_of_two_places_yet_is_a_stop() {
    let folder = Folder::new();
    let rows: String =
        (0..9000).map(|row| format!("{} {} c{row}\n", row / 4500, row / 4500)).collect();
    let file = folder.write("list.txt", rows);
    let words = ["pair", &file, "--method", "naive", "--distinct", "--max-seconds", "0.001"];
    for ranks in [1, 3] {
        let job = if ranks == 1 { Job::alone() } else { Job::on_ranks(ranks) };
        assert_eq!(job.run(&words).code, STOPPED);
    }
}

/// Runs a command with standard error on a terminal of its own, wide enough for a line of progress, and passes on what
/// the terminal was sent.
const ON_TERMINAL: &str = r#"
import fcntl, os, pty, struct, subprocess, sys, termios

ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 250, 0, 0))
child = subprocess.Popen(sys.argv[1:], stderr=theirs)
os.close(theirs)
while True:
    try:
        sent = os.read(ours, 65536)
    except OSError:  # Linux says so where the other side is closed.
        break
    if not sent:
        break
    sys.stderr.buffer.write(sent)
sys.exit(child.wait())
"#;

/// The limits are of the program's own clock, and no list of so many pairs is done before them.
#[test]
fn a_person_at_a_terminal_sees_progress_unasked_after_ten_seconds_and_not_before() {
    let (folder, file) = list_of(100_000);
    let script = folder.write("terminal.py", ON_TERMINAL);
    let job = Job::alone().inside(&["python3", &script]).with("TERM", "xterm");
    let run = |seconds| {
        let outcome = pair(&job, &[&file, "--method", "naive", "--max-seconds", seconds]);
        assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
        outcome.stderr
    };
    assert_eq!(run("2"), "");
    let seen = run("14");
    let lines = seen.split('\r').filter(|line| line.contains(OF_SHARE)).count();
    println!("{lines} lines: {seen:?}");
    assert!(lines > 0 && seen.contains('\r'), "{seen:?}");
    // The one line was rewritten, and none follows it.
    assert!(!seen.contains('\n'), "{seen:?}");
}
