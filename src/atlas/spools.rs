//! The spools of all ranks, for those who put the cities of some squares in order.
//!
//! Architecture Invariant: it reads what ranks have written and changes nothing.

use super::block::Columns;
use super::decimals::DegreeRange;
use super::share::{Share, add};
use crate::error::Result;
use crate::map::MappedFile;
use crate::regions::Square;
use crate::unnamed::{Address, Room, Unnamed};

/// The cities of all ranks, by squares.
pub struct Spools {
    pub(super) room: Room,
    /// That of this rank; others read it as long as this process has it.
    pub(super) mine: Unnamed,
    pub(super) addresses: Vec<Address>,
    pub(super) squares: Vec<Square>,
    /// For each rank its share of each square.
    pub(super) shares: Vec<Vec<Share>>,
    pub(super) degrees: DegreeRange,
    /// Rows in the part of each rank.
    pub(super) source_rows: Vec<u64>,
}

impl Spools {
    /// Number of cities of all ranks.
    pub fn cities(&self) -> u64 {
        self.sums().iter().map(Share::cities).sum()
    }

    /// Cities and bytes of names of each square, of all ranks together.
    pub(super) fn sums(&self) -> Vec<Share> {
        add(&self.shares)
    }

    /// The bytes of the spools of all ranks.
    pub(super) fn map(&self) -> Result<Vec<MappedFile>> {
        let map = |&address: &Address| match address == self.mine.address() {
            true => self.mine.map(),
            false => Unnamed::open(&self.room, address)?.map(),
        };
        self.addresses.iter().map(map).collect()
    }

    /// Adds the cities of a square, in the order of rows; those of each rank count from its own first row.
    pub(super) fn load(
        &self,
        spools: &[MappedFile],
        first_rows: &[u64],
        square: usize,
        columns: &mut Columns,
    ) {
        for ((spool, shares), &first_row) in spools.iter().zip(&self.shares).zip(first_rows) {
            let [at, blocks] = shares[square].blocks.map(|number| number as usize);
            let index = &spool[at..at + blocks * size_of::<[u64; 2]>()];
            for block in index.chunks_exact(size_of::<[u64; 2]>()) {
                let [at, length]: [u64; 2] = bytemuck::pod_read_unaligned(block);
                columns.decode(&spool[at as usize..(at + length) as usize], first_row);
            }
        }
    }

    /// Gives back the pages that were read, where a disk has them.
    pub(super) fn release(&self, spools: &[MappedFile]) {
        if self.room != Room::Memory {
            spools.iter().for_each(MappedFile::release);
        }
    }
}
