//! A folder is indexed, and indexed again after changes.

use std::fs;
use std::time::Duration;

use nigh::{Cancel, Collection, Document, Error, Filter, FolderOptions, FolderProgress, FolderReport, Syntax};

use crate::support::{Place, TinyModel, assert_sound, counts, exported, ids, index, set_age, text};

/// Six documents of three kinds in two languages; the counts of a run that finds them all new are `[6, 0, 0, 0, 0, 0]`.
fn make_folder() -> Place {
    let place = Place::with(&TinyModel { prompts: None, ..TinyModel::default() });
    place.write("guide.md", text::markdown(1, 6));
    place.write("zh/指南.md", text::markdown(2, 6));
    place.write("zh/问答 一.txt", "什么是平均池化？\n\n对词向量取平均。\n");
    place.write("notes.txt", "The first paragraph is on cats.\n\nThe second one is on dogs.\n");
    place.write("src/lib.rs", "/// Pools.\npub fn pool() {}\n\n/// Searches.\npub fn search() {}\n");
    place.write("a/b/c/deep.md", "# Deep\n\nDown in the folder.\n");
    place
}

fn stored_ids(place: &Place, collection: &Collection) -> Vec<String> {
    let ids: Vec<String> = exported(collection).into_iter().map(|document| document.id).collect();
    for id in &ids {
        assert_eq!(collection.document(id).unwrap().unwrap().text, fs::read_to_string(place.docs().join(id)).unwrap());
    }
    ids
}

#[test]
fn index_folder_twice_changes_nothing() {
    let place = make_folder();
    let collection = place.open();
    let first = place.index(&collection);
    assert_eq!(counts(&first), [6, 0, 0, 0, 0, 0], "{first:?}");
    assert!(first.passages_encoded as u64 == collection.status().unwrap().passages && first.passages_kept == 0);
    assert!(first.tokens > 500 && !first.took.is_zero() && !first.interrupted);
    let all = stored_ids(&place, &collection);
    assert_eq!(all, ["a/b/c/deep.md", "guide.md", "notes.txt", "src/lib.rs", "zh/指南.md", "zh/问答 一.txt"]);
    let deep = collection.document("a/b/c/deep.md").unwrap().unwrap();
    assert_eq!((deep.metadata["title"].as_str(), deep.syntax), (Some("Deep"), Syntax::Markdown));
    assert_eq!(collection.document("src/lib.rs").unwrap().unwrap().syntax, Syntax::Code);
    assert_eq!(ids(&collection, "什么是平均池化？\n\n对词向量取平均。")[0], "zh/问答 一.txt");

    let content = exported(&collection);
    let second = place.index(&collection);
    assert_eq!(counts(&second), [0, 0, 6, 0, 0, 0], "{second:?}");
    assert_eq!((second.passages_encoded, second.tokens), (0, 0));
    assert_eq!(exported(&collection), content);
    assert_sound(&collection);
}

#[test]
fn edited_file_encodes_only_its_changed_passages() {
    let place = make_folder();
    let collection = place.open();
    place.index(&collection);
    let before = exported(&collection);
    let guide = fs::read_to_string(place.docs().join("guide.md")).unwrap();
    let passages = before.iter().find(|document| document.id == "guide.md").unwrap().passages.clone().unwrap();
    assert!(passages.len() >= 8, "{}", passages.len());
    // One character replaces another: the neighbouring passages do not change.
    let middle = &passages[passages.len() / 2];
    let at = middle.start_byte + guide[middle.start_byte..middle.end_byte].rfind(char::is_numeric).unwrap();
    let digit = if &guide[at..=at] == "1" { "2" } else { "1" };
    place.write("guide.md", format!("{}{digit}{}", &guide[..at], &guide[at + 1..]));
    let report = place.index(&collection);
    assert_eq!(counts(&report), [0, 1, 5, 0, 0, 0], "{report:?}");
    // In an overlap, two passages contain the character.
    assert!((1..=2).contains(&report.passages_encoded), "{report:?}");
    assert_eq!(report.passages_encoded + report.passages_kept, passages.len());
    stored_ids(&place, &collection);

    // The kept passages equal those of a new collection.
    let fresh = place.options().open(place.path("fresh.nigh")).unwrap();
    place.index(&fresh);
    assert_eq!(exported(&collection), exported(&fresh));
    assert_sound(&collection);
}

