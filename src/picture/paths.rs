//! Points, rectangles and lines of a page, and lines as the data of a path.
//!
//! A line that is to be drawn loses the positions that nobody would miss.
//!
//! Architecture Invariant: it knows pixels, and nothing of the Earth.

use std::fmt::Write;

use super::svg::number;

/// A position on the page in pixels: to the right, and down.
pub type Point = [f64; 2];

/// A rectangle on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

impl Rect {
    /// The rectangle of some edges.
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect { x, y, width, height }
    }

    /// The square around a point.
    pub fn around([x, y]: Point, radius: f64) -> Rect {
        Rect::new(x - radius, y - radius, 2.0 * radius, 2.0 * radius)
    }

    /// Its right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Its lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Its middle.
    pub fn middle(&self) -> Point {
        [self.x + 0.5 * self.width, self.y + 0.5 * self.height]
    }

    /// Whether a point is in it.
    pub fn has(&self, [x, y]: Point) -> bool {
        self.x <= x && x <= self.right() && self.y <= y && y <= self.bottom()
    }

    /// Whether all of another one is in it.
    pub fn holds(&self, other: &Rect) -> bool {
        self.has([other.x, other.y]) && self.has([other.right(), other.bottom()])
    }

    /// Whether they have more than an edge in common.
    pub fn meets(&self, other: &Rect) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

/// Lines as the data of a path; a closed one is an area.
pub fn data(lines: &[Vec<Point>], is_closed: bool) -> String {
    let mut data = String::new();
    for line in lines {
        let line = thinned(line);
        if line.len() < 2 {
            continue;
        }
        for (at, [x, y]) in line.iter().enumerate() {
            let letter = if at == 0 { "M" } else { "L" };
            let _ = write!(data, "{letter}{} {}", number(*x), number(*y));
        }
        if is_closed {
            data.push('Z');
        }
    }
    data
}

/// How far a line that loses positions may be from where it was, in pixels.
const TOLERANCE: f64 = 0.12;

/// Positions of which one is left out at most in a row.
const MOST_LEFT_OUT: usize = 40;

/// A line without the positions that lie on it anyway.
fn thinned(line: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    let mut from = 0;
    while from < line.len() {
        kept.push(line[from]);
        let mut to = from + 1;
        while to + 1 < line.len() && to - from < MOST_LEFT_OUT && is_straight(&line[from..=to + 1])
        {
            to += 1;
        }
        from = to;
    }
    kept
}

/// Whether all positions are near the straight line from the first to the last.
fn is_straight(line: &[Point]) -> bool {
    let ([x0, y0], [x1, y1]) = (line[0], line[line.len() - 1]);
    let (dx, dy) = (x1 - x0, y1 - y0);
    let square = dx * dx + dy * dy;
    line[1..line.len() - 1].iter().all(|[x, y]| {
        let t = if square == 0.0 { 0.0 } else { ((x - x0) * dx + (y - y0) * dy) / square };
        let t = t.clamp(0.0, 1.0);
        let (ex, ey) = (x - x0 - t * dx, y - y0 - t * dy);
        ex * ex + ey * ey <= TOLERANCE * TOLERANCE
    })
}
