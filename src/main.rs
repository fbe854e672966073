//! The binary: starts MPI where it is needed, runs the command, and turns errors into one message
//! and one exit code.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use farthest::cli::Command;
use farthest::commands::Printed;
use farthest::driver::checkpoint;
use farthest::driver::limits::end_by_signals;
use farthest::error::{Error, Result};
use farthest::memory::Allocator;
use farthest::world::{
    World, end_job_on_exhaustion, end_job_on_panic, is_first_of_launcher, is_one_of_several,
};
use farthest::{cli, commands, console, report};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    end_job_on_exhaustion(|error| print_error(error, cli::wants_json(&arguments())));
    let_long_files_fail();
    let arguments = arguments();
    // Parsing needs no MPI, and tells whether the command does.
    let parsed = cli::parse(&arguments);
    let needs_no_world = !parsed.as_ref().is_ok_and(Command::needs_world);
    // Ranks that never start MPI would let others wait there that were started with another command. A study starts
    // jobs itself, and MPI in the midst of it would be that of another job.
    let is_study = matches!(parsed, Ok(Command::Study(_)));
    if is_study || (needs_no_world && !is_one_of_several()) {
        return run_without_world(&arguments, parsed);
    }
    let world = World::start(cli::allows_singletons(&arguments));
    if needs_no_world && world.ranks() == 1 {
        return run_without_world(&arguments, parsed);
    }
    end_job_on_panic(console::print_error);
    end_by_signals();
    fail_on_purpose(&world);
    let ended = commands::run(&world, &arguments, parsed).and_then(
        |Printed { text, exit_code, leftover }| {
            world.at_root(|| {
                console::print(&text)?;
                leftover.as_deref().map_or(Ok(()), checkpoint::remove)
            })?;
            Ok(exit_code)
        },
    );
    end(ended, world.is_speaker(), &arguments)
}

fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// Lets a file that would be longer than it may (`ulimit -f`) be an error of the write, as a full disk is. Left
/// alone, the signal ends the process without a word; handled in any way, it does not.
fn let_long_files_fail() {
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// Runs a command that needs no MPI. Of several processes that a launcher started, the first alone
/// works and speaks.
fn run_without_world(arguments: &[OsString], parsed: Result<Command>) -> ExitCode {
    end_job_on_panic(console::print_error);
    if !is_first_of_launcher() {
        return ExitCode::SUCCESS;
    }
    let ended = commands::run_without_world(arguments, parsed).and_then(|printed| {
        console::print(&printed.text)?;
        Ok(printed.exit_code)
    });
    end(ended, true, arguments)
}

fn end(ended: Result<u8>, is_speaker: bool, arguments: &[OsString]) -> ExitCode {
    match ended {
        Ok(exit_code) => ExitCode::from(exit_code),
        Err(error) => {
            if is_speaker {
                print_error(&error, cli::wants_json(arguments));
            }
            ExitCode::from(error.exit_code())
        }
    }
}

fn print_error(error: &Error, as_json: bool) {
    // Standard output may be what failed; there is nobody left to tell then.
    let is_told = as_json && console::print(&report::error_json(error)).is_ok();
    if !is_told {
        console::print_error(&report::error_text(error));
    }
}

/// Fails on request in builds with debug assertions alone: panics on the rank that FARTHEST_PANIC_ON_RANK names, and
/// asks for more memory than there is where FARTHEST_TAKE_ALL_MEMORY is set. The tests see with it that either ends
/// the whole job.
fn fail_on_purpose(world: &World) {
    if !cfg!(debug_assertions) {
        return;
    }
    let named = std::env::var("FARTHEST_PANIC_ON_RANK");
    if named.is_ok_and(|rank| rank == world.rank().to_string()) {
        panic!("asked to panic by FARTHEST_PANIC_ON_RANK");
    }
    if std::env::var_os("FARTHEST_TAKE_ALL_MEMORY").is_some() {
        let all: Vec<u8> = Vec::with_capacity(isize::MAX as usize);
        std::hint::black_box(all);
    }
}
