//! [`PullOptions`]: options for fetching.

use std::path::PathBuf;
use std::time::Duration;

/// The model hub, Hugging Face, which is used unless [`PullOptions::endpoint`] sets another one.
pub const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// Options for fetching models. `PullOptions::new()` is right in most cases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PullOptions {
    /// Forbids every connection. Local directories are still searched. Default: false.
    pub offline: bool,
    /// The address of the model hub. Default: [`DEFAULT_ENDPOINT`].
    pub endpoint: String,
    /// The longest time for connecting to the hub. Default: 5 seconds.
    pub connect_timeout: Duration,
    /// The address of an HTTP proxy for connections to the hub. Default: none. (pip has its own settings.)
    pub proxy: Option<String>,
    /// The Python whose pip fetches wheels. Default: `python3`.
    pub python: PathBuf,
}

impl Default for PullOptions {
    fn default() -> Self {
        Self {
            offline: false,
            endpoint: DEFAULT_ENDPOINT.to_owned(),
            connect_timeout: Duration::from_secs(5),
            proxy: None,
            python: PathBuf::from("python3"),
        }
    }
}

impl PullOptions {
    /// Returns the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forbids every connection, or allows them.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// Sets the address of the model hub, or of a mirror.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// Sets the longest time for connecting to the hub.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Connects to the hub through an HTTP proxy.
    #[must_use]
    pub fn proxy(mut self, proxy: impl Into<String>) -> Self {
        self.proxy = Some(proxy.into());
        self
    }

    /// Sets the Python whose pip fetches wheels.
    #[must_use]
    pub fn python(mut self, python: impl Into<PathBuf>) -> Self {
        self.python = python.into();
        self
    }
}
