//! Offsets of bytes → numbers of lines, for a file of which every row may be wrong.

use super::super::text::Text;

/// Counts lines onward from the last one it was asked for. [`Text::line_at`] counts from the
/// beginning each time, which would take hours for a large file whose rows are all left out.
pub struct Lines<'a> {
    body: &'a [u8],
    /// What ends a line, the same as in [`Text::line_at`].
    end: u8,
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub fn new(text: &Text<'a>) -> Lines<'a> {
        let end = if memchr::memchr(b'\n', text.body).is_some() { b'\n' } else { b'\r' };
        Lines { body: text.body, end, offset: 0, line: 1 }
    }

    /// Number, counted from 1, of the line that holds the byte at `offset`.
    pub fn at(&mut self, offset: usize) -> u64 {
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        let between = &self.body[self.offset..offset];
        self.line += memchr::memchr_iter(self.end, between).count() as u64;
        self.offset = offset;
        self.line
    }
}
