//! Reads packed files in place. Opening one checks the header and the table of contents; each section is checked when it is
//! requested.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{ALIGNMENT, BlockHash, Check, HEADER_LEN, Header, Problem, Section, Toc, block_hash};
use nigh_disk::{Links, open_regular};
use nigh_kernel::Aligned;
use nigh_kernel::FileMap;

/// An open packed file, mapped or in memory.
pub(crate) struct PackedFile {
    content: Content,
    toc: Arc<Toc>,
}

enum Content {
    Map(FileMap),
    Memory(Aligned<u8>),
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Map(map) => map,
            Self::Memory(bytes) => bytes,
        }
    }

    fn is_intact(&self) -> bool {
        match self {
            Self::Map(map) => map.is_intact(),
            Self::Memory(_) => true,
        }
    }
}

impl PackedFile {
    /// Maps a file. Reads its header and table of contents, but no section.
    ///
    /// # Errors
    /// The system's error, or the problem of the file.
    pub(crate) fn open(path: &Path) -> Result<Self, Problem> {
        let map = open_regular(path, Links::Follow).and_then(|file| FileMap::of(&file));
        Self::from_content(Content::Map(map.map_err(Problem::Io)?))
    }

    /// Opens an image that [`super::write_memory`] made.
    ///
    /// # Errors
    /// The problem of the image.
    pub(crate) fn of_memory(bytes: Aligned<u8>) -> Result<Self, Problem> {
        Self::from_content(Content::Memory(bytes))
    }

    fn from_content(content: Content) -> Result<Self, Problem> {
        let toc = read_toc(content.bytes());
        let toc = Arc::new(if content.is_intact() { toc? } else { return Err(Problem::NotIntact) });
        Ok(Self { content, toc })
    }

    /// True if every byte read so far came from the file. Sections and blocks are checked only once, and a part that is truncated
    /// later reads as zeros. So call this after the bytes were used.
    pub(crate) fn is_intact(&self) -> bool {
        self.content.is_intact()
    }

    /// Returns the writer's description of the file.
    pub(crate) fn about(&self) -> &str {
        &self.toc.about
    }

    /// Returns the range of a section that is checked as a whole. Each call checks it.
    ///
    /// # Errors
    /// If there is no such section, or if the section is checked in blocks or is damaged.
    pub(crate) fn section(&self, name: &str) -> Result<Range<usize>, Problem> {
        let section = &self.toc.sections[self.find(name)?];
        let Check::Whole(expected) = &section.check else {
            return Err(Problem::OtherCheck { name: name.to_owned(), blocks: true });
        };
        let range = range_of(section);
        if hash(self.bytes(range.clone())).as_bytes() != expected {
            let damaged = Problem::SectionDamaged { name: name.to_owned() };
            return Err(if self.is_intact() { damaged } else { Problem::NotIntact });
        }
        Ok(range)
    }

    /// Returns a section that is checked in blocks, none of which is checked yet.
    ///
    /// # Errors
    /// If there is no such section, or if the section is checked as a whole.
    pub(crate) fn blocks(&self, name: &str) -> Result<BlockSection, Problem> {
        let index = self.find(name)?;
        let Check::Blocks { hashes, .. } = &self.toc.sections[index].check else {
            return Err(Problem::OtherCheck { name: name.to_owned(), blocks: false });
        };
        let verified = (0..hashes.0.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(BlockSection { toc: Arc::clone(&self.toc), index, verified })
    }

    /// Returns bytes of the file.
    ///
    /// # Panics
    /// If `range` is not within the file. Ranges from [`PackedFile::section`] always are.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.content.bytes()[range]
    }

    #[cfg(test)]
    pub(super) fn toc(&self) -> &Toc {
        &self.toc
    }

    fn find(&self, name: &str) -> Result<usize, Problem> {
        let index = self.toc.sections.iter().position(|section| section.name == name);
        index.ok_or_else(|| Problem::SectionMissing { name: name.to_owned() })
    }
}

/// A section whose blocks are checked when they are first read.
pub(crate) struct BlockSection {
    /// The table of contents of the section's file, which identifies that file.
    toc: Arc<Toc>,
    index: usize,
    /// One bit per block: 1 if it was checked. Relaxed is enough, as the bits publish no other memory: at worst two threads
    /// check the same block.
    pub(super) verified: Box<[AtomicU64]>,
}

