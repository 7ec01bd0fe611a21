//! The arguments.

use nigh::EncoderOptions;

use crate::Failure;

pub const USAGE: &str = "cargo bench --bench encode -- MODEL TEXTS [--precision f32|int8] [--threads N] [--simd LEVEL] \
                         [--rounds N] [--limit N] [--stream] [--cosine N] [--peak GOPS]";

/// The number of texts that a streamed pass holds at a time.
const STREAMED_TEXTS: usize = 4096;

pub struct Plan {
    pub model: String,
    pub texts: String,
    pub options: EncoderOptions,
    pub rounds: usize,
    /// The most texts.
    pub limit: usize,
    /// The texts that are held and encoded at a time.
    pub batch: usize,
    /// The texts whose vectors are compared with those of f32.
    pub cosine: usize,
    /// The peak of one core, in Gop/s.
    pub peak: Option<f64>,
}

impl Plan {
    pub fn parse(words: Vec<String>) -> Result<Self, Failure> {
        let (mut places, mut options) = (Vec::new(), EncoderOptions::default());
        let (mut rounds, mut limit, mut stream, mut cosine, mut peak) = (5, None, false, 0, None);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if !word.starts_with("--") {
                places.push(word);
                continue;
            }
            if word == "--stream" {
                stream = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{word} needs a value; {USAGE}"))?;
            match word.as_str() {
                "--rounds" => rounds = value.parse()?,
                "--limit" => limit = Some(value.parse()?),
                "--cosine" => cosine = value.parse()?,
                "--peak" => peak = Some(value.parse()?),
                "--threads" => options = options.threads(value.parse()?),
                "--precision" => options = options.precision(value.parse()?),
                "--simd" => options = options.simd(value.parse()?),
                _ => return Err(format!("unknown option {word}; {USAGE}").into()),
            }
        }
        let [model, texts] = <[String; 2]>::try_from(places).map_err(|_| USAGE)?;
        let limit = limit.unwrap_or(if stream { usize::MAX } else { 2000 });
        let batch = if stream { STREAMED_TEXTS } else { limit };
        Ok(Self { model, texts, options, rounds, limit, batch, cosine, peak })
    }

    /// Returns the threads of the encoder.
    pub fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.options.threads.unwrap_or_else(all)
    }
}
