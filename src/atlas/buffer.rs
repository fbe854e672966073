//! An atlas that was made here, in memory or in a file.

use std::sync::OnceLock;

use super::arrange::{Checksums, arrange};
use super::spool::Spool;
use super::view::Atlas;
use crate::cities::CityList;
use crate::error::Result;
use crate::map::MappedFile;
use crate::points::BoundsBuffer;
use crate::team::Alone;
use crate::unnamed::{Room, Unnamed};

/// An atlas in memory: of one list, or made by all ranks of a node of what each of them has read.
pub struct AtlasBuffer {
    map: MappedFile,
    /// Where they were left out and somebody asked for them.
    bounds: OnceLock<BoundsBuffer>,
}

impl AtlasBuffer {
    /// The atlas of a list.
    ///
    /// # Panics
    /// If the system has not the memory.
    pub fn new(list: CityList) -> AtlasBuffer {
        let made = AtlasBuffer::of_list(&list, Checksums::LeftOut);
        made.unwrap_or_else(|error| panic!("no memory for an atlas: {error}"))
    }

    pub(super) fn of_list(list: &CityList, checksums: Checksums) -> Result<AtlasBuffer> {
        let mut spool = Spool::new(&Room::Memory, list.len() as u64, 1)?;
        spool.take(list)?;
        let out = Unnamed::create(&Room::Memory)?;
        arrange(&Alone, &spool.share(&Alone, list.source_rows())?, &out, checksums)?;
        AtlasBuffer::of_file(&out)
    }

    /// The atlas that was made in a file.
    ///
    /// # Errors
    /// [`crate::error::Error::Io`] if the system cannot map it.
    pub fn of_file(file: &Unnamed) -> Result<AtlasBuffer> {
        Ok(AtlasBuffer { map: file.map()?, bounds: OnceLock::new() })
    }

    /// Its bytes, those of a packed file.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// The view that everything works on.
    pub fn atlas(&self) -> Atlas<'_> {
        Atlas::reopen(&self.map, &self.bounds).expect("it was made here")
    }
}
