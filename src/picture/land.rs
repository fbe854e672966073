//! The land of the Earth, from Natural Earth (`NOTICES.md` has its notice), as rings on any map.
//!
//! Land is what an odd number of rings is around. On a map around a place a ring may lead behind the horizon. What is
//! there is drawn onto the rim, in its own direction. A ring then still parts what is visible as it did, but one that
//! is around the antipode of the middle encloses the other side; so where the antipode is land, the rim is a ring too.
//! Whether it is land is seen at a place that is known to be sea.
//!
//! Architecture Invariant: it knows the land, and no city.

use std::f64::consts::PI;
use std::sync::OnceLock;

use super::projection::{Azimuthal, Place};

const RINGS: &str = include_str!("land-110m.rings.txt");

/// Degrees between two positions of a ring at most, so that what is straight in degrees is bent as a map has it.
const STEP_DEG: f64 = 1.0;

/// The rings, as latitudes and longitudes in degrees.
pub fn rings() -> &'static [Vec<Place>] {
    static READ: OnceLock<Vec<Vec<Place>>> = OnceLock::new();
    READ.get_or_init(|| RINGS.lines().map(ring).filter(|ring| ring.len() > 2).collect())
}

fn ring(line: &str) -> Vec<Place> {
    let number = |text: &str| text.parse::<f64>().expect("the land has numbers");
    let place = |pair: &str| {
        let (lon, lat) = pair.split_once(',').expect("the land has pairs");
        [number(lat), number(lon)]
    };
    let corners: Vec<Place> = line.split_whitespace().map(place).collect();
    let mut ring = Vec::new();
    for two in corners.windows(2) {
        let [from, to] = [two[0], two[1]];
        let span = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
        let steps = (span / STEP_DEG).ceil().max(1.0);
        for step in 0..steps as usize {
            let t = step as f64 / steps;
            ring.push([0, 1].map(|axis| from[axis] + t * (to[axis] - from[axis])));
        }
    }
    ring.extend(corners.last());
    ring
}

/// The coasts: the rings without what is no coast, along the antimeridian and around the south pole.
pub fn coasts() -> Vec<Vec<Place>> {
    let is_cut = |[lat, lon]: Place| lon.abs() > 179.99 || lat < -89.99;
    let of_ring = |ring: &Vec<Place>| {
        let mut coasts = vec![Vec::new()];
        for two in ring.windows(2) {
            let coast = coasts.last_mut().expect("there is a coast");
            if is_cut(two[0]) && is_cut(two[1]) {
                coasts.push(Vec::new());
                continue;
            }
            if coast.is_empty() {
                coast.push(two[0]);
            }
            coast.push(two[1]);
        }
        coasts
    };
    rings().iter().flat_map(of_ring).filter(|coast| coast.len() > 1).collect()
}

/// Degrees along the rim between two positions at most.
const RIM_STEP: f64 = PI / 90.0;

/// The land on a map around a place, up to a rim at an angle: closed lines, of which an odd number is around land.
pub fn around(map: &Azimuthal, rim: f64) -> Vec<Vec<[f64; 2]>> {
    let mut lines: Vec<_> = rings().iter().map(|ring| drawn(map, ring, rim)).collect();
    lines.retain(|line| !line.is_empty());
    if is_land_behind(map) {
        let steps = (2.0 * PI / RIM_STEP).ceil();
        let radius = map.radius(rim);
        let turn = |step: usize| 2.0 * PI * step as f64 / steps;
        lines.push((0..steps as usize).map(|step| on_circle(turn(step), radius)).collect());
    }
    lines
}

fn on_circle(direction: f64, radius: f64) -> [f64; 2] {
    let (sin, cos) = libm::sincos(direction);
    [radius * cos, radius * sin]
}

/// A ring on the map; none where all of it is behind the rim and does not lead around.
fn drawn(map: &Azimuthal, ring: &[Place], rim: f64) -> Vec<[f64; 2]> {
    let mut line = Vec::new();
    let (mut before, mut is_seen, mut turned): (Option<f64>, _, _) = (None, false, 0.0);
    for &place in ring {
        let (angle, [right, up]) = map.polar(place);
        is_seen |= angle < rim;
        let radius = map.radius(angle.min(rim));
        let direction = libm::atan2(up, right);
        if let Some(before) = before {
            let mut turn = direction - before;
            if turn > PI {
                turn -= 2.0 * PI;
            } else if turn < -PI {
                turn += 2.0 * PI;
            }
            turned += turn;
            // Along the rim, in the direction of the shorter turn, as a straight line past the antipode has it.
            if angle >= rim {
                let steps = (turn.abs() / RIM_STEP).ceil();
                for step in 1..steps as usize {
                    line.push(on_circle(before + turn * step as f64 / steps, radius));
                }
            }
        }
        line.push([radius * right, radius * up]);
        before = Some(direction);
    }
    let leads_around = turned.abs() > PI;
    if is_seen || leads_around { line } else { Vec::new() }
}

/// Places of the sea, far from all coasts: the nearer one is on any hemisphere.
const SEA: [Place; 2] = [[0.0, 0.0], [0.0, 180.0]];

/// Whether the antipode of the middle is land.
fn is_land_behind(map: &Azimuthal) -> bool {
    // Beyond a quarter turn, where the nearer one of the two places never is.
    let rim = 0.6 * PI;
    let near = SEA.into_iter().find(|&place| map.polar(place).0 <= 0.5 * PI + 1e-9);
    let [x, y] = map.place(near.unwrap_or(SEA[0]));
    let crossings = rings().iter().map(|ring| {
        let line = drawn(map, ring, rim);
        let ends = line.iter().zip(line.iter().skip(1));
        let crosses = |(a, b): &(&[f64; 2], &[f64; 2])| {
            (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        };
        ends.filter(crosses).count()
    });
    crossings.sum::<usize>() % 2 == 1
}
