//! An oblate ellipsoid of revolution: its numbers, the vectors of places on it, and how far two of them are apart.
//!
//! # Vectors
//!
//! A place at the geodetic latitude φ has the parametric latitude β, tan β = (1 − f) tan φ, and its vector is the
//! unit vector of β and the longitude. The ellipsoid is then the image of the unit sphere under S = diag(a, a, b),
//! and everything that is known about great circles can be told about it (`limits`, `pair_bound`). With the geodetic
//! unit vector (x, y, z) of [`crate::sphere`] it is (x, y, (1 − f)z) divided by its length: products, a root and
//! quotients. So antipodes stay exactly opposite, equal places equal, and poles exact: √(z²) is |z| in binary
//! arithmetic.
//!
//! # The error of a distance
//!
//! In kilometres of an Earth; other ellipsoids have it in proportion to a.
//!
//! ```text
//! vectors     each coordinate of the geodetic one is off by 3e-16 (`sphere`); the square below
//!             shrinks, the quotient rounds: 1e-15 in all for each vector           1.3e-11
//! geodesic    roundings and the series left out, on the vectors as they are        1.5e-11
//! resolution  half a step                                                          1.5e-11
//! ```
//!
//! `tests/metric.rs` holds the first two together against quadrature with forty digits: 1.5e-11 from degrees to
//! kilometres.
//!
//! # Resolution
//!
//! As on the sphere, pairs that are equally far on paper must come out equal as often as can be. On an oblate
//! ellipsoid no two places are farther apart than M, half a meridian's ellipse, and all exactly antipodal pairs are M
//! apart (`limits`): there real ties gather. So the step divides M, as the geodesic between the poles computes it, into
//! a whole number of parts, M/round(M/2⁻³⁵ km) for an Earth, and M lies half a step, 1.46e-11 km and 5 u of M at least,
//! from the nearest edge between two multiples, whatever the ellipsoid. It is not the M of [`limits`], which may be 8 u
//! from it. The step differs from 2⁻³⁵ km by less than one part in 10¹⁴. For larger and smaller ellipsoids it is the
//! power of two that is as small beside a. No distance is more than the multiple that stands for M
//! ([`Ellipsoid::greatest_km`]): nothing is beyond it, so that ties by the million at the antipode need not be looked
//! at.
//!
//! Mirrored pairs have the same bits. Pairs that are turned about the axis have degrees that round in their own way,
//! and in some 7 % of the groups of eight that `tests/metric.rs` tries they come out one step apart.

use super::limits;
use super::pair_bound;
use super::series::Longitude;
use super::{Azimuths, geodesic, geodetic};
use crate::bound::Shortfall;
use crate::kernel::Measure;
use crate::sphere::{NO_FRACTION, UnitVector, unit_vector};

/// The flattest that is taken is 1/50: the series of order 6 are good to the error above up to there.
pub const LEAST_INVERSE_FLATTENING: f64 = 50.0;

/// The least and the greatest equatorial radius in kilometres: from a boulder to the Sun.
pub const RADII_KM: [f64; 2] = [0.001, 1e6];

/// An oblate ellipsoid, or a sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipsoid {
    pub(super) equatorial_km: f64,
    /// 1/f, infinite for a sphere.
    inverse_flattening: f64,
    /// f.
    pub(super) flattening: f64,
    /// b/a = 1 − f.
    pub(super) axis_ratio: f64,
    /// e² = f(2 − f).
    pub(super) eccentricity_squared: f64,
    /// e′² = e²/(1 − e²).
    pub(super) second_eccentricity_squared: f64,
    /// M, half the length of a meridian's ellipse.
    pub(super) half_meridian_km: f64,
    /// A₀ = 2a(K − E), about half the length of the cut locus of a place on the equator.
    pub(super) cut_km: f64,
    resolution_km: f64,
    greatest_km: f64,
    /// I₃ as a series.
    pub(super) longitude: Longitude,
}

