//! Names in a packed file: each behind its length, and for every 64 cities where they begin.
//!
//! A length is written in groups of seven bits, the lowest first; all bytes but the last have their
//! highest bit set (LEB128). So a name of up to 127 bytes has a byte of length, and none is too long. A
//! name is found by walking over at most 63 others.
//!
//! Architecture Invariant: a name is any bytes.

use super::layout::NAMES_PER_OFFSET;

/// Adds the first bytes of some to others. Few bytes are added by one move of a fixed length and cut off again,
/// which is faster than to ask how many they are.
#[inline(always)]
pub(super) fn copy(from: &[u8], length: usize, to: &mut Vec<u8>) {
    const FEW: usize = 16;
    match from.first_chunk::<FEW>() {
        Some(few) if length <= FEW => {
            let end = to.len() + length;
            to.extend_from_slice(few);
            to.truncate(end);
        }
        _ => to.extend_from_slice(&from[..length]),
    }
}

/// Writes a name behind its length.
pub fn push(names: &mut Vec<u8>, name: &[u8]) {
    let mut rest = name.len();
    while rest >= 0x80 {
        names.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    names.push(rest as u8);
    names.extend_from_slice(name);
}

/// The name that begins with its length, and what is behind it; `None` if there is not enough.
#[inline]
pub(super) fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    // Nearly all names are short, and many are walked over to find one.
    match bytes {
        [length @ ..0x80, rest @ ..] => rest.split_at_checked(usize::from(*length)),
        _ => take_long(bytes),
    }
}

fn take_long(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (at, &byte) in bytes.iter().enumerate().take(10) {
        length |= usize::from(byte & 0x7f).checked_shl(7 * at as u32)?;
        if byte < 0x80 {
            return bytes[at + 1..].split_at_checked(length);
        }
    }
    None
}

/// The same of a length that is written in as few bytes as can be.
pub(super) fn take_shortest(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = take(bytes)?;
    let bits = (usize::BITS - name.len().leading_zeros()).max(1);
    let of_length = bytes.len() - rest.len() - name.len();
    (of_length == bits.div_ceil(7) as usize).then_some((name, rest))
}

/// Names that stand one behind the other, each behind its length.
pub(super) fn all(names: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = names;
    std::iter::from_fn(move || {
        let (name, behind) = take(rest)?;
        rest = behind;
        Some(name)
    })
}

/// The name of the city at a position. Of a damaged file it is some bytes, or the one that shows as U+FFFD.
pub fn find<'a>(starts: &[u64], names: &'a [u8], position: usize) -> &'a [u8] {
    if starts.is_empty() {
        return b"";
    }
    let start = starts[position / NAMES_PER_OFFSET];
    let mut rest = usize::try_from(start).ok().and_then(|start| names.get(start..));
    for _ in 0..position % NAMES_PER_OFFSET {
        rest = rest.and_then(take).map(|(_, rest)| rest);
    }
    rest.and_then(take).map_or(b"\xff", |(name, _)| name)
}
