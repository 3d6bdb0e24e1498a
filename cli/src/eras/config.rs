//! What the command line asks of an entry.

#[cfg(feature = "neural")]
use neural::TranslatorConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Entry;
use crate::output::usage;
use crate::settings::Overrides;

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

impl Entry {
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
                let preset = seq2seq::Config::preset_with_attention;
                with(overrides, &seq2seq::PRESETS, preset).map(Config::Seq2seq)
            }
            #[cfg(feature = "neural")]
            Entry::Chatbot => {
                with(overrides, &chatbot::PRESETS, chatbot::Config::preset).map(Config::Chatbot)
            }
            #[cfg(feature = "neural")]
            Entry::ChatbotLines => {
                let preset = chatbot::Config::lm_preset;
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
}

/// Refuses what is no device, or not there.
#[cfg(feature = "neural")]
pub(crate) fn require_device(device: &str) -> anyhow::Result<()> {
    let device: Result<neural::Device, _> = device.parse();
    let opened = device.and_then(neural::Device::open);
    opened
        .map(drop)
        .map_err(|error| usage(format!("--device: {error}")))
}

#[cfg(not(feature = "neural"))]
pub(crate) fn require_device(device: &str) -> anyhow::Result<()> {
    match device {
        "cpu" => Ok(()),
        _ => Err(usage(
            "--device: this program was built without the eras that a GPU trains",
        )),
    }
}

impl Config {
    /// Where it computes, if it is a network.
    #[cfg(feature = "neural")]
    pub(crate) fn compute(&mut self) -> Option<&mut neural::ComputeConfig> {
        match self {
            Config::None | Config::Ngram(_) | Config::Word2vec(_) | Config::CbowLm(_) => None,
            Config::Lstm(config) => Some(&mut config.compute),
            Config::Seq2seq(config) => Some(&mut config.compute),
            Config::Chatbot(config) => Some(&mut config.compute),
            Config::Transformer(config) => Some(&mut config.compute),
            Config::TransformerTranslator(config) => Some(&mut config.compute),
        }
    }

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
