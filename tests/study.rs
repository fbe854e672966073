//! `farthest study`, by `scripts/study`, and the files in `slurm/`, run for real with the binary under test: small sets,
//! one or two ranks, every run well under a second.

#![cfg(feature = "mpi")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::lists::random;
use common::{Folder, Outcome, REPOSITORY, command_in, left_out};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_farthest");
const FAILED: i32 = 1;
const REFUSED: i32 = 2;
const OVER_LIMIT: i32 = 124;
const STOPPED: i32 = 75;

/// No study here works longer than some seconds; the rest is for a machine that is busy.
const LIMIT: Duration = Duration::from_secs(900);

/// A folder in which studies run, one study of this test crate at a time.
struct Place {
    folder: Folder,
    _turn: MutexGuard<'static, ()>,
}

impl Place {
    fn new() -> Place {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Folder::new();
        fs::create_dir(folder.path().join("scratch")).expect("a folder");
        Place { folder, _turn: turn }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = command_in(&self.folder, program);
        command.env("TMPDIR", self.folder.path().join("scratch"));
        command
    }

    fn study(&self, words: &str) -> Command {
        let mut command = self.command(&format!("{REPOSITORY}/scripts/study"));
        command.args(words.split_whitespace());
        command
    }

    /// Runs a study of the binary under test in the folder `out`.
    fn run(&self, words: &str) -> Outcome {
        finish(self.start(words))
    }

    /// The same, with options of `pair`, which come last.
    fn run_with(&self, words: &str, options: &str) -> Outcome {
        let mut command = self.study(words);
        command.args(["--farthest", BINARY, "--out", "out", "--"]);
        finish(begin(command.args(options.split_whitespace())))
    }

    fn start(&self, words: &str) -> Child {
        self.start_with(BINARY, words)
    }

    fn start_with(&self, farthest: &str, words: &str) -> Child {
        let mut command = self.study(words);
        command.args(["--farthest", farthest, "--out", "out"]);
        begin(&mut command)
    }

    /// A program that runs the binary under test, but on two ranks `instead`, and only for `pair`.
    fn binary_but_on_two_ranks(&self, instead: &str) -> String {
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = pair ] && \
             [ \"${{OMPI_COMM_WORLD_SIZE:-$PMI_SIZE}}\" = 2 ]; then\n{instead}\nfi\n\
             exec {BINARY} \"$@\"\n"
        );
        self.folder.write_program("but-on-two", script)
    }

    /// A program that runs the binary under test, but `pair` only where fewer runs are recorded in a folder than
    /// the function that comes with it has allowed; else it waits until that allows more.
    fn binary_that_waits(&self, folder: &str) -> (String, impl Fn(usize)) {
        let allowed = self.folder.file("allowed-runs");
        let recorded = self.folder.file(&format!("{folder}/runs.jsonl"));
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = pair ]; then\necho $$ >> pids\n\
             while [ \"$(cat {recorded} 2> /dev/null | wc -l)\" -ge \"$(cat {allowed})\" ]; do\n\
             sleep 0.05\ndone\nfi\nexec {BINARY} \"$@\"\n"
        );
        let path = self.folder.write_program("waits", script);
        (path, move |runs| fs::write(&allowed, runs.to_string()).expect("there is room"))
    }

    fn runs(&self) -> Vec<Value> {
        self.runs_of("out")
    }

    fn runs_of(&self, folder: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.file(&format!("{folder}/runs.jsonl")));
        let text = text.expect("the study has a runs file");
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect()
    }

    /// Waits until so many runs are recorded, while a study is at work.
    fn await_runs(&self, folder: &str, count: usize, study: &mut Child) {
        let file = self.folder.file(&format!("{folder}/runs.jsonl"));
        let begun = Instant::now();
        while fs::read_to_string(&file).unwrap_or_default().lines().count() < count {
            assert!(study.try_wait().expect("a child").is_none(), "it ended before {count} runs");
            assert!(begun.elapsed() < LIMIT, "there were never {count} runs");
            sleep(Duration::from_millis(5));
        }
    }
}

fn begin(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the script starts")
}

