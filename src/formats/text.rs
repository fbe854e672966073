//! Decoded text and its lines.

use std::path::Path;

use super::convert::Source;
use super::unpack::Compression;
use crate::error::Error;

/// The text of a file, without a byte order mark.
pub(super) struct Text<'a> {
    /// For the messages.
    pub path: &'a Path,
    /// All of it. Bytes that are not UTF-8 can only stand in it where the user asked for UTF-8.
    pub body: &'a [u8],
    /// What the text was unpacked from, for the messages.
    pub compression: Option<Compression>,
}

impl<'a> Text<'a> {
    pub fn new(path: &'a Path, body: &'a [u8]) -> Text<'a> {
        Text { path, body, compression: None }
    }

    /// The file, for commands that convert it.
    pub fn source(&self) -> Source<'a> {
        Source { path: self.path, compression: self.compression }
    }

    /// What stands first that is no white space.
    pub fn start(&self) -> &'a [u8] {
        self.body.trim_ascii_start()
    }

    /// Number, counted from 1, of the line that holds the byte at `offset`, for lines that end in LF,
    /// or in CR where there is no LF at all.
    pub fn line_at(&self, offset: usize) -> u64 {
        let is_old_macintosh = !self.body.contains(&b'\n');
        let end = if is_old_macintosh { b'\r' } else { b'\n' };
        1 + memchr::memchr_iter(end, &self.body[..offset]).count() as u64
    }

    /// An error at the line that holds the byte at `offset`.
    pub fn error_at(&self, offset: usize, problem: impl Into<String>) -> Error {
        self.error(self.line_at(offset), problem)
    }

    /// An error at a line, counted from 1.
    pub fn error(&self, line: u64, problem: impl Into<String>) -> Error {
        Error::Line { file: self.path.to_path_buf(), line, problem: problem.into() }
    }
}
