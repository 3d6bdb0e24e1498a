//! Encoder and decoder, as a translator.

mod attention;
mod config;
mod ideas;
mod network;
mod presets;
mod sentence_vectors;

use corpus::Corpus;
use harness::Training;
use neural::Result;

pub use config::{Batching, Config, SourceOrder};
pub use network::{DecoderState, Network};
pub use presets::{PRESETS, TUNED_PRESETS};
pub use sentence_vectors::sentence_vectors;

/// A trained translator.
pub type Translator = neural::TranslationModel<Network>;
/// An ensemble of translators (section 3.6).
pub type Ensemble = neural::Ensemble<Network>;

impl Config {
    /// Trains a translator on the pairs of a parallel corpus, as [`Corpus::pairs`] returns its sides.
    ///
    /// # Errors
    /// [`harness::Error::Setting`]; [`harness::Error::Corrupt`] if there are no pairs; [`neural::Error`], also when interrupted.
    pub fn train(
        &self,
        source: &Corpus,
        target: &Corpus,
        training: &mut Training<'_>,
    ) -> Result<Translator> {
        Translator::train(self, [source, target], training)
    }
}
