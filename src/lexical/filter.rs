//! Filters over columns: finds the matching documents of a tantivy segment.
//!
//! Each test reads every column of its path. Text: the terms of the dictionary are sorted by bytes, so most tests are ranges of
//! ordinals, found without reading other terms. A glob reads each term with its prefix once. `contains`, and a comparison with a number or a date,
//! read all terms. Numbers: a range if the test is a range, otherwise value by value. `and`, `or`, `not`
//! combine 64 documents at a time.

use std::ops::{Range, RangeInclusive};

use tantivy::SegmentReader;
use tantivy::columnar::{Column, Dictionary, DynamicColumn, StrColumn, TermOrdHit};

use super::columns::paths;
use super::documents::Documents;
use super::fields::column_name;
use super::guard::{damaged, guard, unread, unreadable};
use super::ranges::{float_range, integer_range, ranges};
use crate::error::Result;
use crate::filter::{Filter, FilterStep, Leaf, Literal, Order, Test, ValueRef, is_inside};

/// Returns the matching documents of a segment, also deleted ones.
///
/// # Errors
/// [`crate::Error::InvalidFilter`] as from [`Filter::check`]; [`crate::Error::IndexDamaged`].
pub(crate) fn rows(reader: &SegmentReader, filter: &Filter) -> Result<Documents> {
    filter.check()?;
    guard(|| {
        let mut answers: Vec<Documents> = Vec::new();
        for step in filter.steps() {
            match step {
                FilterStep::Leaf(leaf) => answers.push(test(reader, leaf)?),
                FilterStep::Not => answers.last_mut().into_iter().for_each(Documents::complement),
                FilterStep::And(count) => join(&mut answers, *count, |a, b| a & b),
                FilterStep::Or(count) => join(&mut answers, *count, |a, b| a | b),
            }
        }
        Ok(answers.pop().unwrap_or_else(|| Documents::none(reader.max_doc())))
    })
}

/// Combines the last `count` results into one.
fn join(answers: &mut Vec<Documents>, count: usize, operation: fn(u64, u64) -> u64) {
    let mut operands = answers.split_off(answers.len().saturating_sub(count)).into_iter();
    if let Some(mut all) = operands.next() {
        operands.for_each(|operand| all.merge(&operand, operation));
        answers.push(all);
    }
}

/// Finds the documents that pass one test.
fn test(reader: &SegmentReader, leaf: &Leaf) -> Result<Documents> {
    let mut found = Documents::none(reader.max_doc());
    let path = leaf.field.path();
    test_path(reader, leaf, &path, &mut found)?;
    if leaf.looks_inside() {
        for path in paths(reader)?.iter().filter(|inner| is_inside(&path, inner)) {
            test_path(reader, leaf, path, &mut found)?;
        }
    }
    if leaf.is_complement() {
        found.complement();
    }
    Ok(found)
}

/// Adds the documents with an accepted value of a path.
fn test_path(reader: &SegmentReader, leaf: &Leaf, path: &str, found: &mut Documents) -> Result<()> {
    // Numbers with fractions have columns of their own.
    for fractions in [false, true] {
        let name = column_name(path, fractions);
        for handle in reader.fast_fields().dynamic_column_handles(&name).map_err(unreadable)? {
            match handle.open().map_err(unread)? {
                DynamicColumn::Str(column) => texts(&column, leaf, found)?,
                DynamicColumn::I64(column) => integers(&column, leaf, found),
                DynamicColumn::U64(column) => {
                    let value = |n: u64| i64::try_from(n).map_or(ValueRef::Float(n as f64), ValueRef::Integer);
                    one_by_one(&column, |number| leaf.accepts(value(number)), found);
                }
                DynamicColumn::F64(column) => floats(&column, leaf, found),
                DynamicColumn::Bool(column) => {
                    one_by_one(&column, |truth| leaf.accepts(ValueRef::Bool(truth)), found);
                }
                other => return Err(damaged(format!("{path:?} is a column of {:?}", other.column_type()))),
            }
        }
    }
    Ok(())
}

/// Finds documents with a value in the range, including both ends.
fn within<T>(column: &Column<T>, range: RangeInclusive<T>, found: &mut Documents)
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    // Tantivy 0.27 finds documents for a range below all values, as if the range held the smallest value.
    if *range.end() < column.min_value() || *range.start() > column.max_value() {
        return;
    }
    let mut documents = Vec::new();
    column.get_docids_for_value_range(range, 0..column.num_docs(), &mut documents);
    found.add(&documents);
}

/// Finds documents with an accepted value, value by value.
fn one_by_one<T>(column: &Column<T>, accepts: impl Fn(T) -> bool, found: &mut Documents)
where
    T: PartialOrd + Copy + std::fmt::Debug + Default + Send + Sync + 'static,
{
    const CHUNK: u32 = 1024;
    let (mut chunk, mut places) = ([T::default(); CHUNK as usize], Vec::new());
    let count = column.values.num_vals();
    for start in (0..count).step_by(CHUNK as usize) {
        let chunk = &mut chunk[..CHUNK.min(count - start) as usize];
        column.values.get_range(u64::from(start), chunk);
        places.extend((start..).zip(chunk.iter()).filter(|(_, value)| accepts(**value)).map(|(place, _)| place));
    }
    column.index.select_batch_in_place(0, &mut places);
    found.add(&places);
}

