//! The public interface: documents in, hits out. The only module that imports all others.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `handle.rs` | [`Collection`]: the handle, from which searches and the writer are made |
//! | `open.rs` | opens and creates collections |
//! | `maintenance.rs` | [`Collection::rebuild`], migration, the full check, the list of changes |
//! | `change_space.rs` | [`Collection::change_space`]: moves all vectors to another space |
//! | `change_passages.rs` | [`Writer::change_passages`]: another rule by which texts are cut into passages |
//! | `access.rs` | access of a writer (through the records) and of a reader (through the published index) |
//! | `records_to_index.rs` | copies documents from a commit or the records into the published index, and back |
//! | `beside.rs` | small files of an application in the collection's directory |
//! | `mend.rs` | decides which files belong together and can be relied on; restores the others from them |
//! | `trust.rs` | [`Trust`]: decides whether the settings stored in a collection are used |
//! | `verify.rs` | the full check, which writes nothing |
//! | `fields/` | [`FieldSummary`]: the fields that filters can use, and why a filter matches nothing |
//! | `snapshot.rs` | [`Snapshot`]: one commit, held for several searches and reads |
//! | `status.rs` | [`Status`]: counts, sizes and settings of a collection |
//! | `options.rs` | [`CollectionOptions`]: how a collection is created and opened |
//! | `model_state.rs` | the state of a collection's model, which is loaded on first use |
//! | `model.rs` | finds the model of a collection and checks that it is the right one |
//! | `writer.rs` | [`Writer`]: remove, commit, and the changes that wait for a commit |
//! | `vector.rs` | checks vectors that a caller gives |
//! | `upsert.rs` | [`Writer::upsert`] and [`Writer::upsert_all`]: documents encoded together |
//! | `merges.rs` | [`Writer::wait_for_merges`] |
//! | `progress.rs` | the callbacks of long operations |
//! | `folder/` | [`Writer::index_folder`]: brings a folder's changes into the collection, with a report |
//! | `search/` | [`SearchBuilder`], [`Hits`], [`Hit`]: search by vectors and words, fused |
//! | `words/` | the lexical index of each segment, and of a whole snapshot |
//! | `exported.rs` | [`ExportedDocument`]: a document as it is exported and imported |
//! | `export.rs`, `import.rs` | [`Collection::export`], [`Writer::import`]: with or without vectors |
//! | `bounds.rs` | limits of a document in JSON, checked while it is parsed |
//!
//! **Consistency.** A commit makes the records durable, then publishes the changes as the next generation. A search uses one
//! generation, which never changes, from beginning to end: it sees every document as of one commit.

mod access;
mod beside;
mod bounds;
mod change_passages;
mod change_space;
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
mod vector;
mod verify;
mod words;
mod writer;

pub use access::Rebuilt;
pub use change_passages::OutdatedPassages;
pub use change_space::{ChangeSpace, SpaceChange, SpaceProgress};
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
pub use search::{
    DocumentHit, Explanation, FileState, Highlight, Hit, Hits, Mode, PassageHit, QuerySyntax, SearchBuilder, TermScore,
    Timings,
};
pub use snapshot::Snapshot;
pub use status::Status;
pub use trust::{Trust, TrustList};
pub use upsert::{UpsertAll, UpsertProgress};
pub use writer::{Committed, Writer};
