//! An object that is no record but holds all of them in some way: in a list, as columns, by keys.

use super::members::{Members, path};
use super::{Advice, answer, place};
use crate::angle::shown;
use crate::formats::convert::Source;
use crate::formats::json::{Kind, Value};

/// Makes records of what Overpass writes: ways and relations have their place in `center`.
const OVERPASS: &str =
    "jq -c '.elements[] | (.center // .) + {name: .tags.name} | {lat, lon, name}' {file}";

/// How many levels of objects are searched for lists.
const LEVELS_MOST: usize = 3;

/// How many objects of a level are searched.
const OBJECTS_MOST: usize = 100;

/// How many lists of an object are looked at.
const LISTS_MOST: usize = 100;

/// How many items of a list are asked for their place.
const ITEMS_ASKED: usize = 10;

/// What to do with such an object.
pub fn advice(object: &Members<'_>, source: Source<'_>) -> Option<Advice> {
    let lists = lists(object);
    if let Some(list) = lists.iter().find(|list| list.place.is_some()) {
        return Some(list.advice(source));
    }
    if let Some(advice) = answer::advice(object) {
        return Some(advice);
    }
    if let Some(rows) = rows(object, "", source) {
        return Some(rows);
    }
    if let Some(list) = lists.first() {
        return Some(list.advice(source));
    }
    let inner = objects(object, "").take(OBJECTS_MOST);
    let all: Vec<_> = std::iter::once((String::new(), object.clone())).chain(inner).collect();
    all.iter()
        .find_map(|(at, table)| rows(table, at, source).or_else(|| columns_of(table, at, source)))
        .or_else(|| all.iter().find_map(|(_, table)| empty(table)))
        .or_else(|| by_keys(object, source))
}

/// Whether an object with a place of its own has a list of places too.
pub fn places(object: &Members<'_>, source: Source<'_>) -> Option<Advice> {
    lists(object).iter().find(|list| list.place.is_some()).map(|list| list.advice(source))
}

/// A list of objects within an object.
struct List<'a> {
    at: String,
    key: String,
    first: Members<'a>,
    /// Where the first items that have a place have it.
    place: Option<Vec<place::Place>>,
}

fn objects<'a>(object: &Members<'a>, at: &str) -> impl Iterator<Item = (String, Members<'a>)> {
    object.of_kind(Kind::Object).filter_map(move |(key, value)| {
        Some((format!("{at}{}", path(key)?), object.inside(*value)))
    })
}

/// The lists of an object, the nearest first.
fn lists<'a>(object: &Members<'a>) -> Vec<List<'a>> {
    let mut lists = lists_in(object, "");
    let mut level: Vec<_> = objects(object, "").take(OBJECTS_MOST).collect();
    for _ in 1..LEVELS_MOST {
        lists.extend(level.iter().flat_map(|(at, members)| lists_in(members, at)).take(LISTS_MOST));
        let inner = level.iter().flat_map(|(at, members)| objects(members, at));
        level = inner.take(OBJECTS_MOST).collect();
    }
    lists.truncate(LISTS_MOST);
    lists
}

fn lists_in<'a>(object: &Members<'a>, at: &str) -> Vec<List<'a>> {
    let list = |(key, value): &(String, Value<'a>)| {
        let mut items =
            object.items(*value).take(ITEMS_ASKED).filter(|item| item.kind() == Kind::Object);
        let first = object.inside(items.next()?);
        let mut all = std::iter::once(first.clone()).chain(items.map(|item| object.inside(item)));
        let place = all.find_map(|item| Some(place::of(item)).filter(|found| !found.is_empty()));
        let at = format!("{at}{}", path(key).unwrap_or_else(|| ".KEY".into()));
        Some(List { at, key: key.clone(), first, place })
    };
    object.of_kind(Kind::Array).filter_map(list).take(LISTS_MOST).collect()
}

