//! Reads the files of a folder: their bytes, the hash, and the text if the hash is new.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | [`FileReader`]: reads files of a folder, itself or with a worker |
//! | `worker.rs` | the process that reads files which may hang, crash or take all memory |
//! | `worker_protocol.rs` | the messages to and from that process |

mod worker;
mod worker_protocol;

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use nigh_formats::{Extracted, Format, SCHEME, extract_as, extract_without_attachments};

use crate::disk::{Links, open_regular};
use worker::Worker;
pub use worker::{WorkerCommand, serve};
use worker_protocol::Attachments;

/// The reason why a file has no text. Reports show it after the file's path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    /// The file could not be read. Its stored document may still be valid: keep it.
    #[error("{0}")]
    Unreadable(String),
    /// The file was read, but its text could not be extracted: it is damaged, extracting took too long or too much memory, or this
    /// build has no reader for it. Its stored document may still be valid: keep it. The file need not be read again while it and
    /// the readers stay the same.
    #[error("{0}")]
    Damaged(String),
    /// The file was read and has no text to index. Its stored document is no longer valid: remove it.
    #[error("{0}")]
    NotText(String),
}

/// The bytes at the beginning of a file that show its format.
const HEAD_BYTES: u64 = 4096;
/// The most bytes that are allocated before reading shows that a file has them.
const MAX_FIRST_CAPACITY: usize = 64 << 20;

impl From<nigh_formats::Error> for Skip {
    fn from(error: nigh_formats::Error) -> Self {
        match error {
            nigh_formats::Error::Damaged(reason) => Self::Damaged(reason),
            // Another build may have stored its text, and a build without the reader must not remove it.
            nigh_formats::Error::NotBuilt { format, feature } => {
                // This crate's feature `formats` includes the features `html`, `office` and `mail` of nigh-formats.
                let feature = if feature == "pdf" { feature } else { "formats" };
                Self::Damaged(nigh_formats::Error::NotBuilt { format, feature }.to_string())
            }
            other => Self::NotText(other.to_string()),
        }
    }
}

/// The content of a file, if it is new.
#[derive(Debug, PartialEq)]
pub enum FileContent {
    /// The hash is the known one: the stored document is still valid.
    Same,
    /// The text and the content hash.
    Text(Box<Extracted>, [u8; 32]),
}

/// Reads one file after the other. If a worker is given, it reads the formats in which a hostile file can make the reader hang,
/// crash or take all memory. Otherwise they are read in this process, and only panics are caught.
pub struct FileReader {
    max_size: u64,
    follow_links: bool,
    worker: Option<Worker>,
}

impl FileReader {
    /// Creates a reader for files of at most `max_size` bytes. It follows links.
    pub fn new(max_size: u64, worker: Option<WorkerCommand>) -> Self {
        Self { max_size, follow_links: true, worker: worker.map(Worker::new) }
    }

    /// Refuses symbolic links: a file may have been replaced by a link after it was listed.
    pub fn no_links(mut self) -> Self {
        self.follow_links = false;
        self
    }

    /// Reads a file. `known` is the content hash of the file's stored document.
    ///
    /// # Errors
    /// [`Skip::Unreadable`] if the file vanished, is not a regular file, or the system refuses to read it; [`Skip::Damaged`] if it
    /// is damaged, if reading it took too long or too much memory, or if this build has no reader for it; [`Skip::NotText`] in the
    /// cases of [`nigh_formats::extract`], or if the file is now larger than `max_size`.
    pub fn read(&mut self, path: &Path, known: Option<&[u8; 32]>) -> Result<FileContent, Skip> {
        let bytes = self.bytes(path)?;
        let hash = content_hash(&bytes);
        if known == Some(&hash) {
            return Ok(FileContent::Same);
        }
        let format = Format::of(&bytes, path)?;
        let extracted = match &mut self.worker {
            Some(worker) if format.is_risky() => worker.extract(path, bytes)?,
            _ => extract_catching_panics(format, bytes, path, Attachments::Extract)?,
        };
        Ok(FileContent::Text(Box::new(extracted), hash))
    }

