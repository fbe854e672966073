//! Notations of an angle and of a place, as people write them → degrees.
//!
//! In come the bytes of one field, out go degrees or a sentence that says why not. A field is read
//! only where its text leaves one reading: `48°75'N` has too many minutes, `-22 S` may be north or
//! south, `3° O` may be west or east, so all three are refused.
//!
//! Nearly every field of nearly every file is a plain decimal (`digits.rs`). [`degrees`] tries that
//! first and leaves all other notations to functions that are never inlined, so that they cost a plain
//! file nothing. A field is at most 256 bytes long, a point in WKT at most 512: longer text is refused
//! before it is looked at in detail, so no field takes more than a bounded time.
//!
//! Architecture Invariant: a notation knows its own text and, at most, that it is a latitude or a
//! longitude; it knows no column, no line and no file.

mod decimal;
mod digits;
mod geometry;
mod iso6709;
mod marked;
mod missing;
mod number;
mod pair;
mod place;
mod reference;
mod sexagesimal;
mod tokens;
mod wkb;

pub use missing::{is_missing, is_no_place};
pub use place::{Notation, Order, notation, place, two_numbers};

/// How long a field with a place may be, in bytes. The longest notations that people write
/// (degrees, minutes and seconds in words, for both axes) have about 100.
const LONGEST_FIELD: usize = 256;

/// What an angle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Degrees north.
    Latitude,
    /// Degrees east.
    Longitude,
}

impl Axis {
    /// Latitude, then longitude.
    pub const BOTH: [Axis; 2] = [Axis::Latitude, Axis::Longitude];

    /// "latitude" or "longitude".
    pub fn name(self) -> &'static str {
        match self {
            Axis::Latitude => "latitude",
            Axis::Longitude => "longitude",
        }
    }
}

/// Degrees of a field that holds one angle, in any notation that leaves one reading; the range is
/// not checked. −0° keeps its sign.
///
/// Decimal degrees are rounded correctly. So are degrees, minutes and seconds with at most nine
/// digits behind the decimal sign; with more, up to 18, the result is within 1.5 units in the last
/// place.
///
/// # Errors
/// What was expected, and what was found.
#[inline]
pub fn degrees(field: &[u8], axis: Axis) -> Result<f64, String> {
    match digits::plain_decimal(field) {
        Some(value) => Ok(value),
        None => any_notation(field, axis),
    }
}

/// The same in any notation.
#[inline(never)]
fn any_notation(field: &[u8], axis: Axis) -> Result<f64, String> {
    match fast_float2::parse::<f64, _>(field) {
        Ok(value) if value.is_finite() => Ok(value),
        _ => other_notation(field, axis),
    }
}

/// Degrees of a field that is no plain number, or has blanks around it.
#[cold]
fn other_notation(field: &[u8], axis: Axis) -> Result<f64, String> {
    let field = decimal::trimmed(field);
    read_angle(field, axis)
        .map_err(|reason| refusal(&format!("a {} in degrees", axis.name()), field, &reason))
}

/// The same for a field without blanks around it. The error is the reason alone, empty where there
/// is nothing to add to what was found.
fn read_angle(field: &[u8], axis: Axis) -> Result<f64, String> {
    let text = short_text(field)?;
    match decimal::plain(text) {
        Some(value) if value.is_finite() => Ok(value),
        Some(_) => Err("not finite".into()),
        None if is_missing(field) => Err(String::new()),
        None => sexagesimal::angle(&tokens::tokens(text), axis),
    }
}

/// A field as text; the error is the reason why it is refused unread.
fn short_text(field: &[u8]) -> Result<&str, String> {
    if field.len() > LONGEST_FIELD {
        return Err(format!("longer than {LONGEST_FIELD} bytes"));
    }
    std::str::from_utf8(field).map_err(|_| "not UTF-8".into())
}

/// The sentence of an error: what was expected, what was found, and in brackets why it is refused,
/// where that is known.
fn refusal(expected: &str, field: &[u8], reason: &str) -> String {
    let found = if field.is_empty() { "nothing".into() } else { shown(field) };
    let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    format!("expected {expected}, found {found}{reason}")
}

/// At most 40 bytes of a field in quotes, with everything escaped that a terminal would obey.
pub fn shown(field: &[u8]) -> String {
    const LONGEST: usize = 40;
    // Only the beginning is looked at: a field may be as long as the file. A character has at most
    // four bytes, so three more than are shown tell whether the last one is whole.
    let head = &field[..field.len().min(LONGEST + 3)];
    let (is_text, text) = match std::str::from_utf8(head) {
        Ok(text) => (true, text),
        // The cut may have gone through the last character; anything else is no UTF-8.
        Err(error) if error.error_len().is_none() && head.len() < field.len() => {
            (true, std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default())
        }
        Err(_) => (false, ""),
    };
    let more = if field.len() > LONGEST { "…" } else { "" };
    if !is_text {
        return format!("\"{}{more}\"", field[..field.len().min(LONGEST)].escape_ascii());
    }
    let end = (0..=text.len().min(LONGEST)).rev().find(|&end| text.is_char_boundary(end));
    let quoted = format!("{:?}", &text[..end.unwrap_or(0)]);
    format!("{}{more}\"", &quoted[..quoted.len() - 1])
}
