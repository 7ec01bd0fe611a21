//! Between the index and the words: what is kept beside the rows of each segment, and the lexicon of a snapshot.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::published;
use crate::error::{Error, Result};
use crate::index::stored::Stored;
use crate::index::{Published, Section, Sidecar, SidecarPart, Snapshot};
use crate::kernel::SharedBytes;
use crate::lexical::{self, Lexicon, Part, Passage, Source};

/// Keeps the words of the passages beside them.
pub(super) struct Words;

impl Words {
    /// For a publisher.
    pub(super) fn sidecar() -> Arc<dyn Sidecar> {
        Arc::new(Self)
    }
}

impl Sidecar for Words {
    fn build(&self, documents: &[Published]) -> Result<Vec<u8>> {
        let titles = documents.iter().map(title).collect::<Result<Vec<_>>>()?;
        let passages = documents.iter().zip(&titles).flat_map(|(document, title)| {
            document.passages.iter().map(move |passage| Passage {
                // A span that the text does not have was refused when it was put.
                text: document.text.get(passage.span.bytes.clone()).unwrap_or_default(),
                title,
                headings: &passage.headings,
            })
        });
        lexical::build(passages)
    }

    fn merge(&self, parts: Vec<SidecarPart>) -> Result<Vec<u8>> {
        let named = parts.first().map(|part| part.section.clone());
        let part = |part: SidecarPart| Part { words: Arc::new(InSegment(part.section)), rows: part.rows };
        let merged = lexical::merge(parts.into_iter().map(part).collect());
        merged.map_err(|error| match (&error, named) {
            (Error::IndexDamaged { .. }, Some(section)) => section.named(error),
            _ => error,
        })
    }
}

/// What a document is called: its `title`, or its name without folders and extension.
fn title(document: &Published) -> Result<String> {
    let metadata = published::metadata(&document.record)?;
    if let Some(title) = metadata.get("title").and_then(|title| title.as_str()) {
        return Ok(title.to_owned());
    }
    let name = document.record.id.as_str();
    let last = name.rsplit('/').next().unwrap_or(name);
    Ok(last.rsplit_once('.').map_or(last, |(stem, _)| stem).to_owned())
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
pub(super) struct Lexicons(Mutex<Option<(Weak<Snapshot>, Arc<Lexicon>)>>);

impl Lexicons {
    /// The lexicon of a snapshot.
    ///
    /// # Errors
    /// [`Error::IndexDamaged`].
    pub(super) fn of(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Lexicon>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, lexicon)) = &*held
            && of.as_ptr() == Arc::as_ptr(snapshot)
        {
            return Ok(Arc::clone(lexicon));
        }
        let sources = snapshot.sidecars().map(|section| Arc::new(InSegment(section.clone())) as Arc<dyn Source>);
        let lexicon = Arc::new(Lexicon::open(sources)?);
        *held = Some((Arc::downgrade(snapshot), Arc::clone(&lexicon)));
        Ok(lexicon)
    }
}
