//! Files without a name: what the ranks of a node make together before anybody else may see it.
//!
//! One rank makes such a file, in memory or on a disk, and tells the others its address, by which they open
//! it too. All write with `pwrite`, each its own part, and map the whole when it is finished. So a full
//! memory or disk is an error of a write and never a SIGBUS, and when the job is killed the system takes
//! the file away, as nothing has its name. Two other ways were rejected: a file in /dev/shm, of which
//! containers give 64 MiB, and shared windows of MPI, which lie there too and end in SIGBUS where it is
//! full (pmodels/mpich#4631, open-mpi/ompi#4166).
//!
//! Architecture Invariant: this module does not know what the bytes mean, nor who else has the file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, Mode, OFlags};

use crate::error::{Error, Result};
use crate::map::MappedFile;

/// Where a file without a name lies.
#[derive(Clone, Debug, PartialEq)]
pub enum Room {
    /// In memory that the ranks of a node share.
    Memory,
    /// On the disk of a folder for temporary files.
    Folder(PathBuf),
    /// On the disk of a file that is being made, in its folder.
    Beside(PathBuf),
}

/// How the other ranks of the node find a file: the process that made it, and its number there.
pub type Address = [u64; 2];

/// A file without a name.
#[derive(Debug)]
pub struct Unnamed {
    file: File,
    room: Room,
}

impl Unnamed {
    /// A new one, empty.
    ///
    /// # Errors
    /// [`Error::Io`] if the system gives none.
    pub fn create(room: &Room) -> Result<Unnamed> {
        let file = match room {
            Room::Memory => rustix::fs::memfd_create("farthest", MemfdFlags::CLOEXEC)
                .map(File::from)
                .map_err(io::Error::from),
            Room::Folder(folder) => tempfile::tempfile_in(folder),
            Room::Beside(target) => tempfile::tempfile_in(folder_of(target)),
        };
        let action = match room {
            Room::Memory => "cannot create a file in memory",
            Room::Folder(_) => {
                "cannot create a temporary file (make room there, or name another folder with TMPDIR)"
            }
            Room::Beside(_) => {
                "cannot create a temporary file beside it (make room there, or write to another folder)"
            }
        };
        let fail = |source| Error::Io { file: label(room), action, source };
        Ok(Unnamed { file: file.map_err(fail)?, room: room.clone() })
    }

    /// A file that is open already, in a folder.
    ///
    /// # Errors
    /// [`Error::Io`] if the system cannot open it once more.
    pub fn of(file: &File, room: &Room) -> Result<Unnamed> {
        let fail = |source| Error::Io { file: label(room), action: "cannot open a file", source };
        Ok(Unnamed { file: file.try_clone().map_err(fail)?, room: room.clone() })
    }

    /// The one that a rank of this node made, by its address there.
    ///
    /// # Errors
    /// [`Error::Io`] if the system does not let this process have it.
    pub fn open(room: &Room, [process, number]: Address) -> Result<Unnamed> {
        let path = PathBuf::from(format!("/proc/{process}/fd/{number}"));
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        let fail = |source| Error::Io {
            file: path.clone(),
            action: "cannot open what another rank of this node made (ranks of a node must see each other's \
                     processes: run them in one container, or pack the file first, as a packed file is \
                     shared without this)",
            source,
        };
        Ok(Unnamed { file: opened.map_err(fail)?, room: room.clone() })
    }

    /// Where others find it, as long as this process has it.
    pub fn address(&self) -> Address {
        [u64::from(std::process::id()), self.file.as_raw_fd() as u64]
    }

    /// Writes bytes at an offset.
    ///
    /// # Errors
    /// [`Error::Io`], which says what is full.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let written = require_allowed(offset + bytes.len() as u64)
            .and_then(|()| self.file.write_all_at(bytes, offset));
        written.map_err(|source| self.failed(source, "cannot write"))
    }

    /// Fills a buffer from an offset on.
    ///
    /// # Errors
    /// [`Error::Io`] if there is not so much.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        self.file.read_exact_at(buffer, offset).map_err(|source| self.failed(source, "cannot read"))
    }

    /// Makes the file at least so long; what nobody wrote is zero.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn extend_to(&self, bytes: u64) -> Result<()> {
        let extended = self.file.metadata().and_then(|found| match found.len() < bytes {
            true => require_allowed(bytes).and_then(|()| self.file.set_len(bytes)),
            false => Ok(()),
        });
        extended.map_err(|source| self.failed(source, "cannot write"))
    }

    /// Maps what is in it by now.
    ///
    /// # Errors
    /// [`Error::Io`] if the system cannot map it.
    pub fn map(&self) -> Result<MappedFile> {
        MappedFile::of_file(&self.file, &label(&self.room))
    }

    fn failed(&self, source: io::Error, action: &'static str) -> Error {
        let is_full = matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::OutOfMemory
        );
        let action = match (is_full, &self.room) {
            _ if source.kind() == io::ErrorKind::FileTooLarge => {
                "cannot write so long a file (raise the limit that ulimit -f shows)"
            }
            (false, _) => action,
            (true, Room::Memory) => {
                "cannot write (give the job more memory, or pack the file with --memory)"
            }
            (true, Room::Folder(_)) => {
                "cannot write (make room there, or name another folder with TMPDIR)"
            }
            (true, Room::Beside(_)) => "cannot write (make room there, or write to another folder)",
        };
        Error::Io { file: label(&self.room), action, source }
    }
}

/// Refuses a file longer than this process may write, in memory or on a disk: the system would end the process by
/// a signal.
fn require_allowed(bytes: u64) -> io::Result<()> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    match limit.is_some_and(|limit| bytes > limit) {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(()),
    }
}

/// What messages call a file without a name.
fn label(room: &Room) -> PathBuf {
    match room {
        Room::Memory => PathBuf::from("memory that ranks share"),
        Room::Folder(folder) => folder.join("(temporary file)"),
        Room::Beside(target) => target.clone(),
    }
}

/// The folder that a file is in, or will be.
pub fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Bytes that this user may still write to the disk of a folder, as far as its file system tells.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    // Some file systems do not know how large they are.
    (found.f_blocks > 0).then(|| found.f_bavail.saturating_mul(found.f_frsize))
}

/// A file in a folder that has no name until [`name`] gives it one; `None` where the file system cannot have such.
///
/// # Errors
/// What the system says.
pub fn create_in(folder: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match rustix::fs::open(folder, flags, Mode::from_raw_mode(0o666)) {
        Ok(file) => Ok(Some(File::from(file))),
        // What Linux answers where the file system, or a kernel before 3.11, does not know the flag.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR | rustix::io::Errno::INVAL) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives a file without a name one that nobody has yet.
///
/// # Errors
/// What the system says; `AlreadyExists` if there is such a name.
pub fn name(file: &File, path: &Path) -> io::Result<()> {
    let here = format!("/proc/self/fd/{}", file.as_raw_fd());
    let flags = rustix::fs::AtFlags::SYMLINK_FOLLOW;
    rustix::fs::linkat(rustix::fs::CWD, here, rustix::fs::CWD, path, flags)?;
    Ok(())
}
