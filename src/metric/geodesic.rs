//! The geodesic between two places: how long it is, and in which directions it leaves them.
//!
//! The method is that of C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013), 43–55; equation numbers
//! are of that paper. What enters are two vectors of parametric latitude, so that sin β is z, cos β the length of (x,
//! y), and sine and cosine of the longitude difference λ₁₂ follow from products of the horizontal parts: no angle is
//! ever made of degrees.
//!
//! # The method
//!
//! The two ends are exchanged and mirrored until β₁ ≤ 0, |β₂| ≤ −β₁ and 0 ≤ λ₁₂ ≤ π (44). A geodesic that leaves the
//! first at the azimuth α₁ reaches the latitude of the second at a longitude λ₁₂(α₁) that is known in closed form:
//!
//! ```text
//! sin α₀ = sin α₁ cos β₁ = sin α₂ cos β₂                      Clairaut (5); it gives α₂ with (45)
//! σ = ph(cos α cos β + i sin β),   ω = ph(cos σ + i sin α₀ sin σ)           (11), (12)
//! k² = e′² cos²α₀                                              (9)
//! λ₁₂ = ω₁₂ − f sin α₀ I₃,   s₁₂ = b I₁                        (8), (7), integrals from σ₁ to σ₂
//! m₁₂ = b (√(1 + k² sin²σ₂) cos σ₁ sin σ₂ − √(1 + k² sin²σ₁) sin σ₁ cos σ₂ − cos σ₁ cos σ₂ J)     (38)
//! dλ₁₂/dα₁ = m₁₂ / (a cos α₂ cos β₂)                          (46)
//! ```
//!
//! The α₁ that gives the wanted λ₁₂ is found by Newton's method. There is exactly one in [0, π] (section 4 of the
//! paper), so that the sign of what is missing tells on which side it lies; a step beyond what is known to hold it is
//! replaced by halving.
//!
//! # The last step is a correction
//!
//! When Newton's next step would be dα, and δ is what is missing in longitude, the end lies δ beside the wanted one
//! on its parallel. The length of the geodesic to the wanted end is known to second order from ds/dλ = a sin α₀ (the
//! first variation: the end moves by cos β₂ dλ at the angle α₂):
//!
//! ```text
//! s = s₁₂(α₁) + a (sin α₀ δ + ½ cos α₁ cos β₁ δ dα),
//! ```
//!
//! and the next term is of the order of (|δ| + f |dα|) dα². As soon as that is below 1e-17, 6e-14 km, the loop ends:
//! most pairs need α₁ to six digits only. And roundings of λ₁₂ act on s by sin α₀ a, however near the end of the cut
//! locus the pair is, where they may act on α₁ ten million times as much.
//!
//! # Where to begin
//!
//! On a sphere ω₁₂ = λ₁₂, and the spherical triangle (49, 51) gives α₁ and σ₁₂. Put into (8), with 1 for the mean of
//! I₃′, they give an ω₁₂ that is right to f², and a second triangle gives α₁. Near the antipode that does not help,
//! and the astroid of section 4 of the paper takes its place: with x = (λ₁₂ − π)/(fπ cos β₁) and y = (β₁ + β₂)/(fπ
//! cos²β₁) (53), the positive root κ of x²/(1 + κ)² + y²/κ² = 1 (55, divided by κ²(1 + κ)²) gives α₁ = ph(y/κ − i
//! x/(1 + κ)) (56), or where y = 0 and |x| ≤ 1 it is (57).
//!
//! # What is exact
//!
//! * *Both orders give the same bits.* Which end comes first is decided by |z| and by x² + y², and where both are
//!   equal by the coordinates themselves.
//! * *Opposite vectors give one number*, wherever they lie: sin λ₁₂ is exactly 0, the geodesic is a meridian, the
//!   sines of both ends cancel, and what is left is b π A₁ of the ellipsoid.
//! * *Equal vectors give 0.* Up to 20 m the length is that of the straight line between the two places of the
//!   ellipsoid, which is shorter by the factor 1 − σ²/24 at most, 1e-14 km.

use super::Azimuths;
use super::ellipsoid::Ellipsoid;
use super::series::{self, Phase};
use crate::sphere::UnitVector;

/// Sine and cosine of an angle.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Angle {
    sin: f64,
    cos: f64,
}

impl Angle {
    /// ph(cos + i sin) for numbers of any size.
    #[inline(always)]
    fn toward(sin: f64, cos: f64) -> Angle {
        let norm = (sin * sin + cos * cos).sqrt();
        Angle { sin: sin / norm, cos: cos / norm }
    }

