//! The files that a merge writes.

use std::io::Write;
use std::path::Path;

use tantivy::directory::error::OpenReadError;
use tantivy::directory::{Directory, TerminatingWrite};

use crate::error::Error;
use crate::lexical::guard::damaged;
use crate::lexical::scratch::Scratch;

fn fill(scratch: &Scratch, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut writer = scratch.open_write(Path::new(name)).unwrap();
    bytes.chunks(7919).try_for_each(|piece| writer.write_all(piece))?;
    writer.terminate()
}

#[test]
fn scratch_files_read_back_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::new(folder.path());
    let large: Vec<u8> = (0..3_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, bytes) in [("large", &large[..]), ("small", &large[..1000]), ("empty", &[])] {
        fill(&scratch, name, bytes).unwrap();
        let file = scratch.open_read(Path::new(name)).unwrap();
        assert_eq!(file.read_bytes().unwrap().as_slice(), bytes);
        let middle = bytes.len() / 3..bytes.len() / 2;
        assert_eq!(file.read_bytes_slice(middle.clone()).unwrap().as_slice(), &bytes[middle]);
        assert!(scratch.exists(Path::new(name)).unwrap() && scratch.open_write(Path::new(name)).is_err());
    }
    for bytes in [b"one", b"two"] {
        scratch.atomic_write(Path::new("meta"), bytes).unwrap();
        assert_eq!(scratch.atomic_read(Path::new("meta")).unwrap(), bytes);
    }
    scratch.delete(Path::new("large")).unwrap();
    assert!(matches!(scratch.open_read(Path::new("large")), Err(OpenReadError::FileDoesNotExist(_))));
    drop(scratch);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// If a large file cannot be written, the error says so instead of damage.
#[test]
fn scratch_folder_without_write_access_is_an_io_error() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let scratch = Scratch::new(&gone);
    fill(&scratch, "small", &[1; 1000]).unwrap();
    assert!(fill(&scratch, "large", &[1; 3_000_000]).is_err());
    let told = scratch.explain::<()>(Err(damaged("as tantivy says it"))).unwrap_err();
    assert!(matches!(&told, Error::Io { path, .. } if *path == gone), "{told}");
    let other = scratch.explain::<()>(Err(damaged("truly"))).unwrap_err();
    assert!(matches!(other, Error::IndexDamaged { .. }));
}
