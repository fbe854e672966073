//! Files that somebody changes, shortens or replaces while they are read: no answer comes of them, but one message on
//! all ranks, and no file beside it; and files that end in nothing, of which no more is read than shows it. Of outputs
//! of which somebody makes the last one meanwhile, none appears.
//!
//! No test hits a moment by the clock. A job stops at a place ([`farthest::pause`]) until the file under it was
//! changed, on all of its ranks.

#![cfg(feature = "mpi")]

mod common;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;

use common::lists::random;
use common::{Folder, Job, SOME_RANKS, change_at, pack};
use farthest::error::Error;
use farthest::map::{MappedFile, is_torn};
use farthest::unnamed::{Room, Unnamed};

const BAD_DATA: i32 = 65;
const INPUT_OUTPUT: i32 = 74;

/// Cities of a list that fills several pages, packed too.
const CITIES: usize = 1000;

/// One rank; several on one node; several on two nodes. With each how many are on the first node.
fn jobs() -> [(Job, u64, u64); 3] {
    let two_nodes = Job::on_ranks(SOME_RANKS).with("FARTHEST_RANKS_ON_NODE", "2");
    [
        (Job::alone(), 1, 1),
        (Job::on_ranks(SOME_RANKS), SOME_RANKS, SOME_RANKS),
        (two_nodes, SOME_RANKS, 2),
    ]
}

/// Ranks of a job of which some have nothing to search.
const MANY_RANKS: u64 = 8;

/// The regions that cities all over the world are in, if they are few: a face of a cube and the one opposite.
const REGIONS: u64 = 3;

/// Cities of a list of which each of many ranks has some to ask for.
const CITIES_THAT_ASK: usize = 9 * 1024;

/// How many ranks have a block of a list of this file to settle.
fn ranks_with_a_block(ranks: u64, command: &[&str]) -> u64 {
    let is_in_blocks = command[0] == "each"
        || ["naive", "exhaustive"].iter().any(|method| command.contains(method));
    ranks.min(if is_in_blocks { u64::MAX } else { REGIONS })
}

/// What somebody does to a file, and how a job that reads it must end.
type Change = (fn(&Path), i32, &'static [&'static str]);

const SHORTENED: Change =
    (shorten, INPUT_OUTPUT, &["shortened while it was read", "bytes, found 0;", "start again"]);
const COPIED_OVER: Change = (copy_over, BAD_DATA, &["changed while it was read", "start again"]);
const OVERWRITTEN: Change =
    (overwrite, BAD_DATA, &["changed while it was read", "last modified", "start again"]);
const APPENDED_TO: Change = (append, BAD_DATA, &["changed while it was read", "start again"]);

fn shorten(path: &Path) {
    open_to_write(path).set_len(0).expect("the file is there");
}

/// As cp does it: the file is empty for a moment, and then longer than it was.
fn copy_over(path: &Path) {
    let content = fs::read(path).expect("it is there");
    fs::write(path, [&content[..], &content[..]].concat()).expect("room");
}

/// Other bytes of the same length: the first half moved behind the second.
fn overwrite(path: &Path) {
    let content = fs::read(path).expect("it is there");
    let (first, second) = content.split_at(content.len() / 2);
    open_to_write(path).write_all(&[second, first].concat()).expect("room");
}

fn append(path: &Path) {
    let mut file = OpenOptions::new().append(true).open(path).expect("it is there");
    file.write_all(b"1 2 one more\n").expect("room");
}

fn open_to_write(path: &Path) -> File {
    OpenOptions::new().write(true).open(path).expect("it is there")
}

/// Files with the same cities: text, compressed text, packed.
fn forms(folder: &Folder) -> [String; 3] {
    let list = random(CITIES).text();
    let text = folder.write("text.txt", &list);
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    compressed.write_all(list.as_bytes()).expect("room");
    let compressed = compressed.finish().expect("room");
    [text.clone(), folder.write("compressed.txt.gz", compressed), pack(&text)]
}

