//! Places → a plane whose unit is the radius of the Earth: to the right, and up.
//!
//! | projection | of | what is true |
//! | --- | --- | --- |
//! | Equal Earth | the world | areas |
//! | azimuthal equidistant | hemispheres | distances from the middle |
//! | azimuthal equal-area | regions | areas |
//!
//! The first is that of B. Šavrič, T. Patterson, B. Jenny: The Equal Earth map projection, International Journal of
//! Geographical Information Science 33 (2018), 454–465; the others are in J. P. Snyder: Map Projections, USGS
//! Professional Paper 1395 (1987), chapters 24 and 25.
//!
//! Latitudes are taken for those of a sphere, as all maps of the world at this scale do.
//!
//! Architecture Invariant: it knows places one by one.

use std::f64::consts::PI;

use crate::sphere::{UnitVector, unit_vector};

/// Latitude and longitude in degrees.
pub type Place = [f64; 2];

/// The coefficients of Equal Earth.
const A: [f64; 4] = [1.340264, -0.081106, 0.000893, 0.003796];

/// How far the map of the world reaches to the right and up.
pub const WORLD_REACH: [f64; 2] = [2.706_629_983_696_15, 1.317_362_759_157_4];

/// A place on the map of the world. Longitudes are in [−180, 180].
pub fn equal_earth([lat_deg, lon_deg]: Place) -> [f64; 2] {
    let m = 0.5 * 3_f64.sqrt();
    let radians = PI / 180.0;
    let t = libm::asin(m * libm::sin(lat_deg * radians));
    let t2 = t * t;
    let t6 = t2 * t2 * t2;
    let slope = A[0] + 3.0 * A[1] * t2 + t6 * (7.0 * A[2] + 9.0 * A[3] * t2);
    let x = lon_deg * radians * libm::cos(t) / (m * slope);
    [x, t * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2))]
}

/// What is true on an azimuthal map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum True {
    /// Distances from the middle.
    Distances,
    /// Areas.
    Areas,
}

/// A map around a place, on which directions from it are true.
#[derive(Clone, Copy, Debug)]
pub struct Azimuthal {
    toward: UnitVector,
    east: UnitVector,
    north: UnitVector,
    kind: True,
}

impl Azimuthal {
    /// Around a place.
    pub fn new([lat_deg, lon_deg]: Place, kind: True) -> Azimuthal {
        let toward = unit_vector(lat_deg, lon_deg);
        let [sin_lat, cos_lat, sin_lon, cos_lon] = {
            let radians = PI / 180.0;
            let (sin_lat, cos_lat) = libm::sincos(lat_deg * radians);
            let (sin_lon, cos_lon) = libm::sincos(lon_deg * radians);
            [sin_lat, cos_lat, sin_lon, cos_lon]
        };
        let north = [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat];
        Azimuthal { toward, east: [-sin_lon, cos_lon, 0.0], north, kind }
    }

    /// How far a place is from the middle, as an angle, and in which direction: to the right and up, of length 1.
    pub fn polar(&self, [lat_deg, lon_deg]: Place) -> (f64, [f64; 2]) {
        let v = unit_vector(lat_deg, lon_deg);
        let dot = |u: &UnitVector| u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
        let [right, up] = [dot(&self.east), dot(&self.north)];
        let across = (right * right + up * up).sqrt();
        let angle = libm::atan2(across, dot(&self.toward));
        let way = if across == 0.0 { [0.0, 1.0] } else { [right / across, up / across] };
        (angle, way)
    }

    /// How far what is so far away, as an angle, is from the middle of the map.
    pub fn radius(&self, angle: f64) -> f64 {
        match self.kind {
            True::Distances => angle,
            True::Areas => 2.0 * libm::sin(0.5 * angle),
        }
    }

    /// The angle of what is so far from the middle of the map.
    pub fn angle(&self, radius: f64) -> f64 {
        match self.kind {
            True::Distances => radius,
            True::Areas => 2.0 * libm::asin((0.5 * radius).min(1.0)),
        }
    }

    /// A place on the map.
    pub fn place(&self, place: Place) -> [f64; 2] {
        let (angle, way) = self.polar(place);
        way.map(|part| part * self.radius(angle))
    }
}

/// The place at the other end of the Earth.
pub fn antipode([lat_deg, lon_deg]: Place) -> Place {
    [-lat_deg, if lon_deg > 0.0 { lon_deg - 180.0 } else { lon_deg + 180.0 }]
}

/// The longitude of a map, [−180, 180], of any other.
pub fn within_turn(lon_deg: f64) -> f64 {
    lon_deg - 360.0 * ((lon_deg + 180.0) / 360.0).floor()
}
