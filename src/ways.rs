//! Two places on an Earth → the shortest way between them as lines on a map.
//!
//! The line has the two places at its ends, as they were given, and what the way passes between them, at least every
//! two degrees. Where a line would cross the antimeridian it is cut there, and goes on at the other side (RFC 7946,
//! 3.1.9); where it leads over a pole it is cut too, because there a longitude means nothing, and a map would show a
//! line along its edge. Longitudes are counted from the beginning and never leap, so that it is known where they
//! reach 180.
//!
//! Between exact antipodes there is no one way: on a sphere every direction is as short, on an ellipsoid both poles.
//! The line then leads over the north pole, and is said to be one of several.
//!
//! Architecture Invariant: it does not know what the places are, nor where the lines go.

use crate::features::on_map;
use crate::metric::{Metric, Way};
use crate::sphere::UnitVector;

/// The shortest way between two places.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its pieces, each two positions at least: longitude in [−180, 180] and latitude, in degrees. None between places
    /// that are one, as a line without a length is none to many programs.
    pub pieces: Vec<Vec<[f64; 2]>>,
    /// Whether it is the only one, in words.
    pub choice: &'static str,
}

impl Line {
    /// What else is as short, in words, if anything is.
    pub fn as_short(&self) -> Option<&'static str> {
        self.choice.split_once("; ").map(|(_, other)| other)
    }
}

/// Degrees of the way between two positions at most: the chord's middle is then 1 km below the arc.
const STEP_DEG: f64 = 2.0;

/// Degrees of longitude between two positions at most, unless they are [`LEAST_STEP_DEG`] apart.
const STEP_OF_LONGITUDE_DEG: f64 = 5.0;

/// Near a pole longitudes turn fast, and steps need not be shorter than 1 km.
const LEAST_STEP_DEG: f64 = 0.01;

/// Longitudes that differ by less than this, or by half a turn but for this, have a common meridian, in radians: 6 µm
/// on an Earth.
const SAME_MERIDIAN: f64 = 1e-12;

/// What is beyond the antimeridian by less is on it, in degrees.
const ON_EDGE_DEG: f64 = 1e-9;

/// The shortest way from one place to another, each given by latitude and longitude in degrees.
pub fn line(metric: &Metric, [from, to]: [[f64; 2]; 2]) -> Line {
    let [p, q] = [from, to].map(|[lat, lon]| metric.vector(lat, lon));
    let ends = [from, to].map(|[lat, lon]| [on_map(lon), lat]);
    let pieces = match meridian_of(p, q) {
        Some(Meridian::Common) => {
            let piece = along_meridian(ends, [p, q]);
            if piece[0] == piece[piece.len() - 1] { Vec::new() } else { vec![piece] }
        }
        Some(Meridian::Opposite) => over_pole(ends, p[2] + q[2] >= 0.0),
        None => cut(&metric.way(p, q), ends),
    };
    let choice = if pieces.is_empty() { "none, at one place" } else { choice(metric, p, q) };
    Line { pieces, choice }
}

fn choice(metric: &Metric, p: UnitVector, q: UnitVector) -> &'static str {
    let is_pole = p[0] == 0.0 && p[1] == 0.0;
    match metric {
        _ if (0..3).any(|axis| p[axis] != -q[axis]) => "the shortest way",
        Metric::Sphere => "over the north pole; every direction is as short",
        Metric::Ellipsoid(_) if is_pole => "along one meridian; every other is as short",
        Metric::Ellipsoid(_) => "over the north pole; over the south pole is as short",
    }
}

enum Meridian {
    /// One place is north of the other, or both are one, or one of them is a pole.
    Common,
    /// Half a turn of longitude lies between them.
    Opposite,
}

fn meridian_of(p: UnitVector, q: UnitVector) -> Option<Meridian> {
    let [of_p, of_q] = [p, q].map(|v| (v[0] * v[0] + v[1] * v[1]).sqrt());
    let across = (p[0] * q[1] - p[1] * q[0]).abs();
    let along = p[0] * q[0] + p[1] * q[1];
    if of_p < SAME_MERIDIAN || of_q < SAME_MERIDIAN {
        return Some(Meridian::Common);
    }
    let is_one = across <= SAME_MERIDIAN * of_p * of_q;
    is_one.then_some(if along > 0.0 { Meridian::Common } else { Meridian::Opposite })
}

/// Positions along a meridian, between two ends of which a pole has the longitude of the other.
fn along_meridian([mut from, mut to]: [[f64; 2]; 2], [p, q]: [UnitVector; 2]) -> Vec<[f64; 2]> {
    let is_pole = |v: UnitVector| (v[0] * v[0] + v[1] * v[1]).sqrt() < SAME_MERIDIAN;
    if is_pole(p) {
        from[0] = to[0];
    } else if is_pole(q) || (to[0] - from[0]).abs() > 180.0 {
        // The antimeridian is one, by whichever sign.
        to[0] = from[0];
    }
    steps(from, to)
}

