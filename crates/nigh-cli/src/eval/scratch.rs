//! A temporary directory, for this user only, that goes away when it is dropped: at the end, after an error, and after the
//! first Ctrl-C, which lets the work end in order.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::interrupt;
use crate::output::Failure;
use crate::plan::Plan;

pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub fn new() -> Result<Self, Failure> {
        // Before there is anything to remove: from here on Ctrl-C only asks.
        let _ = interrupt::cancel();
        let base = Plan::temporary();
        let mut attempt = 0u32;
        loop {
            let path = base.join(format!("nigh-eval-{}-{attempt}", std::process::id()));
            match create(&path) {
                Ok(()) => return Ok(Self { path }),
                // Left over from a process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
                Err(error) => return Err(Failure::io("create the temporary directory", path.display())(error)),
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is the system's to clean up.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
