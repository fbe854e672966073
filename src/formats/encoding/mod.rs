//! Bytes in any encoding → UTF-8.
//!
//! A mark at the beginning tells UTF-8 and UTF-16; without one, UTF-16 shows by its zero bytes, as
//! every digit and delimiter has one. What is left is UTF-8 if it is valid, and it is hardly ever so
//! by chance; else Windows-1252, the commonest other one, and the report says so. Digits, signs and
//! delimiters are the same bytes in both, so that a wrong guess can only hurt names.
//!
//! UTF-8 is not copied, whatever its size.

mod utf16;
mod windows_1252;

use std::borrow::Cow;
use std::path::Path;

use super::convert::Source;
use super::text::Text;
use crate::error::{Error, Result};
use utf16::ByteOrder;

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// How far the zero bytes of UTF-16 and of binary data are looked for.
const HEAD_BYTES: usize = 4096;

/// An encoding of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a mark.
    Utf8,
    /// UTF-16, little- or big-endian.
    Utf16,
    /// Windows-1252, of which ISO 8859-1 is nearly a part.
    Windows1252,
}

impl Encoding {
    /// The name, as reports have it.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16 => "UTF-16",
            Encoding::Windows1252 => "Windows-1252",
        }
    }

    /// The encoding of a name, in capitals or not.
    pub fn named(name: &str) -> Option<Encoding> {
        let all = [Encoding::Utf8, Encoding::Utf16, Encoding::Windows1252];
        all.into_iter().find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }
}

/// Text in UTF-8.
pub(super) struct Decoded<'a> {
    /// Without a byte order mark.
    pub body: Cow<'a, [u8]>,
    /// What it was in.
    pub encoding: Encoding,
    /// What a reader should know of the guess.
    pub note: Option<String>,
}

/// Decodes a text, by what the user said, its mark, or its bytes. The result is valid UTF-8 unless
/// the user asked for UTF-8, and never has a zero byte.
///
/// # Errors
/// [`Error::Data`] for bytes that are no text, or text in UTF-32; [`Error::Line`] for a zero byte or
/// a broken character further down.
pub(super) fn decode<'a>(
    path: &Path,
    bytes: Cow<'a, [u8]>,
    encoding: Option<Encoding>,
) -> Result<Decoded<'a>> {
    refuse_utf32(path, &bytes)?;
    let told = || utf16::order_by_mark(&bytes).or_else(|| order_by_zeros(&bytes));
    let order = match encoding {
        None => told(),
        Some(Encoding::Utf16) => told().or(Some(ByteOrder::Little)),
        Some(Encoding::Utf8 | Encoding::Windows1252) => None,
    };
    if let Some(order) = order {
        let body = utf16::to_utf8(path, &bytes, order)?;
        refuse_zeros(path, &body)?;
        return Ok(Decoded { body: Cow::Owned(body), encoding: Encoding::Utf16, note: None });
    }
    let is_marked = bytes.starts_with(UTF_8_MARK);
    let body = without_mark(bytes);
    refuse_zeros(path, &body)?;
    match encoding {
        Some(Encoding::Windows1252) => decode_windows_1252(path, &body, None),
        Some(_) => Ok(Decoded { body, encoding: Encoding::Utf8, note: None }),
        None => match std::str::from_utf8(&body) {
            Ok(_) => Ok(Decoded { body, encoding: Encoding::Utf8, note: None }),
            Err(fault) if is_marked => Err(not_as_marked(path, &body, fault.valid_up_to())),
            // With letters of UTF-8 before, half of one at the end is no letter of another encoding.
            Err(fault)
                if fault.error_len().is_none() && !body[..fault.valid_up_to()].is_ascii() =>
            {
                Err(cut_short(path, &body))
            }
            Err(fault) => {
                let note = note_of_guess(path, &body, fault.valid_up_to());
                decode_windows_1252(path, &body, Some(note))
            }
        },
    }
}

/// The text of bytes that are in UTF-8, as far as the user, a mark and the first of them tell.
pub(super) fn as_utf8(bytes: &[u8], encoding: Option<Encoding>) -> Option<&[u8]> {
    let is_wide = || utf16::order_by_mark(bytes).is_some() || order_by_zeros(bytes).is_some();
    let is_other = match encoding {
        None => is_wide(),
        Some(encoding) => encoding != Encoding::Utf8,
    };
    let is_utf8 = !is_other && !is_utf32(bytes);
    is_utf8.then(|| bytes.strip_prefix(UTF_8_MARK).unwrap_or(bytes))
}

fn is_utf32(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff")
}

fn order_by_zeros(bytes: &[u8]) -> Option<ByteOrder> {
    utf16::order_by_zeros(&bytes[..bytes.len().min(HEAD_BYTES)])
}

fn without_mark(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.strip_prefix(UTF_8_MARK).unwrap_or(bytes)),
        Cow::Owned(mut bytes) => {
            if bytes.starts_with(UTF_8_MARK) {
                bytes.drain(..UTF_8_MARK.len());
            }
            Cow::Owned(bytes)
        }
    }
}

fn decode_windows_1252(path: &Path, body: &[u8], note: Option<String>) -> Result<Decoded<'static>> {
    let body = Cow::Owned(windows_1252::to_utf8(path, body)?);
    Ok(Decoded { body, encoding: Encoding::Windows1252, note })
}

fn note_of_guess(path: &Path, body: &[u8], at: usize) -> String {
    format!(
        "the names are not UTF-8 (line {} has the byte {:#04x}), Windows-1252 assumed; if they look \
         wrong, --encoding utf-8 or utf-16 says otherwise, and iconv converts from all others",
        Text::new(path, body).line_at(at),
        body[at]
    )
}

fn not_as_marked(path: &Path, body: &[u8], at: usize) -> Error {
    let problem = format!(
        "expected UTF-8, as the mark at the beginning of the file says, found the byte {:#04x}; say \
         --encoding windows-1252 if the names are in that, or --encoding utf-8 to keep such bytes",
        body[at]
    );
    Text::new(path, body).error_at(at, problem)
}

fn cut_short(path: &Path, body: &[u8]) -> Error {
    let problem = "expected whole characters in UTF-8, found half a character at the end of the file; \
                   the file is cut short: copy it again, or say --encoding utf-8 to keep such bytes";
    Text::new(path, body).error_at(body.len(), problem)
}

fn refuse_utf32(path: &Path, bytes: &[u8]) -> Result<()> {
    if !is_utf32(bytes) {
        return Ok(());
    }
    let problem = format!(
        "expected text in UTF-8, UTF-16 or Windows-1252, found UTF-32; convert it: {}",
        Source::new(path).packed("iconv -f UTF-32 -t UTF-8 {file}")
    );
    Err(Error::Data { file: path.to_path_buf(), problem })
}

/// Text has no zero bytes. At the beginning they tell a picture or an archive; further down, a file
/// that was never written to its end, say.
fn refuse_zeros(path: &Path, body: &[u8]) -> Result<()> {
    match memchr::memchr(0, body) {
        None => Ok(()),
        Some(at) if at < HEAD_BYTES => {
            let problem =
                "expected text or a packed file (which begins with the bytes 89 43 49 54 49 \
                           45 53 0a), found other binary data; name a city list, or pack it again \
                           with 'farthest pack'"
                    .into();
            Err(Error::Data { file: path.to_path_buf(), problem })
        }
        Some(at) => {
            let problem = "expected text, found a zero byte; the file is damaged here or no text: copy \
                           it again, or write the line anew";
            Err(Text::new(path, body).error_at(at, problem))
        }
    }
}
