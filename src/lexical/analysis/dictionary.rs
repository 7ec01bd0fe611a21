//! Chinese words from jieba's dictionary.

use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use jieba_rs::Jieba;

/// The words of the dictionary and their frequencies, one line for each word. Made from `dict.txt` of jieba-rs 0.11:
/// `cut -d' ' -f1,2 dict.txt | gzip -9n`. The packed copy in jieba-rs needs zstd, and so a C compiler. The licence is `words.LICENSE`.
static WORDS: &[u8] = include_bytes!("words.txt.gz");

/// Emits the words of a run, and the shorter words inside long ones. The dictionary is loaded on first use. Jieba's HMM for unknown
/// words is off: it improved no measured set.
pub(super) fn words(run: &str, emit: &mut dyn FnMut(&str)) {
    static DICTIONARY: OnceLock<Jieba> = OnceLock::new();
    for token in DICTIONARY.get_or_init(load_dictionary).cut_for_search(run, false) {
        emit(token.word);
    }
}

fn load_dictionary() -> Jieba {
    let mut words = Vec::with_capacity(WORDS.len() * 4);
    // The file is compiled in, and a test counts its words. Without it Chinese is indexed by characters and bigrams.
    let unpacked = GzDecoder::new(WORDS).read_to_end(&mut words);
    debug_assert!(unpacked.is_ok(), "{unpacked:?}");
    let jieba = Jieba::with_dict(&mut words.as_slice());
    debug_assert!(jieba.is_ok(), "words.txt.gz has an invalid line");
    jieba.unwrap_or_else(|_| Jieba::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionary_is_complete() {
        let mut lines = String::new();
        GzDecoder::new(WORDS).read_to_string(&mut lines).unwrap();
        assert_eq!(lines.lines().count(), 349_045);
        let jieba = load_dictionary();
        for line in lines.lines().step_by(1000).chain(lines.lines().last()) {
            let (word, count) = line.split_once(' ').unwrap();
            assert!(count.parse::<u64>().is_ok() && jieba.has_word(word), "{line}");
        }
    }

    #[test]
    fn long_words_give_the_shorter_words_in_them() {
        let mut found = Vec::new();
        words("南京市长江大桥", &mut |word| found.push(word.to_owned()));
        assert_eq!(found, ["南京", "京市", "南京市", "长江", "大桥", "长江大桥"]);
    }
}
