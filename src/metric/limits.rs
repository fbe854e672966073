//! What the vectors of a pair must show if it is D apart or farther: limits for kernels, boxes and the join, proven.
//!
//! An ellipsoid has the equatorial radius a, the polar one b = a(1 − f), and e² = f(2 − f). K(m) and E(m), always with
//! an argument, are the complete elliptic integrals of the parameter m. M = 2aE(e²) is half the length of a meridian's
//! ellipse. A₀ = 2a(K(e²) − E(e²)) is about πfa, 67.2 km on WGS84 and 0 on a sphere: the cut locus of a place on the
//! equator reaches about so far to the east and to the west of its antipode.
//!
//! p and q are the unit vectors of two places by parametric latitude, θ the angle between them, and d the geodesic
//! distance of the places. S = diag(a, a, b) maps the unit sphere to the ellipsoid. Each bound below is at least the
//! length of some path between the two places; a geodesic is not longer.
//!
//! How a search uses them: far apart it compares |p + q|² with a greatest value, near each other |p − q|², weighed,
//! with a least one ([`Shortfall`]). Two boxes are passed over where even their best corners do not reach the limit.
//!
//! # 1. Everywhere: d ≤ a √(θ² − e²Δz²), and so d ≤ aθ
//!
//! Δz is p_z − q_z. The path is the image of the great circle from p to q. With σ the arc on that circle and z′ =
//! dz/dσ, a piece of the image is ds = √(a²(1 − z′²) + b²z′²) dσ = a √(1 − e²z′²) dσ. The root is concave in z′². So
//! the mean of the root is at most the root at the mean of z′² (Jensen): the path is at most aθ√(1 − e² · mean of z′²)
//! long. The mean of z′² is at least the square of the mean of z′, which is (Δz/θ)².
//!
//! # 2. Near the antipode
//!
//! Let v = (p + q)/2 and w = (p − q)/2, not 0. They are at right angles, for |p| = |q|. Let ŵ be w/|w| and β its
//! latitude, so that cos β = √(1 − ŵ_z²). N and E are the unit vectors at right angles to ŵ that point north and east;
//! where ŵ is a pole, any two at right angles. Let c = E sin α + N cos α for any α. Then
//!
//! ```text
//! d ≤ ρ (M + ½A₀ cos²β sin²α) − 2 (v·c) |Sc|,     ρ = √(1 − |v|² + (v·c)²),     |Sc| ≥ b.
//! ```
//!
//! *The path.* The plane through p and q that contains the directions ŵ and c cuts the sphere in a circle. Its
//! distance from the centre is v·(ŵ × c); as |v|² = (v·c)² + (v·(ŵ × c))², its radius is ρ. Counted from ŵ toward c,
//! p stands at an angle t₀ and q at π − t₀, with ρ sin t₀ = v·c. The path is the image of the arc from t₀ to π − t₀.
//!
//! *Half of the circle.* Its image is ρ times that of the great circle through ŵ and c, moved. The normal of this one
//! is ŵ × c = N sin α − E cos α, of which the third coordinate is cos β sin α = cos i, with i the inclination. A
//! great circle of inclination i has the half axes a and a√(1 − e² sin²i), so half of its image is 2aE(e² sin²i)
//! long. E is concave in its parameter and dE/dm = −(K(m) − E(m))/2m, so that the tangent at e² gives
//! 2aE(e² − e² cos²i) ≤ M + a(K(e²) − E(e²)) cos²i = M + ½A₀ cos²i.
//!
//! *What the arc lacks* of that half, for v·c ≥ 0, are two pieces from t = 0 to t₀ and from π − t₀ to π. Their chords
//! are ρS((cos t₀ − 1)ŵ + sin t₀ c) and ρS((1 − cos t₀)ŵ + sin t₀ c). The lengths of both are together at least the
//! length of the sum, 2ρ sin t₀ |Sc| = 2 (v·c)|Sc|.
//!
//! *If v·c < 0*, the path is that of −c. Its bound differs from that of c in the sign of the last term alone and is
//! the lesser one, so that the bound of c holds too.
//!
//! *|Sc|² = a² − (a² − b²)c_z²*, with c_z = cos β cos α.
//!
//! With α = 0, or α = π where v·N < 0, it says d ≤ ρM ≤ M: **no pair is farther apart than M.**
//!
//! Exact antipodes are M apart. In this paragraph β is the latitude of a place. Let R = M/π, and let Rχ be the length
//! of the meridian from the equator up to β; χ is the rectifying latitude. R dχ/dβ = √(a² sin²β + b² cos²β) is at most
//! a, and it rises with β. So χ ≤ β, with equality at equator and pole. The derivative of a cos β − R cos χ is at most
//! a (sin χ − sin β) ≤ 0, and at the pole the difference is 0: a cos β ≥ R cos χ. So ds² = R²dχ² + a² cos²β dλ² ≥
//! R²(dχ² + cos²χ dλ²). That is a sphere of radius R on which antipodes stay antipodes, πR = M apart.
//!
//! # 3. Far, for boxes and the join
//!
//! Let A = A₀ cos²β, or anything more, and r = b|p + q|. Then
//!
//! ```text
//! r ≤ A:    d ≤ M − r²/2A,
//! r ≥ A:    d ≤ M − r + ½A.
//! ```
//!
//! Let X = b|(p + q)·E| and Y = b|(p + q)·N| (`pair_bound` has a in place of b). As p + q is at right angles to ŵ,
//! r² = X² + Y². Turn E and N round where need be, so that v·E ≥ 0 and v·N ≥ 0, and take cos α ≥ 0; then v·c ≥ 0.
//! With ρ ≤ 1, A₀ cos²β ≤ A and |Sc| ≥ b bound 2 says
//!
//! ```text
//! M − d ≥ X sin α + Y cos α − ½A sin²α.
//! ```
//!
//! For r ≤ A put sin α = X/A: the right side is X²/2A + (Y/A)√(A² − X²), and as √(A² − X²) ≥ Y that is r²/2A or more.
//! For r ≥ A put sin α = X/r and cos α = Y/r: it is r − ½A (X/r)², or more than r − ½A.
//!
//! What is left grows with r and falls with A. So, with one A for many pairs,
//!
//! ```text
//! M − D ≤ ½A:    d ≥ D  ⇒  |p + q|² ≤ 2A(M − D)/b²,
//! M − D ≥ ½A:    d ≥ D  ⇒  |p + q| ≤ (M − D + ½A)/b,
//! always:        d ≥ D  ⇒  |p + q| ≤ 2 cos(D/2a) = 2 sin((π − D/a)/2),    by d ≤ aθ.
//! ```
//!
//! The lesser one is taken. Boxes have A = A₀. The first is what a search lives on: 0.4 km around the antipode for a D
//! that is 1.2 m short of M, where the last leaves 34 km.
//!
//! *Near the poles* A is small, and so is what is left: a D that is 1 km short of M leaves 12 km around an antipode on
//! the equator, and 1 km around a pole. The join knows where its cities are ([`reach`]). Let a place of the pair be no
//! farther than h from the axis, by its geodetic vector. Its parametric one is no farther than
//! k = h/√(1 − e²(1 − h²)) from there: that is the cosine of its latitude, and it grows with h. With w = p − v,
//! |v| = ½|p + q| and |w|² = 1 − |v|²,
//!
//! ```text
//! cos β ≤ (k + |v|)/√(1 − |v|²) ≤ (k + |v|)(1 + |v|²),
//! ```
//!
//! for (1 − x)(1 + x)² ≥ 1 where x = |v|² ≤ ½. For |v| half of the limit with A₀ is taken. 1e-12 on top is for
//! roundings.
//!
//! # 4. For boxes, near
//!
//! For a D up to a quarter turn, πa/2, and one step of the resolution beyond it. Let t = D/a, F(x) = 4 sin²(x/2), r =
//! √(t² + 4e²), which is less than π, and g = (F(r) − F(t))/4. Then
//!
//! ```text
//! d ≥ D  ⇒  Δx² + Δy² + (1 − g)Δz² ≥ F(t).
//! ```
//!
//! Bound 1 gives θ² ≥ t² + e²Δz². F rises up to π and |p − q|² = F(θ). So |p − q|² ≥ F(√(t² + e²τ)) with τ = Δz² in
//! [0, 4]. F(√y) = 2 − 2 cos √y has the derivative sin √y/√y, which falls: it is concave in y, and so in τ. It lies
//! above its chord from τ = 0 to τ = 4, which is F(t) + gτ. As g = sin((r + t)/2) sin((r − t)/2), it is computed
//! without a difference of like numbers.
//!
//! g falls as t grows, and a lesser g only weakens what is said. So the g of a greater D is safe for a lesser one.
//! There are two limits, for pairs at least D apart and for pairs farther, which are at least D plus one step apart
//! ([`Shortfall`]). Both have one weight, 1 − g, with the g of the second.
//!
//! # Slack
//!
//! All limits are taken at D less [`SLACK`] · a: 1.02e-10 km on an Earth. In units of 1e-15 a, with u = 2⁻⁵³:
//!
//! ```text
//! half a step of the resolution, at most 2⁻⁴⁸ a, the quotient and the product             4.2
//! the geodesic, 15 nanometres on an Earth                                                2.4
//! lengths of vectors: each is 1 within 4e-16. The sum or the difference is off
//!     by 8e-16 and rounds by 3 u of itself; D moves by at most √2 a of that (below)       1.8
//! M, eight steps of the mean: 6 u of π                                                   2.1
//! three roundings, each 1 u of π: D and a step, less the slack, M less that              1.0
//! π − D/a: π 0.12, quotient and difference 0.7                                           0.8
//! sines, products and squares of the limit: 5 u of a chord of at most √2, times √2       1.2
//!                                                                                 in all 13.5 of 16
//! ```
//!
//! How far D moves: the second limit has |dD| = a ds/√(1 − s²/4), at most √2 a ds up to a quarter turn, and
//! so has the chord of bound 4. The first has |dD| = b² s ds/A ≤ b ds, for s ≤ A/b there, and what is beyond it b ds.
//! The relative roundings of A act on D by 10 u of A₀/2 at most, which is nothing beside these.
//!
//! Three limits are set apart from these. Beyond [`super::Ellipsoid::greatest_km`] nothing lies, by its definition:
//! far apart the limit is −∞. A D of 0 or less lets everything through: the limit is +∞. Equal vectors are exactly 0
//! apart: where a D above 0 less the slack is no longer above 0, it is −(least normal number), which only equal ones
//! exceed.
//!
//! # Quick vectors
//!
//! A filter sees quick vectors ([`crate::quick`]), off by ε = `QUICK_ERROR` each.
//!
//! *Far* it may see geodetic ones, here g and g′. Then |g + g′| ≤ |p + p′|/(1 − f) + 2e-15 (`geodetic`). 2e-15 is 2ε.
//! Two quick vectors add 2ε, and 2ε more are for roundings, so that 6ε in all are added to √limit/(1 − f). The squared
//! sum rounds by 5 u, so its root by half of that: √limit is first multiplied by 1 + 4 u. Quick parametric vectors are
//! within these limits all the more.
//!
//! *Near* it sees parametric ones, made of quick geodetic ones. The map from geodetic to parametric vectors stretches
//! by at most 1/(1 − f) on the unit sphere and rounds by 4 u: they are off by less than 2ε each. The root of the
//! weighed sum is a norm no greater than |p − q|, so it is off by 4ε at most. 8ε are taken off √(−limit): 4ε for
//! roundings.
//!
//! *The dot product* of two vectors of length 1 is |p + q|²/2 − 1. So far apart it is at most limit/2 − 1. Near each
//! other it is cos θ ≤ cos(D/a), by bound 1. [`DOT_MARGIN`], 90 u, is added. 35 u are needed: 9 for lengths, 3 for the
//! product, 5 for the cosine, and 18, which is 2e-15, as a quick parametric vector may be off by 2ε each where
//! [`crate::kernel::coarse`] counts on ε. The resolution and the geodesic are in the slack of D already.
//!
//! # Limits of many distances, measured alike
//!
//! Whoever asks for many pairs at once measures all by one sign and one weight, whatever the distances are
//! ([`quick_limit`]). *Far*, the limits of 3 hold for any D; below a quarter turn it is the second. Near 2, |p + q|
//! hardly changes with D, so that the slack of D does not cover errors of |p + q|² itself: 1e-14 are added for lengths,
//! 4e-15, and roundings. *Near*, a D beyond a quarter turn is taken for that: what is as far as D is as far as a
//! quarter turn. The weight is that of the greatest D, or of a quarter turn where that is less ([`measure`]): as g
//! falls it is safe for all others. The greatest need not be exact: one too small by δ takes 0.02 δ of the slack, and
//! boxes of quick vectors are off by 3e-15 a.
//!
//! # What two boxes allow
//!
//! The same bounds turned round ([`most_km`]). Let s be the least |p + q| of two boxes. Where bs ≤ A₀, d ≤ M −
//! b²s²/2A₀, by bound 3. Else d ≤ a(π − 2 asin(s/2)), by d ≤ aθ. Where s² is above 2, all pairs are nearer than a
//! quarter turn, and d ≤ 2a asin(|p − q|/2) with the greatest |p − q| is used instead. Slack · a is added.
//!
//! Architecture Invariant: a limit may let too much through, never too little.

