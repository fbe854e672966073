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

use super::cut::{self, Polar};
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

    fn at_polar(&self, map: &Azimuthal, angle: f64, way: [f64; 2]) -> Point {
        self.on_page(way.map(|part| part * map.radius(angle)))
    }

    /// Where a place is on the page, if it is seen.
    pub fn at(&self, [lat, lon]: Place) -> Option<Point> {
        match &self.edge {
            Edge::Whole => Some(self.on_page(equal_earth([lat, within_turn(lon)]))),
            Edge::Disc(map, rim) => {
                let (angle, way) = map.polar([lat, lon]);
                (angle <= *rim).then(|| self.at_polar(map, angle, way))
            }
            Edge::Frame(map) => {
                let (angle, way) = map.polar([lat, lon]);
                let point = self.at_polar(map, angle, way);
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
                let polar: Vec<Polar> = places.iter().map(|&place| map.polar(place)).collect();
                let pieces = cut::within_rim(&polar, *rim).into_iter();
                let on_page = |&(angle, way): &Polar| self.at_polar(map, angle, way);
                pieces.map(|piece| piece.iter().map(on_page).collect()).collect()
            }
            Edge::Frame(map) => {
                let on_page = |&place: &Place| {
                    let (angle, way) = map.polar(place);
                    (angle < FARTHEST_OF_REGION).then(|| self.at_polar(map, angle, way))
                };
                let all: Vec<Option<Point>> = places.iter().map(on_page).collect();
                cut::within_frame(&all, &self.frame)
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
                let cut = lines.map(|line: Vec<Point>| cut::clipped(&self.frame, line));
                cut.filter(|line| line.len() > 2).collect()
            }
        }
    }

    /// The coasts that are seen.
    pub fn coasts(&self) -> Vec<Vec<Point>> {
        land::coasts().iter().flat_map(|coast| self.line(coast)).collect()
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
