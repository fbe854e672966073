//! The folder of a study: what was asked for, and the lines of its runs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::asked::Asked;
use super::{RUNS_FILE, Run, refused};
use crate::console;
use crate::error::{Error, Result};
use crate::output::write_file;
use crate::report::json_line;
use crate::scaling::runs::{Line, Status};

/// The file that has what was asked for.
const ASKED_FILE: &str = "study.json";

/// A folder in which this process alone makes runs.
pub(super) struct Folder {
    path: PathBuf,
    runs: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder, or goes on with the same study in it.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is another study in it, or one at work; [`Error::Io`] if the system fails.
    pub(super) fn open(path: &Path, asked: &Asked) -> Result<Folder> {
        let [asked_file, runs] = [ASKED_FILE, RUNS_FILE].map(|name| path.join(name));
        fs::create_dir_all(path).map_err(|error| {
            let path = path.display();
            refused(format!(
                "expected to make the folder {path}, found: {error}; name another with --out"
            ))
        })?;
        if asked_file.exists() {
            require_same(path, &asked_file, asked)?;
        } else if runs.exists() {
            let file = asked_file.display();
            return Err(refused(format!(
                "expected {file} beside {RUNS_FILE}, found none; use another --out"
            )));
        } else {
            let text = serde_json::to_string_pretty(asked).expect("names are strings") + "\n";
            write_file(&asked_file, false, |out| out.write_all(text.as_bytes()))?;
        }
        let lock = File::open(&asked_file).map_err(|source| Error::opening(&asked_file, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { path: path.into(), runs, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                let path = path.display();
                Err(refused(format!("expected to be alone, found another study at work in {path}")))
            }
            Err(TryLockError::Error(source)) => {
                Err(Error::Io { file: asked_file, action: "cannot lock", source })
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the line of a run that has ended, and returns when it is on the disk.
    pub(super) fn append(&self, line: &Line) -> Result<()> {
        let text = json_line(line) + "\n";
        let append = || -> io::Result<()> {
            let mut file = OpenOptions::new().append(true).create(true).open(&self.runs)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        append().map_err(|source| self.failed("cannot write", source))
    }

    /// The planned runs that are not recorded as fine.
    pub(super) fn missing(&self, planned: &[Run]) -> Result<Vec<Run>> {
        let lines = self.lines()?;
        let is_there = |run: &Run| {
            lines.iter().any(|line| {
                line.status == Status::Ok && (line.ranks, line.repeat) == (run.ranks, run.repeat)
            })
        };
        Ok(planned.iter().filter(|run| !is_there(run)).copied().collect())
    }

    /// The lines so far. A last line that was cut short, as by a loss of power, is dropped.
    fn lines(&self) -> Result<Vec<Line>> {
        let bytes = match fs::read(&self.runs) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(self.failed("cannot read", error)),
            Ok(bytes) => bytes,
        };
        let mut lines = Vec::new();
        let mut end = 0;
        for text in bytes.split_inclusive(|&byte| byte == b'\n') {
            end += text.len();
            let line = Line::read(text).ok().filter(|_| text.ends_with(b"\n"));
            match line {
                Some(line) => lines.push(line),
                None if end == bytes.len() => self.cut(end - text.len())?,
                None => return Err(self.damaged(lines.len() + 1)),
            }
        }
        Ok(lines)
    }

    fn cut(&self, length: usize) -> Result<()> {
        let file = self.runs.display();
        console::print_error(&format!(
            "farthest: dropped the last line of {file}: it was cut short"
        ));
        let cut = OpenOptions::new().write(true).open(&self.runs);
        let cut = cut.and_then(|file| file.set_len(length as u64).and_then(|()| file.sync_all()));
        cut.map_err(|source| self.failed("cannot shorten", source))
    }

    fn damaged(&self, number: usize) -> Error {
        let file = self.runs.display();
        refused(format!(
            "{file}, line {number}: expected the JSON object of a run, found something else; mend the file or use \
             another --out"
        ))
    }

    fn failed(&self, action: &'static str, source: io::Error) -> Error {
        Error::Io { file: self.runs.clone(), action, source }
    }
}

/// Refuses to go on with other arguments than those that the study began with.
fn require_same(folder: &Path, file: &Path, asked: &Asked) -> Result<()> {
    let text = fs::read(file).map_err(|source| Error::opening(file, source))?;
    let before: Value = serde_json::from_slice(&text).map_err(|error| {
        let file = file.display();
        refused(format!(
            "{file}: expected what a study was asked for, found: {error}; use another --out"
        ))
    })?;
    let other =
        asked.0.iter().find(|(name, value)| before.get(name).unwrap_or(&Value::Null) != value);
    let Some((name, value)) = other else { return Ok(()) };
    let [old, new] = [&before[name], value].map(json_line);
    let folder = folder.display();
    Err(refused(format!(
        "expected the arguments of the study in {folder} ({name}: {old}), found {name}: {new}; use them, or \
         another --out"
    )))
}
