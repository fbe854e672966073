//! Tiles of 64 cities with their unit vectors, and the bounds of tiles and of groups of tiles.
//!
//! A tile is three arrays of 64: what a kernel loads, with no stride and no tail. The last tile
//! of a file is filled up with copies of its last city; a kernel may look at them, and whoever
//! reads its answer leaves them out. The bounds of a tile are a box in space; four tiles make a
//! group with a box around the four, four groups the next, up to a single root. A box serves
//! both regimes of the search: how near |p + q| can come to 0, how large |p − q| can grow.
//!
//! Architecture Invariant: tiles know vectors and rows, never degrees, names or files.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::sphere::UnitVector;

/// Cities in a tile: eight lines of eight f64, and one bit each in a `u64`.
pub const TILE_CITIES: usize = 64;

/// Nodes in a group.
pub const GROUP_FANOUT: usize = 4;

/// The unit vectors of 64 consecutive cities.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Tile {
    /// x of each city.
    pub x: [f64; TILE_CITIES],
    /// y of each city.
    pub y: [f64; TILE_CITIES],
    /// z of each city.
    pub z: [f64; TILE_CITIES],
}

impl Tile {
    /// The tile of 1 to 64 cities, filled up with copies of the last.
    ///
    /// # Panics
    /// If there are none or more than 64.
    pub fn new(vectors: &[UnitVector]) -> Tile {
        assert!((1..=TILE_CITIES).contains(&vectors.len()), "a tile has 1 to 64 cities");
        let mut tile = Tile::zeroed();
        for lane in 0..TILE_CITIES {
            let [x, y, z] = vectors[lane.min(vectors.len() - 1)];
            (tile.x[lane], tile.y[lane], tile.z[lane]) = (x, y, z);
        }
        tile
    }

    /// The unit vector in `lane`, which is below 64.
    pub fn vector(&self, lane: usize) -> UnitVector {
        [self.x[lane], self.y[lane], self.z[lane]]
    }
}

/// A box that holds every unit vector of a tile or group, and the lowest of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Bounds {
    /// Least x, y and z.
    pub min: UnitVector,
    /// Greatest x, y and z.
    pub max: UnitVector,
    /// Lowest row in the source of a city within: what decides between equal distances.
    pub lowest_row: u64,
}

impl Bounds {
    /// The bounds of no city; a union with them changes nothing.
    pub const EMPTY: Bounds =
        Bounds { min: [f64::INFINITY; 3], max: [f64::NEG_INFINITY; 3], lowest_row: u64::MAX };

    /// The bounds of one city.
    pub fn of_city(vector: UnitVector, row: u64) -> Bounds {
        Bounds { min: vector, max: vector, lowest_row: row }
    }

    /// Whether all cities within are at one place.
    pub fn is_point(&self) -> bool {
        self.min == self.max
    }

    /// The least bounds that hold both.
    pub fn union(self, other: Bounds) -> Bounds {
        Bounds {
            min: std::array::from_fn(|axis| self.min[axis].min(other.min[axis])),
            max: std::array::from_fn(|axis| self.max[axis].max(other.max[axis])),
            lowest_row: self.lowest_row.min(other.lowest_row),
        }
    }
}

/// Number of nodes in each level of bounds over `cities` cities: the tiles first, the root last.
/// No city has no level.
pub fn level_lengths(cities: usize) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut nodes = cities.div_ceil(TILE_CITIES);
    while nodes > 0 {
        lengths.push(nodes);
        nodes = if nodes == 1 { 0 } else { nodes.div_ceil(GROUP_FANOUT) };
    }
    lengths
}

/// The levels of bounds as a tree: level 0 is the tiles, the last level the root.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    levels: Vec<&'a [Bounds]>,
    cities: usize,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its level: 0 for a tile.
    pub level: usize,
    /// Its number within the level.
    pub index: usize,
}

impl<'a> Tree<'a> {
    /// The tree of the bounds of all levels over `cities` cities.
    ///
    /// # Panics
    /// If there are not as many bounds as [`level_lengths`] says, or no city.
    pub fn new(mut bounds: &'a [Bounds], cities: usize) -> Tree<'a> {
        let lengths = level_lengths(cities);
        let levels = lengths.iter().map(|&length| {
            let (level, rest) = bounds.split_at(length);
            bounds = rest;
            level
        });
        let levels: Vec<_> = levels.collect();
        assert!(!levels.is_empty() && bounds.is_empty(), "a level for each length, and no more");
        Tree { levels, cities }
    }

    /// The node that holds all cities.
    pub fn root(&self) -> Node {
        Node { level: self.levels.len() - 1, index: 0 }
    }

    /// Number of nodes in a level.
    pub fn nodes(&self, level: usize) -> usize {
        self.levels[level].len()
    }

    /// The bounds of a node.
    #[inline]
    pub fn bounds(&self, node: Node) -> &'a Bounds {
        &self.levels[node.level][node.index]
    }

    /// The nodes of the level below that a node above level 0 is made of.
    #[inline]
    pub fn children(&self, node: Node) -> impl Iterator<Item = Node> + use<> {
        let level = node.level - 1;
        let first = node.index * GROUP_FANOUT;
        let end = (first + GROUP_FANOUT).min(self.nodes(level));
        (first..end).map(move |index| Node { level, index })
    }

    /// The positions of the cities of a node.
    pub fn positions(&self, node: Node) -> Range<usize> {
        let span = TILE_CITIES * GROUP_FANOUT.pow(node.level as u32);
        node.index * span..((node.index + 1) * span).min(self.cities)
    }
}

/// The bounds of all levels, one behind the other, from those of the tiles.
pub fn group_bounds(tile_bounds: Vec<Bounds>) -> Vec<Bounds> {
    let mut all = tile_bounds;
    let mut level = 0..all.len();
    while level.len() > 1 {
        let next = all.len();
        for first in level.clone().step_by(GROUP_FANOUT) {
            let members = &all[first..level.end.min(first + GROUP_FANOUT)];
            let group = members.iter().fold(Bounds::EMPTY, |group, &member| group.union(member));
            all.push(group);
        }
        level = next..all.len();
    }
    all
}
