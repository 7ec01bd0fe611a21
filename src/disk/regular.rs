//! Files outside a collection that nobody vouches for: read only where they are regular files of bounded size.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::dir::Dir;
use super::system;

const NOT_REGULAR: &str = "it is no regular file";

/// Opens a file where it is a regular one. A link at the end of the path is not followed, nothing that could hang or give bytes without end is
/// opened. A link among the folders above it is followed.
///
/// # Errors
/// What the system says; [`ErrorKind::InvalidInput`] for what is no regular file, with the kind of thing it is.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let name = path.file_name().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "it is a directory"))?;
    Dir::plain(path.parent().unwrap_or(Path::new("")))?.file(name)
}

/// Opens a file where it is a regular one, also where links lead to it: for files of a model, which lie in Hugging Face's cache as links
/// to blobs. Nothing that could hang or give bytes without end is opened. Whoever owns it.
///
/// # Errors
/// As [`open_regular`].
pub(crate) fn open_followed(path: &Path) -> io::Result<File> {
    let path = path.canonicalize()?;
    let regular = |is: bool| if is { Ok(()) } else { Err(io::Error::new(ErrorKind::InvalidInput, NOT_REGULAR)) };
    // Before it is opened, since opening alone does something to some devices, and after, since it may be another by then.
    regular(std::fs::symlink_metadata(&path)?.is_file())?;
    let file = system::open_path(&path)?;
    regular(file.metadata()?.is_file())?;
    Ok(file)
}

/// Reads a whole file of at most `limit` bytes; none where there is none. As [`open_followed`].
///
/// # Errors
/// As [`open_followed`]; [`ErrorKind::FileTooLarge`].
pub(crate) fn read_followed(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match open_followed(path) {
        Ok(file) => bounded(file, limit).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a whole file of at most `limit` bytes; none where there is none. As [`open_regular`].
///
/// # Errors
/// As [`open_regular`]; [`ErrorKind::FileTooLarge`].
pub(crate) fn read_regular(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match open_regular(path) {
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
