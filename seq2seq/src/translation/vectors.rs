//! Sentences as vectors: what is left of a source when it was read.

use corpus::TokenId;
use neural::{EncoderDecoder, Result, numbers};

use super::Translator;

/// The vector of each sentence: what the encoder knows when it was read, of each layer h and c (figure 2).
///
/// # Errors
/// [`neural::Error::Harness`] if the tokenizer refuses.
pub fn sentence_vectors(translator: &Translator, sentences: &[&str]) -> Result<Vec<Vec<f32>>> {
    let sources = translator.sources(sentences)?;
    let vector = |source: &Vec<TokenId>| {
        let found = translator.with(|network, weights| {
            let memory = network.read(weights, &[source]);
            numbers(&memory.state.vectors())
        });
        found.into_iter().map(|number| number as f32).collect()
    };
    Ok(sources.iter().map(vector).collect())
}
