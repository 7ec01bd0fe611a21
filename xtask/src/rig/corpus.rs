//! Documents by seed: a folder before and after changes. An odd seed gives documents in Chinese and English. An even seed gives
//! English only: the program then never loads its Chinese dictionary, and a case takes half the time.

use super::random::Random;
use crate::run::{Result, TaskFailure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Texts by their path in the folder.
pub(crate) type CorpusDocuments = BTreeMap<String, String>;

/// The words of English texts.
pub(crate) const ENGLISH: &str = "the of and to in is that it for as with on by an be this are from or at which file folder store \
    commit version archive compress network interface branch author history lifetime trait object server client window \
    letter garden winter kitchen bridge river engine pressure valve signal record index vector meaning question answer \
    passage segment reader writer lock sync disk crash power loss error message advice backup restore copy rename";

/// The characters of Chinese texts.
pub(crate) const CHINESE: &str = "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事\
    其里所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从文件网络接口";

/// Larger than sled's buffer, so that this document reaches the disk in several writes.
const LARGE: usize = 600 << 10;

/// A folder over time.
#[derive(Debug, Clone)]
pub(crate) struct Corpus {
    pub(crate) before: CorpusDocuments,
    /// After documents were added, changed, removed and renamed.
    pub(crate) after: CorpusDocuments,
    /// After a few more changes.
    pub(crate) last: CorpusDocuments,
}

/// True if a seed's documents are in both languages.
pub(crate) fn is_mixed(seed: u64) -> bool {
    seed % 2 == 1
}

impl Corpus {
    pub(crate) fn new(seed: u64) -> Self {
        let mixed = is_mixed(seed);
        let mut random = Random(seed ^ 0xc0_4b05);
        let mut before: CorpusDocuments = (0..50).map(|at| document(&mut random, at, mixed)).collect();
        before.insert("large/log.txt".into(), large_text(&mut random, 6 << 10));
        let mut after = before.clone();
        change(&mut random, &mut after, [20, 8, 5, 3], 50, mixed);
        after.insert("large/log.txt".into(), large_text(&mut random, LARGE));
        let mut last = after.clone();
        change(&mut random, &mut last, [3, 2, 1, 1], 80, mixed);
        Self { before, after, last }
    }
}

/// Adds, changes, removes and renames these numbers of documents, never the large one.
fn change(
    random: &mut Random,
    all: &mut CorpusDocuments,
    [add, change, remove, rename]: [usize; 4],
    from: usize,
    mixed: bool,
) {
    let mut names: Vec<String> = all.keys().filter(|name| !name.starts_with("large/")).cloned().collect();
    let mut take = |random: &mut Random| names.swap_remove(random.below(names.len()));
    for _ in 0..change {
        let more = format!("\n\n{}\n", sentences(random, 3, false));
        if let Some(text) = all.get_mut(&take(random)) {
            text.push_str(&more);
        }
    }
    for _ in 0..remove {
        all.remove(&take(random));
    }
    for at in 0..rename {
        if let Some(text) = all.remove(&take(random)) {
            all.insert(format!("moved/{from}-{at}.md"), text);
        }
    }
    all.extend((from..from + add).map(|at| document(random, at, mixed)));
}

fn document(random: &mut Random, at: usize, mixed: bool) -> (String, String) {
    let chinese = mixed && at % 3 == 2;
    let mut text = format!("# {} {at}\n", sentences(random, 1, chinese));
    for _ in 0..1 + random.below(4) {
        let count = 2 + random.below(5);
        text.push_str(&format!("\n{}\n", sentences(random, count, chinese)));
    }
    let name = match (chinese, at % 2) {
        (true, _) => format!("zh/笔记-{at}.md"),
        (false, 0) => format!("en/note-{at}.md"),
        (false, _) => format!("en/plain-{at}.txt"),
    };
    (name, text)
}

fn sentences(random: &mut Random, count: usize, chinese: bool) -> String {
    let words: Vec<&str> = ENGLISH.split_whitespace().collect();
    let characters: Vec<char> = CHINESE.chars().filter(|c| !c.is_whitespace()).collect();
    let mut text = String::new();
    for _ in 0..count {
        if chinese {
            let length = 8 + random.below(18);
            text.extend((0..length).map(|_| *random.pick(&characters)));
            text.push('。');
        } else {
            let length = 5 + random.below(10);
            let sentence: Vec<&str> = (0..length).map(|_| *random.pick(&words)).collect();
            text.push_str(&sentence.join(" "));
            text.push_str(". ");
        }
    }
    text.trim_end().to_owned()
}

/// Returns a text of mostly spaces: many bytes, but few tokens to encode.
fn large_text(random: &mut Random, bytes: usize) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        text.push_str(&sentences(random, 2, false));
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', 4000 + random.below(2000)));
        text.push('\n');
    }
    text
}

