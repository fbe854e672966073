//! Points: what a search sees of the cities, and all that it sees.
//!
//! Regions and the places of the cities in them, for the join; where each city is exactly, and its row;
//! and a tree of bounds over the cities, for what the join gives up. A packed file holds all of it, ready
//! to be mapped. In memory cities are dealt to regions, and the tree grows only if somebody asks for
//! it: it wants them sorted, which takes longer than the search. A program that has vectors and no degrees
//! or names begins here ([`PointBuffer::new`]).
//!
//! Architecture Invariant: a point has no name, and nobody here knows of files.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::OnceLock;

use crate::deal::{Dealt, SpotList, deal};
use crate::kernel::Kernel;
use crate::kernel::stream::prefetch;
use crate::map::Pages;
use crate::numbers::{NumberBuffer, Numbers};
use crate::order::{bounds_along, curve_order};
use crate::regions::{Place, Region, Regions};
use crate::sites::Sites;
use crate::sphere::UnitVector;
use crate::tiles::{Bounds, TILE_CITIES, Tile, Tree, level_lengths};

/// A view of points, which copies nothing.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    regions: Regions<'a>,
    places: &'a [Place],
    sites: Sites<'a>,
    growth: Growth<'a>,
}

/// Where the tree is.
#[derive(Clone, Copy, Debug)]
enum Growth<'a> {
    Stored(&'a [Bounds], UnitVector),
    /// Over the points as they stand.
    Bounds(&'a OnceLock<BoundsBuffer>),
    OnDemand(&'a OnceCell<TreeBuffer>),
}

impl<'a> Points<'a> {
    /// The points of some sites that stand along the curve, with their places, the table of their
    /// regions, and the bounds of all levels with their origin.
    ///
    /// # Panics
    /// If there are not as many places and bounds as so many points have.
    pub fn new(
        regions: &'a [Region],
        places: &'a [Place],
        sites: Sites<'a>,
        (bounds, origin): (&'a [Bounds], UnitVector),
    ) -> Points<'a> {
        let nodes: usize = level_lengths(sites.len()).iter().sum();
        assert_eq!(bounds.len(), nodes, "bounds of {}", sites.len());
        Points::grown(regions, places, sites, Growth::Stored(bounds, origin))
    }

    /// The same without bounds, which are made and put into the cell if somebody asks for them.
    ///
    /// # Panics
    /// If there are not as many places as points.
    pub fn without_bounds(
        regions: &'a [Region],
        places: &'a [Place],
        sites: Sites<'a>,
        bounds: &'a OnceLock<BoundsBuffer>,
    ) -> Points<'a> {
        Points::grown(regions, places, sites, Growth::Bounds(bounds))
    }

    fn grown(
        regions: &'a [Region],
        places: &'a [Place],
        sites: Sites<'a>,
        growth: Growth<'a>,
    ) -> Points<'a> {
        assert_eq!(places.len(), sites.len(), "a place for each point");
        Points { regions: Regions::new(regions, sites.len()), places, sites, growth }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The regions.
    #[inline]
    pub fn regions(&self) -> Regions<'a> {
        self.regions
    }

    /// The place of each point in its region.
    #[inline]
    pub fn places(&self) -> &'a [Place] {
        self.places
    }

    /// Where each point is, and its row.
    #[inline]
    pub fn sites(&self) -> &Sites<'a> {
        &self.sites
    }

    /// Row in the source, counted from 0, of the point at `position`, which is below
    /// [`Points::len`].
    #[inline]
    pub fn row(&self, position: usize) -> u64 {
        self.sites.row(position)
    }

    /// The exact unit vector of the point at `position`.
    #[inline]
    pub fn vector(&self, position: usize) -> UnitVector {
        self.sites.vector(position)
    }

    /// Whether the points stand along the curve, as in a packed file, so that equal ones are neighbours.
    pub fn are_along_curve(&self) -> bool {
        !matches!(self.growth, Growth::OnDemand(_))
    }

    /// Whether there is a tree already.
    pub fn has_tree(&self) -> bool {
        match self.growth {
            Growth::Stored(..) => true,
            Growth::Bounds(cell) => cell.get().is_some(),
            Growth::OnDemand(cell) => cell.get().is_some(),
        }
    }

    /// The tree over the points. In memory it is grown now, if it is not there yet.
    ///
    /// # Panics
    /// If there is no point.
    pub fn tree(&self) -> Tree<'a> {
        match self.growth {
            Growth::Stored(bounds, origin) => Tree::new(bounds, origin, None, self.len()),
            Growth::Bounds(cell) => {
                let (bounds, origin) = cell
                    .get_or_init(|| {
                        let (bounds, origin) = bounds_along(&self.sites, |place| place);
                        BoundsBuffer { bounds, origin }
                    })
                    .parts();
                Tree::new(bounds, origin, None, self.len())
            }
            Growth::OnDemand(cell) => {
                let grown = cell.get_or_init(|| TreeBuffer::grow(self));
                let order = Some(grown.order.numbers());
                Tree::new(&grown.bounds, grown.origin, order, self.len())
            }
        }
    }
}

