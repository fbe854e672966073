//! Writing a file so that it is there whole or not at all.
//!
//! The bytes go to a temporary file beside the target, are synced to the disk, and the finished
//! file is renamed over the target, after which the folder is synced too. An error before the
//! rename (a full disk, say) removes the temporary file; only a killed process leaves it, under a
//! name that begins with `.farthest-`. A reader that has the old target mapped keeps the old
//! bytes.
//!
//! Architecture Invariant: this module does not know what is written.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::{Error, Result};

/// Writes `target` through `fill`; an existing file is replaced only with `force`.
///
/// # Errors
/// [`Error::Io`] if the target exists, or if the system cannot write, sync or rename; nothing
/// is left behind then.
pub fn write_file(
    target: &Path,
    force: bool,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> Result<()> {
    let fail = |action: &'static str| {
        move |source: io::Error| Error::Io { file: target.to_path_buf(), action, source }
    };
    // Asked here to save the work; `persist_noclobber` below is what nobody can slip past.
    if let Ok(there) = target.symlink_metadata() {
        if !force {
            return Err(already_there(target));
        }
        if !(there.is_file() || there.is_symlink()) {
            let source = io::Error::other("what is there is no file, and is not replaced");
            return Err(fail("cannot write")(source));
        }
    }
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut temporary = tempfile::Builder::new()
        .prefix(".farthest-")
        .suffix(".tmp")
        // Less the umask, as for any new file.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(fail("cannot create"))?;
    let mut buffered = BufWriter::with_capacity(1 << 16, temporary.as_file_mut());
    fill(&mut buffered).and_then(|()| buffered.flush()).map_err(fail("cannot write"))?;
    drop(buffered);
    temporary.as_file().sync_all().map_err(fail("cannot sync to the disk"))?;
    if force {
        temporary.persist(target).map_err(|failed| fail("cannot rename to")(failed.error))?;
    } else {
        temporary.persist_noclobber(target).map_err(|failed| match failed.error.kind() {
            io::ErrorKind::AlreadyExists => already_there(target),
            _ => fail("cannot rename to")(failed.error),
        })?;
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // The file is there. Some folders may be written but not read, and some file systems
        // cannot sync a folder.
        Err(error) if !is_beyond_us(&error) => Err(fail("cannot sync the folder of")(error)),
        _ => Ok(()),
    }
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
