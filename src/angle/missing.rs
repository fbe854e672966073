//! Fields that say that they have no value, and pairs of fields that say that there is no place.
//!
//! A pair is looked at in every row of every file, so the usual case must cost next to nothing: no
//! field of such a pair begins like a usual latitude, and the first characters of the latitude
//! decide. Half a place is a mistake and not an absence, so one field of a pair never suffices.

use super::decimal::{is_minus, plain, trimmed};

/// What programs write where they have no value, in any case: R, pandas, databases, spreadsheets,
/// Lua and C. The words for it in a natural language ("unknown") are not here: they are many, and
/// a row that has one is shown rather than left out.
const WORDS: [&str; 11] =
    ["NA", "N/A", "#N/A", "<NA>", "NaN", "-NaN", "null", "(null)", "None", "nil", "\\N"];

/// The longest field that says that it has no value: three dashes of three bytes.
const LONGEST: usize = 9;

/// Whether a field says that it has no value: it is empty, or a word for nothing (NA, N/A, #N/A,
/// NaN, null, None, nil, \N, in any case), or one to three dashes, or one or two points.
pub fn is_missing(field: &[u8]) -> bool {
    let field = trimmed(field);
    if field.len() > LONGEST {
        return false;
    }
    let Ok(text) = std::str::from_utf8(field) else { return false };
    let is_dash = |c: char| is_minus(c) || c == '\u{2014}';
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || matches!(text, "" | "." | "..")
        || (text.chars().all(is_dash) && text.chars().count() <= 3)
}

/// Whether two fields together say that there is no place: both missing; 91 and 181 (ITU-R M.1371);
/// or both nothing but nines, two at least, and both out of range (-999.99 and -999.99).
#[inline]
pub fn is_no_place(lat: &[u8], lon: &[u8]) -> bool {
    may_be_none(lat) && says_none(lat, lon)
}

/// Whether a latitude could be that of no place, by its first characters.
#[inline]
fn may_be_none(lat: &[u8]) -> bool {
    let field = lat.trim_ascii_start();
    let digits = match field {
        [b'+' | b'-', rest @ ..] => rest,
        _ => field,
    };
    let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
    match &digits[zeros..] {
        [b'9', b'1' | b'9', ..] => true,
        [b'1'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => false,
        [] => zeros == 0,
        _ => true,
    }
}

#[cold]
fn says_none(lat: &[u8], lon: &[u8]) -> bool {
    if is_missing(lat) || is_missing(lon) {
        return is_missing(lat) && is_missing(lon);
    }
    let number = |field| std::str::from_utf8(field).ok().and_then(plain);
    let (lat, lon) = (trimmed(lat), trimmed(lon));
    let (Some(lat_value), Some(lon_value)) = (number(lat), number(lon)) else { return false };
    let is_out_of_range = lat_value.abs() > 90.0 && !(-180.0..=360.0).contains(&lon_value);
    (lat_value == 91.0 && lon_value == 181.0)
        || (is_out_of_range && is_all_nines(lat) && is_all_nines(lon))
}

/// Whether a number has two nines or more and no other digit, sign, decimal sign and the zeros
/// behind it aside: a column of numbers may write -9999 as -9999.0.
fn is_all_nines(number: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(number) else { return false };
    let mut digits = text.trim_start_matches(|c| c == '+' || is_minus(c));
    if digits.contains(['.', ',']) {
        digits = digits.trim_end_matches('0');
    }
    digits.chars().all(|c| matches!(c, '9' | '.' | ',')) && digits.matches('9').count() >= 2
}
