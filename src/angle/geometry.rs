//! Geometry as text: WKT with or without a reference system before it, and WKB in hexadecimal →
//! latitude and longitude.
//!
//! WKT has the longitude first, always: `POINT (2.35 48.86)`. Z and M are not taken. PostGIS writes
//! `SRID=4326;` before it, SPARQL end points an address in angle brackets. What is no point is known
//! by its beginning and refused by its name, however long it is.

use super::reference::require_wgs84;
use super::{is_no_place, refusal};

/// The longest point that is read, in bytes.
const LONGEST_POINT: usize = 512;

/// The types of geometry, as OGC and PostGIS have them.
const TYPES: [&str; 18] = [
    "POINT",
    "MULTIPOINT",
    "LINESTRING",
    "MULTILINESTRING",
    "LINEARRING",
    "POLYGON",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "CIRCULARSTRING",
    "COMPOUNDCURVE",
    "CURVEPOLYGON",
    "MULTICURVE",
    "MULTISURFACE",
    "POLYHEDRALSURFACE",
    "TIN",
    "TRIANGLE",
    "BOX",
    "BOX3D",
];

/// What a message calls a geometry of several places.
const SEVERAL: &str = "MULTIPOINT of several points";

/// A text that begins like WKT.
pub(super) struct Geometry<'a> {
    /// All of it.
    text: &'a [u8],
    /// What stands before the type: `SRID=4326` or an address, or nothing.
    system: &'a [u8],
    /// One of [`TYPES`].
    kind: &'static str,
    /// What stands behind the type, from the first bracket on; nothing if it is `EMPTY`.
    body: &'a [u8],
}

impl<'a> Geometry<'a> {
    /// `None` if the trimmed text does not begin like WKT: a type, then an opening bracket and a
    /// number, or `EMPTY`.
    pub fn new(text: &'a [u8]) -> Option<Geometry<'a>> {
        let (system, rest) = split_system(text);
        let (word, rest) = split_word(rest.trim_ascii_start());
        let kind = kind(word)?;
        let (word, behind) = split_word(rest.trim_ascii_start());
        let is_dimension =
            ["Z", "M", "ZM"].iter().any(|tag| word.eq_ignore_ascii_case(tag.as_bytes()));
        let rest = if is_dimension { behind } else { rest }.trim_ascii_start();
        if rest.eq_ignore_ascii_case(b"EMPTY") {
            return Some(Geometry { text, system, kind, body: b"" });
        }
        let inner = rest.strip_prefix(b"(")?.trim_ascii_start();
        let is_number = match inner {
            [b'0'..=b'9' | b'+' | b'-' | b'.' | b'(', ..] => true,
            _ => {
                let (word, _) = split_word(inner);
                word.eq_ignore_ascii_case(b"nan") || self::kind(word).is_some()
            }
        };
        is_number.then_some(Geometry { text, system, kind, body: rest })
    }

    /// Latitude and longitude in degrees; `None` for an empty geometry, or one at a place that stands
    /// for none.
    ///
    /// # Errors
    /// What was expected, and what was found.
    pub fn place(&self) -> Result<Option<[f64; 2]>, String> {
        require_wgs84(self.system)?;
        if self.body.is_empty() {
            return Ok(None);
        }
        if self.kind != "POINT" && self.kind != "MULTIPOINT" {
            return Err(no_point(self.kind, self.system));
        }
        let refused = |reason: &str| refusal("a point in degrees", self.text, reason);
        if self.text.len() > LONGEST_POINT {
            return Err(refused(&format!("{} longer than {LONGEST_POINT} bytes", self.kind)));
        }
        let inner = unbracketed(self.body).ok_or_else(|| refused("its brackets do not match"))?;
        match (self.kind, inner.contains(&b',')) {
            ("POINT", false) => ordinates(inner).map_err(refused),
            ("POINT", true) => Err(refused(
                "in WKT a blank parts longitude and latitude, and the decimal sign is a point",
            )),
            (_, false) => ordinates(unbracketed(inner).unwrap_or(inner)).map_err(refused),
            (_, true) => Err(no_point(SEVERAL, self.system)),
        }
    }
}

/// What stands before the type, and the rest: `SRID=4326;` or `<address>`.
fn split_system(text: &[u8]) -> (&[u8], &[u8]) {
    let end = match text {
        [b'<', ..] => b'>',
        _ if text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"SRID")) => b';',
        _ => return (b"", text),
    };
    // Only the beginning is searched: what stands there is short.
    match text.iter().take(super::LONGEST_FIELD).position(|&byte| byte == end) {
        Some(at) if end == b';' => (&text[..at], &text[at + 1..]),
        Some(at) => (&text[..=at], &text[at + 1..]),
        None => (b"", text),
    }
}

/// The letters and digits at the beginning of a text, and the rest.
fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count())
}

/// The type of geometry that a word names, `Z`, `M` or `ZM` at its end aside.
fn kind(word: &[u8]) -> Option<&'static str> {
    const LONGEST: usize = "GEOMETRYCOLLECTIONZM".len();
    let word = word.get(..LONGEST + 1).map_or(word, |_| b"").to_ascii_uppercase();
    ["", "Z", "M", "ZM"].iter().find_map(|tag| {
        let name = word.strip_suffix(tag.as_bytes())?;
        TYPES.into_iter().find(|known| known.as_bytes() == name)
    })
}

/// The message for a geometry that has no one place. GDAL makes points of it, but not where a
/// reference system stands before it.
fn no_point(what: &str, system: &[u8]) -> String {
    let remedy = match (system, what) {
        ([], "GEOMETRYCOLLECTION" | SEVERAL) => {
            "make a feature of each place in it: ogr2ogr -f GeoJSON \
             /vsistdout/ FILE -oo GEOM_POSSIBLE_NAMES=COLUMN -explodecollections | farthest pack - \
             OUT.cities"
        }
        ([], _) => {
            "make a point of its centre: ogr2ogr -f GeoJSON /vsistdout/ FILE -oo \
             GEOM_POSSIBLE_NAMES=COLUMN -dialect sqlite -sql 'select ST_Centroid(geometry), * from LAYER' | \
             farthest pack - OUT.cities (ogrinfo FILE lists the layers)"
        }
        _ => {
            "where it comes from, make rows of its points with ST_Dump, or a point of its centre with \
              ST_Centroid"
        }
    };
    format!("expected a point, found {what}, which is not a single place; {remedy}")
}

/// What is within a pair of brackets, if the text has them at its ends.
fn unbracketed(text: &[u8]) -> Option<&[u8]> {
    text.trim_ascii().strip_prefix(b"(")?.strip_suffix(b")")
}

/// Latitude and longitude of `lon lat`, `lon lat z` or `lon lat z m`; the error is the reason why
/// there are none.
fn ordinates(text: &[u8]) -> Result<Option<[f64; 2]>, &'static str> {
    let words: Vec<&[u8]> =
        text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    let [lon, lat, others @ ..] = &words[..] else {
        return Err("a point has a longitude and a latitude");
    };
    let number = |word: &[u8]| fast_float2::parse::<f64, _>(word).ok();
    if others.len() > 2 || !others.iter().all(|word| number(word).is_some()) {
        return Err("behind longitude and latitude there may be two more numbers, Z and M");
    }
    if is_no_place(lat, lon) {
        return Ok(None);
    }
    match (number(lat), number(lon)) {
        (Some(lat), Some(lon)) if lat.is_finite() && lon.is_finite() => Ok(Some([lat, lon])),
        (Some(_), Some(_)) => Err("not finite"),
        _ => Err("longitude and latitude must be decimal numbers"),
    }
}
