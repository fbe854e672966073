//! What the file system refuses: input that cannot be read ends with 66, output that cannot be
//! written with 74 and nothing left behind; one message, alone and on several ranks.

#![cfg(feature = "mpi")]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use common::lists::random;
use common::{
    BINARY, Folder, Job, Outcome, REPOSITORY, assert_error, command_in, left_out, own_mounts, pack,
};

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
    assert_error(&["pair", &path], NO_INPUT, &[&path, "found a directory", "name a file in it"]);
    assert_error(&["pair", "/dev/null"], NO_INPUT, &["/dev/null", "not a regular file"]);
}

#[test]
fn an_address_of_the_web_is_told_how_to_be_fetched() {
    let address = "https://example.org/cities.csv";
    assert_error(&["pair", address], NO_INPUT, &[address, "curl -fsSL ADDRESS | farthest pair -"]);
}

#[test]
fn a_file_that_may_not_be_read_is_no_input() {
    let folder = Folder::new();
    let file = folder.write("secret.txt", "1 2\n3 4\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("the file is ours");
    if fs::File::open(&file).is_ok() {
        left_out("other", "this user (root?) may read every file");
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
        left_out("mounts", "this user may not mount a file system, not even as unshare -rm");
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
            .expect_error(INPUT_OUTPUT, &[&path, "expected a regular file", "found a pipe"]);
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

/// Starts the binary with a standard output that is closed, or open for reading alone.
const WITHOUT_OUTPUT: [&str; 2] = [r#"exec "$@" >&-"#, r#"exec "$@" 1< /dev/null"#];

#[test]
fn a_closed_standard_output_is_an_error_before_the_work_begins() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", random(65).text());
    let new = folder.file("new.cities");
    let commands: [&[&str]; 7] = [
        &["pair", &file],
        &["pair", &file, "--format", "json"],
        &["info", &file],
        &["pack", &file, &new],
        &["generate", "10", &new],
        &["scaling", &file],
        &["--version"],
    ];
    for job in Job::alone_and_on_ranks() {
        for (way, command) in WITHOUT_OUTPUT.iter().flat_map(|way| commands.map(|c| (way, c))) {
            let outcome = job.clone().each_rank_by(way).run(command);
            outcome.expect_error(INPUT_OUTPUT, &["standard output", "closed", "/dev/null"]);
            assert_eq!(folder.names(), ["cities.txt"], "nothing was begun");
        }
    }
    // Programs that start others open it for reading and writing.
    for way in [r#"exec "$@" > /dev/null"#, r#"exec "$@" 1<> /dev/null"#] {
        Job::alone().each_rank_by(way).run(&["pair", &file]).expect_ok();
    }
}

/// The launcher gives each rank an output of its own, so that no rank hears of this.
#[test]
fn scripts_launch_says_that_standard_output_is_closed_or_full() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", random(65).text());
    let launch = format!("{REPOSITORY}/scripts/launch");
    let run = |way: &str, file: &str| {
        let script = format!(r#""$@" {way}"#);
        let mut command = command_in(&folder, "timeout");
        command.args(["60", "sh", "-c", &script, "sh", &launch, "3", BINARY, "pair", file]);
        Outcome::of(way, command.output().expect("timeout(1) is installed")).expect_end()
    };
    for (way, problem) in
        [(">&-", "closed"), ("> /dev/full", "cut short"), ("1< /dev/null", "cut short")]
    {
        let outcome = run(way, &file);
        let lines: Vec<&str> = outcome.stderr.lines().collect();
        assert_eq!((outcome.code, lines.len()), (INPUT_OUTPUT, 1), "{outcome:#?}");
        assert!(lines[0].contains("cannot write standard output"), "{outcome:#?}");
        assert!(lines[0].contains(problem), "{outcome:#?}");
    }
    let into = folder.file("report.txt");
    run(&format!("> {into}"), &file).expect_ok();
    let report = fs::read_to_string(&into).expect("the report");
    assert!(report.contains("Result:") && report.ends_with(" sec\n"), "{report}");
    run("> /dev/null", &file).expect_ok();
    let outcome = run("> /dev/null", &folder.file("nowhere.txt"));
    outcome.expect_error(NO_INPUT, &["no such file"]);
}

#[test]
fn a_standard_output_that_does_not_block_is_written_whole() {
    let folder = Folder::new();
    let run = |ranks: u64| {
        format!(
            r#"{{"kind":"strong","scale":null,"ranks":{ranks},"repeat":1,"status":"ok","exit_code":0,"command":["x"],"date":"2026-01-01T00:00:00Z","host":{{"hostname":"h","processor":"p","cores":2,"binding":"none","launcher":"mpirun"}},"report":{{"cities":100,"pairs":4950,"pairs_covered":4950,"method":"naive","isa":"avx2","ranks":{ranks},"nodes":1,"mpi":"x","version":"0.1.0","execution_time":1.5,"times_s":{{"read":{{"max":0.1}},"search":{{"max":1.2}},"reduce":{{"max":0.0}}}},"load_balance":0.9,"file":{{"checksum":"c"}}}}}}"#
        ) + "\n"
    };
    let runs = folder.write("runs.jsonl", (1..=2000).map(run).collect::<String>());
    let expected = Job::alone().run(&["scaling", &runs]).expect_ok().to_string();
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let flags = rustix::fs::fcntl_getfl(&writer).expect("flags of a pipe");
    rustix::fs::fcntl_setfl(&writer, flags | rustix::fs::OFlags::NONBLOCK).expect("a pipe");
    let mut command = std::process::Command::new(BINARY);
    command.args(["scaling", &runs]).stdout(writer);
    let mut child = command.spawn().expect("the binary");
    // The command has the other end too.
    drop(command);
    // A pipe holds 64 KiB (pipe(7)), and nobody reads until it is full, or the child has given up.
    let waits = |child: &mut std::process::Child| child.try_wait().expect("our child").is_none();
    while rustix::io::ioctl_fionread(&reader).expect("a pipe") < 60 << 10 && waits(&mut child) {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut found = String::new();
    std::io::Read::read_to_string(&mut reader, &mut found).expect("text");
    assert!(child.wait().expect("our child").success());
    assert!(expected.len() > 128 << 10 && found == expected, "{} bytes", found.len());
}

/// Replaces `target` by each command that writes a file, which must be refused with these words.
fn assert_not_replaced(folder: &Folder, target: &str, parts: &[&str]) {
    let input = folder.write("in.txt", random(3).text());
    let [pack, generate] =
        [["pack", &input, target, "--force"], ["generate", "9", target, "--force"]];
    for job in Job::alone_and_on_ranks() {
        for command in [pack, generate] {
            // The text of 9 cities where the name ends so, else refused for its name.
            if command[0] == "generate" && !target.ends_with(".cities") {
                continue;
            }
            job.run(&command).expect_error(INPUT_OUTPUT, &[&[target], parts].concat());
        }
    }
}

fn link(folder: &Folder, name: &str, to: &str) -> String {
    let link = folder.file(name);
    std::os::unix::fs::symlink(to, &link).expect("a folder that takes links");
    link
}

#[test]
fn what_a_link_leads_to_is_replaced_if_it_is_a_file_and_the_link_stays() {
    let folder = Folder::new();
    let input = folder.write("in.txt", random(65).text());
    let old = folder.write("below/old.cities", "precious");
    let once = link(&folder, "once.cities", "below/old.cities");
    let twice = link(&folder, "twice.cities", &once);
    let new = link(&folder, "new.cities", "below/new.cities");
    for job in Job::alone_and_on_ranks() {
        for (through, target) in [(&twice, &old), (&new, &folder.file("below/new.cities"))] {
            job.run(&["pack", &input, through]).expect_error(INPUT_OUTPUT, &[through, "--force"]);
            job.run(&["pack", &input, through, "--force"]).expect_ok();
            let report = Job::alone().run(&["info", target, "--format", "json"]).expect_json();
            assert_eq!(report["cities"], 65);
            assert!(fs::symlink_metadata(through).expect("the link").is_symlink());
            fs::write(target, "precious").expect("there is room");
        }
    }
    assert_eq!(folder.names(), ["below", "in.txt", "new.cities", "once.cities", "twice.cities"]);
    let below: Vec<_> = fs::read_dir(folder.file("below")).expect("a folder").collect();
    assert_eq!(below.len(), 2, "{below:?}");
}

#[test]
fn what_is_no_regular_file_is_never_replaced_through_a_link_either() {
    let folder = Folder::new();
    let socket = folder.file("socket");
    let _listens = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let pipe = pipe(&folder, "pipe");
    fs::create_dir(folder.file("folder")).expect("there is room for a folder");
    let kinds = [
        (socket, "found a socket"),
        (pipe, "found a pipe"),
        (folder.file("folder"), "found a directory"),
        ("/dev/null".into(), "found a device"),
    ];
    for (at, (target, found)) in kinds.iter().enumerate() {
        assert_not_replaced(&folder, target, &["expected a regular file", found]);
        let through = link(&folder, &format!("link{at}.cities"), target);
        assert_not_replaced(&folder, &through, &["expected a regular file", found]);
        assert!(fs::symlink_metadata(through).expect("the link").is_symlink());
    }
    let round = link(&folder, "round.cities", "round.cities");
    assert_not_replaced(&folder, &round, &["cannot follow the link"]);
    assert!(fs::symlink_metadata(round).expect("the link").is_symlink());
}

#[test]
fn standard_output_by_its_path_is_not_replaced() {
    let folder = Folder::new();
    let input = folder.write("in.txt", random(3).text());
    // As /dev/stdout is, which these tests must not put at risk.
    let output = link(&folder, "stdout.cities", "/proc/self/fd/1");
    // Alone it is a pipe, and on ranks what the launcher made.
    let parts = [output.as_str(), "expected a regular file", "name a file"];
    for job in Job::alone_and_on_ranks() {
        job.run(&["pack", &input, &output, "--force"]).expect_error(INPUT_OUTPUT, &parts);
    }
    let report = folder.file("report");
    let script = format!(r#"exec "$@" > {report}"#);
    for path in [&output, &report] {
        let outcome = Job::alone().each_rank_by(&script).run(&["pack", &input, path, "--force"]);
        outcome.expect_error(2, &["a file of its own", "standard output", "are one"]);
    }
    assert!(fs::symlink_metadata(&output).expect("the link").is_symlink());
    assert_eq!(folder.names(), ["in.txt", "report", "stdout.cities"]);
}

#[test]
fn a_file_is_not_packed_into_itself() {
    let folder = Folder::new();
    let input = pack(&folder.write("in.txt", random(65).text()));
    let content = fs::read(&input).expect("the file");
    let hard = folder.file("hard.cities");
    fs::hard_link(&input, &hard).expect("a folder that takes links");
    let linked = link(&folder, "link.cities", "in.cities");
    let spelled = input.replace("/in.cities", "/./in.cities");
    for job in Job::alone_and_on_ranks() {
        for output in [&input, &hard, &linked, &spelled] {
            let outcome = job.run(&["pack", &input, output, "--force"]);
            outcome.expect_error(2, &["a file of its own", "are one", output]);
            assert_eq!(fs::read(&input).expect("the file"), content);
        }
    }
    let script = format!(r#"exec "$@" < {input}"#);
    let outcome = Job::alone().each_rank_by(&script).run(&["pack", "-", &input, "--force"]);
    outcome.expect_error(2, &["a file of its own", "standard input"]);
}

/// The permissions of a file.
fn mode(file: &str) -> u32 {
    fs::metadata(file).expect("the file").permissions().mode() & 0o7777
}

#[test]
fn what_is_replaced_keeps_its_mode_and_what_is_read_only_is_kept() {
    let folder = Folder::new();
    let input = folder.write("in.txt", random(65).text());
    let target = folder.write("out.cities", "precious");
    let permit = |mode| fs::set_permissions(&target, fs::Permissions::from_mode(mode));
    for job in Job::alone_and_on_ranks() {
        for command in [["pack", &input, &target, "--force"], ["generate", "9", &target, "--force"]]
        {
            for wanted in [0o600, 0o640, 0o666, 0o777] {
                permit(wanted).expect("the file is ours");
                job.run(&command).expect_ok();
                assert_eq!(mode(&target), wanted, "{command:?}");
            }
            for read_only in [0o444, 0o400, 0o555] {
                fs::write(&target, "precious").expect("there is room");
                permit(read_only).expect("the file is ours");
                let parts = [&target, "cannot replace", "read-only", "chmod u+w"];
                job.run(&command).expect_error(INPUT_OUTPUT, &parts);
                assert_eq!(fs::read_to_string(&target).expect("it is still there"), "precious");
                permit(0o644).expect("the file is ours");
            }
        }
    }
    assert_eq!(folder.names(), ["in.txt", "out.cities"]);
}

#[test]
fn what_is_replaced_keeps_its_owner() {
    let folder = Folder::new();
    let target = folder.write("out.cities", "precious");
    let somebody = Some(65_534);
    if std::os::unix::fs::chown(&target, somebody, somebody).is_err() {
        left_out("other", "this user may not give files away");
        return;
    }
    fs::set_permissions(&target, fs::Permissions::from_mode(0o660)).expect("we are root");
    Job::alone().run(&["generate", "9", &target, "--force"]).expect_ok();
    let found = fs::metadata(&target).expect("the file");
    assert_eq!([found.uid(), found.gid(), mode(&target)], [65_534, 65_534, 0o660]);
}
