//! Models made, and laid into their folders.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{Baseline, CurvePoint, LanguageModel, MODEL_FORMAT, ModelCard, Track, Training};
use village::Village;

use super::{Config, Entry, responders, translators};

/// Where a model is trained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The model's folder.
    pub(crate) folder: &'a Path,
    /// Bytes of memory that counting may take.
    pub(crate) memory: Option<u64>,
}

impl Entry {
    /// Trains, and leaves the model in `folder`, which appears with it.
    pub(crate) fn train(
        self,
        config: &Config,
        corpus: &Corpus,
        training: &mut Training<'_>,
        place: Place<'_>,
    ) -> anyhow::Result<()> {
        let folder = place.folder;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let vocab_size = corpus.vocab().len();
        if self.id().track == Track::Translation {
            return translators::train(self, config, corpus, training, folder);
        }
        let only_replies = matches!(self, Entry::FixedReply | Entry::Retrieval);
        #[cfg(feature = "neural")]
        let only_replies = only_replies || self == Entry::Chatbot;
        if only_replies {
            return responders::train(self, config, corpus, training, folder);
        }
        corpus.codec().save(folder)?;
        match (self, config) {
            (_, Config::Ngram(config)) => {
                let place = ngram::Place {
                    folder: Some(folder.to_path_buf()),
                    memory: place.memory,
                };
                let text = corpus.split(Split::Train)?;
                let eos = corpus.vocab().eos();
                let model = config.train_at(&place, &text, vocab_size, eos, training)?;
                model.save(folder, &corpus.vocab_checksum())?;
            }
            (_, Config::Word2vec(config)) => {
                let text = corpus.split(Split::Train)?;
                let model = config.train(&text, corpus.vocab(), training)?;
                model.save(folder, &corpus.vocab_checksum(), vocab_size)?;
            }
            (_, Config::CbowLm(config)) => {
                let model = config.train(&corpus.split(Split::Train)?, vocab_size, training)?;
                model.save(folder, &corpus.vocab_checksum())?;
            }
            #[cfg(feature = "neural")]
            (_, Config::Lstm(config)) => {
                let (text, eos) = (corpus.split(Split::Train)?, corpus.vocab().eos());
                let model = config.train(&text, vocab_size, eos, training)?;
                model.save(folder, &corpus.vocab_checksum())?;
            }
            #[cfg(feature = "neural")]
            (_, Config::Transformer(config)) => {
                let (text, eos) = (corpus.split(Split::Train)?, corpus.vocab().eos());
                let model = config.train(&text, vocab_size, eos, training)?;
                model.save(folder, &corpus.vocab_checksum())?;
            }
            #[cfg(feature = "neural")]
            (_, Config::Chatbot(config)) => {
                let (text, eos) = (corpus.split(Split::Train)?, corpus.vocab().eos());
                let model = config.train_on_text(&text, vocab_size, eos, training)?;
                model.save(folder, &corpus.vocab_checksum())?;
            }
            // Rebuilt from what made the corpus: there is nothing to learn, and nothing to keep.
            (Entry::Oracle | Entry::OracleTalk, _) => {
                let generator = toml::Table::try_from(Village::of(corpus)?.generator())?;
                write_card(self, corpus, 0, generator, folder)?;
            }
            (Entry::Uniform, _) => {
                Baseline::uniform(vocab_size).save(folder)?;
                write_card(self, corpus, 0, toml::Table::new(), folder)?;
            }
            _ => {
                train_unigram(corpus, training)?.save(folder)?;
                write_card(self, corpus, vocab_size, toml::Table::new(), folder)?;
            }
        }
        Ok(())
    }
}

/// Says what a model is that the program itself makes: an era's own models do so themselves.
pub(super) fn write_card(
    entry: Entry,
    corpus: &Corpus,
    parameters: usize,
    config: toml::Table,
    folder: &Path,
) -> anyhow::Result<()> {
    let id = entry.id();
    let card = ModelCard {
        format: MODEL_FORMAT,
        era: id.era,
        variant: id.variant,
        vocab_checksum: corpus.vocab_checksum(),
        vocab_size: corpus.vocab().len(),
        parameters: parameters as u64,
        config,
        files: Vec::new(),
    };
    Ok(card.write(folder)?)
}

/// Counts as many tokens as the budget allows, as the n-grams do.
fn train_unigram(corpus: &Corpus, training: &mut Training<'_>) -> anyhow::Result<Baseline> {
    let began = Instant::now();
    let stream = corpus.split(Split::Train)?;
    let length = training
        .budget
        .tokens(stream.len() as u64, 1.0)
        .unwrap_or(u64::MAX)
        .min(stream.len() as u64);
    let mut counts = vec![0; corpus.vocab().len()];
    stream
        .iter()
        .take(length as usize)
        .for_each(|token| counts[token as usize] += 1);
    let model = Baseline::unigram(&counts);
    let seconds = began.elapsed().as_secs_f64();
    let valid = &training.validation;
    let valid_log_prob = match valid.len() {
        0 => None,
        tokens => Some(model.score(valid)?.iter().sum::<f64>() / tokens as f64),
    };
    // One addition for each token: see the n-grams, which need one for each order.
    let flops = length as f64;
    training.progress.point(&CurvePoint {
        step: 1,
        tokens: length,
        seconds,
        flops,
        train_loss: None,
        valid_log_prob,
    });
    Ok(model)
}
