//! The antipodal join: near antipodes are neighbours in a plane, and neighbours are found in one pass.
//!
//! # The idea
//!
//! A city p and the antipode of a city q have the same axis and the same place (a, b) on the cube
//! ([`crate::curve`]), or nearly so, when p and q are nearly antipodal; and they lie on opposite sides. So the
//! pairs that could beat the incumbent are neighbours among the cities of a region, one of side 0 and
//! one of side 1. A region's square is cut into at most 512 × 512 cells, a bit each. The cities of side 1 set
//! their bits, those of side 0 look theirs up, and what they hit is looked up in turn: 250 million pairs
//! are settled by three passes over 16,000 numbers of 32 bits.
//!
//! A city that lies so near the border of its region that its partner may be in another looks around by itself:
//! on each axis, in a window of the regions there. How wide cells and windows must be, and why no pair is lost,
//! is told in `reach`.
//!
//! # When it gives up
//!
//! The join is fast where few cities share a cell. It gives up a region, and the tree settles it, where
//! the incumbent is farther than `reach::FARTHEST` from the antipode, or where it has looked at so many
//! pairs that the tree does better ([`Join::budget`]): copies by the thousand, clusters within one width.
//! The attempt costs about as much as the join, and regions that lie together are alike: after k that were given
//! up one after the other it passes over 2ᵏ − 2. A region with cities on one side, and none opposite of it
//! there or around, has nothing to settle.
//!
//! Architecture Invariant: it knows one region at a time, and neither ranks nor the pairs covered.

use std::ops::Range;

use super::chains::Chains;
use super::finalists::Finalists;
use super::reach::{LEAST_SHIFT, grid_of, window};
use crate::kernel::cells::{CellBits, CellGrid, PLACE_BITS, PLACES, by_64};
use crate::kernel::{Kernel, lanes};
use crate::points::Points;
use crate::regions::{DEEPEST, Place};

/// Joins the cities of regions; keeps its bits and lists from one to the next.
pub(super) struct Join<'a> {
    points: &'a Points<'a>,
    kernel: Kernel,
    /// The cells that cities of side 1 are in; and of these the ones that a city of side 0 asks for.
    taken: CellBits,
    asked: CellBits,
    /// Cities of the two sides that could have a partner, by their number in the region.
    near: [Vec<u32>; 2],
    /// Cities of the two sides that could have a partner in another region.
    at_border: [Vec<u32>; 2],
    chains: Chains,
    /// Pairs looked at.
    pub(super) evaluated: u128,
    /// Whether no region is given up for the steps that it takes.
    is_patient: bool,
    /// Regions that were tried in vain, one after the other, and those still to be given up untried for it.
    failures: u32,
    pause: usize,
}

