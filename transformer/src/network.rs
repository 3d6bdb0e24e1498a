//! The decoder: tokens to hidden states, all places at once or one after the other.

use neural::{Init, Layout, Output, ParameterId, Weights};
use tch::{Device, Kind, Tensor};

use crate::attention::Cache;
use crate::block::{Block, LayerNorm};
use crate::config::{Config, Norm, Positions};

/// Where the parameters of a decoder are, and how they are used.
#[derive(Debug)]
pub(crate) struct Network {
    config: Config,
    /// [V, D].
    embedding: ParameterId,
    /// [context, D]; none for sinusoids.
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
        let x = match self.positions {
            Some(positions) => x + weights[positions].narrow(0, from, length),
            None => {
                let waves = sinusoids(from, length, self.config.width as i64, x.device());
                &x + waves.to_kind(x.kind())
            }
        };
        match train && self.config.dropout > 0.0 {
            true => x.dropout(self.config.dropout, true),
            false => x,
        }
    }

    /// Hidden states [batch, length, D] of tokens [batch, length], each of which sees itself and those before it.
    pub(crate) fn hidden(&self, weights: &Weights, tokens: &Tensor, train: bool) -> Tensor {
        let mut x = self.embed(weights, tokens, 0, train);
        for block in &self.blocks {
            x = block.apply(weights, &x, train, None);
        }
        self.finish(weights, x)
    }

    /// The same for tokens that follow those in the cache: one at a time, but any number at the beginning.
    pub(crate) fn follow(&self, weights: &Weights, tokens: &Tensor, caches: &mut Caches) -> Tensor {
        let mut x = self.embed(weights, tokens, caches.length, false);
        caches.length += tokens.size()[1];
        for (block, cache) in self.blocks.iter().zip(&mut caches.layers) {
            x = block.apply(weights, &x, false, Some(cache));
        }
        self.finish(weights, x)
    }

    /// How each head of each layer distributes its attention: [layers] of [batch, heads, length, length].
    pub(crate) fn patterns(&self, weights: &Weights, tokens: &Tensor) -> Vec<Tensor> {
        let mut x = self.embed(weights, tokens, 0, false);
        let mut patterns = Vec::new();
        for block in &self.blocks {
            patterns.push(block.pattern(weights, &x));
            x = block.apply(weights, &x, false, None);
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

/// PE(pos, 2i) = sin(pos / 10000^(2i / d_model)), PE(pos, 2i + 1) = cos of the same (section 3.5): [length, D].
fn sinusoids(from: i64, length: i64, width: i64, device: Device) -> Tensor {
    let options = (Kind::Float, device);
    let places = Tensor::arange_start(from, from + length, options).unsqueeze(1);
    let exponents = Tensor::arange(width / 2, options) * (-2.0 * 10_000_f64.ln() / width as f64);
    let angles = places * exponents.exp();
    Tensor::stack(&[angles.sin(), angles.cos()], -1).view([length, width])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinusoids_are_the_paper_s_formula() {
        let waves = sinusoids(3, 5, 8, Device::Cpu);
        for (row, position) in (3..8).enumerate() {
            for pair in 0..4 {
                let angle = f64::from(position) / 10_000_f64.powf(2.0 * f64::from(pair) / 8.0);
                let got = |at: i32| waves.double_value(&[row as i64, i64::from(2 * pair + at)]);
                assert!((got(0) - angle.sin()).abs() < 1e-6);
                assert!((got(1) - angle.cos()).abs() < 1e-6);
            }
        }
    }
}
