//! Bytes → one number that tells them apart, made by as many ranks as there are.
//!
//! XXH3-64 has to read bytes from the first to the last. So the bytes are cut into blocks of
//! [`BLOCK_BYTES`], each block has its own XXH3-64, and the checksum of the whole is XXH3-64 of these
//! numbers, each as 8 little-endian bytes, in the order of the blocks. Any rank can take any blocks, and
//! who knows the numbers of all blocks knows the checksum. (A whole of one block has the checksum of one
//! number, not that of its bytes, so that there is no exception to remember.)
//!
//! Architecture Invariant: the checksum depends on the bytes alone, not on who took which blocks.

use std::ops::Range;

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Bytes of every block but the last, which may be shorter.
pub const BLOCK_BYTES: usize = 1 << 20;

/// How many blocks so many bytes have: none if there are none.
pub fn blocks(bytes: usize) -> usize {
    bytes.div_ceil(BLOCK_BYTES)
}

/// The number of one block.
pub fn of_block(block: &[u8]) -> u64 {
    xxh3_64(block)
}

/// The numbers of some of the blocks of `bytes`; the part counts blocks.
///
/// # Panics
/// If there are not so many blocks.
pub fn blocks_of(bytes: &[u8], part: Range<usize>) -> Vec<u64> {
    assert!(part.end <= blocks(bytes.len()), "blocks {part:?} of {} bytes", bytes.len());
    part.map(|block| {
        let rest = &bytes[block * BLOCK_BYTES..];
        of_block(&rest[..rest.len().min(BLOCK_BYTES)])
    })
    .collect()
}

/// The checksum of bytes whose blocks have these numbers.
pub fn of_blocks(blocks: &[u64]) -> u64 {
    let mut hasher = Xxh3Default::new();
    for block in blocks {
        hasher.update(&block.to_le_bytes());
    }
    hasher.digest()
}

/// The checksum of `bytes`.
pub fn of(bytes: &[u8]) -> u64 {
    of_blocks(&blocks_of(bytes, 0..blocks(bytes.len())))
}

/// How a checksum is written in reports and checkpoints.
pub fn text_of(checksum: u64) -> String {
    format!("xxh3:{checksum:016x}")
}
