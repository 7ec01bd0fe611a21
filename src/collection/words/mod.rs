//! Connects the vector index and the lexical index: the lexical section of each segment, and the lexicon of a snapshot.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | which sidecar a collection has, and whether this build can write it |
//! | `lexical_sidecar.rs` | [`LexicalSidecar`](lexical_sidecar::LexicalSidecar): the lexical section of each segment; lexicons of snapshots |
//! | `document_fields.rs` | the title of a document, and its values for filters |
//! | `absent.rs` | replaces `lexical_sidecar.rs` in a build without the feature `lexical` |
//! | `matching.rs` | filters without columns, in collections without a lexical index; the metadata of a passage |

#[cfg(not(feature = "lexical"))]
mod absent;
#[cfg(feature = "lexical")]
mod document_fields;
#[cfg(feature = "lexical")]
mod lexical_sidecar;
mod matching;

use std::path::Path;
use std::sync::Arc;

#[cfg(not(feature = "lexical"))]
use absent as lexical_sidecar;
pub(super) use lexical_sidecar::{Lexicon, Lexicons, Query, are_outdated, normalise, verify};
pub(super) use matching::{each, matches_without_rows, matching};

use crate::error::{Error, Result};
use crate::index::{Out, Published, Sidecar, SidecarPart};
use crate::records::{Settings, WordIndex};

/// Returns the sidecar of a collection, for its publisher.
///
/// # Errors
/// The errors of [`check`].
pub(super) fn sidecar(settings: &Settings, collection: &Path) -> Result<Arc<dyn Sidecar>> {
    check(settings, collection)?;
    Ok(match settings.words {
        WordIndex::None => Arc::new(NoSidecar),
        words => lexical_sidecar::LexicalSidecar::sidecar(words),
    })
}

/// Checks that this build can write the lexical index of a collection. A lexical search would not find documents that were added
/// without it.
///
/// # Errors
/// [`Error::CollectionKind`].
pub(super) fn check(settings: &Settings, collection: &Path) -> Result<()> {
    if settings.words <= WordIndex::BUILT_IN {
        return Ok(());
    }
    let content = match settings.words {
        WordIndex::Full => {
            "Chinese words of a dictionary, which this build of nigh cannot make (its feature `zh` is off)"
        }
        _ => "words, which this build of nigh cannot make (its feature `lexical` is off)",
    };
    let problem = format!("keeps {content}; open it read-only, or with a build that has the feature");
    Err(Error::CollectionKind { path: collection.to_path_buf(), problem })
}

/// An empty section.
struct NoSidecar;

impl Sidecar for NoSidecar {
    fn build(&self, _: &[Published], _: &Path, _: &mut Out<'_>) -> Result<()> {
        Ok(())
    }

    fn merge(&self, _: Vec<SidecarPart>, _: &Path, _: &mut Out<'_>) -> Result<()> {
        Ok(())
    }
}
