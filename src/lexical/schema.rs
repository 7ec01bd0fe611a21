//! The fields, their weights, and how tantivy gets their terms.

use std::sync::LazyLock;

use tantivy::index::IndexSettings;
use tantivy::schema::{Field, IndexRecordOption, JsonObjectOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::store::Compressor;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

/// The factor of BM25 in the field of stems and Chinese words. The other factors are relative to it; all were chosen by a grid search.
pub(super) const WEIGHT_WORDS: f32 = 1.0;
/// The factor in the field of exact forms, codes, characters and bigrams. Between .25 and 1 nDCG@10 changes by at most .003.
pub(super) const WEIGHT_GRAMS: f32 = 0.5;
/// The factor in the field of title and headings, whose words also count in the other fields. Between .1 and .5 nDCG@10 does not change.
pub(super) const WEIGHT_TITLE: f32 = 0.3;

/// The name of the field that holds the columns.
pub(super) const FIELDS: &str = "fields";
/// The name of the tokenizer for text with one term on each line.
const LINES: &str = "lines";

/// The schema of every lexical section.
pub(super) struct Layout {
    pub(super) schema: Schema,
    pub(super) words: Field,
    pub(super) grams: Field,
    pub(super) title: Field,
    pub(super) fields: Field,
}

pub(super) static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer(LINES).set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let words = builder.add_text_field("words", text.clone());
    let grams = builder.add_text_field("grams", text.clone());
    let title = builder.add_text_field("title", text);
    let fields = builder.add_json_field(FIELDS, JsonObjectOptions::default().set_fast("raw"));
    Layout { schema: builder.build(), words, grams, title, fields }
});

impl Layout {
    /// Returns the weight of a field's terms.
    pub(super) fn weight(&self, field: Field) -> f32 {
        match field {
            field if field == self.words => WEIGHT_WORDS,
            field if field == self.grams => WEIGHT_GRAMS,
            _ => WEIGHT_TITLE,
        }
    }
}

/// Returns tantivy's settings: no stored fields, and no thread for them.
pub(super) fn settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::None,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    }
}

pub(super) fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(LINES, Lines::default());
    tokenizers
}

/// Splits tokenised text into its terms, each followed by a newline.
#[derive(Clone, Default)]
struct Lines {
    token: Token,
}

struct LineStream<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl Tokenizer for Lines {
    type TokenStream<'a> = LineStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LineStream<'a> {
        self.token.reset();
        LineStream { rest: text, token: &mut self.token }
    }
}

impl TokenStream for LineStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, rest)) = self.rest.split_once('\n') else { return false };
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = self.token.position.wrapping_add(1);
        self.rest = rest;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
