//! The eras that this program knows: one `match` for each question.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{
    Baseline, CurvePoint, EntryId, Experiment, Generator, LanguageModel, MODEL_FORMAT, ModelCard,
    Track, Training,
};
#[cfg(feature = "neural")]
use neural::TranslatorConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use village::Village;

use crate::output::usage;
use crate::settings::Overrides;

mod open;
pub(crate) mod responders;
pub(crate) mod translators;

#[cfg(feature = "neural")]
pub(crate) use open::open_decoder;
pub(crate) use open::{Opened, open, open_ngrams, open_vectors, open_words};

/// A model that can be judged and asked to write.
pub(crate) type Model = Box<dyn Generator>;

/// A kind of model that can be trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Uniform,
    Unigram,
    StupidBackoff,
    KneserNey,
    KneserNeyCache,
    SkipGram,
    Cbow,
    CbowLm,
    #[cfg(feature = "neural")]
    Lstm,
    #[cfg(feature = "neural")]
    ChatbotLines,
    #[cfg(feature = "neural")]
    Transformer,
    Oracle,
    CopySource,
    WordByWord,
    #[cfg(feature = "neural")]
    Seq2seq,
    #[cfg(feature = "neural")]
    Attention,
    #[cfg(feature = "neural")]
    TransformerTranslator,
    OracleTranslator,
    FixedReply,
    Retrieval,
    KneserNeyTalk,
    KneserNeyCacheTalk,
    #[cfg(feature = "neural")]
    Chatbot,
    OracleTalk,
}

/// A resolved configuration.
#[derive(Debug, Clone)]
pub(crate) enum Config {
    None,
    Ngram(ngram::Config),
    Word2vec(word2vec::Config),
    CbowLm(word2vec::LmConfig),
    #[cfg(feature = "neural")]
    Lstm(seq2seq::LmConfig),
    #[cfg(feature = "neural")]
    Seq2seq(seq2seq::Config),
    #[cfg(feature = "neural")]
    Chatbot(chatbot::Config),
    #[cfg(feature = "neural")]
    Transformer(transformer::LmConfig),
    #[cfg(feature = "neural")]
    TransformerTranslator(transformer::Config),
}

const BASELINES: &str = "baselines";
pub(crate) const COPY: &str = "copy";
pub(crate) const WORD_BY_WORD: &str = "word-by-word";
pub(crate) const FIXED_REPLY: &str = "i-do-not-know";
pub(crate) const RETRIEVAL: &str = "retrieval";
/// The generator itself, where the corpus has one.
pub(crate) const ORACLE: &str = "oracle";

impl Entry {
    /// All entries, in order of their years.
    pub(crate) const ALL: &[Entry] = &[
        Entry::Uniform,
        Entry::Unigram,
        Entry::StupidBackoff,
        Entry::KneserNey,
        Entry::KneserNeyCache,
        Entry::SkipGram,
        Entry::Cbow,
        Entry::CbowLm,
        #[cfg(feature = "neural")]
        Entry::Lstm,
        #[cfg(feature = "neural")]
        Entry::ChatbotLines,
        #[cfg(feature = "neural")]
        Entry::Transformer,
        Entry::Oracle,
        Entry::CopySource,
        Entry::WordByWord,
        #[cfg(feature = "neural")]
        Entry::Seq2seq,
        #[cfg(feature = "neural")]
        Entry::Attention,
        #[cfg(feature = "neural")]
        Entry::TransformerTranslator,
        Entry::OracleTranslator,
        Entry::FixedReply,
        Entry::Retrieval,
        Entry::KneserNeyTalk,
        Entry::KneserNeyCacheTalk,
        #[cfg(feature = "neural")]
        Entry::Chatbot,
        Entry::OracleTalk,
    ];

