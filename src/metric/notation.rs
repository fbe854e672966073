//! How a metric is written: a name, or an equatorial radius and an inverse flattening.
//!
//! What [`Metric`] displays is read as the same metric.

use std::fmt;
use std::str::FromStr;

use super::{Ellipsoid, Metric};

/// What is expected where a metric is written.
const EXPECTED: &str = "sphere, wgs84, grs80, or A,1/F: an equatorial radius in kilometres and a flattening, \
                        as in 6378.137,1/298.257223563";

impl fmt::Display for Metric {
    /// The name, or `A,F` with the inverse of the flattening, which is 0 for a sphere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Sphere => f.write_str("sphere"),
            Metric::Ellipsoid(of) if *of == Ellipsoid::wgs84() => f.write_str("wgs84"),
            Metric::Ellipsoid(of) if *of == Ellipsoid::grs80() => f.write_str("grs80"),
            Metric::Ellipsoid(of) => {
                write!(f, "{},{}", of.equatorial_km(), of.typed_inverse_flattening())
            }
        }
    }
}

impl FromStr for Metric {
    type Err = String;

    /// `sphere`, `wgs84`, `grs80` in any case, or `A,1/F`. The flattening may also be its inverse alone, `A,F`; 0 in
    /// its place is a sphere of radius A, as the inverse flattening 0 is elsewhere.
    fn from_str(text: &str) -> Result<Metric, String> {
        match text.to_ascii_lowercase().as_str() {
            "sphere" => return Ok(Metric::Sphere),
            "wgs84" => return Ok(Metric::Ellipsoid(Ellipsoid::wgs84())),
            "grs80" => return Ok(Metric::Ellipsoid(Ellipsoid::grs80())),
            _ => {}
        }
        let unread = || format!("{EXPECTED} was expected, not {text:?}");
        let number = |text: &str| {
            text.trim().parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(unread)
        };
        let (equatorial, flattening) = text.split_once(',').ok_or_else(unread)?;
        let equatorial_km = number(equatorial)?;
        let inverse = match flattening.trim().strip_prefix("1/") {
            Some(inverse) => number(inverse)?,
            None => number(flattening)?,
        };
        if inverse == 0.0 {
            return Ok(Metric::Ellipsoid(Ellipsoid::sphere(equatorial_km)?));
        }
        if inverse > 0.0 && inverse < 1.0 {
            return Err(format!(
                "the inverse of a flattening was expected after the comma, not {inverse}, which looks like the \
                 flattening itself: write {equatorial_km},{}",
                1.0 / inverse
            ));
        }
        Ok(Metric::Ellipsoid(Ellipsoid::new(equatorial_km, inverse)?))
    }
}
