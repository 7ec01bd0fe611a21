//! A sidecar with the passage of every row, so that a test can check that rows and sidecar match.

use std::path::Path;
use std::sync::Arc;

use super::fixture::{Random, SMALL, TestRequest, World, exact, found_rows};
use crate::document::PassageId;
use crate::error::{Error, Result};
use crate::index::{Out, Published, RowId, RowSet, ScoredRow, Shape, Sidecar, SidecarPart, Snapshot, best_documents};

struct Passages;

impl Sidecar for Passages {
    fn build(&self, documents: &[Published], _: &Path, out: &mut Out<'_>) -> Result<()> {
        let mut passages = documents.iter().flat_map(|document| &document.passages);
        passages.try_for_each(|passage| out(&passage.id.0.to_le_bytes()))
    }

    fn merge(&self, parts: Vec<SidecarPart>, _: &Path, out: &mut Out<'_>) -> Result<()> {
        let mut rows = Vec::new();
        for part in parts {
            let bytes = part.section.shared(0..8 * part.rows.len())?;
            let passages = bytes.as_chunks::<8>().0.iter().copied();
            rows.extend(part.rows.iter().zip(passages).filter_map(|(row, passage)| Some(((*row)?, passage))));
        }
        rows.sort_unstable();
        assert!(rows.iter().enumerate().all(|(i, &(row, _))| i == row as usize), "every new row once");
        rows.into_iter().try_for_each(|(_, passage)| out(&passage))
    }
}

/// Returns the sidecar of all tests in this module.
pub fn sidecar() -> Arc<dyn Sidecar> {
    Arc::new(Passages)
}

/// Panics if the sidecar's bytes of a row belong to another passage.
///
/// # Errors
/// Errors of reading.
pub fn check(snapshot: &Snapshot) -> Result<()> {
    for (segment, section) in snapshot.sidecars().enumerate() {
        let rows = snapshot.segments()[segment].segment.rows();
        let bytes = section.shared(0..8 * rows as usize)?;
        for (row, passage) in (0u32..).zip(bytes.as_chunks::<8>().0) {
            let document = snapshot.document_of(RowId { segment, row })?;
            let expected = document.passage(document.ordinal_of(row))?.id();
            assert_eq!(expected, PassageId(u64::from_le_bytes(*passage)), "segment {segment}, row {row}");
        }
    }
    Ok(())
}

#[test]
fn row_access_agrees_with_searches() {
    let random = &mut Random(11);
    let mut world = World::new(Shape { dimension: 24, half: true }, SMALL);
    let names = |range: std::ops::Range<usize>| range.map(|i| format!("d{i}")).collect::<Vec<_>>();
    world.add(&names(0..50), random);
    world.add(&names(40..90), random);
    world.publish(Vec::new(), vec![3, 60]);
    let (snapshot, query) = (world.snapshot(), random.direction(24));
    let all = exact(&query, 100).search(&snapshot).unwrap().rows;
    assert_eq!(all.len(), 88);
    let mut all_rows = Vec::new();
    for (segment, section) in snapshot.sidecars().enumerate() {
        all_rows.extend(
            (0..section.shared(0..8).map_or(0, |_| snapshot.segments()[segment].segment.rows()))
                .map(|row| RowId { segment, row }),
        );
    }
    let accepted_rows = snapshot.accepted_rows(None, Some(7)).unwrap();
    let accepted: Vec<(RowId, u64)> =
        all_rows.iter().filter_map(|&row| Some((row, accepted_rows.document(row).unwrap()?))).collect();
    assert_eq!(accepted.len(), 87);
    let score = |row| snapshot.cosine(&query, row).unwrap();
    let scored = accepted.iter().map(|&(row, document)| ScoredRow { row, document, score: score(row) });
    let best = best_documents(scored, 100);
    let skipping = TestRequest { skip: Some(7), ..exact(&query, 100) };
    assert_eq!(best, skipping.search(&snapshot).unwrap().rows);
    let passage = |row: RowId| {
        let document = snapshot.document_of(row).unwrap();
        document.passage(document.ordinal_of(row.row)).unwrap().id()
    };
    let within = RowSet::of_passages(&snapshot, best[..5].iter().map(|found| passage(found.row))).unwrap();
    let within_rows = snapshot.accepted_rows(Some(&within), None).unwrap();
    assert_eq!(all_rows.iter().filter(|&&row| within_rows.document(row).unwrap().is_some()).count(), 5);

    let sample = snapshot.sample(&query, 1000).unwrap();
    assert_eq!(sample.len(), 88);
    let mut exact_scores: Vec<f32> = found_rows(&snapshot, &exact(&query, 100).search(&snapshot).unwrap())
        .unwrap()
        .iter()
        .map(|found| found.score)
        .collect();
    let mut sorted: Vec<f32> = sample.into_iter().map(|(_, cosine)| cosine).collect();
    exact_scores.sort_by(f32::total_cmp);
    sorted.sort_by(f32::total_cmp);
    assert!(sorted.iter().zip(&exact_scores).all(|(a, b)| (a - b).abs() < 0.02));
    assert!((20..=30).contains(&snapshot.sample(&query, 25).unwrap().len()));
    assert!(matches!(snapshot.sample(&query[..3], 9), Err(Error::InvalidInput { .. })));
    let missing = RowId { segment: 0, row: 10_000 };
    assert!(matches!(snapshot.document_of(missing).map(|_| ()), Err(Error::IndexDamaged { .. })));
    assert_eq!(accepted_rows.document(missing).unwrap(), None);
}
