//! The words of a text, for marking and comparing texts without an index.

use super::script::is_han_or_kana;

/// Returns the words of a text in lower case, in order. Of adjacent Chinese characters, or kana, it returns the pairs, and a single
/// one as it is.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        let characters: Vec<char> = run.chars().collect();
        for part in characters.chunk_by(|a, b| is_han_or_kana(*a) == is_han_or_kana(*b)) {
            let length = if part.first().copied().is_some_and(is_han_or_kana) { 2.min(part.len()) } else { part.len() };
            words.extend(part.windows(length).map(|word| word.iter().collect::<String>()));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_pairs_of_both_languages() {
        assert_eq!(words("Use GPU显存, 平均池化: 好!"), ["use", "gpu", "显存", "平均", "均池", "池化", "好"]);
        assert!(words("").is_empty() && words(" – 。").is_empty());
    }
}
