//! Points: what a search sees of the cities, and all that it sees.
//!
//! Unit vectors in tiles, in the order of the curve, the bounds of tiles and of groups of tiles, and the
//! row of each point. A packed file holds them ready to be mapped; from vectors in memory they
//! are made in three steps: order, tiles, bounds. A program that has vectors and no degrees or names
//! begins here ([`PointBuffer::new`]).
//!
//! Architecture Invariant: a point has no degrees and no name, and nobody here knows of files.

use std::cmp::Ordering;

use crate::curve::curve_order;
use crate::sphere::UnitVector;
use crate::tiles::{Bounds, TILE_CITIES, Tile, Tree, group_bounds, level_lengths};

/// A view of points, which copies nothing. A position is a place in the order of the curve.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    tiles: &'a [Tile],
    bounds: &'a [Bounds],
    rows: &'a [u64],
}

impl<'a> Points<'a> {
    /// The points of as many rows, with their tiles, and the bounds of all levels.
    ///
    /// # Panics
    /// If there are not as many tiles and bounds as so many points have.
    pub fn new(tiles: &'a [Tile], bounds: &'a [Bounds], rows: &'a [u64]) -> Points<'a> {
        assert_eq!(tiles.len(), rows.len().div_ceil(TILE_CITIES), "tiles of {}", rows.len());
        let nodes: usize = level_lengths(rows.len()).iter().sum();
        assert_eq!(bounds.len(), nodes, "bounds of {}", rows.len());
        Points { tiles, bounds, rows }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Row in the source, counted from 0, of the point at `position`, which is below
    /// [`Points::len`].
    #[inline]
    pub fn row(&self, position: usize) -> u64 {
        self.rows[position]
    }

    /// Unit vector of the point at `position`.
    #[inline]
    pub fn vector(&self, position: usize) -> UnitVector {
        self.tiles[position / TILE_CITIES].vector(position % TILE_CITIES)
    }

    /// All tiles. The last is filled up with copies of the last point.
    #[inline]
    pub fn tiles(&self) -> &'a [Tile] {
        self.tiles
    }

    /// Bounds of the tiles, then of each level of groups up to the root
    /// (see [`crate::tiles::level_lengths`]).
    pub fn bounds(&self) -> &'a [Bounds] {
        self.bounds
    }

    /// The bounds as a tree.
    ///
    /// # Panics
    /// If there is no point.
    pub fn tree(&self) -> Tree<'a> {
        Tree::new(self.bounds, self.len())
    }
}

/// Points in memory.
#[derive(Clone, Debug)]
pub struct PointBuffer {
    tiles: Vec<Tile>,
    bounds: Vec<Bounds>,
    rows: Vec<u64>,
}

impl PointBuffer {
    /// The points of some vectors, each of length 1 to within 5e-16, as
    /// [`crate::sphere::unit_vector`] gives them; the row of each is its index. For other vectors no
    /// bound holds, and what is found means nothing.
    pub fn new(vectors: &[UnitVector]) -> PointBuffer {
        let compare = |a: usize, b: usize| {
            let axes = vectors[a].iter().zip(&vectors[b]);
            axes.map(|(p, q)| p.total_cmp(q)).fold(Ordering::Equal, Ordering::then)
        };
        PointBuffer::along(curve_order(vectors, compare), vectors, |index| index as u64)
    }

    /// The same in a given order of their indices, each with its row.
    pub fn along(
        order: Vec<u64>,
        vectors: &[UnitVector],
        row: impl Fn(usize) -> u64,
    ) -> PointBuffer {
        let mut tile_bounds = Vec::with_capacity(order.len().div_ceil(TILE_CITIES));
        let tiles = tiles_along(&order, vectors, &row, &mut tile_bounds).collect();
        let bounds = group_bounds(tile_bounds);
        let mut rows = order;
        for each in &mut rows {
            *each = row(*each as usize);
        }
        PointBuffer { tiles, bounds, rows }
    }

    /// The view that searches work on.
    pub fn points(&self) -> Points<'_> {
        Points::new(&self.tiles, &self.bounds, &self.rows)
    }
}

/// The tiles of some unit vectors in the given order of their indices; the bounds of each are added
/// to `bounds`.
pub fn tiles_along(
    order: &[u64],
    vectors: &[UnitVector],
    row: impl Fn(usize) -> u64,
    bounds: &mut Vec<Bounds>,
) -> impl Iterator<Item = Tile> {
    order.chunks(TILE_CITIES).map(move |members| {
        let tile = Tile::of(members.len(), |city| vectors[members[city] as usize]);
        let rows = members.iter().map(|&index| row(index as usize));
        bounds.push(Bounds::of_tile(&tile, rows.min().expect("a chunk has a member")));
        tile
    })
}
