//! Words beside marks: each where it is over nothing else, or nowhere.
//!
//! A label tries places around its mark, the nearest first, within the frame; the first at which it meets no other
//! label, no mark and, if there is one, no way is taken. One that is not beside its mark has a thin line to it.
//!
//! Architecture Invariant: it knows rectangles, and not what is written in them.

use super::svg::{Point, Rect};

/// Which part of the page is taken.
pub struct Room {
    frame: Rect,
    taken: Vec<Rect>,
    /// Where labels may be, but should not.
    spared: Vec<Rect>,
}

/// Where a label is.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The room that it takes.
    pub rect: Rect,
    /// Whether a line leads to its mark.
    pub is_led: bool,
}

/// Pixels from a mark to its label.
const DISTANCES: [f64; 7] = [9.0, 16.0, 26.0, 40.0, 60.0, 85.0, 115.0];

/// Pixels of a line that are kept free together.
const SPARED: f64 = 4.0;

/// So far from its mark a label goes for a place that is off all lines.
const NEAR: f64 = 26.0;

/// A label that is not farther away needs no line.
const BESIDE: f64 = 16.0;

/// Directions in which a label may stand, the best first: to the right, and down.
const DIRECTIONS: [[f64; 2]; 12] = [
    [1.0, 0.0],
    [-1.0, 0.0],
    [0.7, -0.7],
    [-0.7, -0.7],
    [0.7, 0.7],
    [-0.7, 0.7],
    [0.0, -1.0],
    [0.0, 1.0],
    [0.92, -0.38],
    [-0.92, -0.38],
    [0.92, 0.38],
    [-0.92, 0.38],
];

impl Room {
    /// All of a frame.
    pub fn new(frame: Rect) -> Room {
        Room { frame, taken: Vec::new(), spared: Vec::new() }
    }

    /// Keeps labels away from there.
    pub fn take(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Keeps labels off a line, as long as there is room beside their marks.
    pub fn spare(&mut self, line: &[Point]) {
        for two in line.windows(2) {
            let ([x0, y0], [x1, y1]) = (two[0], two[1]);
            let steps = ((x1 - x0).abs().max((y1 - y0).abs()) / SPARED).ceil().max(1.0);
            for step in 0..steps as usize {
                let t = step as f64 / steps;
                self.spared
                    .push(Rect::around([x0 + t * (x1 - x0), y0 + t * (y1 - y0)], 0.5 * SPARED));
            }
        }
    }

    fn is_spared(&self, rect: &Rect) -> bool {
        self.spared.iter().any(|spared| spared.meets(rect))
    }

    /// Whether nothing is there yet.
    fn is_free(&self, rect: &Rect) -> bool {
        self.frame.holds(rect) && !self.taken.iter().any(|taken| taken.meets(rect))
    }

    /// Finds a place for a label of some size beside a mark, and takes it.
    pub fn place(&mut self, mark: Point, [width, height]: [f64; 2]) -> Option<Spot> {
        let places = DISTANCES.into_iter().flat_map(|distance| {
            DIRECTIONS.into_iter().map(move |[right, down]| {
                // The point of the label that is nearest to the mark is so far from it.
                let x = mark[0] + distance * right + 0.5 * width * (sign(right) - 1.0);
                let y = mark[1] + distance * down + 0.5 * height * (sign(down) - 1.0);
                (distance, Rect::new(x, y, width, height))
            })
        });
        let beside =
            places.clone().filter(|(distance, rect)| *distance <= NEAR && !self.is_spared(rect));
        let (distance, rect) = beside.chain(places).find(|(_, rect)| self.is_free(rect))?;
        self.take(rect);
        Some(Spot { rect, is_led: distance > BESIDE })
    }

    /// Takes this place for a label if it is free, and on no line.
    pub fn place_off_lines(&mut self, rect: Rect) -> bool {
        !self.is_spared(&rect) && self.place_at(rect)
    }

    /// Takes this place for a label if it is free.
    pub fn place_at(&mut self, rect: Rect) -> bool {
        let is_free = self.is_free(&rect);
        if is_free {
            self.take(rect);
        }
        is_free
    }
}

/// −1, 0 or 1, where directions that lean little count as level.
fn sign(part: f64) -> f64 {
    match part {
        part if part > 0.5 => 1.0,
        part if part < -0.5 => -1.0,
        _ => 0.0,
    }
}

impl Spot {
    /// The point of its edge that is nearest to a mark.
    pub fn nearest(&self, [x, y]: Point) -> Point {
        [x.clamp(self.rect.x, self.rect.right()), y.clamp(self.rect.y, self.rect.bottom())]
    }
}
