//! The names of features: one property of theirs, by the user's word or by its own name.

use std::borrow::Cow;

use crate::angle::shown;
use crate::columns;
use crate::error::Result;
use crate::formats::json::{Cursor, KEYS_MOST, Kind, Value};

/// How many features are asked for a property that is a name, until one has it.
const FEATURES_ASKED: usize = 100;

/// How many keys a message shows.
const KEYS_SHOWN: usize = 20;

/// Finds the names of features, whose properties may differ.
pub struct Names {
    /// The property that is the name.
    key: Option<String>,
    /// Whether the user named it.
    is_wish: bool,
    /// Whether any feature has it.
    is_seen: bool,
    /// Keys of the first feature that has properties.
    first_keys: Vec<String>,
    /// Offset of those properties.
    first_at: usize,
    features_asked: usize,
}

impl Names {
    pub fn new(wish: Option<&str>) -> Names {
        Names {
            key: wish.map(String::from),
            is_wish: wish.is_some(),
            is_seen: false,
            first_keys: Vec::new(),
            first_at: 0,
            features_asked: 0,
        }
    }

    /// The property that is the name, if there is one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Takes the properties of a feature, and gives its name, which is empty if it has none.
    pub fn read<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Cow<'a, [u8]>> {
        self.look_at_keys(*cursor)?;
        let mut name = None;
        if !cursor.enter(b'{') {
            cursor.value()?;
            return Ok(Cow::default());
        }
        let mut is_first = true;
        while let Some(key) = cursor.member(&mut is_first)? {
            let value = cursor.value()?;
            // A key twice in one object: the first is taken. A name decides nothing.
            if name.is_none() && self.key().is_some_and(|name| name.as_bytes() == &*key) {
                name = Some(value);
            }
        }
        self.is_seen |= name.is_some();
        Ok(name.map(text_of).unwrap_or_default())
    }

    /// Chooses the name among the properties of a feature, unless it is known already.
    fn look_at_keys(&mut self, mut cursor: Cursor<'_>) -> Result<()> {
        let is_known = self.key.is_some() && !self.first_keys.is_empty();
        if is_known || self.features_asked == FEATURES_ASKED {
            return Ok(());
        }
        let at = cursor.offset();
        if !cursor.enter(b'{') {
            return Ok(());
        }
        let (mut keys, mut is_first) = (Vec::new(), true);
        while keys.len() < KEYS_MOST {
            let Some(key) = cursor.member(&mut is_first)? else { break };
            keys.push(String::from_utf8_lossy(&key).into_owned());
            cursor.value()?;
        }
        if keys.is_empty() {
            return Ok(());
        }
        self.features_asked += 1;
        if self.key.is_none() {
            let exact = keys.iter().position(|key| key == "name");
            self.key = exact.or_else(|| columns::find_name(&keys)).map(|index| keys[index].clone());
        }
        if self.first_keys.is_empty() {
            (self.first_keys, self.first_at) = (keys, at);
        }
        Ok(())
    }

    /// Refuses a property that the user named and no feature has.
    pub fn require_seen(&self, cursor: &Cursor<'_>) -> Result<()> {
        let (Some(key), true, false) = (self.key(), self.is_wish, self.is_seen) else {
            return Ok(());
        };
        let problem = match self.first_keys.is_empty() {
            true => "features without properties; leave --name out".to_string(),
            false => {
                let shown =
                    self.first_keys.iter().take(KEYS_SHOWN).map(|key| shown(key.as_bytes()));
                let more = if self.first_keys.len() > KEYS_SHOWN { ", …" } else { "" };
                let keys = shown.collect::<Vec<_>>().join(", ");
                format!("none; the first feature has {keys}{more}: say --name with one of these")
            }
        };
        let problem = format!("expected a property {}, found {problem}", shown(key.as_bytes()));
        Err(cursor.error_at(self.first_at, problem))
    }
}

/// A name, as a string or a number says it.
fn text_of(value: Value<'_>) -> Cow<'_, [u8]> {
    match value.kind() {
        Kind::String | Kind::Number => value.field(),
        _ => Cow::default(),
    }
}
