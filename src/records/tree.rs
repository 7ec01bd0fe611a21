//! sled, opened with care and guarded: its panics become errors, and after a failed write nothing more is answered.

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

/// sled's own default is 1 GB. What it keeps in memory is several times this, as it counts the bytes of rows alone.
const CACHE_BYTES: u64 = 16 << 20;

/// sled's file.
const DB: &str = "db";

/// When a flush that has not returned is woken first.
const WAKE: Duration = Duration::from_secs(1);

/// How long sled's file lock may outlive its handle: sled's threads close the file later.
const LINGER: Duration = Duration::from_secs(5);

/// One row: its key and its value.
pub(super) type TreeRow = (IVec, IVec);

/// sled's default tree in `C/records`.
pub(super) struct Tree {
    /// Present until dropped.
    db: Option<sled::Db>,
    /// The directory that errors name.
    records: PathBuf,
    /// The directory that sled has open: `records`, or a copy of it.
    directory: Dir,
    /// When the names in the directory changed last, as of when they were made durable.
    named: Mutex<(i64, i64)>,
    /// The write that failed. sled may then hold half a batch in memory, until it is opened again.
    failed: OnceLock<(Option<io::ErrorKind>, String)>,
    /// Whether a batch failed half way.
    torn: AtomicBool,
}

impl Tree {
    /// Opens or makes the tree in `records`. The collection's lock must be held.
    ///
    /// sled opens its files by path and follows links. So the directory is checked first: it may hold only regular files
    /// with one name each.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RecordsDamaged`]; [`Error::Locked`] when something else has the files open.
    pub(super) fn open(records: &Path) -> Result<Self> {
        let open = Error::io("open", records);
        let directory = match Dir::nested(records) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(records).map_err(open)?,
            directory => directory.map_err(open)?,
        };
        Self::open_in(directory, records)
    }

    /// Opens a copy of the tree, in a directory of its own that the caller deletes: nothing is written next to the original.
    ///
    /// # Errors
    /// As [`Tree::open`].
    pub(super) fn open_copy(records: &Path, copy: &Path) -> Result<Self> {
        let from = Dir::nested(records).map_err(Error::io("open", records))?;
        from.check_all().map_err(Error::io("open", records))?;
        copy_files(&from, copy).map_err(Error::io("copy", records))?;
        Self::open_in(Dir::open(copy).map_err(Error::io("open", copy))?, records)
    }

    /// An empty tree in the directory `at`, for records that are missing.
    ///
    /// # Errors
    /// As [`Tree::open`].
    pub(super) fn open_in_empty(records: &Path, at: &Path) -> Result<Self> {
        Self::open_in(Dir::open(at).map_err(Error::io("open", at))?, records)
    }

    fn open_in(directory: Dir, records: &Path) -> Result<Self> {
        directory.check_all().map_err(Error::io("open", records))?;
        remove_unfinished_snapshots(&directory).map_err(Error::io("clear", records))?;
        // Created here, so that only this user can read it; sled treats an empty file as a new one.
        directory.in_place(DB).map_err(Error::io("open", records))?;
        let config = sled::Config::new().path(directory.path()).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let start = Instant::now();
        let db = loop {
            let opened = guard(records, || Ok(config.open()))?;
            match opened {
                Ok(db) => break db,
                Err(error) if !is_lock_conflict(&error) => return Err(explain(records, "open", error)),
                Err(_) if start.elapsed() > LINGER => {
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

    /// The rows whose keys begin with `prefix`, in order. The first error ends them.
    pub(super) fn scan(&self, prefix: &[u8]) -> TreeRows<'_> {
        match self.db() {
            Ok(db) => TreeRows { iter: Ok(db.scan_prefix(prefix)), records: &self.records, done: false },
            Err(error) => TreeRows { iter: Err(Some(error)), records: &self.records, done: false },
        }
    }

    /// The rows from key `start` on that begin with `prefix`, in order.
    pub(super) fn scan_from<'a>(
        &'a self,
        start: &[u8],
        prefix: &'a [u8],
    ) -> impl Iterator<Item = Result<TreeRow>> + 'a {
        let iter = self.db().map(|db| db.range(start..)).map_err(Some);
        TreeRows { iter, records: &self.records, done: false }
            .take_while(move |row| row.as_ref().map_or(true, |(key, _)| key.starts_with(prefix)))
    }

    /// All of the batch, or none of it.
    pub(super) fn apply(&self, batch: Batch) -> Result<()> {
        let db = self.db()?;
        let applied = guard(&self.records, || db.apply_batch(batch).map_err(|e| explain(&self.records, "write", e)));
        if applied.is_err() {
            self.torn.store(true, Ordering::Relaxed);
        }
        self.watch(applied)
    }

    /// Whether a batch failed half way: part of it may be in the file.
    pub(super) fn is_torn(&self) -> bool {
        self.torn.load(Ordering::Relaxed)
    }

    /// Makes everything applied before durable: sled's own flush leaves the file without fsync.
    pub(super) fn flush(&self) -> Result<()> {
        let db = self.db()?;
        let flush = || {
            flush_woken(db).map_err(|e| explain(&self.records, "write", e))?;
            let sync = || self.directory.file(DB)?.sync_all();
            sync().map_err(Error::io("sync", self.records.join(DB)))?;
            self.sync_names()
        };
        self.watch(guard(&self.records, flush))
    }

    /// Makes the names of sled's files durable where they changed, and its configuration, which sled never syncs.
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

    /// Damage that our own reading found.
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
        // sled writes what it holds when it is dropped, half a batch as well. What it has to say then comes too late for anyone.
        if self.is_torn() && !refuses_writes(&db) && set_aside(&self.directory).is_err() {
            // Its file lock stays held by this process then. Better than half a document.
            std::mem::forget(db);
            return;
        }
        let _ = catch_unwind(AssertUnwindSafe(move || drop(db)));
    }
}

