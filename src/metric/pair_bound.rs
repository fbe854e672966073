//! An upper bound of the distance of one pair, computed in a tenth of the time of a geodesic and nearly as sharp.
//!
//! A search asks for it where its limits let a pair through, before it computes the geodesic. Where |p + q|² is 1e-3
//! or more it is bound 1 of `limits` with the mean computed; below that, within 200 km of the antipode on an Earth, it
//! is bound 2. Symbols are those of `limits` unless they are defined here.
//!
//! # Away from the antipode: the great ellipse
//!
//! Bound 1 puts (Δz/θ)² for the mean of z′² along the great circle. Here the mean itself is computed. With I = ∫z′² dσ
//! over the arc it is I/θ, and by Jensen's inequality the path is at most aθ√(1 − e²I/θ) long:
//!
//! ```text
//! d ≤ a √(θ² − e²θI).
//! ```
//!
//! Let τ be the arc counted from the middle, from −θ/2 to θ/2. Then z = m cos τ + k sin τ. At the ends z is p_z and
//! q_z, and |p + q| = 2 cos(θ/2), |p − q| = 2 sin(θ/2). So m = (p_z + q_z)/|p + q|, k = (q_z − p_z)/|p − q|, and
//!
//! ```text
//! I = ∫(k cos τ − m sin τ)² dτ = ½ (θ(k² + m²) + sin θ (k² − m²)),    sin θ = ½ |p + q| |p − q|.
//! ```
//!
//! Nothing cancels in these. The textbook's inclination, from the cross product, is wrong by kilometres near the
//! antipode.
//!
//! # Near the antipode
//!
//! Bound 2 holds for every α, so a bad α makes this bound loose, never wrong. It also holds with |v·E| and |v·N| in
//! place of v·E and v·N, for E and N may be turned round. With X = 2a|v·E|, Y = 2a|v·N| and A = A₀ cos²β it is about
//!
//! ```text
//! M − (X sin α + Y cos α − ½A sin²α),   least where   X cos α − Y sin α − A sin α cos α = 0.
//! ```
//!
//! The first α is tan α = X/(A√(1 − r²) + Y) with r = X/(A + Y); where r is above 1 the root counts as 0. Where Y = 0
//! this is the best α. Up to four of Newton's steps follow, each with the bound at its α. They end as soon as the bound
//! is at most `enough_km`, which rules the pair out, or a step no longer counts.
//!
//! v·N is computed as v_z cos β − ŵ_z (v·h), h the unit vector of w's horizontal part. On paper that is v_z/cos β,
//! which loses micrometres near the poles.
//!
//! # Slack
//!
//! [`super::limits::SLACK`] · a, 16e-15 a, is added to what comes out. In units of 1e-15 a, with u = 2⁻⁵³:
//!
//! ```text
//! half a step of the resolution, the geodesic, lengths of vectors (`limits`)    4.2, 2.4 and 1.8
//! roundings of the great ellipse: 7 u of π                                      2.5
//! or of bound 2: 6 u of π in M, 2 u in ρ, and two sums, 10 u of π               3.5
//!                                                     in all, with the greater  11.9 of 16
//! ```
//!
//! Architecture Invariant: what comes out may be too great, never too small.

use super::ellipsoid::Ellipsoid;
use super::limits::SLACK;
use crate::sphere::UnitVector;

/// |p + q|² below which bound 2 is used: within 200 km of the antipode on an Earth. There it is mostly the sharper one.
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
        great_ellipse_km(of, [sum[2], sum_squared], [difference[2], squared_norm(difference)])
    };
    (most_km + slack_km).min(of.greatest_km())
}

fn squared_norm(v: [f64; 3]) -> f64 {
    v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
}

/// Bound 1 with the mean computed: of the sum and the difference of the vectors, of each z and the squared length.
fn great_ellipse_km(
    of: &Ellipsoid,
    [sum_z, sum_squared]: [f64; 2],
    [delta_z, delta_squared]: [f64; 2],
) -> f64 {
    let half_angle = |square: f64| 2.0 * libm::asin(square.sqrt() / 2.0);
    let theta = match delta_squared < sum_squared {
        true => half_angle(delta_squared),
        false => std::f64::consts::PI - half_angle(sum_squared),
    };
    let sine = (sum_squared * delta_squared).sqrt() / 2.0;
    if sine == 0.0 {
        return of.equatorial_km * theta;
    }
    let (m, k) = (sum_z * sum_z / sum_squared, delta_z * delta_z / delta_squared);
    let integral = (theta * (k + m) + sine * (k - m)) / 2.0;
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

/// A turn of α, in radians, that no longer counts: it takes about half its square, times `fall`, off the bound.
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
