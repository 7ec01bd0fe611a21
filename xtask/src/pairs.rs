//! `cargo xtask count-pairs`: counts how often one letter follows another in the words of languages.
//!
//! The output has the form of `crates/nigh-formats/src/guess/pairs.txt`, which describes it. Input: a file for each language. Its
//! first line is `CODE LETTERS`, the other lines are `WORD FREQUENCY`. Words with other letters do not count.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::run::{Result, TaskFailure};

/// A word counts as its frequency raised to this power: otherwise the ten most frequent words would decide.
const POWER: f64 = 0.6;
/// Weight of the smoothing, as a share of all pairs: an unseen pair gets the probability of its second letter times this.
const SMOOTHING: f64 = 8e-6;
/// Number of signs for a factor of two between probabilities.
const SIGNS_PER_BIT: f64 = 5.0;
/// The sign of probability 1.
const FIRST_SIGN: u8 = b'#';
/// The sign of an impossible pair is this far from the first: 16 bits.
const LAST_SIGN: f64 = 80.0;

/// Prints the pairs of all files, in their order.
pub(crate) fn run(files: &[&str]) -> Result {
    if files.is_empty() {
        return Err(TaskFailure::usage(
            "count-pairs needs files, one for each language: a line `CODE LETTERS`, then `WORD FREQUENCY`",
        ));
    }
    for file in files {
        let path = Path::new(file);
        let text = fs::read_to_string(path).map_err(TaskFailure::io("read", path))?;
        let pairs = count_pairs(&text).map_err(|problem| TaskFailure::new(format!("{file}: {problem}")))?;
        print!("{pairs}");
    }
    Ok(())
}

/// Counts the pairs of one language; returns its lines.
fn count_pairs(text: &str) -> std::result::Result<String, String> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let (_, letters) = first.split_once(' ').ok_or("line 1 is not `CODE LETTERS`")?;
    // Letter 0 is the beginning and the end of a word.
    let letter_numbers: HashMap<char, usize> = letters.chars().zip(1..).collect();
    let size = letter_numbers.len() + 1;
    let mut weights = vec![vec![0.0_f64; size]; size];
    for (line, number) in lines.zip(2..) {
        let wrong = || format!("line {number} is not `WORD FREQUENCY`");
        let (word, frequency) = line.trim_end().rsplit_once([' ', '\t']).ok_or_else(wrong)?;
        let weight = frequency.parse::<f64>().map_err(|_| wrong())?.max(0.0).powf(POWER);
        let Some(word) = word.chars().map(|c| letter_numbers.get(&c).copied()).collect::<Option<Vec<usize>>>() else {
            continue;
        };
        let mut before = 0;
        for letter in word.into_iter().chain([0]) {
            weights[before][letter] += weight;
            before = letter;
        }
    }
    Ok(format!("{first}\n{}", write_signs(&weights)))
}

/// Writes a line for each letter: minus the logarithm of the probability that each other letter follows it.
fn write_signs(weights: &[Vec<f64>]) -> String {
    let total: f64 = weights.iter().flatten().sum();
    let smoothing = SMOOTHING * total;
    let second: Vec<f64> =
        (0..weights.len()).map(|at| weights.iter().map(|row| row[at]).sum::<f64>() / total).collect();
    let mut text = String::new();
    for row in weights {
        let row_total: f64 = row.iter().sum();
        for (weight, second) in row.iter().zip(&second) {
            let probability = (weight + smoothing * second) / (row_total + smoothing);
            let steps = (-SIGNS_PER_BIT * probability.log2()).round();
            let steps = if steps.is_finite() { steps.clamp(0.0, LAST_SIGN) } else { LAST_SIGN };
            let _ = write!(text, "{}", char::from(FIRST_SIGN + steps as u8));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_pairs_gives_a_sign_for_each_pair() {
        let pairs = count_pairs("xx ab\nab 1\naba 1\nnaïve 5\n").unwrap();
        // Words begin with `a`; after `a` comes `b` in 2 of 3 cases, after `b` the end in 1 of 2.
        assert_eq!(pairs, "xx ab\ns#s\n+s&\n((s\n");
    }

    #[test]
    fn count_pairs_names_the_wrong_line() {
        assert_eq!(count_pairs("xx"), Err("line 1 is not `CODE LETTERS`".to_owned()));
        assert_eq!(count_pairs("xx ab\nab 1\nab\n"), Err("line 3 is not `WORD FREQUENCY`".to_owned()));
    }

    #[test]
    fn count_pairs_reads_what_the_formats_have() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/nigh-formats/src/guess/pairs.txt");
        let stored = fs::read_to_string(path).unwrap();
        let mut lines = stored.lines();
        while let Some(first) = lines.next() {
            let letters = first.split_once(' ').unwrap().1.chars().count();
            assert!(lines.by_ref().take(letters + 1).all(|line| line.len() == letters + 1), "{first}");
        }
    }
}
