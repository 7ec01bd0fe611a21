//! A disk: what programs see, what is durable, and what remains after a power loss.
//!
//! The sync of a file makes its data and size durable, but not its name. The sync of a folder makes the names in it durable.
//! `sync_file_range` makes nothing durable: it writes neither the size nor the disk's own cache.

use super::content::{ContentChange, FileContent};
use super::log::{DiskOp, Inode};
use super::spec::Keeps;
use crate::rig::Random;
use std::collections::BTreeMap;

/// The folder or file of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameTarget {
    Folder,
    /// A file, by its index in [`Disk::contents`]. Inode numbers are reused, these are not.
    File(usize),
}

/// Names as paths. Entries of a missing folder do not exist.
type NameTable = BTreeMap<String, NameTarget>;

/// The folders and files after a power loss.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Image {
    pub(crate) folders: Vec<String>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Clone)]
enum NameChange {
    Add { name: String, node: NameTarget },
    Rename { from: String, to: String, node: NameTarget },
    Remove { name: String },
}

impl NameChange {
    /// Returns the folder whose sync makes the change durable.
    fn folder(&self) -> &str {
        let name = match self {
            Self::Add { name, .. } | Self::Remove { name } => name,
            Self::Rename { to, .. } => to,
        };
        name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    fn apply(&self, names: &mut NameTable) {
        match self {
            Self::Add { name, node } => drop(names.insert(name.clone(), *node)),
            Self::Remove { name } => drop(names.remove(name)),
            Self::Rename { from, to, node } => {
                names.remove(from);
                names.insert(to.clone(), *node);
                if *node == NameTarget::Folder {
                    let below = format!("{from}/");
                    let moved: Vec<String> = names.keys().filter(|name| name.starts_with(&below)).cloned().collect();
                    for name in moved {
                        if let Some(node) = names.remove(&name) {
                            names.insert(format!("{to}/{}", &name[below.len()..]), node);
                        }
                    }
                }
            }
        }
    }
}

/// The disk after some operations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    contents: Vec<FileContent>,
    inodes: BTreeMap<Inode, usize>,
    visible: NameTable,
    durable: NameTable,
    pending: Vec<(usize, NameChange)>,
    operations: usize,
}

impl Disk {
    /// A disk on which all of this is durable. Files come with their inode numbers.
    pub(crate) fn new(folders: Vec<String>, files: Vec<(String, Inode, Vec<u8>)>) -> Self {
        let mut disk = Self::default();
        disk.visible.extend(folders.into_iter().map(|name| (name, NameTarget::Folder)));
        for (name, inode, content) in files {
            let node = disk.add_file(inode);
            if let NameTarget::File(at) = node {
                disk.contents[at].durable = content;
            }
            disk.visible.insert(name, node);
        }
        disk.durable = disk.visible.clone();
        disk
    }

    fn add_file(&mut self, inode: Inode) -> NameTarget {
        self.contents.push(FileContent::default());
        self.inodes.insert(inode, self.contents.len() - 1);
        NameTarget::File(self.contents.len() - 1)
    }

    fn content_mut(&mut self, inode: Inode) -> Option<&mut FileContent> {
        let at = *self.inodes.get(&inode)?;
        self.contents.get_mut(at)
    }

