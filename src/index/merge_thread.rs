//! Merges in the background: one thread, while commits and searches go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use super::publisher::Publisher;
use crate::error::{Error, Result};
use crate::kernel::heap;
use crate::kernel::sync;

/// The time between two checks for cancellation while waiting for merges.
const CHECK_EVERY: Duration = Duration::from_millis(5);

/// Runs the merges of a publisher on a thread. Dropping it cancels the current merge, which leaves no files behind.
pub struct Merger {
    publisher: Arc<Publisher>,
    threads: usize,
    cancel: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<Result<()>>>>,
}

impl Merger {
    /// Creates a merger. `threads`: the number of threads that build graphs.
    pub fn new(publisher: Arc<Publisher>, threads: usize) -> Self {
        Self { publisher, threads, cancel: Arc::new(AtomicBool::new(false)), thread: Mutex::new(None) }
    }

    /// Starts the thread if there is something to merge and the thread is not running.
    ///
    /// # Errors
    /// The error of the last merge that ended; [`Error::Io`] if no thread can be started.
    pub fn start(&self) -> Result<()> {
        let mut thread = self.lock();
        if thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(());
        }
        let last = thread.take().map_or(Ok(()), join);
        if self.publisher.wants_merge() {
            let (publisher, cancel, threads) = (Arc::clone(&self.publisher), Arc::clone(&self.cancel), self.threads);
            let builder = std::thread::Builder::new().name("nigh-merge".to_owned());
            let started = builder.spawn(move || merge_all(&publisher, threads, &cancel));
            *thread = Some(started.map_err(Error::io("start a thread for", "nigh-merge"))?);
        }
        last
    }

    /// Runs all pending merges, and waits for them.
    ///
    /// # Errors
    /// The errors of the merges.
    pub fn wait_for_merges(&self) -> Result<()> {
        loop {
            self.start()?;
            match self.lock().take() {
                Some(thread) => join(thread)?,
                None => return Ok(()),
            }
        }
    }

    /// The same as [`Merger::wait_for_merges`], but stops waiting when `cancelled` returns true; the merges go on.
    ///
    /// # Errors
    /// The errors of the merges; [`Error::Interrupted`].
    pub fn wait_unless(&self, cancelled: &dyn Fn() -> bool) -> Result<()> {
        loop {
            self.start()?;
            let Some(thread) = self.lock().take() else { return Ok(()) };
            while !thread.is_finished() {
                if cancelled() {
                    *self.lock() = Some(thread);
                    return Err(Error::Interrupted);
                }
                std::thread::sleep(CHECK_EVERY);
            }
            join(thread)?;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<JoinHandle<Result<()>>>> {
        sync::lock(&self.thread)
    }
}

impl Drop for Merger {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
        if let Some(thread) = self.lock().take() {
            // No caller is left to get its error. The next writer repeats the failed work.
            let _ = join(thread);
        }
    }
}

fn merge_all(publisher: &Publisher, threads: usize, cancel: &AtomicBool) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .thread_name(|i| format!("nigh-merge-{i}"))
        .build()
        .map_err(|cause| Error::Threads { purpose: "merging", problem: cause.to_string() })?;
    while publisher.merge(&pool, cancel)? {
        heap::give_back();
        if cancel.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
    }
    Ok(())
}

fn join(thread: JoinHandle<Result<()>>) -> Result<()> {
    thread.join().unwrap_or_else(|_| Err(Error::Threads { purpose: "merging", problem: "one ended early".to_owned() }))
}
