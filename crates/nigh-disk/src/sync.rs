//! Makes names durable: a new or renamed file survives a power loss only after its directory was synced.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes the names in a directory durable. Only Unix opens directories as files; elsewhere a rename is as durable as the system
/// makes it.
///
/// # Errors
/// The system's error.
pub fn sync_names(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory).and_then(|file| file.sync_all()) } else { Ok(()) }
}
