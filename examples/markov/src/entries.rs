//! The era and its entry, as the program uses them.

use std::path::Path;
use std::time::Instant;

use corpus::{Corpus, Split};
use harness::{
    CurvePoint, Entry, EntryId, Era, Model as OpenModel, ModelCard, Result, TextModel, Training,
    config_table, read_config,
};

use crate::config::{Config, PRESETS};
use crate::model::Model;

/// The era.
#[derive(Debug)]
pub struct Markov;

impl Era for Markov {
    fn name(&self) -> &'static str {
        "markov"
    }

    fn year(&self) -> Option<u16> {
        Some(1913)
    }

    fn paper(&self) -> &'static str {
        "Markov 1913, An Example of Statistical Investigation of the Text Eugene Onegin"
    }

    fn idea(&self) -> &'static str {
        "The next symbol depends on the last one."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[&Chain]
    }
}

/// The chain as a language model.
struct Chain;

impl Entry for Chain {
    fn id(&self) -> EntryId {
        EntryId::language_model(1913, "markov", "chain")
    }

    fn idea(&self) -> &'static str {
        "Counts of pairs of adjacent symbols."
    }

    fn presets(&self) -> &'static [&'static str] {
        &PRESETS
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        Config::preset(name).as_ref().map(config_table)
    }

    fn check(&self, config: &toml::Table) -> Result<()> {
        read_config::<Config>(config)?.validate()
    }

    fn train(
        &self,
        config: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> Result<()> {
        let began = Instant::now();
        let chain: Config = read_config(config)?;
        corpus.codec().save(folder)?;
        let text = corpus.split(Split::Train)?.to_vec();
        let limit = training.budget.tokens(text.len() as u64, 1.0);
        let text = &text[..text.len().min(limit.unwrap_or(u64::MAX) as usize)];
        let model = chain.train(text, corpus.vocab().len());
        model.save(folder)?;
        training.progress.point(&CurvePoint {
            step: 1,
            tokens: text.len() as u64,
            seconds: began.elapsed().as_secs_f64(),
            flops: text.len() as f64,
            train_loss: None,
            valid_log_prob: None,
        });
        let card = ModelCard::of(&self.id(), corpus, model.parameters());
        ModelCard {
            config: config.clone(),
            ..card
        }
        .write(folder)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> Result<OpenModel> {
        Ok(OpenModel::Text(TextModel {
            codec: card.codec(folder)?,
            model: Box::new(Model::open(folder, card)?),
        }))
    }
}
