//! The only module that prints.
//!
//! Under a launcher standard output can look like a terminal where it is none (Open MPI gives
//! every rank a pseudo-terminal), so nothing asks there: no colours. Standard error is a terminal only where a
//! person sees it, and there a line about how far the work is may be rewritten ([`StatusLine`]).
//!
//! Architecture Invariant: it does not know what it prints, nor on which rank.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::{Error, Result};

/// Writes to standard output. A reader that has gone away (`| head`) is no error.
///
/// # Errors
/// [`Error::Io`] if standard output cannot take it: a full disk behind it, say.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Error::Io {
            file: PathBuf::from("standard output"),
            action: "cannot write",
            source,
        }),
        _ => Ok(()),
    }
}

/// Writes one line to standard error, as far as that is possible.
pub fn print_error(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
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
            Some(line) => {
                line.set_message(text.to_string());
                line.tick();
            }
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
