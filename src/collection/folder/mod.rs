//! A folder's changes into the collection.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `options.rs` | [`FolderOptions`]: how a folder is walked and read |
//! | `index.rs` | [`Writer::index_folder`](crate::Writer::index_folder): walk, compare, read, store |
//! | `report.rs` | what a run did, and how far it is |
//! | `gauge.rs` | how much text there is to encode |
//! | `sink.rs` | from the pipeline into the writer, counted; renames |
//! | `moved.rs` | the vectors of documents whose files are gone, for those that were moved |
//! | `emptied.rs` | a folder that has no files any more |
//! | `state.rs` | [`FolderState`]: what is remembered next to the collection: files that gave no text, which folders were indexed |
//! | `reach.rs` | which documents are a folder's |
//! | `forget.rs` | [`Writer::forget_folder`](crate::Writer::forget_folder): a folder that is to be indexed no longer |
//! | `diff.rs` | [`Collection::diff_folder`]: what a run would do |

mod diff;
mod emptied;
mod forget;
mod gauge;
mod index;
mod moved;
mod options;
mod reach;
mod report;
mod sink;
mod state;

use super::access::settings_of;
use super::handle::Collection;
pub use crate::ingest::source::LeftOutBy;
pub use diff::{DiffFolder, FolderDiff, Renamed};
pub use index::IndexFolder;
pub use options::FolderOptions;
pub use report::{FolderPhase, FolderProgress, FolderReport, LeftOut, SkippedFile};
use state::FolderState;

impl Collection {
    /// The folders that were indexed, as paths below the folder that ids are relative to, or absolute ones; each without
    /// those below it. Empty: none, or it is not known, or the collection is not trusted.
    pub fn indexed_folders(&self) -> Vec<String> {
        if !self.is_trusted() {
            return Vec::new();
        }
        let mut state = FolderState::read(self.path(), true, &FolderOptions::default());
        let settings = self.newest().and_then(|snapshot| settings_of(&snapshot, self.path()));
        state.also(&settings.map(|settings| settings.folders).unwrap_or_default());
        state.folders().to_vec()
    }
}
