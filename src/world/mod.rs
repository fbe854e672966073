//! The only module that names MPI: ranks, agreement, maxima, and the end of the job.
//!
//! What all ranks must know goes through here as integers, times and bytes. The ranks agree on
//! errors before they go on ([`World::agree`]): a rank that failed alone and left would let the
//! others wait in the next collective for ever.
//!
//! A binary built for one MPI and started by the launcher of another becomes, without a word,
//! N jobs of one rank each. [`World::check_launcher`] sees it by what the launcher left in the
//! environment, and refuses.
//!
//! Architecture Invariant: it knows no city and no pair.

mod bring;
mod exhaustion;
mod launcher;
mod leave;
mod mail;
mod node;
mod pipe;
mod quiet;
mod steps;

use std::cell::OnceCell;
use std::thread::sleep;
use std::time::Duration;

use bytemuck::Pod;
use mpi::collective::SystemOperation;
use mpi::datatype::Partition;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::*;
use xxhash_rust::xxh3::xxh3_64;

use self::launcher::Launcher;
use crate::error::{Error, Result};
use crate::team::Team;

pub use self::exhaustion::end_job_on_exhaustion;
pub use self::launcher::{is_first_of_launcher, is_one_of_several};
pub use self::mail::Mail;
pub use self::node::NodeTeam;

/// The rank that speaks for all.
const ROOT: i32 = 0;

/// All ranks of this job. Dropping it finalizes MPI.
pub struct World {
    world: SimpleCommunicator,
    // Above the universe, because communicators are freed before MPI ends.
    node: OnceCell<NodeTeam>,
    hosts: OnceCell<Vec<String>>,
    _universe: Universe,
    launcher: Option<Launcher>,
    allow_singletons: bool,
}

impl World {
    /// Starts MPI. With `allow_singletons` a rank may be alone although its launcher started more.
    ///
    /// # Panics
    /// If MPI runs already in this process.
    pub fn start(allow_singletons: bool) -> World {
        let launcher = Launcher::of_this_process();
        launcher::prepare(launcher.as_ref());
        let mut universe = mpi::initialize().expect("MPI is started once");
        universe.set_buffer_size(mail::buffer_bytes(universe.world().size()));
        let (world, node, hosts) = (universe.world(), OnceCell::new(), OnceCell::new());
        World { world, node, hosts, _universe: universe, launcher, allow_singletons }
    }

    /// This rank, from 0.
    pub fn rank(&self) -> u64 {
        self.world.rank() as u64
    }

    /// Number of ranks.
    pub fn ranks(&self) -> u64 {
        self.world.size() as u64
    }

    /// Whether this rank speaks for all. That is rank 0; where a launcher started ranks that do
    /// not know each other, it is the first of them, so that they do not all say the same.
    pub fn is_speaker(&self) -> bool {
        self.rank() == 0 && self.lonely_under().is_none_or(|launcher| launcher.rank == 0)
    }

    /// Refuses a world of one rank whose launcher says that there are more. All but the speaker
    /// take two seconds for it: Open MPI's launcher ends the job as soon as one rank has failed, and
    /// the speaker must have spoken by then.
    ///
    /// # Errors
    /// [`Error::Launcher`].
    pub fn check_launcher(&self) -> Result<()> {
        let Some(launcher) = self.lonely_under() else { return Ok(()) };
        let Launcher { variable, ranks, .. } = launcher;
        if !self.is_speaker() {
            std::thread::sleep(Duration::from_secs(2));
        }
        let problem = format!(
            "expected {ranks} ranks, as the launcher says ({variable}={ranks}), found each of \
             them alone: this binary was built with {}, and the launcher belongs to another MPI. \
             Start it with the launcher of its own MPI (under srun with the matching --mpi=), or \
             build it again with the MPI of this launcher; --allow-singletons lets each rank run \
             alone",
            self.library(),
        );
        Err(Error::Launcher { problem })
    }

