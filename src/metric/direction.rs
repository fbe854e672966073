//! Angles as sine and cosine: no step of a geodesic needs them in radians until lengths are added up.

/// Sine and cosine of an angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Angle {
    pub(super) sin: f64,
    pub(super) cos: f64,
}

impl Angle {
    /// ph(cos + i sin) for numbers of any size.
    #[inline(always)]
    pub(super) fn toward(sin: f64, cos: f64) -> Angle {
        let norm = (sin * sin + cos * cos).sqrt();
        Angle { sin: sin / norm, cos: cos / norm }
    }

    /// The sum with an angle of 1 at most, good to 2e-4 there and to 1e-9 of a tenth; its own length stays 1. Newton's
    /// steps ask for no more.
    #[inline(always)]
    pub(super) fn turned(self, by: f64) -> Angle {
        let squared = by * by;
        let sin = by * (1.0 - squared * (1.0 / 6.0 - squared / 120.0));
        let cos = 1.0 - squared * (0.5 - squared * (1.0 / 24.0 - squared / 720.0));
        Angle::toward(self.sin * cos + self.cos * sin, self.cos * cos - self.sin * sin)
    }

    /// Whether this angle of [0, π] is greater than another.
    pub(super) fn is_beyond(self, other: Angle) -> bool {
        self.sin * other.cos > self.cos * other.sin
    }
}

/// A number, or 0 where it is less. `max` may give either of two zeros, and an arc tangent tells them apart.
#[inline(always)]
pub(super) fn positive(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}

/// The angle halfway between two of [0, π].
pub(super) fn halfway(low: Angle, high: Angle) -> Angle {
    let (sin, cos) = (low.sin + high.sin, low.cos + high.cos);
    if sin == 0.0 { Angle { sin: 1.0, cos: 0.0 } } else { Angle::toward(sin, cos) }
}

/// atan2 that is quick for small angles, where the sum of powers is off by less than 1e-17.
#[inline(always)]
pub(super) fn angle(sin: f64, cos: f64) -> f64 {
    const SMALL: f64 = 0.07;
    let norm = (sin * sin + cos * cos).sqrt();
    if cos < 0.0 || sin.abs() > SMALL * norm {
        return libm::atan2(sin, cos);
    }
    // The series of the arc sine.
    const POWERS: [f64; 6] =
        [1.0 / 6.0, 3.0 / 40.0, 15.0 / 336.0, 105.0 / 3456.0, 945.0 / 42240.0, 10395.0 / 599040.0];
    let sin = sin / norm;
    let squared = sin * sin;
    let sum = POWERS.iter().rev().fold(0.0, |sum, power| sum * squared + power);
    sin + sin * squared * sum
}
