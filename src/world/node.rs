//! The ranks that share a node's memory, as a team, and the nodes among each other.
//!
//! The first rank of each node, its leader, stands for the node: nodes are numbered in the order of
//! their leaders, so rank 0 leads node 0. Who shares memory is asked of MPI once in a job.
//!
//! Architecture Invariant: it does not know what the ranks of a node share.

use mpi::collective::CommunicatorCollectives;
use mpi::datatype::PartitionMut;
use mpi::topology::{Color, SimpleCommunicator};
use mpi::traits::*;

use super::{quiet, steps};
use crate::error::{Error, Result};
use crate::team::Team;

/// Most bytes that one message of [`Team::share`] brings to a rank. MPI counts with a C int, which ends
/// below 2 GiB; this is far less, because the bytes are copied out of it.
const MESSAGE_BYTES: usize = 64 << 20;

/// The ranks of this rank's node.
pub struct NodeTeam {
    /// Nothing where they are one: it talks to nobody.
    ranks: Option<SimpleCommunicator>,
    /// The first ranks of all nodes; nothing on the other ranks, and in a world of one rank.
    leaders: Option<SimpleCommunicator>,
    index: u64,
    nodes: u64,
}

impl NodeTeam {
    /// Collective. With `ranks_on_node` nodes are so many ranks in a row, whatever memory they share.
    pub(super) fn of(world: &SimpleCommunicator, ranks_on_node: Option<i32>) -> NodeTeam {
        if world.size() == 1 {
            return NodeTeam { ranks: None, leaders: None, index: 0, nodes: 1 };
        }
        let rank = world.rank();
        let ranks = match ranks_on_node {
            None => world.split_shared(rank),
            Some(many) => world
                .split_by_color_with_key(Color::with_value(rank / many), rank)
                .expect("every rank has a node"),
        };
        let is_leader = if ranks.rank() == 0 { Color::with_value(0) } else { Color::undefined() };
        let leaders = world.split_by_color_with_key(is_leader, rank);
        let mut facts =
            leaders.as_ref().map_or([0; 2], |all| [all.rank() as u64, all.size() as u64]);
        ranks.process_at_rank(0).broadcast_into(&mut facts[..]);
        let [index, nodes] = facts;
        NodeTeam { ranks: (ranks.size() > 1).then_some(ranks), leaders, index, nodes }
    }

    /// Which of the nodes this is, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Number of nodes.
    pub fn nodes(&self) -> u64 {
        self.nodes
    }

    /// All leaders, on the leaders of several ranks; in a world of one rank nothing.
    pub(super) fn leaders(&self) -> Option<&SimpleCommunicator> {
        self.leaders.as_ref()
    }

    /// [`Team::share`] by messages that bring a rank at most so many bytes, or one of each.
    ///
    /// # Errors
    /// As [`Team::share`].
    pub fn share_by(&self, message_bytes: usize, mine: Result<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        steps::enter();
        let Some(ranks) = &self.ranks else { return Ok(vec![mine?]) };
        quiet::wait_for_all(ranks);
        // Nothing goes well with another exit code than 0, and nothing fails with it.
        let (exit_code, bytes) = match mine {
            Ok(bytes) => (0, bytes),
            Err(error) => (error.exit_code(), error.to_string().into_bytes()),
        };
        let mut heads = vec![0_u64; 2 * self.ranks()];
        ranks.all_gather_into(&[bytes.len() as u64, u64::from(exit_code)][..], &mut heads[..]);
        let heads: Vec<[u64; 2]> = heads.chunks_exact(2).map(|head| [head[0], head[1]]).collect();
        match heads.iter().position(|&[_, exit_code]| exit_code != 0) {
            Some(rank) => Err(error_of(ranks, rank, heads[rank], bytes)),
            None => {
                let lengths: Vec<usize> = heads.iter().map(|&[bytes, _]| bytes as usize).collect();
                Ok(share_bytes(ranks, &bytes, &lengths, message_bytes))
            }
        }
    }
}

impl Team for NodeTeam {
    fn rank(&self) -> usize {
        self.ranks.as_ref().map_or(0, |ranks| ranks.rank() as usize)
    }

    fn ranks(&self) -> usize {
        self.ranks.as_ref().map_or(1, |ranks| ranks.size() as usize)
    }

    fn share(&self, mine: Result<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        self.share_by(MESSAGE_BYTES, mine)
    }
}

/// The error of one rank, which tells all others its message; that is what it brought.
fn error_of(ranks: &SimpleCommunicator, rank: usize, head: [u64; 2], brought: Vec<u8>) -> Error {
    let [bytes, exit_code] = head;
    let mut message = brought;
    message.resize(bytes as usize, 0);
    ranks.process_at_rank(rank as i32).broadcast_into(&mut message[..]);
    let message = String::from_utf8_lossy(&message).into_owned();
    Error::Agreed { exit_code: exit_code as u8, message }
}

/// What all ranks bring, of these lengths. Every message has the next piece of each rank that has bytes
/// left, and pieces are so short that all of them together are within the limit.
fn share_bytes(
    ranks: &SimpleCommunicator,
    mine: &[u8],
    lengths: &[usize],
    message_bytes: usize,
) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = lengths.iter().map(|&bytes| Vec::with_capacity(bytes)).collect();
    let piece_bytes = (message_bytes / lengths.len()).max(1);
    let longest = lengths.iter().copied().max().unwrap_or(0);
    let mut message = Vec::new();
    for begin in (0..longest).step_by(piece_bytes) {
        let piece = |bytes: usize| begin.min(bytes)..(begin + piece_bytes).min(bytes);
        let ends = lengths.iter().scan(0, |end, &bytes| {
            *end += piece(bytes).len();
            Some(*end)
        });
        let ends: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let counts: Vec<i32> = lengths.iter().map(|&bytes| piece(bytes).len() as i32).collect();
        let begins: Vec<i32> = ends[..counts.len()].iter().map(|&begin| begin as i32).collect();
        message.resize(ends[counts.len()], 0);
        let mut pieces = PartitionMut::new(&mut message[..], &counts[..], &begins[..]);
        ranks.all_gather_varcount_into(&mine[piece(mine.len())], &mut pieces);
        for (brought, ends) in all.iter_mut().zip(ends.windows(2)) {
            brought.extend_from_slice(&message[ends[0]..ends[1]]);
        }
    }
    all
}
