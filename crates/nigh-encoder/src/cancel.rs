//! [`Cancel`]: one token that ends long operations early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends a long operation early, from any thread or from a signal handler.
///
/// Clones share one state: give one to the operation, keep the other. A cancelled token stays cancelled; make a new one for the
/// next operation. An operation checks its token between two pieces of work. Its documentation says what it leaves behind when
/// it is cancelled. The encoder works for up to about two seconds between two checks.
///
/// Setting it only stores a flag, so a signal handler may do it. The standard library has no signal handlers; with the crate
/// `ctrlc`: `ctrlc::set_handler(move || mine.cancel())`.
///
/// ```
/// use nigh_encoder::Cancel; // or `nigh::Cancel`
///
/// let cancel = Cancel::new();
/// let mine = cancel.clone();
/// std::thread::spawn(move || mine.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Creates a token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every operation that has a clone of this token to stop. Does not wait for them.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True if [`Cancel::cancel`] was called on this token or on a clone of it.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
