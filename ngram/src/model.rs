//! The model: a store of n-grams, an estimator of probabilities and an optional word cache.

use std::path::Path;

use corpus::TokenId;
use harness::{Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, check_ids};
use rayon::prelude::*;

use crate::ERA;
use crate::config::{Config, MAX_ORDER, Scores, Smoothing};
use crate::context_state::State;
use crate::error::{Error, Result};
use crate::explicit_backoff;
use crate::kneser_ney::{Discounts, KneserNey};
use crate::store::batch::{self, Lookup};
use crate::store::{NgramNode, PayloadKind, Store};
use crate::stupid_backoff::StupidBackoff;
use crate::word_cache::{CacheConfig, WordCache};

/// A trained model.
#[derive(Debug)]
pub struct Model {
    config: Config,
    store: Store,
    scorer: Scorer,
}

/// The estimator of probabilities.
#[derive(Debug)]
enum Scorer {
    StupidBackoff(Box<StupidBackoff>),
    KneserNey(KneserNey),
    /// Explicit probabilities and backoff weights, from an ARPA file.
    Backoff,
}

/// The state of a model after the preceding words of a text.
#[derive(Debug, Clone)]
pub struct Context(State);

/// The score of one token of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenScore {
    /// ln p, or ln of the score of a model that is not normalised.
    pub log_prob: f64,
    /// Order of the longest stored n-gram that ends in the token; 0 for a token without a unigram.
    pub matched: usize,
}

impl Model {
    /// A model over an existing store.
    ///
    /// # Errors
    /// [`Error::Discount`] if a Kneser-Ney discount cannot be estimated.
    pub(crate) fn new(config: Config, store: Store) -> Result<Model> {
        let scorer = match (store.header.payloads, config.smoothing) {
            (PayloadKind::Backoff, _) => Scorer::Backoff,
            (PayloadKind::KneserNey, _) => {
                Scorer::KneserNey(KneserNey::new(&store, config.discount_fallback)?)
            }
            (PayloadKind::Counts, _) => Scorer::StupidBackoff(Box::new(StupidBackoff::new(
                &store,
                config.alpha,
                config.scores,
            ))),
        };
        Ok(Model {
            config,
            store,
            scorer,
        })
    }

    /// The stored n-grams.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The same counts with another backoff factor of Stupid Backoff.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if `alpha` is out of bounds.
    pub fn with_alpha(self, alpha: f64) -> Result<Model> {
        let config = Config {
            alpha,
            ..self.config
        };
        config.validate()?;
        Model::new(config, self.store)
    }

    /// Kneser-Ney's discounts by order, unigrams first; `None` for other models.
    pub fn discounts(&self) -> Option<&[Discounts]> {
        match &self.scorer {
            Scorer::KneserNey(model) => Some(model.discounts()),
            _ => None,
        }
    }

    /// S(token | context) of Stupid Backoff (Brants et al. 2007, eq. 5), which is not a probability.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids outside the vocabulary, or if the model is not Stupid Backoff.
    pub fn stupid_backoff(&self, context: &[TokenId], token: TokenId) -> Result<f64> {
        check_ids(ERA, self.vocab_size(), context)?;
        check_ids(ERA, self.vocab_size(), &[token])?;
        match &self.scorer {
            Scorer::StupidBackoff(model) => {
                Ok(model.raw(&self.store, &State::after(&self.store, context), token))
            }
            _ => Err(harness::Error::Model {
                model: self.config.variant().to_owned(),
                what: "has no counts of words for Stupid Backoff".to_owned(),
            }
            .into()),
        }
    }

    /// The score of a token and the next state.
    #[inline]
    pub(crate) fn step(&self, state: &State, token: TokenId) -> (TokenScore, State) {
        self.step_with(state, token, |_, context| {
            self.store.follower(context, token)
        })
    }

    /// The same, with `find` for the look-up of the token after each context.
    #[inline]
    fn step_with(
        &self,
        state: &State,
        token: TokenId,
        find: impl Fn(usize, NgramNode) -> Option<NgramNode>,
    ) -> (TokenScore, State) {
        let (log_prob, matched, next) = match &self.scorer {
            Scorer::StupidBackoff(model) => {
                let (score, matched, next) = model.step(&self.store, state, token, find);
                (score.ln(), matched, next)
            }
            Scorer::KneserNey(model) => {
                let (p, matched, next) = model.step(&self.store, state, token, find);
                (p.ln(), matched, next)
            }
            Scorer::Backoff => explicit_backoff::step(&self.store, state, token, find),
        };
        (TokenScore { log_prob, matched }, next)
    }

