//! `nigh extract-worker`, which nigh starts itself: reads files of risky formats with limits of memory and time.

use std::io::{BufReader, BufWriter};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::args::WorkerArgs;
use crate::output::Failure;

/// Stack size in bytes: deeply nested files need more than the default.
const STACK_BYTES: usize = 64 << 20;
/// How often the time limit is checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

pub fn run(arguments: &WorkerArgs) -> Result<Outcome, Failure> {
    limit_memory(arguments.memory);
    // The time limit of the current file; 0: no file is being read.
    static UNTIL_MS: AtomicU64 = AtomicU64::new(0);
    let started = Instant::now();
    let now = move || started.elapsed().as_millis() as u64 + 1;
    // 1.5 times the limit of the parent process: it matters only if the parent has ended and cannot stop this one.
    let time_limit_ms = (arguments.seconds * 1500.0) as u64 + 1000;
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(CHECK_INTERVAL);
            let until = UNTIL_MS.load(Ordering::Relaxed);
            if until > 0 && now() > until {
                std::process::abort();
            }
        }
    });
    let serve = move || {
        let (input, output) = (BufReader::new(std::io::stdin()), BufWriter::new(std::io::stdout()));
        let begin = || UNTIL_MS.store(now() + time_limit_ms, Ordering::Relaxed);
        nigh::serve_extraction(input, output, begin, || UNTIL_MS.store(0, Ordering::Relaxed))
    };
    let thread =
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(serve).map_err(Failure::io("start", "a thread"))?;
    match thread.join() {
        // If the parent has ended, this process ends too.
        Ok(_) => Ok(Outcome::Found),
        Err(_) => Err(Failure::message("internal error while reading a file")),
    }
}

#[cfg(unix)]
fn limit_memory(bytes: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    // On systems without such limits, the time limit still applies.
    let _ = setrlimit(Resource::As, limit(bytes));
    let _ = setrlimit(Resource::Core, limit(0));
}

#[cfg(not(unix))]
fn limit_memory(_bytes: u64) {}
