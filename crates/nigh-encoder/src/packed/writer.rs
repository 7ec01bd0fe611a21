//! Writes the sections one after the other, then the table of contents, then the header into the space reserved at the
//! beginning.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use super::beside::Temporary;
use super::{ALIGNMENT, BlockHash, BlockHashes, Check, HEADER_LEN, Header, Section, Toc, block_hash};
use nigh_kernel::Aligned;

/// Writes one packed file, section by section. It cannot be read before [`PackedWriter::finish`].
pub(crate) struct PackedWriter<W: Write + Seek> {
    inner: W,
    /// The number of bytes written so far.
    position: u64,
    sections: Vec<Section>,
}

impl<W: Write + Seek> PackedWriter<W> {
    /// Starts a file in `inner`, which is empty.
    pub(crate) fn new(mut inner: W) -> io::Result<Self> {
        inner.rewind()?;
        inner.write_all(&[0; HEADER_LEN])?;
        Ok(Self { inner, position: HEADER_LEN as u64, sections: Vec::new() })
    }

    /// Adds a section that is checked as a whole.
    pub(crate) fn section(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let offset = self.begin(name)?;
        self.write(bytes)?;
        self.end(name, offset, Check::Whole(*blake3::hash(bytes).as_bytes()));
        Ok(())
    }

    /// Adds a section that is checked in blocks of `block` bytes, each when it is first read. `parts` may have any
    /// size; they do not have to end where blocks end.
    pub(crate) fn blocks<'a>(
        &mut self,
        name: &str,
        block: u32,
        parts: impl Iterator<Item = Cow<'a, [u8]>>,
    ) -> io::Result<()> {
        if block == 0 {
            return Err(invalid(format!("section {name:?}: blocks of 0 bytes")));
        }
        let offset = self.begin(name)?;
        let mut hasher =
            BlockHasher { block: block as usize, filled: 0, hasher: blake3::Hasher::new(), done: Vec::new() };
        for part in parts {
            hasher.update(&part);
            self.write(&part)?;
        }
        self.end(name, offset, Check::Blocks { block, hashes: hasher.finish() });
        Ok(())
    }

    /// Writes the table of contents and the header, flushes, and returns the inner writer.
    pub(crate) fn finish(mut self, about: &str) -> io::Result<W> {
        if self.inner.stream_position()? != self.position {
            return Err(invalid("a section failed to be written".to_owned()));
        }
        let toc = Toc { about: about.to_owned(), sections: self.sections };
        let toc = postcard::to_stdvec(&toc).map_err(io::Error::other)?;
        self.inner.write_all(&toc)?;
        self.inner.rewind()?;
        self.inner.write_all(&Header::new(self.position, &toc).encode())?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    /// Pads to the start of the next section, and returns its offset.
    fn begin(&mut self, name: &str) -> io::Result<u64> {
        if self.sections.iter().any(|section| section.name == name) {
            return Err(invalid(format!("section {name:?} is written twice")));
        }
        let gap = self.position.next_multiple_of(ALIGNMENT) - self.position;
        self.write(&[0; ALIGNMENT as usize][..gap as usize])?;
        Ok(self.position)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn end(&mut self, name: &str, offset: u64, check: Check) {
        self.sections.push(Section { name: name.to_owned(), offset, len: self.position - offset, check });
    }
}

/// Hashes a stream block by block.
struct BlockHasher {
    /// The length of a block in bytes.
    block: usize,
    /// The number of bytes of the current block that `hasher` has received.
    filled: usize,
    hasher: blake3::Hasher,
    done: Vec<BlockHash>,
}

impl BlockHasher {
    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (part, rest) = bytes.split_at(bytes.len().min(self.block - self.filled));
            self.hasher.update(part);
            self.filled += part.len();
            if self.filled == self.block {
                self.close();
            }
            bytes = rest;
        }
    }

    fn close(&mut self) {
        self.done.push(block_hash(&self.hasher.finalize()));
        self.hasher.reset();
        self.filled = 0;
    }

    fn finish(mut self) -> BlockHashes {
        if self.filled > 0 {
            self.close();
        }
        BlockHashes(self.done)
    }
}

/// Writes a packed file under a temporary name and renames it to `path`, durably. `fill` adds the sections and returns the file's
/// description. On failure nothing is left, and an old file stays unchanged. If several write at once, the last to rename wins.
pub(crate) fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut PackedWriter<BufWriter<File>>) -> io::Result<String>,
) -> io::Result<()> {
    let (file, temporary) = Temporary::create(path)?;
    let mut writer = PackedWriter::new(BufWriter::new(file))?;
    let about = fill(&mut writer)?;
    let file = writer.finish(&about)?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    // Close it before the rename, which some systems require.
    drop(file);
    temporary.rename(path)
}

/// The same as [`write_file`], but writes into memory, for [`super::PackedFile::of_memory`].
pub(crate) fn write_memory(
    fill: impl FnOnce(&mut PackedWriter<MemoryWriter>) -> io::Result<String>,
) -> io::Result<Aligned<u8>> {
    let mut writer = PackedWriter::new(MemoryWriter::default())?;
    let about = fill(&mut writer)?;
    Ok(writer.finish(&about)?.bytes)
}

/// Replaces a file by a file with this content: writes a temporary file and renames it, as [`write_file`] does.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let (mut file, temporary) = Temporary::create(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    temporary.rename(path)
}

/// A file in memory.
#[derive(Default)]
pub(crate) struct MemoryWriter {
    bytes: Aligned<u8>,
    position: usize,
}

impl Write for MemoryWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.position.checked_add(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        self.bytes.grow(end);
        self.bytes[self.position..end].copy_from_slice(bytes);
        self.position = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for MemoryWriter {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => (self.position as u64).checked_add_signed(by),
            SeekFrom::End(by) => (self.bytes.len() as u64).checked_add_signed(by),
        };
        let target = target.and_then(|offset| usize::try_from(offset).ok());
        self.position = target.ok_or_else(|| invalid("a seek beyond the address space".to_owned()))?;
        Ok(self.position as u64)
    }
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