use super::direction::positive;
use super::ellipsoid::Ellipsoid;
use crate::bound::{DOT_MARGIN, Shortfall};
use crate::kernel::Measure;
use crate::quick::QUICK_ERROR;
use crate::sphere::UnitVector;

/// By how much less than D all limits are taken, in units of a (see above).
pub(super) const SLACK: f64 = 1.6e-14;

/// The limits of an incumbent at `distance_km`.
pub(super) fn shortfall(of: &Ellipsoid, distance_km: f64) -> Shortfall {
    let is_far = distance_km >= quarter_turn_km(of);
    let beyond_km = distance_km + of.resolution_km();
    let limit = if is_far { far_limit } else { near_limit };
    Shortfall {
        sign: if is_far { 1.0 } else { -1.0 },
        z_weight: if is_far { 1.0 } else { z_weight(of, beyond_km) },
        limit: limit(of, distance_km),
        limit_beyond: limit(of, beyond_km),
    }
}

/// Limits for quick vectors of exact ones (see above).
pub(super) fn quick(of: &Ellipsoid, exact: &Shortfall) -> Shortfall {
    let [limit, limit_beyond] =
        [exact.limit, exact.limit_beyond].map(|limit| widened(of, exact.sign, limit));
    Shortfall { limit, limit_beyond, ..*exact }
}