    /// How records name it.
    pub(crate) fn id(self) -> EntryId {
        let words = |variant: &str| EntryId {
            track: Track::Words,
            ..EntryId::language_model(word2vec::YEAR, word2vec::ERA, variant)
        };
        let translator = |year: Option<u16>, era: &str, variant: &str| EntryId {
            track: Track::Translation,
            ..EntryId::language_model(year, era, variant)
        };
        let responder = |year: Option<u16>, era: &str, variant: &str| EntryId {
            track: Track::Conversation,
            ..EntryId::language_model(year, era, variant)
        };
        // The baselines are older than all eras: Shannon's zeroth and first approximation.
        match self {
            Entry::Uniform => EntryId::language_model(1948, BASELINES, "uniform"),
            Entry::Unigram => EntryId::language_model(1948, BASELINES, "unigram"),
            Entry::StupidBackoff => {
                EntryId::language_model(ngram::YEAR, ngram::ERA, "stupid-backoff")
            }
            Entry::KneserNey => EntryId::language_model(ngram::YEAR, ngram::ERA, "kneser-ney"),
            Entry::KneserNeyCache => {
                EntryId::language_model(ngram::YEAR, ngram::ERA, "kneser-ney-cache")
            }
            Entry::SkipGram => words("skip-gram"),
            Entry::Cbow => words("cbow"),
            Entry::CbowLm => {
                EntryId::language_model(word2vec::YEAR, word2vec::ERA, word2vec::LM_VARIANT)
            }
            #[cfg(feature = "neural")]
            Entry::Lstm => {
                EntryId::language_model(seq2seq::YEAR, seq2seq::ERA, seq2seq::LM_VARIANT)
            }
            #[cfg(feature = "neural")]
            Entry::Seq2seq => translator(Some(seq2seq::YEAR), seq2seq::ERA, seq2seq::VARIANT),
            #[cfg(feature = "neural")]
            Entry::Attention => translator(Some(2015), seq2seq::ERA, seq2seq::ATTENTION),
            #[cfg(feature = "neural")]
            Entry::TransformerTranslator => translator(
                Some(transformer::YEAR),
                transformer::ERA,
                transformer::VARIANT,
            ),
            // Weaver's memorandum on translation; Brown and others' first model of it.
            Entry::CopySource => translator(Some(1949), BASELINES, COPY),
            Entry::WordByWord => translator(Some(1993), BASELINES, WORD_BY_WORD),
            Entry::OracleTranslator => translator(None, ORACLE, "translator"),
            // Weizenbaum's Eliza, who has an answer to everything; Salton and others' vectors of words.
            Entry::FixedReply => responder(Some(1966), BASELINES, FIXED_REPLY),
            Entry::Retrieval => responder(Some(1975), BASELINES, RETRIEVAL),
            Entry::KneserNeyTalk => responder(Some(ngram::YEAR), ngram::ERA, "kneser-ney"),
            Entry::KneserNeyCacheTalk => {
                responder(Some(ngram::YEAR), ngram::ERA, "kneser-ney-cache")
            }
            #[cfg(feature = "neural")]
            Entry::Chatbot => responder(Some(chatbot::YEAR), chatbot::ERA, chatbot::VARIANT),
            #[cfg(feature = "neural")]
            Entry::ChatbotLines => {
                EntryId::language_model(chatbot::YEAR, chatbot::ERA, chatbot::LM_VARIANT)
            }
            Entry::OracleTalk => responder(None, ORACLE, "village"),
            #[cfg(feature = "neural")]
            Entry::Transformer => EntryId::language_model(
                transformer::YEAR,
                transformer::ERA,
                transformer::LM_VARIANT,
            ),
            Entry::Oracle => EntryId::language_model(None, ORACLE, "village"),
        }
    }

    /// The entry of a record.
    pub(crate) fn of(id: &EntryId) -> anyhow::Result<Entry> {
        let known = Entry::ALL.iter().copied().find(|entry| entry.id() == *id);
        known.with_context(|| format!("{id}: this program has no such entry"))
    }

    /// The entries that a list of eras and entries names; all if it is empty.
    pub(crate) fn chosen(names: &[String]) -> anyhow::Result<Vec<Entry>> {
        let mut chosen = Vec::new();
        for name in names.iter().filter(|name| !name.is_empty()) {
            let matching = Entry::ALL
                .iter()
                .copied()
                .filter(|entry| entry.id().era == *name || entry.id().label() == *name);
            let before = chosen.len();
            chosen.extend(matching);
            if chosen.len() == before {
                let known: Vec<String> =
                    Entry::ALL.iter().map(|entry| entry.id().label()).collect();
                let mut eras: Vec<String> = Entry::ALL.iter().map(|entry| entry.id().era).collect();
                eras.dedup();
                let eras = eras.join(", ");
                return Err(usage(format!(
                    "{name}: no such era or entry; there are {eras}, or {}",
                    known.join(", ")
                )));
            }
        }
        let wanted = |entry: &Entry| chosen.is_empty() || chosen.contains(entry);
        Ok(Entry::ALL.iter().copied().filter(wanted).collect())
    }

