//! Words of Chinese, from jieba's dictionary.

use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use jieba_rs::Jieba;

/// The words of the dictionary and how often each came, a line a word. jieba-rs packs its own copy with zstd, which wants a C
/// compiler. Made from its `dict.txt`, of version 0.11: `cut -d' ' -f1,2 dict.txt | gzip -9n`. The licence is `words.LICENSE`.
static WORDS: &[u8] = include_bytes!("words.txt.gz");

/// Shows the words of a run, and the shorter words inside long ones. The dictionary is read when Chinese text comes first;
/// without guesses at unknown words (jieba's HMM), which were worth nothing on any set measured.
pub(super) fn words(run: &str, show: &mut dyn FnMut(&str)) {
    static DICTIONARY: OnceLock<Jieba> = OnceLock::new();
    for token in DICTIONARY.get_or_init(read).cut_for_search(run, false) {
        show(token.word);
    }
}

fn read() -> Jieba {
    let mut words = Vec::with_capacity(WORDS.len() * 4);
    // The file is a part of the program, and a test counts its words. Without them characters and pairs of them are left.
    let unpacked = GzDecoder::new(WORDS).read_to_end(&mut words);
    debug_assert!(unpacked.is_ok(), "{unpacked:?}");
    let jieba = Jieba::with_dict(&mut words.as_slice());
    debug_assert!(jieba.is_ok(), "words.txt.gz has a line that is none");
    jieba.unwrap_or_else(|_| Jieba::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_is_whole() {
        let mut all = String::new();
        GzDecoder::new(WORDS).read_to_string(&mut all).unwrap();
        assert_eq!(all.lines().count(), 349_045);
        let jieba = read();
        for line in all.lines().step_by(1000).chain(all.lines().last()) {
            let (word, count) = line.split_once(' ').unwrap();
            assert!(count.parse::<u64>().is_ok() && jieba.has_word(word), "{line}");
        }
    }

    #[test]
    fn long_words_and_the_words_in_them() {
        let mut found = Vec::new();
        words("南京市长江大桥", &mut |word| found.push(word.to_owned()));
        assert_eq!(found, ["南京", "京市", "南京市", "长江", "大桥", "长江大桥"]);
    }
}
