//! Configuration of the chatbot and its language model.

use harness::{Check, IdeaSetting, require};
use neural::{ComputeConfig, Order, Result, TextConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

use crate::ideas::IDEAS;

/// Window length of the language model on plain text, in tokens.
pub(crate) const CONTEXT_LENGTH: usize = 256;

/// An LSTM chatbot and its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Embedding size, also the input size of the output layer.
    pub embedding_size: usize,
    /// LSTM cells per layer.
    pub hidden_size: usize,
    /// LSTM layers.
    pub num_layers: usize,
    /// Heads of the self-attention after the lowest layer; 0: no attention, as in the paper.
    pub num_heads: usize,
    /// Uses the embedding as the output layer.
    pub tie_embeddings: bool,
    /// Gives the output layer a bias, initialised with the unigram distribution.
    pub output_bias: bool,
    /// Dropout rate between layers, not between time steps (Zaremba et al. 2014).
    pub dropout: f64,
    /// Sampled softmax: vocabulary words sampled per training step; 0: the whole vocabulary.
    pub num_sampled: usize,
    /// Parameters are initialised uniformly in [-init_scale, init_scale].
    pub init_scale: f64,
    /// Initial forget-gate bias; 0: initialised like other parameters, as in the paper.
    pub forget_bias: f64,
    /// Maximum number of preceding turns given as context of a reply.
    pub context_turns: usize,
    /// Turns per training segment of a dialogue.
    pub segment_turns: usize,
    /// Turns per segment in every second epoch, with shifting boundaries; 0: the same in all epochs. Short segments teach the
    /// network to start in the middle of a dialogue, as with limited context.
    pub short_segment_turns: usize,
    /// Interval in epochs at which documents other than dialogues are read, each line as the turn of a narrator; 0: never.
    pub story_interval: usize,
    /// Maximum number of words of a turn; longer ones are truncated to their last words.
    pub max_turn_length: usize,
    /// Maximum number of tokens per batch, padding included.
    pub batch_tokens: usize,
    /// How replies are decoded.
    pub reply: ReplyConfig,
    /// Optimizer, schedule and length of training.
    pub training: TrainingConfig,
    /// Device, precision and threads.
    pub compute: ComputeConfig,
}

/// How replies are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplyConfig {
    /// Beam width; 1, with temperature 0, is greedy decoding as in the paper.
    pub beam_width: usize,
    /// Samples if above 0; see [`harness::Sampling`].
    pub temperature: f64,
    /// Top-k sampling: number of most probable words to sample from; 0: all.
    pub top_k: usize,
    /// Maximum number of words.
    pub max_length: usize,
}

impl Default for ReplyConfig {
    fn default() -> ReplyConfig {
        ReplyConfig {
            beam_width: 1,
            temperature: 0.0,
            top_k: 0,
            max_length: 60,
        }
    }
}

/// A small network with the borrowed ideas of the preset `tiny` of the tuned entry.
impl Default for Config {
    fn default() -> Config {
        Config {
            embedding_size: 128,
            hidden_size: 256,
            num_layers: 2,
            num_heads: 4,
            tie_embeddings: true,
            output_bias: true,
            dropout: 0.1,
            num_sampled: 0,
            init_scale: 0.08,
            forget_bias: 1.0,
            context_turns: 3,
            segment_turns: 8,
            short_segment_turns: 4,
            story_interval: 2,
            max_turn_length: 256,
            batch_tokens: 1024,
            reply: ReplyConfig::default(),
            // One or two epochs are short and need a high learning rate.
            training: TrainingConfig {
                learning_rate: 8e-3,
                epochs: 1.25,
                ..TrainingConfig::default()
            },
            compute: ComputeConfig::default(),
        }
    }
}

