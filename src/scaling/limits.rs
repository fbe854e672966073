//! What a runs file and the times in it may be at most.
//!
//! Far beyond any study, and far within what the arithmetic behind it can bear: a file that never ends is not read
//! for ever, and ratios and sums of times are numbers that can be drawn.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};
use crate::report::TimeFacts;

/// Of a file: some hundred thousand runs.
const MOST_BYTES: u64 = 256 << 20;

/// Of a time in seconds: thirty years.
const MOST_S: f64 = 1e9;

/// Of the time of a run, which is above 0: a thousandth of what clocks tell.
const LEAST_S: f64 = 1e-12;

/// All of a runs file.
///
/// # Errors
/// [`Error::NoInput`] and [`Error::Io`] if it cannot be read, [`Error::Data`] if it is longer than any.
pub(super) fn bytes_of(file: &Path) -> Result<Vec<u8>> {
    let opening = |source| Error::opening(file, source);
    // Looked at before it is opened: to open a pipe is to wait for its writer.
    let metadata = file.metadata().map_err(opening)?;
    if !metadata.is_file() {
        let kind = if metadata.is_dir() { "a directory" } else { "not a regular file" };
        let problem = format!("expected a runs file, found {kind}; write the runs to a file first");
        return Err(Error::NoInput { file: file.to_path_buf(), problem });
    }
    let mut bytes = Vec::new();
    if metadata.len() <= MOST_BYTES {
        let opened = File::open(file).map_err(opening)?;
        let read = opened.take(MOST_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|source| Error::Io {
            file: file.to_path_buf(),
            action: "cannot read",
            source,
        })?;
    }
    let found = metadata.len().max(bytes.len() as u64);
    if found > MOST_BYTES {
        let problem = format!(
            "expected a runs file of at most {MOST_BYTES} bytes, found {found}; name the file that \
             scripts/study wrote"
        );
        return Err(Error::Data { file: file.to_path_buf(), problem });
    }
    Ok(bytes)
}

/// What a report says of times that no run takes, as "expected …, found …".
pub(super) fn time_beyond(times: &TimeFacts) -> Option<String> {
    let found = times.execution_time;
    if !(LEAST_S..=MOST_S).contains(&found) {
        return Some(format!(
            "expected times above 0 s, that of a run from {LEAST_S:e} to {MOST_S:e} s, found \
             execution_time {found:e}"
        ));
    }
    let times = &times.times_s;
    let parts = [times.open, times.parse, times.order, times.share].into_iter().flatten();
    let mut phases = parts.chain([times.read, times.search, times.reduce]);
    let beyond = phases.find(|phase| !(0.0..=MOST_S).contains(&phase.max))?.max;
    Some(format!("expected times above 0 s, that of a phase up to {MOST_S:e} s, found {beyond:e}"))
}
