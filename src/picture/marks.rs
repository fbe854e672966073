//! The pairs on a map: the ways between their cities, and marks at these.
//!
//! Where a way could leave its city in any direction, because the other one is its antipode to within the width of the
//! line, each city has a circle.
//!
//! Architecture Invariant: it does not know which projection a view has.

use super::colors::{BLACK, VERMILLION};
use super::labels::Room;
use super::projection::Place;
use super::scene::{MOST_NUMBERED, Question, Scene, places};
use super::svg::{Point, Rect, Sheet, data, number};
use super::view::View;
use crate::metric::Metric;
use crate::ways::Line;

/// The pairs of a scene and their ways.
pub struct Marks<'a> {
    /// What they are of.
    pub scene: &'a Scene<'a>,
    ways: Vec<Line>,
}

/// How much of a circle a way could begin in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directions {
    /// One direction.
    One,
    /// All, to within the width of the line.
    Nearly,
    /// Several, exactly.
    Several(&'static str),
}

impl<'a> Marks<'a> {
    /// Those of a scene.
    pub fn new(scene: &'a Scene<'a>) -> Marks<'a> {
        Marks { scene, ways: scene.ways() }
    }

    /// How many pairs have numbers, or are named.
    pub fn numbered(&self) -> usize {
        self.ways.len().min(MOST_NUMBERED)
    }

    /// The colour of lines and marks.
    pub fn color(&self) -> &'static str {
        if self.scene.lists.len() > 1 { BLACK } else { VERMILLION }
    }

    /// How wide the lines are, and how far they hide what is below.
    fn stroke(&self) -> (f64, f64) {
        match self.ways.len() {
            1 => (2.6, 1.0),
            2..=10 => (1.8, 0.85),
            11..=100 => (1.1, 0.45),
            _ => (0.7, 0.14),
        }
    }

    fn radius(&self) -> f64 {
        match self.ways.len() {
            1 => 5.5,
            2..=10 => 4.5,
            11..=100 => 3.0,
            _ => 1.6,
        }
    }

    /// In how many directions the way of a pair could begin, on a view.
    pub fn directions(&self, at: usize, view: &View) -> Directions {
        if let Some(words) = self.ways[at].as_short() {
            return Directions::Several(words);
        }
        let offset = self.scene.offset_km(&self.scene.pairs[at]) / self.scene.earth_km();
        let is_near = offset * view.scale() < self.stroke().0;
        if is_near { Directions::Nearly } else { Directions::One }
    }

    /// The way of a pair on a view. Where every direction of a sphere is as short, none is drawn as if it were the one.
    pub fn lines(&self, at: usize, view: &View) -> Vec<Vec<Point>> {
        let way = &self.ways[at];
        let is_of_each = matches!(self.scene.question, Question::Each { .. });
        // A map of one list does not show where the other one is.
        let ends = places(&self.scene.pairs[at]);
        if is_of_each && ends.iter().any(|&end| view.at(end).is_none()) {
            return Vec::new();
        }
        if way.as_short().is_some() && *self.scene.metric == Metric::Sphere {
            return Vec::new();
        }
        let on_view = |piece: &Vec<[f64; 2]>| {
            let places: Vec<Place> = piece.iter().map(|&[lon, lat]| [lat, lon]).collect();
            view.line(&places)
        };
        way.pieces.iter().flat_map(on_view).collect()
    }

    /// Keeps labels off the ways of the pairs that have one, as long as there is other room.
    pub fn spare_ways(&self, view: &View, room: &mut Room) {
        for at in 0..self.numbered() {
            self.lines(at, view).iter().for_each(|line| room.spare(line));
        }
    }

    /// Draws the ways of all pairs that are drawn.
    pub fn draw_ways(&self, sheet: &mut Sheet, view: &View) {
        let ((width, opacity), color) = (self.stroke(), self.color());
        sheet.open("ways", "fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"");
        for at in 0..self.ways.len() {
            let data = data(&self.lines(at, view), false);
            if self.ways.len() <= MOST_NUMBERED {
                let rim = number(width + 2.4);
                sheet.path(
                    &data,
                    &format!("stroke=\"#ffffff\" stroke-opacity=\"0.8\" stroke-width=\"{rim}\""),
                );
            }
            let width = number(width);
            sheet.path(
                &data,
                &format!(
                    "stroke=\"{color}\" stroke-opacity=\"{opacity}\" stroke-width=\"{width}\""
                ),
            );
        }
        sheet.close();
    }

    /// Draws marks at the cities of the pairs that are drawn, and keeps labels away from those of the first.
    pub fn draw_dots(&self, sheet: &mut Sheet, view: &View, room: &mut Room) {
        let (radius, color) = (self.radius(), self.color());
        let rim =
            if self.ways.len() > 100 { "" } else { " stroke=\"#ffffff\" stroke-width=\"1.5\"" };
        sheet.open("marks", &format!("fill=\"{color}\"{rim}"));
        // The farthest lie above.
        for (at, pair) in self.scene.pairs.iter().take(self.ways.len()).enumerate().rev() {
            for point in places(pair).into_iter().filter_map(|place| view.at(place)) {
                let radius = if at < MOST_NUMBERED { radius.max(3.0) } else { radius };
                if at < MOST_NUMBERED {
                    room.take(Rect::around(point, radius + 1.0));
                }
                if self.directions(at, view) != Directions::One && at < MOST_NUMBERED {
                    let ring = format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"1.4\"");
                    sheet.circle(point, radius + 5.0, &ring);
                }
                sheet.circle(point, radius, "");
            }
        }
        sheet.close();
    }
}
