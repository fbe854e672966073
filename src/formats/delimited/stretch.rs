//! A stretch of lines, and what stands in it that makes its reading slower.
//!
//! A text is read stretch by stretch, each short enough to stay in a cache: what is looked for in all of
//! its bytes is found there, and then its rows are read without another trip to memory.
//!
//! Architecture Invariant: it knows bytes and line ends, no record.

use super::dialect::end_of_line;

/// Bytes of a stretch, the rest of its last line aside.
const STRETCH_BYTES: usize = 1 << 17;

/// Whole lines in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub start: usize,
    /// Behind the last line end, or the end of the text.
    pub end: usize,
    pub has_marks: bool,
    pub has_zeros: bool,
    pub has_cr: bool,
    /// Whether there is a CR that no LF follows.
    pub has_lone_cr: bool,
}

impl Stretch {
    /// The lines that begin in the next some bytes from `start` on, and before `end`.
    pub fn of(body: &[u8], start: usize, end: usize, line_end: u8) -> Stretch {
        let last = start.saturating_add(STRETCH_BYTES).min(end) - 1;
        let end = (end_of_line(body, last, line_end) + 1).min(body.len());
        let bytes = &body[start..end];
        // In most texts there is none of the three.
        let Some(strange) = memchr::memchr3(b'"', b'\r', 0, bytes) else {
            return Stretch { start, end, ..Stretch::CLEAN };
        };
        let rest = &bytes[strange..];
        let has = |byte: u8| memchr::memchr(byte, rest).is_some();
        let is_lone = |at: usize| rest.get(at + 1) != Some(&b'\n');
        Stretch {
            start,
            end,
            has_marks: has(b'"'),
            has_zeros: has(0),
            has_cr: has(b'\r'),
            has_lone_cr: memchr::memchr_iter(b'\r', rest).any(is_lone),
        }
    }

    const CLEAN: Stretch = Stretch {
        start: 0,
        end: 0,
        has_marks: false,
        has_zeros: false,
        has_cr: false,
        has_lone_cr: false,
    };
}
