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
        1 + memchr::memchr_iter(self.line_end(), &self.body[..offset]).count() as u64
    }

    /// [`Text::line_at`] for several offsets, which ascend: all are counted in one pass, up to the last.
    pub fn lines_at(&self, offsets: impl Iterator<Item = usize>) -> impl Iterator<Item = u64> {
        let end = self.line_end();
        let (mut line, mut counted) = (1, 0);
        offsets.map(move |offset| {
            if offset < counted {
                (line, counted) = (1, 0);
            }
            line += memchr::memchr_iter(end, &self.body[counted..offset]).count() as u64;
            counted = offset;
            line
        })
    }

    /// What ends a line.
    fn line_end(&self) -> u8 {
        let is_old_macintosh = !self.body.contains(&b'\n');
        if is_old_macintosh { b'\r' } else { b'\n' }
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
