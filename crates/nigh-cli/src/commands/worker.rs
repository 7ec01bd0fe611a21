//! `nigh extract-worker`, which nigh starts itself: reads files of risky formats, within limits of memory and time.

use std::io::{BufReader, BufWriter};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::args::ExtractWorker;
use crate::output::Failure;

/// Deeply nested files use more of it than a thread has by default.
const STACK: usize = 64 << 20;
/// How often the watcher looks.
const LOOK: Duration = Duration::from_millis(500);

pub fn run(arguments: &ExtractWorker) -> Result<Outcome, Failure> {
    limit_memory(arguments.memory);
    // When a file's time is up. 0: none is being read.
    static UNTIL_MS: AtomicU64 = AtomicU64::new(0);
    let started = Instant::now();
    let now = move || started.elapsed().as_millis() as u64 + 1;
    // Half as much again as the employer waits: this counts only where the employer is gone and nobody stops us.
    let patience = (arguments.seconds * 1500.0) as u64 + 1000;
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(LOOK);
            let until = UNTIL_MS.load(Ordering::Relaxed);
            if until > 0 && now() > until {
                std::process::abort();
            }
        }
    });
    let serve = move || {
        let (input, output) = (BufReader::new(std::io::stdin()), BufWriter::new(std::io::stdout()));
        let begin = || UNTIL_MS.store(now() + patience, Ordering::Relaxed);
        nigh::serve_extraction(input, output, begin, || UNTIL_MS.store(0, Ordering::Relaxed))
    };
    let thread =
        std::thread::Builder::new().stack_size(STACK).spawn(serve).map_err(Failure::io("start", "a thread"))?;
    match thread.join() {
        // Nobody reads the answer any more: as good as the end.
        Ok(_) => Ok(Outcome::Found),
        Err(_) => Err(Failure::said("internal error while reading a file")),
    }
}

#[cfg(unix)]
fn limit_memory(bytes: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    // Where the system does not know such limits, the time limit still holds.
    let _ = setrlimit(Resource::As, limit(bytes));
    let _ = setrlimit(Resource::Core, limit(0));
}

#[cfg(not(unix))]
fn limit_memory(_bytes: u64) {}
