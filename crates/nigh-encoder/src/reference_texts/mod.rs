//! Reference texts: 128 texts on all subjects, encoded once per model. The distribution of a query's cosines with them
//! calibrates relevance, independently of any collection.
//!
//! `texts.txt` has one text per line, half English and half Chinese, as varied in subject and style as possible. Their vectors are
//! kept in the model's directory, in a packed file (see `packed/`). Its name contains the model's fingerprint, and its
//! description identifies the texts. If the file is missing, damaged or of other texts, it is written again. If it cannot be
//! written, the vectors stay in memory.
//!
//! | section | content |
//! |---|---|
//! | english | `[texts, dimension]`, f16, little-endian, row-major, each of length 1 |
//! | chinese | the same |
//!
//! Texts that the model's vocabulary mostly does not cover are left out. A language with too few remaining texts is empty.

use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::f16;

use super::engine::Encoder;
use super::options::TextKind;
use super::packed::{PackedFile, PackedWriter, write_file};
use crate::error::Result;
use nigh_kernel::Simd;
use nigh_kernel::dot::dot_rows_f16;
use nigh_kernel::vector::normalise;
use nigh_text::script::is_basic_han;

const TEXTS: &str = include_str!("texts.txt");
/// The version of the file. Change it when the same texts are stored in another way. The name is older than the term "reference texts".
const SCHEME: &str = "background-2";
const SECTIONS: [&str; 2] = ["english", "chinese"];
/// The number of hexadecimal digits of the fingerprint in the file's name. The file contains all of them.
const FINGERPRINT_DIGITS: usize = 12;
/// The lowest vocabulary coverage of a text that is encoded.
const MIN_COVERAGE: f32 = 0.6;
/// The smallest number of texts per language. With fewer, their standard deviation means little.
const MIN_TEXTS: usize = 16;

/// The vectors that a model gives the reference texts.
#[derive(Debug, PartialEq)]
pub struct ReferenceTexts {
    /// English and Chinese, each `[texts, dimension]`, bits of f16, row-major; empty if the model does not know the language.
    halves: [Vec<u16>; 2],
    dimension: usize,
}

impl ReferenceTexts {
    /// Returns the cosines of a query vector of length 1 with the English texts, and with the Chinese ones. Empty for a
    /// language that the model does not know, and for a vector of another dimension.
    pub fn cosines(&self, query: &[f32]) -> [Vec<f32>; 2] {
        self.halves.each_ref().map(|half| {
            if query.len() != self.dimension || self.dimension == 0 {
                return Vec::new();
            }
            let mut cosines = vec![0.0; half.len() / self.dimension];
            dot_rows_f16(Simd::detect(), query, half, &mut cosines);
            cosines
        })
    }

    /// Reads the file in a model's directory; `None` if it is missing or invalid.
    pub fn find(model: &Path, fingerprint: &str, dimension: usize) -> Option<Self> {
        Self::read(&path_in(model, fingerprint), &about(fingerprint), dimension)
    }

    /// Encodes the texts that the model's vocabulary covers.
    fn encode(encoder: &Encoder) -> Result<Self> {
        let mut halves = [Vec::new(), Vec::new()];
        let (english, chinese): (Vec<&str>, Vec<&str>) = TEXTS.lines().partition(|text| is_english(text));
        for (half, mut texts) in halves.iter_mut().zip([english, chinese]) {
            texts.retain(|text| encoder.vocabulary_coverage(text) >= MIN_COVERAGE);
            if texts.len() < MIN_TEXTS {
                continue;
            }
            let mut vectors = encoder.encode_as(TextKind::Passage, &texts)?;
            (0..texts.len()).for_each(|i| normalise(vectors.row_mut(i)));
            *half = vectors.into_vec().into_iter().map(|x| f16::from_f32(x).to_bits()).collect();
        }
        Ok(Self { halves, dimension: encoder.dimension() })
    }

