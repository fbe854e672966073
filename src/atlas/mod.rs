//! The atlas: cities in the order of a curve, in tiles, with bounds: what every search reads.
//!
//! An atlas is a run of bytes. `pack` writes it to a file, which the ranks of a node map and
//! share; a text file is parsed and laid out in the same bytes in memory. Either way [`Atlas`] is
//! a view of them that copies nothing and opens in constant time, so that there is one reader,
//! one search, and no difference between a text file and its packed form.
//!
//! Architecture Invariant: whoever holds an [`Atlas`] cannot tell whether it is mapped, and
//! whoever writes one cannot tell whether it goes to a disk.

mod layout;
mod view;
mod write;

pub use layout::{ALIGNMENT, Header, MAGIC, Section, TableEntry, VERSION};
pub use view::{Atlas, Fault, looks_packed};
pub use write::{AtlasBuffer, packed_bytes, write};

/// The format of a packed file, byte by byte.
#[doc = include_str!("FORMAT.md")]
pub mod format {}
