//! The commands, each a table of contents: verbs of the pipeline, one after the other.
//!
//! A command runs on all ranks and returns the text that rank 0 prints. `pair` and `each` work on all of them, `pack`
//! and `generate` on those of one node; the others are work for one, and the other ranks wait for it.
//! `scaling` runs without MPI where it is alone, and `study` always:
//! they must work on a login node or a laptop where MPI does not start.
//!
//! Architecture Invariant: no loop over cities or pairs here; a step that needs one belongs to a
//! module of its own.

mod drawings;
mod each;
mod explain;
mod files;
mod lists;
mod make;
mod origins;
mod pair;
mod scaling;
mod search;
pub mod sound;
mod study;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::cli::{self, Command};
use crate::console;
use crate::error::{Error, Result};
use crate::source::STANDARD_INPUT;
use crate::world::World;

/// What a command leaves to be done in the end.
#[derive(Debug, Default)]
pub struct Printed {
    /// What rank 0 prints.
    pub text: String,
    /// The code that every rank ends with.
    pub exit_code: u8,
    /// A file that rank 0 deletes when it has printed.
    pub leftover: Option<PathBuf>,
}

impl From<String> for Printed {
    fn from(text: String) -> Printed {
        Printed { text, ..Printed::default() }
    }
}

/// Does what the command line says, and returns what is left to be done.
///
/// # Errors
/// The one error that all ranks agreed on.
pub fn run(world: &World, arguments: &[OsString], parsed: Result<Command>) -> Result<Printed> {
    world.check_launcher()?;
    world.require_same(&cli::fingerprint(arguments))?;
    let can_speak = if world.is_speaker() { console::require_output() } else { Ok(()) };
    let command = world.agree(can_speak.and(parsed))?;
    if reads_input(&command) {
        world.leave_input_to_root();
    }
    let text = match command {
        Command::Pair(options) => return pair::pair(world, &options),
        Command::Each(options) => each::each(world, &options)?,
        Command::Pack(options) => make::pack(world, &options)?,
        Command::Info(options) => world.at_root(|| files::info(&options))?,
        Command::Generate(options) => make::generate(world, &options)?,
        Command::Scaling(options) => world.at_root(|| scaling::scaling(&options))?,
        Command::Print(text) => text,
        Command::Study(_) => {
            return Err(Error::Internal { problem: "a study was started with MPI".into() });
        }
    };
    Ok(text.into())
}

/// Whether the cities come through standard input.
fn reads_input(command: &Command) -> bool {
    let files = match command {
        Command::Pair(options) => &options.files[..],
        Command::Each(options) => &options.files[..],
        Command::Pack(options) => std::slice::from_ref(&options.input),
        Command::Info(options) => std::slice::from_ref(&options.file),
        Command::Generate(_) | Command::Scaling(_) | Command::Study(_) | Command::Print(_) => &[],
    };
    files.iter().any(|file| file.as_os_str() == STANDARD_INPUT)
}

/// Does what a command line says that needs no MPI ([`Command::needs_world`]).
///
/// # Errors
/// The error of the command.
pub fn run_without_world(arguments: &[OsString], parsed: Result<Command>) -> Result<Printed> {
    console::require_output()?;
    match parsed? {
        Command::Scaling(options) => scaling::scaling(&options).map(Printed::from),
        Command::Study(task) => study::study(&task, arguments),
        Command::Print(text) => Ok(text.into()),
        Command::Pair(_)
        | Command::Each(_)
        | Command::Pack(_)
        | Command::Info(_)
        | Command::Generate(_) => {
            Err(Error::Internal { problem: "a command that needs MPI was run without it".into() })
        }
    }
}
