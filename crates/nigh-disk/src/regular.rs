//! Files outside a collection that nobody vouches for: read only where they are regular files of bounded size, whoever owns them.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::dir::check_kind;
use super::system;

/// What to do where a link is at the end of a path. One among the folders above it is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// It is an error.
    Refuse,
    /// It leads to the file: the user asked for that, or the files are a model's, which lie in Hugging Face's cache as links to blobs.
    Follow,
}

/// Opens a file where it is a regular one: nothing that could hang, or give bytes without end.
///
/// # Errors
/// What the system says; [`ErrorKind::InvalidInput`] for what is no regular file, with the kind of thing it is.
pub fn open_regular(path: &Path, links: Links) -> io::Result<File> {
    let follow = links == Links::Follow;
    // Looked at before it is opened, since opening alone does something to some devices, and after, since it may be another by then.
    check_kind(system::facts_of_path(path, follow)?)?;
    let file = system::open_path(path, follow)?;
    check_kind(system::facts_of_file(&file)?)?;
    Ok(file)
}

/// Reads a whole file of at most `limit` bytes; none where there is none. As [`open_regular`].
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

/// All of a file, unless it has more bytes than the limit. One that grows while it is read is cut off, not followed.
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
