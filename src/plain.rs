//! Text of others → text that shows nothing but itself.
//!
//! A name in a list, a path or a line of a runs file may hold what steers a terminal, makes a second line
//! that looks like ours, or turns the order in which the rest of a line is read. What is shown to people goes
//! through here: reports their names, errors the whole message.
//!
//! Architecture Invariant: it does not know where the text comes from, nor where it is shown.

/// The text with each character that is not to be shown replaced by U+FFFD. What went through here once
/// stays as it is.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Whether a character does more than to be seen: control characters, line ends among them; those that have the
/// property Bidi_Control (Unicode Standard Annex 9); and U+FFFE and U+FFFF, which XML cannot hold (Extensible
/// Markup Language 1.0, production 2).
fn steers(c: char) -> bool {
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    c.is_control() || ends_line || turns || matches!(c, '\u{fffe}' | '\u{ffff}')
}
