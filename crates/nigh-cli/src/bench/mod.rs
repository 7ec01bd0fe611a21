//! The measurements of `nigh bench`. `commands/bench.rs` prints them.
//!
//! | file | what it is responsible for |
//! |---|---|
//! | `row.rs` | [`Row`]: the figures of one machine; the line of `--json`, and the form in which they are stored |
//! | `known.json` | figures of known machines, one row a line |
//! | `machine.rs` | what this machine has: CPU, cores, load; today's date |
//! | `texts.rs` | the texts to encode, in English and Chinese |
//! | `timing.rs` | repeats a step for a limited time; medians |
//! | `encoding.rs` | measures the encoder |
//! | `search.rs` | measures an exact search in a temporary collection |
//!
//! Uses the library's public API, and `output`, `interrupt`, `scratch` of the program.

mod encoding;
mod machine;
mod row;
mod search;
mod texts;
mod timing;

use std::time::Duration;

use nigh::Encoder;

pub use self::row::{Row, known};
use crate::output::Failure;
use crate::progress::Notes;

/// Measures everything, and adds it to the row. `time` is divided among the measurements; a slow machine takes longer.
pub fn measure(mut row: Row, encoder: &Encoder, time: Duration, notes: Notes) -> Result<Row, Failure> {
    let languages = texts::languages(encoder)?;
    {
        let _doing = notes.doing("encoding passages");
        row.passages = Some(encoding::passages(encoder, languages, time.mul_f64(0.4))?);
    }
    {
        let _doing = notes.doing("encoding short texts");
        row.short_texts = Some(encoding::short_texts(encoder, languages, time.mul_f64(0.3))?);
    }
    {
        let _doing = notes.doing("encoding one question at a time");
        row.question = Some(encoding::question(encoder, time.mul_f64(0.15))?);
    }
    let _doing = notes.doing("searching vectors");
    row.search = Some(search::exact(encoder.dimension(), time.mul_f64(0.15))?);
    Ok(row)
}
