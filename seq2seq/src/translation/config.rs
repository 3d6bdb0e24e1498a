//! Configuration of the translator.

use harness::IdeaSetting;
use neural::{
    BeamConfig, Bucketing, CommonConfig, ComputeConfig, Result, TrainingConfig, TranslatorConfig,
};
use serde::{Deserialize, Serialize};

use super::ideas::IDEAS;
use crate::decoder::DecoderConfig;

/// An LSTM encoder-decoder and its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Embedding size.
    pub embedding_size: usize,
    /// LSTM cells per layer.
    pub hidden_size: usize,
    /// LSTM layers of the encoder, and of the decoder.
    pub num_layers: usize,
    /// Order of the source tokens.
    pub source_order: SourceOrder,
    /// Adds attention over the encoder outputs (Bahdanau et al. 2015).
    pub attention: bool,
    /// Uses the target embedding as the output layer, after a projection if the hidden size differs.
    pub tie_embeddings: bool,
    /// Gives the output layer a bias, initialised with the unigram distribution of target words.
    pub output_bias: bool,
    /// Dropout rate between layers, not between time steps (Zaremba et al. 2014).
    pub dropout: f64,
    /// Label smoothing: probability mass spread evenly over the vocabulary in training.
    pub label_smoothing: f64,
    /// Parameters are initialised uniformly in [-init_scale, init_scale].
    pub init_scale: f64,
    /// Initial forget-gate bias; 0: initialised like other parameters, as in the paper.
    pub forget_bias: f64,
    /// How pairs are grouped into batches.
    pub batching: Batching,
    /// Maximum number of source tokens, and of target tokens, per batch, padding included.
    pub batch_tokens: usize,
    /// The beam search.
    pub beam: BeamConfig,
    /// Optimizer, schedule and length of training.
    pub training: TrainingConfig,
    /// Device, precision and threads.
    pub compute: ComputeConfig,
}

/// Order of the source tokens (section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceOrder {
    /// From the last word to the first, as in the paper.
    Reversed,
    /// From the first word to the last.
    Forward,
}

/// How pairs are grouped into batches (section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Batching {
    /// Bucketing: pairs with equal source length and similar target length.
    Length,
    /// Random pairs, with shorter sources padded at the start: the baseline of the paper.
    Random,
}

/// A small network with the borrowed ideas of the preset `tiny` of the tuned entry.
impl Default for Config {
    fn default() -> Config {
        Config {
            embedding_size: 128,
            hidden_size: 256,
            num_layers: 1,
            source_order: SourceOrder::Reversed,
            attention: false,
            tie_embeddings: true,
            output_bias: true,
            dropout: 0.1,
            label_smoothing: 0.0,
            init_scale: 0.08,
            forget_bias: 1.0,
            batching: Batching::Length,
            batch_tokens: 512,
            beam: BeamConfig {
                width: 2,
                length_penalty: 0.0,
                max_extra_tokens: 20,
            },
            // A few epochs are short and need a high learning rate.
            training: TrainingConfig {
                learning_rate: 1e-2,
                epochs: 3.0,
                ..TrainingConfig::default()
            },
            compute: ComputeConfig::default(),
        }
    }
}

impl Config {
    pub(crate) fn decoder(&self) -> DecoderConfig {
        DecoderConfig {
            embedding_size: self.embedding_size,
            hidden_size: self.hidden_size,
            num_layers: self.num_layers,
            tie_embeddings: self.tie_embeddings,
            output_bias: self.output_bias,
            init_scale: self.init_scale,
            forget_bias: self.forget_bias,
            dropout: self.dropout,
            context_size: if self.attention { self.hidden_size } else { 0 },
        }
    }
}

impl TranslatorConfig for Config {
    const ERA: &'static str = crate::ERA;
    const IDEAS: &'static [IdeaSetting<Config>] = &IDEAS;

    fn variant(&self) -> &'static str {
        match (self.attention, self.source_order, self.is_tuned()) {
            (true, _, _) => crate::ATTENTION,
            (false, SourceOrder::Reversed, false) => crate::VARIANT,
            (false, SourceOrder::Reversed, true) => crate::TUNED_VARIANT,
            (false, SourceOrder::Forward, false) => "forward",
            (false, SourceOrder::Forward, true) => "forward-tuned",
        }
    }

    fn validate(&self) -> Result<()> {
        self.decoder().validate()?;
        self.common().validate()
    }

    fn training_part(&self) -> Config {
        let default = Config::default();
        Config {
            compute: default.compute,
            beam: default.beam,
            ..self.clone()
        }
    }

    fn common(&self) -> CommonConfig<'_> {
        CommonConfig {
            compute: &self.compute,
            training: &self.training,
            bucketing: match self.batching {
                Batching::Length => Bucketing::BySourceLength,
                Batching::Random => Bucketing::Random,
            },
            batch_tokens: self.batch_tokens,
            max_length: None,
            label_smoothing: self.label_smoothing,
            beam: self.beam,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_values_out_of_bounds() {
        type Change = fn(&mut Config);
        let cases: [(&str, Change); 5] = [
            ("hidden_size", |config| config.hidden_size = 0),
            ("label_smoothing", |config| config.label_smoothing = -0.1),
            ("batch_tokens", |config| config.batch_tokens = 0),
            ("beam.width", |config| config.beam.width = 0),
            ("training.max_grad_norm", |config| {
                config.training.max_grad_norm = -1.0
            }),
        ];
        for (field, change) in cases {
            let mut config = Config::default();
            change(&mut config);
            let message = config.validate().unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field} = ")), "{message}");
        }
    }
}
