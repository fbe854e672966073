//! Where a program is, and how it is called from here.

use std::env;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Access, access};

use super::refused;
use crate::error::{Error, Result};

/// Where the shim `scripts/study` says that the repository is.
const REPOSITORY: &str = "FARTHEST_REPOSITORY";

/// The script that starts ranks on one machine, in the repository.
pub(super) const LAUNCH: &str = "scripts/launch";

/// The repository that has the scripts: the one whose script started this program, or the one that this program was
/// built in.
pub(super) fn repository() -> Option<PathBuf> {
    let named = env::var_os(REPOSITORY).map(PathBuf::from);
    let program = env::current_exe().ok();
    let above = program.iter().flat_map(|path| path.ancestors().skip(1)).map(Path::to_path_buf);
    named.into_iter().chain(above).find(|folder| is_program(&folder.join(LAUNCH)))
}

/// The program to measure, with an absolute path: the one that was named, or this one.
///
/// # Errors
/// [`Error::Usage`] if there is none.
pub(super) fn to_measure(named: Option<&Path>) -> Result<PathBuf> {
    let Some(named) = named else {
        return env::current_exe().map_err(|source| Error::Io {
            file: "this program".into(),
            action: "cannot find",
            source,
        });
    };
    let found = find(named).and_then(|path| path.canonicalize().ok());
    found.ok_or_else(|| {
        let found = named.display();
        refused(format!("expected a program at --farthest, found none at {found}"))
    })
}

/// A program as a shell finds it: by its path, or in PATH.
pub(super) fn find(name: &Path) -> Option<PathBuf> {
    if name.components().nth(1).is_some() || name.is_absolute() || name.starts_with(".") {
        return Some(name.to_path_buf()).filter(|path| is_program(path));
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// An absolute path, or the same from the current folder if that is shorter.
pub(super) fn shortest(path: &Path) -> PathBuf {
    let here = env::current_dir().ok();
    let relative = here.and_then(|here| from(&here, path));
    let is_shorter = |other: &PathBuf| other.as_os_str().len() < path.as_os_str().len();
    relative.filter(is_shorter).unwrap_or_else(|| path.to_path_buf())
}

/// An absolute path as it is from a folder; with a `/` in it, so that no shell looks for it in PATH.
fn from(folder: &Path, path: &Path) -> Option<PathBuf> {
    let mut up = folder.components().peekable();
    let mut down = path.components().peekable();
    if down.peek() != Some(&Component::RootDir) {
        return None;
    }
    while up.peek().is_some() && up.peek() == down.peek() {
        up.next();
        down.next();
    }
    let mut relative: PathBuf = up.map(|_| Component::ParentDir).collect();
    relative.extend(down);
    match relative.components().count() {
        1 => Some(Path::new(".").join(relative)),
        _ => Some(relative),
    }
}
