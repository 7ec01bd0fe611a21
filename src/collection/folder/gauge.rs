//! How much text there is to encode: known of files that were read, guessed of the others. How long a run takes goes by this, not
//! by the sizes of files: a PDF of 20 MB may hold a page of text.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::ingest::sync::FileToRead;

/// Of formats that are more than text, so many bytes of a file make a byte of text.
const PACKED: u64 = 20;
/// No more text than this is guessed of one such file: pictures make files large, not words.
const MOST: u64 = 128 << 10;

/// Counted by the thread that reads, asked by the one that encodes.
#[derive(Debug)]
pub(super) struct Gauge {
    /// The guesses of files that were not read yet.
    unread: AtomicU64,
    /// The guess of the file that is being read.
    open: AtomicU64,
    text: AtomicU64,
    files: AtomicUsize,
}

impl Gauge {
    pub(super) fn of(work: &[FileToRead]) -> Self {
        let unread = work.iter().map(guess).sum();
        let (open, text) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { unread: AtomicU64::new(unread), open, text, files: AtomicUsize::new(0) }
    }

    /// A file is about to be read.
    pub(super) fn opens(&self, work: &FileToRead) {
        self.open.store(guess(work), Ordering::Relaxed);
    }

    /// That file was read, and gave so much text, or none that is to be encoded.
    pub(super) fn read(&self, text: Option<usize>) {
        let open = self.open.swap(0, Ordering::Relaxed);
        self.unread.fetch_sub(open, Ordering::Relaxed);
        self.text.fetch_add(text.unwrap_or(0) as u64, Ordering::Relaxed);
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes of text to encode, as far as is known, and files that were read.
    pub(super) fn now(&self) -> (u64, usize) {
        let text = self.text.load(Ordering::Relaxed) + self.unread.load(Ordering::Relaxed);
        (text, self.files.load(Ordering::Relaxed))
    }
}

/// Bytes of text that a file may hold.
fn guess(work: &FileToRead) -> u64 {
    const UNPACKED: [&str; 15] = [
        "pdf", "docx", "pptx", "xlsx", "odt", "ods", "odp", "epub", "html", "htm", "mhtml", "rtf", "eml", "mbox",
        "ipynb",
    ];
    let extension = work.file.relative.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let packed = extension.is_some_and(|extension| UNPACKED.contains(&&*extension));
    if packed { (work.file.size / PACKED).min(MOST) } else { work.file.size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentId;
    use crate::ingest::source::FoundFile;

    fn work(name: &str, size: u64) -> FileToRead {
        let (path, relative) = (name.into(), name.to_owned());
        let file = FoundFile { path, relative, size, modified_ns: 0, changed_ns: 0, inode: 0 };
        FileToRead { file, id: DocumentId::new(name).unwrap(), known: None }
    }

    #[test]
    fn what_is_read_takes_the_place_of_what_was_guessed() {
        let all = [work("a.md", 1000), work("scan.pdf", 20 << 20), work("b.txt", 500)];
        let gauge = Gauge::of(&all);
        assert_eq!(gauge.now(), (1000 + MOST + 500, 0), "twenty megabytes of PDF are no twenty megabytes of text");
        for (work, text, expected) in
            [(&all[0], Some(990), (990 + MOST + 500, 1)), (&all[1], None, (1490, 2)), (&all[2], Some(500), (1490, 3))]
        {
            gauge.opens(work);
            gauge.read(text);
            assert_eq!(gauge.now(), expected);
        }
    }
}