fn finish(child: Child) -> Outcome {
    Outcome::of("scripts/study", child.wait_with_output().expect("a child"))
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill(1) is installed").success());
}

fn number(run: &Value, name: &str) -> u64 {
    run[name].as_u64().unwrap_or_else(|| panic!("no number {name} in {run}"))
}

/// Ranks and repetition of each run, in the order of the file.
fn turns(runs: &[Value]) -> Vec<[u64; 2]> {
    runs.iter().map(|run| [number(run, "ranks"), number(run, "repeat")]).collect()
}

/// The same with the status, in the order of ranks and repetitions.
fn statuses(runs: &[Value]) -> Vec<(u64, u64, &str)> {
    let mut all: Vec<(u64, u64, &str)> = runs
        .iter()
        .map(|run| {
            let status = run["status"].as_str().expect("every run has a status");
            (number(run, "ranks"), number(run, "repeat"), status)
        })
        .collect();
    all.sort_unstable();
    all
}

/// Asserts that no process is there whose number is in the file `pids`, as more than an entry that waits for its
/// parent to ask how it ended. Another program may have such a number meanwhile, but not with one of these names.
fn assert_none_is_at_work(place: &Place) {
    let pids = fs::read_to_string(place.folder.file("pids")).expect("a process has begun");
    for pid in pids.lines() {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let is_ours = ["sleep", "waits"].iter().any(|name| status.contains(&format!("\t{name}\n")));
        assert!(!is_ours || status.contains("State:\tZ"), "process {pid} is still there");
    }
}

