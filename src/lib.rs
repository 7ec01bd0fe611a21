//! An embedded vector search engine with a built-in BERT encoder: store documents, search them by meaning, all in one
//! process. No server, no Python, no network for searching. Chinese and English work without configuration.
//!
//! ```no_run
//! use nigh::{Collection, Document};
//!
//! let notes = Collection::open("notes.nigh")?; // created with the default model if it does not exist
//! let mut writer = notes.writer()?; // one at a time, across processes
//! writer.upsert(Document::new("bert-pooling", "Mean pooling averages the token states.").with("author", "Ada"))?;
//! writer.commit()?; // durable and visible when this returns
//!
//! for hit in notes.search("句向量为什么用平均池化?").limit(5).run()? {
//!     println!("{:.3} {} {}", hit.score, hit.document.id, hit.passage.text);
//! }
//! # Ok::<(), nigh::Error>(())
//! ```
//!
//! # Where to begin
//!
//! - [`Collection`] stores documents that can be searched by meaning. [`Collection::options`] sets its model, or the
//!   dimension of your own vectors.
//! - [`Writer`] adds documents: one by one, many in parallel, or a whole folder with [`Writer::index_folder`].
//! - A long operation is a builder that ends in `run`: [`IndexFolder`], [`UpsertAll`], [`ImportAll`], [`Rebuild`]. It accepts a
//!   [`Cancel`] and a progress callback.
//! - [`Snapshot`] holds one commit, so that several searches, reads and counts agree.
//! - [`SearchBuilder`] describes a search; each [`Hit`] has the document, its best passage, the exact place and the score.
//! - [`Encoder`] can be used alone: it turns texts, pairs or token ids into vectors.
//! - [`ModelStore`] lists the models on this machine, and downloads others (feature `fetch`). Models of the program that are not in
//!   the user's data directory: [`CollectionOptions::model_store`].
//! - [`Error`] is the one error type; each message says what went wrong, where, and what to do next.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `lexical` | yes | search by words (BM25), alone or together with the vectors |
//! | `zh` | yes | Chinese words from a dictionary (1.7 MB); includes `lexical` |
//! | `formats` | no | the text of web pages, Word, PowerPoint, Excel, OpenDocument, books (EPUB) and mail in a folder |
//! | `pdf` | no | the text of PDFs in a folder |
//! | `fetch` | no | downloading models from the hub, or as wheels through pip; its TLS (ring) needs a C compiler |
//! | `ort` | no | the ONNX Runtime backend, whose library is loaded at run time |
//!
//! Without `fetch`, give the name of an installed model or the path of a directory ([`CollectionOptions::model`]). With `default-features = false`
//! there are still the native encoder, records, search by meaning, filters, and folders with text in every encoding, Markdown,
//! code, tables and notebooks. Files in other formats are listed in the report; documents that another build stored from them are kept. A
//! collection stores its kind of lexical index ([`WordIndex`]): a build that does not support this kind opens it read-only. Only
//! `fetch` needs a C compiler. The program `nigh` is in another package, `nigh-cli`, with all features.
//!
//! # Modules
//!
//! Text flows in through ingest → encoder → records → index, and results flow out through index → collection → caller. A module
//! imports only modules below it in this table; `cargo xtask check` tests this. Kernels, encoder, readers of formats and safe file
//! access are separate crates: `nigh-kernel`, `nigh-encoder`, `nigh-formats`, `nigh-disk`, `nigh-text`.
//!
//! | module | what it does |
//! |---|---|
//! | `collection` | the public interface; the only module that imports all others |
//! | `ingest` | folder → documents → passages → vectors, as a bounded pipeline |
//! | `index` | the published index: segments, graphs, vector search |
//! | `lexical` | the lexical index: BM25 over passages, Chinese and English (feature `lexical`) |
//! | `records` | the system of record, in sled |
//! | `filter` | filters: which documents a search may find |
//! | `document`, `error` | the data types; the one error type |
//!
//! The library never prints, never exits and never uses rayon's global pool. It reads the environment in one place only, through
//! the `etcetera` crate: [`ModelStore::user`] asks for the user's data directory. A collection without
//! [`CollectionOptions::model_store`] uses that store.

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the parts that only the benches use are hidden from the documentation"
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

/// The page about the library, whose examples are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;

mod collection;
mod document;
mod error;
mod filter;
mod index;
mod ingest;
#[cfg(feature = "lexical")]
mod lexical;
mod records;
mod row;

use nigh_disk as disk;
use nigh_encoder as encoder;
use nigh_kernel as kernel;
use nigh_text as text;

pub use collection::{
    ChangeSpace, Collection, CollectionOptions, Committed, DiffFolder, DocumentHit, Explanation, Export,
    ExportedDocument, ExportedDocuments, ExportedPassage, FieldSummary, FileState, FolderDiff, FolderOptions,
    FolderPhase, FolderProgress, FolderReport, FormatChange, Highlight, Hit, Hits, ImportAll, ImportReport, Imported,
    IndexFolder, LeftOut, LeftOutBy, Mode, OutdatedPassages, PassageHit, QuerySyntax, Rebuild, RebuildProgress,
    Rebuilt, Renamed, SearchBuilder, SkippedFile, Snapshot, SpaceChange, SpaceProgress, Status, TermScore, Timings,
    Trust, TrustList, UpsertAll, UpsertProgress, WaitForMerges, Writer,
};
pub use document::{Document, DocumentId, Metadata, Part, Passage, PassageId, Place, PlaceKind, Span, Syntax};
pub use error::{EncoderError, Error, Result};
pub use filter::{FieldValue, Filter, FilterField, FilterValue, PathTest};
#[doc(hidden)]
pub use filter::{is_same_name, spellings};
pub use index::SegmentPlan;
pub use ingest::read::{WorkerCommand, serve as serve_extraction};
#[cfg(feature = "fetch")]
pub use nigh_encoder::model::{DEFAULT_ENDPOINT, Fallback, Pull, PullOptions, PullProgress, Pulled};
pub use nigh_encoder::model::{
    DEFAULT_MODEL, DEFAULT_MODEL_Q4, InstallRecord, InstalledFile, ModelListing, ModelStore,
};
pub use nigh_encoder::{
    BackendKind, Cancel, ComputePath, Embeddings, Encoder, EncoderOptions, LoadTimes, ModelInfo, Pooling, Precision,
    Prompts, TextKind, TokenInput, VectorSpace,
};
pub use nigh_kernel::{ParseSimdLevelError, SimdLevel};
pub use records::{Cuts, DocumentChange, FORMAT_CURRENT, FORMAT_OLDEST, VectorPrecision, WordIndex};

/// Functions for the benches. Not a part of the API: it changes without notice.
#[doc(hidden)]
pub mod internals {
    pub mod document {
        pub use crate::document::*;
    }
    pub mod error {
        pub use crate::error::*;
    }
    pub mod index {
        pub use crate::index::*;
    }
    pub mod search {
        pub use crate::collection::RelevanceFeatures;
    }
    #[cfg(feature = "lexical")]
    pub mod lexical {
        pub use crate::lexical::*;
    }
}
