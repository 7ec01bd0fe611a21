//! Compiled globs of filters.
//!
//! `path glob` has the meaning of the globs in `.gitignore`, include and exclude: a glob without a slash matches a name at any depth, of
//! a file or of a folder above it.
//!
//! In filters, settings and `.nighignore` a sign such as `?` or `[é]` matches one character of any length. In git's own files it matches
//! one byte, as in git.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | the part of a value that a glob must match, and faster ways for common globs |
//! | `syntax.rs` | the tokens of a glob, also of ignore files |
//! | `regex.rs` | the tokens as a regular expression |

mod regex;
pub(crate) mod syntax;

use regex_automata::meta::Regex;

use super::name::Field;

/// A compiled glob.
#[derive(Debug, Clone)]
pub(crate) struct GlobPattern {
    /// The glob's text before its first sign. Only columns use it.
    #[cfg(feature = "lexical")]
    literal: String,
    matcher: Matcher,
    part: GlobTarget,
}

/// The part of a text that the glob must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GlobTarget {
    Whole,
    /// The whole path, without the leading slash of paths outside the collection's folder: a leading `/` binds a glob to the top folder.
    Path,
    /// Any name of a path.
    Name,
    /// Any name of a path except the last.
    Folder,
}

#[derive(Debug, Clone)]
enum Matcher {
    /// `*` and text without `/` for a name, or `**/*` and such a text: the most common globs, many times faster as a suffix.
    Ending(String),
    Other(Box<Regex>),
}

/// Compiles a glob for the values of a field.
///
/// # Errors
/// The problem of the glob.
pub(super) fn compile(field: &Field, pattern: &str) -> Result<GlobPattern, String> {
    // Messages show the glob as it was written.
    let wrong = |problem: String| format!("{pattern:?} is not a glob: {problem}");
    let (text, part) = match field {
        Field::Path => target_of_path_glob(pattern),
        _ => (pattern.to_owned(), GlobTarget::Whole),
    };
    let start = if matches!(part, GlobTarget::Whole | GlobTarget::Path) { "**/*" } else { "*" };
    let ending = text.strip_prefix(start).filter(|rest| !rest.contains(['/', '*', '?', '[', ']', '{', '}', '\\']));
    let matcher = match ending {
        Some(ending) => Matcher::Ending(ending.to_owned()),
        None => Matcher::Other(Box::new(regex::compile(&text).map_err(wrong)?)),
    };
    Ok(GlobPattern {
        #[cfg(feature = "lexical")]
        literal: text[..text.find(['*', '?', '[', '{', '\\']).unwrap_or(text.len())].to_owned(),
        matcher,
        part,
    })
}

/// Returns a glob for paths, and the part that it must match. A leading slash binds it to the top folder; a trailing one means the
/// content of a folder.
fn target_of_path_glob(pattern: &str) -> (String, GlobTarget) {
    let bound = pattern.strip_prefix("./").or_else(|| pattern.strip_prefix('/'));
    let below = bound.unwrap_or(pattern);
    match below.strip_suffix('/') {
        Some(folder) if bound.is_none() && !folder.contains('/') => (folder.to_owned(), GlobTarget::Folder),
        Some(folder) => (format!("{folder}/**"), GlobTarget::Path),
        None if bound.is_none() && !below.contains('/') => (below.to_owned(), GlobTarget::Name),
        None => (below.to_owned(), GlobTarget::Path),
    }
}

impl GlobPattern {
    /// Returns prefixes, one of which every matching text has. Sorted; none is a prefix of another.
    #[cfg(feature = "lexical")]
    pub(crate) fn beginnings(&self) -> Vec<String> {
        match self.part {
            GlobTarget::Whole => vec![self.literal.clone()],
            GlobTarget::Path if !self.literal.is_empty() => {
                let mut both = vec![self.literal.clone(), format!("/{}", self.literal)];
                both.sort();
                both
            }
            // A name may be anywhere in a path.
            GlobTarget::Path | GlobTarget::Name | GlobTarget::Folder => vec![String::new()],
        }
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self.part {
            GlobTarget::Whole => self.matcher.is_match(text),
            GlobTarget::Path => self.matcher.is_match(text.strip_prefix('/').unwrap_or(text)),
            GlobTarget::Name => text.split('/').any(|name| self.matcher.is_match(name)),
            GlobTarget::Folder => text.rsplit('/').skip(1).any(|name| self.matcher.is_match(name)),
        }
    }
}

impl Matcher {
    fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Ending(ending) => text.ends_with(ending.as_str()),
            Self::Other(glob) => glob.is_match(text),
        }
    }
}
