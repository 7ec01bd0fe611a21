//! The encoder: text in, vectors out.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::backend::{self, Backend, BackendKind};
use super::batch::{Batch, TokenInput, plan_batches};
use super::compute_path::ComputePath;
use super::embeddings::Embeddings;
use super::model::{ModelInfo, Precision};
use super::options::{EncoderOptions, LoadTimes, TextKind};
use super::pooling::pool;
use super::reference_texts::ReferenceTexts;
use super::space::VectorSpace;
use super::tokenizer::Tokenizer;
use crate::error::{Error, Result};
use nigh_kernel::vector::normalise;
use nigh_kernel::{Simd, SimdLevel};

/// A loaded sentence encoder. Cheap to clone; usable from any number of threads.
///
/// ```no_run
/// let encoder = nigh_encoder::Encoder::load("/models/all-MiniLM-L6-v2")?;
/// let vectors = encoder.encode(&["a small dog", "一只小狗"])?;
/// assert_eq!((vectors.len(), vectors.dimension()), (2, 384));
/// # Ok::<(), nigh_encoder::Error>(())
/// ```
#[derive(Clone)]
pub struct Encoder {
    pub(super) inner: Arc<Inner>,
}

/// The vector of a query, and the share of the query that the model's vocabulary covers.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct EncodedQuery {
    /// The vector, `[dimension]`.
    pub vector: Vec<f32>,
    /// The [`Encoder::vocabulary_coverage`] of the query.
    pub vocabulary_coverage: f32,
}

pub(super) struct Inner {
    model: ModelInfo,
    kind: BackendKind,
    precision: Precision,
    options: EncoderOptions,
    pub(super) simd: Simd,
    pool: rayon::ThreadPool,
    pub(super) tokenizer: Tokenizer,
    pub(super) backend: Box<dyn Backend>,
    load_times: LoadTimes,
    fingerprint: OnceLock<String>,
    reference_texts: OnceLock<Arc<ReferenceTexts>>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("model", &self.inner.model.path())
            .field("backend", &self.inner.kind)
            .field("precision", &self.inner.precision)
            .finish_non_exhaustive()
    }
}

impl Encoder {
    /// Loads a model directory with the default options.
    ///
    /// # Errors
    /// See [`Encoder::with_options`].
    pub fn load(directory: impl AsRef<Path>) -> Result<Self> {
        Self::with_options(ModelInfo::open(directory)?, EncoderOptions::default())
    }

    /// Loads a model with these options. The tokenizer and the weights load at the same time, on the encoder's own threads.
    ///
    /// # Errors
    /// [`Error::ModelFile`] for damaged files, [`Error::ModelUnsupported`] for a model that the backend cannot run,
    /// [`Error::Runtime`] when ONNX Runtime is needed and missing, [`Error::InvalidOptions`] and
    /// [`Error::PrecisionUnsupported`] for options that cannot be used, such as a space that does not suit the model.
    pub fn with_options(model: ModelInfo, options: EncoderOptions) -> Result<Self> {
        let encoder = Self::with_checked_options(model, options)?;
        encoder.space().check(encoder.model(), &encoder.inner.tokenizer)?;
        Ok(encoder)
    }