#[test]
fn touched_file_is_unchanged_and_an_old_time_hides_no_change() {
    let place = make_folder();
    let collection = place.open();
    place.index(&collection);
    let notes = place.docs().join("notes.txt");
    set_age(&notes, Duration::from_secs(60));
    let report = place.index(&collection);
    assert_eq!((counts(&report), report.passages_encoded), ([0, 0, 6, 0, 0, 0], 0));
    // Size and time are as before, as after `touch -d`, `cp -p` or `rsync -t`.
    let modified = fs::metadata(&notes).unwrap().modified().unwrap();
    let text = fs::read_to_string(&notes).unwrap();
    fs::write(&notes, text.replace("cats", "rats")).unwrap();
    fs::File::options().write(true).open(&notes).unwrap().set_modified(modified).unwrap();
    let seen = if cfg!(unix) { [0, 1, 5, 0, 0, 0] } else { [0, 0, 6, 0, 0, 0] };
    assert_eq!(counts(&place.index(&collection)), seen);
    set_age(&notes, Duration::from_secs(59));
    assert_eq!(place.index(&collection).changed, 1 - seen[1]);
    let options = FolderOptions::new().reread(true);
    let mut writer = collection.writer().unwrap();
    let report = writer.index_folder(place.docs()).options(options.clone()).run().unwrap();
    assert_eq!((counts(&report), report.passages_encoded), ([0, 0, 6, 0, 0, 0], 0));
}

#[test]
fn change_within_the_same_tick_is_detected() {
    let place = make_folder();
    let collection = place.open();
    let notes = place.docs().join("notes.txt");
    set_age(&notes, Duration::ZERO);
    let modified = fs::metadata(&notes).unwrap().modified().unwrap();
    place.index(&collection);
    fs::write(&notes, fs::read_to_string(&notes).unwrap().replace("cats", "rats")).unwrap();
    fs::File::options().write(true).open(&notes).unwrap().set_modified(modified).unwrap();
    assert_eq!(counts(&place.index(&collection)), [0, 1, 5, 0, 0, 0]);
    assert!(collection.document("notes.txt").unwrap().unwrap().text.contains("rats"));
}

#[test]
fn files_removed_renamed_ignored_or_no_longer_text_lose_their_documents() {
    let place = make_folder();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("brought.md", "not from a file")).unwrap();
    writer.commit().unwrap();
    drop(writer);
    place.index(&collection);
    fs::remove_file(place.docs().join("notes.txt")).unwrap();
    fs::rename(place.docs().join("a"), place.docs().join("z")).unwrap();
    place.write(".gitignore", "*.rs\n");
    place.write("zh/指南.md", b"\x89PNG\r\n\x1a\n\0\0\0");
    let report = place.index(&collection);
    // deep.md has another name; notes.txt, lib.rs and the guide, which is now a picture, are removed.
    assert_eq!(counts(&report), [0, 0, 2, 3, 1, 0], "{report:?}");
    assert_eq!((report.renamed, report.passages_encoded), (1, 0));
    assert!(report.passages_kept > 0);
    assert_eq!(report.skipped[0].path, "zh/指南.md");
    assert!(report.skipped[0].reason.contains("PNG"), "{report:?}");
    let left: Vec<String> = exported(&collection).into_iter().map(|document| document.id).collect();
    assert_eq!(left, ["brought.md", "guide.md", "z/b/c/deep.md", "zh/问答 一.txt"]);
    assert_sound(&collection);
    let again = place.index(&collection);
    assert_eq!(counts(&again), [0, 0, 3, 0, 1, 0], "{again:?}");
}

