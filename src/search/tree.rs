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

use super::finalists::{Finalists, lowest_rows};
use super::slots::{Slot, TileSlots, lowest_in};
use super::{Damage, Field, Leave};
use crate::kernel::{Kernel, lanes};
use crate::metric::Metric;
use crate::pairs::{Block, Pairing};
use crate::points::Points;
use crate::tiles::{Boxes, Node, TILE_CITIES, Tile, Tree};

/// A descent, with what it counted.
pub(super) struct Descent<'a> {
    field: Field<'a>,
    /// That of the cities that stand first in pairs, and that of those that stand second.
    trees: [Tree<'a>; 2],
    kernel: Kernel,
    /// Tiles of the one and of the other.
    tiles: [TileSlots; 2],
    /// Lanes of the pairs that the kernel found between two tiles; kept for the next two.
    near: Vec<[u8; 2]>,
    /// Whether the vectors of tiles that are kept are those of the metric ([`Finalists::converts`]).
    converts: bool,
    /// Pairs covered, those looked at one by one, and pairs of nodes that no bound ruled out.
    pub(super) counts: [u128; 3],
}

impl<'a> Descent<'a> {
    /// Grows the trees, if there are none yet.
    ///
    /// # Errors
    /// [`Damage::Bounds`].
    pub(super) fn new(field: Field<'a>, kernel: Kernel) -> Result<Descent<'a>, Damage> {
        let [first, second] = field.points().map(super::sound_tree);
        let trees = [first?, second?];
        Ok(Descent {
            field,
            trees,
            kernel,
            tiles: [(); 2].map(|()| TileSlots::new(SLOTS)),
            near: Vec::new(),
            converts: false,
            counts: [0; 3],
        })
    }

    /// Settles all pairs of a city at a place of `rows` in the first tree with one behind it, or of another list.
    /// `false` if they were left.
    pub(super) fn settle(
        &mut self,
        rows: &Range<usize>,
        finalists: &mut Finalists<'_>,
        leave: &mut Leave<'_>,
    ) -> Result<bool, Damage> {
        let [a, b] = [0, 1].map(|of| self.trees[of].root());
        self.open([a, b], rows, (finalists, leave))?;
        Ok(!leave.has_left)
    }

    /// Settles the pairs between two nodes that can win; of one list the first is not behind the second.
    fn open(
        &mut self,
        nodes: [Node; 2],
        rows: &Range<usize>,
        (finalists, leave): (&mut Finalists<'_>, &mut Leave<'_>),
    ) -> Result<(), Damage> {
        if leave.after(PAIRS_OF_NODES, finalists.ranking()) {
            return Ok(());
        }
        self.counts[2] += 1;
        let is_one = self.field.pairing() == Pairing::Within && nodes[0] == nodes[1];
        if !is_one && finalists.take_one_of_copies() {
            let are_copies = |&of: &usize| self.trees[of].bounds(nodes[of]).is_one_place();
            if let Some(of) = [0, 1].into_iter().find(are_copies) {
                self.cover(nodes, rows);
                let position = self.with_lowest_row(of, nodes[of]);
                let before = self.counts[1];
                self.meet(of, position, nodes[1 - of], finalists)?;
                leave.after((self.counts[1] - before) as u64, finalists.ranking());
                return Ok(());
            }
        }
        let [a, b] = nodes;
        if a.level == 0 && b.level == 0 {
            self.cover(nodes, rows);
            self.look(nodes, rows, finalists)?;
            leave.after(self.near.len() as u64, finalists.ranking());
            return Ok(());
        }
        // Of two lists the trees may differ in height: then the higher node is opened alone.
        let opened = [0, 1].map(|of| self.trees[of].opened(nodes[of], a.level.max(b.level)));
        let [first, second] = opened;
        // Of one kind all the while, though the threshold may become far meanwhile.
        let converts = finalists.converts();
        let corners = |child| finalists.filter_box(self.trees[1].corners(child), converts);
        let boxes = Boxes::of_corners(second.clone().map(corners));
        for child_a in first {
            let places = self.trees[0].places(child_a);
            if places.end <= rows.start || rows.end <= places.start {
                continue;
            }
            let measure = finalists.quick().measure();
            let limit = finalists.limit(lowest_rows(&self.trees, nodes), false);
            let corners = finalists.filter_box(self.trees[0].corners(child_a), converts);
            let near = self.kernel.mark_boxes(&boxes, corners, measure, limit);
            for (at, child_b) in second.clone().enumerate() {
                if self.field.pairing() == Pairing::Within && child_b.index < child_a.index {
                    continue;
                }
                let children = [child_a, child_b];
                // The kernel's look is quick; the other knows about ties.
                let is_near = near >> at & 1 == 1;
                if is_near && finalists.boxes_can_win(&self.trees, children) {
                    self.open(children, rows, (finalists, leave))?;
                } else {
                    self.cover(children, rows);
                }
            }
        }
        Ok(())
    }

    /// Settles the pairs of a city, which stands first in them (0) or second (1), and the cities of a node of the
    /// other tree, without it. Of a node that is at one place this is done for the city with the lowest row: its
    /// pairs are as far as those of the others, and come first.
    fn meet(
        &mut self,
        of: usize,
        position: usize,
        node: Node,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), Damage> {
        let (other, tree) = (1 - of, &self.trees[1 - of]);
        let in_order = |of_city, of_node| match of {
            0 => [of_city, of_node],
            _ => [of_node, of_city],
        };
        if tree.bounds(node).is_one_place() {
            self.counts[1] += 1;
            let [i, j] = in_order(position, self.with_lowest_row(other, node));
            return finalists.consider(i, j);
        }
        let p = finalists.filter_vector(of, position);
        let row = self.field.points()[of].row(position);
        let of_node = tree.bounds(node).lowest_row();
        let rows = if of == 0 { [row, of_node] } else { [of_node, row] };
        let limit = finalists.limit(rows, false);
        let quick = finalists.quick();
        let corners = finalists.filter_box(tree.corners(node), finalists.converts());
        if quick.of_city(p, corners) > limit {
            return Ok(());
        }
        if node.level > 0 {
            return tree
                .children(node)
                .try_for_each(|child| self.meet(of, position, child, finalists));
        }
        let places = tree.places(node);
        let points = self.field.points()[other];
        let tile = finalists.filter_tile(super::quick_tile(points, tree, self.kernel, node));
        let marked = self.kernel.mark_far(p, &tile, quick.measure(), limit);
        self.counts[1] += places.len() as u128;
        let mut near =
            lanes(marked).map(|lane| places.start + lane).filter(|place| places.contains(place));
        near.try_for_each(|place| {
            let [i, j] = in_order(position, self.trees[other].position(place));
            finalists.consider(i, j)
        })
    }

    /// The position of the city of a node of a tree that has the lowest row.
    fn with_lowest_row(&self, of: usize, node: Node) -> usize {
        let (tree, points) = (&self.trees[of], self.field.points()[of]);
        let lowest = lowest_in(points, tree, node, None);
        lowest.expect("a node has cities").1
    }

    /// Counts the pairs of a row in one node and a city of another as covered; of one list those behind the row.
    fn cover(&mut self, nodes: [Node; 2], rows: &Range<usize>) {
        let [a, b] = [0, 1].map(|of| self.trees[of].places(nodes[of]));
        let a = a.start.max(rows.start)..a.end.min(rows.end);
        let [rows, columns] = [a, b].map(|places| places.start as u64..places.end as u64);
        self.counts[0] += Block { rows, columns, pairing: self.field.pairing() }.pairs();
    }

    /// Looks at the pairs between two tiles, as far as the boxes of their cities do not rule them out.
    fn look(
        &mut self,
        nodes: [Node; 2],
        rows: &Range<usize>,
        finalists: &mut Finalists<'_>,
    ) -> Result<(), Damage> {
        if self.converts != finalists.converts() {
            self.converts = finalists.converts();
            self.tiles = [(); 2].map(|()| TileSlots::new(SLOTS));
        }
        let (field, trees, kernel) = (self.field, &self.trees, self.kernel);
        let pairing = field.pairing();
        let [first, second] = &mut self.tiles;
        let mut make =
            |of: usize| new_slot(&field, of, kernel, &trees[of], nodes[of], &mut *finalists);
        let row_slot = first.slot(nodes[0], || make(0));
        let column_slot = second.slot(nodes[1], || make(1));
        let are_exact = row_slot.is_exact && column_slot.is_exact;
        let measure = finalists.exact().measure();
        let limit = finalists.limit(lowest_rows(trees, nodes), are_exact);
        let row_part = row_slot.part(lanes_of(nodes[0], rows));
        let column_part = column_slot.part(!0);
        self.near.clear();
        let looked_at = self.kernel.find_far(row_part, column_part, measure, limit, &mut self.near);
        // A tile meets itself in both orders, and each city meets itself: about half are pairs.
        let is_one = pairing == Pairing::Within && nodes[0] == nodes[1];
        self.counts[1] += u128::from(if is_one { looked_at / 2 } else { looked_at });
        for lanes in &self.near {
            let [i, j] = [0, 1].map(|of| nodes[of].index * TILE_CITIES + lanes[of] as usize);
            if !pairing.has(i as u64, j as u64) {
                continue;
            }
            let vectors = [(row_slot, 0), (column_slot, 1)]
                .map(|(slot, of)| slot.tile.vector(lanes[of].into()));
            if !finalists.are_too_near(vectors, self.converts) {
                finalists.consider(trees[0].position(i), trees[1].position(j))?;
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

/// As long as two nodes takes to look at so many pairs.
const PAIRS_OF_NODES: u64 = 64;

/// Tiles of either tree that are kept.
const SLOTS: usize = 128;

/// The tile of a node of level 0 of one of the trees.
fn new_slot(
    field: &Field<'_>,
    of: usize,
    kernel: Kernel,
    tree: &Tree<'_>,
    node: Node,
    finalists: &mut Finalists<'_>,
) -> Slot {
    let points = field.points()[of];
    let exact = exact_tile(points, of, tree, node, finalists);
    // The exact limits are for vectors of the metric.
    let are_of_metric = finalists.converts() || matches!(finalists.metric(), Metric::Sphere);
    let is_exact = exact.is_some() && are_of_metric;
    let quick = || finalists.filter_tile(super::quick_tile(points, tree, kernel, node));
    let tile = exact.unwrap_or_else(quick);
    Slot::new(tree, node, tile, is_exact)
}

/// Places in a tile up to which their exact vectors cost less than what quick ones cannot tell: ties, of which
/// copies of few places have as many as pairs.
const FEW_PLACES: usize = 8;

/// The exact vectors of a tile, if they are there, or if its cities are at few places, neighbours at one
/// place counted once.
fn exact_tile(
    points: &Points<'_>,
    of: usize,
    tree: &Tree<'_>,
    node: Node,
    finalists: &mut Finalists<'_>,
) -> Option<Tile> {
    let places = tree.places(node);
    if tree.bounds(node).is_one_place() {
        return Some(Tile::new(&[finalists.filter_vector(of, tree.position(places.start))]));
    }
    if points.sites().are_vectors() {
        let vectors = places.map(|place| points.vector(tree.position(place)));
        return Some(finalists.filter_tile(Tile::new(&vectors.collect::<Vec<_>>())));
    }
    let degrees = |place: usize| points.sites().degrees(tree.position(place));
    let is_new = |&place: &usize| place == places.start || degrees(place) != degrees(place - 1);
    if places.clone().filter(is_new).nth(FEW_PLACES).is_some() {
        return None;
    }
    let mut vector = [0.0; 3];
    let vectors = places.clone().map(|place| {
        if is_new(&place) {
            vector = finalists.filter_vector(of, tree.position(place));
        }
        vector
    });
    Some(Tile::new(&vectors.collect::<Vec<_>>()))
}
