//! Pairs as tensors.

use corpus::TokenId;
use neural::{Weights, ids, numbers, padded};
use tch::{Device, Tensor};

use super::network::Network;
use crate::lstm::Mode;

/// Tokens of a source and of its target, without their ends.
pub(crate) type Pair<'a> = (&'a [TokenId], &'a [TokenId]);

/// Pairs that are read together. Where their sources have not one length, which is for training only, the shorter ones are
/// filled up at their beginning.
#[derive(Debug)]
pub(crate) struct Batch {
    /// `[batch, source_time]`.
    pub(crate) sources: Tensor,
    /// What the decoder reads, `[batch, target_time]`: what stands before each target token, filled up at the end.
    pub(crate) inputs: Tensor,
    /// What it is to predict, ends included: `[tokens]` of all targets, one after the other.
    pub(crate) targets: Tensor,
    /// Where they stand among `inputs`, `[tokens]`.
    pub(crate) places: Tensor,
}

impl Batch {
    pub(crate) fn new(network: &Network, pairs: &[Pair<'_>], device: Device) -> Batch {
        let end = network.ends.target;
        let source_time = pairs.iter().map(|pair| pair.0.len() + 1).max().unwrap_or(0);
        let mut sources = Vec::with_capacity(pairs.len() * source_time);
        for (row, pair) in pairs.iter().enumerate() {
            let filled = source_time - (pair.0.len() + 1);
            sources.resize(row * source_time + filled, network.ends.source);
            sources.extend(network.order(pair.0));
        }
        let before = pairs.iter().map(|pair| [&[end], pair.1].concat());
        let before: Vec<Vec<TokenId>> = before.collect();
        let before: Vec<&[TokenId]> = before.iter().map(Vec::as_slice).collect();
        let inputs = padded(&before, end, device);
        let longest = inputs.size()[1];
        let (mut targets, mut places) = (Vec::new(), Vec::new());
        for (row, (_, target)) in (0..).zip(pairs) {
            targets.extend_from_slice(target);
            targets.push(end);
            let from = row * longest;
            places.extend(from..=from + target.len() as i64);
        }
        Batch {
            sources: ids(&sources, device).view([pairs.len() as i64, source_time as i64]),
            inputs,
            targets: ids(&targets, device),
            places: Tensor::from_slice(&places).to_device(device),
        }
    }

    /// Hidden states of the places that predict something, `[tokens, D]`.
    pub(crate) fn hidden(&self, network: &Network, weights: &Weights, mode: Mode) -> Tensor {
        let state = network.encode(weights, &self.sources, mode);
        let (hidden, _) = network.decoder.follow(weights, &self.inputs, &state, mode);
        hidden.flatten(0, 1).index_select(0, &self.places)
    }
}

/// Pairs that are scored together at most.
const TOGETHER: usize = 64;

/// Numbers of `lengths` in groups of one length, each of at most `most`; the shortest first.
pub(crate) fn of_one_length(lengths: &[usize], most: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&at| lengths[at]);
    let groups = order.chunk_by(|&a, &b| lengths[a] == lengths[b]);
    groups
        .flat_map(|group| group.chunks(most).map(<[usize]>::to_vec))
        .collect()
}

/// ln p of each target given its source; to be called without gradients.
pub(crate) fn score(network: &Network, weights: &Weights, pairs: &[Pair<'_>]) -> Vec<f64> {
    let device = weights[network.decoder.output.table].device();
    let lengths: Vec<usize> = pairs.iter().map(|pair| pair.0.len()).collect();
    let mut scores = vec![0.0; pairs.len()];
    for group in of_one_length(&lengths, TOGETHER) {
        let some: Vec<Pair<'_>> = group.iter().map(|&at| pairs[at]).collect();
        let batch = Batch::new(network, &some, device);
        let hidden = batch.hidden(network, weights, Mode::Judge);
        let log_probs = numbers(
            &network
                .decoder
                .output
                .score(weights, &hidden, &batch.targets),
        );
        let mut rest = &log_probs[..];
        for (at, pair) in group.into_iter().zip(some) {
            let (own, later) = rest.split_at(pair.1.len() + 1);
            rest = later;
            scores[at] = own.iter().sum();
        }
    }
    scores
}
