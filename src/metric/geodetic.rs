//! Vectors of geodetic latitude, which lists, places and boxes are of, and what they tell about the parametric ones.
//!
//! With T = diag(1, 1, 1 − f) the parametric vector of a geodetic unit vector g is p = Tg/|Tg|, and g = T⁻¹p/|T⁻¹p|.
//! T is odd, so that antipodes go to antipodes.
//!
//! # How far apart
//!
//! T⁻¹ makes nothing shorter and nothing longer than by 1/(1 − f), so g turns by at most 1/(1 − f) times as much as p
//! does: the part of T⁻¹t across T⁻¹p, divided by |T⁻¹p|, is at most |t|/(1 − f). That holds for angles, and with it
//! for chords, as sin kx ≤ k sin x for k ≥ 1 and kx ≤ π/2, and beyond that k sin x ≥ k sin(π/2k) ≥ 1. So for two
//! places, g and g′, p and p′,
//!
//! ```text
//! |g + g′| ≤ |p + p′|/(1 − f) + 2e-15.
//! ```
//!
//! The rest is for roundings: each p is computed within 4 u = 4.4e-16 of Tg/|Tg|, and each g is 5e-16 from length 1.
//! A search may thus look for near antipodes among geodetic vectors, with a limit that is greater by 0.7 % of its
//! area on an Earth. Near each other that would not do: 0.3 % of a distance of 1000 km are 3 km.
//!
//! # Boxes
//!
//! As |g| = 1, |Tg|² = 1 − e²z². So the third coordinate becomes (1 − f)z/√(1 − e²z²), which rises with z; the others
//! are multiplied by r = 1/√(1 − e²z²), and the products of least and greatest with the least and the greatest r hold
//! them. Such a box is wider than need be by e² z Δz x at most, less than a hundredth of itself on an Earth. [`SKIN`]
//! on each side covers 4 u of p, 3 u of the computation and 4.5 u of the length of g, which is not quite 1.
//!
//! Architecture Invariant: nothing here decides; a box may be too large, never too small.

use super::ellipsoid::Ellipsoid;
use crate::sphere::UnitVector;

/// How much larger than what it is made of a box is on each side, for roundings (see above).
const SKIN: f64 = 1.5e-15;

/// The parametric vector of a geodetic one.
#[inline(always)]
pub(super) fn parametric(of: &Ellipsoid, [x, y, z]: UnitVector) -> UnitVector {
    let z = of.axis_ratio * z;
    let norm = (x * x + y * y + z * z).sqrt();
    [x / norm, y / norm, z / norm]
}

/// A box, by its corners, that holds the parametric vectors of all geodetic ones in a box.
pub(super) fn parametric_box(of: &Ellipsoid, [min, max]: [UnitVector; 2]) -> [UnitVector; 2] {
    let [low, high] = [min[2], max[2]].map(|z| z.clamp(-1.0, 1.0));
    let length = |squared: f64| (1.0 - of.eccentricity_squared * squared).sqrt();
    let greatest = (low * low).max(high * high);
    let least = if low <= 0.0 && high >= 0.0 { 0.0 } else { (low * low).min(high * high) };
    // A product is least, or greatest, where its factor of the same sign is.
    let [stretch_least, stretch_greatest] = [least, greatest].map(|squared| 1.0 / length(squared));
    let lowest = |x: f64| x * if x < 0.0 { stretch_greatest } else { stretch_least } - SKIN;
    let highest = |x: f64| x * if x > 0.0 { stretch_greatest } else { stretch_least } + SKIN;
    let third = |z: f64| of.axis_ratio * z / length(z * z);
    [
        [lowest(min[0]), lowest(min[1]), third(low) - SKIN],
        [highest(max[0]), highest(max[1]), third(high) + SKIN],
    ]
}
