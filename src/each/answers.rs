//! The answers of all cities by their positions, in a file without a name that the ranks of a node share.
//!
//! Each block is written when it is settled. They lie in memory, or on a disk where that is wanted.
//!
//! Architecture Invariant: it does not know who writes which block.

use crate::error::Result;
use crate::map::MappedFile;
use crate::search::each::{BLOCK_CITIES, Far};
use crate::unnamed::Unnamed;

/// The answers of some cities, as many as there are positions.
pub struct Answers {
    file: Unnamed,
}

/// Bytes for the answers of so many cities.
pub fn bytes_for(cities: u64) -> u64 {
    cities.saturating_mul(size_of::<Far>() as u64)
}

impl Answers {
    /// Answers in a file, which is empty.
    pub fn new(file: Unnamed) -> Answers {
        Answers { file }
    }

    /// Writes those of a block, or of several one behind the other that begin with it.
    ///
    /// # Errors
    /// As [`Unnamed::write_at`].
    pub fn put(&self, block: u64, answers: &[Far]) -> Result<()> {
        let offset = bytes_for(block * BLOCK_CITIES as u64);
        self.file.write_at(bytemuck::cast_slice(answers), offset)
    }

    /// Maps them, when all are written.
    ///
    /// # Errors
    /// As [`Unnamed::map`].
    pub fn map(&self) -> Result<MappedFile> {
        self.file.map()
    }
}
