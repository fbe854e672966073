//! Paths in commands that a reader is to copy.

use std::path::Path;

/// A path as one word of a shell. Standard input has no path, so there the word is `FILE`.
pub(super) fn word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "._-/+@%:,=".contains(c);
    match text.as_ref() {
        "" | "-" | "standard input" => "FILE".into(),
        // A file whose name looks like an option.
        dashed if dashed.starts_with('-') => word(&Path::new(".").join(path)),
        plain if plain.chars().all(is_plain) => plain.into(),
        odd => format!("'{}'", odd.replace('\'', r"'\''")),
    }
}
