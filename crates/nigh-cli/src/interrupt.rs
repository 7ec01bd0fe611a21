//! Ctrl-C: the first asks the work to stop where everything finished is kept; the second ends the program at once, which
//! loses no more than a power cut would: nothing that was committed.

use std::sync::OnceLock;

use nigh::Cancel;

/// Cancelled by Ctrl-C, or by a request to terminate. Listens from the first call on.
pub fn cancel() -> &'static Cancel {
    static CANCEL: OnceLock<Cancel> = OnceLock::new();
    CANCEL.get_or_init(|| {
        let cancel = Cancel::new();
        let asked = cancel.clone();
        // A handler that cannot be set leaves the system's own: Ctrl-C ends the program.
        let _ = ctrlc::set_handler(move || {
            if asked.is_cancelled() {
                #[expect(clippy::exit, reason = "asked twice: the user wants out now")]
                std::process::exit(130);
            }
            asked.cancel();
        });
        cancel
    })
}
