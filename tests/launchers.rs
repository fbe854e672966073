//! What can go wrong between ranks: a launcher of another MPI, a rank that panics, ranks that see
//! different files. Each ends the whole job, with one message and one code.

#![cfg(feature = "mpi")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::lists::random;
use common::{
    BINARY, Folder, Job, Mpi, Outcome, REPOSITORY, SOME_RANKS, command_in, is_installed, left_out,
    pack,
};

const BAD_DATA: i32 = 65;
const NO_INPUT: i32 = 66;
const INTERNAL: i32 = 70;
const LAUNCHER_MISMATCH: i32 = 78;

/// What the message about the wrong launcher tells: what was expected, and two ways out.
const MISMATCH_PARTS: [&str; 4] =
    ["expected", "found each of them alone", "launcher", "--allow-singletons"];

/// Two cities or more in a folder of their own.
fn some_cities() -> (Folder, String) {
    let folder = Folder::new();
    let file = folder.write("cities.txt", random(65).text());
    (folder, file)
}

#[test]
fn without_a_launcher_the_binary_just_works() {
    let (_folder, file) = some_cities();
    let report = Job::alone().run(&["pair", &file, "--format", "json"]).expect_json();
    assert_eq!(report["ranks"], 1);
    // A rank that its launcher started alone is as it should be.
    let job = Job::alone().with("SLURM_STEP_NUM_TASKS", "1").with("SLURM_PROCID", "0");
    job.run(&["pair", &file]).expect_ok();
    // An allocation of several tasks says nothing about how this process was started.
    Job::alone().with("SLURM_NTASKS", "4").run(&["pair", &file]).expect_ok();
}

