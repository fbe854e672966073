//! The exact answer without looking at most pairs: a dual-tree descent with an incumbent.
//!
//! The bounds of the atlas form a tree: tiles of 64 cities, groups of four, up to the root. A pair of
//! nodes stands for all pairs between their cities. If their boxes show that none of these can beat
//! the incumbent, the node pair is skipped and its pairs are covered at one stroke; otherwise its
//! children are paired. Two tiles are settled row by row: a city that the other tile's box rules
//! out is skipped, for the others the kernel marks what remains.
//!
//! *Ties.* A node pair that can reach the incumbent's distance but not pass it is skipped only if
//! its lowest rows are no lower than the incumbent's. So the answer is that of
//! `exhaustive`, to the last row.
//!
//! *Ranks.* The pairs of the groups of one level are a pair space like that of the cities, and
//! rank r of P takes every P-th of them. All ranks begin with the same incumbent (`start`), which
//! is so good that what another rank finds on the way would save little; they need no messages.
//!
//! Architecture Invariant: it skips by what `bound` proves, and counts what it skips.

use super::finalists::Finalists;
use super::{Found, start};
use crate::atlas::Atlas;
use crate::kernel::Kernel;
use crate::pairs::PairSpace;
use crate::tiles::{Node, Tree};

/// Pairs of groups that a rank gets at least, so that the ranks' shares are alike; fewer only where
/// there are not so many tiles.
const LEAST_BLOCKS_PER_RANK: u128 = 4096;

pub(super) fn search(
    atlas: &Atlas<'_>,
    kernel: Kernel,
    rank: u64,
    ranks: u64,
) -> Result<Found, String> {
    if atlas.cities() < 2 {
        return Ok(Found::default());
    }
    let tree = &atlas.tree();
    let finalists = start::hop(atlas, kernel)?;
    let mut descent = Descent { atlas, tree, kernel, finalists, found: Found::default() };
    let (level, space) = blocks(tree, ranks);
    for block in space.share(rank, ranks) {
        let node = |index: u64| Node { level, index: index as usize };
        descent.visit(node(block.rows.start), node(block.columns.start))?;
    }
    Ok(Found { farthest: descent.finalists.best(), ..descent.found })
}

/// The highest level with enough pairs of nodes, a node with itself included, and their pair space.
fn blocks(tree: &Tree<'_>, ranks: u64) -> (usize, PairSpace) {
    let wanted = LEAST_BLOCKS_PER_RANK * u128::from(ranks);
    let space = |level| PairSpace::new(tree.nodes(level) as u64, 1);
    let level = (0..=tree.root().level).rev().find(|&level| space(level).blocks() >= wanted);
    let level = level.unwrap_or(0);
    (level, space(level))
}

struct Descent<'a> {
    atlas: &'a Atlas<'a>,
    tree: &'a Tree<'a>,
    kernel: Kernel,
    finalists: Finalists<'a>,
    found: Found,
}

impl Descent<'_> {
    /// Settles all pairs between two nodes of one level, `a` not behind `b`.
    fn visit(&mut self, a: Node, b: Node) -> Result<(), String> {
        let (bounds_a, bounds_b) = (self.tree.bounds(a), self.tree.bounds(b));
        let separation = self.finalists.separation().of_boxes(bounds_a, bounds_b);
        if !self.finalists.can_win(separation, [bounds_a.lowest_row, bounds_b.lowest_row]) {
            self.found.covered += self.pairs(a, b);
            return Ok(());
        }
        self.found.groups_opened += 1;
        if a.level == 0 {
            self.found.covered += self.pairs(a, b);
            return self.settle(a, b);
        }
        for child_a in self.tree.children(a) {
            for child_b in self.tree.children(b).filter(|b| child_a.index <= b.index) {
                self.visit(child_a, child_b)?;
            }
        }
        Ok(())
    }

    /// Number of pairs of cities between two nodes.
    fn pairs(&self, a: Node, b: Node) -> u128 {
        let count = |node| self.tree.positions(node).len() as u128;
        if a == b { count(a) * (count(a) - 1) / 2 } else { count(a) * count(b) }
    }

    /// Looks at the pairs between two tiles: at the cities of the first that the box of the second
    /// does not rule out, one by one.
    fn settle(&mut self, a: Node, b: Node) -> Result<(), String> {
        let (rows, columns) = (&self.atlas.tiles()[a.index], &self.atlas.tiles()[b.index]);
        let bounds = self.tree.bounds(b);
        let (positions_a, positions_b) = (self.tree.positions(a), self.tree.positions(b));
        let limits = self.finalists.separation();
        let mut reaching = self.kernel.mark_reaching(rows, bounds, limits.sign, limits.limit);
        while reaching != 0 {
            let i = positions_a.start + reaching.trailing_zeros() as usize;
            reaching &= reaching - 1;
            if i >= positions_a.end {
                break;
            }
            let p = self.atlas.vector(i);
            let limits = self.finalists.separation();
            let lowest_rows = [self.atlas.row(i), bounds.lowest_row];
            if !self.finalists.can_win(limits.of_city(p, bounds), lowest_rows) {
                continue;
            }
            let behind = positions_b.start.max(i + 1)..positions_b.end;
            self.found.evaluated += behind.len() as u128;
            let mut marked = self.kernel.mark_near(p, columns, limits.sign, limits.limit);
            while marked != 0 {
                let j = positions_b.start + marked.trailing_zeros() as usize;
                marked &= marked - 1;
                self.finalists.consider(i, j)?;
            }
        }
        Ok(())
    }
}
