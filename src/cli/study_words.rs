//! The arguments of `farthest study`, and what they mean once validated.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{StudyTask, TypedDistribution, TypedMethod, usage};
use crate::error::Result;
use crate::scaling::runs::{Kind, Scale};
use crate::study::{Options, Set};

const ABOUT: &str = "\
strong keeps the cities and adds ranks: those of FILE (packed, or a list in any form, whose reading is then the most \
of it), or of a generated set. weak lets the set grow with the ranks, so it is always generated: pairs per rank stay \
constant (n as near to n1·√p as makes them so), or with --memory-weak cities a rank do, n = n1·p. table makes table, \
CSV and plots of a study's folder, FILE, again.

The rounds take turns: a warm-up for each rank count, then run 1 for each, then run 2, so that what disturbs the \
machine for a while meets all rank counts alike. Every run appends one line to runs.jsonl in the folder as it ends. \
SIGINT, SIGTERM and SIGUSR1 end the current run, of which nothing is recorded. Started again with the same arguments \
and --out, a study goes on where it stopped, whatever stopped it, and makes runs that failed again.";

const OUTPUT: &str = "\
Output: progress on standard error, of a long run too; on standard output the sizes of a weak study and the table and \
the files of `farthest scaling`.

Exit codes: 0 fine, 1 a run failed or was not valid (or the table could not be made), 2 refused, 75 stopped by a \
signal: start it again to go on.";

const DEFAULT_CITIES: u64 = 500_000;

#[derive(Args)]
#[command(long_about = ABOUT, after_help = OUTPUT)]
pub(super) struct TypedStudy {
    /// Which study
    #[arg(value_enum)]
    kind: TypedKind,
    /// City list of a strong study; folder of table
    file: Option<PathBuf>,
    /// Rank counts, as 1,2,4 [default: powers of two up to all that the Slurm allocation or this machine has, and all]
    #[arg(long, value_parser = rank_counts)]
    ranks: Option<RankCounts>,
    /// Counted runs for each rank count, after one warm-up
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = whole_number::<1>)]
    repeat: u64,
    /// Of these, repetition K alone, after a warm-up: for an element of a job array
    #[arg(long, value_name = "K", value_parser = whole_number::<1>)]
    only_repeat: Option<u64>,
    /// How to search
    #[arg(long, value_enum, default_value_t = TypedMethod::Exhaustive)]
    method: TypedMethod,
    /// Cities of the generated set; for weak, of one rank [default: 500000, some seconds on one core]
    #[arg(long, value_name = "N", value_parser = whole_number::<2>)]
    cities: Option<u64>,
    /// How the generated cities are spread [default: uniform]
    #[arg(long, value_enum)]
    distribution: Option<TypedDistribution>,
    /// Where the random numbers of the generated set begin [default: 1]
    #[arg(long, value_name = "S", value_parser = whole_number::<0>)]
    seed: Option<u64>,
    /// Keep constant cities per rank instead of pairs, in a weak study
    #[arg(long)]
    memory_weak: bool,
    /// What starts the ranks: mpirun (scripts/launch, for one machine), srun (for several nodes, whose ranks fill a
    /// node before the next one is used), or a line with {ranks} and perhaps {nodes}: 'mpirun -n {ranks} --bind-to
    /// core' [default: mpirun; inside an allocation of several nodes srun]
    #[arg(long, value_name = "L")]
    launcher: Option<String>,
    /// Plugin for srun --mpi= [default: pmix for Open MPI, pmi2 for all others]
    #[arg(long, value_name = "PLUGIN")]
    mpi: Option<String>,
    /// A run that takes longer is ended and recorded as failed [default: none]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = seconds)]
    limit: Option<f64>,
    /// The program to measure [default: this one; of scripts/study, the release that scripts/run builds, built if
    /// missing]
    #[arg(long, value_name = "PATH")]
    farthest: Option<PathBuf>,
    /// Where all goes [default: target/studies/KIND-DATE]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// More for `farthest pair`, as --isa avx2
    #[arg(last = true, value_name = "PAIR-OPTION")]
    pair_options: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum TypedKind {
    /// The same cities on more and more ranks
    Strong,
    /// More cities on more ranks
    Weak,
    /// The results of a study again
    Table,
}

