//! What a file is, as far as the system tells without reading it: how long, and when it was last written to.
//!
//! Who compares the state of an open file before and after it was read learns whether somebody wrote to it
//! meanwhile. A file that takes the place of another under its name is another file, and the open one stays as it
//! is; so the open file is asked, and not its name. The time of the last change of its name, owner or mode tells
//! nothing about its bytes and is not looked at.
//!
//! *The clock of files* stands still between two ticks, so that of two writes within a tick the second leaves no
//! trace. A file that was written to a moment before it was opened is therefore looked at again when the next tick
//! is sure to have come ([`State::settled`]). From then on every write changes the state; but for writes through a
//! map of another program, which the system notes when it likes, and whoever sets the time back on purpose.
//!
//! Leases (`F_SETLEASE`), by which the system tells of every writer, were rejected: the owner of a file alone may
//! have one, and it makes the writer wait.

use std::fmt::{self, Display, Formatter};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, StatxFlags};
use rustix::io::Errno;

/// The state of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) bytes: u64,
    modified_s: i64,
    modified_ns: u32,
}

/// More than a tick of any system: they have 100 to 1000 in a second.
const TICK: Duration = Duration::from_millis(20);

/// More than a tick of file systems that keep whole seconds only, or every second one.
const COARSE_TICK: Duration = Duration::from_millis(2020);

/// How often a file is waited for that somebody goes on writing to.
const MOST_WAITS: u32 = 3;

impl State {
    /// That of an open file. A file system that keeps what the system tells from other hosts asks there.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn of(file: &File) -> io::Result<State> {
        let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_FORCE_SYNC;
        match rustix::fs::statx(file, c"", flags, StatxFlags::SIZE | StatxFlags::MTIME) {
            Ok(found) => Ok(State {
                bytes: found.stx_size,
                modified_s: found.stx_mtime.tv_sec,
                modified_ns: found.stx_mtime.tv_nsec,
            }),
            // Linux before 4.11, and some containers, do not know the call.
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => {
                let found = file.metadata()?;
                let (modified_s, modified_ns) = (found.mtime(), found.mtime_nsec() as u32);
                Ok(State { bytes: found.len(), modified_s, modified_ns })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The same, when every later write is sure to change it.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn settled(file: &File) -> io::Result<State> {
        let mut state = State::of(file)?;
        for _ in 0..MOST_WAITS {
            let wait = state.settles_in(SystemTime::now());
            if wait.is_zero() {
                break;
            }
            sleep(wait);
            state = State::of(file)?;
        }
        Ok(state)
    }

    /// How long until a write shows. A time to come is the clock of another host, or not one of a write.
    fn settles_in(&self, now: SystemTime) -> Duration {
        let tick = if self.modified_ns == 0 { COARSE_TICK } else { TICK };
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let age_ns = now.as_nanos() as i128
            - (i128::from(self.modified_s) * 1_000_000_000 + i128::from(self.modified_ns));
        let tick_ns = tick.as_nanos() as i128;
        match (-tick_ns..tick_ns).contains(&age_ns) {
            true => Duration::from_nanos((tick_ns - age_ns) as u64),
            false => Duration::ZERO,
        }
    }
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let State { bytes, modified_s, modified_ns } = self;
        write!(f, "{bytes} bytes last modified {modified_s}.{modified_ns:09} s after 1970")
    }
}
