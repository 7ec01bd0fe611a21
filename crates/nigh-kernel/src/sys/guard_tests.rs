use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::AtomicI32;

use super::*;
use crate::FileMap;

const PAGES: usize = 8;

fn open_map(path: &Path) -> std::io::Result<FileMap> {
    FileMap::of(&File::open(path)?)
}

/// Writes a file of `PAGES` pages and one byte more. Every byte is 7.
fn file_of_sevens(folder: &Path) -> (PathBuf, File) {
    let path = folder.join("sevens");
    fs::write(&path, vec![7u8; PAGES * page() + 1]).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    (path, file)
}

#[test]
fn guard_reads_a_cut_file_as_zeros_and_reports_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = file_of_sevens(folder.path());
    let map = open_map(&path).unwrap();
    assert!(map.is_intact() && map.iter().all(|&byte| byte == 7));
    file.set_len(page() as u64).unwrap();
    assert_eq!(map[page() - 1], 7);
    assert_eq!(map[3 * page()], 0);
    assert!(!map.is_intact());
    assert!(map[page()..].iter().all(|&byte| byte == 0));
    assert_eq!(map[..page()], vec![7; page()]);
    // It stays damaged when the file grows again or its pages are released.
    file.set_len(1 << 20).unwrap();
    map.release();
    assert!(!map.is_intact());
}

#[test]
fn guard_finds_a_cut_that_raises_no_signal() {
    let folder = tempfile::tempdir().unwrap();
    for cut in [PAGES * page(), PAGES * page() - 1, 3 * page() + 5, 1, 0] {
        let (path, file) = file_of_sevens(folder.path());
        let map = FileMap::of(&File::open(&path).unwrap()).unwrap();
        assert!(map.is_intact());
        file.set_len(cut as u64).unwrap();
        assert!(!map.is_intact(), "cut to {cut}");
        file.set_len((PAGES * page() + 1) as u64).unwrap();
        assert!(!map.is_intact(), "cut to {cut} and grown again");
    }
}

#[test]
fn guard_finds_cuts_of_files_that_end_in_zeros() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros");
    for (size, ones, cut, harmed) in [
        (2 * page(), page() + 5, page() + 5, false),
        (2 * page(), page() + 5, page() + 4, true),
        (2 * page(), 9, page() + 1, false),
        (2 * page(), 9, page(), true),
    ] {
        let mut content = vec![0; size];
        content[..ones].fill(1);
        fs::write(&path, &content).unwrap();
        let map = open_map(&path).unwrap();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(cut as u64).unwrap();
        assert_eq!(!map.is_intact(), harmed, "{ones} ones, cut to {cut}");
        // A map that counts as intact must read as it was written.
        assert!(harmed || map[..] == content[..]);
    }
}

#[test]
fn guard_serves_many_threads_in_one_cut_file() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..50 {
        let (path, file) = file_of_sevens(folder.path());
        let map = open_map(&path).unwrap();
        let together = Barrier::new(5);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    together.wait();
                    for _ in 0..100 {
                        let odd = map.iter().any(|&byte| byte != 7);
                        assert!(!odd || !map.is_intact(), "zeros were read, but the map counts as intact");
                    }
                });
            }
            together.wait();
            file.set_len(page() as u64).unwrap();
        });
        assert!(!map.is_intact());
    }
}

/// The address of a dropped map is soon reused. So this needs a process in which no other test maps files.
#[test]
fn guard_leaves_other_maps_alone_and_frees_slots() {
    let (ended, printed) = run_child("many maps");
    assert_eq!(ended, (Some(60), None), "{printed}");
}

fn many_maps(folder: &Path) {
    let (path, file) = file_of_sevens(folder);
    // More maps than one chunk of the list has slots.
    let maps: Vec<FileMap> = (0..3 * SLOTS).map(|_| open_map(&path).unwrap()).collect();
    let other = folder.join("other");
    fs::write(&other, "whole").unwrap();
    let whole = open_map(&other).unwrap();
    file.set_len(0).unwrap();
    assert_eq!(maps[2 * SLOTS][0], 0);
    assert!(maps.iter().all(|map| !map.is_intact()));
    assert!(whole.is_intact() && &whole[..] == b"whole");
    let at = maps[0].as_ptr().addr();
    assert!(find(at).is_some() && find(at - 1).is_none_or(|slot| slot.start.load(Ordering::Relaxed) != at));
    drop(maps);
    assert!(find(at).is_none_or(|slot| slot.start.load(Ordering::Relaxed) != at));
    assert!(open_map(&other).unwrap().is_intact(), "a reused slot must not contain damage of the previous map");
}

#[test]
fn guard_accepts_an_empty_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty");
    fs::write(&path, "").unwrap();
    if let Ok(map) = open_map(&path) {
        assert!(map.is_empty() && map.is_intact());
    }
}

