//! Globs of filters, compiled.
//!
//! What `path glob` asks for is what the globs of `.gitignore`, include and exclude name: one without a slash means a name at
//! any depth, that of a file or of a folder it lies in.
//!
//! A sign stands for a character, `?` and `[é]` for one of any length; so it is in the settings and in `.nighignore`.
//! In the files of git it stands for a byte, as for git.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `mod.rs` | what of a value a glob is compared with, and the shorter ways |
//! | `syntax.rs` | the pieces of a glob, of ignore files too |
//! | `regex.rs` | the pieces as a regular expression |

mod regex;
pub(crate) mod syntax;

use regex_automata::meta::Regex;

use super::name::Field;

/// A glob, ready to be asked.
#[derive(Debug, Clone)]
pub(crate) struct GlobPattern {
    /// What is in the glob before its first sign: only columns are read by it.
    #[cfg(feature = "lexical")]
    literal: String,
    matcher: Matcher,
    part: GlobTarget,
}

/// What of a text the glob is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GlobTarget {
    Whole,
    /// A whole path, without the slash that one outside the collection's folder begins with: `/` binds a glob to the top.
    Path,
    /// Each name of a path.
    Name,
    /// Each name of a path but the last.
    Folder,
}

#[derive(Debug, Clone)]
enum Matcher {
    /// `*` and then only text without `/`, of a name; or `**/*` and such: the commonest, and many times faster as an ending.
    Ending(String),
    Other(Box<Regex>),
}

/// Compiles a glob for the values of a field. This is the one place where globs of filters are read.
///
/// # Errors
/// What is wrong with it.
pub(super) fn compile(field: &Field, pattern: &str) -> Result<GlobPattern, String> {
    // As it is written, in what is said of it.
    let wrong = |problem: String| format!("{pattern:?} is not a glob: {problem}");
    let (text, part) = match field {
        Field::Path => of_path(pattern),
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

/// A glob for paths, in terms of what is compared. A slash at its beginning binds it to the top, one at its end means what is in a folder.
fn of_path(pattern: &str) -> (String, GlobTarget) {
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
    /// What every text that matches begins with, one of these. In order, none within another.
    #[cfg(feature = "lexical")]
    pub(crate) fn beginnings(&self) -> Vec<String> {
        match self.part {
            GlobTarget::Whole => vec![self.literal.clone()],
            GlobTarget::Path if !self.literal.is_empty() => {
                let mut both = vec![self.literal.clone(), format!("/{}", self.literal)];
                both.sort();
                both
            }
            // A name may stand anywhere in a path.
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
