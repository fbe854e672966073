//! JSON that is no flat records: what it is instead, and the command that makes records of it.
//!
//! This is asked only where no columns were found, or a column holds no fields. Nothing is read here
//! in another way; the shape of the first object only chooses the advice.

use crate::angle::shown;
use crate::columns::{self, Wishes};
use crate::error::Error;
use crate::formats::convert::{self, Source};
use crate::formats::json::{Cursor, KEYS_MOST, Kind, Value};

/// Makes records of what Overpass writes: ways and relations have their place in `center`.
const OVERPASS: &str =
    "jq -c '.elements[] | (.center // .) + {name: .tags.name} | {lat, lon, name}' {file}";

/// The error for a first item that is no object.
pub fn no_record(mut cursor: Cursor<'_>) -> Error {
    let at = cursor.offset();
    let kind = match cursor.value() {
        Ok(value) => value.kind(),
        Err(error) => return error,
    };
    let problem = match kind {
        Kind::Array => format!(
            "expected JSON records (objects with keys), found an array of arrays, which does not say \
             which number is the latitude; write it as text and say which: {} --lat 1 --lon 2, or the \
             other way round",
            cursor.source().packed("jq -r '.[] | @csv' {file}")
        ),
        _ => format!(
            "expected JSON records (objects with keys) or GeoJSON, found {}; write one object a city",
            kind.name()
        ),
    };
    cursor.error_at(at, problem)
}

/// The error for a first record, at the cursor, in which no place was found because of `problem`.
pub fn explain(mut cursor: Cursor<'_>, is_array: bool, problem: &str) -> Error {
    let at = cursor.offset();
    let members = Members::of(cursor);
    // The object is all there is: then it may be a table itself, and no record.
    let is_alone = !is_array && cursor.value().is_ok() && !cursor.skip_separators();
    cursor.number_item(if is_alone { 0 } else { 1 });
    let table = is_alone.then(|| members.table(cursor)).flatten();
    let problem = match table.or_else(|| members.nested(cursor, is_array)) {
        Some(advice) => format!("{problem}; {advice}"),
        None => problem.to_string(),
    };
    cursor.error_at(at, problem)
}

/// The first members of an object.
struct Members<'a>(Vec<(String, Value<'a>)>);

impl<'a> Members<'a> {
    fn of(mut cursor: Cursor<'a>) -> Members<'a> {
        let (mut members, mut is_first) = (Vec::new(), true);
        cursor.enter(b'{');
        while members.len() < KEYS_MOST {
            let Ok(Some(key)) = cursor.member(&mut is_first) else { break };
            let Ok(value) = cursor.value() else { break };
            members.push((String::from_utf8_lossy(&key).into_owned(), value));
        }
        Members(members)
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &(String, Value<'a>)> {
        self.0.iter().filter(move |(_, value)| value.kind() == kind)
    }

    /// What to do with an object that holds all rows in some way.
    fn table(&self, cursor: Cursor<'a>) -> Option<String> {
        let first_kind = |value: Value<'a>| cursor.items_of(value).next().map(Value::kind);
        let is_list = |(_, value): &&(String, Value<'a>)| first_kind(*value) == Some(Kind::Object);
        if let Some((key, _)) = self.of_kind(Kind::Array).find(is_list) {
            return Some(wrapped(key, cursor.source()));
        }
        if let Some((key, _)) = self.of_kind(Kind::Array).next() {
            return Some(columns_of(self.latitude().unwrap_or(key), cursor.source()));
        }
        let objects = self.of_kind(Kind::Object).count();
        if objects < 2 || objects < self.0.len() {
            return None;
        }
        Some(match self.latitude() {
            Some(key) => columns_of(key, cursor.source()),
            None => format!(
                "this JSON is an object of objects, with the records as its values; take them out: \
                 {}",
                cursor.source().packed("jq -c '.[]' {file}")
            ),
        })
    }

    /// The key of latitudes, if the keys are columns.
    fn latitude(&self) -> Option<&str> {
        let keys: Vec<String> = self.0.iter().map(|(key, _)| key.clone()).collect();
        let columns = columns::find(&keys, &[], &Wishes::default()).ok()?;
        self.0.get(columns.lat_lon()[0]).map(|(key, _)| key.as_str())
    }

    /// What to do with a record that holds its place in an object.
    fn nested(&self, cursor: Cursor<'a>, is_array: bool) -> Option<String> {
        let place = |(key, value): &(String, Value<'a>)| {
            let key = path(key)?;
            let inner = Members::of(cursor.back_to(*value));
            if inner
                .0
                .iter()
                .any(|(key, value)| key == "coordinates" && value.kind() == Kind::Array)
            {
                return Some(format!("lat: {key}.coordinates[1], lon: {key}.coordinates[0]"));
            }
            let keys: Vec<String> = inner.0.iter().map(|(key, _)| key.clone()).collect();
            let [lat, lon] = columns::find(&keys, &[], &Wishes::default()).ok()?.lat_lon();
            let [lat, lon] = [path(keys.get(lat)?)?, path(keys.get(lon)?)?];
            Some(format!("lat: {key}{lat}, lon: {key}{lon}"))
        };
        self.of_kind(Kind::Object).next()?;
        let packed = |line: &str| cursor.source().packed(line);
        let flatten = match self.of_kind(Kind::Object).find_map(place) {
            Some(place) if is_array => packed(&format!("jq -c 'map({{{place}, name}})' {{file}}")),
            Some(place) => packed(&format!("jq -c '{{{place}, name}}' {{file}}")),
            None => format!("like {}", packed(convert::NESTED)),
        };
        Some(format!("nested JSON is not read: flatten it, {flatten}"))
    }
}

/// What to do with records that an object has as its member `key`.
fn wrapped(key: &str, source: Source<'_>) -> String {
    if key == "elements" {
        return format!(
            "this JSON has its places in \"elements\", as OpenStreetMap's Overpass writes them; ask it \
             for [out:csv(::lat, ::lon, name; true)], or convert the file: {}",
            source.packed(OVERPASS)
        );
    }
    let path = path(key).unwrap_or_else(|| ".KEY".into());
    let key = shown(key.as_bytes());
    let line = source.packed(&format!("jq -c '{path}[]' {{file}}"));
    format!("this JSON has its records inside of {key}; take them out: {line}")
}

/// What to do with columns, one of which is `key`.
fn columns_of(key: &str, source: Source<'_>) -> String {
    let path = path(key).unwrap_or_else(|| ".KEY".into());
    let line = source.packed(&format!(
        "jq -c 'map_values([.[]]) | . as $c | range({path} | length) as $i | map_values(.[$i])' {{file}}"
    ));
    format!("this JSON holds columns, not records; turn it round: {line}")
}

/// A key as jq has it, if it is one that a shell leaves alone.
fn path(key: &str) -> Option<String> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_word =
        key.starts_with(is_letter) && key.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    is_word.then(|| format!(".{key}"))
}
