//! Where a record that is not flat holds its place, and how jq takes it from there.
//!
//! The objects in a record are looked at level by level, for the nearest place is the record's own:
//! Google's geocoder has `location` beside `viewport.northeast`. Of several on one level none is
//! better.

use super::members::{Members, path};
use crate::angle::shown;
use crate::columns::{self, Complaint, Rank, Wishes};
use crate::formats::json::{Kind, Value};

/// How many levels are looked at.
const LEVELS_MOST: usize = 4;

/// How many objects of a level are looked at.
const OBJECTS_MOST: usize = 1_000;

/// Objects with more keys are not asked: they are tables.
const KEYS_MOST: usize = 200;

/// A place within a record.
pub struct Place {
    /// The path to the object that holds it; empty if that is the record itself.
    pub at: String,
    /// The members of a flat record, as jq makes them; `None` if the record is flat already.
    pub members: Option<String>,
    pub rank: Rank,
}

/// An object within a record.
struct Inner<'a> {
    at: String,
    members: Members<'a>,
    /// The name of the record, as far as it stands in this object or around it.
    name: Option<String>,
}

/// The places of a record on the first level that has any: its own, if it has one.
pub fn of(record: Members<'_>) -> Vec<Place> {
    nearest(vec![Inner::of(record)])
}

/// The same without its own.
pub fn within(record: Members<'_>) -> Vec<Place> {
    nearest(Inner::of(record).objects().collect())
}

fn nearest(mut level: Vec<Inner<'_>>) -> Vec<Place> {
    for _ in 0..LEVELS_MOST {
        let found: Vec<Place> = level.iter().filter_map(Inner::place).collect();
        if !found.is_empty() {
            return found;
        }
        level = level.iter().flat_map(Inner::objects).take(OBJECTS_MOST).collect();
    }
    Vec::new()
}

/// The words for what to do, with a line that takes the first of some places.
pub fn remedy(what: &str, places: &[Place], line: &str) -> String {
    const SHOWN: usize = 5;
    if let [_] = places {
        return format!("{what}: {line}");
    }
    let at: Vec<String> =
        places.iter().take(SHOWN).map(|place| shown(place.at.as_bytes())).collect();
    format!("its places may be {}; say which, as in: {line}", at.join(" or "))
}

/// The member of a flat record that is its name, as jq makes it.
fn name_of(at: &str, members: &Members<'_>) -> Option<String> {
    let is_text = |value: &Value<'_>| matches!(value.kind(), Kind::String | Kind::Number);
    let texts = members.all().iter().filter(|(_, value)| is_text(value));
    let keys: Vec<String> = texts.map(|(key, _)| key.clone()).collect();
    let key = path(&keys[columns::find_name(&keys)?])?;
    Some(match (at, &key[..]) {
        ("", ".name") => "name".to_string(),
        _ => format!("name: {at}{key}"),
    })
}

impl<'a> Inner<'a> {
    fn of(record: Members<'a>) -> Inner<'a> {
        let mut record = Inner { at: String::new(), name: name_of("", &record), members: record };
        if record.name.is_none() {
            let beside = record.objects().find_map(|inner| inner.name);
            record.name = beside;
        }
        record
    }

    fn objects(&self) -> impl Iterator<Item = Inner<'a>> {
        self.members.of_kind(Kind::Object).filter_map(|(key, value)| {
            let at = self.at.clone() + &path(key)?;
            let members = self.members.inside(*value);
            let name = self.name.clone().or_else(|| name_of(&at, &members));
            Some(Inner { at, members, name })
        })
    }

    fn place(&self) -> Option<Place> {
        let is_record = self.at.is_empty();
        let flat = |rank| Some(Place { at: String::new(), members: None, rank });
        let found = pair(&self.members.keys());
        let (members, rank) = match (self.point(), self.scaled(), found) {
            (Some(point), ..) => point,
            (_, Some(scaled), _) => (scaled, Rank::Pair),
            (.., Ok((columns, rank))) if self.are_flat(columns) => match is_record {
                true => return flat(rank),
                false => (self.values(columns, |key| key)?, rank),
            },
            (.., Ok((columns, rank))) if self.are_typed(columns) => {
                (self.values(columns, |key| format!("({key} | .[]? // .)"))?, rank)
            }
            // What is refused in the record itself is refused when it is read; features are read.
            (.., Err(Complaint::Refused(_))) if is_record => return flat(Rank::Pair),
            _ if is_record && self.is_feature() => return flat(Rank::Pair),
            _ => return None,
        };
        let name = self.name.as_deref().unwrap_or("name");
        Some(Place { at: self.at.clone(), members: Some(format!("{members}, {name}")), rank })
    }

    /// The place in a member `coordinates` of an object within the record.
    fn point(&self) -> Option<(String, Rank)> {
        let array = self.members.get("coordinates").filter(|_| !self.at.is_empty())?;
        let at = &self.at;
        if self.members.get("type").and_then(Value::string).as_deref() == Some(b"Point") {
            let members = format!("lat: {at}.coordinates[1], lon: {at}.coordinates[0]");
            return Some((members, Rank::Pair));
        }
        let first = self.members.items(array).next()?;
        (first.kind() == Kind::Number).then(|| (format!("place: {at}.coordinates"), Rank::Both))
    }

    /// The place if it is in ten millionths of a degree, as in Google's history of locations.
    fn scaled(&self) -> Option<String> {
        let all = self.members.all().iter();
        let (at, keys): (Vec<usize>, Vec<String>) = (0..)
            .zip(all)
            .filter_map(|(at, (key, _))| Some((at, key.strip_suffix("E7")?.to_string())))
            .unzip();
        let ([lat, lon], _) = pair(&keys).ok()?;
        self.values([at[lat], at[lon]], |key| format!("({key} | if . then . / 1e7 else . end)"))
    }

    /// Latitude and longitude as jq makes them of two members.
    fn values(&self, columns: [usize; 2], value: impl Fn(String) -> String) -> Option<String> {
        let [lat, lon] = columns.map(|column| path(&self.members.all()[column].0));
        let [lat, lon] = [lat?, lon?].map(|key| value(self.at.clone() + &key));
        Some(format!("lat: {lat}, lon: {lon}"))
    }

    fn are_flat(&self, columns: [usize; 2]) -> bool {
        columns.iter().all(|&column| is_flat(self.members.all()[column].1))
    }

    /// Whether values are numbers with their type, like `{"$numberDouble": "1.5"}`.
    fn are_typed(&self, columns: [usize; 2]) -> bool {
        columns.iter().all(|&column| {
            let members = self.members.inside(self.members.all()[column].1);
            let [(_, only)] = members.all() else { return false };
            is_flat(*only) && fast_float2::parse::<f64, _>(&*only.field()).is_ok()
        })
    }

    /// Whether this is a feature of GeoJSON, which is read as it is.
    fn is_feature(&self) -> bool {
        let kind = self.members.get("type").and_then(Value::string);
        kind.as_deref() == Some(b"Feature") && self.members.get("geometry").is_some()
    }
}

fn is_flat(value: Value<'_>) -> bool {
    !matches!(value.kind(), Kind::Array | Kind::Object)
}

/// Latitude and longitude among keys.
pub fn pair(keys: &[String]) -> Result<([usize; 2], Rank), Complaint> {
    if keys.len() > KEYS_MOST {
        return Err(Complaint::None("expected fewer keys".into()));
    }
    let columns = columns::find(keys, &[], &Wishes::default())?;
    Ok((columns.lat_lon(), columns.rank()))
}
