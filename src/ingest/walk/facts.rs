//! A file's times, inode and hidden flag.

use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

use walkdir::DirEntry;

/// Returns nanoseconds since 1970, negative before.
pub(super) fn nanoseconds(time: SystemTime) -> i64 {
    let (nanos, sign) = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (after.as_nanos(), 1),
        Err(before) => (before.duration().as_nanos(), -1),
    };
    i64::try_from(nanos).unwrap_or(i64::MAX) * sign
}

/// Returns a file's time of change (ctime, nanoseconds since 1970), and its inode.
#[cfg(unix)]
pub(super) fn change(metadata: &Metadata) -> (i64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()), metadata.ino())
}

/// Returns zeros: not available on this system.
#[cfg(not(unix))]
pub(super) fn change(_metadata: &Metadata) -> (i64, u64) {
    (0, 0)
}

/// True if a file is hidden, by its name or its attributes.
pub(super) fn is_hidden(entry: &DirEntry) -> bool {
    #[cfg(windows)]
    {
        use std::os::windows::fs::MetadataExt;
        const HIDDEN: u32 = 0x2;
        if entry.metadata().is_ok_and(|metadata| metadata.file_attributes() & HIDDEN != 0) {
            return true;
        }
    }
    entry.file_name().as_encoded_bytes().starts_with(b".")
}
