//! Why a search gives up: what it is given are not the points of cities.
//!
//! A list that was read holds sound places, so this is for packed files, whose sections a search takes at their word,
//! and for vectors of others.
//!
//! Architecture Invariant: it tells what was found, not in which file.

use std::fmt;

use crate::tiles::Node;

/// A mistake in the points, with which no answer would mean anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Damage {
    /// Two points whose distance is none: not a number, infinite or negative.
    Distance {
        /// The rows of the two.
        rows: [u64; 2],
        /// What came out as their distance.
        found_km: f64,
    },
    /// A point that has no other one at any distance.
    NoOther {
        /// Its row.
        row: u64,
        /// What came out as the distance of the farthest, if there was one.
        found_km: Option<f64>,
    },
    /// A node of the tree whose bounds do not hold what is in it, so that pairs would be passed over.
    Bounds {
        /// The first such node.
        node: Node,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Distance { rows, found_km } => {
                write!(f, "expected a distance between rows {rows:?}, found {found_km}")?
            }
            Damage::NoOther { row, found_km } => {
                write!(f, "expected another city at some distance from row {row}, found ")?;
                match found_km {
                    Some(km) => write!(f, "{km} km")?,
                    None => f.write_str("none")?,
                }
            }
            Damage::Bounds { node: Node { level, index } } => write!(
                f,
                "expected bounds of cities in node {index} of level {level}, found others"
            )?,
        }
        f.write_str(": the file is damaged inside; see where with --verify, and pack it again")
    }
}

impl std::error::Error for Damage {}
