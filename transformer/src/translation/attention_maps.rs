//! Attention maps of a translator (figures 3 to 5 of the paper).

use corpus::TokenId;
use neural::{EncoderDecoder, Mode, Result, Weights, token_tensor};

use super::Translator;
use super::network::Network;
use crate::attention_map::{AttentionMap, to_maps};
use crate::forward_context::AttentionMask;

/// Attention maps of each head of each layer for a source and its translation.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionMaps {
    /// Encoder self-attention; the source ends with its end token.
    pub encoder: Vec<Vec<AttentionMap>>,
    /// Decoder self-attention; the input starts with an end token.
    pub decoder: Vec<Vec<AttentionMap>>,
    /// Attention of the decoder to the source.
    pub cross: Vec<Vec<AttentionMap>>,
}

/// The attention maps of a translator for a source and a translation, and the tokens of both without end tokens.
///
/// # Errors
/// As [`Translator::sources`] and [`Translator::targets`].
pub fn attention_maps(
    translator: &Translator,
    source: &str,
    target: &str,
) -> Result<(AttentionMaps, [Vec<TokenId>; 2])> {
    let source = translator.sources(&[source])?.concat();
    let target = translator.targets(&[target])?.concat();
    let maps = translator.with(|network, weights| {
        let (decoder, cross) = decoder_maps(network, weights, &source, &target);
        AttentionMaps {
            encoder: encoder_maps(network, weights, &source),
            decoder,
            cross,
        }
    });
    Ok((maps, [source, target]))
}

fn encoder_maps(
    network: &Network,
    weights: &Weights,
    source: &[TokenId],
) -> Vec<Vec<AttentionMap>> {
    let (tokens, mask) = network.source_rows(weights, &[source]);
    let encoder = &network.encoder;
    let positions = (0, tokens.size()[1]);
    let context = encoder
        .embedding
        .context(weights, positions, mask, Mode::Eval);
    let mut x = encoder.embedding.forward(&context, &tokens, 0);
    let mut maps = Vec::new();
    for block in &encoder.blocks {
        maps.push(to_maps(&block.attention_weights(&context, &x, None).0));
        x = block.forward(&context, &x, None, None);
    }
    maps
}

/// Self-attention and cross-attention of the decoder.
fn decoder_maps(
    network: &Network,
    weights: &Weights,
    source: &[TokenId],
    target: &[TokenId],
) -> (Vec<Vec<AttentionMap>>, Vec<Vec<AttentionMap>>) {
    let state = network.encode_padded(weights, &[source], Mode::Eval);
    let decoder = &network.decoder;
    let input = [&[network.vocabs().target_eos()], target].concat();
    let device = weights[network.output().table].device();
    let input = token_tensor(&input, device).unsqueeze(0);
    let (positions, mask) = ((0, input.size()[1]), AttentionMask::Causal);
    let context = decoder
        .embedding
        .context(weights, positions, mask, Mode::Eval);
    let mut x = decoder.embedding.forward(&context, &input, 0);
    let (mut own, mut cross) = (Vec::new(), Vec::new());
    for (block, source) in decoder.blocks.iter().zip(&state.sources) {
        let source = Some((source, &state.mask));
        let (self_weights, cross_weights) = block.attention_weights(&context, &x, source);
        own.push(to_maps(&self_weights));
        cross.extend(cross_weights.as_ref().map(to_maps));
        x = block.forward(&context, &x, None, source);
    }
    (own, cross)
}
