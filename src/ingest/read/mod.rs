//! Reading files for a folder: bytes, their hash, and their text where the hash is not the known one.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | [`FileReader`]: files of a folder, read here or by a worker |
//! | `worker.rs`, `worker_protocol.rs` | the process that reads what may hang, crash or take all memory; what is said to it and by it |

mod worker;
mod worker_protocol;

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use nigh_formats::{Extracted, Format, SCHEME, extract_as, extract_without_attachments};

use crate::disk::{Links, open_regular};
use worker::Worker;
pub use worker::{WorkerCommand, serve};

/// Why a file gave no text. The reason completes "skipped PATH: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    /// The system did not let it be read. What was known of it before may still hold: keep it.
    #[error("{0}")]
    Unreadable(String),
    /// It was read, and its text could not be taken out: it is damaged, or that took too long or too much memory, or this build
    /// has no reader for it. What was known of it before may still hold: keep it. It need not be tried again while it and the
    /// readers stay the same.
    #[error("{0}")]
    Damaged(String),
    /// It was read and has no text to index. What was known of it before no longer holds: drop it.
    #[error("{0}")]
    NotText(String),
}

/// Bytes that tell a format.
const HEAD: u64 = 4096;

impl From<nigh_formats::Error> for Skip {
    fn from(error: nigh_formats::Error) -> Self {
        match error {
            nigh_formats::Error::Damaged(reason) => Self::Damaged(reason),
            // Another build may have stored its text: one without readers must not drop what one with them made.
            nigh_formats::Error::NotBuilt { format, feature } => {
                let feature = if feature == "pdf" { feature } else { "formats" };
                Self::Damaged(nigh_formats::Error::NotBuilt { format, feature }.to_string())
            }
            other => Self::NotText(other.to_string()),
        }
    }
}

/// A file's content as far as it is needed.
#[derive(Debug, PartialEq)]
pub enum FileContent {
    /// The hash is the one that was known: what is stored of it still holds.
    Same,
    /// What it says, and its hash.
    Text(Box<Extracted>, [u8; 32]),
}

/// Reads one file after the other. Formats that a hostile file can make hang, crash or take all memory are read by a worker
/// process, where one is given; without one they are read here, and only panics are caught.
pub struct FileReader {
    max_size: u64,
    follow_links: bool,
    worker: Option<Worker>,
}

impl FileReader {
    /// Takes files of at most `max_size` bytes, also where a link leads to one.
    pub fn new(max_size: u64, worker: Option<WorkerCommand>) -> Self {
        Self { max_size, follow_links: true, worker: worker.map(Worker::new) }
    }

    /// Refuses links: a file may have become one since it was found.
    pub fn no_links(mut self) -> Self {
        self.follow_links = false;
        self
    }

    /// Reads a file. `known` is the hash of what is stored of it.
    ///
    /// # Errors
    /// [`Skip::Unreadable`] when it vanished, is no regular file, or the system refuses; [`Skip::Damaged`] when it is, or
    /// reading it took too long or too much memory, or no reader of it is built in; [`Skip::NotText`] as [`nigh_formats::extract`] says, or when it has more than
    /// the most bytes by now.
    pub fn read(&mut self, path: &Path, known: Option<&[u8; 32]>) -> Result<FileContent, Skip> {
        let bytes = self.bytes(path)?;
        let hash = content_hash(&bytes);
        if known == Some(&hash) {
            return Ok(FileContent::Same);
        }
        let format = Format::of(&bytes, path)?;
        let extracted = match &mut self.worker {
            Some(worker) if format.is_risky() => worker.extract(path, bytes)?,
            _ => guarded(format, bytes, path, false)?,
        };
        Ok(FileContent::Text(Box::new(extracted), hash))
    }

    /// The hash of a file that is not extracted. One that is refused by its first bytes has none to compare with.
    ///
    /// # Errors
    /// As [`FileReader::read`].
    pub fn hash(&self, path: &Path) -> Result<[u8; 32], Skip> {
        self.bytes(path).map(|bytes| content_hash(&bytes))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Skip> {
        let refused = |error: io::Error| {
            Skip::Unreadable(match error.kind() {
                io::ErrorKind::NotFound => "vanished between walk and read".to_owned(),
                // A file has become a link, a pipe, a folder.
                io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => {
                    format!("no longer a regular file: {error}")
                }
                io::ErrorKind::PermissionDenied => format!("cannot be read: {error}; check its permissions"),
                _ => format!("cannot be read: {error}"),
            })
        };
        let links = if self.follow_links { Links::Follow } else { Links::Refuse };
        let mut file = open_regular(path, links).map_err(refused)?;
        let size = file.metadata().map_err(refused)?.len();
        // Room for one byte more than there should be; a larger (sparse?) file must first show that it has the bytes.
        let room = usize::try_from(size.min(self.max_size)).unwrap_or(0).min(64 << 20);
        let mut bytes = Vec::with_capacity(room + 1);
        let mut limited = (&mut file).take(self.max_size.saturating_add(1));
        (&mut limited).take(HEAD).read_to_end(&mut bytes).map_err(refused)?;
        // Pictures, films and archives are not read to their end.
        if let Some(reason) = Format::refused(&bytes) {
            return Err(Skip::NotText(reason));
        }
        limited.read_to_end(&mut bytes).map_err(refused)?;
        if bytes.len() as u64 > self.max_size {
            return Err(Skip::NotText(format!("more than max_file_size ({} bytes)", self.max_size)));
        }
        Ok(bytes)
    }
}

/// The hash of a file's bytes and of the way in which text is taken out of them.
fn content_hash(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&SCHEME.to_le_bytes());
    hasher.update(bytes);
    *hasher.finalize().as_bytes()
}

