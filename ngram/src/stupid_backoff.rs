//! Stupid Backoff: the scores of the paper, and the distribution that results from renormalising them.

use std::sync::Mutex;

use corpus::TokenId;
use rustc_hash::FxHashMap;

use crate::config::Scores;
use crate::context_state::State;
use crate::store::{NgramNode, NgramStatistics, Store};

/// Stupid Backoff (Brants et al. 2007, section 4).
#[derive(Debug)]
pub(crate) struct StupidBackoff {
    alpha: f64,
    scores: Scores,
    /// N, the sum of the unigram counts.
    total: f64,
    normalisers: Normalisers,
}

/// f(ngram).
#[inline]
fn count(store: &Store, ngram: NgramNode) -> f64 {
    store.count(ngram) as f64
}

impl StupidBackoff {
    pub(crate) fn new(store: &Store, alpha: f64, scores: Scores) -> StupidBackoff {
        // A word that does not occur gets the count 1: see the crate's departures from the paper.
        let unseen = store.vocab_size() as u64 + u64::from(store.header.eos.is_some())
            - store.header.ngrams[0];
        StupidBackoff {
            alpha,
            scores,
            total: (store.header.tokens + unseen) as f64,
            normalisers: Normalisers::default(),
        }
    }

    /// S(w) = f(w) / N.
    fn base(&self, store: &Store, ngram: Option<NgramNode>) -> f64 {
        ngram.map_or(1.0, |ngram| count(store, ngram)) / self.total
    }

    /// The score of a word, the order of the longest matching n-gram, and the next state.
    #[inline]
    pub(crate) fn step(
        &self,
        store: &Store,
        state: &State,
        token: TokenId,
        find: impl Fn(usize, NgramNode) -> Option<NgramNode>,
    ) -> (f64, usize, State) {
        let contexts = state.contexts();
        let (mut matched, mut score) = (0, 1.0 / self.total);
        let next = state.advance(store, token, find, &mut |ngram| {
            score = match matched {
                0 => self.base(store, Some(ngram)),
                _ => count(store, ngram) / count(store, contexts[matched]),
            };
            matched += 1;
            NgramStatistics::default()
        });
        let backoffs = contexts.len() - matched.max(1);
        (
            score * power(self.alpha, backoffs) / self.divisor(store, state),
            matched,
            next,
        )
    }

    /// The divisor of all scores in a state: the normaliser, or for raw scores the inverse of [`StupidBackoff::penalty`].
    fn divisor(&self, store: &Store, state: &State) -> f64 {
        match self.scores {
            Scores::Raw => 1.0 / self.penalty(state),
            Scores::Renormalised => self.normaliser(store, state.contexts()),
        }
    }

    /// The backoff factors for contexts that are not stored. They are equal for all words and cancel in renormalised scores.
    fn penalty(&self, state: &State) -> f64 {
        power(
            self.alpha,
            usize::from(state.words) + 1 - state.contexts().len(),
        )
    }

    /// The raw score S(token | context) (Brants et al. 2007, eq. 5).
    pub(crate) fn raw(&self, store: &Store, state: &State, token: TokenId) -> f64 {
        self.score_below(store, state.contexts(), token) * self.penalty(state)
    }

    /// Brants et al. 2007, eq. 5: f(context token) / f(context) for the longest context that the token follows, multiplied by alpha
    /// for each longer stored context.
    fn score_below(&self, store: &Store, contexts: &[NgramNode], token: TokenId) -> f64 {
        let mut factor = 1.0;
        for &context in contexts[1..].iter().rev() {
            if let Some(ngram) = store.follower(context, token) {
                return factor * count(store, ngram) / count(store, context);
            }
            factor *= self.alpha;
        }
        factor * self.base(store, store.follower(contexts[0], token))
    }

    /// The normaliser Z(h), the sum of S(w | h) over the vocabulary.
    ///
    /// S(w | h) = alpha S(w | h') for all words that do not follow h. Therefore
    /// Z(h) = sum over followers w of [S(w | h) - alpha S(w | h')] + alpha Z(h').
    fn normaliser(&self, store: &Store, contexts: &[NgramNode]) -> f64 {
        let [shorter @ .., context] = contexts else {
            return 1.0;
        };
        if shorter.is_empty() {
            return 1.0;
        }
        let compute = || {
            let total = count(store, *context);
            let mut sum = self.alpha * self.normaliser(store, shorter);
            store.followers(*context, &mut |token, ngram| {
                sum += count(store, ngram) / total
                    - self.alpha * self.score_below(store, shorter, token);
            });
            sum
        };
        match store.has_own_node(*context) {
            true => self.normalisers.get_or_compute(*context, compute),
            // Hardly more than one word follows, so caching is not worth it.
            false => compute(),
        }
    }

    /// ln of the score of each word: `[vocab]`.
    pub(crate) fn distribution(&self, store: &Store, state: &State) -> Vec<f64> {
        let divisor = self.divisor(store, state);
        let contexts = state.contexts();
        let longest = contexts.len() - 1;
        let unseen = power(self.alpha, longest) / divisor;
        let mut scores = vec![unseen / self.total; store.vocab_size()];
        for (length, &context) in contexts.iter().enumerate() {
            let total = if length == 0 {
                self.total
            } else {
                count(store, context)
            };
            let factor = power(self.alpha, longest - length) / total / divisor;
            store.followers(context, &mut |token, ngram| {
                if let Some(score) = scores.get_mut(token as usize) {
                    *score = factor * count(store, ngram);
                }
            });
        }
        scores.iter_mut().for_each(|score| *score = score.ln());
        scores
    }
}

/// alpha^times by repeated multiplication.
#[inline]
fn power(alpha: f64, times: usize) -> f64 {
    (0..times).fold(1.0, |power, _| power * alpha)
}

/// A cache of normalisers, computed on demand. Two threads may compute the same one; the results are equal.
#[derive(Debug, Default)]
struct Normalisers {
    shards: [Mutex<FxHashMap<NgramNode, f64>>; 16],
}

impl Normalisers {
    fn get_or_compute(&self, ngram: NgramNode, compute: impl FnOnce() -> f64) -> f64 {
        let shard = || {
            let shard = &self.shards[ngram.shard(self.shards.len())];
            shard
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        if let Some(&value) = shard().get(&ngram) {
            return value;
        }
        let value = compute();
        shard().insert(ngram, value);
        value
    }
}
