//! A team whose ranks are threads, for what does not need MPI to be seen.

use std::sync::{Arc, Barrier, Mutex};

use farthest::error::{Error, Result};
use farthest::team::Team;

type Brought = std::result::Result<Vec<u8>, (u8, String)>;

struct Shared {
    barrier: Barrier,
    brought: Mutex<Vec<Option<Brought>>>,
}

struct Thread {
    rank: usize,
    ranks: usize,
    shared: Arc<Shared>,
}

impl Team for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn ranks(&self) -> usize {
        self.ranks
    }

    fn share(&self, mine: Result<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        let mine = mine.map_err(|error| (error.exit_code(), error.to_string()));
        self.shared.brought.lock().expect("no rank panics")[self.rank] = Some(mine);
        self.shared.barrier.wait();
        let all = self.shared.brought.lock().expect("no rank panics").clone();
        self.shared.barrier.wait();
        let all = all.into_iter().map(|brought| brought.expect("each rank brings something"));
        all.collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|(exit_code, message)| Error::Agreed { exit_code, message })
    }
}

/// What each rank of a team makes of some work, in the order of ranks.
pub fn on_threads<T: Send>(ranks: usize, work: impl Fn(&dyn Team) -> T + Sync) -> Vec<T> {
    let shared =
        Arc::new(Shared { barrier: Barrier::new(ranks), brought: Mutex::new(vec![None; ranks]) });
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..ranks)
            .map(|rank| {
                let team = Thread { rank, ranks, shared: shared.clone() };
                let work = &work;
                scope.spawn(move || work(&team))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("the rank ends")).collect()
    })
}
