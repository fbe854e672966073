//! Writing a file so that it is there whole or not at all.
//!
//! The bytes go to a file without a name in the folder of the target ([`crate::unnamed`]), are synced to the
//! disk, and only then the file is given its name, after which the folder is synced too. So nothing is left
//! behind by an error or a kill. Where a file is to be replaced, the new one has a name that begins with
//! `.farthest-` between two calls of the system, and is then renamed over the other. A file system that has no
//! files without a name is given one of such a name from the start, and there a kill leaves it. A reader
//! that has the old target mapped keeps the old bytes.
//!
//! Files that are to appear together ([`finish_all`]) are all written and synced before the first gets its name.
//! Should one of them then get none, the others lose theirs again, and what they replaced is put back.
//!
//! A file that is replaced keeps its mode and its owner, and one that is read-only is not replaced (`place.rs`).
//!
//! Architecture Invariant: this module does not know what is written.

mod place;

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use crate::error::{Error, Result};
use crate::unnamed::{self, folder_of};

pub use self::place::require_apart;
use self::place::{already_there, find, identity, liken};

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
    let mut buffered = BufWriter::with_capacity(1 << 16, output.file());
    let written = fill(&mut buffered).and_then(|()| buffered.flush());
    drop(buffered);
    written.map_err(|source| output.failed("cannot write", source))?;
    Ok(output)
}

/// Gives all files their names, or none of them.
///
/// # Errors
/// [`Error::Io`] as [`Output::finish`]; of files that were to be replaced the old ones are there then.
pub fn finish_all(outputs: Vec<Output>) -> Result<()> {
    outputs.iter().try_for_each(Output::sync)?;
    let mut named: Vec<Named> = Vec::new();
    let count = outputs.len();
    for (output, number) in outputs.into_iter().zip(1..) {
        // Behind the last nothing fails that would take it back.
        match output.give_name(number < count) {
            Ok(done) => named.push(done),
            Err(error) => {
                named.into_iter().rev().for_each(Named::take_back);
                return Err(error);
            }
        }
    }
    named.iter().try_for_each(Named::sync_folder)
}

/// A file that has its name.
struct Named {
    target: PathBuf,
    place: PathBuf,
    /// What it replaced, under a name that goes away with this value.
    old: Option<TempPath>,
    identity: Option<[u64; 2]>,
}

impl Named {
    /// Undoes it, as far as the system lets us.
    fn take_back(self) {
        let at = |path: &Path| path.symlink_metadata().ok().map(|found| identity(&found));
        let there = at(&self.place);
        match self.old {
            // Nothing was replaced, and what is kept is the second name of the old file.
            Some(old) if at(&old) == there => {}
            Some(old) => {
                let _ = old.persist(&self.place);
            }
            // Another program may have put its own file there.
            None if there == self.identity => {
                let _ = fs::remove_file(&self.place);
            }
            None => {}
        }
    }

    fn sync_folder(&self) -> Result<()> {
        match File::open(folder_of(&self.place)).and_then(|folder| folder.sync_all()) {
            // The file is there. Some folders may be written but not read, and some file systems
            // cannot sync a folder.
            Err(error) if !is_beyond_us(&error) => {
                Err(failed(&self.target, "cannot sync the folder of", error))
            }
            _ => Ok(()),
        }
    }
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
            Kind::Unnamed(file) if force => temporary()
                .make_in(folder_of(&place), |path| unnamed::name(&file, path))
                .and_then(|named| named.persist(&place).map(|_| ()).map_err(|failed| failed.error)),
            Kind::Unnamed(file) => unnamed::name(&file, &place),
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

fn failed(target: &Path, action: &'static str, source: io::Error) -> Error {
    Error::Io { file: target.to_path_buf(), action, source }
}

/// A second name for a file that is about to be replaced. Where a file cannot have two, it is moved there.
fn keep(place: &Path) -> io::Result<TempPath> {
    let kept = temporary().make_in(folder_of(place), |path| {
        fs::hard_link(place, path).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::rename(place, path),
        })
    });
    kept.map(NamedTempFile::into_temp_path)
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
