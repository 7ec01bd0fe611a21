//! Building filters in code.

use std::time::SystemTime;

use super::expression::{Filter, Leaf, Test};
use super::glob;
use super::literal::{Literal, Order, Use};
use super::name::Field;
use super::spelling::{ContainedText, composed};
use super::time;
use super::value::FilterValue;

/// A field; a method call adds the test.
#[derive(Debug, Clone)]
#[must_use]
pub struct FilterField {
    field: Field,
    now: i64,
}

impl FilterField {
    pub(super) fn new(name: &str, now: i64) -> Self {
        Self { field: Field::named(name), now }
    }

    pub(super) fn field(&self) -> &Field {
        &self.field
    }

    /// Tests that the field is equal to the value. Text is a quoted value, so `"2024-05"` is not a month: see [`FilterValue::Text`].
    pub fn eq(self, value: impl Into<FilterValue>) -> Filter {
        self.compare("=", value.into(), Test::Equal)
    }

    /// Tests that the field is not equal to the value, or missing.
    pub fn ne(self, value: impl Into<FilterValue>) -> Filter {
        self.compare("!=", value.into(), Test::NotEqual)
    }

    /// Tests that the field is less than the value.
    pub fn lt(self, value: impl Into<FilterValue>) -> Filter {
        self.compare("<", value.into(), |literal| Test::Order(Order::Less, literal))
    }

    /// Tests that the field is less than or equal to the value.
    pub fn le(self, value: impl Into<FilterValue>) -> Filter {
        self.compare("<=", value.into(), |literal| Test::Order(Order::LessOrEqual, literal))
    }

    /// Tests that the field is greater than the value.
    pub fn gt(self, value: impl Into<FilterValue>) -> Filter {
        self.compare(">", value.into(), |literal| Test::Order(Order::Greater, literal))
    }

    /// Tests that the field is greater than or equal to the value.
    pub fn ge(self, value: impl Into<FilterValue>) -> Filter {
        self.compare(">=", value.into(), |literal| Test::Order(Order::GreaterOrEqual, literal))
    }

    /// Tests that the field is equal to one of the values. Text is a quoted value: see [`FilterValue::Text`].
    pub fn is_in<V: Into<FilterValue>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        let values: Vec<FilterValue> = values.into_iter().map(Into::into).collect();
        let literals = values.iter().map(|value| Literal::of(&self.field, value.clone(), false, self.now));
        match literals.collect() {
            Ok(literals) => self.leaf(Test::In(literals), None),
            Err(problem) => self.leaf(Test::Invalid("in", values), Some(problem)),
        }
    }

    /// Tests that the field has a value, or is an object with a value inside it.
    pub fn exists(self) -> Filter {
        self.leaf(Test::Exists, None)
    }

    /// Tests that the field has a text with this prefix.
    pub fn prefix(self, text: &str) -> Filter {
        let problem = self.not_a_text_field("prefix");
        let text = self.folded(text);
        self.leaf(Test::Prefix(text), problem)
    }

    /// Tests that the glob matches the whole text. For `path`, a glob without a slash matches a file or folder name at any depth.
    pub fn glob(self, pattern: &str) -> Filter {
        let pattern = self.folded(pattern);
        let (matcher, problem) = match glob::compile(&self.field, &pattern) {
            Ok(glob) => (Some(glob), self.not_a_text_field("glob")),
            Err(problem) => (None, Some(problem)),
        };
        self.leaf(Test::Glob(pattern, matcher), problem)
    }

    /// Tests that the field has a text that contains this one. Ignores case and width: `wifi` is in `Guest WiFi.txt` and in `ＷＩＦＩ`.
    pub fn contains(self, text: &str) -> Filter {
        let problem = self.not_a_text_field("contains");
        self.leaf(Test::Contains(ContainedText::new(text)), problem)
    }

    fn compare(self, operator: &'static str, value: FilterValue, test: impl FnOnce(Literal) -> Test) -> Filter {
        match Literal::of(&self.field, value.clone(), operator.starts_with(['<', '>']), self.now) {
            Ok(literal) => self.leaf(test(literal), None),
            Err(problem) => self.leaf(Test::Invalid(operator, vec![value]), Some(problem)),
        }
    }

    pub(super) fn leaf(self, test: Test, problem: Option<String>) -> Filter {
        Filter::of_leaf(Leaf { field: self.field, test, problem })
    }

    pub(super) fn literal(&self, text: &str, used: Use) -> Result<Literal, String> {
        Literal::read(&self.field, text, used, self.now)
    }

    fn folded(&self, text: &str) -> String {
        match self.field {
            Field::Extension | Field::Language => composed(text).to_lowercase(),
            _ => composed(text).into_owned(),
        }
    }

    fn not_a_text_field(&self, test: &str) -> Option<String> {
        let number = matches!(self.field, Field::Size | Field::Modified);
        number.then(|| format!("{} is not text, so {test} does not work; use <, <=, =, >= or >", self.field.name()))
    }
}

/// Returns the current time in nanoseconds since 1970.
pub(super) fn now() -> i64 {
    time::nanoseconds(SystemTime::now()).unwrap_or_default()
}
