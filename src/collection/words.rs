//! Between the index and the words: what is kept beside the rows of each segment, and the lexicon of a snapshot.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::published;
use crate::document::Metadata;
use crate::error::Result;
use crate::filter::{Fields, language};
use crate::index::stored::Stored;
use crate::index::{Out, Published, Section, Sidecar, SidecarPart, Snapshot};
use crate::kernel::SharedBytes;
use crate::lexical::{self, Lexicon, Part, Passage, Source};

/// Keeps the words of the passages beside them, and what filters ask of their documents.
pub(super) struct Words;

impl Words {
    /// For a publisher.
    pub(super) fn sidecar() -> Arc<dyn Sidecar> {
        Arc::new(Self)
    }
}

impl Sidecar for Words {
    fn build(&self, documents: &[Published], folder: &Path, out: &mut Out<'_>) -> Result<()> {
        let known = documents.iter().map(Known::of).collect::<Result<Vec<_>>>()?;
        let passages = documents.iter().zip(&known).flat_map(|(document, known)| {
            document.passages.iter().zip(&known.of_passages).map(move |(passage, own)| Passage {
                // A span that the text does not have was refused when it was put.
                text: document.text.get(passage.span.bytes.clone()).unwrap_or_default(),
                title: &known.title,
                headings: &passage.context.headings,
                fields: own.as_ref().unwrap_or(&known.fields),
            })
        });
        lexical::build(passages, folder, out)
    }

    fn merge(&self, parts: Vec<SidecarPart>, folder: &Path, out: &mut Out<'_>) -> Result<()> {
        let first = parts.first().map(|part| part.section.clone());
        let part = |part: SidecarPart| Part { words: Arc::new(InSegment(part.section)), rows: part.rows };
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
pub(super) fn verify(snapshot: &Snapshot) -> Result<()> {
    for section in snapshot.sidecars() {
        let source: Arc<dyn Source> = Arc::new(InSegment(section.clone()));
        let read = Lexicon::open(vec![source]).and_then(|lexicon| lexicon.verify());
        read.map_err(|error| section.named(error))?;
    }
    Ok(())
}

/// What is known of a document beside its text.
struct Known {
    title: String,
    fields: Fields,
    /// Of each passage that has metadata of its own: those of its document, and over them its own.
    of_passages: Vec<Option<Fields>>,
}

impl Known {
    fn of(document: &Published) -> Result<Self> {
        let record = &document.record;
        let metadata = published::metadata(record)?;
        let said = |name: &str| metadata.get(name).and_then(|value| value.as_str());
        // What its author says goes before what it looks like.
        let language = said("lang").or_else(|| said("language")).or_else(|| language(&document.text));
        let fields = |metadata: &Metadata| {
            Fields::of(&record.id, metadata, record.stamp.as_ref(), document.text.len(), language)
        };
        let of_passages = document.passages.iter().map(|passage| {
            let own = published::parsed(&record.id, &passage.context.metadata)?;
            let mut all = metadata.clone();
            Ok((!own.is_empty()).then(|| {
                all.extend(own);
                fields(&all)
            }))
        });
        let of_passages = of_passages.collect::<Result<_>>()?;
        Ok(Self { title: title(record.id.as_str(), &metadata), fields: fields(&metadata), of_passages })
    }
}

/// What a document is called: its `title`, or its name without folders and extension.
fn title(id: &str, metadata: &Metadata) -> String {
    if let Some(title) = metadata.get("title").and_then(|title| title.as_str()) {
        return title.to_owned();
    }
    let last = id.rsplit('/').next().unwrap_or(id);
    last.rsplit_once('.').map_or(last, |(stem, _)| stem).to_owned()
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
    /// [`crate::Error::IndexDamaged`].
    pub(super) fn of(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Lexicon>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, lexicon)) = &*held
            && of.as_ptr() == Arc::as_ptr(snapshot)
        {
            return Ok(Arc::clone(lexicon));
        }
        let sources = snapshot.sidecars().map(|section| Arc::new(InSegment(section.clone())) as Arc<dyn Source>);
        let lexicon = Arc::new(Lexicon::open(sources.collect())?);
        *held = Some((Arc::downgrade(snapshot), Arc::clone(&lexicon)));
        Ok(lexicon)
    }
}
