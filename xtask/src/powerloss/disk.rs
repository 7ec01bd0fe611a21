//! A disk: what programs see, what is safe, and what is left of it when the power goes.
//!
//! A file's sync makes its data and size safe, and nothing of its name; a folder's sync makes the names in it safe. A range
//! that is given to the disk is not safe, since its size and the disk's own cache are not.

use super::content::{Change, Content};
use super::log::{Inode, Op};
use super::spec::Keeps;
use crate::rig::Random;
use std::collections::BTreeMap;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Folder,
    /// A file, by its place among all that there ever were: numbers are used again once a file is gone.
    File(usize),
}

/// Names as paths. What lies in a folder that is not there is not there.
type Names = BTreeMap<String, Node>;

/// What is left: folders, and files with their content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Image {
    pub(crate) folders: Vec<String>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Clone)]
enum Naming {
    Put { name: String, node: Node },
    Rename { from: String, to: String, node: Node },
    Remove { name: String },
}

impl Naming {
    /// The folder whose sync makes it safe.
    fn folder(&self) -> &str {
        let name = match self {
            Self::Put { name, .. } | Self::Remove { name } => name,
            Self::Rename { to, .. } => to,
        };
        name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    fn apply(&self, names: &mut Names) {
        match self {
            Self::Put { name, node } => drop(names.insert(name.clone(), *node)),
            Self::Remove { name } => drop(names.remove(name)),
            Self::Rename { from, to, node } => {
                names.remove(from);
                names.insert(to.clone(), *node);
                if *node == Node::Folder {
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
    contents: Vec<Content>,
    numbers: BTreeMap<Inode, usize>,
    seen: Names,
    safe: Names,
    since: Vec<(usize, Naming)>,
    done: usize,
}

impl Disk {
    /// A disk on which all this is safe. Files come with their numbers.
    pub(crate) fn new(folders: Vec<String>, files: Vec<(String, Inode, Vec<u8>)>) -> Self {
        let mut disk = Self::default();
        disk.seen.extend(folders.into_iter().map(|name| (name, Node::Folder)));
        for (name, inode, safe) in files {
            let node = disk.file(inode);
            if let Node::File(at) = node {
                disk.contents[at].safe = safe;
            }
            disk.seen.insert(name, node);
        }
        disk.safe = disk.seen.clone();
        disk
    }

    fn file(&mut self, inode: Inode) -> Node {
        self.contents.push(Content::default());
        self.numbers.insert(inode, self.contents.len() - 1);
        Node::File(self.contents.len() - 1)
    }

    fn content(&mut self, inode: Inode) -> Option<&mut Content> {
        let at = *self.numbers.get(&inode)?;
        self.contents.get_mut(at)
    }

    /// Does an operation. `bytes` is everything that was recorded.
    pub(crate) fn apply(&mut self, op: &Op, bytes: &[u8]) {
        let at = self.done;
        self.done += 1;
        match op {
            Op::Create { inode, name } => {
                let node = self.file(*inode);
                if let Some(name) = name {
                    self.name(at, Naming::Put { name: name.clone(), node });
                }
            }
            Op::Write { inode, offset, bytes: range } => {
                let bytes = bytes.get(range.clone()).unwrap_or_default().to_vec();
                if let Some(content) = self.content(*inode) {
                    content.since.push((at, Change::Write { offset: *offset, bytes }));
                }
            }
            Op::Size { inode, bytes } => {
                if let Some(content) = self.content(*inode) {
                    content.since.push((at, Change::Size(*bytes)));
                }
            }
            Op::Sync { inode, began } => {
                if let Some(content) = self.content(*inode) {
                    content.sync(*began);
                }
            }
            Op::SyncFolder { name, began } => {
                for (at, naming) in std::mem::take(&mut self.since) {
                    if at < *began && naming.folder() == name {
                        naming.apply(&mut self.safe);
                    } else {
                        self.since.push((at, naming));
                    }
                }
            }
            Op::Rename { from, to } => {
                if let Some(&node) = self.seen.get(from) {
                    self.name(at, Naming::Rename { from: from.clone(), to: to.clone(), node });
                }
            }
            Op::Link { inode, name } => {
                if let Some(&file) = self.numbers.get(inode) {
                    self.name(at, Naming::Put { name: name.clone(), node: Node::File(file) });
                }
            }
            Op::Unlink { name } | Op::RemoveFolder { name } => self.name(at, Naming::Remove { name: name.clone() }),
            Op::MakeFolder { name } => self.name(at, Naming::Put { name: name.clone(), node: Node::Folder }),
            Op::Range => {}
        }
    }

    fn name(&mut self, at: usize, naming: Naming) {
        naming.apply(&mut self.seen);
        self.since.push((at, naming));
    }

    /// What programs see.
    pub(crate) fn seen(&self) -> Image {
        self.image(&self.seen, Keeps::Data, &mut Random(0))
    }

    /// What is left when the power goes now.
    pub(crate) fn left(&self, keeps: Keeps, random: &mut Random) -> Image {
        let names = match keeps {
            Keeps::Nothing | Keeps::Data => self.safe.clone(),
            Keeps::Names | Keeps::Sizes => self.seen.clone(),
            Keeps::Some => {
                let mut names = self.safe.clone();
                self.since.iter().filter(|_| random.half()).for_each(|(_, naming)| naming.apply(&mut names));
                names
            }
        };
        self.image(&names, keeps, random)
    }

    fn image(&self, names: &Names, keeps: Keeps, random: &mut Random) -> Image {
        let mut image = Image::default();
        // A folder's name sorts before what lies in it.
        for (name, node) in names {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !folder.is_empty() && !image.folders.iter().any(|known| known == folder) {
                continue;
            }
            match node {
                Node::Folder => image.folders.push(name.clone()),
                Node::File(at) => drop(image.files.insert(name.clone(), self.contents[*at].left(keeps, random))),
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

    /// `d/a` is made, written and synced; then renamed to `d/b`, written again, and nothing synced.
    fn disk(ops: &[Op]) -> Disk {
        let mut disk = Disk::new(vec![text("d")], vec![(text("d/old"), 1, b"old".to_vec())]);
        ops.iter().for_each(|op| disk.apply(op, BYTES));
        disk
    }

    fn files(image: &Image) -> Vec<(&str, &str)> {
        image.files.iter().map(|(name, content)| (name.as_str(), std::str::from_utf8(content).unwrap())).collect()
    }

    fn toy() -> Vec<Op> {
        vec![
            Op::Create { inode: 7, name: Some(text("d/a")) },
            Op::Write { inode: 7, offset: 0, bytes: 0..3 },
            Op::Sync { inode: 7, began: 2 },
            Op::SyncFolder { name: text("d"), began: 3 },
            Op::Write { inode: 7, offset: 3, bytes: 3..6 },
            Op::Rename { from: text("d/a"), to: text("d/b") },
            Op::Write { inode: 1, offset: 0, bytes: 0..3 },
        ]
    }

    #[test]
    fn each_model_keeps_what_it_says() {
        let disk = disk(&toy());
        let left = |keeps| disk.left(keeps, &mut Random(1));
        assert_eq!(files(&disk.seen()), [("d/b", "onetwo"), ("d/old", "one")]);
        assert_eq!(files(&left(Keeps::Nothing)), [("d/a", "one"), ("d/old", "old")]);
        assert_eq!(files(&left(Keeps::Data)), [("d/a", "onetwo"), ("d/old", "one")]);
        assert_eq!(files(&left(Keeps::Names)), [("d/b", "one"), ("d/old", "old")]);
        assert_eq!(files(&left(Keeps::Sizes)), [("d/b", "one\0\0\0"), ("d/old", "old")]);
    }

    #[test]
    fn chance_keeps_names_and_pages_or_not_and_never_something_else() {
        let disk = disk(&toy());
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let image = disk.left(Keeps::Some, &mut Random(seed));
            for (name, content) in files(&image) {
                assert!(matches!(
                    (name, content),
                    ("d/a" | "d/b", "one" | "onetwo" | "one\0\0\0") | ("d/old", "old" | "one")
                ));
                seen.insert((name.to_owned(), content.to_owned()));
            }
            assert_eq!(image, disk.left(Keeps::Some, &mut Random(seed)));
        }
        assert_eq!(seen.len(), 8);
    }

    #[test]
    fn a_sync_covers_what_was_there_when_it_began() {
        let mut ops = toy();
        ops.truncate(3);
        // The write came while the sync was under way.
        ops[2] = Op::Sync { inode: 7, began: 1 };
        ops.push(Op::SyncFolder { name: text("d"), began: 0 });
        let disk = disk(&ops);
        assert_eq!(files(&disk.left(Keeps::Names, &mut Random(1)))[0], ("d/a", ""));
        assert_eq!(files(&disk.left(Keeps::Nothing, &mut Random(1))), [("d/old", "old")]);
    }

    #[test]
    fn folders_links_and_removals_are_names_too() {
        let mut disk = disk(&[
            Op::MakeFolder { name: text("d/e") },
            Op::Create { inode: 9, name: None },
            Op::Write { inode: 9, offset: 0, bytes: 6..11 },
            Op::Link { inode: 9, name: text("d/e/f") },
            Op::SyncFolder { name: text("d/e"), began: 4 },
            Op::Unlink { name: text("d/old") },
        ]);
        // The name in it is safe, the folder is not.
        assert_eq!(files(&disk.left(Keeps::Data, &mut Random(1))), [("d/old", "old")]);
        disk.apply(&Op::SyncFolder { name: text("d"), began: 6 }, BYTES);
        assert_eq!(files(&disk.left(Keeps::Data, &mut Random(1))), [("d/e/f", "three")]);
        disk.apply(&Op::Rename { from: text("d/e"), to: text("d/g") }, BYTES);
        disk.apply(&Op::Size { inode: 9, bytes: 2 }, BYTES);
        assert_eq!(files(&disk.seen()), [("d/g/f", "th")]);
        // The number is used again by another file.
        disk.apply(&Op::Create { inode: 9, name: Some(text("d/new")) }, BYTES);
        assert_eq!(files(&disk.seen()), [("d/g/f", "th"), ("d/new", "")]);
    }
}
