//! Two angles in one text, each with its letter: `48°51'24"N 2°21'08"E`, `N 48 51.5, E 2 21.0`,
//! `2155S 15916E` → latitude and longitude.
//!
//! The letters part the text: they stand before both angles or behind both. A comma, semicolon or
//! slash may stand at the parting and nowhere else, so that a decimal comma is none of these. Letters
//! at both ends (`N 48 2 E`) leave open where the first angle ends.

use super::Axis;
use super::sexagesimal::angle;
use super::tokens::{Letter, Token, without_blanks};

/// Two angles, one a latitude and one a longitude.
pub(super) struct Marked<'t, 'a> {
    lat: &'t [Token<'a>],
    lon: &'t [Token<'a>],
}

impl<'t, 'a> Marked<'t, 'a> {
    /// `None` if the text has not exactly one of N and S and one of E and W (or O, which is refused
    /// later), before or behind its numbers.
    pub fn new(tokens: &'t [Token<'a>]) -> Option<Marked<'t, 'a>> {
        let tokens = without_blanks(tokens);
        let letters = tokens.iter().enumerate().filter_map(|(at, token)| match token {
            Token::Letter(letter) => Some((at, *letter)),
            _ => None,
        });
        let [(first_at, first), (second_at, second)] = letters.collect::<Vec<_>>()[..] else {
            return None;
        };
        let (one, other) = match (first_at == 0, second_at + 1 == tokens.len()) {
            (true, false) => tokens.split_at(second_at),
            (false, true) => tokens.split_at(first_at + 1),
            _ => return None,
        };
        let (one, other) = without_separator(without_blanks(one), without_blanks(other));
        let is_angle = |tokens: &[Token]| {
            let is_strange = |token| matches!(token, &Token::Separator | &Token::Other);
            tokens.iter().any(|token| matches!(token, Token::Number(_)))
                && !tokens.iter().any(is_strange)
        };
        match (is_angle(one) && is_angle(other), first.axis(), second.axis()) {
            (true, Axis::Latitude, Axis::Longitude) => Some(Marked { lat: one, lon: other }),
            (true, Axis::Longitude, Axis::Latitude) => Some(Marked { lat: other, lon: one }),
            _ => None,
        }
    }

    /// Latitude and longitude in degrees. The error is the reason why there are none.
    pub fn place(&self) -> Result<[f64; 2], String> {
        Ok([angle(self.lat, Axis::Latitude)?, angle(self.lon, Axis::Longitude)?])
    }
}

/// Both angles without the one separator that may stand between them.
fn without_separator<'t, 'a>(
    one: &'t [Token<'a>],
    other: &'t [Token<'a>],
) -> (&'t [Token<'a>], &'t [Token<'a>]) {
    match (one, other) {
        ([one @ .., Token::Separator], _) => (without_blanks(one), other),
        (_, [Token::Separator, other @ ..]) => (one, without_blanks(other)),
        _ => (one, other),
    }
}

/// Why a text with letters is no pair of marked angles; `None` if it has too few letters to be meant
/// as one.
pub(super) fn complaint(tokens: &[Token]) -> Option<&'static str> {
    let letters: Vec<Letter> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Letter(letter) => Some(*letter),
            _ => None,
        })
        .collect();
    match letters[..] {
        [] => None,
        [a, b] if a.axis() != b.axis() => {
            Some("the letters must stand before both angles or behind both")
        }
        _ => Some("exactly one of N and S and one of E and W are needed"),
    }
}
