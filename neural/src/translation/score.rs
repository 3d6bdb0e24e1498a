//! Scoring given translations.

use super::encoder_decoder::EncoderDecoder;
use super::pair_batch::{Pair, PairBatch, group_by_length};
use crate::dropout::Mode;
use crate::model_weights::Weights;
use crate::tensors::to_f64s;

/// Maximum number of pairs per batch.
const BATCH_PAIRS: usize = 64;

/// ln p of each target given its source; call it under `no_grad`. Batches contain sources of one length, so that a score does
/// not depend on the other pairs.
pub fn score_pairs<N: EncoderDecoder>(
    network: &N,
    weights: &Weights,
    pairs: &[Pair<'_>],
) -> Vec<f64> {
    let output = network.output();
    let device = weights[output.table].device();
    let lengths: Vec<usize> = pairs.iter().map(|pair| pair.0.len()).collect();
    let mut scores = vec![0.0; pairs.len()];
    for group in group_by_length(&lengths, BATCH_PAIRS) {
        let members: Vec<Pair<'_>> = group.iter().map(|&at| pairs[at]).collect();
        let batch = PairBatch::new(&members, network.vocabs().target_eos(), device);
        let hidden = network.forward(weights, &batch, Mode::Eval);
        let log_probs = to_f64s(&output.score(weights, &hidden, &batch.targets));
        let mut rest = &log_probs[..];
        for (at, pair) in group.into_iter().zip(members) {
            let (own, later) = rest.split_at(pair.1.len() + 1);
            rest = later;
            scores[at] = own.iter().sum();
        }
    }
    scores
}
