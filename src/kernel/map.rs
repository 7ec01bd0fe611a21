//! Read-only memory maps.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// A file mapped into memory, read-only.
///
/// nigh maps only files that are never written in place: model files are installed by rename and then left alone.
#[derive(Debug)]
pub struct FileMap(memmap2::Mmap);

impl FileMap {
    /// Maps the whole file.
    ///
    /// # Errors
    /// What the system says when it cannot be opened or mapped (an empty file cannot).
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the obligation of a map is that nobody truncates or rewrites the file while it is mapped. nigh itself
        // never does (see the type's documentation); for a file that another program overwrites in place no program
        // that maps files can promise more.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Self(map))
    }
}

impl Deref for FileMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
