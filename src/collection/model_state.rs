//! The state of a collection's model on this machine. The model is loaded on first use.

use std::path::PathBuf;
use std::sync::Arc;

use super::handle::Collection;
use super::model::Resolved;
use crate::encoder::{ComputePath, Encoder, ReferenceTexts, VectorSpace};
use crate::error::{Error, Result};
use crate::kernel::sync;

/// The state of the collection's model on this machine.
pub(super) enum ModelState {
    /// The collection has no model: it takes vectors.
    None,
    /// Found and checked, not loaded.
    Found(Box<Resolved>),
    /// Not found when the collection was opened. Looked for again when it is needed.
    Missing,
    /// In memory.
    Loaded(Encoder),
}

impl Collection {
    /// Returns the collection's encoder. Loads it on first use (about 10 ms once its packed files exist).
    ///
    /// # Errors
    /// [`Error::CollectionKind`] for a collection without a model; [`Error::Model`] when the model is not on this machine;
    /// the errors of [`Encoder::with_options`].
    pub fn encoder(&self) -> Result<Encoder> {
        let mut model = sync::lock(&self.inner.model);
        let encoder = match &*model {
            ModelState::Loaded(encoder) => return Ok(encoder.clone()),
            ModelState::Found(resolved) => resolved.load()?,
            ModelState::None => {
                let problem = "has no model: it takes your own vectors, and is searched by vectors".to_owned();
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

    /// Returns the reference texts, encoded by the collection's model. Encodes them if the model is loaded; otherwise only
    /// finds stored ones.
    ///
    /// # Errors
    /// The errors of the encoder.
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

    /// Returns the space of the vectors; `None` if the model was not found, or the collection has no model.
    pub(super) fn vector_space(&self) -> Option<VectorSpace> {
        match &*sync::lock(&self.inner.model) {
            ModelState::Found(resolved) => Some(resolved.options.space),
            ModelState::Loaded(encoder) => Some(encoder.space()),
            ModelState::None | ModelState::Missing => None,
        }
    }

    /// Returns how the model would encode on this machine, or does; `None` if the model was not found, the collection has no model, or
    /// the options do not fit.
    pub(super) fn compute_path(&self) -> Option<ComputePath> {
        match &*sync::lock(&self.inner.model) {
            ModelState::Found(resolved) => ComputePath::of(&resolved.info, &resolved.options).ok(),
            ModelState::Loaded(encoder) => Some(encoder.compute_path()),
            ModelState::None | ModelState::Missing => None,
        }
    }

    /// Returns the directory of the model on this machine; `None` if the model was not found, or the collection has no model.
    pub(super) fn model_path(&self) -> Option<PathBuf> {
        match &*sync::lock(&self.inner.model) {
            ModelState::Found(resolved) => Some(resolved.info.path().to_path_buf()),
            ModelState::Loaded(encoder) => Some(encoder.model().path().to_path_buf()),
            ModelState::None | ModelState::Missing => None,
        }
    }
}
