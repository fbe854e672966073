//! The exact answer without looking at most pairs: a dual-tree descent with an incumbent.
//!
//! The bounds of the atlas form a tree: tiles of 64 cities, groups of four, up to the root. A pair
//! of nodes stands for all pairs between their cities. If their boxes show that none of these can
//! beat the incumbent, the node pair is skipped and its pairs are covered at one stroke; otherwise
//! its children are paired. Of two tiles, the cities that the other's box rules out are skipped;
//! the kernel looks at the pairs of the others.
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
use crate::kernel::{Kernel, Part};
use crate::pairs::PairSpace;
use crate::points::Points;
use crate::tiles::{Node, TILE_CITIES, Tree};

/// Pairs of groups that a rank gets at least, so that the ranks' shares are alike; fewer only where
/// there are not so many tiles.
const LEAST_BLOCKS_PER_RANK: u128 = 4096;

/// Searches the share of rank `rank` of `ranks` of some points.
///
/// # Errors
/// As [`super::search`].
pub fn search(points: &Points<'_>, kernel: Kernel, rank: u64, ranks: u64) -> Result<Found, String> {
    if points.len() < 2 {
        return Ok(Found::default());
    }
    let tree = &points.tree();
    let finalists = start::hop(points, kernel)?;
    let found = Found::default();
    let mut descent = Descent { points, tree, kernel, finalists, found, near: Vec::new() };
    let (level, space) = blocks(tree, ranks);
    let mut is_fetched = vec![false; tree.nodes(level)];
    for block in space.share(rank, ranks) {
        let node = |index: u64| Node { level, index: index as usize };
        let (a, b) = (node(block.rows.start), node(block.columns.start));
        if descent.can_win(a, b) {
            for node in [a, b] {
                if !std::mem::replace(&mut is_fetched[node.index], true) {
                    fetch(points, tree.positions(node));
                }
            }
        }
        descent.visit(a, b)?;
    }
    Ok(Found { farthest: descent.finalists.best(), ..descent.found })
}

/// Touches the pages of the tiles of some positions, one after the other. The descent jumps about
/// in them; the first touch of a mapped page costs it twenty times as much there (at 10⁶ cities,
/// packed, 25 ms of 50 in all).
fn fetch(points: &Points<'_>, positions: std::ops::Range<usize>) {
    for tile in &points.tiles()[positions.start / TILE_CITIES..positions.end.div_ceil(TILE_CITIES)]
    {
        std::hint::black_box(tile.x[0]);
    }
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
    points: &'a Points<'a>,
    tree: &'a Tree<'a>,
    kernel: Kernel,
    finalists: Finalists<'a>,
    found: Found,
    /// Lanes of the pairs that the kernel found between two tiles; kept for the next two.
    near: Vec<[u8; 2]>,
}

impl Descent<'_> {
    /// Settles all pairs between two nodes of one level, `a` not behind `b`.
    fn visit(&mut self, a: Node, b: Node) -> Result<(), String> {
        if !self.can_win(a, b) {
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

    /// Whether a pair of cities of two nodes could win.
    fn can_win(&self, a: Node, b: Node) -> bool {
        self.finalists.boxes_can_win(self.tree.bounds(a), self.tree.bounds(b))
    }

    /// Number of pairs of cities between two nodes.
    fn pairs(&self, a: Node, b: Node) -> u128 {
        let count = |node| self.tree.positions(node).len() as u128;
        if a == b { count(a) * (count(a) - 1) / 2 } else { count(a) * count(b) }
    }

    /// Looks at the pairs between two tiles, as far as the box of the one does not rule out a city
    /// of the other.
    fn settle(&mut self, a: Node, b: Node) -> Result<(), String> {
        let (bounds_a, bounds_b) = (self.tree.bounds(a), self.tree.bounds(b));
        let sign = self.finalists.separation().sign;
        let limit = self.finalists.limit([bounds_a.lowest_row, bounds_b.lowest_row]);
        let reaching = |node: Node, bounds| {
            let tile = &self.points.tiles()[node.index];
            // The last tile is filled up with copies of its last city.
            let filling = !0 >> (TILE_CITIES - self.tree.positions(node).len());
            let lanes = self.kernel.mark_reaching(tile, bounds, sign, limit) & filling;
            Part { tile, lanes }
        };
        let rows = reaching(a, bounds_b);
        if rows.lanes == 0 {
            return Ok(());
        }
        let columns = reaching(b, bounds_a);
        let [count_rows, count_columns] = [rows, columns].map(|part| part.lanes.count_ones());
        self.found.evaluated += u128::from(if a == b {
            count_rows * (count_rows - 1) / 2
        } else {
            count_rows * count_columns
        });
        let mut near = std::mem::take(&mut self.near);
        near.clear();
        self.kernel.find_near(rows, columns, sign, limit, &mut near);
        let first = |node| self.tree.positions(node).start;
        for &[row, column] in &near {
            self.finalists.consider(first(a) + row as usize, first(b) + column as usize)?;
        }
        self.near = near;
        Ok(())
    }
}
