//! One record after the other → its fields under the keys of the header, its place, its name.

use std::borrow::Cow;

use super::header::Header;
use crate::angle::shown;
use crate::cities::{Coordinates, RowError};
use crate::columns::Columns;
use crate::error::Result;
use crate::formats::convert;
use crate::formats::json::{Cursor, Kind};

/// A value under a key of the header.
struct Field<'a> {
    kind: Kind,
    text: Cow<'a, [u8]>,
}

/// The record at hand. Its memory is used again for the next.
pub struct Record<'h, 'a> {
    header: &'h Header<'a>,
    columns: &'h Columns,
    fields: Vec<Option<Field<'a>>>,
    /// The fields that are there. Only these are cleared for the next record, which may be much
    /// smaller than the header.
    filled: Vec<usize>,
    /// A column in use whose key is there twice.
    twice: Option<usize>,
    /// A key that the first record lacks.
    new_key: Option<Cow<'a, [u8]>>,
    /// What the item is instead of a record.
    strange: Option<Kind>,
}

impl<'h, 'a> Record<'h, 'a> {
    pub fn new(header: &'h Header<'a>, columns: &'h Columns) -> Record<'h, 'a> {
        let fields = header.names().iter().map(|_| None).collect();
        let filled = Vec::new();
        Record { header, columns, fields, filled, twice: None, new_key: None, strange: None }
    }

    /// Takes the record at the cursor.
    pub fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<()> {
        for index in self.filled.drain(..) {
            self.fields[index] = None;
        }
        (self.twice, self.new_key, self.strange) = (None, None, None);
        if !cursor.enter(b'{') {
            self.strange = Some(cursor.value()?.kind());
            return Ok(());
        }
        let (mut is_first, mut guess) = (true, 0);
        while let Some(key) = cursor.member(&mut is_first)? {
            let value = cursor.value()?;
            let Some(index) = self.header.index_of(&key, guess) else {
                self.new_key = Some(key);
                continue;
            };
            guess = index + 1;
            if self.fields[index].is_none() {
                self.fields[index] = Some(Field { kind: value.kind(), text: value.field() });
                self.filled.push(index);
            } else if self.taken().any(|taken| taken == index) {
                self.twice = Some(index);
            }
        }
        Ok(())
    }

    /// The place of the record; `None` if it says that it has none.
    pub fn place(&self) -> std::result::Result<Option<Coordinates>, RowError> {
        if let Some(kind) = self.strange {
            return Err(RowError::Row(format!("expected an object, found {}", kind.name())));
        }
        if let Some(index) = self.twice {
            return Err(RowError::Row(format!(
                "expected the key {} once, found it twice",
                self.key(index)
            )));
        }
        if let Some(problem) = self.nested() {
            let line = self.header.source.packed(convert::NESTED);
            let advice = format!("nested JSON is not read: flatten it, like {line}");
            return Err(RowError::Row(format!("{problem}; {advice}")));
        }
        let is_bool = |&index: &usize| self.kind(index) == Some(Kind::Bool);
        if let Some(index) = self.taken().find(is_bool) {
            let found = shown(self.text(index));
            return Err(RowError::Row(format!(
                "expected text under {}, found {found}",
                self.key(index)
            )));
        }
        let [lat, lon] = self.columns.lat_lon();
        match &self.new_key {
            Some(key) if self.kind(lat).is_none() && self.kind(lon).is_none() => {
                Err(RowError::Row(format!(
                    "expected the keys {} and {}, found neither, but {}, which the first record has not \
                     and which may be its place; give all records the same keys",
                    self.key(lat),
                    self.key(lon),
                    shown(key)
                )))
            }
            _ => self.columns.place(|index| self.text(index)),
        }
    }

    /// The name of the record; empty if it has none.
    pub fn name(&self) -> &[u8] {
        self.columns.name().map_or(b"", |index| self.text(index))
    }

    /// What is wrong if a column in use holds an object or an array.
    pub fn nested(&self) -> Option<String> {
        self.taken().find_map(|index| match self.kind(index) {
            Some(kind @ (Kind::Array | Kind::Object)) => Some(format!(
                "expected text or a number under {}, found {}",
                self.key(index),
                kind.name()
            )),
            _ => None,
        })
    }

    /// The columns in use.
    fn taken(&self) -> impl Iterator<Item = usize> + use<> {
        self.columns.lat_lon().into_iter().chain(self.columns.name())
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.fields.get(index)?.as_ref().map(|field| field.kind)
    }

    fn text(&self, index: usize) -> &[u8] {
        let field = self.fields.get(index).and_then(Option::as_ref);
        field.map_or(b"", |field| &field.text)
    }

    fn key(&self, index: usize) -> String {
        self.header.names().get(index).map_or_else(String::new, |name| shown(name.as_bytes()))
    }
}
