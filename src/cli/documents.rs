//! Manual pages and completions of shells, made of the same definitions as the command line itself.
//!
//! Architecture Invariant: it prints no file's name and knows no place; `scripts/install` decides where they go.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Typed, usage};
use crate::error::Result;

/// The manual page of the program, or of one of its commands, for man(1).
///
/// # Errors
/// [`crate::error::Error::Usage`] if there is no such command.
pub(super) fn manual(command: Option<&str>) -> Result<String> {
    let mut all = Typed::command();
    // Gives each command its full name, and the options that all have.
    all.build();
    let shown = match command {
        None => all,
        Some(name) => {
            let found =
                all.get_subcommands().find(|one| one.get_name() == name && !one.is_hide_set());
            let names = || {
                let names = all.get_subcommands().filter(|one| !one.is_hide_set());
                names.map(clap::Command::get_name).collect::<Vec<_>>().join(", ")
            };
            let found = found.ok_or_else(|| {
                usage(format!("expected a command to tell of ({}), found {name}", names()))
            })?;
            found.clone()
        }
    };
    let shown = shown.version(env!("CARGO_PKG_VERSION"));
    let of = concat!("farthest ", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    clap_mangen::Man::new(shown).source(of).render(&mut page).expect("memory takes it");
    Ok(String::from_utf8(page).expect("help is text"))
}

/// The script that lets a shell complete commands, options and their values.
pub(super) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Typed::command(), "farthest", &mut script);
    String::from_utf8(script).expect("help is text")
}
