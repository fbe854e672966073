//! The grammar of one angle: a sign or a letter, then degrees, minutes and seconds with marks, colons
//! or blanks between them.
//!
//! A sign beside a letter is refused, even a plus: `-22 S` may mean south of the equator, said twice,
//! or north of it, and a file that has both is not to be trusted with either.

use super::Axis;
use super::number::{self, Number};
use super::tokens::{Letter, Token, without_blanks};

/// Degrees of the tokens of one angle. The error is the reason why it is refused, empty where there
/// is nothing to add to what was found.
pub(super) fn angle(tokens: &[Token], axis: Axis) -> Result<f64, String> {
    let (letter, rest) = split_letter(without_blanks(tokens))?;
    let (sign, body) = match rest {
        [sign @ (Token::Minus | Token::Plus), body @ ..] => (Some(sign), body),
        _ => (None, rest),
    };
    let is_negative = match (letter, sign) {
        (Some(_), Some(_)) => return Err("a sign and a letter together leave two readings".into()),
        (Some(letter), None) => points_back(letter, axis)?,
        (None, sign) => sign == Some(&Token::Minus),
    };
    let (numbers, marks) = numbers_and_marks(body)?;
    require_order(&marks)?;
    if letter == Some(Letter::SmallS) && matches!(marks[..], [_, _, Token::Blank]) {
        return Err("s may be seconds or south: write S".into());
    }
    let magnitude = match &numbers[..] {
        [number] if letter.is_some() && marks[0] == Token::Blank => number.beside_letter(axis)?,
        numbers => number::in_degrees(numbers)?,
    };
    Ok(if is_negative { -magnitude } else { magnitude })
}

/// The letter at either end, if there is one, and what is left.
fn split_letter<'t, 'a>(
    tokens: &'t [Token<'a>],
) -> Result<(Option<Letter>, &'t [Token<'a>]), String> {
    let is_letter = |token: &Token| matches!(token, Token::Letter(_));
    if tokens.iter().filter(|token| is_letter(token)).count() > 1 {
        return Err("more than one of N, S, E and W".into());
    }
    Ok(match tokens {
        [Token::Letter(letter), rest @ ..] | [rest @ .., Token::Letter(letter)] => {
            (Some(*letter), without_blanks(rest))
        }
        _ => (None, tokens),
    })
}

/// Whether a letter makes an angle on this axis negative.
fn points_back(letter: Letter, axis: Axis) -> Result<bool, String> {
    match (letter, axis) {
        (Letter::O, _) => {
            Err("O is west in French and Spanish and east in German: write W or E".into())
        }
        _ if letter.axis() != axis => Err(match axis {
            Axis::Latitude => "a latitude has N or S, not E or W".into(),
            Axis::Longitude => "a longitude has E or W, not N or S".into(),
        }),
        _ => Ok(matches!(letter, Letter::South | Letter::SmallS | Letter::West)),
    }
}

/// The numbers, and the mark behind each of them, which is a blank where there is none.
fn numbers_and_marks<'a>(body: &[Token<'a>]) -> Result<(Vec<Number<'a>>, Vec<Token<'a>>), String> {
    let (mut numbers, mut marks) = (Vec::new(), Vec::new());
    for &token in body {
        match (token, marks.last_mut()) {
            (Token::Number(text), _) => {
                numbers.push(Number::new(text)?);
                marks.push(Token::Blank);
            }
            (Token::Blank, _) => {}
            (Token::Degree | Token::Minute | Token::Second | Token::Colon, Some(mark))
                if *mark == Token::Blank =>
            {
                *mark = token;
            }
            _ => return Err(String::new()),
        }
    }
    Ok((numbers, marks))
}

/// Refuses marks in any other order than degrees, minutes, seconds, each of which may be a blank, and
/// colons between some numbers but not between others.
fn require_order(marks: &[Token]) -> Result<(), String> {
    use Token::{Blank, Colon, Degree, Minute, Second};
    match marks {
        [Degree | Blank]
        | [Degree | Blank, Minute | Blank]
        | [Degree | Blank, Minute | Blank, Second | Blank]
        | [Colon, Blank]
        | [Colon, Colon, Blank] => Ok(()),
        [Minute | Second, ..] => Err("minutes without degrees".into()),
        [_, Second] => Err("seconds without minutes".into()),
        _ => Err(String::new()),
    }
}
