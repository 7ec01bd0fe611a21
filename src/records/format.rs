//! The numbers of the record format. They are independent of the crate's version.

use std::path::Path;

use crate::error::{Error, Result};

/// The record format that this version writes: 3.
pub const FORMAT_CURRENT: u32 = 3;

/// The oldest record format that can be opened or migrated: 1.
pub const FORMAT_OLDEST: u32 = 1;

/// Refuses formats that are too new or too old.
///
/// # Errors
/// [`Error::FormatTooNew`], [`Error::FormatTooOld`].
pub(super) fn check(path: &Path, found: u32) -> Result<()> {
    let (path, oldest, newest) = (path.to_path_buf(), FORMAT_OLDEST, FORMAT_CURRENT);
    if found > newest {
        Err(Error::FormatTooNew { path, found, oldest, newest })
    } else if found < oldest {
        Err(Error::FormatTooOld { path, found, oldest, newest })
    } else {
        Ok(())
    }
}

/// Refuses formats that must be migrated first.
///
/// # Errors
/// The errors of [`check`]; [`Error::FormatOld`].
pub(super) fn check_current(path: &Path, found: u32) -> Result<()> {
    check(path, found)?;
    let newest = FORMAT_CURRENT;
    if found < newest { Err(Error::FormatOld { path: path.to_path_buf(), found, newest }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_check_accepts_known_formats_only() {
        let path = Path::new("c");
        assert!(check(path, FORMAT_CURRENT).is_ok() && check(path, FORMAT_OLDEST).is_ok());
        assert!(check_current(path, FORMAT_CURRENT).is_ok());
        assert!(matches!(check_current(path, FORMAT_OLDEST), Err(Error::FormatOld { found: 1, newest: 3, .. })));
        assert!(matches!(check(path, FORMAT_CURRENT + 1), Err(Error::FormatTooNew { found: 4, .. })));
        assert!(matches!(check(path, FORMAT_OLDEST - 1), Err(Error::FormatTooOld { found: 0, .. })));
    }
}
