//! The metric: what the Earth is, and so what "how far" means.
//!
//! A metric does three things. It *embeds* degrees as a unit vector, it tells the *distance* of two vectors, and it
//! gives the *limits* of what two vectors can show if they are so far apart: these are all that a search that skips
//! pairs may rely on. The sphere of the exercise is one ([`crate::sphere`], with its limits in [`crate::bound`]), an
//! oblate ellipsoid another.
//!
//! | file | what it has |
//! | --- | --- |
//! | `ellipsoid` | the numbers of an ellipsoid, vectors, the resolution, the error of a distance |
//! | `geodesic` | how long the shortest way is, and its directions |
//! | `ends`, `line`, `series`, `direction` | what it is made of: two ends, one direction, the integrals, angles |
//! | `path` | what the shortest way passes, for maps |
//! | `geodetic` | what vectors of geodetic latitude, which lists have, tell about those of the metric |
//! | `limits` | bounds for kernels, boxes and the join, proven |
//! | `pair_bound` | a sharper bound for one pair |
//! | `notation` | `wgs84`, `6378.137,298.25`: names and numbers → a metric |
//!
//! # On every machine the same
//!
//! Whatever reaches an answer is made of additions, products, quotients and square roots, which IEEE 754 rounds
//! correctly, and of functions of the `libm` crate. No function of the system's libm is called, and none of these
//! operations is fused; `tests/metric.rs` looks through the sources for others, and holds some results to the bit.
//!
//! Architecture Invariant: a metric does not know which pairs are asked for, nor that there are many.

mod direction;
mod ellipsoid;
mod ends;
mod geodesic;
mod geodetic;
mod limits;
mod line;
mod notation;
mod pair_bound;
mod path;
mod series;

pub use ellipsoid::{Ellipsoid, LEAST_INVERSE_FLATTENING, RADII_KM};
pub use path::Way;

use crate::bound::{self, Shortfall};
use crate::kernel::Measure;
use crate::sphere::{self, UnitVector};

/// At each of two places the direction of the shortest way to the other, in degrees clockwise from north, [0, 360).
///
/// None at a pole, where there is no north to count from. None at both places where these are one place or exact
/// antipodes: there the shortest ways are half a meridian's ellipse, over either pole, and between the poles along
/// any meridian. Between other places that are nearly antipodal there may be two ways, mirrored at the equator; then
/// this is one of them.
pub type Azimuths = [Option<f64>; 2];

/// What the Earth is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a program has one, which is passed by reference")]
pub enum Metric {
    /// The sphere of the exercise, with a radius of [`sphere::RADIUS_KM`] and great-circle distances.
    Sphere,
    /// An ellipsoid, with geodesic distances.
    Ellipsoid(Ellipsoid),
}

impl Metric {
    /// The ellipsoid of the World Geodetic System 1984.
    pub fn wgs84() -> Metric {
        Metric::Ellipsoid(Ellipsoid::wgs84())
    }

    /// The vector of a place: latitude in [−90, 90], longitude in [−180, 360], in degrees.
    pub fn vector(&self, lat_deg: f64, lon_deg: f64) -> UnitVector {
        match self {
            Metric::Sphere => sphere::unit_vector(lat_deg, lon_deg),
            Metric::Ellipsoid(ellipsoid) => ellipsoid.vector(lat_deg, lon_deg),
        }
    }

    /// The vector of this metric of the unit vector of a geodetic latitude, as [`crate::sphere`] has it.
    #[inline(always)]
    pub fn of_geodetic(&self, vector: UnitVector) -> UnitVector {
        match self {
            Metric::Sphere => vector,
            Metric::Ellipsoid(ellipsoid) => ellipsoid.of_geodetic(vector),
        }
    }

    /// A box that holds the vectors of this metric of all geodetic ones in a box, each by its corners.
    #[inline]
    pub fn box_of_geodetic(&self, corners: [UnitVector; 2]) -> [UnitVector; 2] {
        match self {
            Metric::Sphere => corners,
            Metric::Ellipsoid(ellipsoid) => ellipsoid.box_of_geodetic(corners),
        }
    }

    /// The greatest |p + q| of geodetic vectors of a pair at least `distance_km` apart, beyond a quarter turn, of which
    /// one place is no farther than `from_axis`, at most 1, from the axis of the Earth.
    pub fn reach(&self, distance_km: f64, from_axis: f64) -> f64 {
        match self {
            Metric::Sphere => bound::reach(distance_km),
            Metric::Ellipsoid(of) => of.reach(distance_km, from_axis) * of.geodetic_stretch(),
        }
    }

    /// The radius of the sphere, or the equatorial one, in kilometres.
    pub fn radius_km(&self) -> f64 {
        match self {
            Metric::Sphere => sphere::RADIUS_KM,
            Metric::Ellipsoid(ellipsoid) => ellipsoid.equatorial_km(),
        }
    }

