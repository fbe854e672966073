//! Both coordinates in one text: WKT, a pair with N, S, E and W, ISO 6709, or two numbers.
//!
//! [`notation`] looks at the shape alone, so that a text with a mistake in it (75 minutes, another
//! reference system) still counts as what it was meant to be, and [`place`] can say what is wrong.

use super::decimal::trimmed;
use super::geometry::Geometry;
use super::iso6709::Iso6709;
use super::marked::{self, Marked};
use super::pair::{two_decimals, unbracketed};
use super::tokens::tokens;
use super::wkb::Wkb;
use super::{is_missing, refusal, short_text, shown};

/// In which order two numbers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Latitude first.
    LatLon,
    /// Longitude first.
    LonLat,
}

/// How a text writes a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// WKT or EWKT of any geometry, or binary geometry in hexadecimal: longitude first.
    Geometry,
    /// Two angles that say themselves which is which: by N, S, E and W, or as ISO 6709.
    Marked,
    /// Two numbers, of which only a name or a value can say which is which.
    TwoNumbers,
}

/// How a text writes a place, as its shape tells; `None` if it is none, or says that there is none,
/// or is one number.
pub fn notation(text: &[u8]) -> Option<Notation> {
    let field = trimmed(text);
    if is_missing(field) {
        return None;
    }
    if Geometry::new(field).is_some() || Wkb::new(field).is_some() {
        return Some(Notation::Geometry);
    }
    let text = short_text(field).ok()?;
    let is_iso6709 = Iso6709::new(text).is_some_and(|iso| iso.has_its_digits());
    if is_iso6709 || Marked::new(&tokens(unbracketed(text))).is_some() {
        return Some(Notation::Marked);
    }
    matches!(two_decimals(text), Ok(Some(_))).then_some(Notation::TwoNumbers)
}

/// Latitude and longitude in degrees of a text that says itself which is which, the range not
/// checked; `None` where it says that there is no place (`POINT EMPTY`, nothing at all).
///
/// # Errors
/// What was expected, and what was found.
pub fn place(text: &[u8]) -> Result<Option<[f64; 2]>, String> {
    let field = trimmed(text);
    if is_missing(field) {
        return Ok(None);
    }
    if let Some(geometry) = Geometry::new(field) {
        return geometry.place();
    }
    if let Some(wkb) = Wkb::new(field) {
        return Err(format!(
            "expected a point in degrees, found WKB, a binary geometry in hexadecimal, {}; select {}",
            shown(field),
            wkb.query()
        ));
    }
    marked_place(field)
        .map(Some)
        .map_err(|reason| refusal("a latitude and a longitude in degrees", field, &reason))
}

/// The same for a text that is no geometry. The error is the reason alone.
fn marked_place(field: &[u8]) -> Result<[f64; 2], String> {
    let text = short_text(field)?;
    if let Some(iso) = Iso6709::new(text) {
        return iso.place();
    }
    let tokens = tokens(unbracketed(text));
    if let Some(marked) = Marked::new(&tokens) {
        return marked.place();
    }
    Err(match (two_decimals(text), marked::complaint(&tokens)) {
        (Ok(Some(_)), _) => "which of the two numbers is the latitude is not said".into(),
        (_, complaint) => complaint.unwrap_or_default().into(),
    })
}

/// The two numbers of a text like `48.9, 2.4`, `(48.9 2.4)` or `[48.9; 2.4]`, in degrees as they stand,
/// the range not checked; `None` where it says that there is no place.
///
/// # Errors
/// What was expected, and what was found.
pub fn two_numbers(text: &[u8]) -> Result<Option<[f64; 2]>, String> {
    let field = trimmed(text);
    if is_missing(field) {
        return Ok(None);
    }
    short_text(field)
        .and_then(two_decimals)
        .map_err(|reason| refusal("two numbers in degrees", field, &reason))
}
