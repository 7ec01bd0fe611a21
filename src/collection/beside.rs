//! Small files that an application keeps in a collection's directory, such as the program's settings: read and written with the same
//! care as the collection's own.

use std::io::ErrorKind;
use std::path::Path;

use super::handle::Collection;
use crate::disk::Dir;
use crate::error::{Error, Result};

/// The most bytes of such a file.
const LIMIT: u64 = 1 << 20;

/// Names that nigh uses itself.
const OWN: [&str; 6] = [".gitignore", "folders.json", "head", "lock", "published", "records"];

impl Collection {
    /// Reads a text file of the application's own in a collection's directory, at most 1 MiB; none where there is none. A link is
    /// not followed. Whoever reads settings there should ask [`Collection::is_trusted`](Self::is_trusted) or
    /// [`Trust::covers`](super::Trust::covers) before obeying them.
    ///
    /// # Errors
    /// [`Error::Io`] for what is no regular file, too large or not UTF-8; [`Error::InvalidInput`] for a name that cannot be one.
    pub fn read_beside(collection: impl AsRef<Path>, name: &str) -> Result<Option<String>> {
        let path = checked(collection.as_ref(), name)?;
        let bytes = match Dir::open(collection.as_ref()).and_then(|directory| directory.read(name, LIMIT)) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            bytes => bytes.map_err(Error::io("read", &path))?,
        };
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| Error::io("read", &path)(std::io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text")))
    }

    /// Puts a file of the application's own into a collection's directory, in the place of the one before, durably.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::InvalidInput`] for a name that cannot be one.
    pub fn write_beside(collection: impl AsRef<Path>, name: &str, text: &str) -> Result<()> {
        let path = checked(collection.as_ref(), name)?;
        let write = || Dir::open(collection.as_ref())?.replace(name, text.as_bytes());
        write().map_err(Error::io("write", path))
    }
}

fn checked(collection: &Path, name: &str) -> Result<std::path::PathBuf> {
    if name.is_empty() || name.contains(['/', '\\']) || OWN.contains(&name) {
        let problem = format!("{name:?} cannot be the name of a file beside a collection; use another name");
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
