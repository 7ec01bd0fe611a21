//! The progress callback of long operations.

use std::fmt;

/// The callback that was given to a builder's `on_progress`; does nothing if there is none.
pub(super) struct Progress<'a, P>(Option<Box<dyn FnMut(P) + 'a>>);

impl<'a, P> Progress<'a, P> {
    pub(super) fn none() -> Self {
        Self(None)
    }

    pub(super) fn to(callback: impl FnMut(P) + 'a) -> Self {
        Self(Some(Box::new(callback)))
    }

    pub(super) fn tell(&mut self, progress: P) {
        if let Some(callback) = &mut self.0 {
            callback(progress);
        }
    }
}

impl<P> fmt::Debug for Progress<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(..)" } else { "Progress(none)" })
    }
}
