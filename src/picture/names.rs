//! Words beside the marks of pairs: names or numbers, the centre, how far it is.
//!
//! Of one pair the names stand beside its cities. Of several the numbers do, which the list below the map explains;
//! cities that are near each other on the page have one label.
//!
//! Architecture Invariant: it writes words, and draws no way.

use super::colors::BLACK;
use super::labels::Room;
use super::marks::Marks;
use super::projection::Place;
use super::scene::{MOST_NUMBERED, Question, name_of, places};
use super::svg::{Anchor, Face, Point, Rect, Sheet, data};
use super::view::View;
use super::words::{fitted, width};

/// Size of words beside marks.
const WORDS: f64 = 17.0;

/// Widths that a name is cut to, the first for which there is room.
const NAME_WIDTHS: [f64; 4] = [440.0, 300.0, 190.0, 110.0];

impl Marks<'_> {
    /// Draws the words; how many of the pairs have some at one of their cities at least.
    pub fn draw_labels(&self, sheet: &mut Sheet, view: &View, room: &mut Room) -> usize {
        if let Question::Each { centre, .. } = self.scene.question {
            self.draw_centre(sheet, view, room, (places(centre)[0], &name_of(&centre.pair[0])));
        }
        match self.scene.pairs {
            [pair] => {
                let cities = places(pair).into_iter().zip(&pair.pair);
                let drawn = cities.filter(|(place, city)| {
                    let name = name_of(city);
                    view.at(*place).is_some_and(|at| self.draw_name(sheet, room, (at, &name)))
                });
                drawn.count().min(1)
            }
            _ => self.draw_numbers(sheet, view, room),
        }
    }

    /// Writes how far it is beside the middle of the way of a single pair.
    pub fn draw_distance(&self, sheet: &mut Sheet, view: &View, room: &mut Room) {
        let ([pair], Question::Pairs) = (self.scene.pairs, &self.scene.question) else { return };
        let lines = self.lines(0, view).into_iter();
        let Some(longest) = lines.max_by(|a, b| length(a).total_cmp(&length(b))) else { return };
        let middle = halfway(&longest);
        let words = self.scene.length(pair.distance.distance_km);
        let size = [width(&words, WORDS) + 8.0, WORDS + 6.0];
        if let Some(spot) = room.place(middle, size).filter(|spot| !spot.is_led) {
            write(sheet, &spot.rect, &words, self.color());
        }
    }

    fn draw_name(&self, sheet: &mut Sheet, room: &mut Room, (at, name): (Point, &str)) -> bool {
        NAME_WIDTHS.into_iter().any(|most| {
            let words = fitted(name, WORDS, most);
            let spot = room.place(at, [width(&words, WORDS) + 8.0, WORDS + 6.0]);
            spot.is_some_and(|spot| {
                if spot.is_led {
                    draw_leader(sheet, at, spot.nearest(at), BLACK);
                }
                write(sheet, &spot.rect, &words, BLACK);
                true
            })
        })
    }

    fn draw_centre(
        &self,
        sheet: &mut Sheet,
        view: &View,
        room: &mut Room,
        (place, name): (Place, &str),
    ) {
        let Some(at) = view.at(place) else { return };
        let [x, y] = at;
        let corner = |[right, down]: [f64; 2]| [x + 9.0 * right, y + 9.0 * down];
        let diamond = [[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]].map(corner).to_vec();
        room.take(Rect::around(at, 9.0));
        sheet.path(
            &data(&[diamond], true),
            &format!("class=\"centre\" fill=\"{BLACK}\" stroke=\"#ffffff\" stroke-width=\"2\""),
        );
        self.draw_name(sheet, room, (at, &format!("centre: {name}")));
    }

    fn draw_numbers(&self, sheet: &mut Sheet, view: &View, room: &mut Room) -> usize {
        let mut clusters: Vec<(Point, Vec<usize>)> = Vec::new();
        for (at, pair) in self.scene.pairs.iter().take(MOST_NUMBERED).enumerate() {
            for point in places(pair).into_iter().filter_map(|place| view.at(place)) {
                let is_near =
                    |(other, _): &&mut (Point, Vec<usize>)| distance(*other, point) < 16.0;
                match clusters.iter_mut().find(is_near) {
                    Some((_, numbers)) if numbers.last() == Some(&(at + 1)) => {}
                    Some((_, numbers)) => numbers.push(at + 1),
                    None => clusters.push((point, vec![at + 1])),
                }
            }
        }
        let mut labelled = Vec::new();
        for (point, numbers) in clusters {
            let words = ranges(&numbers);
            let size = [width(&words, WORDS) + 6.0, WORDS + 4.0];
            let Some(spot) = room.place(point, size) else { continue };
            if spot.is_led {
                draw_leader(sheet, point, spot.nearest(point), BLACK);
            }
            write(sheet, &spot.rect, &words, BLACK);
            labelled.extend(numbers);
        }
        labelled.sort_unstable();
        labelled.dedup();
        labelled.len()
    }
}

fn draw_leader(sheet: &mut Sheet, from: Point, to: Point, color: &str) {
    let line = data(&[vec![from, to]], false);
    sheet.path(
        &line,
        &format!("class=\"leader\" fill=\"none\" stroke=\"{color}\" stroke-width=\"0.8\""),
    );
}

/// Writes words into a room that was made for them.
fn write(sheet: &mut Sheet, rect: &Rect, words: &str, color: &'static str) {
    let [middle, _] = rect.middle();
    let base = rect.y + 0.5 * rect.height + 0.36 * WORDS;
    sheet.words(words, [middle, base], &Face::new(WORDS, color).at(Anchor::Middle).rimmed());
}

fn distance(a: Point, b: Point) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    (x * x + y * y).sqrt()
}

fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|two| distance(two[0], two[1])).sum()
}

fn halfway(line: &[Point]) -> Point {
    let mut rest = 0.5 * length(line);
    for two in line.windows(2) {
        let step = distance(two[0], two[1]);
        if step >= rest && step > 0.0 {
            let t = rest / step;
            return [0, 1].map(|axis| two[0][axis] + t * (two[1][axis] - two[0][axis]));
        }
        rest -= step;
    }
    line[0]
}

/// Numbers in words: 1–3, 5.
fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<[usize; 2]> = Vec::new();
    for &number in numbers {
        match parts.last_mut() {
            Some([_, last]) if *last + 1 == number => *last = number,
            _ => parts.push([number, number]),
        }
    }
    let part = |[first, last]: [usize; 2]| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    };
    parts.into_iter().map(part).collect::<Vec<_>>().join(", ")
}
