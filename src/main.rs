//! The binary: starts MPI where it is needed, runs the command, and turns errors into one message
//! and one exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use farthest::commands::Printed;
use farthest::driver::checkpoint;
use farthest::error::{Error, Result};
use farthest::world::{World, end_job_on_panic, is_first_of_launcher};
use farthest::{cli, commands, console, report};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if cli::needs_no_world(&arguments) {
        return run_without_world(&arguments);
    }
    let world = World::start(cli::allows_singletons(&arguments));
    end_job_on_panic(console::print_error);
    fail_on_purpose(&world);
    let ended =
        commands::run(&world, &arguments).and_then(|Printed { text, exit_code, leftover }| {
            world.at_root(|| {
                console::print(&text)?;
                leftover.as_deref().map_or(Ok(()), checkpoint::remove)
            })?;
            Ok(exit_code)
        });
    end(ended, world.is_speaker(), &arguments)
}

/// Runs a command that needs no MPI. Of several processes that a launcher started, the first alone
/// works and speaks.
fn run_without_world(arguments: &[OsString]) -> ExitCode {
    end_job_on_panic(console::print_error);
    if !is_first_of_launcher() {
        return ExitCode::SUCCESS;
    }
    let printed = commands::run_without_world(arguments).and_then(|text| console::print(&text));
    end(printed.map(|()| 0), true, arguments)
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

/// Panics on the rank that FARTHEST_PANIC_ON_RANK names, in builds with debug assertions alone:
/// the tests see with it that a panic ends the whole job.
fn fail_on_purpose(world: &World) {
    let named = std::env::var("FARTHEST_PANIC_ON_RANK");
    if cfg!(debug_assertions) && named.is_ok_and(|rank| rank == world.rank().to_string()) {
        panic!("asked to panic by FARTHEST_PANIC_ON_RANK");
    }
}
