//! A temporary directory, readable only by this user. Removed when dropped: at the end, after an error, and after the first Ctrl-C,
//! which stops the work first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::interrupt;
use crate::output::Failure;
use crate::plan::Plan;

pub struct ScratchFolder {
    path: PathBuf,
}

impl ScratchFolder {
    /// Makes a directory; its name has `purpose`, the command that uses it.
    pub fn new(purpose: &str) -> Result<Self, Failure> {
        // Called before the directory exists: from here on, the first Ctrl-C only sets a flag.
        let _ = interrupt::cancel();
        let base = Plan::temporary();
        let mut attempt = 0u32;
        loop {
            let path = base.join(format!("nigh-{purpose}-{}-{attempt}", std::process::id()));
            match create(&path) {
                Ok(()) => return Ok(Self { path }),
                // Left over from another process with the same id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
                Err(error) => return Err(Failure::io("create the temporary directory", path.display())(error)),
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // The system cleans up what cannot be removed now.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
