//! How a delimited text is cut: records at line ends, fields at delimiters, with or without quoting.
//!
//! A quotation mark opens a field only at its beginning, and closes it only at its end; elsewhere it
//! is a letter (`5" pipe`). A quoted field may span lines, but then it has to close as RFC 4180 asks:
//! a mark that somebody forgot would otherwise swallow cities in silence. The `csv` crate, which is
//! more lenient, takes such a mark for a field that runs to the end of the file, and CR for the end
//! of a record anywhere; a property test holds the two equal where the text is sound.
//!
//! Architecture Invariant: it knows no header, no column and no number.

use std::borrow::Cow;

/// How records and fields are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dialect {
    /// Between two fields; a blank stands for any white space.
    pub delimiter: u8,
    /// Whether quotation marks quote, or are letters.
    pub quoting: bool,
    /// At the end of a line: LF, or CR where there is no LF at all.
    pub line_end: u8,
}

/// White space as the delimiter.
pub(super) const BLANK: u8 = b' ';

/// A quoted field that does not close as it should, on the line of this offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OpenQuote(pub usize);

/// A record: where it stands in the text, without its line end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Record {
    pub start: usize,
    pub end: usize,
    /// Where the next one begins.
    pub next: usize,
    /// Whether there may be quotation marks in it that quote.
    pub has_marks: bool,
}

impl Dialect {
    /// The record that begins at `start`, which is before the end of the text.
    pub fn record(&self, body: &[u8], start: usize) -> Result<Record, OpenQuote> {
        let line_end = end_of_line(body, start, self.line_end);
        let has_marks = self.quoting && memchr::memchr(b'"', &body[start..line_end]).is_some();
        let end = if has_marks { self.end_with_marks(body, start)? } else { line_end };
        let next = (end + 1).min(body.len());
        let is_crlf = self.line_end == b'\n' && end > start && body[end - 1] == b'\r';
        Ok(Record { start, end: if is_crlf { end - 1 } else { end }, next, has_marks })
    }

    /// All records from `start` on. Behind a quotation mark that stays open there are none.
    #[inline]
    pub fn records(
        self,
        body: &[u8],
        start: usize,
    ) -> impl Iterator<Item = Result<Record, OpenQuote>> {
        let mut at = start;
        std::iter::from_fn(move || {
            (at < body.len()).then(|| {
                let record = self.record(body, at);
                at = record.map_or(body.len(), |record| record.next);
                record
            })
        })
    }

    /// Whether a record is longer than a line.
    pub fn spans_lines(&self, body: &[u8], record: Record) -> bool {
        record.has_marks && record.next > end_of_line(body, record.start, self.line_end) + 1
    }

    /// Where the record ends whose first line has quotation marks.
    fn end_with_marks(&self, body: &[u8], start: usize) -> Result<usize, OpenQuote> {
        let mut at = start;
        loop {
            at = match self.quoted(body, at) {
                Some(Quoted::Closed { after, .. }) => after,
                Some(Quoted::Open) => return Err(OpenQuote(at)),
                None => self.end_of_plain(body, at),
            };
            match body.get(at) {
                Some(&byte) if byte != self.line_end => at += 1,
                _ => return Ok(at),
            }
        }
    }

    /// Where a field without quoting ends: at a delimiter, a line end, or the end of the text.
    fn end_of_plain(&self, body: &[u8], start: usize) -> usize {
        let rest = &body[start..];
        let length = match self.delimiter {
            BLANK => rest.iter().position(|&b| b == self.line_end || is_blank(b)),
            delimiter => memchr::memchr2(delimiter, self.line_end, rest),
        };
        length.map_or(body.len(), |length| start + length)
    }

