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
    use std::cell::RefCell;
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
        static ARMED: RefCell<Option<(String, Failure)>> = const { RefCell::new(None) };
        static PASSED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }

    /// Arms one point of this thread, or none.
    pub(crate) fn arm(point: Option<(&str, Failure)>) {
        ARMED.set(point.map(|(name, failure)| (name.to_owned(), failure)));
    }

    /// The points that this thread has passed since it last asked.
    pub(crate) fn passed() -> Vec<&'static str> {
        PASSED.take()
    }

    pub(crate) fn fail_point(name: &'static str) -> io::Result<()> {
        PASSED.with_borrow_mut(|passed| passed.push(name));
        let armed = ARMED.with_borrow(|armed| armed.clone());
        match armed.filter(|(point, _)| point == name) {
            Some((_, Failure::Abort)) => std::process::abort(),
            Some((_, Failure::Error)) => Err(io::Error::from(io::ErrorKind::StorageFull)),
            None => Ok(()),
        }
    }
}
