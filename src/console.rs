//! The only module that prints.
//!
//! Under a launcher standard output can look like a terminal where it is none (Open MPI gives
//! every rank a pseudo-terminal), so nothing here asks: no colours, no progress bars.
//!
//! Architecture Invariant: it does not know what it prints, nor on which rank.

use std::io::{self, Write};
use std::path::PathBuf;

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