/// The limit for quick vectors of one for exact vectors.
fn widened(of: &Ellipsoid, sign: f64, limit: f64) -> f64 {
    const FACTOR: f64 = 1.0 + 2.0 * f64::EPSILON;
    // What nothing reaches, and what all do.
    if sign * limit < 0.0 {
        return limit;
    }
    if sign > 0.0 {
        let sum = limit.sqrt() * FACTOR / of.axis_ratio + 6.0 * QUICK_ERROR;
        return sum * sum;
    }
    let difference = positive((-limit).sqrt() - 8.0 * QUICK_ERROR);
    -(difference * difference)
}

/// How to measure pairs of which none is farther apart than so, all by one sign. Any bound of all distances will do; a
/// loose one only blunts the weight.
pub(super) fn measure(of: &Ellipsoid, sign: f64, most_km: f64) -> Measure {
    let z_weight = if sign > 0.0 { 1.0 } else { z_weight(of, most_km.min(quarter_turn_km(of))) };
    Measure { sign, z_weight }
}

/// The greatest shortfall of quick vectors, by the measure of such a sign, of a pair at least `distance_km` apart
/// (see above).
pub(super) fn quick_limit(of: &Ellipsoid, sign: f64, distance_km: f64) -> f64 {
    let quarter_km = quarter_turn_km(of);
    let limit = if sign > 0.0 {
        let is_short = distance_km < quarter_km;
        far_limit(of, distance_km) + if is_short { 1e-14 } else { 0.0 }
    } else {
        near_limit(of, distance_km.min(quarter_km))
    };
    widened(of, sign, limit)
}

