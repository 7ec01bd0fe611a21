//! Reads untrusted files outside a collection, but only regular files of limited size. Any user may own them.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::dir::check_kind;
use super::system;

/// The handling of a link in the last part of a path. Links in the folders above it are always followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Return an error.
    Refuse,
    /// Follow the link: the user asked for that, or the files are those of a model, which Hugging Face's cache stores as links to blobs.
    Follow,
}

/// Opens a regular file. Refuses everything else, such as devices, which could block or deliver bytes without end.
///
/// # Errors
/// The system's error; [`ErrorKind::InvalidInput`] if it is not a regular file, with its kind.
pub fn open_regular(path: &Path, links: Links) -> io::Result<File> {
    let follow = links == Links::Follow;
    // Check the file before it is opened, since just opening some devices has effects; and after, since it may be another file by
    // then.
    check_kind(system::facts_of_path(path, follow)?)?;
    let file = system::open_path(path, follow)?;
    check_kind(system::facts_of_file(&file)?)?;
    Ok(file)
}

/// Reads a whole file of at most `limit` bytes; `None` if it does not exist. Opens it like [`open_regular`].
///
/// # Errors
/// The errors of [`open_regular`]; [`ErrorKind::FileTooLarge`].
pub fn read_regular(path: &Path, links: Links, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match open_regular(path, links) {
        Ok(file) => read_limited(file, limit).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a file of at most `limit` bytes. The limit also holds if the file grows while it is read.
pub(super) fn read_limited(mut file: File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    let too_large = || io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"));
    if size > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}
