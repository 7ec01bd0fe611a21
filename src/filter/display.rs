//! Writes a filter as text that parses to the same filter.

use std::fmt::{self, Write};

use super::expression::{Filter, FilterStep, Leaf, Test};
use super::literal::{Literal, Order, Use};
use super::name::Field;
use super::token::{in_word, keyword};
use super::value::FilterValue;

/// The binding strength of a part, the weakest first.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Bond {
    Or,
    And,
    Test,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut texts: Vec<(String, Bond)> = Vec::new();
        let mut steps = self.steps().iter().peekable();
        while let Some(step) = steps.next() {
            match step {
                FilterStep::Leaf(leaf) => {
                    let negated = takes_not(&leaf.test) && steps.next_if_eq(&&FilterStep::Not).is_some();
                    texts.push((leaf_text(leaf, negated)?, Bond::Test));
                }
                FilterStep::Not => {
                    let (text, bond) = texts.pop().unwrap_or((String::new(), Bond::Test));
                    texts.push((format!("not {}", in_parentheses(&text, bond, Bond::Test)), Bond::Test));
                }
                FilterStep::And(count) => join(&mut texts, *count, " and ", Bond::And),
                FilterStep::Or(count) => join(&mut texts, *count, " or ", Bond::Or),
            }
        }
        texts.iter().try_for_each(|(text, _)| f.write_str(text))
    }
}

impl Leaf {
    /// Writes the test as an expression.
    pub(crate) fn written(&self) -> String {
        leaf_text(self, false).unwrap_or_default()
    }
}

/// Writes a field's name in an expression.
pub(crate) fn written(field: &Field) -> String {
    name(field)
}

fn join(texts: &mut Vec<(String, Bond)>, count: usize, word: &str, bond: Bond) {
    let operands = texts.split_off(texts.len().saturating_sub(count));
    let operands: Vec<String> = operands.iter().map(|(text, own)| in_parentheses(text, *own, bond)).collect();
    texts.push((operands.join(word), bond));
}

fn in_parentheses(text: &str, own: Bond, bond: Bond) -> String {
    if own < bond { format!("({text})") } else { text.to_owned() }
}

/// True if `not` stands between the name and the operator.
fn takes_not(test: &Test) -> bool {
    matches!(test, Test::In(_) | Test::Prefix(_) | Test::Glob(..))
}

fn leaf_text(leaf: &Leaf, negated: bool) -> Result<String, fmt::Error> {
    let mut text = String::new();
    let name = name(&leaf.field);
    let not = if negated { "not " } else { "" };
    let used = if matches!(leaf.test, Test::Order(..)) { Use::Order } else { Use::Bare };
    // Quoted, if the bare word would have another meaning.
    let of = |literal: &Literal| {
        value(&literal.text, Literal::read(&leaf.field, &literal.text, used, 0).as_ref() == Ok(literal))
    };
    match &leaf.test {
        Test::Equal(literal) => write!(text, "{name} = {}", of(literal))?,
        Test::NotEqual(literal) => write!(text, "{name} != {}", of(literal))?,
        Test::Order(order, literal) => {
            let sign = match order {
                Order::Less => "<",
                Order::LessOrEqual => "<=",
                Order::Greater => ">",
                Order::GreaterOrEqual => ">=",
            };
            write!(text, "{name} {sign} {}", of(literal))?;
        }
        Test::In(literals) => {
            let literals: Vec<String> = literals.iter().map(of).collect();
            write!(text, "{name} {not}in ({})", literals.join(", "))?;
        }
        Test::Exists => write!(text, "exists({name})")?,
        Test::Prefix(prefix) => write!(text, "{name} {not}prefix {}", value(prefix, true))?,
        Test::Glob(pattern, _) => write!(text, "{name} {not}glob {}", value(pattern, true))?,
        Test::Invalid(operator, values) => {
            let values: Vec<String> = values.iter().map(value_text).collect();
            let values = values.join(", ");
            if *operator == "in" {
                write!(text, "{name} in ({values})")?;
            } else {
                write!(text, "{name} {operator} {values}")?;
            }
        }
    }
    Ok(text)
}

fn value_text(given: &FilterValue) -> String {
    match given {
        FilterValue::Text(text) => value(text, true),
        FilterValue::Integer(number) => number.to_string(),
        FilterValue::Float(number) => format!("{number:?}"),
        FilterValue::Bool(truth) => truth.to_string(),
        FilterValue::Time(at) => format!("{at:?}"),
    }
}

pub(super) fn name(field: &Field) -> String {
    let name = field.name();
    if is_word(&name) { name } else { backticks(&name) }
}

pub(super) fn backticks(name: &str) -> String {
    format!("`{}`", escaped(name, '`'))
}

pub(super) fn value(text: &str, bare: bool) -> String {
    if bare && is_word(text) { text.to_owned() } else { format!("\"{}\"", escaped(text, '"')) }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(in_word) && keyword(text).is_none()
}

fn escaped(text: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            c if c == quote || c == '\\' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}
