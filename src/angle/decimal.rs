//! One decimal number → `f64`, with the signs, blanks and commas that are not ASCII's or not
//! English.
//!
//! A comma is the decimal sign where it stands alone and in front of a digit: no degree has
//! thousands. Two such signs in one number are left to others to refuse.

/// Whether a character is only space to a reader: blanks of all widths, and the marks without width
/// (byte order, direction of writing) that copies of web pages have at their ends.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}' | '\u{202c}')
        || matches!(c, '\u{2060}' | '\u{feff}')
}

/// Whether a character is a minus sign, or a hyphen or dash that stands for one.
pub(super) fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

/// A field without the blanks around it.
pub(super) fn trimmed(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    let is_ascii = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii);
    if is_ascii(field.first()) && is_ascii(field.last()) {
        return field;
    }
    match std::str::from_utf8(field) {
        Ok(text) => text.trim_matches(is_blank).as_bytes(),
        Err(_) => field,
    }
}

/// The value of a decimal number without blanks, rounded correctly; it may be infinite or no number
/// (`inf`, `nan`).
pub(super) fn plain(text: &str) -> Option<f64> {
    if let Ok(value) = fast_float2::parse(text) {
        return Some(value);
    }
    let is_digit_next = |after: &str| after.starts_with(|c: char| c.is_ascii_digit());
    if text.split_once(',').is_some_and(|(_, after)| !is_digit_next(after)) {
        return None;
    }
    let mut ascii = [0; 64];
    let mut len = 0;
    for c in text.chars() {
        *ascii.get_mut(len)? = match c {
            ',' => b'.',
            _ if is_minus(c) => b'-',
            _ => u8::try_from(c).ok().filter(u8::is_ascii)?,
        };
        len += 1;
    }
    // A number with two decimal signs, whatever they were, is now none.
    fast_float2::parse(&ascii[..len]).ok()
}