/// What each launcher leaves in the environment of a rank, though none is there: rank 0 tells what
/// is wrong, and the others end with the same code, mute.
#[test]
fn a_rank_that_is_alone_although_its_launcher_started_more_is_refused() {
    let (_folder, file) = some_cities();
    let launchers = [("PMI_SIZE", "PMI_RANK"), ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID")];
    for (size, rank) in launchers {
        let job = |which: &str| Job::alone().with(size, "4").with(rank, which);
        let parts = [&MISMATCH_PARTS[..], &["expected 4 ranks", size]].concat();
        let json = ["pair", &file, "--format", "json"];
        job("0").run(&["pair", &file]).expect_error(LAUNCHER_MISMATCH, &parts);
        job("0").run(&json).expect_json_error(LAUNCHER_MISMATCH, &parts);
        for command in [&["pair", &file][..], &json] {
            let outcome = job("3").run(command);
            let said = (outcome.stdout.as_str(), outcome.stderr.as_str());
            assert_eq!((outcome.code, said), (LAUNCHER_MISMATCH, ("", "")), "{outcome:#?}");
        }
        let outcome = job("3").run(&["pair", &file, "--quiet", "--allow-singletons"]);
        assert_eq!(outcome.expect_ok().lines().count(), 5, "{outcome:#?}");
    }
}

/// The launcher of the MPI that the binary was not built with, if it is installed.
fn other_launcher() -> Option<Mpi> {
    let other = Mpi::of_binary().other();
    if other.own_launcher().is_none() {
        let kind = if other == Mpi::Mpich { "mpich" } else { "open-mpi" };
        left_out(kind, &format!("no launcher of {other:?} is installed"));
    }
    other.own_launcher().map(|_| other)
}

/// The ranks do not know each other, so they end in any order, and a launcher may end the others
/// with the first of them; the message must be told all the same. Hence several times.
#[test]
fn under_the_launcher_of_another_mpi_the_job_is_refused_every_time() {
    let Some(other) = other_launcher() else { return };
    let (_folder, file) = some_cities();
    let job = Job::under(other, SOME_RANKS);
    let parts = [&MISMATCH_PARTS[..], &["expected 3 ranks"]].concat();
    for _ in 0..6 {
        let outcome = job.run(&["pair", &file]);
        outcome.expect_error(LAUNCHER_MISMATCH, &parts);
        let outcome = job.run(&["pair", &file, "--format", "json"]);
        outcome.expect_json_error(LAUNCHER_MISMATCH, &parts);
    }
}

#[test]
fn under_the_launcher_of_another_mpi_singletons_can_be_allowed() {
    let Some(other) = other_launcher() else { return };
    let (_folder, file) = some_cities();
    let job = Job::under(other, SOME_RANKS);
    let outcome = job.run(&["pair", &file, "--quiet", "--allow-singletons"]);
    let answers = outcome.stdout.matches("Maximum distance:").count();
    assert_eq!((outcome.code, answers as u64), (0, SOME_RANKS), "{outcome:#?}");
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only builds with assertions panic on request")]
fn a_panic_on_any_rank_ends_the_whole_job() {
    let (_folder, file) = some_cities();
    let panicking = |job: Job, rank: u64| job.with("FARTHEST_PANIC_ON_RANK", &rank.to_string());
    for rank in 0..SOME_RANKS {
        let outcome = panicking(Job::on_ranks(SOME_RANKS), rank).run(&["pair", &file]);
        outcome.expect_error(INTERNAL, &[&format!("internal error on rank {rank}")]);
    }
    let outcome = panicking(Job::alone(), 0).run(&["pair", &file]);
    outcome.expect_error(INTERNAL, &["internal error on rank 0"]);
}

/// Starts each rank in a folder of its own, so that they see different files under one path.
const IN_A_FOLDER_OF_ITS_OWN: &str =
    r#"cd "$RANK_FOLDERS/rank${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" && exec "$@""#;

fn each_rank_in_its_folder(folder: &Folder) -> Job {
    let folders = folder.path().to_str().expect("the path is UTF-8");
    Job::on_ranks(SOME_RANKS).each_rank_by(IN_A_FOLDER_OF_ITS_OWN).with("RANK_FOLDERS", folders)
}

/// Asserts that the ranks of these folders refuse `file`, as text and as JSON.
fn assert_refused(folder: &Folder, file: &str, code: i32, parts: &[&str]) {
    let job = each_rank_in_its_folder(folder);
    job.run(&["pair", file]).expect_error(code, parts);
    job.run(&["pair", file, "--format", "json"]).expect_json_error(code, parts);
}

#[test]
fn ranks_with_the_same_file_in_different_folders_work_together() {
    let folder = Folder::new();
    for rank in 0..SOME_RANKS {
        folder.write(&format!("rank{rank}/cities.txt"), random(65).text());
    }
    let job = each_rank_in_its_folder(&folder);
    let report = job.run(&["pair", "cities.txt", "--format", "json"]).expect_json();
    assert_eq!([&report["ranks"], &report["cities"]], [SOME_RANKS, 65]);
}

#[test]
fn ranks_that_see_files_of_different_sizes_say_which_hosts_differ() {
    let folder = Folder::new();
    let mut text = random(65).text();
    for rank in 0..SOME_RANKS - 1 {
        folder.write(&format!("rank{rank}/cities.txt"), &text);
    }
    let size = format!("{} bytes", text.len());
    text.push_str("1 2 one more\n");
    folder.write("rank2/cities.txt", &text);
    let other_size = format!("{} bytes", text.len());
    let host = host();
    let parts = ["cities.txt: expected the same file", "found", &size, &other_size, &host];
    assert_refused(&folder, "cities.txt", BAD_DATA, &parts);
}

#[test]
fn ranks_that_see_files_of_one_size_and_different_content_say_so() {
    let folder = Folder::new();
    for (rank, name) in ["one", "two", "two"].iter().enumerate() {
        folder.write(&format!("rank{rank}/cities.txt"), format!("1 2 {name}\n3 4 {name}\n"));
    }
    let parts = ["expected the same file", "found", "16 bytes", "checksum xxh3:"];
    assert_refused(&folder, "cities.txt", BAD_DATA, &parts);
    // A packed file made of several lists would be wrong for ever.
    let packed = folder.file("packed.cities");
    let outcome = each_rank_in_its_folder(&folder).run(&["pack", "cities.txt", &packed]);
    outcome.expect_error(BAD_DATA, &["the same file", "on rank 0 and", "on rank 1, rank 2"]);
}

#[test]
fn ranks_that_see_different_packed_files_say_so() {
    let folder = Folder::new();
    for rank in 0..SOME_RANKS {
        // Packed files of equally many cities without names are equally long.
        pack(&folder.write(&format!("rank{rank}/cities.txt"), format!("lat,lon\n1,2\n{rank},4\n")));
    }
    let parts = ["cities.cities: expected the same file", "found", "checksum xxh3:"];
    assert_refused(&folder, "cities.cities", BAD_DATA, &parts);
}

#[test]
fn a_file_that_is_missing_on_one_rank_names_the_rank_and_its_host() {
    let host = host();
    for missing in 0..SOME_RANKS {
        let folder = Folder::new();
        for rank in 0..SOME_RANKS {
            let name = if rank == missing { "other.txt" } else { "cities.txt" };
            folder.write(&format!("rank{rank}/{name}"), random(65).text());
        }
        let place = format!("on rank {missing} of {SOME_RANKS}, host {host}");
        assert_refused(&folder, "cities.txt", NO_INPUT, &["cities.txt: no such file", &place]);
    }
}

#[test]
fn of_different_errors_on_different_ranks_the_lowest_ranks_is_told() {
    let folder = Folder::new();
    folder.write("rank0/cities.txt", random(65).text());
    folder.write("rank1/cities.txt/it-is-a-folder", "");
    folder.write("rank2/other.txt", "");
    let parts = ["cities.txt: expected a file", "found a directory", "on rank 1 of 3"];
    assert_refused(&folder, "cities.txt", NO_INPUT, &parts);
}

/// The name by which MPI knows this machine.
fn host() -> String {
    let (_folder, file) = some_cities();
    let report = Job::on_ranks(1).run(&["pair", &file, "--format", "json"]).expect_json();
    report["hosts"][0].as_str().expect("a report names its hosts").to_string()
}

#[test]
fn ranks_with_different_arguments_are_refused_and_do_not_wait_for_each_other() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", "1 2 a\n-1 -178 b\n");
    let script = "rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; \
                  if [ \"$rank\" = 1 ]; then set -- \"$@\" --verify; fi; exec \"$@\"";
    let outcome = Job::on_ranks(3).each_rank_by(script).run(&["pair", &file]);
    outcome.expect_error(2, &["the same arguments on every rank"]);
}

/// A command that needs no MPI beside one that does: those that started it would wait for those that did not.
#[test]
fn ranks_with_different_commands_are_refused_whether_they_need_mpi_or_not() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", "1 2 a\n-1 -178 b\n");
    for other in 0..SOME_RANKS {
        let script = format!(
            "if [ \"${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}}\" = {other} ]; \
             then exec \"$1\" scaling none.jsonl; else exec \"$@\"; fi"
        );
        let outcome = Job::on_ranks(SOME_RANKS).each_rank_by(&script).run(&["pair", &file]);
        outcome.expect_error(2, &["the same arguments on every rank"]);
    }
}

