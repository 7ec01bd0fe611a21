//! The ranges of numbers that a test accepts.

use crate::filter::{Literal, Order, Reading, Test};

/// Lists of at most so many values are searched as ranges; longer ones value by value.
const MOST_RANGES: usize = 8;

/// The numbers that a literal accepts: equal ones without an order, else those in this order to it. The outer `None`: it is not a
/// range. The inner `None`: the range is empty.
pub(super) type RangeOf<T> = fn(&Literal, Option<Order>) -> Option<Option<(T, T)>>;

/// The ranges of numbers that a test accepts, first and last included; `None` when each value must be tested.
pub(super) fn ranges<T: Number>(test: &Test, range: RangeOf<T>) -> Option<Vec<(T, T)>> {
    Some(match test {
        Test::Exists => vec![(T::LEAST, T::GREATEST)],
        Test::Equal(literal) | Test::NotEqual(literal) => range(literal, None)?.into_iter().collect(),
        Test::Order(order, literal) => range(literal, Some(*order))?.into_iter().collect(),
        Test::In(literals) if literals.len() > MOST_RANGES => return None,
        Test::In(literals) => {
            let ranges: Option<Vec<_>> = literals.iter().map(|literal| range(literal, None)).collect();
            ranges?.into_iter().flatten().collect()
        }
        Test::Prefix(_) | Test::Glob(..) | Test::Invalid(..) => Vec::new(),
    })
}

pub(super) trait Number {
    const LEAST: Self;
    const GREATEST: Self;
}

impl Number for i64 {
    const LEAST: Self = Self::MIN;
    const GREATEST: Self = Self::MAX;
}

impl Number for f64 {
    const LEAST: Self = Self::NEG_INFINITY;
    const GREATEST: Self = Self::INFINITY;
}

pub(super) fn integer_range(literal: &Literal, order: Option<Order>) -> Option<Option<(i64, i64)>> {
    let ends = match literal.reading {
        Reading::Integer(number) => Some((number, number)),
        Reading::Range(start, end) => end.checked_sub(1).map(|last| (start, last)),
        Reading::Text | Reading::Bool(_) => None,
        Reading::Float(_) => return None,
    };
    Some(ends.and_then(|(first, last)| match order {
        None => Some((first, last)),
        Some(Order::Less) => Some((i64::MIN, first.checked_sub(1)?)),
        Some(Order::LessOrEqual) => Some((i64::MIN, last)),
        Some(Order::Greater) => Some((last.checked_add(1)?, i64::MAX)),
        Some(Order::GreaterOrEqual) => Some((first, i64::MAX)),
    }))
}

pub(super) fn float_range(literal: &Literal, order: Option<Order>) -> Option<Option<(f64, f64)>> {
    let number = match literal.reading {
        Reading::Integer(number) => number as f64,
        Reading::Float(number) => number,
        Reading::Text | Reading::Bool(_) | Reading::Range(..) => return Some(None),
    };
    // Columns order -0 before 0; a comparison treats them as equal.
    let (first, last) = if number == 0.0 { (-0.0, 0.0) } else { (number, number) };
    Some(Some(match order {
        None => (first, last),
        Some(Order::Less) => (f64::LEAST, first.next_down()),
        Some(Order::LessOrEqual) => (f64::LEAST, last),
        Some(Order::Greater) => (last.next_up(), f64::GREATEST),
        Some(Order::GreaterOrEqual) => (first, f64::GREATEST),
    }))
}
