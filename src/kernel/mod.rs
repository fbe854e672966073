//! The pair kernel: 64 × 64 pairs in, a bit for each that could be far enough out.
//!
//! A kernel is a filter. It computes something cheap for every pair of a row tile and a column
//! tile and marks those that a [`crate::bound`] lets through; whether a marked pair really is
//! farther is decided by [`crate::sphere::distance_km`] alone. So a kernel may mark too many pairs
//! but never too few, and which kernel ran cannot be seen in the answer.
//!
//! Architecture Invariant: a kernel sees vectors and a limit. It knows no rows, no incumbent and
//! no diagonal: what it marks on or below the diagonal, or in the filling of a last tile, the
//! search leaves out.

mod scalar;

pub use scalar::mark_far_pairs;

use crate::tiles::TILE_CITIES;

/// Bit j of word i: the pair of row lane i and column lane j is marked.
pub type PairMask = [u64; TILE_CITIES];

/// The name of the instruction set in reports.
pub const ISA: &str = "scalar";
