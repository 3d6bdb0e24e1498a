//! Training: counting.

use std::path::PathBuf;
use std::time::Instant;

use corpus::{Prefix, Text, TokenId};
use harness::{CurvePoint, LanguageModel, Training};

use crate::code::Code;
use crate::config::{Config, Contexts, Smoothing};
use crate::count::{
    Direction, Packer, Packing, Scratch, Sentences, Sorted, continuations, parts, sorted_ngrams,
    unigram_counts,
};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::store::{Header, Ingredients, Payloads, Store, levels, make};

/// Where n-grams are counted and kept.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The folder of the model; without it the model is kept in memory.
    pub folder: Option<PathBuf>,
    /// Bytes of memory that n-grams may take while they are counted; without it, as many as they need.
    pub memory: Option<u64>,
}

/// Least memory that counting can work with.
const LEAST_MEMORY: u64 = 64 << 20;
/// Share of the memory that holds n-grams; the rest is for the vocabulary, buffers and the program itself.
const FOR_NGRAMS: u64 = 60;

impl Config {
    /// Counts the n-grams of `text`, in memory; see [`Config::train_at`].
    ///
    /// # Errors
    /// As [`Config::train_at`].
    pub fn train(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Model> {
        self.train_at(&Place::default(), text, vocab_size, eos, training)
    }

    /// Counts the n-grams of `text`, of which a budget in tokens or in part of an epoch takes the beginning. More than
    /// one epoch changes nothing in counts, and a time is not looked at: counting stops for nobody. `eos` ends a line.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`Error::NoText`], [`Error::Discount`], and [`Error::Harness`] when interrupted or when the
    /// disk refuses.
    pub fn train_at(
        &self,
        place: &Place,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Model> {
        self.validate()?;
        let budget = training
            .budget
            .tokens(text.len() as u64, 1.0)
            .unwrap_or(u64::MAX);
        let text = Prefix::new(text, budget);
        if text.is_empty() {
            return Err(Error::NoText {
                what: format!("the budget is {}", training.budget),
            });
        }
        let most = u32::MAX as usize / 2;
        if text.len() > most {
            let bound = format!("at most {most} can be counted; give a budget of tokens");
            return Err(harness::Error::Setting {
                field: "tokens",
                value: text.len().to_string(),
                bound,
            }
            .into());
        }
        let began = Instant::now();
        let store = self.count(place, &text, vocab_size, eos, training)?;
        let mut model = Model::new(self.clone(), store)?;
        let valid = &training.validation;
        if self.tune_cache && !valid.is_empty() {
            model.tune_cache(valid)?;
        }
        let seconds = began.elapsed().as_secs_f64();
        let valid_log_prob = match valid.len() {
            0 => None,
            tokens => Some(model.score(valid)?.iter().sum::<f64>() / tokens as f64),
        };
        training.progress.point(&CurvePoint {
            step: 1,
            tokens: text.len() as u64,
            seconds,
            flops: training_flops(self, text.len()),
            train_loss: None,
            valid_log_prob,
        });
        Ok(model)
    }

    fn count(
        &self,
        place: &Place,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Store> {
        let code = Code::new(vocab_size + 1)?;
        let packing = Packing::new(vocab_size + 1, self.order)?;
        let bos = vocab_size as TokenId;
        let sentences = (self.contexts == Contexts::Line).then_some(Sentences { eos, bos });
        let packer = Packer::new(&code, packing, sentences);
        let scratch = scratch(place)?;
        let total = text.len();
        let mut tick = |what: &str, done: usize| tick(training, what, done, total);
        let counts = unigram_counts(text, &packer, vocab_size + 1);
        let parts = parts(&counts);
        let continuations = match self.smoothing {
            Smoothing::StupidBackoff => Sorted::Records(Vec::new()),
            Smoothing::KneserNey => {
                let mut tick = |done| tick("counting backwards", done);
                let backward = sorted_ngrams(
                    text,
                    &packer,
                    Direction::Backward,
                    scratch.as_ref(),
                    &mut tick,
                )?;
                let bos = sentences.map(|_| packer.rank(bos));
                continuations(&backward, packing, &parts, bos, scratch.as_ref())?
            }
        };
        let ngrams = sorted_ngrams(
            text,
            &packer,
            Direction::Forward,
            scratch.as_ref(),
            &mut |done| tick("counting", done),
        )?;
        tick("building", 0)?;
        let payloads = match self.smoothing {
            Smoothing::StupidBackoff => Payloads::Counts,
            Smoothing::KneserNey => Payloads::Rows,
        };
        let eos = sentences.map(|sentences| sentences.eos);
        let mut header = Header::new(self.order, vocab_size, payloads, eos);
        if self.quantise > 0 {
            header.levels = levels(self.quantise, counts.iter().copied().max().unwrap_or(0));
        }
        let ingredients = Ingredients {
            code: &code,
            packer: &packer,
            header,
            cutoffs: &self.cutoff_of_each(),
            values: &[],
            parts: &parts,
            ngrams: &ngrams,
            continuations: &continuations,
            scratch: scratch.as_ref(),
        };
        let store = make(ingredients, place.folder.as_deref())?;
        tick("building", total)?;
        Ok(store)
    }
}

/// The folder for what does not fit into memory, if memory is limited.
fn scratch(place: &Place) -> Result<Option<Scratch>> {
    let Some(memory) = place.memory else {
        return Ok(None);
    };
    if memory < LEAST_MEMORY {
        let bound = format!("must be at least {} MiB", LEAST_MEMORY >> 20);
        return Err(harness::Error::Setting {
            field: "memory",
            value: memory.to_string(),
            bound,
        }
        .into());
    }
    let beside = place.folder.clone().unwrap_or_else(std::env::temp_dir);
    Scratch::within(&beside, (memory / 100 * FOR_NGRAMS) as usize).map(Some)
}

/// Counting does not multiply; what is counted here is additions, one for each order and token. Kneser-Ney counts twice.
fn training_flops(config: &Config, tokens: usize) -> f64 {
    let passes = match config.smoothing {
        Smoothing::StupidBackoff => 1,
        Smoothing::KneserNey => 2,
    };
    (passes * config.order * tokens) as f64
}

fn tick(training: &mut Training<'_>, what: &str, done: usize, total: usize) -> Result<()> {
    match training
        .progress
        .tick(what, done as u64, Some(total as u64))
    {
        std::ops::ControlFlow::Continue(()) => Ok(()),
        std::ops::ControlFlow::Break(()) => Err(harness::Error::Interrupted.into()),
    }
}