/// Asserts one line on standard error, which has all parts, and nothing on standard output.
fn assert_refused(outcome: &Outcome, parts: &[&str]) {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (REFUSED, ""), "{outcome:#?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    assert!(outcome.stderr.starts_with("farthest: "), "{outcome:#?}");
    for part in parts {
        assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
    }
}

const SMALL: &str = "strong --cities 300 --ranks 1,2";

#[test]
fn a_strong_study_takes_turns_and_records_every_run_with_its_report_and_its_host() {
    let place = Place::new();
    place.folder.write("cities.txt", random(200).text());
    let outcome = place.run("strong cities.txt --ranks 2,1 --repeat 2 --method naive");
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let runs = place.runs();
    assert_eq!(turns(&runs), [[1, 0], [2, 0], [1, 1], [2, 1], [1, 2], [2, 2]]);
    for run in &runs {
        let facts = [&run["kind"], &run["status"], &run["report"]["method"]];
        assert_eq!(facts, ["strong", "ok", "naive"]);
        assert_eq!((number(run, "exit_code"), &run["report"]["ranks"]), (0, &run["ranks"]));
        assert!([&run["scale"], &run["error"], &run["distribution"]].iter().all(|v| v.is_null()));
        let command = run["command"].as_array().expect("the words of the command");
        let has = |word: &str| command.iter().any(|one| one == word);
        assert!(has("pair") && has("cities.txt") && has("naive"), "{run}");
        assert_eq!(progress_of(run), ["10"], "{run}");
        let date = run["date"].as_str().expect("a date");
        assert!(date.len() == 20 && date.ends_with('Z') && date.as_bytes()[10] == b'T', "{date}");
        let host = &run["host"];
        assert!(number(host, "cores") > 0 && number(host, "memory_bytes") > 0, "{host}");
        let words = ["hostname", "processor", "kernel"].map(|name| host[name].as_str());
        assert!(words.iter().all(|word| word.is_some_and(|word| !word.is_empty())), "{host}");
        assert_eq!([&host["binding"], &host["launcher"]], ["none", "mpirun"]);
        assert!(host["slurm_job_id"].is_null());
    }
    // The list is text, and the results tell where the time goes.
    let read = |name: &str| {
        let file = place.folder.file(&format!("out/{name}"));
        fs::read_to_string(file).expect("a result")
    };
    for phase in ["open", "parse", "order", "share", "read", "search", "reduce"] {
        assert!(runs.iter().all(|run| run["report"]["times_s"][phase]["max"].is_f64()), "{phase}");
        assert!(read("table.txt").contains(&format!(" {phase}  ")), "{outcome:#?}");
        assert!(read("scaling.csv").contains(&format!(",{phase}_s,")), "{phase}");
        // A bar has the parts of reading and not the whole.
        assert!(
            phase == "read" || read("scaling.svg").contains(&format!("\n{phase}\n")),
            "{phase}"
        );
    }
    assert!(read("table.txt").contains("Amdahl, total: T(p) = "), "{outcome:#?}");
    assert!(outcome.stderr.contains(" s, with reading "), "{outcome:#?}");
    let progress = ["run 1 of 6: 1 rank warm-up", "run 6 of 6: 2 ranks repetition 2", " left\n"];
    assert!(progress.iter().all(|part| outcome.stderr.contains(part)), "{outcome:#?}");
}

fn pairs_a_rank(run: &Value) -> f64 {
    run["report"]["pairs"].as_f64().expect("pairs") / number(run, "ranks") as f64
}

/// The seconds of each `--progress` in the recorded command of a run.
fn progress_of(run: &Value) -> Vec<&str> {
    let command = run["command"].as_array().expect("the words of the command");
    let words: Vec<&str> = command.iter().map(|word| word.as_str().expect("a word")).collect();
    let after = |two: &&[&str]| two[0] == "--progress";
    words.windows(2).filter(after).map(|two| two[1]).collect()
}

/// A list that is scattered has no progress to tell, and who asks for it in other steps gets those.
#[test]
fn runs_are_not_asked_for_progress_that_they_cannot_tell_or_twice() {
    for (own, expected) in [("--dist scatter", &[][..]), ("--progress 3", &["3"])] {
        let place = Place::new();
        let outcome =
            place.run_with("strong --cities 100 --ranks 1 --repeat 1 --method naive", own);
        assert_eq!(outcome.code, 0, "{outcome:#?}");
        let runs = place.runs();
        assert!(runs.len() == 2 && runs.iter().all(|run| progress_of(run) == expected), "{runs:?}");
    }
}

#[test]
fn a_weak_study_keeps_pairs_a_rank_within_one_per_cent() {
    let place = Place::new();
    let outcome = place.run("weak --cities 150 --ranks 1,2,3 --repeat 1 --seed 0");
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    assert!(outcome.stdout.contains("constant pairs per rank, n near n1·√p"), "{outcome:#?}");
    let runs = place.runs();
    assert_eq!(turns(&runs), [[1, 0], [2, 0], [3, 0], [1, 1], [2, 1], [3, 1]]);
    assert_eq!(number(&runs[0]["report"], "cities"), 150);
    for run in &runs {
        assert_eq!([&run["scale"], &run["distribution"]], ["pairs", "uniform"]);
        let ratio = pairs_a_rank(run) / pairs_a_rank(&runs[0]);
        assert!((ratio - 1.0).abs() <= 0.01, "{ratio} in {run}");
        let cities = number(&run["report"], "cities");
        assert!(outcome.stdout.contains(&format!("{cities} cities")), "{outcome:#?}");
    }
}

#[test]
fn a_memory_weak_study_keeps_cities_a_rank() {
    let place = Place::new();
    let outcome = place.run("weak --memory-weak --cities 120 --ranks 1,2 --repeat 1");
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let runs = place.runs();
    assert_eq!(runs.len(), 4);
    for run in &runs {
        assert_eq!(run["scale"], "memory");
        assert_eq!(number(&run["report"], "cities"), 120 * number(run, "ranks"));
    }
}

#[test]
fn a_study_that_is_stopped_goes_on_where_it_was() {
    let place = Place::new();
    let words = format!("{SMALL} --repeat 4");
    let (farthest, allow_runs) = place.binary_that_waits("out");
    let start = || place.start_with(&farthest, &words);
    for (signal, recorded) in [("TERM", 2), ("INT", 4), ("USR1", 6)] {
        // The study cannot end before the second start, however slow that is: its next run waits.
        allow_runs(recorded);
        let mut study = start();
        place.await_runs("out", recorded, &mut study);
        assert_refused(&finish(start()), &["expected to be alone", "another study"]);
        send(signal, &study);
        let outcome = finish(study);
        assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
        for part in [&format!("stopped by SIG{signal}"), "go on with: ", "--out out"] {
            assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
        }
        assert_eq!(place.runs().len(), recorded, "the run that was stopped is not recorded");
        assert_none_is_at_work(&place);
    }
    let before = place.runs();
    allow_runs(10);
    let outcome = finish(start());
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    assert!(outcome.stderr.contains(&format!("{} of 10 runs are there", before.len())));
    let runs = place.runs();
    assert_eq!(runs[..before.len()], before[..], "what was there stays");
    let expected: Vec<[u64; 2]> =
        (0..=4).flat_map(|repeat| [1, 2].map(|ranks| [ranks, repeat])).collect();
    assert_eq!(turns(&runs), expected, "exactly the missing runs are made, none twice");

    let again = finish(start());
    assert_eq!((again.code, place.runs().len()), (0, 10), "nothing is left to do: {again:#?}");
}

#[test]
fn a_long_run_tells_how_far_it_is() {
    let place = Place::new();
    // Each run waits until the study has passed on what it said.
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = pair ]; then\n\
         echo \"farthest: 1.0 % of rank 0's share; run $$\" >&2\n\
         until grep -q \"run $$ \" said; do sleep 0.05; done\nfi\nexec {BINARY} \"$@\"\n"
    );
    let farthest = place.folder.write_program("says", script);
    let mut study = place.study("strong --cities 100 --ranks 1 --repeat 1 --out out --farthest");
    let said = fs::File::create(place.folder.file("said")).expect("a folder that takes files");
    study.arg(farthest).stdout(Stdio::piped()).stderr(said);
    let outcome = finish(study.spawn().expect("the script starts"));
    let said = fs::read_to_string(place.folder.file("said")).expect("it was written");
    assert_eq!((outcome.code, statuses(&place.runs()).len()), (0, 2), "{said}");
    assert_eq!(said.matches("\n    1.0 % of rank 0's share; run ").count(), 2, "{said}");
}

