//! The decoder: embedding, LSTM, output layer. Alone, it is a language model.

use harness::{Check, require};
use neural::{Dropout, Init, Layout, Linear, Mode, OutputLayer, ParameterId, Parameters, Weights};
use tch::Tensor;

use crate::lstm::{Lstm, State};

/// Embedding, LSTM, optional projection and output layer.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// [V, D].
    embedding: ParameterId,
    pub(crate) lstm: Lstm,
    /// If the output layer has another input size than the LSTM's output.
    projection: Option<Linear>,
    pub(crate) output: OutputLayer,
    config: DecoderConfig,
}

/// Sizes and variants of a decoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DecoderConfig {
    /// D.
    pub(crate) embedding_size: usize,
    /// H.
    pub(crate) hidden_size: usize,
    pub(crate) num_layers: usize,
    pub(crate) tie_embeddings: bool,
    pub(crate) output_bias: bool,
    /// Bound of the uniform initialisation.
    pub(crate) init_scale: f64,
    pub(crate) forget_bias: f64,
    pub(crate) dropout: f64,
    /// Size of the attention context, an additional input of the LSTM and of the output layer; 0 without attention.
    pub(crate) context_size: usize,
}

impl DecoderConfig {
    /// Input size of the output layer.
    fn output_size(&self) -> usize {
        match self.tie_embeddings {
            true => self.embedding_size,
            false => self.hidden_size,
        }
    }

    pub(crate) fn init(&self) -> Init {
        Init::Uniform(self.init_scale)
    }

    pub(crate) fn dropout(&self) -> Dropout {
        Dropout { rate: self.dropout }
    }

    pub(crate) fn validate(&self) -> harness::Result<()> {
        require(&[
            Check::size("embedding_size", self.embedding_size),
            Check::size("hidden_size", self.hidden_size),
            Check::new(
                (1..=64).contains(&self.num_layers),
                "num_layers",
                self.num_layers,
                "must be from 1 to 64",
            ),
            Check::positive("init_scale", self.init_scale),
            Check::new(
                self.forget_bias.is_finite(),
                "forget_bias",
                self.forget_bias,
                "must be finite",
            ),
            Check::share("dropout", self.dropout),
        ])
    }
}

impl Decoder {
    /// Declares the parameters of a decoder with this vocabulary size; embedding and LSTM get the given names.
    pub(crate) fn new(
        config: DecoderConfig,
        vocab_size: usize,
        [embedding, lstm]: [&str; 2],
        layout: &mut Layout,
    ) -> Decoder {
        let (words, init) = (vocab_size as i64, config.init());
        let d = config.embedding_size as i64;
        let lstm_output = (config.hidden_size + config.context_size) as i64;
        let output_size = config.output_size() as i64;
        let embedding = layout.add(embedding, &[words, d], init);
        let sizes = (
            config.embedding_size + config.context_size,
            config.hidden_size,
            config.num_layers,
        );
        let lstm = Lstm::new(layout, lstm, sizes, (init, config.dropout()));
        let projection = (lstm_output != output_size)
            .then(|| Linear::new(layout, "projection", lstm_output, output_size, init));
        let table = match config.tie_embeddings {
            true => embedding,
            false => layout.add("output", &[words, output_size], init),
        };
        let bias = config
            .output_bias
            .then(|| layout.add("bias", &[words], Init::Zeros));
        Decoder {
            embedding,
            lstm,
            projection,
            output: OutputLayer {
                table,
                bias,
                vocab_size: words,
            },
            config,
        }
    }

    /// Sets the forget-gate bias and the output bias.
    pub(crate) fn init_parameters(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.lstm
            .init_forget_bias(parameters, self.config.forget_bias);
        self.output.init_bias_from_counts(parameters, counts);
    }

    /// Parameters that take part in matrix products, including those of the output layer for `words` words.
    pub(crate) fn matmul_parameters(&self, words: usize) -> u64 {
        let output_size = self.config.output_size();
        let lstm_output = self.config.hidden_size + self.config.context_size;
        let projection = match self.projection {
            Some(_) => lstm_output * output_size,
            None => 0,
        };
        (self.lstm.matmul_parameters() + projection + words * output_size) as u64
    }

    /// Hidden states and the new state.
    ///
    /// # Shapes
    /// Tokens `[batch, time]` to `[batch, time, D]`.
    pub(crate) fn forward(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &State,
        mode: Mode,
    ) -> (Tensor, State) {
        let x = self.embed(weights, tokens, mode);
        let (output, state) = self.lstm.forward(weights, &x, state, mode);
        (self.project(weights, output, mode), state)
    }

    /// # Shapes
    /// Tokens `[batch, time]` to `[batch, time, D]`.
    pub(crate) fn embed(&self, weights: &Weights, tokens: &Tensor, mode: Mode) -> Tensor {
        let x = weights.embedding(self.embedding, tokens);
        self.config.dropout().forward(x, mode)
    }

    /// The input of the output layer, from the LSTM's output concatenated with the attention context.
    pub(crate) fn project(&self, weights: &Weights, output: Tensor, mode: Mode) -> Tensor {
        let output = self.config.dropout().forward(output, mode);
        match &self.projection {
            Some(projection) => projection.forward(weights, &output),
            None => output,
        }
    }
}
