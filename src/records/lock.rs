//! The lock file: one writer at a time, across processes and within one.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How often a held lock is tried again.
const POLL: Duration = Duration::from_millis(20);

/// How long a lock is tried for at least. While a process is starting another one, the new one has the file too, and a
/// lock that was just let go stays held for that moment.
const PATIENCE: Duration = Duration::from_millis(100);

/// Holds `C/lock` until dropped. The file stays, with the number of the process that held it last.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of `collection`, trying for `wait`, but never less than a tenth of a second.
    ///
    /// # Errors
    /// [`Error::Locked`] with the holder's process number; [`Error::Io`].
    pub(super) fn acquire(collection: &Path, wait: Duration) -> Result<Self> {
        let path = collection.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        let (start, wait) = (Instant::now(), wait.max(PATIENCE));
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < wait => thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Locked { path: collection.to_path_buf(), holder: holder(&path) });
                }
                Err(TryLockError::Error(source)) => return Err(Error::Io { action: "lock", path, source }),
            }
        }
        write_pid(&mut file).map_err(Error::io("write", &path))?;
        Ok(Self { _file: file })
    }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(path: &PathBuf) -> Option<u32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn a_held_lock_names_its_holder_and_can_be_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let held = Lock::acquire(dir.path(), Duration::ZERO).unwrap();
        match Lock::acquire(dir.path(), Duration::ZERO) {
            Err(Error::Locked { holder, .. }) => assert_eq!(holder, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        let release = thread::spawn(move || {
            thread::sleep(Duration::from_millis(60));
            drop(held);
        });
        Lock::acquire(dir.path(), Duration::from_secs(10)).unwrap();
        release.join().unwrap();
    }
}
