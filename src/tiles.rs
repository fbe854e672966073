//! Tiles of 64 cities with their unit vectors, and the bounds of tiles and of groups of tiles.
//!
//! A tile is three arrays of 64: what a kernel loads, with no stride and no tail. The last tile
//! is filled up with copies of its last city; a kernel may look at them, and whoever reads its answer
//! leaves them out. The vectors of a tile are quick ones ([`crate::quick`]), made when a search asks for
//! them; no file has them. The bounds of a tile are a box in space; four tiles make a group with a box
//! around the four, four groups the next, up to a single root. A box serves both regimes of the search:
//! how near |p + q| can come to 0, how large |p − q| can grow.
//!
//! The faces of a box are f32, rounded outwards, so that a box holds the exact vectors of its cities
//! and its quick ones. They are offsets from an origin amid all cities, so that the boxes of a village are as
//! sharp as those of the world. What is lost is told apart once more: bounds know whether all their cities
//! are at one place.
//!
//! Architecture Invariant: tiles know vectors and rows, never degrees, names or files.

use std::array::from_fn;
use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::numbers::Numbers;
use crate::quick::{QUICK_ERROR, quick_vectors};
use crate::sphere::UnitVector;

/// Cities in a tile: eight lines of eight f64, and one bit each in a `u64`.
pub const TILE_CITIES: usize = 64;

/// Nodes in a group: a power of two.
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
        match <&[UnitVector; TILE_CITIES]>::try_from(vectors) {
            Ok(vectors) => Tile::of(TILE_CITIES, |city| vectors[city]),
            Err(_) => Tile::of(vectors.len(), |city| vectors[city]),
        }
    }

    /// The same of 1 to 64 cities that are asked for by number. They may lie far apart in memory:
    /// nothing else is done while they are fetched, so that their cache misses overlap.
    ///
    /// # Panics
    /// As [`Tile::new`].
    #[inline]
    pub fn of(cities: usize, vector: impl Fn(usize) -> UnitVector) -> Tile {
        assert!((1..=TILE_CITIES).contains(&cities), "a tile has 1 to 64 cities");
        let mut tile = Tile::zeroed();
        for lane in 0..TILE_CITIES {
            [tile.x[lane], tile.y[lane], tile.z[lane]] = vector(lane.min(cities - 1));
        }
        tile
    }

    /// The quick unit vectors of 64 latitudes and longitudes in degrees.
    #[inline(always)]
    pub fn quick(lat_deg: &[f64; TILE_CITIES], lon_deg: &[f64; TILE_CITIES]) -> Tile {
        let [x, y, z] = quick_vectors(lat_deg, lon_deg);
        Tile { x, y, z }
    }

    /// Least and greatest coordinates of all cities.
    pub fn corners(&self) -> [UnitVector; 2] {
        let boxes = Boxes::of_tile(self);
        let least = |faces: [f64; BOXES]| faces.into_iter().reduce(less).expect("eight");
        let greatest = |faces: [f64; BOXES]| faces.into_iter().reduce(greater).expect("eight");
        [boxes.min.map(least), boxes.max.map(greatest)]
    }

    /// x of all cities, y of all, z of all.
    fn axes(&self) -> [&[f64; TILE_CITIES]; 3] {
        [&self.x, &self.y, &self.z]
    }

    /// The unit vector in `lane`, which is below 64.
    pub fn vector(&self, lane: usize) -> UnitVector {
        [self.x[lane], self.y[lane], self.z[lane]]
    }
}

/// A box that holds every unit vector of a tile or group, as offsets from an origin; the lowest of its rows,
/// and whether its cities are all at one place.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Bounds {
    min: [f32; 3],
    max: [f32; 3],
    /// Lowest row, and [`ONE_PLACE`].
    row_and_mark: u64,
}

/// The mark, beside the row, of bounds whose cities are all at one place.
const ONE_PLACE: u64 = 1 << 63;

/// How far outside of the vectors that it is made of a box lies at least, before it is rounded: these and
/// the exact ones differ by one `QUICK_ERROR`, and taking off the origin and adding it rounds by less than
/// another.
const SKIN: f64 = 4.0 * QUICK_ERROR;

impl Bounds {
    /// The bounds of no city; a union with them changes nothing.
    pub const EMPTY: Bounds =
        Bounds { min: [f32::INFINITY; 3], max: [f32::NEG_INFINITY; 3], row_and_mark: !ONE_PLACE };

    /// Bounds that hold all unit vectors, wherever in their box the origin is.
    const WORLD: Bounds = Bounds { min: [-4.0; 3], max: [4.0; 3], row_and_mark: 0 };

