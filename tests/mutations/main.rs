//! Proves that no bytes do harm: whatever is read from outside, damaged in many ways, is read or refused, never
//! with a panic or a hang, and what comes out holds together.
//!
//! Each parser has a file of its own, and they share one harness. With `FARTHEST_LONG` set, as `scripts/test --long`
//! does, they are attacked for an hour together, and else with so many cases that it takes half a minute.

#[path = "../common/mod.rs"]
mod common;

mod angles;
mod checkpoints;
mod forms;
mod harness;
mod lists;
// What it holds answers against belongs to the program.
#[cfg(feature = "mpi")]
mod packed;
mod runs;
