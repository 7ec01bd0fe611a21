//! Documents whose files are gone: their vectors serve files with the same content under another name.

use std::collections::{HashMap, HashSet};

use crate::document::{DocumentId, PassageId};
use crate::error::Result;
use crate::records::{StampedDocument, Store};

/// Documents that will be removed, unless their files were moved.
pub(super) struct Moved {
    /// The documents by their content; several files may have the same content.
    by_content: HashMap<[u8; 32], Vec<DocumentId>>,
    /// The documents that were not taken so far.
    left: HashSet<DocumentId>,
    /// True if there are new files at all.
    new_files: bool,
    /// The documents' passages by the hash of the encoded text; read on first use.
    passages: Option<HashMap<[u8; 16], PassageId>>,
}

impl Moved {
    pub(super) fn new(gone: Vec<StampedDocument>, new_files: bool) -> Self {
        let mut by_content: HashMap<_, Vec<DocumentId>> = HashMap::new();
        let left = gone.iter().map(|document| document.id.clone()).collect();
        // In reverse, so that `pop` takes them in the order of their names.
        for document in gone.into_iter().rev() {
            by_content.entry(document.content_hash).or_default().push(document.id);
        }
        Self { by_content, left, new_files, passages: None }
    }

    /// True if a file may have been moved, so that its document must be kept until the end.
    pub(super) fn may_be_moved(&self) -> bool {
        self.new_files && !self.left.is_empty()
    }

    /// Takes the old id of a new file's content. Returns each id only once.
    pub(super) fn take(&mut self, content: &[u8; 32]) -> Option<DocumentId> {
        let id = self.by_content.get_mut(content)?.pop()?;
        self.left.remove(&id);
        Some(id)
    }

    /// Removes and returns the documents that were not taken, sorted by id.
    pub(super) fn drain(&mut self) -> Vec<DocumentId> {
        self.by_content.clear();
        let mut left: Vec<DocumentId> = self.left.drain().collect();
        left.sort_unstable();
        left
    }

    /// Returns the vector of a passage with the same encoded text.
    ///
    /// # Errors
    /// The errors of the store.
    pub(super) fn vector(&mut self, hash: &[u8; 16], store: &Store) -> Result<Option<Vec<f32>>> {
        let passages = match &mut self.passages {
            Some(passages) => passages,
            none => none.insert(self.by_content.values().flatten().try_fold(HashMap::new(), |mut all, id| {
                all.extend(store.passage_hashes(id)?);
                Ok::<_, crate::error::Error>(all)
            })?),
        };
        // A taken document is removed by the commit that stores it under its new name: its vectors may be gone.
        passages.get(hash).map_or(Ok(None), |&passage| store.vector(passage))
    }
}
