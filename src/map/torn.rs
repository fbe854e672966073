//! What happens when a mapped file is cut short: zeros in place of its bytes and a mark, not the end of the process.
//!
//! Who touches a page of a map that has no file behind it any more gets SIGBUS, which ends the process without a
//! word. Here a handler looks whether the address lies in a map that it was told of. If so, it puts zeros in place
//! of the whole map, marks it as torn and returns, and the touch is repeated and reads zero. Whoever reads goes on
//! with zeros, which mean nothing; so what was made of a map counts only if the map is not torn in the end. Every
//! other SIGBUS goes to whoever had the signal before.
//!
//! *All of the map* gets zeros, not the page alone: a file of a terabyte would else give a million signals.
//!
//! *What a handler may do* is little: it interrupts anything, even the allocator. This one reads atomic numbers and
//! makes system calls. The list that it walks only grows, and a place in it that was let go serves the next map.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A map that the handler knows, until this is dropped; which must be before the map is gone, as another may then
/// lie at its addresses.
#[derive(Debug)]
pub(super) struct Guard(&'static Place);

/// A place in the list of maps.
#[derive(Debug, Default)]
struct Place {
    /// The first address, and how many bytes. A place that serves no map has none.
    start: AtomicUsize,
    bytes: AtomicUsize,
    is_torn: AtomicBool,
    next: OnceLock<&'static Place>,
}

static FIRST: OnceLock<&'static Place> = OnceLock::new();

/// How many of the maps that are there are torn.
static TORN: AtomicUsize = AtomicUsize::new(0);

/// What became of SIGBUS before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// Whether a file that is mapped now was cut short: nothing that is read from it counts any more.
pub(super) fn is_any() -> bool {
    TORN.load(SeqCst) > 0
}

impl Guard {
    /// Lets the handler know the bytes of a map.
    pub(super) fn of(map: &[u8]) -> Guard {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        install();
        let free = places().find(|place| place.bytes.load(SeqCst) == 0);
        let place = free.unwrap_or_else(|| {
            let new: &'static Place = Box::leak(Box::default());
            let end = places().last().map_or(&FIRST, |last| &last.next);
            end.set(new).expect("one at a time adds a place");
            new
        });
        place.is_torn.store(false, SeqCst);
        // The length last: a place without one holds no address.
        place.start.store(map.as_ptr() as usize, SeqCst);
        place.bytes.store(map.len(), SeqCst);
        Guard(place)
    }

    /// Whether bytes of the map were gone when they were touched.
    pub(super) fn is_torn(&self) -> bool {
        self.0.is_torn.load(SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.bytes.store(0, SeqCst);
        if self.is_torn() {
            TORN.fetch_sub(1, SeqCst);
        }
    }
}

impl Place {
    /// The start and the length of the map, if it holds an address. Another thread may let go of the place
    /// meanwhile and give it to another map; then what it says is not the same twice.
    fn holding(&self, address: usize) -> Option<[usize; 2]> {
        let said = || [&self.start, &self.bytes].map(|number| number.load(SeqCst));
        let [start, bytes] = said();
        let is_within = address.checked_sub(start).is_some_and(|offset| offset < bytes);
        (is_within && said() == [start, bytes]).then_some([start, bytes])
    }
}

/// All places, those that serve no map included.
fn places() -> impl Iterator<Item = &'static Place> {
    let mut next = &FIRST;
    std::iter::from_fn(move || {
        let place: &'static Place = next.get()?;
        next = &place.next;
        Some(place)
    })
}

/// Makes [`on_bus_error`] the handler of SIGBUS, once.
fn install() {
    BEFORE.get_or_init(|| {
        // SAFETY: all bits zero are a valid `sigaction`, of no flags, an empty mask and the default action.
        let [mut before, mut ours]: [libc::sigaction; 2] = unsafe { std::mem::zeroed() };
        ours.sa_sigaction = on_bus_error as *const () as usize;
        // On the stack for signals, if the thread has one, as its own may be full.
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: both point to a `sigaction`; the handler has the signature that SA_SIGINFO asks for, and does
        // nothing that a handler must not do. It needs no `BEFORE` until some map has a place.
        unsafe { libc::sigaction(libc::SIGBUS, &ours, &mut before) };
        before
    });
}

/// Takes the fault of a page that is gone from a map that has a place.
extern "C" fn on_bus_error(signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    // SAFETY: the system calls the handler with a valid `siginfo_t`; of SIGBUS it has an address.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr() as usize) };
    let torn = places().find_map(|place| Some((place, place.holding(address)?)));
    if let (libc::BUS_ADRERR, Some((place, [start, bytes]))) = (code, torn)
        && put_zeros(start, bytes)
    {
        if !place.is_torn.swap(true, SeqCst) {
            TORN.fetch_add(1, SeqCst);
        }
        return;
    }
    give_back(signal, code);
}

/// Puts zeros in place of a map; tells whether the system did it.
fn put_zeros(start: usize, bytes: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED | libc::MAP_NORESERVE;
    // SAFETY: exactly these addresses belong to a map that has a place, which is read-only and is there as long as
    // the place is its own. Bytes of a mapped file may change at any time, as its readers know.
    let zeros = unsafe { libc::mmap(start as *mut c_void, bytes, libc::PROT_READ, flags, -1, 0) };
    zeros != libc::MAP_FAILED
}

/// Leaves a signal to whoever had it before; one that some process sent ends this one, as it does by default.
fn give_back(signal: c_int, code: c_int) {
    let is_sent = code <= 0;
    if let (false, Some(before)) = (is_sent, BEFORE.get()) {
        // SAFETY: this is what the system said was there. The fault comes again when the handler has returned.
        unsafe { libc::sigaction(signal, before, std::ptr::null_mut()) };
        return;
    }
    // SAFETY: a handler may do both; what is raised comes when it has returned.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}
