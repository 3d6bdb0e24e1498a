//! Choosing among candidates, as a decoder does.

use corpus::TokenId;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::error::Result;
use crate::model::Model;

/// Fewest words of a sentence, its end left out.
const FEWEST_WORDS: usize = 5;
/// Corrupted candidates beside each true sentence.
const CORRUPTED: usize = 9;

/// A sentence and what may be taken for it: the true one first.
pub(super) type Candidates = Vec<Vec<TokenId>>;

/// Candidates for `most` sentences (lines) of a text at equal distances, or for as many as there are. Words come from
/// `words`, the frequent ones more often.
pub(super) fn candidates(
    text: &[TokenId],
    eos: TokenId,
    words: &[TokenId],
    most: usize,
    random: &mut ChaCha8Rng,
) -> Vec<Candidates> {
    let sentences: Vec<&[TokenId]> = text
        .split_inclusive(|&token| token == eos)
        .filter(|line| line.ends_with(&[eos]) && line.len() > FEWEST_WORDS)
        .collect();
    let stride = sentences.len().div_ceil(most.max(1)).max(1);
    let chosen = sentences.into_iter().step_by(stride);
    chosen
        .map(|sentence| {
            let corrupted = (0..CORRUPTED).map(|_| corrupt(sentence, eos, words, random));
            std::iter::once(sentence.to_vec())
                .chain(corrupted)
                .collect()
        })
        .collect()
}

/// A sentence with two neighbours exchanged, or with one word replaced; its end stays.
pub(super) fn corrupt(
    sentence: &[TokenId],
    eos: TokenId,
    words: &[TokenId],
    random: &mut ChaCha8Rng,
) -> Vec<TokenId> {
    let mut corrupted = sentence.to_vec();
    let length = sentence.len() - 1;
    // Neighbours may be the same word, and the word that is drawn the one that stands there: then another try. A line
    // of one word over and over, in a text of one word, has no other candidate.
    for _ in 0..100 {
        if random.random_bool(0.5) {
            let at = random.random_range(0..length - 1);
            corrupted.swap(at, at + 1);
        } else {
            let word = words[random.random_range(0..words.len())];
            if word != eos {
                corrupted[random.random_range(0..length)] = word;
            }
        }
        if corrupted != sentence {
            break;
        }
    }
    corrupted
}

/// The number of the candidate with the best sum of ln scores, for each sentence. Among equals it is the last, so that
/// the true one does not win by its place.
pub(super) fn choose(model: &Model, sentences: &[Candidates]) -> Result<Vec<usize>> {
    let best = |candidates: &Candidates| {
        let mut best = (0, f64::NEG_INFINITY);
        for (at, candidate) in candidates.iter().enumerate() {
            let total = model.total(candidate)?;
            if total >= best.1 {
                best = (at, total);
            }
        }
        Ok(best.0)
    };
    sentences.par_iter().map(best).collect()
}
