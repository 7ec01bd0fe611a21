//! Finds the model of a collection on this machine, and checks that it is the right one.

use std::path::Path;

use super::options::CollectionOptions;
use crate::encoder::model::{ModelInfo, ModelStore, Precision};
use crate::encoder::{BackendKind, Encoder, EncoderOptions, VectorSpace};
use crate::error::{Error, Result};
use crate::records::ModelIdentity;

/// The collection's model, found on this machine.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub(super) info: ModelInfo,
    pub(super) options: EncoderOptions,
    pub(super) identity: ModelIdentity,
}

impl Resolved {
    /// Finds the model for a new collection: the requested one, else the default.
    pub(super) fn for_new(options: &CollectionOptions) -> Result<Self> {
        let store = model_store(options)?;
        let path = match &options.model {
            Some(model) => store.find(model)?,
            None => store.find_default()?,
        };
        let info = ModelInfo::open(path)?;
        let backend = BackendKind::choose(options.encoder.backend, &info)?;
        let precision = backend.precision(options.encoder.precision)?;
        let space = match options.space {
            Some(space) => {
                space.check_suits(&info)?;
                space
            }
            None => VectorSpace::suited_to(&info)?,
        };
        Ok(Self::new(info, backend, precision, options)?.in_space(space))
    }

    /// Finds the model of an existing collection: the requested one, else the one at the path or with the name that the
    /// collection remembers. A collection that is not trusted may only name an installed model.
    ///
    /// # Errors
    /// [`Error::ModelMismatch`] when another model is found; [`Error::SpaceMismatch`] when another space is asked for;
    /// [`Error::Model`] when no model is found.
    pub(super) fn for_existing(
        wanted: &ModelIdentity,
        collection: &Path,
        trusted: bool,
        options: &CollectionOptions,
    ) -> Result<Self> {
        let path = match &options.model {
            Some(model) => model_store(options)?.find(model)?,
            None if trusted && Path::new(&wanted.path).join("config.json").is_file() => wanted.path.clone().into(),
            None if trusted => model_store(options)?.find(&wanted.name)?,
            // The name may also be a path, for example of a model in the same folder.
            None => {
                let store = model_store(options)?;
                let missing = || Error::ModelNotTrusted { path: collection.to_path_buf(), model: wanted.name.clone() };
                store.available(&wanted.name).ok_or_else(missing)?
            }
        };
        let info = ModelInfo::open(path)?;
        let backends = match options.encoder.backend {
            Some(backend) => vec![BackendKind::choose(Some(backend), &info)?],
            // A directory with both kinds of weights is two models; the fingerprint shows which one made the vectors.
            None => [(BackendKind::Native, info.safetensors()), (BackendKind::Ort, info.onnx())]
                .into_iter()
                .filter(|(_, file)| file.is_some())
                .map(|(backend, _)| backend)
                .collect(),
        };
        // Likewise the precision: the fingerprint shows which one made the vectors.
        let precisions = |backend: BackendKind| match (options.encoder.precision, backend) {
            (None, BackendKind::Native) => Ok(vec![Precision::Int8, Precision::F32]),
            (requested, backend) => backend.precision(requested).map(|precision| vec![precision]),
        };
        // The first model that was found, for the error if none of them fits.
        let mut found: Option<ModelIdentity> = None;
        for (backend, precisions) in backends.into_iter().map(|backend| (backend, precisions(backend))) {
            for precision in precisions? {
                let resolved = Self::new(info.clone(), backend, precision, options)?;
                // Likewise the space.
                for space in VectorSpace::ALL {
                    let resolved = resolved.clone().in_space(space);
                    if resolved.identity.fingerprint != wanted.fingerprint {
                        continue;
                    }
                    return match options.space {
                        Some(asked) if asked != space => {
                            Err(Error::SpaceMismatch { path: collection.to_path_buf(), expected: space, asked })
                        }
                        _ => Ok(resolved),
                    };
                }
                found = found.or(Some(resolved.identity));
            }
        }
        let found = found.ok_or_else(|| Error::model_file(info.path(), "it has no weights"))?;
        let describe = |model: &ModelIdentity| format!("{} ({})", model.name, short(&model.fingerprint));
        Err(Error::ModelMismatch {
            path: collection.to_path_buf(),
            expected: describe(wanted),
            found: describe(&found),
        })
    }

    /// Finds the model in the original space.
    fn new(
        mut info: ModelInfo,
        backend: BackendKind,
        precision: Precision,
        options: &CollectionOptions,
    ) -> Result<Self> {
        if let Some(pooling) = options.encoder.pooling {
            info = info.with_pooling(pooling);
        }
        let identity = ModelIdentity {
            name: info.name().to_owned(),
            fingerprint: info.fingerprint(precision, backend == BackendKind::Ort)?,
            path: info
                .path()
                .canonicalize()
                .unwrap_or_else(|_| info.path().to_path_buf())
                .to_string_lossy()
                .into_owned(),
        };
        let encoder = options.encoder.clone().backend(backend).precision(precision);
        let mut encoder = encoder.space(VectorSpace::Original);
        if backend == BackendKind::Ort && encoder.runtime.is_none() {
            encoder.runtime = model_store(options)?.runtime_library();
        }
        Ok(Self { info, options: encoder, identity })
    }

    /// Moves the model from the original space to this one.
    pub(super) fn in_space(mut self, space: VectorSpace) -> Self {
        self.identity.fingerprint = space.fingerprint(&self.identity.fingerprint);
        self.options = self.options.space(space);
        self
    }

    /// Loads the model.
    pub(super) fn load(&self) -> Result<Encoder> {
        // A collection is created in its space, or moved to it, only if the space suits its model.
        let encoder = Encoder::with_checked_options(self.info.clone(), self.options.clone())?;
        Ok(encoder.of_fingerprint(&self.identity.fingerprint))
    }
}

fn model_store(options: &CollectionOptions) -> Result<ModelStore> {
    Ok(match &options.model_store {
        Some(store) => store.clone(),
        None => ModelStore::user()?,
    })
}

/// The digits of a fingerprint that are shown: enough for people to compare two.
const SHOWN_DIGITS: usize = 12;

/// Returns the first digits of a fingerprint.
pub(super) fn short(fingerprint: &str) -> &str {
    fingerprint.get(..SHOWN_DIGITS).unwrap_or(fingerprint)
}
