//! Adds special tokens to a text or a pair: `TemplateProcessing`, `BertProcessing` and `RobertaProcessing`.

use serde::{Deserialize, Serialize};

use crate::batch::TokenInput;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Slot {
    /// The tokens of the first or the second text, all with this segment.
    Text { second: bool, segment: u32 },
    /// Special tokens.
    Special { ids: Vec<u32>, segment: u32 },
}

/// The templates for one text and for a pair of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Template {
    pub(super) single: Vec<Slot>,
    pub(super) pair: Vec<Slot>,
}

/// Fills the tokens of the texts into a template. Segments are returned only if one of them is not 0.
pub(super) fn fill(slots: &[Slot], first: &[u32], second: &[u32]) -> TokenInput {
    let (mut ids, mut segments) = (Vec::with_capacity(first.len() + second.len() + 4), Vec::new());
    let has_segments =
        slots.iter().any(|slot| matches!(slot, Slot::Text { segment: 1.., .. } | Slot::Special { segment: 1.., .. }));
    for slot in slots {
        let (part, segment) = match slot {
            Slot::Text { second: false, segment } => (first, segment),
            Slot::Text { second: true, segment } => (second, segment),
            Slot::Special { ids, segment } => (&ids[..], segment),
        };
        ids.extend_from_slice(part);
        if has_segments {
            segments.resize(ids.len(), *segment);
        }
    }
    TokenInput { ids, token_type_ids: segments.iter().any(|&s| s != 0).then_some(segments), attention_mask: None }
}
