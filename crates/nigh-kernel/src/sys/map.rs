//! Read-only memory maps.

use std::fs::File;
use std::io;
use std::ops::Deref;

use super::guard::{self, Guard};

/// A file mapped into memory, read-only.
///
/// nigh maps only files that are never written in place: they are installed by rename and then left alone. If another program
/// truncates a mapped file, or its disk fails, the missing part reads as zeros, and the process survives. So bytes that were read
/// are valid only if [`FileMap::is_intact`] returns true **afterwards**.
#[derive(Debug)]
pub struct FileMap {
    /// This field is before `map`, since fields are dropped in order, and the guard must be dropped before the region is
    /// unmapped.
    guard: Guard,
    map: memmap2::Mmap,
    /// The index and the value of the last byte in the last page that is not 0.
    last: Option<(usize, u8)>,
}

impl FileMap {
    /// Maps a whole open file.
    ///
    /// # Errors
    /// The system's error, if the file cannot be mapped.
    pub fn of(file: &File) -> io::Result<Self> {
        // SAFETY: the obligation of a map is that no program truncates or rewrites the file while it is mapped. nigh itself
        // never does (see the type's documentation). If another program does, or the disk fails, the guard keeps the process
        // alive, and `is_intact` returns false. The bytes may change then: code that relies on their content (as text, for
        // example) copies them first.
        let map = unsafe { memmap2::Mmap::map(file)? };
        let guard = Guard::new(map.as_ptr(), map.len());
        let page = map.len().saturating_sub(1) / guard::page() * guard::page();
        let last = map[page..].iter().rposition(|&byte| byte != 0).map(|at| (page + at, map[page + at]));
        Ok(Self { guard, map, last })
    }

    /// True if every byte read so far came from the file: the file was not truncated, and its disk could be read. Takes some
    /// nanoseconds.
    pub fn is_intact(&self) -> bool {
        // A truncation within a page raises no signal: the rest of that page reads as zeros. But every truncation removes the
        // end. So the last page is missing, or its last byte that was not 0 now reads as 0. If the page had only zeros, nothing
        // changed.
        let (index, byte) = self.last.unwrap_or((self.map.len().saturating_sub(1), 0));
        if let Some(now) = self.map.get(index..=index)
            // SAFETY: it points to a byte of the map. Read as volatile, since it must be read again.
            && unsafe { now.as_ptr().read_volatile() } != byte
        {
            self.guard.damage();
        }
        !self.guard.is_damaged()
    }

    /// Releases the memory that pages of the file take in this process. They are read from the file again when they are next
    /// touched. Does nothing if the system has no such call.
    pub fn release(&self) {
        #[cfg(unix)]
        // SAFETY: the advice may lose what was written to a map's own pages. This map is read-only and of a file, so dropped
        // pages are read again from the file; slices stay valid.
        let _ = unsafe { self.map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
    }
}

impl Deref for FileMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}
