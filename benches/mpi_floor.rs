//! What MPI itself costs: start, one reduction, end. A whole `farthest pair` is held against it.
//!
//! Usage: `scripts/launch RANKS mpi_floor`. It prints nothing; `scripts/bench` times the command.
//!
//! Open MPI connects two ranks when the first message travels between them, so the one reduction
//! belongs to the floor: a program without it would not have started what any other needs.

use mpi::collective::SystemOperation;
use mpi::traits::*;

fn main() {
    let universe = mpi::initialize().expect("MPI is started once");
    let world = universe.world();
    let root = world.process_at_rank(0);
    let mine = world.rank();
    if mine == 0 {
        let mut highest = 0;
        root.reduce_into_root(&mine, &mut highest, SystemOperation::max());
        assert_eq!(highest, world.size() - 1, "the maximum of all ranks");
    } else {
        root.reduce_into(&mine, SystemOperation::max());
    }
}
