//! ISO 6709: `+48.8577+002.295/`, `+0548-04420`, `+485130+0022100+035CRSWGS_84/` → latitude and
//! longitude.
//!
//! Latitude comes first, and its sign is always written. Two digits of it before the decimal sign are
//! degrees, four are degrees and minutes, six are degrees, minutes and seconds; a longitude has one
//! more. A height may follow, which is not taken, then the reference system, then a slash.

use super::number::{Number, in_degrees};
use super::tokens::{Token, tokens};
use super::{Axis, shown};

/// The text of a place in this notation.
pub(super) struct Iso6709<'a> {
    lat: Signed<'a>,
    lon: Signed<'a>,
    /// Name of the reference system, if there is one.
    system: Option<&'a str>,
}

/// Digits of one angle, and whether a minus stands before them.
struct Signed<'a> {
    is_negative: bool,
    digits: &'a str,
}

impl<'a> Iso6709<'a> {
    /// Two or three signed numbers with nothing between them, whatever their digits; `None` for text
    /// of any other shape.
    pub fn new(text: &'a str) -> Option<Iso6709<'a>> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (numbers, system) = match text.split_once("CRS") {
            Some((numbers, system)) => (numbers, Some(system)),
            None => (text, None),
        };
        match tokens(numbers)[..] {
            [lat_sign, lat, lon_sign, lon]
            | [lat_sign, lat, lon_sign, lon, Token::Plus | Token::Minus, Token::Number(_)] => {
                let (lat, lon) = (signed(lat_sign, lat)?, signed(lon_sign, lon)?);
                Some(Iso6709 { lat, lon, system })
            }
            _ => None,
        }
    }

    /// Whether the counts of digits are those of this notation, so that the text is hardly anything
    /// else.
    pub fn has_its_digits(&self) -> bool {
        self.parts().is_ok()
    }

    /// Latitude and longitude in degrees. The error is the reason why there are none.
    pub fn place(&self) -> Result<[f64; 2], String> {
        if let Some(system) = self.system.filter(|system| !is_wgs84(system)) {
            return Err(format!(
                "its reference system is not WGS_84 but {}",
                shown(system.as_bytes())
            ));
        }
        let [lat, lon] = self.parts()?;
        let degrees = |parts: &[Number], signed: &Signed| {
            in_degrees(parts).map(|value| if signed.is_negative { -value } else { value })
        };
        Ok([degrees(&lat, &self.lat)?, degrees(&lon, &self.lon)?])
    }

    /// Degrees, minutes and seconds of both angles, as many of the one as of the other.
    fn parts(&self) -> Result<[Vec<Number<'a>>; 2], String> {
        let lat = Number::new(self.lat.digits)?.packed(Axis::Latitude);
        let lon = Number::new(self.lon.digits)?.packed(Axis::Longitude);
        match (lat, lon) {
            (Some(lat), Some(lon)) if lat.len() == lon.len() => Ok([lat, lon]),
            _ => Err("in ISO 6709 a latitude has 2, 4 or 6 digits before its decimal sign, and a \
                      longitude one more"
                .into()),
        }
    }
}

fn signed<'a>(sign: Token<'a>, number: Token<'a>) -> Option<Signed<'a>> {
    match (sign, number) {
        (Token::Plus, Token::Number(digits)) => Some(Signed { is_negative: false, digits }),
        (Token::Minus, Token::Number(digits)) => Some(Signed { is_negative: true, digits }),
        _ => None,
    }
}

fn is_wgs84(system: &str) -> bool {
    ["WGS_84", "WGS84"].iter().any(|name| system.eq_ignore_ascii_case(name))
}
