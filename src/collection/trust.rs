//! Whether what is written in a collection is obeyed, or only read.
//!
//! A collection can come from anywhere: a cloned repository ships its `.nigh`, an archive unpacks one. What such a collection
//! holds can be searched like any other. But its settings, the folders it names, the files it says are not worth reading,
//! and the place where it says its model is, could make the program read and do what somebody else wants. So they count only where the
//! collection was made here, or where the user said that it is trusted.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

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

/// The collections that were made by this user, or that this user trusts: a folder with a small file for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustList {
    directory: PathBuf,
}

/// Where a collection of some identity may be. It may have been copied, and each copy trusted.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    places: Vec<Place>,
}

/// A place is the same while its path is, or while the directory is the same one: so a folder can be renamed, or
/// restored from a backup, but a copy that somebody else made of a collection is not trusted for its identity alone.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    path: String,
    device: u64,
    inode: u64,
}

/// More bytes than the file of a collection has.
const LIMIT: u64 = 1 << 20;
/// More places of one collection are not remembered; the oldest goes.
const MOST_PLACES: usize = 100;

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
        let collection = collection.as_ref();
        let place = match place_of(collection) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => return Ok(false),
            place => place?,
        };
        let Ok(list) = Dir::open(&self.directory) else { return Ok(false) };
        if list.is_foreign() {
            return Ok(false);
        }
        let same = |known: &Place| known.path == place.path || place.is_same_directory(known);
        Ok(read(&list, &name_of(collection)?).places.iter().any(same))
    }

    /// Trusts the collection in a directory from now on.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn add(&self, collection: impl AsRef<Path>) -> Result<()> {
        let collection = collection.as_ref();
        let (place, name) = (place_of(collection)?, name_of(collection)?);
        let list = Dir::make(&self.directory).map_err(Error::io("create", &self.directory))?;
        let mut known = read(&list, &name);
        known.places.retain(|other| other.path != place.path && !place.is_same_directory(other));
        known.places.push(place);
        if known.places.len() > MOST_PLACES {
            known.places.remove(0);
        }
        write(&list, &name, &known).map_err(Error::io("write", self.directory.join(name)))
    }

    /// Trusts the collection in a directory no longer. False where it was not.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self, collection: impl AsRef<Path>) -> Result<bool> {
        let collection = collection.as_ref();
        if !self.contains(collection)? {
            return Ok(false);
        }
        let (place, name) = (place_of(collection)?, name_of(collection)?);
        let list = Dir::open(&self.directory).map_err(Error::io("open", &self.directory))?;
        let mut known = read(&list, &name);
        known.places.retain(|other| other.path != place.path && !place.is_same_directory(other));
        write(&list, &name, &known).map_err(Error::io("write", self.directory.join(name)))?;
        Ok(true)
    }
}

impl Place {
    /// Whether both are the same directory, whatever it is called. Zeros: the system does not say.
    fn is_same_directory(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode) && self.inode != 0
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

fn place_of(collection: &Path) -> Result<Place> {
    let place = || {
        let directory = Dir::open(collection)?;
        let (device, inode) = directory.identity();
        let path = collection.canonicalize()?.to_string_lossy().into_owned();
        Ok(Place { path, device, inode })
    };
    place().map_err(Error::io("open", collection))
}

/// The file of a collection in a list: named by its identity or, where it has none yet, by its path.
fn name_of(collection: &Path) -> Result<String> {
    if let Some(id) = identity(collection)? {
        return Ok(id);
    }
    let path = collection.canonicalize().map_err(Error::io("open", collection))?;
    Ok(format!("at-{}", blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex()))
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

/// What is known of a collection; nothing where the file is missing or garbled.
fn read(list: &Dir, name: &str) -> Known {
    let bytes = list.read(name, LIMIT).ok().flatten();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn write(list: &Dir, name: &str, known: &Known) -> io::Result<()> {
    list.replace(name, &serde_json::to_vec(known)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_trusted_at_its_place_and_a_copy_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let list = TrustList::at(folder.path().join("data"));
        let own = folder.path().join("own");
        std::fs::create_dir(&own).unwrap();
        assert!(!list.contains(&own).unwrap());
        list.add(&own).unwrap();
        assert!(list.contains(&own).unwrap());
        let other = folder.path().join("other");
        std::fs::create_dir(&other).unwrap();
        assert!(!list.contains(&other).unwrap());
        assert!(!list.contains(folder.path().join("no")).unwrap());
        assert!(list.remove(&own).unwrap() && !list.remove(&own).unwrap());
        assert!(!list.contains(&own).unwrap());
        assert!(Trust::Everything.covers(&other).unwrap() && !Trust::Nothing.covers(&own).unwrap());
    }

    #[test]
    fn a_garbled_list_trusts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (list, own) = (TrustList::at(folder.path()), folder.path().join("own"));
        std::fs::create_dir(&own).unwrap();
        list.add(&own).unwrap();
        let file = std::fs::read_dir(folder.path().join("trusted")).unwrap().next().unwrap().unwrap().path();
        std::fs::write(file, "{\"places\":[{}]}").unwrap();
        assert!(!list.contains(&own).unwrap());
    }
}
