//! The member `crs` of GeoJSON before RFC 7946: degrees in WGS 84, or refused.
//!
//! The names of that system are many: `urn:ogc:def:crs:OGC:1.3:CRS84`, `EPSG:4326`,
//! `http://www.opengis.net/def/crs/EPSG/0/4326`, and more. In GeoJSON all of them have longitude first.

use serde_json::Value as Tree;

use crate::angle::shown;
use crate::error::Result;
use crate::formats::convert;
use crate::formats::json::{Cursor, Kind};

/// Names of reference systems are short; nothing longer is looked at.
const BYTES_MOST: usize = 10_000;

/// Takes the value of a member `crs`, and says whether it is null: then nothing is known, and RFC 7946
/// alone says that the coordinates are degrees.
///
/// # Errors
/// The system is another, or cannot be told.
pub fn require_degrees(cursor: &mut Cursor<'_>) -> Result<bool> {
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
        Some(name) => shown(name.as_bytes()),
        None if tree["type"] == "link" => "a link to a description, which is not followed".into(),
        None => format!("{}, which names none", shown(value.raw)),
    };
    let problem = format!(
        "expected degrees in WGS 84 (CRS84 or EPSG:4326), found the reference system {found}, in the \
         member \"crs\"; convert it: {}",
        cursor.source().packed(convert::GDAL)
    );
    Err(cursor.error_at(value.at, problem))
}

/// The name of the system, in any of the ways in which files say it: the specification of 2008, the
/// draft before it, or a string alone.
fn name(crs: &Tree) -> Option<String> {
    let properties = &crs["properties"];
    match (crs, &properties["name"], &properties["code"]) {
        (Tree::String(name), ..) | (_, Tree::String(name), _) => Some(name.clone()),
        (_, _, Tree::String(code)) => Some(format!("EPSG:{code}")),
        (_, _, Tree::Number(code)) => Some(format!("EPSG:{code}")),
        _ => None,
    }
}

fn is_wgs84(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words[..] {
        [.., "CRS84" | "EPSG4326"] | ["WGS84"] | ["WGS", "84"] => true,
        [.., "4326"] => words.contains(&"EPSG"),
        _ => false,
    }
}
