//! The CPU priority of this process: lowered for work in the background.

use crate::progress::Notes;

/// The nice value of work in the background: that of the command `nice` without options. Next to a program with the normal priority,
/// it gets about a tenth of a core that both want. Linux derives the priority of reads and writes from it.
#[cfg(unix)]
const BACKGROUND: i32 = 10;

/// Lowers the priority if asked to. Says so in one line if that is not possible; the work then has the normal priority.
///
/// Call it before other threads start: on Linux each thread has its own priority, which it inherits from the thread that starts it.
/// Processes inherit it too, such as the worker that reads risky formats.
pub fn lower(asked: bool, notes: Notes) {
    if !asked {
        return;
    }
    if let Err(reason) = set_background() {
        notes.say(&format!("cannot lower the priority: {reason}; it runs with the normal one"));
    }
}

/// A lower priority than that of the background is kept.
#[cfg(unix)]
fn set_background() -> Result<(), String> {
    use rustix::process::{getpriority_process, setpriority_process};
    let lower = || match getpriority_process(None) {
        Ok(nice) if nice >= BACKGROUND => Ok(()),
        _ => setpriority_process(None, BACKGROUND),
    };
    lower().map_err(|error| crate::output::reason(&error.into()))
}

#[cfg(not(unix))]
fn set_background() -> Result<(), String> {
    Err("nigh cannot do that on this system".to_owned())
}
