//! A handler for SIGBUS, which keeps the process alive when a mapped file is truncated or can no longer be read.
//!
//! To touch a page of a map beyond the end of the file, or a page that the disk cannot deliver, raises SIGBUS, which ends the process.
//! This handler replaces the page by zeros and marks the map as damaged. The reader of the bytes learns this from
//! [`super::map::FileMap::is_intact`]. Faults elsewhere go to the previous handler, or end the process as without this handler.
//!
//! A signal handler may interrupt any code, so it takes no lock and allocates nothing. The maps are in a list of atomics, whose
//! chunks are never freed. A program that sets its own handler later must call the previous one, as is usual.

use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence};

/// The number of maps in one chunk of the list.
const SLOTS: usize = 64;
/// The start of a slot that is taken but not yet filled in. It is not the address of a page.
const TAKEN: usize = 1;

/// One mapped region in the list, or a free slot.
#[derive(Debug)]
pub(super) struct Slot {
    /// The address of the region's first byte; 0: the slot is free.
    start: AtomicUsize,
    /// The number of bytes, a multiple of the page size.
    len: AtomicUsize,
    damaged: AtomicBool,
}

impl Slot {
    const fn free() -> Self {
        Self { start: AtomicUsize::new(0), len: AtomicUsize::new(0), damaged: AtomicBool::new(false) }
    }

    /// Fills in the slot, if it is free. Returns true if it was.
    fn claim(&self, start: usize, len: usize) -> bool {
        if self.start.compare_exchange(0, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return false;
        }
        self.len.store(len, Ordering::Relaxed);
        self.damaged.store(false, Ordering::Relaxed);
        self.start.store(start, Ordering::Release);
        true
    }

    /// True if an address is within the region. If the slot changes during this call, no thread uses a region in it.
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

/// A chunk of the list of all maps.
struct Chunk {
    slots: [Slot; SLOTS],
    /// The next chunk; null at the end. Once set, it never changes.
    next: AtomicPtr<Chunk>,
}

impl Chunk {
    const fn empty() -> Self {
        Self { slots: [const { Slot::free() }; SLOTS], next: AtomicPtr::new(ptr::null_mut()) }
    }

    fn next(&self) -> Option<&'static Self> {
        // SAFETY: the pointer is null or comes from `Box::leak` in `next_or_new`, so that the chunk is never freed.
        unsafe { self.next.load(Ordering::Acquire).as_ref() }
    }

    /// Returns the next chunk, and creates it if there is none.
    fn next_or_new(&self) -> &'static Self {
        if let Some(next) = self.next() {
            return next;
        }
        let leaked: &'static mut Self = Box::leak(Box::new(Self::empty()));
        let new = ptr::from_mut(leaked);
        match self.next.compare_exchange(ptr::null_mut(), new, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: it was leaked just above, and no mutable reference to it exists any more.
            Ok(_) => unsafe { &*new },
            Err(other) => {
                // SAFETY: it was leaked just above, and no other thread has seen it. `other` is a chunk that another thread
                // leaked meanwhile.
                unsafe {
                    drop(Box::from_raw(new));
                    &*other
                }
            }
        }
    }
}

static MAPS: Chunk = Chunk::empty();

/// Returns the slot of the region that contains an address.
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
    /// Guards a mapped region of `len` bytes, which starts at a page.
    pub(super) fn new(start: *const u8, len: usize) -> Self {
        system::install();
        let len = len.next_multiple_of(system::page());
        let mut chunk: &'static Chunk = &MAPS;
        loop {
            if let Some(slot) = chunk.slots.iter().find(|slot| slot.claim(start.addr(), len)) {
                return Self(slot);
            }
            chunk = chunk.next_or_new();
        }
    }

    /// True if some bytes of the region were replaced by zeros. The answer is valid for everything read before the call.
    pub(super) fn is_damaged(&self) -> bool {
        // The caller read its bytes before this reads the flag, and the handler sets the flag before it maps the zeros.
        fence(Ordering::SeqCst);
        self.0.damaged.load(Ordering::SeqCst)
    }

    /// Marks the region as damaged: its bytes are not those of the file.
    pub(super) fn damage(&self) {
        self.0.damaged.store(true, Ordering::SeqCst);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.start.store(0, Ordering::Release);
    }
}

