//! The network: LSTM layers that read a dialogue from left to right, with optional self-attention after the lowest layer.

use corpus::TokenId;
use neural::{
    Dropout, IncrementalDecoder, Init, Layout, Linear, Mode, OutputLayer, ParameterId, Parameters,
    TextNetwork, Weights, row_tensor, token_tensor,
};
use seq2seq::{Lstm, State};
use tch::{Kind, Tensor};

use crate::ERA;
use crate::config::{CONTEXT_LENGTH, Config};

/// Speaker tokens, which follow the vocabulary.
pub(crate) const SPEAKERS: usize = 4;

/// The network of the chatbot and its language model.
#[derive(Debug)]
pub struct Network {
    config: Config,
    /// [V + SPEAKERS, D].
    embedding: ParameterId,
    /// The lowest layer.
    lower: Lstm,
    attention: Option<Attention>,
    /// The layers above it.
    upper: Option<Lstm>,
    /// If hidden size and embedding size differ.
    projection: Option<Linear>,
    output: OutputLayer,
    dropout: Dropout,
}

/// Causal multi-head self-attention over the outputs of the lowest layer, softmax(q K^T / sqrt(d)) V, scored as in Luong et al.
/// 2015 (section 3.1, "general"). The context c is added to the output h: h + tanh(W [h; c]).
#[derive(Debug)]
struct Attention {
    /// Queries, keys and values of all heads: H to 3 H.
    in_proj: Linear,
    /// W: 2 H to H.
    combine: Linear,
    num_heads: i64,
}

/// The state after reading some dialogues, one row each.
#[derive(Debug)]
pub(crate) struct NetworkState {
    lower: State,
    upper: Option<State>,
    /// Keys and values of all earlier positions, [rows, heads, time, H / heads]; `None` at the start.
    key_values: Option<[Tensor; 2]>,
}

impl Attention {
    fn new(layout: &mut Layout, hidden_size: usize, num_heads: usize, init: Init) -> Attention {
        let hidden = hidden_size as i64;
        Attention {
            in_proj: Linear::new(layout, "attention.in_proj", hidden, 3 * hidden, init),
            combine: Linear::new(layout, "attention.combine", 2 * hidden, hidden, init),
            num_heads: num_heads as i64,
        }
    }

    /// With `key_values`, the positions follow the cached ones.
    ///
    /// # Shapes
    /// `[rows, time, H]` to the same.
    fn forward(
        &self,
        weights: &Weights,
        x: &Tensor,
        key_values: &mut Option<[Tensor; 2]>,
    ) -> Tensor {
        let (rows, time, hidden) = x.size3().expect("[rows, time, H]");
        let all = self.in_proj.forward(weights, x);
        let heads = all
            .view([rows, time, 3, self.num_heads, hidden / self.num_heads])
            .permute([2, 3, 0, 1, 4]); // [3, heads, rows, time, H / heads]
        let [queries, keys, values] = [0, 1, 2].map(|at| heads.select(0, at).transpose(0, 1));
        let [keys, values] = match key_values.take() {
            None => [keys, values],
            Some([old_keys, old_values]) => [
                Tensor::cat(&[old_keys, keys], 2),
                Tensor::cat(&[old_values, values], 2),
            ],
        };
        let key_time = keys.size()[2];
        let depth = (hidden / self.num_heads) as f64;
        let scores = (queries / depth.sqrt()).matmul(&keys.transpose(-2, -1));
        let scores = match time {
            1 => scores,
            _ => {
                let future = Tensor::ones([time, key_time], (Kind::Bool, x.device()))
                    .triu(key_time - time + 1);
                scores.masked_fill(&future, f64::NEG_INFINITY)
            }
        };
        let attention = scores.softmax(-1, scores.kind());
        let context = attention.matmul(&values).transpose(1, 2).flatten(2, -1);
        *key_values = Some([keys, values]);
        let both = Tensor::cat(&[x, &context], -1); // [rows, time, 2 H]
        // A residual connection: the network can learn from the LSTM before attention is useful.
        x + self.combine.forward(weights, &both).tanh()
    }
}

impl Network {
    /// V.
    pub(crate) fn vocab_size(&self) -> usize {
        self.output.vocab_size as usize
    }

    /// The state before the first token.
    pub(crate) fn zero_state(&self, weights: &Weights, rows: i64) -> NetworkState {
        let upper = self.upper.as_ref();
        NetworkState {
            lower: self.lower.zero_state(weights, rows),
            upper: upper.map(|lstm| lstm.zero_state(weights, rows)),
            key_values: None,
        }
    }

    /// Hidden states of tokens that follow the state, which is updated.
    ///
    /// # Shapes
    /// `[rows, time]` to `[rows, time, D]`.
    pub(crate) fn forward_from(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &mut NetworkState,
        mode: Mode,
    ) -> Tensor {
        let drop = |x: Tensor| self.dropout.forward(x, mode);
        let x = drop(weights.embedding(self.embedding, tokens));
        let (mut x, after) = self.lower.forward(weights, &x, &state.lower, mode);
        state.lower = after;
        if let Some(attention) = &self.attention {
            x = attention.forward(weights, &drop(x), &mut state.key_values);
        }
        if let (Some(lstm), Some(before)) = (&self.upper, &mut state.upper) {
            let input = drop(x);
            let (output, after) = lstm.forward(weights, &input, before, mode);
            *before = after;
            // With attention, a residual connection carries the context to the output.
            x = match self.attention {
                Some(_) => input + output,
                None => output,
            };
        }
        let x = drop(x);
        match &self.projection {
            Some(projection) => projection.forward(weights, &x),
            None => x,
        }
    }

