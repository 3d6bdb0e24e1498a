//! The decoder-only Transformer as a language model, on whole sequences or token by token.

use corpus::TokenId;
use neural::{
    IncrementalDecoder, Init, Layout, Mode, OutputLayer, Parameters, ScoringWindow, TextNetwork,
    Weights, row_tensor, token_tensor,
};
use tch::Tensor;

use super::config::LmConfig;
use crate::ERA;
use crate::block::{Block, BlockKind, LayerNorm};
use crate::embedding::{Embedding, table};
use crate::forward_context::{AttentionMask, ForwardContext};
use crate::kv_cache::KvCache;
use crate::stack_config::Norm;

/// The decoder-only Transformer.
#[derive(Debug)]
pub struct Network {
    config: LmConfig,
    embedding: Embedding,
    blocks: Vec<Block>,
    /// Only with pre-norm.
    final_norm: Option<LayerNorm>,
    pub(crate) output: OutputLayer,
}

impl Network {
    /// Parameters that take part in matrix products, including those of the (sampled) output layer.
    fn matmul_parameters(&self) -> u64 {
        let vocab_size = self.output.vocab_size as usize;
        let words = match self.config.num_sampled {
            0 => vocab_size,
            sampled => sampled.min(vocab_size),
        };
        (self.config.stack().matmul_parameters() + words * self.config.d_model) as u64
    }

    fn context<'a>(
        &self,
        weights: &'a Weights,
        positions: (i64, i64),
        mode: Mode,
    ) -> ForwardContext<'a> {
        let mask = AttentionMask::Causal;
        self.embedding.context(weights, positions, mask, mode)
    }

    /// Hidden states [batch, new, D] of tokens [batch, new] that continue the cached ones: one at a time, or any number if the
    /// cache is empty.
    fn forward_cached(&self, weights: &Weights, tokens: &Tensor, cache: &mut Cache) -> Tensor {
        let (start, time) = (cache.length, tokens.size()[1]);
        let context = self.context(weights, (start, time), Mode::Eval);
        let mut x = self.embedding.forward(&context, tokens, start);
        cache.length += time;
        for (block, cache) in self.blocks.iter().zip(&mut cache.blocks) {
            x = block.forward(&context, &x, Some(cache), None);
        }
        self.normalise(weights, x)
    }

    /// Attention weights of each layer, [batch, heads, time, time], for tokens [batch, time].
    pub(crate) fn attention_weights(&self, weights: &Weights, tokens: &Tensor) -> Vec<Tensor> {
        let context = self.context(weights, (0, tokens.size()[1]), Mode::Eval);
        let mut x = self.embedding.forward(&context, tokens, 0);
        let mut maps = Vec::new();
        for block in &self.blocks {
            maps.push(block.attention_weights(&context, &x, None).0);
            x = block.forward(&context, &x, None, None);
        }
        maps
    }

    fn empty_cache(&self) -> Cache {
        Cache {
            blocks: self.blocks.iter().map(|_| KvCache::default()).collect(),
            length: 0,
        }
    }

    fn normalise(&self, weights: &Weights, x: Tensor) -> Tensor {
        match &self.final_norm {
            Some(norm) => norm.forward(weights, &x),
            None => x,
        }
    }
}

impl TextNetwork for Network {
    type Config = LmConfig;
    const ERA: &'static str = ERA;

    fn new(config: &LmConfig, vocab_size: usize, layout: &mut Layout) -> Network {
        let stack = config.stack();
        let words = table(layout, "embedding", vocab_size, &stack);
        let positions = ("positions", config.context_length);
        let embedding = Embedding::new(layout, words, positions, stack);
        let kind = BlockKind::SelfAttention;
        let blocks = (0..config.num_layers)
            .map(|at| Block::new(layout, &format!("blocks.{at}"), &stack, kind))
            .collect();
        let final_norm = (config.norm == Norm::Pre)
            .then(|| LayerNorm::new(layout, "final_norm", config.d_model as i64));
        let output = match config.tie_embeddings {
            true => words,
            false => table(layout, "output", vocab_size, &stack),
        };
        let vocab_size = vocab_size as i64;
        let bias = config
            .output_bias
            .then(|| layout.add("bias", &[vocab_size], Init::Zeros));
        Network {
            config: config.clone(),
            embedding,
            blocks,
            final_norm,
            output: OutputLayer {
                table: output,
                bias,
                vocab_size,
            },
        }
    }

    fn config(&self) -> &LmConfig {
        &self.config
    }

    fn output(&self) -> &OutputLayer {
        &self.output
    }

    fn init_parameters(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.output.init_bias_from_counts(parameters, counts);
    }

    fn forward(&self, weights: &Weights, tokens: &Tensor, mode: Mode) -> Tensor {
        let context = self.context(weights, (0, tokens.size()[1]), mode);
        let mut x = self.embedding.forward(&context, tokens, 0);
        for block in &self.blocks {
            x = block.forward(&context, &x, None, None);
        }
        self.normalise(weights, x)
    }

    fn context_length(&self) -> usize {
        self.config.context_length
    }

    fn decoder<'a>(
        &'a self,
        weights: &'a Weights,
        prefix: &[TokenId],
    ) -> Box<dyn IncrementalDecoder + 'a> {
        Box::new(Decoder::new(self, weights, vec![prefix.to_vec()]))
    }

    /// 2 per parameter in the forward pass and 4 in the backward pass, plus the products of attention with half a context on
    /// average.
    fn flops_per_token(&self) -> f64 {
        let config = &self.config;
        let attention = config.num_layers * config.context_length / 2 * 2 * config.d_model;
        6.0 * (self.matmul_parameters() as f64 + attention as f64)
    }

    fn activations_per_token(&self) -> u64 {
        let config = &self.config;
        let layer = 13 * config.d_model + 3 * config.d_ff;
        (config.num_layers * layer + 6 * config.d_model) as u64
    }
}

