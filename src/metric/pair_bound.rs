//! A distance that one pair of places does not exceed, computed in a tenth of the time of a geodesic and nearly as
//! sharp.
//!
//! A search that has let a pair through its limits asks here before it computes the geodesic. Notation and bounds 1
//! and 2 are those of `limits`.
//!
//! # Away from the antipode: the great ellipse
//!
//! In bound 1 the mean of z′² need not be bounded; it can be computed: d ≤ a√(θ² − e²θI) with I = ∫z′². Count τ along
//! the arc from its middle. There z = m cos τ + k sin τ, with m = (p_z + q_z)/|p + q| and k = (q_z − p_z)/|p − q|,
//! for |p + q| = 2 cos(θ/2) and |p − q| = 2 sin(θ/2). Then
//!
//! ```text
//! I = ∫(k cos τ − m sin τ)² = ½ (θ(k² + m²) + sin θ (k² − m²)).
//! ```
//!
//! With s = |p + q|, d = |p − q|, n = sin θ = sd/2 that is ½(θu/n² + w/n), where 4u = Δz²s² + (p_z + q_z)²d² and 4w =
//! Δz²s² − (p_z + q_z)²d². s² + d² = 4 and (p_z + q_z)² + Δz² = 2(p_z² + q_z²) remove the larger of the two squares:
//!
//! ```text
//! near (d < s):   u = Δz² + p_z q_z d²,               w = Δz² − (p_z² + q_z²)d²/2
//! far:            u = (p_z + q_z)² − p_z q_z s²,      w = (p_z² + q_z²)s²/2 − (p_z + q_z)²
//! ```
//!
//! Written so, every term is of the order of the smaller square and nothing is lost: I by the textbook's inclination
//! is wrong by kilometres at the antipode.
//!
//! # Near the antipode
//!
//! Bound 2 with an α that makes it nearly as small as it can be. With X = 2a|v·E|, Y = 2a|v·N| and A = A₀ cos²β it is
//! about M − (X sin α + Y cos α − ½A sin²α), whose slope X cos α − Y sin α − A sin α cos α is 0 at the best α. The first
//! is tan α = X/(Ac + Y), c² = 1 − (X/(A + Y))², which is the best one where Y = 0, short of the end of the cut locus.
//! Up to four of Newton's steps from there give α to a few digits. A bad α makes the bound loose, not wrong; so each α
//! is tried, and none is sought beyond one that rules the pair out. v·N is v_z cos β − ŵ_z (v·h), h the unit vector of
//! w's horizontal part; v_z/cos β, the same on paper, loses micrometres near the poles.
//!
//! # Slack
//!
//! [`super::limits::SLACK`] · a is added. In units of 1e-15 a: half a step of the resolution, the geodesic and
//! lengths of vectors as there, 4.2, 2.4 and 1.8; roundings of the great ellipse 7 u of π, 2.5, or of bound 2, where
//! M has 6 u of π, ρ 2 u, and two more sums round, 3.5. In all 11.9 of 16.
//!
//! Architecture Invariant: what comes out may be too great, never too small.

use super::ellipsoid::Ellipsoid;
use super::limits::SLACK;
use crate::sphere::UnitVector;

/// |p + q|² below which the bound near the antipode is the sharper one: 200 km from it on an Earth.
const NEAR_ANTIPODE: f64 = 1e-3;

/// Kilometres that the distance of two places, as `distance_km` gives it, does not exceed. No sharper bound is sought
/// than one of `enough_km`.
pub(super) fn most_km(of: &Ellipsoid, p: UnitVector, q: UnitVector, enough_km: f64) -> f64 {
    let sum: UnitVector = std::array::from_fn(|axis| p[axis] + q[axis]);
    let difference: UnitVector = std::array::from_fn(|axis| p[axis] - q[axis]);
    let sum_squared = squared_norm(sum);
    let slack_km = SLACK * of.equatorial_km;
    let most_km = if sum_squared < NEAR_ANTIPODE {
        near_antipode_km(of, sum, difference, enough_km - slack_km)
    } else {
        great_ellipse_km(
            of,
            [p[2], q[2]],
            [sum[2], sum_squared],
            [difference[2], squared_norm(difference)],
        )
    };
    (most_km + slack_km).min(of.greatest_km())
}

fn squared_norm(v: [f64; 3]) -> f64 {
    v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
}

