//! The end of the job when memory runs out on a rank.
//!
//! The rank cannot bring an error to the next step that all take, because it is in the middle of its work; so it ends
//! the job at once. Ranks of a node run out together, as they have one memory and do the same work. One of them
//! speaks: that which gets hold of a name in the node's abstract sockets, which the system takes back when its process
//! ends. The others wait for the end that it brings.
//!
//! Architecture Invariant: nothing here is collective.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use mpi::topology::SimpleCommunicator;
use mpi::traits::*;

use crate::error::Error;
use crate::memory;

/// As long as this a rank that does not speak waits for the end of the job, which it then brings itself.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

static REPORT: OnceLock<fn(&Error)> = OnceLock::new();

/// Makes memory that runs out on any rank end the whole job with the exit code of an input/output error, after
/// `report` has been given what happened, on one rank of a node.
pub fn end_job_on_exhaustion(report: fn(&Error)) {
    let _ = REPORT.set(report);
    memory::end_on_exhaustion(end);
}

fn end(bytes: usize) -> ! {
    let is_in_job = mpi::environment::is_initialized() && !mpi::environment::is_finalized();
    let world = is_in_job.then(SimpleCommunicator::world);
    let place = world
        .as_ref()
        .map_or_else(String::new, |world| format!(" on rank {} of {}", world.rank(), world.size()));
    let error = error_of(bytes, &place);
    let is_alone = world.as_ref().is_none_or(|world| world.size() == 1);
    let name = name_of_speaker();
    match (is_alone, &name) {
        (false, None) => sleep(LONGEST_WAIT),
        _ => REPORT.get().iter().for_each(|report| report(&error)),
    }
    let exit_code = i32::from(error.exit_code());
    match world {
        Some(world) => super::abort_when_heard(&world, exit_code),
        None => std::process::exit(exit_code),
    }
}

fn error_of(bytes: usize, place: &str) -> Error {
    let free = memory::available_bytes();
    let free = free.map_or_else(String::new, |free| format!(", found {free} to be had at most"));
    Error::out_of_memory(format!(
        "expected {bytes} bytes more{place}{free}; give the job more memory (limits of the batch system, ulimit -v), \
         or start fewer ranks on a node"
    ))
}

/// The name by which a rank speaks for all that the launcher has started on this node; `None` if another has it.
fn name_of_speaker() -> Option<UnixDatagram> {
    let launcher = std::os::unix::process::parent_id();
    let name = SocketAddr::from_abstract_name(format!("farthest-out-of-memory-{launcher}")).ok()?;
    UnixDatagram::bind_addr(&name).ok()
}
