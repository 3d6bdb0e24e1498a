//! The decoder: tokens to hidden states, all places at once or one after the other.

use corpus::TokenId;
use neural::{Init, Layout, Output, Result, Step, TextConfig, TextNetwork, Weights};
use tch::Tensor;

use super::config::LmConfig;
use super::writer::Writer;
use crate::attention::Sight;
use crate::block::{Block, LayerNorm};
use crate::cache::Cache;
use crate::embedding::{Embedding, table};
use crate::shape::Norm;
use crate::{ERA, LM_VARIANT};

/// Where the parameters of a decoder are, and how they are used.
#[derive(Debug)]
pub struct Network {
    config: LmConfig,
    embedding: Embedding,
    blocks: Vec<Block>,
    /// Of the sum of all layers; the paper's layers do it themselves.
    final_norm: Option<LayerNorm>,
    pub(crate) output: Output,
    vocabulary: usize,
}

impl Network {
    /// Numbers that each token is multiplied with in training, those of the output layer included.
    pub(crate) fn multiplying(&self) -> u64 {
        let words = match self.config.candidates {
            0 => self.vocabulary,
            candidates => candidates.min(self.vocabulary),
        };
        (self.config.shape().multiplying() + words * self.config.width) as u64
    }

    /// Hidden states [batch, length, D] of tokens [batch, length], each of which sees itself and those before it.
    pub(crate) fn hidden(&self, weights: &Weights, tokens: &Tensor, train: bool) -> Tensor {
        let places = (0, tokens.size()[1]);
        let pass = self.embedding.pass(weights, places, Sight::Before, train);
        let mut x = self.embedding.apply(&pass, tokens, 0);
        for block in &self.blocks {
            x = block.apply(&pass, &x, None, None);
        }
        self.finish(weights, x)
    }

    /// The same for tokens that follow those in the cache: one at a time, but any number at the beginning.
    pub(crate) fn follow(&self, weights: &Weights, tokens: &Tensor, caches: &mut Caches) -> Tensor {
        let places = (caches.length, tokens.size()[1]);
        let pass = self.embedding.pass(weights, places, Sight::Before, false);
        let mut x = self.embedding.apply(&pass, tokens, caches.length);
        caches.length += tokens.size()[1];
        for (block, cache) in self.blocks.iter().zip(&mut caches.layers) {
            x = block.apply(&pass, &x, Some(cache), None);
        }
        self.finish(weights, x)
    }

    /// How each head of each layer distributes its attention: [layers] of [batch, heads, length, length].
    pub(crate) fn patterns(&self, weights: &Weights, tokens: &Tensor) -> Vec<Tensor> {
        let places = (0, tokens.size()[1]);
        let pass = self.embedding.pass(weights, places, Sight::Before, false);
        let mut x = self.embedding.apply(&pass, tokens, 0);
        let mut patterns = Vec::new();
        for block in &self.blocks {
            patterns.push(block.patterns(&pass, &x, None).0);
            x = block.apply(&pass, &x, None, None);
        }
        patterns
    }

    /// Caches that hold nothing.
    pub(crate) fn caches(&self) -> Caches {
        Caches {
            layers: self.blocks.iter().map(|_| Cache::default()).collect(),
            length: 0,
        }
    }

    fn finish(&self, weights: &Weights, x: Tensor) -> Tensor {
        match &self.final_norm {
            Some(norm) => norm.apply(weights, &x),
            None => x,
        }
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
        let shape = config.shape();
        let words = table(layout, "embedding", vocabulary, &shape);
        let places = ("positions", config.context);
        let embedding = Embedding::new(layout, words, places, shape);
        let blocks = (0..config.layers)
            .map(|at| Block::new(layout, &format!("blocks.{at}"), &shape, false))
            .collect();
        let final_norm = (config.norm == Norm::Pre)
            .then(|| LayerNorm::new(layout, "final_norm", config.width as i64));
        let output = match config.tied {
            true => words,
            false => table(layout, "output", vocabulary, &shape),
        };
        let vocabulary_size = vocabulary as i64;
        let bias = config
            .bias
            .then(|| layout.add("bias", &[vocabulary_size], Init::Zeros));
        Network {
            config: config.clone(),
            embedding,
            blocks,
            final_norm,
            output: Output {
                table: output,
                bias,
                vocabulary: vocabulary_size,
            },
            vocabulary,
        }
    }

    fn config(&self) -> &LmConfig {
        &self.config
    }

    fn read(&self, weights: &Weights, tokens: &Tensor) -> Tensor {
        self.hidden(weights, tokens, false)
    }

    fn output(&self) -> &Output {
        &self.output
    }

    fn context(&self) -> usize {
        self.config.context
    }

    fn writer<'a>(&'a self, weights: &'a Weights, read: &[TokenId]) -> Box<dyn Step + 'a> {
        Box::new(Writer::new(self, weights, vec![read.to_vec()]))
    }
}

/// What all layers keep of the tokens so far.
#[derive(Debug)]
pub(crate) struct Caches {
    layers: Vec<Cache>,
    /// Tokens that they hold.
    length: i64,
}

impl Caches {
    /// From now on row i is what row `rows[i]` was.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        for layer in &mut self.layers {
            layer.select(rows);
        }
    }
}
