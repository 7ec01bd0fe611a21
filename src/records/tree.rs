//! sled, opened with care and guarded: its panics become errors, and after a failed write nothing more is answered.

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

pub(super) use sled::{Batch, IVec};

use crate::disk::sync_directory;
use crate::error::{Error, Result};

/// sled's own default is 1 GB. What it keeps in memory is several times this, as it counts the bytes of rows alone.
const CACHE_BYTES: u64 = 16 << 20;

/// How long sled's own file lock may outlive the handle that held it: its threads let go of the file on their own time.
const LINGER: Duration = Duration::from_secs(5);

/// One row: its key and its value.
pub(super) type Row = (IVec, IVec);

/// sled's default tree in `C/records`.
pub(super) struct Tree {
    /// Present until dropped.
    db: Option<sled::Db>,
    records: PathBuf,
    /// The write that failed. What sled then holds in memory may be half a batch: only opening again sorts it out.
    failed: OnceLock<(Option<io::ErrorKind>, String)>,
}

impl Tree {
    /// Opens or makes the tree in `records`. The collection's lock must be held.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RecordsDamaged`]; [`Error::Locked`] when something else has the files open.
    pub(super) fn open(records: &Path) -> Result<Self> {
        fs::create_dir_all(records).map_err(Error::io("create", records))?;
        remove_unfinished_snapshots(records)?;
        let config = sled::Config::new().path(records).cache_capacity(CACHE_BYTES).flush_every_ms(None);
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
        Ok(Self { db: Some(db), records: records.to_path_buf(), failed: OnceLock::new() })
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>> {
        let db = self.db()?;
        guard(&self.records, || db.get(key).map_err(|e| explain(&self.records, "read", e)))
    }

    /// The rows whose keys begin with `prefix`, in order. The first error ends them.
    pub(super) fn scan(&self, prefix: &[u8]) -> Rows<'_> {
        match self.db() {
            Ok(db) => Rows { iter: Ok(db.scan_prefix(prefix)), records: &self.records, done: false },
            Err(error) => Rows { iter: Err(Some(error)), records: &self.records, done: false },
        }
    }

    /// The rows from key `start` on that begin with `prefix`, in order.
    pub(super) fn scan_from<'a>(&'a self, start: &[u8], prefix: &'a [u8]) -> impl Iterator<Item = Result<Row>> + 'a {
        let iter = self.db().map(|db| db.range(start..)).map_err(Some);
        Rows { iter, records: &self.records, done: false }
            .take_while(move |row| row.as_ref().map_or(true, |(key, _)| key.starts_with(prefix)))
    }

    /// All of the batch, or none of it.
    pub(super) fn apply(&self, batch: Batch) -> Result<()> {
        let db = self.db()?;
        self.watch(guard(&self.records, || db.apply_batch(batch).map_err(|e| explain(&self.records, "write", e))))
    }

    /// Makes everything applied before durable: sled's own flush leaves the file without fsync.
    pub(super) fn flush(&self) -> Result<()> {
        let db = self.db()?;
        let flush = || {
            db.flush().map_err(|e| explain(&self.records, "write", e))?;
            let file = self.records.join("db");
            File::open(&file).and_then(|f| f.sync_all()).map_err(Error::io("sync", &file))?;
            Ok(())
        };
        self.watch(guard(&self.records, flush))
    }

    /// Makes the names of sled's files durable; once after they were made.
    pub(super) fn sync_names(&self) -> Result<()> {
        sync_directory(&self.records)
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
        let db = self.db.take();
        // sled flushes when it is dropped; what it has to say then comes too late for anyone.
        let _ = catch_unwind(AssertUnwindSafe(move || drop(db)));
    }
}

/// Rows of a scan, each read guarded.
pub(super) struct Rows<'a> {
    iter: Result<sled::Iter, Option<Error>>,
    records: &'a Path,
    done: bool,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row>;

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
    let problem = format!("{problem}; run `nigh rebuild` to make them again from what is published");
    Error::RecordsDamaged { path: records.to_path_buf(), problem }
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
fn remove_unfinished_snapshots(records: &Path) -> Result<()> {
    let entries = fs::read_dir(records).map_err(Error::io("list", records))?;
    for entry in entries {
        let entry = entry.map_err(Error::io("list", records))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
        }
    }
    Ok(())
}

/// Files may come and go meanwhile: what is gone counts nothing.
/// Bytes of all files in `records`; 0 where there is none.
pub(super) fn size_on_disk(records: &Path) -> Result<u64> {
    if !records.exists() {
        return Ok(0);
    }
    directory_bytes(records).map_err(Error::io("measure", records))
}

fn directory_bytes(path: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes += directory_bytes(&entry.path())?,
            Ok(metadata) => bytes += metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}
