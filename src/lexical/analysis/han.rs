//! Chinese text: words; also characters and bigrams, so that a wrong segmentation or a rare name does not hide a text.

/// The most characters of a word in a query.
pub(in crate::lexical) const MAX_WORD_CHARACTERS: usize = 8;

/// The number of documents that a single character counts as if no document has it as a word.
const UNKNOWN_CHARACTER: f64 = 0.5;

/// Emits each character and each bigram.
pub(super) fn grams(run: &str, emit: &mut dyn FnMut(&str)) {
    let mut previous: Option<usize> = None;
    for (start, c) in run.char_indices() {
        let end = start + c.len_utf8();
        emit(&run[start..end]);
        if let Some(previous) = previous {
            emit(&run[previous..end]);
        }
        previous = Some(start);
    }
}

/// Emits the words of stored text: from the dictionary, with the shorter words inside long ones. Without the dictionary it emits
/// bigrams, or the only character.
pub(super) fn stored_words(run: &str, dictionary: bool, emit: &mut dyn FnMut(&str)) {
    // A build without the dictionary never gets `dictionary`: it refuses to add to collections that have its words.
    #[cfg(feature = "zh")]
    if dictionary {
        return super::dictionary::words(run, emit);
    }
    #[cfg(not(feature = "zh"))]
    debug_assert!(!dictionary, "a collection of another build");
    let mut pairs = run.char_indices().zip(run.char_indices().skip(1)).peekable();
    if pairs.peek().is_none() {
        return emit(run);
    }
    pairs.for_each(|((start, _), (second, c))| emit(&run[start..second + c.len_utf8()]));
}

/// Divides a run into its likeliest words, by their frequency in the documents (Viterbi over the graph of words, as jieba does with its
/// dictionary). `frequency` returns the number of documents with the word in a byte range; `total` is the sum of all these numbers. A
/// single character that is not a word of any document counts as half a document. Returns byte ranges.
pub(in crate::lexical) fn best_cut<E>(
    run: &str,
    total: f64,
    mut frequency: impl FnMut(usize, usize) -> Result<u64, E>,
) -> Result<Vec<std::ops::Range<usize>>, E> {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    let count = starts.len() - 1;
    // Forward: for the end of each character, the best sum of log probabilities up to it, and the start of the last word.
    let mut best = vec![(f64::NEG_INFINITY, 0); count + 1];
    best[0] = (0.0, 0);
    let log_total = total.max(1.0).ln();
    for end in 1..=count {
        for begin in end.saturating_sub(MAX_WORD_CHARACTERS)..end {
            let found = frequency(starts[begin], starts[end])?;
            let weight = match (found, end - begin) {
                (0, 1) => UNKNOWN_CHARACTER,
                (0, _) => continue,
                _ => found as f64,
            };
            let score = best[begin].0 + f64::ln(weight) - log_total;
            if score > best[end].0 {
                best[end] = (score, begin);
            }
        }
    }
    // Backward: collect the words of the best path.
    let (mut words, mut end) = (Vec::new(), count);
    while end > 0 {
        let (_, begin) = best[end];
        words.push(starts[begin]..starts[end]);
        end = begin;
    }
    words.reverse();
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_cut_follows_the_frequencies() {
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
    fn unknown_words_are_cut_into_characters() {
        let cut = best_cut("魑魅", 10.0, |_, _| Ok::<_, ()>(0)).unwrap();
        assert_eq!(cut, [0..3, 3..6]);
        assert!(best_cut("", 10.0, |_, _| Ok::<_, ()>(0)).unwrap().is_empty());
    }

    #[test]
    fn grams_and_words() {
        let (mut all, mut words) = (Vec::new(), Vec::new());
        grams("长江桥", &mut |gram| all.push(gram.to_owned()));
        assert_eq!(all, ["长", "江", "长江", "桥", "江桥"]);
        stored_words("南京市", false, &mut |word| words.push(word.to_owned()));
        stored_words("市", false, &mut |word| words.push(word.to_owned()));
        assert_eq!(words, ["南京", "京市", "市"]);
    }
}
