//! The two ends of a geodesic, brought into the one order that its method wants, and a direction to begin with.
//!
//! Equation numbers are of the paper that `geodesic` names.
//!
//! # Where to begin
//!
//! On a sphere ω₁₂ = λ₁₂, and the spherical triangle (49, 51) gives α₁ and σ₁₂. Put into (8), with 1 for the mean of
//! I₃′, they give an ω₁₂ that is right to f², and a second triangle gives α₁. Near the antipode that does not help,
//! and the astroid of section 4 of the paper takes its place: with x = (λ₁₂ − π)/(fπ cos β₁) and y = (β₁ + β₂)/(fπ
//! cos²β₁) (53), the positive root κ of x²/(1 + κ)² + y²/κ² = 1 (55, divided by κ²(1 + κ)²) gives α₁ = ph(y/κ − i
//! x/(1 + κ)) (56), or where y = 0 and |x| ≤ 1 it is (57).

use super::direction::{Angle, positive};
use super::ellipsoid::Ellipsoid;
use crate::sphere::UnitVector;

/// Two ends as the method wants them: β₁ ≤ 0, |β₂| ≤ −β₁, 0 ≤ λ₁₂ ≤ π.
pub(super) struct Ends {
    pub(super) beta: [Angle; 2],
    pub(super) longitude: Angle,
    /// cos²β₂ − cos²β₁.
    pub(super) spread: f64,
    /// The second vector is end 1.
    pub(super) is_exchanged: bool,
    /// North and south were exchanged.
    pub(super) is_mirrored: bool,
    /// End 2 lies west of end 1.
    pub(super) is_westward: bool,
}

impl Ends {
    #[inline(always)]
    pub(super) fn of(p: UnitVector, q: UnitVector) -> Ends {
        let horizontal = |v: UnitVector| v[0] * v[0] + v[1] * v[1];
        // Which is nearer to a pole is told by the smaller coordinate, whose roundings are smaller.
        let [of_p, of_q] = [p, q].map(|v| (v[2].abs(), -horizontal(v)));
        let are_polar = of_p.1 > -0.5 && of_q.1 > -0.5;
        let is_exchanged = match of_p == of_q {
            true => q > p,
            false if are_polar => (of_q.1, of_q.0) > (of_p.1, of_p.0),
            false => of_q > of_p,
        };
        let [one, two] = if is_exchanged { [q, p] } else { [p, q] };
        let beta = [one, two].map(|v| Angle { sin: v[2], cos: horizontal(v).sqrt() });
        let is_mirrored = beta[0].sin > 0.0;
        let sign = if is_mirrored { -1.0 } else { 1.0 };
        let [b1, b2] = beta.map(|beta| Angle { sin: sign * beta.sin, ..beta });
        let cross = one[0] * two[1] - one[1] * two[0];
        let dot = one[0] * two[0] + one[1] * two[1];
        let longitude = if cross == 0.0 {
            Angle { sin: 0.0, cos: if dot < 0.0 { -1.0 } else { 1.0 } }
        } else {
            Angle::toward(cross.abs(), dot)
        };
        // By the smaller ones again.
        let spread = if b1.cos < -b1.sin {
            (b2.cos - b1.cos) * (b2.cos + b1.cos)
        } else {
            (b1.sin - b2.sin) * (b1.sin + b2.sin)
        };
        let is_westward = cross < 0.0;
        let (beta, spread) = ([b1, b2], positive(spread));
        Ends { beta, longitude, spread, is_exchanged, is_mirrored, is_westward }
    }

    /// Whether the geodesic is part of a meridian.
    pub(super) fn are_on_a_meridian(&self) -> bool {
        self.longitude.sin == 0.0 || self.beta[0].cos == 0.0
    }

    /// α₁ to begin with.
    #[inline(always)]
    pub(super) fn guess(&self, of: &Ellipsoid) -> Angle {
        let longitude = libm::atan2(self.longitude.sin, self.longitude.cos);
        if let Some(guess) = self.guess_near_antipode(of, std::f64::consts::PI - longitude) {
            return guess;
        }
        let [b1, b2] = self.beta;
        let (north, east) = self.triangle(self.longitude);
        let across = (north * north + east * east).sqrt();
        let cos_arc = b1.sin * b2.sin + b1.cos * b2.cos * self.longitude.cos;
        let arc = libm::atan2(across, cos_arc);
        let omega = self.longitude.turned(of.flattening * arc * b1.cos * (east / across));
        let (north, east) = self.triangle(omega);
        // Beyond half a turn it is the other way round.
        Angle::toward(east.abs(), north)
    }

    /// The real and the imaginary part of (49), without loss where the ends are near each other or their antipodes.
    #[inline(always)]
    fn triangle(&self, omega: Angle) -> (f64, f64) {
        let [b1, b2] = self.beta;
        let versed = omega.sin * omega.sin / (1.0 + omega.cos.abs());
        let north = if omega.cos >= 0.0 {
            (b1.cos * b2.sin - b1.sin * b2.cos) + b1.sin * b2.cos * versed
        } else {
            (b1.cos * b2.sin + b1.sin * b2.cos) - b1.sin * b2.cos * versed
        };
        (north, b2.cos * omega.sin)
    }

    /// α₁ by the astroid, if it is for this pair; `short` is π − λ₁₂.
    #[inline(always)]
    fn guess_near_antipode(&self, of: &Ellipsoid, short: f64) -> Option<Angle> {
        const AWAY: f64 = 4.0;
        let [b1, b2] = self.beta;
        let scale = of.flattening * std::f64::consts::PI * b1.cos;
        let latitude = -(b1.sin * b2.cos + b1.cos * b2.sin);
        if !(short < AWAY * scale && latitude < AWAY * scale * b1.cos) {
            return None;
        }
        let (x, y) = (short / scale, positive(latitude / (scale * b1.cos)));
        let kappa = astroid(x, y);
        let sin = x / (1.0 + kappa);
        if kappa > 1e-6 {
            return Some(Angle::toward(sin, -y / kappa));
        }
        let sin = sin.min(1.0);
        Some(Angle { sin, cos: -(1.0 - sin * sin).sqrt() })
    }
}

/// The positive root of x²/(1 + κ)² + y²/κ² = 1 for x, y ≥ 0, to a few digits; 0 where there is none.
///
/// The left side falls and is convex, so that Newton's steps from a κ below the root never pass it. Each of the two
/// terms alone gives such a κ.
#[inline(always)]
fn astroid(x: f64, y: f64) -> f64 {
    let mut kappa = y.max(x - 1.0);
    if kappa <= 0.0 {
        return 0.0;
    }
    for _ in 0..12 {
        let (by_x, by_y) = (x / (1.0 + kappa), y / kappa);
        let (x_term, y_term) = (by_x * by_x, by_y * by_y);
        let step = (x_term + y_term - 1.0) / (2.0 * (x_term / (1.0 + kappa) + y_term / kappa));
        if step.is_nan() || step <= 1e-4 * kappa {
            break;
        }
        kappa += step;
    }
    kappa
}
