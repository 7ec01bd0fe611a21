//! Whether what is written in a collection is obeyed, or only read.
//!
//! A collection can come from anywhere: a cloned repository ships its `.nigh`, an archive unpacks one. What such a collection
//! holds can be searched like any other. But its settings, the folders it names, the files it says are not worth reading,
//! and the place where it says its model is, could make the program read and do what somebody else wants. So they count only where the
//! collection was made here, or where the user said that it is trusted.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::access::{published_in, settings_of};
use crate::disk::Dir;
use crate::error::{Error, Result};
use crate::index::Snapshot;
use crate::records::Store;

/// Which collections are obeyed. An application that opens collections at paths of its own choosing decides here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// Whatever is opened is trusted: the application made it, or knows who did. The default.
    #[default]
    Everything,
    /// What the list names. A collection that is made is added to it.
    Listed(TrustList),
    /// Nothing is.
    Nothing,
}

/// The collections that were made by this user, or that this user trusts, by their identities: a folder with a small file for each.
///
/// An identity is 128 random bits that stand in the collection's own files. So a copy that the user makes is trusted, too, and
/// nobody who has not seen a collection can make one that is taken for it. A collection hides itself from git, so that its
/// identity is not published by chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustList {
    directory: PathBuf,
}

/// What the file of a collection says: for people who look into the folder.
#[derive(Debug, Serialize)]
struct Known {
    /// Where the collection was when it was trusted.
    path: String,
}

impl TrustList {
    /// The list in a data directory of the user's: `DIRECTORY/trusted`. Nothing is made before something is added.
    pub fn at(data: impl AsRef<Path>) -> Self {
        Self { directory: data.as_ref().join("trusted") }
    }

    /// Whether the collection in a directory is trusted. A list that cannot be read, or belongs to another user, trusts nothing.
    ///
    /// # Errors
    /// [`Error::Io`] when the collection's own directory cannot be looked at.
    pub fn contains(&self, collection: impl AsRef<Path>) -> Result<bool> {
        let Some(name) = name_of(collection.as_ref())? else { return Ok(false) };
        let listed = || -> io::Result<bool> {
            let list = Dir::open(&self.directory)?;
            Ok(!list.is_foreign() && list.has(&name)?)
        };
        Ok(listed().unwrap_or(false))
    }

    /// Trusts the collection in a directory from now on.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn add(&self, collection: impl AsRef<Path>) -> Result<()> {
        let collection = collection.as_ref();
        let missing = || Error::CollectionMissing { path: collection.to_path_buf() };
        let name = name_of(collection)?.ok_or_else(missing)?;
        self.add_named(&name, collection)
    }

    /// Trusts the collection of this identity, which is about to be made in a directory that is there.
    pub(super) fn add_named(&self, name: &str, collection: &Path) -> Result<()> {
        // Only for people to read: where the system does not say, the path as it was given will do.
        let path =
            collection.canonicalize().unwrap_or_else(|_| collection.to_path_buf()).to_string_lossy().into_owned();
        let add = || {
            let list = Dir::make(&self.directory)?;
            // The list is nobody's document, also where a folder that is indexed holds it.
            if !list.has(".gitignore")? {
                list.replace(".gitignore", b"*\n")?;
            }
            list.replace(name, &serde_json::to_vec(&Known { path })?)
        };
        add().map_err(Error::io("write", self.directory.join(name)))
    }

    /// Trusts the collection in a directory no longer. False where it was not.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self, collection: impl AsRef<Path>) -> Result<bool> {
        let collection = collection.as_ref();
        let Some(name) = name_of(collection)?.filter(|_| self.directory.exists()) else { return Ok(false) };
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
    /// Whether the collection in a directory is obeyed.
    ///
    /// # Errors
    /// [`Error::Io`] when its directory cannot be looked at.
    pub fn covers(&self, collection: impl AsRef<Path>) -> Result<bool> {
        match self {
            Self::Everything => Ok(true),
            Self::Listed(list) => list.contains(collection),
            Self::Nothing => Ok(false),
        }
    }
}

/// The file of a collection in a list: named by its identity or, where it has none yet, by its path. None where there is no directory.
fn name_of(collection: &Path) -> Result<Option<String>> {
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

/// What the head or, where it is lost, what is published says that the identity is. None for what is no identity: it becomes a
/// file's name.
fn identity(collection: &Path) -> Result<Option<String>> {
    let id = match Store::head_identity(collection)? {
        Some(id) => Some(id),
        None => Snapshot::at(&published_in(collection))
            .ok()
            .flatten()
            .and_then(|snapshot| settings_of(&snapshot, collection).ok())
            .map(|settings| settings.id),
    };
    Ok(id.filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::collection::{Collection, CollectionOptions};

    fn made(path: &Path, trust: Trust) -> Collection {
        CollectionOptions::new().dimension(4).trust(trust).create(path).unwrap()
    }

    #[test]
    fn what_is_made_with_a_list_is_trusted_and_so_is_a_copy_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let list = TrustList::at(folder.path().join("data"));
        let [own, other, copy] = ["own", "other", "copy"].map(|name| folder.path().join(name));
        assert!(made(&own, Trust::Listed(list.clone())).is_trusted());
        drop(made(&other, Trust::Everything));
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
    fn a_directory_without_a_collection_is_trusted_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let list = TrustList::at(folder.path().join("data"));
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        std::fs::create_dir(&one).unwrap();
        std::fs::create_dir(&two).unwrap();
        list.add(&one).unwrap();
        assert!(list.contains(&one).unwrap() && !list.contains(&two).unwrap());
    }
}
