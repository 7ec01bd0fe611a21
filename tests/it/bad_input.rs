//! Bad files, queries and models: each gives a clear error or a line in the report, and the other files are still indexed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nigh::{Collection, Error, FolderOptions, FolderReport, SkippedFile};

use crate::support::{Place, assert_sound, counts, exported, found, ids, set_age};

const GOOD: &str = "平均池化 is the good file.";

fn index_docs(place: &Place, collection: &Collection, options: &FolderOptions) -> FolderReport {
    collection.writer().unwrap().index_folder(place.docs()).options(options.clone()).run().unwrap()
}

fn follow_options() -> FolderOptions {
    FolderOptions::new().follow_links(true)
}

/// Indexes a folder of one good file and the files that `bad` adds. The good one must be stored, the others reported.
/// Returns the skipped and the failed files, each as `PATH: REASON`.
fn index_with_good_file(options: &FolderOptions, bad: impl FnOnce(&Place)) -> (Vec<String>, Vec<String>) {
    let place = Place::new();
    place.write("good.md", GOOD);
    bad(&place);
    let collection = place.open();
    let report = index_docs(&place, &collection, options);
    assert_eq!(report.added, 1, "{report:?}");
    assert_eq!(ids(&collection, "the good file"), ["good.md"]);
    assert_sound(&collection);
    let again = index_docs(&place, &collection, options);
    assert_eq!((again.unchanged, again.passages_encoded), (1, 0), "{again:?}");
    assert_eq!((&again.skipped, &again.failed), (&report.skipped, &report.failed));
    let lines = |files: Vec<SkippedFile>| files.iter().map(|f| format!("{}: {}", f.path, f.reason)).collect();
    (lines(report.skipped), lines(report.failed))
}

/// Asserts that there is one line, that it is about this file, and that it contains all of these words.
fn assert_one_line(lines: &[String], path: &str, words: &[&str]) {
    assert!(lines.len() == 1 && lines[0].starts_with(&format!("{path}: ")), "{lines:?}");
    assert!(!lines[0].contains('\n') && words.iter().all(|word| lines[0].contains(word)), "{lines:?}");
}

fn assert_skipped(name: &str, content: &[u8], words: &[&str]) {
    let (skipped, failed) = index_with_good_file(&FolderOptions::default(), |place| drop(place.write(name, content)));
    assert_one_line(&skipped, name, words);
    assert!(failed.is_empty(), "{failed:?}");
}

fn assert_failed(name: &str, content: &[u8], words: &[&str]) {
    let (skipped, failed) = index_with_good_file(&FolderOptions::default(), |place| drop(place.write(name, content)));
    assert_one_line(&failed, name, words);
    assert!(skipped.is_empty(), "{skipped:?}");
}

