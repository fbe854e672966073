//! The notebook's form: `lat lon name` on each line, separated by white space, no header.
//!
//! The name is all that follows the longitude; it may hold spaces, and it may be missing.
//!
//! Architecture Invariant: a line is a row; nothing here spans two lines.

use super::field;
use super::{Rows, Text, is_skippable, lines};
use crate::cities::Coordinates;
use crate::error::Result;

pub(super) fn read(text: &Text<'_>, rows: &mut Rows<'_>) -> Result<()> {
    for (number, line) in (1..).zip(lines(text.body)) {
        let line = line.trim_ascii();
        if !is_skippable(line) {
            rows.take(row(line), || number)?;
        }
    }
    Ok(())
}

fn row(line: &[u8]) -> std::result::Result<(Coordinates, &[u8]), String> {
    let (lat, rest) = split_word(line);
    let (lon, name) = split_word(rest);
    if line.contains(&b'\r') {
        return Err("expected lines that end in LF or CRLF, found a CR within a line".into());
    }
    Ok((field::coordinates(lat, lon)?, name))
}

/// The first word of a trimmed line, and what follows it, trimmed.
fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim_ascii())
}
