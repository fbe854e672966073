//! One record after the other → its fields under the keys of the header, its place, its name.

use std::borrow::Cow;

use super::header::{self, Header};
use crate::angle::{is_missing, shown};
use crate::cities::{Coordinates, RowError};
use crate::columns::Columns;
use crate::error::Result;
use crate::formats::convert::{self, Source};
use crate::formats::json::{Cursor, Kind};

/// A value under a key of the header.
struct Field<'a> {
    kind: Kind,
    /// What it says; `None` if it is nested.
    text: Option<Cow<'a, [u8]>>,
}

/// An object or an array where text was expected.
pub struct Nested {
    pub problem: String,
    /// Whether it should be a name, and no place.
    pub is_name: bool,
}

impl Nested {
    /// With what to do.
    pub fn with_remedy(self, source: Source<'_>) -> String {
        let remedy = match self.is_name {
            true => "say --name with a key that holds text".to_string(),
            false => format!("flatten it, like {}", source.packed(convert::NESTED)),
        };
        format!("{}; nested JSON is not read: {remedy}", self.problem)
    }
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
    /// Which keys of the header stand beside a place.
    beside: Vec<bool>,
    /// A key that does not.
    new_key: Option<Cow<'a, [u8]>>,
    /// Whether the first pair of numbers under one key was text or an array.
    pairs_are: Option<Kind>,
    /// Whether this one is not as the first.
    is_mixed: bool,
    /// What the item is instead of a record.
    strange: Option<Kind>,
}

impl<'h, 'a> Record<'h, 'a> {
    pub fn new(header: &'h Header<'a>, columns: &'h Columns) -> Record<'h, 'a> {
        let fields = header.names().iter().map(|_| None).collect();
        Record {
            header,
            columns,
            fields,
            filled: Vec::new(),
            twice: None,
            beside: header.beside(columns.lat_lon()),
            new_key: None,
            pairs_are: None,
            is_mixed: false,
            strange: None,
        }
    }

    /// Takes the record at the cursor.
    pub fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<()> {
        for index in self.filled.drain(..) {
            self.fields[index] = None;
        }
        (self.twice, self.new_key, self.strange) = (None, None, None);
        self.is_mixed = false;
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
            if !self.beside[index] {
                self.new_key = Some(key);
            }
            if self.fields[index].is_none() {
                let text = match self.holds_both(index) {
                    false if value.kind() == Kind::Array => None,
                    _ => header::field(cursor, value),
                };
                self.fields[index] = Some(Field { kind: value.kind(), text });
                self.filled.push(index);
            } else if self.taken().any(|taken| taken == index) {
                self.twice = Some(index);
            }
        }
        self.is_mixed = self.differs();
        Ok(())
    }

    /// Whether a column holds latitude and longitude both.
    fn holds_both(&self, index: usize) -> bool {
        self.columns.lat_lon() == [index; 2]
    }

    /// Whether a pair of numbers is an array and the first one text, or the other way round.
    fn differs(&mut self) -> bool {
        let [lat, lon] = self.columns.lat_lon();
        let Some(kind) = self.kind(lat) else { return false };
        if lat != lon || is_missing(self.text(lat)) {
            return false;
        }
        *self.pairs_are.get_or_insert(kind) != kind
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
        if self.is_mixed {
            let [column, _] = self.columns.lat_lon();
            return Err(RowError::Source(format!(
                "expected all pairs of numbers under {} in one way, found text and arrays, in which the order \
                 may differ (Elasticsearch has latitude first in text and longitude first in arrays)",
                self.key(column)
            )));
        }
        if let Some(nested) = self.nested() {
            return Err(RowError::Row(nested.with_remedy(self.header.source)));
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
                    "expected the keys {} and {}, found neither, but {}, which stands beside no place \
                     and may be its place; give all records the same keys",
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
    pub fn nested(&self) -> Option<Nested> {
        self.taken().find_map(|index| {
            let Field { kind, text: None } = self.fields.get(index)?.as_ref()? else { return None };
            let expected = if self.holds_both(index) { "two numbers" } else { "text or a number" };
            let is_array = self.holds_both(index) && *kind == Kind::Array;
            let found = if is_array { "an array of something else" } else { kind.name() };
            let key = self.key(index);
            let problem = format!("expected {expected} under {key}, found {found}");
            Some(Nested { problem, is_name: self.columns.name() == Some(index) })
        })
    }

    /// Whether a key of a place is there, whatever it holds.
    pub fn has_place_key(&self) -> bool {
        self.columns.lat_lon().into_iter().any(|index| self.kind(index).is_some())
    }

    /// The columns in use.
    fn taken(&self) -> impl Iterator<Item = usize> + use<> {
        self.columns.lat_lon().into_iter().chain(self.columns.name())
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.fields.get(index)?.as_ref().map(|field| field.kind)
    }

    /// What stands in a column; nothing if it is nested.
    pub fn text(&self, index: usize) -> &[u8] {
        let field = self.fields.get(index).and_then(Option::as_ref);
        field.and_then(|field| field.text.as_deref()).unwrap_or_default()
    }

    fn key(&self, index: usize) -> String {
        self.header.names().get(index).map_or_else(String::new, |name| shown(name.as_bytes()))
    }
}
