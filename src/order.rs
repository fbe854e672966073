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

use crate::curve::{curve_key, first_bits_of_key};
use crate::kernel::Kernel;
use crate::map::Pages;
use crate::numbers::{Index, NumberBuffer, Numbers};
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
            sort(sites, positions.start, &cells, &mut keyed);
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

/// The numbers of the cities of a region on a side, which begin at a position, along the curve.
fn sort(sites: &Sites<'_>, start: usize, cells: &[[u32; 2]], sorted: &mut Vec<u64>) {
    let number_bits = usize::BITS - cells.len().saturating_sub(1).leading_zeros();
    let mask = (1_u64 << number_bits) - 1;
    sorted.clear();
    sorted.extend(
        cells.iter().zip(0..).map(|(&cell, number)| first_bits_of_key(cell) & !mask | number),
    );
    sorted.sort_unstable();
    let are_near = |a: &u64, b: &u64| (a ^ b) & !mask == 0;
    for near in sorted.chunk_by_mut(are_near).filter(|near| near.len() > 1) {
        let number = |one: u64| (one & mask) as usize;
        near.sort_by(|&a, &b| {
            let by_key = curve_key(cells[number(a)]).cmp(&curve_key(cells[number(b)]));
            by_key
                .then_with(|| compare(sites, start + number(a), start + number(b)))
                .then(a.cmp(&b))
        });
    }
    sorted.iter_mut().for_each(|one| *one &= mask);
}

/// The order of two cities by coordinates.
fn compare(sites: &Sites<'_>, i: usize, j: usize) -> Ordering {
    let axes = sites.degrees(i).into_iter().zip(sites.degrees(j));
    // Adding zero turns −0 into +0: these two are equal coordinates.
    axes.map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0))).fold(Ordering::Equal, Ordering::then)
}

/// The bounds of all levels over sites in an order of their positions, and the origin that they are made
/// with: the middle of all.
pub fn bounds_along(sites: &Sites<'_>, order: Numbers<'_>) -> (Vec<Bounds>, UnitVector) {
    let kernel = Kernel::best();
    let position = |at: usize| order.get(at) as usize;
    let corners = |first: usize| {
        let last = order.len().min(first + TILE_CITIES) - 1;
        sites.tile(kernel, |lane| position((first + lane).min(last))).corners()
    };
    let firsts = || (0..order.len()).step_by(TILE_CITIES);
    let tiles: Vec<[UnitVector; 2]> = firsts().map(corners).collect();
    let origin = middle(&tiles);
    let tile_bounds = firsts().zip(tiles).map(|(first, corners)| {
        let mut members = first..order.len().min(first + TILE_CITIES);
        let lowest_row = members.clone().map(|at| sites.row(position(at))).min();
        let is_one_place = members.all(|at| sites.are_one_place(position(first), position(at)));
        Bounds::new(corners, origin, lowest_row.expect("a tile has a city"), is_one_place)
    });
    let are_one_place = |i, j| sites.are_one_place(position(i), position(j));
    (group_bounds(tile_bounds.collect(), are_one_place), origin)
}

/// The middle of some boxes, each given by its least and greatest coordinates; the centre of the Earth if there
/// is none.
fn middle(boxes: &[[UnitVector; 2]]) -> UnitVector {
    std::array::from_fn(|axis| {
        let least = boxes.iter().map(|corners| corners[0][axis]).fold(f64::INFINITY, f64::min);
        let greatest =
            boxes.iter().map(|corners| corners[1][axis]).fold(f64::NEG_INFINITY, f64::max);
        if least <= greatest { (least + greatest) / 2.0 } else { 0.0 }
    })
}
