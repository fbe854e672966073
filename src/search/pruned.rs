//! The exact answer without looking at most pairs: a dual-tree descent with an incumbent.
//!
//! The bounds of the atlas form a tree: tiles of 64 cities, groups of four, up to the root. A pair
//! of nodes stands for all pairs between their cities. If their boxes show that none of these can
//! beat the incumbent, the node pair is skipped and its pairs are covered at one stroke; otherwise
//! its children are paired. Two tiles are compared by boxes of eight cities each; where two such boxes
//! are near enough, the kernel looks at their pairs.
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
use crate::pairs::{Block, PairSpace};
use crate::points::Points;
use crate::tiles::{Boxes, Node, TILE_CITIES, Tree};

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
    let mut descent = Descent {
        points,
        tree,
        kernel,
        finalists,
        found: Found::default(),
        row_boxes: TileBoxes::new(),
        column_boxes: TileBoxes::new(),
        near: Vec::new(),
    };
    let (level, space) = blocks(tree, ranks);
    let mut is_fetched = vec![false; tree.nodes(level)];
    for block in space.share(rank, ranks) {
        let node = |index: u64| Node { level, index: index as usize };
        let (a, b) = (node(block.rows.start), node(block.columns.start));
        descent.found.taken.note(|| block_of(tree, a, b));
        if !descent.can_win(a, b) {
            descent.cover(a, b);
            continue;
        }
        for node in [a, b] {
            if !std::mem::replace(&mut is_fetched[node.index], true) {
                fetch(points, tree.positions(node));
            }
        }
        descent.open(a, b)?;
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

/// The cities of two nodes as a block of positions.
fn block_of(tree: &Tree<'_>, a: Node, b: Node) -> Block {
    let [rows, columns] = [a, b].map(|node| {
        let positions = tree.positions(node);
        positions.start as u64..positions.end as u64
    });
    Block { rows, columns }
}

struct Descent<'a> {
    points: &'a Points<'a>,
    tree: &'a Tree<'a>,
    kernel: Kernel,
    finalists: Finalists<'a>,
    found: Found,
    row_boxes: TileBoxes,
    column_boxes: TileBoxes,
    /// Lanes of the pairs that the kernel found between two tiles; kept for the next two.
    near: Vec<[u8; 2]>,
}

impl Descent<'_> {
    /// Settles all pairs between two nodes of one level that can win, `a` not behind `b`.
    fn open(&mut self, a: Node, b: Node) -> Result<(), String> {
        self.found.groups_opened += 1;
        if a.level == 0 {
            self.cover(a, b);
            return self.settle(a, b);
        }
        let boxes_b = Boxes::of_bounds(self.tree.children(b).map(|child| self.tree.bounds(child)));
        for child_a in self.tree.children(a) {
            let sign = self.finalists.separation().sign;
            let limit = self.limit(a, b);
            let faces = self.tree.bounds(child_a).faces();
            let near = self.kernel.mark_boxes(&boxes_b, faces, sign, limit);
            for (at, child_b) in self.tree.children(b).enumerate() {
                if child_b.index < child_a.index {
                    continue;
                }
                // The kernel's look is quick; the other knows about ties.
                if near >> at & 1 == 1 && self.can_win(child_a, child_b) {
                    self.open(child_a, child_b)?;
                } else {
                    self.cover(child_a, child_b);
                }
            }
        }
        Ok(())
    }

    /// Whether a pair of cities of two nodes could win.
    fn can_win(&self, a: Node, b: Node) -> bool {
        self.finalists.boxes_can_win(self.tree.bounds(a), self.tree.bounds(b))
    }

    /// The greatest separation at which a pair of cities of two nodes could win.
    fn limit(&self, a: Node, b: Node) -> f64 {
        self.finalists.limit([a, b].map(|node| self.tree.bounds(node).lowest_row))
    }

    /// Number of pairs of cities between two nodes.
    fn pairs(&self, a: Node, b: Node) -> u128 {
        let count = |node| self.tree.positions(node).len() as u128;
        if a == b { count(a) * (count(a) - 1) / 2 } else { count(a) * count(b) }
    }

    /// Counts the pairs of cities between two nodes as covered.
    fn cover(&mut self, a: Node, b: Node) {
        self.found.covered += self.pairs(a, b);
    }

    /// Looks at the pairs between two tiles, as far as the boxes of their cities do not rule them out.
    fn settle(&mut self, a: Node, b: Node) -> Result<(), String> {
        let sign = self.finalists.separation().sign;
        let limit = self.limit(a, b);
        let rows = self.row_boxes.part(self.points, self.tree, a);
        let columns = self.column_boxes.part(self.points, self.tree, b);
        self.near.clear();
        let looked_at = self.kernel.find_near(rows, columns, sign, limit, &mut self.near);
        // A tile meets itself in both orders, and each city meets itself.
        let looked_at = u128::from(if a == b { looked_at / 2 } else { looked_at });
        self.found.evaluated += looked_at.min(self.pairs(a, b));
        for &[row, column] in &self.near {
            let i = a.index * TILE_CITIES + row as usize;
            let j = b.index * TILE_CITIES + column as usize;
            self.finalists.consider(i, j)?;
        }
        Ok(())
    }
}

/// The boxes of the cities of tiles, kept for those that were asked for lately: a tile meets several
/// others, one soon after the other.
struct TileBoxes {
    slots: Vec<(usize, Boxes)>,
}

impl TileBoxes {
    const SLOTS: usize = 512;

    fn new() -> TileBoxes {
        TileBoxes { slots: vec![(usize::MAX, Boxes::EMPTY); Self::SLOTS] }
    }

    /// All cities of a node of level 0.
    fn part<'a>(&'a mut self, points: &'a Points<'_>, tree: &Tree<'_>, node: Node) -> Part<'a> {
        let tile = &points.tiles()[node.index];
        let slot = &mut self.slots[node.index % Self::SLOTS];
        if slot.0 != node.index {
            slot.0 = node.index;
            slot.1 = Boxes::of_tile(tile);
        }
        // The last tile is filled up with copies of its last city.
        let lanes = !0 >> (TILE_CITIES - tree.positions(node).len());
        Part { tile, boxes: &slot.1, lanes }
    }
}
