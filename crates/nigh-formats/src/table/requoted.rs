//! Repairs tables whose quotes were quoted twice.

/// Removes the quotes around each line, or halves doubled quotes. Returns `None` if most
/// lines have neither.
pub(super) fn repair_quotes(text: &str) -> Option<String> {
    let lines = || text.split_inclusive('\n').filter(|line| !line.trim().is_empty());
    let begins = |line: &str| line.strip_prefix("\"\"").is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    let all = lines().count();
    if lines().filter(|line| begins(line)).count() * 2 > all {
        return Some(text.replace("\"\"", "\""));
    }
    let wrapped = |line: &str| -> Option<String> {
        let inside = line.trim_end().strip_prefix('"')?.strip_suffix('"')?;
        let doubled = !inside.replace("\"\"", "").contains('"');
        (doubled && inside.contains([',', ';', '\t', '|'])).then(|| inside.replace("\"\"", "\""))
    };
    (lines().filter(|line| wrapped(line).is_some()).count() * 2 > all).then(|| {
        let end = |line: &str| line.get(line.trim_end().len()..).unwrap_or_default().to_owned();
        let line = |line: &str| wrapped(line).map_or_else(|| line.to_owned(), |inside| inside + &end(line));
        text.split_inclusive('\n').map(line).collect()
    })
}
