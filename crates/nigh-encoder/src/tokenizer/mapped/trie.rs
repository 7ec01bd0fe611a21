//! The pieces of a vocabulary as a trie in a double array. A lookup goes byte by byte from the root and reads one unit per
//! byte.
//!
//! A unit is a little-endian u64:
//!
//! | bits | content |
//! |---|---|
//! | 0–31 | id of the piece that ends here plus 1; 0: no piece ends here |
//! | 32–40 | the byte that led here plus 1; 0: no unit, or the root |
//! | 41–63 | base: the child over byte b is unit `base ^ b`; 0: no children |
//!
//! Unit 0 is the root. Units 1 to 255 are empty, so that nothing is found below a unit without children. No two units have the
//! same base, so that the byte alone shows whose child a unit is (Aoe 1989; the XOR and the check by label come from Yata's
//! darts-clone).

use super::NoAnswer;
use crate::packed::BlockView;

/// The number of bytes that are checked together when one of them is first read: four groups of 256 units.
pub(super) const CHECK_BLOCK_BYTES: u32 = 8192;

/// A node, from which a lookup continues. 0: there is no such node.
pub(super) type Node = u64;

/// Returns the id of the piece that ends at a node.
#[inline]
pub(super) fn piece(node: Node) -> Option<u32> {
    (node as u32).checked_sub(1)
}

/// A trie in a packed file.
#[derive(Clone, Copy)]
pub(super) struct Trie<'a>(pub(super) BlockView<'a>);

impl Trie<'_> {
    /// Returns the node at which every piece begins.
    pub(super) fn root(&self) -> Result<Node, NoAnswer> {
        self.unit(0)
    }

    /// Returns the child of `node` over `byte`, or 0.
    #[inline]
    pub(super) fn step(&self, node: Node, byte: u8) -> Result<Node, NoAnswer> {
        let unit = self.unit((node >> 41) as usize ^ usize::from(byte))?;
        Ok(if (unit >> 32) & 0x1ff == u64::from(byte) + 1 { unit } else { 0 })
    }

    /// Returns the id of the piece `text`.
    pub(super) fn find(&self, text: &[u8]) -> Result<Option<u32>, NoAnswer> {
        let mut node = self.root()?;
        for &byte in text {
            node = self.step(node, byte)?;
            if node == 0 {
                return Ok(None);
            }
        }
        Ok(piece(node))
    }

    #[inline]
    fn unit(&self, i: usize) -> Result<u64, NoAnswer> {
        self.0.array(8 * i).map(u64::from_le_bytes).ok_or(NoAnswer::File)
    }
}

/// Builds the units for pieces that are sorted, unique and not empty. `None` if they are too many for the format.
pub(super) fn build(pieces: &[(&[u8], u32)]) -> Option<Vec<u64>> {
    let mut builder = Builder { units: vec![0; 256], groups: vec![Group::FULL], open: Vec::new() };
    // Units to do: the unit, the range of the pieces below it, and its depth in bytes.
    let mut todo = vec![(0, 0..pieces.len(), 0)];
    while let Some((parent, range, depth)) = todo.pop() {
        let mut children = Vec::new();
        let mut start = range.start;
        while start < range.end {
            let byte = pieces[start].0[depth];
            let len = pieces[start..range.end].partition_point(|(text, _)| text[depth] == byte);
            children.push((byte, start..start + len));
            start += len;
        }
        if children.is_empty() {
            continue;
        }
        let base = builder.take_base(children.iter().map(|(byte, _)| *byte));
        if base >= 1 << 23 {
            return None;
        }
        builder.units[parent] |= (base as u64) << 41;
        for (byte, mut range) in children {
            let unit = base ^ usize::from(byte);
            builder.units[unit] |= (u64::from(byte) + 1) << 32;
            // The pieces are sorted, so the one that ends here is the first.
            if pieces[range.start].0.len() == depth + 1 {
                builder.units[unit] |= u64::from(pieces[range.start].1.checked_add(1)?);
                range.start += 1;
            }
            todo.push((unit, range, depth + 1));
        }
    }
    Some(builder.units)
}

/// Returns the node at which `text` ends, in units that [`build`] made; 0 if there is none.
pub(super) fn walk(units: &[u64], text: &[u8]) -> Node {
    let mut node = units[0];
    for &byte in text {
        let unit = units[(node >> 41) as usize ^ usize::from(byte)];
        node = if (unit >> 32) & 0x1ff == u64::from(byte) + 1 { unit } else { 0 };
    }
    node
}

