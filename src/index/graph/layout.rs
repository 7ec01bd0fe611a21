//! The bytes of a graph and the offsets of its parts. Numbers are little-endian u32 unless another type is given.
//!
//! | offset | content |
//! |---|---|
//! | 0 | `NGHG`, then the layout's version: 1 |
//! | 8 | rows; nodes (rows without the copies); m; efConstruction |
//! | 24 | levels above 0; groups of equal rows; rows that are copies; nodes that got an edge after building |
//! | 64 | nodes of level 1, 2, … 16; 0 for a level that does not exist |
//! | 128 | the recall table: 12 × ef; 12 × compared rows; 3 × 12 × f32, recall@k for k of 10, 50, 100 |
//! | 512 | `[upper]` the rows of the nodes of level 1 and above, highest level first: a node's index here is its number |
//! | … | for level 1, 2, …: `[nodes of the level][width]` numbers, 2m wide on level 1, m above |
//! | 64 · n | level 0: `[rows][width]` rows; the width is 2m rounded up to a multiple of 16 |
//! | … | `[groups]` the first row of each group of equal rows, ascending; `[groups]` the end of its copies; `[copies]` rows |
//!
//! A list ends at its width or at the first [`NONE`]. The list of a copy is empty: it is found through the first row of its group.

use super::super::stored::{Stored, damaged};
use crate::error::Result;

/// The padding of lists.
pub const NONE: u32 = u32::MAX;
/// The length of the header in bytes.
pub const HEADER: usize = 512;
/// The most levels above 0.
pub const LEVELS: usize = 16;
/// The limit of rows in a graph, exclusive: searches use the highest bit of a row's number as a mark.
pub const ROWS: usize = 1 << 31;
const MAGIC: [u8; 4] = *b"NGHG";
const VERSION: u32 = 1;
/// The offset of the numbers of nodes of each level.
const COUNTS_AT: usize = 64;
/// The offset of the recall table.
const TABLE_AT: usize = 128;
/// The number of `ef` values in the recall table.
pub const EFS: usize = 12;
/// The values of k in the recall table.
pub const KS: [usize; 3] = [10, 50, 100];

/// The recall that was measured when the graph was built.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RecallTable {
    /// The measured values of `ef`, ascending.
    pub ef: [u32; EFS],
    /// The rows that a search compared, on average.
    pub compared: [u32; EFS],
    /// Recall@k for each of [`KS`].
    pub recall: [[f32; EFS]; KS.len()],
}

/// The content of the header.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    pub rows: usize,
    pub nodes: usize,
    pub m: usize,
    pub ef_construction: usize,
    /// The number of nodes of level 1, 2, …
    pub levels: Vec<usize>,
    pub groups: usize,
    pub copies: usize,
    pub repaired: usize,
    pub table: RecallTable,
}

impl Layout {
    /// Returns the number of nodes of level 1 and above.
    pub fn upper(&self) -> usize {
        self.levels.first().copied().unwrap_or(0)
    }

    /// Returns the length of a list of a level, in numbers.
    pub fn width(&self, level: usize) -> usize {
        match level {
            0 => (2 * self.m).next_multiple_of(16),
            1 => 2 * self.m,
            _ => self.m,
        }
    }

    /// Returns the offset of the rows of upper nodes.
    pub fn upper_at(&self) -> usize {
        HEADER
    }

    /// Returns the offset of a level's lists. Level 0 comes last.
    pub fn level_at(&self, level: usize) -> usize {
        let bytes_of = |levels: &[usize]| -> usize {
            levels.iter().enumerate().map(|(i, &nodes)| nodes * self.width(i + 1) * 4).sum()
        };
        let level_1 = HEADER + self.upper() * 4;
        match level.checked_sub(1) {
            Some(before) => level_1 + bytes_of(&self.levels[..before.min(self.levels.len())]),
            None => (level_1 + bytes_of(&self.levels)).next_multiple_of(64),
        }
    }

    /// Returns the offset of the groups of equal rows.
    pub fn groups_at(&self) -> usize {
        self.level_at(0) + self.rows * self.width(0) * 4
    }

