//! A model whose probabilities were made elsewhere: what an ARPA file holds.
//!
//! p(w | h) is stored for n-grams that are there; else it is b(h) p(w | h'), with a stored weight b for each context.

use corpus::TokenId;

use crate::state::State;
use crate::store::{Gram, Row, Store};

/// log10 of a probability and of a backoff weight, as ARPA files have them.
pub(crate) fn pack(log_prob: f32, backoff: f32) -> u64 {
    u64::from(log_prob.to_bits()) << 32 | u64::from(backoff.to_bits())
}

#[inline]
pub(crate) fn unpack(payload: u64) -> (f32, f32) {
    (
        f32::from_bits((payload >> 32) as u32),
        f32::from_bits(payload as u32),
    )
}

/// ln p of a word, the words of the longest match, and the state after it. A word that has no unigram has no probability
/// at all.
#[inline]
pub(crate) fn step(
    store: &Store,
    state: &State,
    token: TokenId,
    find: impl Fn(usize, Gram) -> Option<Gram>,
) -> (f64, usize, State) {
    let contexts = state.contexts();
    let (mut depth, mut log_prob) = (0, f64::NEG_INFINITY);
    let next = state.advance(store, token, find, &mut |gram| {
        log_prob = f64::from(unpack(gram.payload).0);
        depth += 1;
        Row::default()
    });
    let backoffs: f64 = contexts[depth.max(1)..]
        .iter()
        .map(|&context| backoff(context))
        .sum();
    ((log_prob + backoffs) * std::f64::consts::LN_10, depth, next)
}

fn backoff(context: Gram) -> f64 {
    f64::from(unpack(context.payload).1)
}

/// ln p of each word.
pub(crate) fn distribution(store: &Store, state: &State) -> Vec<f64> {
    let contexts = state.contexts();
    let mut log_probs = vec![f64::NEG_INFINITY; store.vocab_size()];
    for (at, &context) in contexts.iter().enumerate() {
        let backoffs: f64 = contexts[at + 1..]
            .iter()
            .map(|&context| backoff(context))
            .sum();
        store.followers(context, &mut |token, gram| {
            if let Some(log_prob) = log_probs.get_mut(token as usize) {
                *log_prob =
                    (f64::from(unpack(gram.payload).0) + backoffs) * std::f64::consts::LN_10;
            }
        });
    }
    log_probs
}
