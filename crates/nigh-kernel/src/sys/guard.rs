//! A handler for SIGBUS: it keeps a process alive when a mapped file is cut or can no longer be read.
//!
//! Touching a page of a map beyond the end of the file, or one that its disk cannot deliver, raises SIGBUS, which ends the process.
//! This handler replaces the page by zeros and marks the map as damaged; [`super::map::FileMap::is_intact`] then tells the user of
//! the bytes. Faults elsewhere go to the previous handler, or end the process as they would have.
//!
//! A signal handler may interrupt anything, so it takes no lock and allocates nothing: the maps are in a list of atomics whose
//! parts are never freed. A program that sets its own handler later must call the previous one, as is usual.

use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence};

/// Maps in one part of the list.
const SLOTS: usize = 64;
/// A slot's start while it is taken and not yet filled in. No address of a page.
const TAKEN: usize = 1;

/// One mapped region, which the handler knows.
#[derive(Debug)]
pub(super) struct Slot {
    /// Its first byte; 0: free.
    start: AtomicUsize,
    /// Bytes, whole pages.
    len: AtomicUsize,
    damaged: AtomicBool,
}

impl Slot {
    const fn free() -> Self {
        Self { start: AtomicUsize::new(0), len: AtomicUsize::new(0), damaged: AtomicBool::new(false) }
    }

    fn claim(&self, start: usize, len: usize) -> bool {
        if self.start.compare_exchange(0, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return false;
        }
        self.len.store(len, Ordering::Relaxed);
        self.damaged.store(false, Ordering::Relaxed);
        self.start.store(start, Ordering::Release);
        true
    }

    /// Whether an address lies in the region. A slot that changes meanwhile holds no region in use.
    fn holds(&self, address: usize) -> bool {
        let start = self.start.load(Ordering::Acquire);
        if start <= TAKEN || address < start {
            return false;
        }
        let len = self.len.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        self.start.load(Ordering::Relaxed) == start && address - start < len
    }
}

/// A part of the list of all maps.
struct Chunk {
    slots: [Slot; SLOTS],
    /// Null at the end. What it once points to stays.
    next: AtomicPtr<Chunk>,
}

impl Chunk {
    const fn empty() -> Self {
        Self { slots: [const { Slot::free() }; SLOTS], next: AtomicPtr::new(ptr::null_mut()) }
    }

    fn next(&self) -> Option<&'static Self> {
        // SAFETY: the pointer is null or comes from `Box::leak` in `grown`, so that what it points to is never freed.
        unsafe { self.next.load(Ordering::Acquire).as_ref() }
    }

    /// The part after the last, made where there is none.
    fn grown(&self) -> &'static Self {
        if let Some(next) = self.next() {
            return next;
        }
        let made: &'static mut Self = Box::leak(Box::new(Self::empty()));
        let made = ptr::from_mut(made);
        match self.next.compare_exchange(ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: it was leaked just above, and nobody has a mutable reference to it any more.
            Ok(_) => unsafe { &*made },
            Err(other) => {
                // SAFETY: it was leaked just above and nobody has seen it. `other` is what another thread leaked meanwhile.
                unsafe {
                    drop(Box::from_raw(made));
                    &*other
                }
            }
        }
    }
}

static MAPS: Chunk = Chunk::empty();

fn find(address: usize) -> Option<&'static Slot> {
    let mut chunk = Some(&MAPS);
    while let Some(part) = chunk {
        if let Some(slot) = part.slots.iter().find(|slot| slot.holds(address)) {
            return Some(slot);
        }
        chunk = part.next();
    }
    None
}