    /// ln p of each token: `[vocab]`.
    fn distribution(&self, state: &State) -> Vec<f64> {
        match &self.scorer {
            Scorer::StupidBackoff(model) => model.distribution(&self.store, state),
            Scorer::KneserNey(model) => model.distribution(&self.store, state),
            Scorer::Backoff => explicit_backoff::distribution(&self.store, state),
        }
    }

    /// ln b(context), the backoff weight of a context; `None` for Stupid Backoff, which has no weights.
    pub(crate) fn backoff(&self, context: NgramNode) -> Option<f64> {
        match &self.scorer {
            Scorer::KneserNey(model) => Some(model.backoff(&self.store, context).ln()),
            Scorer::Backoff => Some(
                f64::from(explicit_backoff::unpack(context.payload).1) * std::f64::consts::LN_10,
            ),
            Scorer::StupidBackoff(_) => None,
        }
    }

    /// ln p of each token without the cache; chunks of the text are scored in parallel.
    fn score_uncached(&self, tokens: &[TokenId]) -> Vec<f64> {
        let mut log_probs = vec![0.0; tokens.len()];
        self.build_unigram_table(tokens.len());
        let chunks = log_probs.par_chunks_mut(CHUNK).enumerate();
        chunks.for_each(|(number, log_probs)| self.score_chunk(tokens, number * CHUNK, log_probs));
        log_probs
    }

    /// Builds the store's unigram table if the text is long enough to be worth it.
    fn build_unigram_table(&self, tokens: usize) {
        if tokens > self.vocab_size() / 4 {
            self.store.build_unigram_table();
        }
    }

    /// ln p of a chunk of a text, at several positions at once, so that the memory accesses of their look-ups overlap.
    fn score_chunk(&self, tokens: &[TokenId], from: usize, log_probs: &mut [f64]) {
        let length = log_probs.len().div_ceil(LANES);
        let mut lanes: Vec<Lane> = (0..LANES)
            .map(|lane| {
                let at = (lane * length).min(log_probs.len());
                let end = (at + length).min(log_probs.len());
                let state = State::after(&self.store, &tokens[..from + at]);
                Lane {
                    at,
                    end,
                    state,
                    unigram: None,
                }
            })
            .collect();
        let (mut lookups, mut active) = (Vec::with_capacity(LANES * MAX_ORDER), Vec::new());
        for _ in 0..length {
            lookups.clear();
            for lane in lanes.iter_mut().filter(|lane| lane.at < lane.end) {
                let token = tokens[from + lane.at];
                lane.unigram = self.store.unigram(token);
                let contexts = lane.state.contexts()[1..].iter();
                lookups.extend(contexts.map(|&context| Lookup::new(&self.store, context, token)));
                if let Some(&next) = tokens.get(from + lane.at + 1) {
                    self.store.prefetch_unigram(next);
                }
            }
            batch::run(&self.store, &mut lookups, &mut active);
            let mut rest = &lookups[..];
            for lane in lanes.iter_mut().filter(|lane| lane.at < lane.end) {
                let (own, others) = rest.split_at(lane.state.contexts().len() - 1);
                let (score, next) = self.step_with(
                    &lane.state,
                    tokens[from + lane.at],
                    |number, _| match number {
                        0 => lane.unigram,
                        number => own[number - 1].ngram,
                    },
                );
                log_probs[lane.at] = score.log_prob;
                (lane.at, lane.state, rest) = (lane.at + 1, next, others);
            }
        }
    }