#[test]
fn guard_keeps_errno() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = file_of_sevens(folder.path());
    let map = open_map(&path).unwrap();
    file.set_len(0).unwrap();
    assert!(fs::metadata(folder.path().join("no")).is_err());
    // SAFETY: plain read and write of this thread's errno, then of a byte of the map.
    unsafe {
        *libc::__errno_location() = libc::EXDEV;
        let byte = map.as_ptr().read_volatile();
        assert_eq!((byte, *libc::__errno_location()), (0, libc::EXDEV));
    }
    assert!(!map.is_intact());
}

/// The environment variable with the role of a child process.
const PART: &str = "NIGH_TEST_GUARD_PART";

/// Faults at an address outside all `FileMap`s: in another map, of a file that is cut.
fn fault_elsewhere(folder: &Path) {
    let (path, file) = file_of_sevens(folder);
    // SAFETY: no other process has the file. The test intends to cut it under the map.
    let map = unsafe { memmap2::Mmap::map(&File::open(&path).unwrap()).unwrap() };
    file.set_len(0).unwrap();
    // SAFETY: points to a byte of the map.
    let _ = unsafe { map.as_ptr().read_volatile() };
}

/// Uses a `FileMap` of a cut file, which shows that our handler is installed and works.
fn fault_in_ours(folder: &Path) {
    let (path, file) = file_of_sevens(folder);
    let map = open_map(&path).unwrap();
    file.set_len(0).unwrap();
    assert!(map[page()] == 0 && !map.is_intact());
}

static CALLED: AtomicI32 = AtomicI32::new(0);

extern "C" fn with_info(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the system's own; `_exit` is safe in a handler.
    unsafe {
        let right = signal == libc::SIGBUS && (*info).si_code > 0 && !context.is_null();
        libc::_exit(if right { 40 } else { 41 });
    }
}

extern "C" fn without_info(signal: libc::c_int) {
    CALLED.store(signal, Ordering::SeqCst);
    // SAFETY: safe in a handler.
    unsafe { libc::_exit(50) };
}

extern "C" fn counting(signal: libc::c_int) {
    CALLED.store(signal, Ordering::SeqCst);
}

fn set(action: usize, flags: libc::c_int) {
    // SAFETY: a valid structure and a handler of the type that the flags say.
    unsafe {
        let mut new: libc::sigaction = std::mem::zeroed();
        (new.sa_sigaction, new.sa_flags) = (action, flags);
        assert_eq!(libc::sigaction(libc::SIGBUS, &new, ptr::null_mut()), 0);
    }
}

/// Runs a role in a process of its own, which runs no other test. Returns how it ended, and what it printed.
fn run_child(part: &str) -> ((Option<i32>, Option<i32>), String) {
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["sys::guard::tests::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(PART, part)
        .output()
        .unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    ((run.status.code(), run.status.signal()), printed)
}

/// Runs only in a child process: see [`run_child`].
#[test]
fn child() {
    let Ok(part) = std::env::var(PART) else { return };
    let folder = tempfile::tempdir().unwrap();
    let send = || {
        // SAFETY: a plain call.
        unsafe { libc::raise(libc::SIGBUS) };
    };
    match &*part {
        "info" => set(with_info as *const () as usize, libc::SA_SIGINFO),
        "plain" => set(without_info as *const () as usize, 0),
        "default" | "sent" => set(libc::SIG_DFL, 0),
        "ignored" | "ignored and sent" => set(libc::SIG_IGN, 0),
        "counted" => set(counting as *const () as usize, 0),
        // The default of the standard library: a handler for stack overflows, which ignores other faults.
        _ => {}
    }
    fault_in_ours(folder.path());
    match &*part {
        "many maps" => many_maps(folder.path()),
        "sent" | "ignored and sent" => send(),
        "counted" => {
            send();
            assert_eq!(CALLED.load(Ordering::SeqCst), libc::SIGBUS);
            fault_in_ours(folder.path());
        }
        _ => fault_elsewhere(folder.path()),
    }
    let _ = std::io::stdout().write_all(b"lived\n");
    // SAFETY: ends the child at once.
    unsafe { libc::_exit(60) };
}

#[test]
fn guard_passes_other_faults_to_the_previous_handler() {
    for (part, code, signal) in [
        ("info", Some(40), None),
        ("plain", Some(50), None),
        ("default", None, Some(libc::SIGBUS)),
        ("as started", None, Some(libc::SIGBUS)),
        ("sent", None, Some(libc::SIGBUS)),
        ("ignored", None, Some(libc::SIGBUS)),
        ("ignored and sent", Some(60), None),
        ("counted", Some(60), None),
    ] {
        let (ended, printed) = run_child(part);
        assert_eq!(ended, (code, signal), "{part}: {printed}");
    }
}
