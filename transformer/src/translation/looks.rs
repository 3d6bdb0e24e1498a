//! Where a translator looks (figures 3 to 5 of the paper).

use corpus::TokenId;
use neural::{EncoderDecoder, Result, Weights, ids, numbers};
use tch::Tensor;

use super::Translator;
use super::network::Network;
use crate::attention::Sight;

/// Of each layer, of each head, for each token its shares of the tokens that it looks at.
type Shares = Vec<Vec<Vec<Vec<f64>>>>;

/// How all layers distribute their attention over a source and its translation.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    /// Of the source, which ends with its end, at itself.
    pub encoder: Shares,
    /// Of the translation, which begins with an end, at what stands before.
    pub decoder: Shares,
    /// Of the translation at the source.
    pub across: Shares,
}

/// How a translator distributes its attention over a sentence and a translation of it, and the tokens of both, without their
/// ends.
///
/// # Errors
/// As [`Translator::sources`] and [`Translator::targets`].
pub fn looks(
    translator: &Translator,
    source: &str,
    target: &str,
) -> Result<(Looks, [Vec<TokenId>; 2])> {
    let source = translator.sources(&[source])?.concat();
    let target = translator.targets(&[target])?.concat();
    let looks = translator.with(|network, weights| of_network(network, weights, &source, &target));
    Ok((looks, [source, target]))
}

fn of_network(
    network: &Network,
    weights: &Weights,
    source: &[TokenId],
    target: &[TokenId],
) -> Looks {
    let (tokens, sight) = network.rows(weights, &[source]);
    let encoder = &network.encoder;
    let places = (0, tokens.size()[1]);
    let pass = encoder.embedding.pass(weights, places, sight, false);
    let mut looks = Looks {
        encoder: Vec::new(),
        decoder: Vec::new(),
        across: Vec::new(),
    };
    let mut x = encoder.embedding.apply(&pass, &tokens, 0);
    for block in &encoder.blocks {
        looks
            .encoder
            .push(shares(&block.patterns(&pass, &x, None).0));
        x = block.apply(&pass, &x, None, None);
    }
    let memory = network.encode(weights, &[source], false);
    let decoder = &network.decoder;
    let read = [&[network.sides().end()], target].concat();
    let read = ids(&read, tokens.device()).unsqueeze(0);
    let places = (0, read.size()[1]);
    let pass = decoder
        .embedding
        .pass(weights, places, Sight::Before, false);
    let mut x = decoder.embedding.apply(&pass, &read, 0);
    for (block, sources) in decoder.blocks.iter().zip(&memory.sources) {
        let seen = Some((sources, &memory.sight));
        let (own, across) = block.patterns(&pass, &x, seen);
        looks.decoder.push(shares(&own));
        looks.across.extend(across.as_ref().map(shares));
        x = block.apply(&pass, &x, None, seen);
    }
    looks
}

/// `[1, heads, time, time looked at]` as numbers.
pub(crate) fn shares(pattern: &Tensor) -> Vec<Vec<Vec<f64>>> {
    let (rows, columns) = (pattern.size()[2] as usize, pattern.size()[3] as usize);
    let flat = numbers(pattern);
    let heads = flat.chunks(rows * columns);
    heads
        .map(|head| head.chunks(columns).map(<[f64]>::to_vec).collect())
        .collect()
}