#[test]
fn files_without_text_are_skipped() {
    assert_skipped("empty.md", b"", &["empty"]);
    assert_skipped("blank.md", " \r\n\u{3000}".as_bytes(), &["empty"]);
    assert_skipped("binary.md", &[0, 159, 146, 150, 0, 1, 2], &["binary"]);
    assert_skipped("picture.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["PNG"]);
    let [pdf, word] = [cfg!(feature = "pdf"), cfg!(feature = "formats")];
    let pdf = if pdf { ["incomplete PDF", "cut off"] } else { ["a PDF", "feature `pdf`"] };
    let word = if word { ["incomplete DOCX", ""] } else { ["a Word document", "feature `formats`"] };
    assert_failed("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", &pdf);
    assert_failed("report.docx", b"PK\x03\x04\x14\0\x06\0", &word);
    assert_skipped("half.txt", b"\xff\xfea\0b", &["UTF-16"]);
    assert_skipped("half-utf32.txt", b"\xff\xfe\0\0a\0\0", &["UTF-32"]);
    assert_skipped("random.txt", b"\x81\x02\xff\x05\x9d\x1f\xfe\x07\x90\x03\x11\xc0\x06", &["binary"]);
}

/// A build without readers keeps the documents of a build with readers, reports them, and then leaves their files alone.
#[test]
fn formats_missing_in_this_build_keep_their_documents() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/fixtures/formats");
    let (formats, pdf) = (cfg!(feature = "formats"), cfg!(feature = "pdf"));
    let files = [
        ("coffee-roasting.docx", formats),
        ("onboarding.pptx", formats),
        ("seed-inventory.xlsx", formats),
        ("tide-table.xls", formats),
        ("beekeeping.odt", formats),
        ("salt-road.epub", formats),
        ("cache-guide.html", formats),
        ("bridge-soundings.eml", formats),
        ("choir-list.mbox", formats),
        ("bread-science.pdf", pdf),
    ];
    let place = Place::new();
    // A name alone does not make a text a web page; all others are stored from a file of that name.
    for (name, _) in files.iter().filter(|(name, _)| !name.ends_with("html")) {
        place.write(name, format!("stored as {name} by another build"));
    }
    let collection = place.open();
    let stored = index_docs(&place, &collection, &FolderOptions::default()).added;
    assert_eq!(stored, files.len() - 1);
    for (name, _) in files {
        place.write(name, fs::read(fixtures.join(name)).unwrap());
        set_age(&place.docs().join(name), Duration::from_secs(3600));
    }
    let report = index_docs(&place, &collection, &FolderOptions::default());
    assert_eq!((report.removed, report.skipped.len()), (0, 0), "{report:?}");
    assert_eq!(report.failed.len(), files.iter().filter(|(_, built)| !built).count(), "{report:?}");
    for (name, built) in files {
        let failed = report.failed.iter().find(|file| file.path == name);
        let document = collection.document(name).unwrap();
        let text = document.as_ref().map(|document| document.text.as_str()).unwrap_or_default();
        let old = format!("stored as {name} by another build");
        match failed {
            None => assert!(built && !text.is_empty() && text != old, "{name}: {text}"),
            Some(SkippedFile { reason, .. }) => {
                let feature = if name.ends_with("pdf") { "`pdf`" } else { "`formats`" };
                assert!(!built && reason.contains(feature), "{name}: {reason}");
                let was_stored = !name.ends_with("html");
                assert_eq!(text, if was_stored { old.as_str() } else { "" });
                assert_eq!(reason.ends_with("; what was indexed of it before is kept"), was_stored, "{reason}");
            }
        }
    }
    let again = index_docs(&place, &collection, &FolderOptions::default());
    assert_eq!(counts(&again)[..4], [0, 0, files.len() - again.failed.len(), 0], "{again:?}");
    assert_eq!(again.failed.len(), report.failed.len());
    let stale = collection.diff_folder(place.docs()).run().unwrap();
    assert!(stale.is_current(), "{stale:?}");
    assert_eq!(stale.failed.len(), report.failed.len());
    assert_sound(&collection);
}

#[test]
fn encodings_of_text_are_read() {
    let place = Place::new();
    for (name, content, _) in ENCODED {
        place.write(name, content);
    }
    let collection = place.open();
    assert_eq!(place.index(&collection).added, ENCODED.len());
    for (name, _, text) in ENCODED {
        assert_eq!(collection.document(name).unwrap().unwrap().text, text, "{name}");
    }
}

const ENCODED: [(&str, &[u8], &str); 4] = [
    ("gbk.txt", b"\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7", "你好\u{ff0c}世界"),
    ("utf32.txt", b"\xff\xfe\0\0a\0\0\0", "a"),
    ("utf16-without-mark.txt", b"a\0b\0c\0", "abc"),
    ("latin.txt", b"caf\xe9", "café"),
];

