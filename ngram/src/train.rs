//! Training: counting n-grams and building the store.

use std::path::PathBuf;
use std::time::Instant;

use corpus::{Prefix, Text, TokenId};
use harness::{CurvePoint, LanguageModel, Training};

use crate::config::{Config, Contexts, Smoothing};
use crate::count::{
    Direction, Packer, Packing, Scratch, SentenceMarkers, SortedNgrams, continuations, parts,
    sorted_ngrams, unigram_counts,
};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::store::{Header, PayloadKind, Store, StoreInput, assemble, levels};
use crate::word_code::WordCode;

/// Where a model is built, and how much memory counting may take.
#[derive(Debug, Clone, Default)]
pub struct Storage {
    /// The folder of the model; `None` builds it in memory.
    pub folder: Option<PathBuf>,
    /// Memory limit of counting in bytes; `None` means no limit.
    pub memory: Option<u64>,
}

/// Smallest memory limit in bytes.
const MIN_MEMORY: u64 = 64 << 20;
/// Percentage of the memory for n-grams; the rest is for the vocabulary, buffers and the program itself.
const NGRAM_MEMORY_PERCENT: u64 = 60;

impl Config {
    /// Counts the n-grams of `text`, in memory; see [`Config::train_in`].
    ///
    /// # Errors
    /// As [`Config::train_in`].
    pub fn train(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Model> {
        self.train_in(&Storage::default(), text, vocab_size, eos, training)
    }

    /// Counts the n-grams of `text`. `eos` is the token that ends a line.
    ///
    /// A budget in tokens, or of less than one epoch, selects the beginning of the text. Further epochs have no effect, and a time
    /// budget is ignored.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if a setting or the memory limit is out of bounds or the text is too long, [`Error::NoText`]
    /// if it is empty, [`Error::Discount`] if Kneser-Ney's discounts cannot be estimated, and [`Error::Harness`] on interruption
    /// and I/O errors.
    pub fn train_in(
        &self,
        storage: &Storage,
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
        let max_tokens = u32::MAX as usize / 2;
        if text.len() > max_tokens {
            let bound = format!("must be at most {max_tokens}; give a budget of tokens");
            return Err(harness::Error::Setting {
                field: "tokens",
                value: text.len().to_string(),
                bound,
            }
            .into());
        }
        let start = Instant::now();
        let store = self.count(storage, &text, vocab_size, eos, training)?;
        let mut model = Model::new(self.clone(), store)?;
        let valid = &training.validation;
        if self.tune_cache && !valid.is_empty() {
            model.tune_cache(valid)?;
        }
        let seconds = start.elapsed().as_secs_f64();
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
        storage: &Storage,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Store> {
        let code = WordCode::new(vocab_size + 1)?;
        let packing = Packing::new(vocab_size + 1, self.order)?;
        let bos = vocab_size as TokenId;
        let sentences = (self.contexts == Contexts::Line).then_some(SentenceMarkers { eos, bos });
        let packer = Packer::new(&code, packing, sentences);
        let scratch = scratch(storage)?;
        let total = text.len();
        let mut tick = |what: &str, done: usize| tick(training, what, done, total);
        let counts = unigram_counts(text, &packer, vocab_size + 1);
        let parts = parts(&counts);
        let continuations = match self.smoothing {
            Smoothing::StupidBackoff => SortedNgrams::Records(Vec::new()),
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
        let payload_kind = match self.smoothing {
            Smoothing::StupidBackoff => PayloadKind::Counts,
            Smoothing::KneserNey => PayloadKind::KneserNey,
        };
        let eos = sentences.map(|sentences| sentences.eos);
        let mut header = Header::new(self.order, vocab_size, payload_kind, eos);
        if self.quantise > 0 {
            header.levels = levels(self.quantise, counts.iter().copied().max().unwrap_or(0));
        }
        let input = StoreInput {
            code: &code,
            packer: &packer,
            header,
            cutoffs: &self.cutoffs_by_order(),
            values: &[],
            parts: &parts,
            ngrams: &ngrams,
            continuations: &continuations,
            scratch: scratch.as_ref(),
        };
        let store = assemble(input, storage.folder.as_deref())?;
        tick("building", total)?;
        Ok(store)
    }
}

/// The temporary folder of counting, if memory is limited.
fn scratch(storage: &Storage) -> Result<Option<Scratch>> {
    let Some(memory) = storage.memory else {
        return Ok(None);
    };
    if memory < MIN_MEMORY {
        let bound = format!("must be at least {} MiB", MIN_MEMORY >> 20);
        return Err(harness::Error::Setting {
            field: "memory",
            value: memory.to_string(),
            bound,
        }
        .into());
    }
    let parent = storage.folder.clone().unwrap_or_else(std::env::temp_dir);
    Scratch::within(&parent, (memory / 100 * NGRAM_MEMORY_PERCENT) as usize).map(Some)
}

/// Counting has no multiplications; this is the number of additions: one per order and token, twice for Kneser-Ney.
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