impl Ellipsoid {
    /// Of the equatorial radius a in kilometres and the inverse flattening 1/f, which is infinite for a sphere.
    ///
    /// # Errors
    ///
    /// If a is not within [`RADII_KM`], or the ellipsoid is prolate or flatter than 1/50: the reason.
    pub fn new(equatorial_km: f64, inverse_flattening: f64) -> Result<Ellipsoid, String> {
        let [least, greatest] = RADII_KM;
        if !(least..=greatest).contains(&equatorial_km) {
            let metres = equatorial_km / 1000.0;
            let hint = if (least..=greatest).contains(&metres) {
                format!("; in metres it would be {metres} km")
            } else {
                String::new()
            };
            return Err(format!(
                "an equatorial radius from {least} to {greatest} kilometres was expected, \
                 not {equatorial_km}{hint}"
            ));
        }
        if inverse_flattening < 0.0 {
            return Err(format!(
                "an inverse flattening of {inverse_flattening} makes a prolate ellipsoid, on which antipodes \
                 are not the farthest places and the proofs do not hold; only oblate ones are searched"
            ));
        }
        if !(LEAST_INVERSE_FLATTENING..=f64::INFINITY).contains(&inverse_flattening) {
            return Err(format!(
                "an inverse flattening of {LEAST_INVERSE_FLATTENING} or more was expected, not \
                 {inverse_flattening}: on flatter ellipsoids the series for the geodesic lose nanometres"
            ));
        }
        Ok(Ellipsoid::of(equatorial_km, inverse_flattening))
    }

    /// The World Geodetic System of 1984 (NIMA TR8350.2, third edition, table 3.1).
    pub fn wgs84() -> Ellipsoid {
        Ellipsoid::of(6378.137, 298.257223563)
    }

    /// The Geodetic Reference System of 1980 (H. Moritz, J. Geodesy 74, 2000, 128–133).
    pub fn grs80() -> Ellipsoid {
        Ellipsoid::of(6378.137, 298.257222101)
    }

    /// A sphere.
    ///
    /// # Errors
    ///
    /// If the radius is not within [`RADII_KM`].
    pub fn sphere(radius_km: f64) -> Result<Ellipsoid, String> {
        Ellipsoid::new(radius_km, f64::INFINITY)
    }

    fn of(equatorial_km: f64, inverse_flattening: f64) -> Ellipsoid {
        let flattening = 1.0 / inverse_flattening;
        let axis_ratio = 1.0 - flattening;
        let eccentricity_squared = flattening * (2.0 - flattening);
        let (quarter, cut) = meridian(axis_ratio, eccentricity_squared);
        let half_meridian_km = 2.0 * equatorial_km * quarter;
        // The power of two that is 2⁻³⁵ for radii from 4096 to 8192 km.
        let about_km = libm::ldexp(1.0, libm::ilogb(equatorial_km) - 47);
        let mut ellipsoid = Ellipsoid {
            equatorial_km,
            inverse_flattening,
            flattening,
            axis_ratio,
            eccentricity_squared,
            second_eccentricity_squared: eccentricity_squared / (axis_ratio * axis_ratio),
            half_meridian_km,
            cut_km: 2.0 * equatorial_km * cut,
            resolution_km: about_km,
            greatest_km: half_meridian_km,
            longitude: Longitude::new(flattening / (2.0 - flattening)),
        };
        let between_poles_km = ellipsoid.geodesic_km([0.0, 0.0, 1.0], [0.0, 0.0, -1.0]);
        let steps = (between_poles_km / about_km + NO_FRACTION) - NO_FRACTION;
        ellipsoid.resolution_km = between_poles_km / steps;
        ellipsoid.greatest_km = steps * ellipsoid.resolution_km;
        ellipsoid
    }

    /// a in kilometres.
    pub fn equatorial_km(&self) -> f64 {
        self.equatorial_km
    }

    /// 1/f, infinite for a sphere.
    pub fn inverse_flattening(&self) -> f64 {
        self.inverse_flattening
    }

    /// The same as it is typed and reported: 0 for a sphere.
    pub fn typed_inverse_flattening(&self) -> f64 {
        if self.inverse_flattening.is_finite() { self.inverse_flattening } else { 0.0 }
    }

    /// M, half the length of a meridian's ellipse, in kilometres.
    pub fn half_meridian_km(&self) -> f64 {
        self.half_meridian_km
    }

    /// A₀ = 2a(K − E) in kilometres: about half the length of the cut locus of a place on the equator.
    pub fn cut_km(&self) -> f64 {
        self.cut_km
    }

    /// The greatest distance of two places in kilometres, as [`Ellipsoid::distance_km`] gives it.
    pub fn greatest_km(&self) -> f64 {
        self.greatest_km
    }

    /// Distances are whole multiples of this.
    pub fn resolution_km(&self) -> f64 {
        self.resolution_km
    }

    /// The unit vector of the parametric latitude of a place: latitude in [−90, 90], longitude in [−180, 360], in
    /// degrees.
    pub fn vector(&self, lat_deg: f64, lon_deg: f64) -> UnitVector {
        self.of_geodetic(unit_vector(lat_deg, lon_deg))
    }

