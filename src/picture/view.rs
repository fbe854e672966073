//! A map on the page: a projection, its scale, and the part of it that is seen.
//!
//! | view | projection | its edge |
//! | --- | --- | --- |
//! | world | Equal Earth | the antimeridian; nothing is beyond it |
//! | disc | azimuthal equidistant | an angle from the middle |
//! | region | azimuthal equal-area | a rectangle |
//!
//! What is drawn is cut at the edge here, and not by the viewer, so that everything in a picture is where its numbers
//! say.
//!
//! Architecture Invariant: a view does not know what is drawn on it.

use std::f64::consts::PI;

use super::land;
use super::projection::{Azimuthal, Place, WORLD_REACH, equal_earth, within_turn};
use super::svg::{Point, Rect};

/// A map on the page.
pub struct View {
    edge: Edge,
    /// Pixels of the Earth's radius.
    scale: f64,
    /// Where the origin of the plane is.
    origin: Point,
    /// The rectangle on the page.
    pub frame: Rect,
}

enum Edge {
    Whole,
    /// The map, and the angle of its rim.
    Disc(Azimuthal, f64),
    Frame(Azimuthal),
}

/// Nothing that is farther from the middle of a region than this angle is seen.
const FARTHEST_OF_REGION: f64 = 0.6 * PI;

impl View {
    /// The whole world in a frame of some width.
    pub fn world([x, y]: Point, width: f64) -> View {
        let scale = 0.5 * width / WORLD_REACH[0];
        let frame = Rect::new(x, y, width, 2.0 * scale * WORLD_REACH[1]);
        View { edge: Edge::Whole, scale, origin: frame.middle(), frame }
    }

    /// What is around the middle of a map up to an angle, in a disc.
    pub fn disc(map: Azimuthal, rim: f64, middle: Point, radius: f64) -> View {
        let scale = radius / map.radius(rim);
        View {
            edge: Edge::Disc(map, rim),
            scale,
            origin: middle,
            frame: Rect::around(middle, radius),
        }
    }

    /// A rectangle of the plane of a map, by its corners, in a frame of at most this width and height.
    pub fn region(
        map: Azimuthal,
        [low, high]: [[f64; 2]; 2],
        [x, y]: Point,
        [width, most_height]: [f64; 2],
    ) -> View {
        let span = [0, 1].map(|axis| high[axis] - low[axis]);
        // Of a rectangle that is long in one direction there is more to be seen in the other.
        let height = (width * span[1] / span[0]).clamp(0.42 * width, most_height);
        let scale = (width / span[0]).min(height / span[1]);
        let frame = Rect::new(x, y, width, height);
        let [mx, my] = frame.middle();
        let origin = [mx - scale * 0.5 * (low[0] + high[0]), my + scale * 0.5 * (low[1] + high[1])];
        View { edge: Edge::Frame(map), scale, origin, frame }
    }

