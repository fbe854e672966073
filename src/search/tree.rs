//! A dual-tree descent with an incumbent: for whatever the join gives up.
//!
//! The bounds of the points form a tree: tiles of 64 cities, groups of four, up to the root. A pair of
//! nodes stands for all pairs between their cities. If their boxes show that none of these can beat the
//! incumbent, the pair of nodes is skipped and its pairs are covered at one stroke; otherwise their
//! children are paired. Two tiles are compared by boxes of eight cities each; where two such boxes
//! are near enough, the kernel looks at their pairs.
//!
//! The rows are the cities of a region on one side, the columns all that stand behind each of them. Nodes
//! that reach beyond the rows are opened as far as they are rows, so that every region has its own pairs
//! and together they have all.
//!
//! *Copies.* Where all cities of one node are at one place, the city with the lowest row stands for them: it
//! meets the other node's cities alone, and of these, where they are at one place too, again one. That is so
//! where one pair is wanted, or where cities at one place count as one; else all pairs of copies are looked at.
//!
//! *Ties.* A pair of nodes that can reach the incumbent's distance but not pass it is skipped only if
//! its lowest rows are no lower than the incumbent's. So the answer is that of `exhaustive`, to the last
//! row.
//!
//! Architecture Invariant: it skips by what `bound` proves, and counts what it skips.

use std::ops::Range;

use super::finalists::Finalists;
use crate::kernel::{Kernel, Part, lanes};
use crate::points::Points;
use crate::tiles::{Boxes, Node, TILE_CITIES, Tile, Tree};

/// A descent, with what it counted.
pub(super) struct Descent<'a> {
    points: &'a Points<'a>,
    tree: Tree<'a>,
    kernel: Kernel,
    row_tiles: TileSlots,
    column_tiles: TileSlots,
    /// Lanes of the pairs that the kernel found between two tiles; kept for the next two.
    near: Vec<[u8; 2]>,
    /// Pairs covered, those looked at one by one, and pairs of nodes that no bound ruled out.
    pub(super) counts: [u128; 3],
}

