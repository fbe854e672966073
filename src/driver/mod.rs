//! The loop of the program: one rank's blocks of the pair space, one after the other.
//!
//! Before the loop, a pair to begin with; in it, a block is settled and somebody looks whether to go on; after
//! it, what was found. Whatever the method is, it goes through here, so that progress, limits of time
//! ([`limits`]) and checkpoints ([`checkpoint`]) stand once. The loop itself knows none of them: it asks the
//! one who looks after it ([`Watch`]), after every block, and within one that takes long.
//!
//! Architecture Invariant: the driver does not know how a block is settled.

#[cfg(feature = "mpi")]
pub mod attendant;
pub mod checkpoint;
pub mod each;
pub mod limits;
pub mod progress;

use crate::kernel::Kernel;
use crate::pairs::{Settled, Share, ShareBlocks};
use crate::pause::{self, Place};
use crate::ranking::{FarPair, Ranking};
use crate::search::{self, Damage, Field, Leave, Method, Search, ShareResult, Wanted, block_edge};

/// Looks after a search while it runs.
pub trait Watch {
    /// Is called after each block, and tells whether to go on. What is known so far is worked out if it asks.
    fn look(&mut self, at: &mut dyn FnMut() -> Standing) -> Next;

    /// Is called within a block that takes long, and tells whether to leave it: then it counts for nothing.
    fn look_within(&mut self, at: &mut dyn FnMut() -> Standing) -> Next {
        let _ = at;
        Next::GoOn
    }
}

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It settles the next block.
    GoOn,
    /// It ends here.
    Stop,
}

/// How far a rank is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Blocks of the share that this run has settled.
    pub settled: u64,
    /// Its cursor: of its blocks, those below are settled.
    pub cursor: u64,
    /// The farthest pair that it knows.
    pub farthest: Option<FarPair>,
}

/// Nobody looks after a search: it goes on to its end.
pub struct Nobody;

impl Watch for Nobody {
    #[inline]
    fn look(&mut self, _: &mut dyn FnMut() -> Standing) -> Next {
        Next::GoOn
    }
}

/// What one rank did; sums and maxima of these are the whole answer.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What it found, with the pairs of the share that earlier runs covered.
    pub found: ShareResult,
    /// The blocks that it settled.
    pub blocks: ShareBlocks,
    /// Its cursor at the end, and how many blocks it settled.
    pub cursor: u64,
    /// See above.
    pub settled: u64,
    /// Whether it was stopped before its share was settled.
    pub is_stopped: bool,
}

impl Outcome {
    /// How far the rank is.
    pub fn standing(&self) -> Standing {
        Standing { settled: self.settled, cursor: self.cursor, farthest: self.found.farthest() }
    }
}

/// Settles the blocks of a share, but for those that earlier runs have settled.
///
/// # Errors
/// As [`Search::settle`].
pub fn drive(
    search: &mut dyn Search,
    mut share: Share,
    earlier: &Settled,
    watch: &mut dyn Watch,
) -> Result<Outcome, Damage> {
    let mut left = share.filter(|&block| !earlier.has(block)).peekable();
    if left.peek().is_some() {
        search.begin(&mut left)?;
    }
    let (mut settled, mut covered_earlier) = (0, 0);
    let mut blocks = ShareBlocks::default();
    loop {
        let before = share;
        let Some(block) = share.next() else { break };
        if earlier.has(block) {
            covered_earlier += search.pairs(block);
            continue;
        }
        let mut leaves = |ranking: &Ranking| {
            let mut standing =
                || Standing { settled, cursor: before.cursor(), farthest: ranking.best() };
            watch.look_within(&mut standing) == Next::Stop
        };
        if !search.settle(block, &mut Leave::new(&mut leaves))? {
            share = before;
            break;
        }
        pause::at(Place::Settled);
        settled += 1;
        search.parts(block).into_iter().for_each(|part| blocks.note(|| part));
        let mut standing =
            || Standing { settled, cursor: share.cursor(), farthest: search.ranking().best() };
        if watch.look(&mut standing) == Next::Stop {
            break;
        }
    }
    let (cursor, mut is_stopped) = (share.cursor(), false);
    // Where it was stopped, some of the rest may have been settled earlier.
    for block in share {
        match earlier.has(block) {
            true => covered_earlier += search.pairs(block),
            false => is_stopped = true,
        }
    }
    let mut found = search.found();
    found.covered += covered_earlier;
    found.covered_earlier = covered_earlier;
    Ok(Outcome { found, blocks, cursor, settled, is_stopped })
}

/// Searches the share of rank `rank` of `ranks` to its end, with nobody looking after it: all of a list with one rank.
///
/// ```
/// use farthest::atlas::AtlasBuffer;
/// use farthest::driver::search;
/// use farthest::formats::{ReadOptions, read};
/// use farthest::kernel::Kernel;
/// use farthest::search::{Field, Method, Wanted};
///
/// let text = b"10.0 20.0 here\n-10.5 -160.0 almost opposite\n10.0 25.0 near\n";
/// let reading = read("cities.txt".as_ref(), text, &ReadOptions::default())?;
/// let buffer = AtlasBuffer::new(reading.list);
/// let points = buffer.atlas().points();
/// let field = Field::within(&points);
/// let found = search(field, Wanted::default(), Method::Pruned, Kernel::best(), 0, 1)?;
/// assert_eq!(found.farthest().map(|pair| pair.rows), Some([0, 1]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Whoever has unit vectors already needs no list:
///
/// ```
/// use farthest::driver::search;
/// use farthest::kernel::Kernel;
/// use farthest::points::PointBuffer;
/// use farthest::search::{Field, Method, Wanted};
///
/// let stars = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-0.6, -0.8, 0.0]];
/// let buffer = PointBuffer::new(&stars);
/// let points = buffer.points();
/// let field = Field::within(&points);
/// let found = search(field, Wanted::default(), Method::Pruned, Kernel::best(), 0, 1)?;
/// assert_eq!(found.farthest().map(|pair| pair.rows), Some([1, 2]));
/// # Ok::<(), farthest::search::Damage>(())
/// ```
///
/// # Errors
/// As [`Search::settle`].
pub fn search(
    field: Field<'_>,
    wanted: Wanted,
    method: Method,
    kernel: Kernel,
    rank: u64,
    ranks: u64,
) -> Result<ShareResult, Damage> {
    let edge = block_edge(method, field.cities(), ranks);
    let mut search = search::of(method, field, kernel, edge, wanted);
    let share = Share::new(rank, ranks, search.blocks());
    Ok(drive(&mut *search, share, &Settled::default(), &mut Nobody)?.found)
}
