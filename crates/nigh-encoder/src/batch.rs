//! Batches: sequences laid end to end. There is no padding, so only tokens of the input are computed.

use crate::error::{Error, Result};

/// One sequence of token ids, for callers that tokenise themselves. Checked by [`Encoder::encode_tokens`](crate::Encoder::encode_tokens).
///
/// ```
/// let input = nigh_encoder::TokenInput::new(vec![101, 7592, 102]).attention_mask(vec![1, 1, 1]);
/// assert_eq!((input.ids.len(), input.token_type_ids), (3, None));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInput {
    /// Token ids, special tokens included.
    pub ids: Vec<u32>,
    /// Segment ids, one per token. `None`: all 0, as BERT defines it.
    pub token_type_ids: Option<Vec<u32>>,
    /// 1 for each token that takes part, 0 for each that is ignored. `None`: all 1, as BERT defines it.
    pub attention_mask: Option<Vec<u8>>,
}

impl TokenInput {
    /// Creates a sequence of these token ids, special tokens included.
    pub fn new(ids: Vec<u32>) -> Self {
        Self { ids, ..Self::default() }
    }

    /// Sets the segment ids, one per token.
    #[must_use]
    pub fn token_type_ids(mut self, ids: Vec<u32>) -> Self {
        self.token_type_ids = Some(ids);
        self
    }

    /// Sets which tokens take part (1) and which are ignored (0), one value per token.
    #[must_use]
    pub fn attention_mask(mut self, mask: Vec<u8>) -> Self {
        self.attention_mask = Some(mask);
        self
    }

    /// Checks lengths and values.
    ///
    /// # Errors
    /// [`Error::Encode`] when the sequence is empty or longer than the context length, or when the lengths of its lists differ.
    pub(crate) fn check(&self, context_length: usize) -> Result<()> {
        let length = self.ids.len();
        let problem = if length == 0 {
            "a sequence has no tokens".to_owned()
        } else if length > context_length {
            format!(
                "a sequence of {length} tokens is longer than the model's context length of {context_length}; split it first"
            )
        } else if self.token_type_ids.as_ref().is_some_and(|types| types.len() != length) {
            format!("token_type_ids must be as long as the {length} token ids")
        } else if self.attention_mask.as_ref().is_some_and(|mask| mask.len() != length) {
            format!("attention_mask must be as long as the {length} token ids")
        } else if self.attention_mask.as_ref().is_some_and(|mask| mask.iter().all(|&m| m == 0)) {
            "attention_mask ignores every token; at least one must be 1".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::Encode { problem })
    }
}

/// Sequences laid end to end, which a backend computes together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Token ids, `[tokens]`.
    pub(crate) ids: Vec<u32>,
    /// Segment ids, `[tokens]`.
    pub(crate) types: Vec<u32>,
    /// For each token, true if it takes part, `[tokens]`; empty if all of them do.
    pub(crate) mask: Vec<bool>,
    /// The start of each sequence and, as the last element, the number of tokens: `[sequences + 1]`.
    pub(crate) starts: Vec<usize>,
}

impl Batch {
    /// Lays these sequences end to end.
    pub(crate) fn new<'a>(sequences: impl Iterator<Item = &'a TokenInput> + Clone) -> Self {
        let tokens = sequences.clone().map(|s| s.ids.len()).sum();
        let has_mask = sequences.clone().any(|s| s.attention_mask.as_ref().is_some_and(|mask| mask.contains(&0)));
        let mut batch = Self { ids: Vec::with_capacity(tokens), ..Self::default() };
        batch.starts.push(0);
        for sequence in sequences {
            let length = sequence.ids.len();
            batch.ids.extend(&sequence.ids);
            match &sequence.token_type_ids {
                Some(types) => batch.types.extend(types),
                None => batch.types.extend(std::iter::repeat_n(0, length)),
            }
            if has_mask {
                match &sequence.attention_mask {
                    Some(mask) => batch.mask.extend(mask.iter().map(|&m| m != 0)),
                    None => batch.mask.extend(std::iter::repeat_n(true, length)),
                }
            }
            batch.starts.push(batch.ids.len());
        }
        batch
    }

    /// Returns the token range of each sequence.
    pub(crate) fn sequences(&self) -> impl ExactSizeIterator<Item = std::ops::Range<usize>> {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// Returns the mask of a token range; `None` if every token takes part.
    pub(crate) fn mask_of(&self, range: std::ops::Range<usize>) -> Option<&[bool]> {
        self.mask.get(range).filter(|mask| mask.contains(&false))
    }
}

/// The most tokens of a batch of several sequences: its widest activations, 1.5 KB × 4 for each token with hidden size 384,
/// stay within a 2 MB L2 cache.
const MAX_BATCH_TOKENS: usize = 320;

/// Groups sequences into batches, each computed by one thread. Returns indices into `lengths`, longest sequences first, so that
/// threads finish together. A batch has at least one sequence. If it has several, they have similar lengths, and together at
/// most [`MAX_BATCH_TOKENS`] tokens (or an equal share for each thread, if that is less).
pub(crate) fn plan_batches(lengths: &[usize], threads: usize) -> Vec<Vec<usize>> {
    let total: usize = lengths.iter().sum();
    let limit = total.div_ceil(threads.max(1)).clamp(1, MAX_BATCH_TOKENS);
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(lengths[i]), i));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut tokens = usize::MAX;
    for i in order {
        if tokens.saturating_add(lengths[i]) > limit {
            batches.push(Vec::new());
            tokens = 0;
        }
        tokens += lengths[i];
        if let Some(batch) = batches.last_mut() {
            batch.push(i);
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_batches_holds_every_sequence_once_in_small_batches() {
        let lengths: Vec<usize> = (0..200).map(|i| 1 + (i * 37) % 510).collect();
        let batches = plan_batches(&lengths, 2);
        let mut seen: Vec<usize> = batches.concat();
        for batch in &batches {
            assert!(batch.len() == 1 || batch.iter().map(|&i| lengths[i]).sum::<usize>() <= MAX_BATCH_TOKENS);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn plan_batches_shares_few_short_texts_among_threads() {
        assert_eq!(plan_batches(&[10, 10, 10, 10], 2).len(), 2);
        assert!(plan_batches(&[], 2).is_empty());
    }

    #[test]
    fn batch_fills_in_absent_inputs() {
        let plain = TokenInput { ids: vec![1, 2], ..Default::default() };
        let masked = TokenInput { ids: vec![3, 4], token_type_ids: Some(vec![0, 1]), attention_mask: Some(vec![1, 0]) };
        let batch = Batch::new([&plain, &masked].into_iter());
        assert_eq!((&batch.types[..], &batch.mask[..]), (&[0, 0, 0, 1][..], &[true, true, true, false][..]));
        assert_eq!(batch.mask_of(0..2), None);
        assert!(batch.mask_of(2..4).is_some());
        assert!(Batch::new([&plain].into_iter()).mask.is_empty());
    }

    #[test]
    fn token_input_refuses_wrong_shapes() {
        let check = |input: TokenInput| input.check(4).is_err();
        assert!(check(TokenInput::default()));
        assert!(check(TokenInput { ids: vec![1; 5], ..Default::default() }));
        assert!(check(TokenInput { ids: vec![1], token_type_ids: Some(vec![]), ..Default::default() }));
        assert!(check(TokenInput { ids: vec![1], attention_mask: Some(vec![0]), ..Default::default() }));
        assert!(!check(TokenInput { ids: vec![1; 4], ..Default::default() }));
    }
}
