//! How wide words are, what of them fits, and how they are written into SVG.
//!
//! Widths are those of DejaVu Sans, which is embedded for PNG and is wider than most fonts that a viewer of SVG takes
//! in its stead. A character that it has not counts as a whole em where it is a wide one (Unicode Standard Annex 11),
//! else as seven tenths.
//!
//! Architecture Invariant: words are text of others; what leaves here is harmless.

use std::sync::OnceLock;

use ttf_parser::Face;
use unicode_width::UnicodeWidthChar;

use crate::plain::printable;

/// The fonts of a picture, the first that is there.
pub const FAMILY: &str = "DejaVu Sans, Verdana, Noto Sans, sans-serif";

/// What stands for what was cut off.
const ELLIPSIS: char = '…';

fn face() -> &'static Face<'static> {
    static FACE: OnceLock<Face<'static>> = OnceLock::new();
    FACE.get_or_init(|| Face::parse(dejavu::sans::regular(), 0).expect("the embedded font is one"))
}

/// The width of a character in ems.
fn ems(c: char) -> f64 {
    let face = face();
    let advance = face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph));
    match advance {
        Some(units) => f64::from(units) / f64::from(face.units_per_em()),
        None => match c.width() {
            Some(0) => 0.0,
            Some(2) => 1.0,
            _ => 0.7,
        },
    }
}

/// Whether the embedded font has all characters that are to be seen.
pub fn are_in_font(words: &str) -> bool {
    words.chars().all(|c| c.is_whitespace() || face().glyph_index(c).is_some())
}

/// How wide words of a size are, in pixels.
pub fn width(words: &str, size: f64) -> f64 {
    words.chars().map(ems).sum::<f64>() * size
}

/// Words that are no wider than this, cut off with an ellipsis where they must be.
pub fn fitted(words: &str, size: f64, most: f64) -> String {
    let words = printable(words.trim());
    if width(&words, size) <= most {
        return words;
    }
    let mut room = most / size - ems(ELLIPSIS);
    let fits = |c: &char| {
        room -= ems(*c);
        room >= 0.0
    };
    let kept: String = words.chars().take_while(fits).collect();
    format!("{}{ELLIPSIS}", kept.trim_end())
}

/// Words as the text of an element of SVG.
pub fn escaped(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for c in printable(words).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c => escaped.push(c),
        }
    }
    escaped
}
