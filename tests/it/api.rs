//! What every public type promises: handles go from thread to thread, and all can be printed.

use std::fmt::Debug;

fn shared<T: Send + Sync + 'static + Debug>() {}
fn sent<T: Send + Debug>() {}
fn printed<T: Debug>() {}

#[test]
fn api_handles_are_send_and_sync_and_static() {
    shared::<nigh::Collection>();
    shared::<nigh::CollectionOptions>();
    shared::<nigh::Snapshot>();
    shared::<nigh::SearchBuilder>();
    shared::<nigh::Hits>();
    shared::<nigh::Writer>();
    shared::<nigh::Encoder>();
    shared::<nigh::EncoderOptions>();
    shared::<nigh::ModelStore>();
    shared::<nigh::Filter>();
    shared::<nigh::Cancel>();
    shared::<nigh::Error>();
    shared::<nigh::Document>();
    shared::<nigh::Export>();
    shared::<nigh::ExportedDocuments>();
    shared::<nigh::DiffFolder>();
    shared::<nigh::FolderOptions>();
    shared::<nigh::FolderReport>();
    shared::<nigh::Trust>();
    sent::<nigh::WaitForMerges<'_>>();
}

#[test]
fn api_types_can_be_printed() {
    printed::<nigh::Committed>();
    printed::<nigh::DocumentChange>();
    printed::<nigh::DocumentHit>();
    printed::<nigh::DocumentId>();
    printed::<nigh::Embeddings>();
    printed::<nigh::EncoderError>();
    printed::<nigh::Explanation>();
    printed::<nigh::ExportedDocument>();
    printed::<nigh::ExportedPassage>();
    printed::<nigh::FieldSummary>();
    printed::<nigh::FieldValue>();
    printed::<nigh::FileState>();
    printed::<nigh::FilterField>();
    printed::<nigh::FilterValue>();
    printed::<nigh::FolderDiff>();
    printed::<nigh::FolderPhase>();
    printed::<nigh::FolderProgress>();
    printed::<nigh::FormatChange>();
    printed::<nigh::Highlight>();
    printed::<nigh::Hit>();
    printed::<nigh::ImportAll<'_, Vec<nigh::ExportedDocument>>>();
    printed::<nigh::ImportReport>();
    printed::<nigh::Imported>();
    printed::<nigh::IndexFolder<'_>>();
    printed::<nigh::LeftOut>();
    printed::<nigh::LeftOutBy>();
    printed::<nigh::LoadTimes>();
    printed::<nigh::Mode>();
    printed::<nigh::ModelInfo>();
    printed::<nigh::ModelListing>();
    printed::<nigh::Part>();
    printed::<nigh::Passage>();
    printed::<nigh::PassageId>();
    printed::<nigh::PathTest>();
    printed::<nigh::Place>();
    printed::<nigh::PlaceKind>();
    printed::<nigh::Prompts>();
    printed::<nigh::Rebuild<'_>>();
    printed::<nigh::RebuildProgress>();
    printed::<nigh::Rebuilt>();
    printed::<nigh::Renamed>();
    printed::<nigh::SkippedFile>();
    printed::<nigh::Span>();
    printed::<nigh::Status>();
    printed::<nigh::Syntax>();
    printed::<nigh::TermScore>();
    printed::<nigh::TextKind>();
    printed::<nigh::Timings>();
    printed::<nigh::TokenInput>();
    printed::<nigh::TrustList>();
    printed::<nigh::UpsertAll<'_, Vec<nigh::Document>>>();
    printed::<nigh::UpsertProgress>();
    printed::<nigh::VectorPrecision>();
    printed::<nigh::WordIndex>();
    printed::<nigh::WorkerCommand>();
}