    /// The entry that `eras train ERA` trains: the era's own.
    pub(crate) fn leading(era: &str) -> Option<Entry> {
        match era {
            ngram::ERA => Some(Entry::StupidBackoff),
            word2vec::ERA => Some(Entry::SkipGram),
            #[cfg(feature = "neural")]
            seq2seq::ERA => Some(Entry::Seq2seq),
            #[cfg(feature = "neural")]
            chatbot::ERA => Some(Entry::Chatbot),
            #[cfg(feature = "neural")]
            transformer::ERA => Some(Entry::Transformer),
            _ => None,
        }
    }

    /// Whether it can be judged by a corpus: oracles know their own only, translators need pairs, and those who reply
    /// conversations.
    pub(crate) fn fits(self, corpus: &Corpus) -> bool {
        let is_known = self.id().era != ORACLE || corpus.record.generator.is_some();
        is_known
            && match self.id().track {
                Track::Translation => corpus.has_pairs(),
                Track::Conversation => corpus.has_dialogues(),
                Track::LanguageModelling | Track::Words => true,
            }
    }

    /// The configuration that the command line asks for.
    pub(crate) fn configure(self, overrides: &Overrides) -> anyhow::Result<Config> {
        match self {
            Entry::Uniform
            | Entry::Unigram
            | Entry::Oracle
            | Entry::CopySource
            | Entry::WordByWord
            | Entry::OracleTranslator
            | Entry::FixedReply
            | Entry::Retrieval
            | Entry::OracleTalk => {
                let given = overrides.preset.is_some()
                    || overrides.file.is_some()
                    || !overrides.sets.is_empty();
                match given {
                    true => Err(usage("baselines and the oracle have no settings")),
                    false => Ok(Config::None),
                }
            }
            Entry::StupidBackoff => {
                with(overrides, &ngram::PRESETS, ngram::Config::preset).map(Config::Ngram)
            }
            Entry::KneserNey
            | Entry::KneserNeyCache
            | Entry::KneserNeyTalk
            | Entry::KneserNeyCacheTalk => {
                let own = self.preset(overrides);
                with(&own, &ngram::PRESETS, ngram::Config::preset).map(Config::Ngram)
            }
            Entry::SkipGram => {
                with(overrides, &word2vec::PRESETS, word2vec::Config::preset).map(Config::Word2vec)
            }
            Entry::Cbow => {
                let own = self.preset(overrides);
                with(&own, &word2vec::PRESETS, word2vec::Config::preset).map(Config::Word2vec)
            }
            Entry::CbowLm => with(overrides, &word2vec::LM_PRESETS, word2vec::LmConfig::preset)
                .map(Config::CbowLm),
            #[cfg(feature = "neural")]
            Entry::Lstm => {
                with(overrides, &seq2seq::LM_PRESETS, seq2seq::LmConfig::preset).map(Config::Lstm)
            }
            #[cfg(feature = "neural")]
            Entry::Seq2seq => {
                with(overrides, &seq2seq::PRESETS, seq2seq::Config::preset).map(Config::Seq2seq)
            }
            #[cfg(feature = "neural")]
            Entry::Attention => {
                let preset = |name: &str| {
                    Some(seq2seq::Config {
                        attention: true,
                        ..seq2seq::Config::preset(name)?
                    })
                };
                with(overrides, &seq2seq::PRESETS, preset).map(Config::Seq2seq)
            }
            #[cfg(feature = "neural")]
            Entry::Chatbot => {
                with(overrides, &chatbot::PRESETS, chatbot::Config::preset).map(Config::Chatbot)
            }
            #[cfg(feature = "neural")]
            Entry::ChatbotLines => {
                let preset = chatbot::Config::preset_for_lines;
                with(overrides, &chatbot::PRESETS, preset).map(Config::Chatbot)
            }
            #[cfg(feature = "neural")]
            Entry::Transformer => with(
                overrides,
                &transformer::LM_PRESETS,
                transformer::LmConfig::preset,
            )
            .map(Config::Transformer),
            #[cfg(feature = "neural")]
            Entry::TransformerTranslator => with(
                overrides,
                &transformer::PRESETS,
                transformer::Config::preset,
            )
            .map(Config::TransformerTranslator),
        }
    }

    /// What was asked for, and where no preset was, that of the variant's name.
    fn preset(self, overrides: &Overrides) -> Overrides {
        let mut own = overrides.clone();
        own.preset.get_or_insert(self.id().variant);
        own
    }

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
                let model = config.train_on_lines(&text, vocab_size, eos, training)?;
                model.save(folder, &corpus.vocab_checksum())?;
            }
            (Entry::Oracle | Entry::OracleTalk, _) => save_oracle(corpus, folder)?,
            (Entry::Uniform, _) => {
                save_baseline(self, &Baseline::uniform(vocab_size), corpus, folder)?;
            }
            _ => {
                let model = train_unigram(corpus, training)?;
                save_baseline(self, &model, corpus, folder)?;
            }
        }
        Ok(())
    }
}

