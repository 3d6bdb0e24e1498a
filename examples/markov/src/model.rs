//! The chain: counts of pairs, and the probabilities that follow from them.

use std::collections::BTreeMap;
use std::path::Path;

use corpus::{TokenId, write_atomically};
use harness::{Error, Generator, LanguageModel, ModelCard, Precision, Result, check_ids};
use serde::{Deserialize, Serialize};

use crate::config::Config;

const FILE: &str = "chain.json";

/// A counted chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    prior: f64,
    /// How often each token was seen.
    tokens: Vec<u64>,
    /// For each token, how often which token followed it.
    followers: Vec<BTreeMap<TokenId, u64>>,
}

impl Config {
    /// Counts the pairs of a text over `vocab_size` tokens.
    pub fn train(&self, text: &[TokenId], vocab_size: usize) -> Model {
        let mut model = Model {
            prior: self.prior,
            tokens: vec![0; vocab_size],
            followers: vec![BTreeMap::new(); vocab_size],
        };
        for &token in text {
            model.tokens[token as usize] += 1;
        }
        for pair in text.windows(2) {
            *model.followers[pair[0] as usize]
                .entry(pair[1])
                .or_default() += 1;
        }
        model
    }
}

impl Model {
    /// p(w | v) = (c(v, w) + k u(w)) / (c(v) + k), or u(w) at the beginning of a text.
    pub fn probability(&self, before: Option<TokenId>, token: TokenId) -> f64 {
        let seen: u64 = self.tokens.iter().sum();
        let frequency =
            (self.tokens[token as usize] + 1) as f64 / (seen + self.tokens.len() as u64) as f64;
        let Some(before) = before else {
            return frequency;
        };
        let followers = &self.followers[before as usize];
        let pairs = followers.get(&token).copied().unwrap_or(0) as f64;
        let all = followers.values().sum::<u64>() as f64;
        (pairs + self.prior * frequency) / (all + self.prior)
    }

    /// Pairs that were seen.
    pub fn parameters(&self) -> u64 {
        self.followers.iter().map(|each| each.len() as u64).sum()
    }

    /// Writes the model's only file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        let text = serde_json::to_vec(self);
        let text = text.map_err(|error| Error::corrupt(&path, error.to_string()))?;
        Ok(write_atomically(&path, &text)?)
    }

    /// Reads it again. The card must list the file.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] for a file that is not listed or no chain over the vocabulary.
    pub fn open(folder: &Path, card: &ModelCard) -> Result<Model> {
        let (path, vocab_size) = (folder.join(FILE), card.vocab_size);
        let text = card.read_file(folder, FILE)?;
        let model: Model = serde_json::from_slice(&text)
            .map_err(|error| Error::corrupt(&path, error.to_string()))?;
        let ids = model.followers.iter().flat_map(BTreeMap::keys);
        let is_sound = model.tokens.len() == vocab_size
            && model.followers.len() == vocab_size
            && ids.into_iter().all(|&id| (id as usize) < vocab_size)
            && model.prior.is_finite()
            && model.prior > 0.0;
        match is_sound {
            true => Ok(model),
            false => Err(Error::corrupt(
                &path,
                "not a chain over the vocabulary; train it again",
            )),
        }
    }
}

impl LanguageModel for Model {
    fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    fn precision(&self) -> Precision {
        Precision::Counts
    }

    fn score(&self, tokens: &[TokenId]) -> Result<Vec<f64>> {
        check_ids("markov", self.vocab_size(), tokens)?;
        let before = std::iter::once(None).chain(tokens.iter().copied().map(Some));
        let log_prob = |(before, &token)| self.probability(before, token).ln();
        Ok(before.zip(tokens).map(log_prob).collect())
    }

    fn next(&self, context: &[TokenId]) -> Result<Vec<f64>> {
        check_ids("markov", self.vocab_size(), context)?;
        let before = context.last().copied();
        let tokens = 0..self.vocab_size() as TokenId;
        Ok(tokens
            .map(|token| self.probability(before, token).ln())
            .collect())
    }
}

impl Generator for Model {}
