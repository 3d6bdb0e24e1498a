//! The decoder alone.

use corpus::TokenId;
use neural::{Layout, Output, Result, Step, TextConfig, TextNetwork, Weights};
use tch::Tensor;

use super::LM_VARIANT;
use super::config::LmConfig;
use super::writer::Writer;
use crate::ERA;
use crate::decoder::Decoder;
use crate::lstm::Mode;

/// A decoder that reads texts.
#[derive(Debug)]
pub struct Network {
    config: LmConfig,
    pub(crate) decoder: Decoder,
}

/// Tokens that are read at once in judging: each is predicted from half of them at least, which is more than an LSTM
/// remembers.
const CONTEXT: usize = 512;

impl Network {
    /// Numbers that each token is multiplied with in training, those of the output layer included.
    pub(crate) fn multiplying(&self) -> u64 {
        let words = self.decoder.output.vocabulary as usize;
        self.decoder.multiplying(match self.config.candidates {
            0 => words,
            candidates => candidates.min(words),
        })
    }
}

impl TextConfig for LmConfig {
    fn validate(&self) -> Result<()> {
        LmConfig::validate(self)
    }

    fn compute(&self) -> &neural::Settings {
        &self.compute
    }
}

impl TextNetwork for Network {
    type Config = LmConfig;
    const ENTRY: (&'static str, &'static str) = (ERA, LM_VARIANT);

    fn new(config: &LmConfig, vocabulary: usize, layout: &mut Layout) -> Network {
        let decoder = Decoder::new(config.shape(), vocabulary, ["embedding", "lstm"], layout);
        Network {
            config: config.clone(),
            decoder,
        }
    }

    fn config(&self) -> &LmConfig {
        &self.config
    }

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

    fn writer<'a>(&'a self, weights: &'a Weights, read: &[TokenId]) -> Box<dyn Step + 'a> {
        let mut writer = Writer {
            network: self,
            weights,
            state: self.decoder.lstm.start(weights, 1),
        };
        if !read.is_empty() {
            writer.read(read);
        }
        Box::new(writer)
    }
}
