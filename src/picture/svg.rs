//! Shapes and words → SVG, an element a line.
//!
//! Numbers have one decimal, a tenth of a pixel, and a zero has no sign, so that pictures are small and the same
//! everywhere. A line that is to be drawn loses the positions that nobody would miss.
//!
//! Architecture Invariant: it knows pixels, and nothing of the Earth.

use std::fmt::Write;

use super::words::{self, FAMILY};

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

/// Where words stand about their position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// To the right of it.
    Start,
    /// On both sides.
    Middle,
    /// To the left of it.
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// How words look.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// Height of the font in pixels.
    pub size: f64,
    /// Colour.
    pub color: &'static str,
    /// Where they stand.
    pub anchor: Anchor,
    /// Whether they have a light rim, to be read over whatever is below.
    pub has_rim: bool,
}

impl Face {
    /// Words that stand to the right of their position.
    pub fn new(size: f64, color: &'static str) -> Face {
        Face { size, color, anchor: Anchor::Start, has_rim: false }
    }

    /// The same with another anchor.
    pub fn at(self, anchor: Anchor) -> Face {
        Face { anchor, ..self }
    }

    /// The same with a rim.
    pub fn rimmed(self) -> Face {
        Face { has_rim: true, ..self }
    }
}

/// A page that is being drawn.
pub struct Sheet {
    text: String,
}

impl Sheet {
    /// An empty page.
    pub fn new() -> Sheet {
        Sheet { text: String::new() }
    }

    /// The whole of it as SVG, with what it is called and tells.
    pub fn finish(self, [width, height]: [f64; 2], title: &str, description: &str) -> String {
        let [title, description] = [title, description].map(words::escaped);
        let (width, height) = (number(width), number(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
             {height}\" font-family=\"{FAMILY}\">\n<title>{title}</title>\n<desc>{description}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            self.text
        )
    }

    /// Begins a group of elements of a class, with more attributes.
    pub fn open(&mut self, class: &str, attributes: &str) {
        let gap = if attributes.is_empty() { "" } else { " " };
        let _ = writeln!(self.text, "<g class=\"{class}\"{gap}{attributes}>");
    }

    /// Ends the group that was begun last.
    pub fn close(&mut self) {
        self.text.push_str("</g>\n");
    }

    /// A path of this data; without data nothing.
    pub fn path(&mut self, data: &str, attributes: &str) {
        if !data.is_empty() {
            let _ = writeln!(self.text, "<path d=\"{data}\" {attributes}/>");
        }
    }

    /// A circle.
    pub fn circle(&mut self, [x, y]: Point, radius: f64, attributes: &str) {
        let [x, y, radius] = [x, y, radius].map(number);
        let _ = writeln!(self.text, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {attributes}/>");
    }

    /// A rectangle.
    pub fn rect(&mut self, rect: &Rect, attributes: &str) {
        let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(number);
        let _ = writeln!(
            self.text,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {attributes}/>"
        );
    }

    /// Words, whose base line is at a position.
    pub fn words(&mut self, words: &str, [x, y]: Point, face: &Face) {
        let [x, y, size] = [x, y, face.size].map(number);
        let anchor = match face.anchor {
            Anchor::Start => String::new(),
            other => format!(" text-anchor=\"{}\"", other.name()),
        };
        let rim = match face.has_rim {
            true => {
                " stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\""
            }
            false => "",
        };
        let _ = writeln!(
            self.text,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{}\"{anchor}{rim}>{}</text>",
            face.color,
            words::escaped(words)
        );
    }
}

/// A number of a page.
pub fn number(number: f64) -> String {
    let text = format!("{number:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".into() } else { text.into() }
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
