//! Whether outputs are files of their own.
//!
//! An output that is an input would be gone before anybody knows whether what replaces it is right. Spellings,
//! links and second names do not hide it: files are told apart by device and inode, and those that are not there yet
//! by their folder and name.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::place::{identity, resolve};
use crate::error::{Error, Result};
use crate::unnamed::folder_of;

/// What tells files apart, those that are not there yet too.
#[derive(PartialEq)]
enum Identity {
    There([u64; 2]),
    /// By its folder and its name in it.
    New([u64; 2], OsString),
}

impl Identity {
    /// Nothing for a path that leads nowhere, or to what is no regular file: whoever opens it says so.
    fn of(path: &Path) -> Option<Identity> {
        if let Ok(there) = path.metadata() {
            return there.is_file().then(|| Identity::There(identity(&there)));
        }
        let place = resolve(path).ok()?;
        let folder = folder_of(&place).metadata().ok()?;
        Some(Identity::New(identity(&folder), place.file_name()?.to_os_string()))
    }
}

/// Refuses an output that is an input, another output, or the file behind standard output, by whatever path or link.
/// A dash among the inputs is standard input.
///
/// # Errors
/// [`Error::Usage`].
pub fn require_apart(inputs: &[&Path], outputs: &[&Path]) -> Result<()> {
    let open = |number| PathBuf::from(format!("/proc/self/fd/{number}"));
    let inputs = inputs.iter().map(|input| match input.as_os_str() == "-" {
        true => (PathBuf::from("standard input"), open(0)),
        false => (input.to_path_buf(), input.to_path_buf()),
    });
    let others = inputs.chain([(PathBuf::from("standard output"), open(1))]);
    let named = |(name, path): (PathBuf, PathBuf)| Some((name, Identity::of(&path)?));
    let mut seen: Vec<(PathBuf, Identity)> = others.filter_map(named).collect();
    for output in outputs {
        let Some(identity) = Identity::of(output) else { continue };
        if let Some((other, _)) = seen.iter().find(|(_, seen)| *seen == identity) {
            return Err(Error::Usage {
                message: format!(
                    "expected a file of its own for each output, found that {} and {} are one; name another",
                    other.display(),
                    output.display()
                ),
            });
        }
        seen.push((output.to_path_buf(), identity));
    }
    Ok(())
}
