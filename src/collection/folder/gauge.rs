//! Estimates how much text there is to encode: exact for files that were read, guessed for the others. The time that a run
//! takes depends on this, not on the sizes of files: a PDF of 20 MB may have a page of text.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::ingest::sync::FileToRead;

/// In formats with more than text, the bytes of a file for each byte of text.
const FILE_BYTES_PER_TEXT_BYTE: u64 = 20;
/// The most text that is guessed for one such file: large files have pictures, not more words.
const MAX_GUESS_BYTES: u64 = 128 << 10;

/// The estimate. Updated by the thread that reads, used by the one that encodes.
#[derive(Debug)]
pub(super) struct Gauge {
    /// The guesses for files that were not read yet, in bytes of text.
    unread: AtomicU64,
    /// The guess for the file that is being read.
    open: AtomicU64,
    /// The bytes of text in the files that were read.
    text: AtomicU64,
    /// The number of files that were read.
    files: AtomicUsize,
}

impl Gauge {
    pub(super) fn new(work: &[FileToRead]) -> Self {
        let unread = work.iter().map(guess).sum();
        let (open, text) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { unread: AtomicU64::new(unread), open, text, files: AtomicUsize::new(0) }
    }

    /// Records that a file is about to be read.
    pub(super) fn begin_file(&self, work: &FileToRead) {
        self.open.store(guess(work), Ordering::Relaxed);
    }

    /// Records that the file was read and gave this many bytes of text, or none to encode.
    pub(super) fn end_file(&self, text: Option<usize>) {
        let open = self.open.swap(0, Ordering::Relaxed);
        self.unread.fetch_sub(open, Ordering::Relaxed);
        self.text.fetch_add(text.unwrap_or(0) as u64, Ordering::Relaxed);
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the bytes of text to encode, as far as known, and the number of files that were read.
    pub(super) fn totals(&self) -> (u64, usize) {
        let text = self.text.load(Ordering::Relaxed) + self.unread.load(Ordering::Relaxed);
        (text, self.files.load(Ordering::Relaxed))
    }
}

/// Guesses the bytes of text in a file.
fn guess(work: &FileToRead) -> u64 {
    // Formats whose files also have pictures, layout or markup.
    const RICH_FORMATS: [&str; 15] = [
        "pdf", "docx", "pptx", "xlsx", "odt", "ods", "odp", "epub", "html", "htm", "mhtml", "rtf", "eml", "mbox",
        "ipynb",
    ];
    let extension = work.file.relative.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let is_rich = extension.is_some_and(|extension| RICH_FORMATS.contains(&&*extension));
    if is_rich { (work.file.size / FILE_BYTES_PER_TEXT_BYTE).min(MAX_GUESS_BYTES) } else { work.file.size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentId;
    use crate::ingest::source::FoundFile;

    fn work(name: &str, size: u64) -> FileToRead {
        let (path, relative) = (name.into(), name.to_owned());
        let file = FoundFile { path, relative, size, modified_ns: 0, changed_ns: 0, inode: 0 };
        FileToRead { file, id: DocumentId::new(name).unwrap(), known: None, resplit: false }
    }

    #[test]
    fn gauge_replaces_guesses_by_the_text_that_was_read() {
        let all = [work("a.md", 1000), work("scan.pdf", 20 << 20), work("b.txt", 500)];
        let gauge = Gauge::new(&all);
        assert_eq!(gauge.totals(), (1000 + MAX_GUESS_BYTES + 500, 0), "20 MB of PDF are not 20 MB of text");
        for (work, text, expected) in [
            (&all[0], Some(990), (990 + MAX_GUESS_BYTES + 500, 1)),
            (&all[1], None, (1490, 2)),
            (&all[2], Some(500), (1490, 3)),
        ] {
            gauge.begin_file(work);
            gauge.end_file(text);
            assert_eq!(gauge.totals(), expected);
        }
    }
}