#[test]
fn a_failed_run_is_recorded_and_shown_and_the_study_goes_on() {
    let place = Place::new();
    let farthest = place.binary_but_on_two_ranks("echo out of luck >&2; exit 3");
    let words = format!("{SMALL} --repeat 1");
    let outcome = finish(place.start_with(&farthest, &words));
    assert_eq!(outcome.code, FAILED, "{outcome:#?}");
    for part in ["FAILED, exit code 3: ", "out of luck", "2 of 4 runs failed"] {
        assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
    }
    let runs = place.runs();
    let expected = [(1, 0, "ok"), (1, 1, "ok"), (2, 0, "failed"), (2, 1, "failed")];
    assert_eq!(statuses(&runs), expected);
    for run in runs.iter().filter(|run| run["ranks"] == 2) {
        assert_eq!((&run["exit_code"], &run["report"]), (&Value::from(3), &Value::Null));
        assert!(run["error"].as_str().is_some_and(|error| error.contains("out of luck")), "{run}");
    }

    // The reason is gone: what failed is made again, and nothing else.
    place.binary_but_on_two_ranks(":");
    let outcome = finish(place.start_with(&farthest, &words));
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let runs = place.runs();
    assert_eq!(turns(&runs[4..]), [[2, 0], [2, 1]]);
    assert!(runs[4..].iter().all(|run| run["status"] == "ok"), "{runs:#?}");
}

#[test]
fn a_run_that_hangs_is_ended_with_all_its_processes() {
    let place = Place::new();
    // One that leaves its session too.
    const HANGING: &str =
        "echo $$ >> pids; setsid sh -c 'echo $$ >> pids; exec sleep 600' & exec sleep 600";
    let farthest = place.binary_but_on_two_ranks(HANGING);
    let words = format!("{SMALL} --repeat 1 --limit 10");
    let outcome = finish(place.start_with(&farthest, &words));
    assert_eq!(outcome.code, FAILED, "{outcome:#?}");
    let runs = place.runs();
    assert_eq!(
        statuses(&runs),
        [(1, 0, "ok"), (1, 1, "ok"), (2, 0, "failed"), (2, 1, "failed")],
        "{outcome:#?}"
    );
    for run in runs.iter().filter(|run| run["ranks"] == 2) {
        assert_eq!(run["exit_code"], OVER_LIMIT);
        assert!(run["error"].as_str().is_some_and(|error| error.contains("--limit")), "{run}");
    }
    let pids = fs::read_to_string(place.folder.file("pids")).expect("it started");
    assert!(pids.lines().count() >= 4, "two runs on two ranks");
    assert_none_is_at_work(&place);
}

