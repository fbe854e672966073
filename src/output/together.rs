//! Files that appear together or not at all.
//!
//! All are written and synced before the first gets its name, so that little is left that can fail: somebody has made
//! a file of the name of a later one meanwhile, say. Then the others lose their names again, and what they replaced is
//! put back: until all have theirs it has a second name, which begins with `.farthest-`. A kill between two calls of
//! the system can leave that.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::place::identity;
use super::{Output, failed, temporary};
use crate::error::Result;
use crate::unnamed::folder_of;

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
pub(super) struct Named {
    pub target: PathBuf,
    pub place: PathBuf,
    /// What it replaced, under a name that goes away with this value.
    pub old: Option<TempPath>,
    pub identity: Option<[u64; 2]>,
}

impl Named {
    /// Undoes it, as far as the system lets us.
    pub fn take_back(self) {
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

/// A second name for a file that is about to be replaced. Where a file cannot have two, it is moved there.
pub(super) fn keep(place: &Path) -> io::Result<TempPath> {
    let kept = temporary().make_in(folder_of(place), |path| {
        fs::hard_link(place, path).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::rename(place, path),
        })
    });
    kept.map(NamedTempFile::into_temp_path)
}

/// Whether the system says that a folder cannot be synced at all, by us or by anyone.
fn is_beyond_us(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    matches!(error.kind(), PermissionDenied | InvalidInput | Unsupported)
}
