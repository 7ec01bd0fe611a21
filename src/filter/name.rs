//! Fields that filters test: the built-in ones, and metadata by name.

use super::close;
use super::spelling::composed;

/// A field that an expression tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    Path,
    Extension,
    Language,
    Modified,
    Size,
    /// A metadata value by its dotted path.
    Metadata(String),
}

const BUILT_IN: [(&str, Field); 6] = [
    ("path", Field::Path),
    ("extension", Field::Extension),
    ("language", Field::Language),
    ("lang", Field::Language),
    ("modified", Field::Modified),
    ("size", Field::Size),
];

/// The prefix of metadata names in [`super::Fields`]. Expressions need it only for metadata with the name of a built-in field.
pub(super) const METADATA: &str = "metadata.";

impl Field {
    pub(crate) fn named(name: &str) -> Self {
        match BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
            Some((_, field)) => field.clone(),
            None => Self::Metadata(composed(name.strip_prefix(METADATA).unwrap_or(name)).into_owned()),
        }
    }

    /// Returns the field whose values have this path in [`super::Fields`].
    pub(crate) fn of_path(path: &str) -> Self {
        path.strip_prefix(METADATA).map_or_else(|| Self::named(path), |name| Self::Metadata(name.to_owned()))
    }

    /// True if every collection has the field.
    pub(crate) fn is_built_in(&self) -> bool {
        !matches!(self, Self::Metadata(_))
    }

    /// Returns the names of the built-in fields.
    pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name).filter(|name| *name != "lang")
    }

    /// Returns its name in an expression, before quoting.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Metadata(name)
                if name.starts_with(METADATA) || BUILT_IN.iter().any(|(built_in, _)| built_in == name) =>
            {
                format!("{METADATA}{name}")
            }
            Self::Metadata(name) => name.clone(),
            _ => self.path(),
        }
    }

    /// Returns the path of its values in [`super::Fields`].
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Metadata(name) => format!("{METADATA}{name}"),
            other => {
                let named = BUILT_IN.iter().find(|(_, field)| field == other);
                named.map_or(String::new(), |(name, _)| (*name).to_owned())
            }
        }
    }

    /// Returns the built-in name, or `title`, that a metadata name resembles.
    pub(super) fn resembles(&self) -> Option<&'static str> {
        let Self::Metadata(name) = self else { return None };
        if name == "title" || BUILT_IN.iter().any(|(built_in, _)| built_in == name) {
            return None;
        }
        close::closest(name, BUILT_IN.iter().map(|(name, _)| *name).chain(["title"]))
    }
}
