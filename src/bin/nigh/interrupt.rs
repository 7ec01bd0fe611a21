//! Ctrl-C: the first asks the work to stop where everything finished is kept; the second ends the program at once, which
//! loses no more than a power cut would: nothing that was committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Starts listening. The flag says whether Ctrl-C (or a request to terminate) came.
pub fn listen() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    // A handler that cannot be set leaves the system's own: Ctrl-C ends the program.
    let _ = ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "asked twice: the user wants out now")]
            std::process::exit(130);
        }
    });
    flag
}
