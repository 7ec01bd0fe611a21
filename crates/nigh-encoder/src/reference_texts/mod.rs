//! Reference texts: texts on all subjects in several languages, encoded once per model.
//!
//! The distribution of a query's cosines with them calibrates relevance, independently of any collection. The differences
//! between the languages define the [language-neutral space](crate::space).
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | [`ReferenceTexts`]: encode, read, write, compare with a query |
//! | `passages/` | 64 passages for each language, one per line, as varied in subject and style as possible |
//! | `queries/` | 64 queries for each language |
//!
//! Line n of each language is on the same subject, so that the languages differ in nothing else.
//!
//! The vectors are kept in the model's directory, in a packed file (see `packed/`). Its name contains the fingerprint of model
//! and space, and its description identifies the texts. If the file is missing, damaged or of other texts, it is written
//! again. If it cannot be written, the vectors stay in memory.
//!
//! | section | content |
//! |---|---|
//! | a language: `en`, `zh`, … | `[passages, dimension]`, f16, little-endian, row-major, each of length 1 |
//! | `neutral` | only in the language-neutral space: the numbers of its transform, f32, little-endian |
//!
//! Texts that the model's vocabulary mostly does not cover are left out. A language with too few remaining texts is empty.

use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::f16;

use super::engine::Encoder;
use super::options::TextKind;
use super::packed::{PackedFile, PackedWriter, write_file};
use super::space::{NeutralTransform, VectorSpace};
use super::tokenizer::Tokenizer;
use crate::error::Result;
use nigh_kernel::Simd;
use nigh_kernel::dot::dot_rows_f16;

/// The texts of a language.
struct LanguageTexts {
    /// ISO 639-1.
    language: &'static str,
    passages: &'static str,
    queries: &'static str,
}

macro_rules! texts {
    ($($language:literal),*) => {
        [$(LanguageTexts {
            language: $language,
            passages: include_str!(concat!("passages/", $language, ".txt")),
            queries: include_str!(concat!("queries/", $language, ".txt")),
        }),*]
    };
}

/// The order is part of the file format.
const TEXTS: [LanguageTexts; 8] = texts!("en", "zh", "ja", "ko", "fr", "de", "ru", "es");
/// The hash of all texts, hexadecimal, which a test computes. It is a part of the fingerprint of the language-neutral space: if the
/// texts change, collections in that space can no longer be opened.
pub(super) const TEXTS_HASH: &str = "ac54191e7e2afe871b436db5c62c8df845e454ddff93ccc0467a6e28a4684648";
/// The section of the transform.
const NEUTRAL: &str = "neutral";
/// To be changed when the same texts are stored in another way. The name is older than the term "reference texts".
const SCHEME: &str = "background-3";
/// The number of hexadecimal digits of the fingerprint in the file's name. The file contains all of them.
const FINGERPRINT_DIGITS: usize = 12;
/// The lowest vocabulary coverage of a text that is encoded.
const MIN_COVERAGE: f32 = 0.6;
/// The smallest mean number of letters per token of a language whose words a vocabulary has. A vocabulary of letters gives 1
/// or a little less, as punctuation counts too; one of Chinese characters and words gives more.
const MIN_LETTERS_PER_TOKEN: f32 = 1.1;
/// The smallest number of texts per language. With fewer, their mean and standard deviation mean little.
const MIN_TEXTS: usize = 16;

/// The vectors that a model gives the reference texts, in one space.
#[derive(Debug, PartialEq)]
pub struct ReferenceTexts {
    /// The passages of each language of [`TEXTS`]: `[passages, dimension]`, bits of f16, row-major; empty if the model does
    /// not know the language.
    passages: [Vec<u16>; TEXTS.len()],
    /// `None` in the original space.
    neutral: Option<NeutralTransform>,
    dimension: usize,
}

impl ReferenceTexts {
    /// Returns the cosines of a query vector of length 1 with the texts that a passage in an alphabet is compared with, and
    /// with those for a passage in Han or kana. In the language-neutral space both are all texts; in the original space they
    /// are the English and the Chinese ones, since there a language's texts are near each other. Empty for a language that
    /// the model does not know, and for a vector of another dimension.
    pub fn cosines(&self, query: &[f32]) -> [Vec<f32>; 2] {
        let cosines = |passages: &[u16]| {
            if query.len() != self.dimension || self.dimension == 0 {
                return Vec::new();
            }
            let mut cosines = vec![0.0; passages.len() / self.dimension];
            dot_rows_f16(Simd::detect(), query, passages, &mut cosines);
            cosines
        };
        let [english, chinese, ..] = &self.passages;
        if self.neutral.is_none() {
            return [cosines(english), cosines(chinese)];
        }
        let all: Vec<f32> = self.passages.iter().flat_map(|passages| cosines(passages)).collect();
        [all.clone(), all]
    }

