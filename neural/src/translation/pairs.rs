//! Pairs of sentences, and what a decoder is to predict of them.

use corpus::{Corpus, Split, TokenId};
use tch::{Device, Tensor};

use super::EncoderDecoder;
use super::batches::{padded, sentences};
use crate::decoding::numbers;
use crate::error::Result;
use crate::parameters::Weights;
use crate::streams::ids;

/// Tokens of a source and of its target, without their ends.
pub type Pair<'a> = (&'a [TokenId], &'a [TokenId]);
/// The same, owned.
pub type OwnedPair = (Vec<TokenId>, Vec<TokenId>);

/// The pairs of a split that have words on both sides, and how many have not.
///
/// # Errors
/// [`harness::Error::Corrupt`] if one side has more sentences than the other, and as [`Corpus::split`].
pub fn pairs_of(source: &Corpus, target: &Corpus, split: Split) -> Result<(Vec<OwnedPair>, usize)> {
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
    let left_out = all - pairs.len();
    Ok((pairs, left_out))
}

/// Pairs that are read together.
#[derive(Debug)]
pub struct PairBatch<'a> {
    /// Without their ends.
    pub sources: Vec<&'a [TokenId]>,
    /// What the decoder reads, `[batch, target_time]`: what stands before each target token, filled up at the end.
    pub inputs: Tensor,
    /// What it is to predict, ends included: `[targets]` of all rows, one after the other.
    pub targets: Tensor,
    /// Where they stand among `inputs`, `[targets]`.
    pub places: Tensor,
}

impl<'a> PairBatch<'a> {
    /// Of targets that end with `end`.
    pub fn new(pairs: &[Pair<'a>], end: TokenId, device: Device) -> PairBatch<'a> {
        let before = pairs.iter().map(|pair| [&[end], pair.1].concat());
        let before: Vec<Vec<TokenId>> = before.collect();
        let before: Vec<&[TokenId]> = before.iter().map(Vec::as_slice).collect();
        let inputs = padded(&before, end, device);
        let longest = inputs.size()[1];
        let (mut targets, mut places) = (Vec::new(), Vec::new());
        for (row, (_, target)) in (0..).zip(pairs) {
            targets.extend_from_slice(target);
            targets.push(end);
            let from = row * longest as u32;
            places.extend(from..=from + target.len() as u32);
        }
        PairBatch {
            sources: pairs.iter().map(|pair| pair.0).collect(),
            inputs,
            targets: ids(&targets, device),
            places: ids(&places, device),
        }
    }

    /// Of `[batch, target_time, D]` what predicts something: `[targets, D]`.
    pub fn predicting(&self, hidden: &Tensor) -> Tensor {
        hidden.flatten(0, 1).index_select(0, &self.places)
    }
}

/// Numbers of `lengths` in groups of one length, each of at most `most`; the shortest first.
pub(super) fn of_one_length(lengths: &[usize], most: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&at| lengths[at]);
    let groups = order.chunk_by(|&a, &b| lengths[a] == lengths[b]);
    groups
        .flat_map(|group| group.chunks(most.max(1)).map(<[usize]>::to_vec))
        .collect()
}

/// Pairs that are scored together at most.
const TOGETHER: usize = 64;

/// ln p of each target given its source; to be called without gradients. Sources of one length are read together, so that
/// nothing depends on what else is asked.
pub fn score_pairs<N: EncoderDecoder>(
    network: &N,
    weights: &Weights,
    pairs: &[Pair<'_>],
) -> Vec<f64> {
    let output = network.output();
    let device = weights[output.table].device();
    let lengths: Vec<usize> = pairs.iter().map(|pair| pair.0.len()).collect();
    let mut scores = vec![0.0; pairs.len()];
    for group in of_one_length(&lengths, TOGETHER) {
        let some: Vec<Pair<'_>> = group.iter().map(|&at| pairs[at]).collect();
        let batch = PairBatch::new(&some, network.sides().end(), device);
        let hidden = network.hidden(weights, &batch, false);
        let log_probs = numbers(&output.score(weights, &hidden, &batch.targets));
        let mut rest = &log_probs[..];
        for (at, pair) in group.into_iter().zip(some) {
            let (own, later) = rest.split_at(pair.1.len() + 1);
            rest = later;
            scores[at] = own.iter().sum();
        }
    }
    scores
}