    /// The same, for a caller who has checked that the space suits the model: the check takes some milliseconds.
    ///
    /// # Errors
    /// See [`Encoder::with_options`].
    #[doc(hidden)]
    pub fn with_checked_options(mut model: ModelInfo, options: EncoderOptions) -> Result<Self> {
        if let Some(pooling) = options.pooling {
            model = model.with_pooling(pooling);
        }
        let (ComputePath { backend: kind, precision, threads, .. }, simd) = ComputePath::choose(&model, &options)?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("nigh-encoder-{i}"))
            .build()
            .map_err(|cause| Error::Threads { purpose: "the encoder", problem: cause.to_string() })?;
        let tokenizer_path = model.path().join("tokenizer.json");
        let runtime = options.runtime.clone();
        let ((tokenizer, tokenizer_time), (backend, weights_time)) = pool.join(
            || timed(|| Tokenizer::load(&tokenizer_path)),
            || timed(|| backend::load(kind, &model, precision, simd, runtime)),
        );
        let (tokenizer, backend) = (tokenizer?, backend?);
        let load_times = LoadTimes { tokenizer: tokenizer_time, weights: weights_time };
        let (fingerprint, reference_texts) = (OnceLock::new(), OnceLock::new());
        let inner = Inner {
            model,
            kind,
            precision,
            options,
            simd,
            pool,
            tokenizer,
            backend,
            load_times,
            fingerprint,
            reference_texts,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns the description of the model.
    pub fn model(&self) -> &ModelInfo {
        &self.inner.model
    }

    /// Returns the backend that runs the model.
    pub fn backend(&self) -> BackendKind {
        self.inner.kind
    }

    /// Returns the arithmetic.
    pub fn precision(&self) -> Precision {
        self.inner.precision
    }

    /// Returns the instruction set of the native backend.
    pub fn simd(&self) -> SimdLevel {
        self.inner.simd.level()
    }

    /// Returns the backend, the arithmetic, the instruction set and the number of threads together.
    pub fn compute_path(&self) -> ComputePath {
        let Inner { kind, precision, simd, pool, .. } = &*self.inner;
        ComputePath { backend: *kind, precision: *precision, simd: simd.level(), threads: pool.current_num_threads() }
    }

    /// Returns the space of the vectors of queries and passages.
    pub fn space(&self) -> VectorSpace {
        self.inner.options.space
    }

    /// Returns the options that the encoder was loaded with.
    pub fn options(&self) -> &EncoderOptions {
        &self.inner.options
    }

    /// Returns how long each part of loading took.
    pub fn load_times(&self) -> LoadTimes {
        self.inner.load_times
    }

    /// Returns the length of the vectors, in f32 values.
    pub fn dimension(&self) -> usize {
        self.inner.model.dimension()
    }

    /// Returns the hash of everything that decides a vector, 64 hexadecimal digits; see [`ModelInfo::fingerprint`] and
    /// [`VectorSpace::fingerprint`]. Computed once.
    ///
    /// # Errors
    /// [`Error::Io`] when a model file can no longer be read.
    pub fn fingerprint(&self) -> Result<&str> {
        if let Some(known) = self.inner.fingerprint.get() {
            return Ok(known);
        }
        let fingerprint = self.inner.model.fingerprint(self.inner.precision, self.inner.kind == BackendKind::Ort)?;
        let fingerprint = self.space().fingerprint(&fingerprint);
        Ok(self.inner.fingerprint.get_or_init(|| fingerprint))
    }

    /// Sets the fingerprint, if the caller knows it: computing it may require reading all weights.
    #[doc(hidden)]
    pub fn of_fingerprint(self, fingerprint: &str) -> Self {
        self.inner.fingerprint.get_or_init(|| fingerprint.to_owned());
        self
    }

    /// Returns the reference texts; calls `make` for them only the first time.
    pub(super) fn cached_reference_texts(
        &self,
        make: impl FnOnce() -> Result<ReferenceTexts>,
    ) -> Result<Arc<ReferenceTexts>> {
        if let Some(cached) = self.inner.reference_texts.get() {
            return Ok(Arc::clone(cached));
        }
        let texts = Arc::new(make()?);
        Ok(Arc::clone(self.inner.reference_texts.get_or_init(|| texts)))
    }

    /// Encodes texts as they are, without a prefix. Returns `[texts.len(), dimension]`, f32, row-major.
    ///
    /// A text that is longer than the model's context length is not cut off: each part is encoded, and the text's vector is
    /// the mean of the parts' vectors, weighted by their numbers of tokens. The vector of a text does not depend on the other
    /// texts.
    ///
    /// # Errors
    /// [`Error::Encode`] for a text that the tokenizer refuses, [`Error::Backend`] when the computation fails.
    pub fn encode(&self, texts: &[&str]) -> Result<Embeddings> {
        self.encode_as(TextKind::Plain, texts)
    }

    /// Encodes one query, with the model's query prefix. Returns `[dimension]`, f32.
    ///
    /// # Errors
    /// [`Error::EmptyQuery`] when it is empty or white space, else the errors of [`Encoder::encode`].
    pub fn encode_query(&self, query: &str) -> Result<Vec<f32>> {
        if query.trim().is_empty() {
            return Err(Error::EmptyQuery);
        }
        Ok(self.encode_as(TextKind::Query, &[query])?.into_vec())
    }

    /// Encodes queries, and computes the vocabulary coverage of each. The results are those of [`Encoder::encode_as`] and
    /// [`Encoder::vocabulary_coverage`], but each query is tokenised only once.
    ///
    /// # Errors
    /// See [`Encoder::encode_query`].
    #[doc(hidden)]
    pub fn encode_queries(&self, queries: &[&str]) -> Result<Vec<EncodedQuery>> {
        if queries.iter().any(|query| query.trim().is_empty()) {
            return Err(Error::EmptyQuery);
        }
        if let [query] = queries {
            // Use this thread: to pass a single query to another thread would take longer.
            return self.encode_query_part(&[self.tokenise_query(query)?]);
        }
        self.inner.pool.install(|| {
            let parts = tokenise_chunks(queries).into_iter().map(|part| {
                let queries = queries[part].par_iter();
                self.encode_query_part(&queries.map(|query| self.tokenise_query(query)).collect::<Result<Vec<_>>>()?)
            });
            Ok(parts.collect::<Result<Vec<_>>>()?.concat())
        })
    }

    /// Tokenises a query into sequences that fit the context length, and computes its vocabulary coverage.
    fn tokenise_query(&self, query: &str) -> Result<(Vec<TokenInput>, f32)> {
        let (prefix, context_length) = (self.prefix(TextKind::Query), self.inner.model.context_length());
        match self.inner.tokenizer.encode_with_coverage(prefix, query)? {
            Some((input, coverage)) if input.ids.len() <= context_length => Ok((vec![input], coverage)),
            Some((_, coverage)) => Ok((self.tokenise_split(TextKind::Query, query)?, coverage)),
            None => Ok((self.tokenise_split(TextKind::Query, query)?, self.vocabulary_coverage(query))),
        }
    }

    /// Encodes tokenised queries.
    fn encode_query_part(&self, tokenised: &[(Vec<TokenInput>, f32)]) -> Result<Vec<EncodedQuery>> {
        let mut vectors = Embeddings::zeroed(tokenised.len(), self.dimension());
        let sequences: Vec<&[TokenInput]> = tokenised.iter().map(|(sequences, _)| &sequences[..]).collect();
        self.embed_sequences(&sequences, &mut vectors, 0)?;
        self.move_to_space(TextKind::Query, &mut vectors)?;
        let encoded = vectors
            .iter()
            .zip(tokenised)
            .map(|(vector, &(_, vocabulary_coverage))| EncodedQuery { vector: vector.to_vec(), vocabulary_coverage });
        Ok(encoded.collect())
    }

    /// Encodes texts with the prefix of their kind. Returns `[texts.len(), dimension]`, f32, row-major. See [`Encoder::encode`].
    ///
    /// # Errors
    /// See [`Encoder::encode`].
    pub fn encode_as(&self, kind: TextKind, texts: &[&str]) -> Result<Embeddings> {
        let mut vectors = self.encode_in_original_space(kind, texts)?;
        self.move_to_space(kind, &mut vectors)?;
        Ok(vectors)
    }

    /// Encodes texts with the prefix of their kind, in the space of the model's authors.
    pub(super) fn encode_in_original_space(&self, kind: TextKind, texts: &[&str]) -> Result<Embeddings> {
        let mut out = Embeddings::zeroed(texts.len(), self.dimension());
        if let [text] = texts {
            // Use this thread: to pass a single text to another thread would take longer.
            self.embed_sequences(&[self.tokenise_split(kind, text)?], &mut out, 0)?;
            return Ok(out);
        }
        let parts = tokenise_chunks(texts);
        let tokenise = |part: &Range<usize>| -> Result<Vec<Vec<TokenInput>>> {
            texts[part.clone()].par_iter().map(|text| self.tokenise_split(kind, text)).collect()
        };
        self.inner.pool.install(|| {
            let mut next = parts.first().map(&tokenise);
            for (i, part) in parts.iter().enumerate() {
                let Some(tokenised) = next.take() else { break };
                let tokenised = tokenised?;
                // Encode this chunk and tokenise the next at the same time.
                let (done, following) = rayon::join(
                    || self.embed_sequences(&tokenised, &mut out, part.start),
                    || parts.get(i + 1).map(&tokenise),
                );
                done?;
                next = following;
            }
            Ok(out)
        })
    }

    /// Tokenises a text, with the prefix of its kind, into sequences that fit the context length.
    fn tokenise_split(&self, kind: TextKind, text: &str) -> Result<Vec<TokenInput>> {
        self.inner.tokenizer.encode_split(self.prefix(kind), text, self.inner.model.context_length())
    }

    /// Encodes texts that were split into sequences, and writes their vectors to the rows of `out` from `first` on.
    fn embed_sequences<S: AsRef<[TokenInput]>>(
        &self,
        tokenised: &[S],
        out: &mut Embeddings,
        first: usize,
    ) -> Result<()> {
        let tokenised = || tokenised.iter().map(AsRef::as_ref);
        let sequences: Vec<&TokenInput> = tokenised().flatten().collect();
        let vectors = self.embed(&sequences)?;
        let mut rows = vectors.iter().zip(&sequences);
        for (text, sequences) in tokenised().enumerate() {
            let row = out.row_mut(first + text);
            let tokens: usize = sequences.iter().map(|sequence| sequence.ids.len()).sum();
            for (vector, sequence) in rows.by_ref().take(sequences.len()) {
                let share = sequence.ids.len() as f32 / tokens as f32;
                row.iter_mut().zip(vector).for_each(|(out, x)| *out += share * x);
            }
            self.finish(row);
        }
        Ok(())
    }

    /// Encodes pairs of texts, each as one sequence of two segments. Returns `[pairs.len(), dimension]`, f32, row-major.
    ///
    /// # Errors
    /// [`Error::Encode`] when a pair is longer than the context length, else the errors of [`Encoder::encode`].
    pub fn encode_pairs(&self, pairs: &[(&str, &str)]) -> Result<Embeddings> {
        let inputs: Vec<TokenInput> = pairs
            .iter()
            .map(|(first, second)| self.inner.tokenizer.encode_pair(first, second))
            .collect::<Result<_>>()?;
        self.encode_tokens(&inputs)
    }

    /// Encodes sequences that the caller tokenised. Returns `[inputs.len(), dimension]`, f32, row-major.
    ///
    /// # Errors
    /// [`Error::Encode`] for a sequence that is empty or too long, whose lists differ in length, or that holds a token that the
    /// model does not know; [`Error::Backend`] when the computation fails.
    pub fn encode_tokens(&self, inputs: &[TokenInput]) -> Result<Embeddings> {
        for input in inputs {
            input.check(self.inner.model.context_length())?;
        }
        let mut vectors = self.embed(&inputs.iter().collect::<Vec<_>>())?;
        for i in 0..inputs.len() {
            self.finish(vectors.row_mut(i));
        }
        Ok(vectors)
    }

    /// Returns the token ids of a text, with the prefix of its kind and special tokens. Not cut to the context length.
    ///
    /// # Errors
    /// [`Error::Encode`] for a text that the tokenizer refuses.
    pub fn tokenise(&self, kind: TextKind, text: &str) -> Result<TokenInput> {
        self.inner.tokenizer.encode(&format!("{}{text}", self.prefix(kind)))
    }

    /// Counts the tokens of a text, without special tokens and prefix.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.inner.tokenizer.count(text)
    }

