//! Source words to cells, cells to target words.

use corpus::TokenId;
use neural::{Init, Layout, Linear, Output, ParameterId, Parameters, Weights};
use tch::Tensor;

use super::config::{Config, SourceOrder};
use crate::lstm::{Lstm, Mode, State};

/// Where the parameters of a translator are, and how they are used.
#[derive(Debug)]
pub(crate) struct Network {
    config: Config,
    /// [source V, D].
    source_embedding: ParameterId,
    encoder: Lstm,
    /// [target V, D].
    target_embedding: ParameterId,
    decoder: Lstm,
    /// H to D, where the output layer is an embedding of another width.
    projection: Option<Linear>,
    pub(crate) output: Output,
    pub(crate) ends: Ends,
}

/// The ends of sentences.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) source: TokenId,
    pub(crate) target: TokenId,
}

impl Network {
    /// Asks for the parameters of a translator between vocabularies of these sizes.
    pub(crate) fn new(
        config: &Config,
        [source_words, target_words]: [usize; 2],
        ends: Ends,
        layout: &mut Layout,
    ) -> Network {
        let (words, width, hidden) = (
            target_words as i64,
            config.width as i64,
            config.hidden as i64,
        );
        let init = config.begin();
        let shape = (config.width, config.hidden, config.layers);
        let source_embedding = layout.add("source_embedding", &[source_words as i64, width], init);
        let encoder = Lstm::new(layout, "encoder", shape, init);
        let target_embedding = layout.add("target_embedding", &[words, width], init);
        let decoder = Lstm::new(layout, "decoder", shape, init);
        let projection = (config.tied && width != hidden)
            .then(|| Linear::new(layout, "projection", hidden, width, init));
        let table = match config.tied {
            true => target_embedding,
            false => layout.add("output", &[words, hidden], init),
        };
        let bias = config
            .bias
            .then(|| layout.add("bias", &[words], Init::Zeros));
        Network {
            config: config.clone(),
            source_embedding,
            encoder,
            target_embedding,
            decoder,
            projection,
            output: Output {
                table,
                bias,
                vocabulary: words,
            },
            ends,
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Gives parameters the numbers that are not drawn.
    pub(crate) fn begin(&self, parameters: &mut Parameters, counts: &[u64]) {
        for lstm in [&self.encoder, &self.decoder] {
            lstm.begin_keeping(parameters, self.config.forget_bias);
        }
        self.output.begin_with_frequencies(parameters, counts);
    }

    /// Numbers that a source token and a target token are multiplied with.
    pub(crate) fn multiplying(&self) -> [u64; 2] {
        let config = &self.config;
        let cells = Lstm::multiplying(config.width, config.hidden, config.layers);
        let (projection, width) = match (config.tied, &self.projection) {
            (true, None) => (0, config.width),
            (true, Some(_)) => (config.hidden * config.width, config.width),
            (false, _) => (0, config.hidden),
        };
        let words = self.output.vocabulary as usize;
        [cells as u64, (cells + projection + words * width) as u64]
    }

    /// A source as it is read: in the order of the settings, and its end last.
    pub(crate) fn order(&self, source: &[TokenId]) -> Vec<TokenId> {
        let mut ordered = source.to_vec();
        if self.config.source_order == SourceOrder::Reversed {
            ordered.reverse();
        }
        ordered.push(self.ends.source);
        ordered
    }

    /// What is known of sources `[batch, source_time]`, ordered and of one length, when they were read.
    pub(crate) fn encode(&self, weights: &Weights, sources: &Tensor, mode: Mode) -> State {
        let x = mode.drop(weights.rows(self.source_embedding, sources));
        let start = self.encoder.start(weights, sources.size()[0]);
        self.encoder.read(weights, &x, &start, mode).1
    }

    /// Hidden states `[batch, target_time, D]` of target tokens `[batch, target_time]` that follow a state, and the state
    /// after them.
    pub(crate) fn decode(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &State,
        mode: Mode,
    ) -> (Tensor, State) {
        let x = mode.drop(weights.rows(self.target_embedding, tokens));
        let (written, state) = self.decoder.read(weights, &x, state, mode);
        let written = mode.drop(written);
        let hidden = match &self.projection {
            Some(projection) => projection.apply(weights, &written),
            None => written,
        };
        (hidden, state)
    }
}
