//! What the ranks of other nodes bring to the root, however much it is.
//!
//! Architecture Invariant: it does not know what the bytes mean.

use mpi::traits::*;

use super::{PIECE_BYTES, ROOT, World, steps};
use crate::error::Result;

impl World {
    /// Brings the bytes of each rank that does not share the root's memory to the root, rank by rank, piece by piece;
    /// `take` is given the rank, how many of its bytes came before, and the next. Ranks of the root's node bring
    /// nothing. A piece has a multiple of 2²⁰ bytes, but for the last of a rank.
    ///
    /// # Errors
    /// The first error of `take`, on all ranks.
    pub fn bring_to_root(
        &self,
        mine: &[u8],
        mut take: impl FnMut(u64, u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        steps::enter();
        let lengths = self.gather_at_root(&[match self.is_on_node_of_root() {
            true => 0,
            false => mine.len() as u64,
        }]);
        let root = self.world.process_at_rank(ROOT);
        if !self.is_on_node_of_root() {
            mine.chunks(PIECE_BYTES).for_each(|piece| root.send(piece));
        }
        let mut taken = Ok(());
        let mut piece =
            vec![0; PIECE_BYTES.min(lengths.iter().copied().max().unwrap_or(0) as usize)];
        for (rank, length) in (0..).zip(lengths) {
            for begin in (0..length).step_by(PIECE_BYTES) {
                let piece = &mut piece[..(length - begin).min(PIECE_BYTES as u64) as usize];
                self.world.process_at_rank(rank as i32).receive_into(piece);
                // Who sends does not know that nobody takes it any more.
                taken = taken.and_then(|()| take(rank, begin, piece));
            }
        }
        self.agree(taken)
    }
}