impl List<'_> {
    fn advice(&self, source: Source<'_>) -> Advice {
        if self.key == "elements" && self.at == ".elements" {
            return Advice {
                found: "its places in \"elements\", as OpenStreetMap's Overpass writes them".into(),
                remedy: format!(
                    "ask it for [out:csv(::lat, ::lon, name; true)], or convert the file: {}",
                    source.packed(OVERPASS)
                ),
            };
        }
        let found = format!("its records inside of {}", shown(self.key.as_bytes()));
        let at = &self.at;
        let line = match self.place.as_deref() {
            Some(places @ [place::Place { members: Some(members), .. }, ..]) => {
                let line = source.packed(&format!("jq -c '{at} | map({{{members}}})' {{file}}"));
                return Advice { found, remedy: place::remedy("take them out", places, &line) };
            }
            None if self.has_values() => format!("jq -c '{at}[] | map_values(.value)' {{file}}"),
            _ => format!("jq -c '{at}[]' {{file}}"),
        };
        Advice { found, remedy: format!("take them out: {}", source.packed(&line)) }
    }

    /// Whether all members of a record are objects with a value, as in the results of SPARQL.
    fn has_values(&self) -> bool {
        let members = self.first.all();
        let has_value =
            |(_, value): &(String, Value<'_>)| self.first.inside(*value).get("value").is_some();
        !members.is_empty() && members.iter().all(has_value)
    }
}

/// What to do with arrays for rows, and the array of their header, if there is one beside them.
fn rows(object: &Members<'_>, at: &str, source: Source<'_>) -> Option<Advice> {
    let first = |value: &Value<'_>| object.items(*value).next().map(Value::kind);
    let of_kind =
        |kind| object.of_kind(Kind::Array).find(move |(_, value)| first(value) == Some(kind));
    let (rows, _) = of_kind(Kind::Array)?;
    let is_header = |key: &&str| object.get(key).as_ref().and_then(first) == Some(Kind::String);
    let header = ["columns", "fields", "header", "headers"].into_iter().find(is_header);
    let rows = format!("{at}{}[]", path(rows)?);
    let remedy = match header {
        Some(header) => {
            let line = format!("jq -r '{at}.{header}, {rows} | @csv' {{file}}");
            format!("write it as text: {}", source.packed(&line))
        }
        None => format!(
            "write it as text and say which number is the latitude: {} --lat COLUMN --lon COLUMN",
            source.packed(&format!("jq -r '{rows} | @csv' {{file}}"))
        ),
    };
    Some(Advice { found: "arrays for rows and no objects".into(), remedy })
}

/// What to do with columns: arrays, or objects with the same keys each.
fn columns_of(object: &Members<'_>, at: &str, source: Source<'_>) -> Option<Advice> {
    let keys = object.keys();
    let lat = place::pair(&keys).ok().map(|([lat, _], _)| lat);
    let is_column = |value: &Value<'_>| match value.kind() {
        Kind::Array => object.items(*value).next().is_some(),
        kind => kind == Kind::Object,
    };
    let are_arrays =
        || object.all().iter().all(|(_, value)| value.kind() == Kind::Array && is_column(value));
    let index = match lat {
        Some(lat) if is_column(&object.all()[lat].1) => lat,
        None if keys.len() > 1 && are_arrays() => 0,
        _ => return None,
    };
    let key = path(&keys[index]).unwrap_or_else(|| ".KEY".into());
    let inside = if at.is_empty() { String::new() } else { format!("{at} | ") };
    let line = source.packed(&format!(
        "jq -c '{inside}map_values([.[]]) | . as $c | range({key} | length) as $i | map_values(.[$i])' {{file}}"
    ));
    Some(Advice { found: "columns, not records".into(), remedy: format!("turn it round: {line}") })
}

fn empty(object: &Members<'_>) -> Option<Advice> {
    let (key, remark) = answer::empty(object)?;
    let remark = remark.map_or_else(String::new, |remark| format!(", and the remark {remark}"));
    let found = format!("nothing in its list {key}{remark}");
    Some(Advice { found, remedy: "ask again for a list that is not empty".into() })
}

/// What to do with an object whose members are the records.
fn by_keys(object: &Members<'_>, source: Source<'_>) -> Option<Advice> {
    let objects = object.of_kind(Kind::Object).count();
    if objects < 2 || objects < object.all().len() {
        return None;
    }
    let places =
        object.all().iter().take(ITEMS_ASKED).map(|(_, value)| place::of(object.inside(*value)));
    let line = match places.into_iter().find(|found| !found.is_empty()).as_deref() {
        Some(places @ [place::Place { members: Some(members), .. }, ..]) => {
            let line = source.packed(&format!("jq -c '[.[]] | map({{{members}}})' {{file}}"));
            place::remedy("take them out", places, &line)
        }
        _ => format!("take them out: {}", source.packed("jq -c '.[]' {file}")),
    };
    let found = "an object of objects, with the records as its values".into();
    Some(Advice { found, remedy: line })
}
