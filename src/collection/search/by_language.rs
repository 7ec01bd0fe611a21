//! The distribution of a query's cosines with random passages of a collection, for each language of its documents.
//!
//! Passages in one language are often nearer to a query than those in another, whatever they are about. So the cosine of a
//! passage is compared with those of passages in its own language. Only a few random passages are looked at. The fewer there
//! are in a language, the nearer is its distribution to that of all passages.

use std::collections::HashMap;

use super::distribution::Distribution;
use crate::collection::words::Lexicon;
use crate::error::Result;
use crate::filter::{Field, ValueRef};
use crate::row::RowId;

/// The number of random passages in a language at which its own distribution and that of all passages count equally.
const EQUAL_PASSAGES: f32 = 20.0;

/// The cosines of a query with random passages.
#[derive(Debug, Default)]
pub(super) struct CollectionScores {
    all: Option<Distribution>,
    /// By language; the empty string is an unknown one.
    languages: HashMap<String, Distribution>,
}

impl CollectionScores {
    /// `sample`: rows with their cosines. `language`: the language of each row that has one.
    pub(super) fn of(sample: &[(RowId, f32)], language: &HashMap<RowId, String>) -> Self {
        let cosines: Vec<f32> = sample.iter().map(|&(_, cosine)| cosine).collect();
        let all = Distribution::of(&cosines);
        let mut groups: HashMap<&str, Vec<f32>> = HashMap::new();
        for (row, cosine) in sample {
            groups.entry(language.get(row).map_or("", String::as_str)).or_default().push(*cosine);
        }
        let blended = |cosines: &[f32]| {
            let count = cosines.len() as f32;
            Some(all?.toward(Distribution::of(cosines)?, count / (count + EQUAL_PASSAGES)))
        };
        let languages =
            groups.iter().filter_map(|(language, cosines)| Some(((*language).to_owned(), blended(cosines)?))).collect();
        Self { all, languages }
    }

    /// The distribution for passages in a language; `None` with fewer than two passages.
    pub(super) fn in_language(&self, language: Option<&str>) -> Option<Distribution> {
        self.languages.get(language.unwrap_or_default()).copied().or(self.all)
    }
}

/// Returns the language of each of these rows that has one.
pub(super) fn languages(lexicon: &Lexicon, rows: impl Iterator<Item = RowId>) -> Result<HashMap<RowId, String>> {
    let mut by_segment: Vec<Vec<u32>> = Vec::new();
    for RowId { segment, row } in rows {
        if by_segment.len() <= segment {
            by_segment.resize(segment + 1, Vec::new());
        }
        by_segment[segment].push(row);
    }
    for rows in &mut by_segment {
        rows.sort_unstable();
        rows.dedup();
    }
    let mut languages = HashMap::new();
    lexicon.values(&Field::Language.path(), &by_segment, &mut |row, value| {
        if let ValueRef::Text(language) = value {
            languages.insert(row, language.to_owned());
        }
    })?;
    Ok(languages)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn passages_are_compared_with_those_in_their_language() {
        let row = |row| RowId { segment: 0, row };
        let sample: Vec<(RowId, f32)> = (0..200).map(|i| (row(i), if i % 2 == 0 { 0.4 } else { 0.2 })).collect();
        let languages = (0..100).map(|i| (row(2 * i), "zh".to_owned())).collect();
        let scores = CollectionScores::of(&sample, &languages);
        let mean = |language| scores.in_language(language).unwrap().mean;
        assert!((mean(Some("fr")) - 0.3).abs() < 1e-6, "no passage is French: as for all");
        assert!(mean(Some("zh")) > 0.38 && mean(Some("zh")) < 0.4, "{}", mean(Some("zh")));
        assert!(mean(None) < 0.22 && mean(None) > 0.2);
        assert!(CollectionScores::of(&sample[..1], &languages).in_language(Some("zh")).is_none());
    }
}
