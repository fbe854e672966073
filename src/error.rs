//! What can go wrong, said once: one error type, its sentence and its exit code.
//!
//! Every message is one line. It names the file (with line or byte where there is one), what was expected,
//! what was found, and what to do about it. The exit codes are those of BSD's `sysexits.h`,
//! which batch scripts know, and 2 for a wrong command line, as shells have it.
//!
//! Architecture Invariant: an error does not know whether it will be printed as text or as
//! JSON, nor on which rank it was found.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::plain::printable;

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// The exit code of a search that was stopped before its end, which is no error: EX_TEMPFAIL.
pub const STOPPED: u8 = 75;

/// Everything that can go wrong, on any rank.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The command line cannot be obeyed as it stands.
    Usage {
        /// What is wrong with it and how to put it right.
        message: String,
    },
    /// A line of a text file is not what it must be.
    Line {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What was expected, what was found, what to do.
        problem: String,
    },
    /// A packed file is not what it must be.
    Format {
        /// The file.
        file: PathBuf,
        /// The first byte that is wrong, counted from 0.
        byte: u64,
        /// What was expected there.
        expected: String,
        /// What was found there.
        found: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The data as a whole is unfit, though no single line is to blame.
    Data {
        /// The file.
        file: PathBuf,
        /// What was expected, what was found, what to do.
        problem: String,
    },
    /// What a function of the library was given is no place on Earth.
    Place {
        /// The name of the function's argument.
        argument: &'static str,
        /// Where in it the place stands, counted from 0.
        index: usize,
        /// What was expected, and what was found.
        problem: String,
    },
    /// The ranks were not given the same file.
    FilesDiffer {
        /// The path that they all opened.
        file: PathBuf,
        /// Which hosts see what.
        problem: String,
    },
    /// The input does not exist or may not be read.
    NoInput {
        /// The file.
        file: PathBuf,
        /// Why it cannot be read.
        problem: String,
    },
    /// The operating system failed us while reading or writing.
    Io {
        /// The file, or "standard output".
        file: PathBuf,
        /// What was being done, as "cannot …".
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The launcher and the MPI library that this binary was built with do not know each other.
    Launcher {
        /// What was expected, what was found, what to do.
        problem: String,
    },
    /// The program broke its own promise; the result is not to be trusted.
    Internal {
        /// Which promise.
        problem: String,
    },
    /// An error of another rank, after all ranks have agreed on it.
    Agreed {
        /// Its exit code.
        exit_code: u8,
        /// Its message, in full.
        message: String,
    },
}

impl Error {
    /// The code with which every rank ends: 2 usage, 65 bad data, 66 no such input,
    /// 70 internal, 74 input/output, 78 launcher mismatch.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage { .. } => 2,
            Error::Line { .. }
            | Error::Format { .. }
            | Error::Data { .. }
            | Error::Place { .. }
            | Error::FilesDiffer { .. } => 65,
            Error::NoInput { .. } => 66,
            Error::Internal { .. } => 70,
            Error::Io { .. } => 74,
            Error::Launcher { .. } => 78,
            Error::Agreed { exit_code, .. } => *exit_code,
        }
    }

    /// The class of the error in words, as the documentation of the exit codes has it.
    pub fn class(&self) -> &'static str {
        match self.exit_code() {
            2 => "usage",
            65 => "bad data",
            66 => "no such input",
            74 => "input/output",
            78 => "launcher mismatch",
            _ => "internal",
        }
    }

    /// What went wrong, with the paths and texts of others as they are.
    fn sentence(&self) -> String {
        match self {
            Error::Usage { message } | Error::Agreed { message, .. } => message.clone(),
            Error::Line { file, line, problem } => format!("{}:{line}: {problem}", file.display()),
            Error::Format { file, byte, expected, found, remedy } => format!(
                "{}: byte {byte}: expected {expected}, found {found}; {remedy}",
                file.display()
            ),
            Error::Place { argument, index, problem } => format!("{argument}[{index}]: {problem}"),
            Error::Data { file, problem }
            | Error::FilesDiffer { file, problem }
            | Error::NoInput { file, problem } => format!("{}: {problem}", file.display()),
            Error::Io { file, action, source } => {
                format!("{}: {action}: {source}", file.display())
            }
            Error::Launcher { problem } => problem.clone(),
            Error::Internal { problem } => format!(
                "internal error: {problem}; the result is refused. Please report this with \
                 the command line and the file's checksum"
            ),
        }
    }

    /// The error for memory that is not there; the problem says what was expected, what was found, what to do.
    pub fn out_of_memory(problem: String) -> Error {
        let source = io::Error::new(io::ErrorKind::OutOfMemory, problem);
        Error::Io { file: PathBuf::from("memory"), action: "cannot get enough", source }
    }

    /// The error for an input that cannot be opened: a missing or forbidden file is
    /// [`Error::NoInput`], all else the system's failure.
    pub fn opening(file: &Path, source: io::Error) -> Error {
        let file = file.to_path_buf();
        let is_web = ["http://", "https://", "ftp://"]
            .iter()
            .any(|scheme| file.as_os_str().as_encoded_bytes().starts_with(scheme.as_bytes()));
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory if is_web => Error::NoInput {
                file,
                problem: "expected a file of this machine, found an address of the web; fetch it first, or through a \
                          pipe: curl -fsSL ADDRESS | farthest pair -"
                    .into(),
            },
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::NoInput {
                file,
                problem: "no such file; check the path (relative paths start at the folder \
                          of the launcher)"
                    .into(),
            },
            io::ErrorKind::PermissionDenied => Error::NoInput {
                file,
                problem: "permission denied; make it readable for this user".into(),
            },
            _ => Error::Io { file, action: "cannot open", source },
        }
    }
}

impl fmt::Display for Error {
    /// One line, in which nothing steers a terminal, whatever the paths and texts in it hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.sentence()))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
