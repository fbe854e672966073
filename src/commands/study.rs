//! `farthest study`: the runs of a scaling study, and what they mean. It starts no MPI: the programs that it starts do.
//!
//! Architecture Invariant: nothing here is collective.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use super::Printed;
use super::scaling::scaling;
use crate::cli::{ScalingOptions, StudyTask};
use crate::console;
use crate::error::{Error, Result, STOPPED};
use crate::output::write_file;
use crate::report::error_text;
use crate::study::{self, Ended, RUNS_FILE};
use crate::world::is_one_of_several;

/// The exit code of a study of which a run failed or is not valid, or whose table cannot be made.
const FAILED: u8 = 1;

pub(super) fn study(task: &StudyTask, arguments: &[OsString]) -> Result<Printed> {
    let exit_code = match task {
        StudyTask::Table(folder) => {
            study::require_folder(folder)?;
            if shows_results(folder)? { 0 } else { FAILED }
        }
        StudyTask::Make(options) => {
            require_alone()?;
            match study::make(options)? {
                None => {
                    console::print_error("farthest: stopped before the first run");
                    STOPPED
                }
                Some(ended) => match ended.stopped_by {
                    Some(signal) => stop(&ended, signal, arguments),
                    None => finish(&ended)?,
                },
            }
        }
    };
    Ok(Printed { exit_code, ..Printed::default() })
}

/// Refuses to make runs as a part of a job: they would take themselves for ranks of it, and wait for the others.
fn require_alone() -> Result<()> {
    if !is_one_of_several() {
        return Ok(());
    }
    let message = "expected a study to be started alone, found it beside others of a launcher; start it without \
                   mpirun or srun, as it starts the ranks itself";
    Err(Error::Usage { message: message.into() })
}

/// Shows what the runs mean, and says which of them are not fine.
fn finish(ended: &Ended) -> Result<u8> {
    let is_shown = shows_results(&ended.folder)?;
    let Ended { missing: bad, planned, .. } = ended;
    if !bad.is_empty() {
        let names: Vec<String> = bad.iter().map(ToString::to_string).collect();
        let (count, names) = (bad.len(), names.join(", "));
        console::print_error(&format!(
            "farthest: {count} of {planned} runs failed or are not valid: {names}"
        ));
    }
    Ok(if bad.is_empty() && is_shown { 0 } else { FAILED })
}

/// Prints the table and writes it with the other files into the folder; whether that could be done.
fn shows_results(folder: &Path) -> Result<bool> {
    let [csv, svg, extrap, table_file] =
        ["scaling.csv", "scaling.svg", "extrap.jsonl", "table.txt"];
    let options = ScalingOptions {
        runs: vec![folder.join(RUNS_FILE)],
        mix: false,
        csv: Some(folder.join(csv)),
        svg: Some(folder.join(svg)),
        extrap: Some(folder.join(extrap)),
        markdown: false,
        force: true,
    };
    let table = match scaling(&options) {
        Ok(table) => table,
        Err(error) => {
            console::print_error(&error_text(&error));
            return Ok(false);
        }
    };
    console::print(&table)?;
    write_file(&folder.join(table_file), true, |out| out.write_all(table.as_bytes()))?;
    let folder = folder.display();
    console::print(&format!(
        "\nfiles in {folder}: {extrap} {RUNS_FILE} {csv} {svg} {table_file}\n"
    ))?;
    Ok(true)
}

/// Says how a study that was stopped goes on.
fn stop(ended: &Ended, signal: &str, arguments: &[OsString]) -> u8 {
    let Ended { planned, missing, folder, .. } = ended;
    let done = planned - missing.len();
    // The line of a run may have been begun.
    console::print_error("");
    console::print_error(&format!(
        "farthest: stopped by {signal} after {done} of {planned} runs; go on with: {}",
        again(folder, arguments)
    ));
    STOPPED
}

/// The command line that goes on, as a shell reads it.
fn again(folder: &Path, arguments: &[OsString]) -> String {
    let mut words: Vec<String> =
        arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let is_named = words.iter().any(|word| word.split('=').next() == Some("--out"));
    if !is_named && let Some(at) = words.iter().position(|word| word == "study") {
        let named = ["--out".to_string(), folder.to_string_lossy().into_owned()];
        words.splice(at + 1..at + 1, named);
    }
    let words = words.iter().map(String::as_str);
    shlex::try_join(words.clone()).unwrap_or_else(|_| words.collect::<Vec<_>>().join(" "))
}
