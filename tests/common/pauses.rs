//! A job that stops at a place ([`farthest::pause`]) until the test has changed something under it.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use super::{Folder, Job, Outcome};

/// Runs a job that stops at a place until all of `paused` ranks are there and `change` was made.
pub fn change_at(
    place: &str,
    job: Job,
    paused: u64,
    arguments: &[&str],
    change: impl Fn(&[u32]) + Sync,
) -> Outcome {
    let signs = Folder::new();
    let folder = signs.path().to_str().expect("the path is UTF-8");
    let job = job.with("FARTHEST_PAUSE_AT", &format!("{place},{folder}"));
    let processes = || -> Vec<u32> {
        let names = signs.names();
        let numbers = names.iter().filter_map(|name| name.strip_prefix("paused-"));
        numbers.map(|number| number.parse().expect("a process")).collect()
    };
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let changer = scope.spawn(|| {
            while processes().len() < paused as usize {
                if is_over.load(SeqCst) {
                    return false;
                }
                thread::sleep(Duration::from_millis(5));
            }
            change(&processes());
            signs.write("go", "");
            true
        });
        let outcome = job.run(arguments);
        is_over.store(true, SeqCst);
        assert!(changer.join().expect("no panic"), "{paused} ranks stop at {place}: {outcome:#?}");
        outcome
    })
}