impl BlockSection {
    /// Returns bytes of the section; `range` counts from its start. Checks each block of the range that is read for the first
    /// time.
    ///
    /// # Errors
    /// If `range` is not within the section, a block is damaged, or the section came from another file than `file`.
    pub(crate) fn read<'a>(&self, file: &'a PackedFile, range: Range<usize>) -> Result<&'a [u8], Problem> {
        let section = &self.toc.sections[self.index];
        let Check::Blocks { block, hashes } = &section.check else {
            return Err(Problem::OtherCheck { name: section.name.clone(), blocks: false });
        };
        if !Arc::ptr_eq(&self.toc, &file.toc) {
            return Err(Problem::OtherFile { name: section.name.clone() });
        }
        let whole = file.bytes(range_of(section));
        let Some(bytes) = whole.get(range.clone()) else {
            let Range { start, end } = range;
            return Err(Problem::OutOfRange { name: section.name.clone(), len: whole.len(), start, end });
        };
        if !bytes.is_empty() {
            let block = *block as usize;
            for number in range.start / block..=(range.end - 1) / block {
                let checked = self.verify(section, whole, number, block, &hashes.0[number]);
                checked.map_err(|problem| if file.is_intact() { problem } else { Problem::NotIntact })?;
            }
        }
        Ok(bytes)
    }

    /// Returns a view for many small reads. `None` if the section came from another file, or its block length is not a power of
    /// two.
    pub(crate) fn view<'a>(&'a self, file: &'a PackedFile) -> Option<BlockView<'a>> {
        let section = &self.toc.sections[self.index];
        let Check::Blocks { block, .. } = &section.check else { return None };
        let is_usable = Arc::ptr_eq(&self.toc, &file.toc) && block.is_power_of_two();
        is_usable.then(|| BlockView {
            section: self,
            file,
            bytes: file.bytes(range_of(section)),
            shift: block.trailing_zeros(),
        })
    }

    /// Checks a block, unless it was checked before.
    fn verify(
        &self,
        section: &Section,
        whole: &[u8],
        number: usize,
        block: usize,
        expected: &BlockHash,
    ) -> Result<(), Problem> {
        let (bits, bit) = (&self.verified[number / 64], 1 << (number % 64));
        if bits.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        let start = number * block;
        let end = whole.len().min(start + block);
        if block_hash(&blake3::hash(&whole[start..end])) != *expected {
            return Err(Problem::BlockDamaged { name: section.name.clone(), start, end });
        }
        bits.fetch_or(bit, Ordering::Relaxed);
        Ok(())
    }
}

/// Hashes many bytes. If the caller is a thread of a rayon pool, all threads of that pool help. Otherwise only the caller
/// computes: rayon would use its global pool, which nigh never does.
fn hash(bytes: &[u8]) -> blake3::Hash {
    match rayon::current_thread_index() {
        Some(_) => blake3::Hasher::new().update_rayon(bytes).finalize(),
        None => blake3::hash(bytes),
    }
}

/// A [`BlockSection`] and its bytes, for fast reads of a few bytes.
#[derive(Clone, Copy)]
pub(crate) struct BlockView<'a> {
    section: &'a BlockSection,
    file: &'a PackedFile,
    bytes: &'a [u8],
    /// Blocks are `1 << shift` bytes.
    shift: u32,
}

impl BlockView<'_> {
    /// Returns the `N` bytes from `start` on. `None` if they are not within the section, or are damaged.
    #[inline]
    pub(crate) fn array<const N: usize>(&self, start: usize) -> Option<[u8; N]> {
        let array = *self.bytes.get(start..)?.first_chunk::<N>()?;
        let block = start >> self.shift;
        let bits = self.section.verified.get(block / 64)?.load(Ordering::Relaxed);
        if bits >> (block % 64) & 1 == 0 || (start + N - 1) >> self.shift != block {
            self.check(start, N)?;
        }
        Some(array)
    }

    #[cold]
    fn check(&self, start: usize, len: usize) -> Option<()> {
        self.section.read(self.file, start..start + len).ok().map(drop)
    }
}

/// Returns the range of a section. Its table of contents was checked, so the range is within the file and fits usize.
fn range_of(section: &Section) -> Range<usize> {
    section.offset as usize..(section.offset + section.len) as usize
}

/// Reads and checks the table of contents of `file`. In the result, names are unique. Every section is between header and
/// TOC, is aligned, overlaps no other, and has a hash for every block.
fn read_toc(file: &[u8]) -> Result<Toc, Problem> {
    let header = Header::decode(file)?;
    let bytes = &file[header.toc_offset as usize..];
    if *blake3::hash(bytes).as_bytes() != header.toc_hash {
        return Err(Problem::TocDamaged);
    }
    let (toc, rest) = postcard::take_from_bytes::<Toc>(bytes).map_err(Problem::TocUnreadable)?;
    if !rest.is_empty() {
        return Err(Problem::Contradiction("its table of contents and its length"));
    }
    let mut names = HashSet::new();
    let mut last_end = HEADER_LEN as u64;
    for section in &toc.sections {
        let end = section.offset.checked_add(section.len).filter(|&end| {
            let is_placed = section.offset >= last_end && section.offset.is_multiple_of(ALIGNMENT);
            is_placed && end <= header.toc_offset && has_all_hashes(section) && names.insert(section.name.as_str())
        });
        last_end = end.ok_or_else(|| Problem::SectionInvalid { name: section.name.clone() })?;
    }
    Ok(toc)
}

/// True if a section has a hash for every block.
fn has_all_hashes(section: &Section) -> bool {
    match &section.check {
        Check::Whole(_) => true,
        Check::Blocks { block: 0, .. } => false,
        Check::Blocks { block, hashes } => section.len.div_ceil(u64::from(*block)) == hashes.0.len() as u64,
    }
}
