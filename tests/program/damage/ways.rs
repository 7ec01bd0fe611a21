//! The ways to damage a file or directory of a collection.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::{Random, tree};

/// A way to damage one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One flipped bit in a byte that is not 0: the first such byte, a random one, or the last.
    FlipFirst,
    Flip(u64),
    FlipLast,
    Empty,
    Half,
    /// All but the last byte.
    Short,
    /// Zeros at the beginning, or over a random block that is not 0.
    ZeroHead,
    Zero(u64),
    Delete,
    /// This segment and the next one exchanged.
    Swap,
    /// The same file of another collection, or of this collection before the last two commits.
    Foreign,
    Older,
    Directory,
    Fifo,
    /// A link to the same content elsewhere, a link to nothing, or a hard link.
    Link,
    Dangling,
    HardLink,
}

pub const ALL: [Way; 19] = [
    Way::FlipFirst,
    Way::Flip(1),
    Way::Flip(2),
    Way::FlipLast,
    Way::Empty,
    Way::Half,
    Way::Short,
    Way::ZeroHead,
    Way::Zero(1),
    Way::Zero(2),
    Way::Delete,
    Way::Swap,
    Way::Foreign,
    Way::Older,
    Way::Directory,
    Way::Fifo,
    Way::Link,
    Way::Dangling,
    Way::HardLink,
];

/// The ways to damage a directory.
pub const OF_DIRECTORIES: [Way; 7] =
    [Way::Delete, Way::Empty, Way::Foreign, Way::Older, Way::Fifo, Way::Link, Way::Dangling];

impl Way {
    /// True if the path is no longer a regular file of its own.
    pub fn is_odd(self) -> bool {
        matches!(self, Self::Directory | Self::Fifo | Self::Link | Self::Dangling | Self::HardLink)
    }

    /// Damages `file`, which may be a directory. `foreign` and `older` are the same file elsewhere, `aside` is an unused path.
    /// Returns whether anything changed.
    pub fn damage(self, file: &Path, foreign: &Path, older: &Path, aside: &Path) -> bool {
        if file.is_dir() {
            return self.damage_directory(file, foreign, older, aside);
        }
        let bytes = fs::read(file).unwrap();
        let telling: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] != 0).collect();
        let mut new = bytes.clone();
        let flip = |new: &mut Vec<u8>, at: Option<&usize>, bit: u64| {
            if let Some(&at) = at {
                new[at] ^= 1 << (bit % 8);
            }
        };
        match self {
            Self::FlipFirst => flip(&mut new, telling.first(), 2),
            Self::FlipLast => flip(&mut new, telling.last(), 1),
            Self::Flip(seed) => {
                let mut random = Random(seed ^ bytes.len() as u64);
                let at = random.below(telling.len().max(1));
                flip(&mut new, telling.get(at), random.next());
            }
            Self::Empty => new.clear(),
            Self::Half => new.truncate(bytes.len() / 2),
            Self::Short => new.truncate(bytes.len().saturating_sub(1)),
            Self::ZeroHead | Self::Zero(_) => {
                let start = match self {
                    Self::Zero(seed) if !telling.is_empty() => telling[Random(seed).below(telling.len())],
                    _ => 0,
                };
                let end = bytes.len().min(start + 512);
                new[start..end].fill(0);
            }
            Self::Swap => {
                let name = file.file_name().unwrap().to_str().unwrap();
                let mut all = tree::files(file.parent().unwrap());
                all.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("segment-"));
                let at = all.iter().position(|path| path.ends_with(name));
                let Some(other) = at.and_then(|at| all.get((at + 1) % all.len())).filter(|other| *other != file) else {
                    return false;
                };
                new = fs::read(other).unwrap();
                replace(other, &bytes);
            }
            Self::Foreign | Self::Older => {
                let from = if self == Self::Foreign { foreign } else { older };
                let Ok(other) = fs::read(from) else { return false };
                new = other;
            }
            Self::Delete => return fs::remove_file(file).is_ok(),
            _ => {
                fs::rename(file, aside).unwrap();
                put_odd(self, file, aside);
                return true;
            }
        }
        replace(file, &new);
        new != bytes
    }

    fn damage_directory(self, directory: &Path, foreign: &Path, older: &Path, aside: &Path) -> bool {
        fs::rename(directory, aside).unwrap();
        match self {
            Self::Delete => {}
            Self::Empty => fs::create_dir(directory).unwrap(),
            Self::Foreign => tree::copy(foreign, directory),
            Self::Older => tree::copy(older, directory),
            _ => put_odd(self, directory, aside),
        }
        true
    }
}

/// Replaces a file by something that is not a regular file of its own.
fn put_odd(way: Way, path: &Path, aside: &Path) {
    match way {
        Way::Directory => fs::create_dir(path).unwrap(),
        Way::Fifo => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        Way::Link => symlink(aside, path).unwrap(),
        Way::Dangling => symlink(aside.with_extension("nothing"), path).unwrap(),
        Way::HardLink => fs::hard_link(aside, path).unwrap(),
        other => panic!("{other:?} is a regular file"),
    }
}

/// Writes a new file: nobody writes into a file that is mapped.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}
