//! Wraps sled: its panics become errors, and after a failed write every call fails.

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub(super) use sled::{Batch, IVec};

use crate::disk::{Dir, Fresh};
use crate::error::{Error, Result};
use crate::kernel::sync;

/// The size of sled's cache. Its own default is 1 GB. It takes several times this much memory, as it counts only the bytes of
/// rows.
const CACHE_BYTES: u64 = 16 << 20;

/// The name of sled's file.
const DB_FILE: &str = "db";

/// The time after which a flush that has not returned is woken for the first time.
const FIRST_WAKE: Duration = Duration::from_secs(1);

/// How long sled's file lock may outlive its handle: sled's threads close the file later.
const MAX_LOCK_LINGER: Duration = Duration::from_secs(5);

/// One row: its key and its value.
pub(super) type TreeRow = (IVec, IVec);

/// sled's default tree in `C/records`.
pub(super) struct Tree {
    /// Present until dropped.
    db: Option<sled::Db>,
    /// The directory that errors report.
    records: PathBuf,
    /// The directory that sled has open: `records`, or a copy of it.
    directory: Dir,
    /// The time of the last change of names in the directory, as it was when the names were made durable last.
    named: Mutex<(i64, i64)>,
    /// The error of the failed write. After it, sled may have half a batch in memory until it is opened again.
    failed: OnceLock<(Option<io::ErrorKind>, String)>,
    /// True if a batch was applied only in part.
    torn: AtomicBool,
}

impl Tree {
    /// Opens or creates the tree in `records`. The caller holds the collection's lock.
    ///
    /// sled opens its files by path and follows symbolic links. So the directory is checked first: it may contain only regular
    /// files without other hard links.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RecordsDamaged`]; [`Error::Locked`] when something else has the files open.
    pub(super) fn open(records: &Path) -> Result<Self> {
        let open = Error::io("open", records);
        let directory = match Dir::nested(records) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_directory(records).map_err(open)?,
            directory => directory.map_err(open)?,
        };
        Self::open_in(directory, records)
    }

    /// Opens a copy of the tree, in a directory that the caller deletes: writes nothing next to the original.
    ///
    /// # Errors
    /// The errors of [`Tree::open`].
    pub(super) fn open_copy(records: &Path, copy: &Path) -> Result<Self> {
        let from = Dir::nested(records).map_err(Error::io("open", records))?;
        from.check_all().map_err(Error::io("open", records))?;
        copy_files(&from, copy).map_err(Error::io("copy", records))?;
        Self::open_in(Dir::open(copy).map_err(Error::io("open", copy))?, records)
    }

    /// Opens an empty tree in the directory `empty`, for records that are missing.
    ///
    /// # Errors
    /// The errors of [`Tree::open`].
    pub(super) fn open_in_empty(records: &Path, empty: &Path) -> Result<Self> {
        Self::open_in(Dir::open(empty).map_err(Error::io("open", empty))?, records)
    }

    fn open_in(directory: Dir, records: &Path) -> Result<Self> {
        directory.check_all().map_err(Error::io("open", records))?;
        remove_unfinished_snapshots(&directory).map_err(Error::io("clear", records))?;
        // Create the file here, so that only this user can read it; sled treats an empty file as a new one.
        directory.in_place(DB_FILE).map_err(Error::io("open", records))?;
        let config = sled::Config::new().path(directory.path()).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let start = Instant::now();
        let db = loop {
            let opened = guard(records, || Ok(config.open()))?;
            match opened {
                Ok(db) => break db,
                Err(error) if !is_lock_conflict(&error) => return Err(explain(records, "open", error)),
                Err(_) if start.elapsed() > MAX_LOCK_LINGER => {
                    return Err(Error::Locked { path: records.to_path_buf(), holder: None });
                }
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        };
        let tree = Self {
            db: Some(db),
            records: records.to_path_buf(),
            directory,
            named: Mutex::new((i64::MIN, 0)),
            failed: OnceLock::new(),
            torn: AtomicBool::new(false),
        };
        tree.sync_names()?;
        Ok(tree)
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>> {
        let db = self.db()?;
        guard(&self.records, || db.get(key).map_err(|e| explain(&self.records, "read", e)))
    }

    /// Returns the rows whose keys begin with `prefix`, in order. Ends after the first error.
    pub(super) fn scan(&self, prefix: &[u8]) -> TreeRows<'_> {
        match self.db() {
            Ok(db) => TreeRows { iter: Ok(db.scan_prefix(prefix)), records: &self.records, done: false },
            Err(error) => TreeRows { iter: Err(Some(error)), records: &self.records, done: false },
        }
    }

    /// Returns the rows from key `start` on that begin with `prefix`, in order.
    pub(super) fn scan_from<'a>(
        &'a self,
        start: &[u8],
        prefix: &'a [u8],
    ) -> impl Iterator<Item = Result<TreeRow>> + 'a {
        let iter = self.db().map(|db| db.range(start..)).map_err(Some);
        TreeRows { iter, records: &self.records, done: false }
            .take_while(move |row| row.as_ref().map_or(true, |(key, _)| key.starts_with(prefix)))
    }

    /// Applies all of the batch, or none of it.
    pub(super) fn apply(&self, batch: Batch) -> Result<()> {
        let db = self.db()?;
        let applied = guard(&self.records, || db.apply_batch(batch).map_err(|e| explain(&self.records, "write", e)));
        if applied.is_err() {
            self.torn.store(true, Ordering::Relaxed);
        }
        self.watch(applied)
    }

    /// True if a batch was applied only in part: the file may have this part.
    pub(super) fn is_torn(&self) -> bool {
        self.torn.load(Ordering::Relaxed)
    }

    /// Makes everything applied before durable. Also syncs the file, which sled's own flush does not do.
    pub(super) fn flush(&self) -> Result<()> {
        let db = self.db()?;
        let flush = || {
            flush_woken(db).map_err(|e| explain(&self.records, "write", e))?;
            let sync = || self.directory.file(DB_FILE)?.sync_all();
            sync().map_err(Error::io("sync", self.records.join(DB_FILE)))?;
            self.sync_names()
        };
        self.watch(guard(&self.records, flush))
    }

    /// Makes the names of sled's files durable if they changed, and its configuration, which sled never syncs.
    fn sync_names(&self) -> Result<()> {
        let mut named = sync::lock(&self.named);
        let sync = || {
            let changed = self.directory.names_changed()?;
            if *named != changed {
                self.directory.make_private()?;
                match self.directory.file("conf") {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    conf => conf?.sync_all()?,
                }
                self.directory.sync()?;
            }
            Ok(changed)
        };
        *named = sync().map_err(Error::io("sync", &self.records))?;
        Ok(())
    }

    /// Returns the error for damage that our own code found.
    pub(super) fn damaged(&self, problem: impl AsRef<str>) -> Error {
        damaged(&self.records, problem.as_ref())
    }

    fn db(&self) -> Result<&sled::Db> {
        match (self.failed.get(), &self.db) {
            (None, Some(db)) => Ok(db),
            (Some((Some(kind), cause)), _) => {
                let source =
                    io::Error::new(*kind, format!("an earlier write failed ({cause}); open the collection again"));
                Err(Error::Io { action: "go on with", path: self.records.clone(), source })
            }
            (Some((None, cause)), _) => Err(self.damaged(format!("an earlier write failed ({cause})"))),
            (None, None) => Err(self.damaged("they are closed")),
        }
    }

    /// Keeps the first error of a write, so that every later call fails.
    fn watch<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.failed.get_or_init(|| match error {
                Error::Io { source, .. } => (Some(source.kind()), source.to_string()),
                other => (None, other.to_string()),
            });
        }
        result
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let Some(db) = self.db.take() else { return };
        // When sled is dropped, it writes everything it holds, even half a batch. An error then would come too late.
        if self.is_torn() && !refuses_writes(&db) && set_aside(&self.directory).is_err() {
            // sled's file lock then stays held by this process. That is better than half a document.
            std::mem::forget(db);
            return;
        }
        let _ = catch_unwind(AssertUnwindSafe(move || drop(db)));
    }
}

