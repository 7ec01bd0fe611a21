//! Between the index and the words: what is kept beside the rows of each segment, and the lexicon of a snapshot.
//!
//! | file | responsible for |
//! |---|---|
//! | `mod.rs` | what a collection keeps of words, and whether this build can |
//! | `indexed.rs` | words beside the rows of each segment |
//! | `known.rs` | what is indexed beside the words of a document: its title, its values for filters |
//! | `absent.rs` | in a build without search by words: the names of `indexed.rs` |
//! | `matching.rs` | filters where no words, and so no columns, are kept; which metadata count for a passage |

#[cfg(not(feature = "lexical"))]
mod absent;
#[cfg(feature = "lexical")]
mod indexed;
#[cfg(feature = "lexical")]
mod known;
mod matching;

use std::path::Path;
use std::sync::Arc;

#[cfg(not(feature = "lexical"))]
use absent as indexed;
pub(super) use indexed::{Lexicon, Lexicons, Query, are_outdated, verify};
pub(super) use matching::{each, matching};

use crate::error::{Error, Result};
use crate::index::{Out, Published, Sidecar, SidecarPart};
use crate::records::{Settings, WordIndex};

/// What is kept beside the rows of each segment of a collection, for its publisher.
///
/// # Errors
/// As [`check`].
pub(super) fn sidecar(settings: &Settings, collection: &Path) -> Result<Arc<dyn Sidecar>> {
    check(settings, collection)?;
    Ok(match settings.words {
        WordIndex::None => Arc::new(NoWords),
        kept => indexed::Words::sidecar(kept),
    })
}

/// Whether this build can add to what a collection keeps of words. Documents that are added without their words would not be
/// found by them.
///
/// # Errors
/// [`Error::CollectionKind`].
pub(super) fn check(settings: &Settings, collection: &Path) -> Result<()> {
    if settings.words <= WordIndex::BUILT_IN {
        return Ok(());
    }
    let lacks = match settings.words {
        WordIndex::Full => {
            "Chinese words of a dictionary, which this build of nigh cannot make (its feature `zh` is off)"
        }
        _ => "words, which this build of nigh cannot make (its feature `lexical` is off)",
    };
    let problem = format!("keeps {lacks}; open it read-only, or with a build that has the feature");
    Err(Error::CollectionKind { path: collection.to_path_buf(), problem })
}

/// Nothing beside the rows.
struct NoWords;

impl Sidecar for NoWords {
    fn build(&self, _: &[Published], _: &Path, _: &mut Out<'_>) -> Result<()> {
        Ok(())
    }

    fn merge(&self, _: Vec<SidecarPart>, _: &Path, _: &mut Out<'_>) -> Result<()> {
        Ok(())
    }
}
