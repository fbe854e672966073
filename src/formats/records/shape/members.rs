//! The first members of an object, and paths to them as jq has them.

use crate::formats::json::{Cursor, KEYS_MOST, Kind, Value};

/// The first members of an object.
#[derive(Clone)]
pub struct Members<'a> {
    cursor: Cursor<'a>,
    all: Vec<(String, Value<'a>)>,
}

impl<'a> Members<'a> {
    /// Those of the object at the cursor; none for other values.
    pub fn of(mut cursor: Cursor<'a>) -> Members<'a> {
        let (mut all, mut is_first) = (Vec::new(), true);
        if cursor.enter(b'{') {
            while all.len() < KEYS_MOST {
                let Ok(Some(key)) = cursor.member(&mut is_first) else { break };
                let Ok(value) = cursor.value() else { break };
                all.push((String::from_utf8_lossy(&key).into_owned(), value));
            }
        }
        Members { cursor, all }
    }

    /// Those of a value within this object.
    pub fn inside(&self, value: Value<'a>) -> Members<'a> {
        Members::of(self.cursor.back_to(value))
    }

    /// The items of an array within this object.
    pub fn items(&self, array: Value<'a>) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.cursor.items_of(array)
    }

    pub fn all(&self) -> &[(String, Value<'a>)] {
        &self.all
    }

    pub fn keys(&self) -> Vec<String> {
        self.all.iter().map(|(key, _)| key.clone()).collect()
    }

    /// The value of a key, in any case of letters.
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.all.iter().find(|(own, _)| own.eq_ignore_ascii_case(key)).map(|(_, value)| *value)
    }

    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &(String, Value<'a>)> {
        self.all.iter().filter(move |(_, value)| value.kind() == kind)
    }
}

/// A key as jq has it, if it is one that a shell leaves alone between its quotation marks.
pub fn path(key: &str) -> Option<String> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    if key.starts_with(is_letter) && key.chars().all(|c| is_letter(c) || c.is_ascii_digit()) {
        return Some(format!(".{key}"));
    }
    let is_plain = |c: char| {
        (c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ') && !r#"'"\{}"#.contains(c)
    };
    let is_short = !key.is_empty() && key.len() <= 100;
    (is_short && key.chars().all(is_plain)).then(|| format!(".\"{key}\""))
}
