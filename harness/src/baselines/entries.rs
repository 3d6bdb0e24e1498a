//! The baselines as an era: what every model has to beat, in each track.

use std::path::Path;
use std::time::Instant;

use corpus::{Corpus, Split};

use super::Baseline;
use crate::conversation::{Dialogue, FixedReply, Retrieval, TURNS_SHOWN};
use crate::entry::{EntryId, EraRole, Track};
use crate::era::{Entry, Era};
use crate::error::Result;
use crate::model::{LanguageModel, Translator};
use crate::model_folder::ModelCard;
use crate::text_model::TextModel;
use crate::trained_model::Model;
use crate::training::{CurvePoint, Training};
use crate::translation::{CopySource, DictionaryConfig, SentencePair, WordByWord, tokenize_13a};

/// The era.
#[derive(Debug)]
pub struct Baselines;

const NAME: &str = "baselines";

impl Era for Baselines {
    fn name(&self) -> &'static str {
        NAME
    }

    /// That of Shannon's zeroth and first approximation to English.
    fn year(&self) -> Option<u16> {
        Some(1948)
    }

    fn paper(&self) -> &'static str {
        "Shannon 1948, A Mathematical Theory of Communication"
    }

    fn idea(&self) -> &'static str {
        "Simple models that every era should beat: word frequencies, a dictionary, retrieval."
    }

    fn role(&self) -> EraRole {
        EraRole::Baseline
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        use BaselineEntry::*;
        &[&Uniform, &Unigram, &Copy, &WordForWord, &Fixed, &Retrieved]
    }
}

/// Its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BaselineEntry {
    Uniform,
    Unigram,
    Copy,
    WordForWord,
    Fixed,
    Retrieved,
}

impl Entry for BaselineEntry {
    fn id(&self) -> EntryId {
        let (year, variant, track) = match self {
            BaselineEntry::Uniform => (1948, "uniform", Track::LanguageModelling),
            BaselineEntry::Unigram => (1948, "unigram", Track::LanguageModelling),
            // Weaver's memorandum on translation; the first statistical model of it by Brown and others.
            BaselineEntry::Copy => (1949, "copy", Track::Translation),
            BaselineEntry::WordForWord => (1993, "word-by-word", Track::Translation),
            // Weizenbaum's Eliza, which has an answer to everything; the vector space model of Salton and others.
            BaselineEntry::Fixed => (1966, "i-do-not-know", Track::Conversation),
            BaselineEntry::Retrieved => (1975, "retrieval", Track::Conversation),
        };
        EntryId {
            track,
            ..EntryId::language_model(year, NAME, variant)
        }
    }

