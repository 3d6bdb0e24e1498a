//! What a model carries along a text.

use corpus::TokenId;

use crate::config::HIGHEST_ORDER;
use crate::store::{Gram, Row, Store};

/// The contexts of the next word that occur: the empty one, the last word, the last two, …
/// Shorter ones always occur if longer ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    grams: [Gram; HIGHEST_ORDER],
    /// What a model noted of each when it was reached.
    rows: [Row; HIGHEST_ORDER],
    length: u8,
    /// Words of context that there are, whether they occur together or not; at most order - 1.
    pub(crate) words: u8,
}

impl State {
    /// After nothing.
    pub(crate) fn empty(store: &Store) -> State {
        let mut state = State {
            grams: [Gram::default(); HIGHEST_ORDER],
            rows: [Row::default(); HIGHEST_ORDER],
            length: 1,
            words: 0,
        };
        state.grams[0] = store.root();
        state.rows[0] = store.header.root;
        state
    }

    /// Where a text begins.
    pub(crate) fn begin(store: &Store) -> State {
        let empty = State::empty(store);
        match store.header.eos {
            Some(_) => empty.within(store, store.bos()),
            None => empty,
        }
    }

    /// After a text; only its last words matter.
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
                &mut |gram| store.note(gram),
            )
        })
    }

    /// The contexts, the empty one first.
    #[inline]
    pub(crate) fn contexts(&self) -> &[Gram] {
        &self.grams[..usize::from(self.length)]
    }

    /// What was noted of them.
    #[inline]
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows[..usize::from(self.length)]
    }

    /// The state after one more word. `find` is [`Store::follower`] of the n-th context, or what it told; `visit` sees the
    /// n-grams that end in the word and occur, shortest first, and answers with [`Store::note`] of each.
    #[inline]
    pub(crate) fn advance(
        &self,
        store: &Store,
        token: TokenId,
        find: impl Fn(usize, Gram) -> Option<Gram>,
        visit: &mut impl FnMut(Gram) -> Row,
    ) -> State {
        let next = self.walk(store, find, visit);
        match store.header.eos == Some(token) {
            true => State::begin(store),
            false => next,
        }
    }

    /// The state after one more word, which does not end the sentence.
    pub(crate) fn within(&self, store: &Store, token: TokenId) -> State {
        self.walk(
            store,
            |_, context| store.follower(context, token),
            &mut |gram| store.note(gram),
        )
    }

    /// Each context that the word follows grows by it.
    #[inline]
    fn walk(
        &self,
        store: &Store,
        find: impl Fn(usize, Gram) -> Option<Gram>,
        visit: &mut impl FnMut(Gram) -> Row,
    ) -> State {
        let mut next = State::empty(store);
        let longest = store.order() - 1;
        let mut is_whole = true;
        for (at, &context) in self.contexts().iter().enumerate() {
            let Some(gram) = find(at, context) else {
                break;
            };
            let row = visit(gram);
            // A context at the very end of the training text has no followers: it tells nothing.
            is_whole &= gram.has_followers();
            if is_whole && usize::from(next.length) <= longest {
                next.grams[usize::from(next.length)] = gram;
                next.rows[usize::from(next.length)] = row;
                next.length += 1;
            }
        }
        next.words = (self.words + 1).min(longest as u8);
        next
    }
}
