//! The traits of the public types: handles can be shared between threads, and all types can be printed.

use std::fmt::Debug;

fn assert_sync<T: Send + Sync + 'static + Debug>() {}
fn assert_send<T: Send + Debug>() {}
fn assert_debug<T: Debug>() {}

#[test]
fn api_handles_are_send_and_sync_and_static() {
    assert_sync::<nigh::Collection>();
    assert_sync::<nigh::CollectionOptions>();
    assert_sync::<nigh::Snapshot>();
    assert_sync::<nigh::SearchBuilder>();
    assert_sync::<nigh::Hits>();
    assert_sync::<nigh::Writer>();
    assert_sync::<nigh::Encoder>();
    assert_sync::<nigh::EncoderOptions>();
    assert_sync::<nigh::ModelStore>();
    assert_sync::<nigh::Filter>();
    assert_sync::<nigh::Cancel>();
    assert_sync::<nigh::Error>();
    assert_sync::<nigh::Document>();
    assert_sync::<nigh::Export>();
    assert_sync::<nigh::ExportedDocuments>();
    assert_sync::<nigh::DiffFolder>();
    assert_sync::<nigh::FolderOptions>();
    assert_sync::<nigh::FolderReport>();
    assert_sync::<nigh::Trust>();
    assert_send::<nigh::WaitForMerges<'_>>();
}

#[test]
fn api_types_can_be_printed() {
    assert_debug::<nigh::ChangeSpace<'_>>();
    assert_debug::<nigh::Committed>();
    assert_debug::<nigh::ComputePath>();
    assert_debug::<nigh::DocumentChange>();
    assert_debug::<nigh::DocumentHit>();
    assert_debug::<nigh::DocumentId>();
    assert_debug::<nigh::Embeddings>();
    assert_debug::<nigh::EncoderError>();
    assert_debug::<nigh::Explanation>();
    assert_debug::<nigh::ExportedDocument>();
    assert_debug::<nigh::ExportedPassage>();
    assert_debug::<nigh::FieldSummary>();
    assert_debug::<nigh::FieldValue>();
    assert_debug::<nigh::FileState>();
    assert_debug::<nigh::FilterField>();
    assert_debug::<nigh::FilterValue>();
    assert_debug::<nigh::FolderDiff>();
    assert_debug::<nigh::FolderPhase>();
    assert_debug::<nigh::FolderProgress>();
    assert_debug::<nigh::FormatChange>();
    assert_debug::<nigh::Highlight>();
    assert_debug::<nigh::Hit>();
    assert_debug::<nigh::ImportAll<'_, Vec<nigh::ExportedDocument>>>();
    assert_debug::<nigh::ImportReport>();
    assert_debug::<nigh::Imported>();
    assert_debug::<nigh::IndexFolder<'_>>();
    assert_debug::<nigh::LeftOut>();
    assert_debug::<nigh::LeftOutBy>();
    assert_debug::<nigh::LoadTimes>();
    assert_debug::<nigh::Mode>();
    assert_debug::<nigh::ModelInfo>();
    assert_debug::<nigh::ModelListing>();
    assert_debug::<nigh::OutdatedPassages>();
    assert_debug::<nigh::Part>();
    assert_debug::<nigh::Passage>();
    assert_debug::<nigh::PassageId>();
    assert_debug::<nigh::PathTest>();
    assert_debug::<nigh::Place>();
    assert_debug::<nigh::PlaceKind>();
    assert_debug::<nigh::Prompts>();
    assert_debug::<nigh::QuerySyntax>();
    assert_debug::<nigh::Rebuild<'_>>();
    assert_debug::<nigh::RebuildProgress>();
    assert_debug::<nigh::Rebuilt>();
    assert_debug::<nigh::Renamed>();
    assert_debug::<nigh::SkippedFile>();
    assert_debug::<nigh::SpaceChange>();
    assert_debug::<nigh::SpaceProgress>();
    assert_debug::<nigh::Span>();
    assert_debug::<nigh::Status>();
    assert_debug::<nigh::Syntax>();
    assert_debug::<nigh::TermScore>();
    assert_debug::<nigh::TextKind>();
    assert_debug::<nigh::Timings>();
    assert_debug::<nigh::TokenInput>();
    assert_debug::<nigh::TrustList>();
    assert_debug::<nigh::UpsertAll<'_, Vec<nigh::Document>>>();
    assert_debug::<nigh::UpsertProgress>();
    assert_debug::<nigh::VectorPrecision>();
    assert_debug::<nigh::WordIndex>();
    assert_debug::<nigh::WorkerCommand>();
}

#[test]
fn api_names_of_modes_are_parsed() {
    for mode in nigh::Mode::ALL {
        assert_eq!(mode.to_string().parse::<nigh::Mode>().unwrap(), mode);
        assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
    }
    let refused = "Dense".parse::<nigh::Mode>().unwrap_err();
    assert!(refused.is_user_error() && refused.to_string().contains("hybrid, dense, lexical"), "{refused}");
}
