//! Filters in memory.

use std::ops::{BitAnd, BitOr, Not};

use super::builder::{FilterField, now};
use super::glob::GlobPattern;
use super::literal::{Literal, Order};
use super::name::Field;
use super::spelling::ContainedText;
use super::value::FilterValue;
use crate::error::{Error, Result};

/// A condition on documents: a search finds only documents that match.
///
/// ```
/// use nigh::Filter;
///
/// let filter = Filter::parse("lang = zh and (size < 10KB or not path glob 'docs/**')")?;
/// let built = Filter::field("lang").eq("zh")
///     & (Filter::field("size").lt("10KB") | !Filter::field("path").glob("docs/**"));
/// assert_eq!(filter, built);
/// assert_eq!(filter.to_string(), "lang = zh and (size < 10KB or path not glob docs/**)".replace("lang", "language"));
/// # Ok::<(), nigh::Error>(())
/// ```
///
/// `docs/filters.md` has the grammar and the meaning of each test.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The steps in postfix order: each step takes results from the stack. Never empty; leaves one result.
    steps: Vec<FilterStep>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FilterStep {
    Leaf(Leaf),
    /// Negates the last result.
    Not,
    /// True if all of the last results are true; the number is at least 2.
    And(usize),
    /// True if any of the last results is true; the number is at least 2.
    Or(usize),
}

/// One test of one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leaf {
    pub(crate) field: Field,
    pub(crate) test: Test,
    /// The reason why it cannot be tested. It then matches nothing.
    pub(crate) problem: Option<String>,
}

/// A test holds for a field if it holds for any of its values; [`Test::NotEqual`] if [`Test::Equal`] holds for none.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Equal(Literal),
    NotEqual(Literal),
    Order(Order, Literal),
    In(Vec<Literal>),
    Exists,
    Prefix(String),
    Contains(ContainedText),
    /// `None` if the pattern is not a valid glob.
    Glob(String, Option<GlobPattern>),
    /// A comparison with an invalid value.
    Invalid(&'static str, Vec<FilterValue>),
}

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Equal(a), Self::Equal(b)) | (Self::NotEqual(a), Self::NotEqual(b)) => a == b,
            (Self::Order(a, x), Self::Order(b, y)) => a == b && x == y,
            (Self::In(a), Self::In(b)) => a == b,
            (Self::Exists, Self::Exists) => true,
            (Self::Prefix(a), Self::Prefix(b)) | (Self::Glob(a, _), Self::Glob(b, _)) => a == b,
            (Self::Contains(a), Self::Contains(b)) => a == b,
            (Self::Invalid(a, x), Self::Invalid(b, y)) => a == b && x == y,
            _ => false,
        }
    }
}

impl Filter {
    /// The longest expression, in bytes.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// The most nested parentheses and negations of an expression.
    pub const MAX_DEPTH: usize = 64;

    /// Starts a test of a field: a built-in name or a metadata name, as in an expression but without backticks.
    ///
    /// | built-in name | value |
    /// |---|---|
    /// | `path` | the document's id |
    /// | `extension` | the extension of the id, in lower case, without the dot |
    /// | `language`, `lang` | the language: the text in the metadata `lang`, or else `language`, or else detected from the text |
    /// | `modified` | when the file was modified; missing if the document is not a file |
    /// | `size` | bytes of the file, or of the text if the document is not a file |
    ///
    /// All other names are metadata. `metadata.NAME` is always metadata, also if NAME is a built-in name.
    pub fn field(name: &str) -> FilterField {
        FilterField::new(name, now())
    }

    /// Returns the filter that matches every document. Its text is `exists(path)`, because every document has an id.
    pub fn all() -> Self {
        Self::field("path").exists()
    }

    /// Matches if both match.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.join(other, FilterStep::And, |step| if let FilterStep::And(count) = step { Some(*count) } else { None })
    }

    /// Matches if either matches, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.join(other, FilterStep::Or, |step| if let FilterStep::Or(count) = step { Some(*count) } else { None })
    }

    /// Matches if this filter does not.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "the operator is there too")]
    pub fn not(mut self) -> Self {
        if self.steps.pop_if(|step| *step == FilterStep::Not).is_none() {
            self.steps.push(FilterStep::Not);
        }
        self
    }

    /// Checks the values from the builder: they may be invalid dates, sizes or globs. A search does this first.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`], with the range of the first invalid test in the filter's text.
    pub fn check(&self) -> Result<()> {
        let problem = self.leaves().find_map(|leaf| leaf.problem.clone());
        match problem {
            None => Ok(()),
            Some(problem) => {
                let (expression, at) = self.written_with_problem();
                Err(Error::InvalidFilter { expression, at, problem })
            }
        }
    }

    /// Returns hints for a search without results: metadata names that resemble built-in fields.
    pub fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = Vec::new();
        for leaf in self.leaves() {
            if let Some(built_in) = leaf.field.resembles() {
                let hint = format!("{:?} is not a built-in field. Did you mean {built_in}?", leaf.field.name());
                if !hints.contains(&hint) {
                    hints.push(hint);
                }
            }
        }
        hints
    }

    pub(crate) fn steps(&self) -> &[FilterStep] {
        &self.steps
    }

    pub(super) fn steps_mut(&mut self) -> &mut [FilterStep] {
        &mut self.steps
    }

    /// Returns a filter with a single test.
    pub(crate) fn of_leaf(leaf: Leaf) -> Self {
        Self { steps: vec![FilterStep::Leaf(leaf)] }
    }

    /// Returns the tests that must hold, alone or as alternatives; without those that must not hold.
    pub(crate) fn wanted(&self) -> Vec<&Leaf> {
        let mut open: Vec<Vec<(&Leaf, bool)>> = Vec::new();
        for step in &self.steps {
            match step {
                FilterStep::Leaf(leaf) => open.push(vec![(leaf, true)]),
                FilterStep::Not => open.last_mut().into_iter().flatten().for_each(|(_, wanted)| *wanted = !*wanted),
                FilterStep::And(count) | FilterStep::Or(count) => {
                    let joined = open.split_off(open.len().saturating_sub(*count)).concat();
                    open.push(joined);
                }
            }
        }
        let all = open.into_iter().flatten();
        all.filter(|(leaf, wanted)| *wanted != leaf.is_complement() && leaf.problem.is_none())
            .map(|(leaf, _)| leaf)
            .collect()
    }

    /// True if the filter tests the language of documents.
    pub(crate) fn asks_language(&self) -> bool {
        self.leaves().any(|leaf| leaf.field == Field::Language)
    }

    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.steps.iter().filter_map(|step| if let FilterStep::Leaf(leaf) = step { Some(leaf) } else { None })
    }

    /// Joins both filters with one step. If a side already ends with that step, its operands become operands of the whole.
    fn join(mut self, mut other: Self, step: fn(usize) -> FilterStep, count: fn(&FilterStep) -> Option<usize>) -> Self {
        let mut operands = 0;
        for side in [&mut self, &mut other] {
            let own = side.steps.last().and_then(count);
            operands += own.unwrap_or(1);
            side.steps.pop_if(|_| own.is_some());
        }
        self.steps.append(&mut other.steps);
        self.steps.push(step(operands));
        self
    }
}

impl BitAnd for Filter {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl BitOr for Filter {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        Self::not(self)
    }
}