    /// ln p of each token of a text without the cache, on all cores.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids outside the vocabulary.
    pub fn score_without_cache(&self, tokens: &[TokenId]) -> Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        Ok(self.score_uncached(tokens))
    }

    /// Scores a text token by token without the cache, in this thread, and calls `visit` with each token and its score.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids outside the vocabulary.
    pub fn query(
        &self,
        tokens: &[TokenId],
        visit: &mut dyn FnMut(TokenId, TokenScore),
    ) -> Result<()> {
        self.query_on(&mut self.begin(), tokens, visit)
    }

    /// The context at the beginning of a text.
    pub fn begin(&self) -> Context {
        Context(State::begin(&self.store))
    }

    /// As [`Model::query`], but after `context`, which is advanced past the tokens.
    ///
    /// # Errors
    /// As [`Model::query`].
    pub fn query_on(
        &self,
        context: &mut Context,
        tokens: &[TokenId],
        visit: &mut dyn FnMut(TokenId, TokenScore),
    ) -> Result<()> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        for &token in tokens {
            let (score, next) = self.step(&context.0, token);
            context.0 = next;
            visit(token, score);
        }
        Ok(())
    }

    /// Sum of the ln p of a text without the cache, in this thread.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids outside the vocabulary.
    pub fn total_log_prob(&self, tokens: &[TokenId]) -> Result<f64> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        self.build_unigram_table(tokens.len());
        let mut log_probs = vec![0.0; CHUNK];
        let mut sum = 0.0;
        for from in (0..tokens.len()).step_by(CHUNK) {
            let log_probs = &mut log_probs[..CHUNK.min(tokens.len() - from)];
            self.score_chunk(tokens, from, log_probs);
            sum += log_probs.iter().sum::<f64>();
        }
        Ok(sum)
    }

    /// Number of trained parameters: one count per n-gram.
    pub fn parameters(&self) -> u64 {
        self.store.header.listed().iter().sum()
    }

    /// Whether scores are probabilities; raw scores of Stupid Backoff are not.
    pub fn is_normalised(&self) -> bool {
        !(matches!(self.scorer, Scorer::StupidBackoff(_)) && self.config.scores == Scores::Raw)
    }

    /// Tunes the weight and the half-life of the cache on a text.
    pub(crate) fn tune_cache(&mut self, valid: &[TokenId]) -> Result<()> {
        let uncached = self.score_uncached(valid);
        let best = CacheConfig::tune(valid, &uncached);
        (self.config.cache, self.config.half_life) = (best.weight, best.half_life);
        self.config.validate()
    }

    fn cache(&self) -> Option<CacheConfig> {
        (self.config.cache > 0.0).then_some(CacheConfig {
            weight: self.config.cache,
            half_life: self.config.half_life,
        })
    }

    /// Saves the model in a folder.
    ///
    /// # Errors
    /// [`Error::Harness`] if writing fails.
    pub fn save(&self, folder: &Path, vocab_checksum: &str) -> Result<()> {
        self.store.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: self.config.variant().to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size(),
            parameters: self.parameters(),
            config: toml::Table::try_from(&self.config).map_err(corrupt)?,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            borrowed_ideas: Vec::new(),
            test_evaluations: None,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a saved model; its n-grams are memory-mapped.
    ///
    /// # Errors
    /// [`Error::Harness`] if a file is missing, truncated or contradicts another, [`harness::Error::Setting`] if a setting is out
    /// of bounds.
    pub fn open(folder: &Path) -> Result<Model> {
        let card = ModelCard::open(folder)?;
        let path = folder.join("model.toml");
        let corrupt = |what: String| Error::Harness(harness::Error::corrupt(&path, what));
        let config: Config = card.settings(folder)?;
        config.validate()?;
        let store = Store::open(&card, folder)?;
        let payload_kind = match config.smoothing {
            Smoothing::StupidBackoff => PayloadKind::Counts,
            Smoothing::KneserNey => PayloadKind::KneserNey,
        };
        let fits = store.vocab_size() == card.vocab_size && store.order() == config.order;
        if !fits || ![payload_kind, PayloadKind::Backoff].contains(&store.header.payloads) {
            return Err(corrupt(
                "it does not fit store.toml; train the model again".to_owned(),
            ));
        }
        Model::new(config, store)
    }
}

/// One of the positions of a chunk that are scored at once.
struct Lane {
    at: usize,
    end: usize,
    state: State,
    /// The unigram of the next token.
    unigram: Option<NgramNode>,
}

/// Tokens that one thread scores at a time.
const CHUNK: usize = 1 << 14;
/// Number of positions of a chunk that are scored at once.
const LANES: usize = 16;

impl LanguageModel for Model {
    fn vocab_size(&self) -> usize {
        self.store.vocab_size()
    }

    fn precision(&self) -> Precision {
        match self.scorer {
            Scorer::Backoff => Precision::Printed,
            _ => Precision::Counts,
        }
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        let uncached = self.score_uncached(tokens);
        Ok(match self.cache() {
            None => uncached,
            Some(cache) => cache.mix(tokens, &uncached),
        })
    }

    fn next(&self, context: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), context)?;
        let uncached = self.distribution(&State::after(&self.store, context));
        Ok(match self.cache() {
            None => uncached,
            Some(cache) => WordCache::after(cache, self.vocab_size(), context).mix_all(uncached),
        })
    }
}

impl Generator for Model {}
