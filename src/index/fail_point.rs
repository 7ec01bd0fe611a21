//! Fail points: places where tests make publishing stop, as a crash or as an error. Nothing in other builds.

/// Passes, unless a test armed this point.
///
/// # Errors
/// What the test asks for.
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

    /// What happens at an armed point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Failure {
        /// The process ends at once, as by `kill -9`.
        Abort,
        /// The call fails as on a full disk.
        Error,
    }

    thread_local! {
        /// How many points are passed before the one that fails.
        static ARMED: Cell<Option<(usize, Failure)>> = const { Cell::new(None) };
        static PASSED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }

    /// Arms the point that this thread passes after as many others, or none. It fails once.
    pub(crate) fn arm(point: Option<(usize, Failure)>) {
        ARMED.set(point);
    }

    /// The points that this thread has passed since it last asked.
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
