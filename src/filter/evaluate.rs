//! Decides which documents match.

use super::expression::{Filter, FilterStep, Leaf, Test};
use super::fields::Fields;
use super::reading::ComparedText;
use super::value::ValueRef;

impl Filter {
    /// True if a document with these values matches. A test that is invalid, which [`Filter::check`] reports, is false.
    /// The steps are in postfix order: `And(n)` and `Or(n)` take the last n answers.
    pub(crate) fn matches(&self, fields: &Fields) -> bool {
        let mut answers: Vec<bool> = Vec::new();
        for step in self.steps() {
            match step {
                FilterStep::Leaf(leaf) => answers.push(leaf.matches(fields)),
                FilterStep::Not => {
                    if let Some(last) = answers.last_mut() {
                        *last = !*last;
                    }
                }
                FilterStep::And(count) => {
                    let operands = answers.split_off(answers.len().saturating_sub(*count));
                    answers.push(operands.into_iter().all(|answer| answer));
                }
                FilterStep::Or(count) => {
                    let operands = answers.split_off(answers.len().saturating_sub(*count));
                    answers.push(operands.into_iter().any(|answer| answer));
                }
            }
        }
        answers.pop().unwrap_or(false)
    }
}

impl Leaf {
    fn matches(&self, fields: &Fields) -> bool {
        if self.problem.is_some() {
            return false;
        }
        let path = self.field.path();
        let tested = |name: &str| *name == path || (self.looks_inside() && is_inside(&path, name));
        let any = fields.0.iter().any(|(name, value)| tested(name) && self.accepts(value.as_ref()));
        any != self.is_complement()
    }

    /// True if values inside an object of this name count as well: see [`is_inside`].
    pub(crate) fn looks_inside(&self) -> bool {
        self.test == Test::Exists && !self.field.is_built_in()
    }

    /// True if the test holds when no value is accepted.
    pub(crate) fn is_complement(&self) -> bool {
        matches!(self.test, Test::NotEqual(_))
    }

    /// True if a value of the field passes; for a complement, if the value must not occur.
    pub(crate) fn accepts(&self, value: ValueRef<'_>) -> bool {
        match (&self.test, value) {
            (Test::Equal(literal) | Test::NotEqual(literal), value) => literal.equals(value),
            (Test::Order(order, literal), value) => literal.ordered(*order, value),
            (Test::In(literals), ValueRef::Text(text)) => {
                let text = ComparedText::of(text);
                literals.iter().any(|literal| literal.equals_text(&text))
            }
            (Test::In(literals), value) => literals.iter().any(|literal| literal.equals(value)),
            (Test::Exists, _) => true,
            (Test::Prefix(prefix), ValueRef::Text(text)) => text.starts_with(prefix.as_str()),
            (Test::Contains(part), ValueRef::Text(text)) => part.is_in(text),
            (Test::Glob(_, Some(glob)), ValueRef::Text(text)) => glob.is_match(text),
            _ => false,
        }
    }
}

/// True if a path in [`Fields`] is that of a value inside an object with the other path.
pub(crate) fn is_inside(object: &str, path: &str) -> bool {
    path.strip_prefix(object).is_some_and(|rest| rest.starts_with('.'))
}
