//! Which two places on Earth are farthest from each other? Exactly, of millions of them, in a moment.
//!
//! ```
//! // Latitude and longitude in degrees.
//! let places = [(48.86, 2.35), (-43.53, 172.64), (35.68, 139.69), (-41.29, 174.78)];
//! if let Some(pair) = farthest::farthest_pair(&places)? {
//!     let [one, other] = pair.indices.map(|index| places[index]);
//!     println!("{one:?} and {other:?} are {:.1} km apart", pair.distance_km);
//! #   assert_eq!(pair.indices, [0, 1]);
//! }
//! # Ok::<(), farthest::Error>(())
//! ```
//!
//! [`farthest_pairs`] has the farthest ten, or as many as you like:
//!
//! ```
//! # let places = [(48.86, 2.35), (-43.53, 172.64), (35.68, 139.69), (-41.29, 174.78)];
//! for pair in farthest::farthest_pairs(&places, 10)? {
//!     println!("{:?}: {:.1} km", pair.indices, pair.distance_km);
//! }
//! # Ok::<(), farthest::Error>(())
//! ```
//!
//! [`between`] takes one place of each of two lists:
//!
//! ```
//! let shops = [(52.52, 13.40), (-33.87, 151.21)];
//! let stores = [(40.71, -74.01), (51.51, -0.13)];
//! if let Some(pair) = farthest::between(&shops, &stores)? {
//!     let [shop, store] = pair.indices;
//!     println!("from shop {shop} to store {store} it is {:.1} km", pair.distance_km);
//! #   assert_eq!([shop, store], [1, 1]);
//! }
//! # Ok::<(), farthest::Error>(())
//! ```
//!
//! [`each`] says of every place how far it can be from it, and [`each_between`] the same to another list:
//!
//! ```
//! # let places = [(48.86, 2.35), (-43.53, 172.64), (35.68, 139.69), (-41.29, 174.78)];
//! for pair in farthest::each(&places)? {
//!     let [place, farthest] = pair.indices;
//!     println!("from place {place} it is {:.1} km to place {farthest}, and no other is farther", pair.distance_km);
//! }
//! # Ok::<(), farthest::Error>(())
//! ```
//!
//! # The answer
//!
//! There are n(n − 1)/2 pairs of n places, too many to list from some 10⁴ places on, and the farthest of them lie
//! almost at each other's antipode, where the usual formulas lose half their digits. One definition decides here, the
//! great circle on a sphere of [`sphere::RADIUS_KM`] ([`sphere::distance_km`]), and of equally far pairs the one with
//! the lowest indices. Pairs that cannot be the farthest are left out by proven bounds (`src/bound.rs`,
//! `src/kernel/coarse.rs`); so the answer has the same bits on every machine.
//!
//! A distance is accurate to 4e-11 km everywhere, the antipode included, and a whole multiple of 2⁻³⁵ km (29
//! nanometres), so that copies tie to the last bit, and so do all exactly antipodal pairs. Other pairs that are equally
//! far on paper (turned about the axis, say) come out a resolution apart in some 2 % of cases, on every machine alike.
//! On an ellipsoid, which the program knows too, the geodesics of the few pairs that no bound leaves out
//! (`src/metric/limits.rs`) are computed by Karney's method (2013) to 15 nanometres, and distances are whole multiples
//! of about 29 nanometres that divide half a meridian, so that all exactly antipodal pairs tie there as well.
//!
//! # The program
//!
//! The crate is also a program, `farthest`, which reads lists of cities in most forms and shares the work of a search
//! among MPI ranks; its README and `farthest --help` tell how. It needs an MPI and libclang. The library does not:
//! leave out the feature `mpi`, which is on by default (`default-features = false`).
//!
//! Lists that were packed by the program are files that others can read too: [`packed_file`] specifies them.

