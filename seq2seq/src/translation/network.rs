//! An encoder, whose state a decoder begins with.

use corpus::{TokenId, Vocab};
use neural::{Layout, ParameterId, Parameters, Weights};
use tch::Tensor;

use super::config::{Config, SourceOrder};
use crate::decoder::Decoder;
use crate::lstm::{Lstm, Mode, State};

/// Where the parameters of a translator are, and how they are used.
#[derive(Debug)]
pub(crate) struct Network {
    config: Config,
    /// [source V, D].
    source_embedding: ParameterId,
    encoder: Lstm,
    pub(crate) decoder: Decoder,
    pub(crate) ends: Ends,
}

/// The ends of sentences.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) source: TokenId,
    pub(crate) target: TokenId,
}

impl Ends {
    /// Of the vocabularies of both sides.
    pub(crate) fn of([source, target]: [&Vocab; 2]) -> Ends {
        Ends {
            source: source.eos(),
            target: target.eos(),
        }
    }
}

impl Network {
    /// Asks for the parameters of a translator between vocabularies of these sizes.
    pub(crate) fn new(
        config: &Config,
        [source_words, target_words]: [usize; 2],
        ends: Ends,
        layout: &mut Layout,
    ) -> Network {
        let shape = config.shape();
        let table = [source_words as i64, config.width as i64];
        let source_embedding = layout.add("source_embedding", &table, shape.begin());
        let encoder = Lstm::new(layout, "encoder", shape.lstm(), shape.begin());
        let decoder = Decoder::new(shape, target_words, ["target_embedding", "decoder"], layout);
        Network {
            config: config.clone(),
            source_embedding,
            encoder,
            decoder,
            ends,
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Gives parameters the numbers that are not drawn.
    pub(crate) fn begin(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.encoder
            .begin_keeping(parameters, self.config.forget_bias);
        self.decoder.begin(parameters, counts);
    }

    /// Numbers that a source token and a target token are multiplied with.
    pub(crate) fn multiplying(&self) -> [u64; 2] {
        let words = self.decoder.output.vocabulary as usize;
        [
            self.encoder.multiplying() as u64,
            self.decoder.multiplying(words),
        ]
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
}
