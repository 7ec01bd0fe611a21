//! How a model's cosines lie before any collection is looked at: texts about everything, encoded once and kept with the model.
//!
//! `texts.txt` has a text a line, half English and half Chinese, as varied in subject and style as can be. What a model makes
//! of them is kept beside it in a file of `packed/` that is named by the model's fingerprint, and says of itself
//! which texts it is of. Absent, of other texts or damaged, it is made again; where the directory cannot be written, it is
//! kept in memory.
//!
//! | section | |
//! |---|---|
//! | english | `[texts, dimension]`, f16, little-endian, row-major, each of length 1 |
//! | chinese | the same |
//!
//! Texts that the model's vocabulary mostly does not know are left out, and so is a half of which too few are left.

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
/// Bumped when the same texts would be kept in another way.
const SCHEME: &str = "background-2";
const SECTIONS: [&str; 2] = ["english", "chinese"];
/// Hexadecimal digits of the fingerprint in the file's name; the whole is in the file.
const DIGITS: usize = 12;
/// Below this share of a text's letters the model knows too little of it.
const KNOWN: f32 = 0.6;
/// Of fewer texts a deviation says little.
const FEWEST: usize = 16;

/// A model's vectors of texts about everything.
#[derive(Debug, PartialEq)]
pub struct Background {
    /// English and Chinese, each `[texts, dimension]`, the bits of f16, row-major; empty where the model does not know the
    /// language.
    halves: [Vec<u16>; 2],
    dimension: usize,
}

impl Background {
    /// The cosines of a vector of length 1 with the English texts, and with the Chinese ones; none with a half that the
    /// model does not know, or for a vector of another dimension.
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

    /// The one that is kept in a model's directory, if there is one.
    pub fn find(model: &Path, fingerprint: &str, dimension: usize) -> Option<Self> {
        Self::read(&beside(model, fingerprint), &about(fingerprint), dimension)
    }

    /// What an encoder makes of the texts that it knows.
    fn encoded(encoder: &Encoder) -> Result<Self> {
        let mut halves = [Vec::new(), Vec::new()];
        let (english, chinese): (Vec<&str>, Vec<&str>) = TEXTS.lines().partition(|text| is_english(text));
        for (half, mut texts) in halves.iter_mut().zip([english, chinese]) {
            texts.retain(|text| encoder.vocabulary_coverage(text) >= KNOWN);
            if texts.len() < FEWEST {
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

    /// What a file holds, if it is what `about` says and not damaged.
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

/// Whether a line of the texts is of the English half: that one has no Chinese character.
fn is_english(text: &str) -> bool {
    !text.contains(is_basic_han)
}

fn beside(model: &Path, fingerprint: &str) -> PathBuf {
    model.join(format!("nigh-background-{}.packed", fingerprint.get(..DIGITS).unwrap_or(fingerprint)))
}

/// What the file must say of itself.
fn about(fingerprint: &str) -> String {
    format!("{SCHEME} {} {fingerprint}", blake3::hash(TEXTS.as_bytes()).to_hex())
}

impl Encoder {
    /// The model's background: read from beside it, or made the first time, which takes about a second.
    ///
    /// # Errors
    /// As [`Encoder::encode`] and [`Encoder::fingerprint`].
    #[doc(hidden)]
    pub fn background(&self) -> Result<Arc<Background>> {
        self.kept_background(|| {
            let (model, fingerprint) = (self.model().path(), self.fingerprint()?);
            if let Some(kept) = Background::find(model, fingerprint, self.dimension()) {
                return Ok(kept);
            }
            let made = Background::encoded(self)?;
            // Not being able to keep it costs time, nothing else.
            let _ = write_file(&beside(model, fingerprint), |writer| made.write(writer).map(|()| about(fingerprint)));
            Ok(made)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn the_texts_are_as_many_in_both_languages_and_each_is_one_of_its_kind() {
        let lines: Vec<&str> = TEXTS.lines().collect();
        let english = lines.iter().filter(|text| is_english(text)).count();
        assert_eq!((lines.len(), english), (128, 64));
        let unique: std::collections::HashSet<&&str> = lines.iter().collect();
        assert_eq!(unique.len(), lines.len());
        assert!(lines.iter().all(|text| (20..400).contains(&text.chars().count())));
    }

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (beside(directory.path(), "0123456789abcdef"), beside(directory.path(), "abc"));
        assert_ne!(path, other);
        let bits = |values: &[f32]| values.iter().map(|&x| f16::from_f32(x).to_bits()).collect::<Vec<u16>>();
        let made = Background { halves: [bits(&[1.0, 0.0, 0.6, 0.8]), Vec::new()], dimension: 2 };
        let fill = |fingerprint: &str| {
            let about = about(fingerprint);
            write_file(&path, |writer| made.write(writer).map(|()| about)).unwrap();
        };
        fill("0123456789abcdef");
        let find = |fingerprint| Background::find(directory.path(), fingerprint, 2);
        assert_eq!(find("0123456789abcdef"), Some(Background { halves: made.halves.clone(), dimension: 2 }));
        assert_eq!(find("0123456789abcdff"), None, "another model of the same first digits");
        assert_eq!(Background::find(directory.path(), "0123456789abcdef", 3), None, "another dimension");
        let [english, chinese] = made.cosines(&[0.0, 1.0]);
        assert!(english.len() == 2 && (english[1] - 0.8).abs() < 1e-3 && chinese.is_empty());
        assert!(made.cosines(&[1.0]).iter().all(Vec::is_empty));
        let whole = std::fs::read(&path).unwrap();
        for at in [0, 40, 130, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(find("0123456789abcdef"), None, "byte {at}");
        }
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(find("0123456789abcdef"), None);
    }
}
