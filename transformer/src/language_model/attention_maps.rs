//! Attention maps of a language model.

use corpus::TokenId;
use neural::{Result, token_tensor};

use super::Lm;
use crate::attention_map::{AttentionMap, to_maps};

/// The attention maps of all heads of each layer for a text that fits the context. In training, texts start with the end of a
/// line.
///
/// # Errors
/// [`harness::Error::Setting`] if the text is empty or longer than the context; [`neural::Error::Harness`] for unknown ids.
pub fn lm_attention_maps(model: &Lm, tokens: &[TokenId]) -> Result<Vec<Vec<AttentionMap>>> {
    model.check(tokens)?;
    let limit = model.config().context_length;
    if tokens.is_empty() || tokens.len() > limit {
        return Err(harness::Error::Setting {
            field: "text",
            value: format!("{} tokens", tokens.len()),
            bound: format!("must have from 1 to {limit}, the context length of this model"),
        }
        .into());
    }
    Ok(model.with(|network, weights| {
        let device = weights[network.output.table].device();
        let tokens = token_tensor(tokens, device).unsqueeze(0);
        let layers = network.attention_weights(weights, &tokens);
        layers.iter().map(to_maps).collect()
    }))
}