    /// Applies an operation. `bytes`: all recorded bytes.
    pub(crate) fn apply(&mut self, op: &DiskOp, bytes: &[u8]) {
        let at = self.operations;
        self.operations += 1;
        match op {
            DiskOp::Create { inode, name } => {
                let node = self.add_file(*inode);
                if let Some(name) = name {
                    self.change_name(at, NameChange::Add { name: name.clone(), node });
                }
            }
            DiskOp::Write { inode, offset, bytes: range } => {
                let bytes = bytes.get(range.clone()).unwrap_or_default().to_vec();
                if let Some(content) = self.content_mut(*inode) {
                    content.pending.push((at, ContentChange::Write { offset: *offset, bytes }));
                }
            }
            DiskOp::Size { inode, bytes } => {
                if let Some(content) = self.content_mut(*inode) {
                    content.pending.push((at, ContentChange::Size(*bytes)));
                }
            }
            DiskOp::Sync { inode, began } => {
                if let Some(content) = self.content_mut(*inode) {
                    content.sync(*began);
                }
            }
            DiskOp::SyncFolder { name, began } => {
                for (at, naming) in std::mem::take(&mut self.pending) {
                    if at < *began && naming.folder() == name {
                        naming.apply(&mut self.durable);
                    } else {
                        self.pending.push((at, naming));
                    }
                }
            }
            DiskOp::Rename { from, to } => {
                if let Some(&node) = self.visible.get(from) {
                    self.change_name(at, NameChange::Rename { from: from.clone(), to: to.clone(), node });
                }
            }
            DiskOp::Link { inode, name } => {
                if let Some(&file) = self.inodes.get(inode) {
                    self.change_name(at, NameChange::Add { name: name.clone(), node: NameTarget::File(file) });
                }
            }
            DiskOp::Unlink { name } | DiskOp::RemoveFolder { name } => {
                self.change_name(at, NameChange::Remove { name: name.clone() })
            }
            DiskOp::MakeFolder { name } => {
                self.change_name(at, NameChange::Add { name: name.clone(), node: NameTarget::Folder })
            }
            DiskOp::Range => {}
        }
    }

    fn change_name(&mut self, at: usize, naming: NameChange) {
        naming.apply(&mut self.visible);
        self.pending.push((at, naming));
    }

    /// Returns the files as programs see them, with all data that was written.
    pub(crate) fn visible(&self) -> Image {
        self.image(&self.visible, Keeps::Data, &mut Random(0))
    }

    /// Returns the files that remain if the power fails now.
    pub(crate) fn after_power_loss(&self, keeps: Keeps, random: &mut Random) -> Image {
        let names = match keeps {
            Keeps::Nothing | Keeps::Data => self.durable.clone(),
            Keeps::Names | Keeps::Sizes => self.visible.clone(),
            Keeps::Some => {
                let mut names = self.durable.clone();
                self.pending.iter().filter(|_| random.half()).for_each(|(_, naming)| naming.apply(&mut names));
                names
            }
        };
        self.image(&names, keeps, random)
    }

