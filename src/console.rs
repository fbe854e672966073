//! The only module that prints.
//!
//! Under a launcher standard output can look like a terminal where it is none (Open MPI gives
//! every rank a pseudo-terminal), so nothing asks there: no colours. Standard error is a terminal only where a
//! person sees it, and there a line about how far the work is may be rewritten ([`StatusLine`]).
//!
//! It writes without the standard library, which takes a standard output that is not open for one that takes
//! everything, and gives up one that does not block as soon as its reader is slow.
//!
//! Architecture Invariant: it does not know what it prints, nor on which rank.

use std::io::{self, IsTerminal};
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use ctor::ctor;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::stdio::{stderr, stdout};

use crate::error::{Error, Result};
use crate::plain::printable;

/// Whether this process was given a standard output that it can write to.
static IS_WRITABLE: AtomicBool = AtomicBool::new(false);

// Asked before `main`, because Rust's runtime opens /dev/null in the place of a standard output that is closed,
// and who sends the answer there on purpose is not to be refused.
// SAFETY: a constructor runs before the runtime, whose services it must not use: this is one call of the system
// and one store.
#[ctor(unsafe)]
fn look_at_standard_output() {
    let flags = rustix::fs::fcntl_getfl(stdout());
    let is_writable = flags.is_ok_and(|flags| flags & OFlags::ACCMODE != OFlags::RDONLY);
    IS_WRITABLE.store(is_writable, Ordering::Relaxed);
}

/// Refuses a standard output that was closed, or open for reading alone, when this process began.
///
/// # Errors
/// [`Error::Io`].
pub fn require_output() -> Result<()> {
    match IS_WRITABLE.load(Ordering::Relaxed) {
        true => Ok(()),
        false => Err(failed(io::Error::other(
            "it is closed, or open for reading alone; send it to a file, or to /dev/null",
        ))),
    }
}

/// Writes to standard output. A reader that has gone away (`| head`) is no error.
///
/// # Errors
/// [`Error::Io`] if standard output cannot take it: a full disk behind it, say.
pub fn print(text: &str) -> Result<()> {
    require_output()?;
    match write_whole(stdout(), text.as_bytes()) {
        Err(error) if error != Errno::PIPE => Err(failed(error.into())),
        _ => Ok(()),
    }
}

/// Writes one line to standard error, as far as that is possible.
pub fn print_error(text: &str) {
    // What a panic says has several lines.
    let line = text.lines().map(printable).collect::<Vec<_>>().join(" ") + "\n";
    let _ = write_whole(stderr(), line.as_bytes());
}

/// Writes a part of a line to standard error, as far as that is possible: the rest follows when it is known.
pub fn print_part(text: &str) {
    let _ = write_whole(stderr(), printable(text).as_bytes());
}

fn failed(source: io::Error) -> Error {
    Error::Io { file: PathBuf::from("standard output"), action: "cannot write", source }
}

/// Writes all bytes. Where the file does not block (another process that has it may have said so), this waits until
/// it takes more.
fn write_whole(file: BorrowedFd<'_>, mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(file, bytes) {
            Ok(0) => return Err(Errno::IO),
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => match poll(&mut [PollFd::new(&file, PollFlags::OUT)], None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            },
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is said of work that goes on, on standard error: one line that is rewritten on a terminal, line after line
/// elsewhere.
pub struct StatusLine {
    rewritten: Option<ProgressBar>,
}

impl StatusLine {
    /// Nothing is said yet.
    pub fn new() -> StatusLine {
        let rewritten = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg}").expect("a template of one field");
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.with_style(style)
        });
        StatusLine { rewritten }
    }

    /// Whether it is on a terminal.
    pub fn is_rewritten(&self) -> bool {
        self.rewritten.is_some()
    }

    /// Says something, in place of what was said before where that can be.
    pub fn say(&self, text: &str) {
        match &self.rewritten {
            Some(line) => line.set_message(text.to_string()),
            None => print_error(text),
        }
    }
}

/// Takes a line that is rewritten away, however the work ends.
impl Drop for StatusLine {
    fn drop(&mut self) {
        if let Some(line) = &self.rewritten {
            line.finish_and_clear();
        }
    }
}

impl Default for StatusLine {
    fn default() -> StatusLine {
        StatusLine::new()
    }
}