impl Config {
    /// Checks all values.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let within = |field, value: usize, from: usize, to: usize, bound: &'static str| {
            Check::new((from..=to).contains(&value), field, value, bound)
        };
        require(&[
            Check::size("embedding_size", self.embedding_size),
            Check::size("hidden_size", self.hidden_size),
            within("num_layers", self.num_layers, 1, 64, "must be from 1 to 64"),
            Check::new(
                self.num_heads == 0 || self.hidden_size.is_multiple_of(self.num_heads),
                "num_heads",
                self.num_heads,
                "must divide hidden_size, or be 0",
            ),
            Check::share("dropout", self.dropout),
            Check::positive("init_scale", self.init_scale),
            Check::new(
                self.forget_bias.is_finite(),
                "forget_bias",
                self.forget_bias,
                "must be finite",
            ),
            within(
                "context_turns",
                self.context_turns,
                0,
                1000,
                "must be from 0 to 1000",
            ),
            within(
                "segment_turns",
                self.segment_turns,
                1,
                1000,
                "must be from 1 to 1000",
            ),
            within(
                "short_segment_turns",
                self.short_segment_turns,
                0,
                1000,
                "must be from 0 to 1000",
            ),
            within(
                "story_interval",
                self.story_interval,
                0,
                100,
                "must be from 0 to 100",
            ),
            Check::size("max_turn_length", self.max_turn_length),
            within(
                "batch_tokens",
                self.batch_tokens,
                1,
                1 << 20,
                "must be from 1 to 1048576",
            ),
            within(
                "reply.beam_width",
                self.reply.beam_width,
                1,
                1000,
                "must be from 1 to 1000",
            ),
            within(
                "reply.max_length",
                self.reply.max_length,
                1,
                10_000,
                "must be from 1 to 10000",
            ),
        ])?;
        self.reply.sampling(1).validate()?;
        self.training.validate()?;
        self.compute.validate()
    }
}

impl TextConfig for Config {
    const IDEAS: &'static [IdeaSetting<Config>] = &IDEAS;

    /// That of the language model; the chatbot has another one.
    fn variant(&self) -> &'static str {
        match self.is_tuned() {
            true => crate::LM_TUNED_VARIANT,
            false => crate::LM_VARIANT,
        }
    }

    fn validate(&self) -> Result<()> {
        Config::validate(self)
    }

    fn compute(&self) -> &ComputeConfig {
        &self.compute
    }

    fn training(&self) -> &TrainingConfig {
        &self.training
    }

    fn num_sampled(&self) -> usize {
        self.num_sampled
    }

    fn batch_shape(&self) -> (usize, usize) {
        ((self.batch_tokens / CONTEXT_LENGTH).max(1), CONTEXT_LENGTH)
    }

    fn order(&self) -> Order {
        Order::Sequential
    }

    fn training_part(&self) -> Config {
        let default = Config::default();
        Config {
            context_turns: default.context_turns,
            reply: default.reply,
            compute: default.compute,
            ..self.clone()
        }
    }
}

impl Config {
    /// The variant of the chatbot, as records name it.
    pub(crate) fn reply_variant(&self) -> &'static str {
        match self.is_tuned() {
            true => crate::TUNED_VARIANT,
            false => crate::VARIANT,
        }
    }
}

impl ReplyConfig {
    /// Sampling settings for the harness.
    pub(crate) fn sampling(self, seed: u64) -> harness::Sampling {
        harness::Sampling {
            temperature: self.temperature,
            top_k: self.top_k,
            top_p: 1.0,
            seed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_values_out_of_bounds() {
        let error_of = |change: fn(&mut Config)| {
            let mut config = Config::default();
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        assert!(error_of(|config| config.num_heads = 3).starts_with("num_heads = 3"));
        assert!(error_of(|config| config.segment_turns = 0).starts_with("segment_turns = 0"));
        assert!(error_of(|config| config.reply.beam_width = 0).starts_with("reply.beam_width = 0"));
        assert!(error_of(|config| config.reply.temperature = -1.0).starts_with("temperature = -1"));
        assert!(
            error_of(|config| config.training.max_grad_norm = -1.0)
                .starts_with("training.max_grad_norm = -1")
        );
    }
}
