//! A command, from its start until nothing of it is left, and the signals that ask this process to stop.
//!
//! Launchers give ranks process groups and sessions of their own, and a launcher that is killed leaves ranks behind.
//! So this process adopts whatever its children leave (a *subreaper*), and all that it started, directly or not,
//! descends from it.
//!
//! A signal is looked for only while a command is awaited: no line of the runs file is ever written in part.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::os::unix::fs::FileExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, kill_process, set_child_subreaper};
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};

use super::{Halt, OrHalt, refused};
use crate::console;
use crate::driver::progress::OF_SHARE;
use crate::error::{Error, Result};

/// What asks to stop.
const SIGNALS: [(i32, &str); 3] = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGUSR1, "SIGUSR1")];
/// Between two looks at a command: little beside the least time of one, and no load beside its ranks.
const TURN: Duration = Duration::from_millis(10);
/// Between two looks at what it says of its progress.
const LOOK: Duration = Duration::from_secs(1);
/// How long what is asked to end may take for it. srun tells its nodes to end their ranks and waits for them; mpirun
/// needs less than a second.
const PATIENCE: Duration = Duration::from_secs(10);
/// What timeout(1) ends with. A launcher that is asked to end may itself end with 0.
const OVER_LIMIT: i64 = 124;

/// A command that has ended.
pub(super) struct Ended {
    pub(super) exit_code: i64,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) elapsed_s: f64,
    pub(super) is_over_limit: bool,
}

/// Starts commands, one at a time.
pub(super) struct Processes {
    /// What whoever this process was before it became this program has started: no business of ours.
    others: Vec<i32>,
    /// The number of the last signal; 0 for none.
    signal: Arc<AtomicUsize>,
}

impl Processes {
    /// # Errors
    /// [`Error::Io`] if the system does not let signals be handled.
    pub(super) fn new() -> Result<Processes> {
        let fail =
            |source| Error::Io { file: "signals".into(), action: "cannot be handled", source };
        set_child_subreaper(Some(getpid())).map_err(|error| fail(error.into()))?;
        let signal = Arc::new(AtomicUsize::new(0));
        for (number, _) in SIGNALS {
            let flag = Arc::clone(&signal);
            signal_hook::flag::register_usize(number, flag, number as usize).map_err(fail)?;
        }
        Ok(Processes { others: descendants(&[]), signal })
    }

    /// The name of the signal that asked to stop.
    pub(super) fn stopped_by(&self) -> Option<&'static str> {
        let number = self.signal.load(Ordering::Relaxed);
        SIGNALS.iter().find(|(other, _)| *other as usize == number).map(|(_, name)| *name)
    }

    /// Runs a command to its end, or to the limit in seconds.
    ///
    /// # Errors
    /// [`Halt::Stopped`] when a signal asked to stop; nothing is left of the command then either.
    pub(super) fn run(&self, words: &[OsString], limit_s: Option<f64>) -> OrHalt<Ended> {
        self.require_no_signal()?;
        // Through files, because a pipe stays open as long as anything that the command left behind.
        let mut stdout = tempfile::tempfile().map_err(temporary)?;
        let mut stderr = tempfile::tempfile().map_err(temporary)?;
        let begun = Instant::now();
        let mut child = start(words, [&stdout, &stderr])?;
        let waited = self.wait(&mut child, &stderr, limit_s);
        let elapsed_s = begun.elapsed().as_secs_f64();
        self.end_all(&mut child);
        let status = waited?;
        let [stdout, stderr] = [read(&mut stdout)?, read(&mut stderr)?];
        let exit_code = status.map_or(OVER_LIMIT, code);
        Ok(Ended { exit_code, stdout, stderr, elapsed_s, is_over_limit: status.is_none() })
    }

    /// How a command ended by itself; nothing if it reached the limit. Passes on what it says of its progress.
    fn wait(
        &self,
        child: &mut Child,
        stderr: &File,
        limit_s: Option<f64>,
    ) -> OrHalt<Option<ExitStatus>> {
        let begun = Instant::now();
        let (mut looked, mut passed_on) = (begun, 0);
        loop {
            self.require_no_signal()?;
            if let Some(status) = child.try_wait().map_err(temporary)? {
                return Ok(Some(status));
            }
            if limit_s.is_some_and(|limit_s| begun.elapsed().as_secs_f64() >= limit_s) {
                return Ok(None);
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                passed_on = pass_on_progress(stderr, passed_on);
            }
            sleep(TURN);
        }
    }

    /// Ends all that is left of a command: politely, then for certain. The command itself is asked first, as launchers end
    /// their ranks in order. An mpirun whose ranks are ended as they begin may hang, and leaves its files when it is
    /// killed for it.
    fn end_all(&self, child: &mut Child) {
        for (is_for_all, signal) in
            [(false, Signal::TERM), (true, Signal::TERM), (true, Signal::KILL)]
        {
            let command = child.id() as i32;
            let asked = self.left().into_iter().filter(|&id| is_for_all || id == command);
            for process in asked.filter_map(Pid::from_raw) {
                // It may have ended meanwhile.
                let _ = kill_process(process, signal);
            }
            let begun = Instant::now();
            while begun.elapsed() < PATIENCE {
                let has_ended = !matches!(child.try_wait(), Ok(None));
                // Twice: what loses its parent while one looks may be missed, and is a child of this process then.
                if has_ended && (0..2).all(|_| self.left().is_empty()) {
                    return;
                }
                // What it left does not hear of it by itself.
                if has_ended && !is_for_all {
                    break;
                }
                sleep(TURN);
            }
        }
    }

    /// What has not ended of the commands so far.
    fn left(&self) -> Vec<i32> {
        descendants(&self.others)
    }

    fn require_no_signal(&self) -> OrHalt<()> {
        self.stopped_by().map_or(Ok(()), |_| Err(Halt::Stopped))
    }
}

