//! Which column holds the names of the cities. A wrong guess hurts names alone, so the likeliest is
//! taken without a question.
//!
//! Architecture Invariant: names of columns in, a column out.

use super::name::words;
use super::words::CITY_NAMES;

/// The column with names of cities, counted from 0, by the names of all columns. `qualifier` is what
/// the names of latitude and longitude have in common (`stop`).
pub(super) fn find(header: &[String], qualifier: &str) -> Option<usize> {
    let joined: Vec<String> = header.iter().map(|name| words(name).concat()).collect();
    let at = |wanted: &str| joined.iter().position(|name| name == wanted);
    let own =
        || (!qualifier.is_empty()).then(|| at(&(qualifier.replace(' ', "") + "name"))).flatten();
    let usual = || CITY_NAMES.split_ascii_whitespace().find_map(at);
    own().or_else(usual).or_else(|| with_a_word(header))
}

/// The first column with a word for "name" or "label" among others.
fn with_a_word(header: &[String]) -> Option<usize> {
    const WORDS: &[&str] = &["name", "label", "title", "nom", "nombre", "nome", "nazwa"];
    let has = |name: &String| words(name).iter().any(|word| WORDS.contains(&word.as_str()));
    header.iter().position(has)
}
