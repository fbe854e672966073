//! Buffers that grow by no more than they must, and say so when there is no memory for them.
//!
//! A vector that is pushed to doubles, and may so take twice what its content needs, and three times
//! while it moves. Lists of cities fill much of a machine's memory, so these buffers grow by a
//! quarter.

use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::memory;

/// What a buffer grows by at least: fewer bytes are not worth a call of the allocator.
const STEP_BYTES: usize = 1 << 16;

/// Makes room for `bytes` more bytes and no others.
///
/// # Errors
/// [`Error::Io`] if there is not the memory for them. `path` is for the message.
pub(super) fn reserve(path: &Path, buffer: &mut Vec<u8>, bytes: usize) -> Result<()> {
    memory::may_fail(|| buffer.try_reserve_exact(bytes)).map_err(|_| Error::Io {
        file: path.to_path_buf(),
        action: "cannot hold its text in memory",
        source: io::ErrorKind::OutOfMemory.into(),
    })
}

/// Makes room for `least_bytes` more bytes, and where there is none, for a quarter of what is there
/// but not for more than `most_bytes`.
///
/// # Errors
/// As [`reserve`].
#[inline]
pub(super) fn grow(
    path: &Path,
    buffer: &mut Vec<u8>,
    least_bytes: usize,
    most_bytes: usize,
) -> Result<()> {
    if buffer.capacity() - buffer.len() >= least_bytes {
        return Ok(());
    }
    let wanted_bytes = (buffer.len() / 4).max(STEP_BYTES).min(most_bytes);
    reserve(path, buffer, wanted_bytes.max(least_bytes))
}
