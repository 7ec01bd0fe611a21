//! What the columns are held to. This file is thrown away when the lexical branch is merged.
//!
//! | file | what it is responsible for | may import |
//! |---|---|---|
//! | `filter.rs` | filters over columns against a naive evaluator; how long they take | all |

mod filter;
