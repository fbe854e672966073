//! Whether a collection is a part of more, as the server says that wrote it: the page of a long answer.
//!
//! The cities behind the last page may hold the answer, so this is worth a note. It is no error: whoever
//! asked for a page got what was asked for.

use crate::formats::json::{Cursor, Kind};

/// What a collection says of its size.
#[derive(Default)]
pub struct Part {
    /// Esri's servers stop at a limit, and say so.
    exceeds_limit: bool,
    /// How many features there are in all, by OGC API and WFS.
    in_all: Option<u64>,
}

impl Part {
    /// Looks at the value of the member `key` of a collection, which the cursor is before.
    pub fn see(&mut self, key: &[u8], mut cursor: Cursor<'_>) {
        match key {
            b"properties" if cursor.enter(b'{') => {
                let mut is_first = true;
                while let Ok(Some(key)) = cursor.member(&mut is_first) {
                    if &*key == b"exceededTransferLimit" {
                        self.see(&key, cursor);
                    }
                    if cursor.value().is_err() {
                        break;
                    }
                }
            }
            b"exceededTransferLimit" => {
                self.exceeds_limit |= cursor.value().is_ok_and(|value| value.raw == b"true");
            }
            b"numberMatched" | b"totalFeatures" => {
                let number = cursor.value().ok().filter(|value| value.kind() == Kind::Number);
                let digits = number.and_then(|value| std::str::from_utf8(value.raw).ok());
                self.in_all = self.in_all.max(digits.and_then(|digits| digits.parse().ok()));
            }
            _ => {}
        }
    }

    /// A note, if the `features` that were read are not all.
    pub fn note(&self, features: u64) -> Option<String> {
        match self.in_all {
            Some(in_all) if in_all > features => Some(format!(
                "the file says that it holds {features} of {in_all} features: the cities of the others are not \
                 in the answer"
            )),
            _ if self.exceeds_limit => Some(
                "the file says that the server had more features than it sends at once \
                 (exceededTransferLimit): their cities are not in the answer"
                    .to_string(),
            ),
            _ => None,
        }
    }
}
