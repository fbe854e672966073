//! The search: the share of one rank of the pair space in, its farthest pair and counts out.
//!
//! `naive` is the teaching baseline with a formula of its own; `exhaustive` puts every pair
//! through tile and kernel; `pruned` looks only where near antipodes can be (`join`), or skips
//! whole groups of tiles that a bound rules out (`tree`). All take every P-th block of a pair space, and all
//! count the pairs that they settle.
//!
//! Architecture Invariant: a search knows its rank only as a number, and no other rank.

mod chains;
mod exhaustive;
mod finalists;
mod join;
mod naive;
mod pruned;
mod reach;
mod start;
mod stripes;
mod tree;

pub use exhaustive::search as exhaustive;
pub use naive::haversine_km;
pub use pruned::{Settler, search as pruned, search_by as pruned_by};

use crate::atlas::Atlas;
use crate::incumbent::{FarPair, Incumbent};
use crate::kernel::Kernel;
use crate::pairs::Taken;
use crate::points::Points;
use crate::tiles::{Node, TILE_CITIES, Tile, Tree};

/// How to find the farthest pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The notebook's algorithm: haversine of every pair.
    Naive,
    /// Every pair, through tile and kernel.
    Exhaustive,
    /// The pairs that no bound rules out.
    Pruned,
    /// The same by the join, as long as it can: for tests.
    Join,
    /// The same by the tree alone: for tests.
    Tree,
}

impl Method {
    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Method::Naive => "naive",
            Method::Exhaustive => "exhaustive",
            Method::Pruned => "pruned",
            Method::Join => "join",
            Method::Tree => "tree",
        }
    }

    /// Which search decided, given the number of regions that the tree settled; `None` where there is no
    /// choice.
    pub fn search_name(self, regions_by_tree: u128) -> Option<&'static str> {
        match self {
            Method::Naive | Method::Exhaustive => None,
            _ if regions_by_tree > 0 => Some("tree"),
            _ => Some("join"),
        }
    }
}

/// What one rank found in its share; sums and maxima of these are the whole answer.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The farthest pair that this rank knows, if its share has a pair: that of the share, or one that is
    /// farther, with which it began.
    pub farthest: Option<FarPair>,
    /// Pairs that the share is made of.
    pub covered: u128,
    /// Pairs whose distance, or a bound of it, was computed one by one, but for those that the
    /// first incumbent was found with.
    pub evaluated: u128,
    /// Pairs of groups that a bound could not rule out.
    pub groups_opened: u128,
    /// Regions that the tree settled, because the join gave them up or was not asked.
    pub regions_by_tree: u128,
    /// The blocks that the share is made of.
    pub taken: Taken,
}

/// Searches the share of rank `rank` of `ranks`.
///
/// # Errors
/// A sentence, if a distance came out that is none: the sections of a packed file are damaged.
pub fn search(
    atlas: &Atlas<'_>,
    method: Method,
    kernel: Kernel,
    rank: u64,
    ranks: u64,
) -> Result<Found, String> {
    match method {
        Method::Naive => naive::search(atlas, rank, ranks),
        Method::Exhaustive => exhaustive(&atlas.points(), kernel, rank, ranks),
        Method::Pruned => pruned(&atlas.points(), kernel, rank, ranks),
        Method::Join => pruned_by(Settler::Join, &atlas.points(), kernel, rank, ranks),
        Method::Tree => pruned_by(Settler::Tree, &atlas.points(), kernel, rank, ranks),
    }
}

/// Edge of a block: whole tiles, at most 512, which lets the columns of a class stay in the
/// second-level cache, and so many that each rank has some 32 blocks to balance its share with,
/// however many ranks there are. Of s stripes there are s²/2 blocks, and for each of them two
/// stripes of cities are brought into the coarse form: more blocks than that would be more of it.
fn block_edge(cities: u64, ranks: u64) -> u64 {
    const MOST_TILES: u64 = 512;
    const BLOCKS_PER_RANK: u64 = 32;
    let tiles = cities.div_ceil(TILE_CITIES as u64);
    let stripes = ranks.saturating_mul(2 * BLOCKS_PER_RANK).isqrt();
    (tiles / stripes).clamp(1, MOST_TILES) * TILE_CITIES as u64
}

/// The quick vectors of a tile of the tree.
fn quick_tile(points: &Points<'_>, tree: &Tree<'_>, kernel: Kernel, node: Node) -> Tile {
    let places = tree.places(node);
    let position = |lane: usize| tree.position((places.start + lane).min(places.end - 1));
    points.sites().tile(kernel, position)
}

/// Offers the pair of two positions to the incumbent; tells whether the distance grew.
pub(crate) fn offer(
    points: &Points<'_>,
    incumbent: &mut Incumbent,
    [i, j]: [u64; 2],
    distance_km: f64,
) -> Result<bool, String> {
    let city = |position: u64| (points.row(position as usize), position);
    match FarPair::new(distance_km, city(i), city(j)) {
        Some(pair) => Ok(incumbent.offer(pair)),
        None => {
            let rows = [city(i).0, city(j).0];
            Err(format!(
                "expected a distance between rows {rows:?}, found {distance_km}: the file is \
                 damaged inside; see where with --verify, and pack it again"
            ))
        }
    }
}
