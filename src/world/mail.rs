//! Small messages while ranks work, and the end of their work together.
//!
//! A rank works on its share for hours without a word. In between it may tell the root how far it is, and the root
//! may tell all to stop. No rank ever waits for such a message: they are sent from a buffer of MPI's
//! (MPI_Bsend) and looked for (MPI_Iprobe). When all have ended their work, they tell how many were sent, and
//! take in what is still on its way, so that none is left when MPI ends.
//!
//! Architecture Invariant: it does not know what the messages mean.

use std::cell::Cell;
use std::time::Instant;

use bytemuck::Pod;
use mpi::Tag;
use mpi::collective::SystemOperation;
use mpi::topology::SimpleCommunicator;
use mpi::traits::*;

use super::{ROOT, World, quiet, steps};

const REPORT: Tag = 1;
const STOP: Tag = 2;

/// Bytes of the buffer that messages wait in: the reports of a rank that the root has no time for, at one every 10 ms
/// for a minute, and a word of the root to each rank, with what MPI adds to a message.
pub(super) fn buffer_bytes(ranks: i32) -> usize {
    (2 << 20) + 256 * ranks as usize
}

/// The messages of one piece of work that all ranks do.
pub struct Mail<'w> {
    world: &'w SimpleCommunicator,
    /// Reports sent; on the root, received.
    reports: Cell<u64>,
    /// Whether the root has said stop, or this rank has heard it.
    is_told: Cell<bool>,
}

impl World {
    /// The messages of a piece of work, which all ranks begin and end together ([`Mail::meet`]).
    pub fn mail(&self) -> Mail<'_> {
        Mail { world: &self.world, reports: Cell::new(0), is_told: Cell::new(false) }
    }

    /// What the root brings, on all ranks; the others bring nothing.
    pub fn from_root(&self, bytes: Vec<u8>) -> Vec<u8> {
        steps::enter();
        let root = self.world.process_at_rank(ROOT);
        let mut length = bytes.len() as u64;
        root.broadcast_into(&mut length);
        let mut bytes = bytes;
        bytes.resize(length as usize, 0);
        bytes.chunks_mut(1 << 24).for_each(|piece| root.broadcast_into(piece));
        bytes
    }
}

impl Mail<'_> {
    /// Whether this rank is the root.
    pub fn is_root(&self) -> bool {
        self.world.rank() == ROOT
    }

    /// Tells the root something. The root itself does not call it.
    pub fn report<T: Pod>(&self, report: &T) {
        self.reports.set(self.reports.get() + 1);
        let root = self.world.process_at_rank(ROOT);
        root.buffered_send_with_tag(bytemuck::bytes_of(report), REPORT);
    }

    /// A report that has come in, with its rank. The root alone calls it.
    pub fn next_report<T: Pod>(&self) -> Option<(u64, T)> {
        let sender = self.world.any_process().immediate_probe_with_tag(REPORT)?.source_rank();
        Some((sender as u64, self.receive(sender)))
    }

    fn receive<T: Pod>(&self, sender: i32) -> T {
        let mut report = T::zeroed();
        let sender = self.world.process_at_rank(sender);
        sender.receive_into_with_tag(bytemuck::bytes_of_mut(&mut report), REPORT);
        self.reports.set(self.reports.get() + 1);
        report
    }

    /// Tells all other ranks to stop, once. The root alone calls it.
    pub fn tell_to_stop(&self) {
        if !self.is_told.replace(true) {
            for rank in 1..self.world.size() {
                self.world.process_at_rank(rank).buffered_send_with_tag(&1_u8, STOP);
            }
        }
    }

    /// Whether the root has said stop.
    pub fn is_told_to_stop(&self) -> bool {
        let root = self.world.process_at_rank(ROOT);
        if !self.is_told.get() && root.immediate_probe_with_tag(STOP).is_some() {
            self.hear_stop();
        }
        self.is_told.get()
    }

    fn hear_stop(&self) {
        let mut word = 0_u8;
        self.world.process_at_rank(ROOT).receive_into_with_tag(&mut word, STOP);
        self.is_told.set(true);
    }

    /// Waits until all ranks have ended their work, and tells whether any of them stopped before its end.
    /// `meanwhile` is called again and again while others work; when it says so, this rank waits no longer and ends
    /// the job with the code that it gives: of a node that is cut off nothing comes any more. Reports that come in
    /// last are given to `late`, on the root.
    pub fn meet<T: Pod>(
        &self,
        is_stopped: bool,
        mut meanwhile: impl FnMut() -> Option<u8>,
        mut late: impl FnMut(u64, T),
    ) -> bool {
        steps::enter();
        if self.world.size() == 1 {
            return is_stopped;
        }
        let begun = Instant::now();
        let mut barrier = self.world.immediate_barrier();
        while let Err(pending) = barrier.test() {
            barrier = pending;
            if let Some(exit_code) = meanwhile() {
                self.world.abort(exit_code.into());
            }
            quiet::rest(begun);
        }
        // Counted now, because those who waited may have sent something too; from here on nobody does.
        let (reports, told) = (self.reports.get(), u64::from(self.is_told.get()));
        let mine = match self.is_root() {
            true => [u64::from(is_stopped), 0, told],
            false => [u64::from(is_stopped), reports, 0],
        };
        let mut sums = [0_u64; 3];
        self.world.all_reduce_into(&mine[..], &mut sums[..], SystemOperation::sum());
        let [stopped, sent, told] = sums;
        while self.is_root() && self.reports.get() < sent {
            if let Some((rank, report)) = self.next_report() {
                late(rank, report);
            }
        }
        if !self.is_root() && told > 0 && !self.is_told.get() {
            self.hear_stop();
        }
        stopped > 0
    }
}
