//! The encoder and the decoder (figure 1).

use corpus::TokenId;
use neural::{EncoderDecoder, Layout, Output, PairBatch, Parameters, Sides, Weights, ids, padded};
use tch::{Kind, Tensor};

use super::config::Config;
use crate::attention::{self, Sight};
use crate::block::{Block, LayerNorm};
use crate::cache::Cache;
use crate::embedding::{Embedding, table};
use crate::shape::Norm;

/// Where the parameters of a translator are, and how they are used.
#[derive(Debug)]
pub struct Network {
    config: Config,
    sides: Sides,
    pub(super) encoder: Stack,
    pub(super) decoder: Stack,
    output: Output,
}

/// One of the two halves.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) embedding: Embedding,
    pub(super) blocks: Vec<Block>,
    /// Of the sum of all layers; the paper's layers do it themselves.
    final_norm: Option<LayerNorm>,
}

/// What is known in the middle of some translations.
#[derive(Debug)]
pub struct Memory {
    /// The sources, of each layer of the decoder.
    pub(super) sources: Vec<attention::Memory>,
    /// What may be looked at of them.
    pub(super) sight: Sight,
    /// What was written so far, of each layer.
    caches: Vec<Cache>,
    /// Tokens that were written.
    length: i64,
}

impl Stack {
    fn new(layout: &mut Layout, name: &str, embedding: Embedding, config: &Config) -> Stack {
        let (shape, crosses) = (config.shape(), name == "decoder");
        let blocks = (0..config.layers)
            .map(|at| Block::new(layout, &format!("{name}.{at}"), &shape, crosses));
        Stack {
            blocks: blocks.collect(),
            final_norm: (config.norm == Norm::Pre).then(|| {
                let name = format!("{name}.final_norm");
                LayerNorm::new(layout, &name, config.width as i64)
            }),
            embedding,
        }
    }

    fn finish(&self, weights: &Weights, x: Tensor) -> Tensor {
        match &self.final_norm {
            Some(norm) => norm.apply(weights, &x),
            None => x,
        }
    }
}

impl Network {
    /// A source with its end.
    fn ended(&self, source: &[TokenId]) -> Vec<TokenId> {
        [source, &[self.sides.ends[0]]].concat()
    }

    /// Sources as rows, filled up at the end, `[batch, source_time]`, and what of them may be looked at.
    pub(super) fn rows(&self, weights: &Weights, sources: &[&[TokenId]]) -> (Tensor, Sight) {
        let device = weights[self.output.table].device();
        let ended: Vec<Vec<TokenId>> = sources.iter().map(|source| self.ended(source)).collect();
        let rows: Vec<&[TokenId]> = ended.iter().map(Vec::as_slice).collect();
        let tokens = padded(&rows, self.sides.ends[0], device);
        let time = tokens.size()[1];
        let lengths: Vec<u32> = rows.iter().map(|row| row.len() as u32).collect();
        if lengths.iter().all(|&length| i64::from(length) == time) {
            return (tokens, Sight::All);
        }
        let lengths = ids(&lengths, device);
        let filled = Tensor::arange(time, (Kind::Int64, device)).lt_tensor(&lengths.unsqueeze(1));
        (tokens, Sight::Filled(filled.unsqueeze(1).unsqueeze(1)))
    }

    /// Reads sources of any lengths.
    pub(super) fn encode(&self, weights: &Weights, sources: &[&[TokenId]], train: bool) -> Memory {
        let (tokens, sight) = self.rows(weights, sources);
        let places = (0, tokens.size()[1]);
        let encoder = &self.encoder;
        let pass = encoder.embedding.pass(weights, places, sight, train);
        let mut x = encoder.embedding.apply(&pass, &tokens, 0);
        for block in &encoder.blocks {
            x = block.apply(&pass, &x, None, None);
        }
        let read = encoder.finish(weights, x);
        let blocks = self.decoder.blocks.iter();
        Memory {
            sources: blocks
                .filter_map(|block| block.prepare(weights, &read))
                .collect(),
            sight: pass.sight,
            caches: self
                .decoder
                .blocks
                .iter()
                .map(|_| Cache::default())
                .collect(),
            length: 0,
        }
    }

