//! When a search has to stop before its end: at a time, or when the system asks for it.
//!
//! Slurm and other systems send SIGTERM or SIGUSR1 before they end a job. From the moment that the search begins
//! these set a flag; before it there is nothing to save, and they end the process as ever: [`end_by_signals`] sees to
//! that where MPI has a handler of its own (MPICH takes SIGUSR1, and does nothing).
//!
//! Architecture Invariant: it knows neither ranks nor blocks.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use signal_hook::consts::{SIGTERM, SIGUSR1};

use crate::error::{Error, Result};

/// True as long as a signal ends the process.
static ENDS: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Lets SIGUSR1 end the process until a search begins. MPI must have started; where the system does not let signals be
/// handled, all stays as it is.
pub fn end_by_signals() {
    let ends = ENDS.get_or_init(|| Arc::new(AtomicBool::new(true)));
    let _ = signal_hook::flag::register_conditional_default(SIGUSR1, Arc::clone(ends));
}

/// The limits of a search.
#[derive(Debug)]
pub struct Limits {
    until: Option<Instant>,
    is_asked: Arc<AtomicBool>,
}

impl Limits {
    /// No limit but the one in time, if there is one, and what the system asks for from now on.
    ///
    /// # Errors
    /// [`Error::Io`] if the system does not let signals be handled.
    pub fn new(until: Option<Instant>) -> Result<Limits> {
        let is_asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGUSR1] {
            signal_hook::flag::register(signal, Arc::clone(&is_asked)).map_err(|source| {
                Error::Io { file: "signals".into(), action: "cannot be handled", source }
            })?;
        }
        if let Some(ends) = ENDS.get() {
            ends.store(false, Relaxed);
        }
        Ok(Limits { until, is_asked })
    }

    /// Whether the time is over at `now`.
    #[inline]
    pub fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now >= until)
    }

    /// Whether the system has asked this process to stop.
    #[inline]
    pub fn is_asked(&self) -> bool {
        self.is_asked.load(Relaxed)
    }
}
