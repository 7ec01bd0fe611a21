//! Which format a file has: by its content first, by its name second.

use std::path::Path;

/// A format that text can be taken out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Text in any encoding: plain, Markdown, source code.
    Text,
}

/// Formats told by their first bytes: offset, bytes, what to call them. No text is taken out of these.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"{\\rtf", "RTF"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WebP"),
    (8, b"WAVE", "WAV"),
    (8, b"AVI ", "AVI"),
    (4, b"ftyp", "MP4"),
    (0, b"ID3", "MP3"),
    (0, b"OggS", "Ogg"),
    (0, b"fLaC", "FLAC"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (257, b"ustar", "tar"),
    (0, b"SQLite format 3\0", "SQLite"),
    (0, b"\x7fELF", "ELF"),
    (0, b"\0asm", "WebAssembly"),
    (0, b"wOFF", "WOFF"),
    (0, b"wOF2", "WOFF2"),
];

impl Format {
    /// The format of a file's content.
    ///
    /// # Errors
    /// The reason why no text can be taken out of it.
    pub(super) fn of(bytes: &[u8], path: &Path) -> Result<Self, String> {
        if let Some(reason) = Self::refused(bytes, path) {
            return Err(reason);
        }
        Ok(Self::Text)
    }

    /// The reason why no text can be taken out of a file, where its first bytes tell.
    pub(super) fn refused(head: &[u8], _path: &Path) -> Option<String> {
        let (_, _, name) =
            MAGIC.iter().find(|(at, mark, _)| head.get(*at..).is_some_and(|bytes| bytes.starts_with(mark)))?;
        // RTF is plain ASCII; the other marks count only in what is not text, so that a text may begin "BZh".
        let text = !head.contains(&0) && std::str::from_utf8(head).map_or_else(|e| e.error_len().is_none(), |_| true);
        (*name == "RTF" || !text).then(|| format!("{name} is not understood yet"))
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
        }
    }

    /// Whether a hostile file of it may make its reader hang, crash or take all memory.
    pub(super) fn is_risky(self) -> bool {
        match self {
            Self::Text => false,
        }
    }
}
