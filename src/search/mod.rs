//! The search: blocks of the pair space in, the farthest pair and counts out.
//!
//! `naive` is the teaching baseline with a formula of its own; `exhaustive` puts every pair
//! through tile and kernel; `pruned` looks only where near antipodes can be (`join`), or skips
//! whole groups of tiles that a bound rules out (`tree`). All settle one block of a pair space after the other,
//! whichever they are given, and count the pairs that they settle.
//!
//! Architecture Invariant: a search knows no rank and no clock.

mod bracket;
mod chains;
mod couple;
mod damage;
pub mod each;
mod exhaustive;
mod field;
mod finalists;
mod firsts;
mod join;
mod naive;
mod pruned;
mod reach;
mod slots;
mod start;
mod stripes;
mod tree;
mod vectors;

pub use bracket::upper_bound_km;
pub use damage::Damage;
pub use field::Field;
pub use naive::haversine_km;

use crate::kernel::Kernel;
use crate::metric::Metric;
use crate::pairs::{Block, PairSpace, Pairing};
use crate::points::Points;
use crate::ranking::{FarPair, Ranking};
use crate::tiles::{Node, TILE_CITIES, Tile, Tree};

use exhaustive::Exhaustive;
use firsts::Firsts;
use naive::Naive;
use pruned::Pruned;

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

/// A method at work: it settles the blocks that it is given, each of which stands for some pairs. The blocks of
/// all numbers are all pairs, each pair once.
pub trait Search {
    /// Number of blocks.
    fn blocks(&self) -> u64;

    /// The pairs of a block, as rows with the columns behind each of them.
    fn parts(&self, block: u64) -> Vec<Block>;

    /// Number of pairs of a block, by the pair space alone.
    fn pairs(&self, block: u64) -> u128 {
        self.parts(block).iter().map(Block::pairs).sum()
    }

    /// Finds a pair to begin with, in the blocks that are to be settled.
    ///
    /// # Errors
    /// As [`Search::settle`].
    fn begin(&mut self, blocks: &mut dyn Iterator<Item = u64>) -> Result<(), Damage> {
        let _ = blocks;
        Ok(())
    }

    /// Settles a block: no pair of it is farther than the farthest found. `false` if it was left ([`Leave`]): then it
    /// is not settled, and counts for nothing but the pairs that were found.
    ///
    /// # Errors
    /// [`Damage`], if a distance came out that is none, or a bound that does not hold.
    fn settle(&mut self, block: u64, leave: &mut Leave<'_>) -> Result<bool, Damage>;

    /// Takes the pair of two positions into account, which was found before; what is no pair is passed over.
    ///
    /// # Errors
    /// As [`Search::settle`].
    fn consider(&mut self, positions: [usize; 2]) -> Result<(), Damage>;

    /// The farthest pairs found so far.
    fn ranking(&self) -> &Ranking;

    /// What was found so far, in the blocks that were settled.
    fn found(&self) -> ShareResult;
}

/// Asks within a block whether to leave it. Most take milliseconds; but where many pairs are nearly the farthest, one
/// can take minutes.
pub struct Leave<'w> {
    ask: &'w mut dyn FnMut(&Ranking) -> bool,
    /// Pairs looked at since it was asked last.
    pairs: u64,
    has_left: bool,
}

impl<'w> Leave<'w> {
    /// `ask` is told the farthest pairs so far.
    pub fn new(ask: &'w mut dyn FnMut(&Ranking) -> bool) -> Leave<'w> {
        Leave { ask, pairs: 0, has_left: false }
    }

    /// Whether to leave the block, now that so many more pairs were looked at one by one.
    #[inline]
    fn after(&mut self, pairs: u64, ranking: &Ranking) -> bool {
        self.pairs += pairs;
        if self.pairs >= PAIRS_TO_ASK && !self.has_left {
            self.pairs = 0;
            self.has_left = (self.ask)(ranking);
        }
        self.has_left
    }
}

/// Pairs of which each takes a microsecond at most.
const PAIRS_TO_ASK: u64 = 1 << 16;

/// Which pairs are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// How many, the farthest: 1 or more.
    pub pairs: usize,
    /// Whether cities at one place, with the same exact vector, count as one, the one with the lowest row. The points
    /// must stand along the curve then, as those of an atlas do.
    pub is_distinct: bool,
    /// What the distance is. The points have geodetic vectors, whatever it is; [`Method::Naive`] knows the sphere alone.
    pub metric: Metric,
}

impl Default for Wanted {
    /// The farthest pair on the sphere.
    fn default() -> Wanted {
        Wanted { pairs: 1, is_distinct: false, metric: Metric::Sphere }
    }
}

/// What was found in some blocks; sums over ranks, and the farthest of all of their pairs, are the whole answer.
#[derive(Clone, Debug, Default)]
pub struct ShareResult {
    /// The farthest pairs known: pairs of the blocks, or others that are farther, with which the search began.
    pub ranking: Ranking,
    /// Pairs of the blocks, as they were counted when they were settled.
    pub covered: u128,
    /// Those of them that earlier runs settled.
    pub covered_earlier: u128,
    /// Pairs whose distance, or a bound of it, was computed one by one, but for those that the
    /// first incumbent was found with.
    pub evaluated: u128,
    /// Pairs of groups that a bound could not rule out.
    pub groups_opened: u128,
    /// Regions that the tree settled, because the join gave them up or was not asked.
    pub regions_by_tree: u128,
}

