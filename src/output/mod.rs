//! Writing a file so that it is there whole or not at all.
//!
//! The bytes go to a file without a name in the folder of the target ([`crate::unnamed`]), are synced to the
//! disk, and only then the file is given its name, after which the folder is synced too. So nothing is left
//! behind by an error or a kill. Where another file is replaced, the new one has a name that begins with
//! `.farthest-` between two calls of the system, which a kill can leave, and is then renamed over the other. A file
//! system that has no files without a name is given one of such a name from the start, and there a kill leaves it. A
//! reader that has the old target mapped keeps the old bytes.
//!
//! A file that is replaced keeps its mode and its owner, and one that is read-only is not replaced
//! (`place.rs`); several files can appear together (`together.rs`); and none is an input (`apart.rs`).
//!
//! Architecture Invariant: this module does not know what is written.

mod apart;
mod place;
mod together;

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::error::{Error, Result};
use crate::unnamed::{self, folder_of};

pub use self::apart::require_apart;
use self::place::{already_there, find, identity, liken};
pub use self::together::finish_all;
use self::together::{Named, keep};

/// A file that is being written.
#[derive(Debug)]
pub struct Output {
    /// As it was typed.
    target: PathBuf,
    /// Without links.
    place: PathBuf,
    force: bool,
    file: Kind,
}

#[derive(Debug)]
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
    prepare_file(target, force, fill)?.finish()
}

/// As [`write_file`], but the file has no name yet.
///
/// # Errors
/// As [`write_file`].
pub fn prepare_file(
    target: &Path,
    force: bool,
    fill: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<Output> {
    let output = Output::create(target, force)?;
    output.fill(fill)?;
    Ok(output)
}

impl Output {
    /// A file that will be at `target`; one that is there is replaced only with `force`.
    ///
    /// # Errors
    /// [`Error::Io`] if the target exists or the system cannot create a file beside it.
    pub fn create(target: &Path, force: bool) -> Result<Output> {
        // Asked here to save the work, and again before the file gets its name.
        let place = find(target, force)?;
        let folder = folder_of(&place);
        let file = match unnamed::create_in(folder) {
            Ok(Some(file)) => Ok(Kind::Unnamed(file)),
            Ok(None) => {
                let mut temporary = temporary();
                // What replaces a file gets its mode in the end, and may be private until then.
                if place.exists() {
                    temporary.permissions(Permissions::from_mode(0o600));
                }
                temporary.tempfile_in(folder).map(Kind::Named)
            }
            Err(error) => Err(error),
        };
        let file = file.map_err(|source| failed(target, "cannot create", source))?;
        Ok(Output { target: target.to_path_buf(), place, force, file })
    }

    /// Where the file will be: the target without links.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn fill(&self, fill: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> Result<()> {
        let mut buffered = BufWriter::with_capacity(1 << 16, self.file());
        let written = fill(&mut buffered).and_then(|()| buffered.flush());
        drop(buffered);
        written.map_err(|source| self.failed("cannot write", source))
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
        match unnamed::free_bytes(folder_of(&self.place)) {
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
        finish_all(vec![self])
    }

    fn sync(&self) -> Result<()> {
        self.file().sync_all().map_err(|source| self.failed("cannot sync to the disk", source))
    }

    /// Gives the file its name. What it replaces is kept under another one if that is wanted.
    fn give_name(self, keeps_old: bool) -> Result<Named> {
        if find(&self.target, self.force)? != self.place {
            let source = io::Error::other("the link leads elsewhere by now");
            return Err(self.failed("cannot rename to", source));
        }
        let there = self.place.symlink_metadata().ok();
        if let Some(there) = &there {
            liken(self.file(), there)
                .map_err(|source| self.failed("cannot set the mode of", source))?;
        }
        let identity = self.file().metadata().ok().map(|file| identity(&file));
        let old = (keeps_old && there.is_some()).then(|| keep(&self.place)).transpose();
        let old = old.map_err(|source| self.failed("cannot keep the old", source))?;
        let Output { target, place, force, file } = self;
        let named = match file {
            // Where nothing is replaced, one call of the system does it, and no kill comes between two.
            Kind::Unnamed(file) => match unnamed::name(&file, &place) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && force => {
                    replace(&file, &place)
                }
                named => named,
            },
            Kind::Named(file) if force => {
                file.persist(&place).map(|_| ()).map_err(|failed| failed.error)
            }
            Kind::Named(file) => {
                file.persist_noclobber(&place).map(|_| ()).map_err(|failed| failed.error)
            }
        };
        let done = Named { target, place, old, identity };
        match named {
            Ok(()) => Ok(done),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !force => {
                Err(already_there(&done.target))
            }
            Err(error) => {
                let failed = failed(&done.target, "cannot rename to", error);
                if done.old.is_some() {
                    done.take_back();
                }
                Err(failed)
            }
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> Error {
        failed(&self.target, action, source)
    }
}

/// Gives a file without a name one that another file has. The system has no call for it: the file gets a name of its
/// own first.
fn replace(file: &File, place: &Path) -> io::Result<()> {
    let named = temporary().make_in(folder_of(place), |path| unnamed::name(file, path))?;
    named.persist(place).map(|_| ()).map_err(|failed| failed.error)
}

fn failed(target: &Path, action: &'static str, source: io::Error) -> Error {
    let action = match source.kind() {
        io::ErrorKind::FileTooLarge => {
            "cannot write so long a file (raise the limit that ulimit -f shows)"
        }
        _ => action,
    };
    Error::Io { file: target.to_path_buf(), action, source }
}

/// How files are named that have no name of their own yet.
fn temporary() -> Builder<'static, 'static> {
    let mut temporary = Builder::new();
    // Less the umask, as for any new file.
    temporary.prefix(".farthest-").suffix(".tmp").permissions(Permissions::from_mode(0o666));
    temporary
}
