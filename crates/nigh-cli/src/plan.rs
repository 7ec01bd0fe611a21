//! Resolves the command line. Only this file, and `args` through clap, read the environment.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nigh::{
    Collection, CollectionOptions, DocumentHit, EncoderOptions, ModelStore, PullOptions, Trust, TrustList, VectorSpace,
};

use crate::args::{GlobalArgs, Space, When};
use crate::config;
use crate::output::Failure;
use crate::paths::{from, from_here};
use crate::progress::Notes;
use crate::spelling::on_disk;

/// The name of a collection's directory within the folder that it belongs to.
const DIRECTORY: &str = ".nigh";

/// A path that does not exist: it replaces the data directory of a user who has none.
const NO_DATA_DIRECTORY: &str = "/nonexistent/nigh";

/// Lock timeout of commands that read: an indexing run may be about to finish.
const READ_WAIT: Duration = Duration::from_secs(10);

/// The resolved options that all commands share.
pub struct Plan {
    pub models: ModelStore,
    /// Options of an encoder. Its space is the asked one; original if none was asked for.
    pub encoder: EncoderOptions,
    /// The asked space of the vectors.
    space: Option<VectorSpace>,
    pub pull: PullOptions,
    pub json: bool,
    pub color: bool,
    pub notes: Notes,
    collection: Option<PathBuf>,
    /// `--trust`: all collections are trusted in this run.
    trust_all: bool,
    /// The trusted collections. `None` without a data directory.
    trusted: Option<TrustList>,
    current_directory: PathBuf,
}

