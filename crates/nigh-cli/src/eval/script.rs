//! Counts the words of a text, Chinese or not.

use nigh_text::script::is_han;

/// Returns the length of a text in words: a Chinese character counts as half a word.
pub fn words(text: &str) -> usize {
    let chinese = text.chars().filter(|&c| is_han(c)).count();
    let other = text.split(|c: char| !c.is_alphanumeric() || is_han(c)).filter(|word| !word.is_empty()).count();
    chinese / 2 + other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_both_languages() {
        assert_eq!((words(""), words("GPU 显存不足 now")), (0, 4));
    }
}
