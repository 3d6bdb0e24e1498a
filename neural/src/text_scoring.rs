//! Scoring text with a neural language model, many windows at a time.

use corpus::TokenId;
use harness::Ending;
use tch::Tensor;

use crate::dropout::Mode;
use crate::model_weights::Weights;
use crate::scoring_window::ScoringWindow;
use crate::tensors::{to_f64s, token_tensor};
use crate::text_network::TextNetwork;

/// Tokens per forward pass.
pub(crate) const BATCH_TOKENS: usize = 1 << 12;

/// Calls `visit` with the hidden states [predicted, D] of each window, computing many windows at a time.
pub(crate) fn visit_windows<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    (eos, tokens): (TokenId, &[TokenId]),
    windows: &[ScoringWindow],
    mut visit: impl FnMut(&ScoringWindow, Tensor),
) {
    let device = weights[network.output().table].device();
    let rows = (BATCH_TOKENS / network.context_length()).max(1);
    // Windows of a batch must have the same length; only the last one of a stream is shorter.
    for group in windows.chunk_by(|a, b| a.predicted.end - a.start == b.predicted.end - b.start) {
        for batch in group.chunks(rows) {
            let inputs = batch.iter().flat_map(|window| window.inputs(tokens, eos));
            let inputs: Vec<TokenId> = inputs.collect();
            let inputs = token_tensor(&inputs, device).view([batch.len() as i64, -1]);
            let hidden = network.forward(weights, &inputs, Mode::Eval);
            for (row, window) in (0..).zip(batch) {
                let from = window.predicted.start - window.start;
                let length = window.predicted.len();
                let hidden = hidden.select(0, row);
                visit(window, hidden.narrow(0, from as i64, length as i64));
            }
        }
    }
}

/// The mean ln p of a stream, for learning curves; `None` for an empty one.
pub fn mean_log_prob<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    tokens: &[TokenId],
) -> Option<f64> {
    let log_probs = score(network, weights, eos, tokens);
    (!log_probs.is_empty()).then(|| log_probs.iter().sum::<f64>() / log_probs.len() as f64)
}

/// ln p of each token of a stream.
pub(crate) fn score<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    tokens: &[TokenId],
) -> Vec<f64> {
    let windows = ScoringWindow::all(tokens.len(), network.context_length());
    let mut log_probs = Vec::with_capacity(tokens.len());
    tch::no_grad(|| {
        visit_windows(
            network,
            weights,
            (eos, tokens),
            &windows,
            |window, hidden| {
                let targets = token_tensor(&tokens[window.predicted.clone()], hidden.device());
                let scores = network.output().score(weights, &hidden, &targets);
                log_probs.extend(to_f64s(&scores));
            },
        );
    });
    log_probs
}

/// ln p of each token of the endings of streams that fit the context, computed as one batch.
pub(crate) fn score_endings<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    streams: &[&Ending],
) -> Vec<Vec<f64>> {
    let output = network.output();
    let device = weights[output.table].device();
    let lengths = streams.iter().map(|stream| stream.tokens.len());
    let length = lengths.max().unwrap_or(0);
    let (mut inputs, mut positions, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for Ending { tokens, from } in streams {
        let row = inputs.len();
        inputs.push(eos);
        inputs.extend_from_slice(tokens);
        let asked = (*from).min(tokens.len())..tokens.len();
        positions.extend(asked.clone().map(|position| (row + position) as u32));
        targets.extend_from_slice(&tokens[asked]);
        // Padding at the end does not affect earlier positions.
        inputs.resize(row + length, eos);
    }
    if targets.is_empty() {
        return vec![Vec::new(); streams.len()];
    }
    let inputs = token_tensor(&inputs, device).view([streams.len() as i64, length as i64]);
    let positions = token_tensor(&positions, device);
    let hidden = network.forward(weights, &inputs, Mode::Eval);
    let hidden = hidden.flatten(0, 1).index_select(0, &positions);
    let scores = to_f64s(&output.score(weights, &hidden, &token_tensor(&targets, device)));
    let mut rest = &scores[..];
    let lengths = streams
        .iter()
        .map(|stream| stream.tokens.len().saturating_sub(stream.from));
    lengths
        .map(|length| {
            let (own, later) = rest.split_at(length);
            rest = later;
            own.to_vec()
        })
        .collect()
}
