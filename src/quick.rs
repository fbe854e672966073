//! Quick unit vectors, for filters: the same places as [`crate::sphere::unit_vector`] within a
//! proven error, many at a time.
//!
//! [`crate::sphere::unit_vector`] calls `libm` once for every angle. What only a filter sees may be
//! off by a known amount, so it can have polynomials without branches, which the compiler turns
//! into vector instructions of whatever set the caller is compiled for. They add, subtract, multiply
//! and move bits, and nothing is fused: every instruction set gives the same bits.
//!
//! # The angle
//!
//! The multiple k of 90° nearest to the angle is taken off, as in `sphere`. The angle is multiplied
//! by 1/90 as rounded, where `sphere` divides. All that must be shown is that k is still the
//! nearest one, and of two equally near the even one. Product and sum are monotonic in the angle,
//! so it is enough that this holds at the odd multiples of 45° and at the f64 on both sides of each.
//! The compiler asserts it for all of them, at the end of this file. Then r = angle − 90° k is exact
//! (Sterbenz's lemma) and |r| ≤ 45°. Half a turn adds 2 to k and keeps it even or odd, so that the
//! remainder is the same to the last bit, also at 45°, and −angle gives −k and −r. Sine and cosine
//! of r are odd and even to the last bit. Hence opposite places have opposite vectors, and equal
//! places equal ones.
//!
//! # The polynomials
//!
//! They are in degrees, which saves a conversion and its rounding. With c = π/180 and z = r²:
//!
//! ```text
//! sin r = c·r + (r·z)·P(z)       Taylor, to r¹⁷; then z⁸ and z⁷ are replaced
//! cos r = 1 + z·Q(z)             Taylor, to r¹⁶; then z⁸ is replaced
//! ```
//!
//! "Replaced" is Lanczos's economization (Applied Analysis, 1956, VII.7): on [0, Z], Z = 45², the
//! highest power zⁿ gives way to zⁿ − Zⁿ·T(z/Z)/2²ⁿ⁻¹, where T is the Chebyshev polynomial of
//! degree n shifted to [0, 1]. That has a degree less and is off by at most Zⁿ/2²ⁿ⁻¹, as |T| ≤ 1.
//! `tests/golden/quick.py` computes the coefficients so.
//!
//! # The error
//!
//! Let u = 2⁻⁵³ = 1.11e-16. A result below 2ᵉ is rounded by at most 2ᵉ⁻¹ u, and a relative error
//! is at most u. The greatest terms are those at 45°, where c·r = 0.7854, c·r − sin r = 0.0783 and
//! 1 − cos r = 0.2929. In units of u:
//!
//! ```text
//! sin r, product c·r below 1                           0.5
//!        c as rounded: 0.124 of 0.7854                 0.1
//!        tail: z 1, r·z 1, P 1.6, product 1,
//!              together 4.6 of 0.0783                  0.36
//!        sum below 1                                   0.5
//!        replaced powers 0.022, rest of Taylor 0.001   0.03
//!        together                                      1.49
//! cos r, z below 2048: 1024 u · c²/2                   0.16
//!        Q below 2⁻¹²: its last sum 2⁻¹³ u · Z         0.25
//!        first coefficient of Q: 0.786 of 0.3085       0.25
//!        what is inside of that sum                    0.05
//!        product below 1/2                             0.25
//!        sum at most 1                                 0.5
//!        replaced power 0.001, rest of Taylor 0.018    0.02
//!        together                                      1.48
//! ```
//!
//! P has 1.6: its last sum 1, its first coefficient 0.41, and 0.03 of at most 5 inside. In the
//! cosine the inner sum q is below 2⁻²⁷ and z·q below 2⁻¹⁶: each is rounded by at most 0.016 u once
//! multiplied by what follows, and the coefficient of q by 0.008 u. The tail of the cosine can
//! also be taken relatively: z 1, Q 2.0 (its last sum 1, its first coefficient 0.83, inside 0.15),
//! product 1, polynomial 0.1, together 4.1 u. So with w = 1 − cos r
//!
//! ```text
//! |error of sin r| ≤ 1.5 u,    |error of cos r| ≤ 1.5 u  and  ≤ 0.5 u + 4.1 u · w.
//! ```
//!
//! Exchanging the two and changing their signs, as the quadrant says, is exact. At the latitude φ
//! the vector's horizontal part is cos φ times a vector of length 1 that is off by √2 · 1.5 u =
//! 2.13 u, and its two products, below 1, round by u/2 each, together by 0.71 u:
//!
//! ```text
//! |φ| ≤ 45°: the cosine is that of r, cos φ = 1 − w, and the horizontal part is off by at most
//!            0.5 u + 4.1 u · w + 2.13 u · (1 − w) + 0.71 u,  greatest at w = 0.2929:  4.0 u
//! |φ| ≥ 45°: cos φ ≤ √½, and it is off by at most  1.5 u + 2.13 u · √½ + 0.71 u:      3.8 u
//! vertical:  the sine of φ is off by at most                                          1.5 u
//! ```
//!
//! The whole is √(4.0² + 1.5²) u ≤ 4.3 u = 4.8e-16 from the truth. Products of errors are below
//! 1e-31, products in the range of subnormal numbers are off by less than 1e-323. The vector of
//! `sphere` is at most 5e-16 from the truth, so the two are within 9.8e-16 of each other:
//! [`QUICK_ERROR`].
//!
//! Architecture Invariant: this module does not know what is filtered. Nothing that it computes may
//! reach an answer.

