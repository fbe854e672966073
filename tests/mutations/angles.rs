//! Fields with an angle or a place in any notation, put together of pieces that belong to some notation, in any
//! order: they are read or refused, in debug builds without an overflow, and a plain number is the one nearest to it.

use farthest::angle::{Axis, degrees, notation, place, two_numbers};

use super::common::Random;
use super::harness::{Target, attack, require};
use super::lists::check_text;

const PIECES: [&str; 60] = [
    "N",
    "S",
    "E",
    "W",
    "O",
    "n",
    "lat",
    "-",
    "+",
    "−",
    ".",
    ",",
    ";",
    ":",
    " ",
    "  ",
    "\u{a0}",
    "°",
    "º",
    "'",
    "\"",
    "′",
    "″",
    "’",
    "''",
    "d",
    "m",
    "s",
    "deg ",
    "min",
    "h",
    "/",
    "(",
    ")",
    "[",
    "]",
    "POINT (",
    "POINT Z (",
    "MULTIPOINT ((",
    "SRID=4326;",
    "POINT EMPTY",
    "e",
    "E5",
    "e-400",
    "e308",
    "nan",
    "inf",
    "null",
    "0x",
    "CRSWGS_84/",
    "_",
    "\0",
    "é",
    "😀",
    "48°51'24\"",
    "-0548-04420/",
    "0101000000",
    "0001000000",
    "01e9030000",
    "00000000",
];

/// Fields under attack.
struct Angles;

impl Target for Angles {
    type Case = Vec<u8>;

    fn case(&self, number: u64) -> Vec<u8> {
        let mut random = Random::new(number);
        let mut field = String::new();
        for _ in 0..1 + random.below(9) {
            match random.below(5) {
                0..3 => push_digits(&mut field, &mut random),
                _ => field.push_str(random.one_of(&PIECES)),
            }
            if random.below(3) == 0 {
                field.push_str(random.one_of(&[".", ".", ",", " ", "°", "'", "-"]));
            }
        }
        let mut field = field.into_bytes();
        if random.below(20) == 0 {
            let at = random.below(field.len());
            field[at] = random.bits() as u8;
        }
        field
    }

    fn check(&self, field: &Vec<u8>) -> Result<(), String> {
        for axis in Axis::BOTH {
            match degrees(field, axis) {
                Ok(value) => check_value(field, value)?,
                Err(message) => check_text(&message)?,
            }
        }
        let _ = notation(field);
        for read in [place, two_numbers] {
            match read(field) {
                Ok(Some(place)) => require(place.iter().all(|value| value.is_finite()), || {
                    format!("a place that is none; {place:?}")
                })?,
                Ok(None) => {}
                Err(message) => check_text(&message)?,
            }
        }
        Ok(())
    }

    fn shown(&self, field: Vec<u8>, fails: &dyn Fn(&Vec<u8>) -> bool) -> String {
        let mut field = field;
        let mut at = 0;
        while at < field.len() {
            let mut shorter = field.clone();
            shorter.remove(at);
            if fails(&shorter) {
                field = shorter;
            } else {
                at += 1;
            }
        }
        field.escape_ascii().to_string()
    }
}

/// Some digits, seldom very many, and often the least or the greatest of their length.
fn push_digits(field: &mut String, random: &mut Random) {
    let longest = random.one_of(&[3, 3, 9, 20, 45, 400]);
    let fixed = random.one_of(&[None, None, Some('0'), Some('9')]);
    for _ in 0..1 + random.below(longest) {
        field.push(fixed.unwrap_or_else(|| (b'0' + random.below(10) as u8) as char));
    }
}

/// A value is a number, and that of a plain decimal the nearest to it.
fn check_value(field: &[u8], value: f64) -> Result<(), String> {
    require(value.is_finite(), || format!("a value that is none; {value}"))?;
    let text = std::str::from_utf8(field).unwrap_or_default();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(&byte));
    match text.parse::<f64>() {
        Ok(nearest) if is_plain => require(value.to_bits() == nearest.to_bits(), || {
            format!("another number than the nearest; {value:e}, not {nearest:e}")
        }),
        _ => Ok(()),
    }
}

#[test]
fn no_field_does_harm() {
    attack(&Angles, 300_000);
}
