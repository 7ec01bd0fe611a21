//! Finds the documents that a name in a file of questions means.

use std::collections::{BTreeSet, HashMap, HashSet};

use nigh::spellings;

use super::file::GivenQuestion;

/// The documents of a collection, by their file names.
pub(super) struct DocumentNames {
    /// Ids by their last component, both in one Unicode form; with each the id as it is stored.
    by_last: HashMap<String, Vec<(String, String)>>,
}

impl DocumentNames {
    pub fn new(ids: impl IntoIterator<Item = String>) -> Self {
        let mut by_last: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for id in ids {
            let name = one_form(&id);
            by_last.entry(last(&name).to_owned()).or_default().push((name, id));
        }
        Self { by_last }
    }

    /// Returns the ids that end with a name, at the start of a component. Of several, returns those with the fewest
    /// components: `README.md` is the one at the top.
    fn ids(&self, name: &str) -> FoundNames<'_> {
        let name = one_form(name.strip_prefix("./").unwrap_or(name));
        let ends = |id: &str| id.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        let same_last = self.by_last.get(last(&name)).map_or(&[][..], Vec::as_slice);
        let ending: Vec<&(String, String)> = same_last.iter().filter(|(id, _)| ends(id)).collect();
        let depth = |id: &str| id.split('/').count();
        let fewest = ending.iter().map(|(id, _)| depth(id)).min();
        let meant = ending.iter().filter(|(id, _)| Some(depth(id)) == fewest);
        FoundNames { meant: meant.map(|(_, id)| id.as_str()).collect(), several: ending.len() > 1 }
    }
}

struct FoundNames<'a> {
    meant: Vec<&'a str>,
    /// True if the name fits more than one document.
    several: bool,
}

/// The documents that answer each question.
pub(super) struct RightDocuments<'a> {
    /// Ids, for each question.
    pub ids: Vec<HashSet<&'a str>>,
    /// Names that no document has, sorted.
    pub unknown: BTreeSet<&'a str>,
    /// Names that fit several documents, sorted.
    pub several: BTreeSet<&'a str>,
    /// True if any name was found.
    pub any_found: bool,
}

impl<'a> RightDocuments<'a> {
    pub fn new(questions: &'a [GivenQuestion], documents: &'a DocumentNames) -> Self {
        let mut right = Self { ids: Vec::new(), unknown: BTreeSet::new(), several: BTreeSet::new(), any_found: false };
        for question in questions {
            let mut ids = HashSet::new();
            for name in &question.files {
                let found = documents.ids(name);
                if found.meant.is_empty() {
                    right.unknown.insert(name);
                }
                if found.several {
                    right.several.insert(name);
                }
                ids.extend(found.meant);
            }
            right.any_found |= !ids.is_empty();
            right.ids.push(ids);
        }
        right
    }
}

/// Returns a name in one Unicode form: macOS stores names decomposed, users type them composed.
fn one_form(name: &str) -> String {
    let [composed, _] = spellings(name);
    composed
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_at_the_start_of_a_component() {
        let stored = ["/n/README.md", "/n/soft/README.md", "/n/a/x.md", "/n/b/x.md", "/n/cafe\u{301}.md", "key"];
        let names = DocumentNames::new(stored.map(str::to_owned));
        for (name, wanted, several) in [
            ("README.md", &["/n/README.md"][..], true),
            ("./soft/README.md", &["/n/soft/README.md"], false),
            ("/n/README.md", &["/n/README.md"], false),
            ("x.md", &["/n/a/x.md", "/n/b/x.md"], true),
            ("b/x.md", &["/n/b/x.md"], false),
            ("caf\u{e9}.md", &["/n/cafe\u{301}.md"], false),
            ("key", &["key"], false),
            ("ADME.md", &[], false),
            ("oft/README.md", &[], false),
            ("n", &[], false),
            ("y", &[], false),
            ("readme.md", &[], false),
        ] {
            let found = names.ids(name);
            assert_eq!((&found.meant[..], found.several), (wanted, several), "{name}");
        }
    }

    #[test]
    fn names_of_questions_are_unknown_or_found() {
        let names = DocumentNames::new(["a.md", "b/c.md", "d/c.md"].map(str::to_owned));
        let question = |files: &[&str]| GivenQuestion {
            files: files.iter().map(|&file| file.to_owned()).collect(),
            ..GivenQuestion::default()
        };
        let questions = [question(&["a.md", "gone.md"]), question(&["gone.md", "c.md"]), question(&[])];
        let right = RightDocuments::new(&questions, &names);
        assert_eq!(right.ids, [HashSet::from(["a.md"]), HashSet::from(["b/c.md", "d/c.md"]), HashSet::new()]);
        assert_eq!((right.unknown, right.several), (BTreeSet::from(["gone.md"]), BTreeSet::from(["c.md"])));
        assert!(right.any_found && !RightDocuments::new(&[question(&["gone.md"])], &names).any_found);
    }
}