    fn idea(&self) -> &'static str {
        match self {
            BaselineEntry::Uniform => "Every word is equally probable.",
            BaselineEntry::Unigram => "Each word has its relative frequency, whatever the context.",
            BaselineEntry::Copy => "The source sentence, unchanged.",
            BaselineEntry::WordForWord => {
                "Each source word is replaced by its most probable translation (IBM Model 1); the word order is kept."
            }
            BaselineEntry::Fixed => {
                "The same reply to everything: usually sensible, never specific, so the two scores must be read together."
            }
            BaselineEntry::Retrieved => {
                "The reply that followed the most similar turn of the training dialogues (TF-IDF)."
            }
        }
    }

    fn unsuited(&self, corpus: &Corpus) -> Option<String> {
        self.id().track.unsuited(corpus)
    }

    fn train(
        &self,
        _: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> Result<()> {
        let id = self.id();
        let vocab_size = corpus.vocab().len();
        match self {
            BaselineEntry::Uniform => {
                corpus.codec().save(folder)?;
                Baseline::uniform(vocab_size).save(folder)?;
                ModelCard::of(&id, corpus, 0).write(folder)
            }
            BaselineEntry::Unigram => {
                corpus.codec().save(folder)?;
                train_unigram(corpus, training)?.save(folder)?;
                ModelCard::of(&id, corpus, vocab_size as u64).write(folder)
            }
            BaselineEntry::Copy => {
                let (_, target) = corpus.pairs()?;
                ModelCard::of(&id, &target, 0).write(folder)
            }
            BaselineEntry::WordForWord => {
                let (source, target) = corpus.pairs()?;
                let pairs = SentencePair::of(&source, &target, Split::Train)?;
                let pairs: Vec<SentencePair> = pairs.into_iter().map(tokenized).collect();
                let dictionary = DictionaryConfig::default().train(&pairs)?;
                dictionary.save(folder)?;
                ModelCard::of(&id, &target, dictionary.len() as u64).write(folder)
            }
            BaselineEntry::Fixed => ModelCard::of(&id, corpus, 0).write(folder),
            BaselineEntry::Retrieved => {
                let dialogues = Dialogue::of(corpus, Split::Train)?;
                let retrieval = Retrieval::new(dialogues, TURNS_SHOWN);
                retrieval.save(folder)?;
                ModelCard::of(&id, corpus, retrieval.len() as u64).write(folder)
            }
        }
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> Result<Model> {
        Ok(match self {
            BaselineEntry::Uniform | BaselineEntry::Unigram => Model::Text(TextModel {
                codec: card.codec(folder)?,
                model: Box::new(Baseline::read(
                    &card.file(folder, Baseline::FILE)?,
                    card.vocab_size,
                )?),
            }),
            BaselineEntry::Copy => Model::Translator(Box::new(CopySource)),
            BaselineEntry::WordForWord => Model::Translator(Box::new(Tokenized(WordByWord::read(
                &card.file(folder, WordByWord::FILE)?,
            )?))),
            BaselineEntry::Fixed => Model::Responder(Box::new(FixedReply::default())),
            BaselineEntry::Retrieved => Model::Responder(Box::new(Retrieval::read(
                &card.file(folder, Retrieval::FILE)?,
                TURNS_SHOWN,
            )?)),
        })
    }
}

/// Counts as many tokens as the budget allows, as the n-grams do.
fn train_unigram(corpus: &Corpus, training: &mut Training<'_>) -> Result<Baseline> {
    let began = Instant::now();
    let stream = corpus.split(Split::Train)?;
    let all = stream.len() as u64;
    let length = training
        .budget
        .tokens(all, 1.0)
        .unwrap_or(u64::MAX)
        .min(all);
    let mut counts = vec![0; corpus.vocab().len()];
    let counted = stream.iter().take(length as usize);
    counted.for_each(|token| counts[token as usize] += 1);
    let model = Baseline::unigram(&counts);
    let seconds = began.elapsed().as_secs_f64();
    let valid = &training.validation;
    let valid_log_prob = match valid.len() {
        0 => None,
        tokens => Some(model.score(valid)?.iter().sum::<f64>() / tokens as f64),
    };
    training.progress.point(&CurvePoint {
        step: 1,
        tokens: length,
        seconds,
        // One addition for each token; n-grams need one for each order.
        flops: length as f64,
        train_loss: None,
        valid_log_prob,
    });
    Ok(model)
}

fn tokenized(pair: SentencePair) -> SentencePair {
    SentencePair {
        source: tokenize_13a(&pair.source),
        target: tokenize_13a(&pair.target),
    }
}

/// A dictionary that separates punctuation first, as BLEU does.
struct Tokenized(WordByWord);

impl Translator for Tokenized {
    fn translate(&self, sources: &[&str]) -> Result<Vec<String>> {
        let tokenized: Vec<String> = sources.iter().map(|source| tokenize_13a(source)).collect();
        let tokenized: Vec<&str> = tokenized.iter().map(String::as_str).collect();
        self.0.translate(&tokenized)
    }

    fn score_pairs(&self, pairs: &[(&str, &str)]) -> Result<Vec<f64>> {
        self.0.score_pairs(pairs)
    }
}
