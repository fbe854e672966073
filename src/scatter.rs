//! The notebook's way, for teaching: rank 0 lists all pairs of cities and scatters the list.
//!
//! Every rank measures its part as `--method naive` does, so a class sees on equal terms what the
//! list costs. Rank 0 makes it alone while the others wait, and all of it passes through the memory
//! of one host: n(n − 1)/2 pairs of 32 bytes, 18.5 GB for 34,006 cities, whose coordinates take
//! half a megabyte. In the mapped way no rank is told more than its number.
//!
//! MPI counts with C ints, so a long list goes out in rounds, each dealt in equal parts.
//!
//! Architecture Invariant: it finds what `--method naive` finds, and nothing else builds on it.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::driver::Outcome;
use crate::error::{Error, Result};
use crate::pairs::listed;
use crate::ranking::Ranking;
use crate::search::{Counted, Damage, Field, Wanted, haversine_km, offer};
use crate::world::World;

/// A pair in the list, as the notebook has it: two latitudes and two longitudes, in degrees.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct CoordPair {
    lat_1: f64,
    lat_2: f64,
    lon_1: f64,
    lon_2: f64,
}

/// Pairs that go out at a time: 128 MiB of them, beside which the start of a message is nothing.
const ROUND_PAIRS: usize = 1 << 22;

/// Lists all pairs on rank 0, scatters the list, and searches this rank's parts of it. All ranks
/// call it, after [`require_room`].
///
/// # Errors
/// As [`crate::search::Search::settle`].
pub fn search(
    world: &World,
    field: Field<'_>,
    wanted: Wanted,
) -> std::result::Result<Outcome, Damage> {
    let list = if world.rank() == 0 { list_of_pairs(&field) } else { Vec::new() };
    let pairs = usize::try_from(field.space(1).pairs()).expect("there is room for a list of them");
    let mut done = Outcome::default();
    let mut ranking = Ranking::new(wanted.pairs);
    let mut counted = Counted::new(field, wanted);
    let mut outcome = Ok(());
    for begin in (0..pairs).step_by(ROUND_PAIRS) {
        let round = begin..(begin + ROUND_PAIRS).min(pairs);
        let part = |rank| equal_part(&round, rank, world.ranks());
        let to_send = list.get(round.clone()).unwrap_or_default();
        let received = world.scatter_from_root(to_send, |rank| part(rank).len());
        let searched = search_part(
            (&field, &mut counted),
            &received,
            part(world.rank()),
            &mut done,
            &mut ranking,
        );
        // Whoever has found a mistake goes on: the others wait for it in the next round.
        outcome = outcome.and(searched);
    }
    done.found.ranking = ranking;
    outcome.map(|()| done)
}

fn list_of_pairs(field: &Field<'_>) -> Vec<CoordPair> {
    let [rows, columns] = field.points().map(|points| points.sites());
    let all = listed(field.space(1), 0..u64::MAX);
    let pairs = all.flat_map(|row| row.positions().collect::<Vec<_>>()).map(|[i, j]| {
        let [lat_1, lon_1] = rows.degrees(i as usize);
        let [lat_2, lon_2] = columns.degrees(j as usize);
        CoordPair { lat_1, lat_2, lon_1, lon_2 }
    });
    pairs.collect()
}

/// The part of a rank; of any two ranks one has at most one place more.
fn equal_part(round: &Range<usize>, rank: u64, ranks: u64) -> Range<usize> {
    let before = |rank: u64| round.start + (round.len() as u64 * rank / ranks) as usize;
    before(rank)..before(rank + 1)
}

/// Measures the pairs that stand at these places of the list.
fn search_part(
    (field, counted): (&Field<'_>, &mut Counted<'_>),
    part: &[CoordPair],
    places: Range<usize>,
    done: &mut Outcome,
    ranking: &mut Ranking,
) -> std::result::Result<(), Damage> {
    let mut part = part.iter();
    for block in listed(field.space(1), places.start as u64..places.end as u64) {
        done.blocks.note(|| block.clone());
        for (positions, pair) in block.positions().zip(&mut part) {
            let CoordPair { lat_1, lat_2, lon_1, lon_2 } = *pair;
            let distance_km = haversine_km((lat_1, lon_1), (lat_2, lon_2));
            let positions = positions.map(|position| position as usize);
            if counted.has_both(positions) {
                offer(field, ranking, positions, distance_km)?;
            }
            done.found.covered += 1;
            done.found.evaluated += 1;
        }
    }
    Ok(())
}

/// Refuses a list for which rank 0 has no memory, before any of it is made: the list and a round
/// of it must fit into 7/8 of what can be had ([`crate::memory::available_bytes`]). What the system
/// does not tell is not refused.
///
/// # Errors
/// [`Error::Usage`]: the command line asks for more than this machine can do.
pub fn require_room(pairs: u128, available_bytes: Option<u64>) -> Result<()> {
    let Some(available_bytes) = available_bytes else { return Ok(()) };
    let listed = pairs + pairs.min(ROUND_PAIRS as u128);
    let needed_bytes = listed * size_of::<CoordPair>() as u128;
    let usable_bytes = available_bytes - available_bytes / 8;
    if needed_bytes <= u128::from(usable_bytes) {
        return Ok(());
    }
    let message = format!(
        "expected {needed_bytes} bytes of free memory on rank 0, for --dist scatter to list {pairs} \
         pairs, found {usable_bytes} (7/8 of the {available_bytes} available); leave --dist scatter \
         out: the mapped way makes no list"
    );
    Err(Error::Usage { message })
}
