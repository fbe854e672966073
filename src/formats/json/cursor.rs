//! A place in a text of JSON: values are taken or skipped from there on, in the order of the text.
//!
//! What enters is a text, what leaves are values as they stand in it, each with its offset. Brackets,
//! commas and keys are followed here, with the open brackets on a list of limited length, so that no
//! nesting takes much memory or any stack. What a string, a number or a word is, serde_json says. Its
//! own way to skip a value (`IgnoredAny`) was rejected: it follows any depth of nesting, and takes
//! memory for it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::RECORD_SEPARATOR;
use super::value::{Value, unescaped};
use crate::angle::shown;
use crate::error::{Error, Result};
use crate::formats::convert::Source;
use crate::formats::text::Text;

/// Most brackets that may be open at once: the limit of serde_json, far above what point lists have.
const DEPTH_MOST: usize = 128;

/// A place in a text. To copy it is to remember the place.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    text: &'a Text<'a>,
    at: usize,
    /// What an item is called in messages.
    noun: &'static str,
    /// Number of the item at hand, counted from 1; 0 outside of all items.
    item: u64,
}

impl<'a> Cursor<'a> {
    /// At the beginning of a text whose items are each a `noun`.
    pub fn new(text: &'a Text<'a>, noun: &'static str) -> Cursor<'a> {
        Cursor { text, at: 0, noun, item: 0 }
    }

    /// The file, for commands that convert it.
    pub fn source(&self) -> Source<'a> {
        self.text.source()
    }

