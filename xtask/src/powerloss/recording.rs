//! What one run wrote, kept in a folder, so that every part and every later replay sees the same.

use super::disk::{Disk, Image};
use super::log::{self, Op};
use crate::rig::answers;
use crate::rig::corpus::Documents;
use crate::rig::place;
use crate::rig::stage::{Stage, Step};
use crate::rig::tracer::Trace;
use crate::run::{Failure, Result};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) ops: Vec<Op>,
    bytes: Vec<u8>,
    /// The disk before the first operation.
    first: Disk,
    /// From which operation on which documents are acknowledged.
    pub(crate) acknowledged: Vec<(usize, Documents)>,
}

impl Recording {
    /// Records the stage's run into a folder.
    ///
    /// # Errors
    /// The run fails, or nothing can be written.
    pub(crate) fn make(stage: &Stage, tracer: &Path, folder: &Path) -> Result {
        place::clear(folder)?;
        fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
        stage.restore()?;
        place::copy(&stage.collection, &folder.join("base"))?;
        let mut numbers = String::new();
        for name in place::names(&stage.collection) {
            let path = stage.collection.join(&name);
            let status = fs::symlink_metadata(&path).map_err(Failure::io("read", &path))?;
            numbers.push_str(&format!("{}\t{name}\n", status.ino()));
        }
        let log = folder.join("log");
        let trace = Trace {
            tracer,
            // The name of the collection itself is in the folder.
            scopes: vec![stage.folder.clone()],
            except: None,
            log: log.clone(),
            put: None,
            calls: "",
            record: Some(folder.join("bytes")),
        };
        let Step { words, input, .. } = &stage.command;
        let ran = stage.program.run(words, input.as_deref(), Some(&trace))?;
        if !ran.succeeded() {
            return Err(Failure::new(format!(
                "{}: recorded, it ends with {:?}: {}",
                stage.run.name(),
                ran.end,
                ran.words()
            )));
        }
        // The place goes; names are kept as they are below the documents.
        let text = fs::read_to_string(&log).map_err(Failure::io("read", &log))?;
        let text = text.replace(&format!("\t{}", stage.folder.display()), "\t");
        fs::write(&log, text).map_err(Failure::io("write", &log))?;
        // Last: a recording with numbers is whole.
        let path = folder.join("numbers");
        fs::write(&path, numbers).map_err(Failure::io("write", &path))
    }

    /// Whether a folder holds one.
    pub(crate) fn is_there(folder: &Path) -> bool {
        folder.join("numbers").exists()
    }

    /// Reads a recording, and finds out on the stage what was acknowledged when.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn read(folder: &Path, stage: &Stage) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(Failure::io("read", &path))
        };
        let text = |name: &str| Ok::<_, Failure>(String::from_utf8_lossy(&read(name)?).into_owned());
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
                let content = fs::read(&path).map_err(Failure::io("read", &path))?;
                files.push((format!(".nigh/{name}"), number.parse().unwrap_or(0), content));
            }
        }
        let first = Disk::new(folders, files);
        let mut recording = Self { ops, bytes: read("bytes")?, first, acknowledged: Vec::new() };
        recording.acknowledge(stage)?;
        Ok(recording)
    }

    /// The disk after so many operations.
    pub(crate) fn disk(&self, after: usize) -> Disk {
        let mut disk = self.first.clone();
        self.ops.iter().take(after).for_each(|op| disk.apply(op, &self.bytes));
        disk
    }

    /// Goes through the disk after each operation.
    pub(crate) fn each(&self, mut look: impl FnMut(usize, &Disk)) {
        let mut disk = self.first.clone();
        look(0, &disk);
        for (at, op) in self.ops.iter().enumerate() {
            disk.apply(op, &self.bytes);
            if op.counts() {
                look(at + 1, &disk);
            }
        }
    }

    /// What is acknowledged after so many operations.
    pub(crate) fn acknowledged(&self, after: usize) -> Option<&Documents> {
        self.acknowledged.iter().rev().find(|(from, _)| *from <= after).map(|(_, documents)| documents)
    }

    fn acknowledge(&mut self, stage: &Stage) -> Result {
        let mut moments = moments(&self.ops);
        moments.insert(0, 0);
        for moment in moments {
            lay(&self.disk(moment).seen(), &stage.folder)?;
            let collection = stage.collection.to_string_lossy();
            let export = stage.step(&Step::new(["export", "--collection", &collection]))?;
            if let (true, Ok(documents)) = (export.succeeded(), answers::documents(&export.out)) {
                self.acknowledged.push((moment, documents));
            }
        }
        Ok(())
    }
}

/// When a commit is acknowledged: the head or the manifest has its name, and the folder is synced that says so.
fn moments(ops: &[Op]) -> Vec<usize> {
    let mut waiting: Vec<&str> = Vec::new();
    let mut moments = Vec::new();
    for (at, op) in ops.iter().enumerate() {
        match op {
            Op::Rename { to, .. } if to.ends_with("/CURRENT") || to.ends_with("/head") => {
                waiting.extend(to.rsplit_once('/').map(|(folder, _)| folder));
            }
            Op::SyncFolder { name, .. } if waiting.contains(&name.as_str()) => {
                waiting.retain(|folder| folder != name);
                moments.push(at + 1);
            }
            _ => {}
        }
    }
    moments
}

/// Makes the collection in a folder what is left of it.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn lay(image: &Image, folder: &Path) -> Result {
    place::clear(&folder.join(".nigh"))?;
    for name in &image.folders {
        let path = folder.join(name);
        fs::create_dir_all(&path).map_err(Failure::io("make", &path))?;
    }
    for (name, content) in &image.files {
        let path = folder.join(name);
        fs::write(&path, content).map_err(Failure::io("write", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_acknowledged_when_its_folder_is_synced() {
        let text = |name: &str| name.to_owned();
        let ops = [
            Op::Rename { from: text(".nigh/head.new"), to: text(".nigh/head") },
            Op::SyncFolder { name: text(".nigh/published"), began: 1 },
            Op::SyncFolder { name: text(".nigh"), began: 2 },
            Op::SyncFolder { name: text(".nigh"), began: 3 },
            Op::Rename { from: text(".nigh/published/x"), to: text(".nigh/published/CURRENT") },
            Op::SyncFolder { name: text(".nigh/published"), began: 5 },
        ];
        assert_eq!(moments(&ops), [3, 6]);
    }
}
