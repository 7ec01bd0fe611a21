//! Chinese: words; and characters and bigrams, so that a wrong segmentation or a rare name does not hide a text.

/// The longest word of a query, in characters.
pub(in crate::lexical) const LONGEST_WORD: usize = 8;

/// Emits each character and each pair of neighbours.
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

/// Shows the words of stored text: those of the dictionary, and the shorter words inside long ones; without it pairs of
/// characters, or the one character that there is.
pub(super) fn stored_words(run: &str, dictionary: bool, show: &mut dyn FnMut(&str)) {
    // A build without the dictionary is not asked for it: it refuses to add to collections that have its words.
    #[cfg(feature = "zh")]
    if dictionary {
        return super::dictionary::words(run, show);
    }
    #[cfg(not(feature = "zh"))]
    debug_assert!(!dictionary, "a collection of another build");
    let mut pairs = run.char_indices().zip(run.char_indices().skip(1)).peekable();
    if pairs.peek().is_none() {
        return show(run);
    }
    pairs.for_each(|((start, _), (second, c))| show(&run[start..second + c.len_utf8()]));
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
    fn grams_and_words() {
        let (mut all, mut words) = (Vec::new(), Vec::new());
        grams("长江桥", &mut |gram| all.push(gram.to_owned()));
        assert_eq!(all, ["长", "江", "长江", "桥", "江桥"]);
        stored_words("南京市", false, &mut |word| words.push(word.to_owned()));
        stored_words("市", false, &mut |word| words.push(word.to_owned()));
        assert_eq!(words, ["南京", "京市", "市"]);
    }
}