    /// The sum with an angle of less than a tenth, to about 1e-9; its own length stays 1.
    #[inline(always)]
    fn turned(self, by: f64) -> Angle {
        let squared = by * by;
        let sin = by * (1.0 - squared * (1.0 / 6.0 - squared / 120.0));
        let cos = 1.0 - squared * (0.5 - squared * (1.0 / 24.0 - squared / 720.0));
        Angle::toward(self.sin * cos + self.cos * sin, self.cos * cos - self.sin * sin)
    }

    /// Whether this angle of [0, π] is greater than another.
    fn is_beyond(self, other: Angle) -> bool {
        self.sin * other.cos > self.cos * other.sin
    }
}

/// Two ends as the method wants them: β₁ ≤ 0, |β₂| ≤ −β₁, 0 ≤ λ₁₂ ≤ π.
struct Ends {
    beta: [Angle; 2],
    longitude: Angle,
    /// cos²β₂ − cos²β₁.
    spread: f64,
    /// The second vector is end 1.
    is_exchanged: bool,
    /// North and south were exchanged.
    is_mirrored: bool,
    /// End 2 lies west of end 1.
    is_westward: bool,
}

impl Ends {
    #[inline(always)]
    fn of(p: UnitVector, q: UnitVector) -> Ends {
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
        let (beta, spread) = ([b1, b2], spread.max(0.0));
        Ends { beta, longitude, spread, is_exchanged, is_mirrored, is_westward }
    }

    /// Whether the geodesic is part of a meridian.
    fn are_on_a_meridian(&self) -> bool {
        self.longitude.sin == 0.0 || self.beta[0].cos == 0.0
    }

