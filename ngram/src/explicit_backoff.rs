//! A backoff model with explicit probabilities and weights, as read from an ARPA file.
//!
//! For a stored n-gram (h, w), p(w | h) is stored; for all others p(w | h) = b(h) p(w | h'), where the backoff weight b(h) is
//! stored with the context. The weight counts even where nothing follows the context any more, as in a filtered model.

use corpus::TokenId;

use crate::context_state::State;
use crate::store::{NgramNode, NgramStatistics, Store};

/// Packs log10 of a probability and of a backoff weight into a payload.
pub(crate) fn pack(log_prob: f32, backoff: f32) -> u64 {
    // Adding 0 turns -0, which marks blanks, into 0.
    pack_bits(log_prob, backoff + 0.0)
}

/// Packs log10 of the probability of a blank: an n-gram that the file does not list, but that longer ones begin or end with. It
/// has no weight; the sign of the zero marks it, as in KenLM.
pub(crate) fn pack_blank(log_prob: f32) -> u64 {
    pack_bits(log_prob, BLANK)
}

/// Whether a payload is that of a blank.
pub(crate) fn is_blank(payload: u64) -> bool {
    unpack(payload).1.to_bits() == BLANK.to_bits()
}

/// The backoff weight of a blank.
const BLANK: f32 = -0.0;

fn pack_bits(log_prob: f32, backoff: f32) -> u64 {
    u64::from(log_prob.to_bits()) << 32 | u64::from(backoff.to_bits())
}

/// The inverse of [`pack`].
#[inline]
pub(crate) fn unpack(payload: u64) -> (f32, f32) {
    (
        f32::from_bits((payload >> 32) as u32),
        f32::from_bits(payload as u32),
    )
}

/// ln p of a word, the order of the longest matching n-gram, and the next state. A word without a unigram has probability 0.
#[inline]
pub(crate) fn step(
    store: &Store,
    state: &State,
    token: TokenId,
    find: impl Fn(usize, NgramNode) -> Option<NgramNode>,
) -> (f64, usize, State) {
    let contexts = state.contexts();
    let (mut matched, mut log_prob) = (0, f64::NEG_INFINITY);
    let next = state.advance(store, token, find, &mut |ngram| {
        log_prob = f64::from(unpack(ngram.payload).0);
        matched += 1;
        NgramStatistics::default()
    });
    let backoffs: f64 = contexts[matched.max(1)..]
        .iter()
        .map(|&context| backoff(context))
        .sum();
    (
        (log_prob + backoffs) * std::f64::consts::LN_10,
        matched,
        next,
    )
}

fn backoff(context: NgramNode) -> f64 {
    f64::from(unpack(context.payload).1)
}

/// ln p of each word: `[vocab]`.
pub(crate) fn distribution(store: &Store, state: &State) -> Vec<f64> {
    let contexts = state.contexts();
    let mut log_probs = vec![f64::NEG_INFINITY; store.vocab_size()];
    for (at, &context) in contexts.iter().enumerate() {
        let backoffs: f64 = contexts[at + 1..]
            .iter()
            .map(|&context| backoff(context))
            .sum();
        store.followers(context, &mut |token, ngram| {
            if let Some(log_prob) = log_probs.get_mut(token as usize) {
                *log_prob =
                    (f64::from(unpack(ngram.payload).0) + backoffs) * std::f64::consts::LN_10;
            }
        });
    }
    log_probs
}
