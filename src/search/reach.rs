//! How far from a city's place the antipodes of its partners can be: the bounds of the join, with their proof.
//!
//! A pair of cities that is as far as the incumbent has |p + q| ≤ s. Their places on the cube
//! ([`crate::curve`]) are then within a window of each other, on whichever axis one looks.
//!
//! # Why no pair is lost
//!
//! Let r be the antipode of q, s = |p − r| = |p + q|, and let x, y, z be the coordinates in which the axis
//! comes first. Then, with a = y/x and a′ that of r,
//!
//! ```text
//! a′ − a = (y′x − yx′)/(xx′) = ((y′ − y)x − y(x′ − x))/(xx′),
//! |a′ − a| ≤ s·√(x² + y²)/(|x||x′|) = s·√(1 + a²)/|x′|         by Cauchy and Schwarz,
//! |x′| ≥ |x| − s,   1/|x| = √(1 + a² + b²) = h,
//! |a′ − a| ≤ s·√(1 + a²)·h/(1 − s·h),                         and alike |b′ − b| with b.
//! ```
//!
//! This is [`reach`]. It asks for s·h < 1 and nothing else: r may lie on another face, for a′ and b′ are
//! then beyond ±1. In a region a and b are at most those of its farthest corner. On a whole face the factor
//! is at most √2·√3 for small s. A pair that is as far as the incumbent has s² ≤ [`crate::bound::Shortfall::limit`],
//! by the proof that stands there; s is taken from it. Places on the cube are those of geodetic vectors, and on an
//! ellipsoid s is what these show at most (`finalists`). 1e-14 on top covers the rounding of the limit,
//! of a and b, and that they are those of quick vectors.
//!
//! *Units.* A unit of a place is m = 2^(16 − level) cells. Each cell is the nearest to its a, off by half a cell
//! at most, and a place leaves bits out: two numbers that differ by d units come out apart by ⌈d + 1/m⌉ at
//! most. The *width* w is one more. Pairs whose places are farther apart than w cannot win.
//!
//! *Spans.* The width is that of the farthest corner, and a square where a circle would do. What is within it is looked
//! at once more before vectors are asked for: [`Spans::least`] is the distance of the two places, as if each stood in
//! the middle of its unit. A place is off by half a unit and half a cell at most along a and along b, and by its blur;
//! the step from (1, a, b) to its direction, which leads onto the unit ball, makes no distance greater. So |p + q| is
//! less by 2√2 units at most, and as many for each unit of blur; 3 are taken.
//!
//! *Cells.* A cell is 4 w wide at least, or there is one alone. A city of side 0 that is within w of an edge of its
//! cell asks the cells behind that edge too. So it asks every cell that has a city within w.
//!
//! *Edges of regions.* If r lies outside of the region of p, p lies within w of the border. The one more in w is
//! needed here: r may lie on the very edge of the face and belong to another face, and then its cell is still
//! inside of the region's square. A city near the border looks around by itself: on each of the three axes for cities
//! on the other side whose a and b are within `reach`. If r lies on the face of an axis, |r| on this axis is at least
//! √⅓, so p has at least √⅓ − s there; all axes where it has less are passed over. The edges and corners of the cube
//! are nothing special. Of the two cities of a pair that lie in two regions, the one with the lower position looks
//! around.
//!
//! *Latitudes.* On an ellipsoid s is less near the poles ([`crate::metric::Metric::reach`]). A region takes that of its
//! city farthest from the axis ([`from_axis`]). It holds for all pairs of its cities, whatever regions the others are
//! in.
//!
//! *Time.* The limit only falls. A width that was taken from an earlier limit lets too much through,
//! never too little, so one pass over a region is a proof. Ties need nothing more: the limit is that of
//! equal distances, and whether lower rows win is decided where pairs are measured (`finalists`).
//!
//! Architecture Invariant: a window may be too wide, never too narrow; who stands in it is not asked.

use crate::curve::{CELLS_PER_UNIT, chart, farthest_from_axis};
use crate::kernel::cells::{CellGrid, PLACE_BITS};
use crate::quick::QUICK_ERROR;
use crate::regions::{DEEPEST, Place, Square, Window};
use crate::sphere::UnitVector;