    /// The quoted field that begins at `start`, blanks before it aside; `None` if none begins there, or
    /// if what begins like one goes on behind its closing mark on the same line, so that its marks are
    /// letters.
    fn quoted<'b>(&self, body: &'b [u8], start: usize) -> Option<Quoted<'b>> {
        let is_space = |&&byte: &&u8| byte == b' ' && self.delimiter != BLANK;
        let spaces = body[start..].iter().take_while(is_space).count();
        let open = start + spaces;
        if body.get(open) != Some(&b'"') {
            return None;
        }
        let mut marks =
            memchr::memchr_iter(b'"', &body[open + 1..]).map(|at| open + 1 + at).peekable();
        let mut has_doubled = false;
        let close = loop {
            let mark = marks.next();
            match mark {
                // Two marks are one letter.
                Some(mark) if marks.next_if_eq(&(mark + 1)).is_some() => has_doubled = true,
                other => break other,
            }
        };
        let Some(close) = close else {
            return Some(Quoted::Open);
        };
        let is_space = |&&byte: &&u8| byte == b' ' || (byte == b'\r' && self.line_end == b'\n');
        let after = close + 1 + body[close + 1..].iter().take_while(is_space).count();
        let is_border = |byte: u8| {
            byte == self.delimiter
                || byte == self.line_end
                || (self.delimiter == BLANK && is_blank(byte))
        };
        // Blanks that delimit are not skipped.
        let after = if self.delimiter == BLANK { close + 1 } else { after };
        let inside = &body[open + 1..close];
        let is_cr = |at: usize| body.get(at) == Some(&b'\r') && body.get(at + 1) == Some(&b'\n');
        match body.get(after) {
            Some(&byte) if !is_border(byte) && !is_cr(after) => {
                inside.contains(&self.line_end).then_some(Quoted::Open)
            }
            _ => Some(Quoted::Closed { inside, after, has_doubled }),
        }
    }

    /// The fields of a record, no more than `most` of them: what is left then is one field more, unless
    /// nothing but delimiters is left.
    pub fn split<'b>(
        &self,
        body: &'b [u8],
        record: Record,
        most: usize,
        fields: &mut Vec<Cow<'b, [u8]>>,
    ) {
        fields.clear();
        let text = &body[..record.end];
        let mut at = record.start;
        loop {
            if self.delimiter == BLANK {
                at += text[at..].iter().take_while(|&&byte| is_blank(byte)).count();
                if at == text.len() {
                    return;
                }
            }
            if fields.len() == most {
                let is_nothing = |&byte: &u8| byte == self.delimiter || is_blank(byte);
                if !text[at..].iter().all(is_nothing) {
                    fields.push(text[at..].into());
                }
                return;
            }
            let quoted = if record.has_marks { self.quoted(text, at) } else { None };
            let end = match quoted {
                Some(Quoted::Closed { inside, after, has_doubled }) => {
                    fields.push(if has_doubled { undoubled(inside) } else { inside.into() });
                    after
                }
                _ => {
                    let end = self.end_of_field(text, at);
                    fields.push(text[at..end].into());
                    end
                }
            };
            if end >= text.len() {
                return;
            }
            at = end + 1;
        }
    }

    /// As [`Dialect::end_of_plain`] in a text that ends with the record.
    fn end_of_field(&self, text: &[u8], start: usize) -> usize {
        let rest = &text[start..];
        let length = match self.delimiter {
            BLANK => rest.iter().position(|&byte| is_blank(byte)),
            delimiter => memchr::memchr(delimiter, rest),
        };
        length.map_or(text.len(), |length| start + length)
    }
}

enum Quoted<'b> {
    Closed {
        inside: &'b [u8],
        /// Where the delimiter or the line end stands.
        after: usize,
        has_doubled: bool,
    },
    Open,
}

/// Where the line ends that begins at `start`.
pub(super) fn end_of_line(body: &[u8], start: usize, line_end: u8) -> usize {
    memchr::memchr(line_end, &body[start..]).map_or(body.len(), |length| start + length)
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn undoubled(inside: &[u8]) -> Cow<'_, [u8]> {
    let mut letters = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        letters.push(byte);
        if byte == b'"' {
            bytes.next_if_eq(&b'"');
        }
    }
    letters.into()
}
