//! What rank 0 must know of each rank for the report of `farthest pair`: one record of each, gathered
//! once; and what `--explain` tells of it.
//!
//! Architecture Invariant: it runs behind the timed part of the search, on all ranks.

use bytemuck::{Pod, Zeroable};

use crate::driver::Outcome;
use crate::pairs::ShareBlocks;
use crate::reduction::Counts;
use crate::report::{RankShare, RankTimes, ReadShare};
use crate::world::World;

/// What one rank did, as a message.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Record {
    counts: Counts,
    times: RankTimes,
    read: ReadShare,
    blocks: ShareBlocks,
}

/// What all ranks did, in the order of ranks, on the root; elsewhere nothing.
pub(super) struct Records(Vec<Record>);

impl Records {
    pub(super) fn gather(
        world: &World,
        times: RankTimes,
        read: ReadShare,
        outcome: &Outcome,
    ) -> Records {
        let (counts, blocks) = (Counts::of(&outcome.found), outcome.blocks);
        Records(world.gather_at_root(&[Record { counts, times, read, blocks }]))
    }

    pub(super) fn times(&self) -> Vec<RankTimes> {
        self.0.iter().map(|record| record.times).collect()
    }

    /// The sum over ranks.
    pub(super) fn counts(&self) -> Counts {
        self.0.iter().map(|record| record.counts).sum()
    }

    /// The share of each rank, with the host of each.
    pub(super) fn explain(&self, hosts: &[String]) -> Vec<RankShare> {
        let ranks = (0..).zip(hosts).zip(&self.0);
        ranks.map(|((rank, host), record)| record.explain(rank, host)).collect()
    }
}

impl Record {
    fn explain(&self, rank: u64, host: &str) -> RankShare {
        RankShare {
            rank,
            host: host.into(),
            read: self.read,
            read_s: self.times.read_s(),
            blocks: self.blocks.blocks,
            first_blocks: self.blocks.first().to_vec(),
            pairs_covered: self.counts.covered,
            pairs_evaluated: self.counts.evaluated,
            search_s: self.times.search_s,
        }
    }
}
