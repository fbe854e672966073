//! The search of `farthest pair` on all ranks: what earlier runs did, this rank's blocks, the farthest of all.
//!
//! Architecture Invariant: every rank takes every collective step in the same order.

use std::path::PathBuf;
use std::time::Instant;

use super::lists::Files;
use super::pair::{Stopwatch, scale};
use crate::cli::{Dist, Format, PairOptions};
use crate::console;
use crate::driver::attendant::{Attendant, Savings};
use crate::driver::checkpoint::{self, Done, Question, Saver};
use crate::driver::limits::Limits;
use crate::driver::progress::{Asked, Progress, Work};
use crate::driver::{Outcome, drive};
use crate::error::{Error, Result};
use crate::pairs::Share;
use crate::ranking::{FarPair, Ranking};
use crate::reduction::ranking_of_all;
use crate::scatter;
use crate::search::{self, Damage, Field, Method, Search};
use crate::world::World;

/// What all ranks found together, and what this one did for it.
pub(super) struct Searched {
    /// This rank's part.
    pub(super) outcome: Outcome,
    /// The farthest pairs of all ranks, on the root.
    pub(super) ranking: Ranking,
    /// Whether the search was stopped before its end.
    pub(super) is_stopped: bool,
    /// Seconds of this rank's part, and from its end to the farthest of all.
    pub(super) search_s: f64,
    /// See above.
    pub(super) reduce_s: f64,
    /// What became of the checkpoint, where the user should know.
    pub(super) notes: Vec<String>,
    /// What is to be deleted when the answer has been printed, on the root: the checkpoint of a job that is done.
    pub(super) leftover: Option<PathBuf>,
}

/// What a search is about.
pub(super) struct Task<'a> {
    pub(super) options: &'a PairOptions,
    pub(super) files: &'a Files,
    pub(super) field: Field<'a>,
    pub(super) question: Question,
    /// When the command began.
    pub(super) begun: Instant,
    /// The error for a mistake inside the city file.
    pub(super) damaged: &'a dyn Fn(String) -> Error,
}

/// Searches all pairs, each rank its share of them.
///
/// # Errors
/// Those of the checkpoint and of a damaged file, on all ranks.
pub(super) fn search_together(world: &World, task: &Task<'_>) -> Result<Searched> {
    if world.rank() == 0 {
        foretell(task, world.ranks()).iter().for_each(|text| console::print_error(text));
    }
    match task.options.dist {
        Dist::Mapped => search_mapped(world, task),
        Dist::Scatter => search_scattered(world, task),
    }
}

/// Pairs that the notebook's formula measures in a second on one rank (benches/COMPARE.md).
const NAIVE_PAIRS_PER_S: f64 = 1.5e7;
/// A search that is shorter needs no word beforehand.
const PATIENCE_S: f64 = 10.0;

/// What to tell people before a search that measures every pair one by one. Standard error of ranks is no terminal, so
/// that no progress would be shown unasked.
fn foretell(task: &Task<'_>, ranks: u64) -> Option<String> {
    let PairOptions { method, dist, format, quiet, progress, .. } = task.options;
    let pairs = task.field.space(1).pairs();
    let about_s = pairs as f64 / NAIVE_PAIRS_PER_S / ranks as f64;
    let is_for_people = *format == Format::Text && !quiet && *progress == Asked::No;
    let on = if ranks == 1 { "one rank if it".into() } else { format!("{ranks} ranks if each") };
    (*method == Method::Naive && is_for_people && about_s > PATIENCE_S).then(|| {
        let hint = match dist {
            Dist::Mapped => "--progress shows how far it is",
            Dist::Scatter => "listing and scattering come on top; --dist mapped has --progress",
        };
        format!(
            "farthest: --method naive measures all {pairs} pairs one by one, about {about_s:.0} s on {on} has a core; \
             {hint}"
        )
    })
}

fn search_mapped(world: &World, task: &Task<'_>) -> Result<Searched> {
    let Task { options, field, damaged, .. } = task;
    let (mut done, there) = resume(world, task)?;
    let mut search =
        search::of(options.method, *field, options.kernel, done.block_edge, options.wanted);
    let known = done.farthest.map_or(Ok(()), |pair| consider(&mut *search, field, pair));
    world.agree(known.map_err(damaged))?;
    // As it is measured here: what the file says of its distance was rounded, and ties are decided by the last bit.
    done.farthest = search.ranking().best();
    let share = Share::new(world.rank(), world.ranks(), search.blocks());
    let mut attendant = attend(world, task, (&done, there), share)?;

    world.barrier();
    let mut watch = Stopwatch::start();
    let outcome = drive(&mut *search, share, &done.settled, &mut attendant);
    let search_s = watch.lap_s();
    let is_stopped = attendant.meet(&outcome);
    let (outcome, ranking) = reduce(world, task, outcome)?;
    let reduce_s = watch.lap_s();

    let mut notes = Vec::new();
    if is_stopped {
        // What was settled on a file that was changed meanwhile is settled for nothing.
        world.agree(task.files.require_unchanged())?;
        // What is known is told even so.
        let failure = attendant.save_all(world, &outcome);
        notes.extend(failure.map(|failure| {
            format!("the checkpoint holds what was done before, and not all of it: {failure}")
        }));
    }
    let leftover = if is_stopped { None } else { attendant.leftover() };
    if let (Some(Err(_)), Some(file)) = (&leftover, &options.checkpoint) {
        let file = file.display();
        notes.push(format!(
            "{file} is not as this run left it, and was not deleted: another job may use it"
        ));
    }
    let leftover = leftover.and_then(Result::ok);
    Ok(Searched { outcome, ranking, is_stopped, search_s, reduce_s, notes, leftover })
}

