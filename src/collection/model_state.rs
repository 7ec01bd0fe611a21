//! What is known of a collection's model on this machine, and loading it when it is needed.

use std::path::PathBuf;
use std::sync::Arc;

use super::handle::Collection;
use super::model::Resolved;
use crate::encoder::{Background, Encoder};
use crate::error::{Error, Result};
use crate::kernel::sync;

/// What is known of the collection's model on this machine.
pub(super) enum ModelState {
    /// A collection of brought vectors.
    None,
    /// Found, is the right one, not loaded.
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

    /// What its model makes of texts about everything: made where the model is loaded, else only what is kept already.
    ///
    /// # Errors
    /// What the encoder says.
    pub(super) fn background(&self) -> Result<Option<Arc<Background>>> {
        let encoder = match &*sync::lock(&self.inner.model) {
            ModelState::None | ModelState::Missing => return Ok(None),
            ModelState::Found(resolved) => {
                let (info, identity) = (&resolved.info, &resolved.identity);
                return Ok(Background::find(info.path(), &identity.fingerprint, info.dimension()).map(Arc::new));
            }
            ModelState::Loaded(encoder) => encoder.clone(),
        };
        Ok(Some(encoder.background()?))
    }

    /// Where its model is on this machine; none when it is not, or there is no model.
    pub(super) fn model_path(&self) -> Option<PathBuf> {
        match &*sync::lock(&self.inner.model) {
            ModelState::Found(resolved) => Some(resolved.info.path().to_path_buf()),
            ModelState::Loaded(encoder) => Some(encoder.model().path().to_path_buf()),
            ModelState::None | ModelState::Missing => None,
        }
    }
}