/// Returns the number of bytes of a page.
pub(super) fn page() -> usize {
    system::page()
}

#[cfg(unix)]
mod system {
    use super::*;

    /// The page size. It is set before the handler is installed, as a handler must not query it.
    static PAGE: AtomicUsize = AtomicUsize::new(0);
    /// The previous handler. It is set before ours is installed, and never freed.
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

    /// Installs the handler on the first call. If the system refuses, SIGBUS ends the process as usual.
    pub(super) fn install() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            page();
            // SAFETY: the zeroed structure is a valid one, and is filled in before it is used. Both calls are given valid
            // pointers. The handler does only what is safe in a handler: it calls async-signal-safe functions, keeps errno, and
            // passes on other faults. The previous handler is known before ours can be called, and never freed.
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
                    // Another thread installed a handler between the two calls.
                    BEFORE.store(Box::leak(Box::new(replaced)), Ordering::Release);
                }
            }
        });
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn errno() -> *mut libc::c_int {
        #[cfg(target_os = "linux")]
        // SAFETY: only returns the address of this thread's errno.
        return unsafe { libc::__errno_location() };
        #[cfg(target_os = "android")]
        // SAFETY: as above.
        return unsafe { libc::__errno() };
    }

    #[cfg(target_vendor = "apple")]
    fn errno() -> *mut libc::c_int {
        // SAFETY: only returns the address of this thread's errno.
        unsafe { libc::__error() }
    }

    /// A replacement on systems where errno has another name. There the handler may change errno.
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn errno() -> *mut libc::c_int {
        static OTHER: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(0);
        OTHER.as_ptr()
    }

    /// The handler itself.
    extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        let errno = errno();
        // SAFETY: the system gives a valid `info`, and errno is this thread's own.
        let (code, address, errno_before) = unsafe { ((*info).si_code, (*info).si_addr().addr(), *errno) };
        // A signal sent by a process has no address. A misaligned access would fault again, whatever is mapped there.
        let faulted = code > 0 && code != libc::SI_USER && code != libc::BUS_ADRALN;
        let replaced = faulted && find(address).is_some_and(|slot| replace_page(slot, address));
        // SAFETY: as above.
        unsafe { *errno = errno_before };
        if !replaced {
            pass_on(signal, info, context, faulted || code == libc::BUS_ADRALN);
        }
    }

    /// Replaces a page that cannot be read by zeros.
    fn replace_page(slot: &Slot, address: usize) -> bool {
        // Set the flag first: a thread that reads the zeros must find it set.
        slot.damaged.store(true, Ordering::SeqCst);
        let page = PAGE.load(Ordering::Relaxed);
        let start = ptr::without_provenance_mut(address - address % page);
        let flags = libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_ANON;
        // SAFETY: the page lies in a region that a `FileMap` holds: the code that faulted there borrows it, so that it is not
        // unmapped meanwhile, and nothing else is mapped there. The region is read-only, and is unmapped with the map. mmap is
        // a plain system call, safe in a handler. The documentation of `FileMap` says that bytes may change under shared
        // references if a file is cut.
        unsafe { libc::mmap(start, page, libc::PROT_READ, flags, -1, 0) == start }
    }

    /// Calls the previous handler, or does what the system does without a handler.
    fn pass_on(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void, faulted: bool) {
        // SAFETY: it was set before this handler was installed, and is never freed.
        let before = unsafe { BEFORE.load(Ordering::Acquire).as_ref() };
        let action = before.map_or(libc::SIG_DFL, |before| before.sa_sigaction);
        let with_info = before.is_some_and(|before| before.sa_flags & libc::SA_SIGINFO != 0);
        match action {
            libc::SIG_IGN if !faulted => {}
            libc::SIG_DFL | libc::SIG_IGN => {
                // SAFETY: both are plain calls, safe in a handler. A fault repeats when this returns, and ends the process. A
                // signal that was sent is sent again, and arrives when this returns.
                unsafe {
                    libc::signal(signal, libc::SIG_DFL);
                    if !faulted {
                        libc::raise(signal);
                    }
                }
            }
            action if with_info => {
                // SAFETY: with SA_SIGINFO it is a function of this type.
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

/// For systems without this signal.
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
