//! Windows-1252 → UTF-8.

use std::path::Path;

use crate::error::Result;
use crate::formats::buffer;

/// The characters of the bytes 80 to 9f; all others are their own number. Five bytes have none and
/// become the control characters of their number, as in the WHATWG's Encoding Standard.
const UPPER_CONTROLS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text in UTF-8.
///
/// # Errors
/// [`Error::Io`](crate::error::Error::Io) if there is no memory for it.
pub(super) fn to_utf8(path: &Path, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    buffer::reserve(path, &mut text, bytes.iter().map(|&byte| utf8_bytes(byte)).sum())?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let ascii_bytes = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        text.extend_from_slice(&rest[..ascii_bytes]);
        rest = &rest[ascii_bytes..];
        if let Some((&byte, behind)) = rest.split_first() {
            text.extend_from_slice(character(byte).encode_utf8(&mut [0; 4]).as_bytes());
            rest = behind;
        }
    }
    Ok(text)
}

fn character(byte: u8) -> char {
    match byte {
        0x80..=0x9f => UPPER_CONTROLS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// At least as many bytes as the character takes in UTF-8: of those in the table some take two.
fn utf8_bytes(byte: u8) -> usize {
    1 + usize::from(byte >= 0x80) + usize::from((0x80..=0x9f).contains(&byte))
}