    /// Pixels of the Earth's radius.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    fn on_page(&self, [x, y]: [f64; 2]) -> Point {
        [self.origin[0] + self.scale * x, self.origin[1] - self.scale * y]
    }

    /// Where a place is on the page, if it is seen.
    pub fn at(&self, [lat, lon]: Place) -> Option<Point> {
        match &self.edge {
            Edge::Whole => Some(self.on_page(equal_earth([lat, within_turn(lon)]))),
            Edge::Disc(map, rim) => {
                let (angle, way) = map.polar([lat, lon]);
                (angle <= *rim).then(|| self.on_page(way.map(|part| part * map.radius(angle))))
            }
            Edge::Frame(map) => {
                let (angle, way) = map.polar([lat, lon]);
                let point = self.on_page(way.map(|part| part * map.radius(angle)));
                (angle < FARTHEST_OF_REGION && self.frame.has(point)).then_some(point)
            }
        }
    }

    /// What is seen of a line, whose positions are near each other. On the map of the world it crosses the
    /// antimeridian nowhere, and a longitude of ±180 is that of its side.
    pub fn line(&self, places: &[Place]) -> Vec<Vec<Point>> {
        match &self.edge {
            Edge::Whole => {
                vec![places.iter().map(|&place| self.on_page(equal_earth(place))).collect()]
            }
            Edge::Disc(map, rim) => {
                let polar = |place: &Place| map.polar(*place);
                let inside = |(angle, _): &(f64, [f64; 2])| *angle <= *rim;
                let on_page = |&(angle, way): &(f64, [f64; 2])| {
                    self.on_page(way.map(|part| part * map.radius(angle)))
                };
                let all: Vec<_> = places.iter().map(polar).collect();
                let cut = |a: &(f64, [f64; 2]), b: &(f64, [f64; 2])| {
                    let t = (rim - a.0) / (b.0 - a.0);
                    let way = [0, 1].map(|axis| a.1[axis] + t * (b.1[axis] - a.1[axis]));
                    let norm = (way[0] * way[0] + way[1] * way[1]).sqrt();
                    (*rim, way.map(|part| part / norm))
                };
                let mut pieces = vec![Vec::new()];
                for (at, here) in all.iter().enumerate() {
                    let before = at.checked_sub(1).map(|before| &all[before]);
                    if let Some(before) = before.filter(|before| inside(before) != inside(here)) {
                        pieces.last_mut().expect("one").push(on_page(&cut(before, here)));
                    }
                    if inside(here) {
                        pieces.last_mut().expect("one").push(on_page(here));
                    } else if before.is_some_and(inside) {
                        pieces.push(Vec::new());
                    }
                }
                pieces.retain(|piece| piece.len() > 1);
                pieces
            }
            Edge::Frame(map) => {
                let all: Vec<Option<Point>> = places
                    .iter()
                    .map(|&place| {
                        let (angle, way) = map.polar(place);
                        (angle < FARTHEST_OF_REGION)
                            .then(|| self.on_page(way.map(|part| part * map.radius(angle))))
                    })
                    .collect();
                let mut pieces: Vec<Vec<Point>> = Vec::new();
                for two in all.windows(2) {
                    let cut = two[0].zip(two[1]).and_then(|(a, b)| within(&self.frame, [a, b]));
                    let Some([a, b]) = cut else { continue };
                    match pieces.last_mut() {
                        Some(piece) if piece[piece.len() - 1] == a => piece.push(b),
                        _ => pieces.push(vec![a, b]),
                    }
                }
                pieces
            }
        }
    }

    /// The land that is seen, as closed lines of which an odd number is around it.
    pub fn land(&self) -> Vec<Vec<Point>> {
        let on_page = |line: Vec<[f64; 2]>| line.into_iter().map(|at| self.on_page(at)).collect();
        match &self.edge {
            Edge::Whole => land::rings().iter().flat_map(|ring| self.line(ring)).collect(),
            Edge::Disc(map, rim) => land::around(map, *rim).into_iter().map(on_page).collect(),
            Edge::Frame(map) => {
                let lines = land::around(map, self.reach(map)).into_iter().map(on_page);
                let cut = lines.map(|line: Vec<Point>| clipped(&self.frame, line));
                cut.filter(|line| line.len() > 2).collect()
            }
        }
    }

    /// An angle from the middle of a map that nothing in the frame exceeds.
    pub fn reach(&self, map: &Azimuthal) -> f64 {
        let far = |x: f64, y: f64| {
            let (dx, dy) = ((x - self.origin[0]) / self.scale, (y - self.origin[1]) / self.scale);
            (dx * dx + dy * dy).sqrt()
        };
        let Rect { x, y, .. } = self.frame;
        let corners = [(x, y), (self.frame.right(), y), (x, self.frame.bottom())];
        let last = far(self.frame.right(), self.frame.bottom());
        let radius = corners.iter().map(|&(x, y)| far(x, y)).fold(last, f64::max);
        // A tenth more, for the chords of the rim.
        map.angle(1.1 * radius).min(0.95 * PI)
    }

    /// The outline of the map: the edge of the world or of a disc, none of a region.
    pub fn outline(&self) -> Vec<Point> {
        match &self.edge {
            Edge::Whole => {
                let side = |lon: f64, turn: i32| {
                    (-45..=45).map(move |lat| [f64::from(lat * 2 * turn), lon])
                };
                let whole: Vec<Place> = side(180.0, 1).chain(side(-180.0, -1)).collect();
                whole.into_iter().map(|place| self.on_page(equal_earth(place))).collect()
            }
            Edge::Disc(map, rim) => {
                let radius = map.radius(*rim);
                let on_rim = |step: u32| {
                    let (sin, cos) = libm::sincos(f64::from(step) * PI / 60.0);
                    self.on_page([radius * cos, radius * sin])
                };
                (0..120).map(on_rim).collect()
            }
            Edge::Frame(_) => Vec::new(),
        }
    }

    /// Parallels and meridians at multiples of some degrees, within a box of latitudes and longitudes.
    pub fn graticule(&self, [lat_step, lon_step]: [f64; 2], within: [[f64; 2]; 2]) -> Graticule {
        let [[south, north], [west, east]] = within;
        let multiples = |step: f64, [low, high]: [f64; 2]| {
            let first = (low / step).ceil() as i64;
            let last = (high / step).floor() as i64;
            (first..=last).map(move |at| at as f64 * step)
        };
        let along = |from: f64, to: f64, most: f64| {
            let steps = ((to - from) / most).ceil().max(8.0) as usize;
            (0..=steps).map(move |step| from + (to - from) * step as f64 / steps as f64)
        };
        let parallels = multiples(lat_step, [south, north]).map(|lat| {
            let places: Vec<Place> = along(west, east, 2.0).map(|lon| [lat, lon]).collect();
            (lat, self.line(&places))
        });
        let meridians = multiples(lon_step, [west, east]).map(|lon| {
            let places: Vec<Place> = along(south, north, 2.0).map(|lat| [lat, lon]).collect();
            (lon, self.line(&places))
        });
        Graticule { parallels: parallels.collect(), meridians: meridians.collect() }
    }
}

