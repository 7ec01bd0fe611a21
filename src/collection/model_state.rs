//! The state of a collection's model on this machine; the model is loaded when it is needed.

use std::path::PathBuf;
use std::sync::Arc;

use super::handle::Collection;
use super::model::Resolved;
use crate::encoder::{Encoder, ReferenceTexts};
use crate::error::{Error, Result};
use crate::kernel::sync;

/// Where the collection's model is on this machine, and whether it is loaded.
pub(super) enum ModelState {
    /// There is none: the collection takes vectors.
    None,
    /// Found and checked, not loaded.
    Found(Box<Resolved>),
    /// Not found when the collection was opened. Looked for again when it is needed.
    Missing,
    Loaded(Encoder),
}

impl Collection {
    /// The collection's encoder, loaded on first use (about 10 ms once its packed files are there).
    ///
    /// # Errors
    /// [`Error::CollectionKind`] for a collection without a model, [`Error::Model`] when it is not here, and
    /// what [`Encoder::with_options`] says.
    pub fn encoder(&self) -> Result<Encoder> {
        let mut model = sync::lock(&self.inner.model);
        let encoder = match &*model {
            ModelState::Loaded(encoder) => return Ok(encoder.clone()),
            ModelState::Found(resolved) => resolved.load()?,
            ModelState::None => {
                let problem = "has no model: it takes and is searched by vectors that you bring".to_owned();
                return Err(Error::CollectionKind { path: self.inner.path.clone(), problem });
            }
            ModelState::Missing => match &self.inner.settings.model {
                Some(wanted) => {
                    Resolved::for_existing(wanted, &self.inner.path, self.inner.trusted, &self.inner.options)?.load()?
                }
                None => return Err(Error::CollectionMissing { path: self.inner.path.clone() }),
            },
        };
        *model = ModelState::Loaded(encoder.clone());
        Ok(encoder)
    }

    /// The reference texts, encoded by the collection's model. They are encoded where the model is loaded; else only stored ones are found.
    ///
    /// # Errors
    /// What the encoder says.
    pub(super) fn reference_texts(&self) -> Result<Option<Arc<ReferenceTexts>>> {
        let encoder = match &*sync::lock(&self.inner.model) {
            ModelState::None | ModelState::Missing => return Ok(None),
            ModelState::Found(resolved) => {
                let (info, identity) = (&resolved.info, &resolved.identity);
                return Ok(ReferenceTexts::find(info.path(), &identity.fingerprint, info.dimension()).map(Arc::new));
            }
            ModelState::Loaded(encoder) => encoder.clone(),
        };
        Ok(Some(encoder.reference_texts()?))
    }

    /// The directory of the model on this machine; none if it is not here, or the collection has no model.
    pub(super) fn model_path(&self) -> Option<PathBuf> {
        match &*sync::lock(&self.inner.model) {
            ModelState::Found(resolved) => Some(resolved.info.path().to_path_buf()),
            ModelState::Loaded(encoder) => Some(encoder.model().path().to_path_buf()),
            ModelState::None | ModelState::Missing => None,
        }
    }
}
