//! What changes at a commit, together: the records, and the index in memory.

use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::index::{FlatIndex, RowKey};
use crate::records::{NewDocument, Store, VectorPrecision};

/// The records of a collection, and their vectors once somebody has searched.
pub(super) struct State {
    pub(super) store: Store,
    pub(super) index: Option<FlatIndex>,
    /// The number of the commit that searches see.
    pub(super) generation: u64,
}

impl State {
    /// Every vector of the records.
    pub(super) fn load_index(&self) -> Result<FlatIndex> {
        let settings = self.store.settings();
        let mut index = FlatIndex::new(settings.dimension, settings.precision == VectorPrecision::F16);
        self.store.for_each_vector(&mut |vector| {
            let ordinal = u32::try_from(vector.ordinal).unwrap_or(u32::MAX);
            index.add(RowKey { passage: vector.passage, document: vector.document, ordinal }, vector.bytes)
        })?;
        Ok(index)
    }

    /// Stores a document and keeps the index, where it is loaded, in step.
    pub(super) fn put(&mut self, document: NewDocument) -> Result<()> {
        let outcome = self.store.put(document)?;
        let Some(index) = &mut self.index else { return Ok(()) };
        for passage in outcome.removed {
            index.remove(passage);
        }
        for (ordinal, &passage) in outcome.passages.iter().enumerate() {
            let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
            let key = RowKey { passage, document: outcome.document, ordinal };
            if !index.replace_key(key) {
                // As it was stored, so that the index never differs from one loaded afresh.
                let problem = || format!("the vector of passage {} is missing just after it was written", passage.0);
                let path = self.store.collection().to_path_buf();
                let damaged = || Error::RecordsDamaged { path, problem: problem() };
                index.add_values(key, &self.store.vector(passage)?.ok_or_else(damaged)?)?;
            }
        }
        Ok(())
    }

    /// Removes a document; false when there is none of that id.
    pub(super) fn remove(&mut self, id: &DocumentId) -> Result<bool> {
        let Some(outcome) = self.store.remove(id)? else { return Ok(false) };
        if let Some(index) = &mut self.index {
            for passage in outcome.removed {
                index.remove(passage);
            }
        }
        Ok(true)
    }
}
