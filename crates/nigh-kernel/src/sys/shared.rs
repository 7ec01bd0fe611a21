//! Bytes with several owners: a part of a mapped file, or of memory, at a fixed address.

use std::ops::{Deref, Range};
use std::sync::Arc;

use stable_deref_trait::StableDeref;

use super::map::FileMap;

/// A part of a file map or of a vector, with shared ownership. Cheap to clone.
#[derive(Clone)]
pub struct SharedBytes {
    owner: Owner,
    range: Range<usize>,
}

#[derive(Clone)]
enum Owner {
    Map(Arc<FileMap>),
    Memory(Arc<Vec<u8>>),
}

impl SharedBytes {
    /// Returns a part of a map; empty if the range is not inside the map.
    pub fn of_map(map: &Arc<FileMap>, range: Range<usize>) -> Self {
        let range = if range.start <= range.end && range.end <= map.len() { range } else { 0..0 };
        Self { owner: Owner::Map(Arc::clone(map)), range }
    }

    /// Returns a part of these bytes; empty if the range is not inside them.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let inside = range.start <= range.end && range.end <= self.range.len();
        let range = if inside { self.range.start + range.start..self.range.start + range.end } else { 0..0 };
        Self { owner: self.owner.clone(), range }
    }
}

impl From<Vec<u8>> for SharedBytes {
    fn from(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self { owner: Owner::Memory(Arc::new(bytes)), range }
    }
}

impl Deref for SharedBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.owner {
            Owner::Map(map) => &map[self.range.clone()],
            Owner::Memory(bytes) => &bytes[self.range.clone()],
        }
    }
}

// SAFETY: the obligation of StableDeref is that the bytes stay at their address while the owner lives, also when it is moved.
// Both owners are behind an `Arc`, which is moved without moving what it holds, and neither is ever changed: no mutable
// reference to the vector is ever given out, and a map is fixed until it is dropped.
unsafe impl StableDeref for SharedBytes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_bytes_keep_their_address() {
        let bytes = SharedBytes::from(vec![1, 2, 3, 4, 5]);
        let part = bytes.part(1..4);
        let at = part.as_ptr();
        drop(bytes);
        let moved = Box::new(part);
        assert_eq!((&moved[..], moved.as_ptr()), (&[2, 3, 4][..], at));
        assert_eq!(&moved.part(1..2)[..], [3]);
        assert!(moved.part(2..4).is_empty() && moved.part(4..9).is_empty());
    }
}
