//! Who looks after a search on each rank of a job: ends it in time, shows how far it is, saves what is done.
//!
//! Nothing here waits while there is work. Every rank looks at its clock and its signals after each block, and
//! every 10 ms at its mail. Once in an interval it tells the root how far it is, if there is a checkpoint, and
//! the root writes that down. A rank that was asked to stop tells the root, and the root tells all; so all end
//! after the block at which they hear it, or within it if it takes long.
//!
//! Architecture Invariant: what happens here changes when a search ends, and never what it finds.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytemuck::{Pod, Zeroable};

use super::checkpoint::Saver;
use super::limits::Limits;
use super::progress::Progress;
use super::{Next, Outcome, Standing, Watch};
use crate::console;
use crate::error::{Result, STOPPED};
use crate::map;
use crate::ranking::FarPair;
use crate::search::Damage;
use crate::world::{Mail, World};

/// Time between two looks at the mail.
const LOOK: Duration = Duration::from_millis(10);

/// How long a block may go on after its rank knows that all stop. Then it is left, and done anew by the next run.
const GRACE: Duration = Duration::from_secs(1);

/// How long a rank that was asked to stop waits for the others to have stopped too. Slurm kills after thirty seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much longer the others wait, so that the root has spoken by then.
const PATIENCE_OF_OTHERS: Duration = Duration::from_secs(2);

/// Who looks after this rank.
pub struct Attendant<'w> {
    mail: Mail<'w>,
    desk: Desk<'w>,
}

/// What is needed to save what is done.
pub struct Savings<'w> {
    /// Time between two checkpoints, where there are any; the same on all ranks.
    pub every: Option<Duration>,
    /// Who writes them, on the root.
    pub saver: Option<Saver>,
    /// Tells whether the cities are still those that the search began with.
    pub is_sound: Box<dyn Fn() -> bool + 'w>,
}

/// What is to be done in between.
struct Desk<'w> {
    limits: Limits,
    progress: Option<Progress>,
    /// When a report is due; on the root, when the checkpoint is written. None without a checkpoint.
    timetable: Option<Timetable>,
    saver: Option<Saver>,
    is_sound: Box<dyn Fn() -> bool + 'w>,
    /// Why the checkpoint could not be written the last time, if it could not.
    failure: Option<String>,
    next_look: Instant,
    /// Whether this rank has found a mistake, so that the others work in vain.
    has_failed: bool,
    has_asked: bool,
    /// Since when this rank has known that it must stop, if it must.
    must_stop_since: Option<Instant>,
    /// When the system asked this rank to stop.
    asked_at: Option<Instant>,
}

struct Timetable {
    interval: Duration,
    next: Instant,
    /// Ranks that the root has still to hear from before it writes.
    unheard: u64,
    others: u64,
}

/// How far a rank is, as a message.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Report {
    cursor: u64,
    farthest: [u64; 5],
    has_farthest: u64,
    /// 1 if the rank was asked to stop.
    wants_stop: u64,
}

impl Report {
    fn of(standing: Standing, wants_stop: bool) -> Report {
        let Standing { cursor, farthest, .. } = standing;
        Report {
            cursor,
            farthest: farthest.map_or([0; 5], FarPair::to_keys),
            has_farthest: u64::from(farthest.is_some()),
            wants_stop: u64::from(wants_stop),
        }
    }

    fn farthest(&self) -> Option<FarPair> {
        (self.has_farthest != 0).then(|| FarPair::from_keys(self.farthest))
    }
}

