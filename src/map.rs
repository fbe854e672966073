//! The only module that maps memory: a path goes in, the bytes of that file come out.
//!
//! A mapped file costs no copy, and all ranks of a node share its pages in the page cache. What
//! a map cannot promise: that nobody changes the file meanwhile. Should another program overwrite
//! it, we read the new bytes; should one shorten it, we read zeros (`torn`). So whoever has read a file that has a
//! name asks in the end whether it is still the one that was opened ([`MappedFile::require_unchanged`]), and only
//! then believes what was read. [`crate::output`] never writes into an existing file but renames a finished one
//! over it, which leaves an existing map intact.
//! Reading into private memory was rejected: 64 ranks on a node would hold 64 copies.
//!
//! Great arrays of no file are mapped too ([`Pages`]).
//!
//! Architecture Invariant: this module does not know what the bytes mean, and nobody who takes
//! a `&[u8]` knows that it is mapped.

mod state;
mod torn;

use std::fmt::{self, Debug, Formatter};
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut, Range};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bytemuck::Pod;
use memmap2::{Advice, Mmap, MmapMut, MmapOptions, UncheckedAdvice};

use self::state::State;
use self::torn::Guard;
use crate::error::{Error, Result};
use crate::memory;

/// The bytes of a file, mapped read-only and shared.
#[derive(Debug)]
pub struct MappedFile {
    // Above the map, so that it is dropped before.
    watch: Option<Watch>,
    map: Option<Mmap>,
    identity: [u64; 2],
}

/// What it takes to see whether somebody changes a file that is mapped.
#[derive(Debug)]
struct Watch {
    file: File,
    /// When it was opened.
    state: State,
    guard: Option<Guard>,
}

/// Whether a file that this process has mapped was cut short, so that what is read from it are zeros. Who works on
/// it for long asks now and then, and stops: [`MappedFile::require_unchanged`] has the error. It costs as much as
/// to read a number.
pub fn is_torn() -> bool {
    torn::is_any()
}

impl MappedFile {
    /// Maps the whole of `path`, a regular file. An empty file has no bytes to map and is an
    /// empty slice.
    ///
    /// # Errors
    /// [`Error::NoInput`] if there is no such regular file or it may not be read,
    /// [`Error::Io`] if the system cannot map it.
    pub fn open(path: &Path) -> Result<MappedFile> {
        // Looked at before it is opened: to open a pipe is to wait for its writer.
        let metadata = path.metadata().map_err(|source| Error::opening(path, source))?;
        if !metadata.is_file() {
            let (kind, remedy) = match metadata.is_dir() {
                true => ("a directory", "name a file in it"),
                false => {
                    ("not a regular file", "write the cities to a file first, or pipe them to -")
                }
            };
            let problem =
                format!("expected a file that every rank can map, found {kind}; {remedy}");
            return Err(Error::NoInput { file: path.to_path_buf(), problem });
        }
        let file = File::open(path).map_err(|source| Error::opening(path, source))?;
        let state = State::settled(&file).map_err(|source| Error::opening(path, source))?;
        let (map, identity) = map_file(&file, path, state.bytes)?;
        let guard = map.as_deref().map(Guard::of);
        Ok(MappedFile { watch: Some(Watch { file, state, guard }), map, identity })
    }

    /// Maps the whole of an open file that nobody but us can write to. `path` is for the message alone.
    ///
    /// # Errors
    /// [`Error::Io`] if the system cannot map it.
    pub fn of_file(file: &File, path: &Path) -> Result<MappedFile> {
        let fail = |source| cannot_map(path, source);
        let bytes = file.metadata().map_err(fail)?.len();
        let (map, identity) = map_file(file, path, bytes)?;
        Ok(MappedFile { watch: None, map, identity })
    }

    /// Refuses a file that is not as it was when it was opened: what was read of it may be of no file at all.
    ///
    /// # Errors
    /// [`Error::Io`] if it was cut short, or cannot be looked at again; [`Error::Data`] if it was changed.
    pub fn require_unchanged(&self, path: &Path) -> Result<()> {
        self.watch.as_ref().map_or(Ok(()), |watch| watch.require_unchanged(path))
    }

    /// When it was last written to, as the system told when it was opened, for people and to compare; nothing of a
    /// file that nobody else can write to.
    pub fn last_modified(&self) -> Option<String> {
        self.watch.as_ref().map(|watch| watch.state.to_string())
    }

    /// What tells the file from all others of this machine: its file system, and its number there.
    pub fn identity(&self) -> [u64; 2] {
        self.identity
    }

    /// Gives the pages back to the system, which counts them as memory of this process. They are read
    /// again when they are touched again, so that this is for bytes that were used up.
    pub fn release(&self) {
        let Some(map) = &self.map else { return };
        // SAFETY: the map is of a file and was never written to, so its pages hold what the file holds;
        // who reads them later finds them anew.
        // A system that does not know the advice keeps the pages, which is no harm.
        let _ = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
    }
}

