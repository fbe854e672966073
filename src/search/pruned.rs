//! The exact answer without looking at most pairs: region by region, by the join or by the tree.
//!
//! A region settles the pairs whose first city, the one with the lower position, is in it. Rank r of P
//! takes the regions r, r + P, …: strided blocks of an implicit space. The join settles a region
//! whose cities have near antipodes; where it gives up, the tree settles the region's rows. Ranks need no
//! message and no common start: each begins with what it finds in a region, if it can one of its own.
//!
//! Architecture Invariant: every pair of a region is counted as covered once, by whichever settled it.

use std::ops::Range;

use super::couple::count_opposite;
use super::finalists::Finalists;
use super::join::Join;
use super::start;
use super::tree::Descent;
use super::{Damage, Field, Leave, Method, Search, ShareResult, Wanted};
use crate::kernel::Kernel;
use crate::metric::Metric;
use crate::pairs::{Block, Pairing};
use crate::ranking::Ranking;

/// The method at work on some points.
pub(super) struct Pruned<'a> {
    field: Field<'a>,
    kernel: Kernel,
    method: Method,
    finalists: Finalists<'a>,
    join: Join<'a>,
    /// Grown when the first region goes to it.
    tree: Option<Descent<'a>>,
    /// Pairs that the join covered.
    covered: u128,
    regions_by_tree: u128,
}

impl<'a> Pruned<'a> {
    /// By the join or by the tree ([`Method::Pruned`]), or for tests by one of them.
    pub(super) fn new(
        field: Field<'a>,
        kernel: Kernel,
        method: Method,
        wanted: Wanted,
    ) -> Pruned<'a> {
        Pruned {
            field,
            kernel,
            method,
            finalists: Finalists::new(field, wanted),
            join: Join::new(field, kernel, method == Method::Join),
            tree: None,
            covered: 0,
            regions_by_tree: 0,
        }
    }

    /// The positions of a region on each of its sides that has cities.
    fn rows(&self, region: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = [0, 1].map(|side| self.field.points()[0].regions().positions(region, side));
        rows.into_iter().filter(|rows| !rows.is_empty())
    }

    fn settle_by_tree(&mut self, region: usize, leave: &mut Leave<'_>) -> Result<bool, Damage> {
        let rows = self.rows(region);
        let tree = match &mut self.tree {
            Some(tree) => tree,
            none => {
                let tree = none.insert(Descent::new(self.field, self.kernel)?);
                if !self.finalists.are_near_antipodes() {
                    start::hop(&mut self.finalists, self.kernel)?;
                }
                tree
            }
        };
        let covered = tree.counts[0];
        for rows in rows {
            if !tree.settle(&rows, &mut self.finalists, leave)? {
                tree.counts[0] = covered;
                return Ok(false);
            }
        }
        self.regions_by_tree += 1;
        Ok(true)
    }
}

impl Search for Pruned<'_> {
    /// Regions of the first list; where there is no pair none.
    fn blocks(&self) -> u64 {
        if self.field.has_pairs() { self.field.points()[0].regions().len() as u64 } else { 0 }
    }

    fn parts(&self, region: u64) -> Vec<Block> {
        self.rows(region as usize).map(|rows| block(&rows, &self.field)).collect()
    }

    fn begin(&mut self, own: &mut dyn Iterator<Item = u64>) -> Result<(), Damage> {
        if self.method == Method::Tree {
            return Ok(());
        }
        let own = own.map(|region| region as usize);
        begin(self.field, own, &mut self.join, &mut self.finalists)
    }

    fn settle(&mut self, region: u64, leave: &mut Leave<'_>) -> Result<bool, Damage> {
        let is_joined = goes_to_join(self.method, &self.finalists)
            && self.join.settle(region as usize, &mut self.finalists)?;
        if is_joined {
            self.covered += self.pairs(region);
            return Ok(true);
        }
        self.settle_by_tree(region as usize, leave)
    }

    fn consider(&mut self, [i, j]: [usize; 2]) -> Result<(), Damage> {
        self.finalists.consider(i, j)
    }

    fn ranking(&self) -> &Ranking {
        self.finalists.ranking()
    }

    fn found(&self) -> ShareResult {
        let counts = self.tree.as_ref().map_or([0; 3], |tree| tree.counts);
        let [covered, evaluated, groups_opened] = counts;
        ShareResult {
            ranking: self.ranking().clone(),
            covered: self.covered + covered,
            evaluated: self.join.evaluated + evaluated,
            groups_opened,
            regions_by_tree: self.regions_by_tree,
            ..ShareResult::default()
        }
    }
}

