//! The encoder and the decoder (figure 1).

use corpus::TokenId;
use neural::{
    EncoderDecoder, Layout, Mode, OutputLayer, PairBatch, Parameters, VocabPair, Weights, pad_rows,
    token_tensor,
};
use tch::{Kind, Tensor};

use super::config::Config;
use crate::attention::EncodedSource;
use crate::block::{Block, BlockKind, LayerNorm};
use crate::embedding::{Embedding, table};
use crate::forward_context::AttentionMask;
use crate::kv_cache::KvCache;
use crate::stack_config::Norm;

/// The encoder-decoder Transformer.
#[derive(Debug)]
pub struct Network {
    config: Config,
    vocabs: VocabPair,
    pub(super) encoder: Stack,
    pub(super) decoder: Stack,
    output: OutputLayer,
}

/// The encoder or the decoder.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) embedding: Embedding,
    pub(super) blocks: Vec<Block>,
    /// Only with pre-norm.
    final_norm: Option<LayerNorm>,
}

/// The state of the decoder between steps, one row per translation.
#[derive(Debug)]
pub struct DecoderState {
    /// Keys and values of the encoded sources, one per decoder layer.
    pub(super) sources: Vec<EncodedSource>,
    /// The mask of cross-attention.
    pub(super) mask: AttentionMask,
    /// Keys and values of the target tokens so far, one per decoder layer.
    caches: Vec<KvCache>,
    /// Number of target tokens so far.
    length: i64,
}

impl Stack {
    fn new(
        layout: &mut Layout,
        (name, kind): (&str, BlockKind),
        embedding: Embedding,
        config: &Config,
    ) -> Stack {
        let stack = config.stack();
        let blocks = (0..config.num_layers)
            .map(|at| Block::new(layout, &format!("{name}.{at}"), &stack, kind));
        Stack {
            blocks: blocks.collect(),
            final_norm: (config.norm == Norm::Pre).then(|| {
                let name = format!("{name}.final_norm");
                LayerNorm::new(layout, &name, config.d_model as i64)
            }),
            embedding,
        }
    }

    fn normalise(&self, weights: &Weights, x: Tensor) -> Tensor {
        match &self.final_norm {
            Some(norm) => norm.forward(weights, &x),
            None => x,
        }
    }
}

impl Network {
    /// A source with its end token.
    fn with_eos(&self, source: &[TokenId]) -> Vec<TokenId> {
        [source, &[self.vocabs.eos[0]]].concat()
    }

    /// Sources as padded rows, `[batch, source_time]`, and the padding mask.
    pub(super) fn source_rows(
        &self,
        weights: &Weights,
        sources: &[&[TokenId]],
    ) -> (Tensor, AttentionMask) {
        let device = weights[self.output.table].device();
        let ended: Vec<Vec<TokenId>> = sources.iter().map(|source| self.with_eos(source)).collect();
        let rows: Vec<&[TokenId]> = ended.iter().map(Vec::as_slice).collect();
        let tokens = pad_rows(&rows, self.vocabs.eos[0], device);
        let time = tokens.size()[1];
        let lengths: Vec<u32> = rows.iter().map(|row| row.len() as u32).collect();
        if lengths.iter().all(|&length| i64::from(length) == time) {
            return (tokens, AttentionMask::None);
        }
        let lengths = token_tensor(&lengths, device);
        let mask = Tensor::arange(time, (Kind::Int64, device)).lt_tensor(&lengths.unsqueeze(1));
        let mask = mask.unsqueeze(1).unsqueeze(1); // [batch, 1, 1, source_time]
        (tokens, AttentionMask::Padding(mask))
    }

    /// Encodes sources of any lengths.
    pub(super) fn encode_padded(
        &self,
        weights: &Weights,
        sources: &[&[TokenId]],
        mode: Mode,
    ) -> DecoderState {
        let (tokens, mask) = self.source_rows(weights, sources);
        let encoder = &self.encoder;
        let positions = (0, tokens.size()[1]);
        let context = encoder.embedding.context(weights, positions, mask, mode);
        let mut x = encoder.embedding.forward(&context, &tokens, 0);
        for block in &encoder.blocks {
            x = block.forward(&context, &x, None, None);
        }
        let encoded = encoder.normalise(weights, x);
        let blocks = &self.decoder.blocks;
        let sources = blocks
            .iter()
            .filter_map(|block| block.prepare(weights, &encoded));
        DecoderState {
            sources: sources.collect(),
            mask: context.mask,
            caches: blocks.iter().map(|_| KvCache::default()).collect(),
            length: 0,
        }
    }