    /// Reads the file in a model's directory, if it is there and valid. `fingerprint`: of the model and the space.
    pub fn find(model: &Path, fingerprint: &str, dimension: usize) -> Option<Self> {
        Self::read(&path_in(model, fingerprint), &about(fingerprint), dimension)
    }

    /// The transform into the language-neutral space.
    pub(super) fn neutral(&self) -> Option<&NeutralTransform> {
        self.neutral.as_ref()
    }

    /// Encodes the texts that the model's vocabulary covers.
    fn encoded(encoder: &Encoder, space: VectorSpace) -> Result<Self> {
        let encode = |kind, texts: &str| -> Result<Vec<Vec<f32>>> {
            let covered: Vec<&str> =
                texts.lines().filter(|text| encoder.vocabulary_coverage(text) >= MIN_COVERAGE).collect();
            if covered.len() < MIN_TEXTS {
                return Ok(Vec::new());
            }
            let vectors = encoder.encode_in_original_space(kind, &covered)?;
            Ok(vectors.iter().map(nigh_kernel::vector::unit).collect())
        };
        let (mut passages, mut neutral) = (std::array::from_fn(|_| Vec::new()), None);
        match space {
            VectorSpace::Original => {
                for (language, texts) in TEXTS.iter().take(2).enumerate() {
                    passages[language] = encode(TextKind::Passage, texts.passages)?;
                }
            }
            VectorSpace::LanguageNeutral => {
                let (mut query_means, mut passage_means) = (Vec::new(), Vec::new());
                for (language, texts) in TEXTS.iter().enumerate() {
                    let (queries, found) =
                        (encode(TextKind::Query, texts.queries)?, encode(TextKind::Passage, texts.passages)?);
                    if !queries.is_empty() && !found.is_empty() {
                        query_means.push(mean(&queries));
                        passage_means.push(mean(&found));
                        passages[language] = found;
                    }
                }
                let transform = NeutralTransform::of_means(&query_means, &passage_means);
                passages.iter_mut().flatten().for_each(|vector| transform.apply(TextKind::Passage, vector));
                neutral = Some(transform);
            }
        }
        let bits = |vectors: Vec<Vec<f32>>| vectors.into_iter().flatten().map(|x| f16::from_f32(x).to_bits()).collect();
        Ok(Self { passages: passages.map(bits), neutral, dimension: encoder.dimension() })
    }

    fn write<W: Write + Seek>(&self, writer: &mut PackedWriter<W>) -> io::Result<()> {
        for (texts, passages) in TEXTS.iter().zip(&self.passages) {
            let bytes: Vec<u8> = passages.iter().flat_map(|bits| bits.to_le_bytes()).collect();
            writer.section(texts.language, &bytes)?;
        }
        if let Some(neutral) = &self.neutral {
            let bytes: Vec<u8> = neutral.to_numbers().into_iter().flat_map(f32::to_le_bytes).collect();
            writer.section(NEUTRAL, &bytes)?;
        }
        Ok(())
    }

    /// Reads a file; `None` if its description is not `about`, or if it is damaged.
    fn read(path: &Path, about: &str, dimension: usize) -> Option<Self> {
        let file = PackedFile::open(path).ok().filter(|file| file.about() == about)?;
        let mut passages = std::array::from_fn(|_| Vec::new());
        for (texts, passages) in TEXTS.iter().zip(&mut passages) {
            let (values, rest) = file.bytes(file.section(texts.language).ok()?).as_chunks::<2>();
            *passages = values.iter().map(|&bits| u16::from_le_bytes(bits)).collect::<Vec<u16>>();
            if !rest.is_empty() || !passages.len().is_multiple_of(dimension.max(1)) {
                return None;
            }
        }
        let neutral = match file.section(NEUTRAL) {
            Err(_) => None,
            Ok(section) => {
                let (values, _) = file.bytes(section).as_chunks::<4>();
                let numbers: Vec<f32> = values.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
                Some(NeutralTransform::of_numbers(&numbers, dimension)?)
            }
        };
        file.is_intact().then_some(Self { passages, neutral, dimension })
    }
}

/// True if a vocabulary has words of at least two scripts. A vocabulary that has only the letters of a script does not have
/// its words.
pub(super) fn knows_several_scripts(tokenizer: &Tokenizer) -> bool {
    let knows = |language: &str| {
        let texts = TEXTS.iter().find(|texts| texts.language == language).map_or("", |texts| texts.passages);
        let covered = texts.lines().filter(|text| tokenizer.vocabulary_coverage(text) >= MIN_COVERAGE).count();
        let letters = texts.chars().filter(|c| c.is_alphanumeric()).count() as f32;
        covered >= MIN_TEXTS && letters >= MIN_LETTERS_PER_TOKEN * tokenizer.count(texts) as f32
    };
    ["en", "zh", "ja", "ko", "ru"].into_iter().filter(|language| knows(language)).nth(1).is_some()
}

