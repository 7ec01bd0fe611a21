//! The ranges of numbers that a filter's test accepts.

use crate::filter::{Literal, Order, Reading, Test};

/// The most literals of a list that are searched as ranges; longer lists are tested value by value.
const MAX_RANGES: usize = 8;

/// A function that returns the range of numbers that a literal accepts, with both ends: without an order the numbers equal to the
/// literal, otherwise the numbers with this order to the literal. Outer `None`: not a range. Inner `None`: an empty range.
pub(super) type RangeOf<T> = fn(&Literal, Option<Order>) -> Option<Option<(T, T)>>;

/// Returns the ranges of numbers that a test accepts, with both ends; `None` if each value must be tested.
pub(super) fn ranges<T: Number>(test: &Test, range: RangeOf<T>) -> Option<Vec<(T, T)>> {
    Some(match test {
        Test::Exists => vec![(T::MIN_VALUE, T::MAX_VALUE)],
        Test::Equal(literal) | Test::NotEqual(literal) => range(literal, None)?.into_iter().collect(),
        Test::Order(order, literal) => range(literal, Some(*order))?.into_iter().collect(),
        Test::In(literals) if literals.len() > MAX_RANGES => return None,
        Test::In(literals) => {
            let ranges: Option<Vec<_>> = literals.iter().map(|literal| range(literal, None)).collect();
            ranges?.into_iter().flatten().collect()
        }
        Test::Prefix(_) | Test::Contains(_) | Test::Glob(..) | Test::Invalid(..) => Vec::new(),
    })
}

pub(super) trait Number {
    const MIN_VALUE: Self;
    const MAX_VALUE: Self;
}

impl Number for i64 {
    const MIN_VALUE: Self = Self::MIN;
    const MAX_VALUE: Self = Self::MAX;
}

impl Number for f64 {
    const MIN_VALUE: Self = Self::NEG_INFINITY;
    const MAX_VALUE: Self = Self::INFINITY;
}

/// The [`RangeOf`] for integers.
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

/// The [`RangeOf`] for floats.
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
        Some(Order::Less) => (f64::MIN_VALUE, first.next_down()),
        Some(Order::LessOrEqual) => (f64::MIN_VALUE, last),
        Some(Order::Greater) => (last.next_up(), f64::MAX_VALUE),
        Some(Order::GreaterOrEqual) => (first, f64::MAX_VALUE),
    }))
}
