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

use super::chains::Chains;
use super::couple::{Couple, Half};
use super::finalists::Finalists;
use super::reach::{LEAST_SHIFT, Spans, from_axis, grid_of, window};
use super::{Damage, Field};
use crate::kernel::cells::{CellBits, CellGrid, PLACE_BITS, PLACES, by_64};
use crate::kernel::{Kernel, lanes};
use crate::metric::Metric;
use crate::pairs::Pairing;
use crate::regions::{DEEPEST, Place, Square};

/// Joins the cities of regions; keeps its bits and lists from one to the next.
pub(super) struct Join<'a> {
    field: Field<'a>,
    kernel: Kernel,
    /// The cells that cities of the second half are in; and of these the ones that a city of the first asks for.
    taken: CellBits,
    asked: CellBits,
    /// Cities of the two halves that could have a partner, by their number in it.
    near: [Vec<u32>; 2],
    /// Cities of the two halves that could have a partner in another region.
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
    pub(super) fn new(field: Field<'a>, kernel: Kernel, is_patient: bool) -> Join<'a> {
        Join {
            field,
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
    ) -> Result<(), Damage> {
        let couples_of = |&region: &usize| {
            let couples = Couple::of_region(&self.field, region).unwrap_or_default();
            let scale = scale_of(self.square(region));
            couples.into_iter().map(move |couple| (scale, couple))
        };
        let couples: Vec<(u64, Couple<'_>)> = regions.iter().flat_map(couples_of).collect();
        let couples: Vec<(u64, &Couple<'_>)> = couples.iter().map(|(s, c)| (*s, c)).collect();
        self.start_in(&couples, finalists)
    }

    /// The same of couples, each with the [`scale_of`] its region.
    fn start_in(
        &mut self,
        couples: &[(u64, &Couple<'_>)],
        finalists: &mut Finalists<'_>,
    ) -> Result<(), Damage> {
        let mut nearest = Nearest::new(pairs_to_begin(finalists));
        for shift in LEAST_SHIFT..=PLACE_BITS {
            let grid = CellGrid { shift, width: 0 };
            for &(scale, couple) in couples {
                self.find_nearest(couple, scale, grid, finalists, &mut nearest);
            }
            let mut has_any = false;
            for [i, j] in nearest.take() {
                finalists.consider(i, j)?;
                has_any = true;
            }
            if has_any && finalists.ranking().is_full() {
                break;
            }
        }
        Ok(())
    }

    /// Finds the nearest pairs of a couple that share a cell.
    fn find_nearest(
        &mut self,
        Couple { halves, .. }: &Couple<'_>,
        scale: u64,
        grid: CellGrid,
        finalists: &mut Finalists<'_>,
        nearest: &mut Nearest,
    ) {
        // Of a place with a million copies a few will do.
        let places = [0, 1].map(|of| halves[of].first(START_CITIES));
        if places.iter().any(|places| places.is_empty()) {
            return;
        }
        self.collect(places, grid);
        let mut looked_at = 0;
        for &i in &self.near[0] {
            if !finalists.counts(0, halves[0].position(i)) {
                continue;
            }
            for j in self.chains.of(grid.cell(places[0][i as usize])) {
                let apart = apart(places[0][i as usize], places[1][j as usize]).map(u64::from);
                let squared = apart[0] * apart[0] + apart[1] * apart[1];
                let pair = [halves[0].position(i), halves[1].position(j)];
                if finalists.counts(1, pair[1]) {
                    nearest.offer(squared.saturating_mul(scale), pair);
                }
                looked_at += 1;
                if looked_at > START_PAIRS.max(4 * nearest.most) {
                    return;
                }
            }
        }
    }

    /// The square of a region of the first list.
    fn square(&self, region: usize) -> Square {
        self.field.points()[0].regions().square(region)
    }

    /// Settles the pairs of a region's cities with all that are nearly antipodal to them. `false` where it
    /// gives up: then nothing is settled.
    pub(super) fn settle(
        &mut self,
        region: usize,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, Damage> {
        if !finalists.are_near_antipodes() {
            return Ok(false);
        }
        let square = self.square(region);
        if self.is_alone(region, grid_of(square, finalists.reach(from_axis(square)), 0)) {
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

    /// Whether there is no city from where the antipodes of a region's cities can be.
    fn is_alone(&self, region: usize, grid: CellGrid) -> bool {
        let [first, second] = self.field.points().map(|points| points.regions());
        let has = |side| !first.positions(region, side).is_empty();
        // Within a list such a region has cities on one side alone. A width that was cut off at the whole region
        // says too little.
        let is_within = self.field.pairing() == Pairing::Within;
        if is_within && has(0) && has(1) || grid.width >= 1 << PLACE_BITS {
            return false;
        }
        // At the edge of a face they can be on another face.
        let Some(window) = first.square(region).with_border(grid.width) else { return false };
        let mut is_alone = true;
        for side in [0, 1].into_iter().filter(|&side| has(side)) {
            second.meeting(&window, &mut |other| {
                is_alone &= second.positions(other, 1 - side).is_empty();
            });
        }
        is_alone
    }

    fn try_to_settle(
        &mut self,
        region: usize,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, Damage> {
        let Some(couples) = Couple::of_region(&self.field, region) else { return Ok(false) };
        for couple in &couples {
            if !self.try_to_settle_couple(region, couple, finalists)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn try_to_settle_couple(
        &mut self,
        region: usize,
        couple: &Couple<'_>,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, Damage> {
        if couple.halves[0].places.is_empty() && self.field.pairing() == Pairing::Between {
            return Ok(true);
        }
        let square = self.square(region);
        let cities = couple.cities() as u64;
        let budget = self.budget(cities);
        let from_axis = from_axis(square);
        let mut has_started = false;
        loop {
            if !finalists.are_near_antipodes() || cities > MOST_IN_CHAINS {
                return Ok(false);
            }
            let s = finalists.reach(from_axis);
            let grid = grid_of(square, s, couple.blur);
            // In a region of two widths every city is at the border.
            let is_all_border = 2 * grid.width >= 1 << PLACE_BITS;
            if is_all_border && 4 * cities * CITY_STEPS > budget {
                return Ok(false);
            }
            self.collect([0, 1].map(|of| &couple.halves[of].places[..]), grid);
            let at_border = self.at_border.iter().map(Vec::len).sum::<usize>() as u64;
            if self.are_few(couple, grid, budget) && 4 * at_border * CITY_STEPS <= budget {
                self.join(couple, grid, square, finalists)?;
                // What was found by now makes the windows smaller.
                let s = finalists.reach(from_axis);
                return self.look_around(region, couple, s, budget, finalists);
            }
            // A better threshold of its own may make it easy, where cells can be smaller yet.
            if grid.shift == LEAST_SHIFT || std::mem::replace(&mut has_started, true) {
                return Ok(false);
            }
            self.start_in(&[(scale_of(square), couple)], finalists)?;
        }
    }

    /// Steps that so many cities may take before they are given up, 4 for each city, which take as long as a few
    /// passes over it. A pair of one cell is a step, so are four places that a city looks at around it; a
    /// region there is [`CITY_STEPS`], and so is the city itself.
    fn budget(&self, cities: u64) -> u64 {
        match self.is_patient {
            true => u64::MAX,
            false => 4 * cities + 65_536,
        }
    }

    /// Of the cities of two halves, finds those that have one of the other in a cell around them, and puts those of the
    /// second into chains.
    fn collect(&mut self, [first, second]: [&[Place]; 2], grid: CellGrid) {
        self.taken.clear(grid);
        self.asked.clear(grid);
        let mut padded = [Place::default(); PLACES];
        let (whole, rest) = second.as_chunks::<PLACES>();
        whole.iter().for_each(|places| self.kernel.take_cells(places, grid, &mut self.taken));
        rest.iter().for_each(|&place| self.taken.set(grid.cell(place)));
        self.near.iter_mut().chain(&mut self.at_border).for_each(Vec::clear);
        for (start, places, lanes_there) in by_64(first, &mut padded) {
            let around = self.mark_around(places, grid, lanes_there);
            for lane in lanes(around & lanes_there) {
                grid.corners(places[lane]).into_iter().for_each(|cell| self.asked.set(cell));
                self.near[0].push((start + lane) as u32);
            }
            let at_border = !self.kernel.mark_within(places, grid.within_border());
            self.at_border[0]
                .extend(lanes(at_border & lanes_there).map(|lane| (start + lane) as u32));
        }
        for (start, places, lanes_there) in by_64(second, &mut padded) {
            let [asked, _] = self.kernel.mark_cells(places, grid, &self.asked);
            self.near[1].extend(lanes(asked & lanes_there).map(|lane| (start + lane) as u32));
            let at_border = !self.kernel.mark_within(places, grid.within_border());
            self.at_border[1]
                .extend(lanes(at_border & lanes_there).map(|lane| (start + lane) as u32));
        }
        // Between two lists the city of the first looks around.
        if self.field.pairing() == Pairing::Between {
            self.at_border[1].clear();
        }
        self.chains.fill(&self.near[1], |city| grid.cell(second[city as usize]));
    }

    /// Marks the places that have a city of the second half in a cell around them.
    fn mark_around(&self, places: &[Place; PLACES], grid: CellGrid, lanes_there: u64) -> u64 {
        if grid.is_mostly_edge() {
            return self.kernel.mark_around(places, grid, &self.taken);
        }
        let [taken, at_edge] = self.kernel.mark_cells(places, grid, &self.taken);
        let has_any = |&lane: &usize| {
            let corners = grid.corners(places[lane]);
            corners.into_iter().fold(false, |any, cell| any | self.taken.has(cell))
        };
        let edges = lanes(at_edge & lanes_there).filter(has_any);
        edges.fold(taken & !at_edge, |around, lane| around | 1 << lane)
    }

    /// Whether no more pairs than these share a cell or nearly so; they are counted where that is not plain.
    fn are_few(&self, couple: &Couple<'_>, grid: CellGrid, most: u64) -> bool {
        if 4 * self.near[0].len() as u64 * self.chains.longest() <= most {
            return true;
        }
        let first = &couple.halves[0].places[..];
        let cities = self.near[0].iter().map(|&city| first[city as usize]);
        let lengths =
            cities.flat_map(|place| grid.around(place)).map(|cell| self.chains.length(cell));
        lengths.sum::<u64>() <= most
    }

    /// Settles the pairs of a couple that was collected.
    fn join(
        &mut self,
        couple: &Couple<'_>,
        grid: CellGrid,
        square: Square,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), Damage> {
        let spans = Spans::of(square, couple.blur);
        let (mut limit, mut most) = (f64::NAN, f64::INFINITY);
        let [first, second] = &couple.halves;
        let [first_places, second_places] = [&first.places[..], &second.places[..]];
        for &i in &self.near[0] {
            let place = first_places[i as usize];
            for cell in grid.around(place) {
                for j in self.chains.of(cell) {
                    self.evaluated += 1;
                    let other = second_places[j as usize];
                    let apart = apart(place, other);
                    if apart[0].max(apart[1]) > grid.width {
                        continue;
                    }
                    if limit != finalists.exact().limit {
                        limit = finalists.exact().limit;
                        most = finalists.reach(from_axis(square));
                    }
                    if spans.least(place, other) <= most {
                        finalists.consider_at_places([first.position(i), second.position(j)])?;
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
        couple: &Couple<'_>,
        s: f64,
        budget: u64,
        finalists: &mut Finalists<'_>,
    ) -> Result<bool, Damage> {
        let mut budget = budget;
        let halves: &[Half<'_>; 2] = &couple.halves;
        for (of, half) in halves.iter().enumerate() {
            let side = if of == 0 { couple.side } else { 1 - couple.side };
            for at in 0..self.at_border[of].len() {
                let position = half.position(self.at_border[of][at]);
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
    ) -> Result<u64, Damage> {
        let [own, points] = self.field.points();
        let regions = points.regions();
        let is_within = self.field.pairing() == Pairing::Within;
        let p = own.sites().quick_vector(around.position);
        let own_square = self.square(around.region);
        let own_axis = own_square.axis as usize;
        let mut steps = CITY_STEPS;
        for axis in 0..3 {
            // Cities of side 1 find those of side 0 on their axis before them, where they were found by these.
            if is_within && axis == own_axis && around.side == 1 {
                continue;
            }
            let Some(window) = window(p, axis, around.s) else { continue };
            let side = usize::from(p[axis] > 0.0);
            let mut found = Ok(());
            let mut padded = [Place::default(); PLACES];
            regions.meeting(&window, &mut |other| {
                steps += CITY_STEPS;
                let positions = regions.positions(other, side);
                // Of one list the city before the other looks around. What lies in the square was joined.
                let is_before = is_within && positions.end <= around.position;
                if is_before || own_square.has(&regions.square(other)) || found.is_err() {
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
                        let pair = [around.position, there];
                        found = found.and_then(|()| finalists.consider_at_places(pair));
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

/// Cities that can be counted in the 32 bits of chains: there may be copies by the billion.
const MOST_IN_CHAINS: u64 = 1 << 30;

/// Pairs that the start offers on an ellipsoid at least: there the nearest on the cube is not the farthest, for what it
/// falls short of the antipode to the east or west counts for little.
const START_ON_ELLIPSOIDS: usize = 64;

/// Pairs that the start offers.
fn pairs_to_begin(finalists: &Finalists<'_>) -> usize {
    let wanted = finalists.ranking().most();
    match finalists.metric() {
        Metric::Sphere => wanted,
        Metric::Ellipsoid(_) => wanted.max(START_ON_ELLIPSOIDS),
    }
}

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
    /// The greatest |p + q| of a pair that could win, of geodetic vectors.
    s: f64,
}

/// What the square of a distance of places in a square is worth: a unit is half as long on the next level.
fn scale_of(square: Square) -> u64 {
    1 << (2 * (DEEPEST - square.level))
}

/// How far two places are apart along a and along b.
#[inline(always)]
fn apart(p: Place, q: Place) -> [u32; 2] {
    let ([a, b], [c, d]) = (p.numbers(), q.numbers());
    [a.abs_diff(c), b.abs_diff(d)]
}
