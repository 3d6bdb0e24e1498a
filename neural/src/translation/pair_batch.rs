//! Sentence pairs, and batches of them as tensors.

use corpus::{Corpus, Split, TokenId};
use tch::{Device, Tensor};

use crate::error::Result;
use crate::tensors::{pad_rows, token_tensor};

/// Tokens of a source and its target, without end tokens.
pub type Pair<'a> = (&'a [TokenId], &'a [TokenId]);
/// An owned [`Pair`].
pub type OwnedPair = (Vec<TokenId>, Vec<TokenId>);

/// The pairs of a split with text on both sides, and the number of skipped pairs.
///
/// # Errors
/// [`harness::Error::Corrupt`] if one side has more sentences than the other, and as [`Corpus::split`].
pub fn read_pairs(
    source: &Corpus,
    target: &Corpus,
    split: Split,
) -> Result<(Vec<OwnedPair>, usize)> {
    if !source.has(split) {
        return Ok((Vec::new(), 0));
    }
    let (sources, targets) = (sentences(source, split)?, sentences(target, split)?);
    if sources.len() != targets.len() {
        let what = format!(
            "{} sources and {} targets in {split}; prepare the corpus again",
            sources.len(),
            targets.len()
        );
        return Err(harness::Error::corrupt(source.folder(), what).into());
    }
    let all = sources.len();
    let is_whole = |pair: &OwnedPair| !pair.0.is_empty() && !pair.1.is_empty();
    let pairs: Vec<OwnedPair> = sources.into_iter().zip(targets).filter(is_whole).collect();
    let skipped = all - pairs.len();
    Ok((pairs, skipped))
}

/// The sentences of a split on one side of a parallel corpus, without end tokens.
///
/// # Errors
/// As [`Corpus::split`].
pub fn sentences(side: &Corpus, split: Split) -> corpus::Result<Vec<Vec<TokenId>>> {
    let stream = side.split(split)?;
    let eos = side.vocab().eos();
    let sentence = |span: &corpus::Span| {
        let mut tokens = stream.read(span.range());
        tokens.pop_if(|last| *last == eos);
        tokens
    };
    Ok(stream.documents.iter().map(sentence).collect())
}

/// A batch of pairs.
#[derive(Debug)]
pub struct PairBatch<'a> {
    /// Source tokens, without end tokens.
    pub sources: Vec<&'a [TokenId]>,
    /// Decoder input, `[batch, target_time]`: the token before each target token, padded at the end.
    pub inputs: Tensor,
    /// Target tokens of all rows, end tokens included, `[targets]`.
    pub targets: Tensor,
    /// Positions of the targets in the flattened `inputs`, `[targets]`.
    pub positions: Tensor,
}

impl<'a> PairBatch<'a> {
    /// A batch of pairs; `eos` ends each target.
    pub fn new(pairs: &[Pair<'a>], eos: TokenId, device: Device) -> PairBatch<'a> {
        let before = pairs.iter().map(|pair| [&[eos], pair.1].concat());
        let before: Vec<Vec<TokenId>> = before.collect();
        let before: Vec<&[TokenId]> = before.iter().map(Vec::as_slice).collect();
        let inputs = pad_rows(&before, eos, device);
        let longest = inputs.size()[1];
        let (mut targets, mut positions) = (Vec::new(), Vec::new());
        for (row, (_, target)) in (0..).zip(pairs) {
            targets.extend_from_slice(target);
            targets.push(eos);
            let from = row * longest as u32;
            positions.extend(from..=from + target.len() as u32);
        }
        PairBatch {
            sources: pairs.iter().map(|pair| pair.0).collect(),
            inputs,
            targets: token_tensor(&targets, device),
            positions: token_tensor(&positions, device),
        }
    }

    /// The hidden states at predicted positions.
    ///
    /// # Shapes
    /// `[batch, target_time, D]` to `[targets, D]`.
    pub fn select_targets(&self, hidden: &Tensor) -> Tensor {
        hidden.flatten(0, 1).index_select(0, &self.positions)
    }
}

/// Indices grouped by equal length, at most `max_size` per group, shortest first.
pub(super) fn group_by_length(lengths: &[usize], max_size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&at| lengths[at]);
    let groups = order.chunk_by(|&a, &b| lengths[a] == lengths[b]);
    groups
        .flat_map(|group| group.chunks(max_size.max(1)).map(<[usize]>::to_vec))
        .collect()
}
