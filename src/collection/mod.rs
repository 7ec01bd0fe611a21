//! The façade: documents in, hits out. The only room that sees all others.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `handle.rs` | [`Collection`]: create, open, its model, its documents |
//! | `access.rs` | a writer's way to a collection, through its records; a reader's, through what is published |
//! | `published.rs` | documents from the records into the published generation, and back |
//! | `beside.rs` | small files of an application's own in a collection's directory |
//! | `mend.rs` | which files belong together and can be relied on; what is made again of the others |
//! | `trust.rs` | [`Trust`]: whether what is written in a collection is obeyed |
//! | `verify.rs` | the full check, which writes nothing |
//! | `fields/` | [`FieldSummary`]: what filters can ask of a collection, and why one accepts nothing |
//! | `snapshot.rs` | [`Snapshot`]: one commit, held for several searches and reads |
//! | `status.rs` | [`Status`]: what a collection holds |
//! | `options.rs` | [`CollectionOptions`]: how a collection is made and opened |
//! | `model.rs` | which model a collection wants, whether the one here is it, loading it when it is needed |
//! | `writer.rs` | [`Writer`]: upsert, remove, commit |
//! | `folder/` | [`Writer::index_folder`]: a folder's changes into the collection, with a report |
//! | `search/` | [`SearchBuilder`], [`Hits`], [`Hit`]: meaning and words, fused |
//! | `words/` | the lexical index: beside the rows of each segment, and of a whole snapshot |
//! | `transfer.rs` | export and import of documents, with or without vectors |
//! | `bounds.rs` | what a document that comes as JSON may take, kept while it is parsed |
//!
//! **Consistency.** A commit makes the records durable, then publishes what changed as the next generation. A search holds
//! one generation, which never changes, from plan to text: it sees every document as of one commit, whole.

mod access;
mod beside;
mod bounds;
mod fields;
mod folder;
mod handle;
mod mend;
mod model;
mod options;
mod published;
mod search;
mod snapshot;
mod status;
mod transfer;
mod trust;
mod verify;
mod words;
mod writer;

pub use access::Rebuilt;
pub use fields::FieldSummary;
pub use folder::{
    FolderOptions, FolderPhase, FolderProgress, FolderReport, LeftOut, LeftOutBy, Renamed, SkippedFile, Staleness,
};
pub use handle::Collection;
pub use options::CollectionOptions;
#[doc(hidden)]
pub use search::RelevanceFeatures;
pub use search::{DocumentHit, Explanation, FileState, Highlight, Hit, Hits, Mode, SearchBuilder, TermScore, Timings};
pub use snapshot::Snapshot;
pub use status::Status;
pub use transfer::{ExportedDocument, ExportedPassage, Imported};
pub use trust::{Trust, TrustList};
pub use writer::{Committed, Writer};
