//! Sequences of operations against a naive model in memory.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::vector::encode;
use super::*;

#[derive(Debug, Clone)]
enum StoreOperation {
    /// Name, text, passages: each keeps the stored passage at that index if there is one, or is new.
    Put(u8, String, Vec<Option<u8>>),
    Remove(u8),
    Restamp(u8, Option<i64>),
    Flush,
    Reopen,
}

fn operation() -> impl Strategy<Value = StoreOperation> {
    let text = prop_oneof![
        "[a-z 文字向量\n]{0,40}",
        ("[文量a]{1,3}", 0usize..5000).prop_map(|(unit, times)| unit.repeat(times)),
    ];
    let passages = prop::collection::vec(prop::option::of(0u8..4), 0..5);
    prop_oneof![
        6 => (0u8..5, text, passages).prop_map(|(name, text, passages)| StoreOperation::Put(name, text, passages)),
        2 => (0u8..5).prop_map(StoreOperation::Remove),
        1 => (0u8..5, prop::option::of(any::<i64>())).prop_map(|(name, time)| StoreOperation::Restamp(name, time)),
        1 => Just(StoreOperation::Flush),
        1 => Just(StoreOperation::Reopen),
    ]
}

#[derive(Debug, Clone)]
struct ModelDocument {
    number: u64,
    new: SplitDocument,
    passages: Vec<(PassageId, Vec<f32>)>,
}

#[derive(Default)]
struct ModelStore {
    documents: BTreeMap<u8, ModelDocument>,
    counts: Counts,
    next_document: u64,
    next_passage: u64,
}

fn name(n: u8) -> DocumentId {
    id(&format!("文档/{n}"))
}

impl ModelStore {
    /// Puts a document into both stores. `keeps`: for each passage, the index of the stored passage that it keeps.
    fn put(&mut self, store: &Store, n: u8, text: String, keeps: &[Option<u8>]) {
        let old = self.documents.get(&n).cloned();
        let mut free: Vec<(PassageId, Vec<f32>)> = old.iter().flat_map(|kept| kept.passages.clone()).collect();
        let mut new = document(name(n).as_str(), &text, self.counts.sequence, 3);
        new.passages.clear();
        let mut passages = Vec::new();
        for keep in keeps {
            let kept = keep.map(usize::from).filter(|&i| i < free.len()).map(|i| free.remove(i));
            let vector = match &kept {
                Some((id, _)) => PassageVector::Keep(*id),
                None => PassageVector::New(vector(self.next_passage, 3)),
            };
            new.passages.push(passage(0..text.len(), vector));
            passages.push(kept.unwrap_or_else(|| {
                self.next_passage += 1;
                (PassageId(self.next_passage - 1), vector_of(self.next_passage - 1))
            }));
        }
        let number = old.as_ref().map_or(self.next_document, |kept| kept.number);
        self.next_document += u64::from(old.is_none());
        self.counts.sequence += 1;
        let mut removed: Vec<PassageId> = free.into_iter().map(|(id, _)| id).collect();
        removed.sort();
        let outcome = store.put(&new).unwrap();
        let expected = PutOutcome {
            sequence: self.counts.sequence,
            document: number,
            passages: passages.iter().map(|(id, _)| *id).collect(),
            vectors: new.passages.iter().map(|p| stored_bytes(&p.vector)).collect(),
            removed,
        };
        assert_eq!(outcome, expected);
        // The document published from memory must equal the one that is read back.
        let expected = outcome
            .into_stored(new.clone())
            .map_vectors(|id, vector| Ok(vector.unwrap_or_else(|| store.kept_vector(id).unwrap().unwrap())))
            .unwrap();
        assert_eq!(store.document(&new.id).unwrap(), Some(expected));
        self.documents.insert(n, ModelDocument { number, new, passages });
    }

    /// Asserts that the store has what the model has.
    fn compare(&self, store: &Store) {
        let passages = self.documents.values().map(|kept| kept.passages.len() as u64).sum();
        let counts = Counts { documents: self.documents.len() as u64, passages, ..self.counts };
        assert_eq!(store.counts(), counts);
        for n in 0..5 {
            let stored = store.document(&name(n)).unwrap();
            let Some(kept) = self.documents.get(&n) else {
                assert_eq!(stored, None);
                continue;
            };
            let stored = stored.unwrap();
            assert_eq!((stored.number, stored.stamp), (kept.number, kept.new.stamp));
            assert_eq!(stored.metadata, metadata_json(&kept.new.metadata));
            assert_eq!(stored.content_hash, kept.new.content_hash);
            assert_eq!(store.whole_text(kept.number).unwrap(), kept.new.text);
            assert_eq!(stored.passages.len(), kept.passages.len());
            for ((stored, new), (id, vector)) in stored.passages.iter().zip(&kept.new.passages).zip(&kept.passages) {
                assert_eq!((stored.id, &stored.span, stored.hash), (*id, &new.span, new.hash));
                assert_eq!(store.vector(*id).unwrap().as_ref(), Some(vector));
            }
        }
        assert_eq!(all_vectors(store).len() as u64, passages);
        assert_eq!(store.verify().unwrap(), []);
    }
}

fn stored_bytes(vector: &PassageVector) -> Option<Vec<u8>> {
    match vector {
        PassageVector::New(numbers) => Some(encode(numbers, 3, VectorPrecision::F16).unwrap()),
        _ => None,
    }
}

fn vector_of(passage: u64) -> Vec<f32> {
    vector(passage, 3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn store_behaves_as_the_naive_model(operations in prop::collection::vec(operation(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = create(dir.path(), 3);
        let mut model = ModelStore::default();
        for operation in operations {
            match operation {
                StoreOperation::Put(n, text, passages) => model.put(&store, n, text, &passages),
                StoreOperation::Remove(n) => {
                    let removed = store.remove(&name(n)).unwrap();
                    let kept = model.documents.remove(&n);
                    assert_eq!(removed.as_ref().map(|r| r.document), kept.as_ref().map(|k| k.number));
                    model.counts.sequence += u64::from(kept.is_some());
                }
                StoreOperation::Restamp(n, time) => {
                    let stamp = time.map(|t| FileStamp { size: 1, modified_ns: t, checked_ns: t, changed_ns: t, inode: 7 });
                    assert_eq!(store.restamp(&name(n), stamp).unwrap(), model.documents.contains_key(&n));
                    if let Some(kept) = model.documents.get_mut(&n) {
                        kept.new.stamp = stamp;
                    }
                }
                StoreOperation::Flush => assert_eq!(store.flush().unwrap().sequence, model.counts.sequence),
                StoreOperation::Reopen => {
                    drop(store);
                    store = Store::open(dir.path(), WAIT).unwrap();
                    model.compare(&store);
                }
            }
        }
        model.compare(&store);
    }
}
