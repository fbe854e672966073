//! One reading for all ranks of a node: whatever a list is, wherever it comes from and however many ranks read
//! it, the answer and the packed file are the same bytes, and a list that is wrong is refused in the same words.
//!
//! What one rank makes of a text is the oracle here; `tests/matrix.rs` holds that against plain loops.

#![cfg(feature = "mpi")]

mod common;

use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::path::Path;

use common::lists::{self, List};
use common::{Folder, Job, Mpi, on_threads, once_more_if_mpirun_crashed, pack};
use farthest::atlas::{Checksums, arrange};
use farthest::error::{Error, Result};
use farthest::formats::ReadOptions;
use farthest::source::{CityFile, LoadOptions, shared_file};
use farthest::team::Team;
use farthest::unnamed::{Room, Unnamed};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

const BAD_DATA: i32 = 65;

/// One, even and odd numbers, and more than there are cores.
const RANK_COUNTS: [u64; 5] = [1, 2, 3, 4, 7];

/// MPICH's mpiexec gives up on a program that does not read a full pipe at once.
const MOST_PIPED_BYTES: usize = 60_000;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory is written");
    encoder.finish().expect("memory is written")
}

/// A job whose standard input is a pipe with the bytes of a file.
fn piped(job: Job, file: &str) -> Job {
    job.inside(&["sh", "-c", r#"file=$1; shift; cat "$file" | "$@""#, "sh", file])
}

/// A list in the forms that it may have: text, packed, compressed.
fn forms(folder: &Folder, list: &List) -> [String; 3] {
    let text = folder.write("list.txt", list.text());
    let packed = pack(&text);
    let compressed = folder.write("list.txt.gz", gzip(list.text().as_bytes()));
    [text, packed, compressed]
}

/// What a report says of the list alone: nothing of times, ranks, work and paths.
fn facts_of(report: &Value) -> Value {
    const OF_THE_RUN: [&str; 11] = [
        "pairs_evaluated",
        "groups_opened",
        "pairs_per_s",
        "pairs_evaluated_per_s",
        "ranks",
        "nproc",
        "nodes",
        "hosts",
        "execution_time",
        "times_s",
        "load_balance",
    ];
    let mut facts = report.clone();
    let object = facts.as_object_mut().expect("a report is an object");
    for key in OF_THE_RUN {
        object.remove(key).unwrap_or_else(|| panic!("no {key} in a report"));
    }
    let file = object["file"].as_object_mut().expect("a file is an object");
    file.remove("path").expect("a file has a path");
    facts
}

/// Holds what a job says of a list, in each form and from a pipe, against what one rank says of it.
fn assert_same_reports(list: &List, jobs: &[(String, Job)]) {
    let folder = Folder::new();
    let forms = forms(&folder, list);
    let pair = |job: &Job, file: &str| job.run(&["pair", file, "--format", "json"]);
    let answer = pair(&Job::alone(), &forms[0]);
    for file in &forms {
        let expected = facts_of(&pair(&Job::alone(), file).expect_json());
        let may_pipe = fs::read(file).expect("it is there").len() <= MOST_PIPED_BYTES
            || Mpi::of_binary() == Mpi::OpenMpi;
        for (what, job) in jobs {
            let mut outcomes = vec![pair(job, file)];
            if may_pipe {
                outcomes.push(pair(&piped(job.clone(), file), "-"));
            }
            for outcome in outcomes {
                let place = format!("{}, {what}: {}", list.name, outcome.command);
                assert_eq!(outcome.answer(), answer.answer(), "{place}");
                assert_eq!(facts_of(&outcome.expect_json()), expected, "{place}");
            }
        }
    }
}

fn on_ranks(counts: &[u64]) -> Vec<(String, Job)> {
    counts.iter().map(|&ranks| (format!("{ranks} ranks"), Job::on_ranks(ranks))).collect()
}

#[test]
fn text_packed_and_compressed_lists_have_one_answer_as_files_and_through_a_pipe() {
    // Few cities have no piece for some ranks; many equal ones tie; the last are dealt to several squares.
    let lists: [(List, &[u64]); 3] = [
        (lists::random(3), &[7]),
        (lists::antipodal(60), &[2, 4]),
        (lists::random(2500), &RANK_COUNTS),
    ];
    for (list, rank_counts) in lists {
        assert_same_reports(&list, &on_ranks(rank_counts));
    }
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions make nodes on request")]
fn each_of_several_nodes_makes_its_own_atlas_of_a_file_or_of_a_pipe() {
    let on_nodes = |(ranks, on_node): (u64, &str)| {
        let job = Job::on_ranks(ranks).with("FARTHEST_RANKS_ON_NODE", on_node);
        (format!("{ranks} ranks, {on_node} on a node"), job)
    };
    let jobs: Vec<_> = [(2, "1"), (5, "2"), (4, "3")].into_iter().map(on_nodes).collect();
    assert_same_reports(&lists::random(1500), &jobs);
}

/// The bytes that a command makes in a folder of its own, where it leaves nothing else.
fn made_by(job: &Job, arguments: &[&str]) -> Vec<u8> {
    let mut folder = Folder::new();
    let outcome = once_more_if_mpirun_crashed(|| {
        folder = Folder::new();
        job.run_once(&[arguments, &[&folder.file("made.cities")]].concat())
    });
    outcome.expect_ok();
    assert_eq!(folder.names(), ["made.cities"]);
    fs::read(folder.file("made.cities")).expect("it was made")
}

/// So little memory that all goes to the disk.
const ON_DISK: [&str; 2] = ["--memory", "1K"];

#[test]
fn a_packed_file_has_the_same_bytes_from_any_ranks_nodes_and_source_in_memory_and_on_a_disk() {
    let lists: [(List, &[u64]); 3] = [
        (lists::random(2), &[7]),
        (lists::random(2500), &[1, 2, 3, 7]),
        (lists::duplicates(), &[3]),
    ];
    for (list, rank_counts) in lists {
        let folder = Folder::new();
        let [text, packed, compressed] = forms(&folder, &list);
        let expected = fs::read(&packed).expect("it was packed");
        for &ranks in rank_counts {
            let job = Job::on_ranks(ranks);
            let place = format!("{}, {ranks} ranks", list.name);
            for file in [&text, &packed, &compressed] {
                assert!(made_by(&job, &["pack", file]) == expected, "{place}, {file}");
            }
            let on_disk = [&["pack", &text], &ON_DISK[..]].concat();
            assert!(made_by(&job, &on_disk) == expected, "{place}, on a disk");
            if list.text().len() <= MOST_PIPED_BYTES || Mpi::of_binary() == Mpi::OpenMpi {
                let from_pipe = made_by(&piped(job.clone(), &text), &["pack", "-"]);
                assert!(from_pipe == expected, "{place}, a pipe");
            }
        }
        let job = Job::on_ranks(4).with("FARTHEST_RANKS_ON_NODE", "3");
        assert!(made_by(&job, &["pack", &text]) == expected, "{}, two nodes", list.name);
    }
}

#[test]
fn generated_files_have_the_same_bytes_from_any_ranks_in_memory_and_on_a_disk() {
    for recipe in [&["3"][..], &["30000", "--distribution", "clustered"], &["9000", "--no-names"]] {
        let arguments = [&["generate"], recipe].concat();
        let expected = made_by(&Job::alone(), &arguments);
        let on_disk = [&arguments[..], &ON_DISK].concat();
        assert!(made_by(&Job::alone(), &on_disk) == expected, "{recipe:?} on a disk");
        for ranks in [2, 5] {
            let job = Job::on_ranks(ranks);
            assert!(made_by(&job, &arguments) == expected, "{recipe:?}, {ranks} ranks");
            assert!(made_by(&job, &on_disk) == expected, "{recipe:?}, {ranks} ranks, on a disk");
        }
    }
}

#[test]
fn an_atlas_on_a_disk_has_the_answer_of_one_in_memory() {
    let folder = Folder::new();
    let text = folder.write("list.txt", lists::random(2500).text());
    let pair = ["pair", &text, "--format", "json"];
    let expected = facts_of(&Job::alone().run(&pair).expect_json());
    for ranks in [1, 2, 5] {
        let report = Job::on_ranks(ranks).run(&[&pair[..], &ON_DISK].concat()).expect_json();
        assert_eq!(facts_of(&report), expected, "{ranks} ranks");
    }
}

/// So many rows of a table; `row` may say what stands in a row instead.
fn table(rows: usize, row: impl Fn(usize) -> Option<String>) -> String {
    let plain = |at: usize| format!("{}.5,{}.25,city {at}", at % 90, at % 180);
    let rows = (0..rows).map(|at| row(at).unwrap_or_else(|| plain(at)) + "\n");
    "lat,lon,name\n".to_string() + &rows.collect::<String>()
}

const ROWS: usize = 1400;

/// Tables with something wrong in the rows of these numbers, counted from 0.
fn wrong_tables() -> Vec<(Vec<usize>, String)> {
    let wrong = |at: &[usize]| {
        let rows = at.to_vec();
        (rows.clone(), table(ROWS, move |row| rows.contains(&row).then(|| format!("x{row},1,no"))))
    };
    let in_each_piece: Vec<usize> = (0..7).map(|piece| piece * ROWS / 7 + 50).collect();
    vec![
        wrong(&[ROWS - 1]),
        wrong(&[0, ROWS - 1]),
        wrong(&[ROWS / 2 - 1, ROWS / 2]),
        wrong(&[700, 690]),
        wrong(&[300, 900]),
        wrong(&in_each_piece),
    ]
}

#[test]
fn of_several_wrong_lines_the_first_of_the_file_is_told_whichever_rank_meets_one_first() {
    let folder = Folder::new();
    for (rows, text) in wrong_tables() {
        let file = folder.write("cities.csv", text);
        let first = rows.iter().min().expect("some are wrong");
        let parts = [&*format!("cities.csv:{}: ", first + 2), &*format!("x{first}")];
        let packed = folder.file("packed.cities");
        for ranks in [1, 2, 3, 7] {
            let job = Job::on_ranks(ranks);
            job.run(&["pair", &file]).expect_error(BAD_DATA, &parts);
        }
        let job = Job::on_ranks(3);
        job.run(&["pack", &file, &packed]).expect_error(BAD_DATA, &parts);
        job.run(&["pair", &file, "--format", "json"]).expect_json_error(BAD_DATA, &parts);
        assert_eq!(folder.names(), ["cities.csv"]);
    }
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions make nodes on request")]
fn a_wrong_line_is_told_once_though_every_node_meets_it() {
    let folder = Folder::new();
    let file = folder.write("cities.csv", table(ROWS, |row| (row == 9).then(|| "x,1,no".into())));
    let job = Job::on_ranks(5).with("FARTHEST_RANKS_ON_NODE", "2");
    job.run(&["pair", &file]).expect_error(BAD_DATA, &["cities.csv:11: "]);
    piped(job, &file).run(&["pair", "-"]).expect_error(BAD_DATA, &["standard input:11: "]);
}

#[test]
fn the_rows_that_are_left_out_and_shown_are_the_first_of_the_file_with_their_lines() {
    let folder = Folder::new();
    for (mut rows, text) in wrong_tables().into_iter().skip(2) {
        let file = folder.write("cities.csv", text);
        rows.sort_unstable();
        let lines: Vec<String> =
            rows.iter().take(5).map(|row| format!("line {}: ", row + 2)).collect();
        let pair = ["pair", &file, "--skip-invalid", "--format", "json"];
        let expected = facts_of(&Job::alone().run(&pair).expect_json());
        for ranks in [1, 2, 3, 7] {
            let report = Job::on_ranks(ranks).run(&pair).expect_json();
            assert_eq!(report["skipped"]["count"], rows.len());
            let shown = report["skipped"]["first"].as_array().expect("an array");
            assert_eq!(shown.len(), lines.len(), "{shown:?}");
            for (shown, line) in shown.iter().zip(&lines) {
                assert!(shown.as_str().is_some_and(|shown| shown.starts_with(line)), "{shown}");
            }
            assert_eq!(facts_of(&report), expected, "{ranks} ranks");
        }
    }
}

#[test]
fn quoted_fields_over_many_lines_are_cut_anywhere_and_wrong_lines_behind_them_have_true_numbers() {
    let folder = Folder::new();
    // Each such name is longer than a piece of seven, and its lines look like rows.
    let name = "1,2,\"long\n".to_string() + &"77.5,1,\"\"no\"\"\n".repeat(400) + "end\"";
    let long = |row: usize| [100, 101, 900].contains(&row).then(|| name.clone());
    let sound = table(1000, long);
    let wrong = table(1000, |row| if row == 999 { Some("x,1,no".into()) } else { long(row) });
    let line = format!("wrong.csv:{}: ", wrong.lines().count());
    let sound = folder.write("sound.csv", sound);
    let wrong = folder.write("wrong.csv", wrong);
    let pair = ["pair", &sound, "--format", "json"];
    let expected = facts_of(&Job::alone().run(&pair).expect_json());
    assert_eq!(expected["cities"], 1000);
    let bytes = made_by(&Job::alone(), &["pack", &sound]);
    for ranks in [1, 2, 3, 7] {
        let job = Job::on_ranks(ranks);
        assert_eq!(facts_of(&job.run(&pair).expect_json()), expected, "{ranks} ranks");
        assert!(made_by(&job, &["pack", &sound]) == bytes, "{ranks} ranks");
        job.run(&["pair", &wrong]).expect_error(BAD_DATA, &[&line]);
    }
}

#[test]
fn a_list_that_one_rank_alone_can_read_is_refused_by_all_in_the_same_words() {
    let folder = Folder::new();
    let text = table(ROWS, |row| (row == 1000).then(|| "x,1,no".into()));
    let json = format!("[{}{{\"lat\":1}}]", "{\"lat\":1,\"lon\":2},".repeat(300));
    let files = [
        folder.write("cities.csv.gz", gzip(text.as_bytes())),
        folder.write("cut.csv.gz", &gzip(text.as_bytes())[..3000]),
        folder.write("cities.json", json),
        folder.write("zeros.csv", text.replace("city 1200", "\0")),
    ];
    for file in &files {
        let expected = Job::alone().run(&["pair", file]);
        assert_eq!(expected.code, BAD_DATA, "{expected:#?}");
        let message = expected.stderr.trim_end();
        for ranks in [2, 3, 7] {
            Job::on_ranks(ranks).run(&["pair", file]).expect_error(BAD_DATA, &[message]);
        }
    }
}

/// A team in which one rank fails at one of its steps, counted from 0.
struct Failing<'a> {
    team: &'a dyn Team,
    fails_at: Option<usize>,
    taken: Cell<usize>,
}

impl Team for Failing<'_> {
    fn rank(&self) -> usize {
        self.team.rank()
    }

    fn ranks(&self) -> usize {
        self.team.ranks()
    }

    fn share(&self, mine: Result<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        let step = self.taken.replace(self.taken.get() + 1);
        let mine = match self.fails_at == Some(step) {
            true => mine.and(Err(Error::Data { file: "list".into(), problem: "asked to".into() })),
            false => mine,
        };
        self.team.share(mine)
    }
}

/// What a rank of a team came to: the steps that it took, and its error.
type Ended = (usize, std::result::Result<(), String>);

/// Lets a team work, in which a rank fails at a step.
fn with_a_failure(
    (rank, step): (usize, usize),
    ranks: usize,
    work: &(dyn Fn(&dyn Team) -> Result<()> + Sync),
) -> Vec<Ended> {
    on_threads(ranks, |team| {
        let fails_at = (team.rank() == rank).then_some(step);
        let team = Failing { team, fails_at, taken: Cell::new(0) };
        let ended = work(&team).map_err(|error| error.to_string());
        (team.taken.get(), ended)
    })
}

/// Lets each rank in turn fail at each step of some work. All return its error from that step, and take no
/// other; so none waits for one that is not there. Returns the number of steps.
fn fail_everywhere(ranks: usize, work: &(dyn Fn(&dyn Team) -> Result<()> + Sync)) -> usize {
    let sound = with_a_failure((ranks, 0), ranks, work);
    let (steps, _) = sound[0];
    assert!(sound.iter().all(|ended| *ended == (steps, Ok(()))), "{sound:?}");
    for (rank, step) in (0..ranks).flat_map(|rank| (0..steps).map(move |step| (rank, step))) {
        let ended = with_a_failure((rank, step), ranks, work);
        let expected: Ended = (step + 1, Err("list: asked to".into()));
        assert!(ended.iter().all(|one| *one == expected), "rank {rank}, step {step}: {ended:?}");
    }
    steps
}

/// The steps from the bytes of a list to an atlas in memory.
fn load(file: &CityFile, options: &LoadOptions, team: &dyn Team) -> Result<()> {
    file.fingerprint(team)?;
    file.load(team, options).map(|_| ())
}

/// The steps from the bytes of a list to a packed file.
fn make(file: &CityFile, room: &Room, team: &dyn Team) -> Result<()> {
    let out = shared_file(team, Unnamed::create(room), room)?;
    let intake = file.take_in(team, &ReadOptions::default(), room)?;
    let spools = intake.spool.share(team, intake.source_rows)?;
    arrange(team, &spools, &out, Checksums::Made).map(|_| ())
}

/// A rank that waits for ever cannot be ended but with its process, which this is for. The test below starts it.
#[test]
#[ignore = "it may hang, so that another test starts it with a limit"]
fn fail_everywhere_with_each_list() {
    let folder = Folder::new();
    let name = "1,2,\"long\n".to_string() + &"77.5,1,\"\"no\"\"\n".repeat(400) + "end\"";
    let lists = [
        ("plain.csv", table(2500, |_| None).into_bytes()),
        // Read again from where a piece ends, and by one after all.
        ("again.csv", table(400, |row| (row == 100).then(|| name.clone())).into_bytes()),
        ("whole.csv", [table(400, |_| None).as_bytes(), b"1,2,Z\xfcrich\n"].concat()),
        (
            "skipped.csv",
            table(400, |row| row.is_multiple_of(30).then(|| "x,1,".into())).into_bytes(),
        ),
        ("compressed.csv.gz", gzip(table(400, |_| None).as_bytes())),
    ];
    let read = ReadOptions { skip_invalid: true, ..ReadOptions::default() };
    for (name, bytes) in lists {
        let path = folder.write(name, bytes);
        let file = CityFile::open(Path::new(&path)).expect("it was just written");
        for memory_bytes in [None, Some(0)] {
            let options = LoadOptions { read: read.clone(), memory_bytes };
            let steps = fail_everywhere(3, &|team| load(&file, &options, team));
            assert!(steps > 10, "{name}: {steps} steps");
        }
    }
    let [text, packed] = ["plain.csv", "plain.cities"].map(|name| folder.file(name));
    Job::alone().run(&["pack", &text, &packed]).expect_ok();
    for path in [text, packed] {
        let file = CityFile::open(Path::new(&path)).expect("it is there");
        fail_everywhere(3, &|team| make(&file, &Room::Memory, team));
    }
}

#[test]
fn a_rank_that_fails_at_any_step_ends_all_ranks_with_its_error_at_that_step() {
    let program = std::env::current_exe().expect("this program");
    let job = Job::alone().running(program);
    let outcome = job.run(&["--ignored", "--exact", "fail_everywhere_with_each_list"]);
    assert!(outcome.code == 0 && outcome.stdout.contains("1 passed"), "{outcome:#?}");
}
