//! Commits through the public API: at several sizes, the time to load the collection, to merge, and of a small commit. Then the size on
//! disk, and the time to open the collection.

use std::path::Path;
use std::time::Instant;

use nigh::{Collection, CollectionOptions, Document};
use serde_json::json;

use crate::vectors::Vectors;
use crate::{Failure, Scratch, median};

/// The number of small commits that are measured at each size.
const COMMITS: usize = 41;

/// Prints one JSON line for each measurement. `base` needs well over three times [`COMMITS`] vectors.
pub fn run(base: &Vectors) -> Result<(), Failure> {
    let scratch = Scratch::new("commits")?;
    let path = scratch.0.join("c.nigh");
    let options = || CollectionOptions::new().dimension(base.dimension);
    let collection = options().open(&path)?;
    let (mut next, mut texts) = (0, 0);
    // Each size needs vectors for its small commits: the last one leaves enough for all three.
    let sizes = [base.rows() / 100, base.rows() / 10, base.rows() - 3 * COMMITS];
    for size in sizes {
        let began = Instant::now();
        let mut writer = collection.writer()?;
        writer.upsert_all((next..size).map(|i| document(base, i, &mut texts))).run()?;
        writer.commit()?;
        let loaded = began.elapsed().as_secs_f64();
        writer.wait_for_merges().run()?;
        let merged = began.elapsed().as_secs_f64();
        let mut times = Vec::new();
        for i in size..size + COMMITS {
            let document = document(base, i, &mut texts);
            let began = Instant::now();
            writer.upsert(document)?;
            writer.commit()?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        next = size + COMMITS;
        let worst = times.iter().copied().fold(0.0, f64::max);
        println!(
            "{}",
            json!({"what": "commit", "n": size, "loaded_s": loaded, "settled_s": merged,
                   "median_ms": median(times), "worst_ms": worst})
        );
        writer.wait_for_merges().run()?;
    }
    let status = collection.status()?;
    let per_passage = |bytes: u64| bytes as f64 / status.passages as f64;
    println!(
        "{}",
        json!({"what": "disk", "passages": status.passages, "text_bytes_a_passage": per_passage(texts),
               "all_bytes_a_passage": per_passage(status.bytes_on_disk),
               "records_bytes_a_passage": per_passage(bytes_in(&path.join("records"))?)})
    );
    drop(collection);
    let began = Instant::now();
    Collection::open_read_only(&path)?;
    println!("{}", json!({"what": "open to read", "ms": began.elapsed().as_secs_f64() * 1e3}));
    let began = Instant::now();
    options().open(&path)?;
    println!("{}", json!({"what": "open to write", "ms": began.elapsed().as_secs_f64() * 1e3}));
    Ok(())
}

/// Returns a document with about the text of a passage of 150 tokens.
fn document(base: &Vectors, i: usize, texts: &mut u64) -> Document {
    let text = format!("passage {i} ").repeat(40);
    *texts += text.len() as u64;
    Document::new(format!("documents/{i}.md"), text).with_vector(base.row(i).to_vec())
}

/// Returns the sum of the sizes of all files in a directory and below.
fn bytes_in(directory: &Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { bytes_in(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
