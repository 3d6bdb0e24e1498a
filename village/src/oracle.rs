//! The generator as a language model: it is exact, so its perplexity is the floor.

use corpus::{TokenId, Vocab};
use harness::{LanguageModel, Precision, check_ids};

use crate::choices::{Distribution, Observer};
use crate::error::{Error, Result};
use crate::lexicon::Word;
use crate::phenomenon::Phenomenon;
use crate::village::Village;

/// The exact probability of every word of the village, across document boundaries.
///
/// A word that the village cannot write has ln p of minus infinity ([`Oracle::first_impossible`] gives its position).
/// The rest of its line is scored uniformly. The next line is read as the beginning of a document.
#[derive(Debug, Clone)]
pub struct Oracle {
    village: Village,
    /// By token id.
    words: Vec<Word>,
    /// By word.
    ids: Vec<TokenId>,
}

impl Oracle {
    /// An oracle over the token ids of a village corpus.
    ///
    /// # Errors
    /// [`Error::Foreign`] if the vocabulary is not that of the village.
    pub fn new(village: Village, vocab: &Vocab) -> Result<Oracle> {
        let world = &village.world;
        let mut words = vec![None; vocab.len()];
        let mut ids = Vec::with_capacity(world.words.len());
        for (index, text) in world.words.iter().enumerate() {
            let id = vocab.id(text).ok_or_else(|| Error::Foreign {
                corpus: "the vocabulary".to_owned(),
                what: format!("it lacks {text:?}, a word of the village; prepare the corpus again"),
            })?;
            words[id as usize] = Some(Word(index as u16));
            ids.push(id);
        }
        let words: Option<Vec<Word>> = words.into_iter().collect();
        let words = words.ok_or_else(|| Error::Foreign {
            corpus: "the vocabulary".to_owned(),
            what: "it has words that the village does not have; prepare the corpus again"
                .to_owned(),
        })?;
        Ok(Oracle {
            village,
            words,
            ids,
        })
    }

    /// The village of the oracle.
    pub fn village(&self) -> &Village {
        &self.village
    }

    /// The position of the first token that the village cannot have written there.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for an id outside the vocabulary.
    pub fn first_impossible(&self, tokens: &[TokenId]) -> harness::Result<Option<usize>> {
        Ok(self
            .village
            .read(&self.words_of(tokens)?, &mut NullObserver))
    }

    pub(crate) fn words_of(&self, tokens: &[TokenId]) -> harness::Result<Vec<Word>> {
        check_ids("oracle", self.words.len(), tokens)?;
        Ok(tokens.iter().map(|&id| self.words[id as usize]).collect())
    }
}

impl LanguageModel for Oracle {
    fn vocab_size(&self) -> usize {
        self.words.len()
    }

    fn precision(&self) -> Precision {
        Precision::Exact
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        let mut scores = ScoreObserver {
            log_probs: Vec::with_capacity(tokens.len()),
            length: tokens.len(),
            unknown: -(self.words.len() as f64).ln(),
        };
        self.village.read(&self.words_of(tokens)?, &mut scores);
        Ok(scores.log_probs)
    }

    fn next(&self, context: &[TokenId]) -> harness::Result<Vec<f64>> {
        let mut found = Vec::new();
        let mut visit = |_: usize, log_probs: &[f64]| log_probs.clone_into(&mut found);
        self.visit_distributions(context, &[context.len()], &mut visit)?;
        Ok(found)
    }

    fn distributions(
        &self,
        tokens: &[TokenId],
        positions: &[usize],
        visit: &mut dyn FnMut(usize, &[f64]),
    ) -> harness::Result<()> {
        let end = positions.last().map_or(0, |last| last + 1);
        self.visit_distributions(&tokens[..end.min(tokens.len())], positions, visit)
    }
}

impl harness::Generator for Oracle {}

impl Oracle {
    /// Visits the distributions at ascending positions, the last of which may be the end of the text.
    fn visit_distributions(
        &self,
        tokens: &[TokenId],
        positions: &[usize],
        visit: &mut dyn FnMut(usize, &[f64]),
    ) -> harness::Result<()> {
        let words = self.words_of(tokens)?;
        let mut visitor = DistributionVisitor {
            oracle: self,
            positions,
            visit,
            log_probs: vec![0.0; self.words.len()],
        };
        self.village.read(&words, &mut visitor);
        Ok(())
    }
}

/// Ignores all choices.
pub(crate) struct NullObserver;

impl Observer for NullObserver {
    fn choice(&mut self, _: usize, _: &Distribution<'_>, _: Phenomenon, _: Option<(Word, f64)>) {}

    fn skipped(&mut self, _: usize) {}
}

/// Collects ln p of each word.
struct ScoreObserver {
    log_probs: Vec<f64>,
    length: usize,
    /// ln p of each word whose probability is unknown.
    unknown: f64,
}

impl Observer for ScoreObserver {
    fn choice(
        &mut self,
        _: usize,
        _: &Distribution<'_>,
        _: Phenomenon,
        outcome: Option<(Word, f64)>,
    ) {
        if let Some((_, prob)) = outcome {
            self.log_probs.push(prob.ln());
        }
    }

    fn skipped(&mut self, at: usize) {
        if at < self.length {
            self.log_probs.push(self.unknown);
        }
    }
}

/// Passes the distributions at some positions to a callback.
struct DistributionVisitor<'a> {
    oracle: &'a Oracle,
    positions: &'a [usize],
    visit: &'a mut dyn FnMut(usize, &[f64]),
    log_probs: Vec<f64>,
}

impl DistributionVisitor<'_> {
    fn is_asked(&mut self, at: usize) -> bool {
        match self.positions.split_first() {
            Some((&first, rest)) if first == at => {
                self.positions = rest;
                true
            }
            _ => false,
        }
    }

    fn show(&mut self, at: usize) {
        self.log_probs.iter_mut().for_each(|prob| *prob = prob.ln());
        (self.visit)(at, &self.log_probs);
    }
}

impl Observer for DistributionVisitor<'_> {
    fn choice(
        &mut self,
        at: usize,
        distribution: &Distribution<'_>,
        _: Phenomenon,
        _: Option<(Word, f64)>,
    ) {
        if self.is_asked(at) {
            self.log_probs.fill(0.0);
            distribution.for_each(|word, prob| {
                self.log_probs[self.oracle.ids[word.index()] as usize] += prob
            });
            self.show(at);
        }
    }

    fn skipped(&mut self, at: usize) {
        if self.is_asked(at) {
            let uniform = 1.0 / self.log_probs.len() as f64;
            self.log_probs.fill(uniform);
            self.show(at);
        }
    }
}