/// A launcher ends its ranks in order; mpirun may hang where they are ended before it.
#[test]
fn a_launcher_is_asked_to_end_before_its_ranks_are() {
    let place = Place::new();
    let launcher = "#!/bin/sh\n\"$@\" & rank=$!\necho $$ >> pids\n\
                    trap 'sleep 0.3; kill $rank && echo in order > order; exit 1' TERM\n\
                    wait $rank\n";
    let launcher = place.folder.write_program("waits", launcher);
    let rank = place.folder.write("rank", "echo $$ >> pids; echo > begun; exec sleep 600\n");
    let mut study = place.study("strong --cities 100 --ranks 1 --repeat 1 --out out");
    study.args(["--farthest", BINARY, "--launcher", &format!("{launcher} sh {rank} {{ranks}}")]);
    let mut study = begin(&mut study);
    let begun = Instant::now();
    while !fs::exists(place.folder.file("begun")).expect("a folder") {
        assert!(study.try_wait().expect("a child").is_none() && begun.elapsed() < LIMIT);
        sleep(Duration::from_millis(5));
    }
    send("TERM", &study);
    let outcome = finish(study);
    assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
    assert!(fs::exists(place.folder.file("order")).expect("a folder"), "{outcome:#?}");
    assert_none_is_at_work(&place);
}

#[test]
fn a_run_on_fewer_ranks_than_asked_for_is_invalid() {
    let place = Place::new();
    let mut study = place.study(SMALL);
    let launcher = format!("{REPOSITORY}/scripts/launch 1 env ASKED={{ranks}}");
    study.args(["--repeat", "1", "--launcher", &launcher, "--farthest", BINARY, "--out", "out"]);
    let outcome = finish(begin(&mut study));
    assert_eq!(outcome.code, FAILED, "{outcome:#?}");
    assert!(outcome.stderr.contains("INVALID"), "{outcome:#?}");
    let runs = place.runs();
    let expected = [(1, 0, "ok"), (1, 1, "ok"), (2, 0, "invalid"), (2, 1, "invalid")];
    assert_eq!(statuses(&runs), expected);
    assert_eq!(runs[1]["report"]["ranks"], 1, "the report is kept");
}

#[test]
fn a_last_line_that_was_cut_short_is_dropped_and_its_run_made_again() {
    let place = Place::new();
    let words = format!("{SMALL} --repeat 1");
    assert_eq!(place.run(&words).code, 0);
    let file = place.folder.file("out/runs.jsonl");
    let whole = fs::read_to_string(&file).expect("the runs file");
    for cut in [1, 100] {
        fs::write(&file, &whole[..whole.len() - cut]).expect("the runs file");
        let outcome = place.run(&words);
        assert_eq!(outcome.code, 0, "{outcome:#?}");
        assert!(outcome.stderr.contains("dropped the last line"), "{outcome:#?}");
        assert_eq!(turns(&place.runs()), [[1, 0], [2, 0], [1, 1], [2, 1]]);
    }
    // In the middle it is damage that no power cut makes.
    fs::write(&file, whole.replacen('{', "", 1)).expect("the runs file");
    assert_refused(&place.run(&words), &["runs.jsonl, line 1", "expected", "found"]);
}

