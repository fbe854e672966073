//! `farthest` finds the farthest pair of cities on Earth: exactly, at any scale, on any number of
//! MPI ranks.
//!
//! # The problem
//!
//! Given n cities by latitude and longitude, which two have the greatest great-circle distance?
//! There are n(n − 1)/2 pairs, too many to list from some 10⁴ cities on, and the farthest of them
//! lie almost at each other's antipode, where the usual formulas lose half their digits. One
//! definition decides throughout, [`sphere::distance_km`], and then the lowest rows
//! ([`ranking`]); so every method, instruction set and number of ranks gives the same bytes.
//!
//! # The way of the data, and the house
//!
//! Each module imports only from those above it; `ARCHITECTURE.md` tells what each must not know.
//!
//! ```text
//! city file       map          path → bytes, mapped and shared by the ranks of a node
//!                 unnamed      files without a name, which ranks write side by side
//! cities          cities       coordinates, names, rows in the source
//!                 angle        notations of an angle and of a place → degrees
//!                 columns      names of columns → which hold place and name
//!                 formats      bytes in any form → cities
//! unit vectors    sphere       degrees → unit vectors; two vectors → kilometres
//!                 quick        the same for filters, many at a time, within a proven error
//! regions         tiles        64 neighbours → tile, bounds, bounds of groups, as a tree
//!                 curve        unit vector → spot on a cube, place on a space-filling curve
//!                 regions      squares of the cube and the cities in them
//!                 kernel       the loops over many cities at once, for each instruction set
//!                 deal         spots → regions, and which city stands where
//!                 sites        position → where a city is exactly, and its row
//!                 order        cities along the curve, and the bounds over them
//!                 points       what a search sees: regions, places, sites, tree
//!                 atlas        points, degrees and names: the packed file, byte by byte, and how ranks make it
//!                 intake       the ranks of a node read one list together
//!                 source       path or pipe → atlas, whatever the list is
//! pair space      pairs        i < j, or all (i, j) of two lists, in blocks, dealt to the ranks in turn
//!                 bound        what "far enough" is, with its proof
//!                 metric       what the Earth is: vectors, distances and limits of an ellipsoid
//! ranking         ranking      "farther", defined; the farthest pairs so far, and their threshold
//!                 search       blocks of pairs → the farthest pair
//! reduction       world        the only module that names MPI
//!                 driver       one rank's share, block by block; progress, limits, checkpoints
//!                 reduction    each rank's pair → the farthest of all
//!                 scatter      the notebook's list of pairs, for teaching
//! report          report       facts → text or JSON
//!                 scaling      runs of a study → table, fit, verdict, plot
//!                 cli          arguments → what to do
//!                 commands     what to do, step by step
//! ```
//!
//! Beside the way stand [`error`] (what can go wrong), [`memory`] (how much of it can be had),
//! [`output`] (whole files or none), [`plain`] (text of others, made harmless), [`pause`] (where tests stop a process),
//! [`team`] (ranks that do one piece of work together), [`console`] (the only module that prints),
//! [`notes`] (what to doubt), [`survey`] (`farthest info`) and
//! [`generate`] (invented cities); [`numbers`] are columns of 32 or 64 bits.
//!
//! # Where to begin
//!
//! Read `commands/pair.rs`, the table of contents; then [`sphere`], [`ranking`] and [`pairs`],
//! which define the answer; then [`search`] and [`driver`], which find it. All but [`world`] works without MPI:
//!
//! ```
//! use farthest::atlas::AtlasBuffer;
//! use farthest::kernel::Kernel;
//! use farthest::driver::search;
//! use farthest::search::{Field, Method, Wanted};
//! use farthest::formats::{ReadOptions, read};
//!
//! let text = b"10.0 20.0 here\n-10.5 -160.0 almost opposite\n10.0 25.0 near\n";
//! let reading = read("cities.txt".as_ref(), text, &ReadOptions::default())?;
//! let buffer = AtlasBuffer::new(reading.list);
//! let kernel = Kernel::choose(None).expect("the scalar kernel runs everywhere");
//! let points = buffer.atlas().points();
//! let field = Field::within(&points);
//! let found = search(field, Wanted::default(), Method::Pruned, kernel, 0, 1).expect("sound cities");
//! assert_eq!(found.farthest().expect("two cities or more").rows, [0, 1]);
//! # Ok::<(), farthest::error::Error>(())
//! ```
//!
//! Whoever has unit vectors already needs no list:
//!
//! ```
//! use farthest::driver::search;
//! use farthest::search::{Field, Method, Wanted};
//! use farthest::{kernel::Kernel, points::PointBuffer};
//!
//! let stars = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-0.6, -0.8, 0.0]];
//! let buffer = PointBuffer::new(&stars);
//! let kernel = Kernel::choose(None).expect("the scalar kernel runs everywhere");
//! let points = buffer.points();
//! let field = Field::within(&points);
//! let found = search(field, Wanted::default(), Method::Pruned, kernel, 0, 1).expect("numbers");
//! assert_eq!(found.farthest().expect("two points or more").rows, [1, 2]);
//! ```

pub mod checksum;
pub mod console;
pub mod error;
pub mod map;
pub mod memory;
pub mod output;
pub mod pause;
pub mod plain;
pub mod team;
pub mod unnamed;

pub mod angle;
pub mod cities;
pub mod columns;
pub mod formats;

pub mod quick;
pub mod sphere;

pub mod atlas;
pub mod curve;
pub mod deal;
pub mod kernel;
pub mod notes;
pub mod numbers;
pub mod order;
pub mod points;
pub mod regions;
pub mod sites;
pub mod source;
pub mod survey;
pub mod tiles;

pub mod generate;
pub mod intake;

pub mod pairs;

pub mod bound;
pub mod metric;

pub mod ranking;
pub mod search;

pub mod world;

pub mod driver;
pub mod reduction;

pub mod scatter;

pub mod cli;
pub mod commands;
pub mod report;
pub mod scaling;
