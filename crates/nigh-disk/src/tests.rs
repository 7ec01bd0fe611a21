#![cfg(unix)]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use super::*;

fn make_fifo(path: &std::path::Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// The description of a file-system entry, and a function that creates it.
type OddEntry = (&'static str, Box<dyn Fn()>);

/// Returns all kinds of entries that must not be opened, to be created one after the other at `name`.
fn odd_entries(directory: &std::path::Path, name: &str) -> Vec<OddEntry> {
    let (path, target) = (directory.join(name), directory.with_extension("elsewhere"));
    fs::write(&target, "precious").unwrap();
    let entry = |make: fn(&std::path::Path, &std::path::Path)| {
        let (path, target) = (path.clone(), target.clone());
        Box::new(move || {
            let _ = fs::remove_file(&path);
            let _ = fs::remove_dir(&path);
            make(&path, &target);
        }) as Box<dyn Fn()>
    };
    vec![
        ("a link", entry(|path, target| symlink(target, path).unwrap())),
        ("a link to a device", entry(|path, _| symlink("/dev/zero", path).unwrap())),
        ("a link to nowhere", entry(|path, _| symlink("nowhere", path).unwrap())),
        ("a FIFO", entry(|path, _| make_fifo(path))),
        ("a directory", entry(|path, _| fs::create_dir(path).unwrap())),
    ]
}

#[test]
fn dir_opens_regular_files_only_and_follows_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("c");
    let dir = Dir::make(&inside).unwrap();
    for (what, make) in odd_entries(&inside, "file") {
        make();
        for (how, result) in [
            ("file", dir.file("file").map(|_| ())),
            ("in_place", dir.in_place("file").map(|_| ())),
            ("read", dir.read("file", 100).map(|_| ())),
            ("open_regular", open_regular(&inside.join("file"), Links::Refuse).map(|_| ())),
            ("read_regular", read_regular(&inside.join("file"), Links::Refuse, 100).map(|_| ())),
        ] {
            let error = result.expect_err(&format!("{how} accepted {what}"));
            assert_ne!(error.kind(), ErrorKind::NotFound, "{how} of {what}: {error}");
        }
        if what != "a directory" {
            assert!(dir.check_all().is_err(), "{what} was taken for a file");
        }
    }
    assert_eq!(fs::read_to_string(folder.path().join("c.elsewhere")).unwrap(), "precious");
}

#[test]
fn fresh_replaces_a_link_and_leaves_its_target() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("c");
    let dir = Dir::make(&inside).unwrap();
    for (what, make) in odd_entries(&inside, "file") {
        make();
        let replaced = dir.replace("file", b"new");
        if what == "a directory" {
            assert!(replaced.is_err());
            continue;
        }
        replaced.unwrap();
        assert_eq!(dir.read("file", 3).unwrap().unwrap(), b"new", "{what}");
        assert_eq!(fs::symlink_metadata(inside.join("file")).unwrap().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_to_string(folder.path().join("c.elsewhere")).unwrap(), "precious");
    assert_eq!(dir.names().unwrap(), ["file"], "no temporary file is left");
}

#[test]
fn dir_refuses_a_linked_directory_at_every_level() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    Dir::make(&real).unwrap().make_sub("published").unwrap();
    symlink(&real, folder.path().join("way")).unwrap();
    let refused = Dir::open(&folder.path().join("way")).err().unwrap().to_string();
    assert!(refused.contains("symbolic link"), "{refused}");
    assert!(Dir::make(&folder.path().join("way")).is_err());
    assert!(Dir::nested(&folder.path().join("way/published")).is_err(), "the directory above is the link");
    let other = Dir::make(&folder.path().join("other")).unwrap();
    symlink(real.join("published"), folder.path().join("other/published")).unwrap();
    assert!(other.sub("published").is_err() && other.make_sub("published").is_err());
    assert!(Dir::nested(&folder.path().join("other/published")).is_err());
    assert!(Dir::nested(&real.join("published")).is_ok());
    assert_eq!(Dir::open(&folder.path().join("no")).err().unwrap().kind(), ErrorKind::NotFound);
}

#[test]
fn dir_reads_but_does_not_write_a_file_with_a_second_hard_link() {
    let folder = tempfile::tempdir().unwrap();
    let dir = Dir::open(folder.path()).unwrap();
    dir.replace("file", b"precious").unwrap();
    fs::hard_link(folder.path().join("file"), folder.path().join("twin")).unwrap();
    assert_eq!(dir.read("file", 100).unwrap().unwrap(), b"precious");
    let refused = dir.in_place("file").err().unwrap().to_string();
    assert!(refused.contains("hard link"), "{refused}");
    assert!(dir.check_all().is_err());
    dir.replace("file", b"new").unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("twin")).unwrap(), "precious");
    dir.check_all().unwrap();
}

#[test]
fn dir_creates_private_entries_whatever_the_umask() {
    let folder = tempfile::tempdir().unwrap();
    let dir = Dir::make(&folder.path().join("c")).unwrap();
    dir.make_sub("sub").unwrap();
    dir.in_place("lock").unwrap().write_all(b"1").unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join("c").join(name)).unwrap().mode() & 0o777;
    assert_eq!((mode(""), mode("sub"), mode("lock")), (0o700, 0o700, 0o600));
    fs::set_permissions(folder.path().join("c"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.path().join("c/lock"), fs::Permissions::from_mode(0o666)).unwrap();
    dir.make_private().unwrap();
    assert_eq!((mode(""), mode("lock")), (0o700, 0o600));
}

#[test]
fn fresh_is_deleted_unless_put_and_sweep_deletes_leftovers() {
    let folder = tempfile::tempdir().unwrap();
    let dir = Dir::open(folder.path()).unwrap();
    drop(dir.fresh("segment").unwrap());
    assert!(dir.names().unwrap().is_empty());
    std::mem::forget(dir.fresh("segment").unwrap());
    dir.replace("kept", b"1").unwrap();
    assert_eq!(dir.names().unwrap().len(), 2);
    dir.sweep().unwrap();
    assert_eq!(dir.names().unwrap(), ["kept"]);
}

#[test]
fn read_regular_is_limited() {
    let folder = tempfile::tempdir().unwrap();
    let dir = Dir::open(folder.path()).unwrap();
    dir.replace("file", b"12345").unwrap();
    assert_eq!(dir.read("file", 5).unwrap().unwrap(), b"12345");
    assert_eq!(dir.read("file", 4).err().unwrap().kind(), ErrorKind::FileTooLarge);
    assert_eq!(dir.read("no", 4).unwrap(), None);
    let mut text = String::new();
    dir.file("file").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), dir.bytes().unwrap()), ("12345", 5));
}

#[test]
fn random_ids_have_32_digits_and_differ() {
    assert_ne!(random_id(), random_id());
    assert_eq!(random_id().len(), 32);
}

#[test]
fn remove_all_deletes_everything_below_and_follows_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("precious"), "precious").unwrap();
    let dir = Dir::make(&folder.path().join("c")).unwrap();
    let below = dir.make_sub("sub").unwrap().make_sub("below").unwrap();
    below.replace("file", b"1").unwrap();
    symlink(&outside, folder.path().join("c/sub/below/link")).unwrap();
    make_fifo(&folder.path().join("c/sub/fifo"));
    dir.remove_all("sub").unwrap();
    symlink(&outside, folder.path().join("c/link")).unwrap();
    dir.remove_all("link").unwrap();
    dir.remove_all("absent").unwrap();
    assert!(dir.names().unwrap().is_empty());
    assert_eq!(fs::read_to_string(outside.join("precious")).unwrap(), "precious");
}
