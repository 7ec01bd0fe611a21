//! The encoder: text in, vectors out.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::backend::{self, Backend, BackendKind};
use super::batch::{Batch, TokenInput, bundles};
use super::embeddings::Embeddings;
use super::model::{ModelInfo, Precision};
use super::options::{EncoderOptions, LoadTimes, TextKind};
use super::pooling::pool;
use super::reference_texts::ReferenceTexts;
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
    inner: Arc<Inner>,
}

struct Inner {
    model: ModelInfo,
    kind: BackendKind,
    precision: Precision,
    options: EncoderOptions,
    simd: Simd,
    pool: rayon::ThreadPool,
    tokenizer: Tokenizer,
    backend: Box<dyn Backend>,
    load_times: LoadTimes,
    fingerprint: OnceLock<String>,
    reference_texts: OnceLock<Arc<ReferenceTexts>>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("model", &self.inner.model.path)
            .field("backend", &self.inner.kind)
            .field("precision", &self.inner.precision)
            .finish_non_exhaustive()
    }
}

impl Encoder {
    /// Loads a model directory with the default options.
    ///
    /// # Errors
    /// As [`Encoder::with_options`].
    pub fn load(directory: impl AsRef<Path>) -> Result<Self> {
        Self::with_options(ModelInfo::open(directory)?, EncoderOptions::default())
    }