/// Writes these documents to a folder; touches only those that differ. Modification times are old and depend on the content, not on
/// the clock.
pub(crate) fn write_documents(folder: &Path, current: &CorpusDocuments, documents: &CorpusDocuments) -> Result {
    let gone: BTreeSet<&String> = current.keys().filter(|name| !documents.contains_key(*name)).collect();
    for name in gone {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(TaskFailure::io("remove", &path))?;
    }
    for (name, text) in documents.iter().filter(|(name, text)| current.get(*name) != Some(*text)) {
        let path = folder.join(name);
        let written = || {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            // Written under another name and renamed, so that a watch never sees it half written.
            let fresh = folder.join(".fresh");
            fs::write(&fresh, text)?;
            let age = Duration::from_secs(1_700_000_000 + super::random::hash(text) % 10_000_000);
            File::options().write(true).open(&fresh)?.set_modified(UNIX_EPOCH + age)?;
            fs::rename(&fresh, &path)
        };
        written().map_err(TaskFailure::io("write", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corpus_depends_on_its_seed_and_changes_in_every_way() {
        let one = Corpus::new(3);
        assert_eq!(one.after, Corpus::new(3).after);
        assert_ne!(one.after, Corpus::new(5).after);
        assert!(!Corpus::new(4).last.keys().any(|name| name.starts_with("zh/")));
        assert_eq!(one.before.len(), 51);
        let changed =
            one.after.iter().filter(|(name, text)| one.before.get(*name).is_some_and(|old| old != *text)).count();
        let gone = one.before.keys().filter(|name| !one.after.contains_key(*name)).count();
        let new = one.after.keys().filter(|name| !one.before.contains_key(*name)).count();
        assert_eq!((changed, gone, new), (9, 8, 23));
        assert!(one.after["large/log.txt"].len() > 512 << 10);
        assert!(one.before.keys().any(|name| name.starts_with("zh/")) && one.last != one.after);
    }

    #[test]
    fn corpus_is_written_without_touching_unchanged_files() {
        let folder = std::env::temp_dir().join(format!("xtask-corpus-{}", std::process::id()));
        let corpus = Corpus::new(1);
        write_documents(&folder, &CorpusDocuments::new(), &corpus.before).unwrap();
        let same = corpus.before.keys().find(|name| corpus.before.get(*name) == corpus.after.get(*name)).unwrap();
        let time = |name: &str| fs::metadata(folder.join(name)).unwrap().created().ok();
        let made = time(same);
        write_documents(&folder, &corpus.before, &corpus.after).unwrap();
        assert_eq!(time(same), made);
        for (name, text) in &corpus.after {
            assert_eq!(&fs::read_to_string(folder.join(name)).unwrap(), text);
        }
        assert!(corpus.before.keys().all(|name| folder.join(name).exists() == corpus.after.contains_key(name)));
        fs::remove_dir_all(folder).unwrap();
    }
}