/// A region that the handler guards as long as this lives. It must be dropped before the region is unmapped.
#[derive(Debug)]
pub(super) struct Guard(&'static Slot);

impl Guard {
    /// Guards a mapped region of `len` bytes, whose start is that of a page.
    pub(super) fn new(start: *const u8, len: usize) -> Self {
        system::install();
        let len = len.next_multiple_of(system::page());
        let mut chunk: &'static Chunk = &MAPS;
        loop {
            if let Some(slot) = chunk.slots.iter().find(|slot| slot.claim(start.addr(), len)) {
                return Self(slot);
            }
            chunk = chunk.grown();
        }
    }

    /// Whether some of its bytes were replaced by zeros. The answer covers everything read before the call.
    pub(super) fn is_damaged(&self) -> bool {
        // The bytes that the caller read were read before the flag is: the handler sets it before the zeros are there.
        fence(Ordering::SeqCst);
        self.0.damaged.load(Ordering::SeqCst)
    }

    /// Marks the region as damaged: its bytes are not the file's.
    pub(super) fn damage(&self) {
        self.0.damaged.store(true, Ordering::SeqCst);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.start.store(0, Ordering::Release);
    }
}

/// Bytes of a page.
pub(super) fn page() -> usize {
    system::page()
}

#[cfg(unix)]
mod system {
    use super::*;

    /// The page size; set before the handler is installed, which may not ask for it.
    static PAGE: AtomicUsize = AtomicUsize::new(0);
    /// The previous handler; set before ours is installed, never freed.
    static BEFORE: AtomicPtr<libc::sigaction> = AtomicPtr::new(ptr::null_mut());

    pub(super) fn page() -> usize {
        match PAGE.load(Ordering::Relaxed) {
            0 => {
                // SAFETY: sysconf takes no pointer and touches nothing of ours.
                let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
                PAGE.store(page, Ordering::Relaxed);
                page
            }
            page => page,
        }
    }

    /// Installs the handler, the first time. If the system refuses, SIGBUS ends the process as usual.
    pub(super) fn install() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            page();
            // SAFETY: the zeroed structure is a valid one, and is filled in before it is used. Both calls are given valid
            // pointers. The handler keeps what a handler owes: it calls only what is safe in one, keeps errno, and hands on
            // what is not its own. What was there before is known before ours can be called, and never freed.
            unsafe {
                let mut before: libc::sigaction = std::mem::zeroed();
                if libc::sigaction(libc::SIGBUS, ptr::null(), &mut before) != 0 {
                    return;
                }
                BEFORE.store(Box::leak(Box::new(before)), Ordering::Release);
                let mut ours: libc::sigaction = std::mem::zeroed();
                ours.sa_sigaction = handle as *const () as libc::sighandler_t;
                ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigemptyset(&mut ours.sa_mask);
                let mut replaced: libc::sigaction = std::mem::zeroed();
                if libc::sigaction(libc::SIGBUS, &ours, &mut replaced) == 0
                    && replaced.sa_sigaction != before.sa_sigaction
                {
                    // Another thread set one between the two calls.
                    BEFORE.store(Box::leak(Box::new(replaced)), Ordering::Release);
                }
            }
        });
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn errno() -> *mut libc::c_int {
        #[cfg(target_os = "linux")]
        // SAFETY: gives the address of this thread's errno, nothing else.
        return unsafe { libc::__errno_location() };
        #[cfg(target_os = "android")]
        // SAFETY: as above.
        return unsafe { libc::__errno() };
    }

    #[cfg(target_vendor = "apple")]
    fn errno() -> *mut libc::c_int {
        // SAFETY: gives the address of this thread's errno, nothing else.
        unsafe { libc::__error() }
    }

    /// A stand-in on systems where errno has another name: there the handler may change errno.
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn errno() -> *mut libc::c_int {
        static OTHER: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(0);
        OTHER.as_ptr()
    }

    /// The handler itself.
    extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        let errno = errno();
        // SAFETY: the system gives a valid `info`, and errno is this thread's own.
        let (code, address, kept) = unsafe { ((*info).si_code, (*info).si_addr().addr(), *errno) };
        // What a process sends has no address. A misaligned access would fault again, whatever lies there.
        let faulted = code > 0 && code != libc::SI_USER && code != libc::BUS_ADRALN;
        let mended = faulted && find(address).is_some_and(|slot| mend(slot, address));
        // SAFETY: as above.
        unsafe { *errno = kept };
        if !mended {
            hand_on(signal, info, context, faulted || code == libc::BUS_ADRALN);
        }
    }

    /// Replaces a page that cannot be read by zeros.
    fn mend(slot: &Slot, address: usize) -> bool {
        // The flag first: a thread that reads the zeros must find it set.
        slot.damaged.store(true, Ordering::SeqCst);
        let page = PAGE.load(Ordering::Relaxed);
        let start = ptr::without_provenance_mut(address - address % page);
        let flags = libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_ANON;
        // SAFETY: the page lies in a region that a `FileMap` holds: whoever faulted there borrows it, so that it is not unmapped
        // meanwhile, and nothing else is mapped there. All of it is read-only and goes when the map goes. mmap is a plain system
        // call, safe in a handler. That bytes change under shared references is what the map's own documentation says of a
        // file that is cut.
        unsafe { libc::mmap(start, page, libc::PROT_READ, flags, -1, 0) == start }
    }

    /// Does what would have happened without this handler.
    fn hand_on(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void, faulted: bool) {
        // SAFETY: set before this handler was, and never freed.
        let before = unsafe { BEFORE.load(Ordering::Acquire).as_ref() };
        let action = before.map_or(libc::SIG_DFL, |before| before.sa_sigaction);
        let with_info = before.is_some_and(|before| before.sa_flags & libc::SA_SIGINFO != 0);
        match action {
            libc::SIG_IGN if !faulted => {}
            libc::SIG_DFL | libc::SIG_IGN => {
                // SAFETY: both are plain calls, safe in a handler. A fault repeats when this returns, and ends the process; what was
                // sent is sent again, and comes when this returns.
                unsafe {
                    libc::signal(signal, libc::SIG_DFL);
                    if !faulted {
                        libc::raise(signal);
                    }
                }
            }
            action if with_info => {
                // SAFETY: whoever set it said by SA_SIGINFO that it is a function of this type.
                let action: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                    unsafe { std::mem::transmute(action) };
                action(signal, info, context);
            }
            action => {
                // SAFETY: without SA_SIGINFO it is a function of this type.
                let action: extern "C" fn(libc::c_int) = unsafe { std::mem::transmute(action) };
                action(signal);
            }
        }
    }
}

/// Systems without this signal.
#[cfg(not(unix))]
mod system {
    pub(super) fn page() -> usize {
        4096
    }

    pub(super) fn install() {}
}

#[cfg(all(test, unix))]
#[path = "guard_tests.rs"]
mod tests;
