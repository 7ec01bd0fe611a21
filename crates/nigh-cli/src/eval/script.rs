//! Which language a text is taken to be in, by its script.

/// `zh` where at least three in ten letters are Chinese characters, else `en`: every other script counts there.
pub fn language(text: &str) -> &'static str {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let chinese = text.chars().filter(|&c| is_chinese(c)).count();
    if letters > 0 && chinese * 10 >= letters * 3 { "zh" } else { "en" }
}

/// The ideographs of Unicode: the common blocks, and the planes of rare ones.
pub fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// How much a text says, in units that are about a word: Chinese characters at two a word, other words at one.
pub fn words(text: &str) -> usize {
    let chinese = text.chars().filter(|&c| is_chinese(c)).count();
    let other = text.split(|c: char| !c.is_alphanumeric() || is_chinese(c)).filter(|word| !word.is_empty()).count();
    chinese / 2 + other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_and_words() {
        assert_eq!(language("GPU 显存不足怎么办"), "zh");
        assert_eq!(language("the word 池 in English text"), "en");
        assert_eq!((language(""), words("")), ("en", 0));
        assert_eq!(words("GPU 显存不足 now"), 4);
    }
}