    /// α₁ to begin with.
    #[inline(always)]
    fn guess(&self, of: &Ellipsoid) -> Angle {
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
        let (x, y) = (short / scale, (latitude / (scale * b1.cos)).max(0.0));
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

/// The geodesic from end 1 at some α₁ to the latitude of end 2.
struct Line {
    /// cos α₀, sin α₀.
    alpha0: Angle,
    /// cos α₂ cos β₂.
    onward: f64,
    sigma: [Angle; 2],
    /// σ₁₂.
    arc: f64,
    epsilon: f64,
}

impl Line {
    #[inline(always)]
    fn new(of: &Ellipsoid, ends: &Ends, alpha: Angle) -> Line {
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
            (s1.cos * s2.sin - s1.sin * s2.cos).max(0.0),
            s1.cos * s2.cos + s1.sin * s2.sin,
        );
        let squared = of.second_eccentricity_squared * cos_alpha0 * cos_alpha0;
        let epsilon = squared / (2.0 * (1.0 + (1.0 + squared).sqrt()) + squared);
        Line { alpha0, onward, sigma, arc, epsilon }
    }

    #[inline(always)]
    fn phases(&self) -> [Phase; 2] {
        self.sigma.map(|sigma| Phase::of(sigma.sin, sigma.cos))
    }

    /// λ₁₂ of this line less the wanted one.
    #[inline(always)]
    fn excess(&self, of: &Ellipsoid, wanted: Angle, [from, to]: [Phase; 2]) -> f64 {
        let [w1, w2] = self.sigma.map(|s| (self.alpha0.sin * s.sin, s.cos));
        // ω₁₂ up to a factor, which the difference of two angles does not see.
        let (sin, cos) = ((w1.1 * w2.0 - w1.0 * w2.1).max(0.0), w1.1 * w2.1 + w1.0 * w2.0);
        let difference =
            angle(sin * wanted.cos - cos * wanted.sin, cos * wanted.cos + sin * wanted.sin);
        let integral = of.longitude.at(self.epsilon).over(self.arc, from, to);
        difference - of.flattening * self.alpha0.sin * integral
    }

    /// dλ₁₂/dα₁.
    #[inline(always)]
    fn slope(&self, of: &Ellipsoid, ends: &Ends, [from, to]: [Phase; 2]) -> f64 {
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
    fn length(&self, of: &Ellipsoid, [from, to]: [Phase; 2]) -> f64 {
        of.axis_ratio * series::length(self.epsilon).over(self.arc, from, to)
    }
}

/// atan2 that is quick for small angles, where the sum of powers is off by less than 1e-17.
#[inline(always)]
fn angle(sin: f64, cos: f64) -> f64 {
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

/// What was found: s₁₂ / a, and α₁.
struct Solution {
    length: f64,
    alpha: Angle,
}

/// More than it ever takes: halving alone needs 53.
const MOST_STEPS: usize = 60;

#[inline(always)]
fn solve(of: &Ellipsoid, ends: &mut Ends) -> Solution {
    if ends.are_on_a_meridian() {
        let alpha = Angle { sin: 0.0, cos: ends.longitude.cos };
        let line = Line::new(of, ends, alpha);
        return Solution { length: line.length(of, line.phases()), alpha };
    }
    if ends.beta[0].sin == 0.0 {
        let longitude = libm::atan2(ends.longitude.sin, ends.longitude.cos);
        if longitude <= std::f64::consts::PI * of.axis_ratio {
            return Solution { length: longitude, alpha: Angle { sin: 1.0, cos: 0.0 } };
        }
        // Farther along the equator a geodesic leaves it, to either side. This one takes the south.
        ends.beta[0].sin = -f64::MIN_POSITIVE.sqrt();
    }
    let (mut low, mut high) = (Angle { sin: 0.0, cos: 1.0 }, Angle { sin: 0.0, cos: -1.0 });
    let mut alpha = ends.guess(of);
    for step in 1.. {
        let line = Line::new(of, ends, alpha);
        let phases = line.phases();
        let excess = line.excess(of, ends.longitude, phases);
        let turn = -excess / line.slope(of, ends, phases);
        let rest = (excess.abs() + of.flattening * turn.abs()) * turn * turn;
        // What is missing is no more than roundings where the second says so.
        if rest <= 1e-17 || excess.abs() <= 1e-15 || step == MOST_STEPS {
            let turn = if rest <= 1e-17 { turn } else { 0.0 };
            let bend = 0.5 * alpha.cos * ends.beta[0].cos * turn;
            let length = line.length(of, phases) - excess * (line.alpha0.sin + bend);
            return Solution { length, alpha: alpha.turned(turn) };
        }
        if excess > 0.0 {
            high = alpha;
        } else {
            low = alpha;
        }
        let next =
            if turn.abs() < 1.0 { alpha.turned(turn) } else { Angle { sin: -1.0, cos: 0.0 } };
        alpha = if next.sin > 0.0 && next.is_beyond(low) && high.is_beyond(next) {
            next
        } else {
            halfway(low, high)
        };
    }
    unreachable!("the loop ends by itself")
}

/// The angle halfway between two of [0, π].
fn halfway(low: Angle, high: Angle) -> Angle {
    let (sin, cos) = (low.sin + high.sin, low.cos + high.cos);
    if sin == 0.0 { Angle { sin: 1.0, cos: 0.0 } } else { Angle::toward(sin, cos) }
}

/// |p − q|² below which a straight line is as good: 20 m.
const STRAIGHT: f64 = 1e-11;

/// Length of the geodesic between two places in kilometres, not rounded to a resolution.
pub(super) fn length_km(of: &Ellipsoid, p: UnitVector, q: UnitVector) -> f64 {
    let [x, y, z] = std::array::from_fn(|axis| p[axis] - q[axis]);
    let horizontal = x * x + y * y;
    let squared = z * z;
    if horizontal + squared < STRAIGHT {
        return of.equatorial_km * (horizontal + of.axis_ratio * of.axis_ratio * squared).sqrt();
    }
    of.equatorial_km * solve(of, &mut Ends::of(p, q)).length
}

/// The azimuth at each place of the geodesic towards the other.
pub(super) fn azimuths(of: &Ellipsoid, p: UnitVector, q: UnitVector) -> Azimuths {
    if p == q || (0..3).all(|axis| p[axis] == -q[axis]) {
        return [None; 2];
    }
    let mut ends = Ends::of(p, q);
    let Solution { mut alpha, .. } = solve(of, &mut ends);
    // A length is known before its azimuth is; some steps more give that nearly all its digits, also at the end of
    // the cut locus, where steps only halve what is missing. On a meridian and along the equator there are none to
    // take.
    for _ in 0..8 {
        let line = Line::new(of, &ends, alpha);
        let phases = line.phases();
        let turn = -line.excess(of, ends.longitude, phases) / line.slope(of, &ends, phases);
        if alpha.sin > 0.0 && turn.abs() < 1e-3 {
            alpha = alpha.turned(turn);
        }
    }
    let line = Line::new(of, &ends, alpha);
    // At end 2 the way back is that of half a turn more.
    let back = Angle { sin: -line.alpha0.sin, cos: -line.onward };
    let mut both = [alpha, back].map(|angle| {
        let sin = if ends.is_westward { -angle.sin } else { angle.sin };
        let cos = if ends.is_mirrored { -angle.cos } else { angle.cos };
        let degrees = libm::atan2(sin, cos) * (180.0 / std::f64::consts::PI);
        let turned = if degrees < 0.0 { degrees + 360.0 } else { degrees };
        // A tiny angle west of north rounds to a whole turn. And −0 is 0.
        if turned == 360.0 { 0.0 } else { turned + 0.0 }
    });
    if ends.is_exchanged {
        both.swap(0, 1);
    }
    let is_pole = |v: UnitVector| v[0] == 0.0 && v[1] == 0.0;
    [(p, both[0]), (q, both[1])].map(|(v, azimuth)| (!is_pole(v)).then_some(azimuth))
}
