//! The numbers of one angle, without its sign → degrees.
//!
//! Degrees, minutes and seconds are (D·3600 + M·60 + S) / 3600. With k digits behind the decimal sign
//! of the last part, numerator and denominator times 10^k are whole numbers, and only the division
//! rounds as long as both are exact in an `f64`: the result is the one nearest to what is written. To
//! add up D + M/60 + S/3600 would round four times.
//!
//! The denominator 3600·10^k is a power of two times 225·5^k, which is below 2^53 up to k = 19. The
//! numerator is below 10^3·3600·10^k, thus below 2^53 up to k = 9. With more digits it is rounded
//! too, which adds at most one unit in the last place to the half unit of the division.

use super::Axis;

/// The most digits behind the decimal sign of minutes or seconds; no source means more.
const MOST_FRACTION_DIGITS: usize = 18;

/// A number without sign, as it is written.
#[derive(Clone, Copy)]
pub(super) struct Number<'a> {
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Number<'a> {
    /// Takes digits with at most one decimal sign, which is a point or a comma.
    pub fn new(text: &'a str) -> Result<Number<'a>, String> {
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
        match fraction.contains(['.', ',']) {
            false => Ok(Number { whole, fraction }),
            true => Err("two points or commas in one number; did a spreadsheet take them for a \
                         thousands sign?"
                .into()),
        }
    }

    /// The value in decimal degrees.
    pub fn decimal(self) -> Result<f64, String> {
        let text = format!("{}.{}", self.whole, self.fraction);
        fast_float2::parse(text).map_err(|_| String::new())
    }

    /// Degrees of a lone number beside a letter: decimal degrees, or the digits of degrees, minutes
    /// and seconds with nothing between them, as the count of digits tells.
    pub fn beside_letter(self, axis: Axis) -> Result<f64, String> {
        let most = degree_digits(axis);
        if self.whole.len() <= most {
            return self.decimal();
        }
        match self.packed(axis) {
            Some(parts) => in_degrees(&parts),
            None => Err(format!(
                "with a letter, a {} has up to {most} digits before its decimal sign, or {} with \
                 minutes, or {} with seconds",
                axis.name(),
                most + 2,
                most + 4
            )),
        }
    }

    /// The parts of a number that has two digits of degrees, three for a longitude, then two of
    /// minutes and two of seconds, or the first of these only; `None` if it has another count.
    pub fn packed(self, axis: Axis) -> Option<Vec<Number<'a>>> {
        let most = degree_digits(axis);
        let (degrees, mut rest) = self.whole.split_at_checked(most)?;
        let mut parts = vec![Number { whole: degrees, fraction: "" }];
        while let Some((whole, behind)) = rest.split_at_checked(2) {
            parts.push(Number { whole, fraction: "" });
            rest = behind;
        }
        parts.last_mut()?.fraction = self.fraction;
        (rest.is_empty() && parts.len() <= 3).then_some(parts)
    }
}

/// How many digits whole degrees have where their count says what the others are.
fn degree_digits(axis: Axis) -> usize {
    match axis {
        Axis::Latitude => 2,
        Axis::Longitude => 3,
    }
}

/// Degrees of degrees, minutes and seconds, or of the first two, or of degrees alone.
pub(super) fn in_degrees(parts: &[Number]) -> Result<f64, String> {
    let [degrees, smaller @ ..] = parts else { return Err(String::new()) };
    let Some(last) = smaller.last() else { return degrees.decimal() };
    if parts[..parts.len() - 1].iter().any(|part| !part.fraction.is_empty()) {
        return Err("only the last of degrees, minutes and seconds may have a decimal sign".into());
    }
    if degrees.whole.len() > 3 {
        return Err("whole degrees have up to three digits".into());
    }
    let fraction = last.fraction.trim_end_matches('0');
    if fraction.len() > MOST_FRACTION_DIGITS {
        return Err(format!("more than {MOST_FRACTION_DIGITS} digits behind the decimal sign"));
    }
    let mut numerator = whole_value(degrees.whole);
    let mut denominator: u128 = 1;
    for (part, unit) in smaller.iter().zip(["minutes", "seconds"]) {
        if part.whole.is_empty() || part.whole.len() > 2 {
            return Err(format!("{unit} have one or two digits before the decimal sign"));
        }
        let value = whole_value(part.whole);
        if value >= 60 {
            return Err(format!("{unit} are below 60"));
        }
        numerator = numerator * 60 + value;
        denominator *= 60;
    }
    for digit in fraction.bytes() {
        numerator = numerator * 10 + u128::from(digit - b'0');
        denominator *= 10;
    }
    Ok(numerator as f64 / denominator as f64)
}

/// The value of digits, of which there are at most three.
fn whole_value(digits: &str) -> u128 {
    digits.bytes().fold(0, |value, digit| value * 10 + u128::from(digit - b'0'))
}
