//! Trust: settings, folders, models and the record of skipped files of a collection are used only if it
//! was made here, or after `nigh trust`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::TinyModel;
use crate::support::prepared::write;
use crate::support::program::{Ran, Surroundings, bounded};
use crate::support::tree;

/// A text that must never get into a collection.
const SECRET: &str = "the secret of another folder";

/// Makes a repository of an author, next to the reader's own files.
struct Clone {
    place: tempfile::TempDir,
    surroundings: Surroundings,
}

impl Clone {
    /// `settings`: the content of the author's config.toml.
    fn new(settings: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let surroundings = Surroundings::new(place.path());
        let folder = place.path().join("repository");
        write(&place.path().join("private"), "secret.md", SECRET);
        write(&folder, "a.md", "Pooling of token vectors.\n");
        write(&folder, "b.md", "Search finds near documents.\n");
        symlink("../private", folder.join("linked")).unwrap();
        let it = Self { place, surroundings };
        // The author's machine trusts it.
        let author = it.path("author");
        tree::copy(&it.surroundings.data(), &author);
        let mut index = it.surroundings.nigh(&folder, &["index", ".", "--model", "tiny"]);
        it.surroundings.with_data(&mut index, &author);
        bounded(index, it.surroundings.limit).assert_fine();
        if !settings.is_empty() {
            fs::write(folder.join(".nigh/config.toml"), settings).unwrap();
        }
        it
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn folder(&self) -> PathBuf {
        self.path("repository")
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let ran = self.surroundings.run(&self.folder(), arguments);
        assert_eq!(ran.fault(), None);
        ran
    }

    fn ids(&self) -> Vec<String> {
        let exported = self.run(&["export"]);
        let id =
            |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        let mut ids: Vec<String> = exported.out.lines().map(id).collect();
        ids.sort();
        ids
    }

    /// Asserts that the collection has no text of the reader's own files.
    fn assert_no_secret(&self, after: &str) {
        let holds = |path: &Path| fs::read(path).unwrap().windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        let files = tree::files(&self.folder().join(".nigh"));
        assert!(!files.iter().any(|path| holds(path)), "after {after} a file outside is in the collection");
        assert!(!self.run(&["export"]).out.contains(SECRET), "after {after}");
    }

    /// Asserts that a command stops and advises how to trust; returns the printed command.
    fn advice(&self, ran: &Ran) -> String {
        let advice = ran.advice().unwrap_or_else(|| panic!("no advice: {}", ran.output_line()));
        assert!(ran.code == Some(2) && advice.starts_with("nigh trust"), "{}", ran.output_line());
        advice
    }
}

#[test]
fn untrusted_settings_are_ignored() {
    for settings in ["follow_links = true\n", "hidden = true\n", "include = [\"a.md\"]\n", "exclude = [\"a.md\"]\n"] {
        let clone = Clone::new(settings);
        write(&clone.folder(), ".hidden.md", "A hidden file about pooling.\n");
        let before = clone.ids();
        for (_, arguments) in crate::support::prepared::QUESTIONS {
            assert_eq!(clone.run(arguments).code, Some(0), "{arguments:?} with {settings}");
        }
        let stopped = clone.run(&["index"]);
        let advice = clone.advice(&stopped);
        let watch = clone.surroundings.watch(&clone.folder(), &[], Duration::from_secs(1));
        clone.advice(&watch);
        clone.assert_no_secret("index and watch");
        assert_eq!(clone.ids(), before, "{settings}");
        // Trusted in one run.
        let once = clone.run(&["index", "--trust"]);
        assert!(once.is_fine(), "{}", once.output_line());
        let changed = clone.ids();
        assert!(changed != before, "{settings} has no effect with --trust");
        clone.advice(&clone.run(&["index"]));
        // Permanently, with the printed command.
        clone.surroundings.shell(&clone.folder(), &advice).assert_fine();
        assert!(clone.run(&["index"]).is_fine());
        assert_eq!(clone.ids(), changed, "{settings}");
    }
}

#[test]
fn collection_made_here_is_trusted() {
    let clone = Clone::new("");
    let own = clone.path("own");
    write(&own, "a.md", "Pooling.\n");
    write(&own, "b.log", "No text to index.\n");
    let nigh = |arguments: &[&str]| clone.surroundings.run(&own, arguments);
    nigh(&["index", ".", "--model", "tiny"]).assert_fine();
    fs::write(own.join(".nigh/config.toml"), "exclude = [\"*.log\"]\n").unwrap();
    let indexed = nigh(&["index", "--json"]);
    assert_eq!(indexed.assert_fine().value().unwrap()["documents"], 1);
}

#[test]
fn untrusted_clone_without_settings_is_indexed() {
    let clone = Clone::new("");
    write(&clone.folder(), "c.md", "A new document.\n");
    let indexed = clone.run(&["index"]);
    assert!(indexed.is_fine(), "{}", indexed.output_line());
    assert_eq!(clone.ids(), ["a.md", "b.md", "c.md"]);
    clone.assert_no_secret("index");
}

#[test]
fn untrusted_folders_are_not_read() {
    let clone = Clone::new("");
    let memory = clone.folder().join(".nigh/folders.json");
    for folders in [r#"["../private"]"#, r#"["", "../private"]"#, r#"["/etc/apt"]"#, r#"[".."]"#] {
        let forged = format!(r#"{{"extraction":"1, Some(30000) ms","folders":{folders},"refused":{{}}}}"#);
        fs::write(&memory, &forged).unwrap();
        clone.surroundings.watch(&clone.folder(), &[], Duration::from_secs(1));
        clone.assert_no_secret("watch");
        fs::write(&memory, &forged).unwrap();
        let stale = clone.run(&["status", "--stale", "--json"]);
        assert!(!stale.output_line().contains("secret.md"), "{}", stale.output_line());
        clone.run(&["index"]);
        clone.assert_no_secret("index");
        assert_eq!(clone.ids(), ["a.md", "b.md"], "{folders}");
    }
}

#[test]
fn untrusted_collection_keeps_its_passages() {
    let clone = Clone::new("");
    let refused = clone.run(&["migrate", "--passages", "--passage-tokens", "16"]);
    assert!(refused.code == Some(2) && refused.err.contains("nothing was changed"), "{}", refused.output_line());
    let status = clone.run(&["status", "--json"]).value().unwrap();
    assert!(status["passage_tokens"].is_null() && status["outdated_passages"].is_null(), "{status}");
}

/// Losing the folder state costs only time: no folder is indexed that was not indexed before.
#[test]
fn lost_folder_state_never_indexes_the_parent() {
    let clone = Clone::new("");
    let collection = clone.path("elsewhere");
    let (notes, at) = (clone.path("notes"), collection.display().to_string());
    write(&notes, "n.md", "A note about pooling.\n");
    let named = notes.display().to_string();
    let nigh = |arguments: &[&str]| clone.surroundings.run(clone.place.path(), arguments);
    nigh(&["index", &named, "--collection", &at, "--model", "tiny"]).assert_fine();
    let before = nigh(&["export", "--collection", &at]).out;
    fs::remove_file(collection.join("folders.json")).unwrap();
    clone.surroundings.watch(clone.place.path(), &["--collection", &at], Duration::from_secs(1));
    assert_eq!(nigh(&["export", "--collection", &at]).out, before);
    let stale = nigh(&["status", "--stale", "--collection", &at]);
    assert!(!stale.output_line().contains("secret.md"), "{}", stale.output_line());
}

/// A forged entry claims that a good file has no text.
#[test]
fn untrusted_record_of_skipped_files_hides_no_file() {
    let clone = Clone::new("");
    let file = clone.folder().join("hidden.md");
    // The record of skipped files, in the program's own format.
    fs::write(&file, [0u8, 1, 2, 0, 255, 3].repeat(9)).unwrap();
    crate::support::set_age(&file, Duration::from_secs(3600));
    let mut index = clone.surroundings.nigh(&clone.folder(), &["index"]);
    clone.surroundings.with_data(&mut index, &clone.path("author"));
    bounded(index, clone.surroundings.limit).assert_fine();
    let memory = fs::read_to_string(clone.folder().join(".nigh/folders.json")).unwrap();
    assert!(memory.contains("hidden.md"), "{memory}");
    let times = fs::FileTimes::new().set_modified(file.metadata().unwrap().modified().unwrap());
    fs::write(&file, "A text about pooling that is long, in words, and no binary at all".get(..54).unwrap()).unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_times(times).unwrap();
    assert!(clone.run(&["index"]).is_fine());
    assert!(clone.ids().contains(&"hidden.md".to_owned()), "{:?}", clone.ids());
}

/// A model decides what a search finds, and its files are large.
#[test]
fn untrusted_model_is_not_loaded() {
    let clone = Clone::new("");
    let evil = clone.folder().join("evil");
    TinyModel { layers: 1, ..TinyModel::default() }.write(&evil);
    for (settings, new) in [("model = \"./evil\"\n", true), ("model = \"../repository/evil\"\n", true), ("", false)] {
        let collection = clone.folder().join(".nigh");
        if new {
            // A repository may contain only settings.
            tree::remove(&collection);
            fs::create_dir(&collection).unwrap();
            fs::write(collection.join("config.toml"), settings).unwrap();
            let stopped = clone.run(&["index"]);
            clone.advice(&stopped);
        } else {
            tree::remove(&collection);
            let mut index = clone.surroundings.nigh(&clone.folder(), &["index", ".", "--model", "./evil"]);
            clone.surroundings.with_data(&mut index, &clone.path("author"));
            bounded(index, clone.surroundings.limit).assert_fine();
            for entry in fs::read_dir(&evil).unwrap() {
                let path = entry.unwrap().path();
                if path.to_string_lossy().ends_with(".packed") {
                    fs::remove_file(path).unwrap();
                }
            }
            write(&clone.folder(), "new.md", "Something new.\n");
            clone.advice(&clone.run(&["index"]));
            for arguments in
                [&["search", "pooling"][..], &["similar", "new.md"], &["search", "pooling", "--mode", "dense"]]
            {
                // Without the model it may search by words, or advise how to trust.
                let ran = clone.run(arguments);
                let message = ran.code != Some(2) || ran.output_line().contains("nigh trust");
                assert!(message, "{arguments:?}: {}", ran.output_line());
            }
            assert_eq!(clone.run(&["search", "pooling", "--mode", "lexical"]).code, Some(0));
        }
        let packed = tree::files(&evil).iter().any(|path| path.to_string_lossy().ends_with(".packed"));
        assert!(!packed, "the model that came along was loaded");
    }
}

/// Another user's collection, in a folder that both may write.
#[test]
fn collection_of_another_owner_is_refused() {
    let clone = Clone::new("");
    let collection = clone.folder().join(".nigh");
    let all = tree::snapshot(&collection);
    if all.into_keys().any(|path| std::os::unix::fs::chown(path, Some(1234), Some(1234)).is_err()) {
        crate::support::real::skipped("only root may give files away");
        return;
    }
    let before = tree::snapshot(&collection);
    for arguments in [&["search", "pooling"][..], &["status"], &["export"], &["verify"], &["index"], &["rebuild"]] {
        let ran = clone.run(arguments);
        let message = ran.output_line();
        assert!(
            ran.code == Some(2) && message.contains(".nigh") && message.contains("own"),
            "{arguments:?}: {message}"
        );
    }
    clone.run(&["trust"]);
    assert_eq!(clone.run(&["search", "pooling"]).code, Some(0));
    let index = clone.run(&["index"]);
    assert_eq!(index.code, Some(2), "{}", index.output_line());
    assert_eq!(tree::differences(&before, &tree::snapshot(&collection)), [] as [String; 0]);
}

/// Without a data directory nothing fails, and `--trust` works.
#[test]
fn missing_home_is_not_an_error() {
    let clone = Clone::new("follow_links = true\n");
    let homeless = |arguments: &[&str]| {
        let models = clone.surroundings.data().join("models");
        let mut command = Command::new(env!("CARGO_BIN_EXE_nigh"));
        command.args(arguments).current_dir(clone.folder()).env_clear().env("NIGH_MODELS", models);
        bounded(command, clone.surroundings.limit)
    };
    assert_eq!(homeless(&["search", "pooling", "--mode", "lexical"]).code, Some(0));
    assert_eq!(homeless(&["status"]).code, Some(0));
    assert_eq!(homeless(&["index"]).code, Some(2));
    clone.assert_no_secret("index");
    let once = homeless(&["index", "--trust"]);
    assert!(once.is_fine(), "{}", once.output_line());
}