    /// The same of the unit vector of its geodetic latitude, as [`crate::sphere`] has it.
    pub fn of_geodetic(&self, vector: UnitVector) -> UnitVector {
        geodetic::parametric(self, vector)
    }

    /// A box that holds the vectors of all places whose geodetic ones are in a box, each by its corners (`geodetic`).
    pub fn box_of_geodetic(&self, corners: [UnitVector; 2]) -> [UnitVector; 2] {
        geodetic::parametric_box(self, corners)
    }

    /// What |p + q| of two places is multiplied by at most where p and q are geodetic vectors: 1/(1 − f)
    /// (`geodetic`).
    pub fn geodetic_stretch(&self) -> f64 {
        1.0 / self.axis_ratio
    }

    /// Geodesic distance in kilometres between two places by their vectors, a multiple of
    /// [`Ellipsoid::resolution_km`]. Symmetric: both orders give the same bits.
    pub fn distance_km(&self, p: UnitVector, q: UnitVector) -> f64 {
        let steps = (self.geodesic_km(p, q) / self.resolution_km + NO_FRACTION) - NO_FRACTION;
        let rounded_km = steps * self.resolution_km;
        // Written so that what is no number stays none, to be called damaged.
        if rounded_km > self.greatest_km { self.greatest_km } else { rounded_km }
    }

    /// The same before it is rounded to the resolution.
    pub fn geodesic_km(&self, p: UnitVector, q: UnitVector) -> f64 {
        geodesic::length_km(self, p, q)
    }

    /// The azimuth at each place of the shortest way to the other.
    pub fn azimuths_deg(&self, p: UnitVector, q: UnitVector) -> Azimuths {
        geodesic::azimuths(self, p, q)
    }

    /// Kilometres that the distance of a pair does not exceed, sharp for this very pair; no sharper bound is sought
    /// than one of `enough_km` (`pair_bound`).
    pub fn most_km(&self, p: UnitVector, q: UnitVector, enough_km: f64) -> f64 {
        pair_bound::most_km(self, p, q, enough_km)
    }

    /// Kilometres that no place of one box is from any of another, each given by its corners (`limits`).
    pub fn most_km_of_boxes(&self, a: [UnitVector; 2], b: [UnitVector; 2]) -> f64 {
        limits::most_km(self, a, b)
    }

    /// The greatest |p + q| of parametric vectors of a pair at least `distance_km` apart, beyond a quarter turn, of
    /// which one place is no farther than `from_axis` from the axis, by its geodetic vector (`limits`).
    pub fn reach(&self, distance_km: f64, from_axis: f64) -> f64 {
        limits::reach(self, distance_km, from_axis)
    }

    /// The limits that kernels, boxes and the join may use for pairs at least, or more than, so far apart (`limits`).
    pub fn shortfall(&self, distance_km: f64) -> Shortfall {
        limits::shortfall(self, distance_km)
    }

    /// The same limits for quick vectors: geodetic ones beyond a quarter turn, else parametric ones (`limits`).
    pub fn quick(&self, exact: &Shortfall) -> Shortfall {
        limits::quick(self, exact)
    }

    /// See [`super::Metric::measure`].
    pub fn measure(&self, sign: f64, most_km: f64) -> Measure {
        limits::measure(self, sign, most_km)
    }

    /// See [`super::Metric::quick_limit`].
    pub fn quick_limit(&self, sign: f64, distance_km: f64) -> f64 {
        limits::quick_limit(self, sign, distance_km)
    }

    /// The greatest dot product of quick parametric vectors of a pair at least `distance_km` apart (`limits`).
    pub fn dot_limit(&self, distance_km: f64) -> f64 {
        limits::dot_limit(self, distance_km)
    }
}

/// E(e²) and K(e²) − E(e²), the complete elliptic integrals of parameter e², by the arithmetic-geometric mean of 1
/// and b/a: with the differences cₙ of its steps and Σ = Σ 2ⁿ⁻¹ cₙ², K = π/(2 agm) and K − E = K Σ (Abramowitz and
/// Stegun, 17.6).
fn meridian(axis_ratio: f64, eccentricity_squared: f64) -> (f64, f64) {
    let (mut a, mut g, mut sum, mut weight) = (1.0, axis_ratio, eccentricity_squared / 2.0, 1.0);
    for _ in 0..8 {
        let c = (a - g) / 2.0;
        (a, g) = ((a + g) / 2.0, (a * g).sqrt());
        sum += weight * c * c;
        weight *= 2.0;
    }
    let k = std::f64::consts::FRAC_PI_2 / a;
    (k * (1.0 - sum), k * sum)
}