    /// The bounds of vectors whose least and greatest coordinates are `corners`, given the lowest row of
    /// their cities and whether they are all at one place.
    pub fn new(
        [min, max]: [UnitVector; 2],
        origin: UnitVector,
        lowest_row: u64,
        is_one_place: bool,
    ) -> Bounds {
        Bounds {
            min: from_fn(|axis| below(min[axis] - origin[axis])),
            max: from_fn(|axis| above(max[axis] - origin[axis])),
            row_and_mark: lowest_row | if is_one_place { ONE_PLACE } else { 0 },
        }
    }

    /// Least and greatest coordinates, from the origin that the bounds were made with.
    #[inline]
    pub fn corners(&self, origin: UnitVector) -> [UnitVector; 2] {
        [self.min, self.max].map(|offsets| from_fn(|axis| origin[axis] + f64::from(offsets[axis])))
    }

    /// Lowest row in the source of a city within: what decides between equal distances.
    #[inline]
    pub fn lowest_row(&self) -> u64 {
        self.row_and_mark & !ONE_PLACE
    }

    /// Whether all cities within are at one place.
    #[inline]
    pub fn is_one_place(&self) -> bool {
        self.row_and_mark & ONE_PLACE != 0
    }

    /// Whether they hold something, and nothing that the others do not hold.
    #[inline(always)]
    fn is_box_within(&self, others: &Bounds) -> bool {
        (0..3).fold(true, |all, axis| {
            let (min, max) = (self.min[axis], self.max[axis]);
            all & (min <= max) & (others.min[axis] <= min) & (max <= others.max[axis])
        })
    }

    /// The least bounds that hold both. Whether two places are one is for the caller to say.
    pub fn union(self, other: Bounds, is_one_place: bool) -> Bounds {
        let row = self.lowest_row().min(other.lowest_row());
        Bounds {
            min: from_fn(|axis| self.min[axis].min(other.min[axis])),
            max: from_fn(|axis| self.max[axis].max(other.max[axis])),
            row_and_mark: row | if is_one_place { ONE_PLACE } else { 0 },
        }
    }
}

/// The greatest f32 that is surely below a coordinate of a vector.
fn below(value: f64) -> f32 {
    let outside = value - SKIN;
    let nearest = outside as f32;
    if f64::from(nearest) > outside { nearest.next_down() } else { nearest }
}

/// The least f32 that is surely above one.
fn above(value: f64) -> f32 {
    -below(-value)
}

/// Boxes that a kernel looks at together.
pub const BOXES: usize = 8;

/// Eight boxes, face by face: those of a group's nodes, or those of a tile's cities, eight by eight.
#[derive(Clone, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Boxes {
    /// Least x, then y, then z of each.
    pub min: [[f64; BOXES]; 3],
    /// Greatest x, then y, then z of each.
    pub max: [[f64; BOXES]; 3],
}

impl Boxes {
    /// Eight boxes of nothing.
    pub const EMPTY: Boxes =
        Boxes { min: [[f64::INFINITY; BOXES]; 3], max: [[f64::NEG_INFINITY; BOXES]; 3] };

    /// The boxes with up to eight least and greatest coordinates; the others hold nothing.
    pub fn of_corners(corners: impl Iterator<Item = [UnitVector; 2]>) -> Boxes {
        let mut boxes = Boxes::EMPTY;
        for (at, [min, max]) in corners.enumerate() {
            for axis in 0..3 {
                boxes.min[axis][at] = min[axis];
                boxes.max[axis][at] = max[axis];
            }
        }
        boxes
    }

    /// The boxes of each eight consecutive cities of a tile. A coordinate that is no number, as in
    /// a damaged file, may spoil its box.
    pub fn of_tile(tile: &Tile) -> Boxes {
        Boxes {
            min: tile.axes().map(|values| of_eights(values, less)),
            max: tile.axes().map(|values| of_eights(values, greater)),
        }
    }

    /// Least and greatest x, y and z of one of them.
    #[inline]
    pub fn corners(&self, at: usize) -> [UnitVector; 2] {
        [&self.min, &self.max].map(|axes| [axes[0][at], axes[1][at], axes[2][at]])
    }
}

/// The least or the greatest of each eight consecutive values: of two, of four, of eight.
fn of_eights(values: &[f64; TILE_CITIES], of_two: fn(f64, f64) -> f64) -> [f64; BOXES] {
    let twos: [f64; 32] = from_fn(|at| of_two(values[2 * at], values[2 * at + 1]));
    let fours: [f64; 16] = from_fn(|at| of_two(twos[2 * at], twos[2 * at + 1]));
    from_fn(|at| of_two(fours[2 * at], fours[2 * at + 1]))
}

