//! Brings a folder's changes into the collection.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `options.rs` | [`FolderOptions`]: how a folder is walked and read |
//! | `index.rs` | [`Writer::index_folder`](crate::Writer::index_folder): walk, compare, read, store |
//! | `report.rs` | the report and the progress of a run |
//! | `gauge.rs` | estimates how much text there is to encode |
//! | `sink.rs` | takes the results of the pipeline into the writer, counts them, handles renames |
//! | `moved.rs` | documents whose files are gone: their vectors serve files that were moved |
//! | `emptied.rs` | a folder that has no files any more |
//! | `state.rs` | [`FolderState`]: remembers the indexed folders and the files that gave no text |
//! | `reach.rs` | decides which documents belong to a folder |
//! | `roots.rs` | remembers where the indexed folders are; refuses one that shares documents with another |
//! | `forget.rs` | [`Writer::forget_folder`](crate::Writer::forget_folder): removes a folder from the collection |
//! | `diff.rs` | [`Collection::diff_folder`]: what a run would change |

mod diff;
mod emptied;
mod forget;
mod gauge;
mod index;
mod moved;
mod options;
mod reach;
mod report;
mod roots;
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
    /// Returns the folders that were indexed: paths relative to the folder that ids are relative to, or absolute paths.
    /// Leaves out folders inside another one of them. Empty if there are none, if they are not known, or if the collection
    /// is not trusted.
    pub fn indexed_folders(&self) -> Vec<String> {
        if !self.is_trusted() {
            return Vec::new();
        }
        let mut state = FolderState::read(self.path(), true, &FolderOptions::default());
        let settings = self.newest().and_then(|snapshot| settings_of(&snapshot, self.path()));
        state.add_folders(&settings.map(|settings| settings.folders).unwrap_or_default());
        state.folders().to_vec()
    }
}
