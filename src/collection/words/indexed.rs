//! Words beside the rows of each segment, in builds that have search by words.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

use super::known::Known;
use crate::error::Result;
use crate::index::stored::Stored;
use crate::index::{Out, Published, Section, Sidecar, SidecarPart, Snapshot};
use crate::kernel::SharedBytes;
use crate::kernel::sync;
use crate::lexical::{self, LexicalPart, Passage, Source};
pub(in crate::collection) use crate::lexical::{Lexicon, Query};
use crate::records::WordIndex;

/// Keeps the words of the passages beside them, and what filters ask of their documents.
pub(super) struct Words {
    /// Whether Chinese is cut into words of a dictionary.
    dictionary: bool,
}

impl Words {
    /// As much as a collection keeps.
    pub(super) fn sidecar(kept: WordIndex) -> Arc<dyn Sidecar> {
        Arc::new(Self { dictionary: kept == WordIndex::Full })
    }
}

impl Sidecar for Words {
    fn build(&self, documents: &[Published], folder: &Path, out: &mut Out<'_>) -> Result<()> {
        let known = documents.iter().map(Known::of).collect::<Result<Vec<_>>>()?;
        let passages = documents.iter().zip(&known).flat_map(|(document, known)| {
            document.passages.iter().zip(&known.of_passages).map(move |(passage, own)| Passage {
                // A span that the text does not have was refused when it was put.
                text: document.text.get(passage.span.bytes.clone()).unwrap_or_default(),
                id: document.id.as_str(),
                title: &known.title,
                headings: &passage.context.headings,
                fields: own.as_ref().unwrap_or(&known.fields),
            })
        });
        lexical::build(passages, self.dictionary, folder, out)
    }

    fn merge(&self, parts: Vec<SidecarPart>, folder: &Path, out: &mut Out<'_>) -> Result<()> {
        let first = parts.first().map(|part| part.section.clone());
        let part = |part: SidecarPart| LexicalPart { source: Arc::new(InSegment(part.section)), rows: part.rows };
        let merged = lexical::merge(parts.into_iter().map(part).collect(), folder, out);
        // What reads a section names its file; what tantivy says of its content does not.
        merged.map_err(|error| match first {
            Some(section) => section.named(error),
            None => error,
        })
    }
}

/// Reads all words of a snapshot.
///
/// # Errors
/// [`crate::Error::IndexDamaged`], naming the file.
pub(in crate::collection) fn verify(snapshot: &Snapshot) -> Result<()> {
    for section in snapshot.sidecars() {
        let source: Arc<dyn Source> = Arc::new(InSegment(section.clone()));
        let read = Lexicon::open(vec![source]).and_then(|lexicon| lexicon.verify());
        read.map_err(|error| section.named(error))?;
    }
    Ok(())
}

/// Whether a segment has words that an older version cut otherwise: they have to be made again.
///
/// # Errors
/// [`crate::Error::IndexDamaged`], naming the file.
pub(in crate::collection) fn are_outdated(snapshot: &Snapshot) -> Result<bool> {
    for section in snapshot.sidecars() {
        let outdated = lexical::is_outdated(&InSegment(section.clone()));
        if outdated.map_err(|error| section.named(error))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The words of one segment, in its file.
struct InSegment(Section);

impl Source for InSegment {
    fn len(&self) -> usize {
        Stored::len(&self.0)
    }

    fn read(&self, range: Range<usize>) -> Result<SharedBytes> {
        self.0.shared(range)
    }
}

/// The lexicon of the snapshot that was asked for last.
#[derive(Default)]
pub(in crate::collection) struct Lexicons(Mutex<Option<(Weak<Snapshot>, Arc<Lexicon>)>>);

impl Lexicons {
    /// The lexicon of a snapshot. Always there in this build.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub(in crate::collection) fn of(&self, snapshot: &Arc<Snapshot>) -> Result<Option<Arc<Lexicon>>> {
        let mut held = sync::lock(&self.0);
        if let Some((of, lexicon)) = &*held
            && of.as_ptr() == Arc::as_ptr(snapshot)
        {
            return Ok(Some(Arc::clone(lexicon)));
        }
        let source = |section: &Section| Arc::new(InSegment(section.clone())) as Arc<dyn Source>;
        let opened = Lexicon::open(snapshot.sidecars().map(source).collect()).map_err(|error| {
            // Whoever opens all of them does not know whose fault it is.
            let faulty = snapshot.sidecars().find(|section| Lexicon::open(vec![source(section)]).is_err());
            match faulty {
                Some(section) => section.named(error),
                None => error,
            }
        });
        let lexicon = Arc::new(opened?);
        *held = Some((Arc::downgrade(snapshot), Arc::clone(&lexicon)));
        Ok(Some(lexicon))
    }
}
