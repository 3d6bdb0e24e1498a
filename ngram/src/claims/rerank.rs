//! Reranking of candidate sentences, as in a decoder.

use corpus::TokenId;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::error::Result;
use crate::model::Model;

/// Minimum number of words of a sentence, without `<eos>`.
const MIN_WORDS: usize = 5;
/// Number of corrupted candidates per sentence.
const CORRUPTED: usize = 9;

/// The original sentence, followed by corrupted copies.
pub(super) type Candidates = Vec<Vec<TokenId>>;

/// Candidates for at most `max_sentences` equally spaced sentences (lines) of a text. Replacement words are drawn from the tokens
/// `words`.
pub(super) fn candidates(
    text: &[TokenId],
    eos: TokenId,
    words: &[TokenId],
    max_sentences: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<Candidates> {
    let sentences: Vec<&[TokenId]> = text
        .split_inclusive(|&token| token == eos)
        .filter(|line| line.ends_with(&[eos]) && line.len() > MIN_WORDS)
        .collect();
    let stride = sentences.len().div_ceil(max_sentences.max(1)).max(1);
    let chosen = sentences.into_iter().step_by(stride);
    chosen
        .map(|sentence| {
            let corrupted = (0..CORRUPTED).map(|_| corrupt(sentence, eos, words, rng));
            std::iter::once(sentence.to_vec())
                .chain(corrupted)
                .collect()
        })
        .collect()
}

/// A copy of a sentence with two adjacent words swapped or one word replaced; `<eos>` stays.
pub(super) fn corrupt(
    sentence: &[TokenId],
    eos: TokenId,
    words: &[TokenId],
    rng: &mut ChaCha8Rng,
) -> Vec<TokenId> {
    let mut corrupted = sentence.to_vec();
    let length = sentence.len() - 1;
    // A change may have no effect, if two adjacent words are equal or a word is replaced by itself; then it is retried. The
    // number of tries is limited because a text of a single word has no other candidate.
    for _ in 0..100 {
        if rng.random_bool(0.5) {
            let at = rng.random_range(0..length - 1);
            corrupted.swap(at, at + 1);
        } else {
            let word = words[rng.random_range(0..words.len())];
            if word != eos {
                corrupted[rng.random_range(0..length)] = word;
            }
        }
        if corrupted != sentence {
            break;
        }
    }
    corrupted
}

/// The index of the candidate with the highest log score, for each sentence. Among equals it is the last, so that the original has
/// no advantage by its position.
pub(super) fn choose(model: &Model, sentences: &[Candidates]) -> Result<Vec<usize>> {
    let best = |candidates: &Candidates| {
        let mut best = (0, f64::NEG_INFINITY);
        for (at, candidate) in candidates.iter().enumerate() {
            let total = model.total_log_prob(candidate)?;
            if total >= best.1 {
                best = (at, total);
            }
        }
        Ok(best.0)
    };
    sentences.par_iter().map(best).collect()
}
