//! The paths, the objects that are planted there, and a home with secrets.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::prepared::write;
use crate::support::tree;

/// A text that is only in the files of the home.
pub const SECRET: &str = "SENTINEL-5d1c of the reader's own files";

/// The paths that nigh reads or writes, temporary names included.
pub const PATHS: [&str; 27] = [
    ".nigh",
    ".nigh/lock",
    ".nigh/head",
    ".nigh/head.new",
    ".nigh/config.toml",
    ".nigh/config.toml.new",
    ".nigh/folders.json",
    ".nigh/folders.json.new",
    ".nigh/.gitignore",
    ".nigh/records",
    ".nigh/records.with-old-vectors",
    ".nigh/records.with-new-vectors",
    ".nigh/records/db",
    ".nigh/records/conf",
    ".nigh/records/blobs",
    ".nigh/records/snap.0000000000000765",
    ".nigh/records/snap.0000000000000765.generating",
    ".nigh/published",
    ".nigh/published/CURRENT",
    ".nigh/published/CURRENT.new",
    ".nigh/published/segment-00000000",
    ".nigh/published/segment-00000005",
    ".gitignore",
    ".nighignore",
    ".git/info/exclude",
    "sub/.gitignore",
    "sub/.nighignore",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A link to a file of the home, to a missing file in it, to a folder of it, or to an endless device.
    Link,
    Dangling,
    LinkToFolder,
    LinkToZero,
    Fifo,
    Socket,
    Device,
    /// A hard link to a file of the home.
    HardLink,
}

pub const OBJECTS: [Object; 8] = [
    Object::Link,
    Object::Dangling,
    Object::LinkToFolder,
    Object::LinkToZero,
    Object::Fifo,
    Object::Socket,
    Object::Device,
    Object::HardLink,
];

/// Makes a home that no command may read or change.
pub fn sentinel(home: &Path) {
    for (name, text) in [
        (".ssh/authorized_keys", "ssh-ed25519 AAAA"),
        (".bashrc", "export PATH"),
        (".gitignore", "*.o"),
        (".config/settings.toml", "follow_links = true"),
        (".local/share/keep", ""),
        ("private/secret.md", "# My diary"),
        ("private/db", "no database"),
        ("private/CURRENT", "NIGHCURR"),
    ] {
        write(home, name, format!("{text}\n# {SECRET}\n"));
    }
}

/// Puts the object at a path; returns false if that is not possible on this machine.
pub fn plant(object: Object, path: &Path, home: &Path) -> bool {
    tree::remove(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match object {
        Object::Link => symlink(home.join(".ssh/authorized_keys"), path).is_ok(),
        Object::Dangling => symlink(home.join(".config/autostart"), path).is_ok(),
        Object::LinkToFolder => symlink(home.join("private"), path).is_ok(),
        Object::LinkToZero => symlink("/dev/zero", path).is_ok(),
        Object::HardLink => fs::hard_link(home.join(".bashrc"), path).is_ok(),
        Object::Fifo => Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success()),
        // A socket's path must be short: it is made elsewhere and moved.
        Object::Socket => {
            let short =
                std::env::temp_dir().join(format!("nigh-{}-{:?}", std::process::id(), std::thread::current().id()));
            UnixListener::bind(&short).is_ok() && fs::rename(&short, path).is_ok()
        }
        Object::Device => {
            let made = Command::new("mknod").arg(path).args(["c", "1", "5"]).stderr(Stdio::null()).status();
            made.is_ok_and(|status| status.success())
        }
    }
}

/// True if a path still holds the planted object.
pub fn is_planted(object: Object, path: &Path) -> bool {
    let there = path.symlink_metadata();
    there.is_ok_and(
        |there| if object == Object::HardLink { tree::is_odd(path) } else { !there.is_file() && !there.is_dir() },
    )
}
