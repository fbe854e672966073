//! The exact answer without looking at most pairs: region by region, by the join or by the tree.
//!
//! A region settles the pairs whose first city, the one with the lower position, is in it. Rank r of P
//! takes the regions r, r + P, …: strided blocks of an implicit space. The join settles a region
//! whose cities have near antipodes; where it gives up, the tree settles the region's rows. Ranks need no
//! message and no common start: each begins with what it finds in a region, if it can one of its own.
//!
//! Architecture Invariant: every pair of a region is counted as covered once, by whichever settled it.

use std::ops::Range;

use super::finalists::Finalists;
use super::join::Join;
use super::start;
use super::tree::Descent;
use super::{Found, Search, Wanted};
use crate::kernel::Kernel;
use crate::pairs::{Block, Pairing};
use crate::points::Points;
use crate::ranking::Ranking;

/// Who settles regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Settler {
    /// The join, and the tree where it gives up.
    #[default]
    Either,
    /// The join as long as it can, for tests.
    Join,
    /// The tree, for tests.
    Tree,
}

/// The method at work on some points.
pub(super) struct Pruned<'a> {
    points: &'a Points<'a>,
    kernel: Kernel,
    settler: Settler,
    finalists: Finalists<'a>,
    join: Join<'a>,
    /// Grown when the first region goes to it.
    tree: Option<Descent<'a>>,
    /// Pairs that the join covered.
    covered: u128,
    regions_by_tree: u128,
}

impl<'a> Pruned<'a> {
    /// By the join or by the tree.
    pub(super) fn new(
        points: &'a Points<'a>,
        kernel: Kernel,
        settler: Settler,
        wanted: Wanted,
    ) -> Pruned<'a> {
        Pruned {
            points,
            kernel,
            settler,
            finalists: Finalists::new(points, wanted),
            join: Join::new(points, kernel, settler == Settler::Join),
            tree: None,
            covered: 0,
            regions_by_tree: 0,
        }
    }

    /// The positions of a region on each of its sides that has cities.
    fn rows(&self, region: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = [0, 1].map(|side| self.points.regions().positions(region, side));
        rows.into_iter().filter(|rows| !rows.is_empty())
    }

    fn settle_by_tree(&mut self, region: usize) -> Result<(), String> {
        let rows = self.rows(region);
        let tree = match &mut self.tree {
            Some(tree) => tree,
            none => {
                let tree = none.insert(Descent::new(self.points, self.kernel)?);
                if !self.finalists.are_near_antipodes() {
                    start::hop(&mut self.finalists, self.kernel)?;
                }
                tree
            }
        };
        self.regions_by_tree += 1;
        for rows in rows {
            tree.settle(&rows, &mut self.finalists)?;
        }
        Ok(())
    }
}

impl Search for Pruned<'_> {
    /// Regions; of less than two cities none.
    fn blocks(&self) -> u64 {
        if self.points.len() < 2 { 0 } else { self.points.regions().len() as u64 }
    }

    fn parts(&self, region: u64) -> Vec<Block> {
        self.rows(region as usize).map(|rows| block(&rows, self.points.len())).collect()
    }

    fn begin(&mut self, own: &mut dyn Iterator<Item = u64>) -> Result<(), String> {
        if self.settler == Settler::Tree {
            return Ok(());
        }
        let own = own.map(|region| region as usize);
        begin(self.points, own, &mut self.join, &mut self.finalists)
    }

    fn settle(&mut self, region: u64) -> Result<(), String> {
        let is_joined = goes_to_join(self.settler, &self.finalists)
            && self.join.settle(region as usize, &mut self.finalists)?;
        if is_joined {
            self.covered += self.pairs(region);
            return Ok(());
        }
        self.settle_by_tree(region as usize)
    }

    fn consider(&mut self, [i, j]: [usize; 2]) -> Result<(), String> {
        self.finalists.consider(i, j)
    }

    fn ranking(&self) -> &Ranking {
        self.finalists.ranking()
    }

    fn found(&self) -> Found {
        let counts = self.tree.as_ref().map_or([0; 3], |tree| tree.counts);
        let [covered, evaluated, groups_opened] = counts;
        Found {
            ranking: self.ranking().clone(),
            covered: self.covered + covered,
            evaluated: self.join.evaluated + evaluated,
            groups_opened,
            regions_by_tree: self.regions_by_tree,
            ..Found::default()
        }
    }
}

/// Whether the join is to try a region. Where nothing can be farther than the incumbent and lower rows alone
/// could win, a tree that is there rules out more with one look at the lowest rows of a group, if few cities
/// have lower rows.
fn goes_to_join(settler: Settler, finalists: &Finalists<'_>) -> bool {
    match settler {
        Settler::Either => {
            let is_tie = finalists.exact().limit_beyond == f64::NEG_INFINITY;
            let few = finalists.points().len() as u64 / CITIES_FOR_A_ROW;
            let are_rows_low =
                finalists.threshold().is_some_and(|threshold| threshold.rows[0] <= few);
            !(is_tie && are_rows_low && finalists.points().has_tree())
        }
        Settler::Join => true,
        Settler::Tree => false,
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

/// Finds a threshold: in those own regions that have the most cities on their emptier sides, or if these have few,
/// in such ones of all.
pub(super) fn begin(
    points: &Points<'_>,
    own: impl Iterator<Item = usize>,
    join: &mut Join<'_>,
    finalists: &mut Finalists<'_>,
) -> Result<(), String> {
    let regions = points.regions();
    let fewer = |region: usize| {
        let [first, second] = [0, 1].map(|side| regions.positions(region, side).len());
        first.min(second)
    };
    let most = if finalists.ranking().most() == 1 { 1 } else { START_REGIONS };
    let best_of = |regions: &mut dyn Iterator<Item = usize>| {
        let mut best: Vec<usize> = Vec::with_capacity(most + 1);
        for region in regions {
            let place = best.partition_point(|&other| fewer(other) > fewer(region));
            best.insert(place, region);
            best.truncate(most);
        }
        best
    };
    let best = best_of(&mut own.filter(|&region| fewer(region) >= ENOUGH_TO_BEGIN));
    match best.is_empty() {
        true => join.start(&best_of(&mut (0..regions.len())), finalists),
        false => join.start(&best, finalists),
    }
}

/// Some rows with all behind the first of them.
fn block(rows: &Range<usize>, cities: usize) -> Block {
    let [start, end, cities] = [rows.start, rows.end, cities].map(|position| position as u64);
    Block { rows: start..end, columns: start..cities, pairing: Pairing::Within }
}