#[test]
fn what_makes_no_sense_is_refused_in_one_line() {
    let place = Place::new();
    place.folder.write("cities.txt", random(65).text());
    let refused = [
        ("weak cities.txt", "expected a generated set for weak scaling, found the file cities.txt"),
        ("weak --cities 10 --ranks 1,2", "less than 1 %, found 10 cities"),
        ("strong cities.txt --cities 100", "expected a file or a generated set"),
        ("strong nowhere.txt", "expected a city file, found nothing at nowhere.txt"),
        ("strong --memory-weak", "expected --memory-weak with weak"),
        ("strong --ranks 1,0", "expected rank counts such as 1,2,4, found '1,0'"),
        ("strong --ranks two", "found 'two'"),
        ("strong --repeat 0", "expected a whole number of at least 1, found '0'"),
        ("strong --limit -1", "--limit"),
        ("strong --limit nan", "expected seconds greater than 0, found 'nan'"),
        ("strong --method guess", "guess"),
        ("strong --launcher jump", "a line with {ranks} in it, found 'jump'"),
        ("strong --launcher no-such-{ranks}", "expected the launcher no-such-{ranks} in PATH"),
        ("strong --colour", "--colour"),
        ("table nowhere", "expected a study's folder"),
        ("sideways", "sideways"),
        ("--ranks 1", "<KIND>"),
    ];
    for (words, part) in refused {
        let mut study = place.study(words);
        study.args(["--farthest", BINARY, "--out", "out"]);
        assert_refused(&finish(begin(&mut study)), &[part]);
        assert!(!place.folder.path().join("out").exists(), "{words} left something behind");
    }
    // The script would build the release to say so.
    let words = format!("study {SMALL} --farthest ./nowhere");
    let outcome = finish(begin(place.command(BINARY).args(words.split_whitespace())));
    assert_refused(&outcome, &["expected a program at --farthest, found none at ./nowhere"]);
}

#[test]
fn a_folder_belongs_to_one_study() {
    let place = Place::new();
    place.folder.write("cities.txt", random(65).text());
    assert_eq!(place.run("strong cities.txt --ranks 1 --repeat 1").code, 0);
    for (words, part) in [
        ("strong cities.txt --ranks 1,2 --repeat 1", "(ranks: [1]), found ranks: [1, 2]"),
        ("strong cities.txt --ranks 1 --repeat 2", "repeats: [0, 1, 2]"),
        ("strong cities.txt --ranks 1 --repeat 1 --method naive", "found method: \"naive\""),
        ("strong --cities 65 --ranks 1 --repeat 1", "(cities: null)"),
        ("weak --cities 150 --ranks 1 --repeat 1", "found kind: \"weak\""),
    ] {
        assert_refused(&place.run(words), &["expected the arguments of the study in out", part]);
    }
    place.folder.write("cities.txt", random(66).text());
    let outcome = place.run("strong cities.txt --ranks 1 --repeat 1");
    assert_refused(&outcome, &["file_bytes"]);

    fs::remove_file(place.folder.file("out/study.json")).expect("it was there");
    assert_refused(&place.run(SMALL), &["study.json beside runs.jsonl, found none"]);
}

#[test]
fn options_after_two_dashes_reach_the_program() {
    let place = Place::new();
    let mut study = place.study("strong --cities 100 --ranks 1 --repeat 1 --out out --farthest");
    study.args([BINARY, "--", "--isa", "scalar"]);
    let outcome = finish(begin(&mut study));
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    assert!(place.runs().iter().all(|run| run["report"]["isa"] == "scalar"));
}

#[test]
fn the_default_ranks_are_powers_of_two_and_all_of_the_allocation() {
    let place = Place::new();
    let mut study = place.study("strong --cities 100 --repeat 1 --out out --farthest");
    study.arg(BINARY).env("SLURM_JOB_ID", "12").env("SLURM_NTASKS", "3");
    let outcome = finish(begin(&mut study));
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let runs = place.runs();
    assert_eq!(turns(&runs), [[1, 0], [2, 0], [3, 0], [1, 1], [2, 1], [3, 1]]);
    assert!(runs.iter().all(|run| run["host"]["slurm_job_id"] == "12"), "{runs:#?}");
}

#[test]
fn help_tells_usage_and_exit_codes() {
    for script in ["scripts/study", "slurm/interactive.sh"] {
        // Without a program that is named the script would build one.
        let words = ["--help", "--farthest", BINARY];
        let output = Command::new(format!("{REPOSITORY}/{script}")).args(words).output();
        let output = output.expect("the script starts");
        let text = String::from_utf8(output.stdout).expect("output is UTF-8");
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
        assert!(text.contains("Usage:") && text.to_lowercase().contains("exit code"), "{text}");
    }
}

