//! Names made durable: a file that was made or renamed is there after a power loss only once its directory is synced.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{Error, Result};

/// Makes the names in a directory durable.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn sync_directory(directory: &Path) -> Result<()> {
    sync_names(directory).map_err(Error::io("sync", directory))
}

/// As [`sync_directory`], with the system's own error. Only Unix opens directories as files; elsewhere a rename is as
/// durable as the system makes it.
///
/// # Errors
/// What the system says.
pub(crate) fn sync_names(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory).and_then(|file| file.sync_all()) } else { Ok(()) }
}
