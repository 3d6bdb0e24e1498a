//! The model: counts, what makes probabilities of them, and perhaps a cache.

use std::path::Path;

use corpus::TokenId;
use harness::{Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, check_ids};
use rayon::prelude::*;

use crate::ERA;
use crate::backoff;
use crate::cache::{Cache, Recent};
use crate::config::{Config, HIGHEST_ORDER, Scores, Smoothing};
use crate::error::{Error, Result};
use crate::kneser_ney::{Discounts, KneserNey};
use crate::state::State;
use crate::store::batch::{self, Lookup};
use crate::store::{Gram, Payloads, Store};
use crate::stupid_backoff::StupidBackoff;

/// A trained model.
#[derive(Debug)]
pub struct Model {
    config: Config,
    store: Store,
    scorer: Scorer,
}

/// What makes probabilities of counts.
#[derive(Debug)]
enum Scorer {
    StupidBackoff(Box<StupidBackoff>),
    KneserNey(KneserNey),
    /// Probabilities made elsewhere.
    Backoff,
}

/// What a model knows of the words before a place in a text.
#[derive(Debug, Clone)]
pub struct Context(State);

/// A token of a text, as the model saw it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// ln p, or ln of the score where that is no probability.
    pub log_prob: f64,
    /// Words of the longest n-gram that ends in the token and occurs in training.
    pub matched: usize,
}