    /// The launcher that started more ranks than find each other, where that is not wanted.
    fn lonely_under(&self) -> Option<&Launcher> {
        let is_alone = self.ranks() == 1 && !self.allow_singletons;
        self.launcher.as_ref().filter(|launcher| is_alone && launcher.ranks > 1)
    }

    /// The ranks that share this rank's memory. Whichever of this and the next four is called first is
    /// collective: all ranks call one of them.
    ///
    /// FARTHEST_RANKS_ON_NODE makes nodes of so many ranks in a row, in builds with debug assertions
    /// alone: the tests see with it several nodes where there is one.
    pub fn node(&self) -> &NodeTeam {
        self.node.get_or_init(|| {
            let forced =
                std::env::var("FARTHEST_RANKS_ON_NODE").ok().filter(|_| cfg!(debug_assertions));
            let ranks = forced.and_then(|ranks| ranks.parse().ok()).filter(|&ranks| ranks > 0);
            NodeTeam::of(&self.world, ranks)
        })
    }

    /// Number of ranks that share this rank's memory.
    pub fn ranks_on_node(&self) -> u64 {
        self.node().ranks() as u64
    }

    /// Number of nodes.
    pub fn nodes(&self) -> u64 {
        self.node().nodes()
    }

    /// This rank's node, from 0.
    pub fn node_index(&self) -> u64 {
        self.node().index()
    }

    /// Whether rank 0 shares this rank's memory.
    pub fn is_on_node_of_root(&self) -> bool {
        self.node_index() == 0
    }

    /// The MPI library and its version, in one line.
    pub fn library(&self) -> String {
        let text = mpi::environment::library_version().unwrap_or_default();
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let name = text[..end].replace("Version:", "").replace('\0', "");
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The host of each rank, in the order of ranks, on the root; elsewhere nothing. They are gathered
    /// once; whichever call is the first is collective.
    pub fn hosts_at_root(&self) -> &[String] {
        const NAME_BYTES: usize = 256;
        self.hosts.get_or_init(|| {
            let mut name = [0_u8; NAME_BYTES];
            let host = self.host();
            let length = host.len().min(NAME_BYTES);
            name[..length].copy_from_slice(&host.as_bytes()[..length]);
            let names = self.gather_at_root(&name);
            let text =
                |name: &[u8]| String::from_utf8_lossy(name).trim_end_matches('\0').to_string();
            names.chunks_exact(NAME_BYTES).map(text).collect()
        })
    }

    /// What each rank passes in (all the same length), in the order of ranks, on the root;
    /// elsewhere nothing.
    pub fn gather_at_root<T: Pod>(&self, mine: &[T]) -> Vec<T> {
        let root = self.world.process_at_rank(ROOT);
        let my_bytes: &[u8] = bytemuck::cast_slice(mine);
        if self.world.rank() != ROOT {
            root.gather_into(my_bytes);
            return Vec::new();
        }
        let mut all = vec![T::zeroed(); mine.len() * self.world.size() as usize];
        root.gather_into_root(my_bytes, bytemuck::cast_slice_mut::<T, u8>(&mut all));
        all
    }

    /// What all ranks bring, folded into one, on the root; elsewhere nothing. Ranks are joined two by two, so that
    /// none ever holds more than two of them. `fold` must give the same for either order.
    pub fn fold_at_root<T: Pod>(
        &self,
        mine: Vec<T>,
        fold: impl Fn(Vec<T>, Vec<T>) -> Vec<T>,
    ) -> Vec<T> {
        steps::enter();
        let (rank, ranks) = (self.world.rank(), self.world.size());
        let mut all = mine;
        let mut apart = 1;
        while apart < ranks {
            if rank & apart != 0 {
                let nearer = self.world.process_at_rank(rank - apart);
                nearer.send(&(all.len() as u64));
                pieces(&all).for_each(|piece| nearer.send(piece));
                return Vec::new();
            }
            if rank + apart < ranks {
                let farther = self.world.process_at_rank(rank + apart);
                let (length, _) = farther.receive::<u64>();
                let mut theirs = vec![T::zeroed(); length as usize];
                let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut theirs);
                bytes.chunks_mut(PIECE_BYTES).for_each(|piece| {
                    farther.receive_into(piece);
                });
                all = fold(all, theirs);
            }
            apart *= 2;
        }
        all
    }