#[test]
fn ignore_files_and_hidden_files_are_left_out() {
    let place = Place::new();
    for (name, content) in [
        ("kept.md", "kept"),
        (".gitignore", "drafts/\n*.log\n!keep.log\n"),
        (".nighignore", "private*\n"),
        ("drafts/a.md", "ignored"),
        ("b.log", "ignored"),
        ("keep.log", "kept"),
        ("private.md", "ignored"),
        (".hidden/c.md", "hidden"),
        (".nigh/d.md", "own"),
        (".git/e.md", "git's"),
    ] {
        place.write(name, content);
    }
    let collection = place.open();
    assert_eq!(counts(&place.index(&collection)), [2, 0, 0, 0, 0, 0]);
    let options = FolderOptions::new().hidden(true);
    let run = |options: &FolderOptions| {
        collection.writer().unwrap().index_folder(place.docs()).options(options.clone()).run().unwrap()
    };
    // The two rule files are hidden text files too.
    assert_eq!(counts(&run(&options)), [3, 0, 2, 0, 0, 0]);
    let all: Vec<String> = exported(&collection).into_iter().map(|document| document.id).collect();
    assert_eq!(all, [".gitignore", ".hidden/c.md", ".nighignore", "keep.log", "kept.md"]);
    assert_eq!(counts(&run(&FolderOptions::default())), [0, 0, 2, 3, 0, 0]);
}

#[test]
fn folders_with_prefixes_and_single_files_are_updated_apart() {
    let place = make_folder();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    let report = index(&mut writer, &place.docs().join("zh"), "zh/");
    assert_eq!(counts(&report), [2, 0, 0, 0, 0, 0]);
    let report = index(&mut writer, &place.docs().join("a"), "a/");
    assert_eq!(counts(&report), [1, 0, 0, 0, 0, 0]);
    let report = index(&mut writer, &place.docs().join("notes.txt"), "");
    assert_eq!(counts(&report), [1, 0, 0, 0, 0, 0]);
    stored_ids(&place, &collection);
    // A run of one folder leaves the documents of others alone; the run of the whole folder finds them unchanged.
    fs::remove_file(place.docs().join("zh/指南.md")).unwrap();
    assert_eq!(counts(&index(&mut writer, &place.docs().join("a"), "a/")), [0, 0, 1, 0, 0, 0]);
    assert_eq!(counts(&index(&mut writer, &place.docs(), "")), [2, 0, 3, 1, 0, 0]);
    let absent = writer.index_folder(place.path("no")).run();
    assert!(matches!(absent, Err(Error::Io { .. })), "{absent:?}");
    assert_eq!(collection.status().unwrap().documents, 5, "a wrong path removes nothing");
    assert_sound(&collection);
}

#[test]
fn folder_that_shares_documents_with_another_one_is_refused() {
    let place = make_folder();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    index(&mut writer, &place.docs().join("zh"), "notes/");
    let before = exported(&collection);
    for (root, prefix) in [("a", "notes/"), ("a", "notes/more/"), ("a", "no"), ("", "notes/"), ("src", "")] {
        let root = place.docs().join(root);
        let refused = writer.index_folder(&root).prefix(prefix).run().unwrap_err();
        let Error::FolderConflict { other, other_prefix, .. } = &refused else { panic!("{refused}") };
        assert_eq!((other, &**other_prefix), (&place.docs().join("zh"), "notes/"));
        assert!(refused.is_user_error() && refused.to_string().contains(root.to_str().unwrap()), "{refused}");
        let refused = collection.diff_folder(&root).prefix(prefix).run();
        assert!(matches!(refused, Err(Error::FolderConflict { .. })), "{refused:?}");
    }
    assert_eq!((exported(&collection), collection.indexed_folders()), (before, vec!["notes".to_owned()]));
    // A moved folder is the same one, and a forgotten one leaves its prefix free.
    fs::rename(place.docs().join("zh"), place.docs().join("cn")).unwrap();
    assert_eq!(counts(&index(&mut writer, &place.docs().join("cn"), "notes/")), [0, 0, 2, 0, 0, 0]);
    assert!(writer.index_folder(place.docs().join("a")).prefix("notes/").run().is_err());
    assert_eq!(writer.forget_folder("notes/").unwrap(), 2);
    assert_eq!(counts(&index(&mut writer, &place.docs().join("a"), "notes/")), [1, 0, 0, 0, 0, 0]);
    // A single file removes nothing.
    index(&mut writer, &place.docs().join("notes.txt"), "notes/");
    assert_eq!(collection.status().unwrap().documents, 2);
}