    /// Parameters that take part in matrix products, including those of the (sampled) output layer.
    fn matmul_parameters(&self) -> u64 {
        let config = &self.config;
        let words = match config.num_sampled {
            0 => self.vocab_size(),
            sampled => sampled.min(self.vocab_size()),
        };
        let attention = match config.num_heads {
            0 => 0,
            _ => 5 * config.hidden_size * config.hidden_size,
        };
        let projection = match self.projection {
            Some(_) => config.hidden_size * config.embedding_size,
            None => 0,
        };
        let upper = self.upper.as_ref().map_or(0, Lstm::matmul_parameters);
        let output = words * config.embedding_size;
        (self.lower.matmul_parameters() + attention + upper + projection + output) as u64
    }
}

impl NetworkState {
    /// Reorders rows: row i becomes the former row `rows[i]`.
    fn select(&mut self, rows: &Tensor) {
        self.lower = self.lower.select(rows);
        self.upper = self.upper.as_ref().map(|state| state.select(rows));
        if let Some(key_values) = &mut self.key_values {
            *key_values = key_values.each_ref().map(|part| part.index_select(0, rows));
        }
    }

    fn device(&self) -> tch::Device {
        self.lower.hidden.device()
    }
}

impl TextNetwork for Network {
    type Config = Config;
    const ERA: &'static str = ERA;

    fn new(config: &Config, vocab_size: usize, layout: &mut Layout) -> Network {
        let init = Init::Uniform(config.init_scale);
        let dropout = Dropout {
            rate: config.dropout,
        };
        let (d, h) = (config.embedding_size, config.hidden_size);
        let words = vocab_size as i64;
        let table = [words + SPEAKERS as i64, d as i64];
        let embedding = layout.add("embedding", &table, init);
        let lower = Lstm::new(layout, "lower", (d, h, 1), (init, dropout));
        let attention =
            (config.num_heads > 0).then(|| Attention::new(layout, h, config.num_heads, init));
        let above = config.num_layers - 1;
        let upper = (above > 0).then(|| Lstm::new(layout, "upper", (h, h, above), (init, dropout)));
        let projection =
            (h != d).then(|| Linear::new(layout, "projection", h as i64, d as i64, init));
        let table = match config.tie_embeddings {
            true => embedding,
            false => layout.add("output", &[words, d as i64], init),
        };
        let bias = config
            .output_bias
            .then(|| layout.add("bias", &[words], Init::Zeros));
        Network {
            config: config.clone(),
            embedding,
            lower,
            attention,
            upper,
            projection,
            output: OutputLayer {
                table,
                bias,
                vocab_size: words,
            },
            dropout,
        }
    }

    fn config(&self) -> &Config {
        &self.config
    }

    fn output(&self) -> &OutputLayer {
        &self.output
    }

    /// Sets the forget-gate biases and the output bias.
    fn init_parameters(&self, parameters: &mut Parameters, counts: &[u64]) {
        for lstm in [Some(&self.lower), self.upper.as_ref()]
            .into_iter()
            .flatten()
        {
            lstm.init_forget_bias(parameters, self.config.forget_bias);
        }
        self.output.init_bias_from_counts(parameters, counts);
    }

    fn forward(&self, weights: &Weights, tokens: &Tensor, mode: Mode) -> Tensor {
        let mut state = self.zero_state(weights, tokens.size()[0]);
        self.forward_from(weights, tokens, &mut state, mode)
    }

    fn context_length(&self) -> usize {
        CONTEXT_LENGTH
    }

    fn decoder<'a>(
        &'a self,
        weights: &'a Weights,
        prefix: &[TokenId],
    ) -> Box<dyn IncrementalDecoder + 'a> {
        Box::new(Decoder::new(self, weights, &[prefix]))
    }

    /// 2 per parameter in the forward pass and 4 in the backward pass.
    fn flops_per_token(&self) -> f64 {
        6.0 * self.matmul_parameters() as f64
    }

    /// Not counting attention weights.
    fn activations_per_token(&self) -> u64 {
        let config = &self.config;
        let layers = config.num_layers * 14 * config.hidden_size;
        (layers + 12 * config.hidden_size + 6 * config.embedding_size) as u64
    }
}

/// Decodes texts in parallel.
pub(crate) struct Decoder<'a> {
    network: &'a Network,
    weights: &'a Weights,
    state: NetworkState,
}

impl<'a> Decoder<'a> {
    /// A decoder that has read prefixes of equal length.
    pub(crate) fn new(network: &'a Network, weights: &'a Weights, prefixes: &[&[TokenId]]) -> Self {
        let mut state = network.zero_state(weights, prefixes.len() as i64);
        let tokens = prefixes.concat();
        if !tokens.is_empty() {
            let tokens = token_tensor(&tokens, state.device()).view([prefixes.len() as i64, -1]);
            let _ = network.forward_from(weights, &tokens, &mut state, Mode::Eval);
        }
        Decoder {
            network,
            weights,
            state,
        }
    }
}

impl IncrementalDecoder for Decoder<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let tokens = token_tensor(tokens, self.state.device()).unsqueeze(1);
        let (network, state) = (self.network, &mut self.state);
        let hidden = network.forward_from(self.weights, &tokens, state, Mode::Eval);
        let output = network.output();
        output.log_probs(self.weights, &hidden.select(1, 0))
    }

    fn select(&mut self, rows: &[usize]) {
        let rows = row_tensor(rows, self.state.device());
        self.state.select(&rows);
    }
}