fn integers(column: &Column<i64>, leaf: &Leaf, found: &mut Documents) {
    match ranges(&leaf.test, integer_range) {
        Some(ranges) => ranges.into_iter().for_each(|(first, last)| within(column, first..=last, found)),
        None => one_by_one(column, |number| leaf.accepts(ValueRef::Integer(number)), found),
    }
}

fn floats(column: &Column<f64>, leaf: &Leaf, found: &mut Documents) {
    match ranges(&leaf.test, float_range) {
        Some(ranges) => ranges.into_iter().for_each(|(first, last)| within(column, first..=last, found)),
        None => one_by_one(column, |number| leaf.accepts(ValueRef::Float(number)), found),
    }
}

fn texts(column: &StrColumn, leaf: &Leaf, found: &mut Documents) -> Result<()> {
    let dictionary = column.dictionary();
    let ordinals = ordinals(dictionary, leaf)?;
    match ordinals.as_slice() {
        [] => {}
        [range] => within(column.ords(), range.start..=range.end - 1, found),
        ranges => {
            let mut accepted = vec![false; dictionary.num_terms()];
            for range in ranges {
                accepted[range.start as usize..range.end as usize].fill(true);
            }
            one_by_one(column.ords(), |ordinal| accepted.get(ordinal as usize) == Some(&true), found);
        }
    }
    Ok(())
}

/// Returns the ordinals of the accepted terms, as ranges; none is empty or outside the dictionary.
#[expect(clippy::single_range_in_vec_init, reason = "a list of ranges, of which there is one")]
fn ordinals(dictionary: &Dictionary, leaf: &Leaf) -> Result<Vec<Range<u64>>> {
    let terms = dictionary.num_terms() as u64;
    let from = |text: &[u8]| -> Result<(u64, bool)> {
        Ok(match dictionary.term_ord_or_next(text).map_err(unread)? {
            TermOrdHit::Exact(ordinal) => (ordinal.min(terms), true),
            TermOrdHit::Next(ordinal) => (ordinal.min(terms), false),
        })
    };
    let equal = |literal: &Literal| -> Result<Range<u64>> {
        let (ordinal, there) = from(literal.text.as_bytes())?;
        Ok(ordinal..(ordinal + u64::from(there)).min(terms))
    };
    if reads_texts(&leaf.test) {
        return accepted(dictionary, leaf, &[String::new()]);
    }
    let mut ranges = match &leaf.test {
        Test::Exists => vec![0..terms],
        Test::Equal(literal) | Test::NotEqual(literal) => vec![equal(literal)?],
        Test::Order(order, literal) => {
            let equal = equal(literal)?;
            vec![match order {
                Order::Less => 0..equal.start,
                Order::LessOrEqual => 0..equal.end,
                Order::Greater => equal.end..terms,
                Order::GreaterOrEqual => equal.start..terms,
            }]
        }
        Test::In(literals) => literals.iter().map(equal).collect::<Result<_>>()?,
        Test::Prefix(prefix) => {
            let end = after(prefix).map(|end| from(&end)).transpose()?;
            vec![from(prefix.as_bytes())?.0..end.map_or(terms, |end| end.0)]
        }
        Test::Contains(_) => accepted(dictionary, leaf, &[String::new()])?,
        Test::Glob(_, Some(pattern)) => accepted(dictionary, leaf, &pattern.beginnings())?,
        Test::Glob(_, None) | Test::Invalid(..) => Vec::new(),
    };
    ranges.retain(|range| range.start < range.end);
    Ok(ranges)
}

/// Returns the smallest byte string greater than all strings with a prefix; `None` for an empty prefix.
fn after(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    // UTF-8 has no byte 255, so this does not overflow.
    *end.last_mut()? += 1;
    Some(end)
}

/// True if a test may accept texts with any beginning.
fn reads_texts(test: &Test) -> bool {
    match test {
        Test::Equal(literal) | Test::NotEqual(literal) | Test::Order(_, literal) => literal.reads_texts(),
        Test::In(literals) => literals.iter().any(Literal::reads_texts),
        Test::Exists | Test::Prefix(_) | Test::Contains(_) | Test::Glob(..) | Test::Invalid(..) => false,
    }
}

/// Returns the accepted terms with one of the prefixes, as ranges.
fn accepted(dictionary: &Dictionary, leaf: &Leaf, beginnings: &[String]) -> Result<Vec<Range<u64>>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for beginning in beginnings {
        let mut terms = dictionary.prefix_range(beginning).into_stream().map_err(unread)?;
        while terms.advance() {
            let text = std::str::from_utf8(terms.key()).map_err(|_| damaged("a term is not UTF-8"))?;
            if !leaf.accepts(ValueRef::Text(text)) {
                continue;
            }
            let ordinal = terms.term_ord();
            match ranges.last_mut().filter(|last| last.end == ordinal) {
                Some(last) => last.end += 1,
                None => ranges.push(ordinal..ordinal + 1),
            }
        }
    }
    Ok(ranges)
}
