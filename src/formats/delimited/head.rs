//! What stands above the data: a line that names the delimiter, comments, blank lines.
//!
//! A line that begins with `#` is a comment above the data only. Below, it is a row: a failed look-up
//! of a spreadsheet (`#N/A`) or a street (`#5 Road`) must not vanish as one.
//!
//! Architecture Invariant: it does not know what a header is.

use super::dialect::end_of_line;

/// The lines above the first record.
pub(super) struct Head<'a> {
    /// LF, or CR where there is no LF at all.
    pub line_end: u8,
    /// What a line `sep=;` names.
    pub delimiter: Option<u8>,
    /// The last comment, from behind its `#`, with its offset.
    pub last_comment: Option<(usize, &'a [u8])>,
    /// Where the first record begins, if there is one.
    pub first: Option<usize>,
    body: &'a [u8],
}

impl<'a> Head<'a> {
    pub fn of(body: &'a [u8]) -> Head<'a> {
        let is_old_macintosh = !body.contains(&b'\n') && body.contains(&b'\r');
        let line_end = if is_old_macintosh { b'\r' } else { b'\n' };
        let mut head = Head { line_end, delimiter: None, last_comment: None, first: None, body };
        let mut at = 0;
        while at < body.len() {
            let end = end_of_line(body, at, line_end);
            let line = body[at..end].trim_ascii();
            let is_named = head.last_comment.is_none() && head.delimiter.is_none();
            match (line.first(), named_delimiter(line)) {
                (None, _) => {}
                (_, Some(delimiter)) if is_named => head.delimiter = Some(delimiter),
                (Some(b'#'), _) => head.last_comment = Some((at, uncommented(line))),
                _ => {
                    head.first = Some(at);
                    return head;
                }
            }
            at = end + 1;
        }
        head
    }

    /// All comments in their order. They are not kept: there can be as many as the text has lines.
    pub fn comments(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        let (body, line_end) = (self.body, self.line_end);
        let limit = self.first.unwrap_or(body.len());
        let mut at = 0;
        let lines = std::iter::from_fn(move || {
            let start = at;
            (start < limit).then(|| {
                let end = end_of_line(body, start, line_end);
                at = end + 1;
                (start, body[start..end].trim_ascii())
            })
        });
        lines
            .filter(|(_, line)| line.first() == Some(&b'#'))
            .map(|(at, line)| (at, uncommented(line)))
    }
}

/// The delimiter that a spreadsheet's own line `sep=;` names, in quotation marks or not.
fn named_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (key, named) = line.split_at_checked(4)?;
    if !key.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    match named {
        b"\\t" | b"" => Some(b'\t'),
        [delimiter] => Some(*delimiter),
        _ => None,
    }
}

fn uncommented(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|&&byte| byte == b'#').count();
    line[marks..].trim_ascii()
}
