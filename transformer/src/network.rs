//! The decoder: tokens to hidden states, all places at once or one after the other.

use neural::{Init, Layout, Output, ParameterId, Weights, dropout};
use tch::Tensor;

use crate::attention::Cache;
use crate::block::{Block, LayerNorm, Pass};
use crate::config::{Config, Norm, Positions};
use crate::positions::{Rotation, sinusoids};

/// Where the parameters of a decoder are, and how they are used.
#[derive(Debug)]
pub(crate) struct Network {
    config: Config,
    /// [V, D].
    embedding: ParameterId,
    /// [context, D]; none where they are not learnt.
    positions: Option<ParameterId>,
    blocks: Vec<Block>,
    /// Of the sum of all layers; the paper's layers do it themselves.
    final_norm: Option<LayerNorm>,
    pub(crate) output: Output,
    vocabulary: usize,
}

impl Network {
    /// Asks for the parameters of a decoder for so many words.
    pub(crate) fn new(config: &Config, vocabulary: usize, layout: &mut Layout) -> Network {
        let width = config.width as i64;
        let words = vocabulary as i64;
        let narrow = match config.norm {
            Norm::Pre => Init::Normal(0.02),
            // What sqrt(d_model) brings to 1.
            Norm::Post => Init::Normal((config.width as f64).powf(-0.5)),
        };
        let embedding = layout.add("embedding", &[words, width], narrow);
        let positions = (config.positions == Positions::Learned)
            .then(|| layout.add("positions", &[config.context as i64, width], narrow));
        let blocks = (0..config.layers)
            .map(|at| Block::new(layout, &format!("blocks.{at}"), config))
            .collect();
        let final_norm =
            (config.norm == Norm::Pre).then(|| LayerNorm::new(layout, "final_norm", width));
        let table = match config.tied {
            true => embedding,
            false => layout.add("output", &[words, width], narrow),
        };
        let bias = config
            .bias
            .then(|| layout.add("bias", &[words], Init::Zeros));
        Network {
            config: config.clone(),
            embedding,
            positions,
            blocks,
            final_norm,
            output: Output {
                table,
                bias,
                vocabulary: words,
            },
            vocabulary,
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Numbers that each token is multiplied with in training, those of the output layer included.
    pub(crate) fn multiplying(&self) -> u64 {
        let config = &self.config;
        let block = 4 * config.width * config.width + 2 * config.width * config.feed_forward;
        let words = match config.candidates {
            0 => self.vocabulary,
            candidates => candidates.min(self.vocabulary),
        };
        (config.layers * block + words * config.width) as u64
    }

    /// Embeddings and positions of tokens [batch, length], the first of which is at place `from`: [batch, length, D].
    fn embed(&self, weights: &Weights, tokens: &Tensor, from: i64, train: bool) -> Tensor {
        let length = tokens.size()[1];
        let rows = weights.rows(self.embedding, tokens);
        let x = match self.config.norm {
            Norm::Pre => rows,
            Norm::Post => rows * (self.config.width as f64).sqrt(),
        };
        let x = match (self.positions, self.config.positions) {
            (Some(positions), _) => x + weights[positions].narrow(0, from, length),
            (None, Positions::Rotary) => x,
            (None, _) => {
                let waves = sinusoids(from, length, self.config.width as i64, x.device());
                &x + waves.to_kind(x.kind())
            }
        };
        match train && self.config.dropout > 0.0 {
            true => dropout(&x, self.config.dropout),
            false => x,
        }
    }

    /// What layers need to know to read `length` tokens, the first of which is at place `from`.
    fn pass<'a>(&self, weights: &'a Weights, (from, length): (i64, i64), train: bool) -> Pass<'a> {
        let table = &weights[self.embedding];
        let depth = (self.config.width / self.config.heads) as i64;
        let rotation = (self.config.positions == Positions::Rotary)
            .then(|| Rotation::new((from, length), depth, (table.kind(), table.device())));
        Pass {
            weights,
            train,
            rotation,
        }
    }

    /// Hidden states [batch, length, D] of tokens [batch, length], each of which sees itself and those before it.
    pub(crate) fn hidden(&self, weights: &Weights, tokens: &Tensor, train: bool) -> Tensor {
        let pass = self.pass(weights, (0, tokens.size()[1]), train);
        let mut x = self.embed(weights, tokens, 0, train);
        for block in &self.blocks {
            x = block.apply(&pass, &x, None);
        }
        self.finish(weights, x)
    }

    /// The same for tokens that follow those in the cache: one at a time, but any number at the beginning.
    pub(crate) fn follow(&self, weights: &Weights, tokens: &Tensor, caches: &mut Caches) -> Tensor {
        let pass = self.pass(weights, (caches.length, tokens.size()[1]), false);
        let mut x = self.embed(weights, tokens, caches.length, false);
        caches.length += tokens.size()[1];
        for (block, cache) in self.blocks.iter().zip(&mut caches.layers) {
            x = block.apply(&pass, &x, Some(cache));
        }
        self.finish(weights, x)
    }

    /// How each head of each layer distributes its attention: [layers] of [batch, heads, length, length].
    pub(crate) fn patterns(&self, weights: &Weights, tokens: &Tensor) -> Vec<Tensor> {
        let pass = self.pass(weights, (0, tokens.size()[1]), false);
        let mut x = self.embed(weights, tokens, 0, false);
        let mut patterns = Vec::new();
        for block in &self.blocks {
            patterns.push(block.pattern(&pass, &x));
            x = block.apply(&pass, &x, None);
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

impl neural::Network for Network {
    fn read(&self, weights: &Weights, tokens: &Tensor) -> Tensor {
        self.hidden(weights, tokens, false)
    }

    fn output(&self) -> &Output {
        &self.output
    }

    fn context(&self) -> usize {
        self.config.context
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