impl<'a> Descent<'a> {
    /// Grows the tree, if there is none yet.
    ///
    /// # Errors
    /// A sentence, if the bounds of a packed file are damaged so that pairs would be passed over.
    pub(super) fn new(points: &'a Points<'a>, kernel: Kernel) -> Result<Descent<'a>, String> {
        let tree = points.tree();
        if let Some(Node { level, index }) = tree.find_fault() {
            return Err(format!(
                "expected bounds of cities in node {index} of level {level}, found others: the file is \
                 damaged inside; see where with --verify, and pack it again"
            ));
        }
        Ok(Descent {
            points,
            tree,
            kernel,
            row_tiles: TileSlots::new(),
            column_tiles: TileSlots::new(),
            near: Vec::new(),
            counts: [0; 3],
        })
    }

    /// Settles all pairs of a city at a place of `rows` in the tree with one behind it.
    pub(super) fn settle(
        &mut self,
        rows: &Range<usize>,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), String> {
        let root = self.tree.root();
        self.open(root, root, rows, finalists)
    }

    /// Settles the pairs between two nodes of one level that can win, `a` not behind `b`.
    fn open(
        &mut self,
        a: Node,
        b: Node,
        rows: &Range<usize>,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), String> {
        self.counts[2] += 1;
        let are_copies = |node: Node| self.tree.bounds(node).is_one_place();
        let copies = [(a, b), (b, a)]
            .into_iter()
            .find(|&(at, _)| are_copies(at) && finalists.take_one_of_copies());
        if let (Some((copies, node)), true) = (copies, a != b) {
            self.cover(a, b, rows);
            return self.meet(self.with_lowest_row(copies), node, finalists);
        }
        if a.level == 0 {
            self.cover(a, b, rows);
            return self.look(a, b, rows, finalists);
        }
        let boxes_b =
            Boxes::of_corners(self.tree.children(b).map(|child| self.tree.corners(child)));
        for child_a in self.tree.children(a) {
            let places = self.tree.places(child_a);
            if places.end <= rows.start || rows.end <= places.start {
                continue;
            }
            let sign = finalists.quick().sign;
            let limit = finalists.limit(self.tree.lowest_rows([a, b]), false);
            let corners = self.tree.corners(child_a);
            let near = self.kernel.mark_boxes(&boxes_b, corners, sign, limit);
            for (at, child_b) in self.tree.children(b).enumerate() {
                if child_b.index < child_a.index {
                    continue;
                }
                // The kernel's look is quick; the other knows about ties.
                let is_near = near >> at & 1 == 1;
                if is_near && finalists.boxes_can_win(&self.tree, [child_a, child_b]) {
                    self.open(child_a, child_b, rows, finalists)?;
                } else {
                    self.cover(child_a, child_b, rows);
                }
            }
        }
        Ok(())
    }

    /// Settles the pairs of a city and the cities of a node without it. Of a node that is at one place this is
    /// done for the city with the lowest row: its pairs are as far as those of the others, and come first.
    fn meet(
        &mut self,
        position: usize,
        node: Node,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), String> {
        if self.tree.bounds(node).is_one_place() {
            self.counts[1] += 1;
            return finalists.consider(position, self.with_lowest_row(node));
        }
        let p = finalists.vector(position);
        let rows = [self.points.row(position), self.tree.bounds(node).lowest_row()];
        let limit = finalists.limit(rows, false);
        let quick = finalists.quick();
        if quick.of_city(p, self.tree.corners(node)) > limit {
            return Ok(());
        }
        if node.level > 0 {
            return self
                .tree
                .children(node)
                .try_for_each(|child| self.meet(position, child, finalists));
        }
        let places = self.tree.places(node);
        let tile = super::quick_tile(self.points, &self.tree, self.kernel, node);
        let marked = self.kernel.mark_near(p, &tile, quick.sign, limit);
        self.counts[1] += places.len() as u128;
        let mut near = lanes(marked).map(|lane| places.start + lane);
        near.try_for_each(|place| match places.contains(&place) {
            true => finalists.consider(position, self.tree.position(place)),
            false => Ok(()),
        })
    }

    /// The position of the city of a node that has the lowest row.
    fn with_lowest_row(&self, mut node: Node) -> usize {
        while node.level > 0 {
            let children = self.tree.children(node);
            let lowest = children.min_by_key(|&child| self.tree.bounds(child).lowest_row());
            node = lowest.expect("a node above the tiles has children");
        }
        let positions = self.tree.places(node).map(|place| self.tree.position(place));
        positions.min_by_key(|&position| self.points.row(position)).expect("a tile has cities")
    }

    /// Counts the pairs of a row in one node and a city behind it in another as covered.
    fn cover(&mut self, a: Node, b: Node, rows: &Range<usize>) {
        let [a, b] = [a, b].map(|node| self.tree.places(node));
        let a = a.start.max(rows.start)..a.end.min(rows.end);
        let (first, count) = (a.start as u128, a.len() as u128);
        let behind = if b.start >= a.end {
            b.len() as u128 * count
        } else {
            // A node with itself: the row at i has those from i + 1 on.
            let end = b.end as u128;
            count * (end - 1 - first) - count * count.saturating_sub(1) / 2
        };
        self.counts[0] += behind;
    }

    /// Looks at the pairs between two tiles, as far as the boxes of their cities do not rule them out.
    fn look(
        &mut self,
        a: Node,
        b: Node,
        rows: &Range<usize>,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), String> {
        let (points, tree, kernel) = (self.points, &self.tree, self.kernel);
        let row_slot = self.row_tiles.slot(points, kernel, tree, a, finalists);
        let column_slot = self.column_tiles.slot(points, kernel, tree, b, finalists);
        let are_exact = row_slot.is_exact && column_slot.is_exact;
        let sign = finalists.exact().sign;
        let limit = finalists.limit(tree.lowest_rows([a, b]), are_exact);
        let row_part = row_slot.part(lanes_of(a, rows));
        let column_part = column_slot.part(!0);
        self.near.clear();
        let looked_at = self.kernel.find_near(row_part, column_part, sign, limit, &mut self.near);
        // A tile meets itself in both orders, and each city meets itself: about half are pairs.
        self.counts[1] += u128::from(if a == b { looked_at / 2 } else { looked_at });
        for &[row, column] in &self.near {
            let i = a.index * TILE_CITIES + row as usize;
            let j = b.index * TILE_CITIES + column as usize;
            if i < j {
                finalists.consider(self.tree.position(i), self.tree.position(j))?;
            }
        }
        Ok(())
    }
}

