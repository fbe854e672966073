//! Tiles that a search asks for again and again, and the lowest row of a node.
//!
//! A tile meets several others, one soon after the other. So its vectors and the boxes of its cities are kept for
//! those that were asked for lately, each in the slot of its number.
//!
//! Architecture Invariant: a slot does not know whose vectors it keeps.

use crate::kernel::MaskedTile;
use crate::points::Points;
use crate::tiles::{Boxes, Node, TILE_CITIES, Tile, Tree};

/// The vectors of tiles and the boxes of their cities.
pub(super) struct TileSlots {
    /// Made when they are first asked for: a search that ends soon needs few.
    slots: Vec<Option<Box<Slot>>>,
}

/// A tile.
pub(super) struct Slot {
    tile_index: usize,
    pub(super) tile: Tile,
    boxes: Boxes,
    /// The lanes that have a city.
    lanes: u64,
    /// Whether the vectors are the exact ones.
    pub(super) is_exact: bool,
}

impl Slot {
    /// That of a node of level 0 of a tree, with its vectors.
    pub(super) fn new(tree: &Tree<'_>, node: Node, tile: Tile, is_exact: bool) -> Slot {
        // The last tile is filled up with copies of its last city.
        let lanes = !0 >> (TILE_CITIES - tree.places(node).len());
        Slot { tile_index: node.index, boxes: Boxes::of_tile(&tile), tile, lanes, is_exact }
    }

    /// The cities that are in some lanes.
    pub(super) fn part(&self, lanes: u64) -> MaskedTile<'_> {
        MaskedTile { tile: &self.tile, boxes: &self.boxes, lanes: self.lanes & lanes }
    }
}

impl TileSlots {
    /// So many slots.
    pub(super) fn new(slots: usize) -> TileSlots {
        TileSlots { slots: (0..slots).map(|_| None).collect() }
    }

    /// The tile of a node of level 0 that was asked for a moment ago.
    pub(super) fn kept(&self, node: Node) -> &Slot {
        self.slots[node.index % self.slots.len()].as_ref().expect("a tile that was asked for")
    }

    /// The tile of a node of level 0, made now unless it was kept.
    pub(super) fn slot(&mut self, node: Node, make: impl FnOnce() -> Slot) -> &Slot {
        let many = self.slots.len();
        let slot = &mut self.slots[node.index % many];
        match slot {
            Some(kept) if kept.tile_index == node.index => {}
            Some(kept) => **kept = make(),
            None => *slot = Some(Box::new(make())),
        }
        slot.as_ref().expect("a tile that was kept or just made")
    }
}

/// The lowest row of the cities of a node and the position of that city, without the one that stands at a place of
/// the tree; `None` if there is no other.
pub(super) fn lowest_in(
    points: &Points<'_>,
    tree: &Tree<'_>,
    node: Node,
    without: Option<usize>,
) -> Option<(u64, usize)> {
    if node.level == 0 {
        let places = tree.places(node).filter(|&place| Some(place) != without);
        let positions = places.map(|place| tree.position(place));
        return positions.map(|position| (points.row(position), position)).min();
    }
    // One child at most has the place, so that two are looked into at most.
    let mut children: Vec<Node> = tree.children(node).collect();
    children.sort_by_key(|&child| tree.bounds(child).lowest_row());
    let mut lowest: Option<(u64, usize)> = None;
    for child in children {
        if lowest.is_some_and(|(row, _)| row < tree.bounds(child).lowest_row()) {
            break;
        }
        lowest = lowest.into_iter().chain(lowest_in(points, tree, child, without)).min();
    }
    lowest
}
