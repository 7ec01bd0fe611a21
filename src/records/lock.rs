//! The lock file: one writer at a time, across and within processes. It also records that a write was interrupted.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::disk::Dir;
use crate::error::{Error, Result};
use crate::kernel::sync;

const FILE_NAME: &str = "lock";

/// The second line of the file if the records may have half a change.
const SUSPECT: &str = "suspect";

/// The most bytes that are read, more than the file ever has.
const MAX_BYTES: u64 = 200;

/// The time between two tries to take the lock.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The time that every caller tries at least. While a process starts another one, both hold the open file, so a lock that was
/// just released can stay held for a moment.
const MIN_WAIT: Duration = Duration::from_millis(100);

/// The collections that this process holds the lock of.
static HELD_HERE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Holds `C/lock` until it is dropped. The file stays, with the number of the process that held it last.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    suspect: bool,
    /// The collection's path in [`HELD_HERE`]; `None` for a shared lock.
    held: Option<PathBuf>,
}

impl Lock {
    /// Takes the lock of a collection. Tries for `wait`, but at least for [`MIN_WAIT`]: also if this process holds it,
    /// as another thread may release it.
    ///
    /// # Errors
    /// [`Error::Locked`] with the holder's process number, which is this process's only if it holds the lock; [`Error::Io`].
    pub(super) fn acquire(collection: &Dir, wait: Duration) -> Result<Self> {
        let path = collection.path().join(FILE_NAME);
        let file = collection.in_place(FILE_NAME).map_err(Error::io("open", &path))?;
        hold(collection, wait, || file.try_lock())?;
        let suspect = content(&file).map_err(Error::io("read", &path))?.lines().nth(1) == Some(SUSPECT);
        let held = real_path(collection);
        sync::lock(&HELD_HERE).insert(held.clone());
        let mut lock = Self { file, suspect, held: Some(held) };
        lock.mark(suspect).map_err(Error::io("write", &path))?;
        Ok(lock)
    }

    /// Takes a shared lock, which keeps writers out. Writes nothing. `None` if there is no lock file and so no writer.
    ///
    /// # Errors
    /// The errors of [`Lock::acquire`].
    pub(super) fn share(collection: &Dir, wait: Duration) -> Result<Option<Self>> {
        let path = collection.path().join(FILE_NAME);
        let file = match collection.file(FILE_NAME) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(Error::io("open", &path))?,
        };
        hold(collection, wait, || file.try_lock_shared())?;
        let suspect = content(&file).map_err(Error::io("read", &path))?.lines().nth(1) == Some(SUSPECT);
        Ok(Some(Self { file, suspect, held: None }))
    }

    /// True if a write was interrupted, so that the records may be inconsistent.
    pub(super) fn is_suspect(&self) -> bool {
        self.suspect
    }

    /// Marks the records as suspect or not, in the lock file. That file exists already, so this also works on a full disk.
    ///
    /// # Errors
    /// The error of the operating system.
    pub(super) fn mark(&mut self, suspect: bool) -> io::Result<()> {
        self.suspect = suspect;
        self.file.rewind()?;
        let mark = if suspect { format!("{SUSPECT}\n") } else { String::new() };
        let text = format!("{}\n{mark}", std::process::id());
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before the file is closed, which releases the lock: so another thread's entry is never removed.
        if let Some(held) = &self.held {
            sync::lock(&HELD_HERE).remove(held);
        }
    }
}

/// The path of a collection without links, the same for all handles.
fn real_path(collection: &Dir) -> PathBuf {
    collection.path().canonicalize().unwrap_or_else(|_| collection.path().to_path_buf())
}

fn hold(collection: &Dir, wait: Duration, lock: impl Fn() -> Result<(), TryLockError>) -> Result<()> {
    let (start, wait) = (Instant::now(), wait.max(MIN_WAIT));
    loop {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if start.elapsed() < wait => thread::sleep(POLL_INTERVAL),
            Err(TryLockError::WouldBlock) => {
                let path = collection.path().to_path_buf();
                return Err(Error::Locked { path, holder: holder(collection) });
            }
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(TryLockError::Error(source)) => {
                return Err(Error::Io { action: "lock", path: collection.path().join(FILE_NAME), source });
            }
        }
    }
}

/// Reads the text of the file; empty if it is not UTF-8.
fn content(mut file: &File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// Returns the number of the process that holds the lock. `None` if it is not known, or if it is the number of this process,
/// which does not hold it: processes in two containers may have the same number.
fn holder(collection: &Dir) -> Option<u32> {
    let here = std::process::id();
    if sync::lock(&HELD_HERE).contains(&real_path(collection)) {
        return Some(here);
    }
    let bytes = collection.read(FILE_NAME, MAX_BYTES).ok()??;
    let holder = String::from_utf8(bytes).ok()?.lines().next()?.trim().parse().ok();
    holder.filter(|&holder| holder != here)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn lock_names_its_holder_and_can_be_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open(folder.path()).unwrap();
        let held = Lock::acquire(&dir, Duration::ZERO).unwrap();
        match Lock::acquire(&dir, Duration::ZERO) {
            Err(Error::Locked { holder, .. }) => assert_eq!(holder, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        assert!(matches!(Lock::share(&dir, Duration::ZERO), Err(Error::Locked { .. })));
        let release = thread::spawn(move || {
            thread::sleep(Duration::from_millis(60));
            drop(held);
        });
        Lock::acquire(&dir, Duration::from_secs(10)).unwrap();
        release.join().unwrap();
    }

    /// As in two containers, where both processes have the number 1.
    #[test]
    fn lock_of_another_process_with_the_same_number_is_not_this_process_s() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open(folder.path()).unwrap();
        let held = Lock::acquire(&dir, Duration::ZERO).unwrap();
        sync::lock(&HELD_HERE).remove(&real_path(&dir));
        match Lock::acquire(&dir, Duration::ZERO) {
            Err(error @ Error::Locked { holder: None, .. }) => assert!(error.to_string().contains("another process")),
            other => panic!("{other:?}"),
        }
        drop(held);
    }

    #[test]
    fn lock_is_shared_by_readers_and_keeps_writers_out() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open(folder.path()).unwrap();
        assert!(Lock::share(&dir, Duration::ZERO).unwrap().is_none());
        drop(Lock::acquire(&dir, Duration::ZERO).unwrap());
        let first = Lock::share(&dir, Duration::ZERO).unwrap().unwrap();
        let second = Lock::share(&dir, Duration::ZERO).unwrap().unwrap();
        assert!(matches!(Lock::acquire(&dir, Duration::ZERO), Err(Error::Locked { .. })));
        drop((first, second));
        Lock::acquire(&dir, Duration::ZERO).unwrap();
    }

    #[test]
    fn lock_keeps_the_suspect_mark_until_it_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open(folder.path()).unwrap();
        let mut lock = Lock::acquire(&dir, Duration::ZERO).unwrap();
        assert!(!lock.is_suspect());
        lock.mark(true).unwrap();
        drop(lock);
        assert!(Lock::share(&dir, Duration::ZERO).unwrap().unwrap().is_suspect());
        let mut lock = Lock::acquire(&dir, Duration::ZERO).unwrap();
        assert!(lock.is_suspect());
        assert_eq!(holder(&dir), Some(std::process::id()));
        lock.mark(false).unwrap();
        drop(lock);
        assert!(!Lock::acquire(&dir, Duration::ZERO).unwrap().is_suspect());
    }
}