/// Whether the join is to try a region. Where nothing can be farther than the incumbent and lower rows alone
/// could win, a tree that is there rules out more with one look at the lowest rows of a group, if few cities
/// have lower rows.
fn goes_to_join(method: Method, finalists: &Finalists<'_>) -> bool {
    match method {
        Method::Join => true,
        Method::Tree => false,
        _ => {
            let points = finalists.field().points();
            let is_tie = finalists.exact().limit_beyond == f64::NEG_INFINITY;
            let few = points.iter().map(|points| points.len()).max().unwrap_or(0) as u64
                / CITIES_FOR_A_ROW;
            let are_rows_low =
                finalists.threshold().is_some_and(|threshold| threshold.rows[0] <= few);
            !(is_tie && are_rows_low && points.iter().all(|points| points.has_tree()))
        }
    }
}

/// Cities for each row below the incumbent's at which the tree is as fast as the join, or faster: with an
/// antipodal pair in the rows 100, 300 and 1000 of a million it took 3, 5 and 9 ms, the join 4.
const CITIES_FOR_A_ROW: u64 = 4096;

/// Cities that a region should have on its emptier side to begin with it.
const ENOUGH_TO_BEGIN: usize = 256;

/// Regions to begin with where many pairs are wanted: with fewer the threshold lets through too much, and with more
/// the beginning takes longer than it saves.
const START_REGIONS: usize = 32;

/// The same on an ellipsoid where one pair is wanted: there the threshold of a single region leaves so wide a circle
/// around the antipode that the first regions are given up.
const START_REGIONS_ON_ELLIPSOIDS: usize = 8;

/// Finds a threshold: in those own regions that have the most cities on their emptier sides, or if these have few,
/// in such ones of all.
pub(super) fn begin(
    field: Field<'_>,
    own: impl Iterator<Item = usize>,
    join: &mut Join<'_>,
    finalists: &mut Finalists<'_>,
) -> Result<(), Damage> {
    let [first, second] = field.points();
    let regions = first.regions();
    let opposite = |region: usize, side: usize| match field.pairing() {
        Pairing::Within => regions.positions(region, side).len(),
        Pairing::Between => count_opposite(second, regions.square(region), side),
    };
    let fewer = |region: usize| {
        let of_side =
            |side: usize| regions.positions(region, side).len().min(opposite(region, 1 - side));
        of_side(0).max(of_side(1))
    };
    let most = match (finalists.ranking().most(), finalists.metric()) {
        (1, Metric::Sphere) => 1,
        (1, Metric::Ellipsoid(_)) => START_REGIONS_ON_ELLIPSOIDS,
        _ => START_REGIONS,
    };
    let best_of = |regions: &mut dyn Iterator<Item = usize>| {
        let mut best: Vec<(usize, usize)> = Vec::with_capacity(most + 1);
        for region in regions {
            let fewer = fewer(region);
            let place = best.partition_point(|&(other, _)| other > fewer);
            best.insert(place, (fewer, region));
            best.truncate(most);
        }
        best.into_iter().map(|(_, region)| region).collect::<Vec<_>>()
    };
    let best = best_of(&mut own.filter(|&region| fewer(region) >= ENOUGH_TO_BEGIN));
    match best.is_empty() {
        true => join.start(&best_of(&mut (0..regions.len())), finalists),
        false => join.start(&best, finalists),
    }
}

/// Some rows with all behind the first of them, or with all cities of another list.
fn block(rows: &Range<usize>, field: &Field<'_>) -> Block {
    let (rows, pairing) = (rows.start as u64..rows.end as u64, field.pairing());
    let first = if pairing == Pairing::Within { rows.start } else { 0 };
    Block { rows, columns: first..field.points()[1].len() as u64, pairing }
}
