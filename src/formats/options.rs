//! How to read a list: what the user said, where the bytes leave a choice.

use std::path::Path;

use super::Encoding;
use crate::columns::Wishes;
use crate::error::{Error, Result};

/// How to read a list of cities.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Which columns hold what, by their names or their numbers.
    pub columns: Wishes,
    /// The character between two fields; white space for `b' '`.
    pub delimiter: Option<u8>,
    /// The encoding of the text.
    pub encoding: Option<Encoding>,
    /// Which points of a GPX file are the cities.
    pub layer: Option<Layer>,
    /// Leave out rows that are no city instead of refusing the file.
    pub skip_invalid: bool,
    /// Bytes of memory that a compressed file may take when it is unpacked; `None` does not ask.
    pub room_bytes: Option<u64>,
}

/// The kinds of points in a GPX file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `wpt`.
    Waypoints,
    /// `trkpt`.
    Tracks,
    /// `rtept`.
    Routes,
}

/// An option that only some forms can obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `--lat`, `--lon`, `--lat-lon`, `--lon-lat`.
    Place,
    /// `--name`.
    Name,
    /// `--delimiter`.
    Delimiter,
    /// `--layer`.
    Layer,
}

impl Flag {
    /// As the user types it.
    pub fn text(self) -> &'static str {
        match self {
            Flag::Place => "--lat, --lon, --lat-lon and --lon-lat",
            Flag::Name => "--name",
            Flag::Delimiter => "--delimiter",
            Flag::Layer => "--layer",
        }
    }
}

/// What stands for each byte of a text in memory at the worst: text, cities and points.
const COPIES: u64 = 3;

/// How many bytes a text may have that lies in memory, of which so many can be had.
pub fn most_bytes(room_bytes: Option<u64>) -> usize {
    room_bytes.map_or(usize::MAX, |room| usize::try_from(room / COPIES).unwrap_or(usize::MAX))
}

impl ReadOptions {
    /// The options given that only some forms can obey.
    pub fn given(&self) -> Vec<Flag> {
        let flags = [
            (self.columns.name_a_place(), Flag::Place),
            (self.columns.name.is_some(), Flag::Name),
            (self.delimiter.is_some(), Flag::Delimiter),
            (self.layer.is_some(), Flag::Layer),
        ];
        flags.into_iter().filter_map(|(is_given, flag)| is_given.then_some(flag)).collect()
    }

    /// Refuses options that a form cannot obey.
    ///
    /// # Errors
    /// [`Error::Usage`].
    pub(super) fn require_obeyed(&self, path: &Path, form: &str, obeys: &[Flag]) -> Result<()> {
        let Some(flag) = self.given().into_iter().find(|flag| !obeys.contains(flag)) else {
            return Ok(());
        };
        let message = format!(
            "{} cannot be obeyed: {} is {form}, which has no choice of that kind; leave the option out",
            if flag == Flag::Name { self.columns.name_flag() } else { flag.text() },
            path.display()
        );
        Err(Error::Usage { message })
    }
}
