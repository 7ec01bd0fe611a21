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

/// The prefix of metadata names in [`super::Fields`]; in an expression only needed for names of built-in fields.
pub(super) const METADATA: &str = "metadata.";

impl Field {
    pub(crate) fn named(name: &str) -> Self {
        match BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
            Some((_, field)) => field.clone(),
            None => Self::Metadata(composed(name.strip_prefix(METADATA).unwrap_or(name)).into_owned()),
        }
    }

    /// The field whose values have this path in [`super::Fields`].
    pub(crate) fn of_path(path: &str) -> Self {
        path.strip_prefix(METADATA).map_or_else(|| Self::named(path), |name| Self::Metadata(name.to_owned()))
    }

    /// Whether every collection has it.
    pub(crate) fn is_built_in(&self) -> bool {
        !matches!(self, Self::Metadata(_))
    }

    /// The names of the built-in fields.
    pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name).filter(|name| *name != "lang")
    }

    /// Its name in an expression, before quoting.
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

    /// The path of its values in [`super::Fields`].
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Metadata(name) => format!("{METADATA}{name}"),
            other => {
                let named = BUILT_IN.iter().find(|(_, field)| field == other);
                named.map_or(String::new(), |(name, _)| (*name).to_owned())
            }
        }
    }

    /// The built-in name that a metadata name resembles.
    pub(super) fn resembles(&self) -> Option<&'static str> {
        let Self::Metadata(name) = self else { return None };
        if name == "title" || BUILT_IN.iter().any(|(built_in, _)| built_in == name) {
            return None;
        }
        close::closest(name, BUILT_IN.iter().map(|(name, _)| *name).chain(["title"]))
    }
}
