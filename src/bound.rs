//! Bounds: what a pair must show to be worth a look, given the incumbent.
//!
//! # The limit of the dot product
//!
//! Let p and q be two stored unit vectors whose distance, as [`crate::sphere::distance_km`]
//! computes it, is at least D. Then their dot product, computed in f64 in any order of the sum, fused or
//! not, is at most cos(D/R) + [`DOT_MARGIN`]. With u = 2⁻⁵³ = 1.1e-16, to first order:
//!
//! * The computed distance differs from R·θ(p, q), where θ is the angle between the vectors as
//!   stored, by at most the roundings of `distance_km` and half its resolution: 4e-12 km + 1.5e-11 km,
//!   which is 3.0e-15 rad, and |d cos θ| ≤ |dθ|: **27 u**.
//! * `distance_km` measures θ by |p ± q|, which takes the vectors to have length 1. Each length is
//!   1 + ε with |ε| ≤ 5e-16 (`sphere`, "Its error"), and |p + q|² = |p|² + |q|² + 2 p·q, so the dot
//!   product of the stored vectors differs from the cosine of the angle so measured by at most
//!   |ε₁| + |ε₂|, and the squared norm's own rounding (3 u of at most 2) by at most 3 u: **13 u**.
//! * The computed dot product differs from the exact one by at most 3 u · Σ|xᵢyᵢ| ≤ **3 u**, and
//!   less with fused operations.
//! * The computed cosine of the limit: D/R rounds by u · π, `libm::cos` by 1 u: **5 u**.
//!
//! Together 48 u = 5.4e-15. The margin is 90 u, not quite twice that.
//!
//! Near the antipode a margin of 1e-14 in the cosine lets pairs through that are within 0.9 m of
//! the incumbent's distance from the antipode, and no more; so the few finalists cost nothing.
//!
//! Architecture Invariant: a bound may be wrong in one direction only: it lets too much through.

use crate::sphere::RADIUS_KM;

/// How much the dot product of a pair may exceed the cosine of its distance (see above).
pub const DOT_MARGIN: f64 = 1e-14;

/// The greatest dot product that a pair at least `distance_km` apart can show.
pub fn dot_limit(distance_km: f64) -> f64 {
    libm::cos(distance_km / RADIUS_KM) + DOT_MARGIN
}

/// The limit that every pair passes: what holds before there is an incumbent.
pub const NO_LIMIT: f64 = f64::INFINITY;