    /// Hidden states `[batch, time, D]` of whole targets, `[batch, time]`.
    fn decode(&self, weights: &Weights, tokens: &Tensor, memory: &Memory, train: bool) -> Tensor {
        let places = (0, tokens.size()[1]);
        let decoder = &self.decoder;
        let pass = decoder
            .embedding
            .pass(weights, places, Sight::Before, train);
        let mut x = decoder.embedding.apply(&pass, tokens, 0);
        for (block, sources) in decoder.blocks.iter().zip(&memory.sources) {
            x = block.apply(&pass, &x, None, Some((sources, &memory.sight)));
        }
        decoder.finish(weights, x)
    }
}

impl EncoderDecoder for Network {
    type Config = Config;
    type Memory = Memory;

    fn new(config: &Config, sides: Sides, layout: &mut Layout) -> Network {
        let shape = config.shape();
        let tables = match config.shared && sides.is_joint {
            true => [table(layout, "embedding", sides.words[0], &shape); 2],
            false => [("source", 0), ("target", 1)].map(|(side, at)| {
                table(
                    layout,
                    &format!("{side}_embedding"),
                    sides.words[at],
                    &shape,
                )
            }),
        };
        let [encoder, decoder] =
            [("encoder", tables[0]), ("decoder", tables[1])].map(|(name, table)| {
                let positions = format!("{name}.positions");
                let embedding = Embedding::new(layout, table, (&positions, config.longest), shape);
                Stack::new(layout, name, embedding, config)
            });
        Network {
            config: config.clone(),
            sides,
            encoder,
            decoder,
            output: Output {
                table: tables[1],
                bias: None,
                vocabulary: sides.words[1] as i64,
            },
        }
    }

    fn config(&self) -> &Config {
        &self.config
    }

    fn sides(&self) -> Sides {
        self.sides
    }

    fn output(&self) -> &Output {
        &self.output
    }

    /// All are drawn.
    fn begin(&self, _: &mut Parameters, _: &[u64]) {}

    fn hidden(&self, weights: &Weights, batch: &PairBatch<'_>, train: bool) -> Tensor {
        let memory = self.encode(weights, &batch.sources, train);
        batch.predicting(&self.decode(weights, &batch.inputs, &memory, train))
    }

    fn read(&self, weights: &Weights, sources: &[&[TokenId]]) -> Memory {
        self.encode(weights, sources, false)
    }

    fn write(&self, weights: &Weights, tokens: &Tensor, memory: &mut Memory) -> Tensor {
        let decoder = &self.decoder;
        let places = (memory.length, 1);
        let pass = decoder
            .embedding
            .pass(weights, places, Sight::Before, false);
        let mut x = decoder
            .embedding
            .apply(&pass, &tokens.unsqueeze(1), memory.length);
        memory.length += 1;
        let layers = memory.sources.iter().zip(&mut memory.caches);
        for (block, (sources, cache)) in decoder.blocks.iter().zip(layers) {
            x = block.apply(&pass, &x, Some(cache), Some((sources, &memory.sight)));
        }
        decoder.finish(weights, x).select(1, 0)
    }

    fn select(memory: &mut Memory, rows: &Tensor) {
        for sources in &mut memory.sources {
            sources.select(rows);
        }
        for cache in &mut memory.caches {
            cache.select(rows);
        }
        if let Sight::Filled(filled) = &mut memory.sight {
            *filled = filled.index_select(0, rows);
        }
    }

    fn multiplying(&self) -> [u64; 2] {
        let (own, width) = (self.config.shape().multiplying(), self.config.width);
        // Of cross-attention, keys and values are of sources, queries and W_O of targets.
        let across = self.config.layers * 2 * width * width;
        let words = self.sides.words[1] * width;
        [(own + across) as u64, (own + across + words) as u64]
    }

    /// What the way back needs of each layer, and the gradients that are under way there.
    fn held(&self) -> u64 {
        let config = &self.config;
        let layer = 2 * (13 * config.width + 3 * config.feed_forward) + 9 * config.width;
        (config.layers * layer + 8 * config.width) as u64
    }
}