use crate::sphere::NO_FRACTION;

/// [`quick_vectors`] is off from [`crate::sphere::unit_vector`] by no more than this, in Euclidean
/// length.
pub const QUICK_ERROR: f64 = 1e-15;

/// c as rounded: the first coefficient of the sine.
const SIN_FIRST: f64 = 0.017453292519943295;

/// P, lowest power first.
const SIN_TAIL: [f64; 6] = [
    -8.860961557012953e-07,
    1.349601623161155e-11,
    -9.788384855393601e-17,
    4.1412665386436845e-22,
    -1.146756489403943e-27,
    2.2164572730706136e-33,
];

/// Q, lowest power first.
const COS_TAIL: [f64; 7] = [
    -0.00015230870989335428,
    3.866323851562974e-09,
    -3.9258319857351766e-14,
    2.1354943020588758e-19,
    -7.227873545381291e-25,
    1.6678878899351677e-30,
    -2.7630374603810834e-36,
];

/// Quick unit vectors of N latitudes and longitudes in degrees: x of all, y of all, z of all.
///
/// A latitude is in [−90, 90] and a longitude in [−180, 360]. Anything else, as in a damaged file,
/// gives some numbers or NaN, and no panic. Equal places have equal vectors: a pole is one point,
/// and −180° and 180° are one meridian. Coordinates that are exactly antipodal in f64 give exactly
/// opposite vectors, but that zero is always +0.
#[inline(always)]
pub fn quick_vectors<const N: usize>(lat_deg: &[f64; N], lon_deg: &[f64; N]) -> [[f64; N]; 3] {
    // One array, not three that are put together at the end: that would copy each of them.
    let mut vectors = [[0.0; N]; 3];
    for lane in 0..N {
        let (sin_lat, cos_lat) = quick_sin_cos(lat_deg[lane]);
        let (sin_lon, cos_lon) = quick_sin_cos(lon_deg[lane]);
        // Adding zero turns −0 into +0, as in `unit_vector`.
        vectors[0][lane] = cos_lat * cos_lon + 0.0;
        vectors[1][lane] = cos_lat * sin_lon + 0.0;
        vectors[2][lane] = sin_lat + 0.0;
    }
    vectors
}

/// Sine and cosine of an angle in degrees, |angle| ≤ 360, each within 1.5 · 2⁻⁵³.
#[inline(always)]
fn quick_sin_cos(angle_deg: f64) -> (f64, f64) {
    let shifted = shifted_quarter_turns(angle_deg);
    let remainder_deg = angle_deg - 90.0 * (shifted - NO_FRACTION);
    let squared = remainder_deg * remainder_deg;
    let tail = (remainder_deg * squared) * polynomial(squared, &SIN_TAIL);
    let sin = (remainder_deg * SIN_FIRST + tail).to_bits();
    let cos = (1.0 + squared * polynomial(squared, &COS_TAIL)).to_bits();
    // Odd quarter turns exchange the two. The sine is negative from the second quarter turn on, the
    // cosine from the first to the second: bit 1 of k, or of k + 1, becomes the sign.
    let quarter_turns = shifted.to_bits();
    let is_odd_mask = 0_u64.wrapping_sub(quarter_turns & 1);
    let exchange = (sin ^ cos) & is_odd_mask;
    let sin_sign = (quarter_turns & 2) << 62;
    let cos_sign = (quarter_turns.wrapping_add(1) & 2) << 62;
    (f64::from_bits(sin ^ exchange ^ sin_sign), f64::from_bits(cos ^ exchange ^ cos_sign))
}

/// The multiple of 90° nearest to an angle, plus [`NO_FRACTION`]: it is in the lowest bits.
#[inline(always)]
const fn shifted_quarter_turns(angle_deg: f64) -> f64 {
    angle_deg * (1.0 / 90.0) + NO_FRACTION
}

/// Horner's scheme, lowest power first.
#[inline(always)]
fn polynomial<const N: usize>(z: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for power in (0..N - 1).rev() {
        sum = sum * z + coefficients[power];
    }
    sum
}

// The nearest multiple of 90° is found on both sides of every odd multiple of 45° in the range of
// angles, and there the even one of two.
const _: () = {
    let mut below = -2;
    while below <= 3 {
        let middle_deg = 90.0 * below as f64 + 45.0;
        let even = below + (below & 1);
        assert!(shifted_quarter_turns(middle_deg.next_down()) == NO_FRACTION + below as f64);
        assert!(shifted_quarter_turns(middle_deg) == NO_FRACTION + even as f64);
        assert!(shifted_quarter_turns(middle_deg.next_up()) == NO_FRACTION + (below + 1) as f64);
        below += 1;
    }
};