/// Keys and values of all layers.
#[derive(Debug)]
struct Cache {
    blocks: Vec<KvCache>,
    /// Number of cached tokens.
    length: i64,
}

/// Decodes texts of equal length in parallel. Keys and values are cached until the context is full; then its second half is
/// encoded anew, as in scoring.
struct Decoder<'a> {
    network: &'a Network,
    weights: &'a Weights,
    /// The tokens read so far, including the end of a line at the start.
    texts: Vec<Vec<TokenId>>,
    cache: Cache,
    /// Position of the first cached token; `None` while the cache is empty.
    start: Option<usize>,
}

impl<'a> Decoder<'a> {
    /// A decoder that has read prefixes of equal length.
    fn new(network: &'a Network, weights: &'a Weights, texts: Vec<Vec<TokenId>>) -> Decoder<'a> {
        Decoder {
            network,
            weights,
            texts,
            cache: network.empty_cache(),
            start: None,
        }
    }

    fn device(&self) -> tch::Device {
        self.weights[self.network.output.table].device()
    }
}

impl IncrementalDecoder for Decoder<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        for (text, &token) in self.texts.iter_mut().zip(tokens) {
            text.push(token);
        }
        let length = self.texts.first().map_or(0, Vec::len);
        let context_length = self.network.config.context_length;
        let start = ScoringWindow::containing(length - 1, context_length).start;
        let new = match self.start == Some(start) {
            true => length - 1..length,
            false => {
                self.start = Some(start);
                self.cache = self.network.empty_cache();
                start..length
            }
        };
        let tokens = self.texts.iter().flat_map(|text| &text[new.clone()]);
        let tokens: Vec<TokenId> = tokens.copied().collect();
        let tokens = token_tensor(&tokens, self.device()).view([self.texts.len() as i64, -1]);
        let hidden = self
            .network
            .forward_cached(self.weights, &tokens, &mut self.cache);
        let last = hidden.select(1, hidden.size()[1] - 1);
        self.network.output.log_probs(self.weights, &last)
    }

    fn select(&mut self, rows: &[usize]) {
        self.texts = rows.iter().map(|&row| self.texts[row].clone()).collect();
        let rows = row_tensor(rows, self.device());
        for block in &mut self.cache.blocks {
            block.select(&rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use neural::{Beam, Precision, beam_search, sample, to_f64s};
    use tch::Device;

    use super::super::config::LmConfig;
    use super::*;

    const EOS: TokenId = 0;

    /// An untrained decoder whose predictions are far from uniform.
    fn with_decoder(check: impl Fn(&Network, &Weights)) {
        let config = LmConfig {
            d_model: 16,
            num_heads: 2,
            d_ff: 32,
            context_length: 6,
            ..LmConfig::default()
        };
        let mut layout = Layout::default();
        let network = Network::new(&config, 20, &mut layout);
        let parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 3).unwrap();
        let mut master = parameters.eval_weights()[network.output.table].shallow_clone();
        tch::no_grad(|| drop(master.g_mul_scalar_(20.0)));
        tch::no_grad(|| check(&network, &parameters.eval_weights()));
    }

    #[test]
    fn rows_are_decoded_independently() {
        with_decoder(|network, weights| {
            let before = [vec![EOS, 4], vec![EOS, 9], vec![EOS, 4]];
            let last = [7, 3, 11];
            let how = |row: usize| harness::Sampling {
                seed: 5 + row as u64,
                ..harness::Sampling::default()
            };
            let write = |stop: Option<TokenId>| {
                let mut decoder = Decoder::new(network, weights, before.to_vec());
                sample(&mut decoder, &last, 30, stop, how(0)).unwrap()
            };
            // A token that the second row generates.
            let stop = Some(write(None)[1][9]);
            let together = write(stop);
            assert!(together[1].len() <= 10);
            for row in 0..3 {
                let mut decoder = Decoder::new(network, weights, vec![before[row].clone()]);
                let alone = sample(&mut decoder, &last[row..=row], 30, stop, how(row)).unwrap();
                assert_eq!(alone[0], together[row]);
            }
        });
    }

    #[test]
    fn hypotheses_have_the_log_prob_of_their_tokens() {
        with_decoder(|network, weights| {
            let beam = Beam {
                width: 4,
                length_penalty: 0.0,
                max_length: 5,
            };
            let mut decoder = Decoder::new(network, weights, vec![vec![], vec![]]);
            let found = beam_search(&mut decoder, &[EOS, EOS], EOS, beam);
            assert_eq!(found[0], found[1]);
            for hypothesis in &found[0] {
                let mut tokens = hypothesis.tokens.clone();
                if hypothesis.is_complete {
                    tokens.push(EOS);
                }
                let inputs = [&[EOS], &tokens[..tokens.len() - 1]].concat();
                let inputs = token_tensor(&inputs, Device::Cpu).unsqueeze(0);
                let hidden = network.forward(weights, &inputs, Mode::Eval).squeeze_dim(0);
                let targets = token_tensor(&tokens, Device::Cpu);
                let scores = network.output.score(weights, &hidden, &targets);
                let expected: f64 = to_f64s(&scores).iter().sum();
                assert!((hypothesis.log_prob - expected).abs() < 1e-4);
            }
        });
    }
}
