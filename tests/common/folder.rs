//! Temporary folders and the files in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Job;

/// A temporary folder that goes away with this value.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(TempDir::with_prefix("farthest-test-").expect("there is room for a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of a file in the folder, whether it is there or not.
    pub fn file(&self, name: &str) -> String {
        self.path().join(name).into_os_string().into_string().expect("the path is UTF-8")
    }

    /// Writes a file, makes the folders above it, and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = PathBuf::from(self.file(name));
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(&path, content).expect("there is room for a file");
        self.file(name)
    }

    /// The same of a file that can be started.
    pub fn write_program(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.write(name, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        path
    }

    /// The names of all that is in the folder, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).expect("the folder is there");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// Packs a city file with the binary, beside it and under its name with another extension.
pub fn pack(file: &str) -> String {
    let packed = Path::new(file).with_extension("cities");
    let packed = packed.into_os_string().into_string().expect("the path is UTF-8");
    Job::alone().run(&["pack", file, &packed]).expect_ok();
    packed
}
