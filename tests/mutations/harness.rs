//! What every parser is attacked with: cases by their numbers, on all processors, watched.
//!
//! A case is its number: all that is random in it follows from that. A case that fails is made smaller before
//! it is shown, as far as it still fails in the same way. A panic is a failure as any other, and a case that
//! does not end ends the process, for nothing else can end it. `FARTHEST_CASE=NUMBER` tries that case alone and
//! shows it; `FARTHEST_CASES=NUMBER` tries so many.
//!
//! Another parser is another [`Target`] in a file of its own, and a line in [`TARGETS`].

use std::any::Any;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::common::is_long;

/// Parsers under attack. In a long run each has an equal part of the hour.
const TARGETS: u32 = 5;

/// How long all targets together take in a long run.
const LONG: Duration = Duration::from_secs(3600);

/// A case takes far less than a second; one that takes this long hangs.
pub const CASE_LIMIT: Duration = Duration::from_secs(120);

/// A parser, what it is given, and what it has to keep.
pub trait Target: Sync {
    /// All that belongs to a case.
    type Case;

    /// The case of a number.
    fn case(&self, number: u64) -> Self::Case;

    /// Whether all is kept; the error is what is broken.
    fn check(&self, case: &Self::Case) -> Result<(), String>;

    /// A smaller case that fails in the same way, as a reader can see it.
    fn shown(&self, case: Self::Case, fails: &dyn Fn(&Self::Case) -> bool) -> String;
}

pub fn require(is_kept: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if is_kept { Ok(()) } else { Err(broken()) }
}

/// Does something that must not panic.
pub fn without_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| format!("a panic: {}", said(&*panic)))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?")
}

/// What is broken, without the part that differs from one case to the next: digits, and what is behind a semicolon.
fn kind_of(broken: &str) -> String {
    let letters = broken.chars().take_while(|&c| c != ';').filter(|c| !c.is_ascii_digit());
    letters.take(72).collect()
}

/// What some cases broke: of each kind how many did, and the first.
type Failures = BTreeMap<String, (u64, String)>;

/// Which cases are tried: so many, or in a long run as many as there is time for.
#[derive(Clone, Copy)]
struct Extent {
    cases: u64,
    until: Option<Instant>,
}

/// Runs the cases of one worker of several. `at` always holds the number of the one at work; the slowest is
/// told with its time, and how many there were.
fn work<T: Target>(
    target: &T,
    numbers: impl Iterator<Item = u64>,
    extent: Extent,
    at: &AtomicU64,
) -> (Failures, (Duration, u64), u64) {
    let (mut failures, mut slowest, mut tried) = (Failures::new(), (Duration::ZERO, 0), 0);
    let goes_on = |number: u64| match extent.until {
        Some(until) => Instant::now() < until,
        None => number < extent.cases,
    };
    for number in numbers.take_while(|&number| goes_on(number)) {
        at.store(number, Ordering::Relaxed);
        let case = target.case(number);
        let begin = Instant::now();
        let outcome = without_panic(|| target.check(&case)).flatten();
        slowest = slowest.max((begin.elapsed(), number));
        tried += 1;
        if let Err(broken) = outcome {
            let first = failures.entry(kind_of(&broken)).or_insert_with_key(|kind| {
                let fails = |case: &T::Case| {
                    let outcome = without_panic(|| target.check(case)).flatten();
                    outcome.is_err_and(|broken| kind_of(&broken) == *kind)
                };
                (0, format!("case {number}: {broken}\n    {}", target.shown(case, &fails)))
            });
            first.0 += 1;
        }
    }
    at.store(u64::MAX, Ordering::Relaxed);
    (failures, slowest, tried)
}

/// Ends the process if a case does not end.
fn watch(workers: &[AtomicU64], is_over: &mpsc::Receiver<()>) {
    let mut before = vec![u64::MAX; workers.len()];
    while is_over.recv_timeout(CASE_LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        for (worker, before) in workers.iter().zip(&mut before) {
            let number = worker.load(Ordering::Relaxed);
            if number == std::mem::replace(before, number) && number != u64::MAX {
                // Straight to standard error: what a test prints is shown when it ends, and this does not.
                let _ = writeln!(std::io::stderr(), "case {number} hangs");
                std::process::abort();
            }
        }
    }
}

fn try_alone<T: Target>(target: &T, number: u64) {
    let begin = Instant::now();
    let outcome = target.check(&target.case(number));
    println!("{}", target.shown(target.case(number), &|_| false));
    println!("case {number} in {:?}: {outcome:?}", begin.elapsed());
    outcome.expect("the case fails");
}

/// Attacks a target with so many cases, or in a long run for its part of the hour. Returns how many were tried.
///
/// # Panics
/// If any case fails, with the first of each kind.
pub fn attack<T: Target>(target: &T, cases: u64) -> u64 {
    // Each has all processors while its turn is.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let said = |variable| std::env::var(variable).ok().and_then(|text| text.parse().ok());
    if let Some(number) = said("FARTHEST_CASE") {
        try_alone(target, number);
        return 1;
    }
    let cases = said("FARTHEST_CASES").unwrap_or(cases);
    let begin = Instant::now();
    let extent = Extent { cases, until: is_long().then(|| begin + LONG / TARGETS) };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let at: Vec<AtomicU64> = (0..workers).map(|_| AtomicU64::new(u64::MAX)).collect();
    let (mut all, mut slowest, mut tried) = (Failures::new(), (Duration::ZERO, 0), 0);
    thread::scope(|scope| {
        let (over, is_over) = mpsc::channel::<()>();
        let start = |worker: usize| {
            let (over, at) = (over.clone(), &at);
            scope.spawn(move || {
                let numbers = (worker as u64..).step_by(workers);
                let found = work(target, numbers, extent, &at[worker]);
                drop(over);
                found
            })
        };
        let working: Vec<_> = (0..workers).map(start).collect();
        drop(over);
        watch(&at, &is_over);
        for worker in working {
            let (failures, slow, count) = worker.join().expect("a worker catches all panics");
            for (kind, (count, first)) in failures {
                all.entry(kind).or_insert((0, first)).0 += count;
            }
            slowest = slowest.max(slow);
            tried += count;
        }
    });
    println!("{tried} cases in {:?}; the slowest is {slowest:?}", begin.elapsed());
    let shown = |(count, first): &(u64, String)| format!("{count} like {first}");
    let shown: Vec<String> = all.values().map(shown).collect();
    assert!(all.is_empty(), "{} kinds of failures:\n{}", all.len(), shown.join("\n"));
    tried
}