/// Calls sled's flush, and makes sure that it returns.
///
/// If one of sled's own threads fails to write, it notes the error and wakes no other thread: a flush that already waits for
/// it never returns. A later flush finds the error and wakes all. So later flushes are started after 1, 2, 4, … seconds,
/// until the first one returns.
fn flush_woken(db: &sled::Db) -> sled::Result<usize> {
    let (done, returned) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        let (done, returned) = (&done, &returned);
        scope.spawn(move || {
            let mut wait = FIRST_WAKE;
            let mut is_done = sync::lock(done);
            while !*is_done {
                let timeout;
                (is_done, timeout) = returned.wait_timeout(is_done, wait).unwrap_or_else(PoisonError::into_inner);
                if timeout.timed_out() && !*is_done {
                    scope.spawn(|| catch_unwind(AssertUnwindSafe(|| db.flush())));
                    wait *= 2;
                }
            }
        });
        let flushed = catch_unwind(AssertUnwindSafe(|| db.flush()));
        *sync::lock(done) = true;
        returned.notify_all();
        flushed.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
    })
}

/// True if sled has given up: it then writes nothing any more, not even when it is dropped.
fn refuses_writes(db: &sled::Db) -> bool {
    catch_unwind(AssertUnwindSafe(|| db.insert([0], &[]).is_err())).unwrap_or(true)
}

/// Replaces sled's file with a copy of it as it is on the disk. sled continues with the file that it has open, which has no
/// name any more: what it still writes is lost.
fn set_aside(directory: &Dir) -> io::Result<()> {
    let mut copy = directory.fresh(DB_FILE)?;
    io::copy(&mut directory.file(DB_FILE)?, &mut copy)?;
    copy.sync_all()?;
    copy.put(DB_FILE)?;
    directory.sync()
}