    /// At the beginning of a value that has been taken.
    pub fn back_to(self, value: Value<'_>) -> Cursor<'a> {
        Cursor { at: value.at, ..self }
    }

    /// Has messages bear the number of an item, counted from 1, or none for 0.
    pub fn number_item(&mut self, item: u64) {
        self.item = item;
    }

    /// The item at hand, like "feature 17"; the noun alone outside of all items.
    pub fn item(&self) -> String {
        match self.item {
            0 => self.noun.to_string(),
            item => format!("{} {item}", self.noun),
        }
    }

    /// The first byte from here on that is no white space, and stays there.
    pub fn peek(&mut self) -> Option<u8> {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let rest = &self.text.body[self.at..];
        self.at += rest.iter().take_while(|&byte| is_blank(byte)).count();
        self.text.body.get(self.at).copied()
    }

    /// Offset of that byte.
    pub fn offset(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// Skips white space and record separators, and says whether something follows.
    pub fn skip_separators(&mut self) -> bool {
        while self.enter(RECORD_SEPARATOR) {}
        self.at < self.text.body.len()
    }

    /// Goes past `byte` if it stands here.
    pub fn enter(&mut self, byte: u8) -> bool {
        let is_here = self.peek() == Some(byte);
        self.at += usize::from(is_here);
        is_here
    }

    /// Goes to the next item of an array or object, past the comma before it; or past the bracket that
    /// closes it, and then says false.
    pub fn next(&mut self, closer: u8, is_first: bool) -> Result<bool> {
        if self.enter(closer) {
            return Ok(false);
        }
        if is_first || self.enter(b',') {
            return Ok(true);
        }
        Err(self.unexpected(&format!("a comma or {}", char::from(closer))))
    }

    /// The key of the next member of an object, with the cursor before its value; `None` past the end
    /// of the object.
    pub fn member(&mut self, is_first: &mut bool) -> Result<Option<Cow<'a, [u8]>>> {
        if !self.next(b'}', std::mem::replace(is_first, false))? {
            return Ok(None);
        }
        self.key().map(|quoted| Some(unescaped(quoted)))
    }

    fn key(&mut self) -> Result<&'a [u8]> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in quotation marks"));
        }
        let quoted = self.scalar()?;
        match self.enter(b':') {
            true => Ok(quoted),
            false => Err(self.unexpected("a colon")),
        }
    }

    /// Takes a value of any kind.
    pub fn value(&mut self) -> Result<Value<'a>> {
        let at = self.offset();
        let mut open = Vec::new();
        loop {
            let mut is_first = true;
            if self.enter(b'[') {
                open.push(b']');
            } else if self.enter(b'{') {
                open.push(b'}');
            } else {
                self.scalar()?;
                is_first = false;
            }
            if open.len() > DEPTH_MOST {
                let problem =
                    format!("expected values in at most {DEPTH_MOST} brackets, found more");
                return Err(self.error_at(at, problem));
            }
            // Here a value has ended or a bracket was opened: what closes, closes until one more begins.
            loop {
                let Some(&closer) = open.last() else {
                    return Ok(Value { at, raw: &self.text.body[at..self.at] });
                };
                if self.next(closer, is_first)? {
                    if closer == b'}' {
                        self.key()?;
                    }
                    break;
                }
                open.pop();
                is_first = false;
            }
        }
    }

    /// Takes a string, a number or a word.
    fn scalar(&mut self) -> Result<&'a [u8]> {
        self.peek();
        let rest = &self.text.body[self.at..];
        // Brackets never come here, so that serde_json opens none.
        let raw = match rest.first() {
            Some(b'[' | b'{') => return Err(self.unexpected("a string")),
            _ => <&RawValue>::deserialize(&mut serde_json::Deserializer::from_slice(rest)),
        };
        match raw {
            Ok(raw) => {
                self.at += raw.get().len();
                Ok(&rest[..raw.get().len()])
            }
            Err(error) if error.is_eof() || is_start_of_number(rest) => Err(self.cut_short()),
            Err(error) => {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default();
                Err(self.unexpected(&format!("a value of JSON ({message})")))
            }
        }
    }

    /// The items of an array that has been taken; nothing for other values.
    pub fn items_of(self, array: Value<'a>) -> impl Iterator<Item = Value<'a>> {
        let mut cursor = self.back_to(array);
        let mut is_first = true;
        let is_array = cursor.enter(b'[');
        std::iter::from_fn(move || {
            let more = is_array && cursor.next(b']', is_first).unwrap_or(false);
            is_first = false;
            if more { cursor.value().ok() } else { None }
        })
    }

    /// Refuses what follows the end of the list.
    pub fn require_end(mut self) -> Result<()> {
        match self.skip_separators() {
            true => Err(self.unexpected("nothing behind the end of the JSON")),
            false => Ok(()),
        }
    }

    /// An error at an offset, with the number of the item at hand.
    pub fn error_at(&self, at: usize, problem: impl AsRef<str>) -> Error {
        let problem = problem.as_ref();
        match self.item {
            0 => self.text.error_at(at, problem),
            _ => self.text.error_at(at, format!("{}: {problem}", self.item())),
        }
    }

    /// The error where something else stands than `expected`.
    fn unexpected(&mut self, expected: &str) -> Error {
        if self.peek().is_none() {
            return self.cut_short();
        }
        let rest = &self.text.body[self.at..];
        let problem = format!("expected {expected}, found {}", shown(head(rest)));
        let no_numbers: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
        let remedy = match no_numbers.iter().any(|word| rest.starts_with(word)) {
            true => "JSON has no such numbers: write null where there is none",
            false => "correct the file, or write it again with a program that writes JSON",
        };
        self.error_at(self.at, format!("{problem}; {remedy}"))
    }

    fn cut_short(&self) -> Error {
        let last = self.text.body.trim_ascii_end().len();
        let problem =
            "expected more JSON, found the end of the file: it is cut short; get all of it again";
        self.error_at(last, problem)
    }
}

/// Whether the text ends in a number that is not whole, which serde_json calls invalid.
fn is_start_of_number(rest: &[u8]) -> bool {
    rest.trim_ascii_end().iter().all(|byte| b"+-.0123456789Ee".contains(byte))
}

/// What stands first in a line, for a message.
fn head(line: &[u8]) -> &[u8] {
    const BYTES_MOST: usize = 20;
    let cut = &line[..line.len().min(BYTES_MOST)];
    let first = cut.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    // The cut may have gone through the last character.
    match std::str::from_utf8(first) {
        Ok(_) => first,
        Err(error) => &first[..error.valid_up_to()],
    }
}