/// A quarter of the equator.
fn quarter_turn_km(of: &Ellipsoid) -> f64 {
    std::f64::consts::FRAC_PI_2 * of.equatorial_km
}

/// The greatest dot product of a pair at least `distance_km` apart (see above).
pub(super) fn dot_limit(of: &Ellipsoid, distance_km: f64) -> f64 {
    let Shortfall { sign, limit, .. } = shortfall(of, distance_km);
    let most = match sign > 0.0 {
        true => limit / 2.0 - 1.0,
        false => libm::cos(positive(distance_km / of.equatorial_km - SLACK)),
    };
    most + DOT_MARGIN
}

/// The greatest |p + q| of a pair at least `distance_km` apart, beyond a quarter turn, of which one place is no farther
/// than `from_axis` from the axis, by its geodetic vector of length 1 (see above).
pub(super) fn reach(of: &Ellipsoid, distance_km: f64, from_axis: f64) -> f64 {
    let half = positive(far_limit(of, distance_km)).sqrt() / 2.0;
    let squared = from_axis * from_axis;
    let cos_of_place = from_axis / (1.0 - of.eccentricity_squared * (1.0 - squared)).sqrt();
    let cos_beta = ((cos_of_place + half) * (1.0 + half * half) + 1e-12).min(1.0);
    positive(far_limit_within(of, distance_km, of.cut_km * cos_beta * cos_beta)).sqrt()
}

