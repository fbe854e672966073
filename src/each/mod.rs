//! A line for each city: where its farthest city is, in the order of rows; and what all of them have in common.
//!
//! The search finds answers along the curve, and keeps them by position. The file wants them by row. So the ranks
//! of a node share the answers (`answers`), and each collects the positions of some rows (`order`), makes their lines
//! (`form`) and writes them behind those of the rows before, whose length the other ranks tell (`sheet`). Which rank
//! makes which lines cannot be seen in the file.
//!
//! Architecture Invariant: it does not know how the answers were found, nor what ranks are.

mod answers;
mod extremes;
mod form;
mod histogram;
mod order;
mod sheet;

pub use answers::{Answers, bytes_for};
pub use extremes::Extremes;
pub use form::Form;
pub use histogram::{Bins, Histogram};
pub use order::RowOrder;
pub use sheet::Sheet;
