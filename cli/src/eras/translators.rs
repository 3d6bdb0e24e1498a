//! The translators among the eras' models.

use std::path::Path;

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{
    CopySource, DictionaryConfig, ModelCard, SentencePair, Training, Translator, WordByWord,
    tokenize_13a,
};
#[cfg(feature = "neural")]
use village::{Direction, OracleTranslator, Village};

use super::train::write_card;
use super::{BASELINES, COPY, Config, Entry, ORACLE, WORD_BY_WORD};
use crate::output::usage;

/// Whether a model translates.
pub(crate) fn is_translator(card: &ModelCard) -> bool {
    let id = |entry: &Entry| entry.id();
    let mut known = Entry::ALL.iter().map(id);
    known.any(|id| {
        id.track == harness::Track::Translation && id.era == card.era && id.variant == card.variant
    }) || is_seq2seq(card)
}

/// The era has translators that take part in no run, too.
#[cfg(feature = "neural")]
fn is_seq2seq(card: &ModelCard) -> bool {
    card.era == seq2seq::ERA && card.variant != seq2seq::LM_VARIANT
}

#[cfg(not(feature = "neural"))]
fn is_seq2seq(_: &ModelCard) -> bool {
    false
}

/// Trains, and leaves the model in `folder`.
pub(super) fn train(
    entry: Entry,
    config: &Config,
    corpus: &Corpus,
    training: &mut Training<'_>,
    folder: &Path,
) -> anyhow::Result<()> {
    if !corpus.has_pairs() {
        return Err(usage(format!(
            "{}: has no sentence pairs, which {} learns from; for a language model name one, for instance seq2seq/lstm",
            corpus.name(),
            entry.id().label()
        )));
    }
    let (source, target) = corpus.pairs()?;
    #[cfg(not(feature = "neural"))]
    let _ = training;
    match (entry, config) {
        #[cfg(feature = "neural")]
        (_, Config::Seq2seq(config)) => config.train(&source, &target, training)?.save(folder)?,
        #[cfg(feature = "neural")]
        (_, Config::TransformerTranslator(config)) => {
            config.train(&source, &target, training)?.save(folder)?;
        }
        (Entry::WordByWord, _) => {
            let pairs = SentencePair::of(&source, &target, Split::Train)?;
            let cut = |pair: SentencePair| SentencePair {
                source: tokenize_13a(&pair.source),
                target: tokenize_13a(&pair.target),
            };
            let pairs: Vec<SentencePair> = pairs.into_iter().map(cut).collect();
            let dictionary = DictionaryConfig::default().train(&pairs)?;
            dictionary.save(folder)?;
            write_card(entry, &target, dictionary.len(), toml::Table::new(), folder)?;
        }
        (Entry::OracleTranslator, _) => {
            let generator = toml::Table::try_from(Village::of(corpus)?.generator())?;
            write_card(entry, &target, 0, generator, folder)?;
        }
        _ => write_card(entry, &target, 0, toml::Table::new(), folder)?,
    }
    Ok(())
}

/// Opens a translator of any era.
pub(crate) fn open(folder: &Path) -> anyhow::Result<(ModelCard, Box<dyn Translator>)> {
    let card = ModelCard::open(folder).with_context(|| {
        format!(
            "{} is no model (translators lie where `eras train --out` put them, and in runs in \
             <era>/<variant>/translation/model)",
            folder.display()
        )
    })?;
    if !is_translator(&card) {
        return Err(not_a_translator(folder, &card));
    }
    let translator: Box<dyn Translator> = match (card.era.as_str(), card.variant.as_str()) {
        (BASELINES, COPY) => Box::new(CopySource),
        (BASELINES, WORD_BY_WORD) => Box::new(Cut(WordByWord::open(folder)?)),
        (ORACLE, _) => {
            let generator: corpus::Generator = card.config.clone().try_into()?;
            let village = Village::of_generator(&generator)?;
            Box::new(OracleTranslator::new(
                village.settings(),
                Direction::FromEnglish,
            )?)
        }
        _ => open_network(folder, &card)?,
    };
    Ok((card, translator))
}

