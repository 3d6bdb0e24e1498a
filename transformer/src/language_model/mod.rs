//! The decoder alone, as a language model.

mod attention_maps;
mod config;
mod ideas;
pub(crate) mod network;
mod presets;

use corpus::{Text, TokenId};
use harness::Training;
use neural::{Result, train_text_model};

pub use attention_maps::lm_attention_maps;
pub use config::LmConfig;
pub use network::Network;
pub use presets::{LM_PRESETS, LM_TUNED_PRESETS};

/// A trained decoder-only language model.
pub type Lm = neural::TextModel<Network>;

impl LmConfig {
    /// Trains a model to predict `text`, whose tokens are below `vocab_size`. `eos`, the end of a line, is the input before the
    /// first token.
    ///
    /// # Errors
    /// [`harness::Error::Setting`]; [`neural::Error`], also when interrupted.
    pub fn train(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Lm> {
        train_text_model(self, text, vocab_size, eos, training)
    }
}