/// The greatest |p + q|² of a pair at least `distance_km` apart.
fn far_limit(of: &Ellipsoid, distance_km: f64) -> f64 {
    far_limit_within(of, distance_km, of.cut_km)
}

/// The same of pairs whose A is no greater than `cut_km`.
fn far_limit_within(of: &Ellipsoid, distance_km: f64, cut_km: f64) -> f64 {
    // Half a step, for one less and one more than a multiple may round to its neighbour.
    if distance_km > of.greatest_km() + of.resolution_km() / 2.0 {
        return f64::NEG_INFINITY;
    }
    let least_km = distance_km - SLACK * of.equatorial_km;
    let sum = 2.0 * libm::sin((std::f64::consts::PI - least_km / of.equatorial_km) / 2.0);
    let of_sphere = sum * sum;
    let room_km = of.half_meridian_km - least_km;
    let polar_km = of.axis_ratio * of.equatorial_km;
    let of_cut = if room_km > cut_km / 2.0 {
        let reach = (room_km + cut_km / 2.0) / polar_km;
        reach * reach
    } else {
        2.0 * cut_km * room_km / (polar_km * polar_km)
    };
    of_cut.min(of_sphere)
}

/// The greatest −(Δx² + Δy² + (1 − g)Δz²) of a pair at least `distance_km` apart, less than a quarter turn.
fn near_limit(of: &Ellipsoid, distance_km: f64) -> f64 {
    if distance_km <= 0.0 {
        return f64::INFINITY;
    }
    let least_rad = distance_km / of.equatorial_km - SLACK;
    if least_rad <= 0.0 {
        return -f64::MIN_POSITIVE;
    }
    let difference = 2.0 * libm::sin(least_rad / 2.0);
    -(difference * difference)
}

/// Kilometres that no place of one box is from any of another, each given by its corners.
pub(super) fn most_km(of: &Ellipsoid, a: [UnitVector; 2], b: [UnitVector; 2]) -> f64 {
    let [sum, difference] = [1.0, -1.0].map(|sign| {
        let squares = Shortfall { sign, z_weight: 1.0, limit: 0.0, limit_beyond: 0.0 };
        squares.of_boxes(a, b).abs()
    });
    // Up to a quarter turn the arc sine loses no digit; beyond it the other square tells more.
    const QUARTER_TURN: f64 = 2.0;
    let angle = |square: f64| 2.0 * libm::asin(square.min(QUARTER_TURN).sqrt() / 2.0);
    let polar_km = of.axis_ratio * of.equatorial_km;
    let most_km = if sum == 0.0 {
        of.half_meridian_km
    } else if polar_km * sum.sqrt() <= of.cut_km {
        of.half_meridian_km - polar_km * polar_km * sum / (2.0 * of.cut_km)
    } else if sum <= QUARTER_TURN {
        of.equatorial_km * (std::f64::consts::PI - angle(sum))
    } else {
        of.equatorial_km * angle(difference)
    };
    (most_km + SLACK * of.equatorial_km).min(of.greatest_km())
}

/// 1 − g.
fn z_weight(of: &Ellipsoid, distance_km: f64) -> f64 {
    let t = distance_km / of.equatorial_km;
    let squared = 4.0 * of.eccentricity_squared;
    // Without flattening r is t, which may be 0.
    if squared == 0.0 {
        return 1.0;
    }
    let r = (t * t + squared).sqrt();
    1.0 - libm::sin((r + t) / 2.0) * libm::sin(squared / (r + t) / 2.0)
}
