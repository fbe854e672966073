//! What each rank did, gathered for `farthest pair --explain`.
//!
//! Architecture Invariant: it runs behind the timed part of the search, on all ranks or on none.

use crate::pairs::Taken;
use crate::reduction::Counts;
use crate::report::RankShare;
use crate::search::Found;
use crate::world::World;

/// The share of each rank, in the order of ranks, on the root; elsewhere nothing.
pub(super) fn explain(world: &World, found: &Found, search_s: f64) -> Vec<RankShare> {
    let hosts = world.hosts_at_root();
    let searches_s = world.gather_at_root(&[search_s]);
    let counts = world.gather_at_root(&Counts::of(found).to_words());
    let taken = world.gather_at_root(&found.taken.to_words());
    let counts = Counts::each(&counts);
    let taken = taken.chunks_exact(Taken::WORDS).map(Taken::from_words);
    let shares = (0..).zip(hosts).zip(searches_s).zip(counts.zip(taken));
    let share = |(((rank, host), search_s), (counts, taken)): (_, (Counts, Taken))| RankShare {
        rank,
        host,
        blocks: taken.blocks,
        first_blocks: taken.first.iter().map(|block| block.ends()).collect(),
        pairs_covered: counts.covered,
        pairs_evaluated: counts.evaluated,
        search_s,
    };
    shares.map(share).collect()
}
