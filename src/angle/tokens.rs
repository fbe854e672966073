//! The text of angles → numbers, marks and letters.
//!
//! The many signs that people use for one thing (five minus signs, three degree signs, a dozen for
//! minutes and seconds) become one token here, so that the grammar of angles need not know them.
//! What is none of these becomes [`Token::Other`], which no notation has.

use super::Axis;
use super::decimal::{is_blank, is_minus};

/// A part of the text of an angle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Digits with points and commas between them; at least one digit.
    Number(&'a str),
    Minus,
    Plus,
    /// °, d, deg.
    Degree,
    /// ', min.
    Minute,
    /// ", '', sec.
    Second,
    Colon,
    /// A comma that is not within a number, a semicolon or a slash.
    Separator,
    /// One or more of them.
    Blank,
    Letter(Letter),
    Other,
}

/// A letter that gives an angle its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letter {
    North,
    South,
    East,
    West,
    /// A small s: south, or seconds where it stands behind a third number.
    SmallS,
    /// West in French and Spanish, east in German.
    O,
}

impl Letter {
    /// The axis that the letter belongs to.
    pub fn axis(self) -> Axis {
        match self {
            Letter::North | Letter::South | Letter::SmallS => Axis::Latitude,
            Letter::East | Letter::West | Letter::O => Axis::Longitude,
        }
    }
}

/// The tokens of a text, in their order.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, len) = first_token(rest, first);
        if token != Token::Blank || tokens.last() != Some(&Token::Blank) {
            tokens.push(token);
        }
        rest = &rest[len..];
    }
    tokens
}

/// The tokens without blanks at either end.
pub(super) fn without_blanks<'t, 'a>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    while let [Token::Blank, rest @ ..] | [rest @ .., Token::Blank] = tokens {
        tokens = rest;
    }
    tokens
}

/// The first token of a text that begins with the character `first`, and its length in bytes.
fn first_token(text: &str, first: char) -> (Token<'_>, usize) {
    let digits = number_len(text.as_bytes());
    if digits > 0 {
        return (Token::Number(&text[..digits]), digits);
    }
    if first.is_ascii_alphabetic() {
        let len = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        return (word(&text[..len]), len);
    }
    let token = match first {
        '+' => Token::Plus,
        ':' => Token::Colon,
        ',' | ';' | '/' => Token::Separator,
        '°' | 'º' | '˚' => Token::Degree,
        '"' | '″' | '”' | '“' | '\u{2ba}' | '\u{ff02}' => Token::Second,
        _ if is_minute_mark(first) => {
            let second = text[first.len_utf8()..].chars().next();
            match second.filter(|&c| is_minute_mark(c)) {
                Some(second) => return (Token::Second, first.len_utf8() + second.len_utf8()),
                None => Token::Minute,
            }
        }
        _ if is_minus(first) => Token::Minus,
        _ if is_blank(first) => Token::Blank,
        _ => Token::Other,
    };
    (token, first.len_utf8())
}

fn is_minute_mark(c: char) -> bool {
    matches!(c, '\'' | '′' | '’' | '‘' | '´' | '`' | '\u{2b9}' | '\u{2bc}' | '\u{ff07}')
}

/// How many bytes of the text are a number. A decimal sign belongs to it if a digit follows; a comma
/// only within a number, since in front of one it parts two angles.
fn number_len(text: &[u8]) -> usize {
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let mut len = 0;
    loop {
        match text.get(len) {
            Some(b'0'..=b'9') => len += 1,
            Some(b'.') if is_digit(len + 1) => len += 2,
            Some(b',') if len > 0 && is_digit(len + 1) => len += 2,
            _ => return len,
        }
    }
}

fn word(word: &str) -> Token<'static> {
    if word == "s" {
        return Token::Letter(Letter::SmallS);
    }
    match word.to_ascii_lowercase().as_str() {
        "n" | "north" => Token::Letter(Letter::North),
        "s" | "south" => Token::Letter(Letter::South),
        "e" | "east" => Token::Letter(Letter::East),
        "w" | "west" => Token::Letter(Letter::West),
        "o" | "ost" | "ouest" | "oeste" => Token::Letter(Letter::O),
        "d" | "deg" | "degs" | "degree" | "degrees" => Token::Degree,
        "min" | "mins" | "minute" | "minutes" => Token::Minute,
        "sec" | "secs" | "second" | "seconds" => Token::Second,
        _ => Token::Other,
    }
}
