//! Stupid Backoff: the paper's score, and the distribution that it becomes when it is divided by its sum.

use std::sync::Mutex;

use corpus::TokenId;
use rustc_hash::FxHashMap;

use crate::config::Scores;
use crate::state::State;
use crate::store::{Gram, Row, Store};

/// Brants et al. 2007, section 4.
#[derive(Debug)]
pub(crate) struct StupidBackoff {
    alpha: f64,
    scores: Scores,
    /// Sum of the unigram counts.
    total: f64,
    normalisers: Normalisers,
}

/// How often an n-gram occurs.
#[inline]
fn count(store: &Store, gram: Gram) -> f64 {
    store.count(gram) as f64
}

impl StupidBackoff {
    pub(crate) fn new(store: &Store, alpha: f64, scores: Scores) -> StupidBackoff {
        // A word without an occurrence counts as one: see the crate's departures.
        let unseen = store.vocab_size() as u64 + u64::from(store.header.eos.is_some())
            - store.header.ngrams[0];
        StupidBackoff {
            alpha,
            scores,
            total: (store.header.tokens + unseen) as f64,
            normalisers: Normalisers::default(),
        }
    }

    /// S(w): the relative frequency.
    fn base(&self, store: &Store, gram: Option<Gram>) -> f64 {
        gram.map_or(1.0, |gram| count(store, gram)) / self.total
    }

    /// The score of a word, the words of the longest match, and the state after it.
    #[inline]
    pub(crate) fn step(
        &self,
        store: &Store,
        state: &State,
        token: TokenId,
        find: impl Fn(usize, Gram) -> Option<Gram>,
    ) -> (f64, usize, State) {
        let contexts = state.contexts();
        let (mut depth, mut score) = (0, 1.0 / self.total);
        let next = state.advance(store, token, find, &mut |gram| {
            score = match depth {
                0 => self.base(store, Some(gram)),
                _ => count(store, gram) / count(store, contexts[depth]),
            };
            depth += 1;
            Row::default()
        });
        let shortened = contexts.len() - depth.max(1);
        (
            score * power(self.alpha, shortened) / self.divisor(store, state),
            depth,
            next,
        )
    }

    /// The factors for contexts that do not occur at all. The same for every word, so that they vanish when the
    /// scores are renormalised.
    fn divisor(&self, store: &Store, state: &State) -> f64 {
        match self.scores {
            Scores::Raw => 1.0 / self.penalty(state),
            Scores::Renormalised => self.normaliser(store, state.contexts()),
        }
    }

    fn penalty(&self, state: &State) -> f64 {
        power(
            self.alpha,
            usize::from(state.words) + 1 - state.contexts().len(),
        )
    }

    /// S(token | context), eq. 5, whatever the model answers.
    pub(crate) fn raw(&self, store: &Store, state: &State, token: TokenId) -> f64 {
        self.score_below(store, state.contexts(), token) * self.penalty(state)
    }

    /// Eq. 5: f(context token) / f(context) in the longest context that the token follows, times alpha for each
    /// shortening.
    fn score_below(&self, store: &Store, contexts: &[Gram], token: TokenId) -> f64 {
        let mut factor = 1.0;
        for &context in contexts[1..].iter().rev() {
            if let Some(gram) = store.follower(context, token) {
                return factor * count(store, gram) / count(store, context);
            }
            factor *= self.alpha;
        }
        factor * self.base(store, store.follower(contexts[0], token))
    }

    /// Z(h), the sum of S(w | h) over the vocabulary.
    ///
    /// Words that follow h have their own scores; all others have alpha S(w | h'), and the sum of those is known from
    /// Z(h') and the followers: Z(h) = sum over followers of [S(w | h) - alpha S(w | h')] + alpha Z(h').
    fn normaliser(&self, store: &Store, contexts: &[Gram]) -> f64 {
        let [shorter @ .., context] = contexts else {
            return 1.0;
        };
        if shorter.is_empty() {
            return 1.0;
        }
        let compute = || {
            let total = count(store, *context);
            let mut sum = self.alpha * self.normaliser(store, shorter);
            store.followers(*context, &mut |token, gram| {
                sum += count(store, gram) / total
                    - self.alpha * self.score_below(store, shorter, token);
            });
            sum
        };
        match store.has_own_node(*context) {
            true => self.normalisers.get_or_compute(*context, compute),
            // Little work: hardly more than one word follows.
            false => compute(),
        }
    }

    /// ln of the score of each word.
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
            store.followers(context, &mut |token, gram| {
                if let Some(score) = scores.get_mut(token as usize) {
                    *score = factor * count(store, gram);
                }
            });
        }
        scores.iter_mut().for_each(|score| *score = score.ln());
        scores
    }
}

#[inline]
fn power(alpha: f64, times: usize) -> f64 {
    (0..times).fold(1.0, |power, _| power * alpha)
}

/// Normalisers of contexts, computed when they are first asked for. Threads may compute one twice; they find the same.
#[derive(Debug, Default)]
struct Normalisers {
    shards: [Mutex<FxHashMap<Gram, f64>>; 16],
}

impl Normalisers {
    fn get_or_compute(&self, gram: Gram, compute: impl FnOnce() -> f64) -> f64 {
        let shard = || {
            let shard = &self.shards[gram.shard(self.shards.len())];
            shard
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        if let Some(&value) = shard().get(&gram) {
            return value;
        }
        let value = compute();
        shard().insert(gram, value);
        value
    }
}
