//! Where ranks put what they make: nothing is left there when a rank is killed, and where there is too little
//! room, one message says so.
//!
//! A rank that dies leaves no file behind, because none of those that the ranks share has a name. So these tests
//! look at /dev/shm, at the folder for temporary files, and at the folder of the target. Each job has mounts of its
//! own, where that is allowed.

#![cfg(feature = "mpi")]

mod common;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::sleep;
use std::time::Duration;

use common::lists::random;
use common::{Folder, Job, Mpi, Outcome, REPOSITORY, command_in, left_out, own_mounts};

const USAGE: i32 = 2;
const INPUT_OUTPUT: i32 = 74;
const STOPPED: i32 = 75;

/// So little memory that all goes to the disk.
const ON_DISK: [&str; 2] = ["--memory", "1K"];

/// Gives each rank a folder for temporary files in which the launcher and MPI have none.
const IN_ROOM: &str = r#"TMPDIR=$FARTHEST_TEST_ROOM exec "$@""#;

/// Mounts file systems with the options "$2" at the folder "$1" and with "$3" at /dev/shm, runs the rest of the
/// arguments, and tells what is in them then.
const IN_MOUNTS: &str = r#"
    room=$1; options=$2; shm=$3; shift 3
    mount -t tmpfs -o "$options" tmpfs "$room" && mount -t tmpfs -o "$shm" tmpfs /dev/shm || exit 99
    "$@"
    code=$?
    for file in "$room"/* "$room"/.[!.]* /dev/shm/* /dev/shm/.[!.]*; do
        [ -e "$file" ] && echo "left: $file"
    done
    exit $code
"#;

/// A folder in which jobs have a file system of their own.
struct Room {
    folder: Folder,
    mounts: Vec<&'static str>,
}

impl Room {
    /// `None` where this user may not mount.
    fn new() -> Option<Room> {
        let mounts = own_mounts();
        if mounts.is_none() {
            left_out("mounts", "this user may not mount a file system, not even as unshare -rm");
        }
        mounts.map(|mounts| Room { folder: Folder::new(), mounts })
    }

    fn path(&self) -> String {
        self.folder.file("")
    }

    /// A job whose ranks have their temporary files here. One rank has a launcher too, because Open MPI itself needs
    /// a folder for temporary files where there is none.
    fn job(&self, ranks: u64, options: &str, shm: &str) -> Job {
        let path = self.path();
        let inside = [&self.mounts[..], &["sh", "-c", IN_MOUNTS, "sh", &path, options, shm]];
        let job = Job::on_ranks(ranks);
        job.inside(&inside.concat()).each_rank_by(IN_ROOM).with("FARTHEST_TEST_ROOM", &path)
    }
}

/// A list as text, in a folder of its own.
fn list_of(cities: usize) -> (Folder, String) {
    let folder = Folder::new();
    let file = folder.write("list.txt", random(cities).text());
    (folder, file)
}

/// Whether MPI does with little: MPICH does not even start where it has not some megabytes in /dev/shm for each
/// rank.
fn is_open_mpi() -> bool {
    let is_so = Mpi::of_binary() == Mpi::OpenMpi;
    if !is_so {
        left_out("open-mpi", "MPICH itself needs more room, or longer files");
    }
    is_so
}

/// Asserts that a job has ended without an answer, and left nothing.
fn assert_killed(outcome: &Outcome, what: &str) {
    assert!(outcome.code != 0 && !outcome.stdout.contains("left: "), "{what}: {outcome:#?}");
    assert!(!outcome.stderr.contains("panicked"), "{what}: {outcome:#?}");
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions let a rank die on request")]
fn a_rank_that_is_killed_at_any_step_ends_the_job_and_nothing_is_left() {
    const RANKS: u64 = 3;
    let Some(room) = Room::new() else { return };
    let (_list, file) = list_of(3000);
    let folder = Folder::new();
    let whole = folder.file("whole.cities");
    Job::alone().run(&["pack", &file, &whole]).expect_ok();
    let each = folder.file("each.tsv");
    Job::alone().run(&["each", &file, "--out", &each]).expect_ok();
    let [packed, generated, answered] =
        ["packed.cities", "generated.cities", "answered.tsv"].map(|name| folder.file(name));
    // With what they make, and with what is to be in it.
    let commands: [(&[&str], Option<&str>, Option<&str>); 4] = [
        (&["pair", &file], None, None),
        (&["pack", &file, &packed, "--force"], Some(&packed), Some(&whole)),
        (&["generate", "3000", &generated, "--force"], Some(&generated), None),
        (&["each", &file, "--out", &answered, "--force"], Some(&answered), Some(&each)),
    ];
    for (command, target, sound) in commands {
        let command = [command, &ON_DISK].concat();
        let end = (1..100).find(|step| {
            let death = format!("{},{step}", step % RANKS);
            let job = room.job(RANKS, "size=64m", "size=1g").with("FARTHEST_KILL_AT_STEP", &death);
            let outcome = job.run(&command);
            // A target is there whole or not at all, and nothing else is. The next job finds none: between the two
            // calls that replace a file a kill may leave one.
            let made = target.filter(|target| Path::new(target).exists());
            if let Some(made) = made {
                let is = |sound: &str| fs::read(made).ok() == fs::read(sound).ok();
                assert!(sound.is_none_or(is), "{command:?} {death}");
                if made.ends_with(".cities") {
                    Job::alone().run(&["info", made, "--verify"]).expect_ok();
                }
                fs::remove_file(made).expect("it is there");
            }
            assert_eq!(folder.names(), ["each.tsv", "whole.cities"], "{command:?} {death}");
            if outcome.code != 0 {
                assert_killed(&outcome, &death);
            }
            assert!(outcome.code != 0 || target.is_none() || made.is_some(), "{command:?}");
            outcome.code == 0
        });
        assert!(end.is_some_and(|end| end > 15), "{command:?} has so many steps: {end:?}");
    }
}

/// The moment of death is any, in the middle of whatever the rank does then.
#[test]
fn a_rank_that_is_killed_while_it_works_ends_the_job_and_nothing_is_left() {
    const DYING: &str = r#"
        if [ "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" = 1 ]; then
            (sleep "$FARTHEST_TEST_DEATH_S"; kill -KILL $$) > /dev/null 2>&1 &
        fi
        TMPDIR=$FARTHEST_TEST_ROOM exec "$@"
    "#;
    let Some(room) = Room::new() else { return };
    let folder = Folder::new();
    let file = folder.file("cities.tsv");
    Job::alone().run(&["generate", "300000", &file]).expect_ok();
    let out = folder.file("out.tsv");
    // All pairs by the plain loop take minutes.
    let pair = ["pair", &file, "--method", "naive", "--quiet"];
    // Whoever dies later may be too late.
    let each = ["each", &file, "--out", &out, "--metric", "wgs84"];
    for (command, death_s) in
        [(&pair[..], "0.2"), (&pair, "0.5"), (&pair, "3"), (&each, "0.2"), (&each, "0.5")]
    {
        let job = room.job(3, "size=64m", "size=1g").each_rank_by(DYING);
        let job = job.with("FARTHEST_TEST_DEATH_S", death_s);
        let outcome = job.run(&[command, &ON_DISK[..]].concat());
        assert_killed(&outcome, death_s);
        assert_eq!(folder.names(), ["cities.tsv"], "{command:?} {death_s}");
    }
}

#[test]
fn a_small_shared_memory_file_system_does_not_matter() {
    let Some(room) = Room::new().filter(|_| is_open_mpi()) else { return };
    // What ranks share of it takes more than this room.
    let (_list, file) = list_of(60_000);
    let expected = Job::alone().run(&["pair", &file, "--format", "json"]);
    let outcome = room.job(3, "size=1m", "size=1m").run(&["pair", &file, "--format", "json"]);
    // MPI itself may complain of it, and say it.
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let quiet = Outcome { stderr: String::new(), ..outcome };
    assert_eq!(quiet.answer(), expected.answer(), "{quiet:#?}");
}

#[test]
fn a_folder_for_temporary_files_that_is_full_or_read_only_is_told_with_the_remedy() {
    let Some(room) = Room::new() else { return };
    let (_list, file) = list_of(20_000);
    let pair = [&["pair", &file], &ON_DISK[..]].concat();
    let mut are_full = 0;
    for ranks in [1, 3] {
        // The spools of ranks take some 400 KB, and the atlas as much.
        for options in ["size=64k", "size=300k", "size=600k", "size=800k", "ro"] {
            let outcome = room.job(ranks, options, "size=1g").run(&pair);
            if outcome.code == 0 {
                continue;
            }
            let reason = if options == "ro" { "Read-only" } else { "No space left" };
            outcome.expect_error(INPUT_OUTPUT, &[&room.path(), "TMPDIR", reason]);
            are_full += 1;
        }
        room.job(ranks, "size=64m", "size=1g").run(&pair).expect_ok();
    }
    assert!(are_full >= 6, "only {are_full} were full");
}

#[test]
fn a_checkpoint_that_the_disk_does_not_take_costs_no_report() {
    let Some(room) = Room::new() else { return };
    let (_list, file) = list_of(9000);
    let checkpoint = room.folder.file("c");
    let question = ["pair", &file, "--method", "naive", "--format", "json"];
    let limited = ["--checkpoint", &checkpoint, "--max-seconds", "0.001"];
    for ranks in [1, 3] {
        // There is room for the first file, and none for the one that is to replace it.
        let job = room.job(ranks, "size=4k", "size=1g");
        let outcome = job.run(&[&question[..], &limited].concat());
        assert_eq!(outcome.code, STOPPED, "{outcome:#?}");
        for part in [r#""status": "stopped""#, r#""upper_bound_km""#, "No space left"] {
            assert!(outcome.stdout.contains(part), "{part} is missing: {outcome:#?}");
        }
        let ours = outcome.stderr.lines().filter(|line| line.starts_with("farthest: "));
        assert_eq!(ours.filter(|line| line.contains("No space left")).count(), 1, "{outcome:#?}");
        let left: Vec<_> =
            outcome.stdout.lines().filter(|line| line.starts_with("left: ")).collect();
        assert!(left.len() == 1 && left[0].ends_with("/c"), "{outcome:#?}");
    }
}

#[test]
fn a_folder_for_temporary_files_that_is_not_there_is_told_with_the_remedy() {
    let (list, file) = list_of(100);
    let nowhere = list.file("nowhere");
    for ranks in [1, 3] {
        let job = Job::on_ranks(ranks).each_rank_by(IN_ROOM).with("FARTHEST_TEST_ROOM", &nowhere);
        let outcome = job.run(&[&["pair", &file], &ON_DISK[..]].concat());
        outcome.expect_error(INPUT_OUTPUT, &[&nowhere, "TMPDIR", "No such file"]);
        // In memory none is needed.
        job.run(&["pair", &file]).expect_ok();
    }
}

#[test]
fn a_disk_that_is_full_at_any_moment_of_packing_is_told_and_nothing_is_left() {
    let Some(room) = Room::new() else { return };
    let (_list, file) = list_of(20_000);
    let [target, answers] = ["out.cities", "out.tsv"].map(|name| room.folder.file(name));
    let mut are_full = 0;
    let commands: [(&[&str], &str); 4] = [
        (&["pack", &file, &target], &target),
        (&["pack", &file, &target, "--memory", "1K"], &target),
        (&["generate", "20000", &target, "--memory", "1K"], &target),
        (&["each", &file, "--out", &answers], &answers),
    ];
    for ranks in [1, 3] {
        for (command, target) in commands {
            for kib in [64, 256, 440, 470, 600, 800, 4000] {
                let outcome = room.job(ranks, &format!("size={kib}k"), "size=1g").run(command);
                if outcome.code == 0 {
                    assert_eq!(outcome.stdout.matches("left: ").count(), 1, "{outcome:#?}");
                    continue;
                }
                let parts = [target, "cannot write", "to another folder", "No space left"];
                outcome.expect_error(INPUT_OUTPUT, &parts);
                are_full += 1;
            }
        }
    }
    assert!((18..54).contains(&are_full), "{are_full} were full");
}

#[test]
fn a_file_that_has_no_room_among_the_addresses_of_a_process_is_an_error_and_no_fault() {
    let folder = Folder::new();
    let file = folder.write("huge.txt", "1 2 a\n");
    let grown = fs::File::options().write(true).open(&file).and_then(|file| file.set_len(1 << 40));
    if let Err(error) = grown {
        left_out("other", &format!("this file system has no such long files: {error}"));
        return;
    }
    for job in Job::alone_and_on_ranks() {
        let job = job.each_rank_by(r#"ulimit -v 8000000 && exec "$@""#);
        job.run(&["pair", &file]).expect_error(INPUT_OUTPUT, &[&file, "cannot map"]);
    }
}

/// Files in memory have a length too, which the limit of a shell holds for.
#[test]
fn files_that_may_not_be_so_long_are_told_with_the_remedy() {
    if !is_open_mpi() {
        return;
    }
    let (list, file) = list_of(20_000);
    let target = list.file("out.cities");
    // MPI itself makes longer files for several ranks.
    let job = Job::on_ranks(1).each_rank_by(r#"ulimit -f 100 && exec "$@""#);
    let text = list.file("out.tsv");
    let commands: [&[&str]; 4] = [
        &["pair", &file],
        &["pack", &file, &target],
        &["generate", "20000", &target],
        &["generate", "20000", &text],
    ];
    for command in commands {
        job.run(command).expect_error(INPUT_OUTPUT, &["cannot write", "ulimit -f"]);
    }
    assert_eq!(list.names(), ["list.txt"]);
}

// ---- Memory that is not there ----

/// Runs a job in a control group of so many bytes of memory, where this user may make one: the words around it, and
/// the folder of the group, which is taken away with this value.
struct Group(String);

impl Group {
    fn new(bytes: u64) -> Option<Group> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Relaxed);
        let name = format!("farthest-test-{}-{number}", std::process::id());
        for (root, limit) in
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")]
        {
            let group = Group(format!("{root}/{name}"));
            if fs::create_dir(&group.0).is_ok()
                && fs::write(format!("{}/{limit}", group.0), bytes.to_string()).is_ok()
            {
                return Some(group);
            }
        }
        left_out("cgroups", "this user may not make a control group with a limit of memory");
        None
    }

    /// A shell script that runs its arguments in the group.
    fn script(&self) -> String {
        format!(r#"echo $$ > {}/cgroup.procs && exec "$@""#, self.0)
    }

    fn job(&self) -> Job {
        Job::alone().inside(&["sh", "-c", &self.script(), "sh"])
    }

    /// Its ranks are in the group, and the launcher is not.
    fn job_on(&self, ranks: u64) -> Job {
        Job::on_ranks(ranks).each_rank_by(&self.script())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A process that has ended leaves its group a moment later.
        while fs::remove_dir(&self.0).is_err_and(|error| error.kind() == ErrorKind::ResourceBusy) {
            sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_list_that_takes_more_memory_than_the_group_has_is_refused_before_it_is_read() {
    let folder = Folder::new();
    let [file, packed] = ["list.tsv", "list.cities"].map(|name| folder.file(name));
    Job::alone().run(&["generate", "3000000", &file]).expect_ok();
    let Some(group) = Group::new(16 << 20) else { return };
    let parts = ["memory: cannot get enough", "expected some", "cities, found", "more memory"];
    let commands: [&[&str]; 4] = [
        &["pair", &file],
        &["pair", &file, "--memory", "20G"],
        &["pack", &file, &packed],
        &["generate", "3000000", &packed],
    ];
    for command in commands {
        group.job().run(command).expect_error(INPUT_OUTPUT, &parts);
    }
    assert_eq!(folder.names(), ["list.tsv"]);
}

/// The list takes 534 MB, which the machine has.
#[test]
fn a_list_that_scatter_makes_is_refused_where_a_limit_leaves_too_little_for_it() {
    const NEEDED: &str = "expected 534137728 bytes of free memory on rank 0";
    let (_list, file) = list_of(5000);
    let assert_refused = |job: Job, limit_bytes: u64| {
        let outcome = job.run(&["pair", &file, "--dist", "scatter"]);
        let parts = [NEEDED, "12497500 pairs", "found ", "leave --dist scatter out"];
        outcome.expect_error(USAGE, &parts);
        let found = outcome.stderr.split_once("found ").and_then(|(_, behind)| {
            behind.split(' ').next().and_then(|bytes| bytes.parse::<u64>().ok())
        });
        assert!(found.is_some_and(|bytes| bytes <= limit_bytes / 8 * 7), "{found:?}: {outcome:#?}");
    };
    for ranks in [1, 3] {
        let script = r#"ulimit -v 600000 && exec "$@""#;
        assert_refused(Job::on_ranks(ranks).each_rank_by(script), 600_000 << 10);
    }
    let Some(group) = Group::new(300 << 20) else { return };
    assert_refused(group.job(), 300 << 20);
    for ranks in [3, 8] {
        assert_refused(group.job_on(ranks), 300 << 20);
    }
}

/// The kernel ends a rank that takes more than the group has, or the rank is told that there is no more; the launcher
/// is not in the group.
#[test]
fn ranks_in_a_group_with_little_memory_have_the_answer_or_one_message_or_are_killed() {
    let folder = Folder::new();
    let file = folder.file("list.tsv");
    Job::alone().run(&["generate", "1000000", &file]).expect_ok();
    let command = ["pair", &file, "--format", "json"];
    let expected = Job::alone().run(&command);
    for (ranks, mib) in [(3, 12), (3, 24), (3, 300), (8, 32), (8, 64), (8, 400)] {
        let Some(group) = Group::new(mib << 20) else { return };
        let outcome = group.job_on(ranks).run(&command);
        println!("{ranks} ranks, {mib} MiB: {}", outcome.code);
        assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        match outcome.code {
            0 => assert_eq!(outcome.answer(), expected.answer()),
            INPUT_OUTPUT => outcome.expect_json_error(INPUT_OUTPUT, &["memory"]),
            _ => assert!(!outcome.stdout.contains("distance_km"), "{outcome:#?}"),
        }
    }
}

#[test]
fn the_launch_script_says_that_the_memory_was_full() {
    const GREEDY: &str = r#"if [ "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" = 1 ]; then exec tail /dev/zero; fi; exec sleep 600"#;
    let folder = Folder::new();
    let Some(group) = Group::new(100 << 20) else { return };
    let mut command = command_in(&folder, "sh");
    command.args(["-c", &group.script(), "sh", &format!("{REPOSITORY}/scripts/launch")]);
    command.args(["2", "sh", "-c", GREEDY]);
    let outcome = Outcome::of("a greedy rank", command.output().expect("it starts"));
    let said = "scripts/launch: a rank was ended by SIGKILL, and the others with it: the kernel ended a process";
    assert!(outcome.code != 0 && outcome.stderr.contains(said), "{outcome:#?}");
}

/// What the user allows may be more than there is; it goes to the disk then.
#[test]
fn a_list_that_fits_no_memory_goes_to_the_disk_whatever_the_user_allows() {
    let folder = Folder::new();
    let file = folder.file("list.tsv");
    Job::alone().run(&["generate", "3000000", &file]).expect_ok();
    let expected = Job::alone().run(&["pair", &file, "--format", "json"]);
    let Some(group) = Group::new(48 << 20) else { return };
    let command = ["pair", &file, "--format", "json", "--memory", "20G"];
    assert_eq!(group.job().run(&command).answer(), expected.answer());
}

/// Under any limit there is an answer or one message, unless MPI itself finds too few addresses and ends by itself,
/// which comes and goes with the limit. With several ranks it may even wait for ever, so that one is tried here.
#[test]
fn a_limit_of_addresses_is_told_with_the_remedy_and_never_ends_in_an_abort() {
    let folder = Folder::new();
    let file = folder.file("list.tsv");
    Job::alone().run(&["generate", "400000", &file]).expect_ok();
    let mut refused = 0;
    let end = (40..2000).step_by(10).find(|mib| {
        // The shell stays, so that a signal that ends the rest is a code.
        let script = format!(r#"ulimit -v {} && "$@"; exit $?"#, mib << 10);
        let outcome = Job::alone().each_rank_by(&script).run(&["pair", &file]);
        if outcome.stderr.lines().any(|line| line.starts_with("farthest: ")) {
            outcome.expect_error(INPUT_OUTPUT, &["ulimit -v"]);
            refused += 1;
        }
        let is_abort =
            ["memory allocation of", "panicked"].map(|ours| outcome.stderr.contains(ours));
        assert_eq!(is_abort, [false; 2], "{outcome:#?}");
        outcome.code == 0
    });
    assert!(end.is_some() && refused > 0, "{end:?}, {refused}");
}

/// Whatever asks in vain for memory while it works: the binary ends with a message, and on several ranks with one.
#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "only builds with assertions ask for too much on request"
)]
fn memory_that_is_asked_for_in_vain_ends_the_job_with_one_message() {
    let (_list, file) = list_of(100);
    for job in Job::alone_and_on_ranks() {
        let job = job.with("FARTHEST_TAKE_ALL_MEMORY", "1");
        let parts = ["memory: cannot get enough", "expected", "bytes more", "fewer ranks"];
        let outcome = job.run(&["pair", &file]);
        outcome.expect_error(INPUT_OUTPUT, &parts);
        job.run(&["pair", &file, "--format", "json"]).expect_json_error(INPUT_OUTPUT, &parts);
    }
}
