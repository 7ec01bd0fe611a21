//! A sidecar that says of every row which passage it is, so that whoever reads a snapshot can tell whether it kept up.

use std::path::Path;
use std::sync::Arc;

use super::world::{Random, SMALL, World, exact, found};
use crate::document::PassageId;
use crate::error::{Error, Result};
use crate::index::{Match, Out, Published, RowAt, Rows, Shape, Sidecar, SidecarPart, Snapshot};

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

/// What all tests of this room keep beside the rows.
pub fn sidecar() -> Arc<dyn Sidecar> {
    Arc::new(Passages)
}

/// Panics when what is kept beside a row is of another passage.
///
/// # Errors
/// What reading says.
pub fn check(snapshot: &Snapshot) -> Result<()> {
    for (segment, section) in snapshot.sidecars().enumerate() {
        let rows = snapshot.segments()[segment].segment.rows();
        let bytes = section.shared(0..8 * rows as usize)?;
        for (row, passage) in (0u32..).zip(bytes.as_chunks::<8>().0) {
            let found = snapshot.match_at(RowAt { segment, row })?;
            assert_eq!(found.passage, PassageId(u64::from_le_bytes(*passage)), "segment {segment}, row {row}");
        }
    }
    Ok(())
}

#[test]
fn rows_are_accepted_scored_and_sampled_as_searches_do() {
    let random = &mut Random(11);
    let mut world = World::new(Shape { dimension: 24, half: true }, SMALL);
    let names = |range: std::ops::Range<usize>| range.map(|i| format!("d{i}")).collect::<Vec<_>>();
    world.add(&names(0..50), random);
    world.add(&names(40..90), random);
    world.publish(Vec::new(), vec![3, 60]);
    let (snapshot, query) = (world.snapshot(), random.direction(24));
    let all = snapshot.search(&exact(&query, 100)).unwrap().matches;
    assert_eq!(all.len(), 88);
    let mut given = Vec::new();
    for (segment, section) in snapshot.sidecars().enumerate() {
        given.extend(
            (0..section.shared(0..8).map_or(0, |_| snapshot.segments()[segment].segment.rows()))
                .map(|row| RowAt { segment, row }),
        );
    }
    let acceptance = snapshot.acceptance(None, Some(7)).unwrap();
    let accepted: Vec<RowAt> = given.iter().copied().filter(|&at| acceptance.document(at).unwrap().is_some()).collect();
    assert_eq!(accepted.len(), 87);
    let scored: Vec<Match> = accepted.iter().map(|&at| snapshot.score(&query, at).unwrap()).collect();
    let mut searched = exact(&query, 100);
    searched.skip = Some(7);
    let best = Snapshot::best_of(scored, 100);
    assert_eq!(best, snapshot.search(&searched).unwrap().matches);
    assert_eq!(
        snapshot.row_of(&best[0]).unwrap(),
        *accepted.iter().find(|&&at| snapshot.score(&query, at).unwrap() == best[0]).unwrap()
    );
    let among = Rows::of_passages(&snapshot, best[..5].iter().map(|m| m.passage)).unwrap();
    let few = snapshot.acceptance(Some(&among), None).unwrap();
    assert_eq!(given.iter().filter(|&&at| few.document(at).unwrap().is_some()).count(), 5);

    let sample = snapshot.sample(&query, 1000).unwrap();
    assert_eq!(sample.len(), 88);
    let mut exact_scores: Vec<f32> =
        found(&snapshot.search(&exact(&query, 100)).unwrap()).iter().map(|row| row.0).collect();
    let mut sorted = sample;
    exact_scores.sort_by(f32::total_cmp);
    sorted.sort_by(f32::total_cmp);
    assert!(sorted.iter().zip(&exact_scores).all(|(a, b)| (a - b).abs() < 0.02));
    assert!((20..=30).contains(&snapshot.sample(&query, 25).unwrap().len()));
    assert!(matches!(snapshot.sample(&query[..3], 9), Err(Error::InvalidInput { .. })));
    let gone = RowAt { segment: 0, row: 10_000 };
    assert!(matches!(snapshot.match_at(gone), Err(Error::IndexDamaged { .. })));
    assert_eq!(acceptance.document(gone).unwrap(), None);
}
