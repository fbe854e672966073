//! One field of text: from bytes to a coordinate, or to a sentence that says why not.
//!
//! Architecture Invariant: a field does not know its line or its file.

use crate::cities::Coordinates;

/// Whether the first word of `line` is a number, NaN and infinity included: they are no
/// coordinates, but a line that begins with one is data, not a header.
pub(super) fn looks_like_number(line: &[u8]) -> bool {
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or(line);
    std::str::from_utf8(word).is_ok_and(|word| word.parse::<f64>().is_ok())
}

/// Coordinates from the two fields, each in decimal degrees.
pub(super) fn coordinates(lat: &[u8], lon: &[u8]) -> Result<Coordinates, String> {
    Coordinates::new(degrees(lat, "latitude")?, degrees(lon, "longitude")?)
}

/// A finite decimal number of degrees: "25", "25.0", "-3.5e1".
fn degrees(field: &[u8], what: &str) -> Result<f64, String> {
    let field = field.trim_ascii();
    match fast_float2::parse::<f64, _>(field) {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("expected a {what} in decimal degrees, found {}", complaint(field))),
    }
}

/// What a field is that is no finite number.
fn complaint(field: &[u8]) -> String {
    if field.is_empty() {
        return "nothing".into();
    }
    let Ok(text) = std::str::from_utf8(field) else {
        return format!("bytes that are not UTF-8: {}", shown(field));
    };
    let is_number = text.parse::<f64>().is_ok();
    let has_comma = text.replacen(',', ".", 1).parse::<f64>().is_ok();
    match (is_number, has_comma) {
        (true, _) => format!("{}, which is not finite", shown(field)),
        (_, true) => format!("{} (the decimal sign is a point, not a comma)", shown(field)),
        _ => shown(field),
    }
}

/// At most 40 bytes of a field in quotes, with everything escaped that a terminal would obey.
pub(super) fn shown(field: &[u8]) -> String {
    let (head, more) = if field.len() > 40 { (&field[..40], "…") } else { (field, "") };
    match std::str::from_utf8(field) {
        Ok(text) if more.is_empty() => format!("{text:?}"),
        _ => format!("\"{}{more}\"", head.escape_ascii()),
    }
}
