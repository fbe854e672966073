//! JSON that is no flat records: what it is instead, and the command that makes records of it.
//!
//! This is asked only where no columns were found, or a column holds no fields. Nothing is read here
//! in another way; the shape of the first objects only chooses the advice.

mod answer;
mod members;
mod place;
mod table;

use crate::angle::{self, Axis, shown};
use crate::columns::Rank;
use crate::error::Error;
use crate::formats::convert;
use crate::formats::json::{Cursor, Items, Kind, Value};
use members::Members;

/// How many records are asked where they hold their place.
const RECORDS_ASKED: usize = 100;

/// Why no place was found.
pub enum Problem {
    /// The names of the keys do not tell of one, which the advice says better where there is any.
    NoColumns(String),
    /// It should stand under keys that are told.
    UnderKeys(String),
}

/// What stands in the file instead of flat records, and what to do.
struct Advice {
    found: String,
    remedy: String,
}

/// The error for a first item that is no object.
pub fn no_record(mut cursor: Cursor<'_>) -> Error {
    let at = cursor.offset();
    let value = match cursor.value() {
        Ok(value) => value,
        Err(error) => return error,
    };
    let line = cursor.source().packed("jq -r '.[] | @csv' {file}");
    let problem = match value.kind() {
        Kind::Array if is_header(&cursor, value) => format!(
            "expected JSON records (objects with keys), found an array of arrays, the first of which looks \
             like a header; write it as text: {line}"
        ),
        Kind::Array => format!(
            "expected JSON records (objects with keys), found an array of arrays, which does not say \
             which number is the latitude; write it as text and say which: {line} --lat 1 --lon 2, or the \
             other way round"
        ),
        kind => format!(
            "expected JSON records (objects with keys) or GeoJSON, found {}; write one object a city",
            kind.name()
        ),
    };
    cursor.error_at(at, problem)
}

/// Whether an array has nothing but text, and none of that is a number.
fn is_header(cursor: &Cursor<'_>, array: Value<'_>) -> bool {
    let is_name = |item: Value<'_>| {
        item.string().is_some_and(|text| angle::degrees(&text, Axis::Longitude).is_err())
    };
    cursor.items_of(array).next().is_some() && cursor.items_of(array).all(is_name)
}

/// The error for records, the first of them at the cursor, in which no place was found because of
/// `problem`. `rest` are those after it.
pub fn explain(mut first: Cursor<'_>, rest: Items, problem: &Problem) -> Error {
    let at = first.offset();
    let object = is_alone(first, rest).then(|| Members::of(first));
    let whole = object.as_ref().filter(|_| !rest.is_array());
    first.number_item(if whole.is_some() { 0 } else { 1 });
    let source = first.source();
    let advice = whole
        .and_then(|object| table::advice(object, source))
        .or_else(|| answer::advice(object.as_ref()?))
        .or_else(|| nested(first, rest));
    let problem = match (advice, problem) {
        (Some(Advice { found, remedy }), Problem::NoColumns(_)) => format!(
            "expected JSON records with a latitude and a longitude each, found {found}; {remedy}"
        ),
        (Some(Advice { found, remedy }), Problem::UnderKeys(problem)) => {
            format!("{problem}; this JSON has {found}: {remedy}")
        }
        (None, Problem::NoColumns(problem) | Problem::UnderKeys(problem)) => problem.to_string(),
    };
    first.error_at(at, problem)
}

/// Refuses one object that has a place and a list of places too: either may be meant.
pub fn require_one_list(mut first: Cursor<'_>, rest: Items) -> Result<(), Error> {
    let at = first.offset();
    let Some(Advice { found, remedy }) = list_of_places(first, rest) else { return Ok(()) };
    let problem = format!(
        "expected one city or a list of cities, found a place and {found}, with places too; {remedy}"
    );
    Err(first.error_at(at, problem))
}

/// Refuses `x` and `y` beside an object with latitude and longitude: they may be a place on a screen.
pub fn require_nothing_better(mut first: Cursor<'_>, rest: Items) -> Result<(), Error> {
    let places = place::within(Members::of(first));
    let Some(better) = places.iter().find(|place| place.rank < Rank::Plane) else { return Ok(()) };
    let at = first.offset();
    let problem = format!(
        "expected one place, found x and y, and another place in {}; say --lat y --lon x, or {}",
        shown(better.at.as_bytes()),
        flattening(&places, first, rest)
    );
    Err(first.error_at(at, problem))
}

/// The error for records whose columns are refused with `problem`. That means little if the first is an
/// object that has a list of places.
pub fn refuse(mut first: Cursor<'_>, rest: Items, problem: String) -> Error {
    let at = first.offset();
    match list_of_places(first, rest) {
        Some(_) => explain(first, rest, &Problem::NoColumns(problem)),
        None => first.error_at(at, problem),
    }
}

/// What to do if all of the file is one object that has a list of places.
fn list_of_places(first: Cursor<'_>, rest: Items) -> Option<Advice> {
    let is_object = !rest.is_array() && is_alone(first, rest);
    is_object.then(|| table::places(&Members::of(first), first.source())).flatten()
}

/// Whether the first record is the only one.
fn is_alone(mut first: Cursor<'_>, mut rest: Items) -> bool {
    first.value().is_ok() && !rest.next(&mut first).unwrap_or(true)
}

/// What to do with records that hold their place in an object.
fn nested(first: Cursor<'_>, mut rest: Items) -> Option<Advice> {
    let mut cursor = first;
    let mut has_objects = false;
    let mut places = Vec::new();
    for _ in 0..RECORDS_ASKED {
        let record = Members::of(cursor);
        has_objects |= record.of_kind(Kind::Object).next().is_some();
        places = place::of(record);
        let is_found = places.iter().any(|place| place.members.is_some());
        if is_found || cursor.value().is_err() || !rest.next(&mut cursor).unwrap_or(false) {
            break;
        }
    }
    let remedy = match places.first() {
        Some(place::Place { members: Some(_), .. }) => flattening(&places, first, rest),
        _ if has_objects => format!("flatten it, like {}", first.source().packed(convert::NESTED)),
        _ => return None,
    };
    Some(Advice { found: "nested JSON, which is not read".into(), remedy })
}

/// How jq makes flat records of those that hold their place in one of `places`.
fn flattening(places: &[place::Place], first: Cursor<'_>, rest: Items) -> String {
    let members = places.first().and_then(|place| place.members.as_deref()).unwrap_or("lat, lon");
    let line = match rest.is_array() {
        true => format!("jq -c 'map({{{members}}})' {{file}}"),
        false => format!("jq -c '{{{members}}}' {{file}}"),
    };
    place::remedy("flatten it", places, &first.source().packed(&line))
}
