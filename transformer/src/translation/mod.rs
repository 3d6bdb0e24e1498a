//! Both halves: an encoder reads a sentence, a decoder that looks at it writes its translation.

mod config;
mod looks;
mod network;

pub use config::{Config, PRESETS};
pub(crate) use looks::shares;
pub use looks::{Looks, looks};
pub use network::{Memory, Network};

/// A trained translator.
pub type Translator = neural::TranslationModel<Network>;
/// Several translators that write together.
pub type Ensemble = neural::Ensemble<Network>;
