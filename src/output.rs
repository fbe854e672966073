//! Writing a file so that it is there whole or not at all.
//!
//! The bytes go to a file without a name in the folder of the target ([`crate::unnamed`]), are synced to the
//! disk, and only then the file is given its name, after which the folder is synced too. So nothing is left
//! behind by an error or a kill. Where a file is to be replaced, the new one has a name that begins with
//! `.farthest-` between two calls of the system, and is then renamed over the other. A file system that has no
//! files without a name is given one of such a name from the start, and there a kill leaves it. A reader
//! that has the old target mapped keeps the old bytes.
//!
//! Architecture Invariant: this module does not know what is written.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::error::{Error, Result};
use crate::unnamed::{self, folder_of};

/// A file that is being written.
pub struct Output {
    target: PathBuf,
    force: bool,
    file: Kind,
}

enum Kind {
    Unnamed(File),
    Named(NamedTempFile),
}

/// Writes `target` through `fill`; an existing file is replaced only with `force`.
///
/// # Errors
/// [`Error::Io`] if the target exists, or if the system cannot write, sync or rename; nothing
/// is left behind then.
pub fn write_file(
    target: &Path,
    force: bool,
    fill: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<()> {
    let output = Output::create(target, force)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, output.file());
    let written = fill(&mut buffered).and_then(|()| buffered.flush());
    drop(buffered);
    written.map_err(|source| output.failed("cannot write", source))?;
    output.finish()
}

impl Output {
    /// A file that will be at `target`; one that is there is replaced only with `force`.
    ///
    /// # Errors
    /// [`Error::Io`] if the target exists or the system cannot create a file beside it.
    pub fn create(target: &Path, force: bool) -> Result<Output> {
        let fail = |action, source| failed(target, action, source);
        // Asked here to save the work; `finish` closes the race.
        if let Ok(there) = target.symlink_metadata() {
            if !force {
                return Err(already_there(target));
            }
            if !(there.is_file() || there.is_symlink()) {
                let source = io::Error::other("what is there is no file, and is not replaced");
                return Err(fail("cannot write", source));
            }
        }
        let folder = folder_of(target);
        let file = match unnamed::create_in(folder) {
            Ok(Some(file)) => Ok(Kind::Unnamed(file)),
            Ok(None) => temporary().tempfile_in(folder).map(Kind::Named),
            Err(error) => Err(error),
        };
        let file = file.map_err(|source| fail("cannot create", source))?;
        Ok(Output { target: target.to_path_buf(), force, file })
    }

    /// The file to write into.
    pub fn file(&self) -> &File {
        match &self.file {
            Kind::Unnamed(file) => file,
            Kind::Named(file) => file.as_file(),
        }
    }

    /// Refuses a file of more bytes than the disk has free.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn require_room(&self, bytes: u64) -> Result<()> {
        match unnamed::free_bytes(folder_of(&self.target)) {
            Some(free_bytes) if free_bytes < bytes => {
                let problem = format!(
                    "No space left on device for some {bytes} bytes: {free_bytes} are free"
                );
                let source = io::Error::new(io::ErrorKind::StorageFull, problem);
                Err(self
                    .failed("cannot write (make room there, or write to another folder)", source))
            }
            _ => Ok(()),
        }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`Error::Io`] if the system cannot sync or rename, or if the target is there by now and is not to be
    /// replaced.
    pub fn finish(self) -> Result<()> {
        let Output { target, force, file } = self;
        let fail = |action, source| failed(&target, action, source);
        let synced = match &file {
            Kind::Unnamed(file) => file.sync_all(),
            Kind::Named(file) => file.as_file().sync_all(),
        };
        synced.map_err(|source| fail("cannot sync to the disk", source))?;
        let named = match file {
            Kind::Unnamed(file) if force => {
                temporary().make_in(folder_of(&target), |path| unnamed::name(&file, path)).and_then(
                    |named| named.persist(&target).map_err(|failed| failed.error).map(|_| ()),
                )
            }
            Kind::Unnamed(file) => unnamed::name(&file, &target),
            Kind::Named(file) if force => {
                file.persist(&target).map_err(|failed| failed.error).map(|_| ())
            }
            Kind::Named(file) => {
                file.persist_noclobber(&target).map_err(|failed| failed.error).map(|_| ())
            }
        };
        named.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists if !force => already_there(&target),
            _ => fail("cannot rename to", error),
        })?;
        let folder = folder_of(&target);
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            // The file is there. Some folders may be written but not read, and some file systems
            // cannot sync a folder.
            Err(error) if !is_beyond_us(&error) => Err(fail("cannot sync the folder of", error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> Error {
        failed(&self.target, action, source)
    }
}

fn failed(target: &Path, action: &'static str, source: io::Error) -> Error {
    Error::Io { file: target.to_path_buf(), action, source }
}

/// How files are named that have no name of their own yet.
fn temporary() -> Builder<'static, 'static> {
    let mut temporary = Builder::new();
    // Less the umask, as for any new file.
    temporary.prefix(".farthest-").suffix(".tmp").permissions(Permissions::from_mode(0o666));
    temporary
}

/// Whether the system says that a folder cannot be synced at all, by us or by anyone.
fn is_beyond_us(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    matches!(error.kind(), PermissionDenied | InvalidInput | Unsupported)
}

fn already_there(target: &Path) -> Error {
    Error::Io {
        file: target.to_path_buf(),
        action: "cannot write",
        source: io::Error::new(
            io::ErrorKind::AlreadyExists,
            "the file exists; name another, or replace it with --force",
        ),
    }
}
