//! A geodesic that leaves the first end in some direction, as far as the latitude of the second.
//!
//! The formulas stand in the head of `geodesic`.

use super::direction::{Angle, angle, positive};
use super::ellipsoid::Ellipsoid;
use super::ends::Ends;
use super::series::{self, Phase};

/// The geodesic from end 1 at some α₁ to the latitude of end 2.
pub(super) struct Line {
    /// cos α₀, sin α₀.
    pub(super) alpha0: Angle,
    /// cos α₂ cos β₂.
    pub(super) onward: f64,
    sigma: [Angle; 2],
    /// σ₁₂.
    arc: f64,
    epsilon: f64,
}

impl Line {
    #[inline(always)]
    pub(super) fn new(of: &Ellipsoid, ends: &Ends, alpha: Angle) -> Line {
        let [b1, b2] = ends.beta;
        let along = alpha.cos * b1.cos;
        let onward =
            if ends.spread == 0.0 { along.abs() } else { (along * along + ends.spread).sqrt() };
        let across = alpha.sin * b1.sin;
        let cos_alpha0 = (alpha.cos * alpha.cos + across * across).sqrt();
        let alpha0 = Angle { sin: alpha.sin * b1.cos, cos: cos_alpha0 };
        let sigma = [Angle::toward(b1.sin, along), Angle::toward(b2.sin, onward)];
        let [s1, s2] = sigma;
        let arc = libm::atan2(
            positive(s1.cos * s2.sin - s1.sin * s2.cos),
            s1.cos * s2.cos + s1.sin * s2.sin,
        );
        let squared = of.second_eccentricity_squared * cos_alpha0 * cos_alpha0;
        let epsilon = squared / (2.0 * (1.0 + (1.0 + squared).sqrt()) + squared);
        Line { alpha0, onward, sigma, arc, epsilon }
    }

    #[inline(always)]
    pub(super) fn phases(&self) -> [Phase; 2] {
        self.sigma.map(|sigma| Phase::of(sigma.sin, sigma.cos))
    }

    /// λ₁₂ of this line less the wanted one.
    #[inline(always)]
    pub(super) fn excess(&self, of: &Ellipsoid, wanted: Angle, [from, to]: [Phase; 2]) -> f64 {
        let [w1, w2] = self.sigma.map(|s| (self.alpha0.sin * s.sin, s.cos));
        // ω₁₂ up to a factor, which the difference of two angles does not see.
        let (sin, cos) = (positive(w1.1 * w2.0 - w1.0 * w2.1), w1.1 * w2.1 + w1.0 * w2.0);
        let difference =
            angle(sin * wanted.cos - cos * wanted.sin, cos * wanted.cos + sin * wanted.sin);
        let integral = of.longitude.at(self.epsilon).over(self.arc, from, to);
        difference - of.flattening * self.alpha0.sin * integral
    }

    /// dλ₁₂/dα₁.
    #[inline(always)]
    pub(super) fn slope(&self, of: &Ellipsoid, ends: &Ends, [from, to]: [Phase; 2]) -> f64 {
        let [b1, b2] = ends.beta;
        let [root1, root2] =
            [b1, b2].map(|b| (1.0 + of.second_eccentricity_squared * b.sin * b.sin).sqrt());
        // (47), the limit of the quotient below where β₂ = ±β₁ and α₁ is a right angle.
        if self.onward == 0.0 {
            return -2.0 * of.axis_ratio * root1 / b1.sin;
        }
        let [s1, s2] = self.sigma;
        let j = series::difference(self.epsilon).over(self.arc, from, to);
        let m = root2 * (s1.cos * s2.sin) - root1 * (s1.sin * s2.cos) - s1.cos * s2.cos * j;
        of.axis_ratio * m / self.onward
    }

    /// s₁₂ / a.
    #[inline(always)]
    pub(super) fn length(&self, of: &Ellipsoid, [from, to]: [Phase; 2]) -> f64 {
        of.axis_ratio * series::length(self.epsilon).over(self.arc, from, to)
    }

    /// σ₁₂.
    pub(super) fn arc(&self) -> f64 {
        self.arc
    }

    /// What it passes at a part t of its arc, from 0 to 1: β, and the longitude from its first end in [0, π]. With
    /// σ = σ₁ + t σ₁₂ it is sin β = cos α₀ sin σ (10), and ω and λ as at the ends.
    pub(super) fn at(&self, of: &Ellipsoid, t: f64) -> (Angle, f64) {
        let arc = t * self.arc;
        let (sin, cos) = libm::sincos(arc);
        let [start, _] = self.sigma;
        let sigma = Angle {
            sin: start.sin * cos + start.cos * sin,
            cos: start.cos * cos - start.sin * sin,
        };
        let across = self.alpha0.cos * sigma.cos;
        let beta = Angle {
            sin: self.alpha0.cos * sigma.sin,
            cos: (across * across + self.alpha0.sin * self.alpha0.sin).sqrt(),
        };
        let [(sin1, cos1), (sin2, cos2)] =
            [start, sigma].map(|sigma| (self.alpha0.sin * sigma.sin, sigma.cos));
        let omega = libm::atan2(positive(cos1 * sin2 - sin1 * cos2), cos1 * cos2 + sin1 * sin2);
        let [from, to] = [start, sigma].map(|sigma| Phase::of(sigma.sin, sigma.cos));
        let integral = of.longitude.at(self.epsilon).over(arc, from, to);
        (beta, omega - of.flattening * self.alpha0.sin * integral)
    }
}
