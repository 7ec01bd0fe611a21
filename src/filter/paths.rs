//! Rewrites the paths in a filter.

use super::builder::FilterField;
use super::expression::{Filter, FilterStep, Test};
use super::literal::Literal;
use super::name::Field;
use super::spelling::composed;

/// The way a test compares a path. See [`Filter::with_paths`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathTest {
    /// The whole path.
    Whole,
    /// Its beginning.
    Prefix,
    /// With a glob.
    Glob,
}

impl Filter {
    /// Returns the same filter with other paths. `change` gets the text of each test of `path` and the kind of the test; it returns the new
    /// text, or `None` to keep the text.
    #[must_use]
    pub fn with_paths(mut self, mut change: impl FnMut(PathTest, &str) -> Option<String>) -> Self {
        for step in self.steps_mut() {
            let FilterStep::Leaf(leaf) = step else { continue };
            if leaf.field != Field::Path {
                continue;
            }
            let mut whole = |literal: &mut Literal| {
                if let Some(text) = change(PathTest::Whole, &literal.text) {
                    literal.text = composed(&text).into_owned();
                }
            };
            match &mut leaf.test {
                Test::Equal(literal) | Test::NotEqual(literal) | Test::Order(_, literal) => whole(literal),
                Test::In(literals) => literals.iter_mut().for_each(whole),
                Test::Prefix(prefix) => {
                    if let Some(text) = change(PathTest::Prefix, prefix) {
                        *prefix = composed(&text).into_owned();
                    }
                }
                Test::Glob(pattern, _) => {
                    if let Some(text) = change(PathTest::Glob, pattern) {
                        let own = FilterField::new(&leaf.field.name(), 0).glob(&text);
                        if let [FilterStep::Leaf(own)] = own.steps() {
                            *leaf = own.clone();
                        }
                    }
                }
                // A part of a path is not a path.
                Test::Contains(_) | Test::Exists | Test::Invalid(..) => {}
            }
        }
        self
    }
}
