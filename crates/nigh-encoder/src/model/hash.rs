//! SHA-256 as the catalogue pins it: 64 lower-case hexadecimal digits.

use std::io::{self, Write};

use nigh_text::hex;
use sha2::{Digest, Sha256};

/// How much is read, hashed and written at a time, in bytes.
pub(super) const CHUNK: usize = 256 * 1024;

/// Hashes and counts what is written through it.
pub(super) struct Hashing<W> {
    inner: W,
    state: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    /// Starts with nothing hashed.
    pub(super) fn new(inner: W) -> Self {
        Self { inner, state: Sha256::new(), bytes: 0 }
    }

    /// Takes bytes into the hash that are in `inner` already.
    #[cfg(feature = "fetch")]
    pub(super) fn resume(&mut self, written_before: &[u8]) {
        self.state.update(written_before);
        self.bytes += written_before.len() as u64;
    }

    /// How many bytes are hashed so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The inner writer and the hash.
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

/// Hash and size of a file, read once from its beginning.
///
/// # Errors
/// [`Error::Io`] when it cannot be read.
#[cfg(feature = "fetch")]
pub(super) fn of_file(path: &std::path::Path) -> crate::error::Result<(String, u64)> {
    use crate::error::Error;
    use std::io::Read;

    let mut file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    let mut hashing = Hashing::new(io::sink());
    let mut chunk = vec![0; CHUNK];
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
    fn hashes_as_the_standard_says() {
        let mut hashing = Hashing::new(Vec::new());
        hashing.write_all(b"abc").unwrap();
        assert_eq!(hashing.bytes(), 3);
        assert_eq!(hashing.finish(), (b"abc".to_vec(), ABC.to_owned()));
    }

    #[cfg(feature = "fetch")]
    #[test]
    fn a_file_and_its_bytes_hash_alike() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(of_file(&path).unwrap(), (ABC.to_owned(), 3));
        assert!(matches!(of_file(&folder.path().join("none")), Err(crate::Error::Io { .. })));
    }

    #[cfg(feature = "fetch")]
    #[test]
    fn a_hash_goes_on_where_it_stopped() {
        let mut hashing = Hashing::new(Vec::new());
        hashing.resume(b"ab");
        hashing.write_all(b"c").unwrap();
        assert_eq!(hashing.finish(), (b"c".to_vec(), ABC.to_owned()));
    }
}