#[test]
fn file_replaces_a_document_of_the_application_and_the_report_names_it() {
    let place = make_folder();
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    writer.upsert(Document::new("notes.txt", "a note of the application")).unwrap();
    writer.upsert(Document::new("own", "another one")).unwrap();
    let report = index(&mut writer, &place.docs(), "");
    assert_eq!((counts(&report), &*report.replaced), ([5, 1, 0, 0, 0, 0], &["notes.txt".to_owned()][..]), "{report:?}");
    assert!(index(&mut writer, &place.docs(), "").replaced.is_empty());
    // And the reverse: the last write wins, and the next run reads the file again.
    writer.upsert(Document::new("notes.txt", "a note of the application")).unwrap();
    writer.commit().unwrap();
    assert_eq!(collection.document("notes.txt").unwrap().unwrap().text, "a note of the application");
    assert_eq!(index(&mut writer, &place.docs(), "").replaced, ["notes.txt"]);
    fs::remove_file(place.docs().join("notes.txt")).unwrap();
    writer.upsert(Document::new("notes.txt", "a note of the application")).unwrap();
    let report = index(&mut writer, &place.docs(), "");
    assert_eq!((counts(&report), report.replaced.len()), ([0, 0, 5, 0, 0, 0], 0), "{report:?}");
    // A document that was exported from a file is the same as the file: it is not replaced.
    place.write("own", "another one");
    let other = place.options().open(place.path("other.nigh")).unwrap();
    let mut writer = other.writer().unwrap();
    writer.import_all(exported(&collection)).run().unwrap();
    let report = index(&mut writer, &place.docs(), "");
    assert_eq!((counts(&report), &*report.replaced), ([0, 1, 5, 0, 0, 0], &["own".to_owned()][..]), "{report:?}");
}

#[test]
fn pending_documents_of_the_writer_are_committed() {
    let place = make_folder();
    let collection = place.open();
    place.index(&collection);
    let mut writer = collection.writer().unwrap();
    writer.remove("notes.txt").unwrap();
    writer.upsert(Document::new("guide.md", "something else")).unwrap();
    let report = index(&mut writer, &place.docs(), "");
    assert_eq!(stored_ids(&place, &collection).len(), 6, "not in step with the folder: {report:?}");
    assert_eq!(counts(&report), [1, 1, 4, 0, 0, 0], "{report:?}");
}

/// Indexes until `stop` returns true; returns the report.
fn index_until(place: &Place, collection: &Collection, stop: impl Fn(FolderProgress) -> bool) -> FolderReport {
    let cancel = Cancel::new();
    let progress = |progress| {
        if stop(progress) {
            cancel.cancel();
        }
    };
    let mut writer = collection.writer().unwrap();
    writer.index_folder(place.docs()).cancel(&cancel).on_progress(progress).run().unwrap()
}

