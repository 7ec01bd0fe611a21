//! [`Writer::change_passages`]: texts are cut into passages by another rule.
//!
//! 1. The new rule is stored, with the number of the newest change at that moment ([`Settings::old_passages_until`]).
//! 2. [`Writer::index_folder`] reads the file of each document that has not changed since, also if the file is the same. It
//!    replaces the document as if the file had changed.
//!
//! So searches find every document all the time, by its old passages or by its new ones, and an interrupted run continues where
//! it stopped.

use std::collections::HashSet;

use serde::Serialize;

use super::handle::Collection;
use super::writer::Writer;
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::ingest::pipeline;
use crate::records::{Cuts, Settings};

/// Documents whose passages are of an earlier rule; see [`Collection::outdated_passages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct OutdatedPassages {
    /// Documents of files: [`Writer::index_folder`] splits them by the new rule.
    pub files: u64,
    /// The bytes of text of these documents.
    pub text_bytes: u64,
    /// Documents without a file. They keep their passages until they are stored again.
    pub other_documents: u64,
}

impl Writer {
    /// Changes the rule by which texts are cut into passages: to [`Cuts::Sections`], with the length and the overlap given in tokens
    /// (`None`: the default). Returns false if the collection has this rule already. First commits the changes that wait.
    ///
    /// Stored documents keep their passages at first. The next [`Writer::index_folder`] of each folder reads its files again and
    /// encodes the passages that differ, a document at a time; meanwhile searches find the others by their old passages. Documents without a file
    /// keep theirs until they are stored again. [`Collection::outdated_passages`] counts what is left.
    ///
    /// # Errors
    /// [`Error::CollectionKind`] for a collection without a model; [`Error::InvalidOptions`] for a length that the model does not
    /// allow; [`Error::Model`] if the model is not on this machine; the errors of [`Writer::commit`].
    pub fn change_passages(&mut self, passage_tokens: Option<usize>, overlap_tokens: Option<usize>) -> Result<bool> {
        if self.collection.settings().model.is_none() {
            let problem = "has no model: whoever makes its vectors also decides on its passages".to_owned();
            return Err(Error::CollectionKind { path: self.collection.path().to_path_buf(), problem });
        }
        // Documents that wait are still split by the old rule.
        self.commit()?;
        let collection = self.collection.clone();
        let store = &collection.writer_access()?.store;
        let old = store.settings();
        let rule = Settings { cuts: Cuts::Sections, passage_tokens, overlap_tokens, ..old.clone() };
        if rule == old {
            return Ok(false);
        }
        pipeline::split_options(&collection.encoder()?, &rule)?;
        self.replace_settings(Settings { old_passages_until: store.counts().sequence, ..rule })?;
        self.commit()?;
        Ok(true)
    }
}

impl Collection {
    /// Counts the documents whose passages are of an earlier rule: in a collection with [`Cuts::Blocks`], all; after
    /// [`Writer::change_passages`], those that were not split again so far. None in a collection without a model.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`]; [`Error::Io`].
    pub fn outdated_passages(&self) -> Result<OutdatedPassages> {
        let settings = self.current_settings();
        let until = if settings.cuts == Cuts::Blocks { u64::MAX } else { settings.old_passages_until };
        let mut outdated = OutdatedPassages::default();
        if until == 0 || settings.model.is_none() {
            return Ok(outdated);
        }
        let snapshot = self.newest()?;
        for place in snapshot.places()? {
            let document = snapshot.document(place)?;
            if document.sequence() > until {
                continue;
            }
            if document.record()?.stamp.is_some() {
                outdated.files += 1;
                outdated.text_bytes += document.text_len() as u64;
            } else {
                outdated.other_documents += 1;
            }
        }
        snapshot.check_intact()?;
        Ok(outdated)
    }

    /// Returns the ids of the documents that are to be split again. An unchanged collection has none, without a scan.
    pub(super) fn outdated_ids(&self) -> Result<HashSet<DocumentId>> {
        let store = &self.writer_access()?.store;
        match store.settings().old_passages_until {
            0 => Ok(HashSet::new()),
            until => store.unchanged_since(until),
        }
    }
}