    /// Returns the offset of the copies.
    pub fn copies_at(&self) -> usize {
        self.groups_at() + self.groups * 8
    }

    /// Returns the length of the whole section in bytes.
    pub fn len(&self) -> usize {
        self.copies_at() + self.copies * 4
    }

    /// Encodes the header.
    pub fn header(&self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        let mut put = |at: usize, number: u32| header[at..at + 4].copy_from_slice(&number.to_le_bytes());
        put(0, u32::from_le_bytes(MAGIC));
        put(4, VERSION);
        let (levels, groups, copies) = (self.levels.len(), self.groups, self.copies);
        let counts = [self.rows, self.nodes, self.m, self.ef_construction, levels, groups, copies, self.repaired];
        counts.iter().enumerate().for_each(|(i, &count)| put(8 + 4 * i, count as u32));
        self.levels.iter().enumerate().for_each(|(i, &nodes)| put(COUNTS_AT + 4 * i, nodes as u32));
        let recall = self.table.recall.iter().flatten().map(|recall| recall.to_bits());
        self.table
            .ef
            .into_iter()
            .chain(self.table.compared)
            .chain(recall)
            .enumerate()
            .for_each(|(i, bits)| put(TABLE_AT + 4 * i, bits));
        header
    }

    /// Reads the header of a section and checks that all counted parts exist.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`] if it is not a graph of this layout over `rows` rows.
    pub fn read(section: &(impl Stored + ?Sized), rows: usize) -> Result<Self> {
        let header = section.read(0..HEADER.min(section.len()))?;
        if header.len() < HEADER || header[..4] != MAGIC {
            return Err(damaged("a graph's section does not begin like one".to_owned()));
        }
        let bits = |at: usize| header[at..at + 4].iter().rev().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte));
        let number = |at: usize| bits(at) as usize;
        if bits(4) != VERSION {
            return Err(damaged(format!("a graph of version {}, not {VERSION}", bits(4))));
        }
        let mut layout = Self {
            rows: number(8),
            nodes: number(12),
            m: number(16),
            ef_construction: number(20),
            levels: Vec::new(),
            groups: number(28),
            copies: number(32),
            repaired: number(36),
            table: RecallTable::default(),
        };
        layout.levels = (0..number(24).min(LEVELS)).map(|i| number(COUNTS_AT + 4 * i)).collect();
        layout.table.ef = std::array::from_fn(|i| bits(TABLE_AT + 4 * i));
        layout.table.compared = std::array::from_fn(|i| bits(TABLE_AT + 4 * (EFS + i)));
        let recall = |k: usize, i: usize| f32::from_bits(bits(TABLE_AT + 4 * (EFS * (k + 2) + i)));
        layout.table.recall = std::array::from_fn(|k| std::array::from_fn(|i| recall(k, i)));
        // These limits are small enough that no offset overflows a u64. On 32-bit systems an offset may, but then `len` differs.
        let is_valid = layout.rows == rows
            && rows < ROWS
            && number(24) <= LEVELS
            && (4..=64).contains(&layout.m)
            && layout.nodes.checked_add(layout.copies) == Some(rows)
            && layout.groups <= layout.copies
            && layout.upper() <= layout.nodes
            && (layout.upper() > 0) == (rows > 0)
            && layout.levels.is_sorted_by(|a, b| a >= b && *b > 0)
            && layout.table.ef.is_sorted();
        if is_valid && layout.len() == section.len() {
            return Ok(layout);
        }
        Err(damaged(format!("a graph's header does not fit its {} bytes over {rows} rows", section.len())))
    }
}

/// Reads one number of an array of u32 that begins at a byte offset.
///
/// # Errors
/// If it cannot be read.
#[inline]
pub fn number(section: &(impl Stored + ?Sized), offset: usize, index: usize) -> Result<u32> {
    let start = offset + 4 * index;
    let bytes = section.read(start..start + 4)?;
    Ok(bytes.first_chunk().map_or(NONE, |&bytes| u32::from_le_bytes(bytes)))
}
