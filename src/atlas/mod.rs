//! The atlas: cities by regions, with their places, degrees, rows and names: what every search reads.
//!
//! `pack` writes an atlas to a file, which the ranks of a node map and share: a view of it opens in
//! next to no time and copies nothing. A text file becomes a list, from which the same points are made
//! in memory ([`AtlasBuffer`]); names and degrees stay in the list, because no more than two cities
//! of the answer are asked for theirs. Either way [`Atlas`] is the view, so that there is one search,
//! and no difference between a text file and its packed form.
//!
//! Architecture Invariant: whoever holds an [`Atlas`] cannot tell whether it is mapped, and
//! whoever writes one cannot tell whether it goes to a disk.

mod arrange;
mod block;
mod bounds;
mod buffer;
mod dealer;
mod decimals;
mod jobs;
mod layout;
mod names;
mod ordered;
mod row_once;
mod share;
mod split;
mod spool;
mod spools;
mod verify;
mod view;
mod write;

pub use arrange::{Checksums, arrange};
pub use buffer::AtlasBuffer;
pub use layout::{
    ALIGNMENT, Header, MAGIC, METRIC_SPHERE, NAMES_PER_OFFSET, Section, Shape, TableEntry, VERSION,
    plan,
};
pub use row_once::{Limits, find_row_twice};
pub use spool::Spool;
pub use spools::Spools;
pub use view::{Atlas, Fault, Head, looks_packed};
pub use write::write;

/// The format of a packed file, byte by byte.
#[doc = include_str!("FORMAT.md")]
pub mod format {}
