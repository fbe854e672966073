//! What happens when the system gives no memory: one message and a documented code, instead of an abort.
//!
//! Rust ends a program that gets no memory by SIGABRT, after a line and perhaps a backtrace on each rank, and the hook
//! that could change this is not in stable Rust. So the program's allocator is the system's, with a look at each
//! null pointer: it is an end that [`end_on_exhaustion`] chose. Who can do without the memory asks within
//! [`may_fail`], and gets the null pointer as an error.
//!
//! A kernel that promises more than it has ends the program by SIGKILL when the memory is touched; nothing here can see
//! that.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};

/// How the program ends, given the bytes that were asked for in vain.
static END: OnceLock<fn(usize) -> !> = OnceLock::new();

/// Memory that is given back before the end, as to say a message takes some.
static RESERVE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
const RESERVE_BYTES: usize = 1 << 20;

thread_local! {
    static MAY_FAIL: Cell<bool> = const { Cell::new(false) };
}

/// The system's allocator, for the binary: where it has no memory, the program ends as [`end_on_exhaustion`] says.
pub struct Allocator;

// SAFETY: every call is passed on to the system's allocator as it is, and its answer is returned as it is; the end
// between the two neither returns nor unwinds.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract, which is the same.
        seen(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        seen(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: as above; the pointer came from here, and so from the system's allocator.
        seen(unsafe { System.realloc(pointer, layout, bytes) }, bytes)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) };
    }
}

fn seen(pointer: *mut u8, bytes: usize) -> *mut u8 {
    if pointer.is_null() && !MAY_FAIL.get() {
        end(bytes);
    }
    pointer
}

/// Lets the program end by `end` when memory that it needs is not there. The first choice holds.
pub fn end_on_exhaustion(end: fn(usize) -> !) {
    if let Ok(mut reserve) = RESERVE.lock() {
        *reserve = Vec::with_capacity(RESERVE_BYTES);
    }
    let _ = END.set(end);
}

/// Runs a piece of work that can do without the memory that it asks for, and sees for itself whether it got it.
pub fn may_fail<T>(work: impl FnOnce() -> T) -> T {
    let before = MAY_FAIL.replace(true);
    let made = work();
    MAY_FAIL.set(before);
    made
}

/// Ends the program because there are no such bytes of memory.
///
/// # Panics
/// If nobody has said how to end it.
pub fn exhausted(bytes: usize) -> ! {
    end(bytes);
    panic!("no memory for {bytes} bytes");
}

/// Returns only where nobody has said how to end the program, or where it is on its way to its end.
fn end(bytes: usize) {
    static IS_ENDING: AtomicBool = AtomicBool::new(false);
    let Some(end) = END.get() else { return };
    if IS_ENDING.swap(true, Relaxed) {
        return;
    }
    if let Ok(mut reserve) = RESERVE.try_lock() {
        *reserve = Vec::new();
    }
    // To unwind through an allocator is not sound.
    let _ = std::panic::catch_unwind(|| end(bytes));
    std::process::abort()
}
