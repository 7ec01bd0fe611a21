//! The façade: documents in, hits out. The only room that sees all others.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `handle.rs` | [`Collection`]: what a handle holds, and where its searches and its writer begin |
//! | `open.rs` | opening a collection, and making one |
//! | `maintenance.rs` | [`Collection::rebuild`], migration, the full check, the list of changes |
//! | `access.rs` | a writer's way to a collection, through its records; a reader's, through what is published |
//! | `records_to_index.rs` | documents from a commit or the records into the published index, and back |
//! | `beside.rs` | small files of an application's own in a collection's directory |
//! | `mend.rs` | which files belong together and can be relied on; what is made again of the others |
//! | `trust.rs` | [`Trust`]: whether what is written in a collection is obeyed |
//! | `verify.rs` | the full check, which writes nothing |
//! | `fields/` | [`FieldSummary`]: what filters can ask of a collection, and why one accepts nothing |
//! | `snapshot.rs` | [`Snapshot`]: one commit, held for several searches and reads |
//! | `status.rs` | [`Status`]: what a collection holds |
//! | `options.rs` | [`CollectionOptions`]: how a collection is made and opened |
//! | `model_state.rs` | what is known of a collection's model, loaded when it is needed |
//! | `model.rs` | which model a collection wants and whether the one here is it |
//! | `writer.rs` | [`Writer`]: remove, commit, and what waits for a commit |
//! | `upsert.rs` | [`Writer::upsert`] and [`Writer::upsert_all`]: documents encoded together |
//! | `merges.rs` | [`Writer::wait_for_merges`] |
//! | `progress.rs` | the callbacks of long operations |
//! | `folder/` | [`Writer::index_folder`]: a folder's changes into the collection, with a report |
//! | `search/` | [`SearchBuilder`], [`Hits`], [`Hit`]: meaning and words, fused |
//! | `words/` | the lexical index: beside the rows of each segment, and of a whole snapshot |
//! | `exported.rs` | [`ExportedDocument`]: a document as it is exported and imported |
//! | `export.rs`, `import.rs` | [`Collection::export`], [`Writer::import`]: with or without vectors |
//! | `bounds.rs` | what a document that comes as JSON may take, kept while it is parsed |
//!
//! **Consistency.** A commit makes the records durable, then publishes what changed as the next generation. A search holds
//! one generation, which never changes, from plan to text: it sees every document as of one commit, whole.

mod access;
mod beside;
mod bounds;
mod export;
mod exported;
mod fields;
mod folder;
mod handle;
mod import;
mod maintenance;
mod mend;
mod merges;
mod model;
mod model_state;
mod open;
mod options;
mod progress;
mod records_to_index;
mod search;
mod snapshot;
mod status;
mod trust;
mod upsert;
mod verify;
mod words;
mod writer;

pub use access::Rebuilt;
pub use export::{Export, ExportedDocuments};
pub use exported::{ExportedDocument, ExportedPassage};
pub use fields::FieldSummary;
pub use folder::{
    DiffFolder, FolderDiff, FolderOptions, FolderPhase, FolderProgress, FolderReport, IndexFolder, LeftOut, LeftOutBy,
    Renamed, SkippedFile,
};
pub use handle::Collection;
pub use import::{ImportAll, ImportReport, Imported};
pub use maintenance::{FormatChange, Rebuild, RebuildProgress};
pub use merges::WaitForMerges;
pub use options::CollectionOptions;
#[doc(hidden)]
pub use search::RelevanceFeatures;
pub use search::{DocumentHit, Explanation, FileState, Highlight, Hit, Hits, Mode, SearchBuilder, TermScore, Timings};
pub use snapshot::Snapshot;
pub use status::Status;
pub use trust::{Trust, TrustList};
pub use upsert::{UpsertAll, UpsertProgress};
pub use writer::{Committed, Writer};
