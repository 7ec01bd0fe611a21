//! Merging on a thread of its own, while commits and searches go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use super::publisher::Publisher;
use crate::error::{Error, Result};
use crate::kernel::heap;
use crate::kernel::sync;

/// How often a wait for merges looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(5);

/// Makes the merges that a publisher wants. Dropping it stops the one under way, of which nothing stays.
pub struct Merger {
    publisher: Arc<Publisher>,
    threads: usize,
    cancel: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<Result<()>>>>,
}

impl Merger {
    /// Graphs are built on `threads` threads.
    pub fn new(publisher: Arc<Publisher>, threads: usize) -> Self {
        Self { publisher, threads, cancel: Arc::new(AtomicBool::new(false)), thread: Mutex::new(None) }
    }

    /// Starts merging where there is something to merge and nobody does.
    ///
    /// # Errors
    /// What the last merge that ended said; [`Error::Io`] when no thread can be started.
    pub fn nudge(&self) -> Result<()> {
        let mut thread = self.lock();
        if thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(());
        }
        let last = thread.take().map_or(Ok(()), join);
        if self.publisher.wants_merge() {
            let (publisher, cancel, threads) = (Arc::clone(&self.publisher), Arc::clone(&self.cancel), self.threads);
            let name = std::thread::Builder::new().name("nigh-merge".to_owned());
            let started = name.spawn(move || merge_all(&publisher, threads, &cancel));
            *thread = Some(started.map_err(Error::io("start a thread for", "nigh-merge"))?);
        }
        last
    }

    /// Makes every merge that is wanted, and waits for it.
    ///
    /// # Errors
    /// What the merges say.
    pub fn settle(&self) -> Result<()> {
        loop {
            self.nudge()?;
            match self.lock().take() {
                Some(thread) => join(thread)?,
                None => return Ok(()),
            }
        }
    }

    /// The same. Stops to wait when `cancelled` says so; the merges go on.
    ///
    /// # Errors
    /// What the merges say; [`Error::Interrupted`].
    pub fn wait_unless(&self, cancelled: &dyn Fn() -> bool) -> Result<()> {
        loop {
            self.nudge()?;
            let Some(thread) = self.lock().take() else { return Ok(()) };
            while !thread.is_finished() {
                if cancelled() {
                    *self.lock() = Some(thread);
                    return Err(Error::Interrupted);
                }
                std::thread::sleep(LOOK);
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
            // Nobody is left to hear of it; what it could not do, the next writer does.
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
