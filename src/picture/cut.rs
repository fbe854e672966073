//! What of a line or of an area is within the edge of a map.
//!
//! Architecture Invariant: it knows no place of the Earth.

use super::svg::{Point, Rect};

/// A position on an azimuthal map: its angle from the middle, and its direction, of length 1.
pub type Polar = (f64, [f64; 2]);

/// The pieces of a line that are within an angle from the middle.
pub fn within_rim(line: &[Polar], rim: f64) -> Vec<Vec<Polar>> {
    let inside = |(angle, _): &Polar| *angle <= rim;
    let mut pieces = vec![Vec::new()];
    let mut push = |piece: Option<Polar>| match piece {
        Some(position) => pieces.last_mut().expect("there is a piece").push(position),
        None => pieces.push(Vec::new()),
    };
    for (at, here) in line.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &line[before]);
        if let Some(before) = before.filter(|before| inside(before) != inside(here)) {
            push(Some(on_rim(before, here, rim)));
        }
        if inside(here) {
            push(Some(*here));
        } else if before.is_some_and(inside) {
            push(None);
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// Where a line crosses the rim between two positions that are near each other.
fn on_rim(from: &Polar, to: &Polar, rim: f64) -> Polar {
    let t = (rim - from.0) / (to.0 - from.0);
    let way = [0, 1].map(|axis| from.1[axis] + t * (to.1[axis] - from.1[axis]));
    let norm = (way[0] * way[0] + way[1] * way[1]).sqrt();
    (rim, way.map(|part| part / norm))
}

/// The pieces of a line that are in a rectangle; where a position is missing there is a gap.
pub fn within_frame(line: &[Option<Point>], frame: &Rect) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for two in line.windows(2) {
        let cut = two[0].zip(two[1]).and_then(|(a, b)| within(frame, [a, b]));
        let Some([a, b]) = cut else { continue };
        match pieces.last_mut() {
            Some(piece) if piece[piece.len() - 1] == a => piece.push(b),
            _ => pieces.push(vec![a, b]),
        }
    }
    pieces
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
pub fn clipped(frame: &Rect, area: Vec<Point>) -> Vec<Point> {
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
