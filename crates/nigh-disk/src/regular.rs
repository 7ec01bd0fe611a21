//! Untrusted files outside a collection: read only if they are regular files of bounded size, whoever owns them.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::dir::check_kind;
use super::system;

/// What to do if the last part of a path is a link. Links among the folders above it are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Return an error.
    Refuse,
    /// Follow it: the user asked for that, or the files are a model's, which Hugging Face's cache stores as links to blobs.
    Follow,
}

/// Opens a regular file: nothing that could block, or give bytes without end.
///
/// # Errors
/// The system's error; [`ErrorKind::InvalidInput`] if it is not a regular file, with its kind.
pub fn open_regular(path: &Path, links: Links) -> io::Result<File> {
    let follow = links == Links::Follow;
    // Checked before it is opened, since opening alone affects some devices, and after, since it may be another file by then.
    check_kind(system::facts_of_path(path, follow)?)?;
    let file = system::open_path(path, follow)?;
    check_kind(system::facts_of_file(&file)?)?;
    Ok(file)
}

/// Reads a whole file of at most `limit` bytes; `None` if it does not exist. As [`open_regular`].
///
/// # Errors
/// As [`open_regular`]; [`ErrorKind::FileTooLarge`].
pub fn read_regular(path: &Path, links: Links, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match open_regular(path, links) {
        Ok(file) => bounded(file, limit).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// All bytes of a file, unless they are more than `limit`, also if the file grows while it is read.
pub(super) fn bounded(mut file: File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    let too_large = || io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"));
    if size > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}
