//! Stupid Backoff: the paper's score, and the distribution that it becomes when it is divided by its sum.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use corpus::TokenId;
use harness::{Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, check_ids};
use rayon::prelude::*;

use crate::config::{Config, Scores};
use crate::error::Result;
use crate::store::{Node, Store, Trie};
use crate::{ERA, error::Error};

/// A trained model over any store.
#[derive(Debug)]
pub struct StupidBackoff<S = Trie> {
    config: Config,
    store: S,
    /// S(w) of the empty context: relative frequencies.
    base: Vec<f64>,
    base_log: Vec<f64>,
    normalisers: Cache,
}

/// The contexts of the next word that occur: the empty one, the last word, the last two, …
/// Shorter ones always occur if longer ones do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    contexts: Vec<Node>,
    /// Words of context that there are, whether they occur together or not; at most order - 1.
    words: usize,
}

impl<S: Store> StupidBackoff<S> {
    /// A model over counts that were made before.
    pub fn new(config: Config, store: S) -> StupidBackoff<S> {
        // A word without an occurrence counts as one: see the crate's departures.
        let counts: Vec<u64> = (0..store.vocab_size() as TokenId)
            .map(|token| {
                store
                    .follower(store.root(), token)
                    .map_or(1, |node| store.count(node))
            })
            .collect();
        let total = counts.iter().sum::<u64>() as f64;
        let base: Vec<f64> = counts
            .into_iter()
            .map(|count| count as f64 / total)
            .collect();
        let base_log = base.iter().map(|score| score.ln()).collect();
        let normalisers = Cache::new((0..store.order()).map(|order| store.nodes(order)));
        StupidBackoff {
            config,
            store,
            base,
            base_log,
            normalisers,
        }
    }

    /// The counts.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// S(token | context), Brants et al. 2007, eq. 5: not a probability.
    pub fn stupid_backoff(&self, context: &[TokenId], token: TokenId) -> f64 {
        let state = self.state_after(context);
        self.score_below(&state.contexts, token) * self.penalty(&state)
    }

    fn empty_state(&self) -> State {
        State {
            contexts: vec![self.store.root()],
            words: 0,
        }
    }

    /// The state after a text; only its last words matter.
    fn state_after(&self, text: &[TokenId]) -> State {
        let start = text.len().saturating_sub(self.store.order() - 1);
        text[start..]
            .iter()
            .fold(self.empty_state(), |state, &token| {
                self.advance(&state, token)
            })
    }

    /// The state after one more word: each context that the word follows grows by it.
    fn advance(&self, state: &State, token: TokenId) -> State {
        let mut contexts = vec![self.store.root()];
        let longest = self.store.order() - 1;
        for &context in state.contexts.iter().take(longest) {
            match self.store.follower(context, token) {
                // A context at the very end of the training text has no followers: it tells nothing.
                Some(node) if self.store.has_followers(node) => contexts.push(node),
                _ => break,
            }
        }
        State {
            contexts,
            words: longest.min(state.words + 1),
        }
    }

    /// The factors for contexts that do not occur at all. The same for every word, so that they vanish when the
    /// scores are renormalised.
    fn penalty(&self, state: &State) -> f64 {
        self.config
            .alpha
            .powi((state.words + 1 - state.contexts.len()) as i32)
    }

    /// Eq. 5: f(context token) / f(context) in the longest context that the token follows, times alpha for each
    /// shortening.
    fn score_below(&self, contexts: &[Node], token: TokenId) -> f64 {
        let mut factor = 1.0;
        for &context in contexts[1..].iter().rev() {
            if let Some(node) = self.store.follower(context, token) {
                return factor * self.store.count(node) as f64 / self.store.count(context) as f64;
            }
            factor *= self.config.alpha;
        }
        factor * self.base[token as usize]
    }

    /// Z(h), the sum of S(w | h) over the vocabulary.
    ///
    /// Words that follow h have their own scores; all others have alpha S(w | h'), and the sum of those is known from
    /// Z(h') and the followers: Z(h) = sum over followers of [S(w | h) - alpha S(w | h')] + alpha Z(h').
    fn normaliser(&self, contexts: &[Node]) -> f64 {
        let (&context, shorter) = contexts
            .split_last()
            .expect("the empty context is always there");
        if shorter.is_empty() {
            return 1.0;
        }
        self.normalisers.get_or_compute(context, || {
            let alpha = self.config.alpha;
            let total = self.store.count(context) as f64;
            let mut sum = alpha * self.normaliser(shorter);
            self.store.followers(context, &mut |token, count| {
                sum += count as f64 / total - alpha * self.score_below(shorter, token);
            });
            sum
        })
    }