#[test]
fn interrupted_run_keeps_finished_files_and_resumes() {
    let place = Place::new();
    for i in 0..30 {
        place.write(&format!("{i}.md"), text::markdown(i, 60));
    }
    let collection = place.open();
    let none = index_until(&place, &collection, |_| true);
    assert!(none.interrupted && none.added < 30, "{none:?}");
    let part = index_until(&place, &collection, |progress| progress.files_done >= 3);
    assert!(part.interrupted && part.added >= 3 && none.added + part.added < 30, "{part:?}");
    let there = collection.status().unwrap().documents as usize;
    assert_eq!(there, none.added + part.added);
    assert_sound(&collection);
    let rest = index_until(&place, &collection, |_| false);
    assert_eq!(counts(&rest), [30 - there, 0, there, 0, 0, 0], "{rest:?}");
    let fresh = place.options().open(place.path("fresh.nigh")).unwrap();
    place.index(&fresh);
    assert_eq!(exported(&collection), exported(&fresh));
}

/// A text that takes several batches.
fn long_text() -> String {
    let paragraph =
        |i: usize| format!("the cat {i} and the dog {}: {}\n\n", i * i, "query passage document word ".repeat(7));
    (0..6000).map(paragraph).collect()
}

#[test]
fn long_document_is_stored_in_parts_and_resumed() {
    let place = Place::new();
    place.write("a.md", "# short\n\nthe cat and the dog\n");
    let long = long_text();
    place.write("long.txt", &long);
    let collection = place.open();
    let part = index_until(&place, &collection, |progress| progress.tokens > 160_000);
    assert!(part.interrupted && part.tokens > 160_000, "{part:?}");
    assert_sound(&collection);
    assert_eq!(collection.status().unwrap().passages, 1, "that of the short document");
    let rest = index_until(&place, &collection, |_| false);
    assert_eq!(counts(&rest), [1, 0, 1, 0, 0, 0], "{rest:?}");
    assert!(rest.passages_kept > 2000 && rest.passages_kept < part.passages_encoded, "{rest:?} after {part:?}");
    let fresh = place.options().open(place.path("fresh.nigh")).unwrap();
    let whole = place.index(&fresh);
    assert_eq!(whole.passages_encoded, rest.passages_kept + rest.passages_encoded + 1);
    assert_eq!(exported(&collection), exported(&fresh));
    // Only the edited part is encoded; the passages after it keep their vectors although they moved.
    place.write("long.txt", format!("the mean of tokens\n\n{long}"));
    let edited = place.index(&collection);
    assert!(edited.changed == 1 && edited.passages_encoded <= 2, "{edited:?}");
    assert_sound(&collection);
}

/// Asserts that every way to read finds exactly these documents, with one passage each.
fn assert_finds_only(collection: &Collection, texts: &[(&str, &str)]) {
    let snapshot = collection.snapshot().unwrap();
    let (number, all) = (texts.len(), &Filter::parse("exists(path)").unwrap());
    assert_eq!((snapshot.documents(), snapshot.passages()), (number as u64, number as u64));
    assert_eq!(snapshot.count(all).unwrap(), number);
    let of_texts: Vec<&str> = texts.iter().map(|(id, _)| *id).collect();
    let listed: Vec<String> = snapshot.ids(all, None, 10).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(listed, of_texts);
    let whole: Vec<(String, String)> = exported(collection).into_iter().map(|it| (it.id, it.text)).collect();
    assert_eq!(whole, texts.iter().map(|&(id, text)| (id.to_owned(), text.to_owned())).collect::<Vec<_>>());
    let mut found = ids(collection, "the cat and the dog");
    found.sort();
    assert_eq!(found, of_texts);
    for id in ["a.md", "long.txt"] {
        let text = texts.iter().find(|text| text.0 == id).map(|text| text.1.to_owned());
        assert_eq!(snapshot.document(id).unwrap().map(|document| document.text), text);
    }
    if let Ok(changes) = collection.changes_since(0, 10) {
        let mut stored: Vec<_> =
            changes.iter().filter(|change| !change.removed).map(|change| change.id.as_str()).collect();
        stored.sort();
        assert!(stored.iter().all(|id| of_texts.contains(id)), "{stored:?}");
    }
    assert_sound(collection);
}

