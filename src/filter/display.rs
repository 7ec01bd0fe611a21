//! Writes a filter as text that parses to the same filter.

use std::fmt::{self, Write};
use std::ops::Range;

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

/// A part of a filter as text.
struct Part {
    text: String,
    bond: Bond,
    /// The range of the marked test in the text.
    mark: Option<Range<usize>>,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(|_| false)?.0)
    }
}

impl Filter {
    /// Returns the filter as text, and the range of its first test that has a problem; of the whole text if there is none.
    pub(super) fn written_with_problem(&self) -> (String, Range<usize>) {
        let (text, mark) = self.written(|leaf| leaf.problem.is_some()).unwrap_or_default();
        let whole = 0..text.len();
        (text, mark.unwrap_or(whole))
    }

    /// Returns the filter as text, and the range of the first test that is marked.
    fn written(&self, marked: impl Fn(&Leaf) -> bool) -> Result<(String, Option<Range<usize>>), fmt::Error> {
        let mut parts: Vec<Part> = Vec::new();
        let mut steps = self.steps().iter().peekable();
        while let Some(step) = steps.next() {
            match step {
                FilterStep::Leaf(leaf) => {
                    let negated = takes_not(&leaf.test) && steps.next_if_eq(&&FilterStep::Not).is_some();
                    let text = leaf_text(leaf, negated)?;
                    let mark = marked(leaf).then_some(0..text.len());
                    parts.push(Part { text, bond: Bond::Test, mark });
                }
                FilterStep::Not => {
                    let operand = parts.split_off(parts.len().saturating_sub(1));
                    parts.push(join(operand, "not ", "", Bond::Test));
                }
                FilterStep::And(count) => {
                    let operands = parts.split_off(parts.len().saturating_sub(*count));
                    parts.push(join(operands, "", " and ", Bond::And));
                }
                FilterStep::Or(count) => {
                    let operands = parts.split_off(parts.len().saturating_sub(*count));
                    parts.push(join(operands, "", " or ", Bond::Or));
                }
            }
        }
        Ok(parts.pop().map(|part| (part.text, part.mark)).unwrap_or_default())
    }
}

/// Joins parts with a word between them; puts weaker ones in parentheses.
fn join(parts: Vec<Part>, before: &str, between: &str, bond: Bond) -> Part {
    let mut whole = Part { text: before.to_owned(), bond, mark: None };
    for (i, part) in parts.into_iter().enumerate() {
        let (open, close) = if part.bond < bond { ("(", ")") } else { ("", "") };
        if i > 0 {
            whole.text.push_str(between);
        }
        whole.text.push_str(open);
        let start = whole.text.len();
        whole.mark = whole.mark.or(part.mark.map(|mark| start + mark.start..start + mark.end));
        whole.text.push_str(&part.text);
        whole.text.push_str(close);
    }
    whole
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

/// Writes a text as a value in an expression, in quotes if it needs them.
pub(crate) fn quoted(text: &str) -> String {
    value(text, true)
}

/// True if `not` stands between the name and the operator.
fn takes_not(test: &Test) -> bool {
    matches!(test, Test::In(_) | Test::Prefix(_) | Test::Glob(..) | Test::Contains(_))
}

fn leaf_text(leaf: &Leaf, negated: bool) -> Result<String, fmt::Error> {
    let mut text = String::new();
    let name = name(&leaf.field);
    let not = if negated { "not " } else { "" };
    let used = if matches!(leaf.test, Test::Order(..)) { Use::Order } else { Use::Bare };
    // Quoted, if the bare word would have another meaning.
    let of = |literal: &Literal| {
        let same = || Literal::read(&leaf.field, &literal.text, used, 0).as_ref() == Ok(literal);
        value(&literal.text, literal.is_day_word() || same())
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
        Test::Contains(part) => write!(text, "{name} {not}contains {}", value(&part.text, true))?,
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
        FilterValue::Text(text) | FilterValue::Word(text) => value(text, true),
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

/// True for text that needs no quotes or backticks.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(in_word) && keyword(text).is_none()
}

/// True for text that has the same meaning with quotes or is a bare word.
pub(super) fn is_bare(text: &str) -> bool {
    is_word(text) || keyword(text).is_some()
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
