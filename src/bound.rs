//! Bounds: what a pair must show to be worth a look, given the incumbent.
//!
//! Two measures serve: the dot product, cheap, for a kernel that looks at every pair
//! ([`dot_limit`]); and the shortfall, sharp down to the resolution of the distance, for a search
//! that prunes ([`Reach`]).
//!
//! # The limit of the dot product
//!
//! Let p and q be two stored unit vectors whose distance, as [`crate::sphere::distance_km`]
//! computes it, is at least D. Then their dot product, exact or computed in f64, in any order of
//! the sum, fused or not, is at most cos(D/R) + [`DOT_MARGIN`]. With u = 2⁻⁵³ = 1.1e-16, to first
//! order:
//!
//! * The computed distance differs from R·θ(p, q), where θ is the angle between the vectors as
//!   stored, by at most the roundings of `distance_km` and half its resolution: 1.2e-11 km and
//!   1.5e-11 km, together 4.2e-15 rad, and |d cos θ| ≤ |dθ|: **38 u**.
//! * `distance_km` measures θ by |p ± q|, which takes the vectors to have length 1. Each length is
//!   1 + ε with |ε| ≤ 5e-16 (`sphere`, "Its error"), and |p + q|² = |p|² + |q|² + 2 p·q, so the dot
//!   product of the stored vectors differs from the cosine of the angle so measured by at most
//!   |ε₁| + |ε₂| = 1e-15; the rounding of the squared norm is in the term before: **9 u**.
//! * The computed dot product differs from the exact one by at most 3 u · Σ|xᵢyᵢ| ≤ **3 u**, and
//!   less with fused operations.
//! * The computed cosine of the limit: D/R rounds by u · π, `libm::cos` by 1 u: **5 u**.
//!
//! Together 55 u = 6.1e-15. The margin is 90 u; no pair was seen to need more than 29 u
//! (`tests/bound.rs` holds both).
//!
//! Near the antipode a margin of 1e-14 in the cosine lets pairs through that are within 0.9 m of
//! the incumbent's distance from the antipode, and no more; so the few finalists cost nothing.
//!
//! # The shortfall
//!
//! Let s² be |p + q|² and d² be |p − q|² as computed in f64, coordinate by coordinate:
//! `distance_km` computes them by the same operations in the same order, hence to the same bits,
//! and so their own rounding does not matter. Far apart it goes on to HALF − R·δ with δ = 2
//! asin(s/2), near each other to R·θ with θ = 2 asin(d/2), and rounds that to the resolution. The
//! root and the arc sine round, the latter with a condition of at most 1.27, and so does the
//! product: δ and θ have a *relative* error of less than 5 u. What is left is the rounding of HALF
//! and of the last subtraction, 4e-12 km, and half the resolution. So the distance can be D or
//! more only if
//!
//! ```text
//! far:    R·δ ≤ HALF − D + resolution/2 + 4e-12 km,
//! near:   R·θ ≥ D − resolution/2,
//! ```
//!
//! both widened by the relative `SLACK` of 1.4e-15, which is 12 u: 5 u for δ and θ, and 5 u for the
//! quotient, sine and product with which these limits are turned into limits of s and d below.
//!
//! Which of the two holds is decided by D. A pair at a quarter turn or more is computed by the
//! first formula, and for a lesser D every pair of the first formula passes the second test, for
//! |p − q| is √2 or more then. Both hold but for vectors whose length is not quite 1, which near a
//! quarter turn, where the formulas meet, costs 13 u more; within a kilometre of it the slack is
//! 90 u.
//!
//! The shortfall of two boxes, or of a city and a box, is computed by the same operations from the
//! corners that can only come nearer. Rounding keeps the order of numbers, so that it is at most that
//! of any two cities within, to the last bit, and needs no slack of its own. The weight of the third square, which is
//! 1 on the sphere and changes no bit there, keeps the order as well.
//!
//! # Quick vectors
//!
//! A filter looks at quick vectors ([`crate::quick`]), each off by at most `QUICK_ERROR` = ε. So |p ± q| of
//! two quick vectors differs from that of the exact ones by at most 2ε, and the roundings of the
//! squared sum are relative: some 4 u of it. [`Shortfall::quick`] widens both limits: where s is the
//! root of a limit, to (s + 4ε)² far apart, to −(d − 4ε)² near each other. 2ε more than the proof asks for
//! cover the roundings: where s or d is large, 2ε are 4 u of 2, the greatest value, and the squared
//! norm needs half of the relative 4 u. That nothing at all lies beyond an antipode stays as it is.
//!
//! # Two pairs of quick vectors
//!
//! Who looks for the farthest city from each of many has no limit from a distance, but another pair to compare
//! with ([`tie_margin`]). Let two pairs have the distances D ≥ D′, and r the |p ± q| of the second. A distance
//! differs from R·θ, θ the angle of its vectors as stored, by no more than 4.2e-15 rad ("The limit of the dot
//! product"), so θ ≥ θ′ − 8.4e-15. The squares 2 + 2 cos θ and 2 − 2 cos θ change by 2 sin θ ≤ 2r with θ, and by
//! 2r times the change of |p ± q|, which is at most 2ε for quick vectors of either pair. So the first shortfall, as
//! computed from quick vectors, is at most that of the second and, up to squares of the changes,
//!
//! ```text
//! 2r · (8.4e-15 + 4e-15)                  angles and quick vectors,
//! 8e-15                                   lengths that are not quite 1, four of 5e-16, where a pair's distance
//!                                         came of the other square: then r ≥ √2 · (1 − 1e-14),
//! 16 u · 4 at most, or 16 u · r²          roundings of both squared sums
//! ```
//!
//! more. [`tie_margin`] is 2r · 2e-14 and (2e-14)²: the 7.6e-15 that are left of 2e-14 are 2.1e-14 at r = √2, where
//! lengths take 8e-15 and roundings 3.6e-15, and at r = 2 they are 3.0e-14, of which these take 1.5e-14. It holds
//! for either sign, whatever the distances: of pairs beyond a quarter turn measured by |p − q|² the margin is only less
//! sharp.
//!
//! Because the error is relative, equal places and exactly antipodal ones are told from all others:
//! a million copies of one city are seen to hold nothing beyond distance 0, and nothing is beyond
//! the antipode. That is what keeps ties by the million from being looked at one by one.
//!
//! Architecture Invariant: a bound may be wrong in one direction only: it lets too much through.

