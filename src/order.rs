//! The order of cities along the curve, and the bounds over them: what a packed file and a tree stand on.
//!
//! Cities stand region by region on either side, within a region along the curve, then by coordinates, so that
//! equal ones are neighbours, then by position, which is the order of their rows. A region is sorted by
//! itself: one number for each city, the high bits of its key and its number in the region in the low
//! ones, which is twice as fast as sorting pairs of a key and a number. The few cities whose high bits are equal
//! are sorted once more, by their whole keys, coordinates and positions.
//!
//! Architecture Invariant: the order is one of positions; who stands there is not asked but for ties.

use std::cmp::Ordering;
use std::ops::Range;

use crate::curve::{curve_key, first_32_bits_of_key, first_48_bits_of_key};
use crate::kernel::Kernel;
use crate::map::Pages;
use crate::numbers::{Index, NumberBuffer};
use crate::regions::Regions;
use crate::sites::Sites;
use crate::sphere::UnitVector;
use crate::tiles::{Bounds, TILE_CITIES, group_bounds};

/// The positions of cities in the order of a packed file.
pub fn curve_order(regions: &Regions<'_>, sites: &Sites<'_>) -> NumberBuffer {
    match u32::try_from(sites.len()) {
        Ok(_) => NumberBuffer::Short(order_in(regions, sites)),
        Err(_) => NumberBuffer::Long(order_in(regions, sites)),
    }
}

fn order_in<I: Index>(regions: &Regions<'_>, sites: &Sites<'_>) -> Pages<I> {
    let mut order = Pages::zeroed(sites.len());
    let (mut cells, mut keyed) = (Vec::new(), Vec::new());
    for side in 0..2 {
        for region in 0..regions.len() {
            let positions = regions.positions(region, side);
            find_cells(sites, positions.clone(), &mut cells);
            let degrees = |number: usize| sites.degrees(positions.start + number);
            let compare = |i, j| compare_places(degrees(i), degrees(j));
            let level = regions.square(region).level;
            sort_cells(0..cells.len() as u32, &cells, level, compare, &mut keyed);
            for (at, &number) in positions.clone().zip(&keyed) {
                order[at] = I::of(positions.start + number as usize);
            }
        }
    }
    order
}

/// The cells of the cities at some positions.
fn find_cells(sites: &Sites<'_>, positions: Range<usize>, cells: &mut Vec<[u32; 2]>) {
    let kernel = Kernel::best();
    cells.clear();
    for first in positions.clone().step_by(TILE_CITIES) {
        let last = positions.end - 1;
        let spots = kernel.spots(&sites.tile(kernel, |lane| (first + lane).min(last)));
        let all = spots.cells[0].into_iter().zip(spots.cells[1]).map(|(a, b)| [a, b]);
        cells.extend(all.take(positions.end - first));
    }
}

/// Puts the numbers of some cities of a region along the curve; each has a cell, and the region has a level.
/// `compare` tells the order of two that share a cell; if it sees none, the lower number comes first.
pub fn sort_cells(
    numbers: impl Iterator<Item = u32>,
    cells: &[[u32; 2]],
    level: u32,
    compare: impl Fn(usize, usize) -> Ordering,
    sorted: &mut Vec<u64>,
) {
    let number_bits = usize::BITS - cells.len().saturating_sub(1).leading_zeros();
    let mask = (1_u64 << number_bits) - 1;
    sorted.clear();
    // All cities of a region have the first 2 · level bits in common. The next two dozen tell nearly all apart.
    let cell = |number: u32| cells[number as usize];
    match level <= FEW_LEVELS {
        true => {
            sorted.extend(numbers.map(|n| first_32_bits_of_key(cell(n)) & !mask | u64::from(n)))
        }
        false => {
            sorted.extend(numbers.map(|n| first_48_bits_of_key(cell(n)) & !mask | u64::from(n)))
        }
    }
    sort_spread(sorted);
    let are_near = |a: &u64, b: &u64| (a ^ b) & !mask == 0;
    for near in sorted.chunk_by_mut(are_near).filter(|near| near.len() > 1) {
        let number = |one: u64| (one & mask) as usize;
        near.sort_by(|&a, &b| {
            let by_key = curve_key(cells[number(a)]).cmp(&curve_key(cells[number(b)]));
            by_key.then_with(|| compare(number(a), number(b))).then(a.cmp(&b))
        });
    }
    sorted.iter_mut().for_each(|one| *one &= mask);
}

/// Levels up to which 32 bits of a key are enough.
const FEW_LEVELS: u32 = 4;

