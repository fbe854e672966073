//! The shares of ranks of large jobs, one after the other on one core: how a thousand ranks are seen
//! on a machine that has two cores.
//!
//! Usage: `replay FILE METHOD ROUNDS SAMPLES RANKS,RANKS,… [--one-map]`; METHOD is `exhaustive` or
//! `pruned`. It prints one line of JSON for each number of ranks: which ranks were searched, the
//! seconds of each in each round, and what they found. The last line is of an idle rank (below).
//! `benches/replay.py` makes sums and tables of it.
//!
//! *A rank.* Its search is the library's own, of rank r of P: what `farthest pair` times as `search`.
//! There is no MPI, no network, and no other rank that needs the same memory at the same time.
//!
//! *Cold.* A rank is a process of its own. So the file is mapped anew for each share, and the first
//! touch of each page is in its time; the search itself keeps nothing from one call to the next. The
//! page cache is warm, as it is when the ranks of a node have the file in common. With `--one-map`
//! all shares use one map that the first of them has filled, which tells how much the pages cost.
//!
//! *Sample.* Of P ranks at most so many are searched, spread evenly from rank 0 to the last.
//!
//! *Turns.* Each round goes through the jobs side by side: a share of the first tenth of each job's
//! sample, then of the second, so that noise meets all jobs alike.
//!
//! *Idle rank.* The last rank of 2³¹ − 1, the most that MPI can number. Its share is empty or some
//! few tiles: what is left is what every rank pays before its first block.
//!
//! *Noise.* A share of milliseconds meets a quiet moment in one of the rounds, and the one rank that takes
//! seconds may not. So a busy machine makes the sums of large jobs look better than they are.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use farthest::driver::search;
use farthest::kernel::Kernel;
use farthest::points::Points;
use farthest::search::{Field, Method, Wanted};
use farthest::source::{Cities, CityFile, LoadOptions};
use farthest::team::Alone;

/// Ranks of the job that has an idle one.
const MOST_RANKS: u64 = i32::MAX as u64;

fn main() -> ExitCode {
    // `cargo bench` passes --bench on.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(plan) = Plan::parse(&arguments) else {
        eprintln!("replay: expected FILE METHOD ROUNDS SAMPLES RANKS,RANKS,… [--one-map]");
        return ExitCode::from(2);
    };
    let jobs = plan.run();
    for job in &jobs {
        println!("{}", job.json(&plan));
    }
    ExitCode::SUCCESS
}

/// What is to be run.
struct Plan {
    file: String,
    method: String,
    search: Method,
    kernel: Kernel,
    rounds: usize,
    samples: u64,
    ranks: Vec<u64>,
    has_one_map: bool,
}

impl Plan {
    fn parse(arguments: &[String]) -> Option<Plan> {
        let (words, flags) = arguments.split_at_checked(5)?;
        let search = match words[1].as_str() {
            "exhaustive" => Method::Exhaustive,
            "pruned" => Method::Pruned,
            _ => return None,
        };
        let ranks: Result<Vec<u64>, _> = words[4].split(',').map(str::parse).collect();
        let plan = Plan {
            file: words[0].clone(),
            method: words[1].clone(),
            search,
            kernel: Kernel::choose(None).expect("every processor has the scalar kernel"),
            rounds: words[2].parse().ok()?,
            samples: words[3].parse().ok()?,
            ranks: ranks.ok()?,
            has_one_map: match flags {
                [] => false,
                [flag] if flag == "--one-map" => true,
                _ => return None,
            },
        };
        let is_sound = plan.rounds >= 1 && plan.samples >= 2 && !plan.ranks.contains(&0);
        is_sound.then_some(plan)
    }

    /// All jobs, and the one with the idle rank behind them.
    fn run(&self) -> Vec<Job> {
        let mut jobs: Vec<Job> =
            self.ranks.iter().map(|&ranks| Job::new(ranks, sample(ranks, self.samples))).collect();
        jobs.push(Job::new(MOST_RANKS, vec![MOST_RANKS - 1]));
        let turns = turns(&jobs);
        let one_map = self.has_one_map.then(|| self.open());
        let one_map = one_map.as_ref().map(load);
        for _ in 0..self.rounds {
            for &(job, at) in &turns {
                match &one_map {
                    Some(cities) => self.share(&cities.atlas().points(), &mut jobs[job], at),
                    None => {
                        let file = self.open();
                        self.share(&load(&file).atlas().points(), &mut jobs[job], at);
                    }
                }
            }
        }
        jobs
    }

    fn open(&self) -> CityFile {
        CityFile::open(Path::new(&self.file)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Searches one share and notes its time and what it found.
    fn share(&self, points: &Points<'_>, job: &mut Job, at: usize) {
        let rank = job.sampled[at];
        let begun = Instant::now();
        let field = Field::within(points);
        let found = search(field, Wanted::default(), self.search, self.kernel, rank, job.ranks);
        job.seconds[at].push(begun.elapsed().as_secs_f64());
        let found = found.unwrap_or_else(|reason| panic!("{reason}"));
        job.pairs[at] = found.covered;
        let far_km = found.farthest().map_or(0.0, |pair| pair.distance_km);
        job.distance_km = job.distance_km.max(far_km);
        job.cities = points.len();
    }
}

fn load(file: &CityFile) -> Cities<'_> {
    file.load(&Alone, &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// A job of so many ranks, and what was seen of those that are sampled.
struct Job {
    ranks: u64,
    cities: usize,
    sampled: Vec<u64>,
    /// Of each sampled rank the seconds of each round.
    seconds: Vec<Vec<f64>>,
    /// Of each sampled rank the pairs of its share.
    pairs: Vec<u128>,
    /// The farthest that any of them found.
    distance_km: f64,
}

impl Job {
    fn new(ranks: u64, sampled: Vec<u64>) -> Job {
        let (seconds, pairs) = (vec![Vec::new(); sampled.len()], vec![0; sampled.len()]);
        Job { ranks, cities: 0, sampled, seconds, pairs, distance_km: 0.0 }
    }

    fn json(&self, plan: &Plan) -> String {
        serde_json::json!({
            "method": plan.method,
            "isa": plan.kernel.isa().name(),
            "cities": self.cities,
            "ranks": self.ranks,
            "sampled": self.sampled,
            "seconds": self.seconds,
            "pairs": self.pairs.iter().map(|&pairs| pairs as f64).collect::<Vec<f64>>(),
            "distance_km": self.distance_km,
        })
        .to_string()
    }
}

/// At most so many of the ranks of a job, evenly from the first to the last.
fn sample(ranks: u64, samples: u64) -> Vec<u64> {
    if ranks <= samples {
        return (0..ranks).collect();
    }
    let steps = u128::from(samples - 1);
    (0..=steps).map(|step| (step * u128::from(ranks - 1) / steps) as u64).collect()
}

/// Each share of each job once, as (job, place in its sample): side by side, as the head says.
fn turns(jobs: &[Job]) -> Vec<(usize, usize)> {
    let of_job = |job: usize| (0..jobs[job].sampled.len()).map(move |at| (job, at));
    let mut turns: Vec<(usize, usize)> = (0..jobs.len()).flat_map(of_job).collect();
    let progress = |&(job, at): &(usize, usize)| (at as f64 + 0.5) / jobs[job].sampled.len() as f64;
    turns.sort_by(|a, b| progress(a).total_cmp(&progress(b)));
    turns
}
