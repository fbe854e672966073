//! Two decimal numbers in one text, of which only a name or a value can say which is which.
//!
//! What stands between them is a semicolon, a comma or blanks; around both may be brackets. A comma
//! is also the decimal sign of half the world, and the two uses are told apart so:
//!
//! - behind a semicolon or a slash, or with blanks alone between two numbers, commas are decimal signs;
//! - one comma beside a blank, within brackets, or beside a point or sign parts two numbers;
//! - one comma between nothing but digits (`48,85`) is taken for neither: it may be one number;
//! - everything else (`48,85, 2,35`) is refused.

use super::decimal::{is_blank, is_minus, plain};
use super::is_no_place;

/// The two numbers of a trimmed text, in the order in which they stand; `None` where it says that
/// there is no place. The error is the reason why there are none.
pub(super) fn two_decimals(text: &str) -> Result<Option<[f64; 2]>, String> {
    let inner = unbracketed(text);
    if inner.is_empty() {
        return Ok(None);
    }
    let [a, b] = halves(inner, inner.len() < text.len())?.map(|half| half.trim_matches(is_blank));
    if is_no_place(a.as_bytes(), b.as_bytes()) || is_no_place(b.as_bytes(), a.as_bytes()) {
        return Ok(None);
    }
    match (plain(a), plain(b)) {
        (Some(a), Some(b)) if a.is_finite() && b.is_finite() => Ok(Some([a, b])),
        (Some(_), Some(_)) => Err("not finite".into()),
        _ => Err(String::new()),
    }
}

/// The text within brackets, if it is in brackets, without blanks around it.
pub(super) fn unbracketed(text: &str) -> &str {
    let inner = [('(', ')'), ('[', ']'), ('{', '}')]
        .iter()
        .find_map(|&(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    inner.map_or(text, |inner| inner.trim_matches(is_blank))
}

/// The text parted in two.
fn halves(text: &str, is_bracketed: bool) -> Result<[&str; 2], &'static str> {
    for between in [';', '/'] {
        if let Some((a, b)) = text.split_once(between) {
            return if b.contains(between) { Err("more than two numbers") } else { Ok([a, b]) };
        }
    }
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    let is_comma_in_a_word =
        words.iter().all(|word| !word.starts_with(',') && !word.ends_with(','));
    match (text.matches(',').count(), &words[..]) {
        (0, [a, b]) => Ok([a, b]),
        (0, [] | [_]) => Err("one number or none"),
        (0, _) => Err("more than two numbers"),
        (1, [a, b]) if is_comma_in_a_word && !is_bracketed => Ok([a, b]),
        (1, [word]) if !is_bracketed && is_one_number(word) => {
            Err("one number with a decimal comma, or two")
        }
        (1, _) => Ok(text.split_once(',').map_or([text, ""], |(a, b)| [a, b])),
        (2, [a, b]) if has_decimal_comma(a) && has_decimal_comma(b) => Ok([a, b]),
        _ => Err(
            "which commas are decimal signs is not clear; write a semicolon between two numbers",
        ),
    }
}

/// Whether a word with one comma is nothing but digits on both sides of it, a sign aside.
fn is_one_number(word: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    word.trim_start_matches(|c| c == '+' || is_minus(c)).split(',').all(is_digits)
}

/// Whether a word has a comma between two digits.
fn has_decimal_comma(word: &str) -> bool {
    word.split_once(',').is_some_and(|(whole, fraction)| {
        whole.ends_with(|c: char| c.is_ascii_digit())
            && fraction.starts_with(|c: char| c.is_ascii_digit())
    })
}