    /// Returns the byte ranges `(start, end)` of a text's tokens, in order, without special tokens and prefix.
    ///
    /// # Errors
    /// [`Error::Encode`] for a text that the tokenizer refuses.
    pub fn token_offsets(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        self.inner.tokenizer.offsets(text)
    }

    /// Returns the share of a text's letters and digits that are in tokens of the model's vocabulary, 0 to 1; 1 for a text
    /// without any. A vector says little of a text that the vocabulary mostly does not cover, such as Chinese text in an
    /// English model.
    pub fn vocabulary_coverage(&self, text: &str) -> f32 {
        self.inner.tokenizer.vocabulary_coverage(text)
    }

    /// Counts the tokens of a passage with prefix and special tokens. This number must fit the context length.
    #[doc(hidden)]
    pub fn count_passage_tokens(&self, text: &str) -> usize {
        // A text that the tokenizer refuses is reported when it is encoded; until then it counts by its bytes.
        self.tokenise(TextKind::Passage, text).map_or(text.len(), |input| input.ids.len())
    }

    /// Counts the tokens of the passage prefix and the special tokens.
    ///
    /// # Errors
    /// [`Error::Encode`] for a prefix that the tokenizer refuses.
    #[doc(hidden)]
    pub fn passage_overhead(&self) -> Result<usize> {
        Ok(self.tokenise(TextKind::Passage, "")?.ids.len())
    }