use crate::kernel::Measure;
use crate::quick::QUICK_ERROR;
use crate::sphere::{HALF_CIRCUMFERENCE_KM, RADIUS_KM, RESOLUTION_KM, UnitVector};
use crate::tiles::greater;

/// How much the dot product of a pair may exceed the cosine of its distance (see above).
pub const DOT_MARGIN: f64 = 1e-14;

/// The greatest dot product that a pair at least `distance_km` apart can show.
pub fn dot_limit(distance_km: f64) -> f64 {
    libm::cos(distance_km / RADIUS_KM) + DOT_MARGIN
}

/// Relative widening of the limits of the shortfall (see above).
const SLACK: f64 = 1.4e-15;

/// The same within a kilometre of a quarter turn.
const SLACK_AT_QUARTER_TURN: f64 = 1e-14;

/// How far the pairs of two boxes, or two cities, can reach, measured by the incumbent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// No pair is as far as the incumbent.
    Short,
    /// A pair may be as far, none farther: only lower rows could still win.
    Equal,
    /// A pair may be farther.
    Beyond,
}

/// The incumbent's distance as limits of the shortfall: ±|p ± q|², the lower the farther.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// 1 where the incumbent is farther than a quarter turn: the shortfall is |p + q|². −1 where
    /// it is nearer: the shortfall is −|p − q|².
    pub sign: f64,
    /// What the square of the third coordinate counts: 1, or less where places on an ellipsoid are near each other
    /// ([`crate::metric`]).
    pub z_weight: f64,
    /// The greatest shortfall of a pair that is as far as the incumbent.
    pub limit: f64,
    /// The greatest shortfall of a pair that is farther.
    pub limit_beyond: f64,
}

/// How much farther or nearer than exact ones quick vectors may let two cities seem (see above).
const QUICK_SLACK: f64 = 4.0 * QUICK_ERROR;

impl Shortfall {
    /// The limits of an incumbent at `distance_km`.
    pub fn of(distance_km: f64) -> Shortfall {
        let is_far = distance_km >= HALF_CIRCUMFERENCE_KM / 2.0;
        let limit = if is_far { far_limit } else { near_limit };
        Shortfall {
            sign: if is_far { 1.0 } else { -1.0 },
            z_weight: 1.0,
            limit: limit(distance_km),
            limit_beyond: limit(distance_km + RESOLUTION_KM),
        }
    }

    /// What a shortfall is, for kernels.
    #[inline]
    pub fn measure(&self) -> Measure {
        Measure { sign: self.sign, z_weight: self.z_weight }
    }

    /// The same limits for pairs of quick vectors.
    pub fn quick(&self) -> Shortfall {
        let widen = |limit: f64| match self.sign > 0.0 {
            true if limit < 0.0 => limit,
            true => (limit.sqrt() + QUICK_SLACK) * (limit.sqrt() + QUICK_SLACK),
            false if limit > 0.0 => limit,
            false => {
                let difference = greater((-limit).sqrt() - QUICK_SLACK, 0.0);
                -(difference * difference)
            }
        };
        let (limit, limit_beyond) = (widen(self.limit), widen(self.limit_beyond));
        Shortfall { limit, limit_beyond, ..*self }
    }

    /// The least shortfall of a city of `a` and a city of `b`, each a box by its corners.
    #[inline]
    pub fn of_boxes(&self, a: [UnitVector; 2], b: [UnitVector; 2]) -> f64 {
        self.least(a, b)
    }

    /// The least shortfall of a city at `p` and a city of `b`.
    #[inline]
    pub fn of_city(&self, p: UnitVector, b: [UnitVector; 2]) -> f64 {
        self.least([p, p], b)
    }

