//! Damaged bytes, and indexes without passages or words.

use std::ops::Range;
use std::sync::Arc;

use super::world::{best_rows, build_texts, distractors, in_segment, lexicon_bytes, merged_bytes, open_texts};
use crate::error::{Error, Result};
use crate::kernel::SharedBytes;
use crate::lexical::{LexicalPart, Lexicon, Source};

fn bytes(source: &dyn Source) -> Vec<u8> {
    source.read(0..source.len()).unwrap().to_vec()
}

/// True if neither opening nor merging accepts these bytes.
fn is_refused(bytes: Vec<u8>) -> bool {
    let source: Arc<dyn Source> = Arc::new(SharedBytes::from(bytes));
    let rows = (0..2).map(Some).collect();
    let merged = merged_bytes(vec![LexicalPart { source: Arc::clone(&source), rows }]);
    let opened = Lexicon::open(vec![source]);
    matches!(opened, Err(Error::IndexDamaged { .. })) && matches!(merged, Err(Error::IndexDamaged { .. }))
}

#[test]
fn damaged_header_is_an_error() {
    let whole = bytes(&*build_texts(&["some words", "一些词"]));
    assert!(!is_refused(whole.clone()));
    for at in 0..24 + 6 * 24 {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(is_refused(damaged), "byte {at}");
    }
    for length in [1, 8, 23, 24, 100, 168, whole.len() / 2, whole.len() - 1] {
        assert!(is_refused(whole[..length].to_vec()), "{length} bytes");
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(is_refused(longer));
}

#[test]
fn index_of_another_tantivy_version_is_reported() {
    let mut words = bytes(&*build_texts(&["some words", "一些词"]));
    let key = b"\"index_format_version\":";
    let offsets: Vec<usize> = (0..words.len() - key.len()).filter(|&offset| words[offset..].starts_with(key)).collect();
    assert!(offsets.len() >= 5, "a footer for each file: {offsets:?}");
    for offset in offsets {
        words[offset + key.len()] = b'9';
    }
    let source: Arc<dyn Source> = Arc::new(SharedBytes::from(words));
    let Err(error) = Lexicon::open(vec![source]) else { panic!("was opened") };
    assert!(error.to_string().contains(crate::lexical::guard::OTHER_VERSION), "{error}");
}

/// A source that fails after a number of reads.
struct Failing {
    bytes: Vec<u8>,
    reads_left: std::sync::atomic::AtomicUsize,
}

impl Source for Failing {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn read(&self, range: Range<usize>) -> Result<SharedBytes> {
        let left = self.reads_left.load(std::sync::atomic::Ordering::Relaxed);
        if left == 0 {
            return Err(Error::IndexDamaged { path: "there".into(), problem: "block 7 is not as written".to_owned() });
        }
        self.reads_left.store(left - 1, std::sync::atomic::Ordering::Relaxed);
        Ok(SharedBytes::from(self.bytes[range].to_vec()))
    }
}

#[test]
fn failure_of_any_read_is_the_error_of_the_search() {
    let whole = bytes(&*build_texts(&distractors()));
    let search = |reads: usize| -> Result<usize> {
        let source = Failing { bytes: whole.clone(), reads_left: reads.into() };
        let lexicon = Lexicon::open(vec![Arc::new(source)])?;
        let query = lexicon.query("注意力 attention scores 的缩放")?;
        Ok(lexicon.search(&query, 5, &|row| Ok(Some(u64::from(row.row))))?.len())
    };
    let needed = (0..500).find(|&reads| search(reads).is_ok()).unwrap();
    assert!(needed > 5);
    for reads in 0..needed {
        let Err(Error::IndexDamaged { problem, .. }) = search(reads) else { panic!("after {reads} reads") };
        assert!(problem.contains("block 7"), "after {reads} reads: {problem}");
    }
}

#[test]
fn errors_of_accept_are_returned() {
    let lexicon = open_texts(&["one word", "another word"]);
    let query = lexicon.query("word").unwrap();
    assert!(matches!(lexicon.search(&query, 5, &|_| Err(Error::Interrupted)), Err(Error::Interrupted)));
}

#[test]
fn empty_indexes_and_queries_find_nothing() {
    assert!(lexicon_bytes(std::iter::empty()).is_empty());
    assert!(merged_bytes(Vec::new()).unwrap().is_empty());
    let some = build_texts(&["one word", "two words"]);
    let dead = LexicalPart { source: Arc::clone(&some), rows: vec![None, None] };
    assert!(merged_bytes(vec![dead]).unwrap().is_empty());
    let empty: Arc<dyn Source> = Arc::new(SharedBytes::from(Vec::new()));
    let parts = vec![
        LexicalPart { source: Arc::clone(&empty), rows: Vec::new() },
        LexicalPart { source: Arc::clone(&some), rows: vec![None, None] },
        LexicalPart { source: Arc::clone(&some), rows: vec![None, Some(0)] },
    ];
    let merged: Arc<dyn Source> = Arc::new(SharedBytes::from(merged_bytes(parts).unwrap()));
    let lexicon = Lexicon::open(vec![Arc::clone(&empty), merged, empty]).unwrap();
    assert_eq!(best_rows(&lexicon, "two", 5), [0]);
    let query = lexicon.query("two").unwrap();
    let found = lexicon.search(&query, 5, &|row| Ok(Some(row.segment as u64))).unwrap();
    assert_eq!(found[0].document, 1);
    assert!(lexicon.columns(0).is_none() && lexicon.columns(1).is_some() && lexicon.columns(3).is_none());
    assert!(lexicon.score(&query, &[in_segment(1, 1)]).is_err() && lexicon.score(&query, &[in_segment(0, 0)]).is_err());
    let nothing = Lexicon::open(Vec::new()).unwrap();
    assert!(best_rows(&nothing, "two", 5).is_empty());
    // Passages without words.
    assert!(best_rows(&open_texts(&["", "...", " "]), "two", 5).is_empty());
}

#[test]
fn wrong_rows_of_a_merge_are_an_error() {
    let words = build_texts(&["one", "two"]);
    for rows in [vec![Some(0)], vec![Some(0), Some(0)], vec![Some(1), Some(2)], vec![None, Some(1)]] {
        assert!(merged_bytes(vec![LexicalPart { source: Arc::clone(&words), rows }]).is_err());
    }
}
