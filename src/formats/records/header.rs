//! The keys of the first records, and the fields of these records under them.
//!
//! The keys of the first record alone were rejected: it may lack the place, or an optional key.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::Result;
use crate::formats::convert::Source;
use crate::formats::json::{Cursor, Items, KEYS_MOST, Kind, Value};

/// How many records give their keys and help to choose the columns.
const RECORDS_SAMPLED: usize = 100;

/// The keys of the first records, in the order in which they appear.
pub struct Header<'a> {
    keys: Vec<Cow<'a, [u8]>>,
    /// The keys as text, trimmed.
    names: Vec<String>,
    /// Where each key stands.
    indices: HashMap<Cow<'a, [u8]>, usize>,
    is_whole: bool,
    /// The fields of each of these records: `None` under the keys that it lacks.
    sample: Vec<Vec<Option<Cow<'a, [u8]>>>>,
    /// The file, for commands that convert it.
    pub source: Source<'a>,
}

impl<'a> Header<'a> {
    /// The keys of the object at the cursor and of the records behind it, as far as the text is sound:
    /// what follows is complained about when it is read.
    ///
    /// # Errors
    /// The first object is no JSON.
    pub fn read(mut cursor: Cursor<'a>, mut rest: Items) -> Result<Header<'a>> {
        let mut header = Header {
            keys: Vec::new(),
            names: Vec::new(),
            indices: HashMap::new(),
            is_whole: true,
            sample: Vec::new(),
            source: cursor.source(),
        };
        header.add(&mut cursor)?;
        for _ in 1..RECORDS_SAMPLED {
            if header.keys.len() == KEYS_MOST
                || !rest.next(&mut cursor).unwrap_or(false)
                || header.add(&mut cursor).is_err()
            {
                break;
            }
        }
        header.names =
            header.keys.iter().map(|key| String::from_utf8_lossy(key).trim().to_string()).collect();
        Ok(header)
    }

    /// Takes the keys and the fields of the item at the cursor, unless it is no record.
    fn add(&mut self, cursor: &mut Cursor<'a>) -> Result<()> {
        if !cursor.enter(b'{') {
            cursor.value()?;
            return Ok(());
        }
        let mut fields = vec![None; self.keys.len()];
        let (mut is_first, mut guess) = (true, 0);
        while let Some(key) = cursor.member(&mut is_first)? {
            let value = cursor.value()?;
            let index = match self.index_of(&key, guess) {
                Some(index) => index,
                None if self.keys.len() == KEYS_MOST => {
                    // The keys of a table, one for each row; those of one record are few.
                    self.is_whole = !self.sample.is_empty();
                    return Ok(());
                }
                None => {
                    self.indices.insert(key.clone(), self.keys.len());
                    self.keys.push(key);
                    fields.push(None);
                    self.keys.len() - 1
                }
            };
            guess = index + 1;
            fields[index] = Some(field(cursor, value).unwrap_or_default());
        }
        self.sample.push(fields);
        Ok(())
    }

    /// Whether the first record has no more keys.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The keys as text, trimmed.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Where a key stands, which is most often at `guess`.
    pub fn index_of(&self, key: &[u8], guess: usize) -> Option<usize> {
        match self.keys.get(guess) {
            Some(guessed) if **guessed == *key => Some(guess),
            _ => self.indices.get(key).copied(),
        }
    }

    /// How many records these are.
    pub fn sampled(&self) -> usize {
        self.sample.len()
    }

    /// The fields of the first records under these keys, empty where there are none.
    pub fn sample(&self) -> Vec<Vec<&[u8]>> {
        self.sample
            .iter()
            .map(|row| {
                let field = |index| row.get(index).and_then(Option::as_deref).unwrap_or_default();
                (0..self.keys.len()).map(field).collect()
            })
            .collect()
    }

    /// Which keys stand in a record beside one of `place`: those of the others may hold its place.
    pub fn beside(&self, place: [usize; 2]) -> Vec<bool> {
        let mut beside = vec![false; self.keys.len()];
        let has =
            |row: &[Option<Cow<'a, [u8]>>], index| row.get(index).is_some_and(Option::is_some);
        for row in self.sample.iter().filter(|row| place.iter().any(|&index| has(row, index))) {
            for (is_beside, field) in beside.iter_mut().zip(row) {
                *is_beside |= field.is_some();
            }
        }
        beside
    }
}

/// What a value says in a column of places or names; `None` if it is nested. An array of two numbers
/// says as much as a text of them. One of nothing, or of null alone, says that there is no place.
pub fn field<'a>(cursor: &Cursor<'a>, value: Value<'a>) -> Option<Cow<'a, [u8]>> {
    match value.kind() {
        Kind::Object => None,
        Kind::Array => {
            let items: Vec<Value<'_>> = cursor.items_of(value).take(3).collect();
            match &items[..] {
                items if items.iter().all(|item| item.kind() == Kind::Null) => Some(Cow::default()),
                [a, b] if [a.kind(), b.kind()] == [Kind::Number; 2] => {
                    Some(Cow::Owned([b"[", a.raw, b", ", b.raw, b"]"].concat()))
                }
                _ => None,
            }
        }
        _ => Some(value.field()),
    }
}