/// Numbers of ranks, each once, the least first.
#[derive(Clone)]
struct RankCounts(Vec<u64>);

fn rank_counts(typed: &str) -> std::result::Result<RankCounts, String> {
    let count = |text: &str| digits(text).filter(|&ranks| ranks > 0 && !text.starts_with('0'));
    let counts: Option<Vec<u64>> = typed.split(',').map(count).collect();
    let mut counts =
        counts.ok_or_else(|| format!("expected rank counts such as 1,2,4, found '{typed}'"))?;
    counts.sort_unstable();
    counts.dedup();
    Ok(RankCounts(counts))
}

fn whole_number<const LEAST: u64>(typed: &str) -> std::result::Result<u64, String> {
    digits(typed)
        .filter(|&number| number >= LEAST)
        .ok_or_else(|| format!("expected a whole number of at least {LEAST}, found '{typed}'"))
}

fn digits(typed: &str) -> Option<u64> {
    typed.parse().ok().filter(|_| typed.bytes().all(|byte| byte.is_ascii_digit()))
}

fn seconds(typed: &str) -> std::result::Result<f64, String> {
    let seconds = typed.parse().ok().filter(|&time_s: &f64| time_s > 0.0 && time_s.is_finite());
    seconds.ok_or_else(|| format!("expected seconds greater than 0, found '{typed}'"))
}

pub(super) fn task_of(typed: TypedStudy) -> Result<StudyTask> {
    let is_weak = typed.kind == TypedKind::Weak;
    if typed.memory_weak && !is_weak {
        let found = name_of(typed.kind);
        return Err(usage(format!("expected --memory-weak with weak, found it with {found}")));
    }
    if typed.kind == TypedKind::Table {
        let none = || usage("expected a study's folder, with runs.jsonl in it, found none");
        return typed.file.map(StudyTask::Table).ok_or_else(none);
    }
    let scale = match typed.memory_weak {
        true => Scale::Memory,
        false => Scale::Pairs,
    };
    let repeats = match typed.only_repeat {
        Some(only) => vec![0, only],
        None => (0..=typed.repeat).collect(),
    };
    let set = set_of(&typed, is_weak)?;
    Ok(StudyTask::Make(Box::new(Options {
        kind: if is_weak { Kind::Weak } else { Kind::Strong },
        scale: is_weak.then_some(scale),
        set,
        ranks: typed.ranks.map(|RankCounts(counts)| counts),
        repeats,
        method: name_of(typed.method),
        launcher: typed.launcher,
        mpi: typed.mpi,
        limit_s: typed.limit,
        farthest: typed.farthest,
        out: typed.out,
        pair_options: typed.pair_options,
    })))
}

fn set_of(typed: &TypedStudy, is_weak: bool) -> Result<Set> {
    let TypedStudy { file, cities, distribution, seed, .. } = typed;
    let Some(file) = file else {
        return Ok(Set::Generated {
            cities: cities.unwrap_or(DEFAULT_CITIES),
            distribution: name_of(distribution.unwrap_or(TypedDistribution::Uniform)),
            seed: seed.unwrap_or(1),
        });
    };
    let found = file.display();
    if is_weak {
        return Err(usage(format!(
            "expected a generated set for weak scaling, found the file {found}, which cannot grow with the ranks; \
             use --cities N"
        )));
    }
    if cities.is_some() || distribution.is_some() || seed.is_some() {
        return Err(usage(format!(
            "expected a file or a generated set, found {found} and options of a set; leave out --cities, \
             --distribution and --seed, or the file"
        )));
    }
    Ok(Set::File(file.clone()))
}

/// What was typed for a value.
fn name_of(value: impl ValueEnum) -> String {
    let shown = value.to_possible_value();
    shown.map(|value| value.get_name().to_string()).unwrap_or_default()
}