fn search_scattered(world: &World, task: &Task<'_>) -> Result<Searched> {
    world.barrier();
    let mut watch = Stopwatch::start();
    let outcome = scatter::search(world, task.field, task.options.wanted);
    let search_s = watch.lap_s();
    let (outcome, ranking) = reduce(world, task, outcome)?;
    let reduce_s = watch.lap_s();
    let (is_stopped, notes, leftover) = (false, Vec::new(), None);
    Ok(Searched { outcome, ranking, is_stopped, search_s, reduce_s, notes, leftover })
}

/// What this rank found, if no rank has found a mistake, and the farthest pairs of all.
fn reduce(
    world: &World,
    task: &Task<'_>,
    outcome: std::result::Result<Outcome, Damage>,
) -> Result<(Outcome, Ranking)> {
    let outcome =
        world.agree_at_once(outcome.map_err(|damage| (task.damaged)(damage.to_string())))?;
    let (max, fold) =
        (|key| world.max(key), |mine, fold: &dyn Fn(_, _) -> _| world.fold_at_root(mine, fold));
    let ranking = ranking_of_all(&outcome.found.ranking, max, fold);
    Ok((outcome, ranking))
}

/// What earlier runs of this job have done, on all ranks, and the file that says so.
fn resume(world: &World, task: &Task<'_>) -> Result<(Done, Vec<u8>)> {
    let Task { options, field, question, .. } = task;
    let block_edge = search::block_edge(options.method, field.cities(), world.ranks());
    let anew = Done { block_edge, ..Done::default() };
    let Some(file) = &options.checkpoint else { return Ok((anew, Vec::new())) };
    let bytes = world.from_root(world.at_root(|| checkpoint::read(file))?);
    if bytes.is_empty() {
        return Ok((anew, bytes));
    }
    let done = world.agree(checkpoint::from_bytes(file, &bytes, question))?;
    // A method has blocks with an edge or without, however many ranks there are.
    match (done.block_edge == 0) == (block_edge == 0) {
        true => Ok((done, bytes)),
        false => Err(checkpoint::strange(file, "one with blocks of another method")),
    }
}

/// Lets a search begin with the farthest pair of earlier runs, whose distance is computed anew.
fn consider(
    search: &mut dyn Search,
    field: &Field<'_>,
    pair: FarPair,
) -> std::result::Result<(), String> {
    let positions = pair.positions.map(|position| position as usize);
    if field.pair_of(positions).map(|positions| field.rows(positions)) != Some(pair.rows) {
        return Err("expected the rows of the checkpoint's pair, found others in the cities".into());
    }
    search.consider(positions).map_err(|damage| damage.to_string())
}

/// Who looks after this rank's search.
fn attend<'w>(
    world: &'w World,
    task: &Task<'w>,
    (done, there): (&Done, Vec<u8>),
    share: Share,
) -> Result<Attendant<'w>> {
    let Task { options, files, field, ref question, begun, .. } = *task;
    let limits = world.agree(Limits::new(options.max_time.map(|most| begun + most)))?;
    let is_root = world.rank() == 0;
    let saver = options.checkpoint.clone().filter(|_| is_root);
    let mut saver =
        saver.map(|file| Saver::new(file, question.clone(), (done.clone(), there), world.ranks()));
    // Written once before the work begins, a checkpoint that cannot be written costs nobody an hour.
    world.at_root(|| saver.as_mut().map_or(Ok(()), Saver::save))?;
    let every = options.checkpoint.as_ref().map(|_| options.every);
    let pairs = field.space(1).pairs();
    let work = || {
        let settled_earlier = share.filter(|&block| done.settled.has(block)).count() as u64;
        Work {
            pairs,
            blocks: share.count() as u64,
            settled_earlier,
            scale: scale(options.radius_km),
        }
    };
    let progress = is_root.then(|| Progress::new(options.progress, work())).flatten();
    let is_sound = Box::new(|| files.require_unchanged().is_ok());
    Ok(Attendant::new(world, limits, progress, Savings { every, saver, is_sound }))
}
