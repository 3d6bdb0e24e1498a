//! The LSTM language model.

use corpus::TokenId;
use neural::{
    IncrementalDecoder, Layout, Mode, OutputLayer, Parameters, TextNetwork, Weights, row_tensor,
    token_tensor,
};
use tch::Tensor;

use super::config::LmConfig;
use crate::ERA;
use crate::decoder::Decoder;
use crate::lstm::State;

/// An LSTM language model.
#[derive(Debug)]
pub struct Network {
    config: LmConfig,
    decoder: Decoder,
}

/// Window length in scoring: each token has a context of at least half a window, which is more than an LSTM remembers.
const CONTEXT_LENGTH: usize = 512;

impl TextNetwork for Network {
    type Config = LmConfig;
    const ERA: &'static str = ERA;

    fn new(config: &LmConfig, vocab_size: usize, layout: &mut Layout) -> Network {
        let names = ["embedding", "lstm"];
        Network {
            config: config.clone(),
            decoder: Decoder::new(config.decoder(), vocab_size, names, layout),
        }
    }

    fn config(&self) -> &LmConfig {
        &self.config
    }

    fn output(&self) -> &OutputLayer {
        &self.decoder.output
    }

    fn init_parameters(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.decoder.init_parameters(parameters, counts);
    }

    fn forward(&self, weights: &Weights, tokens: &Tensor, mode: Mode) -> Tensor {
        let state = self.decoder.lstm.zero_state(weights, tokens.size()[0]);
        self.decoder.forward(weights, tokens, &state, mode).0
    }

    fn forward_carried(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        carried: &[Tensor],
    ) -> (Tensor, Vec<Tensor>) {
        let rows = tokens.size()[0];
        let state = State::from_tensors(carried)
            .unwrap_or_else(|| self.decoder.lstm.zero_state(weights, rows));
        let (hidden, state) = self.decoder.forward(weights, tokens, &state, Mode::Train);
        (hidden, state.into_tensors())
    }

    fn context_length(&self) -> usize {
        CONTEXT_LENGTH
    }

    fn decoder<'a>(
        &'a self,
        weights: &'a Weights,
        prefix: &[TokenId],
    ) -> Box<dyn IncrementalDecoder + 'a> {
        let lstm = &self.decoder.lstm;
        let mut state = lstm.zero_state(weights, 1);
        if !prefix.is_empty() {
            let tokens = token_tensor(prefix, state.hidden.device()).unsqueeze(0);
            state = self.decoder.forward(weights, &tokens, &state, Mode::Eval).1;
        }
        Box::new(Stepper {
            decoder: &self.decoder,
            weights,
            state,
        })
    }

    /// 2 per parameter in the forward pass and 4 in the backward pass.
    fn flops_per_token(&self) -> f64 {
        let vocab_size = self.decoder.output.vocab_size as usize;
        let words = match self.config.num_sampled {
            0 => vocab_size,
            sampled => sampled.min(vocab_size),
        };
        6.0 * self.decoder.matmul_parameters(words) as f64
    }

    /// Gates, cells and outputs of each layer.
    fn activations_per_token(&self) -> u64 {
        let config = &self.config;
        (config.num_layers * 14 * config.hidden_size + 6 * config.embedding_size) as u64
    }
}

/// Decodes texts in parallel; the size of the state does not depend on their length.
struct Stepper<'a> {
    decoder: &'a Decoder,
    weights: &'a Weights,
    state: State,
}

impl IncrementalDecoder for Stepper<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let tokens = token_tensor(tokens, self.state.hidden.device()).unsqueeze(1);
        let (hidden, state) = self
            .decoder
            .forward(self.weights, &tokens, &self.state, Mode::Eval);
        self.state = state;
        let output = &self.decoder.output;
        output.log_probs(self.weights, &hidden.select(1, 0))
    }

    fn select(&mut self, rows: &[usize]) {
        let rows = row_tensor(rows, self.state.hidden.device());
        self.state = self.state.select(&rows);
    }
}