/// The first bytes of a file, as many as it has or had, and what tells it from all others.
fn map_file(file: &File, path: &Path, bytes: u64) -> Result<(Option<Mmap>, [u64; 2])> {
    let fail = |source| cannot_map(path, source);
    let found = file.metadata().map_err(fail)?;
    let identity = [found.dev(), found.ino()];
    if bytes == 0 {
        return Ok((None, identity));
    }
    let length = usize::try_from(bytes).map_err(|_| fail(io::ErrorKind::FileTooLarge.into()))?;
    // SAFETY: the map is read-only and outlives every slice borrowed from it. Another program may write to a file
    // that has a name: it shows as other bytes of the same length, a part that was cut off as zeros, and every
    // reader of these bytes checks what it reads (offsets, UTF-8) at each access.
    let map = unsafe { MmapOptions::new().len(length).map(file) }.map_err(fail)?;
    Ok((Some(map), identity))
}

fn cannot_map(path: &Path, source: io::Error) -> Error {
    let action = match source.kind() {
        io::ErrorKind::OutOfMemory => "cannot map (raise the limit that ulimit -v shows)",
        _ => "cannot map",
    };
    Error::Io { file: path.to_path_buf(), action, source }
}

impl Watch {
    fn require_unchanged(&self, path: &Path) -> Result<()> {
        let fail = |action, source| Error::Io { file: path.to_path_buf(), action, source };
        let found =
            State::of(&self.file).map_err(|error| fail("cannot look at it again", error))?;
        let (expected, is_torn) = (self.state, self.guard.as_ref().is_some_and(Guard::is_torn));
        if found.bytes < expected.bytes || is_torn {
            let what = match found.bytes < expected.bytes {
                true => "it was shortened while it was read",
                false => {
                    "a part of it was gone while it was read (it was shortened and written again, or the disk \
                     or the network failed)"
                }
            };
            let problem = format!(
                "{what}: expected {} bytes, found {}; start again when nobody writes to it",
                expected.bytes, found.bytes
            );
            return Err(fail("cannot read all of it", io::Error::other(problem)));
        }
        if found == expected {
            return Ok(());
        }
        let problem = format!(
            "changed while it was read: expected {expected}, as when it was opened, found {found}; start again \
             when nobody writes to it"
        );
        Err(Error::Data { file: path.to_path_buf(), problem })
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.map.as_deref().unwrap_or(&[])
    }
}

/// Numbers in memory, as many as asked for, zero at first.
///
/// They lie in huge pages where the system has them. A million cities dealt to regions touch 4000 new
/// pages of 4 KiB, which took four tenths of the time; of 2 MiB it is nine.
pub struct Pages<T> {
    map: Option<MmapMut>,
    /// Where they lie in the map.
    bytes: Range<usize>,
    of: PhantomData<T>,
}

impl<T: Pod> Pages<T> {
    /// So many zeros.
    ///
    /// If the system has not the memory, as [`memory::exhausted`].
    pub fn zeroed(count: usize) -> Pages<T> {
        let bytes =
            count.checked_mul(size_of::<T>()).expect("fewer bytes than there are addresses");
        // Huge pages are those of whole multiples; addresses that are not touched cost nothing.
        let is_huge = bytes >= HUGE_PAGE_BYTES / 2;
        let room_bytes = if is_huge { bytes.next_multiple_of(HUGE_PAGE_BYTES) } else { bytes };
        let spare_bytes = if is_huge { HUGE_PAGE_BYTES } else { 0 };
        let map = (bytes > 0).then(|| {
            let map = MmapMut::map_anon(room_bytes + spare_bytes);
            map.unwrap_or_else(|_| memory::exhausted(bytes))
        });
        let mut start = 0;
        if let (Some(map), true) = (&map, is_huge) {
            start = map.as_ptr().align_offset(HUGE_PAGE_BYTES);
            // A system without huge pages gives others.
            let _ = map.advise_range(Advice::HugePage, start, room_bytes);
        }
        Pages { map, bytes: start..start + bytes, of: PhantomData }
    }
}

/// Bytes of a huge page.
const HUGE_PAGE_BYTES: usize = 1 << 21;

impl<T: Pod> Deref for Pages<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // No bytes at all lie nowhere, so that they need not be aligned.
        self.map.as_deref().map_or(&[], |all| bytemuck::cast_slice(&all[self.bytes.clone()]))
    }
}

impl<T: Pod> DerefMut for Pages<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let bytes = self.bytes.clone();
        self.map.as_deref_mut().map_or(&mut [], |all| bytemuck::cast_slice_mut(&mut all[bytes]))
    }
}

impl<T> Debug for Pages<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} numbers", self.bytes.len() / size_of::<T>())
    }
}
