//! The decoder alone.

use neural::{Layout, Output, Weights};
use tch::Tensor;

use super::config::LmConfig;
use crate::decoder::Decoder;
use crate::lstm::Mode;

/// A decoder that reads texts.
#[derive(Debug)]
pub(crate) struct Network {
    config: LmConfig,
    pub(crate) decoder: Decoder,
}

/// Tokens that are read at once in judging: each is predicted from half of them at least, which is more than an LSTM
/// remembers.
const CONTEXT: usize = 512;

impl Network {
    /// Asks for the parameters of a model of so many words.
    pub(crate) fn new(config: &LmConfig, vocabulary: usize, layout: &mut Layout) -> Network {
        let decoder = Decoder::new(config.shape(), vocabulary, ["embedding", "lstm"], layout);
        Network {
            config: config.clone(),
            decoder,
        }
    }

    pub(crate) fn config(&self) -> &LmConfig {
        &self.config
    }

    /// Numbers that each token is multiplied with in training, those of the output layer included.
    pub(crate) fn multiplying(&self) -> u64 {
        let words = self.decoder.output.vocabulary as usize;
        self.decoder.multiplying(match self.config.candidates {
            0 => words,
            candidates => candidates.min(words),
        })
    }
}

impl neural::Network for Network {
    fn read(&self, weights: &Weights, tokens: &Tensor) -> Tensor {
        let start = self.decoder.lstm.start(weights, tokens.size()[0]);
        self.decoder.follow(weights, tokens, &start, Mode::Judge).0
    }

    fn output(&self) -> &Output {
        &self.decoder.output
    }

    fn context(&self) -> usize {
        CONTEXT
    }
}
