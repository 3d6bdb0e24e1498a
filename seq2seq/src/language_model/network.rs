//! Words to cells to words.

use neural::{Init, Layout, Linear, Output, ParameterId, Parameters, Weights};
use tch::Tensor;

use super::config::LmConfig;
use crate::lstm::{Lstm, Mode, State};

/// Where the parameters of a language model are, and how they are used.
#[derive(Debug)]
pub(crate) struct Network {
    config: LmConfig,
    /// [V, D].
    embedding: ParameterId,
    pub(crate) lstm: Lstm,
    /// H to D, where the output layer is an embedding of another width.
    projection: Option<Linear>,
    pub(crate) output: Output,
}

/// Tokens that are read at once in judging: each is predicted from half of them at least, which is more than an LSTM
/// remembers.
const CONTEXT: usize = 512;

impl Network {
    /// Asks for the parameters of a model of so many words.
    pub(crate) fn new(config: &LmConfig, vocabulary: usize, layout: &mut Layout) -> Network {
        let (words, width, hidden) = (vocabulary as i64, config.width as i64, config.hidden as i64);
        let init = config.begin();
        let embedding = layout.add("embedding", &[words, width], init);
        let lstm = Lstm::new(
            layout,
            "lstm",
            (config.width, config.hidden, config.layers),
            init,
        );
        let projection = (config.tied && width != hidden)
            .then(|| Linear::new(layout, "projection", hidden, width, init));
        let table = match config.tied {
            true => embedding,
            false => layout.add("output", &[words, hidden], init),
        };
        let bias = config
            .bias
            .then(|| layout.add("bias", &[words], Init::Zeros));
        Network {
            config: config.clone(),
            embedding,
            lstm,
            projection,
            output: Output {
                table,
                bias,
                vocabulary: words,
            },
        }
    }

    pub(crate) fn config(&self) -> &LmConfig {
        &self.config
    }

    /// Gives parameters the numbers that are not drawn.
    pub(crate) fn begin(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.lstm.begin_keeping(parameters, self.config.forget_bias);
        self.output.begin_with_frequencies(parameters, counts);
    }

    /// Numbers that each token is multiplied with in training, those of the output layer included.
    pub(crate) fn multiplying(&self) -> u64 {
        let config = &self.config;
        let cells = Lstm::multiplying(config.width, config.hidden, config.layers);
        let (projection, width) = match (config.tied, &self.projection) {
            (true, None) => (0, config.width),
            (true, Some(_)) => (config.hidden * config.width, config.width),
            (false, _) => (0, config.hidden),
        };
        let words = match config.candidates {
            0 => self.output.vocabulary as usize,
            candidates => candidates.min(self.output.vocabulary as usize),
        };
        (cells + projection + words * width) as u64
    }

    /// Hidden states `[batch, time, D]` of tokens `[batch, time]` that follow a state, and the state after them.
    pub(crate) fn follow(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &State,
        mode: Mode,
    ) -> (Tensor, State) {
        let x = mode.drop(weights.rows(self.embedding, tokens));
        let (written, state) = self.lstm.read(weights, &x, state, mode);
        let written = mode.drop(written);
        let hidden = match &self.projection {
            Some(projection) => projection.apply(weights, &written),
            None => written,
        };
        (hidden, state)
    }
}

impl neural::Network for Network {
    fn read(&self, weights: &Weights, tokens: &Tensor) -> Tensor {
        let start = self.lstm.start(weights, tokens.size()[0]);
        self.follow(weights, tokens, &start, Mode::Judge).0
    }

    fn output(&self) -> &Output {
        &self.output
    }

    fn context(&self) -> usize {
        CONTEXT
    }
}
