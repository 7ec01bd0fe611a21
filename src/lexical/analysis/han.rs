//! Chinese: characters and bigrams, so that neither a wrong cut nor a rare name hides a text; and words.

use std::io::Read;
use std::sync::OnceLock;

use jieba_rs::Jieba;

/// The words of jieba's dictionary and how often each came, a line a word. The crate's own copy of it is packed with zstd, which
/// wants a C compiler. Made from `dict.txt` of jieba-rs 0.11: `cut -d' ' -f1,2 dict.txt | gzip -9n`. Its licence is
/// `words.LICENSE`.
static WORDS: &[u8] = include_bytes!("words.txt.gz");

/// Longest word of a query's cut, in characters.
pub(in crate::lexical) const LONGEST_WORD: usize = 8;

/// Shows each character and each pair of neighbours.
pub(super) fn grams(run: &str, show: &mut dyn FnMut(&str)) {
    let mut before: Option<usize> = None;
    for (at, c) in run.char_indices() {
        let end = at + c.len_utf8();
        show(&run[at..end]);
        if let Some(before) = before {
            show(&run[before..end]);
        }
        before = Some(at);
    }
}

/// Shows the words of stored text, and the shorter words inside long ones. The dictionary is read when Chinese text comes first;
/// without guesses at unknown words (jieba's HMM), which were worth nothing on any set measured.
pub(super) fn stored_words(run: &str, show: &mut dyn FnMut(&str)) {
    static DICTIONARY: OnceLock<Jieba> = OnceLock::new();
    let jieba = DICTIONARY.get_or_init(dictionary);
    for token in jieba.cut_for_search(run, false) {
        show(token.word);
    }
}

fn dictionary() -> Jieba {
    let mut words = Vec::with_capacity(WORDS.len() * 4);
    // What is read is a part of the program; a test counts its words. Without them, characters and bigrams are left.
    let read = flate2::read::GzDecoder::new(WORDS).read_to_end(&mut words);
    debug_assert!(read.is_ok(), "{read:?}");
    let jieba = Jieba::with_dict(&mut words.as_slice());
    debug_assert!(jieba.is_ok(), "words.txt has a line that is none");
    jieba.unwrap_or_else(|_| Jieba::empty())
}

/// The cut of a run into words that is likeliest when words come as often as they do in documents, as jieba does with its
/// dictionary (Viterbi over the graph of words). `frequency` says in how many documents a word is; `total` is their sum. A
/// character that no document has alone counts half a document. Returns byte ranges.
pub(in crate::lexical) fn best_cut<E>(
    run: &str,
    total: f64,
    mut frequency: impl FnMut(usize, usize) -> Result<u64, E>,
) -> Result<Vec<std::ops::Range<usize>>, E> {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    let count = starts.len() - 1;
    // [characters + 1]: the best log-probability up to here, and where its last word begins.
    let mut best = vec![(f64::NEG_INFINITY, 0); count + 1];
    best[0] = (0.0, 0);
    let total = total.max(1.0).ln();
    for end in 1..=count {
        for begin in end.saturating_sub(LONGEST_WORD)..end {
            let found = frequency(starts[begin], starts[end])?;
            let weight = match (found, end - begin) {
                (0, 1) => 0.5,
                (0, _) => continue,
                _ => found as f64,
            };
            let score = best[begin].0 + f64::ln(weight) - total;
            if score > best[end].0 {
                best[end] = (score, begin);
            }
        }
    }
    let (mut cut, mut end) = (Vec::new(), count);
    while end > 0 {
        let begin = best[end].1;
        cut.push(starts[begin]..starts[end]);
        end = begin;
    }
    cut.reverse();
    Ok(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_cut() {
        let words = [
            ("南京", 20),
            ("南京市", 30),
            ("市长", 25),
            ("长江", 40),
            ("大桥", 30),
            ("长江大桥", 12),
            ("江", 9),
            ("市", 9),
        ];
        let run = "南京市长江大桥";
        let frequency = |begin, end| {
            let word: &str = &run[begin..end];
            Ok::<_, ()>(words.iter().find(|(known, _)| *known == word).map_or(0, |(_, count)| *count))
        };
        let cut = best_cut(run, 200.0, frequency).unwrap();
        assert_eq!(cut.into_iter().map(|range| &run[range]).collect::<Vec<_>>(), ["南京市", "长江大桥"]);
    }

    #[test]
    fn what_nobody_knows_is_cut_into_characters() {
        let cut = best_cut("魑魅", 10.0, |_, _| Ok::<_, ()>(0)).unwrap();
        assert_eq!(cut, [0..3, 3..6]);
        assert!(best_cut("", 10.0, |_, _| Ok::<_, ()>(0)).unwrap().is_empty());
    }

    #[test]
    fn the_dictionary_is_whole() {
        let mut words = String::new();
        flate2::read::GzDecoder::new(WORDS).read_to_string(&mut words).unwrap();
        assert_eq!(words.lines().count(), 349_045);
        let jieba = dictionary();
        for line in words.lines().step_by(1000).chain(words.lines().last()) {
            let (word, count) = line.split_once(' ').unwrap();
            assert!(count.parse::<u64>().is_ok() && jieba.has_word(word), "{line}");
        }
    }

    #[test]
    fn grams_and_words() {
        let (mut all, mut words) = (Vec::new(), Vec::new());
        grams("长江桥", &mut |gram| all.push(gram.to_owned()));
        assert_eq!(all, ["长", "江", "长江", "桥", "江桥"]);
        stored_words("南京市长江大桥", &mut |word| words.push(word.to_owned()));
        assert!(words.contains(&"长江大桥".to_owned()) && words.contains(&"南京".to_owned()), "{words:?}");
    }
}
