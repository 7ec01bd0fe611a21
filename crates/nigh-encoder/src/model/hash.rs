//! Computes SHA-256 in the form of the catalogue: 64 lower-case hexadecimal digits.

use std::io::{self, Write};

use nigh_text::hex;
use sha2::{Digest, Sha256};

/// The number of bytes that are read, hashed and written at a time.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;

/// A writer that hashes and counts the bytes written through it.
pub(super) struct Hashing<W> {
    inner: W,
    state: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    /// Starts a new hash.
    pub(super) fn new(inner: W) -> Self {
        Self { inner, state: Sha256::new(), bytes: 0 }
    }

    /// Hashes bytes that `inner` contains already.
    #[cfg(feature = "fetch")]
    pub(super) fn resume(&mut self, written_before: &[u8]) {
        self.state.update(written_before);
        self.bytes += written_before.len() as u64;
    }

    /// Returns the number of bytes hashed so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the inner writer and the hash.
    pub(super) fn finish(self) -> (W, String) {
        (self.inner, hex::encode(&self.state.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.state.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Returns the hash and the size of a file.
///
/// # Errors
/// [`Error::Io`] when it cannot be read.
#[cfg(feature = "fetch")]
pub(super) fn hash_file(path: &std::path::Path) -> crate::error::Result<(String, u64)> {
    use crate::error::Error;
    use std::io::Read;

    let mut file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    let mut hashing = Hashing::new(io::sink());
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk).map_err(Error::io("read", path))? {
            0 => break,
            n => hashing.write_all(&chunk[..n]).map_err(Error::io("hash", path))?,
        }
    }
    let bytes = hashing.bytes();
    Ok((hashing.finish().1, bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn hashing_gives_the_hash_of_the_standard() {
        let mut hashing = Hashing::new(Vec::new());
        hashing.write_all(b"abc").unwrap();
        assert_eq!(hashing.bytes(), 3);
        assert_eq!(hashing.finish(), (b"abc".to_vec(), ABC.to_owned()));
    }

    #[cfg(feature = "fetch")]
    #[test]
    fn hash_file_gives_the_hash_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(hash_file(&path).unwrap(), (ABC.to_owned(), 3));
        assert!(matches!(hash_file(&folder.path().join("none")), Err(crate::Error::Io { .. })));
    }

    #[cfg(feature = "fetch")]
    #[test]
    fn resume_continues_a_hash() {
        let mut hashing = Hashing::new(Vec::new());
        hashing.resume(b"ab");
        hashing.write_all(b"c").unwrap();
        assert_eq!(hashing.finish(), (b"c".to_vec(), ABC.to_owned()));
    }
}