impl Model {
    /// A model over counts that were made before.
    ///
    /// # Errors
    /// [`Error::Discount`] where Kneser-Ney has no discounts.
    pub(crate) fn new(config: Config, store: Store) -> Result<Model> {
        let scorer = match (store.header.payloads, config.smoothing) {
            (Payloads::Explicit, _) => Scorer::Backoff,
            (Payloads::Rows, _) => {
                Scorer::KneserNey(KneserNey::new(&store, config.discount_fallback)?)
            }
            (Payloads::Counts, _) => Scorer::StupidBackoff(Box::new(StupidBackoff::new(
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

    /// The n-grams.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The same counts of Stupid Backoff with another factor.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] for a factor out of bounds.
    pub fn with_alpha(self, alpha: f64) -> Result<Model> {
        let config = Config {
            alpha,
            ..self.config
        };
        config.validate()?;
        Model::new(config, self.store)
    }

    /// Kneser-Ney's discounts by order, unigrams first.
    pub fn discounts(&self) -> Option<&[Discounts]> {
        match &self.scorer {
            Scorer::KneserNey(model) => Some(model.discounts()),
            _ => None,
        }
    }

    /// S(token | context), Brants et al. 2007, eq. 5: not a probability.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids that it does not know, or a model without counts.
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

    /// What is said of a word, and the state after it.
    #[inline]
    pub(crate) fn step(&self, state: &State, token: TokenId) -> (Answer, State) {
        self.step_by(state, token, |_, context| {
            self.store.follower(context, token)
        })
    }

    /// The same, where the followers of the contexts are found by other means.
    #[inline]
    fn step_by(
        &self,
        state: &State,
        token: TokenId,
        find: impl Fn(usize, Gram) -> Option<Gram>,
    ) -> (Answer, State) {
        let (log_prob, matched, next) = match &self.scorer {
            Scorer::StupidBackoff(model) => {
                let (score, matched, next) = model.step(&self.store, state, token, find);
                (score.ln(), matched, next)
            }
            Scorer::KneserNey(model) => {
                let (p, matched, next) = model.step(&self.store, state, token, find);
                (p.ln(), matched, next)
            }
            Scorer::Backoff => backoff::step(&self.store, state, token, find),
        };
        (Answer { log_prob, matched }, next)
    }

    fn distribution(&self, state: &State) -> Vec<f64> {
        match &self.scorer {
            Scorer::StupidBackoff(model) => model.distribution(&self.store, state),
            Scorer::KneserNey(model) => model.distribution(&self.store, state),
            Scorer::Backoff => backoff::distribution(&self.store, state),
        }
    }

    /// ln b of a context: the weight of what a shorter context says of words that do not follow this one. Stupid Backoff
    /// has none.
    pub(crate) fn backoff(&self, context: Gram) -> Option<f64> {
        match &self.scorer {
            Scorer::KneserNey(model) => Some(model.backoff(&self.store, context).ln()),
            Scorer::Backoff => {
                Some(f64::from(backoff::unpack(context.payload).1) * std::f64::consts::LN_10)
            }
            Scorer::StupidBackoff(_) => None,
        }
    }

    /// ln p without the cache, of one stretch of a text after the other, in parallel.
    fn score_alone(&self, tokens: &[TokenId]) -> Vec<f64> {
        let mut log_probs = vec![0.0; tokens.len()];
        self.make_table(tokens.len());
        let stretches = log_probs.par_chunks_mut(STRETCH).enumerate();
        stretches.for_each(|(number, log_probs)| {
            self.score_stretch(tokens, number * STRETCH, log_probs)
        });
        log_probs
    }

    /// Long texts are worth a table.
    fn make_table(&self, tokens: usize) {
        if tokens > self.vocab_size() / 4 {
            self.store.make_table();
        }
    }

    /// ln p of a part of a text, begun at several places at once: while the processor waits for the n-grams of one, it
    /// looks up those of the others.
    fn score_stretch(&self, tokens: &[TokenId], from: usize, log_probs: &mut [f64]) {
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
        let (mut lookups, mut active) = (Vec::with_capacity(LANES * HIGHEST_ORDER), Vec::new());
        for _ in 0..length {
            lookups.clear();
            for lane in lanes.iter_mut().filter(|lane| lane.at < lane.end) {
                let token = tokens[from + lane.at];
                lane.unigram = self.store.unigram(token);
                let contexts = lane.state.contexts()[1..].iter();
                lookups.extend(contexts.map(|&context| Lookup::new(&self.store, context, token)));
                if let Some(&next) = tokens.get(from + lane.at + 1) {
                    self.store.fetch_word(next);
                }
            }
            batch::run(&self.store, &mut lookups, &mut active);
            let mut rest = &lookups[..];
            for lane in lanes.iter_mut().filter(|lane| lane.at < lane.end) {
                let (own, others) = rest.split_at(lane.state.contexts().len() - 1);
                let (answer, next) = self.step_by(
                    &lane.state,
                    tokens[from + lane.at],
                    |number, _| match number {
                        0 => lane.unigram,
                        number => own[number - 1].found,
                    },
                );
                log_probs[lane.at] = answer.log_prob;
                (lane.at, lane.state, rest) = (lane.at + 1, next, others);
            }
        }
    }

    /// ln p of each token of a text, the cache left out, on all cores.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids that it does not know.
    pub fn score_without_cache(&self, tokens: &[TokenId]) -> Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        Ok(self.score_alone(tokens))
    }

    /// Scores a text token by token, in this thread; the cache left out.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids that it does not know.
    pub fn query(&self, tokens: &[TokenId], visit: &mut dyn FnMut(TokenId, Answer)) -> Result<()> {
        self.query_on(&mut self.begin(), tokens, visit)
    }

    /// Where a text begins.
    pub fn begin(&self) -> Context {
        Context(State::begin(&self.store))
    }

    /// The same, after a context, which moves along.
    ///
    /// # Errors
    /// As [`Model::query`].
    pub fn query_on(
        &self,
        context: &mut Context,
        tokens: &[TokenId],
        visit: &mut dyn FnMut(TokenId, Answer),
    ) -> Result<()> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        for &token in tokens {
            let (answer, next) = self.step(&context.0, token);
            context.0 = next;
            visit(token, answer);
        }
        Ok(())
    }

    /// Sum of the ln p of a text, the cache left out, in this thread alone.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for ids that it does not know.
    pub fn total(&self, tokens: &[TokenId]) -> Result<f64> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        self.make_table(tokens.len());
        let mut log_probs = vec![0.0; STRETCH];
        let mut sum = 0.0;
        for from in (0..tokens.len()).step_by(STRETCH) {
            let log_probs = &mut log_probs[..STRETCH.min(tokens.len() - from)];
            self.score_stretch(tokens, from, log_probs);
            sum += log_probs.iter().sum::<f64>();
        }
        Ok(sum)
    }

    /// Numbers that training sets: one count for each n-gram.
    pub fn parameters(&self) -> u64 {
        self.store.header.ngrams.iter().sum()
    }

    /// Whether its scores are probabilities: raw ones of Stupid Backoff are not.
    pub fn is_normalised(&self) -> bool {
        !(matches!(self.scorer, Scorer::StupidBackoff(_)) && self.config.scores == Scores::Raw)
    }

    /// Chooses share and half-life of the cache on a text.
    pub(crate) fn tune_cache(&mut self, valid: &[TokenId]) -> Result<()> {
        let alone = self.score_alone(valid);
        let best = Cache::tuned(valid, &alone);
        (self.config.cache, self.config.half_life) = (best.share, best.half_life);
        self.config.validate()
    }

    fn cache(&self) -> Option<Cache> {
        (self.config.cache > 0.0).then_some(Cache {
            share: self.config.cache,
            half_life: self.config.half_life,
        })
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
            variant: self.config.variant().to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size(),
            parameters: self.parameters(),
            config: toml::Table::try_from(&self.config).map_err(corrupt)?,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model: maps its n-grams.
    ///
    /// # Errors
    /// [`Error::Harness`] if a file is missing, cut short or contradicts another, [`harness::Error::Setting`] for an impossible
    /// config.
    pub fn open(folder: &Path) -> Result<Model> {
        let card = ModelCard::open(folder)?;
        let path = folder.join("model.toml");
        let corrupt = |what: String| Error::Harness(harness::Error::corrupt(&path, what));
        let config: Config = card.settings(folder)?;
        config.validate()?;
        let store = Store::open(folder)?;
        let payloads = match config.smoothing {
            Smoothing::StupidBackoff => Payloads::Counts,
            Smoothing::KneserNey => Payloads::Rows,
        };
        let fits = store.vocab_size() == card.vocab_size && store.order() == config.order;
        if !fits || ![payloads, Payloads::Explicit].contains(&store.header.payloads) {
            return Err(corrupt(
                "it does not fit store.toml; train the model again".to_owned(),
            ));
        }
        Model::new(config, store)
    }
}

/// One of the places of a text that are scored at once.
struct Lane {
    at: usize,
    end: usize,
    state: State,
    /// The next word.
    unigram: Option<Gram>,
}

/// Tokens that one thread scores at a time.
const STRETCH: usize = 1 << 14;
/// Places of a stretch that are scored at once.
const LANES: usize = 16;

impl LanguageModel for Model {
    fn vocab_size(&self) -> usize {
        self.store.vocab_size()
    }

    fn precision(&self) -> Precision {
        Precision::Counts
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        let alone = self.score_alone(tokens);
        Ok(match self.cache() {
            None => alone,
            Some(cache) => cache.mix(tokens, &alone),
        })
    }

    fn next(&self, context: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), context)?;
        let alone = self.distribution(&State::after(&self.store, context));
        Ok(match self.cache() {
            None => alone,
            Some(cache) => Recent::after(cache, self.vocab_size(), context).mix_all(alone),
        })
    }
}

impl Generator for Model {}