    fn write<W: Write + Seek>(&self, writer: &mut PackedWriter<W>) -> io::Result<()> {
        for (name, half) in SECTIONS.into_iter().zip(&self.halves) {
            let bytes: Vec<u8> = half.iter().flat_map(|bits| bits.to_le_bytes()).collect();
            writer.section(name, &bytes)?;
        }
        Ok(())
    }

    /// Reads a file; `None` if its description is not `about`, or if it is damaged.
    fn read(path: &Path, about: &str, dimension: usize) -> Option<Self> {
        let file = PackedFile::open(path).ok().filter(|file| file.about() == about)?;
        let mut halves = [Vec::new(), Vec::new()];
        for (name, half) in SECTIONS.into_iter().zip(&mut halves) {
            let (values, rest) = file.bytes(file.section(name).ok()?).as_chunks::<2>();
            *half = values.iter().map(|&bits| u16::from_le_bytes(bits)).collect();
            if !rest.is_empty() || !half.len().is_multiple_of(dimension.max(1)) {
                return None;
            }
        }
        file.is_intact().then_some(Self { halves, dimension })
    }
}

/// True if a text belongs to the English half: it has no Chinese character.
fn is_english(text: &str) -> bool {
    !text.contains(is_basic_han)
}

fn path_in(model: &Path, fingerprint: &str) -> PathBuf {
    model.join(format!("nigh-background-{}.packed", fingerprint.get(..FINGERPRINT_DIGITS).unwrap_or(fingerprint)))
}

/// Returns the description that the file must have.
fn about(fingerprint: &str) -> String {
    format!("{SCHEME} {} {fingerprint}", blake3::hash(TEXTS.as_bytes()).to_hex())
}

impl Encoder {
    /// Returns the model's reference texts: reads them from its directory, or encodes them the first time, which takes about a
    /// second.
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
            let texts = ReferenceTexts::encode(self)?;
            // If this fails, the only effect is that the texts are encoded again next time.
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
    fn texts_are_unique_and_half_of_them_english() {
        let lines: Vec<&str> = TEXTS.lines().collect();
        let english = lines.iter().filter(|text| is_english(text)).count();
        assert_eq!((lines.len(), english), (128, 64));
        let unique: std::collections::HashSet<&&str> = lines.iter().collect();
        assert_eq!(unique.len(), lines.len());
        assert!(lines.iter().all(|text| (20..400).contains(&text.chars().count())));
    }

    #[test]
    fn file_round_trips_and_is_refused_if_damaged_or_of_another_model() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (path_in(directory.path(), "0123456789abcdef"), path_in(directory.path(), "abc"));
        assert_ne!(path, other);
        let bits = |values: &[f32]| values.iter().map(|&x| f16::from_f32(x).to_bits()).collect::<Vec<u16>>();
        let texts = ReferenceTexts { halves: [bits(&[1.0, 0.0, 0.6, 0.8]), Vec::new()], dimension: 2 };
        let write = |fingerprint: &str| {
            let about = about(fingerprint);
            write_file(&path, |writer| texts.write(writer).map(|()| about)).unwrap();
        };
        write("0123456789abcdef");
        let find = |fingerprint| ReferenceTexts::find(directory.path(), fingerprint, 2);
        assert_eq!(find("0123456789abcdef"), Some(ReferenceTexts { halves: texts.halves.clone(), dimension: 2 }));
        assert_eq!(find("0123456789abcdff"), None, "another model with the same first digits");
        assert_eq!(ReferenceTexts::find(directory.path(), "0123456789abcdef", 3), None, "another dimension");
        let [english, chinese] = texts.cosines(&[0.0, 1.0]);
        assert!(english.len() == 2 && (english[1] - 0.8).abs() < 1e-3 && chinese.is_empty());
        assert!(texts.cosines(&[1.0]).iter().all(Vec::is_empty));
        let intact = std::fs::read(&path).unwrap();
        for byte in [0, 40, 130, intact.len() - 1] {
            let mut damaged = intact.clone();
            damaged[byte] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(find("0123456789abcdef"), None, "byte {byte}");
        }
        std::fs::write(&path, &intact[..intact.len() / 2]).unwrap();
        assert_eq!(find("0123456789abcdef"), None);
    }
}
