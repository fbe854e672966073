//! The steps that all ranks take together, counted, so that tests can end a rank at each of them.
//!
//! FARTHEST_KILL_AT_STEP=RANK,STEP lets a rank of the world die as by `kill -9` where it would enter one of
//! its steps, counted from 1, in builds with debug assertions alone. The others are then on their way into that
//! step, or wait in it.
//!
//! Architecture Invariant: it changes nothing where the variable is not set.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use mpi::topology::SimpleCommunicator;
use mpi::traits::*;

/// Where a process is to die: its rank, and the step.
type Death = (i32, u64);

/// Counts a step of this process, which it is about to enter.
pub(super) fn enter() {
    if !cfg!(debug_assertions) {
        return;
    }
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    static DEATH: OnceLock<Option<Death>> = OnceLock::new();
    let step = TAKEN.fetch_add(1, Relaxed) + 1;
    let Some((rank, last)) = *DEATH.get_or_init(death) else { return };
    if step == last && SimpleCommunicator::world().rank() == rank {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

fn death() -> Option<Death> {
    let asked = std::env::var("FARTHEST_KILL_AT_STEP").ok()?;
    let (rank, step) = asked.split_once(',')?;
    Some((rank.parse().ok()?, step.parse().ok()?))
}
