//! What the file system refuses: input that cannot be read ends with 66, output that cannot be
//! written with 74 and nothing left behind; one message, alone and on several ranks.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::lists::random;
use common::{Folder, Job, REPOSITORY, assert_error, own_mounts, pack};

const NO_INPUT: i32 = 66;
const INPUT_OUTPUT: i32 = 74;

#[test]
fn a_missing_file_is_no_input() {
    let folder = Folder::new();
    let file = folder.file("nowhere.txt");
    assert_error(&["pair", &file], NO_INPUT, &[&file, "no such file"]);
    assert_error(&["info", &file], NO_INPUT, &[&file, "no such file"]);
    let output = folder.file("out.cities");
    for job in Job::alone_and_on_ranks() {
        job.run(&["pack", &file, &output]).expect_error(NO_INPUT, &[&file, "no such file"]);
    }
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_path_through_a_file_is_no_input() {
    let folder = Folder::new();
    let file = folder.write("file", "1 2\n3 4\n") + "/cities.txt";
    assert_error(&["pair", &file], NO_INPUT, &[&file, "no such file"]);
}

#[test]
fn a_folder_or_a_device_is_no_input() {
    let folder = Folder::new();
    let path = folder.file("");
    assert_error(&["pair", &path], NO_INPUT, &[&path, "expected a file", "found a directory"]);
    assert_error(&["pair", "/dev/null"], NO_INPUT, &["/dev/null", "not a regular file"]);
}

#[test]
fn a_file_that_may_not_be_read_is_no_input() {
    let folder = Folder::new();
    let file = folder.write("secret.txt", "1 2\n3 4\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("the file is ours");
    if fs::File::open(&file).is_ok() {
        println!("left out: this user (root?) may read every file");
        return;
    }
    assert_error(&["pair", &file], NO_INPUT, &[&file, "permission denied"]);
}

#[test]
fn an_existing_target_is_replaced_by_force_alone() {
    let folder = Folder::new();
    let input = folder.write("in.txt", random(65).text());
    let [packed, text] = ["out.cities", "out.txt"].map(|name| folder.file(name));
    let commands = [
        (["pack", &input, &packed], &packed),
        (["generate", "65", &packed], &packed),
        (["generate", "65", &text], &text),
    ];
    for job in Job::alone_and_on_ranks() {
        for (command, target) in &commands {
            fs::write(target, "precious").expect("there is room");
            job.run(command).expect_error(INPUT_OUTPUT, &[target, "exists", "--force"]);
            assert_eq!(fs::read(target).expect("it is still there"), b"precious");

            job.run(&[&command[..], &["--force"]].concat()).expect_ok();
            let report = Job::alone().run(&["info", target, "--format", "json"]).expect_json();
            assert_eq!(report["cities"], 65, "{target} was replaced");
        }
    }
    assert_eq!(folder.names(), ["in.txt", "out.cities", "out.txt"], "nothing else is left");
}

#[test]
fn a_target_in_a_folder_that_is_not_there_cannot_be_written() {
    let folder = Folder::new();
    let target = folder.file("nowhere/out.cities");
    for job in Job::alone_and_on_ranks() {
        let outcome = job.run(&["generate", "10", &target]);
        outcome.expect_error(INPUT_OUTPUT, &[&target, "cannot create"]);
    }
    assert_eq!(folder.names(), [""; 0]);
}

/// Mounts 64 KiB at the folder "$1", with a file in it that must survive, and runs the rest of the
/// arguments. Afterwards it prints what is in the folder, and ends as the command did.
const ON_A_SMALL_DISK: &str = r#"
    disk=$1; shift
    mount -t tmpfs -o size=64k tmpfs "$disk" || exit 1
    echo precious > "$disk/old.cities"
    "$@"
    code=$?
    for file in "$disk"/* "$disk"/.[!.]*; do
        [ -e "$file" ] && echo "left: ${file##*/} $(cat "$file")"
    done
    exit $code
"#;

#[test]
fn a_full_disk_keeps_the_old_file_and_nothing_of_the_new() {
    let Some(own_mounts) = own_mounts() else {
        println!("left out: this user may not mount a small file system, not even as unshare -rm");
        return;
    };
    let folder = Folder::new();
    let disk = folder.file("disk");
    fs::create_dir(&disk).expect("there is room for a folder");
    let inside = [&own_mounts[..], &["sh", "-c", ON_A_SMALL_DISK, "sh", &disk]].concat();
    let [new_packed, new_text, old] =
        ["new.cities", "new.tsv", "old.cities"].map(|name| format!("{disk}/{name}"));
    let list = format!("{REPOSITORY}/data/cities15000.tsv");
    let commands: [(&[&str], &str); 4] = [
        (&["pack", &list, &new_packed], &new_packed),
        (&["pack", &list, &old, "--force"], &old),
        (&["generate", "10000", &new_text], &new_text),
        (&["generate", "10000", &old, "--force"], &old),
    ];
    for job in Job::alone_and_on_ranks() {
        for (command, target) in commands {
            let outcome = job.clone().inside(&inside).run(command);
            outcome.expect_message(INPUT_OUTPUT, &[target, "cannot write", "No space left"]);
            assert_eq!(outcome.stdout, "left: old.cities precious\n", "{outcome:#?}");
        }
    }
}

/// A launcher stands between a rank and the standard output of the job, so each rank is given
/// the full device itself.
#[test]
fn standard_output_that_is_full_is_an_input_output_error() {
    const INTO_A_FULL_DEVICE: &str = r#"exec "$@" > /dev/full"#;
    let folder = Folder::new();
    let file = folder.write("cities.txt", random(65).text());
    let commands: [&[&str]; 4] =
        [&["pair", &file], &["pair", &file, "--format", "json"], &["info", &file], &["--version"]];
    for job in Job::alone_and_on_ranks() {
        for command in commands {
            let outcome = job.clone().each_rank_by(INTO_A_FULL_DEVICE).run(command);
            outcome.expect_error(INPUT_OUTPUT, &["standard output", "No space left"]);
        }
        // Where even the error finds no room as JSON, it is told as text, with its own code.
        let missing = folder.file("nowhere.txt");
        let job = job.clone().each_rank_by(INTO_A_FULL_DEVICE);
        let outcome = job.run(&["pair", &missing, "--format", "json"]);
        outcome.expect_error(NO_INPUT, &[&missing, "no such file"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    let file = pack(&folder.write("cities.txt", random(65).text()));
    // The pipe's reader is gone before the binary starts.
    let inside = ["sh", "-c", r#"{ "$@"; echo "ended with $?" >&2; } | :"#, "sh"];
    let outcome = Job::alone().inside(&inside).run(&["pair", &file]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, "ended with 0\n"), "{outcome:#?}");
}

/// Makes a named pipe, with nobody at its other end.
fn pipe(folder: &Folder, name: &str) -> String {
    let path = folder.file(name);
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo is there").success());
    path
}

#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let folder = Folder::new();
    let path = pipe(&folder, "pipe");
    assert_error(&["pair", &path], NO_INPUT, &[&path, "not a regular file"]);
}

#[test]
fn what_is_no_file_is_not_replaced_even_by_force() {
    let folder = Folder::new();
    let input = folder.write("in.txt", random(3).text());
    let path = pipe(&folder, "pipe");
    for job in Job::alone_and_on_ranks() {
        job.run(&["pack", "--force", &input, &path])
            .expect_error(INPUT_OUTPUT, &[&path, "no file"]);
    }
    assert_eq!(folder.names(), ["in.txt", "pipe"]);
}

#[test]
fn more_cities_than_the_disk_holds_are_refused_and_leave_nothing() {
    let folder = Folder::new();
    let path = folder.file("out.cities");
    for cities in ["100000000000000", "4000000000000000000"] {
        for job in Job::alone_and_on_ranks() {
            let outcome = job.run(&["generate", cities, &path]);
            outcome.expect_error(INPUT_OUTPUT, &[&path, "cannot write", "are free"]);
        }
    }
    assert_eq!(folder.names(), [""; 0]);
}