/// sled's flush, which does not wait for ever.
///
/// Where one of sled's own threads fails to write, it notes the error and wakes nobody: who waits for that thread by then sleeps on. A
/// flush that comes later finds the error, and wakes all. So later ones come, after 1, 2, 4, … seconds, until the first returns.
fn flush_woken(db: &sled::Db) -> sled::Result<usize> {
    let (done, returned) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        let (done, returned) = (&done, &returned);
        scope.spawn(move || {
            let mut wait = WAKE;
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

/// Whether sled has given up: it writes nothing any more then, not even when it is dropped.
fn refuses_writes(db: &sled::Db) -> bool {
    catch_unwind(AssertUnwindSafe(|| db.insert([0], &[]).is_err())).unwrap_or(true)
}

/// Puts a copy of sled's file, as it is on the disk, in its place. sled goes on with the one it has open, which has no name any
/// more: what it still writes goes nowhere.
fn set_aside(directory: &Dir) -> io::Result<()> {
    let mut copy = directory.fresh(DB)?;
    io::copy(&mut directory.file(DB)?, &mut copy)?;
    copy.sync_all()?;
    copy.put(DB)?;
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
    /// [`Error::Io`], also where the file cannot be read to its end.
    pub(super) fn of(collection: &Dir, records: &Path) -> Result<Option<Self>> {
        let opened = || {
            let directory = Dir::nested(records)?;
            directory.check_all()?;
            let file = directory.file(DB)?;
            Ok::<_, io::Error>((directory, file))
        };
        let (directory, mut file) = match opened() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(Error::io("open", records))?,
        };
        let mut copy = || {
            let mut copy = collection.fresh(DB)?;
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
        self.copy.put_in(&self.directory, DB)?;
        self.directory.sync()
    }
}

fn make(records: &Path) -> io::Result<Dir> {
    let (Some(parent), Some(name)) = (records.parent(), records.file_name()) else { return Dir::open(records) };
    Dir::open(parent)?.make_sub(name)
}

/// Copies the files of a directory, and of those in it.
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

/// Rows of a scan, each read guarded.
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

/// Runs `work`, which may make sled panic on a damaged file.
fn guard<T>(records: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let said = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
        let said = said.unwrap_or("without a word").lines().next().unwrap_or_default();
        let said: String = said.chars().take(160).collect();
        Err(damaged(records, &format!("sled panicked ({said})")))
    })
}

fn damaged(records: &Path, problem: &str) -> Error {
    Error::records_damaged(records, problem)
}

fn explain(records: &Path, action: &'static str, error: sled::Error) -> Error {
    match error {
        sled::Error::Io(source)
            if !matches!(source.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) =>
        {
            // sled keeps the kind of an error that one of its threads met, and for its text a debug dump.
            let dumped = source.raw_os_error().is_none() && source.kind() != io::ErrorKind::Other;
            let source = if dumped { source.kind().into() } else { source };
            Error::Io { action, path: records.to_path_buf(), source }
        }
        other => damaged(records, &format!("sled says: {}", other.to_string().replace('\n', " "))),
    }
}

/// sled gives its lock's refusal no kind of its own.
fn is_lock_conflict(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(source) if source.to_string().starts_with("could not acquire lock"))
}

/// A kill while sled opens leaves half a snapshot under this name, which it then takes for a whole one.
fn remove_unfinished_snapshots(directory: &Dir) -> io::Result<()> {
    directory.sweep()?;
    for name in directory.names()? {
        let shown = name.to_string_lossy();
        if shown.starts_with("snap.") && shown.ends_with(".generating") {
            directory.remove(&name)?;
        }
    }
    Ok(())
}

/// The total bytes of the files in `records`; 0 if there are none.
pub(super) fn size_on_disk(records: &Path) -> Result<u64> {
    match Dir::nested(records) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        directory => directory.and_then(|directory| directory.bytes()).map_err(Error::io("measure", records)),
    }
}
