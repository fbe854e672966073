//! What the shortest way between two places passes: a great circle's places, or a geodesic's.
//!
//! The great circle leaves p in the direction of q + p − (p · (p + q)) p, which is q's part across p. Made of the sum,
//! it has all its digits near the antipode too, where p and q alone have lost them. The geodesic is the [`Line`] that
//! `geodesic` solves, on the auxiliary sphere; only its ends are to be brought back into the order in which they came.
//!
//! Meridians are not for here: two longitudes that differ by half a turn, or by nothing, need no formula, and at a pole
//! a longitude means nothing.

use super::ellipsoid::Ellipsoid;
use super::ends::Ends;
use super::line::Line;
use super::{Metric, geodesic};
use crate::sphere::UnitVector;

/// The shortest way between two places that are on no common meridian.
pub struct Way<'a>(Kind<'a>);

enum Kind<'a> {
    GreatCircle { from: UnitVector, ahead: UnitVector, arc: f64 },
    Geodesic(Path<'a>),
}

/// A geodesic between two places.
pub(super) struct Path<'a> {
    pub(super) of: &'a Ellipsoid,
    /// None along the equator.
    pub(super) line: Option<Line>,
    pub(super) ends: Ends,
}

const DEGREES: f64 = 180.0 / std::f64::consts::PI;

impl<'a> Way<'a> {
    /// From one vector of a metric to another.
    pub(super) fn new(metric: &'a Metric, p: UnitVector, q: UnitVector) -> Way<'a> {
        match metric {
            Metric::Sphere => Way(great_circle(p, q)),
            Metric::Ellipsoid(ellipsoid) => Way(Kind::Geodesic(geodesic::path(ellipsoid, p, q))),
        }
    }

    /// How long it is, as an angle in degrees; on an ellipsoid on the auxiliary sphere, which differs by less than the
    /// flattening.
    pub fn arc_deg(&self) -> f64 {
        match &self.0 {
            Kind::GreatCircle { arc, .. } => arc * DEGREES,
            Kind::Geodesic(path) => path.arc() * DEGREES,
        }
    }

    /// What it passes at a part of its arc, from 0 to 1: the geodetic latitude, and the longitude from its beginning,
    /// negative to the west, in degrees.
    pub fn place_deg(&self, t: f64) -> [f64; 2] {
        match &self.0 {
            Kind::GreatCircle { from, ahead, arc } => {
                let (sin, cos) = libm::sincos(t * arc);
                let v: UnitVector =
                    std::array::from_fn(|axis| from[axis] * cos + ahead[axis] * sin);
                let turn =
                    libm::atan2(from[0] * v[1] - from[1] * v[0], from[0] * v[0] + from[1] * v[1]);
                [libm::atan2(v[2], (v[0] * v[0] + v[1] * v[1]).sqrt()), turn].map(|x| x * DEGREES)
            }
            Kind::Geodesic(path) => path.place_deg(t),
        }
    }
}

fn great_circle<'a>(p: UnitVector, q: UnitVector) -> Kind<'a> {
    let sum: UnitVector = std::array::from_fn(|axis| p[axis] + q[axis]);
    let along = dot(p, sum);
    let across: UnitVector = std::array::from_fn(|axis| sum[axis] - along * p[axis]);
    let norm = dot(across, across).sqrt();
    // p · q is that of the sum less 1.
    Kind::GreatCircle {
        from: p,
        ahead: across.map(|x| x / norm),
        arc: libm::atan2(norm, along - 1.0),
    }
}

fn dot(p: UnitVector, q: UnitVector) -> f64 {
    p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
}

impl Path<'_> {
    fn arc(&self) -> f64 {
        match &self.line {
            Some(line) => line.arc(),
            None => self.longitude(),
        }
    }

    /// λ₁₂.
    fn longitude(&self) -> f64 {
        libm::atan2(self.ends.longitude.sin, self.ends.longitude.cos)
    }

    fn place_deg(&self, t: f64) -> [f64; 2] {
        let Some(line) = &self.line else {
            return [0.0, self.eastward(t * self.longitude()) * DEGREES];
        };
        // What is exchanged is run through from its other end, and counted from there.
        let (beta, longitude) = line.at(self.of, if self.ends.is_exchanged { 1.0 - t } else { t });
        let turn = if self.ends.is_exchanged { self.longitude() - longitude } else { longitude };
        let sin = if self.ends.is_mirrored { -beta.sin } else { beta.sin };
        let lat = libm::atan2(sin, self.of.axis_ratio * beta.cos);
        [lat, self.eastward(turn)].map(|x| x * DEGREES)
    }

    /// A longitude from the first of the two places, with its sign.
    fn eastward(&self, turn: f64) -> f64 {
        // Of what is exchanged, end 2 is the first place: seen from it the other one lies on the other side.
        if self.ends.is_westward != self.ends.is_exchanged { -turn } else { turn }
    }
}