#[test]
fn a_study_ends_with_the_table_and_the_files_of_scaling() {
    let place = Place::new();
    let outcome = place.run(&format!("{SMALL} --repeat 2"));
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let files = ["runs.jsonl", "table.txt", "scaling.csv", "scaling.svg", "extrap.jsonl"];
    let read = |name: &str| {
        let text =
            fs::read_to_string(place.folder.file(&format!("out/{name}"))).unwrap_or_default();
        assert!(!text.is_empty(), "{name} is missing or empty: {outcome:#?}");
        text
    };
    let table = read("table.txt");
    assert!(outcome.stdout.starts_with(&table), "{outcome:#?}");
    assert!(table.contains("efficiency"), "{table}");
    for name in files {
        read(name);
        assert!(outcome.stdout.contains(name), "{name} is not listed: {outcome:#?}");
    }

    // The same again, from the folder alone.
    fs::remove_file(place.folder.file("out/scaling.svg")).expect("it was there");
    let mut again = place.study("table out --farthest");
    let again = finish(begin(again.arg(BINARY)));
    assert_eq!((again.code, &again.stdout), (0, &outcome.stdout), "{again:#?}");
    read("scaling.svg");
}

#[test]
fn a_study_starts_no_mpi_and_makes_no_runs_as_one_of_several_processes() {
    let place = Place::new();
    assert_eq!(place.run(&format!("{SMALL} --repeat 1")).code, 0);
    let study = |words: &str, rank: &str| {
        let mut study = place.command(BINARY);
        study.arg("study").args(words.split_whitespace());
        // What breaks Open MPI, and what breaks MPICH.
        study.env("OMPI_MCA_pml", "nonsense").env("PMI_FD", "9999");
        finish(begin(study.env("PMI_SIZE", "2").env("PMI_RANK", rank)))
    };
    assert!(study("table out", "0").expect_ok().contains("Verdict: "));
    assert_eq!(study("table out", "1").expect_ok(), "");
    // Runs would take themselves for ranks of that launcher's job.
    assert_refused(&study("strong --out other", "0"), &["expected a study to be started alone"]);
}

/// A folder as `sbatch` sees the repository, and the environment of a job on one node.
fn job(place: &Place, file: &str) -> Command {
    for name in ["scripts", "slurm"] {
        let link = place.folder.path().join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(Path::new(REPOSITORY).join(name), link).expect("a link");
        }
    }
    let mut command = place.command("bash");
    command.arg(format!("slurm/{file}"));
    command.env("SLURM_SUBMIT_DIR", place.folder.path()).env("SLURM_JOB_ID", "7");
    command.env("SLURM_JOB_NAME", "try").env("SLURM_NTASKS", "2");
    command.env("FARTHEST", BINARY).env("STUDIES", "studies");
    command
}

#[test]
fn a_batch_job_leaves_log_and_runs_in_one_folder_named_after_it() {
    for (kind, cities) in [("strong", "100"), ("weak", "150")] {
        let place = Place::new();
        place.folder.write("slurm-7.out", "");
        let mut job = job(&place, &format!("{kind}.sbatch"));
        let outcome = finish(begin(job.args(["--cities", cities, "--repeat", "1"])));
        assert_eq!(outcome.code, 0, "{outcome:#?}");
        for part in ["nodes:", "tasks:       2", "MPI:", "date:"] {
            assert!(outcome.stdout.contains(part), "expected {part:?} in {outcome:#?}");
        }
        let runs = place.runs_of("studies/try-7");
        assert_eq!(turns(&runs), [[1, 0], [2, 0], [1, 1], [2, 1]]);
        assert!(runs.iter().all(|run| run["kind"] == kind && run["status"] == "ok"));
        assert!(place.folder.path().join("studies/try-7/slurm-7.log").exists());
        assert!(!place.folder.path().join("slurm-7.out").exists());
    }
}

