//! nigh in an async program: searches on blocking threads, a task that writes, and a run that is cancelled.
//!
//! The example needs no runtime: [`spawn_blocking`] and [`block_on`] do what a runtime does. With tokio, use
//! `tokio::task::spawn_blocking`, which has the same bounds, and `#[tokio::main]`.
//!
//! ```text
//! cargo run --release --example in_async
//! ```

#![allow(clippy::print_stdout, reason = "a program that talks to its user")]

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use nigh::{Cancel, Collection, CollectionOptions, Document, Error, ModelStore, Result, Snapshot};

/// A message to the writing task. One task does all writing, as there is only one writer.
enum Job {
    Put(Document),
    Commit(Sender<u64>),
}

fn main() -> Result<()> {
    let directory = std::env::temp_dir().join(format!("nigh-async-{}", std::process::id()));
    let notes = options().open(&directory)?;
    let done = block_on(serve(notes, &directory));
    let _ = std::fs::remove_dir_all(&directory);
    done
}

async fn serve(notes: Collection, folder: &Path) -> Result<()> {
    // The writing task owns the writer. Other tasks send it messages, and do not wait for the encoder.
    let (jobs, work) = channel();
    let writing = spawn_blocking({
        let notes = notes.clone();
        move || write(&notes, &work)
    });
    for (id, text) in [("tides", "The tide turns every six hours."), ("knots", "A bowline does not slip.")] {
        let _ = jobs.send(Job::Put(Document::new(id, text)));
    }
    let (committed, when) = channel();
    let _ = jobs.send(Job::Commit(committed));
    if let Ok(generation) = spawn_blocking(move || when.recv()).await {
        println!("commit {generation} is visible");
    }

    // One snapshot for each request: its search and its documents are from the same commit, whatever is written meanwhile.
    let snapshot = spawn_blocking({
        let notes = notes.clone();
        move || notes.snapshot()
    })
    .await?;
    for text in answer(snapshot, "which knot holds?".to_owned()).await? {
        println!("{text}");
    }

    drop(jobs); // ends the writing task
    writing.await?;

    // A long operation is cancelled from elsewhere: by a request handler, a timeout or a signal.
    let cancel = Cancel::new();
    cancel.cancel();
    let folder = folder.to_path_buf();
    let report = spawn_blocking(move || notes.writer()?.index_folder(folder).cancel(&cancel).run()).await?;
    println!("interrupted: {}", report.interrupted);
    Ok(())
}

/// Returns the whole texts of the best documents. A search owns its data, so it can move to another thread.
async fn answer(snapshot: Snapshot, question: String) -> Result<Vec<String>> {
    spawn_blocking(move || {
        let hits = snapshot.search(question).limit(3).run()?;
        let texts = hits.iter().map(|hit| snapshot.document(hit.document.id.as_str()));
        let texts = texts.collect::<Result<Vec<_>>>()?;
        Ok(texts.into_iter().flatten().map(|document| document.text).collect())
    })
    .await
}

/// The writing task: takes messages until all senders are gone. `upsert` collects documents, so many are encoded together.
fn write(notes: &Collection, jobs: &Receiver<Job>) -> Result<()> {
    let mut writer = notes.writer()?;
    for job in jobs {
        match job {
            // A refused document is not stored; the others are.
            Job::Put(document) => match writer.upsert(document) {
                Err(refused @ (Error::InvalidDocument { .. } | Error::CollectionKind { .. })) => println!("{refused}"),
                taken => taken?,
            },
            Job::Commit(tell) => {
                let _ = tell.send(writer.commit()?.generation);
            }
        }
    }
    writer.commit().map(|_| ())
}

/// Returns options for the default model, in the user's data directory or in the directory `NIGH_DATA`.
fn options() -> CollectionOptions {
    let options = Collection::options();
    std::env::var_os("NIGH_DATA").map_or(options.clone(), |data| options.model_store(ModelStore::at(data)))
}

/// Runs a closure on a thread that may block.
fn spawn_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> impl Future<Output = T> {
    let state = Arc::new(Mutex::new((None, None::<Waker>)));
    let shared = Arc::clone(&state);
    thread::spawn(move || {
        let value = work();
        let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = Some(value);
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    });
    poll_fn(move |context| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = Some(context.waker().clone());
        state.0.take().map_or(Poll::Pending, Poll::Ready)
    })
}

/// Waits for a future on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let (mut future, waker) = (pin!(future), Waker::from(Arc::new(Unpark(thread::current()))));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}