impl<'w> Attendant<'w> {
    /// For the search that now begins.
    pub fn new(
        world: &'w World,
        limits: Limits,
        progress: Option<Progress>,
        savings: Savings<'w>,
    ) -> Attendant<'w> {
        let Savings { every, saver, is_sound } = savings;
        let (now, others) = (Instant::now(), world.ranks() - 1);
        let timetable = every.map(|interval| Timetable {
            interval,
            next: now + interval,
            unheard: others,
            others,
        });
        let desk = Desk {
            limits,
            progress,
            timetable,
            saver,
            is_sound,
            failure: None,
            next_look: now + LOOK,
            has_failed: false,
            has_asked: false,
            must_stop_since: None,
            asked_at: None,
        };
        Attendant { mail: world.mail(), desk }
    }

    /// Waits until all ranks have ended their part, and tells whether the search was stopped on any of them.
    /// All ranks call it, with what they found.
    pub fn meet(&mut self, outcome: &std::result::Result<Outcome, Damage>) -> bool {
        let Attendant { mail, desk } = self;
        let is_stopped = outcome.as_ref().is_ok_and(|outcome| outcome.is_stopped);
        // One who has found a mistake has nothing to tell that may be saved.
        if outcome.is_err() {
            (desk.timetable, desk.has_failed) = (None, true);
        }
        let standing = outcome.as_ref().map_or(NO_STANDING, Outcome::standing);
        let desk = std::cell::RefCell::new(desk);
        let is_stopped = mail.meet(
            is_stopped,
            || desk.borrow_mut().wait(mail, Instant::now(), &mut || standing),
            |rank, report: Report| desk.borrow_mut().note(rank, &report),
        );
        desk.borrow_mut().progress = None;
        is_stopped
    }

    /// Writes down what all ranks have done, now that they have stopped. All ranks call it. On the root it tells why
    /// that could not be written, if it could not.
    pub fn save_all(&mut self, world: &World, outcome: &Outcome) -> Option<String> {
        self.desk.timetable.as_ref()?;
        let reports = world.gather_at_root(&[Report::of(outcome.standing(), false)]);
        (0..).zip(&reports).for_each(|(rank, report)| self.desk.note(rank, report));
        self.desk.save();
        self.desk.failure.take()
    }

    /// The checkpoint on the root, if there is one.
    ///
    /// # Errors
    /// As [`Saver::leftover`].
    pub fn leftover(&self) -> Option<Result<PathBuf>> {
        self.desk.saver.as_ref().map(Saver::leftover)
    }
}

/// Of one who knows nothing.
const NO_STANDING: Standing = Standing { settled: 0, cursor: 0, farthest: None };

impl Watch for Attendant<'_> {
    #[inline]
    fn look(&mut self, at: &mut dyn FnMut() -> Standing) -> Next {
        self.look_at(at, |_| true)
    }

    fn look_within(&mut self, at: &mut dyn FnMut() -> Standing) -> Next {
        self.look_at(at, |waited| waited >= GRACE)
    }
}

impl Attendant<'_> {
    /// Does what is due, and tells whether to stop, by how long that has been known.
    #[inline]
    fn look_at(
        &mut self,
        at: &mut dyn FnMut() -> Standing,
        is_time: impl Fn(Duration) -> bool,
    ) -> Next {
        let now = Instant::now();
        let desk = &mut self.desk;
        if now >= desk.next_look || desk.limits.is_over(now) || desk.limits.is_asked() {
            desk.attend(&self.mail, now, at);
        }
        match desk.must_stop_since {
            Some(since) if is_time(now - since) => Next::Stop,
            _ => Next::GoOn,
        }
    }
}