    /// This rank's part of what the root passes in (the others pass nothing): MPI_Scatterv deals it
    /// out one part after the other, of as many elements as `length` says of each rank.
    ///
    /// # Panics
    /// If all parts together have 2 GiB or more, because MPI counts their bytes with a C int.
    pub fn scatter_from_root<T: Pod>(&self, all: &[T], length: impl Fn(u64) -> usize) -> Vec<T> {
        let root = self.world.process_at_rank(ROOT);
        let mut mine = vec![T::zeroed(); length(self.rank())];
        let my_bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut mine);
        if self.world.rank() != ROOT {
            root.scatter_varcount_into(my_bytes);
            return mine;
        }
        let bytes_before = |rank: u64| {
            let elements: usize = (0..rank).map(&length).sum();
            i32::try_from(elements * size_of::<T>()).expect("the parts have less than 2 GiB")
        };
        let begins: Vec<i32> = (0..=self.ranks()).map(bytes_before).collect();
        let counts: Vec<i32> = begins.windows(2).map(|ends| ends[1] - ends[0]).collect();
        let begins = &begins[..counts.len()];
        let parts = Partition::new(bytemuck::cast_slice::<T, u8>(all), &counts[..], begins);
        root.scatter_varcount_into_root(&parts, my_bytes);
        mine
    }

    /// The maximum over all ranks, known to all: MPI_Reduce with MAX brings it to the root,
    /// which passes it on.
    ///
    /// MPICH 4.0.2 takes MPI_UINT64_T for signed under MAX, and Open MPI 4.1.4 does so with
    /// MPI_UNSIGNED_LONG: of 2⁶⁴ − 2 and 5 they return 5. So the numbers travel as signed ones with
    /// their highest bit flipped, which keeps their order and which both compare rightly.
    pub fn max(&self, mine: u64) -> u64 {
        const HIGHEST_BIT: u64 = 1 << 63;
        let root = self.world.process_at_rank(ROOT);
        let mine = (mine ^ HIGHEST_BIT) as i64;
        let mut highest = 0_i64;
        if self.world.rank() == ROOT {
            root.reduce_into_root(&mine, &mut highest, SystemOperation::max());
        } else {
            root.reduce_into(&mine, SystemOperation::max());
        }
        root.broadcast_into(&mut highest);
        highest as u64 ^ HIGHEST_BIT
    }

    /// Waits until all ranks are here.
    pub fn barrier(&self) {
        steps::enter();
        self.world.barrier();
    }

    /// Lets all ranks know whether all succeeded. If not, all return the error of the lowest rank
    /// that failed, so that the root can print it and all end with its code. Ranks that wait here
    /// leave the processor to the others.
    ///
    /// # Errors
    /// That error, as [`Error::Agreed`]; if some ranks succeeded, it says which one did not.
    pub fn agree<T>(&self, mine: Result<T>) -> Result<T> {
        quiet::wait_for_all(&self.world);
        self.agree_at_once(mine)
    }

    /// [`World::agree`] without a sleep: where ranks work equally long, and the time counts.
    ///
    /// # Errors
    /// As [`World::agree`].
    pub fn agree_at_once<T>(&self, mine: Result<T>) -> Result<T> {
        steps::enter();
        let failures = self.sum(u64::from(mine.is_err()));
        let is_local = failures < self.ranks();
        self.settle(mine, is_local)
    }

    /// Refuses ranks that were started with different arguments: they would wait for each other in
    /// different places.
    ///
    /// # Errors
    /// [`Error::Usage`], on all ranks.
    pub fn require_same(&self, arguments: &[u8]) -> Result<()> {
        let hash = xxh3_64(arguments);
        let is_same = self.max(hash) == !self.max(!hash);
        let differ = || Error::Usage {
            message: "expected the same arguments on every rank, found different ones; start all \
                      ranks with one command line"
                .into(),
        };
        // All ranks see the same two maxima, so that they need not agree on the outcome.
        if is_same { Ok(()) } else { Err(differ()) }
    }

    /// What the root makes of `work`, agreed by all; the other ranks wait, leave the processor to it, and
    /// get the default.
    ///
    /// # Errors
    /// The root's error, on all ranks, as [`Error::Agreed`].
    pub fn at_root<T: Default>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let is_root = self.world.rank() == ROOT;
        let mine = if is_root { work() } else { Ok(T::default()) };
        steps::enter();
        quiet::wait_for_all(&self.world);
        self.settle(mine, false)
    }

    fn settle<T>(&self, mine: Result<T>, name_the_rank: bool) -> Result<T> {
        // The lowest rank has the highest complement; 0 stands for no failure.
        let lowest = !self.max(if mine.is_err() { !self.rank() } else { 0 });
        if lowest == u64::MAX {
            return mine;
        }
        let mut exit_code = 0;
        let mut message = Vec::new();
        if let (Err(error), true) = (&mine, self.rank() == lowest) {
            exit_code = error.exit_code();
            message = error.to_string().into_bytes();
            if name_the_rank {
                let place =
                    format!(" (on rank {lowest} of {}, host {})", self.ranks(), self.host());
                message.extend_from_slice(place.as_bytes());
            }
        }
        let teller = self.world.process_at_rank(lowest as i32);
        let mut length = message.len() as u64;
        teller.broadcast_into(&mut exit_code);
        teller.broadcast_into(&mut length);
        message.resize(length as usize, 0);
        teller.broadcast_into(&mut message[..]);
        let message = String::from_utf8_lossy(&message).into_owned();
        Err(Error::Agreed { exit_code, message })
    }

    fn sum(&self, mine: u64) -> u64 {
        let mut total = 0;
        self.world.all_reduce_into(&mine, &mut total, SystemOperation::sum());
        total
    }

    fn host(&self) -> String {
        mpi::environment::processor_name().unwrap_or_else(|_| "unknown".into())
    }
}

