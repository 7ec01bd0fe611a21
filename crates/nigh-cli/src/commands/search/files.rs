//! The files of hits: their paths from the current folder, and whether they changed.

use std::path::Path;

use nigh::{Collection, FileState, Hit, Hits};

use crate::plan::Plan;

/// The file of a hit.
pub struct HitFile {
    /// Relative to the current folder; `None` if the document is not from a file.
    pub path: Option<String>,
    pub state: FileState,
}

impl HitFile {
    pub fn name<'a>(&'a self, hit: &'a Hit) -> &'a str {
        self.path.as_deref().unwrap_or(hit.document.id.as_str())
    }

    /// Returns a mark for a missing or changed file.
    pub fn mark(&self) -> &'static str {
        match self.state {
            FileState::Gone => "(file is gone)  ",
            FileState::Changed => "(file changed since it was indexed)  ",
            _ => "",
        }
    }
}

/// The files of all hits.
pub struct HitFiles(pub Vec<HitFile>);

impl HitFiles {
    pub fn new(plan: &Plan, collection: &Collection, hits: &Hits) -> Self {
        let base = Plan::base(collection.path());
        // A collection that is not trusted could contain the path of any file: do not read those.
        let may_read = |hit: &Hit| collection.is_trusted() || Path::new(hit.document.id.as_str()).is_relative();
        let files = hits.hits.iter().map(|hit| HitFile {
            path: plan.path_of(&base, &hit.document),
            state: if may_read(hit) { hit.document.file_state(&base) } else { FileState::Unknown },
        });
        Self(files.collect())
    }

    /// Prints the number of missing or changed files on stderr, with advice.
    pub fn print_note(&self, plan: &Plan) {
        let number = |state| self.0.iter().filter(|file| file.state == state).count();
        let changes = match (number(FileState::Gone), number(FileState::Changed)) {
            (0, 0) => return,
            (gone, 0) => format!("{gone} of these files {} gone", if gone == 1 { "is" } else { "are" }),
            (0, changed) => format!("{changed} of these files changed"),
            (gone, changed) => {
                format!("of these files {gone} {} gone and {changed} changed", if gone == 1 { "is" } else { "are" })
            }
        };
        plan.notes.say(&format!("{changes} since they were indexed; run `nigh index` to update the collection"));
    }
}
