//! A value of JSON as it stands in a text: where, what it is, what it says.
//!
//! Numbers stay as they are written, so that whoever needs one parses its digits exactly.

use std::borrow::Cow;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// What it is, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool => "true or false",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }
}

/// A value whose grammar has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    /// Offset of its first byte in the text.
    pub at: usize,
    /// Its bytes in the text.
    pub raw: &'a [u8],
}

impl<'a> Value<'a> {
    pub fn kind(self) -> Kind {
        match self.raw[0] {
            b'n' => Kind::Null,
            b't' | b'f' => Kind::Bool,
            b'"' => Kind::String,
            b'[' => Kind::Array,
            b'{' => Kind::Object,
            _ => Kind::Number,
        }
    }

    /// What it says: the characters of a string, nothing for `null`, and else its bytes in the text.
    pub fn field(self) -> Cow<'a, [u8]> {
        match self.kind() {
            Kind::String => unescaped(self.raw),
            Kind::Null => Cow::Borrowed(b""),
            _ => Cow::Borrowed(self.raw),
        }
    }

    /// The characters of a string; `None` for other values.
    pub fn string(self) -> Option<Cow<'a, [u8]>> {
        (self.kind() == Kind::String).then(|| unescaped(self.raw))
    }
}

/// The characters of a string in its quotation marks. One with half a surrogate pair has no characters
/// in UTF-8 and stays as it is written; names alone can be such strings.
pub(super) fn unescaped(quoted: &[u8]) -> Cow<'_, [u8]> {
    let inner = &quoted[1..quoted.len() - 1];
    if memchr::memchr(b'\\', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    match serde_json::from_slice::<String>(quoted) {
        Ok(text) => Cow::Owned(text.into_bytes()),
        Err(_) => Cow::Borrowed(inner),
    }
}
