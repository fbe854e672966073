//! The antipodal join: near antipodes are neighbours in a plane, and neighbours are found in one pass.
//!
//! # The idea
//!
//! A city p and the antipode of a city q have the same axis and the same place (a, b) on the cube
//! ([`crate::curve`]), or nearly so, when p and q are nearly antipodal; and they lie on opposite sides. So the
//! pairs that could beat the incumbent are neighbours among the cities of a region, one of side 0 and
//! one of side 1. A region's square is cut into at most 512 × 512 cells, a bit each. The cities of side 1 set
//! their bits, those of side 0 look theirs up, and what they hit is looked up in turn: a billion pairs
//! are settled by two passes over 32,000 numbers of 32 bits.
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
//! is at most √2·√3 for small s. A pair that is as far as the incumbent has s² ≤ [`Separation::limit`],
//! by the proof that stands there; s is taken from it, and 1e-14 on top covers the rounding of the limit,
//! of a and b, and that they are those of quick vectors.
//!
//! *Units.* A cell of the curve is the nearest to a, and a place leaves bits out: two numbers that differ by d
//! units come out apart by less than d + 2. So pairs within ⌈d⌉ + 2 of each other are all that could win: the
//! *width* w.
//!
//! *Cells.* A cell is 4 w wide at least. A city of side 0 that is within w of an edge of its cell asks the
//! cells behind that edge too. So it asks every cell that has a city within w.
//!
//! *Edges of regions.* If r lies outside of the region of p, p lies within w of the border. Such a city
//! looks around by itself: on each of the three axes for cities on the other side whose a and b are within
//! `reach`. If r lies on the face of an axis, |r| on this axis is at least √⅓, so p has at least √⅓ − s
//! there; all axes where it has less are passed over. The edges and corners of the cube are nothing special.
//! Of the two cities of a pair that lie in two regions, the one with the lower position looks around.
//!
//! *Time.* The limit only falls. A width that was taken from an earlier limit lets too much through,
//! never too little, so one pass over a region is a proof. Ties need nothing more: the limit is that of
//! equal distances, and whether lower rows win is decided where pairs are measured (`finalists`).
//!
//! # When it gives up
//!
//! The join is fast where few cities share a cell. It gives up a region, and the tree settles it, where
//! the incumbent is farther than [`FARTHEST`] from the antipode, or where it has looked at so many
//! pairs that the tree does better ([`Join::budget`]): copies by the thousand, clusters within one width.
//!
//! Architecture Invariant: it knows one region at a time, and neither ranks nor the pairs covered.

use std::ops::Range;

use super::finalists::Finalists;
use crate::curve::{CELLS_PER_UNIT, chart};
use crate::points::Points;
use crate::quick::QUICK_ERROR;
use crate::regions::{DEEPEST, Place, Square, Window};
use crate::sphere::UnitVector;

/// The greatest |p + q| of an incumbent that the join works with: 0.05, which is 319 km from the antipode.
const FARTHEST: f64 = 0.05;

/// Bits of a place below those that tell cells apart: the least, so that 512 × 512 cells have 32 KB of bits.
const LEAST_SHIFT: u32 = 7;

/// Bits of a place.
const PLACE_BITS: u32 = 16;

/// How far a and b of the antipode of a city may be from those of a city within `s` of it, which are at most
/// `a` and `b` in size and whose distance from the axis is `h` = √(1 + a² + b²).
fn reach(s: f64, [a, b]: [f64; 2]) -> f64 {
    let s = s + 10.0 * QUICK_ERROR;
    let h = (1.0 + a * a + b * b).sqrt();
    let greater = a.abs().max(b.abs());
    s * (1.0 + greater * greater).sqrt() * h / (1.0 - s * h)
}

/// Joins the cities of regions; keeps its bits and lists from one to the next.
pub(super) struct Join<'a> {
    points: &'a Points<'a>,
    /// A bit for each cell that a city of side 1 is in, and for each that one of side 0 asked for in vain no more.
    taken: Bits,
    asked: Bits,
    /// Cities of the two sides that could have a partner, by their number in the region.
    near: [Vec<u32>; 2],
    chains: Chains,
    /// Pairs looked at.
    pub(super) evaluated: u128,
    /// Pairs and places that may be looked at before a region is given up.
    is_patient: bool,
}

