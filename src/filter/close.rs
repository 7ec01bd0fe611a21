//! The nearest known word, for "Did you mean".

/// Returns the nearest of some words, ignoring case: at most one edit away in words of up to five letters, two in longer ones.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    if word.len() > 32 {
        return None;
    }
    let near = known.into_iter().map(|known| (distance(&word, &known.to_lowercase()), known));
    near.filter(|(distance, known)| *distance <= if known.len() > 5 { 2 } else { usize::from(known.len() > 2) })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Counts the letters to insert, remove, replace, or swap with their neighbour (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
