//! Standard input, which rank 0 alone can read, to one rank of each node.
//!
//! Architecture Invariant: it does not know what the bytes mean.

use std::io;
use std::path::PathBuf;

use mpi::traits::*;

use super::{World, launcher};
use crate::error::{Error, Result};
use crate::memory;

/// Most bytes of one message: MPI counts with a C int, and what MPI copies on the way stays small.
const PIECE_BYTES: usize = 64 << 20;

impl World {
    /// Reads standard input away on all ranks but the root. srun passes it to every rank, and the root gets no
    /// more of it than a pipe holds until all have read as much, even if they have closed it or ended.
    ///
    /// Other launchers give it to the root alone, or let all ranks share one pipe, of which nothing may be taken.
    pub fn leave_input_to_root(&self) {
        if self.rank() != 0 && launcher::passes_input_to_all() {
            std::thread::spawn(|| io::copy(&mut io::stdin().lock(), &mut io::sink()));
        }
    }

    /// What `read` gives on rank 0, to the first rank of each node; the other ranks get nothing. Where
    /// there is one node, nothing is copied.
    ///
    /// # Errors
    /// That of `read`, or [`Error::Io`] if a node has no room for the bytes; on all ranks.
    pub fn to_nodes(&self, read: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        let mut bytes = self.at_root(read)?;
        if self.nodes() == 1 {
            return Ok(bytes);
        }
        let leaders = self.node().leaders();
        let mut length = bytes.len() as u64;
        if let Some(leaders) = leaders {
            leaders.process_at_rank(0).broadcast_into(&mut length);
        }
        let missing = length as usize - bytes.len();
        let room = memory::may_fail(|| bytes.try_reserve_exact(missing));
        self.agree(room.map_err(|_| no_room()))?;
        if let Some(leaders) = leaders {
            bytes.resize(length as usize, 0);
            for piece in bytes.chunks_mut(PIECE_BYTES) {
                leaders.process_at_rank(0).broadcast_into(piece);
            }
        }
        Ok(bytes)
    }
}

fn no_room() -> Error {
    Error::Io {
        file: PathBuf::from("standard input"),
        action: "cannot hold it in memory (write it to a file that all nodes see, and name that)",
        source: io::ErrorKind::OutOfMemory.into(),
    }
}
