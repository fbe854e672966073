//! The blocks of one rank, by number, and those that earlier runs have settled.
//!
//! Rank r of P takes blocks r, r + P, r + 2P, …: block-cyclic, so that cheaper blocks spread evenly. One number
//! says how far a rank is: its cursor, the next block that it would take. So the cursors of all ranks are
//! all that a run leaves for the next one: block k is settled if k is below the cursor of rank k mod P. Each run
//! of a job that was stopped several times leaves such a layer, on as many ranks as it had.
//!
//! Architecture Invariant: a block is only a number here.

/// The blocks of a rank that it has yet to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    next: u64,
    ranks: u64,
    blocks: u64,
}

impl Share {
    /// The blocks of rank `rank` of `ranks`, of `blocks` in all.
    ///
    /// # Panics
    /// If there is no such rank.
    pub fn new(rank: u64, ranks: u64, blocks: u64) -> Share {
        assert!(rank < ranks, "rank {rank} of {ranks}");
        Share { next: rank, ranks, blocks }
    }

    /// The cursor: the block that is taken next, which is beyond the last one in the end.
    pub fn cursor(&self) -> u64 {
        self.next
    }
}

impl Iterator for Share {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let block = self.next;
        (block < self.blocks).then(|| {
            self.next = block.saturating_add(self.ranks);
            block
        })
    }
}

/// The blocks that earlier runs have settled, run by run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    layers: Vec<Vec<u64>>,
}

impl Settled {
    /// What the layers of earlier runs say, each with the cursor of every rank. A layer without ranks says
    /// nothing.
    pub fn new(layers: Vec<Vec<u64>>) -> Settled {
        Settled { layers: layers.into_iter().filter(|cursors| !cursors.is_empty()).collect() }
    }

    /// The layers, the oldest first.
    pub fn layers(&self) -> &[Vec<u64>] {
        &self.layers
    }

    /// Whether one of them has settled a block.
    #[inline]
    pub fn has(&self, block: u64) -> bool {
        let is_below =
            |cursors: &Vec<u64>| block < cursors[(block % cursors.len() as u64) as usize];
        self.layers.iter().any(is_below)
    }
}