impl Plan {
    pub fn new(global: GlobalArgs) -> Result<Self, Failure> {
        // Models, and the list of trusted collections.
        let (mut models, trusted) = match global.data.map(ModelStore::at).or_else(|| ModelStore::user().ok()) {
            Some(models) => {
                let list = TrustList::at(models.root());
                (models, Some(list))
            }
            // Without a data directory no model is installed and no trust is saved; everything else works.
            None => (ModelStore::at(NO_DATA_DIRECTORY), None),
        };
        if let Some(local) = &global.models {
            models = models.with_local(local);
        }
        // The encoder.
        let mut encoder = EncoderOptions::default();
        if let Some(backend) = global.backend {
            encoder = encoder.backend(backend);
        }
        if let Some(threads) = global.threads {
            encoder = encoder.threads(threads);
        }
        if let Some(simd) = global.simd {
            encoder = encoder.simd(simd);
        }
        if let Some(precision) = global.precision {
            encoder = encoder.precision(precision);
        }
        let space = global.space.map(|space| match space {
            Space::Original => VectorSpace::Original,
            Space::LanguageNeutral => VectorSpace::LanguageNeutral,
        });
        encoder = encoder.space(space.unwrap_or_default());
        // ONNX Runtime: the given library, else the installed one, else one next to the executable.
        let next_to_program = || std::env::current_exe().ok().and_then(|exe| library_beside(&exe));
        if let Some(library) = global.runtime_library.or_else(|| models.runtime_library()).or_else(next_to_program) {
            encoder = encoder.runtime(library);
        }
        // Downloads.
        let proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let mut pull = PullOptions::new().offline(global.offline).endpoint(global.endpoint);
        pull.proxy = proxy;
        // Output.
        let terminal = std::io::stderr().is_terminal();
        let color = match global.color {
            When::Always => true,
            When::Never => false,
            When::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        Ok(Self {
            models,
            encoder,
            space,
            pull,
            json: global.json,
            color: color && !global.json,
            notes: Notes::new(global.quiet, terminal),
            collection: global.collection,
            trust_all: global.trust,
            trusted,
            current_directory: std::env::current_dir().map_err(Failure::io("find", "the current directory"))?,
        })
    }

    /// Returns the collection to read: the one named by --collection, else the nearest `.nigh` from the current folder upwards.
    pub fn existing_collection(&self) -> Result<PathBuf, Failure> {
        if let Some(named) = &self.collection {
            return Ok(Self::collection_at(named));
        }
        nearest(&self.current_directory).ok_or_else(|| {
            Failure::message(format!(
                "no collection in {} or above it; create one with `nigh index FOLDER`, or name one with --collection",
                self.current_directory.display()
            ))
        })
    }

    /// True if `--collection` is given.
    pub fn is_collection_named(&self) -> bool {
        self.collection.is_some()
    }

    /// Returns the collection of a path: its own directory, or the folder that contains its `.nigh`.
    fn collection_at(path: &Path) -> PathBuf {
        let path = on_disk(path).unwrap_or_else(|| path.to_path_buf());
        let inside = path.join(DIRECTORY);
        if !Collection::exists(&path) && Collection::exists(&inside) { inside } else { path }
    }

    /// Returns the collection for `nigh index` with these (canonical) roots: the one named by --collection; else the nearest from each root
    /// upwards, which must be the same for all; else a new one, in the root itself or, for several roots, in the current folder.
    pub fn collection_for(&self, roots: &[PathBuf]) -> Result<PathBuf, Failure> {
        if let Some(named) = &self.collection {
            return Ok(Self::collection_at(named));
        }
        let mut found: Vec<Option<PathBuf>> = roots.iter().map(|root| nearest(root)).collect();
        found.sort();
        found.dedup();
        match (&found[..], roots) {
            ([Some(one)], _) => Ok(one.clone()),
            ([None], [root]) if root.is_dir() => Ok(root.join(DIRECTORY)),
            ([None], [root]) => Err(Failure::message(format!(
                "{} is a file and no collection is above it; index its folder, or name a collection with --collection",
                root.display()
            ))),
            ([None], _) if roots.iter().all(|root| root.starts_with(&self.current_directory)) => {
                Ok(self.current_directory.join(DIRECTORY))
            }
            _ => Err(Failure::message(
                "these folders do not share a collection; name the one to use with --collection".to_owned(),
            )),
        }
    }

    /// Returns the existing collection for `nigh index` without a path: the one named by --collection, else the nearest from the current
    /// folder upwards.
    pub fn present_collection(&self) -> Option<PathBuf> {
        let path = self
            .collection
            .as_deref()
            .map_or_else(|| nearest(&self.current_directory), |named| Some(Self::collection_at(named)));
        path.filter(|path| Collection::exists(path))
    }

    /// Returns the current folder.
    pub fn directory(&self) -> &Path {
        &self.current_directory
    }

    /// Returns the folder that document ids are relative to.
    pub fn base(collection: &Path) -> PathBuf {
        let whole = std::path::absolute(collection).unwrap_or_else(|_| collection.to_path_buf());
        let whole = whole.canonicalize().unwrap_or(whole);
        whole.parent().map_or_else(|| whole.clone(), Path::to_path_buf)
    }

    /// Returns the path of a hit's file, relative to the current folder. `None` if the document is not from a file, and no file has its id.
    pub fn path_of(&self, base: &Path, document: &DocumentHit) -> Option<String> {
        let path = base.join(document.id.as_str());
        let is_file = document.is_from_file() || path.is_file();
        is_file.then(|| from_here(&self.current_directory, &path).to_string_lossy().into_owned())
    }

    /// Returns the absolute path of a user's path; with links resolved if it exists.
    pub fn absolute_path(&self, path: &Path) -> PathBuf {
        let existing = on_disk(path).and_then(|path| path.canonicalize().ok());
        existing.unwrap_or_else(|| from(&self.current_directory, path))
    }

    /// Options for opening any collection.
    pub fn options(&self) -> CollectionOptions {
        let mut options =
            CollectionOptions::new().model_store(self.models.clone()).encoder(self.encoder.clone()).trust(self.trust());
        if let Some(space) = self.space {
            options = options.vector_space(space);
        }
        // For tests of graphs with fewer than 40,000 passages.
        let rows = std::env::var("NIGH_TEST_GRAPH_ROWS").ok().and_then(|rows| rows.parse().ok());
        match rows {
            Some(rows) => options.graphs_from(rows),
            None => options,
        }
    }

    /// Returns the asked space of the vectors.
    pub fn space(&self) -> Option<VectorSpace> {
        self.space
    }

    /// Which collections are trusted.
    pub fn trust(&self) -> Trust {
        match &self.trusted {
            _ if self.trust_all => Trust::Everything,
            Some(list) => Trust::Listed(list.clone()),
            None => Trust::Nothing,
        }
    }

    /// Returns the list of trusted collections.
    pub fn trust_list(&self) -> Result<&TrustList, Failure> {
        self.trusted.as_ref().ok_or_else(|| {
            let advice = "name a data directory with --data, or use --trust for one run";
            Failure::message(format!("this user has no data directory, so trust cannot be saved; {advice}"))
        })
    }

    /// Returns the message about a collection that is not trusted: `what` is ignored, and how to trust it.
    pub fn distrust(path: &Path, what: &str) -> String {
        let shown = path.display();
        format!(
            "the collection {shown} was made elsewhere, or by an older nigh, so {what}; \
             if you know its origin, run `nigh trust {}`, or add --trust for one run",
            quoted(path)
        )
    }

    /// Returns the folder for temporary collections.
    pub fn temporary() -> PathBuf {
        std::env::temp_dir()
    }

    /// Opens the collection for reading.
    pub fn open_existing(&self) -> Result<Collection, Failure> {
        let path = self.existing_collection()?;
        // Searches do not use config.toml, but a mistake in it should show before the next indexing run.
        if self.trust().covers(&path).unwrap_or(false)
            && let Some(problem) = config::problem(&path)
        {
            self.notes.say(&format!("{problem} (searches ignore config.toml; `nigh index` stops there)"));
        }
        Ok(self.options().read_only(true).lock_timeout(READ_WAIT).open(path)?)
    }
}

/// Returns a path, quoted for a shell if needed.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,@:".contains(c);
    if path.chars().all(plain) { path.into_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Returns the nearest collection from a path upwards.
fn nearest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(DIRECTORY)).find(|path| Collection::exists(path))
}

/// ONNX Runtime's library next to the executable.
fn library_beside(executable: &Path) -> Option<PathBuf> {
    let name = format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Some(executable.with_file_name(name)).filter(|library| library.is_file())
}