/// Settings that can be checked.
trait Validate {
    fn check(&self) -> Result<(), String>;
}

macro_rules! validate {
    ($($config:ty),*) => {
        $(impl Validate for $config {
            fn check(&self) -> Result<(), String> {
                self.validate().map_err(|error| error.to_string())
            }
        })*
    };
}

validate!(ngram::Config, word2vec::Config, word2vec::LmConfig);
#[cfg(feature = "neural")]
validate!(
    seq2seq::LmConfig,
    seq2seq::Config,
    chatbot::Config,
    transformer::LmConfig,
    transformer::Config
);

/// A preset with what the command line asks for in its place, checked.
fn with<C: Validate + Serialize + DeserializeOwned>(
    overrides: &Overrides,
    presets: &[&'static str],
    preset: impl Fn(&str) -> Option<C>,
) -> anyhow::Result<C> {
    let config = overrides.resolve(presets, preset)?;
    config.check().map_err(usage)?;
    Ok(config)
}

/// Where a model is trained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The model's folder.
    pub(crate) folder: &'a Path,
    /// Bytes of memory that counting may take.
    pub(crate) memory: Option<u64>,
}

impl Config {
    /// As it is written into records.
    pub(crate) fn to_table(&self) -> anyhow::Result<toml::Table> {
        match self {
            Config::None => Ok(toml::Table::new()),
            Config::Ngram(config) => Ok(toml::Table::try_from(config)?),
            Config::Word2vec(config) => Ok(toml::Table::try_from(config)?),
            Config::CbowLm(config) => Ok(toml::Table::try_from(config)?),
            #[cfg(feature = "neural")]
            Config::Lstm(config) => Ok(toml::Table::try_from(config)?),
            #[cfg(feature = "neural")]
            Config::Seq2seq(config) => Ok(toml::Table::try_from(config)?),
            #[cfg(feature = "neural")]
            Config::Chatbot(config) => Ok(toml::Table::try_from(config)?),
            #[cfg(feature = "neural")]
            Config::Transformer(config) => Ok(toml::Table::try_from(config)?),
            #[cfg(feature = "neural")]
            Config::TransformerTranslator(config) => Ok(toml::Table::try_from(config)?),
        }
    }
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

fn save_baseline(
    entry: Entry,
    model: &Baseline,
    corpus: &Corpus,
    folder: &Path,
) -> anyhow::Result<()> {
    model.save(folder)?;
    let vocab_size = corpus.vocab().len();
    let card = ModelCard {
        format: MODEL_FORMAT,
        era: BASELINES.to_owned(),
        variant: entry.id().variant,
        vocab_checksum: corpus.vocab_checksum(),
        vocab_size,
        parameters: if entry == Entry::Unigram {
            vocab_size as u64
        } else {
            0
        },
        config: toml::Table::new(),
        files: Vec::new(),
    };
    Ok(card.write(folder)?)
}

/// The oracle is rebuilt from what made the corpus: there is nothing to learn, and nothing to keep.
fn save_oracle(corpus: &Corpus, folder: &Path) -> anyhow::Result<()> {
    let card = ModelCard {
        format: MODEL_FORMAT,
        era: ORACLE.to_owned(),
        variant: Entry::Oracle.id().variant,
        vocab_checksum: corpus.vocab_checksum(),
        vocab_size: corpus.vocab().len(),
        parameters: 0,
        config: toml::Table::try_from(Village::of(corpus)?.generator())?,
        files: Vec::new(),
    };
    Ok(card.write(folder)?)
}

/// The experiments of an era.
pub(crate) fn experiments(era: &str) -> anyhow::Result<Vec<Box<dyn Experiment>>> {
    match era {
        ngram::ERA => Ok(ngram::experiments()),
        word2vec::ERA => Ok(word2vec::experiments()),
        #[cfg(feature = "neural")]
        seq2seq::ERA => Ok(seq2seq::experiments()),
        #[cfg(feature = "neural")]
        chatbot::ERA => Ok(crate::experiments::of_chatbot()),
        #[cfg(feature = "neural")]
        transformer::ERA => Ok(crate::experiments::of_transformer()),
        other => Err(usage(format!(
            "{other}: experiments are there for ngram, word2vec, seq2seq, chatbot and transformer"
        ))),
    }
}