    /// Returns the content hash of a file, without extracting its text.
    ///
    /// # Errors
    /// The errors of [`FileReader::read`].
    pub fn hash(&self, path: &Path) -> Result<[u8; 32], Skip> {
        self.bytes(path).map(|bytes| content_hash(&bytes))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Skip> {
        let refused = |error: io::Error| {
            Skip::Unreadable(match error.kind() {
                io::ErrorKind::NotFound => "was deleted while nigh was indexing".to_owned(),
                // The file was replaced by a link, a pipe or a folder.
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
        // Allocate at most 64 MB at first: a sparse file may claim a size without having the data. The byte more shows the end.
        let capacity = usize::try_from(size.min(self.max_size)).unwrap_or(0).min(MAX_FIRST_CAPACITY);
        let mut bytes = Vec::with_capacity(capacity + 1);
        let mut limited = (&mut file).take(self.max_size.saturating_add(1));
        (&mut limited).take(HEAD_BYTES).read_to_end(&mut bytes).map_err(refused)?;
        // Do not read pictures, films and archives to their end.
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

/// Hashes a file's bytes and the version of text extraction, `SCHEME`. The hash is stored: a new version makes every file be
/// extracted again.
fn content_hash(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&SCHEME.to_le_bytes());
    hasher.update(bytes);
    *hasher.finalize().as_bytes()
}

/// Extracts the text, and catches panics of other crates.
fn extract_catching_panics(
    format: Format,
    bytes: Vec<u8>,
    path: &Path,
    attachments: Attachments,
) -> Result<Extracted, Skip> {
    let extract = || match attachments {
        Attachments::Ignore => extract_without_attachments(format, bytes, path),
        Attachments::Extract => extract_as(format, bytes, path),
    };
    let extracted = catch_unwind(AssertUnwindSafe(|| extract().map_err(Skip::from)));
    extracted.unwrap_or_else(|_| {
        Err(Skip::Damaged(format!("the reader of {} crashed; the file may be damaged", format.name())))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

    use std::fs::{self, File};

    use super::*;

    #[test]
    fn known_content_is_not_extracted_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "# One").unwrap();
        let mut reader = FileReader::new(100, None);
        let FileContent::Text(extracted, hash) = reader.read(&path, None).unwrap() else { panic!("no hash was given") };
        assert_eq!(extracted.title.as_deref(), Some("One"));
        assert_eq!(reader.read(&path, Some(&hash)), Ok(FileContent::Same));
        fs::write(&path, "# Two").unwrap();
        assert!(matches!(reader.read(&path, Some(&hash)), Ok(FileContent::Text(..))));
    }

    #[test]
    fn missing_reader_does_not_drop_a_stored_document() {
        for (feature, reported) in
            [("html", "`formats`"), ("office", "`formats`"), ("mail", "`formats`"), ("pdf", "`pdf`")]
        {
            let skip = Skip::from(nigh_formats::Error::NotBuilt { format: "a file", feature });
            assert!(matches!(&skip, Skip::Damaged(reason) if reason.contains(reported)), "{skip:?}");
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
    fn deleted_grown_or_replaced_file_is_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        let mut reader = FileReader::new(10, None);
        assert_eq!(reader.read(&path, None), Err(Skip::Unreadable("was deleted while nigh was indexing".to_owned())));
        fs::write(&path, "0123456789").unwrap();
        let FileContent::Text(extracted, _) = reader.read(&path, None).unwrap() else { panic!("no hash was given") };
        assert_eq!(extracted.text, "0123456789");
        let Err(Skip::NotText(reason)) = FileReader::new(9, None).read(&path, None) else {
            panic!("grown past the limit")
        };
        assert!(reason.contains("max_file_size"));
        assert!(matches!(reader.read(folder.path(), None), Err(Skip::Unreadable(_))));
    }

    #[cfg(unix)]
    #[test]
    fn file_replaced_by_a_pipe_or_link_is_refused_at_once() {
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
        assert!(
            matches!(trusting.read(&pipe, None), Err(Skip::Unreadable(_))),
            "a pipe is refused even if links are followed"
        );
    }

    #[cfg(unix)]
    #[test]
    fn unreadable_file_is_reported_with_its_permissions() {
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