#[test]
fn utf16_is_read() {
    let place = Place::new();
    for (name, mark, unit) in
        [("le.md", [0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ("be.md", [0xfe, 0xff], u16::to_be_bytes)]
    {
        place.write(name, mark.into_iter().chain(GOOD.encode_utf16().flat_map(unit)).collect::<Vec<u8>>());
    }
    let collection = place.open();
    assert_eq!(counts(&place.index(&collection)), [2, 0, 0, 0, 0, 0]);
    assert_eq!(collection.document("be.md").unwrap().unwrap().text, GOOD);
    assert_eq!(ids(&collection, GOOD).len(), 2);
}

#[test]
fn size_limit_skips_larger_files() {
    let huge = |place: &Place| {
        let file = fs::File::create(place.docs().join("huge.md")).unwrap();
        file.set_len(100 << 20).unwrap();
    };
    let (skipped, _) = index_with_good_file(&FolderOptions::default(), huge);
    assert_one_line(&skipped, "huge.md", &["104857600", "max_file_size"]);
    let options = FolderOptions::new().max_file_size(200 << 20);
    let (skipped, _) = index_with_good_file(&options, huge);
    assert_one_line(&skipped, "huge.md", &["binary"]);
    // A stored file that has since grown beyond the limit does not keep its document.
    let place = Place::new();
    place.write("grows.md", GOOD);
    let collection = place.open();
    place.index(&collection);
    huge(&place);
    fs::rename(place.docs().join("huge.md"), place.docs().join("grows.md")).unwrap();
    let report = place.index(&collection);
    assert_eq!(counts(&report), [0, 0, 0, 1, 1, 0], "{report:?}");
}

#[cfg(unix)]
#[test]
fn links_that_are_dangling_or_circular_are_reported() {
    use std::os::unix::fs::symlink;
    let links = |place: &Place| {
        let docs = place.docs();
        symlink("gone.md", docs.join("dangling.md")).unwrap();
        symlink("self.md", docs.join("self.md")).unwrap();
        symlink("b.md", docs.join("a.md")).unwrap();
        symlink("a.md", docs.join("b.md")).unwrap();
        fs::create_dir(docs.join("deep")).unwrap();
        symlink("..", docs.join("deep/up")).unwrap();
    };
    for options in [FolderOptions::default(), follow_options()] {
        let (skipped, failed) = index_with_good_file(&options, links);
        let mut named: Vec<&str> =
            skipped.iter().chain(&failed).filter_map(|line| Some(line.split_once(": ")?.0)).collect();
        named.sort_unstable();
        assert_eq!(named, ["a.md", "b.md", "dangling.md", "deep/up", "self.md"], "{skipped:?} {failed:?}");
        let all = || skipped.iter().chain(&failed).filter(|line| !line.starts_with("deep/up"));
        assert!(all().all(|line| line.contains("symbolic link") || line.contains("links")), "{skipped:?} {failed:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_to_files_are_read_on_request() {
    let place = Place::new();
    fs::write(place.path("outside.md"), "outside of the folder").unwrap();
    std::os::unix::fs::symlink(place.path("outside.md"), place.docs().join("link.md")).unwrap();
    let collection = place.open();
    let report = place.index(&collection);
    assert_eq!(counts(&report), [0, 0, 0, 0, 1, 0]);
    assert!(report.skipped[0].reason.contains("follow_links"), "{report:?}");
    assert_eq!(counts(&index_docs(&place, &collection, &follow_options())), [1, 0, 0, 0, 0, 0]);
    assert_eq!(collection.document("link.md").unwrap().unwrap().text, "outside of the folder");
}

#[cfg(unix)]
#[test]
fn unreadable_file_or_folder_keeps_its_documents() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    for name in ["good.md", "locked.md", "folder/inside.md"] {
        place.write(name, GOOD);
    }
    let collection = place.open();
    place.index(&collection);
    let content = exported(&collection);
    let locked = [place.write("locked.md", "changed, but nobody may know"), place.docs().join("folder")];
    let modes = |mode| locked.iter().for_each(|p| fs::set_permissions(p, fs::Permissions::from_mode(mode)).unwrap());
    modes(0);
    if fs::File::open(&locked[0]).is_ok() {
        modes(0o755);
        crate::support::real::skipped("this user (root?) can read a file of mode 000");
        return;
    }
    let report = place.index(&collection);
    modes(0o755);
    assert_eq!(counts(&report), [0, 0, 1, 0, 0, 2], "{report:?}");
    assert!(report.failed.iter().all(|failed| failed.reason.contains("cannot be read")), "{report:?}");
    assert_eq!(exported(&collection), content);
    assert_eq!(counts(&place.index(&collection)), [0, 1, 2, 0, 0, 0]);
}

/// Root may read everything except this: a file that opens, but gives an I/O error when read.
#[cfg(target_os = "linux")]
#[test]
fn read_error_of_a_file_keeps_its_document() {
    let place = Place::new();
    place.write("good.md", GOOD);
    let bad = place.write("bad.md", "as it was");
    let collection = place.open();
    index_docs(&place, &collection, &follow_options());
    let content = exported(&collection);
    fs::remove_file(&bad).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", &bad).unwrap();
    let report = index_docs(&place, &collection, &follow_options());
    assert_eq!(counts(&report), [0, 0, 1, 0, 0, 1], "{report:?}");
    assert!(report.failed[0].path == "bad.md" && report.failed[0].reason.contains("cannot be read"), "{report:?}");
    assert_eq!(exported(&collection), content);
}

#[test]
fn vanished_file_keeps_its_document_for_one_run() {
    let place = Place::new();
    for name in ["a.md", "b.md", "c.md"] {
        place.write(name, GOOD);
    }
    let collection = place.open();
    // The first progress report comes after the walk and before the first read.
    let vanishing = |name: &str| {
        let mut writer = collection.writer().unwrap();
        let index = writer.index_folder(place.docs());
        index.on_progress(|_| drop(fs::remove_file(place.docs().join(name)))).run().unwrap()
    };
    let report = vanishing("b.md");
    assert_eq!(counts(&report), [2, 0, 0, 0, 0, 1], "{report:?}");
    assert!(report.failed[0].path == "b.md" && report.failed[0].reason.contains("was deleted"), "{report:?}");
    // A stored document stays in this run. The next run does not see its file and removes it.
    place.write("c.md", "changed");
    let report = vanishing("c.md");
    assert_eq!(counts(&report), [0, 0, 1, 0, 0, 1], "{report:?}");
    assert_eq!(collection.document("c.md").unwrap().unwrap().text, GOOD);
    assert_eq!(counts(&place.index(&collection)), [0, 0, 1, 1, 0, 0]);
    assert_sound(&collection);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_or_too_long_are_reported() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let (skipped, _) = index_with_good_file(&FolderOptions::default(), |place| {
        fs::write(place.docs().join(OsStr::from_bytes(b"caf\xe9.md")), "text").unwrap();
    });
    assert_one_line(&skipped, "caf\u{fffd}.md", &["UTF-8", "rename"]);
    let deep = vec!["d".repeat(200); 6].join("/");
    let (skipped, _) =
        index_with_good_file(&FolderOptions::default(), |place| drop(place.write(&format!("{deep}/a.md"), "text")));
    assert_one_line(&skipped, &format!("{deep}/a.md"), &["1024"]);
}

#[cfg(unix)]
#[test]
fn fifo_does_not_hang() {
    let (skipped, _) = index_with_good_file(&FolderOptions::default(), |place| {
        let made = std::process::Command::new("mkfifo").arg(place.docs().join("pipe.md")).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
    });
    assert_one_line(&skipped, "pipe.md", &["regular file"]);
}

#[test]
fn queries_that_are_odd_do_not_fail() {
    let place = Place::new();
    place.write("good.md", GOOD);
    let collection = place.open();
    place.index(&collection);
    for empty in ["", " ", "\n\t\u{3000}"] {
        let refused = collection.search(empty).run().unwrap_err();
        assert!(matches!(refused, Error::EmptyQuery) && refused.is_user_error(), "{refused:?}");
        assert!(refused.to_string().contains("at least one word"));
    }
    let long = "句向量 and pooling, ".repeat(5_000);
    let one_word = "x".repeat(100_000);
    let (zero_width, nul) = ("\u{200b}".repeat(40_000), "\0".repeat(100_000));
    assert!(long.len() > 100_000);
    for query in ["🦀🦀🦀", "👩‍👩‍👧‍👧", "?!", "\u{0}", "\u{202e}abc", &long, &one_word, &zero_width, &nul]
    {
        let hits = found(collection.search(query).run().unwrap());
        let shown: String = query.chars().take(10).collect();
        assert!(hits.len() == 1 && hits[0].1.is_finite(), "{shown:?}: {hits:?}");
    }
}
