//! Measures an exact search in a temporary collection of random vectors.

use std::time::Duration;

use nigh::{Collection, CollectionOptions, ExportedDocument, ExportedPassage, Span, WordIndex};

use super::row::SearchLatency;
use super::timing::{median_ms, repeat};
use crate::output::Failure;
use crate::random::SeededRandom;
use crate::scratch::ScratchFolder;

/// Documents, and the passages of each: together 30,000 vectors, which one thread scans.
const DOCUMENTS: usize = 3000;
const PASSAGES: usize = 10;
/// The subjects that the vectors lie around.
const SUBJECTS: usize = 200;
/// Different queries.
const QUERIES: usize = 50;
/// Hits of each search.
const HITS: usize = 10;
/// Repeats of a search.
const REPEATS: std::ops::RangeInclusive<usize> = 20..=500;

/// Searches vectors of this dimension.
pub fn exact(dimension: usize, time: Duration) -> Result<SearchLatency, Failure> {
    let scratch = ScratchFolder::new("bench")?;
    let mut random = SeededRandom::new(1);
    let subjects: Vec<Vec<f32>> = (0..SUBJECTS).map(|_| direction(&mut random, dimension)).collect();
    let mut about = || {
        let subject = random.below(SUBJECTS);
        near(&subjects[subject], &direction(&mut random, dimension))
    };
    let collection = fill(&scratch, dimension, &mut about)?;
    let queries: Vec<Vec<f32>> = (0..QUERIES).map(|_| about()).collect();
    let search = |number: usize| -> Result<(), Failure> {
        let query = queries[number % QUERIES].clone();
        collection.search_by_vector(query).limit(HITS).exact(true).run()?;
        Ok(())
    };
    repeat(QUERIES..=QUERIES, Duration::ZERO, search)?;
    let took = repeat(REPEATS, time, search)?;
    let (repeats, vectors) = (Some(took.len()), DOCUMENTS * PASSAGES);
    Ok(SearchLatency { milliseconds: median_ms(took), vectors, dimension, repeats })
}

/// Makes a collection with these vectors.
fn fill(scratch: &ScratchFolder, dimension: usize, mut next: impl FnMut() -> Vec<f32>) -> Result<Collection, Failure> {
    let options = CollectionOptions::new().dimension(dimension).word_index(WordIndex::None);
    let collection = options.create(scratch.path().join("collection"))?;
    let mut writer = collection.writer()?;
    let text = "x\n".repeat(PASSAGES);
    for number in 0..DOCUMENTS {
        let passage = |at: usize| ExportedPassage::new(Span::new(2 * at..2 * at + 1, at + 1..at + 2), next());
        let passages = (0..PASSAGES).map(passage).collect();
        let mut document = ExportedDocument::new(number.to_string(), text.clone());
        document.passages = Some(passages);
        writer.import(document)?;
    }
    writer.commit()?;
    writer.wait_for_merges().run()?;
    drop(writer);
    Ok(collection)
}

/// Returns a random vector of length 1.
fn direction(random: &mut SeededRandom, dimension: usize) -> Vec<f32> {
    const STEPS: usize = 1 << 20;
    let number = |_| (random.below(STEPS) as f32 + 0.5) / STEPS as f32 - 0.5;
    normalised((0..dimension).map(number).collect())
}

/// Returns a vector between both, of length 1.
fn near(subject: &[f32], other: &[f32]) -> Vec<f32> {
    normalised(subject.iter().zip(other).map(|(subject, other)| subject + 0.7 * other).collect())
}

fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}
