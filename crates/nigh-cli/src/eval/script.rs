//! How much a text says, counted in words, Chinese or not.

use nigh_text::script::is_han;

/// How much a text says, in units of about a word: Chinese characters count half a word each, other words one.
pub fn words(text: &str) -> usize {
    let chinese = text.chars().filter(|&c| is_han(c)).count();
    let other = text.split(|c: char| !c.is_alphanumeric() || is_han(c)).filter(|word| !word.is_empty()).count();
    chinese / 2 + other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_languages() {
        assert_eq!((words(""), words("GPU 显存不足 now")), (0, 4));
    }
}