/// Starts a command in a process group of its own, which keeps a terminal's ^C away from it.
fn start(words: &[OsString], [stdout, stderr]: [&File; 2]) -> Result<Child> {
    let output = |file: &File| file.try_clone().map_err(temporary);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).process_group(0);
    command.stdout(output(stdout)?).stderr(output(stderr)?);
    command.spawn().map_err(|error| {
        let program = words[0].to_string_lossy();
        refused(format!("expected a program to start, found {program}: {error}"))
    })
}

/// The exit code; a death by signal as a shell tells it.
fn code(status: ExitStatus) -> i64 {
    let by_signal = || 128 + status.signal().unwrap_or(0);
    status.code().unwrap_or_else(by_signal).into()
}

fn temporary(source: std::io::Error) -> Error {
    Error::Io { file: "temporary files".into(), action: "cannot use", source }
}

fn read(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(temporary)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Says the lines of progress behind a place of the file; returns where the next ones begin. The command
/// goes on writing there, so the place at which it writes must stay where it is.
fn pass_on_progress(stderr: &File, begin: u64) -> u64 {
    const MOST_BYTES: usize = 1 << 20;
    let mut new = vec![0; MOST_BYTES];
    let length = stderr.read_at(&mut new, begin).unwrap_or(0);
    let end = new[..length].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    for line in String::from_utf8_lossy(&new[..end]).lines() {
        if let Some(said) = line.strip_prefix("farthest: ").filter(|line| line.contains(OF_SHARE)) {
            console::print_error("");
            console::print_part(&format!("    {said} … "));
        }
    }
    begin + end as u64
}

/// The processes that this one started, directly or not, and that have not ended; but for these and theirs.
fn descendants(others: &[i32]) -> Vec<i32> {
    let all = processes();
    let mut found = vec![getpid().as_raw_pid()];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        let is_child = |one: &&Process| one.parent == parent && !others.contains(&one.id);
        found.extend(all.iter().filter(is_child).map(|one| one.id));
        at += 1;
    }
    let has_ended = |id: i32| all.iter().any(|one| one.id == id && one.has_ended);
    found.into_iter().skip(1).filter(|&id| !has_ended(id)).collect()
}

struct Process {
    id: i32,
    parent: i32,
    has_ended: bool,
}

/// All processes that this one can see.
fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let process = |entry: fs::DirEntry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read(entry.path().join("stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // The name in parentheses may hold anything; the state and the parent follow it.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let has_ended = fields.next()? == "Z";
        Some(Process { id, parent: fields.next()?.parse().ok()?, has_ended })
    };
    entries.filter_map(process).collect()
}
