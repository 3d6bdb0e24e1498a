//! The encoder-decoder network: the encoder's final state is the decoder's initial state.

use corpus::TokenId;
use neural::{
    EncoderDecoder, Layout, Mode, OutputLayer, PairBatch, ParameterId, Parameters, VocabPair,
    Weights, token_tensor,
};
use tch::Tensor;

use super::attention::{Attention, EncoderOutputs};
use super::config::{Config, SourceOrder};
use crate::decoder::Decoder;
use crate::lstm::{Lstm, State};

/// An LSTM encoder and an LSTM decoder.
#[derive(Debug)]
pub struct Network {
    config: Config,
    vocabs: VocabPair,
    /// [source V, D].
    source_embedding: ParameterId,
    encoder: Lstm,
    decoder: Decoder,
    /// With `attention = true`.
    attention: Option<Attention>,
}

/// The state of the decoder between steps, one row per translation.
#[derive(Debug)]
pub struct DecoderState {
    pub(crate) state: State,
    /// With attention.
    encoder_outputs: Option<EncoderOutputs>,
}

impl Network {
    /// A source in the configured order, followed by its end token.
    fn order(&self, source: &[TokenId]) -> Vec<TokenId> {
        let mut ordered = source.to_vec();
        if self.config.source_order == SourceOrder::Reversed {
            ordered.reverse();
        }
        ordered.push(self.vocabs.eos[0]);
        ordered
    }

    /// Encodes sources. Shorter ones are padded at the start, which happens in training only.
    fn encode_padded(&self, weights: &Weights, sources: &[&[TokenId]], mode: Mode) -> DecoderState {
        let time = sources.iter().map(|source| source.len() + 1).max();
        let time = time.unwrap_or(0);
        let mut tokens = Vec::with_capacity(sources.len() * time);
        for (row, source) in sources.iter().enumerate() {
            let padding = time - (source.len() + 1);
            tokens.resize(row * time + padding, self.vocabs.eos[0]);
            tokens.extend(self.order(source));
        }
        let device = weights[self.source_embedding].device();
        let tokens = token_tensor(&tokens, device).view([sources.len() as i64, time as i64]);
        let x = weights.embedding(self.source_embedding, &tokens); // [batch, source_time, D]
        let x = self.config.decoder().dropout().forward(x, mode);
        let zero = self.encoder.zero_state(weights, sources.len() as i64);
        let (outputs, state) = self.encoder.forward(weights, &x, &zero, mode);
        let attention = self.attention.as_ref();
        DecoderState {
            state,
            encoder_outputs: attention.map(|attention| attention.prepare(weights, outputs)),
        }
    }

    /// Hidden states of target tokens; updates the state.
    ///
    /// # Shapes
    /// `[batch, time]` to `[batch, time, D]`.
    fn decode(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &mut DecoderState,
        mode: Mode,
    ) -> Tensor {
        let decoder = &self.decoder;
        let (Some(attention), Some(outputs)) = (&self.attention, &state.encoder_outputs) else {
            let (hidden, after) = decoder.forward(weights, tokens, &state.state, mode);
            state.state = after;
            return hidden;
        };
        let words = decoder.embed(weights, tokens, mode);
        let mut steps = decoder.lstm.stepwise(weights, &words, &state.state);
        let (mut hidden, mut contexts) = (Vec::new(), Vec::new());
        for at in 0..tokens.size()[1] as usize {
            let context = attention.context(weights, outputs, steps.top());
            hidden.push(decoder.lstm.step(weights, &mut steps, at, &context, mode));
            contexts.push(context);
        }
        state.state = steps.state();
        let both = [hidden, contexts].map(|parts| Tensor::stack(&parts, 1));
        decoder.project(weights, Tensor::cat(&both, -1), mode)
    }
}

impl EncoderDecoder for Network {
    type Config = Config;
    type State = DecoderState;

    fn new(config: &Config, vocabs: VocabPair, layout: &mut Layout) -> Network {
        let decoder_config = config.decoder();
        let (init, dropout) = (decoder_config.init(), decoder_config.dropout());
        let table = [vocabs.sizes[0] as i64, config.embedding_size as i64];
        let source_embedding = layout.add("source_embedding", &table, init);
        let sizes = (config.embedding_size, config.hidden_size, config.num_layers);
        let encoder = Lstm::new(layout, "encoder", sizes, (init, dropout));
        let names = ["target_embedding", "decoder"];
        let decoder = Decoder::new(decoder_config, vocabs.sizes[1], names, layout);
        let attention = config
            .attention
            .then(|| Attention::new(layout, config.hidden_size as i64, init));
        Network {
            config: config.clone(),
            vocabs,
            source_embedding,
            encoder,
            decoder,
            attention,
        }
    }

    fn config(&self) -> &Config {
        &self.config
    }

    fn vocabs(&self) -> VocabPair {
        self.vocabs
    }

    fn output(&self) -> &OutputLayer {
        &self.decoder.output
    }

    fn init_parameters(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.encoder
            .init_forget_bias(parameters, self.config.forget_bias);
        self.decoder.init_parameters(parameters, counts);
    }

    fn forward(&self, weights: &Weights, batch: &PairBatch<'_>, mode: Mode) -> Tensor {
        let mut state = self.encode_padded(weights, &batch.sources, mode);
        batch.select_targets(&self.decode(weights, &batch.inputs, &mut state, mode))
    }

    fn encode(&self, weights: &Weights, sources: &[&[TokenId]]) -> DecoderState {
        self.encode_padded(weights, sources, Mode::Eval)
    }

    fn decode_step(&self, weights: &Weights, tokens: &Tensor, state: &mut DecoderState) -> Tensor {
        self.decode(weights, &tokens.unsqueeze(1), state, Mode::Eval)
            .select(1, 0)
    }

    fn select(state: &mut DecoderState, rows: &Tensor) {
        state.state = state.state.select(rows);
        if let Some(outputs) = &mut state.encoder_outputs {
            outputs.select(rows);
        }
    }

    fn matmul_parameters(&self) -> [u64; 2] {
        let words = self.vocabs.sizes[1];
        let attention = match self.config.attention {
            // Keys per source token, queries per target token.
            true => self.config.hidden_size * self.config.hidden_size,
            false => 0,
        };
        [
            (self.encoder.matmul_parameters() + attention) as u64,
            self.decoder.matmul_parameters(words) + attention as u64,
        ]
    }

    /// Gates, cells and outputs of each layer, for source and target.
    fn activations_per_token(&self) -> u64 {
        let config = &self.config;
        let layers = config.num_layers * 14 * config.hidden_size;
        (2 * (layers + 6 * config.embedding_size)) as u64
    }
}
