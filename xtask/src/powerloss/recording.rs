//! The recorded writes of one run, kept in a folder: all shards and all later replays see the same.

use super::disk::{Disk, Image};
use super::log::{self, DiskOp};
use crate::rig::answers;
use crate::rig::corpus::CorpusDocuments;
use crate::rig::place;
use crate::rig::stage::{Stage, StageStep};
use crate::rig::tracer::TracerOptions;
use crate::run::{Result, TaskFailure};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) ops: Vec<DiskOp>,
    bytes: Vec<u8>,
    /// The disk before the first operation.
    first: Disk,
    /// Operation numbers, each with the documents that are acknowledged from there on.
    pub(crate) acknowledged: Vec<(usize, CorpusDocuments)>,
}

impl Recording {
    /// Records the stage's run into a folder.
    ///
    /// # Errors
    /// If the run fails, or a file cannot be written.
    pub(crate) fn make(stage: &Stage, tracer: &Path, folder: &Path) -> Result {
        place::remove_if_exists(folder)?;
        fs::create_dir_all(folder).map_err(TaskFailure::io("make", folder))?;
        stage.restore()?;
        place::copy(&stage.collection, &folder.join("base"))?;
        let mut numbers = String::new();
        for name in place::relative_paths(&stage.collection) {
            let path = stage.collection.join(&name);
            let status = fs::symlink_metadata(&path).map_err(TaskFailure::io("read", &path))?;
            numbers.push_str(&format!("{}\t{name}\n", status.ino()));
        }
        let log = folder.join("log");
        let trace = TracerOptions {
            tracer,
            // This folder contains the name of the collection itself.
            scopes: vec![stage.folder.clone()],
            except: None,
            log: log.clone(),
            injection: None,
            calls: "",
            record: Some(folder.join("bytes")),
        };
        let StageStep { words, input, .. } = &stage.command;
        let ran = stage.program.run(words, input.as_deref(), Some(&trace))?;
        if !ran.succeeded() {
            return Err(TaskFailure::new(format!(
                "{}: the recorded run ended with {:?}: {}",
                stage.run.name(),
                ran.end,
                ran.words()
            )));
        }
        // The folder of this run is temporary, so names are stored relative to the documents' folder.
        let text = fs::read_to_string(&log).map_err(TaskFailure::io("read", &log))?;
        let text = text.replace(&format!("\t{}", stage.folder.display()), "\t");
        fs::write(&log, text).map_err(TaskFailure::io("write", &log))?;
        // Written last: a recording with this file is complete.
        let path = folder.join("numbers");
        fs::write(&path, numbers).map_err(TaskFailure::io("write", &path))
    }

    /// Returns true if a folder has a complete recording.
    pub(crate) fn exists(folder: &Path) -> bool {
        folder.join("numbers").exists()
    }

    /// Reads a recording, and replays it on the stage to find out which documents are acknowledged when.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read(folder: &Path, stage: &Stage) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(TaskFailure::io("read", &path))
        };
        let text = |name: &str| Ok::<_, TaskFailure>(String::from_utf8_lossy(&read(name)?).into_owned());
        let ops = log::parse(&text("log")?, Path::new(""))?;
        let base = folder.join("base");
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        if base.exists() {
            folders.push(".nigh".to_owned());
        }
        for line in text("numbers")?.lines() {
            let Some((number, name)) = line.split_once('\t') else { continue };
            let path = base.join(name);
            if path.is_dir() {
                folders.push(format!(".nigh/{name}"));
            } else {
                let content = fs::read(&path).map_err(TaskFailure::io("read", &path))?;
                files.push((format!(".nigh/{name}"), number.parse().unwrap_or(0), content));
            }
        }
        let first = Disk::new(folders, files);
        let mut recording = Self { ops, bytes: read("bytes")?, first, acknowledged: Vec::new() };
        recording.acknowledge(stage)?;
        Ok(recording)
    }

    /// Returns the disk after the first `after` operations.
    pub(crate) fn disk(&self, after: usize) -> Disk {
        let mut disk = self.first.clone();
        self.ops.iter().take(after).for_each(|op| disk.apply(op, &self.bytes));
        disk
    }

    /// Calls `look` with the disk after each operation.
    pub(crate) fn each(&self, mut look: impl FnMut(usize, &Disk)) {
        let mut disk = self.first.clone();
        look(0, &disk);
        for (at, op) in self.ops.iter().enumerate() {
            disk.apply(op, &self.bytes);
            if op.may_change_disk() {
                look(at + 1, &disk);
            }
        }
    }

    /// Returns the documents that are acknowledged after the first `after` operations.
    pub(crate) fn acknowledged(&self, after: usize) -> Option<&CorpusDocuments> {
        self.acknowledged.iter().rev().find(|(from, _)| *from <= after).map(|(_, documents)| documents)
    }

    fn acknowledge(&mut self, stage: &Stage) -> Result {
        let mut moments = commit_points(&self.ops);
        moments.insert(0, 0);
        for moment in moments {
            write_image(&self.disk(moment).visible(), &stage.folder)?;
            let collection = stage.collection.to_string_lossy();
            let export = stage.step(&StageStep::new(["export", "--collection", &collection]))?;
            if let (true, Ok(documents)) = (export.succeeded(), answers::documents(&export.out)) {
                self.acknowledged.push((moment, documents));
            }
        }
        Ok(())
    }
}

/// Returns the operations after which a commit is acknowledged: the head or the manifest is renamed into place, and its folder synced.
fn commit_points(ops: &[DiskOp]) -> Vec<usize> {
    let mut waiting: Vec<&str> = Vec::new();
    let mut moments = Vec::new();
    for (at, op) in ops.iter().enumerate() {
        match op {
            DiskOp::Rename { to, .. } if to.ends_with("/CURRENT") || to.ends_with("/head") => {
                waiting.extend(to.rsplit_once('/').map(|(folder, _)| folder));
            }
            DiskOp::SyncFolder { name, .. } if waiting.contains(&name.as_str()) => {
                waiting.retain(|folder| folder != name);
                moments.push(at + 1);
            }
            _ => {}
        }
    }
    moments
}

/// Replaces the collection in a folder by what remains after the power loss.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write_image(image: &Image, folder: &Path) -> Result {
    place::remove_if_exists(&folder.join(".nigh"))?;
    for name in &image.folders {
        let path = folder.join(name);
        fs::create_dir_all(&path).map_err(TaskFailure::io("make", &path))?;
    }
    for (name, content) in &image.files {
        let path = folder.join(name);
        fs::write(&path, content).map_err(TaskFailure::io("write", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_is_acknowledged_when_its_folder_is_synced() {
        let text = |name: &str| name.to_owned();
        let ops = [
            DiskOp::Rename { from: text(".nigh/head.new"), to: text(".nigh/head") },
            DiskOp::SyncFolder { name: text(".nigh/published"), began: 1 },
            DiskOp::SyncFolder { name: text(".nigh"), began: 2 },
            DiskOp::SyncFolder { name: text(".nigh"), began: 3 },
            DiskOp::Rename { from: text(".nigh/published/x"), to: text(".nigh/published/CURRENT") },
            DiskOp::SyncFolder { name: text(".nigh/published"), began: 5 },
        ];
        assert_eq!(commit_points(&ops), [3, 6]);
    }
}
