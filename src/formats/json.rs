//! What the two forms of JSON share: a cursor over the text, and its items.
//!
//! A list in JSON is one array, or one value after the other: a value a line (NDJSON), values over
//! several lines, or each behind a record separator (RFC 8142). [`Items`] makes all of these alike.
//!
//! The text is walked from its beginning to its end, and nothing of it is kept but the row at hand.
//! A tree of the whole (`serde_json::Value`) was rejected: it takes several times the memory of the
//! text. Visitors of serde were rejected too: they do not say where in the text a value stands.

mod cursor;
mod value;

use super::convert;
use super::text::Text;
use crate::error::Result;

pub(super) use cursor::Cursor;
pub(super) use value::{Kind, Value};

/// Most keys that are looked at in one object to learn what it is. Objects with more are tables, with a
/// key for each row.
pub(super) const KEYS_MOST: usize = 10_000;

/// ASCII's record separator, which RFC 8142 puts before each value.
const RECORD_SEPARATOR: u8 = 0x1e;

/// Whether a text is meant to be JSON. A first line like `[id],[lat],[lon]`, which SQL Server writes, is
/// a header.
pub(super) fn is_json(text: &Text<'_>) -> bool {
    match text.start() {
        [b'{' | RECORD_SEPARATOR, ..] => true,
        [b'[', rest @ ..] => {
            let item = rest.trim_ascii_start();
            let words = ["null", "true", "false", "NaN"];
            !item.first().is_some_and(u8::is_ascii_alphabetic)
                || words.iter().any(|word| item.starts_with(word.as_bytes()))
        }
        _ => false,
    }
}

/// Refuses a text that is not UTF-8, which can only come when the user said that it is.
pub(super) fn require_utf8(text: &Text<'_>) -> Result<()> {
    let Err(error) = std::str::from_utf8(text.body) else { return Ok(()) };
    let problem = format!(
        "expected JSON in UTF-8, found bytes that are not; say --encoding windows-1252, or convert it: {}",
        text.source().packed(convert::ENCODED)
    );
    Err(text.error_at(error.valid_up_to(), problem))
}

/// The items of a list: those of an array, or values one after the other.
#[derive(Clone, Copy)]
pub(super) struct Items {
    is_array: bool,
    /// How many have begun.
    count: u64,
}

impl Items {
    /// The items at the cursor, which stands at the beginning of the text.
    pub fn open(cursor: &mut Cursor<'_>) -> Items {
        cursor.skip_separators();
        Items { is_array: cursor.enter(b'['), count: 0 }
    }

    /// The items of the array that the cursor has just entered.
    pub fn of_array() -> Items {
        Items { is_array: true, count: 0 }
    }

    /// Whether the text is one array.
    pub fn is_array(&self) -> bool {
        self.is_array
    }

    /// Goes to the next item, and says whether there is one. Its errors then bear its number.
    pub fn next(&mut self, cursor: &mut Cursor<'_>) -> Result<bool> {
        let more = match self.is_array {
            true => cursor.next(b']', self.count == 0)?,
            false => cursor.skip_separators(),
        };
        self.count += u64::from(more);
        cursor.number_item(if more { self.count } else { 0 });
        Ok(more)
    }
}
