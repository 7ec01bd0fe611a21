//! For tests: changes any value in a segment's file and makes all checksums valid, as an attacker would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;

use super::checked::{BLOCK, prelude, u64_at};
use super::{ENTRY, Footer, Kind, ROW, Shape};

/// The parts of a segment.
#[derive(Clone)]
pub(crate) struct Forged {
    body: Vec<u8>,
    footer: Footer,
    /// Replaces the encoded footer.
    pub(crate) footer_bytes: Option<Vec<u8>>,
    /// True if the footer keeps its old roots.
    pub(crate) keep_roots: bool,
}

/// The number of section kinds.
pub(crate) const SECTIONS: usize = 11;

const KINDS: [Kind; SECTIONS] = [
    Kind::Records,
    Kind::Texts,
    Kind::Rows,
    Kind::Passages,
    Kind::Vectors,
    Kind::Codes,
    Kind::Scales,
    Kind::Documents,
    Kind::Names,
    Kind::Graph,
    Kind::Sidecar,
];

impl Forged {
    /// Reads a valid file.
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let (body_end, footer_at) = (u64_at(&bytes, 16) as usize, u64_at(&bytes, 24) as usize);
        let footer = postcard::from_bytes(&bytes[footer_at..]).unwrap();
        Self { body: bytes[BLOCK..body_end].to_vec(), footer, footer_bytes: None, keep_roots: false }
    }

    /// Encodes the footer.
    pub(crate) fn encoded_footer(&self) -> Vec<u8> {
        let table: Vec<u8> = self.body.chunks(BLOCK).flat_map(|block| crc32fast::hash(block).to_le_bytes()).collect();
        let roots = table.chunks(BLOCK).map(crc32fast::hash).collect();
        let roots = if self.keep_roots { self.footer.roots.clone() } else { roots };
        postcard::to_stdvec(&Footer { roots, ..self.footer.clone() }).unwrap()
    }

    /// Writes the segment with valid checksums. Returns its length and the checksum for the manifest.
    pub(crate) fn seal(&self, path: &Path) -> (u64, u32) {
        let footer = self.footer_bytes.clone().unwrap_or_else(|| self.encoded_footer());
        let table = self.body.chunks(BLOCK).flat_map(|block| crc32fast::hash(block).to_le_bytes());
        let crc = crc32fast::hash(&footer);
        let end = BLOCK + self.body.len();
        let mut bytes = Vec::from([0; BLOCK]);
        bytes.extend_from_slice(&self.body);
        bytes.extend(table);
        let footer_at = bytes.len() as u64;
        bytes.extend(footer);
        bytes[..BLOCK].copy_from_slice(&prelude(end as u64, footer_at, crc));
        let _ = fs::remove_file(path);
        fs::write(path, &bytes).unwrap();
        (bytes.len() as u64, crc)
    }

    pub(crate) fn shape(&mut self) -> &mut Shape {
        &mut self.footer.shape
    }

    pub(crate) fn documents(&mut self) -> &mut u32 {
        &mut self.footer.documents
    }

    pub(crate) fn rows(&mut self) -> &mut u32 {
        &mut self.footer.rows
    }

    pub(crate) fn residual(&mut self) -> &mut f32 {
        &mut self.footer.residual
    }

    pub(crate) fn roots(&mut self) -> &mut Vec<u32> {
        &mut self.footer.roots
    }

    /// Returns the name of a section, if the segment has it.
    pub(crate) fn name(&self, section: usize) -> Option<String> {
        self.footer.sections.iter().any(|found| found.0 == KINDS[section]).then(|| format!("{:?}", KINDS[section]))
    }

    /// Returns the offset and the length of a section, to change them.
    pub(crate) fn place(&mut self, section: usize) -> (&mut u64, &mut u64) {
        let found = self.footer.sections.iter_mut().find(|found| found.0 == KINDS[section]).unwrap();
        (&mut found.1, &mut found.2)
    }

    /// Removes a section.
    pub(crate) fn remove_section(&mut self, section: usize) {
        self.footer.sections.retain(|found| found.0 != KINDS[section]);
    }

    /// Returns the bytes of a section, to change them.
    pub(crate) fn bytes(&mut self, section: usize) -> &mut [u8] {
        let (start, len) = self.place(section);
        let (start, len) = (*start as usize - BLOCK, *len as usize);
        &mut self.body[start..start + len]
    }

    /// For sections with entries: returns the length of an entry, and the sizes of its numbers, in bytes.
    pub(crate) fn entries(section: usize) -> Option<(usize, &'static [usize])> {
        match KINDS[section] {
            Kind::Documents => Some((ENTRY, &[8, 8, 8, 8, 8, 4, 4, 4, 4])),
            Kind::Rows => Some((ROW, &[8, 8, 8, 8, 8, 4, 4, 4, 4])),
            Kind::Names => Some((12, &[8, 4])),
            Kind::Passages | Kind::Scales | Kind::Graph => Some((4, &[4])),
            Kind::Records => Some((1, &[1])),
            _ => None,
        }
    }
}