    /// Loads a model: tokenizer and weights at the same time, on the encoder's own threads.
    ///
    /// # Errors
    /// [`Error::ModelFile`] for damaged files, [`Error::ModelUnsupported`] for a model that the backend cannot run,
    /// [`Error::Runtime`] where ONNX Runtime is needed and missing, [`Error::InvalidInput`] for options that the machine
    /// cannot honour.
    pub fn with_options(mut model: ModelInfo, options: EncoderOptions) -> Result<Self> {
        model.pooling = options.pooling.unwrap_or(model.pooling);
        let kind = BackendKind::choose(options.backend, &model)?;
        let precision = kind.precision(options.precision)?;
        let simd = match options.simd {
            None => Simd::detect(),
            Some(level) => Simd::at(level)
                .ok_or_else(|| Error::InvalidInput { problem: format!("this CPU cannot run the {level} path") })?,
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(options.thread_count(available_threads())?)
            .thread_name(|i| format!("nigh-encoder-{i}"))
            .build()
            .map_err(|cause| Error::InvalidInput { problem: format!("cannot start the encoder's threads: {cause}") })?;
        let tokenizer_path = model.path.join("tokenizer.json");
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

    /// What the model's directory says of it.
    pub fn model(&self) -> &ModelInfo {
        &self.inner.model
    }

    /// Which backend runs.
    pub fn backend(&self) -> BackendKind {
        self.inner.kind
    }

    /// Which arithmetic.
    pub fn precision(&self) -> Precision {
        self.inner.precision
    }

    /// Which instruction set the native backend uses.
    pub fn simd(&self) -> SimdLevel {
        self.inner.simd.level()
    }

    /// The options it was loaded with.
    pub fn options(&self) -> &EncoderOptions {
        &self.inner.options
    }

    /// How long its parts took to load.
    pub fn load_times(&self) -> LoadTimes {
        self.inner.load_times
    }

    /// Length of its vectors.
    pub fn dimension(&self) -> usize {
        self.inner.model.dimension
    }

    /// The hash over all that decides a vector; see [`ModelInfo::fingerprint`].
    ///
    /// # Errors
    /// [`Error::Io`] when a model file cannot be read any more.
    pub fn fingerprint(&self) -> Result<&str> {
        if let Some(known) = self.inner.fingerprint.get() {
            return Ok(known);
        }
        let made = self.inner.model.fingerprint(self.inner.precision, self.inner.kind == BackendKind::Ort)?;
        Ok(self.inner.fingerprint.get_or_init(|| made))
    }

    /// Says what its fingerprint is, where that is known already: to find it out may take reading all weights.
    #[doc(hidden)]
    pub fn of_fingerprint(self, fingerprint: &str) -> Self {
        self.inner.fingerprint.get_or_init(|| fingerprint.to_owned());
        self
    }

    /// The reference texts, made by `make` the first time.
    pub(super) fn kept_reference_texts(
        &self,
        make: impl FnOnce() -> Result<ReferenceTexts>,
    ) -> Result<Arc<ReferenceTexts>> {
        if let Some(kept) = self.inner.reference_texts.get() {
            return Ok(Arc::clone(kept));
        }
        let made = Arc::new(make()?);
        Ok(Arc::clone(self.inner.reference_texts.get_or_init(|| made)))
    }

    /// Encodes texts as they are, without a prefix: `[texts.len(), dimension]`.
    ///
    /// A text longer than the model's window is not cut off: it is encoded in windows, and its vector is the mean of
    /// theirs, each weighted by its tokens. A text's vector does not depend on the other texts.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a text that the tokenizer refuses, [`Error::Backend`] when the computation fails.
    pub fn encode(&self, texts: &[&str]) -> Result<Embeddings> {
        self.encode_as(TextKind::Plain, texts)
    }

    /// Encodes one question, with the model's query prefix.
    ///
    /// # Errors
    /// [`Error::EmptyQuery`] when it is empty or white space, else as [`Encoder::encode`].
    pub fn encode_query(&self, query: &str) -> Result<Vec<f32>> {
        if query.trim().is_empty() {
            return Err(Error::EmptyQuery);
        }
        Ok(self.encode_as(TextKind::Query, &[query])?.into_vec())
    }

    /// Encodes texts as what they are: `[texts.len(), dimension]`. See [`Encoder::encode`].
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn encode_as(&self, kind: TextKind, texts: &[&str]) -> Result<Embeddings> {
        let mut out = Embeddings::zeroed(texts.len(), self.dimension());
        if let [text] = texts {
            // Here and now: handing it to another thread would take longer.
            self.embed_windows(&[self.windows(kind, text)?], &mut out, 0)?;
            return Ok(out);
        }
        let parts = tokenise_chunks(texts);
        let tokenise = |part: &Range<usize>| -> Result<Vec<Vec<TokenInput>>> {
            texts[part.clone()].par_iter().map(|text| self.windows(kind, text)).collect()
        };
        self.inner.pool.install(|| {
            let mut next = parts.first().map(&tokenise);
            for (i, part) in parts.iter().enumerate() {
                let Some(tokenised) = next.take() else { break };
                let tokenised = tokenised?;
                // A thread that has no batch of this chunk to encode tokenises the next chunk.
                let (done, following) = rayon::join(
                    || self.embed_windows(&tokenised, &mut out, part.start),
                    || parts.get(i + 1).map(&tokenise),
                );
                done?;
                next = following;
            }
            Ok(out)
        })
    }

    /// A text in sequences that fit the window, with the prefix of its kind.
    fn windows(&self, kind: TextKind, text: &str) -> Result<Vec<TokenInput>> {
        self.inner.tokenizer.windows(self.prefix(kind), text, self.inner.model.window)
    }

    /// Encodes texts that were cut into windows, into the rows of `out` from `first` on.
    fn embed_windows(&self, tokenised: &[Vec<TokenInput>], out: &mut Embeddings, first: usize) -> Result<()> {
        let sequences: Vec<&TokenInput> = tokenised.iter().flatten().collect();
        let vectors = self.embed(&sequences)?;
        let mut rows = vectors.iter().zip(&sequences);
        for (text, windows) in tokenised.iter().enumerate() {
            let row = out.row_mut(first + text);
            let tokens: usize = windows.iter().map(|window| window.ids.len()).sum();
            for (vector, window) in rows.by_ref().take(windows.len()) {
                let share = window.ids.len() as f32 / tokens as f32;
                row.iter_mut().zip(vector).for_each(|(out, x)| *out += share * x);
            }
            self.finish(row);
        }
        Ok(())
    }

    /// Encodes pairs of texts, each as one sequence of two segments: `[pairs.len(), dimension]`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when a pair is longer than the window, else as [`Encoder::encode`].
    pub fn encode_pairs(&self, pairs: &[(&str, &str)]) -> Result<Embeddings> {
        let inputs: Vec<TokenInput> = pairs
            .iter()
            .map(|(first, second)| self.inner.tokenizer.encode_pair(first, second))
            .collect::<Result<_>>()?;
        self.encode_tokens(&inputs)
    }

    /// Encodes sequences that the caller tokenised: `[inputs.len(), dimension]`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a sequence that is empty, too long or misshapen, or holds a token that the model does
    /// not know; [`Error::Backend`] when the computation fails.
    pub fn encode_tokens(&self, inputs: &[TokenInput]) -> Result<Embeddings> {
        for input in inputs {
            input.check(self.inner.model.window)?;
        }
        let mut vectors = self.embed(&inputs.iter().collect::<Vec<_>>())?;
        for i in 0..inputs.len() {
            self.finish(vectors.row_mut(i));
        }
        Ok(vectors)
    }

    /// The token ids of a text with the prefix of its kind and special tokens.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a text that the tokenizer refuses.
    pub fn tokenise(&self, kind: TextKind, text: &str) -> Result<TokenInput> {
        self.inner.tokenizer.encode(&format!("{}{text}", self.prefix(kind)))
    }

    /// How many tokens a text has, special tokens and prefix not counted.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.inner.tokenizer.count(text)
    }

    /// Byte ranges of a text's tokens, in order, special tokens and prefix not counted.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a text that the tokenizer refuses.
    pub fn token_offsets(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        self.inner.tokenizer.offsets(text)
    }

    /// The share of a text's letters and digits that lie in tokens of the model's vocabulary, 0 to 1; 1 for a text without any.
    /// A vector says little of a text that the vocabulary mostly does not cover, such as Chinese text in an English model.
    pub fn vocabulary_coverage(&self, text: &str) -> f32 {
        self.inner.tokenizer.vocabulary_coverage(text)
    }

    /// How many tokens a passage has with prefix and special tokens: what must fit the window.
    #[doc(hidden)]
    pub fn count_passage_tokens(&self, text: &str) -> usize {
        // A text that the tokenizer refuses is reported when it is encoded; until then it counts by its bytes.
        self.tokenise(TextKind::Passage, text).map_or(text.len(), |input| input.ids.len())
    }

    /// How many tokens the passage prefix and the special tokens take.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a prefix that the tokenizer refuses.
    #[doc(hidden)]
    pub fn passage_overhead(&self) -> Result<usize> {
        Ok(self.tokenise(TextKind::Passage, "")?.ids.len())
    }

    fn prefix(&self, kind: TextKind) -> &str {
        let prompts = &self.inner.model.prompts;
        match kind {
            TextKind::Query => &prompts.query,
            TextKind::Passage => &prompts.passage,
            TextKind::Plain => "",
        }
    }

    /// Each sequence's pooled vector, not yet normalised. Threads take bundles one by one, longest first.
    fn embed(&self, sequences: &[&TokenInput]) -> Result<Embeddings> {
        let inner = &*self.inner;
        let dimension = inner.model.dimension;
        let lengths: Vec<usize> = sequences.iter().map(|s| s.ids.len()).collect();
        let mut vectors = Embeddings::zeroed(sequences.len(), dimension);
        let bundles = bundles(&lengths, inner.pool.current_num_threads());
        let pooled: Result<Vec<Vec<f32>>> = if let [bundle] = &bundles[..] {
            self.run(sequences, bundle, true).map(|pooled| vec![pooled])
        } else {
            let all = || bundles.par_iter().with_max_len(1).map(|bundle| self.run(sequences, bundle, false)).collect();
            inner.pool.install(all)
        };
        // Before the vectors are given to anybody, and before an error that comes from what is missing.
        inner.backend.check_intact()?;
        let pooled = pooled?;
        for (bundle, pooled) in bundles.iter().zip(pooled) {
            for (&sequence, vector) in bundle.iter().zip(pooled.chunks_exact(dimension)) {
                vectors.row_mut(sequence).copy_from_slice(vector);
            }
        }
        Ok(vectors)
    }

    /// One bundle: its pooled vectors, `[bundle.len(), dimension]`. `alone`: no other waits.
    fn run(&self, sequences: &[&TokenInput], bundle: &[usize], alone: bool) -> Result<Vec<f32>> {
        let inner = &*self.inner;
        let dimension = inner.model.dimension;
        let batch = Batch::of(bundle.iter().map(|&i| sequences[i]));
        let mut states = Vec::new();
        if alone {
            inner.backend.forward_alone(&inner.pool, &batch, &mut states)?;
        } else {
            inner.backend.forward(&batch, &mut states)?;
        }
        let mut pooled = vec![0.0; bundle.len() * dimension];
        for (range, out) in batch.sequences().zip(pooled.chunks_exact_mut(dimension)) {
            let rows = &states[range.start * dimension..range.end * dimension];
            pool(inner.model.pooling, rows, batch.mask_of(range), out);
        }
        Ok(pooled)
    }

    fn finish(&self, vector: &mut [f32]) {
        if self.inner.model.normalise {
            normalise(vector);
        }
    }
}

/// Bytes of text that are tokenised together, one chunk ahead of the encoding: some 50,000 tokens, enough to sort by length.
const TOKENISE_CHUNK_BYTES: usize = 256 * 1024;

/// Cuts a list of texts into ranges of about [`TOKENISE_CHUNK_BYTES`] bytes, at least one text each.
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

/// What a function gives, and how long it took.
fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let made = act();
    (made, started.elapsed())
}

/// The cores this process may use: CPU affinity and cgroup quotas counted, 1 where the system does not say.
fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
