//! What is compressed → what it holds: gzip and Zstandard, all members and all frames.
//!
//! Both decoders that we use stop behind the first member or frame, as if the file ended there; so
//! each is called in a loop until no byte is left. Every checksum and every length that the file
//! tells is compared, and a file in which one is wrong is refused as a whole: of a list that is cut
//! short the rest looks sound. One cut cannot be seen: between two members or frames, where a
//! shorter file would end as well.
//!
//! A small file can unpack to more than any machine holds. So there is a limit, which is a
//! third of the memory that can be had: the text, the cities from it and their points are about as
//! large each. It is asked before bytes are unpacked where the file tells their number, and
//! otherwise as soon as it is passed.

mod gzip;
mod zstandard;

use std::borrow::Cow;
use std::path::Path;

use super::convert::Source;
use super::{buffer, shell};
use crate::error::{Error, Result};

/// The bytes of a file, unpacked if they were compressed.
pub(super) struct Unpacked<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub compression: Option<Compression>,
}

/// Whether [`unpack`] would unpack these bytes.
pub(super) fn is_compressed(bytes: &[u8]) -> bool {
    Compression::of(bytes).is_some()
}

/// Unpacks what is compressed and leaves the rest as it is.
///
/// # Errors
/// [`Error::Data`] for a damaged file, for one that does not fit into `room_bytes`, and for one that
/// is compressed twice; [`Error::Io`] if there is no memory.
pub(super) fn unpack<'a>(
    path: &Path,
    bytes: &'a [u8],
    room_bytes: Option<u64>,
) -> Result<Unpacked<'a>> {
    let Some(compression) = Compression::of(bytes) else {
        return Ok(Unpacked { bytes: Cow::Borrowed(bytes), compression: None });
    };
    let limit_bytes = super::most_bytes(room_bytes);
    let mut output = Output { path, compression, limit_bytes, bytes: Vec::new() };
    match compression {
        Compression::Gzip => gzip::unpack(bytes, &mut output)?,
        Compression::Zstandard => zstandard::unpack(bytes, &mut output)?,
    }
    if let Some(inner) = Compression::of(&output.bytes) {
        return Err(output.compressed_twice(inner));
    }
    Ok(Unpacked { bytes: Cow::Owned(output.bytes), compression: Some(compression) })
}

/// The compressions that are read.
#[derive(Clone, Copy)]
pub(super) enum Compression {
    Gzip,
    Zstandard,
}

impl Compression {
    fn of(bytes: &[u8]) -> Option<Compression> {
        if bytes.starts_with(gzip::MAGIC) {
            Some(Compression::Gzip)
        } else if zstandard::begins_frame(bytes) {
            Some(Compression::Zstandard)
        } else {
            None
        }
    }

    /// The name, as reports have it.
    pub fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstandard => "Zstandard",
        }
    }

    /// The program that packs and unpacks it.
    pub fn program(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstandard => "zstd",
        }
    }
}

/// Where unpacked bytes go, and what can go wrong with them.
struct Output<'a> {
    path: &'a Path,
    compression: Compression,
    limit_bytes: usize,
    bytes: Vec<u8>,
}

impl Output<'_> {
    /// Makes room for so many bytes more, as a hint that may be wrong: beyond the limit it is cut.
    fn expect(&mut self, bytes: usize) -> Result<()> {
        let bytes = bytes.min(self.limit_bytes - self.bytes.len());
        buffer::reserve(self.path, &mut self.bytes, bytes)
    }

    /// Makes room for bytes that are there already.
    fn make_room(&mut self, bytes: usize) -> Result<()> {
        let left_bytes = self.limit_bytes - self.bytes.len();
        if bytes > left_bytes {
            return Err(self.too_large("more"));
        }
        buffer::grow(self.path, &mut self.bytes, bytes, left_bytes)
    }

    /// How many bytes fit into the room that was made.
    fn spare_bytes(&self) -> usize {
        let spare_bytes = self.bytes.capacity() - self.bytes.len();
        spare_bytes.min(self.limit_bytes - self.bytes.len())
    }

    fn refuse(&self, problem: String) -> Error {
        Error::Data { file: self.path.to_path_buf(), problem }
    }

    /// The error for a file that is not what was compressed. `part` is the member or frame.
    fn damaged(&self, byte: usize, part: &str, found: &str) -> Error {
        let (name, program) = (self.compression.name(), self.compression.program());
        self.refuse(format!(
            "expected sound {name} data, found {found} near compressed byte {byte}, in {part}; the \
             file is damaged or cut short: copy it again, and test it with {program} -t {}",
            shell::word(self.path)
        ))
    }

    /// The error for a list that does not fit into memory, of which `found` bytes were found.
    fn too_large(&self, found: &str) -> Error {
        let (name, program) = (self.compression.name(), self.compression.program());
        let file = shell::word(self.path);
        self.refuse(format!(
            "expected {name} data that unpacks to at most {} bytes, a third of the memory that can be \
             had, found {found}; unpack it to a file ({program} -dc {file} > out.txt) and name that, \
             pack it ({}), or take a machine with more memory",
            self.limit_bytes,
            Source::new(self.path).packed(&format!("{program} -dc {{file}}"))
        ))
    }

    fn compressed_twice(&self, inner: Compression) -> Error {
        let (name, program) = (self.compression.name(), self.compression.program());
        self.refuse(format!(
            "expected text inside {name}, found {} inside {name}; it is compressed twice: unpack it \
             once, with {program} -dc {} > out, and name that",
            inner.name(),
            shell::word(self.path)
        ))
    }
}
