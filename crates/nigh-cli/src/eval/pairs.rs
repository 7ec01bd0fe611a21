//! A TSV of sentence pairs with the header `score`, `sentence1`, `sentence2`. Quotes have no special meaning.

use std::path::Path;

use super::lines;
use crate::output::Failure;

/// Pairs of sentences with human scores of their similarity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pairs {
    pub scores: Vec<f64>,
    pub sentences: Vec<(String, String)>,
}

/// Reads a file of pairs.
pub fn read(path: &Path) -> Result<Pairs, Failure> {
    let wanted = "a file of sentence pairs begins with the header score, sentence1, sentence2, separated by tabs";
    let mut pairs = Pairs::default();
    lines::each(path, |place, line| {
        let [score, first, second] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(place.wrong(wanted));
        };
        if place.is_first() {
            let header = [score, first, second] == ["score", "sentence1", "sentence2"];
            return if header { Ok(()) } else { Err(place.wrong(wanted)) };
        }
        match score.parse::<f64>() {
            Ok(score) if score.is_finite() => pairs.scores.push(score),
            _ => return Err(place.wrong(format!("the score {score:?} is not a number"))),
        }
        pairs.sentences.push((first.to_owned(), second.to_owned()));
        Ok(())
    })?;
    if pairs.scores.len() < 2 {
        return Err(Failure::message(format!("{} has fewer than two pairs; {wanted}", path.display())));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    fn read_text(text: &str) -> Result<Pairs, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn pairs_are_parsed_and_mistakes_name_the_line() {
        let pairs = read_text("score\tsentence1\tsentence2\r\n5\t\"a\tb\"\r\n\n0.5\t一\t二\n").unwrap();
        assert_eq!(pairs.scores, [5.0, 0.5]);
        assert_eq!(pairs.sentences[0], ("\"a".to_owned(), "b\"".to_owned()));
        for (text, says) in [
            ("5\ta\tb\n4\tc\td\n", ":1: a file of sentence pairs"),
            ("score\tsentence1\tsentence2\n5\ta\n", ":2: "),
            ("score\tsentence1\tsentence2\n5\ta\tb\nmuch\ta\tb\n", ":3: the score \"much\""),
            ("score\tsentence1\tsentence2\n5\ta\tb\n", "fewer than two"),
            ("", "fewer than two"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