fn not_a_translator(folder: &Path, card: &ModelCard) -> anyhow::Error {
    usage(format!(
        "{}: a model of {}/{}, which does not translate; `eras train seq2seq` and `eras train transformer/encoder-decoder` make such that do",
        folder.display(),
        card.era,
        card.variant
    ))
}

#[cfg(feature = "neural")]
fn open_network(folder: &Path, card: &ModelCard) -> anyhow::Result<Box<dyn Translator>> {
    Ok(match card.era == transformer::ERA {
        true => Box::new(transformer::Translator::open(folder)?),
        false => Box::new(seq2seq::Translator::open(folder)?),
    })
}

#[cfg(not(feature = "neural"))]
fn open_network(folder: &Path, _: &ModelCard) -> anyhow::Result<Box<dyn Translator>> {
    anyhow::bail!(
        "{}: this program was built without libtorch",
        folder.display()
    )
}

/// The card of a neural translator, for what only they can do.
#[cfg(feature = "neural")]
fn network_card(folder: &Path) -> anyhow::Result<ModelCard> {
    let card =
        ModelCard::open(folder).with_context(|| format!("{} is no model", folder.display()))?;
    if !is_translator(&card) {
        return Err(not_a_translator(folder, &card));
    }
    match card.era == seq2seq::ERA || card.era == transformer::ERA {
        true => Ok(card),
        false => Err(usage(format!(
            "{}: beams, lists and ensembles are for networks; this is a model of {}/{}",
            folder.display(),
            card.era,
            card.variant
        ))),
    }
}

/// Opens neural translators of one era that translate together.
#[cfg(feature = "neural")]
pub(crate) fn open_ensemble(
    folders: &[std::path::PathBuf],
    beam: impl FnOnce(neural::BeamConfig) -> neural::BeamConfig,
) -> anyhow::Result<Box<dyn neural::NBest>> {
    let mut eras = Vec::new();
    for folder in folders {
        eras.push(network_card(folder)?.era);
    }
    if let Some((other, folder)) = eras.iter().zip(folders).find(|(era, _)| **era != eras[0]) {
        return Err(usage(format!(
            "{}: a model of {other}, and {} is one of {}; only models of one era translate together",
            folder.display(),
            folders[0].display(),
            eras[0]
        )));
    }
    Ok(
        match eras.first().is_some_and(|era| era == transformer::ERA) {
            true => Box::new(transformer::Ensemble::open(folders, beam)?),
            false => Box::new(seq2seq::Ensemble::open(folders, beam)?),
        },
    )
}

/// Opens a translator of seq2seq, for the vectors of its sentences.
#[cfg(feature = "neural")]
pub(crate) fn open_seq2seq(folder: &Path) -> anyhow::Result<seq2seq::Translator> {
    let card = network_card(folder)?;
    match card.era == seq2seq::ERA {
        true => Ok(seq2seq::Translator::open(folder)?),
        false => Err(usage(format!(
            "{}: a model of {}; one vector for a sentence is what translators of seq2seq make of it",
            folder.display(),
            card.era
        ))),
    }
}

/// Opens a translator of the Transformer, for what only it can show.
#[cfg(feature = "neural")]
pub(crate) fn open_transformer(folder: &Path) -> anyhow::Result<transformer::Translator> {
    let card = network_card(folder)?;
    match card.era == transformer::ERA {
        true => Ok(transformer::Translator::open(folder)?),
        false => Err(usage(format!(
            "{}: a model of {}; this needs one of transformer",
            folder.display(),
            card.era
        ))),
    }
}

/// A dictionary that cuts words off punctuation first, as BLEU does.
struct Cut(WordByWord);

impl Translator for Cut {
    fn translate(&self, sources: &[&str]) -> harness::Result<Vec<String>> {
        let cut: Vec<String> = sources.iter().map(|source| tokenize_13a(source)).collect();
        let cut: Vec<&str> = cut.iter().map(String::as_str).collect();
        self.0.translate(&cut)
    }

    fn score_pairs(&self, pairs: &[(&str, &str)]) -> harness::Result<Vec<f64>> {
        self.0.score_pairs(pairs)
    }
}
