//! A collection of a few files with several commits, another one like it, their answers, and how a command on a damaged one
//! must end.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::program::{Ran, Surroundings};
use super::{set_age, tree};

/// Commands that read a collection; they must not write to it.
pub const QUESTIONS: [(&str, &[&str]); 5] = [
    ("search by words", &["search", "pooling", "--mode", "lexical", "--json"]),
    ("search by meaning", &["search", "the mean of token vectors", "--mode", "dense", "--json"]),
    ("similar", &["similar", "a.md", "--json"]),
    ("status", &["status", "--json"]),
    ("export", &["export", "--vectors"]),
];

/// Sentences that questions find, with much other text.
const LONG: &str = "Attention reads the words of questions and answers, and pooling makes one vector of them.\n\n\
    The other sentence speaks of cats and dogs, which nobody asked for in this folder.\n\n\
    A third one is there so that enough is left of the whole when one of them is taken out.\n";

/// How often advice may be followed until the collection is repaired.
const MAX_ADVICE: usize = 2;

/// The collection in every state that damage may restore.
pub struct Prepared {
    directory: tempfile::TempDir,
    pub surroundings: Surroundings,
    /// The answers now, and before the last two commits.
    pub now: Vec<String>,
    pub before: Vec<String>,
    cases: AtomicUsize,
}

/// Writes a file with a time of an hour ago.
pub fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    set_age(&path, Duration::from_secs(3600));
}

impl Prepared {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let surroundings = Surroundings::new(directory.path());
        let folder = directory.path().join("now");
        let index = |folder: &Path| {
            surroundings.run(folder, &["index", ".", "--model", "tiny"]).assert_fine();
        };
        for (name, text) in [
            (
                "a.md",
                "# Mean pooling\n\nMean pooling of token vectors, 句向量。\n\n## More layers\n\nThe head of a layer.\n",
            ),
            ("b.md", "A cat and a dog, pooling.\n"),
            ("sub/c.txt", "Search finds near documents of every language.\n"),
            ("code.rs", "fn pooling() {\n    mean();\n}\n"),
        ] {
            write(&folder, name, text);
        }
        // A file without text, so that the record of skipped files has an entry.
        write(&folder, "refused.txt", [0u8, 1, 2, 3, 0, 0, 200, 7].repeat(40));
        index(&folder);
        write(&folder, "d.md", LONG);
        index(&folder);
        tree::copy(&folder, &directory.path().join("before"));
        write(&folder, "e.md", "An index of a store, 平均池化。\n");
        write(&folder, "sub/f.md", "A version of a file, and pooling of what it says.\n");
        index(&folder);
        write(&folder, "b.md", "A cat alone, without the other.\n");
        fs::remove_file(folder.join("code.rs")).unwrap();
        index(&folder);
        let foreign = directory.path().join("foreign");
        for i in 0..5 {
            write(&foreign, &format!("foreign {i}.md"), format!("A foreign pooling document, number {i}.\n"));
            index(&foreign);
        }
        let mut prepared =
            Self { directory, surroundings, now: Vec::new(), before: Vec::new(), cases: AtomicUsize::new(0) };
        prepared.now = prepared.answers(&folder);
        prepared.before = prepared.answers(&prepared.path("before"));
        assert!(prepared.now.iter().zip(&prepared.before).all(|(now, before)| now != before));
        prepared
    }

    /// `now`, `before` and `foreign`: folders with their collections.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn answers(&self, folder: &Path) -> Vec<String> {
        let ask = |&(name, arguments): &(&str, &[&str])| {
            essence(name, self.surroundings.run(folder, arguments).assert_fine()).unwrap()
        };
        QUESTIONS.iter().map(ask).collect()
    }

    /// True if answers depend on a file.
    pub fn answers_need(&self, file: &str) -> bool {
        let case = self.case();
        if !file.starts_with("published") {
            return false;
        }
        fs::remove_file(case.collection().join(file)).unwrap();
        file.ends_with("CURRENT") || !self.surroundings.run(&case.folder, QUESTIONS[4].1).is_fine()
    }

    /// Returns a copy of the folder to damage, trusted like its original.
    pub fn case(&self) -> Case<'_> {
        let number = self.cases.fetch_add(1, Ordering::Relaxed);
        let folder = self.path(&format!("case {number}"));
        tree::copy(&self.path("now"), &folder);
        // Does nothing if the collection is trusted already.
        self.surroundings.run(&folder, &["trust"]);
        Case { prepared: self, folder }
    }
}