/// Of z of both, and of sum and difference z and square.
fn great_ellipse_km(of: &Ellipsoid, [p, q]: [f64; 2], sum: [f64; 2], difference: [f64; 2]) -> f64 {
    let ([sum_z, sum_squared], [delta_z, delta_squared]) = (sum, difference);
    let squares = (p * p + q * q) / 2.0;
    let is_near = delta_squared < sum_squared;
    let half_angle = |square: f64| 2.0 * libm::asin(square.sqrt() / 2.0);
    let (theta, u, w) = if is_near {
        let (z, all) = (delta_z * delta_z, delta_squared);
        (half_angle(all), z + p * q * all, z - squares * all)
    } else {
        let (z, all) = (sum_z * sum_z, sum_squared);
        (std::f64::consts::PI - half_angle(all), z - p * q * all, squares * all - z)
    };
    let sin_squared = sum_squared * delta_squared / 4.0;
    if sin_squared == 0.0 {
        return of.equatorial_km * theta;
    }
    let integral = (theta * u / sin_squared + w / sin_squared.sqrt()) / 2.0;
    // z′² is 1 at most, so that the integral is θ at most, and the root one of a number above 0.
    of.equatorial_km * (theta * theta - of.eccentricity_squared * theta * integral).sqrt()
}

/// Bound 2, no sharper than need be.
fn near_antipode_km(
    of: &Ellipsoid,
    sum: UnitVector,
    difference: UnitVector,
    enough_km: f64,
) -> f64 {
    let [v, w] = [sum, difference].map(|vector| vector.map(|coordinate| coordinate / 2.0));
    let horizontal = (w[0] * w[0] + w[1] * w[1]).sqrt();
    let per_norm = 1.0 / (horizontal * horizontal + w[2] * w[2]).sqrt();
    let (sin_beta, cos_beta) = (w[2] * per_norm, horizontal * per_norm);
    // At a pole any direction is as good.
    let per_horizontal = 1.0 / horizontal;
    let is_pole = horizontal == 0.0;
    let h = if is_pole { [1.0, 0.0] } else { [w[0] * per_horizontal, w[1] * per_horizontal] };
    let east = (v[1] * h[0] - v[0] * h[1]).abs();
    let north = (v[2] * cos_beta - sin_beta * (v[0] * h[0] + v[1] * h[1])).abs();
    let cut_km = of.cut_km * cos_beta * cos_beta;
    let at = |(sin, cos): (f64, f64)| {
        let along = east * sin + north * cos;
        let aside = east * cos - north * sin;
        let rho = (1.0 - aside * aside).sqrt();
        let z = cos_beta * cos;
        let stretched_km = of.equatorial_km * (1.0 - of.eccentricity_squared * z * z).sqrt();
        rho * (of.half_meridian_km + cut_km / 2.0 * sin * sin) - 2.0 * along * stretched_km
    };
    let diameter_km = 2.0 * of.equatorial_km;
    let (x, y) = (diameter_km * east, diameter_km * north);
    let mut direction = first_direction(x, y, cut_km);
    let mut most_km = at(direction);
    for _ in 0..STEPS {
        if most_km <= enough_km {
            break;
        }
        let Some(better) = better_direction(direction, x, y, cut_km) else { break };
        direction = better;
        most_km = at(direction);
    }
    most_km
}

/// Newton's steps at most.
const STEPS: usize = 4;

/// A turn of α, in radians, that no longer counts: it takes less than 1e-12 of ½A off the bound.
const LEAST_TURN: f64 = 1e-6;

/// Sine and cosine of an α at which x sin α + y cos α − ½ cut sin²α is nearly as great as it can be; all ≥ 0.
#[inline(always)]
fn first_direction(x: f64, y: f64, cut: f64) -> (f64, f64) {
    let share = x / (cut + y);
    let cos_squared = 1.0 - share * share;
    let across = if cos_squared > 0.0 { cut * cos_squared.sqrt() + y } else { y };
    toward(x, across)
}

/// A better α by Newton's step; `None` where there is none, or where it is no longer worth it.
fn better_direction((sin, cos): (f64, f64), x: f64, y: f64, cut: f64) -> Option<(f64, f64)> {
    let slope = x * cos - y * sin - cut * sin * cos;
    let fall = x * sin + y * cos + cut * (cos * cos - sin * sin);
    let turn = slope / fall;
    (fall > 0.0 && turn.abs() > LEAST_TURN).then(|| toward(sin + turn * cos, cos - turn * sin))
}

#[inline(always)]
fn toward(sin: f64, cos: f64) -> (f64, f64) {
    let per_norm = 1.0 / (sin * sin + cos * cos).sqrt();
    if per_norm < f64::INFINITY { (sin * per_norm, cos * per_norm) } else { (0.0, 1.0) }
}
