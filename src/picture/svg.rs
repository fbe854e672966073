//! Shapes and words → SVG, an element a line.
//!
//! Numbers have one decimal, a tenth of a pixel, and a zero has no sign, so that pictures are small and the same
//! everywhere.
//!
//! Architecture Invariant: it knows pixels, and nothing of the Earth.

use std::fmt::Write;

use super::words::{self, FAMILY};

pub use super::paths::{Point, Rect, data};

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
                " stroke=\"#ffffff\" stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\""
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
