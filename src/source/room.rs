//! Where the cities of a list lie on their way, and whether they can be held at all, known before any is read.
//!
//! What grows with the list lies in memory that ranks share, or on a disk. The rest is each rank's own: blocks of the
//! squares that are open, and the cities of one square while they are put in order. And every rank maps what all have
//! made, which takes addresses, wherever it lies.

use crate::error::{Error, Result};
use crate::memory;
use crate::team::Team;
use crate::unnamed::Room;

/// How many bytes a list takes.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// In files without a name, at most.
    pub bytes: u64,
    /// Cities, about.
    pub cities: u64,
}

impl Need {
    /// Memory that the ranks of a node take for themselves, about, where the list lies on a disk: measured on lists of 5
    /// and 20 million cities it was 28 and 112 MB on one rank (this says 36 and 84), and 40 and 136 MB on eight.
    fn work_bytes(self, ranks: u64) -> u64 {
        const BLOCKS_PER_CITY: f64 = 34.0 / 16.0;
        const IN_ORDER_PER_CITY: f64 = 40.0;
        const MOST_BLOCKS: f64 = (1_u64 << 28) as f64;
        const MOST_IN_ORDER: f64 = (1_u64 << 20) as f64;
        let cities = self.cities as f64 / ranks as f64;
        let blocks = (cities * BLOCKS_PER_CITY).min(MOST_BLOCKS);
        let in_order = (cities / 8.0).min(MOST_IN_ORDER) * IN_ORDER_PER_CITY;
        ranks * (blocks + in_order) as u64
    }

    /// Addresses that a rank takes to map what all have made, at least: measured it was 27 bytes a city with a name.
    fn address_bytes(self) -> u64 {
        const PER_CITY: u64 = 20;
        self.cities.saturating_mul(PER_CITY)
    }

    /// Refuses a list for which there are not the memory or the addresses.
    fn require(self, ranks: u64) -> Result<()> {
        let cities = self.cities;
        let refuse = |expected: String, found: u64, remedy: &str| {
            let problem = format!(
                "expected some {expected} for some {cities} cities, found {found}; {remedy}"
            );
            Err(Error::out_of_memory(problem))
        };
        let work = self.work_bytes(ranks);
        if let Some(free) = memory::available_bytes().filter(|&free| free < work) {
            let remedy = "give the job more memory (limits of the batch system, ulimit -v), or start fewer ranks on a node";
            return refuse(format!("{work} bytes of memory on this node"), free, remedy);
        }
        let addresses = self.address_bytes();
        if let Some(free) = memory::address_bytes().filter(|&free| free < addresses) {
            let remedy = "raise the limit that ulimit -v shows";
            return refuse(format!("{addresses} bytes of addresses"), free, remedy);
        }
        Ok(())
    }
}

/// Where files without a name lie for a list: in memory, if there is so much and as the user said, or elsewhere. The
/// first rank decides for all.
///
/// # Errors
/// [`Error::Io`], on all ranks, if the cities cannot be held anywhere.
pub fn room_for(
    team: &dyn Team,
    need: Need,
    memory_bytes: Option<u64>,
    elsewhere: Room,
) -> Result<Room> {
    let free = memory::available_bytes();
    let wanted = memory_bytes.or_else(|| Some(free? / 2));
    // What the user allows may be more than there is.
    let fits = wanted.into_iter().chain(free).all(|bytes| need.bytes <= bytes);
    let mine = need.require(team.ranks() as u64);
    let (_, all) = team.tell(mine, |()| vec![u64::from(fits)])?;
    Ok(match all[0][0] {
        1 => Room::Memory,
        _ => elsewhere,
    })
}