/// Returns an answer without times and with rounded numbers; an error if it is not an answer.
pub fn essence(name: &str, ran: &Ran) -> Result<String, String> {
    let wrong = || format!("no {name}: {}", ran.output_line());
    if name == "export" {
        let mut lines: Vec<&str> = ran.out.lines().collect();
        lines.sort_unstable();
        return Ok(lines.join("\n"));
    }
    let value = ran.value().ok_or_else(wrong)?;
    if name == "status" {
        return Ok(format!("{} {} {}", value["documents"], value["passages"], value["model"]));
    }
    let hits = value["hits"].as_array().ok_or_else(wrong)?;
    let score = |hit: &Value| (hit["score"].as_f64().unwrap_or(f64::NAN) * 1e4).round();
    let hit = |hit: &Value| format!("{} {} {}", hit["id"], score(hit), hit["passage"]["text"]);
    Ok(hits.iter().map(hit).collect::<Vec<_>>().join("\n"))
}

/// A folder with its collection, removed when dropped.
pub struct Case<'a> {
    prepared: &'a Prepared,
    pub folder: PathBuf,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Case<'_> {
    pub fn collection(&self) -> PathBuf {
        self.folder.join(".nigh")
    }

    pub fn run(&self, arguments: &[&str]) -> Result<Ran, String> {
        checked(self.prepared.surroundings.run(&self.folder, arguments))
    }

    /// Follows printed advice until `verify` finds nothing, at most twice. Removes an object that is not a regular file, if an
    /// error reported it. Returns how often advice was followed.
    ///
    /// # Errors
    /// The problem that remains.
    pub fn end_well(&self, first: Ran, odd: &[String]) -> Result<usize, String> {
        let (mut message, mut followed) = (first, 0);
        loop {
            let verified = self.run(&["verify"])?;
            let remove_odd = self.remove_odd(&[&message, &verified], odd);
            if remove_odd {
                message = verified;
                continue;
            }
            if verified.is_fine() {
                return Ok(followed);
            }
            let advice = message.advice().filter(|_| !message.is_fine()).or_else(|| verified.advice());
            let Some(advice) = advice else {
                return Err(format!(
                    "a dead end, without advice: {} / {}",
                    message.output_line(),
                    verified.output_line()
                ));
            };
            if followed == MAX_ADVICE {
                let (what, last) = (message.output_line(), verified.output_line());
                return Err(format!(
                    "a dead end: advice was followed {MAX_ADVICE} times; last {what:?}, then {last:?}"
                ));
            }
            followed += 1;
            message = checked(self.prepared.surroundings.shell(&self.folder, &advice))?;
        }
    }

    /// Removes the odd objects that an error reported; returns whether there was one.
    fn remove_odd(&self, message: &[&Ran], odd: &[String]) -> bool {
        let mut taken = false;
        for file in odd {
            let path = self.collection().join(file);
            if tree::is_odd(&path) && message.iter().any(|ran| !ran.is_fine() && ran.names(&self.collection(), file)) {
                tree::remove(&path);
                taken = true;
            }
        }
        taken
    }

    /// Indexes the folder and checks that the collection is as before. Removes settings that cannot be read, if an error
    /// reports them.
    ///
    /// # Errors
    /// A description of the difference.
    pub fn converges(&self) -> Result<(), String> {
        let mut index = self.run(&["index"])?;
        if !index.is_fine() && index.output_line().contains("config.toml") {
            tree::remove(&self.collection().join("config.toml"));
            index = self.run(&["index"])?;
        }
        if !index.is_fine() {
            return Err(format!("index after a clean verify: {}", index.output_line()));
        }
        self.holds_all("after index")?;
        let verified = self.run(&["verify"])?;
        if verified.is_fine() { Ok(()) } else { Err(format!("verify after index: {}", verified.output_line())) }
    }

    /// # Errors
    /// If an export differs from the one before the damage.
    pub fn holds_all(&self, when: &str) -> Result<(), String> {
        let exported = self.run(&["export", "--vectors"])?;
        let (found, wanted) = (essence("export", &exported)?, &self.prepared.now[4]);
        if exported.is_fine() && found == *wanted {
            return Ok(());
        }
        let count = |text: &str| text.lines().count();
        Err(format!("SILENT LOSS {when}: {} of {} documents; {}", count(&found), count(wanted), exported.err.trim()))
    }
}

/// # Errors
/// If the command did something forbidden: it panicked, hung, or died from a signal.
pub fn checked(ran: Ran) -> Result<Ran, String> {
    match ran.fault() {
        Some(fault) => Err(fault),
        None => Ok(ran),
    }
}
