//! Words after words.

use corpus::TokenId;
use neural::{Step, TextNetwork, Weights, ids};
use seq2seq::Mode;
use tch::Tensor;

use crate::network::{Memory, Network};

/// A network in the middle of some texts.
pub(crate) struct Writer<'a> {
    network: &'a Network,
    weights: &'a Weights,
    memory: Memory,
}

impl<'a> Writer<'a> {
    /// Has read these texts, which are of one length.
    pub(crate) fn after(network: &'a Network, weights: &'a Weights, texts: &[&[TokenId]]) -> Self {
        let mut memory = network.start(weights, texts.len() as i64);
        let read = texts.concat();
        if !read.is_empty() {
            let tokens = ids(&read, memory.device()).view([texts.len() as i64, -1]);
            let _ = network.follow(weights, &tokens, &mut memory, Mode::Judge);
        }
        Writer {
            network,
            weights,
            memory,
        }
    }
}

impl Step for Writer<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let tokens = ids(tokens, self.memory.device()).unsqueeze(1);
        let (network, memory) = (self.network, &mut self.memory);
        let hidden = network.follow(self.weights, &tokens, memory, Mode::Judge);
        network
            .output()
            .log_probs(self.weights, &hidden.select(1, 0))
    }

    fn select(&mut self, rows: &[usize]) {
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let rows = Tensor::from_slice(&rows).to_device(self.memory.device());
        self.memory.select(&rows);
    }
}
