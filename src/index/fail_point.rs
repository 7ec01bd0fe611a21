//! Fail points: places where tests make publishing stop, by a crash or an error. Other builds have none.

/// Does nothing, unless a test armed this point.
///
/// # Errors
/// The error that the test wants.
#[cfg(not(test))]
#[inline]
pub(crate) fn fail_point(_name: &'static str) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use armed::fail_point;
#[cfg(test)]
pub(crate) mod armed {
    use std::cell::{Cell, RefCell};
    use std::io;

    /// The effect of an armed point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Failure {
        /// Ends the process at once, like `kill -9`.
        Abort,
        /// Fails the call, as on a full disk.
        Error,
    }

    thread_local! {
        /// The number of points to pass before the one that fails.
        static ARMED: Cell<Option<(usize, Failure)>> = const { Cell::new(None) };
        static PASSED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }

    /// Arms the point that this thread passes after the given number of others; `None` disarms. It fails once.
    pub(crate) fn arm(point: Option<(usize, Failure)>) {
        ARMED.set(point);
    }

    /// Returns the points that this thread has passed since the last call.
    pub(crate) fn passed() -> Vec<&'static str> {
        PASSED.take()
    }

    pub(crate) fn fail_point(name: &'static str) -> io::Result<()> {
        PASSED.with_borrow_mut(|passed| passed.push(name));
        let armed = ARMED.get();
        ARMED.set(armed.and_then(|(before, failure)| Some((before.checked_sub(1)?, failure))));
        match armed {
            Some((0, Failure::Abort)) => std::process::abort(),
            Some((0, Failure::Error)) => Err(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Ok(()),
        }
    }
}
