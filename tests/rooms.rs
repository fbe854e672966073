//! Where ranks put what they make: nothing is left there when a rank is killed, and where there is too little
//! room, one message says so.
//!
//! A rank that dies leaves no file behind, because none of those that the ranks share has a name. So these tests
//! look at /dev/shm, at the folder for temporary files, and at the folder of the target. Each job has mounts of its
//! own, where that is allowed.

mod common;

use std::fs;

use common::lists::random;
use common::{Folder, Job, Mpi, Outcome, left_out, own_mounts};

const INPUT_OUTPUT: i32 = 74;

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
    let [packed, generated] = ["packed.cities", "generated.cities"].map(|name| folder.file(name));
    let commands: [&[&str]; 3] = [
        &["pair", &file],
        &["pack", &file, &packed, "--force"],
        &["generate", "3000", &generated, "--force"],
    ];
    for command in commands {
        let command = [command, &ON_DISK].concat();
        let end = (1..100).find(|step| {
            let death = format!("{},{step}", step % RANKS);
            let job = room.job(RANKS, "size=64m", "size=1g").with("FARTHEST_KILL_AT_STEP", &death);
            let outcome = job.run(&command);
            if outcome.code != 0 {
                assert_killed(&outcome, &death);
            }
            outcome.code == 0
        });
        assert!(end.is_some_and(|end| end > 15), "{command:?} has so many steps: {end:?}");
        // A target is there whole or not at all, and nothing else is.
        if command[0] != "pair" {
            let made = fs::read(command[2]).expect("it was made in the end");
            assert!(command[0] != "pack" || made == fs::read(&whole).expect("it is there"));
            Job::alone().run(&["info", command[2], "--verify"]).expect_ok();
            fs::remove_file(command[2]).expect("it is there");
        }
        assert_eq!(folder.names(), ["whole.cities"], "{command:?}");
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
    for death_s in ["0.2", "0.5", "3"] {
        let job = room.job(3, "size=64m", "size=1g").each_rank_by(DYING);
        let job = job.with("FARTHEST_TEST_DEATH_S", death_s);
        // All pairs by the plain loop take minutes.
        let outcome = job.run(&[&["pair", &file, "--method", "naive"], &ON_DISK[..]].concat());
        assert_killed(&outcome, death_s);
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
    let target = room.folder.file("out.cities");
    let mut are_full = 0;
    let commands: [&[&str]; 3] = [
        &["pack", &file, &target],
        &["pack", &file, &target, "--memory", "1K"],
        &["generate", "20000", &target, "--memory", "1K"],
    ];
    for ranks in [1, 3] {
        for command in commands {
            for kib in [64, 256, 440, 470, 600, 800, 4000] {
                let outcome = room.job(ranks, &format!("size={kib}k"), "size=1g").run(command);
                if outcome.code == 0 {
                    assert_eq!(outcome.stdout.matches("left: ").count(), 1, "{outcome:#?}");
                    continue;
                }
                let parts = [&target[..], "cannot write", "to another folder", "No space left"];
                outcome.expect_error(INPUT_OUTPUT, &parts);
                are_full += 1;
            }
        }
    }
    assert!((15..40).contains(&are_full), "{are_full} were full");
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
    for command in [&["pair", &file][..], &["pack", &file, &target]] {
        job.run(command).expect_error(INPUT_OUTPUT, &["cannot write", "ulimit -f"]);
    }
    assert_eq!(list.names(), ["list.txt"]);
}
