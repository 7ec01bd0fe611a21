//! Files that are truncated while this process has them mapped: each result is right, or an error names the file, and the process does
//! not crash.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use nigh::{
    Collection, CollectionOptions, Document, Embeddings, Encoder, EncoderError, Error, ExportedDocument, Hits,
    ModelInfo,
};

use crate::support::{Place, Random, f32, found, int8, load};

const DIMENSION: usize = 24;
const DOCUMENTS: usize = 600;

fn documents(from: usize, count: usize) -> Vec<Document> {
    let mut random = Random(from as u64 + 7);
    let document = |i: usize| {
        let vector = (0..DIMENSION).map(|_| random.normal() as f32).collect();
        Document::new(
            format!("{i}"),
            format!("the text of number {i}, which is of some length: {}", "word ".repeat(60)),
        )
        .with_vector(vector)
    };
    (from..from + count).map(document).collect()
}

/// Makes a collection of documents with their own vectors in one segment, and closes it.
fn make_collection(path: &Path) -> PathBuf {
    let collection = CollectionOptions::new().dimension(DIMENSION).open(path).unwrap();
    let mut writer = collection.writer().unwrap();
    writer.upsert_all(documents(0, DOCUMENTS)).run().unwrap();
    writer.commit().unwrap();
    path.to_path_buf()
}

/// Returns the path of its largest segment.
fn largest_segment(collection: &Path) -> PathBuf {
    let files = fs::read_dir(collection.join("published")).unwrap().map(|entry| entry.unwrap().path());
    let segments = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("segment-"));
    segments.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
}

fn truncate(path: &Path, len: u64) {
    File::options().write(true).open(path).unwrap().set_len(len).unwrap();
}

/// The answers to one round of calls.
struct Answers {
    hits: Vec<Hits>,
    document: Option<Document>,
    exported: Vec<ExportedDocument>,
}

/// Calls everything that a reader can ask: returns the answers, or the first error.
fn ask_everything(collection: &Collection, i: usize) -> nigh::Result<Answers> {
    let query: Vec<f32> = (0..DIMENSION).map(|d| ((i * 7 + d * 3) % 11) as f32 - 5.0).collect();
    let hits = vec![
        collection.search_by_vector(query.clone()).limit(20).run()?,
        collection.search_by_vector(query).limit(20).exact(true).explain(true).run()?,
        collection.search(format!("text number {i} length")).limit(20).run()?,
        collection.similar_to(format!("{}", i * 13 % DOCUMENTS)).limit(5).run()?,
    ];
    let mut exported = Vec::new();
    if i.is_multiple_of(8) {
        exported = collection.export().vectors(true).run()?.collect::<nigh::Result<_>>()?;
    }
    Ok(Answers { hits, document: collection.document(&format!("{}", i * 31 % DOCUMENTS))?, exported })
}

fn assert_same(a: &Answers, b: &Answers) {
    for (a, b) in a.hits.iter().zip(&b.hits) {
        assert_eq!(found(a.clone()), found(b.clone()));
        assert!(a.hits.iter().zip(&b.hits).all(|(a, b)| a.passage == b.passage && a.document == b.document));
    }
    let id_and_text = |answers: &Answers| answers.document.as_ref().map(|d| (d.id.clone(), d.text.clone()));
    assert_eq!(id_and_text(a), id_and_text(b));
    assert_eq!(a.exported, b.exported);
}

/// Asserts that the error reports the truncated file.
fn assert_reports_truncation(error: &Error, file: &Path) {
    match error {
        Error::IndexDamaged { path, .. } => assert_eq!(path, file),
        other => panic!("{other}"),
    }
}

#[test]
fn truncated_segment_gives_right_hits_or_an_error() {
    let place = Place::new();
    let original = make_collection(&place.path("original"));
    const QUERIES: usize = 16;
    let right: Vec<_> = {
        let collection = Collection::open_read_only(&original).unwrap();
        (0..QUERIES).map(|i| ask_everything(&collection, i).unwrap()).collect()
    };
    let len = fs::metadata(largest_segment(&original)).unwrap().len();
    // At page boundaries, within a page, where the kernel raises no SIGBUS but reads zeros, and within the last page.
    let lengths = [0, 1, 4096, len / 7, len / 3 + 11, len / 2 / 4096 * 4096, len * 3 / 4, len - 4097, len - 1];
    let errors = AtomicUsize::new(0);
    for (round, length) in lengths.into_iter().enumerate() {
        let path = copy_collection(&original, &place.path(&format!("copy {round}")));
        let file = largest_segment(&path);
        let collection = Collection::open_read_only(&path).unwrap();
        // A checksum is verified only on the first read. In half of the rounds all were verified before, so only the check after each use
        // can find the truncation.
        if round % 2 == 0 {
            (0..QUERIES).for_each(|i| assert_same(&ask_everything(&collection, i).unwrap(), &right[i]));
        }
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let (collection, right, file, done, errors) = (&collection, &right, &file, &done, &errors);
                scope.spawn(move || {
                    let mut i = thread;
                    loop {
                        let truncated = done.load(Ordering::SeqCst);
                        match ask_everything(collection, i % QUERIES) {
                            Ok(answer) => {
                                assert_same(&answer, &right[i % QUERIES]);
                                assert!(!truncated, "the file is truncated, but no error was reported");
                            }
                            Err(error) => {
                                assert_reports_truncation(&error, file);
                                errors.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                        if truncated {
                            break;
                        }
                        i += 1;
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(20));
            truncate(&file, length);
            done.store(true, Ordering::SeqCst);
        });
        // Once restored, the file is read again, by the same handle.
        fs::remove_file(&file).unwrap();
        fs::copy(largest_segment(&original), &file).unwrap();
        assert_same(&ask_everything(&collection, 3).unwrap(), &right[3]);
    }
    // Each of the three threads gets at least one error in each round.
    assert!(errors.into_inner() >= 3 * lengths.len());
}

/// Copies a closed collection.
fn copy_collection(from: &Path, to: &Path) -> PathBuf {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, into) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy_collection(&path, &into);
        } else {
            fs::copy(&path, &into).unwrap();
        }
    }
    to.to_path_buf()
}

