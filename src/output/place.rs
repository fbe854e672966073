//! A path that was typed → the file that it stands for, if that may be written or replaced.
//!
//! Links are followed to what they lead to, which is replaced in its place; the link stays. The links of /proc
//! lead to files that are open (/dev/stdout is one): there is no name by which such a file could be replaced.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, PROC_SUPER_MAGIC, accessat, statfs};
use rustix::io::Errno;

use super::failed;
use crate::error::{Error, Result};
use crate::unnamed::folder_of;

/// How many links Linux follows to one file (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// Any bit that lets somebody write.
const WRITABLE: u32 = 0o222;

/// The path without links of a file to write.
///
/// # Errors
/// [`Error::Io`] if what is there is no regular file or may not be written, and if anything is there that is not to
/// be replaced.
pub(super) fn find(target: &Path, force: bool) -> Result<PathBuf> {
    let fail = |action, source| failed(target, action, source);
    // What is wrong with the path shows when the file is made.
    let there = target.metadata().ok();
    if let Some(there) = there.as_ref().filter(|there| !there.is_file()) {
        let source = io::Error::other(format!(
            "expected a regular file or a new one, found {}, which is not replaced; name a file",
            kind_of(there)
        ));
        return Err(fail("cannot write", source));
    }
    if !force && (there.is_some() || target.is_symlink()) {
        return Err(already_there(target));
    }
    let place = resolve(target).map_err(|source| fail("cannot follow the link", source))?;
    if let Some(there) = there {
        let found = place.symlink_metadata().ok().map(|found| identity(&found));
        if found != Some(identity(&there)) {
            let source = io::Error::other("it leads to a file without a name; name a file");
            return Err(fail("cannot follow the link", source));
        }
        require_writable(&place, &there).map_err(|source| fail("cannot replace", source))?;
    }
    Ok(place)
}

/// What tells a file from all others of this machine.
pub(super) fn identity(file: &Metadata) -> [u64; 2] {
    [file.dev(), file.ino()]
}

/// The path that links lead to, whether there is a file or not.
pub(super) fn resolve(target: &Path) -> io::Result<PathBuf> {
    let mut path = target.to_path_buf();
    for _ in 0..=MOST_LINKS {
        if !path.is_symlink() {
            return Ok(path);
        }
        let folder = folder_of(&path);
        if statfs(folder)?.f_type == PROC_SUPER_MAGIC {
            return Err(io::Error::other(
                "it leads to a file that a process has open; name that file itself",
            ));
        }
        path = folder.join(path.read_link()?);
    }
    Err(Errno::LOOP.into())
}

/// Refuses to replace a file that may not be written. A rename does not ask for it, and of root no call of the system
/// does, so that the bits of the mode decide there.
fn require_writable(place: &Path, there: &Metadata) -> io::Result<()> {
    let asked = accessat(CWD, place, Access::WRITE_OK, AtFlags::empty());
    // What else is wrong, as a file system that is read-only, shows when the new file is made.
    let is_allowed = !matches!(asked, Err(Errno::ACCESS | Errno::PERM));
    match is_allowed && there.mode() & WRITABLE != 0 {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file is read-only; allow writing with chmod u+w, or name another",
        )),
    }
}

fn kind_of(there: &Metadata) -> &'static str {
    let kind = there.file_type();
    match () {
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

/// Gives a file the mode of the one that it is to replace, and its owner and group as far as the system lets us.
pub(super) fn liken(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    // Only root may give a file away. Who may not was allowed to write the old one, and owns the new one.
    let _ = new.uid() == old.uid() || fchown(file, Some(old.uid()), None).is_ok();
    let has_group = new.gid() == old.gid() || fchown(file, None, Some(old.gid())).is_ok();
    // The bits that lend the rights of the owner go, as they do when a file is written in its place.
    let mut mode = old.mode() & 0o777;
    // Another group gets no more than everybody.
    if !has_group {
        mode &= 0o707 | (mode & 0o007) << 3;
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

pub(super) fn already_there(target: &Path) -> Error {
    let problem = "the file exists; name another, or replace it with --force";
    failed(target, "cannot write", io::Error::new(io::ErrorKind::AlreadyExists, problem))
}