    /// Returns the model's prefix for a kind of text.
    fn prefix(&self, kind: TextKind) -> &str {
        let prompts = self.inner.model.prompts();
        match kind {
            TextKind::Query => &prompts.query,
            TextKind::Passage => &prompts.passage,
            TextKind::Plain => "",
        }
    }

    /// Returns the pooled vector of each sequence, not yet normalised. Threads take batches one by one, longest first.
    fn embed(&self, sequences: &[&TokenInput]) -> Result<Embeddings> {
        let inner = &*self.inner;
        let dimension = inner.model.dimension();
        let lengths: Vec<usize> = sequences.iter().map(|s| s.ids.len()).collect();
        let mut vectors = Embeddings::zeroed(sequences.len(), dimension);
        let batches = plan_batches(&lengths, inner.pool.current_num_threads());
        let pooled: Result<Vec<Vec<f32>>> = if let [indices] = &batches[..] {
            self.embed_batch(sequences, indices, true).map(|pooled| vec![pooled])
        } else {
            let embed_all = || {
                batches.par_iter().with_max_len(1).map(|indices| self.embed_batch(sequences, indices, false)).collect()
            };
            inner.pool.install(embed_all)
        };
        // Check the file first: if a part of it was missing, wrong vectors or an error may be the result.
        inner.backend.check_intact()?;
        let pooled = pooled?;
        for (indices, pooled) in batches.iter().zip(pooled) {
            for (&sequence, vector) in indices.iter().zip(pooled.chunks_exact(dimension)) {
                vectors.row_mut(sequence).copy_from_slice(vector);
            }
        }
        Ok(vectors)
    }

