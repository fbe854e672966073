//! The keys of the first record, and the fields of the first few records under them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::error::Result;
use crate::formats::convert::Source;
use crate::formats::json::{Cursor, Items, KEYS_MOST, Kind};

/// The keys of the first record, in their order.
pub struct Header<'a> {
    keys: Vec<Cow<'a, [u8]>>,
    /// The keys as text, trimmed.
    names: Vec<String>,
    /// Where each key stands first.
    indices: HashMap<Cow<'a, [u8]>, usize>,
    is_whole: bool,
    /// The file, for commands that convert it.
    pub source: Source<'a>,
}

impl<'a> Header<'a> {
    /// The keys of the object at the cursor, or as many as a record can have.
    pub fn read(mut cursor: Cursor<'a>) -> Result<Header<'a>> {
        let (mut keys, mut is_first, mut is_whole) = (Vec::new(), true, false);
        let source = cursor.source();
        cursor.enter(b'{');
        while keys.len() <= KEYS_MOST {
            let Some(key) = cursor.member(&mut is_first)? else {
                is_whole = true;
                break;
            };
            cursor.value()?;
            keys.push(key);
        }
        let names = keys.iter().map(|key| String::from_utf8_lossy(key).trim().to_string());
        let names = names.collect();
        // In reverse, so that the first of two equal keys stays.
        let indices = keys.iter().cloned().enumerate().rev().map(|(index, key)| (key, index));
        Ok(Header { names, indices: indices.collect(), keys, is_whole, source })
    }

    /// Whether the record has no more keys.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The keys as text, trimmed.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Where a key stands first, which is most often at `guess`.
    pub fn index_of(&self, key: &[u8], guess: usize) -> Option<usize> {
        let has_twins = self.indices.len() < self.keys.len();
        match self.keys.get(guess) {
            Some(guessed) if **guessed == *key && !has_twins => Some(guess),
            _ => self.indices.get(key).copied(),
        }
    }

    /// The fields of the first `records_most` records under these keys, as far as the text is sound;
    /// what follows is complained about when it is read. `first` is before the first, `rest` are the
    /// others. Values that are nested are no fields, and empty here.
    pub fn sample(
        &self,
        first: Cursor<'a>,
        mut rest: Items,
        records_most: usize,
    ) -> Vec<Vec<Cow<'a, [u8]>>> {
        let mut cursor = first;
        let mut sample = Vec::new();
        while sample.len() < records_most {
            let Ok(fields) = self.fields(&mut cursor) else { break };
            sample.extend(fields);
            if !rest.next(&mut cursor).unwrap_or(false) {
                break;
            }
        }
        sample
    }

    /// The fields of the record at the cursor; `None` if the item is no record.
    fn fields(&self, cursor: &mut Cursor<'a>) -> Result<Option<Vec<Cow<'a, [u8]>>>> {
        if !cursor.enter(b'{') {
            cursor.value()?;
            return Ok(None);
        }
        let mut fields = vec![Cow::default(); self.keys.len()];
        let (mut is_first, mut guess) = (true, 0);
        while let Some(key) = cursor.member(&mut is_first)? {
            let value = cursor.value()?;
            let Some(index) = self.index_of(&key, guess) else { continue };
            guess = index + 1;
            if !matches!(value.kind(), Kind::Array | Kind::Object) {
                fields[index] = value.field();
            }
        }
        Ok(Some(fields))
    }
}