/// Extracts with panics of other crates caught; `alone` without what is attached.
pub(super) fn guarded(format: Format, bytes: Vec<u8>, path: &Path, alone: bool) -> Result<Extracted, Skip> {
    let extract = || match alone {
        true => extract_without_attachments(format, bytes, path),
        false => extract_as(format, bytes, path),
    };
    let extracted = catch_unwind(AssertUnwindSafe(|| extract().map_err(Skip::from)));
    extracted.unwrap_or_else(|_| {
        Err(Skip::Damaged(format!("reading it as {} failed within; the file may be damaged", format.name())))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

    use std::fs::{self, File};

    use super::*;

    #[test]
    fn what_is_known_is_not_extracted_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "# One").unwrap();
        let mut reader = FileReader::new(100, None);
        let FileContent::Text(extracted, hash) = reader.read(&path, None).unwrap() else { panic!("nothing was known") };
        assert_eq!(extracted.title.as_deref(), Some("One"));
        assert_eq!(reader.read(&path, Some(&hash)), Ok(FileContent::Same));
        fs::write(&path, "# Two").unwrap();
        assert!(matches!(reader.read(&path, Some(&hash)), Ok(FileContent::Text(..))));
    }

    #[test]
    fn what_another_build_reads_is_no_reason_to_drop_it() {
        let of = |format, feature| Skip::from(nigh_formats::Error::NotBuilt { format, feature });
        for (feature, named) in
            [("html", "`formats`"), ("office", "`formats`"), ("mail", "`formats`"), ("pdf", "`pdf`")]
        {
            let skip = of("a file", feature);
            assert!(matches!(&skip, Skip::Damaged(reason) if reason.contains(named)), "{skip:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        let files: [(&str, &[u8], bool); 4] = [
            ("a.html", b"<p>text</p>", cfg!(feature = "formats")),
            ("a.eml", b"From: a\nTo: b\nSubject: c\n\ntext", cfg!(feature = "formats")),
            ("a.txt", b"text", true),
            ("a.docx", b"text that is only called a document", true),
        ];
        for (name, bytes, built) in files {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let read = FileReader::new(1000, None).read(&path, None);
            assert!(
                matches!((&read, built), (Ok(FileContent::Text(..)), true) | (Err(Skip::Damaged(_)), false)),
                "{read:?}"
            );
        }
    }

    #[test]
    fn files_that_change_under_the_reader() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        let mut reader = FileReader::new(10, None);
        assert_eq!(reader.read(&path, None), Err(Skip::Unreadable("vanished between walk and read".to_owned())));
        fs::write(&path, "0123456789").unwrap();
        let FileContent::Text(extracted, _) = reader.read(&path, None).unwrap() else { panic!("nothing was known") };
        assert_eq!(extracted.text, "0123456789");
        let Err(Skip::NotText(reason)) = FileReader::new(9, None).read(&path, None) else {
            panic!("grown past the limit")
        };
        assert!(reason.contains("max_file_size"));
        assert!(matches!(reader.read(folder.path(), None), Err(Skip::Unreadable(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_became_something_else_is_not_waited_for() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let [target, link, pipe] = ["a.md", "link.md", "pipe.md"].map(|name| folder.path().join(name));
        fs::write(&target, "a").unwrap();
        symlink("a.md", &link).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let mut careful = FileReader::new(10, None).no_links();
        for path in [&link, &pipe] {
            let Err(Skip::Unreadable(reason)) = careful.read(path, None) else { panic!("{path:?} was read") };
            assert!(reason.contains("no longer a regular file"), "{reason}");
            assert!(careful.hash(path).is_err());
        }
        let mut trusting = FileReader::new(10, None);
        assert!(matches!(trusting.read(&link, None), Ok(FileContent::Text(..))));
        assert!(matches!(trusting.read(&pipe, None), Err(Skip::Unreadable(_))), "a link to it would be as bad");
    }

    #[cfg(unix)]
    #[test]
    fn a_refused_file_says_so() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "a").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        if File::open(&path).is_ok() {
            crate::ingest::skipped("this user (root?) can read a file of mode 000");
            return;
        }
        let Err(Skip::Unreadable(reason)) = FileReader::new(10, None).read(&path, None) else { panic!("was readable") };
        assert!(reason.contains("permissions"), "{reason}");
    }
}
