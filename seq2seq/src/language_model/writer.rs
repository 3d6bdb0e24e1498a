//! A language model in the middle of some texts.

use corpus::TokenId;
use neural::{Step, Weights, ids};
use tch::Tensor;

use super::network::Network;
use crate::lstm::{Mode, State};

/// Texts that grow together, with the state carried on, however long they become.
pub(super) struct Writer<'a> {
    pub(super) network: &'a Network,
    pub(super) weights: &'a Weights,
    pub(super) state: State,
}

impl Writer<'_> {
    /// The only text goes on with these tokens.
    pub(super) fn read(&mut self, tokens: &[TokenId]) {
        let tokens = ids(tokens, self.state.hidden.device()).unsqueeze(0);
        let decoder = &self.network.decoder;
        let (_, state) = decoder.follow(self.weights, &tokens, &self.state, Mode::Judge);
        self.state = state;
    }
}

impl Step for Writer<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let tokens = ids(tokens, self.state.hidden.device());
        let decoder = &self.network.decoder;
        let (log_probs, state) = decoder.step(self.weights, &tokens, &self.state);
        self.state = state;
        log_probs
    }

    fn select(&mut self, rows: &[usize]) {
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let rows = Tensor::from_slice(&rows).to_device(self.state.hidden.device());
        self.state = self.state.select(&rows);
    }
}