#[test]
fn the_launch_script_refuses_ranks_that_are_no_number_and_a_program_that_is_not_there() {
    for (arguments, part) in [
        (&["0", "true"][..], "expected a number of ranks, found '0'"),
        (&["two", "true"], "expected a number of ranks, found 'two'"),
        (&["2"], "expected a program after the number of ranks, found none at ''"),
        (&["2", "no-such-program"], "found none at 'no-such-program'"),
    ] {
        let mut command = Command::new(format!("{REPOSITORY}/scripts/launch"));
        let output = command.args(arguments).output().expect("the script is there");
        let outcome = Outcome::of(format!("{command:?}"), output);
        assert_eq!((outcome.code, outcome.stderr.lines().count()), (2, 1), "{outcome:#?}");
        assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
    }
}

/// A folder for what `scripts/launch` starts, with the launcher of the binary's own MPI, and the words behind it.
fn launch(folder: &Folder, words: &[&str]) -> Command {
    // Whoever runs the tests may have them ignore a signal, as nohup(1) does with SIGHUP.
    let mut command = command_in(folder, "env");
    command.arg("--default-signal").arg(format!("{REPOSITORY}/scripts/launch"));
    command.args(words).env("OMPI_MCA_odls_base_sigkill_timeout", "0");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The lines in which the script itself says something.
fn lines_of_script(outcome: &Outcome) -> Vec<&str> {
    outcome.stderr.lines().filter(|line| line.starts_with("scripts/launch: ")).collect()
}

#[test]
fn the_launch_script_says_which_signal_ended_a_rank_and_what_it_likely_means() {
    const DYING: &str = r#"if [ "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" = 1 ]; then sleep 0.5; kill -s "$0" $$; fi; exec sleep 600"#;
    let folder = Folder::new();
    // MPICH joins the signals of all ranks into one number, so that only some can be told.
    let means = match Mpi::of_binary() {
        Mpi::OpenMpi => {
            [("KILL", "SIGKILL"), ("TERM", "SIGTERM"), ("BUS", "cut short"), ("XFSZ", "ulimit -f")]
        }
        Mpi::Mpich => [("KILL", "SIGKILL"), ("TERM", "TERM"), ("BUS", "BUS"), ("XFSZ", "XFSZ")],
    };
    for (signal, part) in means {
        let run = || {
            let mut command = launch(&folder, &["3", "sh", "-c", DYING, signal]);
            Outcome::of(signal, command.output().expect("it starts"))
        };
        // Now and then MPICH's launcher stumbles over the end of a rank, and ends by an assertion of its own.
        let stumbled = |outcome: &Outcome| outcome.stderr.contains("control_cb");
        let outcome = (0..5).map(|_| run()).find(|outcome| !stumbled(outcome));
        let outcome = outcome.expect("one that did not stumble");
        let said = lines_of_script(&outcome);
        assert!(outcome.code != 0 && said.len() == 1, "{outcome:#?}");
        assert!(said[0].contains("a rank was ended by") && said[0].contains(part), "{outcome:#?}");
    }
    // A program that has said itself what is wrong needs no second voice.
    for code in ["0", "2", "65", "74"] {
        let mut command = launch(&folder, &["3", "sh", "-c", "exit $0", code]);
        let outcome = Outcome::of(code, command.output().expect("it starts"));
        assert_eq!((outcome.code.to_string(), lines_of_script(&outcome).len()), (code.into(), 0));
    }
}

#[test]
fn the_launch_script_says_that_it_was_ended_and_ends_all_ranks() {
    const WORKING: &str = r#"echo $$ >> "$0"; exec sleep 600"#;
    for (signal, code) in
        [("INT", Some(130)), ("TERM", Some(143)), ("HUP", Some(129)), ("KILL", None)]
    {
        let folder = Folder::new();
        let processes = folder.file("processes");
        let job = launch(&folder, &["2", "sh", "-c", WORKING, &processes]).spawn();
        let mut job = job.expect("it starts");
        await_two_ranks(&mut job, &processes);
        let kill = Command::new("kill").args(["-s", signal, &job.id().to_string()]).status();
        assert!(kill.expect("kill(1) is installed").success());
        let output = job.wait_with_output().expect("our child");
        assert_eq!(output.status.code(), code, "{output:?}");
        let outcome = Outcome::of(signal, output);
        let told = format!("scripts/launch: ended by SIG{signal}, and all ranks with it");
        let expected = if signal == "KILL" { vec![] } else { vec![&told[..]] };
        assert_eq!(lines_of_script(&outcome), expected, "{outcome:#?}");
        // Where the script was killed, its launcher is asked to end just then.
        await_end_of_ranks(&processes);
        let left = folder.names();
        assert!(signal == "KILL" || left == ["processes"], "{left:?}");
    }
}

/// Waits until two ranks have written the numbers of their processes.
fn await_two_ranks(job: &mut Child, processes: &str) {
    while fs::read_to_string(processes).unwrap_or_default().lines().count() < 2 {
        assert!(job.try_wait().expect("our child").is_none(), "it ended by itself");
        sleep(Duration::from_millis(10));
    }
}

/// Waits until these ranks have ended. A test that hangs here tells that they did not.
fn await_end_of_ranks(processes: &str) {
    for rank in fs::read_to_string(processes).expect("it was written").lines() {
        while is_at_work(rank) {
            sleep(Duration::from_millis(10));
        }
    }
}

/// A terminal sends ^C to all processes in front, so that the launcher gets it without the script. Open MPI's ends
/// itself at the second one, and leaves its ranks alone.
#[test]
fn a_control_c_at_a_terminal_ends_all_ranks_and_is_told_once() {
    if !is_installed("script") {
        left_out("other", "script(1) of util-linux, which makes a terminal, is not installed");
        return;
    }
    let folder = Folder::new();
    let processes = folder.file("processes");
    folder.write("work.sh", "echo $$ >> processes; exec sleep 600\n");
    let line = format!("exec env --default-signal {REPOSITORY}/scripts/launch 2 sh work.sh");
    let mut command = command_in(&folder, "script");
    command.args(["-qec", &line, "/dev/null"]).env("SHELL", "/bin/sh");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut job = command.spawn().expect("it starts");
    await_two_ranks(&mut job, &processes);
    let mut terminal = job.stdin.take().expect("a pipe");
    terminal.write_all(b"\x03").expect("it is read");
    let outcome = Outcome::of("^C", job.wait_with_output().expect("our child"));
    drop(terminal);
    let told = outcome.stdout.matches("scripts/launch: ").count();
    assert_eq!((outcome.code, told), (130, 1), "{outcome:#?}");
    assert!(outcome.stdout.contains("ended by SIGINT, and all ranks with it"), "{outcome:#?}");
    await_end_of_ranks(&processes);
    assert_eq!(folder.names(), ["processes", "work.sh"]);
}

/// Open MPI's launcher itself may end so where it passes on a pipe.
#[test]
fn the_launch_script_names_the_pipe_where_a_segmentation_fault_may_be_the_launchers() {
    let folder = Folder::new();
    for (input, may_be) in
        [(Stdio::piped(), Mpi::of_binary() == Mpi::OpenMpi), (Stdio::null(), false)]
    {
        let mut command = launch(&folder, &["1", "sh", "-c", "kill -s SEGV $$"]);
        let job = command.stdin(input).spawn().expect("it starts");
        let outcome = Outcome::of("SEGV", job.wait_with_output().expect("our child"));
        let said = lines_of_script(&outcome);
        assert!(outcome.code != 0 && said.len() == 1, "{outcome:#?}");
        assert!(said[0].contains("SIGSEGV") && said[0].contains("please report"), "{outcome:#?}");
        assert_eq!(said[0].contains("write what comes through the pipe"), may_be, "{outcome:#?}");
    }
}

/// Open MPI 4's mpirun does so now and then where a rank is killed as it begins, which nobody can make it do. What
/// stands in for it here becomes a program that never asks for the process that ends then.
#[test]
fn the_launch_script_ends_a_launcher_that_takes_no_notice_that_its_ranks_have_ended() {
    const DEAF: &str = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo Open MPI; exit; fi\n\
                        sh -c 'until grep -q sleep /proc/$PPID/comm; do sleep 0.01; done' &\n\
                        echo $$ > deaf\nexec sleep 600\n";
    let folder = Folder::new();
    let compiler = folder.write_program("mpicc.openmpi", "#!/bin/sh\n");
    folder.write_program("mpirun.openmpi", DEAF);
    let mut command = launch(&folder, &["1", "true"]);
    let outcome = Outcome::of("deaf", command.env("MPICC", compiler).output().expect("it starts"));
    let said = lines_of_script(&outcome);
    assert!(outcome.code == 137 && said.len() == 1, "{outcome:#?}");
    assert!(said[0].contains("did not take notice of it for ten seconds"), "{outcome:#?}");
    let deaf = fs::read_to_string(folder.file("deaf")).expect("it has begun");
    assert!(!fs::exists(format!("/proc/{}", deaf.trim())).expect("it can be asked"));
}

/// Whether a process is there and has not ended.
fn is_at_work(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.contains("\tsleep\n") && !status.contains("State:\tZ")
}

#[test]
fn the_launch_script_passes_standard_input_and_other_signals_on() {
    const WAITING: &str = r#"trap 'echo got it; exit 0' USR1; read -r line; echo "$line"; while :; do sleep 0.05; done"#;
    let folder = Folder::new();
    let mut command = launch(&folder, &["1", "sh", "-c", WAITING]);
    let mut job = command.stdin(Stdio::piped()).spawn().expect("it starts");
    job.stdin.take().expect("a pipe").write_all(b"a line\n").expect("it is read");
    let mut line = String::new();
    let mut stdout = BufReader::new(job.stdout.take().expect("a pipe"));
    stdout.read_line(&mut line).expect("it is text");
    assert_eq!(line, "a line\n");
    let kill = Command::new("kill").args(["-s", "USR1", &job.id().to_string()]).status();
    assert!(kill.expect("kill(1) is installed").success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("it is text");
    let outcome = Outcome::of("USR1", job.wait_with_output().expect("our child"));
    assert_eq!((outcome.code, rest.trim(), lines_of_script(&outcome).len()), (0, "got it", 0));
}

/// Ranks that run alone shared a folder of Open MPI's, which each of them made and took away.
#[test]
fn many_that_run_alone_do_not_disturb_each_other_and_need_no_folder_for_temporary_files() {
    let folder = Folder::new();
    let file = folder.write("cities.txt", "0 0 here\n0 1 there\n");
    // What is alone with MPICH needs no such folder either.
    let nowhere = folder.file("nowhere");
    Job::alone()
        .running("env")
        .run(&[&format!("TMPDIR={nowhere}"), BINARY, "info", &file])
        .expect_ok();
    let info = || {
        let mut command = command_in(&folder, BINARY);
        command.args(["info", &file]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    for _ in 0..20 {
        let all: Vec<Child> = (0..8).map(|_| info()).collect();
        for one in all {
            Outcome::of("info", one.wait_with_output().expect("our child")).expect_ok();
        }
    }
    assert_eq!(folder.names(), ["cities.txt"]);
}
