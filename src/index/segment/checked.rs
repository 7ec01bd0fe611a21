//! A mapped file. Each block of 4 KB is checked when it is read for the first time.
//!
//! Layout: a prelude of one page, the body in blocks of 4,096 bytes, one CRC-32 for each block (the table), the footer.
//!
//! | offset in the prelude | bytes | content |
//! |---|---|---|
//! | 0 | 8 | `NIGHSEGM` |
//! | 8 | 4 | format version, u32 |
//! | 12 | 4 | CRC-32 of the footer |
//! | 16 | 8 | offset of the end of the body, where the table begins, u64 |
//! | 24 | 8 | offset of the footer, u64; the footer extends to the end of the file |
//! | 32 | 4060 | zeros |
//! | 4092 | 4 | CRC-32 of the bytes before |
//!
//! The table is also checked in blocks. Their CRC-32s (the roots) are in the footer: 4 bytes for every 4 MB of the file. So opening
//! reads only the prelude and the footer, and a read checks only the blocks that it touches.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::Dir;
use crate::error::{Error, Result};
use crate::index::stored::Stored;
use crate::kernel::FileMap;
use crate::kernel::SharedBytes;

/// The length of a block and of the prelude in bytes.
pub(super) const BLOCK: usize = 4096;
/// The format of segments. A collection with segments of another format must be rebuilt.
pub(super) const VERSION: u32 = 3;
const MAGIC: &[u8; 8] = b"NIGHSEGM";
/// The problem of a mapped file that was truncated or could not be read.
const NOT_INTACT: &str = "it was cut short, or could not be read, while it was in use";

/// A file with a checked prelude and footer; its body is checked as it is read.
pub(super) struct CheckedFile {
    path: PathBuf,
    map: Arc<FileMap>,
    /// The body is `BLOCK..body_end`.
    body_end: usize,
    footer: Range<usize>,
    footer_crc: u32,
    roots: Vec<u32>,
    /// One bit for each block that was checked. Relaxed order is enough, because the bits publish no other memory: at worst two threads
    /// check the same block.
    checked: Box<[AtomicU64]>,
    table_checked: Box<[AtomicU64]>,
}

/// Encodes the prelude of a file.
pub(super) fn prelude(body_end: u64, footer_at: u64, footer_crc: u32) -> [u8; BLOCK] {
    let mut page = [0; BLOCK];
    page[..8].copy_from_slice(MAGIC);
    page[8..12].copy_from_slice(&VERSION.to_le_bytes());
    page[12..16].copy_from_slice(&footer_crc.to_le_bytes());
    page[16..24].copy_from_slice(&body_end.to_le_bytes());
    page[24..32].copy_from_slice(&footer_at.to_le_bytes());
    let crc = crc32fast::hash(&page[..BLOCK - 4]);
    page[BLOCK - 4..].copy_from_slice(&crc.to_le_bytes());
    page
}

impl CheckedFile {
    /// True if all bytes that were read so far came from the file.
    pub(super) fn is_intact(&self) -> bool {
        self.map.is_intact()
    }

