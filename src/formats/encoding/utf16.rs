//! UTF-16 → UTF-8.

use std::path::Path;

use crate::error::{Error, Result};
use crate::formats::buffer;
use crate::formats::text::Text;

/// Which byte of a unit of two comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    #[inline]
    fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        }
    }

    fn mark(self) -> [u8; 2] {
        match self {
            ByteOrder::Little => [0xff, 0xfe],
            ByteOrder::Big => [0xfe, 0xff],
        }
    }
}

/// The order that a mark tells.
pub(super) fn order_by_mark(bytes: &[u8]) -> Option<ByteOrder> {
    let orders = [ByteOrder::Little, ByteOrder::Big];
    orders.into_iter().find(|order| bytes.starts_with(&order.mark()))
}

/// The order in which the beginning of a text without a mark is UTF-16, if there is one.
pub(super) fn order_by_zeros(head: &[u8]) -> Option<ByteOrder> {
    let (units, _) = head.as_chunks::<2>();
    [ByteOrder::Little, ByteOrder::Big].into_iter().find(|&order| is_list(units, order))
}

/// Whether units can be a list. Of its characters at least a quarter are digits and delimiters, whose
/// upper byte is zero. The lower byte is zero in few letters, such as U+0100 (Ā), and no character is
/// a control before the tabulator.
fn is_list(units: &[[u8; 2]], order: ByteOrder) -> bool {
    let values = || units.iter().map(|&unit| order.unit(unit));
    let upper_zeros = values().filter(|unit| unit >> 8 == 0).count();
    let lower_zeros = values().filter(|unit| unit & 0xff == 0).count();
    upper_zeros > 0
        && 4 * upper_zeros >= units.len()
        && 8 * lower_zeros <= upper_zeros
        && values().all(|unit| unit >= u16::from(b'\t'))
}

/// How many units are looked at together. Most hold ASCII alone, and such blocks cost little.
const BLOCK: usize = 16;

/// A unit becomes at most three bytes, and a pair of them four.
const UNIT_BYTES: usize = 3;

/// The text in UTF-8, without its mark.
///
/// # Errors
/// [`Error::Line`] for half a surrogate pair or half a unit; [`Error::Io`] if there is no memory.
pub(super) fn to_utf8(path: &Path, bytes: &[u8], order: ByteOrder) -> Result<Vec<u8>> {
    let bytes = bytes.strip_prefix(&order.mark()).unwrap_or(bytes);
    let (units, half) = bytes.as_chunks::<2>();
    let mut text = Vec::new();
    // A byte a unit, and an eighth more for letters that take several.
    buffer::reserve(path, &mut text, units.len() + units.len() / 8)?;
    let mut rest = units;
    while !rest.is_empty() {
        let most_bytes = rest.len().saturating_mul(UNIT_BYTES);
        buffer::grow(path, &mut text, (BLOCK + 1) * UNIT_BYTES, most_bytes)?;
        if let Some((block, behind)) = rest.split_first_chunk::<BLOCK>()
            && let Some(ascii) = ascii(block, order)
        {
            text.extend_from_slice(&ascii);
            rest = behind;
            continue;
        }
        let end = rest.len().saturating_sub(BLOCK);
        while rest.len() > end {
            match first_char(rest, order) {
                Some(first) => {
                    text.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
                    rest = &rest[first.len_utf16()..];
                }
                None => {
                    let at = 2 * (units.len() - rest.len());
                    let found = format!("half a surrogate pair, {:04x}", order.unit(rest[0]));
                    return Err(broken(path, &text, at, &found));
                }
            }
        }
    }
    if !half.is_empty() {
        return Err(broken(
            path,
            &text,
            2 * units.len(),
            "half a character at the end of the file",
        ));
    }
    Ok(text)
}

/// The bytes of a block that holds ASCII alone.
#[inline]
fn ascii(block: &[[u8; 2]; BLOCK], order: ByteOrder) -> Option<[u8; BLOCK]> {
    let units = block.map(|unit| order.unit(unit));
    let bits = units.iter().fold(0, |bits, unit| bits | unit);
    (bits < 0x80).then(|| units.map(|unit| unit as u8))
}

fn first_char(units: &[[u8; 2]], order: ByteOrder) -> Option<char> {
    let units = units.iter().take(2).map(|&unit| order.unit(unit));
    char::decode_utf16(units).next()?.ok()
}

/// `at` is counted without the mark.
#[cold]
fn broken(path: &Path, text: &[u8], at: usize, found: &str) -> Error {
    let problem = format!(
        "expected whole characters in UTF-16, found {found} (byte {at} of the text); the file is \
         damaged or cut short: copy it again"
    );
    Text::new(path, text).error_at(text.len(), problem)
}
