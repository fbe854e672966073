//! Places at which tests stop a process until they have changed something under it, so that no test has to hit a
//! moment by the clock.
//!
//! FARTHEST_PAUSE_AT=PLACE,FOLDER lets every process that comes to the place make a file in the folder, named
//! "paused-" and its number, and wait until there is one named "go", in builds with debug assertions alone.
//!
//! Architecture Invariant: it changes nothing where the variable is not set.

use std::path::Path;
use std::time::Duration;

/// A place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file was opened, and none of its bytes was read.
    Opened,
    /// The cities of a file are in spools, and nobody has looked yet whether it stayed as it was.
    Taken,
    /// The cities of a file are there; those of a packed file are read when they are asked for.
    Loaded,
    /// A block of a rank's share was settled, and nobody has looked yet whether to go on.
    Settled,
}

/// Waits here, if somebody asked for it.
pub fn at(place: Place) {
    if !cfg!(debug_assertions) {
        return;
    }
    let Ok(asked) = std::env::var("FARTHEST_PAUSE_AT") else { return };
    let Some((name, folder)) = asked.split_once(',') else { return };
    if name != format!("{place:?}") {
        return;
    }
    let folder = Path::new(folder);
    // A test that has ended takes its folder with it.
    let _ = std::fs::write(folder.join(format!("paused-{}", std::process::id())), "");
    while folder.exists() && !folder.join("go").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
}
