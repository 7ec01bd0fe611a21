//! The full check of the lexical index: reads every postings list.

use tantivy::schema::{FieldType, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED};

use super::guard::{damaged, guard, unread, unreadable};
use super::lexicon::Lexicon;
use crate::error::Result;

impl Lexicon {
    /// Reads the postings list of every term.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`] without a path: the first problem.
    pub fn verify(&self) -> Result<()> {
        guard(|| self.readers().try_for_each(|(_, reader, _)| verify(reader)))
    }
}

fn verify(reader: &SegmentReader) -> Result<()> {
    for (field, entry) in reader.schema().fields() {
        let FieldType::Str(options) = entry.field_type() else { continue };
        let Some(indexed) = options.get_indexing_options() else { continue };
        let wanted = match indexed.index_option() {
            IndexRecordOption::Basic => IndexRecordOption::Basic,
            _ => IndexRecordOption::WithFreqs,
        };
        let index = reader.inverted_index(field).map_err(unreadable)?;
        let mut terms = index.terms().stream().map_err(unread)?;
        while terms.advance() {
            let info = terms.value().clone();
            let mut postings = index.read_postings_from_terminfo(&info, wanted).map_err(unread)?;
            let mut found = 0;
            while postings.doc() != TERMINATED {
                if postings.doc() >= reader.max_doc() {
                    return Err(damaged("a term is in a passage that does not exist"));
                }
                found += 1;
                postings.advance();
            }
            if found != info.doc_freq {
                return Err(damaged("a term is in another number of passages than its entry says"));
            }
        }
    }
    Ok(())
}
