//! Tests of filters.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `naive.rs` | an evaluator without `Fields` and `Filter` | `document` |
//! | `random.rs` | random expressions and metadata | `naive` |
//! | `agree.rs` | [`super::Filter::matches`] agrees with the naive evaluator; a filter parses its own text | all |
//! | `meaning.rs` | the rules in the module's documentation, one by one | all |
//! | `readings.rs` | texts as numbers and dates | all |
//! | `times.rs` | times before now, words that only look like times, the order of dates | all |
//! | `globs.rs` | globs | all |
//! | `carets.rs` | error messages with carets | all |
//! | `languages.rs` | detection of languages | all |

mod agree;
mod carets;
mod globs;
mod languages;
mod meaning;
pub(crate) mod naive;
pub(crate) mod random;
mod readings;
mod times;