    fn divisor(&self, state: &State) -> f64 {
        match self.config.scores {
            Scores::Raw => 1.0 / self.penalty(state),
            Scores::Renormalised => self.normaliser(&state.contexts),
        }
    }

    fn log_probs_after(&self, state: &State) -> Vec<f64> {
        let alpha = self.config.alpha;
        let divisor = self.divisor(state);
        let longest = state.contexts.len() - 1;
        let unseen = alpha.powi(longest as i32).ln() - divisor.ln();
        let mut log_probs: Vec<f64> = self
            .base_log
            .iter()
            .map(|log_score| log_score + unseen)
            .collect();
        for (length, &context) in state.contexts.iter().enumerate().skip(1) {
            let factor =
                alpha.powi((longest - length) as i32) / self.store.count(context) as f64 / divisor;
            self.store.followers(context, &mut |token, count| {
                log_probs[token as usize] = (factor * count as f64).ln();
            });
        }
        log_probs
    }
}

/// Tokens that one thread scores at a time.
const STRETCH: usize = 1 << 14;

impl<S: Store> LanguageModel for StupidBackoff<S> {
    fn vocab_size(&self) -> usize {
        self.store.vocab_size()
    }

    fn precision(&self) -> Precision {
        Precision::Counts
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        let stretch = |start: usize| {
            let mut state = self.state_after(&tokens[..start]);
            let end = tokens.len().min(start + STRETCH);
            let score = |&token: &TokenId| {
                let score = self.score_below(&state.contexts, token) / self.divisor(&state);
                state = self.advance(&state, token);
                score.ln()
            };
            tokens[start..end].iter().map(score).collect::<Vec<f64>>()
        };
        let starts: Vec<usize> = (0..tokens.len()).step_by(STRETCH).collect();
        Ok(starts.into_par_iter().flat_map_iter(stretch).collect())
    }

    fn next(&self, context: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), context)?;
        Ok(self.log_probs_after(&self.state_after(context)))
    }
}

impl<S: Store> Generator for StupidBackoff<S> {}

impl StupidBackoff<Trie> {
    /// Numbers that training sets: one count for each n-gram.
    pub fn parameters(&self) -> u64 {
        (1..=self.store.order())
            .map(|order| self.store.nodes(order) as u64)
            .sum()
    }

    /// Writes the model into a folder.
    ///
    /// # Errors
    /// [`Error::Harness`] when the disk refuses.
    pub fn save(&self, folder: &Path, vocab_checksum: &str) -> Result<()> {
        self.store.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: "stupid-backoff".to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size(),
            parameters: self.parameters(),
            config: toml::Table::try_from(&self.config).map_err(corrupt)?,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Reads a model; every index in it is checked.
    ///
    /// # Errors
    /// [`Error::Harness`] if a file is missing or contradicts itself, [`Error::Setting`] for an impossible config.
    pub fn open(folder: &Path) -> Result<StupidBackoff> {
        let card = ModelCard::open(folder)?;
        let config: Config = card
            .config
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| {
                Error::Harness(harness::Error::corrupt(
                    &folder.join("model.toml"),
                    error.to_string(),
                ))
            })?;
        config.validate()?;
        let store = Trie::open(folder, config.order, card.vocab_size)?;
        Ok(StupidBackoff::new(config, store))
    }
}

/// Normalisers of contexts, computed when they are first asked for. Threads may compute one twice; they find the same.
#[derive(Debug)]
struct Cache {
    /// By order and number; the bits of 0.0, which no normaliser is, where it is not known yet.
    values: Vec<Vec<AtomicU64>>,
}

impl Cache {
    fn new(sizes: impl Iterator<Item = usize>) -> Cache {
        let values = sizes.map(|size| (0..size).map(|_| AtomicU64::new(0)).collect());
        Cache {
            values: values.collect(),
        }
    }

    fn get_or_compute(&self, node: Node, compute: impl FnOnce() -> f64) -> f64 {
        let slot = &self.values[usize::from(node.order)][node.index as usize];
        match slot.load(Ordering::Relaxed) {
            0 => {
                let value = compute();
                slot.store(value.to_bits(), Ordering::Relaxed);
                value
            }
            bits => f64::from_bits(bits),
        }
    }
}
