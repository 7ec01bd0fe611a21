//! Calls everything that reads a generation, and the writer of the next one.

use std::path::Path;

use super::cases::NUMBERS;
use super::{Random, SMALL, TestRequest, exact};
use crate::document::{DocumentId, PassageId};
use crate::error::{Error, Result};
use crate::index::tests::beside::sidecar;
use crate::index::{Changes, Publisher, RowId, RowSet, Snapshot};

/// Reads everything, then writes the next generation. The result is an error with a path, or success.
pub fn use_all(directory: &Path) -> Result<()> {
    let Some(snapshot) = Snapshot::at(directory)? else { return Ok(()) };
    let mut errors: Vec<Error> = Vec::new();
    let mut note = |result: Result<()>| errors.extend(result.err());
    let mut random = Random(3);
    let query = random.direction(16);
    note(snapshot.verify(directory));
    for (exact_too, recall, limit) in [(true, 1.0, 5), (false, 0.6, 5), (false, 0.99, 1000)] {
        let request = TestRequest { exact: exact_too, recall, ..exact(&query, limit) };
        note(request.search(&snapshot).map(|answer| assert!(answer.rows.len() <= limit)));
    }
    note(snapshot.places().map(|places| {
        for place in places.into_iter().take(300) {
            let read = || -> Result<()> {
                let document = snapshot.document(place)?;
                let record = document.record()?;
                snapshot.find_name(&record.id)?;
                snapshot.find_number(document.number())?;
                document.text()?;
                // A document may claim many rows; the first ones are enough.
                for ordinal in 0..document.passages().min(200) as u32 {
                    let passage = document.passage(ordinal)?;
                    snapshot.find_passage(passage.id())?;
                }
                document.passage(u32::MAX).map(|_| ())
            };
            if let Err(error) = read() {
                assert_path(directory, &error);
            }
        }
    }));
    for number in NUMBERS {
        note(snapshot.find_number(number).map(|_| ()));
        note(snapshot.find_passage(PassageId(number)).map(|_| ()));
        if snapshot.segment_count() == 0 {
            continue;
        }
        let row = RowId { segment: 0, row: number as u32 };
        note(snapshot.cosine(&query, row).and_then(|_| snapshot.document_of(row)).map(|_| ()));
    }
    note(snapshot.find_name(&DocumentId::new("later 2").unwrap()).map(|_| ()));
    note(snapshot.sample(&query, 50).map(|_| ()));
    note(RowSet::of_passages(&snapshot, [PassageId(1), PassageId(u64::MAX)]).and_then(|rows| {
        let request = TestRequest { within: Some(&rows), ..exact(&query, 5) };
        request.search(&snapshot).map(|_| ())
    }));
    for section in snapshot.sidecars() {
        note(section.shared(0..8).map(|_| ()));
    }
    for error in &errors {
        assert_path(directory, error);
    }
    drop(snapshot);
    // A writer, too: the index of a stranger's folder may be continued.
    let publisher = Publisher::open(directory, sidecar())?.unwrap().with_policy(SMALL);
    let totals = publisher.snapshot().totals();
    let changes = Changes { totals, settings: "{}".to_owned(), put: Vec::new(), removed: vec![1, 91, u64::MAX] };
    publisher.publish(changes)?;
    let pool = std::sync::Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    publisher.merge(&pool, &std::sync::atomic::AtomicBool::new(false)).map(|_| ())
}

/// Asserts that an error has the path of a file of the generation, or refuses a query of another dimension.
pub fn assert_path(directory: &Path, error: &Error) {
    match error {
        Error::IndexDamaged { path, .. } | Error::Io { path, .. } => {
            assert!(path.starts_with(directory), "the error has no path of the generation: {error}");
        }
        Error::InvalidInput { .. } => {}
        other => panic!("an error of another kind: {other}"),
    }
}