#[test]
fn a_batch_job_forwards_the_signal_of_the_time_limit_and_goes_on_when_queued_again() {
    let place = Place::new();
    let arguments = ["--cities", "100", "--repeat", "4"];
    let (farthest, allow_runs) = place.binary_that_waits("studies/try-7");
    allow_runs(2);
    let start = |restarts: &str| {
        let mut job = job(&place, "strong.sbatch");
        job.args(arguments).env("FARTHEST", &farthest).env("SLURM_RESTART_COUNT", restarts);
        begin(&mut job)
    };
    let mut study = start("0");
    place.await_runs("studies/try-7", 2, &mut study);
    send("USR1", &study);
    let outcome = finish(study);
    assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
    assert!(outcome.stderr.contains("stopped by SIGUSR1"), "{outcome:#?}");
    let before = place.runs_of("studies/try-7");
    assert_eq!(before.len(), 2, "it was stopped in the middle");

    allow_runs(10);
    let outcome = finish(start("1"));
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let runs = place.runs_of("studies/try-7");
    assert_eq!((&runs[..before.len()], runs.len()), (&before[..], 10));
}

#[test]
fn the_elements_of_a_job_array_make_one_repetition_each_and_put_them_together() {
    let place = Place::new();
    let elements: Vec<Child> = ["1", "2"]
        .iter()
        .map(|element| {
            let mut job = job(&place, "array.sbatch");
            job.args(["strong", "--cities", "100", "--ranks", "1"]);
            job.env("SLURM_ARRAY_JOB_ID", "6").env("SLURM_ARRAY_TASK_ID", element);
            begin(&mut job)
        })
        .collect();
    for element in elements {
        let outcome = finish(element);
        assert_eq!(outcome.code, 0, "{outcome:#?}");
    }
    assert_eq!(turns(&place.runs_of("studies/try-6/repetition-1")), [[1, 0], [1, 1]]);
    let all = place.runs_of("studies/try-6");
    let expected = [(1, 0, "ok"), (1, 0, "ok"), (1, 1, "ok"), (1, 2, "ok")];
    assert_eq!(statuses(&all), expected);
    assert!(place.folder.path().join("studies/try-6/scaling.svg").exists());
}

#[test]
fn the_batch_files_are_sound_shell() {
    // Recipes for sites stand beside them.
    let is_recipe = |file: &Path| file.extension().is_some_and(|it| it == "def");
    require_sound_shell(files_in("slurm").filter(|file| !is_recipe(file)), 7, "style");
}

#[test]
fn the_scripts_are_sound_shell() {
    // Python stands beside them.
    let is_shell = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a text");
        text.lines().next().is_some_and(|line| line.starts_with("#!") && line.ends_with("sh"))
    };
    require_sound_shell(files_in("scripts").chain(files_in(".ci")).filter(is_shell), 17, "warning");
}

fn files_in(folder: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(format!("{REPOSITORY}/{folder}")).expect("the folder is there");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file())
}

/// Looks at so many files with the shell itself and with shellcheck, which complains of what is as bad as `severity`.
fn require_sound_shell(files: impl Iterator<Item = PathBuf>, count: usize, severity: &str) {
    let files: Vec<_> = files.collect();
    assert_eq!(files.len(), count, "{files:?}");
    for file in &files {
        let checked = Command::new("bash").arg("-n").arg(file).status().expect("bash");
        assert!(checked.success(), "{}", file.display());
    }
    let mut shellcheck = Command::new("shellcheck");
    shellcheck.args(["-x", "-P", REPOSITORY, "-S", severity]).args(&files);
    match shellcheck.current_dir(REPOSITORY).output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(_) => left_out("shellcheck", "shellcheck is not installed"),
    }
}

#[test]
fn a_batch_file_outside_of_a_job_says_so() {
    let place = Place::new();
    let mut job = job(&place, "strong.sbatch");
    let outcome = finish(begin(job.env_remove("SLURM_SUBMIT_DIR")));
    assert!(outcome.stderr.contains("submit this file with sbatch"), "{outcome:#?}");
    assert_ne!(outcome.code, 0);
    let mut elsewhere = self::job(&place, "strong.sbatch");
    let outcome = finish(begin(elsewhere.env("SLURM_SUBMIT_DIR", "/")));
    assert_eq!(outcome.code, REFUSED, "{outcome:#?}");
    assert!(outcome.stderr.contains("expected the repository, found /"), "{outcome:#?}");
}