    /// Hidden states of whole targets.
    ///
    /// # Shapes
    /// `[batch, target_time]` to `[batch, target_time, D]`.
    fn decode(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &DecoderState,
        mode: Mode,
    ) -> Tensor {
        let (positions, mask) = ((0, tokens.size()[1]), AttentionMask::Causal);
        let decoder = &self.decoder;
        let context = decoder.embedding.context(weights, positions, mask, mode);
        let mut x = decoder.embedding.forward(&context, tokens, 0);
        for (block, source) in decoder.blocks.iter().zip(&state.sources) {
            x = block.forward(&context, &x, None, Some((source, &state.mask)));
        }
        decoder.normalise(weights, x)
    }
}

impl EncoderDecoder for Network {
    type Config = Config;
    type State = DecoderState;

    fn new(config: &Config, vocabs: VocabPair, layout: &mut Layout) -> Network {
        let stack = config.stack();
        let tables = match config.share_embeddings && vocabs.is_shared {
            true => [table(layout, "embedding", vocabs.sizes[0], &stack); 2],
            false => [("source_embedding", 0), ("target_embedding", 1)]
                .map(|(name, side)| table(layout, name, vocabs.sizes[side], &stack)),
        };
        let [encoder, decoder] = [
            ("encoder", BlockKind::SelfAttention, tables[0]),
            ("decoder", BlockKind::CrossAttention, tables[1]),
        ]
        .map(|(name, kind, table)| {
            let positions = format!("{name}.positions");
            let positions = (&positions[..], config.max_length);
            let embedding = Embedding::new(layout, table, positions, stack);
            Stack::new(layout, (name, kind), embedding, config)
        });
        Network {
            config: config.clone(),
            vocabs,
            encoder,
            decoder,
            output: OutputLayer {
                table: tables[1],
                bias: None,
                vocab_size: vocabs.sizes[1] as i64,
            },
        }
    }

    fn config(&self) -> &Config {
        &self.config
    }

    fn vocabs(&self) -> VocabPair {
        self.vocabs
    }

    fn output(&self) -> &OutputLayer {
        &self.output
    }

    /// All parameters are initialised at random.
    fn init_parameters(&self, _: &mut Parameters, _: &[u64]) {}

    fn forward(&self, weights: &Weights, batch: &PairBatch<'_>, mode: Mode) -> Tensor {
        let state = self.encode_padded(weights, &batch.sources, mode);
        batch.select_targets(&self.decode(weights, &batch.inputs, &state, mode))
    }

    fn encode(&self, weights: &Weights, sources: &[&[TokenId]]) -> DecoderState {
        self.encode_padded(weights, sources, Mode::Eval)
    }

    fn decode_step(&self, weights: &Weights, tokens: &Tensor, state: &mut DecoderState) -> Tensor {
        let (start, mask) = (state.length, AttentionMask::Causal);
        let decoder = &self.decoder;
        let context = decoder
            .embedding
            .context(weights, (start, 1), mask, Mode::Eval);
        let mut x = decoder
            .embedding
            .forward(&context, &tokens.unsqueeze(1), start); // [batch, 1, D]
        state.length += 1;
        let layers = state.sources.iter().zip(&mut state.caches);
        for (block, (source, cache)) in decoder.blocks.iter().zip(layers) {
            x = block.forward(&context, &x, Some(cache), Some((source, &state.mask)));
        }
        decoder.normalise(weights, x).select(1, 0)
    }

    fn select(state: &mut DecoderState, rows: &Tensor) {
        for source in &mut state.sources {
            source.select(rows);
        }
        for cache in &mut state.caches {
            cache.select(rows);
        }
        if let AttentionMask::Padding(mask) = &mut state.mask {
            *mask = mask.index_select(0, rows);
        }
    }

    fn matmul_parameters(&self) -> [u64; 2] {
        let (own, d_model) = (self.config.stack().matmul_parameters(), self.config.d_model);
        // Of cross-attention, W_K and W_V apply to source tokens, W_Q and W_O to target tokens.
        let cross = self.config.num_layers * 2 * d_model * d_model;
        let words = self.vocabs.sizes[1] * d_model;
        [(own + cross) as u64, (own + cross + words) as u64]
    }

    fn activations_per_token(&self) -> u64 {
        let config = &self.config;
        let layer = 2 * (13 * config.d_model + 3 * config.d_ff) + 9 * config.d_model;
        (config.num_layers * layer + 8 * config.d_model) as u64
    }
}
