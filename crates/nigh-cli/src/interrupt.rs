//! Ctrl-C: the first asks the work to stop where everything finished is kept; the second ends the program at once, which
//! loses no more than a power cut would: nothing that was committed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use nigh::Cancel;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether Ctrl-C, or a request to terminate, came. Listens from the first call on.
pub fn flag() -> &'static AtomicBool {
    cancel();
    &ASKED
}

/// The same for the library: cancelled by Ctrl-C.
pub fn cancel() -> &'static Cancel {
    static CANCEL: OnceLock<Cancel> = OnceLock::new();
    CANCEL.get_or_init(|| {
        let cancel = Cancel::new();
        let asked = cancel.clone();
        // A handler that cannot be set leaves the system's own: Ctrl-C ends the program.
        let _ = ctrlc::set_handler(move || {
            asked.cancel();
            if ASKED.swap(true, Ordering::Relaxed) {
                #[expect(clippy::exit, reason = "asked twice: the user wants out now")]
                std::process::exit(130);
            }
        });
        cancel
    })
}