/// The lesser of two numbers; the second where one is NaN. Unlike `f64::min` it is one instruction.
#[inline]
pub(crate) fn less(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The greater of two numbers; the second where one is NaN. Unlike `f64::max` it is one instruction.
#[inline]
pub(crate) fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
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
    origin: UnitVector,
    /// Which city stands where; none where the tree stands over the cities as they stand.
    order: Option<Numbers<'a>>,
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
    /// The tree of the bounds of all levels over `cities` cities, made with an origin, in the order of their
    /// positions or in that given.
    ///
    /// # Panics
    /// If there are not as many bounds as [`level_lengths`] says, or no city.
    pub fn new(
        mut bounds: &'a [Bounds],
        origin: UnitVector,
        order: Option<Numbers<'a>>,
        cities: usize,
    ) -> Tree<'a> {
        let lengths = level_lengths(cities);
        let levels = lengths.iter().map(|&length| {
            let (level, rest) = bounds.split_at(length);
            bounds = rest;
            level
        });
        let levels: Vec<_> = levels.collect();
        assert!(!levels.is_empty() && bounds.is_empty(), "a level for each length, and no more");
        Tree { levels, origin, order, cities }
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

    /// Least and greatest coordinates of the cities of a node.
    #[inline]
    pub fn corners(&self, node: Node) -> [UnitVector; 2] {
        self.bounds(node).corners(self.origin)
    }

    /// A node whose bounds cannot be those of unit vectors, or do not hold what is in it: a damaged file may
    /// have one, and would have pairs passed over.
    pub fn find_fault(&self) -> Option<Node> {
        if !self.bounds(self.root()).is_box_within(&Bounds::WORLD) {
            return Some(self.root());
        }
        self.levels.windows(2).enumerate().find_map(|(level, levels)| {
            let groups = levels[0].chunks(GROUP_FANOUT).zip(levels[1]);
            // All of a group without a branch: a million cities have 20,000 nodes.
            let is_sound = |(group, above): (&[Bounds], &Bounds)| {
                group.iter().fold(true, |all, bounds| all & bounds.is_box_within(above))
            };
            let group = groups.clone().position(|group| !is_sound(group))?;
            let mut nodes = self.children(Node { level: level + 1, index: group });
            nodes.find(|&node| !self.bounds(node).is_box_within(&levels[1][group]))
        })
    }

    /// The nodes of the level below that a node above level 0 is made of.
    #[inline]
    pub fn children(&self, node: Node) -> impl Iterator<Item = Node> + use<> {
        let level = node.level - 1;
        let first = node.index * GROUP_FANOUT;
        let end = (first + GROUP_FANOUT).min(self.nodes(level));
        (first..end).map(move |index| Node { level, index })
    }

    /// The children of a node that is on a level, or the node itself if it is below.
    #[inline]
    pub fn opened(&self, node: Node, level: usize) -> impl Iterator<Item = Node> + Clone + use<> {
        let (below, first, end) = match node.level < level {
            true => (node.level, node.index, node.index + 1),
            false => {
                let first = node.index * GROUP_FANOUT;
                (level - 1, first, (first + GROUP_FANOUT).min(self.nodes(level - 1)))
            }
        };
        (first..end).map(move |index| Node { level: below, index })
    }

    /// The places in the tree of the cities of a node.
    #[inline]
    pub fn places(&self, node: Node) -> Range<usize> {
        let span = span_of_level(node.level);
        node.index * span..((node.index + 1) * span).min(self.cities)
    }

    /// The position of the city at a place in the tree.
    #[inline]
    pub fn position(&self, place: usize) -> usize {
        self.order.map_or(place, |order| order.get(place) as usize)
    }
}

/// The bounds of a group of nodes. `is_at_first` tells whether the cities of a node of the group, which are at
/// one place, are at that of the first node, whose are too.
pub fn bounds_of_group(nodes: &[Bounds], is_at_first: impl Fn(usize) -> bool) -> Bounds {
    nodes.iter().enumerate().skip(1).fold(nodes[0], |group, (at, &node)| {
        let is_one_place = group.is_one_place() && node.is_one_place() && is_at_first(at);
        group.union(node, is_one_place)
    })
}

/// Places in the tree of a full node of a level.
pub fn span_of_level(level: usize) -> usize {
    TILE_CITIES << (GROUP_FANOUT.ilog2() as usize * level)
}

/// The bounds of all levels, one behind the other, from those of the tiles. `are_one_place` is given the
/// first places of two nodes whose cities are each at one place.
pub fn group_bounds(
    tile_bounds: Vec<Bounds>,
    are_one_place: impl Fn(usize, usize) -> bool,
) -> Vec<Bounds> {
    let mut all = tile_bounds;
    let mut nodes = 0..all.len();
    for level in 0.. {
        if nodes.len() <= 1 {
            break;
        }
        let (next, span) = (all.len(), span_of_level(level));
        for first in nodes.clone().step_by(GROUP_FANOUT) {
            let start = |at: usize| (first - nodes.start + at) * span;
            let members = first..nodes.end.min(first + GROUP_FANOUT);
            let is_at_first = |at| are_one_place(start(0), start(at));
            all.push(bounds_of_group(&all[members], is_at_first));
        }
        nodes = next..all.len();
    }
    all
}
