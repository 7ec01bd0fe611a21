//! Ctrl-C: the first one asks the work to stop and keep what is finished; the second ends the program at once, which loses nothing
//! that was committed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The flag that Ctrl-C or SIGTERM sets. The first call starts to listen.
pub fn flag() -> &'static AtomicBool {
    static ASKED: AtomicBool = AtomicBool::new(false);
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        // If the handler cannot be set, Ctrl-C ends the program.
        let _ = ctrlc::set_handler(|| {
            if ASKED.swap(true, Ordering::Relaxed) {
                #[expect(clippy::exit, reason = "second Ctrl-C: stop at once")]
                std::process::exit(130);
            }
        });
    });
    &ASKED
}