/// Sorts numbers that are spread about evenly between the least and the greatest: by their highest bits in which any
/// differ into as many piles as there are numbers, and each pile by itself. Where they are not spread, one pile
/// has many, which takes as long as any sort.
fn sort_spread(numbers: &mut Vec<u64>) {
    let Some(&first) = numbers.first() else { return };
    let differing = numbers.iter().fold(0, |bits, number| bits | (number ^ first));
    let highest = u64::BITS - differing.leading_zeros();
    let pile_bits = numbers.len().ilog2().min(highest);
    let shift = highest - pile_bits;
    let pile = |number: u64| (number >> shift) as usize & ((1 << pile_bits) - 1);
    let mut ends = vec![0_u32; 1 << pile_bits];
    numbers.iter().for_each(|&number| ends[pile(number)] += 1);
    let mut next = 0;
    for end in &mut ends {
        next += std::mem::replace(end, next);
    }
    let mut sorted = vec![0; numbers.len()];
    for &number in &*numbers {
        let end = &mut ends[pile(number)];
        sorted[*end as usize] = number;
        *end += 1;
    }
    let mut begin = 0;
    for &end in &ends {
        match &mut sorted[begin..end as usize] {
            [] | [_] => {}
            [a, b] => (*a, *b) = ((*a).min(*b), (*a).max(*b)),
            pile => pile.sort_unstable(),
        }
        begin = end as usize;
    }
    *numbers = sorted;
}

/// The order of two places by their coordinates.
pub fn compare_places(one: [f64; 2], other: [f64; 2]) -> Ordering {
    // Adding zero turns −0 into +0: these two are equal coordinates.
    let axes = one.into_iter().zip(other);
    axes.map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0))).fold(Ordering::Equal, Ordering::then)
}

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileFacts {
    /// Least and greatest coordinates.
    pub corners: [UnitVector; 2],
    lowest_row: u64,
    is_one_place: bool,
}

impl TileFacts {
    /// Those of the cities at some places of an order, of which `position` tells the position of each.
    pub fn of(
        sites: &Sites<'_>,
        members: Range<usize>,
        position: impl Fn(usize) -> usize,
    ) -> TileFacts {
        let (first, last) = (members.start, members.end - 1);
        let tile = sites.tile(Kernel::best(), |lane| position((first + lane).min(last)));
        let lowest_row = members.clone().map(|at| sites.row(position(at))).min();
        let corners = tile.corners();
        // Quick vectors tell nearly all apart.
        let is_one_place = corners[0] == corners[1]
            && members.skip(1).all(|at| sites.are_one_place(position(first), position(at)));
        let lowest_row = lowest_row.expect("a tile has a city");
        TileFacts { corners, lowest_row, is_one_place }
    }

    /// Its bounds, as offsets from an origin.
    pub fn bounds(&self, origin: UnitVector) -> Bounds {
        Bounds::new(self.corners, origin, self.lowest_row, self.is_one_place)
    }
}

/// The bounds of all levels over sites in an order, of which `position` tells the position of each, and the origin
/// that they are made with: the middle of all.
pub fn bounds_along(
    sites: &Sites<'_>,
    position: impl Fn(usize) -> usize,
) -> (Vec<Bounds>, UnitVector) {
    let firsts = (0..sites.len()).step_by(TILE_CITIES);
    let tiles: Vec<TileFacts> = firsts
        .map(|first| first..sites.len().min(first + TILE_CITIES))
        .map(|members| TileFacts::of(sites, members, &position))
        .collect();
    let corners: Vec<[UnitVector; 2]> = tiles.iter().map(|tile| tile.corners).collect();
    let origin = middle(&corners);
    let bounds = tiles.iter().map(|tile| tile.bounds(origin)).collect();
    let are_one_place = |i, j| sites.are_one_place(position(i), position(j));
    (group_bounds(bounds, are_one_place), origin)
}

/// The middle of some boxes, each given by its least and greatest coordinates; the centre of the Earth if there
/// is none.
pub fn middle(boxes: &[[UnitVector; 2]]) -> UnitVector {
    let [least, greatest] = hull(boxes);
    std::array::from_fn(|axis| match least[axis] <= greatest[axis] {
        true => (least[axis] + greatest[axis]) / 2.0,
        false => 0.0,
    })
}

/// Least and greatest coordinates of some boxes.
pub fn hull(boxes: &[[UnitVector; 2]]) -> [UnitVector; 2] {
    let fold = |corner: usize, none: f64, of_two: fn(f64, f64) -> f64| {
        std::array::from_fn(|axis| {
            boxes.iter().map(|corners| corners[corner][axis]).fold(none, of_two)
        })
    };
    [fold(0, f64::INFINITY, f64::min), fold(1, f64::NEG_INFINITY, f64::max)]
}
