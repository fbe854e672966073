//! How many cities a rank has in a square, or all ranks together: what they tell each other.
//!
//! Architecture Invariant: it counts cities and knows none of them.

use bytemuck::{Pod, Zeroable};

use crate::regions::{DEEPEST, Square};

/// How many cities of a square there are, and where their blocks are: what ranks tell each other.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Share {
    /// Cities on either side.
    pub(super) cities: [u64; 2],
    /// Bytes of their names with the lengths.
    pub(super) name_bytes: [u64; 2],
    /// Where the list of its blocks begins in the spool, and how many there are.
    pub(super) blocks: [u64; 2],
    /// Bits that the cells of all cities have, along a and b, and those that any has.
    bits_of_all: [u32; 2],
    bits_of_any: [u32; 2],
}

impl Share {
    /// That of no city.
    pub(super) const NONE: Share = Share {
        cities: [0; 2],
        name_bytes: [0; 2],
        blocks: [0; 2],
        bits_of_all: [u32::MAX; 2],
        bits_of_any: [0; 2],
    };

    /// Cities on both sides.
    pub(super) fn cities(&self) -> u64 {
        self.cities[0] + self.cities[1]
    }

    /// The cities of both; where their blocks are is lost.
    pub(super) fn with(mut self, other: &Share) -> Share {
        for side in 0..2 {
            self.cities[side] += other.cities[side];
            self.name_bytes[side] += other.name_bytes[side];
        }
        for axis in 0..2 {
            self.bits_of_all[axis] &= other.bits_of_all[axis];
            self.bits_of_any[axis] |= other.bits_of_any[axis];
        }
        self
    }

    #[inline(always)]
    pub(super) fn see(&mut self, cell: [u32; 2]) {
        let bits = self.bits_of_all.iter_mut().zip(&mut self.bits_of_any);
        for ((of_all, of_any), cell) in bits.zip(cell) {
            *of_all &= cell;
            *of_any |= cell;
        }
    }

    /// The least square on an axis of the cube that holds the cities, of which there are some.
    pub(super) fn least_square(&self, axis: u32) -> Square {
        let differing = [0, 1].map(|i| self.bits_of_all[i] ^ self.bits_of_any[i]);
        let level = (differing[0] | differing[1]).leading_zeros().min(DEEPEST);
        let mask = !u32::MAX.checked_shr(level).unwrap_or(0);
        Square { axis, level, corner: self.bits_of_all.map(|bits| bits & mask) }
    }
}

/// The shares of all ranks added up.
pub(super) fn add(shares: &[Vec<Share>]) -> Vec<Share> {
    let of_square = |at: usize| shares.iter().map(move |of_rank| of_rank[at]);
    (0..shares[0].len())
        .map(|at| of_square(at).fold(Share::NONE, |sum, share| sum.with(&share)))
        .collect()
}