/// Asserts that a job on any ranks that stops at a place is refused for a change there.
fn assert_refused_at(place: &str, command: &[&str], file: &str, (change, code, parts): Change) {
    let content = fs::read(file).expect("it is there");
    let many = (Job::on_ranks(MANY_RANKS), MANY_RANKS, MANY_RANKS);
    let is_in_loop = place == "Settled";
    for (job, ranks, on_first_node) in jobs().into_iter().chain(is_in_loop.then_some(many)) {
        let paused = match command[0] {
            _ if is_in_loop => ranks_with_a_block(ranks, command),
            "pair" | "each" => ranks,
            "pack" => on_first_node,
            _ => 1,
        };
        let change = |_: &[u32]| change(Path::new(file));
        let outcome = change_at(place, job.clone(), paused, command, change);
        outcome.expect_error(code, &[&[file][..], parts].concat());
        // In place, for the sake of its inode.
        fs::write(file, &content).expect("room");
    }
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_file_that_is_changed_when_it_was_opened_is_refused() {
    let folder = Folder::new();
    let output = folder.file("out.cities");
    for file in forms(&folder) {
        for change in [SHORTENED, OVERWRITTEN] {
            for command in [&["pair", &file][..], &["info", &file], &["pack", &file, &output]] {
                assert_refused_at("Opened", command, &file, change);
            }
        }
        assert_refused_at("Opened", &["pair", &file], &file, APPENDED_TO);
        assert_refused_at("Opened", &["pair", &file], &file, COPIED_OVER);
    }
    assert!(!Path::new(&output).exists(), "nothing was packed");
}

/// A part that was touched before may have been kept; so the whole of it need not be gone.
const SHORTENED_UNDER_A_SEARCH: Change = (shorten, INPUT_OUTPUT, &["shortened while it was read"]);

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_packed_file_that_is_changed_under_a_search_has_no_answer() {
    let folder = Folder::new();
    let [_, _, packed] = forms(&folder);
    for method in ["naive", "exhaustive", "pruned", "join", "tree"] {
        let command = ["pair", &packed, "--method", method];
        for place in ["Loaded", "Settled"] {
            for change in [SHORTENED_UNDER_A_SEARCH, OVERWRITTEN] {
                assert_refused_at(place, &command, &packed, change);
            }
        }
    }
    assert_refused_at("Settled", &["pair", &packed, "--metric", "wgs84"], &packed, OVERWRITTEN);
    assert_refused_at("Settled", &["pair", &packed], &packed, APPENDED_TO);
    assert_refused_at("Settled", &["pair", &packed], &packed, COPIED_OVER);
    assert_refused_at("Loaded", &["pair", &packed, "--verify"], &packed, SHORTENED);
    assert_refused_at("Loaded", &["pair", &packed, "--verify"], &packed, OVERWRITTEN);
    assert_refused_at("Loaded", &["pair", &packed, "--dist", "scatter"], &packed, SHORTENED);
    assert_refused_at("Loaded", &["info", &packed], &packed, SHORTENED);
    assert_refused_at("Loaded", &["info", &packed, "--verify"], &packed, OVERWRITTEN);
}

/// One rank, several, and many, with a list of which they would search all pairs for more than an hour.
fn assert_ends_at_once(
    options: &[&str],
    change: impl Fn(&Path) + Sync,
    (code, parts): (i32, &[&str]),
    look: impl Fn(),
) {
    let folder = Folder::new();
    let file = folder.file("many.cities");
    Job::alone().run(&["generate", "400000", &file]).expect_ok();
    let content = fs::read(&file).expect("it is there");
    let command = [&["pair", &file, "--method", "naive", "--quiet"], options].concat();
    for ranks in [1, SOME_RANKS, MANY_RANKS] {
        let job = if ranks == 1 { Job::alone() } else { Job::on_ranks(ranks) };
        let change = |_: &[u32]| change(Path::new(&file));
        let outcome = change_at("Settled", job, ranks, &command, change);
        outcome.expect_error(code, &[&[&file[..]][..], parts].concat());
        look();
        fs::write(&file, &content).expect("room");
    }
}

/// Zeros are left of it, and the rank that meets them first tells the others to stop. A job that went on would reach
/// the limit of all jobs here.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_search_of_hours_ends_when_its_file_is_shortened() {
    let (change, code, parts) = SHORTENED_UNDER_A_SEARCH;
    assert_ends_at_once(&[], change, (code, parts), || ());
}

