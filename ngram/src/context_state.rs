//! The state that a model carries along a text.

use corpus::TokenId;

use crate::config::MAX_ORDER;
use crate::store::{NgramNode, NgramStatistics, PayloadKind, Store};

/// The stored contexts of the next word: the empty one, the last word, the last two words, and so on up to order - 1.
/// If a context is stored, all its suffixes are, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    contexts: [NgramNode; MAX_ORDER],
    /// The statistics of each context, where the store has them.
    statistics: [NgramStatistics; MAX_ORDER],
    /// Number of stored contexts.
    length: u8,
    /// Number of preceding words, stored together or not; at most order - 1.
    pub(crate) words: u8,
}

impl State {
    /// The state without any preceding word.
    pub(crate) fn empty(store: &Store) -> State {
        let mut state = State {
            contexts: [NgramNode::default(); MAX_ORDER],
            statistics: [NgramStatistics::default(); MAX_ORDER],
            length: 1,
            words: 0,
        };
        state.contexts[0] = store.root();
        state.statistics[0] = store.header.root;
        state
    }

    /// The state at the beginning of a text.
    pub(crate) fn begin(store: &Store) -> State {
        let empty = State::empty(store);
        match store.header.eos {
            Some(_) => empty.advance_within_sentence(store, store.bos()),
            None => empty,
        }
    }

    /// The state after a text, of which only the last order - 1 words matter.
    pub(crate) fn after(store: &Store, text: &[TokenId]) -> State {
        let start = text.len().saturating_sub(store.order() - 1);
        let begins = start == 0 || store.header.eos.is_some_and(|eos| text[start - 1] == eos);
        let first = if begins {
            State::begin(store)
        } else {
            State::empty(store)
        };
        text[start..].iter().fold(first, |state, &token| {
            state.advance(
                store,
                token,
                |_, context| store.follower(context, token),
                &mut |ngram| store.carried_statistics(ngram),
            )
        })
    }

    /// The contexts, the empty one first.
    #[inline]
    pub(crate) fn contexts(&self) -> &[NgramNode] {
        &self.contexts[..usize::from(self.length)]
    }

    /// The statistics of the contexts, in the same order.
    #[inline]
    pub(crate) fn statistics(&self) -> &[NgramStatistics] {
        &self.statistics[..usize::from(self.length)]
    }

    /// The state after one more word. `find` returns [`Store::follower`] of the n-th context, computed now or before. `visit` is
    /// called with the stored n-grams that end in the word, shortest first, and returns [`Store::carried_statistics`] of each.
    #[inline]
    pub(crate) fn advance(
        &self,
        store: &Store,
        token: TokenId,
        find: impl Fn(usize, NgramNode) -> Option<NgramNode>,
        visit: &mut impl FnMut(NgramNode) -> NgramStatistics,
    ) -> State {
        let next = self.extend_contexts(store, find, visit);
        match store.header.eos == Some(token) {
            true => State::begin(store),
            false => next,
        }
    }

    /// The state after one more word, even if the word is `<eos>`.
    pub(crate) fn advance_within_sentence(&self, store: &Store, token: TokenId) -> State {
        self.extend_contexts(
            store,
            |_, context| store.follower(context, token),
            &mut |ngram| store.carried_statistics(ngram),
        )
    }

    /// Extends each context that the word follows by the word.
    #[inline]
    fn extend_contexts(
        &self,
        store: &Store,
        find: impl Fn(usize, NgramNode) -> Option<NgramNode>,
        visit: &mut impl FnMut(NgramNode) -> NgramStatistics,
    ) -> State {
        let mut next = State::empty(store);
        let longest = store.order() - 1;
        let mut is_contiguous = true;
        for (at, &context) in self.contexts().iter().enumerate() {
            let Some(ngram) = find(at, context) else {
                break;
            };
            let statistics = visit(ngram);
            // A counted context that occurs only at the very end of the training text has no followers and gives no information.
            // A given one has a weight, whether or not anything follows it.
            is_contiguous &= ngram.has_followers() || store.header.payloads == PayloadKind::Backoff;
            if is_contiguous && usize::from(next.length) <= longest {
                next.contexts[usize::from(next.length)] = ngram;
                next.statistics[usize::from(next.length)] = statistics;
                next.length += 1;
            }
        }
        next.words = (self.words + 1).min(longest as u8);
        next
    }
}
