//! Writes a segment's file: the sections as a stream, then the checksums, and the prelude last.

use std::io::{self, BufWriter, IntoInnerError, Seek, SeekFrom, Write};
use std::path::Path;

use super::checked::{BLOCK, prelude};
use super::{Footer, Kind};
use crate::disk::{Dir, Fresh};
use crate::error::{Error, Result};
use crate::index::fail_point::fail_point;

/// The offset of every section is a multiple of this.
const ALIGNMENT: u64 = 64;

/// Writes one segment. The file is not valid before [`SegmentWriter::finish`].
pub(super) struct SegmentWriter<'a> {
    path: &'a Path,
    /// The file, which has a random name until it is finished.
    file: BufWriter<Fresh>,
    /// The unfinished block.
    block: Vec<u8>,
    /// The number of bytes written so far, from the file's start.
    position: u64,
    /// The checksum of each written block.
    table: Vec<u8>,
    /// Kind, offset in the file and length.
    sections: Vec<(Kind, u64, u64)>,
}

impl<'a> SegmentWriter<'a> {
    /// Begins a new file. When finished, it replaces a file of the same name, which a crash may have left.
    pub(super) fn create(path: &'a Path) -> Result<Self> {
        let name = path.file_name().unwrap_or_default();
        let create = || {
            let directory = Dir::nested(path.parent().unwrap_or(Path::new("")))?;
            let mut file = BufWriter::with_capacity(1 << 18, directory.fresh(name)?);
            file.write_all(&[0; BLOCK])?;
            Ok(file)
        };
        let file = create().map_err(Error::io("write", path))?;
        fail_point("segment begun").map_err(Error::io("write", path))?;
        let (block, position) = (Vec::with_capacity(BLOCK), BLOCK as u64);
        Ok(Self { path, file, block, position, table: Vec::new(), sections: Vec::new() })
    }

    /// Begins a section, and ends the previous one.
    pub(super) fn section(&mut self, kind: Kind) -> Result<()> {
        fail_point("section begun").map_err(Error::io("write", self.path))?;
        self.close_section();
        let gap = self.position.next_multiple_of(ALIGNMENT) - self.position;
        self.write(&[0; ALIGNMENT as usize][..gap as usize])?;
        self.sections.push((kind, self.position, 0));
        Ok(())
    }

    /// Returns the length of the current section so far, in bytes.
    pub(super) fn section_len(&self) -> u64 {
        self.sections.last().map_or(0, |&(_, start, _)| self.position - start)
    }

    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.position += bytes.len() as u64;
        while !bytes.is_empty() {
            let (part, rest) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(part);
            if self.block.len() == BLOCK {
                self.table.extend_from_slice(&crc32fast::hash(&self.block).to_le_bytes());
                self.file.write_all(&self.block).map_err(Error::io("write", self.path))?;
                self.block.clear();
            }
            bytes = rest;
        }
        Ok(())
    }

    /// Writes the rest and makes the file durable. `footer`: without sections and roots, which this method adds.
    pub(super) fn finish(mut self, mut footer: Footer) -> Result<()> {
        self.close_section();
        let gap = self.position.next_multiple_of(BLOCK as u64) - self.position;
        self.write(&[0; BLOCK][..gap as usize])?;
        footer.sections = std::mem::take(&mut self.sections);
        footer.roots = self.table.chunks(BLOCK).map(crc32fast::hash).collect();
        let mut finish = || {
            let footer = postcard::to_stdvec(&footer).map_err(io::Error::other)?;
            self.file.write_all(&self.table)?;
            self.file.write_all(&footer)?;
            fail_point("segment without prelude")?;
            self.file.seek(SeekFrom::Start(0))?;
            let footer_at = self.position + self.table.len() as u64;
            self.file.write_all(&prelude(self.position, footer_at, crc32fast::hash(&footer)))?;
            self.file.flush()?;
            fail_point("segment not synced")?;
            self.file.get_ref().sync_all()
        };
        finish().map_err(Error::io("write", self.path))?;
        let Self { path, file, .. } = self;
        let name = path.file_name().unwrap_or_default();
        let put = file.into_inner().map_err(IntoInnerError::into_error).and_then(|file| file.put(name));
        put.map_err(Error::io("write", path))
    }

    fn close_section(&mut self) {
        if let Some((_, start, len)) = self.sections.last_mut() {
            *len = self.position - *start;
        }
    }
}