/// Bytes that are sent at a time: MPI counts them with a C int.
const PIECE_BYTES: usize = 1 << 24;

fn pieces<T: Pod>(all: &[T]) -> impl Iterator<Item = &[u8]> {
    bytemuck::cast_slice::<T, u8>(all).chunks(PIECE_BYTES)
}

/// Makes a panic on any rank end the whole job at once with exit code 70, after `report` has been
/// given what happened. Left alone, the unwinding rank would wait in MPI_Finalize for the others,
/// and they for it.
pub fn end_job_on_panic(report: fn(&str)) {
    std::panic::set_hook(Box::new(move |panic| {
        const EXIT_CODE: i32 = 70;
        if !mpi::environment::is_initialized() || mpi::environment::is_finalized() {
            report(&format!("farthest: internal error: {panic}"));
            std::process::exit(EXIT_CODE);
        }
        let world = SimpleCommunicator::world();
        report(&format!("farthest: internal error on rank {}: {panic}", world.rank()));
        abort_when_heard(&world, EXIT_CODE);
    }));
}

/// Ends the job from one rank, which has said why. What has not come to the launcher yet may be lost when it ends the
/// others, and so it is given a moment.
fn abort_when_heard(world: &SimpleCommunicator, exit_code: i32) -> ! {
    const MOMENT: Duration = Duration::from_millis(300);
    sleep(MOMENT);
    world.abort(exit_code)
}
