//! Metadata, syntax, and places in a file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Metadata: names and JSON values (`Value` of serde_json 1), sorted by name.
pub type Metadata = BTreeMap<String, serde_json::Value>;

/// The syntax of a text, which determines how it is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Syntax {
    /// Paragraphs with blank lines between them.
    #[default]
    Plain,
    /// CommonMark: headings, paragraphs, lists, fenced code.
    Markdown,
    /// Program text: split at functions and types, then at blank lines, then at lines; never inside a line that fits.
    Code,
    /// reStructuredText: headings underlined.
    Rst,
    /// Org mode: headings after stars.
    Org,
    /// LaTeX: headings are \\section and similar commands.
    Tex,
}

impl Syntax {
    /// All variants.
    pub const ALL: [Self; 6] = [Self::Plain, Self::Markdown, Self::Code, Self::Rst, Self::Org, Self::Tex];

    /// Returns the number that is stored. It never changes, whatever the order of the variants.
    pub fn code(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Markdown => 1,
            Self::Code => 2,
            Self::Rst => 3,
            Self::Org => 4,
            Self::Tex => 5,
        }
    }

    /// Returns the syntax for a stored number.
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|syntax| syntax.code() == code)
    }

    /// The syntax of a text file by its name, as the indexing of folders uses it: `notes.md` is Markdown, `main.rs` is code. The
    /// file is not opened. [`Syntax::Plain`] for unknown names.
    ///
    /// ```
    /// # use nigh_formats::Syntax; // in `nigh`, too
    /// assert_eq!(Syntax::of_path("docs/Guide.MD"), Syntax::Markdown);
    /// ```
    pub fn of_path(path: impl AsRef<Path>) -> Self {
        crate::syntax::detect(path.as_ref(), "")
    }

    #[doc(hidden)]
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// The place of a passage in its file, if the text comes from another format and its lines are not those of the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Place {
    /// The kind of part: page, slide, row.
    pub kind: PlaceKind,
    /// The number of the part, from 1; 0 if parts are not counted.
    pub number: u32,
    /// The name of the containing part: for a row the sheet, for a chapter its title. Default: none.
    pub name: Option<String>,
}

impl Place {
    /// Makes a place without a name.
    pub fn new(kind: PlaceKind, number: u32) -> Self {
        Self { kind, number, name: None }
    }

    /// Sets the name of the containing part.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// Writes "page 3", "slide 4", "Budget row 17".
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (PlaceKind::Row, Some(sheet)) = (self.kind, &self.name) {
            write!(f, "{sheet} ")?;
        }
        match self.kind {
            PlaceKind::Text => f.write_str(PlaceKind::Text.as_str()),
            kind => write!(f, "{} {}", kind.as_str(), self.number),
        }
    }
}

/// The kind of part that a format has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PlaceKind {
    /// Not counted: the passage is found by the headings above it.
    Text,
    /// A page of a PDF.
    Page,
    /// A slide of a presentation.
    Slide,
    /// A row of a table or a record of a file of records; the first row of a sheet is 1, including its header.
    Row,
    /// A cell of a notebook.
    Cell,
    /// A message of a mailbox.
    Message,
    /// A chapter of a book: a file of its spine.
    Chapter,
}

impl PlaceKind {
    /// All variants.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Page, Self::Slide, Self::Row, Self::Cell, Self::Message, Self::Chapter];

    /// Returns the number that is stored. It never changes, whatever the order of the variants.
    pub fn code(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Page => 1,
            Self::Slide => 2,
            Self::Row => 3,
            Self::Cell => 4,
            Self::Message => 5,
            Self::Chapter => 6,
        }
    }

    /// Returns the kind for a stored number.
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Returns its name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Page => "page",
            Self::Slide => "slide",
            Self::Row => "row",
            Self::Cell => "cell",
            Self::Message => "message",
            Self::Chapter => "chapter",
        }
    }
}
