//! Both halves: one LSTM reads a sentence, another writes its translation.

mod attention;
mod config;
mod network;
mod vectors;

pub use config::{Batching, Config, PRESETS, SourceOrder};
pub use network::{Memory, Network};
pub use vectors::sentence_vectors;

/// A trained translator.
pub type Translator = neural::TranslationModel<Network>;
/// Several translators that write together (section 3.6).
pub type Ensemble = neural::Ensemble<Network>;
