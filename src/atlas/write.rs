//! From a list of cities to the bytes of a packed file, for whoever has a list in memory.

use std::io::{self, Write};

use super::arrange::Checksums;
use super::buffer::AtlasBuffer;
use crate::cities::CityList;

/// Writes a list as a packed file. Returns its length in bytes.
///
/// # Errors
/// Whatever `out` returns, or that there is not the memory.
pub fn write(list: &CityList, out: &mut impl Write) -> io::Result<u64> {
    let buffer = AtlasBuffer::of_list(list, Checksums::Made).map_err(io::Error::other)?;
    out.write_all(buffer.bytes())?;
    Ok(buffer.bytes().len() as u64)
}
