//! Ctrl-C: the first one asks the work to stop and keep finished parts; the second ends the program at once, and committed data
//! stays.

use std::sync::OnceLock;

use nigh::Cancel;

/// Returns the token that Ctrl-C or SIGTERM cancels. The first call starts to listen.
pub fn cancel() -> &'static Cancel {
    static CANCEL: OnceLock<Cancel> = OnceLock::new();
    CANCEL.get_or_init(|| {
        let cancel = Cancel::new();
        let asked = cancel.clone();
        // If the handler cannot be set, Ctrl-C ends the program.
        let _ = ctrlc::set_handler(move || {
            if asked.is_cancelled() {
                #[expect(clippy::exit, reason = "second Ctrl-C: stop at once")]
                std::process::exit(130);
            }
            asked.cancel();
        });
        cancel
    })
}
