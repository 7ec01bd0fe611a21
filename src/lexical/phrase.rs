//! The passages that may contain a phrase. The index has no positions, so their texts decide.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::analysis::terms_of_phrase;
use super::guard::{guard, unread, unreadable};
use super::lexicon::Lexicon;
use super::schema::LAYOUT;
use crate::error::Result;

/// The most terms of a phrase whose passages are read: the rarest ones.
const MAX_TERMS: usize = 16;

impl Lexicon {
    /// Returns the rows with each term of a phrase, `[terms][segments][rows]`, also deleted ones. A document with the phrase has every term
    /// in one of its rows. Empty if any document may have it.
    ///
    /// # Errors
    /// [`crate::Error::IndexDamaged`].
    pub fn rows_of_phrase(&self, phrase: &str) -> Result<Vec<Vec<Vec<u32>>>> {
        guard(|| {
            let mut terms = Vec::new();
            for term in terms_of_phrase(phrase) {
                terms.push((self.frequency(LAYOUT.grams, &term)?, term));
            }
            terms.sort_unstable();
            terms.iter().take(MAX_TERMS).map(|(_, term)| self.rows_of_term(term)).collect()
        })
    }

    /// Returns the rows of each segment with a term in the field of exact forms.
    fn rows_of_term(&self, text: &str) -> Result<Vec<Vec<u32>>> {
        let term = Term::from_field_text(LAYOUT.grams, text);
        let mut found = vec![Vec::new(); self.segments()];
        for (segment, reader, rows) in self.readers() {
            let index = reader.inverted_index(LAYOUT.grams).map_err(unreadable)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic).map_err(unread)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                found[segment].push(rows.row(postings.doc()));
                postings.advance();
            }
        }
        Ok(found)
    }
}