/// How a region is cut into cells, and what is near in it.
#[derive(Clone, Copy)]
struct Grid {
    /// Bits of a place within a cell.
    shift: u32,
    /// Pairs are near whose places differ by no more than this, along a and along b.
    width: u32,
}

impl Grid {
    /// The grid of a region for pairs within `s` of being antipodal.
    fn of(square: Square, s: f64) -> Grid {
        let per_unit = CELLS_PER_UNIT / f64::from(1 << (DEEPEST - square.level));
        let width = (reach(s, square.farthest()) * per_unit + 0.01).ceil() + 2.0;
        let width = width.min(f64::from(1 << PLACE_BITS)) as u32;
        let shift = (4 * width).next_power_of_two().ilog2().clamp(LEAST_SHIFT, PLACE_BITS);
        Grid { shift, width }
    }

    /// Bits of the number of a cell along one axis.
    fn bits(&self) -> u32 {
        PLACE_BITS - self.shift
    }

    /// The cell of a place.
    #[inline(always)]
    fn cell(&self, place: Place) -> u32 {
        let [a, b] = place.numbers();
        b >> self.shift << self.bits() | a >> self.shift
    }

    /// The cells in which a city within the width of a place can be: one, two or four.
    #[inline(always)]
    fn around(&self, place: Place) -> impl Iterator<Item = u32> + use<> {
        let [a, b] = place.numbers().map(|number| {
            let first = number.saturating_sub(self.width) >> self.shift;
            let last = (number + self.width).min((1 << PLACE_BITS) - 1) >> self.shift;
            first..=last
        });
        let bits = self.bits();
        b.flat_map(move |b| a.clone().map(move |a| b << bits | a))
    }
}

/// A bit for each cell.
struct Bits(Vec<u64>);

impl Bits {
    fn clear(&mut self, grid: Grid) {
        self.0.clear();
        self.0.resize((1_usize << (2 * grid.bits())).div_ceil(64), 0);
    }

    #[inline(always)]
    fn set(&mut self, cell: u32) {
        self.0[cell as usize / 64] |= 1 << (cell % 64);
    }

    #[inline(always)]
    fn has(&self, cell: u32) -> bool {
        self.0[cell as usize / 64] >> (cell % 64) & 1 == 1
    }
}

/// Cities by their cells: a table of chains.
#[derive(Default)]
struct Chains {
    heads: Vec<u32>,
    lengths: Vec<u32>,
    /// Cell, number in the region, and the next of the chain; 0 ends it.
    links: Vec<[u32; 3]>,
}

impl Chains {
    fn fill(&mut self, cities: &[u32], cell: impl Fn(u32) -> u32) {
        self.heads.clear();
        self.lengths.clear();
        let slots = (2 * cities.len()).next_power_of_two().max(64);
        self.heads.resize(slots, 0);
        self.lengths.resize(slots, 0);
        self.links.clear();
        self.links.push([0; 3]);
        for &city in cities {
            let cell = cell(city);
            let head = self.slot(cell);
            let next = std::mem::replace(&mut self.heads[head], self.links.len() as u32);
            self.links.push([cell, city, next]);
            self.lengths[head] += 1;
        }
    }

    /// Number of cities of a cell, or somewhat more.
    fn length(&self, cell: u32) -> u64 {
        u64::from(self.lengths[self.slot(cell)])
    }

    fn slot(&self, cell: u32) -> usize {
        cell.wrapping_mul(0x9e37_79b1) as usize >> (32 - self.heads.len().ilog2())
    }

    /// The cities of a cell.
    #[inline(always)]
    fn of(&self, cell: u32) -> impl Iterator<Item = u32> {
        let mut link = self.heads[self.slot(cell)];
        std::iter::from_fn(move || {
            while link != 0 {
                let [of, city, next] = self.links[link as usize];
                link = next;
                if of == cell {
                    return Some(city);
                }
            }
            None
        })
    }
}