#[test]
fn long_document_is_found_only_when_it_is_whole() {
    let (short, old) = ("# short\n\nthe cat and the dog\n", "the dog of before\n");
    let long = long_text();
    let begin = |place: &Place| {
        place.write("long.txt", &long);
        let collection = place.open();
        let part = index_until(place, &collection, |progress| progress.tokens > 100_000);
        assert!(part.interrupted && part.added + part.changed <= 1, "{part:?}");
        drop(collection);
        let findings = Collection::verify_at(place.path("notes.nigh"), &place.options()).unwrap();
        assert_eq!(findings, [""; 0]);
    };
    // A new document.
    let place = Place::new();
    place.write("a.md", short);
    begin(&place);
    assert_finds_only(&place.open(), &[("a.md", short)]);
    assert_finds_only(&Collection::open_read_only(place.path("notes.nigh")).unwrap(), &[("a.md", short)]);
    let rebuild = || Collection::rebuild(place.path("notes.nigh")).options(place.options()).run().unwrap().0;
    assert_finds_only(&rebuild(), &[("a.md", short)]);
    let collection = place.open();
    let mut writer = collection.writer().unwrap();
    assert!(!writer.remove("long.txt").unwrap(), "there is none to be found");
    writer.commit().unwrap();
    assert_eq!(collection.changes_since(0, 10).unwrap().len(), 2);
    assert_finds_only(&collection, &[("a.md", short)]);
    drop((writer, collection));
    // Its file is gone before it is whole.
    begin(&place);
    fs::remove_file(place.docs().join("long.txt")).unwrap();
    let gone = place.index(&place.open());
    assert_eq!(counts(&gone), [0, 0, 1, 0, 0, 0], "{gone:?}");
    assert_finds_only(&place.open(), &[("a.md", short)]);

    // A document with an older version, which stays until the new one is whole.
    place.write("long.txt", old);
    place.index(&place.open());
    begin(&place);
    let both = [("a.md", short), ("long.txt", old)];
    assert_finds_only(&place.open(), &both);
    place.write("b.md", "a dog between\n");
    let only = FolderOptions::new().only(["b.md"]);
    place.open().writer().unwrap().index_folder(place.docs()).options(only).run().unwrap();
    fs::remove_file(place.docs().join("b.md")).unwrap();
    let collection = place.open();
    assert_eq!(collection.document("long.txt").unwrap().unwrap().text, old, "also after other commits");
    let whole = index_until(&place, &collection, |_| false);
    assert_eq!(counts(&whole), [0, 1, 1, 1, 0, 0], "{whole:?}");
    assert_eq!(collection.document("long.txt").unwrap().unwrap().text, long);
    assert_sound(&collection);
    drop(collection);
    // Rebuilding takes everything from the records, which have no older versions.
    place.write("long.txt", old);
    place.index(&place.open());
    begin(&place);
    assert_finds_only(&rebuild(), &[("a.md", short)]);
}

#[test]
fn progress_ends_at_the_total() {
    let place = make_folder();
    let collection = place.open();
    let mut seen: Vec<FolderProgress> = Vec::new();
    let mut writer = collection.writer().unwrap();
    let report = writer.index_folder(place.docs()).on_progress(|progress| seen.push(progress)).run().unwrap();
    let (first, last) = (seen[0], seen[seen.len() - 1]);
    assert_eq!((first.files, first.files_done, first.bytes_done), (6, 0, 0));
    assert_eq!((last.files_done, last.bytes_done, last.tokens), (6, first.bytes, report.tokens));
    assert!(seen.is_sorted_by_key(|progress| (progress.files_done, progress.bytes_done, progress.tokens)));
}
