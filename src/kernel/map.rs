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
        Self::of(&File::open(path)?)
    }

    /// Maps the whole of an open file.
    ///
    /// # Errors
    /// As [`FileMap::open`]; [`io::ErrorKind::UnexpectedEof`] for an empty file.
    pub fn of(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is empty"));
        }
        // SAFETY: the obligation of a map is that nobody truncates or rewrites the file while it is mapped. nigh itself
        // never does (see the type's documentation); for a file that another program overwrites in place no program
        // that maps files can promise more.
        let map = unsafe { memmap2::Mmap::map(file)? };
        Ok(Self(map))
    }

    /// Lets go of the memory that pages of the file take in this process; they are there again when they are next touched. Nothing
    /// is done where the system knows no such thing.
    pub fn release(&self) {
        #[cfg(unix)]
        // SAFETY: the advice may lose what was written to a map's own pages. This map is read-only and of a file, so what is dropped
        // comes back as the same bytes of the file; slices of it stay valid.
        let _ = unsafe { self.0.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
    }
}

impl Deref for FileMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