/// The greatest |p + q| of an incumbent that the join works with: 0.05, which is 319 km from the antipode.
pub(super) const FARTHEST: f64 = 0.05;

/// Bits of a place below those that tell cells apart: the least, so that 512 × 512 cells have 32 KB of bits.
pub(super) const LEAST_SHIFT: u32 = 7;

/// How far a and b of the antipode of a city may be from those of a city within `s` of it, which are at most
/// `a` and `b` in size. With h = √(1 + a² + b²) the coordinate on the axis is 1/h.
fn reach(s: f64, [a, b]: [f64; 2]) -> f64 {
    let s = s + 10.0 * QUICK_ERROR;
    let h = (1.0 + a * a + b * b).sqrt();
    let greater = a.abs().max(b.abs());
    s * (1.0 + greater * greater).sqrt() * h / (1.0 - s * h)
}

/// The grid of a square for pairs within `s` of being antipodal, of which one place may be blurred by so many units.
pub(super) fn grid_of(square: Square, s: f64, blur: u32) -> CellGrid {
    let unit_cells = f64::from(1 << (DEEPEST - square.level));
    let differing = reach(s, square.farthest()) * CELLS_PER_UNIT;
    // A hundredth of a cell is far more than this computation can be off by.
    let width = ((differing + 1.01) / unit_cells).ceil() + 1.0;
    let width = (width + f64::from(blur)).min(f64::from(1 << PLACE_BITS)) as u32;
    let shift = (4 * width).next_power_of_two().ilog2().clamp(LEAST_SHIFT, PLACE_BITS);
    CellGrid { shift, width }
}

/// How far from the axis of the Earth a city of a square can be, by its vector of length 1.
pub(super) fn from_axis(square: Square) -> f64 {
    // 1e-12 is for roundings, and for that places are those of quick vectors.
    (farthest_from_axis(square.axis, square.nearest(), square.farthest()) + 1e-12).min(1.0)
}

/// What places of a square tell of |p + q| of their cities.
pub(super) struct Spans {
    corner: [f64; 2],
    unit: f64,
    blunt: f64,
}

impl Spans {
    /// Of a square, one of whose places is blurred by so many units.
    pub(super) fn of(square: Square, blur: u32) -> Spans {
        let unit = f64::from(1 << (DEEPEST - square.level)) / CELLS_PER_UNIT;
        let corner = square.corner.map(|first| f64::from(first) / CELLS_PER_UNIT - 1.0);
        Spans { corner, unit, blunt: 3.0 * (1.0 + f64::from(blur)) * unit }
    }

    /// The least |p + q| of a city at a place and one on the other side, whose antipode is at another.
    #[inline(always)]
    pub(super) fn least(&self, place: Place, antipode: Place) -> f64 {
        let [p, r] = [place, antipode].map(|place| {
            let [a, b] = place.numbers().map(|number| (f64::from(number) + 0.5) * self.unit);
            let [a, b] = [self.corner[0] + a, self.corner[1] + b];
            let h = (1.0 + a * a + b * b).sqrt();
            [1.0 / h, a / h, b / h]
        });
        let [x, y, z] = [0, 1, 2].map(|axis| p[axis] - r[axis]);
        (x * x + y * y + z * z).sqrt() - self.blunt
    }
}

/// Where on the face of an axis a city q can stand with |p + q| ≤ s; `None` if nowhere.
pub(super) fn window(p: UnitVector, axis: usize, s: f64) -> Option<Window> {
    const LEAST: f64 = 0.577;
    if p[axis].abs() < LEAST - s {
        return None;
    }
    let place = chart(p, axis);
    let reach = reach(s, place);
    if place.iter().any(|a| a.abs() > 1.0 + reach + 1e-9) {
        return None;
    }
    // Two cells more on both ends: half of one for rounding to the nearest, the rest for the casts, which
    // cut off and saturate.
    let first = place.map(|a| ((a - reach + 1.0) * CELLS_PER_UNIT - 2.0) as u32);
    let last = place.map(|a| ((a + reach + 1.0) * CELLS_PER_UNIT + 2.0) as u32);
    Some(Window { axis: axis as u32, first, last })
}