/// Parallels and meridians with their degrees.
pub struct Graticule {
    /// Each by its latitude.
    pub parallels: Vec<(f64, Vec<Vec<Point>>)>,
    /// Each by its longitude.
    pub meridians: Vec<(f64, Vec<Vec<Point>>)>,
}

impl Graticule {
    /// All lines of it.
    pub fn lines(&self) -> Vec<Vec<Point>> {
        let all = self.parallels.iter().chain(&self.meridians);
        all.flat_map(|(_, lines)| lines.iter().cloned()).collect()
    }
}

/// What of a straight line is in a rectangle (Liang and Barsky, 1984).
fn within(frame: &Rect, [a, b]: [Point; 2]) -> Option<[Point; 2]> {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    let low = [frame.x, frame.y];
    let high = [frame.right(), frame.bottom()];
    for axis in 0..2 {
        let ahead = b[axis] - a[axis];
        for (sign, edge) in [(-1.0, low[axis]), (1.0, high[axis])] {
            let (p, q) = (sign * ahead, sign * (edge - a[axis]));
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
    }
    let at = |t: f64| match () {
        () if t <= 0.0 => a,
        () if t >= 1.0 => b,
        () => [0, 1].map(|axis| a[axis] + t * (b[axis] - a[axis])),
    };
    (from < to).then(|| [at(from), at(to)])
}

/// What of an area is in a rectangle (Sutherland and Hodgman, 1974). Where the area falls apart, its parts are joined
/// along the edge.
fn clipped(frame: &Rect, area: Vec<Point>) -> Vec<Point> {
    let edges = [
        (0, 1.0, frame.x),
        (0, -1.0, -frame.right()),
        (1, 1.0, frame.y),
        (1, -1.0, -frame.bottom()),
    ];
    edges.into_iter().fold(area, |area, (axis, sign, edge): (usize, f64, f64)| {
        let depth = |point: &Point| sign * point[axis] - edge;
        let mut kept = Vec::with_capacity(area.len());
        for (at, here) in area.iter().enumerate() {
            let before = &area[if at == 0 { area.len() - 1 } else { at - 1 }];
            let (inside, was_inside) = (depth(here) >= 0.0, depth(before) >= 0.0);
            if inside != was_inside {
                let t = depth(before) / (depth(before) - depth(here));
                kept.push([0, 1].map(|axis| before[axis] + t * (here[axis] - before[axis])));
            }
            if inside {
                kept.push(*here);
            }
        }
        kept
    })
}
