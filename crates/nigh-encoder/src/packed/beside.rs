//! Temporary files, which are renamed once they are complete. Also removes temporary files that killed processes left.
//!
//! The writer holds a lock on its file. The system releases the lock when the process ends, however it ends. So a file that can
//! be locked has no writer any more, even if its writer was in another container.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use nigh_disk::{Links, open_regular, sync_names};

/// The most numbers that are tried for the name of a temporary file.
const MAX_TRIES: usize = 1000;

/// A file that is being written, in the directory of its final name. Removed if dropped before it is renamed.
pub(super) struct Temporary {
    path: PathBuf,
    renamed: bool,
    /// A second handle that holds the lock, as the file itself is closed before it is renamed.
    _lock: Option<File>,
}

impl Temporary {
    /// Creates the file, and removes leftovers of other processes.
    pub(super) fn create(destination: &Path) -> io::Result<(File, Self)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let invalid = || {
            let what = format!("{} is not the path of a file", destination.display());
            io::Error::new(ErrorKind::InvalidInput, what)
        };
        let name = destination.file_name().ok_or_else(invalid)?.to_string_lossy();
        sweep(parent(destination));
        for _ in 0..MAX_TRIES {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = destination.with_file_name(format!("{name}.{}-{number}.part", std::process::id()));
            match File::create_new(&path) {
                Ok(file) => {
                    // If the system cannot lock files, no other process can lock this file either, so no process takes it for a
                    // leftover.
                    let lock = file.try_clone().ok().filter(|file| file.lock().is_ok());
                    // Another process may have removed the file after it was created and before it was locked.
                    if path.try_exists()? {
                        return Ok((file, Self { path, renamed: false, _lock: lock }));
                    }
                }
                // A process with the same id left this name, or a process in another container uses it.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Renames the file to its final name, durably.
    pub(super) fn rename(mut self, destination: &Path) -> io::Result<()> {
        fs::rename(&self.path, destination)?;
        self.renamed = true;
        sync_names(parent(destination))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // The caller gets the first error, not an error of this removal.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes leftovers of processes that have ended. Errors are ignored.
fn sweep(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| is_part(name)) else { continue };
        let path = directory.join(name);
        // The lock is held until the file is removed: a process about to write the file waits, and then finds it removed.
        let Ok(file) = open_regular(&path, Links::Refuse) else { continue };
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(&path);
        }
    }
}

/// True for a name that [`Temporary`] gives, `nigh-NAME.PID-NUMBER.part`, and for a name that older versions gave to a file of
/// hashes, `nigh-hashes.json.PID`.
fn is_part(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = name.strip_suffix(".part").and_then(|name| name.rsplit_once('.')).map(|(_, numbers)| numbers);
    let has_numbers = numbers
        .and_then(|numbers| numbers.split_once('-'))
        .is_some_and(|(process, number)| is_number(process) && is_number(number));
    name.starts_with("nigh-") && has_numbers || name.strip_prefix("nigh-hashes.json.").is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use std::io::Write;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn is_part_accepts_only_names_that_nigh_gives() {
        for ours in ["nigh-int8.packed.17-0.part", "nigh-a.b.c.1-22.part", "nigh-hashes.json.44"] {
            assert!(is_part(ours), "{ours}");
        }
        for other in [
            "nigh-int8.packed",
            "nigh-int8.packed.17.part",
            "nigh-int8.packed.17-.part",
            "nigh-int8.packed.-1.part",
            "nigh-int8.packed.a-1.part",
            "int8.packed.17-0.part",
            "model.safetensors.17-0.part",
            "nigh-hashes.json",
            "nigh-hashes.json.",
            "nigh-hashes.json.x1",
            ".part",
        ] {
            assert!(!is_part(other), "{other}");
        }
    }

    #[test]
    fn sweep_removes_only_files_without_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path();
        for left in
            ["nigh-int8.packed.17-0.part", "nigh-tokenizer.packed.18-3.part", "nigh-hashes.json.19", "notes.part"]
        {
            fs::write(directory.join(left), "half").unwrap();
        }
        let (mut file, living) = Temporary::create(&directory.join("nigh-int8.packed")).unwrap();
        let name = living.path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(names(directory), [name.as_str(), "notes.part"]);
        file.write_all(b"whole").unwrap();
        // The lock must still hold after the file is closed, which happens before the rename.
        drop(file);
        sweep(directory);
        let (_, second) = Temporary::create(&directory.join("nigh-int8.packed")).unwrap();
        assert!(names(directory).contains(&name));
        drop(second);
        living.rename(&directory.join("nigh-int8.packed")).unwrap();
        assert_eq!(names(directory), ["nigh-int8.packed", "notes.part"]);
        assert_eq!(fs::read(directory.join("nigh-int8.packed")).unwrap(), b"whole");
    }

    #[test]
    #[cfg(unix)]
    fn sweep_leaves_everything_but_regular_files_alone() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        fs::write(&kept, "kept").unwrap();
        std::os::unix::fs::symlink(&kept, folder.path().join("nigh-a.packed.1-1.part")).unwrap();
        fs::create_dir(folder.path().join("nigh-a.packed.1-2.part")).unwrap();
        assert!(Command::new("mkfifo").arg(folder.path().join("nigh-a.packed.1-3.part")).status().unwrap().success());
        sweep(folder.path());
        assert_eq!(names(folder.path()).len(), 4);
        assert_eq!(fs::read(&kept).unwrap(), b"kept");
    }

    /// The environment variable with the directory in which a child process writes.
    const CHILD: &str = "NIGH_TEST_BESIDE_CHILD";

    /// Runs only in a child process: begins a file, and is killed.
    #[test]
    fn child() {
        let Some(directory) = std::env::var_os(CHILD) else { return };
        let (mut file, _temporary) = Temporary::create(&Path::new(&directory).join("nigh-int8.packed")).unwrap();
        file.write_all(b"half").unwrap();
        std::thread::sleep(Duration::from_secs(60));
    }

    #[test]
    fn sweep_removes_the_file_of_another_process_only_after_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["packed::beside::tests::child", "--exact", "--test-threads=1"])
            .env(CHILD, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        let written = || {
            let names = names(folder.path());
            names.iter().any(|name| fs::read(folder.path().join(name)).is_ok_and(|bytes| bytes == b"half"))
        };
        while !written() {
            assert!(started.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(5));
        }
        sweep(folder.path());
        assert!(written(), "the process that writes it is still running");
        child.kill().unwrap();
        child.wait().unwrap();
        sweep(folder.path());
        assert!(names(folder.path()).is_empty());
    }
}