/// A group of 256 units, as sets of bits: the units that are free, and the numbers that are not used as a base yet.
#[derive(Clone, Copy)]
struct Group {
    free: [u64; 4],
    bases: [u64; 4],
}

impl Group {
    const FULL: Self = Self { free: [0; 4], bases: [0; 4] };
    const EMPTY: Self = Self { free: [u64::MAX; 4], bases: [u64::MAX; 4] };
}

struct Builder {
    units: Vec<u64>,
    groups: Vec<Group>,
    /// The groups that are searched for free units, oldest first.
    open: Vec<usize>,
}

/// The most groups that are searched. More would leave fewer holes and take longer.
const MAX_OPEN_GROUPS: usize = 32;

impl Builder {
    /// Returns a base for children over `bytes`, and marks their units as used.
    fn take_base(&mut self, bytes: impl Iterator<Item = u8> + Clone) -> usize {
        // Finds a base in a group: a number that is not used as a base, and whose units for all bytes are free.
        let find_base = |group: &Group| {
            let mut possible = group.bases;
            for byte in bytes.clone() {
                let free = permute_by_xor(group.free, byte);
                possible.iter_mut().zip(free).for_each(|(possible, free)| *possible &= free);
            }
            (0..4).find(|&i| possible[i] != 0).map(|i| 64 * i + possible[i].trailing_zeros() as usize)
        };
        let found = self.open.iter().find_map(|&g| find_base(&self.groups[g]).map(|within| (g, within)));
        let (group, within) = found.unwrap_or_else(|| {
            self.groups.push(Group::EMPTY);
            self.units.resize(256 * self.groups.len(), 0);
            if self.open.len() == MAX_OPEN_GROUPS {
                self.open.remove(0);
            }
            self.open.push(self.groups.len() - 1);
            (self.groups.len() - 1, 0)
        });
        let taken = &mut self.groups[group];
        taken.bases[within / 64] &= !(1 << (within % 64));
        for byte in bytes {
            let unit = within ^ usize::from(byte);
            taken.free[unit / 64] &= !(1 << (unit % 64));
        }
        if taken.free == [0; 4] {
            self.open.retain(|&g| g != group);
        }
        256 * group + within
    }
}

/// Permutes 256 bits: bit i of the result is bit `i ^ by` of `bits`.
fn permute_by_xor(bits: [u64; 4], by: u8) -> [u64; 4] {
    const HALVES: [u64; 6] = [
        0x5555_5555_5555_5555,
        0x3333_3333_3333_3333,
        0x0f0f_0f0f_0f0f_0f0f,
        0x00ff_00ff_00ff_00ff,
        0x0000_ffff_0000_ffff,
        0x0000_0000_ffff_ffff,
    ];
    std::array::from_fn(|i| {
        let mut word = bits[i ^ usize::from(by >> 6)];
        for (bit, low) in HALVES.iter().enumerate() {
            if by >> bit & 1 == 1 {
                word = (word & low) << (1 << bit) | (word >> (1 << bit)) & low;
            }
        }
        word
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permute_by_xor_moves_every_bit() {
        let bits = [0x0123_4567_89ab_cdef, 0x5a5a_0ff0_1234_8001, 7, u64::MAX << 13];
        for by in 0..=255u8 {
            let out = permute_by_xor(bits, by);
            for i in 0..256usize {
                let from = i ^ usize::from(by);
                assert_eq!(out[i / 64] >> (i % 64) & 1, bits[from / 64] >> (from % 64) & 1, "{by} {i}");
            }
        }
    }

    #[test]
    fn walk_finds_every_piece_and_nothing_else() {
        let mut pieces: Vec<String> = (0..5000u32).map(|i| format!("{:x}", i.wrapping_mul(2_654_435_761))).collect();
        pieces.extend(["\0", "\0\0", "\u{10ffff}", "长", "长城"].map(str::to_owned));
        pieces.sort();
        pieces.dedup();
        let numbered: Vec<(&[u8], u32)> = pieces.iter().zip(0..).map(|(p, i)| (p.as_bytes(), i)).collect();
        let units = build(&numbered).unwrap();
        for (text, id) in &numbered {
            assert_eq!(piece(walk(&units, text)), Some(*id));
            for other in [[*text, b"g"].concat(), [*text, b"\0"].concat()] {
                let known = numbered.iter().any(|(piece, _)| *piece == other);
                assert_eq!(piece(walk(&units, &other)).is_some(), known, "{other:?}");
            }
        }
        assert_eq!((walk(&units, b"zz"), build(&[]).unwrap().len()), (0, 256));
    }
}