/// Returns the mean of vectors, `[dimension]`.
fn mean(vectors: &[Vec<f32>]) -> Vec<f64> {
    let mut sum = vec![0.0; vectors.first().map_or(0, Vec::len)];
    for vector in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    sum.iter_mut().for_each(|x| *x /= vectors.len() as f64);
    sum
}

fn path_in(model: &Path, fingerprint: &str) -> PathBuf {
    model.join(format!("nigh-background-{}.packed", fingerprint.get(..FINGERPRINT_DIGITS).unwrap_or(fingerprint)))
}

/// Returns the description that the file must have.
fn about(fingerprint: &str) -> String {
    format!("{SCHEME} {TEXTS_HASH} {fingerprint}")
}

impl Encoder {
    /// Returns the model's reference texts in the encoder's space: reads them from its directory, or encodes them the first
    /// time, which takes one to five seconds.
    ///
    /// # Errors
    /// The errors of [`Encoder::encode`] and [`Encoder::fingerprint`].
    #[doc(hidden)]
    pub fn reference_texts(&self) -> Result<Arc<ReferenceTexts>> {
        self.cached_reference_texts(|| {
            let (model, fingerprint) = (self.model().path(), self.fingerprint()?);
            if let Some(stored) = ReferenceTexts::find(model, fingerprint, self.dimension()) {
                return Ok(stored);
            }
            let texts = ReferenceTexts::encoded(self, self.space())?;
            // If this fails, the texts are only encoded again next time.
            let _ = write_file(&path_in(model, fingerprint), |writer| texts.write(writer).map(|()| about(fingerprint)));
            Ok(texts)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn texts_are_unique_and_as_many_in_each_language() {
        let mut unique = std::collections::HashSet::new();
        for texts in &TEXTS {
            for (lines, length) in [(texts.passages, 20..400), (texts.queries, 5..120)] {
                assert_eq!(lines.lines().count(), 64, "{}", texts.language);
                for line in lines.lines() {
                    assert!(length.contains(&line.chars().count()), "{line}");
                    assert!(unique.insert(line), "{line}");
                }
            }
        }
    }

    #[test]
    fn texts_never_change() {
        let mut hasher = blake3::Hasher::new();
        for texts in &TEXTS {
            for part in [texts.language, texts.passages, texts.queries] {
                hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
            }
        }
        assert_eq!(TEXTS_HASH, "ac54191e7e2afe871b436db5c62c8df845e454ddff93ccc0467a6e28a4684648");
        assert_eq!(hasher.finalize().to_hex().as_str(), TEXTS_HASH);
    }

    #[test]
    fn file_round_trips_and_is_refused_if_damaged_or_of_another_model() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (path_in(directory.path(), "0123456789abcdef"), path_in(directory.path(), "abc"));
        assert_ne!(path, other);
        let bits = |values: &[f32]| values.iter().map(|&x| f16::from_f32(x).to_bits()).collect::<Vec<u16>>();
        let texts = |neutral| {
            let mut passages: [Vec<u16>; 8] = std::array::from_fn(|_| Vec::new());
            (passages[0], passages[2]) = (bits(&[1.0, 0.0, 0.6, 0.8]), bits(&[0.0, 1.0]));
            ReferenceTexts { passages, neutral, dimension: 2 }
        };
        let means = [vec![0.5, 0.1], vec![0.1, 0.5]];
        let write = |fingerprint: &str, texts: &ReferenceTexts| {
            let about = about(fingerprint);
            write_file(&path, |writer| texts.write(writer).map(|()| about)).unwrap();
        };
        let find = |fingerprint| ReferenceTexts::find(directory.path(), fingerprint, 2);
        for neutral in [None, Some(NeutralTransform::of_means(&means, &means))] {
            write("0123456789abcdef", &texts(neutral.clone()));
            assert_eq!(find("0123456789abcdef"), Some(texts(neutral.clone())));
            assert_eq!(find("0123456789abcdff"), None, "another model with the same first digits");
            assert_eq!(ReferenceTexts::find(directory.path(), "0123456789abcdef", 3), None, "another dimension");
            let whole = std::fs::read(&path).unwrap();
            for at in [0, 40, 130, whole.len() - 1] {
                let mut damaged = whole.clone();
                damaged[at] ^= 1;
                std::fs::write(&path, damaged).unwrap();
                assert_eq!(find("0123456789abcdef"), None, "byte {at}");
            }
            std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
            assert_eq!(find("0123456789abcdef"), None);
            let [alphabetic, han] = texts(neutral.clone()).cosines(&[0.0, 1.0]);
            assert!((alphabetic[1] - 0.8).abs() < 1e-3);
            assert_eq!((alphabetic.len(), han.len()), if neutral.is_some() { (3, 3) } else { (2, 0) });
            assert!(texts(neutral).cosines(&[1.0]).iter().all(Vec::is_empty));
        }
    }
}
