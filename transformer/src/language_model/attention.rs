//! Where a trained decoder looks.

use corpus::TokenId;
use neural::{Result, ids};

use super::Lm;
use crate::translation::shares;

/// How the heads of all layers distribute their attention over a text that fits the context: of each layer, of each
/// head, for each token how much it looks at each. In training, texts begin with the end of a line.
///
/// # Errors
/// [`harness::Error::Setting`] if the text is empty or longer than the context; [`neural::Error::Harness`] for unknown ids.
pub fn attention(model: &Lm, tokens: &[TokenId]) -> Result<Vec<Vec<Vec<Vec<f64>>>>> {
    model.check(tokens)?;
    let context = model.config().context;
    if tokens.is_empty() || tokens.len() > context {
        return Err(harness::Error::Setting {
            field: "text",
            value: format!("{} tokens", tokens.len()),
            bound: format!("must have from 1 to {context}, the context of this model"),
        }
        .into());
    }
    Ok(model.with(|network, weights| {
        let device = weights[network.output.table].device();
        let patterns = network.patterns(weights, &ids(tokens, device).unsqueeze(0));
        patterns.iter().map(shares).collect()
    }))
}
