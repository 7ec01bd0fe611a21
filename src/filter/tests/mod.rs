//! What filters are held to.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `naive.rs` | an evaluator that knows neither `Fields` nor `Filter` | `document` |
//! | `random.rs` | expressions and metadata at random | `naive` |
//! | `agree.rs` | that [`super::Filter::matches`] answers as the naive one; that a filter reads its own text | all |
//! | `meaning.rs` | the sentences of the room's documentation, one by one | all |
//! | `readings.rs` | texts as numbers and dates | all |
//! | `globs.rs` | globs | all |
//! | `carets.rs` | mistakes as they are shown | all |
//! | `languages.rs` | which language | all |

mod agree;
mod carets;
mod globs;
mod languages;
mod meaning;
pub(crate) mod naive;
pub(crate) mod random;
mod readings;