    fn image(&self, names: &NameTable, keeps: Keeps, random: &mut Random) -> Image {
        let mut image = Image::default();
        // A folder's name sorts before the names in it.
        for (name, node) in names {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !folder.is_empty() && !image.folders.iter().any(|known| known == folder) {
                continue;
            }
            match node {
                NameTarget::Folder => image.folders.push(name.clone()),
                NameTarget::File(at) => {
                    drop(image.files.insert(name.clone(), self.contents[*at].after_power_loss(keeps, random)))
                }
            }
        }
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = b"onetwothree";

    fn text(name: &str) -> String {
        name.to_owned()
    }

    /// Returns a disk with the durable file `d/old`, after these operations.
    fn disk(ops: &[DiskOp]) -> Disk {
        let mut disk = Disk::new(vec![text("d")], vec![(text("d/old"), 1, b"old".to_vec())]);
        ops.iter().for_each(|op| disk.apply(op, BYTES));
        disk
    }

    fn files(image: &Image) -> Vec<(&str, &str)> {
        image.files.iter().map(|(name, content)| (name.as_str(), std::str::from_utf8(content).unwrap())).collect()
    }

    /// `d/a` is created, written and synced; then written again and renamed to `d/b`, without a sync.
    fn operations() -> Vec<DiskOp> {
        vec![
            DiskOp::Create { inode: 7, name: Some(text("d/a")) },
            DiskOp::Write { inode: 7, offset: 0, bytes: 0..3 },
            DiskOp::Sync { inode: 7, began: 2 },
            DiskOp::SyncFolder { name: text("d"), began: 3 },
            DiskOp::Write { inode: 7, offset: 3, bytes: 3..6 },
            DiskOp::Rename { from: text("d/a"), to: text("d/b") },
            DiskOp::Write { inode: 1, offset: 0, bytes: 0..3 },
        ]
    }

    #[test]
    fn disk_model_keeps_what_its_name_says() {
        let disk = disk(&operations());
        let left = |keeps| disk.after_power_loss(keeps, &mut Random(1));
        assert_eq!(files(&disk.visible()), [("d/b", "onetwo"), ("d/old", "one")]);
        assert_eq!(files(&left(Keeps::Nothing)), [("d/a", "one"), ("d/old", "old")]);
        assert_eq!(files(&left(Keeps::Data)), [("d/a", "onetwo"), ("d/old", "one")]);
        assert_eq!(files(&left(Keeps::Names)), [("d/b", "one"), ("d/old", "old")]);
        assert_eq!(files(&left(Keeps::Sizes)), [("d/b", "one\0\0\0"), ("d/old", "old")]);
    }

    #[test]
    fn disk_model_partial_keeps_random_names_and_pages() {
        let disk = disk(&operations());
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let image = disk.after_power_loss(Keeps::Some, &mut Random(seed));
            for (name, content) in files(&image) {
                assert!(matches!(
                    (name, content),
                    ("d/a" | "d/b", "one" | "onetwo" | "one\0\0\0") | ("d/old", "old" | "one")
                ));
                seen.insert((name.to_owned(), content.to_owned()));
            }
            assert_eq!(image, disk.after_power_loss(Keeps::Some, &mut Random(seed)));
        }
        assert_eq!(seen.len(), 8);
    }

    #[test]
    fn sync_covers_what_was_written_before_it_began() {
        let mut ops = operations();
        ops.truncate(3);
        // The write happened during the sync.
        ops[2] = DiskOp::Sync { inode: 7, began: 1 };
        ops.push(DiskOp::SyncFolder { name: text("d"), began: 0 });
        let disk = disk(&ops);
        assert_eq!(files(&disk.after_power_loss(Keeps::Names, &mut Random(1)))[0], ("d/a", ""));
        assert_eq!(files(&disk.after_power_loss(Keeps::Nothing, &mut Random(1))), [("d/old", "old")]);
    }

    #[test]
    fn sync_of_a_folder_covers_folders_links_and_removals() {
        let mut disk = disk(&[
            DiskOp::MakeFolder { name: text("d/e") },
            DiskOp::Create { inode: 9, name: None },
            DiskOp::Write { inode: 9, offset: 0, bytes: 6..11 },
            DiskOp::Link { inode: 9, name: text("d/e/f") },
            DiskOp::SyncFolder { name: text("d/e"), began: 4 },
            DiskOp::Unlink { name: text("d/old") },
        ]);
        // The name in the folder is durable, the folder itself is not.
        assert_eq!(files(&disk.after_power_loss(Keeps::Data, &mut Random(1))), [("d/old", "old")]);
        disk.apply(&DiskOp::SyncFolder { name: text("d"), began: 6 }, BYTES);
        assert_eq!(files(&disk.after_power_loss(Keeps::Data, &mut Random(1))), [("d/e/f", "three")]);
        disk.apply(&DiskOp::Rename { from: text("d/e"), to: text("d/g") }, BYTES);
        disk.apply(&DiskOp::Size { inode: 9, bytes: 2 }, BYTES);
        assert_eq!(files(&disk.visible()), [("d/g/f", "th")]);
        // Another file reuses the inode number.
        disk.apply(&DiskOp::Create { inode: 9, name: Some(text("d/new")) }, BYTES);
        assert_eq!(files(&disk.visible()), [("d/g/f", "th"), ("d/new", "")]);
    }
}
