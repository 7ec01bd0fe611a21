//! Small files that an application keeps in a collection's directory, such as the program's settings. They are read and
//! written as safely as the collection's own files.

use std::io::ErrorKind;
use std::path::Path;

use super::handle::Collection;
use crate::disk::Dir;
use crate::error::{Error, Result};

/// The most bytes of such a file.
const MAX_BYTES: u64 = 1 << 20;

/// File names that nigh uses itself.
const OWN_NAMES: [&str; 6] = [".gitignore", "folders.json", "head", "lock", "published", "records"];

impl Collection {
    /// Reads a text file that the application keeps in a collection's directory. Returns `None` if there is no such file.
    /// It may have at most 1 MiB and must not be a symbolic link. Before you use settings from it, check
    /// [`Collection::is_trusted`](Self::is_trusted) or [`Trust::covers`](super::Trust::covers).
    ///
    /// # Errors
    /// [`Error::Io`] for something that is not a regular file, is too large or is not UTF-8; [`Error::InvalidInput`] for an
    /// invalid name.
    pub fn read_beside(collection: impl AsRef<Path>, name: &str) -> Result<Option<String>> {
        let path = checked_path(collection.as_ref(), name)?;
        let bytes = match Dir::open(collection.as_ref()).and_then(|directory| directory.read(name, MAX_BYTES)) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            bytes => bytes.map_err(Error::io("read", &path))?,
        };
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| Error::io("read", &path)(std::io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text")))
    }

    /// Writes a text file of the application into a collection's directory, durably. Replaces a file of the same name.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::InvalidInput`] for an invalid name.
    pub fn write_beside(collection: impl AsRef<Path>, name: &str, text: &str) -> Result<()> {
        let path = checked_path(collection.as_ref(), name)?;
        let write = || Dir::open(collection.as_ref())?.replace(name, text.as_bytes());
        write().map_err(Error::io("write", path))
    }
}

fn checked_path(collection: &Path, name: &str) -> Result<std::path::PathBuf> {
    if name.is_empty() || name.contains(['/', '\\']) || OWN_NAMES.contains(&name) {
        let problem = format!("{name:?} cannot be the name of an application's file in a collection; use another name");
        return Err(Error::InvalidInput { problem });
    }
    Ok(collection.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_and_own_names_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Collection::read_beside(folder.path(), "notes.toml").unwrap(), None);
        assert_eq!(Collection::read_beside(folder.path().join("no"), "notes.toml").unwrap(), None);
        Collection::write_beside(folder.path(), "notes.toml", "a = 1").unwrap();
        assert_eq!(Collection::read_beside(folder.path(), "notes.toml").unwrap().as_deref(), Some("a = 1"));
        for name in ["head", "records", "", "../x", "a/b"] {
            assert!(Collection::write_beside(folder.path(), name, "").is_err(), "{name}");
        }
        std::fs::write(folder.path().join("bytes"), b"\xff").unwrap();
        assert!(Collection::read_beside(folder.path(), "bytes").is_err());
    }
}