/// Positions with even steps of latitude.
fn steps(from: [f64; 2], to: [f64; 2]) -> Vec<[f64; 2]> {
    let count = ((to[1] - from[1]).abs() / STEP_DEG).ceil().max(1.0) as usize;
    let between = (1..count).map(|step| {
        let t = step as f64 / count as f64;
        rounded([from[0], from[1] + t * (to[1] - from[1])])
    });
    std::iter::once(from).chain(between).chain([to]).collect()
}

/// Up one meridian to a pole, and down the opposite one.
fn over_pole([from, to]: [[f64; 2]; 2], is_north: bool) -> Vec<Vec<[f64; 2]>> {
    let pole = if is_north { 90.0 } else { -90.0 };
    vec![steps(from, [from[0], pole]), steps([to[0], pole], to)]
}

/// A position on a way: which part of it lies behind, its latitude, and its longitude, which goes on beyond ±180.
#[derive(Clone, Copy)]
struct Step {
    t: f64,
    lat: f64,
    lon: f64,
}

/// A way that is on no meridian, cut at the antimeridian, which it crosses once at most.
fn cut(way: &Way<'_>, [from, to]: [[f64; 2]; 2]) -> Vec<Vec<[f64; 2]>> {
    let is_eastward = way.place_deg(0.5)[1] > 0.0;
    let edge = if is_eastward { 180.0 } else { -180.0 };
    // What begins on the antimeridian begins on that side of the map to which it leads.
    let start = if from[0] == edge { -edge } else { from[0] };
    let at = |t: f64| {
        let [lat, turn] = way.place_deg(t);
        Step { t, lat, lon: start + turn }
    };
    // What ends on the antimeridian is not cut there by a rounding.
    let is_beyond =
        |step: Step| (if is_eastward { step.lon - edge } else { edge - step.lon }) > ON_EDGE_DEG;
    let (whole, mut pieces, mut piece) = (positions(way, &at), Vec::new(), vec![[start, from[1]]]);
    let last = whole.len() - 1;
    for (index, two) in whole.windows(2).enumerate() {
        let [before, after] = [two[0], two[1]];
        if is_beyond(after) && !is_beyond(before) {
            let lat = crossing(&at, &is_beyond, [before.t, after.t]).lat;
            piece.push(rounded([edge, lat]));
            pieces.push(std::mem::replace(&mut piece, vec![rounded([-edge, lat])]));
        }
        let turns = if is_beyond(after) { 2.0 * edge } else { 0.0 };
        if index + 1 < last {
            piece.push(rounded([after.lon - turns, after.lat]));
        } else {
            // Of the two longitudes of the antimeridian that of this side.
            let is_other_side = (to[0] - (after.lon - turns)).abs() > 180.0;
            piece.push([if is_other_side { -to[0] } else { to[0] }, to[1]]);
        }
    }
    pieces.push(piece);
    pieces
}

/// Positions that are near enough to each other, the ends among them.
fn positions(way: &Way<'_>, at: &dyn Fn(f64) -> Step) -> Vec<Step> {
    let arc_deg = way.arc_deg();
    let count = (arc_deg / STEP_DEG).ceil().max(1.0) as usize;
    let mut positions = vec![at(0.0)];
    for step in 1..=count {
        let mut ahead = vec![at(step as f64 / count as f64)];
        // What is too far ahead waits until what lies halfway has been passed.
        while let Some(&next) = ahead.last() {
            let here = positions[positions.len() - 1];
            let is_far = (next.lon - here.lon).abs() > STEP_OF_LONGITUDE_DEG;
            if is_far && (next.t - here.t) * arc_deg > LEAST_STEP_DEG {
                ahead.push(at(0.5 * (here.t + next.t)));
            } else {
                positions.push(next);
                ahead.pop();
            }
        }
    }
    positions
}

/// The last position before the edge of the map, between one that is on this side and one beyond.
fn crossing(
    at: &dyn Fn(f64) -> Step,
    is_beyond: &dyn Fn(Step) -> bool,
    [mut low, mut high]: [f64; 2],
) -> Step {
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if is_beyond(at(middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    at(low)
}

/// To seven decimals of a degree, a centimetre on an Earth: what lies between the ends is drawn, not measured.
fn rounded(position: [f64; 2]) -> [f64; 2] {
    position.map(|degrees| (degrees * 1e7).round() / 1e7 + 0.0)
}