#[test]
fn truncated_segment_is_never_merged() {
    let place = Place::new();
    let path = make_collection(&place.path("notes"));
    let options = || CollectionOptions::new().dimension(DIMENSION);
    let file = largest_segment(&path);
    {
        let collection = options().open(&path).unwrap();
        assert_eq!(collection.verify().unwrap(), Vec::<String>::new());
        let len = fs::metadata(&file).unwrap().len();
        truncate(&file, len / 2 + 100);
        // Small commits, until merges want to copy the truncated segment; some of its documents are replaced.
        let mut errors = 0;
        for round in 0..12 {
            let mut writer = collection.writer().unwrap();
            let mut changed = documents(round * 40, 40);
            changed.extend(documents(DOCUMENTS + round * 10, 10));
            writer.upsert_all(changed).run().unwrap();
            if let Err(error) = writer.commit() {
                assert_reports_truncation(&error, &file);
                errors += 1;
            }
        }
        assert!(errors > 0, "the segment is truncated, but no commit reported it");
        assert!(!collection.verify().unwrap().is_empty());
    }
    let (collection, _) = Collection::rebuild(&path).options(options()).run().unwrap();
    assert_eq!(collection.verify().unwrap(), Vec::<String>::new());
    assert_eq!(collection.status().unwrap().documents as usize, DOCUMENTS + 120);
    let text = collection.document("11").unwrap().unwrap().text;
    assert!(text.contains("number 11,") && !text.contains('\0'));
}

/// Encodes in three threads while `act` runs: each result is right, or an error that names the file. After `act` every call fails. With
/// `has_fallback` every call succeeds: the encoder uses something else than the file.
fn encode_while(encoder: &Encoder, right: &Embeddings, file: &Path, has_fallback: bool, act: impl FnOnce()) {
    let done = AtomicBool::new(false);
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let acted = done.load(Ordering::SeqCst);
                    match encoder.encode(&texts) {
                        Ok(vectors) => {
                            assert_eq!(&vectors, right);
                            assert!(!acted || has_fallback, "the file is truncated, but no error was reported");
                        }
                        Err(EncoderError::ModelFile { path, problem }) => {
                            assert!(!has_fallback && path == file, "{}: {problem}", path.display());
                            assert!(problem.contains("cut short"), "{problem}");
                        }
                        Err(other) => panic!("{other}"),
                    }
                    if acted {
                        break;
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(30));
        act();
        done.store(true, Ordering::SeqCst);
    });
}

fn texts() -> Vec<String> {
    (0..24)
        .map(|i| format!("the {i} vector of a sentence 句向量 and a code line {}", "of the text ".repeat(i % 5)))
        .collect()
}

#[test]
fn truncated_model_file_gives_right_vectors_or_an_error() {
    for (name, options, has_fallback) in [
        ("nigh-int8.packed", int8 as fn() -> nigh::EncoderOptions, false),
        ("model.safetensors", f32, false),
        // The `tokenizers` crate is used instead.
        ("nigh-tokenizer.packed", int8, true),
    ] {
        for part in [0.0, 0.3, 0.9] {
            let place = Place::new();
            let file = place.model().join(name);
            let encoder = load(&place.model(), options());
            let texts = texts();
            let right = encoder.encode(&texts.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
            let (len, whole) = (fs::metadata(&file).unwrap().len(), fs::read(&file).unwrap());
            encode_while(&encoder, &right, &file, has_fallback, || truncate(&file, (len as f64 * part) as u64));
            drop(encoder);
            if name == "model.safetensors" {
                let error = Encoder::with_options(ModelInfo::open(place.model()).unwrap(), options()).err().unwrap();
                assert!(matches!(error, EncoderError::ModelFile { .. } | EncoderError::Io { .. }), "{error}");
                fs::write(&file, whole).unwrap();
            }
            // Packed files are rewritten.
            let again = load(&place.model(), options());
            assert_eq!(again.encode(&texts.iter().map(String::as_str).collect::<Vec<_>>()).unwrap(), right);
        }
    }
}