/// Bounds in memory over points that stand along the curve.
#[derive(Debug)]
pub struct BoundsBuffer {
    bounds: Vec<Bounds>,
    origin: UnitVector,
}

impl BoundsBuffer {
    fn parts(&self) -> (&[Bounds], UnitVector) {
        (&self.bounds, self.origin)
    }
}

/// A tree in memory.
#[derive(Debug)]
struct TreeBuffer {
    order: NumberBuffer,
    bounds: Vec<Bounds>,
    origin: UnitVector,
}

impl TreeBuffer {
    fn grow(points: &Points<'_>) -> TreeBuffer {
        let order = curve_order(&points.regions(), points.sites());
        let position = |at: usize| order.numbers().get(at) as usize;
        let (bounds, origin) = bounds_along(points.sites(), position);
        TreeBuffer { order, bounds, origin }
    }
}

/// Cities dealt to regions, in memory.
#[derive(Debug)]
pub struct Arrangement {
    regions: Vec<Region>,
    places: Pages<Place>,
    order: NumberBuffer,
    tree: OnceCell<TreeBuffer>,
}

impl Arrangement {
    /// Deals unit vectors.
    pub fn of_vectors(vectors: &[UnitVector]) -> Arrangement {
        Arrangement::of_tiles(vectors.len(), |_, cities| {
            let next = cities.end..cities.end + TILE_CITIES;
            prefetch(vectors.get(next).unwrap_or_default());
            Tile::new(&vectors[cities])
        })
    }

    /// Deals so many cities; `tile` is given 64 of them or, in the end, fewer.
    fn of_tiles(cities: usize, tile: impl Fn(Kernel, Range<usize>) -> Tile) -> Arrangement {
        let kernel = Kernel::best();
        let spots = SpotList::new(cities, |members| kernel.spots(&tile(kernel, members)));
        match u32::try_from(cities) {
            Ok(_) => Arrangement::of_dealt(deal(&spots), NumberBuffer::Short),
            Err(_) => Arrangement::of_dealt(deal(&spots), NumberBuffer::Long),
        }
    }

    fn of_dealt<I>(dealt: Dealt<I>, order: impl Fn(Pages<I>) -> NumberBuffer) -> Arrangement {
        let Dealt { regions, order: indices, places } = dealt;
        Arrangement { regions, places, order: order(indices), tree: OnceCell::new() }
    }

    /// The table of regions.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The index of the city at each position.
    pub fn order(&self) -> Numbers<'_> {
        self.order.numbers()
    }

    fn points<'a>(&'a self, sites: Sites<'a>) -> Points<'a> {
        let regions = Regions::new(&self.regions, self.places.len());
        Points { regions, places: &self.places, sites, growth: Growth::OnDemand(&self.tree) }
    }
}

/// Points of unit vectors in memory.
#[derive(Debug)]
pub struct PointBuffer<'v> {
    vectors: &'v [UnitVector],
    arrangement: Arrangement,
}

impl<'v> PointBuffer<'v> {
    /// The points of some vectors, each of length 1 to within 5e-16, as
    /// [`crate::sphere::unit_vector`] gives them; the row of each is its index. For other vectors no
    /// bound holds, and what is found means nothing.
    pub fn new(vectors: &'v [UnitVector]) -> PointBuffer<'v> {
        PointBuffer { vectors, arrangement: Arrangement::of_vectors(vectors) }
    }

    /// The view that searches work on.
    pub fn points(&self) -> Points<'_> {
        self.arrangement.points(Sites::Vectors(self.arrangement.order(), self.vectors))
    }
}
