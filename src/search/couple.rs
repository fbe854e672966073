//! The cities of a region on one side, and those that lie opposite of them: what the join looks at together.
//!
//! Within one list these are the two sides of the region, as they lie. Between two lists the regions of one are not
//! those of the other: of every region of the second list that meets the square of the first the cities are told by
//! places in that square. A place of a larger region is less sharp there, by the *blur*: the cities of one of its units
//! can be so many units of the square farther along a and b.
//!
//! Architecture Invariant: it brings places into one square, and looks at no pair.

use std::borrow::Cow;
use std::ops::Range;

use super::Field;
use crate::pairs::Pairing;
use crate::points::Points;
use crate::regions::{DEEPEST, Place, Square};

/// Cities on one side of a square, by their places in it.
pub(super) struct Half<'a> {
    pub(super) places: Cow<'a, [Place]>,
    positions: Positions,
}

enum Positions {
    /// One behind the other, from this one on.
    From(usize),
    These(Vec<usize>),
}

impl<'a> Half<'a> {
    fn of(points: &'a Points<'a>, positions: Range<usize>) -> Half<'a> {
        let places = Cow::Borrowed(&points.places()[positions.clone()]);
        Half { places, positions: Positions::From(positions.start) }
    }

    /// The position of a city by its number.
    #[inline(always)]
    pub(super) fn position(&self, number: u32) -> usize {
        match &self.positions {
            Positions::From(start) => start + number as usize,
            Positions::These(positions) => positions[number as usize],
        }
    }

    /// The places of the first cities, at most so many.
    pub(super) fn first(&self, most: usize) -> &[Place] {
        &self.places[..self.places.len().min(most)]
    }
}

/// Cities of the first list and cities of the second, which is the same if there is one list.
pub(super) struct Couple<'a> {
    /// The side on which those of the first list lie.
    pub(super) side: usize,
    pub(super) halves: [Half<'a>; 2],
    pub(super) blur: u32,
}

/// More cities opposite of a region than these are none that the join could look at with profit.
const MOST_OPPOSITE: usize = 1 << 20;

impl<'a> Couple<'a> {
    /// The couples of a region of the first list; `None` where there are too many cities opposite of it.
    pub(super) fn of_region(field: &Field<'a>, region: usize) -> Option<Vec<Couple<'a>>> {
        let [first, second] = field.points();
        let half = |side| Half::of(first, first.regions().positions(region, side));
        if field.pairing() == Pairing::Within {
            return Some(vec![Couple { side: 0, halves: [half(0), half(1)], blur: 0 }]);
        }
        let square = first.regions().square(region);
        let couple = |side| {
            let (opposite, blur) = opposite(second, square, 1 - side)?;
            Some(Couple { side, halves: [half(side), opposite], blur })
        };
        let has_cities = |&side: &usize| !first.regions().positions(region, side).is_empty();
        [0, 1].into_iter().filter(has_cities).map(couple).collect()
    }

    /// Number of cities.
    pub(super) fn cities(&self) -> usize {
        self.halves.iter().map(|half| half.places.len()).sum()
    }
}

/// How many cities of some points lie on a side of the regions that meet a square.
pub(super) fn count_opposite(points: &Points<'_>, square: Square, side: usize) -> usize {
    let regions = points.regions();
    let mut cities = 0;
    regions
        .meeting(&square.window(), &mut |region| cities += regions.positions(region, side).len());
    cities
}

/// The cities of some points on a side of a square, and their blur.
fn opposite<'a>(points: &'a Points<'a>, square: Square, side: usize) -> Option<(Half<'a>, u32)> {
    let regions = points.regions();
    let mut meeting = Vec::new();
    regions.meeting(&square.window(), &mut |region| meeting.push(region));
    let cities = meeting.iter().map(|&region| regions.positions(region, side).len());
    if cities.sum::<usize>() > MOST_OPPOSITE {
        return None;
    }
    if let [region] = meeting[..]
        && regions.square(region) == square
    {
        return Some((Half::of(points, regions.positions(region, side)), 0));
    }
    let (mut places, mut positions, mut blur) = (Vec::new(), Vec::new(), 0);
    for region in meeting {
        let there = regions.square(region);
        let unit_bits = DEEPEST - there.level;
        blur = blur.max((1 << square.level.saturating_sub(there.level)) - 1);
        for position in regions.positions(region, side) {
            let numbers = points.places()[position].numbers();
            let cell = [0, 1].map(|i| there.corner[i] + (numbers[i] << unit_bits));
            if square.holds(cell) {
                places.push(Place::of(cell, square.level));
                positions.push(position);
            }
        }
    }
    Some((Half { places: Cow::Owned(places), positions: Positions::These(positions) }, blur))
}
