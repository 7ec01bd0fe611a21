//! Decides whether the settings that are stored in a collection are used.
//!
//! A collection can come from anywhere: from a cloned repository or an unpacked archive. Searching it is safe, whoever made
//! it. But its settings, its folders, its list of refused files and its model path could make the program read files or act
//! as somebody else wants. So they are used only if the collection was made on this machine, or if the user trusts it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::access::{published_in, settings_of};
use crate::disk::Dir;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::records::Store;

/// The collections whose stored settings are used. An application that opens collections at paths of its own choosing sets
/// this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// Every collection is trusted: the application made it, or knows who did. The default.
    #[default]
    Everything,
    /// The collections on the list are trusted. A collection that is created is added to the list.
    Listed(TrustList),
    /// No collection is trusted.
    Nothing,
}

/// A list of the collections that this user made or trusts, by their identities: a folder with one small file for each.
///
/// An identity is 128 random bits in the collection's own files. So a copy that the user makes is trusted, too. Whoever has
/// not seen a collection cannot make another one with its identity. A collection has a `.gitignore`, so that its identity is
/// not published by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustList {
    directory: PathBuf,
}

/// The content of a collection's file in the list, for people who look into the folder.
#[derive(Debug, Serialize)]
struct Known {
    /// The path of the collection when it was trusted.
    path: String,
}

impl TrustList {
    /// Returns the list in a data directory of the user: `DIRECTORY/trusted`. The folder is created when the first entry is added.
    pub fn at(data: impl AsRef<Path>) -> Self {
        Self { directory: data.as_ref().join("trusted") }
    }

    /// True if the collection in a directory is on the list. A list that cannot be read, or that belongs to another user,
    /// counts as empty.
    ///
    /// # Errors
    /// [`Error::Io`] when the collection's own directory cannot be examined.
    pub fn contains(&self, collection: impl AsRef<Path>) -> Result<bool> {
        let Some(name) = list_name(collection.as_ref())? else { return Ok(false) };
        let listed = || -> io::Result<bool> {
            let list = Dir::open(&self.directory)?;
            Ok(!list.is_foreign() && list.has(&name)?)
        };
        Ok(listed().unwrap_or(false))
    }

    /// Adds the collection in a directory to the list.
    ///
    /// # Errors
    /// [`Error::CollectionMissing`] if there is no such directory; [`Error::Io`].
    pub fn add(&self, collection: impl AsRef<Path>) -> Result<()> {
        let collection = collection.as_ref();
        let missing = || Error::CollectionMissing { path: collection.to_path_buf() };
        let name = list_name(collection)?.ok_or_else(missing)?;
        self.add_named(&name, collection)
    }

    /// Adds the collection with this identity, which is about to be created in an existing directory.
    pub(super) fn add_named(&self, name: &str, collection: &Path) -> Result<()> {
        // Only for people to read: if the path cannot be resolved, the given one is enough.
        let path =
            collection.canonicalize().unwrap_or_else(|_| collection.to_path_buf()).to_string_lossy().into_owned();
        let add = || {
            let list = Dir::make(&self.directory)?;
            // Keep the list out of git and out of the index, also if it lies in a folder that is indexed.
            if !list.has(".gitignore")? {
                list.replace(".gitignore", b"*\n")?;
            }
            list.replace(name, &serde_json::to_vec(&Known { path })?)
        };
        add().map_err(Error::io("write", self.directory.join(name)))
    }

    /// Removes the collection in a directory from the list. Returns false if it was not on the list.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self, collection: impl AsRef<Path>) -> Result<bool> {
        let collection = collection.as_ref();
        let Some(name) = list_name(collection)?.filter(|_| self.directory.exists()) else { return Ok(false) };
        let remove = || {
            let list = Dir::open(&self.directory)?;
            if !list.has(&name)? {
                return Ok(false);
            }
            list.remove(&name)?;
            list.sync()?;
            Ok(true)
        };
        remove().map_err(Error::io("delete", self.directory.join(&name)))
    }
}

impl Trust {
    /// True if the collection in a directory is trusted.
    ///
    /// # Errors
    /// [`Error::Io`] when its directory cannot be examined.
    pub fn covers(&self, collection: impl AsRef<Path>) -> Result<bool> {
        match self {
            Self::Everything => Ok(true),
            Self::Listed(list) => list.contains(collection),
            Self::Nothing => Ok(false),
        }
    }
}

/// Returns the file name of a collection in a list: its identity or, if it has none yet, a hash of its path. `None` if there
/// is no directory.
fn list_name(collection: &Path) -> Result<Option<String>> {
    match Dir::open(collection) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        directory => directory.map_err(Error::io("open", collection))?,
    };
    if let Some(id) = identity(collection)? {
        return Ok(Some(id));
    }
    let path = collection.canonicalize().map_err(Error::io("open", collection))?;
    Ok(Some(format!("at-{}", blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex())))
}

/// The length of an identity: 128 bits in hexadecimal digits.
const IDENTITY_DIGITS: usize = 32;

/// Reads the identity from the head or, if that is lost, from the published index. `None` for an invalid identity: an
/// identity becomes a file name, and this one may come from somebody else.
fn identity(collection: &Path) -> Result<Option<String>> {
    let id = match Store::head_identity(collection)? {
        Some(id) => Some(id),
        None => Snapshot::at(&published_in(collection))
            .ok()
            .flatten()
            .and_then(|snapshot| settings_of(&snapshot, collection).ok())
            .map(|settings| settings.id),
    };
    Ok(id.filter(|id| id.len() == IDENTITY_DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::collection::{Collection, CollectionOptions};

    fn create(path: &Path, trust: Trust) -> Collection {
        CollectionOptions::new().dimension(4).trust(trust).create(path).unwrap()
    }

    #[test]
    fn list_trusts_new_collections_and_their_copies_only() {
        let folder = tempfile::tempdir().unwrap();
        let list = TrustList::at(folder.path().join("data"));
        let [own, other, copy] = ["own", "other", "copy"].map(|name| folder.path().join(name));
        assert!(create(&own, Trust::Listed(list.clone())).is_trusted());
        drop(create(&other, Trust::Everything));
        crate::records::copy_for_tests(&own, &copy);
        let trusted = |path: &Path| {
            CollectionOptions::new().read_only(true).trust(Trust::Listed(list.clone())).open(path).unwrap().is_trusted()
        };
        assert!(trusted(&own) && trusted(&copy) && !trusted(&other));
        list.add(&other).unwrap();
        assert!(trusted(&other));
        assert!(list.remove(&other).unwrap() && !list.remove(&other).unwrap());
        assert!(!trusted(&other) && !list.contains(folder.path().join("no")).unwrap());
        assert!(Trust::Everything.covers(&other).unwrap() && !Trust::Nothing.covers(&own).unwrap());
    }

    #[test]
    fn directory_without_a_collection_is_trusted_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let list = TrustList::at(folder.path().join("data"));
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        std::fs::create_dir(&one).unwrap();
        std::fs::create_dir(&two).unwrap();
        list.add(&one).unwrap();
        assert!(list.contains(&one).unwrap() && !list.contains(&two).unwrap());
    }
}
