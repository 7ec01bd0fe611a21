//! TOML as fields, from the values of the `toml` crate.

use serde_json::{Map, Number, Value};

use super::Budget;

/// Reads the fields; `None` if the text is not valid TOML, or has too many values.
pub(super) fn read(text: &str) -> Option<Map<String, Value>> {
    let table = text.replace("\r\n", "\n").parse::<toml::Table>().ok()?;
    fields(table, 0, &mut Budget::default())
}

fn fields(table: toml::Table, depth: usize, budget: &mut Budget) -> Option<Map<String, Value>> {
    table.into_iter().map(|(key, field)| Some((key, value(field, depth + 1, budget)?))).collect()
}

fn value(value_of: toml::Value, depth: usize, budget: &mut Budget) -> Option<Value> {
    budget.take(depth)?;
    Some(match value_of {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        // JSON has no infinity.
        toml::Value::Float(number) => {
            Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
        }
        toml::Value::Boolean(truth) => Value::from(truth),
        toml::Value::Datetime(date) => Value::from(date.to_string()),
        toml::Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| value(item, depth + 1, budget)).collect::<Option<_>>()?)
        }
        toml::Value::Table(table) => Value::Object(fields(table, depth, budget)?),
    })
}
