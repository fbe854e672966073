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
    /// Comments, each from behind its `#`, with its offset.
    pub comments: Vec<(usize, &'a [u8])>,
    /// Where the first record begins, if there is one.
    pub first: Option<usize>,
}

impl<'a> Head<'a> {
    pub fn of(body: &'a [u8]) -> Head<'a> {
        let is_old_macintosh = !body.contains(&b'\n') && body.contains(&b'\r');
        let line_end = if is_old_macintosh { b'\r' } else { b'\n' };
        let mut head = Head { line_end, delimiter: None, comments: Vec::new(), first: None };
        let mut at = 0;
        while at < body.len() {
            let end = end_of_line(body, at, line_end);
            let line = body[at..end].trim_ascii();
            let is_named = head.comments.is_empty() && head.delimiter.is_none();
            match (line.first(), named_delimiter(line)) {
                (None, _) => {}
                (_, Some(delimiter)) if is_named => head.delimiter = Some(delimiter),
                (Some(b'#'), _) => head.comments.push((at, uncommented(line))),
                _ => {
                    head.first = Some(at);
                    return head;
                }
            }
            at = end + 1;
        }
        head
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