    /// The shortfall of two cities.
    #[inline]
    pub fn of_cities(&self, p: UnitVector, q: UnitVector) -> f64 {
        let sums: UnitVector = std::array::from_fn(|axis| p[axis] + self.sign * q[axis]);
        self.sign * (sums[0] * sums[0] + sums[1] * sums[1] + self.z_weight * (sums[2] * sums[2]))
    }

    /// What a least shortfall means.
    #[inline]
    pub fn reach(&self, shortfall: f64) -> Reach {
        if shortfall <= self.limit_beyond {
            Reach::Beyond
        } else if shortfall <= self.limit {
            Reach::Equal
        } else {
            Reach::Short
        }
    }

    /// Far: each coordinate of p + q lies in an interval, whose distance from 0 it has at least.
    /// Near: each coordinate of p − q is at most the greater of the two differences of corners.
    #[inline]
    fn least(&self, [a_min, a_max]: [UnitVector; 2], [b_min, b_max]: [UnitVector; 2]) -> f64 {
        let mut sum = 0.0;
        for axis in 0..3 {
            let reach = if self.sign > 0.0 {
                let inner = greater(a_min[axis] + b_min[axis], 0.0);
                greater(-a_max[axis] - b_max[axis], inner)
            } else {
                greater(a_max[axis] - b_min[axis], b_max[axis] - a_min[axis])
            };
            let square = reach * reach;
            sum += if axis == 2 { self.z_weight * square } else { square };
        }
        self.sign * sum
    }
}

/// How much greater than that of another pair, of whose quick vectors it is given, the shortfall of a pair of quick
/// vectors can be that is as far or farther (see above). Either sign does; whoever knows no shortfall gives one that
/// is greater in size.
#[inline]
pub fn tie_margin(shortfall: f64) -> f64 {
    const CHANGE: f64 = 2e-14;
    let reach = shortfall.abs().sqrt();
    2.0 * CHANGE * reach + CHANGE * CHANGE
}

/// What [`most_km`] adds for all roundings: a hundred times what they can be.
const MOST_KM_MARGIN: f64 = 1e-9;

/// Kilometres that no two cities are apart, one in each of two boxes by their corners.
///
/// With s² the least |p + q|² of the boxes, no angle is greater than π − 2 asin(s/2). Where that is less than a
/// quarter turn the sine says more by d², the greatest |p − q|²: no angle is greater than 2 asin(d/2). The condition
/// of the arc sine is at most 1.27 up to a quarter turn, so that roundings, lengths that are not quite 1, half the
/// resolution and the rounding of HALF are less than 1e-11 km + 1.5e-11 km + 4e-12 km.
pub fn most_km(a: [UnitVector; 2], b: [UnitVector; 2]) -> f64 {
    const QUARTER_TURN: f64 = 2.0;
    let [far, near] =
        [1.0, -1.0].map(|sign| Shortfall { sign, z_weight: 1.0, limit: 0.0, limit_beyond: 0.0 });
    let (sum, difference) = (far.of_boxes(a, b), -near.of_boxes(a, b));
    let half_angle = |square: f64| libm::asin(square.min(QUARTER_TURN).sqrt() / 2.0);
    let most_km = if sum <= QUARTER_TURN {
        HALF_CIRCUMFERENCE_KM - RADIUS_KM * 2.0 * half_angle(sum)
    } else {
        RADIUS_KM * 2.0 * half_angle(difference)
    };
    // No distance is more than half the circumference, and what is no number bounds nothing.
    if most_km.is_nan() {
        HALF_CIRCUMFERENCE_KM
    } else {
        (most_km + MOST_KM_MARGIN).min(HALF_CIRCUMFERENCE_KM)
    }
}

/// The greatest |p + q| of a pair at least `distance_km` apart, a quarter turn or more.
pub fn reach(distance_km: f64) -> f64 {
    greater(far_limit(distance_km), 0.0).sqrt()
}

/// The greatest |p + q|² of a pair at least `distance_km` apart, a quarter turn or more.
fn far_limit(distance_km: f64) -> f64 {
    let room_km = HALF_CIRCUMFERENCE_KM - distance_km + RESOLUTION_KM / 2.0 + 4e-12;
    if room_km < 0.0 {
        return f64::NEG_INFINITY;
    }
    let sum = 2.0 * libm::sin(room_km / RADIUS_KM / 2.0) * (1.0 + slack(distance_km));
    sum * sum
}

/// The greatest −|p − q|² of a pair at least `distance_km` apart, less than a quarter turn.
fn near_limit(distance_km: f64) -> f64 {
    let least_km = distance_km - RESOLUTION_KM / 2.0;
    if least_km <= 0.0 {
        return f64::INFINITY;
    }
    let difference = 2.0 * libm::sin(least_km / RADIUS_KM / 2.0) * (1.0 - slack(distance_km));
    -(difference * difference)
}

fn slack(distance_km: f64) -> f64 {
    let from_quarter_turn_km = (distance_km - HALF_CIRCUMFERENCE_KM / 2.0).abs();
    if from_quarter_turn_km < 1.0 { SLACK_AT_QUARTER_TURN } else { SLACK }
}
