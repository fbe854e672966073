//! A team: ranks that do one piece of work together, as those of a node read one file.
//!
//! All that passes between them goes through one step, [`Team::share`]: each brings some bytes and
//! gets what all have brought. A rank that has failed brings its error instead, and all of them
//! return it. So no step of the whole team can be entered by a rank that has failed unseen, and
//! none waits for one that has left. [`Alone`] is a team of one, which needs no MPI.
//!
//! Architecture Invariant: a team does not know what its ranks share.

use bytemuck::Pod;
use bytemuck::allocation::pod_collect_to_vec;

use crate::error::Result;

/// Ranks that work together. All of them take the same steps in the same order.
pub trait Team {
    /// This rank, from 0.
    fn rank(&self) -> usize;

    /// Number of ranks.
    fn ranks(&self) -> usize;

    /// What each rank brings, in the order of ranks, known to all.
    ///
    /// # Errors
    /// If any rank brings an error, that of the lowest of them, on all.
    fn share(&self, mine: Result<Vec<u8>>) -> Result<Vec<Vec<u8>>>;
}

impl dyn Team + '_ {
    /// Lets all ranks know whether all succeeded, and gives this one what it made.
    ///
    /// # Errors
    /// As [`Team::share`].
    pub fn agree<T>(&self, mine: Result<T>) -> Result<T> {
        self.tell(mine, |_| Vec::<u8>::new()).map(|(mine, _)| mine)
    }

    /// Tells the others some numbers about what this rank made. Gives it that, and the numbers of each rank
    /// in the order of ranks.
    ///
    /// # Errors
    /// As [`Team::share`].
    pub fn tell<T, M: Pod>(
        &self,
        mine: Result<T>,
        numbers: impl FnOnce(&T) -> Vec<M>,
    ) -> Result<(T, Vec<Vec<M>>)> {
        let (mine, bytes) = match mine {
            Ok(mine) => {
                let bytes = bytemuck::cast_slice(&numbers(&mine)).to_vec();
                (Some(mine), Ok(bytes))
            }
            Err(error) => (None, Err(error)),
        };
        let all = self.share(bytes)?;
        let mine = mine.expect("a rank that brings an error gets one");
        Ok((mine, all.iter().map(|bytes| pod_collect_to_vec(bytes)).collect()))
    }

    /// The part of so many things in a row that this rank has: as many as the others, or one more.
    pub fn part(&self, things: usize) -> std::ops::Range<usize> {
        part_of(things, self.rank(), self.ranks())
    }
}

/// The part of one of several ranks of so many things in a row.
pub fn part_of(things: usize, rank: usize, ranks: usize) -> std::ops::Range<usize> {
    let begin = |rank: usize| (things as u128 * rank as u128 / ranks as u128) as usize;
    begin(rank)..begin(rank + 1)
}

/// A team of one.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Team for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn ranks(&self) -> usize {
        1
    }

    fn share(&self, mine: Result<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        Ok(vec![mine?])
    }
}