impl ShareResult {
    /// The farthest pair, if there is any.
    pub fn farthest(&self) -> Option<FarPair> {
        self.ranking.best()
    }
}

/// A method at work on a field. `edge` is that of [`block_edge`], or what it was on another number of ranks.
pub fn of<'a>(
    method: Method,
    field: Field<'a>,
    kernel: Kernel,
    edge: u64,
    wanted: Wanted,
) -> Box<dyn Search + 'a> {
    match method {
        Method::Naive => Box::new(Naive::new(field, edge, wanted)),
        Method::Exhaustive => Box::new(Exhaustive::new(field, kernel, edge, wanted)),
        Method::Pruned | Method::Join | Method::Tree => {
            Box::new(Pruned::new(field, kernel, method, wanted))
        }
    }
}

/// Edge of a block, in cities: whole tiles, at most 512, which lets the columns of a class stay in the
/// second-level cache, and so many that each rank has some 32 blocks to balance its share with,
/// however many ranks there are. Of s stripes there are s²/2 blocks, and for each of them two
/// stripes of cities are brought into the coarse form: more blocks than that would be more of it.
///
/// A block of `naive` has at most 16 tiles, a million pairs and a tenth of a second: a search can stop
/// only between two of them. A region is a block already, and its edge is 0.
pub fn block_edge(method: Method, cities: u64, ranks: u64) -> u64 {
    const BLOCKS_PER_RANK: u64 = 32;
    let most_tiles = match method {
        Method::Naive => 16,
        Method::Exhaustive => 512,
        Method::Pruned | Method::Join | Method::Tree => return 0,
    };
    let tiles = cities.div_ceil(TILE_CITIES as u64);
    let stripes = ranks.saturating_mul(2 * BLOCKS_PER_RANK).isqrt();
    (tiles / stripes).clamp(1, most_tiles) * TILE_CITIES as u64
}

/// Number of blocks of a pair space.
fn block_count(space: &PairSpace) -> u64 {
    // Blocks have an edge of a tile at least, and 2³⁸ cities would be in 2⁶³ of those.
    u64::try_from(space.blocks()).expect("less than 2⁶⁴ blocks")
}

/// The tree over some points, which is grown if there is none yet.
///
/// # Errors
/// [`Damage::Bounds`], if the bounds of a packed file are damaged so that pairs would be passed over.
fn sound_tree<'a>(points: &Points<'a>) -> Result<Tree<'a>, Damage> {
    let tree = points.tree();
    tree.find_fault().map_or(Ok(tree), |node| Err(Damage::Bounds { node }))
}

/// The quick vectors of a tile of the tree.
fn quick_tile(points: &Points<'_>, tree: &Tree<'_>, kernel: Kernel, node: Node) -> Tile {
    let places = tree.places(node);
    let position = |lane: usize| tree.position((places.start + lane).min(places.end - 1));
    points.sites().tile(kernel, position)
}

/// The vectors of a metric of a tile of geodetic ones.
fn tile_of_metric(metric: &Metric, tile: Tile) -> Tile {
    match metric {
        Metric::Sphere => tile,
        _ => Tile::of(TILE_CITIES, |lane| metric.of_geodetic(tile.vector(lane))),
    }
}

/// Tells which cities count, where copies count as one.
pub(crate) struct Counted<'a> {
    field: Field<'a>,
    /// Of the cities that stand first in pairs and of those that stand second; of one list only the first.
    firsts: Option<[Firsts<'a>; 2]>,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(field: Field<'a>, wanted: Wanted) -> Counted<'a> {
        let firsts = wanted.is_distinct.then(|| field.points().map(Firsts::new));
        Counted { field, firsts }
    }

    /// Whether the city at a position of the points that stand first in pairs (0), or second (1), counts.
    #[inline(always)]
    pub(crate) fn has(&mut self, of: usize, position: usize) -> bool {
        let of = if self.field.pairing() == Pairing::Within { 0 } else { of };
        self.firsts.as_mut().is_none_or(|firsts| firsts[of].has(position))
    }

    /// Whether both cities of a pair count.
    pub(crate) fn has_both(&mut self, [i, j]: [usize; 2]) -> bool {
        self.has(0, i) && self.has(1, j)
    }
}

/// Offers the pair of two positions to a ranking; tells whether the distance of its threshold grew.
#[inline(always)]
pub(crate) fn offer(
    field: &Field<'_>,
    ranking: &mut Ranking,
    positions: [usize; 2],
    distance_km: f64,
) -> Result<bool, Damage> {
    // Most pairs of `naive` end here, before their rows are looked up. What is no distance goes on.
    let is_near = |threshold: FarPair| (0.0..threshold.distance_km).contains(&distance_km);
    if ranking.threshold().is_some_and(is_near) {
        return Ok(false);
    }
    match field.far_pair(positions, distance_km) {
        Some(pair) => Ok(ranking.offer(pair)),
        None => {
            let rows = field.rows(positions);
            Err(Damage::Distance { rows, found_km: distance_km })
        }
    }
}
