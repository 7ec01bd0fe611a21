//! The filter for a part of a path.

use crate::filter::Filter;

/// Returns the filter for the value of `path:`; `None` if it cannot be one.
///
/// With `*` or `?` the value is a glob. `./` and `../` are the beginning of a path. Anything else is a text that the path contains,
/// in any case; a `/` before it is the beginning of a name.
pub(super) fn filter(value: &str) -> Option<Filter> {
    let path = || Filter::field("path");
    if value.starts_with("//") {
        return None;
    }
    let filter = match value {
        "." | ".." => path().prefix(&format!("{value}/")),
        _ if value.contains(['*', '?']) => path().glob(value),
        _ if value.starts_with("./") || value.starts_with("../") => path().prefix(value),
        _ if !value.contains(char::is_alphanumeric) => return None,
        _ if value.starts_with('/') => path().prefix(value) | path().glob(&containing(value)),
        _ => path().glob(&containing(value)),
    };
    filter.check().is_ok().then_some(filter)
}

/// Returns a glob for the paths that contain a text, in any case.
fn containing(text: &str) -> String {
    // A glob without a slash is a name at any depth.
    let below = text.strip_prefix('/').unwrap_or(text);
    let (start, end) = match (below.len() < text.len(), below.ends_with('/'), below.contains('/')) {
        (false, _, false) => ("*", "*"),
        (false, true, _) => ("**/*", "**"),
        (false, false, true) => ("**/*", "{*,*/**}"),
        (true, true, _) => ("**/", "**"),
        (true, false, _) => ("**/", "{*,*/**}"),
    };
    let mut glob = start.to_owned();
    for c in below.chars() {
        let other = if c.is_lowercase() { single(c.to_uppercase()) } else { single(c.to_lowercase()) };
        match other.filter(|&other| other != c) {
            Some(other) => glob.extend(['[', c, other, ']']),
            None => {
                if "[]{}\\".contains(c) {
                    glob.push('\\');
                }
                glob.push(c);
            }
        }
    }
    glob + end
}

/// Returns the only character; `None` if there are several.
fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}