/// A copy of sled's file, made before sled opens it, next to the directory of the records. Deleted when dropped.
pub(super) struct FileCopy {
    directory: Dir,
    copy: Fresh,
}

impl FileCopy {
    /// Copies the file in `records`, which is in `collection`; `None` if there is no file.
    ///
    /// # Errors
    /// [`Error::Io`], also if the file cannot be read to its end.
    pub(super) fn of(collection: &Dir, records: &Path) -> Result<Option<Self>> {
        let opened = || {
            let directory = Dir::nested(records)?;
            directory.check_all()?;
            let file = directory.file(DB_FILE)?;
            Ok::<_, io::Error>((directory, file))
        };
        let (directory, mut file) = match opened() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(Error::io("open", records))?,
        };
        let mut copy = || {
            let mut copy = collection.fresh(DB_FILE)?;
            io::copy(&mut file, &mut copy)?;
            copy.sync_all()?;
            Ok(copy)
        };
        copy().map(|copy| Some(Self { directory, copy })).map_err(Error::io("copy", records))
    }

    /// Replaces sled's file with the copy. sled must have closed it.
    ///
    /// # Errors
    /// The error of the operating system.
    pub(super) fn put_back(self) -> io::Result<()> {
        for name in self.directory.names()?.iter().filter(|name| name.to_string_lossy().starts_with("snap.")) {
            self.directory.remove(name)?;
        }
        self.copy.put_in(&self.directory, DB_FILE)?;
        self.directory.sync()
    }
}

fn make_directory(records: &Path) -> io::Result<Dir> {
    let (Some(parent), Some(name)) = (records.parent(), records.file_name()) else { return Dir::open(records) };
    Dir::open(parent)?.make_sub(name)
}

/// Copies the files of a directory and its subdirectories.
fn copy_files(from: &Dir, to: &Path) -> io::Result<()> {
    for name in from.names()? {
        match from.file(&name) {
            Ok(mut file) => {
                let mut copy = File::create_new(to.join(&name))?;
                io::copy(&mut file, &mut copy)?;
            }
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                fs::create_dir(to.join(&name))?;
                copy_files(&from.sub(&name)?, &to.join(&name))?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The rows of a scan. Each read is guarded.
pub(super) struct TreeRows<'a> {
    iter: Result<sled::Iter, Option<Error>>,
    records: &'a Path,
    done: bool,
}

impl Iterator for TreeRows<'_> {
    type Item = Result<TreeRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let row = match &mut self.iter {
            Ok(iter) => guard(self.records, || iter.next().transpose().map_err(|e| explain(self.records, "read", e))),
            Err(error) => error.take().map_or(Ok(None), Err),
        };
        self.done = !matches!(row, Ok(Some(_)));
        row.transpose()
    }
}

/// Runs `work`, which may make sled panic on a damaged file, and turns a panic into an error.
fn guard<T>(records: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
        let message = message.unwrap_or("without a message").lines().next().unwrap_or_default();
        let message: String = message.chars().take(160).collect();
        Err(damaged(records, &format!("sled panicked ({message})")))
    })
}

fn damaged(records: &Path, problem: &str) -> Error {
    Error::records_damaged(records, problem)
}

/// Turns an error of sled into one of ours: damage, or the operating system's error.
fn explain(records: &Path, action: &'static str, error: sled::Error) -> Error {
    match error {
        sled::Error::Io(source)
            if !matches!(source.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) =>
        {
            // For an error in one of its threads, sled keeps the kind, but its text is a debug dump.
            let is_debug_dump = source.raw_os_error().is_none() && source.kind() != io::ErrorKind::Other;
            let source = if is_debug_dump { source.kind().into() } else { source };
            Error::Io { action, path: records.to_path_buf(), source }
        }
        other => damaged(records, &format!("sled says: {}", other.to_string().replace('\n', " "))),
    }
}

/// True if sled could not take its file lock. sled has no error kind of its own for this.
fn is_lock_conflict(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(source) if source.to_string().starts_with("could not acquire lock"))
}

/// Removes unfinished snapshots. A process that is killed while sled opens leaves one, which sled would take for a complete one.
fn remove_unfinished_snapshots(directory: &Dir) -> io::Result<()> {
    directory.sweep()?;
    for name in directory.names()? {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("snap.") && name_text.ends_with(".generating") {
            directory.remove(&name)?;
        }
    }
    Ok(())
}

/// Returns the total size of the files in `records`, in bytes; 0 if there are none.
pub(super) fn size_on_disk(records: &Path) -> Result<u64> {
    match Dir::nested(records) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        directory => directory.and_then(|directory| directory.bytes()).map_err(Error::io("measure", records)),
    }
}
