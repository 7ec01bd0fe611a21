//! The lexical section of each segment, in builds with the feature `lexical`.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

use super::document_fields::DocumentFields;
use crate::document::hidden_front_matter;
use crate::error::Result;
use crate::index::stored::Stored;
use crate::index::{Out, Published, Section, Sidecar, SidecarPart, Snapshot};
use crate::kernel::SharedBytes;
use crate::kernel::sync;
use crate::lexical::{self, LexicalPart, Passage, Source};
pub(in crate::collection) use crate::lexical::{Lexicon, Query, normalise};
use crate::records::WordIndex;

/// Builds lexical sections: the terms of the passages, and the values for filters.
pub(super) struct LexicalSidecar {
    /// Whether to cut Chinese into words of a dictionary.
    dictionary: bool,
}

impl LexicalSidecar {
    /// Returns the sidecar of a collection.
    pub(super) fn sidecar(words: WordIndex) -> Arc<dyn Sidecar> {
        Arc::new(Self { dictionary: words == WordIndex::Full })
    }
}

impl Sidecar for LexicalSidecar {
    fn build(&self, documents: &[Published], folder: &Path, out: &mut Out<'_>) -> Result<()> {
        let fields = documents.iter().map(DocumentFields::of).collect::<Result<Vec<_>>>()?;
        let passages = documents.iter().zip(&fields).flat_map(|(document, document_fields)| {
            let front = hidden_front_matter(&document.text);
            document.passages.iter().zip(&document_fields.of_passages).map(move |(passage, own_fields)| Passage {
                // A span outside the text was refused when the document was stored.
                text: document
                    .text
                    .get(with_front_matter(&passage.span.bytes, &document.text, front))
                    .unwrap_or_default(),
                id: document.id.as_str(),
                title: &document_fields.title,
                names: &document_fields.names,
                headings: &passage.context.headings,
                fields: own_fields.as_ref().unwrap_or(&document_fields.fields),
            })
        });
        lexical::build(passages, self.dictionary, folder, out)
    }

    fn merge(&self, parts: Vec<SidecarPart>, folder: &Path, out: &mut Out<'_>) -> Result<()> {
        let first = parts.first().map(|part| part.section.clone());
        let part = |part: SidecarPart| LexicalPart { source: Arc::new(InSegment(part.section)), rows: part.rows };
        let merged = lexical::merge(parts.into_iter().map(part).collect(), folder, out);
        // Errors of reading a section contain its file; those of tantivy do not.
        merged.map_err(|error| match first {
            Some(section) => section.named(error),
            None => error,
        })
    }
}

/// Returns the bytes whose words a passage has. The words of front matter, which is in no passage and ends at `front`, belong to the
/// first passage after it.
fn with_front_matter(passage: &Range<usize>, text: &str, front: usize) -> Range<usize> {
    let is_first = front > 0 && text.get(front..passage.start).is_some_and(|between| between.trim().is_empty());
    if is_first { 0..passage.end } else { passage.clone() }
}

/// Reads the whole lexical index of a snapshot.
///
/// # Errors
/// [`crate::Error::IndexDamaged`] with the file.
pub(in crate::collection) fn verify(snapshot: &Snapshot) -> Result<()> {
    for section in snapshot.sidecars() {
        let source: Arc<dyn Source> = Arc::new(InSegment(section.clone()));
        let read = Lexicon::open(vec![source]).and_then(|lexicon| lexicon.verify());
        read.map_err(|error| section.named(error))?;
    }
    Ok(())
}

/// True if an older version tokenised a segment in another way, so that its lexical section must be built again.
///
/// # Errors
/// [`crate::Error::IndexDamaged`] with the file.
pub(in crate::collection) fn are_outdated(snapshot: &Snapshot) -> Result<bool> {
    for section in snapshot.sidecars() {
        let outdated = lexical::is_outdated(&InSegment(section.clone()));
        if outdated.map_err(|error| section.named(error))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The lexical section of one segment, in its file.
struct InSegment(Section);

impl Source for InSegment {
    fn len(&self) -> usize {
        Stored::len(&self.0)
    }

    fn read(&self, range: Range<usize>) -> Result<SharedBytes> {
        self.0.shared(range)
    }
}

/// Keeps the lexicon of the snapshot that was used last.
#[derive(Default)]
pub(in crate::collection) struct Lexicons(Mutex<Option<(Weak<Snapshot>, Arc<Lexicon>)>>);

impl Lexicons {
    /// Returns the lexicon of a snapshot; always `Some` in this build.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub(in crate::collection) fn of(&self, snapshot: &Arc<Snapshot>) -> Result<Option<Arc<Lexicon>>> {
        let mut held = sync::lock(&self.0);
        // The addresses decide: a weak pointer keeps its address from being used for another snapshot.
        if let Some((owner, lexicon)) = &*held
            && owner.as_ptr() == Arc::as_ptr(snapshot)
        {
            return Ok(Some(Arc::clone(lexicon)));
        }
        let source = |section: &Section| Arc::new(InSegment(section.clone())) as Arc<dyn Source>;
        let opened = Lexicon::open(snapshot.sidecars().map(source).collect()).map_err(|error| {
            // The error of opening all sections together does not show which one is damaged.
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