    /// The distance in kilometres between two places by their vectors of this metric, a whole multiple of
    /// [`Metric::resolution_km`]. Symmetric: both orders give the same bits.
    pub fn distance_km(&self, p: UnitVector, q: UnitVector) -> f64 {
        match self {
            Metric::Sphere => sphere::distance_km(p, q),
            Metric::Ellipsoid(ellipsoid) => ellipsoid.distance_km(p, q),
        }
    }

    /// What distances are multiples of, in kilometres.
    pub fn resolution_km(&self) -> f64 {
        match self {
            Metric::Sphere => sphere::RESOLUTION_KM,
            Metric::Ellipsoid(ellipsoid) => ellipsoid.resolution_km(),
        }
    }

    /// No distance is greater: that of exact antipodes, in kilometres.
    pub fn greatest_km(&self) -> f64 {
        match self {
            Metric::Sphere => sphere::distance_km([0.0, 0.0, 1.0], [0.0, 0.0, -1.0]),
            Metric::Ellipsoid(ellipsoid) => ellipsoid.greatest_km(),
        }
    }

    /// What vectors of this metric show of a pair that is `distance_km` apart, or farther.
    pub fn shortfall(&self, distance_km: f64) -> Shortfall {
        match self {
            Metric::Sphere => Shortfall::of(distance_km),
            Metric::Ellipsoid(ellipsoid) => ellipsoid.shortfall(distance_km),
        }
    }

    /// The limits of a shortfall as those of what a filter sees ([`Metric::filters_geodetic`]), in quick vectors.
    pub fn quick(&self, exact: &Shortfall) -> Shortfall {
        match self {
            Metric::Sphere => exact.quick(),
            Metric::Ellipsoid(ellipsoid) => ellipsoid.quick(exact),
        }
    }

    /// Whether [`Metric::quick`] limits are for geodetic vectors: on the sphere always, where they are all there
    /// are, on ellipsoids of pairs beyond a quarter turn. There they hold for vectors of the metric too.
    #[inline]
    pub fn filters_geodetic(&self, limits: &Shortfall) -> bool {
        limits.sign > 0.0 || matches!(self, Metric::Sphere)
    }

    /// How to measure pairs of which none is more than `most_km` apart, all by one sign: 1 for those that may be nearly
    /// antipodal, −1 for those that are near each other. Limits are those of [`Metric::quick_limit`].
    pub fn measure(&self, sign: f64, most_km: f64) -> Measure {
        match self {
            Metric::Sphere => Measure { sign, z_weight: 1.0 },
            Metric::Ellipsoid(ellipsoid) => ellipsoid.measure(sign, most_km),
        }
    }

    /// The greatest shortfall, by the [`Metric::measure`] of this sign, of a pair at least `distance_km` apart, in
    /// quick vectors: geodetic ones for 1, those of the metric for −1. `None` on the sphere, where two shortfalls can
    /// be compared with each other ([`bound::tie_margin`]).
    pub fn quick_limit(&self, sign: f64, distance_km: f64) -> Option<f64> {
        match self {
            Metric::Sphere => None,
            Metric::Ellipsoid(ellipsoid) => Some(ellipsoid.quick_limit(sign, distance_km)),
        }
    }

    /// The greatest dot product that quick vectors of this metric can show of a pair at least `distance_km` apart.
    pub fn dot_limit(&self, distance_km: f64) -> f64 {
        match self {
            Metric::Sphere => bound::dot_limit(distance_km),
            Metric::Ellipsoid(ellipsoid) => ellipsoid.dot_limit(distance_km),
        }
    }

    /// The azimuths of the shortest way between two places by their vectors of this metric; none on the sphere, where
    /// nobody asks for them.
    pub fn azimuths_deg(&self, p: UnitVector, q: UnitVector) -> Option<Azimuths> {
        match self {
            Metric::Sphere => None,
            Metric::Ellipsoid(ellipsoid) => Some(ellipsoid.azimuths_deg(p, q)),
        }
    }

    /// The shortest way between two places by their vectors of this metric, which are on no common meridian.
    pub fn way(&self, p: UnitVector, q: UnitVector) -> Way<'_> {
        Way::new(self, p, q)
    }

    /// Kilometres that the distance of this pair does not exceed, where that is cheaper to know than the distance. No
    /// sharper bound is sought than one of `enough_km`.
    pub fn most_km(&self, p: UnitVector, q: UnitVector, enough_km: f64) -> Option<f64> {
        match self {
            Metric::Sphere => None,
            Metric::Ellipsoid(ellipsoid) => Some(ellipsoid.most_km(p, q, enough_km)),
        }
    }

    /// Kilometres that no place of one box of vectors is from any of another, each given by its corners.
    pub fn most_km_of_boxes(&self, a: [UnitVector; 2], b: [UnitVector; 2]) -> f64 {
        match self {
            Metric::Sphere => bound::most_km(a, b),
            Metric::Ellipsoid(ellipsoid) => ellipsoid.most_km_of_boxes(a, b),
        }
    }
}