impl<'a> Join<'a> {
    /// A join of points. One that is patient gives up no region for having looked at too many pairs.
    pub(super) fn new(points: &'a Points<'a>, is_patient: bool) -> Join<'a> {
        Join {
            points,
            taken: Bits(Vec::new()),
            asked: Bits(Vec::new()),
            near: [Vec::new(), Vec::new()],
            chains: Chains::default(),
            evaluated: 0,
            is_patient,
        }
    }

    /// Offers a pair of the region that is nearly antipodal, if it has cities on both sides: the nearest
    /// of those that share a cell. It is an incumbent to begin with, and proves nothing.
    pub(super) fn start(
        &mut self,
        region: usize,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), String> {
        for shift in LEAST_SHIFT..=PLACE_BITS {
            let grid = Grid { shift, width: 0 };
            self.collect(region, grid);
            let (mut nearest, mut looked_at) = (u32::MAX, 0);
            let positions = self.positions(region);
            let places = self.places(&positions);
            'cities: for &i in &self.near[0] {
                for j in self.chains.of(grid.cell(places[0][i as usize])) {
                    let apart = apart(places[0][i as usize], places[1][j as usize]);
                    let squared = apart[0].saturating_mul(apart[0]);
                    let squared = squared.saturating_add(apart[1].saturating_mul(apart[1]));
                    if squared < nearest {
                        nearest = squared;
                        let [a, b] = &positions;
                        finalists.consider(a.start + i as usize, b.start + j as usize)?;
                    }
                    looked_at += 1;
                    if looked_at > START_PAIRS {
                        break 'cities;
                    }
                }
            }
            if nearest < u32::MAX {
                break;
            }
        }
        Ok(())
    }

    /// Settles the pairs of a region's cities with all that are nearly antipodal to them. `false` where it
    /// gives up: then nothing is settled.
    pub(super) fn settle(
        &mut self,
        region: usize,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, String> {
        let square = self.points.regions().square(region);
        let budget = self.budget(region);
        let mut has_started = false;
        loop {
            let limit = finalists.exact();
            let s = limit.limit.max(0.0).sqrt();
            if limit.sign < 0.0 || s > FARTHEST {
                return Ok(false);
            }
            let grid = Grid::of(square, s);
            self.collect(region, grid);
            if self.pairs(region, grid) <= budget {
                self.join(region, grid, finalists)?;
                return self.look_around(region, grid, s, budget, finalists);
            }
            // A better incumbent of its own may make it easy.
            if std::mem::replace(&mut has_started, true) {
                return Ok(false);
            }
            self.start(region, finalists)?;
        }
    }

    /// Pairs that may be looked at in a region before it is given up: 64 for each city, which take as
    /// long as ten passes over the region.
    fn budget(&self, region: usize) -> u64 {
        match self.is_patient {
            true => u64::MAX,
            false => 64 * self.points.regions().cities(region) as u64 + 65_536,
        }
    }

    fn positions(&self, region: usize) -> [Range<usize>; 2] {
        [0, 1].map(|side| self.points.regions().positions(region, side))
    }

    fn places(&self, positions: &[Range<usize>; 2]) -> [&'a [Place]; 2] {
        let places = self.points.places();
        [0, 1].map(|side| &places[positions[side].clone()])
    }

    /// Finds the cities of either side that have one of the other in a cell around them, and puts those of
    /// side 1 into chains.
    fn collect(&mut self, region: usize, grid: Grid) {
        let positions = self.positions(region);
        let [first, second] = self.places(&positions);
        self.taken.clear(grid);
        self.asked.clear(grid);
        for &place in second {
            self.taken.set(grid.cell(place));
        }
        let [near_first, near_second] = &mut self.near;
        near_first.clear();
        for (number, &place) in (0..).zip(first) {
            if grid.around(place).any(|cell| self.taken.has(cell)) {
                near_first.push(number);
                grid.around(place).for_each(|cell| self.asked.set(cell));
            }
        }
        near_second.clear();
        for (number, &place) in (0..).zip(second) {
            if self.asked.has(grid.cell(place)) {
                near_second.push(number);
            }
        }
        self.chains.fill(near_second, |city| grid.cell(second[city as usize]));
    }

    /// How many pairs share a cell or nearly so, or somewhat more.
    fn pairs(&self, region: usize, grid: Grid) -> u64 {
        let first = self.places(&self.positions(region))[0];
        let cities = self.near[0].iter().map(|&city| first[city as usize]);
        cities.flat_map(|place| grid.around(place)).map(|cell| self.chains.length(cell)).sum()
    }

    /// Settles the pairs within a region that was collected.
    fn join(
        &mut self,
        region: usize,
        grid: Grid,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), String> {
        let positions = self.positions(region);
        let [first, second] = self.places(&positions);
        for &i in &self.near[0] {
            let place = first[i as usize];
            for cell in grid.around(place) {
                for j in self.chains.of(cell) {
                    self.evaluated += 1;
                    let apart = apart(place, second[j as usize]);
                    if apart[0].max(apart[1]) <= grid.width {
                        let [a, b] = &positions;
                        finalists.consider(a.start + i as usize, b.start + j as usize)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Settles the pairs of the region's cities near its border with cities of other regions behind them,
    /// if the budget allows.
    fn look_around(
        &mut self,
        region: usize,
        grid: Grid,
        s: f64,
        budget: u64,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, String> {
        let inner = grid.width..(1 << PLACE_BITS) - grid.width.min(1 << PLACE_BITS);
        let mut budget = 16 * budget.min(u64::MAX / 16);
        for (side, positions) in self.positions(region).into_iter().enumerate() {
            for position in positions {
                let [a, b] = self.points.places()[position].numbers();
                if inner.contains(&a) && inner.contains(&b) {
                    continue;
                }
                let around = Around { region, side, position, s };
                budget = budget.saturating_sub(self.look_around_city(&around, finalists)?);
                if budget == 0 {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Settles the pairs of a city with those of other regions behind it; returns at how many it has looked.
    fn look_around_city(
        &mut self,
        around: &Around,
        finalists: &mut Finalists<'_>,
    ) -> Result<u64, String> {
        let points = self.points;
        let regions = points.regions();
        let p = points.sites().quick_vector(around.position);
        let own_axis = regions.square(around.region).axis as usize;
        let mut looked_at = 16;
        for axis in 0..3 {
            // Cities of side 1 find those of side 0 on their axis before them, where they were found by these.
            if axis == own_axis && around.side == 1 {
                continue;
            }
            let Some(window) = window(p, axis, around.s) else { continue };
            let side = usize::from(p[axis] > 0.0);
            let mut found = Ok(());
            regions.meeting(&window, &mut |other| {
                let positions = regions.positions(other, side);
                if (other == around.region) || positions.end <= around.position || found.is_err() {
                    return;
                }
                looked_at += positions.len() as u64;
                let [a, b] = regions.square(other).places_in(&window);
                for (number, place) in positions.clone().zip(&points.places()[positions]) {
                    let [x, y] = place.numbers();
                    let is_in = (a[0] <= x) & (x <= a[1]) & (b[0] <= y) & (y <= b[1]);
                    if is_in && found.is_ok() {
                        self.evaluated += 1;
                        found = finalists.consider(around.position, number);
                    }
                }
            });
            found?;
        }
        Ok(looked_at)
    }
}

/// Pairs that the start looks at, at most.
const START_PAIRS: u64 = 100_000;

/// A city that looks around.
struct Around {
    region: usize,
    side: usize,
    position: usize,
    /// The greatest |p + q| of a pair that could win.
    s: f64,
}

/// Where on the face of an axis a city q can stand with |p + q| ≤ s; `None` if nowhere.
fn window(p: UnitVector, axis: usize, s: f64) -> Option<Window> {
    const LEAST: f64 = 0.577;
    if p[axis].abs() < LEAST - s {
        return None;
    }
    let place = chart(p, axis);
    let reach = reach(s, place);
    if place.iter().any(|a| a.abs() > 1.0 + reach + 1e-9) {
        return None;
    }
    // A cell more on both ends: for the cell is the nearest one. The casts saturate.
    let first = place.map(|a| ((a - reach + 1.0) * CELLS_PER_UNIT - 2.0) as u32);
    let last = place.map(|a| ((a + reach + 1.0) * CELLS_PER_UNIT + 2.0) as u32);
    Some(Window { axis: axis as u32, first, last })
}

/// How far two places are apart along a and along b.
#[inline(always)]
fn apart(p: Place, q: Place) -> [u32; 2] {
    let ([a, b], [c, d]) = (p.numbers(), q.numbers());
    [a.abs_diff(c), b.abs_diff(d)]
}
