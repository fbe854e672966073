//! How ranks leave MPI: in step, where the library needs it.
//!
//! MPICH before 4.2 closes a connection over TCP by a message that the other side must answer, and a
//! rank whose own connections are closed then waits in MPI_Finalize without answering anybody: a rank
//! that is a moment behind waits for ever. MPICH removed that wait in its commit 08d8105. With Debian's
//! 4.0.2, 8 ranks on 4 nodes hung so in about half of all jobs, and with what stands here in none of 80.
//!
//! Architecture Invariant: it changes nothing but when MPI_Finalize begins.

use std::thread::sleep;
use std::time::{Duration, Instant};

use mpi::point_to_point::send_receive_into;
use mpi::traits::*;

use super::World;

/// Before they leave MPI together, ranks stay out of it so many times as long as the slowest of them
/// took for a barrier, within these bounds; see [`World::leave_in_step`]. With 16 ranks on two cores
/// that did other work too, 50 ms alone were too few in 6 of 10 jobs, and this in none of 12.
const BARRIERS_BEFORE_LEAVING: u32 = 8;
const LEAST_BEFORE_LEAVING: Duration = Duration::from_millis(50);
const MOST_BEFORE_LEAVING: Duration = Duration::from_secs(5);

/// Up to so many ranks each of them gets a connection to all others before they leave. A connection
/// takes a file descriptor, and many systems give a process no more than 1024. More ranks leave at the
/// same moment all the same, which makes the race rare but does not end it.
const MOST_RANKS_CONNECTED: i32 = 256;

impl Drop for World {
    fn drop(&mut self) {
        if closes_in_a_race(&self.library()) {
            self.leave_in_step();
        }
    }
}

impl World {
    /// Lets ranks on several nodes begin MPI_Finalize together.
    ///
    /// First each rank sends to each other, so that both sides of every pair have a connection to
    /// close. Behind a barrier all stay out of MPI, for so long that the last has most likely left it
    /// too; a rank that is held up longer than that brings the race back. Then each has sent all its
    /// closing messages before it answers the first of another; messages between two ranks keep their
    /// order; so a rank that has all its answers has seen, and answered, all that will be asked.
    fn leave_in_step(&self) {
        let ranks = self.world.size();
        if self.nodes() == 1 {
            return;
        }
        let others = if ranks <= MOST_RANKS_CONNECTED { 1..ranks } else { 0..0 };
        for distance in others {
            let after = self.world.process_at_rank((self.world.rank() + distance) % ranks);
            let before = self.world.process_at_rank((self.world.rank() + ranks - distance) % ranks);
            send_receive_into(&0_u8, &after, &mut 0_u8, &before);
        }
        self.barrier();
        let begun = Instant::now();
        self.barrier();
        let longest = Duration::from_micros(self.max(begun.elapsed().as_micros() as u64));
        let pause = longest.saturating_mul(BARRIERS_BEFORE_LEAVING);
        sleep(pause.clamp(LEAST_BEFORE_LEAVING, MOST_BEFORE_LEAVING));
    }
}

/// Whether an MPI library, in the words of [`World::library`], is an MPICH before 4.2. Libraries that
/// are made of MPICH have names of their own, and other ways over the network.
fn closes_in_a_race(library: &str) -> bool {
    let version = library.strip_prefix("MPICH ").unwrap_or_default();
    // As 4.1.2, or 4.1rc1.
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map_while(|n| n.parse().ok());
    let (major, minor): (Option<u32>, Option<u32>) = (numbers.next(), numbers.next());
    major.zip(minor).is_some_and(|version| version < (4, 2))
}
