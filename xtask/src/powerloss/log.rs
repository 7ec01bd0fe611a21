//! The tracer's log as disk operations.

use crate::run::{Result, TaskFailure};
use std::ops::Range;
use std::path::Path;

/// The inode number of a file on the file system of the recording.
pub(crate) type Inode = u64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DiskOp {
    /// A new file. One without a name gets its name from a link.
    Create {
        inode: Inode,
        name: Option<String>,
    },
    Write {
        inode: Inode,
        offset: usize,
        bytes: Range<usize>,
    },
    Size {
        inode: Inode,
        bytes: usize,
    },
    /// Makes everything durable that was written before operation `began`.
    Sync {
        inode: Inode,
        began: usize,
    },
    SyncFolder {
        name: String,
        began: usize,
    },
    Rename {
        from: String,
        to: String,
    },
    Link {
        inode: Inode,
        name: String,
    },
    Unlink {
        name: String,
    },
    MakeFolder {
        name: String,
    },
    RemoveFolder {
        name: String,
    },
    /// `sync_file_range`: makes nothing durable.
    Range,
}

impl DiskOp {
    /// True if the operation may change the disk.
    pub(crate) fn may_change_disk(&self) -> bool {
        !matches!(self, Self::Range)
    }

    /// Returns a description without numbers that differ from run to run.
    pub(crate) fn description(&self) -> String {
        match self {
            Self::Create { name, .. } => format!("create {}", name.as_deref().unwrap_or("without a name")),
            Self::Write { bytes, .. } => format!("write of {} bytes", bytes.len()),
            Self::Size { bytes, .. } => format!("size {bytes}"),
            Self::Sync { .. } => "sync of a file".to_owned(),
            Self::SyncFolder { name, .. } => format!("sync of folder {name}"),
            Self::Rename { from, to } => format!("rename {from} to {to}"),
            Self::Link { name, .. } => format!("link {name}"),
            Self::Unlink { name } => format!("unlink {name}"),
            Self::MakeFolder { name } => format!("mkdir {name}"),
            Self::RemoveFolder { name } => format!("rmdir {name}"),
            Self::Range => "sync of a range".to_owned(),
        }
    }
}

/// Parses the tracer's log. Names become relative to the folder `above`.
///
/// # Errors
/// If a line is not one of the tracer's.
pub(crate) fn parse(text: &str, above: &Path) -> Result<Vec<DiskOp>> {
    let folder = above.display().to_string();
    let above = format!("{folder}/");
    let mut bytes_before = 0;
    let line = |line: &str| {
        let number = |text: &str| text.parse::<usize>().ok();
        let name = |text: &str| text.strip_prefix(&above).map(str::to_owned);
        Some(match line.split('\t').collect::<Vec<_>>()[..] {
            ["create", inode, "-"] => DiskOp::Create { inode: inode.parse().ok()?, name: None },
            ["create", inode, path] => DiskOp::Create { inode: inode.parse().ok()?, name: Some(name(path)?) },
            ["write", inode, offset, length] => {
                let length = number(length)?;
                bytes_before += length;
                DiskOp::Write {
                    inode: inode.parse().ok()?,
                    offset: number(offset)?,
                    bytes: bytes_before - length..bytes_before,
                }
            }
            ["size", inode, bytes] => DiskOp::Size { inode: inode.parse().ok()?, bytes: number(bytes)? },
            ["sync", inode, began] => DiskOp::Sync { inode: inode.parse().ok()?, began: number(began)? },
            ["dsync", path, began] if path == folder => {
                DiskOp::SyncFolder { name: String::new(), began: number(began)? }
            }
            ["dsync", path, began] => DiskOp::SyncFolder { name: name(path)?, began: number(began)? },
            ["rename", from, to] => DiskOp::Rename { from: name(from)?, to: name(to)? },
            ["link", inode, path] => DiskOp::Link { inode: inode.parse().ok()?, name: name(path)? },
            ["unlink", path] => DiskOp::Unlink { name: name(path)? },
            ["mkdir", path] => DiskOp::MakeFolder { name: name(path)? },
            ["rmdir", path] => DiskOp::RemoveFolder { name: name(path)? },
            ["range", ..] => DiskOp::Range,
            _ => return None,
        })
    };
    let mut line = line;
    let wrong =
        |line: &str| TaskFailure::new(format!("the tracer wrote `{line}`, which is not an operation below {above}"));
    text.lines().map(|text| line(text).ok_or_else(|| wrong(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_become_operations() {
        let text = "mkdir\t/a/.nigh\ncreate\t5\t/a/.nigh/head\nwrite\t5\t0\t3\nwrite\t5\t3\t4\nrange\t5\t0\t7\t3\nsync\t5\t4\n\
                    rename\t/a/.nigh/head\t/a/.nigh/h\ndsync\t/a/.nigh\t6\ncreate\t6\t-\nunlink\t/a/.nigh/h\ndsync\t/a\t2\n";
        let ops = parse(text, Path::new("/a")).unwrap();
        assert_eq!(ops[0], DiskOp::MakeFolder { name: ".nigh".into() });
        assert_eq!(ops[3], DiskOp::Write { inode: 5, offset: 3, bytes: 3..7 });
        assert_eq!(ops[7], DiskOp::SyncFolder { name: ".nigh".into(), began: 6 });
        assert_eq!(ops[8], DiskOp::Create { inode: 6, name: None });
        assert_eq!(ops[10], DiskOp::SyncFolder { name: String::new(), began: 2 });
        assert!(!ops[4].may_change_disk() && ops[5].may_change_disk());
        assert!(parse("create\t5\t/b/head\n", Path::new("/a")).is_err());
        assert!(parse("text\n", Path::new("/a")).is_err());
    }
}