/// It is looked at before each checkpoint. What is appended leaves the search as it was, so that it ends for no other
/// reason.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_search_of_hours_with_a_checkpoint_ends_when_its_file_is_changed_and_saves_nothing_of_it() {
    let folder = Folder::new();
    let checkpoint = folder.file("checkpoint");
    let (_, code, parts) = APPENDED_TO;
    let kept = Mutex::new(Vec::new());
    let change = |path: &Path| {
        *kept.lock().expect("no panic") = fs::read(&checkpoint).expect("it is there");
        append(path);
    };
    let options = ["--checkpoint", &checkpoint, "--every", "0.1"];
    assert_ends_at_once(&options, change, (code, parts), || {
        let saved = fs::read(&checkpoint).expect("it is there");
        assert!(
            saved == *kept.lock().expect("no panic"),
            "the blocks of a changed file were saved"
        );
        fs::remove_file(&checkpoint).expect("it is there");
    });
}

/// Commands that write two files.
fn with_two_outputs<'a>(file: &'a str, outputs: &'a [String; 2]) -> [Vec<&'a str>; 2] {
    let [geojson, map] = outputs.each_ref().map(String::as_str);
    [
        vec!["pair", file, "--geojson", geojson, "--map", map],
        vec!["each", file, "--out", geojson, "--map", map],
    ]
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn of_a_file_that_is_changed_no_output_is_written() {
    let (folder, made) = (Folder::new(), Folder::new());
    let text = folder.write("text.txt", random(CITIES_THAT_ASK).text());
    let packed = pack(&text);
    let outputs = ["out.geojson", "out.svg"].map(|name| made.file(name));
    for command in with_two_outputs(&packed, &outputs) {
        for place in ["Opened", "Loaded", "Settled"] {
            for change in [SHORTENED_UNDER_A_SEARCH, OVERWRITTEN, APPENDED_TO] {
                assert_refused_at(place, &command, &packed, change);
            }
        }
    }
    for command in with_two_outputs(&text, &outputs) {
        for change in [SHORTENED, OVERWRITTEN, APPENDED_TO] {
            assert_refused_at("Opened", &command, &text, change);
        }
    }
    assert_eq!(made.names(), [""; 0]);
}

/// The last output is free when the command looks at it first, and is another's when all have been written.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn if_somebody_makes_the_last_output_meanwhile_none_of_a_command_appears() {
    let (folder, made) = (Folder::new(), Folder::new());
    let [_, _, packed] = forms(&folder);
    let outputs = ["out.geojson", "out.svg"].map(|name| made.file(name));
    let [_, last] = &outputs;
    for command in with_two_outputs(&packed, &outputs) {
        for (job, ranks, _) in jobs() {
            let change = |_: &[u32]| fs::write(last, "another's").expect("room");
            let outcome = change_at("Loaded", job.clone(), ranks, &command, change);
            outcome.expect_error(INPUT_OUTPUT, &[last, "exists", "--force"]);
            assert_eq!(made.names(), ["out.svg"], "{command:?}");
            assert_eq!(fs::read(last).expect("it is there"), b"another's");
            // Nothing is in the way of the next try.
            fs::remove_file(last).expect("it is there");
            job.run(&command).expect_ok();
            assert_eq!(made.names(), ["out.geojson", "out.svg"]);
            outputs.iter().for_each(|output| fs::remove_file(output).expect("it is there"));
        }
    }
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_file_that_is_changed_before_it_was_looked_at_again_is_not_packed() {
    let folder = Folder::new();
    let output = folder.write("out.cities", "what was there before");
    for file in forms(&folder) {
        for change in [SHORTENED, OVERWRITTEN, APPENDED_TO] {
            assert_refused_at("Taken", &["pack", "--force", &file, &output], &file, change);
        }
    }
    assert_eq!(fs::read(&output).expect("it is there"), b"what was there before");
    assert_eq!(folder.names().len(), 4, "{:?}", folder.names());
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_header_that_is_changed_while_it_is_read_is_no_panic() {
    let folder = Folder::new();
    let [_, _, packed] = forms(&folder);
    let (_, code, parts) = OVERWRITTEN;
    let version: fn(&Path) = |path| {
        open_to_write(path).write_all_at(b"\x09", 8).expect("room");
    };
    let output = folder.file("out.cities");
    let change = (version, code, parts);
    for place in ["Opened", "Loaded"] {
        for command in [["pair", &packed], ["info", &packed]] {
            assert_refused_at(place, &command, &packed, change);
        }
    }
    assert_refused_at("Opened", &["pack", &packed, &output], &packed, change);
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_file_that_takes_the_place_of_one_that_is_read_changes_nothing() {
    let folder = Folder::new();
    let other = folder.write("other.txt", "0 0 here\n0 1 there\n");
    for file in forms(&folder) {
        let command = ["pair", &file, "--format", "json"];
        let sound = Job::alone().run(&command);
        for place in ["Opened", "Loaded", "Settled"] {
            for (job, ranks, _) in jobs() {
                let kept = fs::read(&file).expect("it is there");
                let replace = |_: &[u32]| {
                    Job::alone().run(&["pack", "--force", &other, &file]).expect_ok();
                };
                let outcome = change_at(place, job, ranks, &command, replace);
                assert_eq!(outcome.answer(), sound.answer(), "{place}: {outcome:#?}");
                fs::write(&file, kept).expect("room");
            }
        }
    }
}

/// What was read of a text is in the atlas.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_text_may_change_when_it_was_read() {
    let folder = Folder::new();
    let [text, compressed, _] = forms(&folder);
    for file in [text, compressed] {
        let command = ["pair", &file, "--format", "json"];
        let sound = Job::alone().run(&command);
        for place in ["Loaded", "Settled"] {
            for (job, ranks, _) in jobs() {
                let kept = fs::read(&file).expect("it is there");
                let change = |_: &[u32]| shorten(Path::new(&file));
                let outcome = change_at(place, job, ranks, &command, change);
                assert_eq!(outcome.answer(), sound.answer(), "{place}: {outcome:#?}");
                fs::write(&file, kept).expect("room");
            }
        }
    }
}

/// A map that nobody asks about in the end.
#[test]
#[ignore = "it ends the process, so that another test starts it"]
fn touch_what_is_gone_from_a_file_that_is_not_watched() {
    let folder = Folder::new();
    let path = folder.write("a", [7; 9000]);
    let _watched = MappedFile::open(Path::new(&path)).expect("it is there");
    let file = OpenOptions::new().read(true).write(true).open(&path).expect("it is there");
    let map = Unnamed::of(&file, &Room::Memory).and_then(|file| file.map()).expect("a map");
    file.set_len(0).expect("it is there");
    println!("survived, and found {}", map[8999]);
}

/// A job that tells with which code the process ended that it started.
fn telling_its_end() -> Job {
    Job::alone().inside(&["sh", "-c", r#""$@"; echo "ended with $?""#, "sh"])
}

#[test]
fn a_bus_error_elsewhere_ends_the_process() {
    let program = std::env::current_exe().expect("this program");
    let test = "touch_what_is_gone_from_a_file_that_is_not_watched";
    let outcome = telling_its_end().running(program).run(&["--ignored", "--exact", test]);
    assert!(outcome.stdout.contains("ended with 135"), "{outcome:#?}");
    assert!(!outcome.stdout.contains("survived"), "{outcome:#?}");
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions stop on request")]
fn a_bus_error_that_was_sent_ends_the_process() {
    let folder = Folder::new();
    let [_, _, packed] = forms(&folder);
    let send = |processes: &[u32]| {
        for process in processes {
            let process = process.to_string();
            let sent = std::process::Command::new("kill").args(["-BUS", &process]).status();
            assert!(sent.expect("kill is there").success());
        }
    };
    let outcome = change_at("Loaded", telling_its_end(), 1, &["pair", &packed], send);
    assert_eq!(outcome.stdout, "ended with 135\n", "{outcome:#?}");
}

/// Most writes here come within the tick of the clock of files in which the file was opened.
#[test]
fn a_write_right_behind_the_opening_shows() {
    let folder = Folder::new();
    let path = folder.file("file");
    for round in 0..100 {
        fs::write(&path, "one content").expect("room");
        let map = MappedFile::open(Path::new(&path)).expect("it is there");
        map.require_unchanged(Path::new(&path)).expect("nobody wrote to it");
        open_to_write(Path::new(&path)).write_all(b"two").expect("room");
        let found = map.require_unchanged(Path::new(&path));
        assert!(matches!(found, Err(Error::Data { .. })), "round {round}: {found:?}");
    }
}

#[test]
fn a_map_of_a_file_that_is_shortened_reads_as_zeros_and_is_torn() {
    const BYTES: usize = 1 << 20;
    let folder = Folder::new();
    let [path, other] = ["a", "b"].map(|name| folder.write(name, vec![7; BYTES]));
    let [path, other] = [Path::new(&path), Path::new(&other)];
    for bytes_left in [0, 1, BYTES / 2] {
        fs::write(path, vec![7; BYTES]).expect("room");
        let [map, untouched] = [path, other].map(|path| MappedFile::open(path).expect("there"));
        open_to_write(path).set_len(bytes_left as u64).expect("it is there");
        assert!(!is_torn(), "nobody has touched it");
        assert_eq!(map[BYTES - 1], 0);
        assert!(is_torn());
        assert!(map.iter().all(|&byte| byte == 0), "all of it is as good as gone");
        assert!(untouched.iter().all(|&byte| byte == 7));
        untouched.require_unchanged(other).expect("nobody wrote to it");
        // Grown again it is no better.
        for bytes in [bytes_left, BYTES] {
            open_to_write(path).set_len(bytes as u64).expect("it is there");
            let error = map.require_unchanged(path).expect_err("it was shortened");
            assert_eq!(error.exit_code(), 74, "{error}");
            assert!(
                error.to_string().contains(&format!("{BYTES} bytes, found {bytes};")),
                "{error}"
            );
        }
        drop(map);
        assert!(!is_torn(), "the next file is another one");
    }
}

/// Four terabytes of which nothing is on the disk: to read them takes hours.
#[test]
fn a_file_that_ends_in_nothing_is_refused_at_once() {
    let folder = Folder::new();
    let [text, compressed, packed] = forms(&folder);
    let empty = folder.write("empty.txt", "");
    let output = folder.file("out.cities");
    let cases = [
        (empty, "found other binary data"),
        (text, ":1001: expected text, found a zero byte"),
        (compressed, "expected sound gzip data, found more zero bytes"),
        (packed, "found 4398046511104 bytes"),
    ];
    for (file, part) in &cases {
        open_to_write(Path::new(file)).set_len(4 << 40).expect("a file system with holes");
        for job in Job::alone_and_on_ranks() {
            for command in [&["pair", file][..], &["info", file], &["pack", file, &output]] {
                job.run(command).expect_error(BAD_DATA, &[file, part]);
            }
        }
    }
}
