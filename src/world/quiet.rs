//! Waiting for other ranks without taking their processor.
//!
//! MPI's blocking calls ask again and again whether a message is there. That is right for waits of some
//! microseconds, and wrong where one rank works for seconds: the others take the cores that it could use.
//! Here ranks wait by a barrier that MPI begins and they ask about: for a moment at once, then between
//! sleeps, which grow with the wait, so that the last of them adds little to it.
//!
//! A barrier passes in about log₂ ranks rounds, and a rank that sleeps takes no part in one until it wakes.
//! So the sleeps are short against what was waited for already, and never long.
//!
//! Architecture Invariant: it carries no data, and nobody needs it for the right answer.

use std::thread::{sleep, yield_now};
use std::time::{Duration, Instant};

use mpi::topology::SimpleCommunicator;
use mpi::traits::*;

/// Ranks that are in step meet within this time, and do not sleep.
const AWAKE: Duration = Duration::from_millis(1);
/// A sleep is so many times shorter than the wait before it, within these bounds.
const WAIT_PER_SLEEP: u32 = 16;
const LEAST_SLEEP: Duration = Duration::from_micros(50);
const MOST_SLEEP: Duration = Duration::from_millis(2);

/// Returns when all ranks are here.
pub(super) fn wait_for_all(ranks: &SimpleCommunicator) {
    if ranks.size() == 1 {
        return;
    }
    let begun = Instant::now();
    let mut barrier = ranks.immediate_barrier();
    while let Err(pending) = barrier.test() {
        barrier = pending;
        rest(begun);
    }
}

/// Leaves the processor to others, for as long as suits a wait that began then.
pub(super) fn rest(begun: Instant) {
    let waited = begun.elapsed();
    match waited < AWAKE {
        true => yield_now(),
        false => sleep((waited / WAIT_PER_SLEEP).clamp(LEAST_SLEEP, MOST_SLEEP)),
    }
}
