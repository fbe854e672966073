//! The member `crs` of GeoJSON before RFC 7946, and `coordRefSys` of JSON-FG: degrees in WGS 84, or
//! refused.
//!
//! The names of that system are many: `urn:ogc:def:crs:OGC:1.3:CRS84`, `EPSG:4326`,
//! `http://www.opengis.net/def/crs/EPSG/0/4326`, and more. In GeoJSON all of them have longitude first.

use serde_json::Value as Tree;

use crate::angle::shown;
use crate::error::{Error, Result};
use crate::formats::convert;
use crate::formats::json::{Cursor, Kind};

/// Names of reference systems are short; nothing longer is looked at.
const BYTES_MOST: usize = 10_000;

/// Whether a member of this name says which reference system the coordinates are in.
pub fn is_crs(key: &[u8]) -> bool {
    matches!(key, b"crs" | b"coordRefSys")
}

/// The refusal of an object's reference system, wherever it stands in the object at the cursor.
/// `None` if that is degrees in WGS 84, or not said, or the object is no JSON.
pub fn refusal_in(mut cursor: Cursor<'_>) -> Option<Error> {
    let mut is_first = true;
    cursor.enter(b'{');
    while let Ok(Some(key)) = cursor.member(&mut is_first) {
        if !is_crs(&key) {
            cursor.value().ok()?;
        } else if let Err(error) = require_degrees(&key, &mut cursor) {
            return Some(error);
        }
    }
    None
}

/// Takes the value of the member `key`, like `crs`, and says whether it is null: then nothing is known, and RFC 7946
/// alone says that the coordinates are degrees.
///
/// # Errors
/// The system is another, or cannot be told.
pub fn require_degrees(key: &[u8], cursor: &mut Cursor<'_>) -> Result<bool> {
    let value = cursor.value()?;
    if value.kind() == Kind::Null {
        return Ok(true);
    }
    let tree = match value.raw.len() {
        0..=BYTES_MOST => serde_json::from_slice::<Tree>(value.raw).unwrap_or_default(),
        _ => Tree::Null,
    };
    let found = match name(&tree) {
        Some(name) if is_wgs84(&name) => return Ok(false),
        Some(name) => end_of(&name),
        None if tree["type"] == "link" => match &tree["properties"]["href"] {
            Tree::String(link) => {
                format!("behind the link {}, which is not followed", end_of(link))
            }
            _ => "behind a link that is not there".into(),
        },
        None => format!("{}, which names none", shown(value.raw)),
    };
    let problem = format!(
        "expected degrees in WGS 84 (CRS84 or EPSG:4326), found the reference system {found}, in the \
         member {}; convert it: {}",
        shown(key),
        cursor.source().packed(convert::GDAL)
    );
    Err(cursor.error_at(value.at, problem))
}

/// The name of the system, in any of the ways in which files say it: the specification of 2008, the
/// draft before it, a string alone; or a reference of JSON-FG.
fn name(crs: &Tree) -> Option<String> {
    let properties = &crs["properties"];
    match (crs, &properties["name"], &properties["code"]) {
        _ if crs["href"].is_string() => crs["href"].as_str().map(String::from),
        (Tree::String(name), ..) | (_, Tree::String(name), _) => Some(name.clone()),
        (_, _, Tree::String(code)) => Some(format!("EPSG:{code}")),
        (_, _, Tree::Number(code)) => Some(format!("EPSG:{code}")),
        _ => None,
    }
}

/// The end of a name or a link for a message: what differs stands last in it.
fn end_of(name: &str) -> String {
    const BYTES_MOST: usize = 40;
    let cut = name.len().saturating_sub(BYTES_MOST);
    let begin = (cut..=name.len()).find(|&at| name.is_char_boundary(at)).unwrap_or(0);
    let more = if begin > 0 { "…" } else { "" };
    format!("{more}{}", shown(&name.as_bytes()[begin..]))
}

fn is_wgs84(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words[..] {
        [.., "CRS84" | "CRS84H" | "EPSG4326"] | ["WGS84"] | ["WGS", "84"] => true,
        [.., "4326"] => words.contains(&"EPSG"),
        _ => false,
    }
}
