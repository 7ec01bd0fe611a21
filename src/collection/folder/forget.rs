//! Removes a folder from a collection.

use super::FolderOptions;
use super::diff::stored;
use super::reach::belongs_to;
use super::state::FolderState;
use crate::collection::handle::Collection;
use crate::collection::writer::Writer;
use crate::error::Result;

impl Writer {
    /// Removes the documents of a folder's files, forgets the folder, and commits. `prefix` is the beginning of their ids, as
    /// in [`IndexFolder::prefix`](super::IndexFolder::prefix), with its `/` at the end. Keeps documents that did not come from files. Returns the number of removed documents.
    ///
    /// # Errors
    /// The errors of [`Writer::commit`].
    pub fn forget_folder(&mut self, prefix: &str) -> Result<usize> {
        self.commit()?;
        let collection = self.collection.clone();
        let mut state = FolderState::read(collection.path(), collection.is_trusted(), &FolderOptions::default());
        if collection.is_trusted() {
            state.add_folders(&collection.writer_access()?.store.settings().folders);
        }
        state.drop_folder(prefix);
        self.remember_folders(state.folders())?;
        let mut gone = Vec::new();
        collection.writer_access()?.store.for_each_stamp(&mut |document| {
            if document.stamp.is_some() && belongs_to(prefix, document.id.as_str()) {
                gone.push(document.id);
            }
            Ok(())
        })?;
        let mut removed = 0;
        for id in gone {
            removed += usize::from(self.is_whole(&id)?);
            self.drop_document(id)?;
        }
        self.commit()?;
        state.write();
        Ok(removed)
    }
}

impl Collection {
    /// Returns the ids of the documents that [`Writer::forget_folder`] would remove, sorted.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn folder_documents(&self, prefix: &str) -> Result<Vec<String>> {
        let documents = stored(self, prefix)?.into_iter().filter(|document| document.stamp.is_some());
        let mut ids: Vec<String> = documents.map(|document| document.id.as_str().to_owned()).collect();
        ids.sort_unstable();
        Ok(ids)
    }
}