/// The lanes of a tile that are rows.
fn lanes_of(tile: Node, rows: &Range<usize>) -> u64 {
    let first = tile.index * TILE_CITIES;
    let lane = |place: usize| place.saturating_sub(first).min(TILE_CITIES) as u32;
    let below = |lane: u32| 1_u64.checked_shl(lane).map_or(!0, |bit| bit - 1);
    below(lane(rows.end)) & !below(lane(rows.start))
}

/// The vectors of tiles and the boxes of their cities, kept for those that were asked for lately: a tile
/// meets several others, one soon after the other.
struct TileSlots {
    /// Made when they are first asked for: a search that ends soon needs few.
    slots: Vec<Option<Box<Slot>>>,
}

struct Slot {
    tile_index: usize,
    tile: Tile,
    boxes: Boxes,
    /// The lanes that have a city.
    lanes: u64,
    /// Whether the vectors are the exact ones.
    is_exact: bool,
}

impl Slot {
    /// That of a node of level 0.
    fn new(
        points: &Points<'_>,
        kernel: Kernel,
        tree: &Tree<'_>,
        node: Node,
        finalists: &mut Finalists<'_>,
    ) -> Slot {
        let exact = exact_tile(points, tree, node, finalists);
        let is_exact = exact.is_some();
        let tile = exact.unwrap_or_else(|| super::quick_tile(points, tree, kernel, node));
        // The last tile is filled up with copies of its last city.
        let lanes = !0 >> (TILE_CITIES - tree.places(node).len());
        Slot { tile_index: node.index, boxes: Boxes::of_tile(&tile), tile, lanes, is_exact }
    }

    /// The cities that are in some lanes.
    fn part(&self, lanes: u64) -> Part<'_> {
        Part { tile: &self.tile, boxes: &self.boxes, lanes: self.lanes & lanes }
    }
}

/// Places in a tile up to which their exact vectors cost less than what quick ones cannot tell: ties, of which
/// copies of few places have as many as pairs.
const FEW_PLACES: usize = 8;

impl TileSlots {
    const SLOTS: usize = 128;

    fn new() -> TileSlots {
        TileSlots { slots: (0..Self::SLOTS).map(|_| None).collect() }
    }

    /// The tile of a node of level 0.
    fn slot(
        &mut self,
        points: &Points<'_>,
        kernel: Kernel,
        tree: &Tree<'_>,
        node: Node,
        finalists: &mut Finalists<'_>,
    ) -> &Slot {
        let slot = &mut self.slots[node.index % Self::SLOTS];
        let mut make = || Slot::new(points, kernel, tree, node, finalists);
        match slot {
            Some(kept) if kept.tile_index == node.index => {}
            Some(kept) => **kept = make(),
            None => *slot = Some(Box::new(make())),
        }
        slot.as_ref().expect("a tile that was kept or just made")
    }
}

/// The exact vectors of a tile, if they are there, or if its cities are at few places, neighbours at one
/// place counted once.
fn exact_tile(
    points: &Points<'_>,
    tree: &Tree<'_>,
    node: Node,
    finalists: &mut Finalists<'_>,
) -> Option<Tile> {
    let places = tree.places(node);
    if tree.bounds(node).is_one_place() {
        return Some(Tile::new(&[finalists.vector(tree.position(places.start))]));
    }
    if points.sites().are_vectors() {
        let vectors = places.map(|place| points.vector(tree.position(place)));
        return Some(Tile::new(&vectors.collect::<Vec<_>>()));
    }
    let degrees = |place: usize| points.sites().degrees(tree.position(place));
    let is_new = |&place: &usize| place == places.start || degrees(place) != degrees(place - 1);
    if places.clone().filter(is_new).nth(FEW_PLACES).is_some() {
        return None;
    }
    let mut vector = [0.0; 3];
    let vectors = places.clone().map(|place| {
        if is_new(&place) {
            vector = finalists.vector(tree.position(place));
        }
        vector
    });
    Some(Tile::new(&vectors.collect::<Vec<_>>()))
}