// The way of the data, and the house. Each module imports only from those above it; ARCHITECTURE.md tells what each
// must not know. Whoever reads the source begins with `commands/pair.rs`, the table of contents; then `sphere`,
// `ranking` and `pairs`, which define the answer; then `search` and `driver`, which find it. All but `world` and what
// stands on it (`scatter`, `commands`, `driver/attendant.rs`) works without MPI.
//
// city file       map          path → bytes, mapped and shared by the ranks of a node
//                 unnamed      files without a name, which ranks write side by side
// cities          cities       coordinates, names, rows in the source
//                 angle        notations of an angle and of a place → degrees
//                 columns      names of columns → which hold place and name
//                 formats      bytes in any form → cities
// unit vectors    sphere       degrees → unit vectors; two vectors → kilometres
//                 quick        the same for filters, many at a time, within a proven error
// regions         tiles        64 neighbours → tile, bounds, bounds of groups, as a tree
//                 curve        unit vector → spot on a cube, place on a space-filling curve
//                 regions      squares of the cube and the cities in them
//                 kernel       the loops over many cities at once, for each instruction set
//                 deal         spots → regions, and which city stands where
//                 sites        position → where a city is exactly, and its row
//                 order        cities along the curve, and the bounds over them
//                 points       what a search sees: regions, places, sites, tree
//                 atlas        points, degrees and names: the packed file, byte by byte, and how ranks make it
//                 intake       the ranks of a node read one list together
//                 source       path or pipe → atlas, whatever the list is
// pair space      pairs        i < j, or all (i, j) of two lists, in blocks, dealt to the ranks in turn
//                 bound        what "far enough" is, with its proof
//                 metric       what the Earth is: vectors, distances and limits of an ellipsoid
// ranking         ranking      "farther", defined; the farthest pairs so far, and their threshold
//                 search       blocks of pairs → the farthest pair; tiles of cities → the farthest of each
//                 each         the farthest of each → a file in the order of rows
// reduction       world        the only module that names MPI
//                 driver       one rank's share, block by block; progress, limits, checkpoints
//                 reduction    each rank's pair → the farthest of all
//                 scatter      the notebook's list of pairs, for teaching
//                 ways         two places → the shortest way as lines on a map
// report          features     GeoJSON as it is written
//                 report       facts → text or JSON
//                 picture      cities and pairs → a map, as SVG or PNG
//                 scaling      runs of a study → table, fit, verdict, plot
//                 study        starts those runs, and records them
//                 cli          arguments → what to do
//                 commands     what to do, step by step
//
// Beside the way stand `places` (the library's front), `error` (what can go wrong), `memory` (how much of it can be
// had), `output` (whole files or none), `plain` (text of others, made harmless), `pause` (where tests stop a process),
// `team` (ranks that do one piece of work together), `console` (the only module that prints), `notes` (what to doubt),
// `survey` (`farthest info`) and `generate` (invented cities); `numbers` are columns of 32 or 64 bits.

// What the library is to others, and all that its documentation shows.
pub mod error;
pub mod sphere;

mod places;

pub use atlas::format as packed_file;
pub use error::{Error, Result};
pub use places::{FarPair, between, each, each_between, farthest_pair, farthest_pairs};

// What the program, the tests and the benches are made of. It is public for them alone, and changes with any version.
// Clippy sees it as shown: `missing_docs` passes over what is hidden, and everything here is to be documented.
// The program needs these itself.
#[cfg_attr(not(clippy), doc(hidden))]
pub mod cli;
#[cfg(feature = "mpi")]
#[cfg_attr(not(clippy), doc(hidden))]
pub mod commands;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod console;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod driver;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod memory;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod report;
#[cfg(feature = "mpi")]
#[cfg_attr(not(clippy), doc(hidden))]
pub mod world;

// Tests and benches alone need these from without.
#[cfg_attr(not(clippy), doc(hidden))]
pub mod angle;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod atlas;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod bound;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod checksum;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod cities;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod columns;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod curve;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod deal;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod each;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod formats;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod generate;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod kernel;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod map;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod metric;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod notes;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod numbers;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod order;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod output;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod pairs;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod pause;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod picture;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod points;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod quick;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod ranking;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod reduction;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod regions;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod scaling;
#[cfg(feature = "mpi")]
#[cfg_attr(not(clippy), doc(hidden))]
pub mod scatter;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod search;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod sites;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod source;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod study;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod survey;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod team;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod tiles;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod unnamed;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod ways;

// And these nobody.
mod features;
mod intake;
mod plain;

/// The examples of the README are true too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
