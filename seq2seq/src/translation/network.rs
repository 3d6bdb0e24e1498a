//! An encoder, whose state a decoder begins with.

use corpus::TokenId;
use neural::{
    EncoderDecoder, Layout, Output, PairBatch, ParameterId, Parameters, Sides, Weights, ids,
};
use tch::Tensor;

use super::attention::{Attention, Written};
use super::config::{Config, SourceOrder};
use crate::decoder::Decoder;
use crate::lstm::{Lstm, Mode, State};

/// Where the parameters of a translator are, and how they are used.
#[derive(Debug)]
pub struct Network {
    config: Config,
    sides: Sides,
    /// [source V, D].
    source_embedding: ParameterId,
    encoder: Lstm,
    decoder: Decoder,
    /// For attention = true.
    attention: Option<Attention>,
}

/// What is known in the middle of some translations.
#[derive(Debug)]
pub struct Memory {
    pub(crate) state: State,
    /// What attention looks at.
    written: Option<Written>,
}

impl Network {
    /// A source as it is read: in the order of the settings, and its end last.
    fn order(&self, source: &[TokenId]) -> Vec<TokenId> {
        let mut ordered = source.to_vec();
        if self.config.source_order == SourceOrder::Reversed {
            ordered.reverse();
        }
        ordered.push(self.sides.ends[0]);
        ordered
    }

    /// Reads sources. Where they have not one length, which is for training only, the shorter ones are filled up at their
    /// beginning.
    pub(crate) fn encode(&self, weights: &Weights, sources: &[&[TokenId]], mode: Mode) -> Memory {
        let time = sources.iter().map(|source| source.len() + 1).max();
        let time = time.unwrap_or(0);
        let mut tokens = Vec::with_capacity(sources.len() * time);
        for (row, source) in sources.iter().enumerate() {
            let filled = time - (source.len() + 1);
            tokens.resize(row * time + filled, self.sides.ends[0]);
            tokens.extend(self.order(source));
        }
        let device = weights[self.source_embedding].device();
        let tokens = ids(&tokens, device).view([sources.len() as i64, time as i64]);
        let x = mode.drop(weights.rows(self.source_embedding, &tokens));
        let start = self.encoder.start(weights, sources.len() as i64);
        let (written, state) = self.encoder.read(weights, &x, &start, mode);
        let attention = self.attention.as_ref();
        Memory {
            state,
            written: attention.map(|attention| attention.prepare(weights, written)),
        }
    }

    /// Hidden states `[batch, time, D]` of target tokens `[batch, time]` that follow what is known.
    fn follow(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        memory: &mut Memory,
        mode: Mode,
    ) -> Tensor {
        let decoder = &self.decoder;
        let (Some(attention), Some(written)) = (&self.attention, &memory.written) else {
            let (hidden, state) = decoder.follow(weights, tokens, &memory.state, mode);
            memory.state = state;
            return hidden;
        };
        let words = decoder.embed(weights, tokens, mode);
        let mut steps = decoder.lstm.steps(weights, &words, &memory.state);
        let (mut wrote, mut saw) = (Vec::new(), Vec::new());
        for at in 0..tokens.size()[1] as usize {
            let seen = attention.look(weights, written, steps.highest());
            wrote.push(decoder.lstm.step(weights, &mut steps, at, &seen, mode));
            saw.push(seen);
        }
        memory.state = steps.state();
        let both = [wrote, saw].map(|parts| Tensor::stack(&parts, 1));
        decoder.finish(weights, Tensor::cat(&both, -1), mode)
    }
}

impl EncoderDecoder for Network {
    type Config = Config;
    type Memory = Memory;

    fn new(config: &Config, sides: Sides, layout: &mut Layout) -> Network {
        let shape = config.shape();
        let table = [sides.words[0] as i64, config.width as i64];
        let source_embedding = layout.add("source_embedding", &table, shape.begin());
        let sizes = (config.width, config.hidden, config.layers);
        let encoder = Lstm::new(layout, "encoder", sizes, shape.begin());
        let names = ["target_embedding", "decoder"];
        let decoder = Decoder::new(shape, sides.words[1], names, layout);
        let attention = config
            .attention
            .then(|| Attention::new(layout, config.hidden as i64, shape.begin()));
        Network {
            config: config.clone(),
            sides,
            source_embedding,
            encoder,
            decoder,
            attention,
        }
    }

    fn config(&self) -> &Config {
        &self.config
    }

    fn sides(&self) -> Sides {
        self.sides
    }

    fn output(&self) -> &Output {
        &self.decoder.output
    }

    fn begin(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.encoder
            .begin_keeping(parameters, self.config.forget_bias);
        self.decoder.begin(parameters, counts);
    }

    fn hidden(&self, weights: &Weights, batch: &PairBatch<'_>, train: bool) -> Tensor {
        let mode = match train {
            true => Mode::Train {
                dropout: self.config.dropout,
            },
            false => Mode::Judge,
        };
        let mut memory = self.encode(weights, &batch.sources, mode);
        batch.predicting(&self.follow(weights, &batch.inputs, &mut memory, mode))
    }

    fn read(&self, weights: &Weights, sources: &[&[TokenId]]) -> Memory {
        self.encode(weights, sources, Mode::Judge)
    }

    fn write(&self, weights: &Weights, tokens: &Tensor, memory: &mut Memory) -> Tensor {
        self.follow(weights, &tokens.unsqueeze(1), memory, Mode::Judge)
            .select(1, 0)
    }

    fn select(memory: &mut Memory, rows: &Tensor) {
        memory.state = memory.state.select(rows);
        if let Some(written) = &mut memory.written {
            written.select(rows);
        }
    }

    fn multiplying(&self) -> [u64; 2] {
        let words = self.sides.words[1];
        let attention = match self.config.attention {
            // Queries; keys are of sources.
            true => self.config.hidden * self.config.hidden,
            false => 0,
        };
        [
            (self.encoder.multiplying() + attention) as u64,
            self.decoder.multiplying(words) + attention as u64,
        ]
    }

    /// Gates, cells and what is written, there and back, of each layer, for source and target.
    fn held(&self) -> u64 {
        let config = &self.config;
        (2 * (config.layers * 14 * config.hidden + 6 * config.width)) as u64
    }
}