    /// Computes the pooled vectors of one batch of sequences, `[indices.len(), dimension]`. `is_only_batch`: the
    /// backend may use all threads for it.
    fn embed_batch(&self, sequences: &[&TokenInput], indices: &[usize], is_only_batch: bool) -> Result<Vec<f32>> {
        let inner = &*self.inner;
        let dimension = inner.model.dimension();
        let batch = Batch::new(indices.iter().map(|&i| sequences[i]));
        let mut states = Vec::new();
        if is_only_batch {
            inner.backend.forward_alone(&inner.pool, &batch, &mut states)?;
        } else {
            inner.backend.forward(&batch, &mut states)?;
        }
        let mut pooled = vec![0.0; indices.len() * dimension];
        for (range, out) in batch.sequences().zip(pooled.chunks_exact_mut(dimension)) {
            let rows = &states[range.start * dimension..range.end * dimension];
            pool(inner.model.pooling(), rows, batch.mask_of(range), out);
        }
        Ok(pooled)
    }

    /// Moves vectors from the original space into the encoder's.
    fn move_to_space(&self, kind: TextKind, vectors: &mut Embeddings) -> Result<()> {
        if self.space() == VectorSpace::Original || kind == TextKind::Plain {
            return Ok(());
        }
        let reference = self.reference_texts()?;
        if let Some(transform) = reference.neutral() {
            (0..vectors.len()).for_each(|i| transform.apply(kind, vectors.row_mut(i)));
        }
        Ok(())
    }

    /// Moves one vector from the original space into the encoder's, like those of [`Encoder::encode_as`].
    ///
    /// # Errors
    /// The errors of [`Encoder::encode`], when the reference texts are encoded for it.
    #[doc(hidden)]
    pub fn move_to_own_space(&self, kind: TextKind, vector: &mut [f32]) -> Result<()> {
        if self.space() != VectorSpace::Original
            && let Some(transform) = self.reference_texts()?.neutral()
        {
            transform.apply(kind, vector);
        }
        Ok(())
    }

    /// Normalises a vector, if the model requires it.
    fn finish(&self, vector: &mut [f32]) {
        if self.inner.model.normalise() {
            normalise(vector);
        }
    }
}

/// The number of bytes of text that are tokenised together, one chunk ahead of the encoding: about 50,000 tokens, enough to sort by
/// length.
const TOKENISE_CHUNK_BYTES: usize = 256 * 1024;

/// Divides a list of texts into ranges of about [`TOKENISE_CHUNK_BYTES`] bytes, at least one text each.
fn tokenise_chunks(texts: &[&str]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut bytes = usize::MAX;
    for (i, text) in texts.iter().enumerate() {
        match parts.last_mut() {
            Some(part) if bytes.saturating_add(text.len()) <= TOKENISE_CHUNK_BYTES => part.end = i + 1,
            _ => {
                parts.push(i..i + 1);
                bytes = 0;
            }
        }
        bytes += text.len();
    }
    parts
}

/// Returns the result of `act`, and how long it took.
fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let result = act();
    (result, started.elapsed())
}