impl<'a> Join<'a> {
    /// A join of points. One that is patient gives up no region for having looked at too many pairs.
    pub(super) fn new(points: &'a Points<'a>, kernel: Kernel, is_patient: bool) -> Join<'a> {
        Join {
            points,
            kernel,
            taken: CellBits::default(),
            asked: CellBits::default(),
            near: Default::default(),
            at_border: Default::default(),
            chains: Chains::default(),
            evaluated: 0,
            is_patient,
            failures: 0,
            pause: 0,
        }
    }

    /// Offers the pairs of some regions that lie nearest to each other among those that share a cell, as many as are
    /// wanted. They are a threshold to begin with, and prove nothing.
    pub(super) fn start(
        &mut self,
        regions: &[usize],
        finalists: &mut Finalists<'_>,
    ) -> Result<(), String> {
        let mut nearest = Nearest::new(finalists.ranking().most());
        for shift in LEAST_SHIFT..=PLACE_BITS {
            for &region in regions {
                self.find_nearest(region, CellGrid { shift, width: 0 }, &mut nearest);
            }
            for [i, j] in nearest.take() {
                finalists.consider(i, j)?;
            }
            if finalists.ranking().is_full() {
                break;
            }
        }
        Ok(())
    }

    /// Finds the nearest pairs of a region that share a cell, if it has cities on both sides.
    fn find_nearest(&mut self, region: usize, grid: CellGrid, nearest: &mut Nearest) {
        // Of a place with a million copies a few will do.
        let positions =
            self.positions(region).map(|all| all.start..all.end.min(all.start + START_CITIES));
        if positions.iter().any(Range::is_empty) {
            return;
        }
        self.collect(&positions, grid);
        let places = self.places(&positions);
        let [a, b] = positions.map(|positions| positions.start);
        // A unit is half as long on the next level.
        let level = self.points.regions().square(region).level;
        let mut looked_at = 0;
        for &i in &self.near[0] {
            for j in self.chains.of(grid.cell(places[0][i as usize])) {
                let apart = apart(places[0][i as usize], places[1][j as usize]).map(u64::from);
                let squared = apart[0] * apart[0] + apart[1] * apart[1];
                let squared = squared.saturating_mul(1 << (2 * (DEEPEST - level)));
                nearest.offer(squared, [a + i as usize, b + j as usize]);
                looked_at += 1;
                if looked_at > START_PAIRS.max(4 * nearest.most) {
                    return;
                }
            }
        }
    }

    /// Settles the pairs of a region's cities with all that are nearly antipodal to them. `false` where it
    /// gives up: then nothing is settled.
    pub(super) fn settle(
        &mut self,
        region: usize,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, String> {
        if !finalists.are_near_antipodes() {
            return Ok(false);
        }
        let square = self.points.regions().square(region);
        if self.is_alone(region, grid_of(square, finalists.exact().limit.max(0.0).sqrt())) {
            return Ok(true);
        }
        if self.pause > 0 && !self.is_patient {
            self.pause -= 1;
            return Ok(false);
        }
        let is_settled = self.try_to_settle(region, finalists)?;
        self.failures = if is_settled { 0 } else { (self.failures + 1).min(MOST_FAILURES) };
        self.pause = (1_usize << self.failures).saturating_sub(2);
        Ok(is_settled)
    }

    /// Whether a region has cities on one side alone, and there is none on the other side from where the
    /// antipodes of these can be.
    fn is_alone(&self, region: usize, grid: CellGrid) -> bool {
        let regions = self.points.regions();
        let has = |region, side| !regions.positions(region, side).is_empty();
        // A width that was cut off at the whole region says too little.
        if (has(region, 0) && has(region, 1)) || grid.width >= 1 << PLACE_BITS {
            return false;
        }
        let side = usize::from(has(region, 0));
        // At the edge of a face they can be on another face.
        let Some(window) = regions.square(region).with_border(grid.width) else { return false };
        let mut is_alone = true;
        regions.meeting(&window, &mut |other| is_alone &= !has(other, side));
        is_alone
    }

    fn try_to_settle(
        &mut self,
        region: usize,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, String> {
        let square = self.points.regions().square(region);
        let budget = self.budget(region);
        let mut has_started = false;
        loop {
            if !finalists.are_near_antipodes() || self.is_too_full(region) {
                return Ok(false);
            }
            let s = finalists.exact().limit.max(0.0).sqrt();
            let grid = grid_of(square, s);
            let cities = self.points.regions().cities(region) as u64;
            // In a region of two widths every city is at the border.
            let is_all_border = 2 * grid.width >= 1 << PLACE_BITS;
            if is_all_border && 4 * cities * CITY_STEPS > budget {
                return Ok(false);
            }
            self.collect(&self.positions(region), grid);
            let at_border = self.at_border.iter().map(Vec::len).sum::<usize>() as u64;
            if self.pairs(region, grid) <= budget && 4 * at_border * CITY_STEPS <= budget {
                self.join(region, grid, finalists)?;
                return self.look_around(region, s, budget, finalists);
            }
            // A better incumbent of its own may make it easy, where cells can be smaller yet.
            if grid.shift == LEAST_SHIFT || std::mem::replace(&mut has_started, true) {
                return Ok(false);
            }
            self.start(&[region], finalists)?;
        }
    }

    /// Whether a region has more cities than can be counted in the 32 bits of chains: copies by the billion.
    fn is_too_full(&self, region: usize) -> bool {
        self.points.regions().cities(region) > 1 << 30
    }

    /// Steps that a region may take before it is given up, 4 for each city, which take as long as a few
    /// passes over it. A pair of one cell is a step, so are four places that a city looks at around it; a
    /// region there is [`CITY_STEPS`], and so is the city itself.
    fn budget(&self, region: usize) -> u64 {
        match self.is_patient {
            true => u64::MAX,
            false => 4 * self.points.regions().cities(region) as u64 + 65_536,
        }
    }

    fn positions(&self, region: usize) -> [Range<usize>; 2] {
        [0, 1].map(|side| self.points.regions().positions(region, side))
    }

    fn places(&self, positions: &[Range<usize>; 2]) -> [&'a [Place]; 2] {
        let places = self.points.places();
        [0, 1].map(|side| &places[positions[side].clone()])
    }

    /// Of a region's cities at some positions of either side, finds those that have one of the other in a cell
    /// around them, and puts those of side 1 into chains.
    fn collect(&mut self, positions: &[Range<usize>; 2], grid: CellGrid) {
        let [first, second] = self.places(positions);
        self.taken.clear(grid);
        self.asked.clear(grid);
        let mut padded = [Place::default(); PLACES];
        let (whole, rest) = second.as_chunks::<PLACES>();
        whole.iter().for_each(|places| self.kernel.take_cells(places, grid, &mut self.taken));
        rest.iter().for_each(|&place| self.taken.set(grid.cell(place)));
        self.near.iter_mut().chain(&mut self.at_border).for_each(Vec::clear);
        for (start, places, lanes_there) in by_64(first, &mut padded) {
            let [taken, at_edge] = self.kernel.mark_cells(places, grid, &self.taken);
            for lane in lanes(taken & !at_edge & lanes_there) {
                self.asked.set(grid.cell(places[lane]));
                self.near[0].push((start + lane) as u32);
            }
            for lane in lanes(at_edge & lanes_there) {
                let corners = grid.corners(places[lane]);
                if corners.into_iter().fold(false, |any, cell| any | self.taken.has(cell)) {
                    corners.into_iter().for_each(|cell| self.asked.set(cell));
                    self.near[0].push((start + lane) as u32);
                }
                // The border of a region is an edge of cells.
                if grid.is_at_border(places[lane]) {
                    self.at_border[0].push((start + lane) as u32);
                }
            }
        }
        for (start, places, lanes_there) in by_64(second, &mut padded) {
            let [asked, at_edge] = self.kernel.mark_cells(places, grid, &self.asked);
            self.near[1].extend(lanes(asked & lanes_there).map(|lane| (start + lane) as u32));
            let at_border =
                lanes(at_edge & lanes_there).filter(|&lane| grid.is_at_border(places[lane]));
            self.at_border[1].extend(at_border.map(|lane| (start + lane) as u32));
        }
        self.chains.fill(&self.near[1], |city| grid.cell(second[city as usize]));
    }

    /// How many pairs share a cell or nearly so, or somewhat more.
    fn pairs(&self, region: usize, grid: CellGrid) -> u64 {
        let first = self.places(&self.positions(region))[0];
        let cities = self.near[0].iter().map(|&city| first[city as usize]);
        cities.flat_map(|place| grid.around(place)).map(|cell| self.chains.length(cell)).sum()
    }

    /// Settles the pairs within a region that was collected.
    fn join(
        &mut self,
        region: usize,
        grid: CellGrid,
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
        s: f64,
        budget: u64,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, String> {
        let mut budget = budget;
        for (side, positions) in self.positions(region).into_iter().enumerate() {
            for at in 0..self.at_border[side].len() {
                let position = positions.start + self.at_border[side][at] as usize;
                let around = Around { region, side, position, s };
                budget = budget.saturating_sub(self.look_around_city(&around, finalists)?);
                if budget == 0 {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Settles the pairs of a city with those of other regions behind it; returns the steps that it took.
    fn look_around_city(
        &mut self,
        around: &Around,
        finalists: &mut Finalists<'_>,
    ) -> Result<u64, String> {
        let points = self.points;
        let regions = points.regions();
        let p = points.sites().quick_vector(around.position);
        let own_axis = regions.square(around.region).axis as usize;
        let mut steps = CITY_STEPS;
        for axis in 0..3 {
            // Cities of side 1 find those of side 0 on their axis before them, where they were found by these.
            if axis == own_axis && around.side == 1 {
                continue;
            }
            let Some(window) = window(p, axis, around.s) else { continue };
            let side = usize::from(p[axis] > 0.0);
            let mut found = Ok(());
            let mut padded = [Place::default(); PLACES];
            regions.meeting(&window, &mut |other| {
                steps += CITY_STEPS;
                let positions = regions.positions(other, side);
                if (other == around.region) || positions.end <= around.position || found.is_err() {
                    return;
                }
                steps += positions.len() as u64 / 4;
                let ends = regions.square(other).places_in(&window);
                let there = &points.places()[positions.clone()];
                for (start, places, lanes_there) in by_64(there, &mut padded) {
                    let within = self.kernel.mark_within(places, ends);
                    for lane in lanes(within & lanes_there) {
                        self.evaluated += 1;
                        let there = positions.start + start + lane;
                        found =
                            found.clone().and_then(|()| finalists.consider(around.position, there));
                    }
                }
            });
            found?;
        }
        Ok(steps)
    }
}

/// The nearest of some pairs of positions.
struct Nearest {
    most: usize,
    /// Those of them that are nearer than the limit, each with the square of its distance.
    pairs: Vec<(u64, [usize; 2])>,
    limit: u64,
}

impl Nearest {
    fn new(most: usize) -> Nearest {
        Nearest { most, pairs: Vec::new(), limit: u64::MAX }
    }

    #[inline(always)]
    fn offer(&mut self, squared: u64, pair: [usize; 2]) {
        if squared < self.limit {
            self.pairs.push((squared, pair));
            if self.pairs.len() >= 2 * self.most {
                self.shorten();
            }
        }
    }

    /// Leaves out all but the nearest.
    fn shorten(&mut self) {
        if self.pairs.len() > self.most {
            let (_, &mut (farthest, _), _) = self.pairs.select_nth_unstable(self.most - 1);
            self.limit = farthest;
            self.pairs.truncate(self.most);
        }
    }

    /// The nearest, at most as many as are wanted, and begins anew.
    fn take(&mut self) -> impl Iterator<Item = [usize; 2]> {
        self.shorten();
        self.limit = u64::MAX;
        std::mem::take(&mut self.pairs).into_iter().map(|(_, pair)| pair)
    }
}

/// Failures in a row that are counted: 65,534 regions are then given up untried.
const MOST_FAILURES: u32 = 16;

/// What it takes to find out where a city has to look around.
const CITY_STEPS: u64 = 64;

/// Cities of either side that the start looks at, at most.
const START_CITIES: usize = 16_000;

/// Pairs that the start looks at, at most, or four for each that is wanted.
const START_PAIRS: usize = 10_000;

/// A city that looks around.
struct Around {
    region: usize,
    side: usize,
    position: usize,
    /// The greatest |p + q| of a pair that could win.
    s: f64,
}

/// How far two places are apart along a and along b.
#[inline(always)]
fn apart(p: Place, q: Place) -> [u32; 2] {
    let ([a, b], [c, d]) = (p.numbers(), q.numbers());
    [a.abs_diff(c), b.abs_diff(d)]
}
