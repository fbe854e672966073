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
//! # What is exact
//!
//! * *Both orders give the same bits.* Which end comes first is decided by |z| and by x² + y², and where both are
//!   equal by the coordinates themselves.
//! * *Opposite vectors give one number*, wherever they lie: sin λ₁₂ is exactly 0, the geodesic is a meridian, the
//!   sines of both ends cancel, and what is left is b π A₁ of the ellipsoid.
//! * *Equal vectors give 0.* Up to 20 m the length is that of the straight line between the two places of the
//!   ellipsoid, which is shorter by the factor 1 − σ²/24 at most, 1e-14 km.

use super::Azimuths;
use super::direction::{Angle, halfway};
use super::ellipsoid::Ellipsoid;
use super::ends::Ends;
use super::line::Line;
use super::path::Path;
use crate::sphere::UnitVector;

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

/// α₁ to nearly all its digits, and its line.
fn solve_direction(of: &Ellipsoid, ends: &mut Ends) -> (Angle, Line) {
    let Solution { mut alpha, .. } = solve(of, ends);
    // A length is known before its azimuth is; some steps more give that nearly all its digits, also at the end of
    // the cut locus, where steps only halve what is missing. On a meridian and along the equator there are none to
    // take.
    for _ in 0..8 {
        let line = Line::new(of, ends, alpha);
        let phases = line.phases();
        let turn = -line.excess(of, ends.longitude, phases) / line.slope(of, ends, phases);
        if alpha.sin > 0.0 && turn.abs() < 1e-3 {
            alpha = alpha.turned(turn);
        }
    }
    (alpha, Line::new(of, ends, alpha))
}

/// The geodesic between two places that are on no common meridian, as what it passes.
pub(super) fn path(of: &Ellipsoid, p: UnitVector, q: UnitVector) -> Path<'_> {
    let mut ends = Ends::of(p, q);
    let (_, line) = solve_direction(of, &mut ends);
    // Where it leaves the equator, what solves it has moved the first end off it.
    let is_equator = ends.beta[0].sin == 0.0;
    Path { of, line: (!is_equator).then_some(line), ends }
}

/// The azimuth at each place of the geodesic towards the other.
pub(super) fn azimuths(of: &Ellipsoid, p: UnitVector, q: UnitVector) -> Azimuths {
    if p == q || (0..3).all(|axis| p[axis] == -q[axis]) {
        return [None; 2];
    }
    let mut ends = Ends::of(p, q);
    let (alpha, line) = solve_direction(of, &mut ends);
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