impl Desk<'_> {
    /// Whether this rank has a reason of its own, which the others do not know, why all should stop.
    fn wants_stop(&self) -> bool {
        self.limits.is_asked() || self.has_failed
    }

    fn must_stop(&mut self) {
        self.must_stop_since.get_or_insert_with(Instant::now);
    }

    /// What a rank does that has ended its part. The exit code, if it waits no longer.
    fn wait(
        &mut self,
        mail: &Mail<'_>,
        now: Instant,
        at: &mut dyn FnMut() -> Standing,
    ) -> Option<u8> {
        self.attend(mail, now, at);
        let more = if mail.is_root() { Duration::ZERO } else { PATIENCE_OF_OTHERS };
        let asked_at = self.asked_at?;
        if now - asked_at < PATIENCE + more {
            return None;
        }
        if mail.is_root() {
            if !self.has_failed && (self.is_sound)() {
                self.save_with(at());
            }
            let seconds = PATIENCE.as_secs();
            console::print_error(&format!(
                "farthest: expected all ranks to stop within {seconds} s of the signal, found some that did not \
                 answer; there is no report, and a checkpoint holds what is known of them"
            ));
        }
        Some(STOPPED)
    }

    fn attend(&mut self, mail: &Mail<'_>, now: Instant, at: &mut dyn FnMut() -> Standing) {
        self.next_look = now + LOOK;
        // Of a file that was cut short zeros are left, and what is found in them is worth nothing.
        self.has_failed |= map::is_torn();
        if self.limits.is_asked() {
            self.asked_at.get_or_insert(now);
        }
        if self.limits.is_over(now) || self.wants_stop() {
            self.must_stop();
        }
        if mail.is_root() {
            self.attend_as_root(mail, now, at);
        } else {
            self.attend_as_other(mail, now, at);
        }
        if let Some(progress) = &mut self.progress {
            progress.look(now, at);
        }
    }

    fn attend_as_other(&mut self, mail: &Mail<'_>, now: Instant, at: &mut dyn FnMut() -> Standing) {
        let is_asked = self.wants_stop() && !self.has_asked;
        let is_due = self.timetable.as_mut().is_some_and(|table| table.is_due(now));
        // What is told is true only if the cities were the same all the time.
        self.has_failed |= is_due && !(self.is_sound)();
        let is_due = is_due && !self.has_failed;
        if is_asked || is_due {
            mail.report(&Report::of(at(), is_asked));
            self.has_asked |= is_asked;
        }
        if mail.is_told_to_stop() {
            self.must_stop();
        }
    }

    fn attend_as_root(&mut self, mail: &Mail<'_>, now: Instant, at: &mut dyn FnMut() -> Standing) {
        while let Some((rank, report)) = mail.next_report() {
            self.note(rank, &report);
        }
        if self.wants_stop() || self.must_stop_since.is_some() && !self.limits.is_over(now) {
            mail.tell_to_stop();
        }
        // The root has a saver where it has a timetable.
        if self.timetable.as_mut().is_some_and(|table| table.is_full(now)) {
            if !(self.is_sound)() {
                self.has_failed = true;
                return;
            }
            self.save_with(at());
        }
    }

    /// Writes the checkpoint, with how far this rank is, which is the root.
    fn save_with(&mut self, standing: Standing) {
        if let Some(saver) = &mut self.saver {
            saver.note(0, standing.cursor, standing.farthest);
            self.save();
        }
    }

    /// Writes the checkpoint. Where it cannot be written the search goes on: the file of before is there, and the next
    /// time it may work again. People are told once.
    fn save(&mut self) {
        let Some(saver) = &mut self.saver else { return };
        let failure = saver.save().err().map(|error| error.to_string());
        if let (Some(problem), None) = (&failure, &self.failure) {
            console::print_error(&format!(
                "farthest: {problem}; the checkpoint stays as it was before"
            ));
        }
        self.failure = failure;
    }

    /// Takes in a report, on the root.
    fn note(&mut self, rank: u64, report: &Report) {
        if report.wants_stop != 0 {
            self.must_stop();
        }
        if let Some(table) = &mut self.timetable {
            table.unheard = table.unheard.saturating_sub(1);
        }
        if let Some(saver) = &mut self.saver {
            saver.note(rank, report.cursor, report.farthest());
        }
    }
}

impl Timetable {
    /// Whether a report is due, once in an interval.
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.next;
        if is_due {
            self.next = now + self.interval;
        }
        is_due
    }

    /// Whether it is time to write: when all others were heard, or a tenth of the interval later.
    fn is_full(&mut self, now: Instant) -> bool {
        let is_full =
            now >= self.next && (self.unheard == 0 || now >= self.next + self.interval / 10);
        if is_full {
            self.next += self.interval;
            self.unheard = self.others;
        }
        is_full
    }
}
