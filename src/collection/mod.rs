//! The façade: documents in, hits out. The only room that sees all others.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `handle.rs` | [`Collection`]: create, open, its model, its documents |
//! | `state.rs` | the store and the index in memory, which change together |
//! | `status.rs` | [`Status`]: what a collection holds |
//! | `options.rs` | [`CollectionOptions`]: how a collection is made and opened |
//! | `model.rs` | which model a collection wants, whether the one here is it, loading it when it is needed |
//! | `writer.rs` | [`Writer`]: upsert, remove, commit |
//! | `folder.rs` | [`Writer::index_folder`]: a folder's changes into the collection, with a report |
//! | `search.rs` | [`SearchBuilder`], [`Hits`], [`Hit`] |
//! | `transfer.rs` | export and import of documents, with or without vectors |
//!
//! **Consistency.** The store and the in-memory index change together under one write lock, at commit; a search holds
//! the read lock from scan to text. So a search sees every document as of one commit, whole.

mod folder;
mod handle;
mod model;
mod options;
mod search;
mod state;
mod status;
mod transfer;
mod writer;

pub use folder::{FolderOptions, FolderProgress, FolderReport, SkippedFile};
pub use handle::Collection;
pub use options::CollectionOptions;
pub use search::{DocumentHit, Explanation, Hit, Hits, Mode, SearchBuilder, Timings};
pub use status::Status;
pub use transfer::{ExportedDocument, ExportedPassage, Imported};
pub use writer::{Committed, Writer};
