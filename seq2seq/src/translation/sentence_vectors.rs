//! Sentence vectors: the encoder's final state.

use corpus::TokenId;
use neural::{EncoderDecoder, Result, to_f64s};

use super::Translator;

/// The vector of each sentence: h and c of all encoder layers after the last token (figure 2).
///
/// # Errors
/// [`neural::Error::Harness`] if the tokenizer fails.
pub fn sentence_vectors(translator: &Translator, sentences: &[&str]) -> Result<Vec<Vec<f32>>> {
    let sources = translator.sources(sentences)?;
    let vector = |source: &Vec<TokenId>| {
        let numbers = translator.with(|network, weights| {
            let encoded = network.encode(weights, &[source]);
            to_f64s(&encoded.state.vectors())
        });
        numbers.into_iter().map(|number| number as f32).collect()
    };
    Ok(sources.iter().map(vector).collect())
}