    /// Returns an error if bytes that were read did not come from the file. A checked block stays checked even if the file is truncated
    /// later. So call this **after** reading, and before the result is used.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub(super) fn check_intact(&self) -> Result<()> {
        if self.is_intact() { Ok(()) } else { Err(self.damaged(NOT_INTACT)) }
    }

    /// See [`FileMap::release`].
    pub(super) fn release(&self) {
        self.map.release();
    }

    /// Maps a file, and checks its prelude and its footer. `parse` decodes the footer and returns a value and the roots.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::Io`] if the file cannot be opened.
    pub(super) fn open<T>(
        path: &Path,
        parse: impl FnOnce(&[u8]) -> Result<(T, Vec<u32>), String>,
    ) -> Result<(Self, T)> {
        let file = Dir::nested(path.parent().unwrap_or(Path::new("")))
            .and_then(|dir| dir.file(path.file_name().unwrap_or_default()));
        let map = file.and_then(|file| FileMap::of(&file)).map_err(Error::io("open", path))?;
        let refused = |problem: &str| damaged(path, if map.is_intact() { problem } else { NOT_INTACT });
        let page = map.get(..BLOCK).ok_or_else(|| refused("it is cut off"))?;
        if &page[..8] != MAGIC {
            return Err(refused("it is not a segment"));
        }
        // Check the prelude.
        let word = |at: usize| u32_at(page, at);
        let long = |at: usize| usize::try_from(u64_at(page, at)).unwrap_or(usize::MAX);
        if word(BLOCK - 4) != crc32fast::hash(&page[..BLOCK - 4]) {
            return Err(refused("its first page is not as it was written"));
        }
        if word(8) != VERSION {
            return Err(refused(&format!("it has format {}, this nigh writes {VERSION}", word(8))));
        }
        let (footer_crc, body_end, footer) = (word(12), long(16), long(24)..map.len());
        // Check that body, table and footer follow each other.
        let blocks = body_end.checked_sub(BLOCK).filter(|body| body.is_multiple_of(BLOCK)).map(|body| body / BLOCK);
        let blocks = blocks.filter(|blocks| body_end.checked_add(4 * blocks) == Some(footer.start));
        let blocks = blocks.filter(|_| footer.start <= footer.end).ok_or_else(|| refused("it is cut off"))?;
        // Check the footer.
        let bytes = map.get(footer.clone()).unwrap_or_default();
        if crc32fast::hash(bytes) != footer_crc {
            return Err(refused("its footer is not as it was written"));
        }
        let (value, roots) = parse(bytes).map_err(|problem| refused(&problem))?;
        if roots.len() != (4 * blocks).div_ceil(BLOCK) {
            return Err(refused("its footer has no checksum for each part of its table"));
        }
        let bits = |count: usize| (0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let (checked, table_checked) = (bits(blocks), bits(roots.len()));
        let (path, map) = (path.to_path_buf(), Arc::new(map));
        Ok((Self { path, map, body_end, footer, footer_crc, roots, checked, table_checked }, value))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the length of the file, in bytes.
    pub(super) fn len(&self) -> usize {
        self.map.len()
    }

    /// Returns the checksum of the footer, which distinguishes this file from others of the same name.
    pub(super) fn footer_crc(&self) -> u32 {
        self.footer_crc
    }

    pub(super) fn body(&self) -> Range<usize> {
        BLOCK..self.body_end
    }

    /// Reads bytes of the body. Each block is checked once.
    #[inline]
    pub(super) fn read(&self, range: Range<usize>) -> Result<&[u8]> {
        if range.start < BLOCK || range.end > self.body_end || range.start >= range.end {
            return self.read_across_end(range);
        }
        for block in range.start / BLOCK - 1..=(range.end - 1) / BLOCK - 1 {
            if self.checked[block / 64].load(Ordering::Relaxed) & (1 << (block % 64)) == 0 {
                self.check(block)?;
            }
        }
        Ok(&self.map[range])
    }

    #[cold]
    fn read_across_end(&self, range: Range<usize>) -> Result<&[u8]> {
        if range.start == range.end {
            return Ok(&[]);
        }
        Err(self.damaged(&format!("bytes {} to {} are wanted, which it does not have", range.start, range.end)))
    }

    /// Checks a block, and before it the part of the table that has its checksum.
    #[cold]
    fn check(&self, block: usize) -> Result<()> {
        let table = &self.map[self.body_end..self.footer.start];
        let part = 4 * block / BLOCK;
        let is_checked = self.table_checked[part / 64].load(Ordering::Relaxed) & (1 << (part % 64)) != 0;
        if !is_checked {
            let bytes = &table[part * BLOCK..table.len().min((part + 1) * BLOCK)];
            if crc32fast::hash(bytes) != self.roots[part] {
                return Err(self.damaged("its table of checksums is not as it was written"));
            }
            self.table_checked[part / 64].fetch_or(1 << (part % 64), Ordering::Relaxed);
        }
        let start = (block + 1) * BLOCK;
        if crc32fast::hash(&self.map[start..start + BLOCK]) != u32_at(table, 4 * block) {
            return Err(self.damaged(&format!("bytes {start} to {} are not as they were written", start + BLOCK)));
        }
        self.checked[block / 64].fetch_or(1 << (block % 64), Ordering::Relaxed);
        Ok(())
    }

    /// Checks every block on the disk, also blocks that were checked before.
    pub(super) fn check_all(&self) -> Result<()> {
        (0..(self.body_end - BLOCK) / BLOCK).try_for_each(|block| self.check(block))
    }

    /// Returns an error with this file's path. If the file was truncated, the error says so instead of `problem`.
    pub(super) fn damaged(&self, problem: &str) -> Error {
        damaged(&self.path, if self.is_intact() { problem } else { NOT_INTACT })
    }
}

/// A part of a checked file's body.
#[derive(Clone)]
pub struct Section {
    file: Arc<CheckedFile>,
    start: usize,
    len: usize,
}

impl Section {
    /// Creates a section. The caller has checked that the range is within the body.
    pub(super) fn new(file: &Arc<CheckedFile>, range: Range<usize>) -> Self {
        Self { file: Arc::clone(file), start: range.start, len: range.len() }
    }

    /// The same as [`Stored::read`], but the bytes outlive the section.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub fn shared(&self, range: Range<usize>) -> Result<SharedBytes> {
        self.read(range.clone())?;
        Ok(SharedBytes::of_map(&self.file.map, self.start + range.start..self.start + range.end))
    }

    /// Adds the path of this section's file to an error about its content.
    pub fn named(&self, error: Error) -> Error {
        error.in_index_file(&self.file.path)
    }
}

impl Stored for Section {
    fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn read(&self, range: Range<usize>) -> Result<&[u8]> {
        if range.end > self.len {
            return self.file.read_across_end(self.start.saturating_add(range.start)..usize::MAX);
        }
        self.file.read(self.start + range.start..self.start + range.end)
    }
}

fn damaged(path: &Path, problem: &str) -> Error {
    Error::IndexDamaged { path: path.to_path_buf(), problem: problem.to_owned() }
}

/// Reads the little-endian number at `at`; 0 past the end.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// The same as [`u32_at`], for 8 bytes.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}
