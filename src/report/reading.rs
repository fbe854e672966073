//! What was taken from a list, left out and doubted, in lines for people.

use std::fmt::Write as _;

use super::{key_values, printable};
use crate::formats::{ColumnFact, ColumnFacts, Skipped};

/// Lines `columns:`, `left out:` and `note:`, as far as there is something to tell. A packed file has
/// no columns.
pub fn reading_text(columns: &ColumnFacts, skipped: &Skipped, notes: &[String]) -> String {
    let mut text = match columns_text(columns) {
        Some(columns) => key_values(&[("columns", columns)]),
        None => String::new(),
    };
    text.push_str(&skipped_text(skipped));
    text + &notes_text(notes)
}

/// Lines `note:`.
pub(super) fn notes_text(notes: &[String]) -> String {
    notes.iter().map(|note| key_values(&[("note", printable(note))])).collect()
}

fn columns_text(columns: &ColumnFacts) -> Option<String> {
    let roles = [
        ("latitude", &columns.latitude),
        ("longitude", &columns.longitude),
        ("name", &columns.name),
    ];
    let told =
        roles.iter().filter_map(|(role, fact)| Some(format!("{role} {}", fact.as_ref()?.text())));
    let told: Vec<String> = told.collect();
    let file = [Some(columns.form), columns.delimiter, columns.encoding, columns.compression];
    let file: Vec<&str> = file.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!told.is_empty()).then(|| format!("{}; {}", told.join(", "), file.join(", ")))
}

impl ColumnFact {
    /// Name and number, as far as there are any, and those of its parts.
    fn text(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(ColumnFact::text).collect();
        let with =
            if parts.is_empty() { String::new() } else { format!(" with {}", parts.join(" and ")) };
        let own = match (&self.name, self.number) {
            (Some(name), Some(number)) => format!("\"{}\" ({number})", printable(name)),
            (Some(name), None) => format!("\"{}\"", printable(name)),
            (None, Some(number)) => format!("({number})"),
            (None, None) => "as the form has it".into(),
        };
        own + &with
    }
}

/// A line with the counts, and one for each row shown; nothing if no row was left out.
fn skipped_text(skipped: &Skipped) -> String {
    let invalid = skipped.count - skipped.without_coordinates;
    let rows = |count: u64| if count == 1 { "row" } else { "rows" };
    let mut counts = Vec::new();
    if skipped.without_coordinates > 0 {
        let count = skipped.without_coordinates;
        counts.push(format!("{count} {} without coordinates", rows(count)));
    }
    if invalid > 0 {
        let are = if invalid == 1 { "is" } else { "are" };
        counts.push(format!("{invalid} {} that {are} no city", rows(invalid)));
    }
    if counts.is_empty() {
        return String::new();
    }
    let mut text = key_values(&[("left out", counts.join(", "))]);
    for problem in &skipped.first {
        let _ = writeln!(text, "  {}", printable(problem));
    }
    let more = invalid - skipped.first.len() as u64;
    if more > 0 {
        let _ = writeln!(text, "  and {more} more");
    }
    text
}
