//! Documents whose files are gone: their vectors serve files that say the same under another name.

use std::collections::{HashMap, HashSet};

use crate::document::{DocumentId, PassageId};
use crate::error::Result;
use crate::records::{StampedDocument, Store};

/// Documents that are about to go.
pub(super) struct Moved {
    /// By content; several files may say the same.
    by_content: HashMap<[u8; 32], Vec<DocumentId>>,
    left: HashSet<DocumentId>,
    /// Whether there are new files at all.
    new_files: bool,
    /// Their passages by the hash of what was encoded; read when they are first asked for.
    passages: Option<HashMap<[u8; 16], PassageId>>,
}

impl Moved {
    pub(super) fn new(gone: Vec<StampedDocument>, new_files: bool) -> Self {
        let mut by_content: HashMap<_, Vec<DocumentId>> = HashMap::new();
        let left = gone.iter().map(|document| document.id.clone()).collect();
        // From the back, so that they are taken in the order of their names.
        for document in gone.into_iter().rev() {
            by_content.entry(document.content_hash).or_default().push(document.id);
        }
        Self { by_content, left, new_files, passages: None }
    }

    /// Whether any may have moved, so that it must stay until the end.
    pub(super) fn may_be_moved(&self) -> bool {
        self.new_files && !self.left.is_empty()
    }

    /// The name under which a new file's content was known before; each once.
    pub(super) fn take(&mut self, content: &[u8; 32]) -> Option<DocumentId> {
        let id = self.by_content.get_mut(content)?.pop()?;
        self.left.remove(&id);
        Some(id)
    }

    /// Those that were not taken, in the order of their names.
    pub(super) fn drain(&mut self) -> Vec<DocumentId> {
        self.by_content.clear();
        let mut left: Vec<DocumentId> = self.left.drain().collect();
        left.sort_unstable();
        left
    }

    /// The vector of a passage that says the same.
    ///
    /// # Errors
    /// As the store's.
    pub(super) fn vector(&mut self, hash: &[u8; 16], store: &Store) -> Result<Option<Vec<f32>>> {
        let passages = match &mut self.passages {
            Some(passages) => passages,
            none => none.insert(self.by_content.values().flatten().try_fold(HashMap::new(), |mut all, id| {
                all.extend(store.passage_hashes(id)?);
                Ok::<_, crate::error::Error>(all)
            })?),
        };
        // A document that was taken is removed by the commit that stores it under its new name: its vectors may be gone.
        passages.get(hash).map_or(Ok(None), |&passage| store.vector(passage))
    }
}
